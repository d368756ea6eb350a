"""Distress calls that leave before our own store can write: signed and carried from memory, recorded later.

They have a lane of their own in which nothing has a place before or after anything else: no order can be
promised without a store, and none is needed to ring the alarm. Nothing but distress may be held here. A slip
of each call lies in the spool until it is recorded, so that it outlives this process.
"""

from __future__ import annotations

import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from cordiale import payloads
from cordiale.errors import CordialeError, ExchangeError
from cordiale.exchange.entries import committed, told_of
from cordiale.exchange.judging import Gate, Judged, Outgoing
from cordiale.exchange.message import NO_MESSAGE, UNSTORED, Envelope, Head, Header
from cordiale.exchange.stages import Identity, Prepared
from cordiale.seals import BatchSignature, digest, sign_batch

HELD_MAX: Final = 1000  # calls in memory; a night in the Channel has tens. The oldest recorded ones go first
SLIP: Final = "call-"
"""What the names of slips in the spool begin with."""
NO_HEAD: Final = Head(0, "0" * 64)
"""What stands for our ledger head: it cannot be told from a store that does not answer."""


class Spool(Protocol):
    """Where slips lie sealed while the store cannot write (node/spool.py)."""

    def keep(self, name: str, raw: bytes) -> bool: ...

    def drop(self, name: str) -> None: ...

    def kept(self, kind: str) -> Iterable[tuple[str, bytes]]: ...


@dataclass(slots=True)
class UnstoredCall:
    """One distress call that left, or is leaving, from memory. `receipt` is the partner's, once it came.
    `is_kept`: a slip of it lies in the spool, so that it outlives this process.
    """

    prepared: Prepared
    header: Header
    header_raw: bytes
    signature: BatchSignature
    at: datetime
    due_at: datetime
    receipt: bytes = b""
    is_logged: bool = False
    is_kept: bool = False

    @property
    def message(self) -> str:
        return digest(self.header_raw)

    @property
    def slip(self) -> str:
        """The name of its slip."""
        return SLIP + self.message.removeprefix("sha256:")

    def to_bytes(self) -> bytes:
        """The envelope, the same at every try."""
        return Envelope(self.header, self.prepared.sealed, self.signature, self.header_raw).to_bytes()


@dataclass(slots=True)
class Unstored:
    """The calls that are carried from memory. Thread-safe."""

    _calls: dict[tuple[str, str], UnstoredCall] = field(default_factory=dict)
    _count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    on_call: Callable[[], None] | None = None
    spool: Spool | None = None

    def recover(self, spool: Spool, gate: Gate) -> int:
        """Take up again what an earlier life of this node could not record; how many. From now on slips are
        kept in `spool`. A slip that cannot be read stays where it lies.
        """
        self.spool = spool
        found = 0
        for _, raw in spool.kept(SLIP):
            try:
                call = _from_slip(raw, gate)
            except (CordialeError, ValueError, LookupError, TypeError):
                continue
            with self._lock:
                self._calls.setdefault((call.prepared.node, call.prepared.reference), call)
            found += 1
        if found and self.on_call:
            self.on_call()
        return found

    def hold(self, prepared: Prepared, *, identity: Identity, at: datetime) -> UnstoredCall:
        """Sign a decided call and keep it for the courier; the same call again for the same decision."""
        key = (prepared.node, prepared.reference)
        with self._lock:
            if key in self._calls:
                return self._calls[key]
            self._make_room()
            self._count += 1
            header = Header(
                sender=identity.node,
                recipient=prepared.node,
                reference=prepared.reference,
                lane=UNSTORED,
                bucket=prepared.bucket,
                digest=digest(prepared.sealed),
                card=identity.card.digest(),
                sequence=self._count,
                previous=NO_MESSAGE,
                head=NO_HEAD,
            )
            raw = header.to_bytes()
            share = sign_batch([raw], identity.signing)[0]
            held = self._calls[key] = UnstoredCall(prepared, header, raw, share, at, at)
        if self.on_call:
            self.on_call()  # first it leaves: a disk that hangs holds up no call
        if self.spool is not None:
            held.is_kept = self.spool.keep(held.slip, _to_slip(held))
        return held

    def _make_room(self) -> None:
        if len(self._calls) < HELD_MAX:
            return
        done = next((key for key, call in self._calls.items() if call.is_logged), None)
        if done is None:
            raise ExchangeError(
                f"{HELD_MAX} distress calls wait in memory already", way_out="Use radio and telephone now."
            )
        del self._calls[done]

    def of(self, prepared: Prepared) -> UnstoredCall | None:
        """The call that left for this very decision, if one did."""
        with self._lock:
            return self._calls.get((prepared.node, prepared.reference))

    def waiting(self) -> list[UnstoredCall]:
        """What is not recorded yet."""
        with self._lock:
            return [call for call in self._calls.values() if not call.is_logged]

    def to_carry(self, at: datetime) -> list[UnstoredCall]:
        """What no receipt has answered, is not recorded (else the outbox carries it) and is due."""
        return [call for call in self.waiting() if not call.receipt and call.due_at <= at]

    def logged(self, call: UnstoredCall) -> None:
        """It is recorded: the outbox has it from now on."""
        call.is_logged = True
        if self.spool is not None:
            self.spool.drop(call.slip)


def _to_slip(call: UnstoredCall) -> bytes:
    """All that is needed to carry it again and to record it: it holds the letter's words, so it is sealed."""
    prepared, out, decided = call.prepared, call.prepared.outgoing, call.prepared.decided
    known = {
        "at": call.at,
        "decided": {name: getattr(decided, name) for name in Judged.__slots__},
        "decided_at": prepared.decided_at,
        "header": b64encode(call.header_raw).decode(),
        "outgoing": {name: getattr(out, name) for name in _STATED} | {"body": payloads.encode(out.body)},
        "prepared": {name: getattr(prepared, name) for name in _PLACED},
        "sealed": b64encode(prepared.sealed).decode(),
        "signature": call.signature.as_json(),
    }
    return json.dumps(known, default=_text).encode()


def _text(value: Any) -> Any:
    """What JSON does not know: moments as text, mappings and sets as their contents."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


_STATED: Final = ("kind", "sender", "recipient", "asks", "reference", "about", "original", "officer")
_PLACED: Final = ("reference", "node", "lane", "bucket")


def _from_slip(raw: bytes, gate: Gate) -> UnstoredCall:
    fields: dict[str, Any] = json.loads(raw)
    body, _ = payloads.decode_distress(fields["outgoing"].pop("body"))
    decided = Judged(**{**fields["decided"], "paths": tuple(fields["decided"]["paths"])})
    out = Outgoing(body=body, **fields["outgoing"])
    secrets = committed(out)
    prepared = Prepared(
        outgoing=out,
        decided=decided,
        decided_at=datetime.fromisoformat(fields["decided_at"]),
        gate=gate,
        sealed=b64decode(fields["sealed"]),
        facts=told_of(decided, out, fields["prepared"]["reference"], secrets),
        secrets=secrets,
        **fields["prepared"],
    )
    header_raw, at = b64decode(fields["header"]), datetime.fromisoformat(fields["at"])
    header = Header.from_json(json.loads(header_raw))
    signature = BatchSignature.from_json(fields["signature"])
    return UnstoredCall(prepared, header, header_raw, signature, at, at, is_kept=True)
