"""Distress that cannot be believed: bytes that say they are a distress call and hold no good signature.

Nothing in them is taken at its word. What is known is over whose TLS connection they came, so that partner is
named, rung and answerable; whom the bytes claim to be from is told beside it. A life may be behind them: they
are shown and sound like any call (DESIGN, promise 1), marked with their defect.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cordiale.exchange.message import ENVELOPE_BYTES_MAX, RESCUE_LANES
from cordiale.exchange.stages import Arrived, Fault, Received
from cordiale.seals import digest

REJECTED: Final = "rejected"
"""The outcome of what is not believed: no receipt, so that its sender's courier and officer hear of it."""
NOBODY_KNOWN: Final = "nobody known here"
_LANE: Final = re.compile(
    rb'"lane"\s*:\s*"(?:' + b"|".join(one.encode() for one in sorted(RESCUE_LANES)) + rb')"'
)
_SENDER: Final = re.compile(rb'"sender"\s*:\s*"([A-Za-z0-9._-]{1,200})"')


@dataclass(frozen=True, slots=True)
class Claim:
    """What is known of a distress call that is not believed.

    `message`: the digest of its bytes, in place of an id, so that it can never stand for the true call.
    `peer`: the partner that answers for it: over whose connection it came; where no connection was seen, the
    one that the bytes name. `says`: for our own officer, without a word of what came.
    """

    message: str
    peer: str
    says: str

    def received(self, why: Fault) -> Received:
        """As the room takes it that shows and sounds: no letter, no body, its defects."""
        defects = (f"unreadable: {self.says}", f"{why.reason}: {why.says}")
        return Received(REJECTED, self.message, self.peer, reason=why.reason, says=why.says, defects=defects)


def claims_distress(raw: bytes) -> bool:
    """Whether bytes say that they are distress, however damaged the rest of them is."""
    if len(raw) > ENVELOPE_BYTES_MAX:
        raw = raw[:ENVELOPE_BYTES_MAX]
    lane = _header(raw).get("lane")
    return _LANE.search(raw) is not None or (isinstance(lane, str) and lane in RESCUE_LANES)


def claim_of(arrived: Arrived, is_partner: Callable[[str], bool]) -> Claim | None:
    """The claim of what is not believed; None when it says nothing of distress, or no partner brought it.

    `is_partner` tells whether a name is that of an active partner.
    """
    if not claims_distress(arrived.raw):
        return None
    named = _claimed(arrived.raw)
    named = named if named and is_partner(named) else ""
    bringer = arrived.by if arrived.by and is_partner(arrived.by) else ""
    if not bringer and not named:
        return None
    if bringer:
        says = f"it came over the connection of {bringer} and claims to be from {named or NOBODY_KNOWN}"
    else:
        says = f"it claims to be from {named}"
    return Claim(digest(arrived.raw), bringer or named, says)


def _claimed(raw: bytes) -> str:
    """Whom the bytes name as their sender."""
    name = _header(raw).get("sender")
    if isinstance(name, str):
        return name
    found = _SENDER.search(raw[:ENVELOPE_BYTES_MAX])
    return found[1].decode() if found else ""


def _header(raw: bytes) -> dict[str, Any]:
    """The header of bytes that can be read as JSON at all; of doubled keys, the last."""
    try:
        fields = json.loads(raw) if len(raw) <= ENVELOPE_BYTES_MAX else {}
    except (ValueError, RecursionError):
        return {}
    header = fields.get("header") if isinstance(fields, dict) else None
    return header if isinstance(header, dict) else {}
