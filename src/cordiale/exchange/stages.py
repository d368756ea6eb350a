"""What a message is at each stage of its way out and in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cordiale import payloads
from cordiale.exchange.judging import Gate, Judged, Outgoing
from cordiale.exchange.message import MAIN, Envelope, Letter
from cordiale.ledger import Commitment
from cordiale.ledger.entry import Fact
from cordiale.seals import NodeCard, SealingKeys, SigningKeys


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this node is: its card and the private keys of that card."""

    card: NodeCard
    signing: SigningKeys
    sealing: SealingKeys

    @property
    def node(self) -> str:
        return self.card.facts.node

    @property
    def speaks_for(self) -> dict[str, tuple[str, ...]]:
        return {str(self.card.facts.side): tuple(self.card.facts.authorities)}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A decided message before it has its place. `sealed` is empty when the gate refused.

    `facts` and `secrets` are what its ledger entry will say of it, worked out before the transaction.
    """

    outgoing: Outgoing
    reference: str
    decided: Judged
    decided_at: datetime
    gate: Gate
    node: str = ""
    lane: str = MAIN
    bucket: int = 0
    sealed: bytes = b""
    attachments: tuple[Mapping[str, Any], ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    secrets: Mapping[str, Commitment] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a message on our side. `message` is empty when the gate refused; `entry` is its ledger
    index. `logged` is false (and `entry` -1) for a distress call that left before the store could write it;
    `kept` is false when only this process's memory holds it.
    """

    reference: str
    message: str
    entry: int
    decided: Judged
    logged: bool = True
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Regained:
    """A message of ours that we had forgotten (an old backup), as the partner tells that holds it.

    `act` and `about` are of a notice. `is_whole` is false when its bytes are destroyed there already.
    """

    message: str
    peer: str
    lane: str
    reference: str
    sender: str
    recipient: str
    type: str
    kind: str
    about: str
    act: str
    outcome: str
    at: datetime
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a message is not taken: `reason` is one of judging.TELLABLE, `says` is for our own officer.

    `trusted`: its sender is known and its signature holds. `ours`: a mistake of our own program stopped it.
    """

    reason: str
    says: str
    trusted: bool = False
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came, as far as it could be verified and opened. `fault` says why it will not be taken.

    `by`: the partner over whose TLS connection it came, "" when none was seen. What is believed is believed
    for its signature, never for this.
    """

    raw: bytes
    gate: Gate
    envelope: Envelope | None = None
    card: NodeCard | None = None
    letter: Letter | None = None
    body: payloads.Carried | None = None
    decided: Judged | None = None
    fault: Fault | None = None
    defects: tuple[str, ...] = ()
    by: str = ""
    former: bool = False  # signed under the card that the sender had before the one that is held


@dataclass(frozen=True, slots=True)
class Received:
    """What became of something that came.

    `outcome`: accepted, refused (signed receipt), rejected (not believed: no receipt), behind (`expected`
    must come first) or later (our own mistake stopped it: it is tried again a few times). `reason` may be
    told to the sender; `says` is for our own officer. `logged` is false for a distress call that is shown
    before the store could write it.
    """

    outcome: str
    message: str = ""
    peer: str = ""
    letter: Letter | None = None
    body: payloads.Carried | None = None
    decided: Judged | None = None
    reason: str = ""
    says: str = ""
    entry: int = -1
    expected: int = 0
    duplicate: bool = False
    defects: tuple[str, ...] = ()
    logged: bool = True
