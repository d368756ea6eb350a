"""Distress calls that leave before our own store can write: signed and carried from memory, recorded later.

They have a lane of their own in which nothing has a place before or after anything else: no order can be
promised without a store, and none is needed to ring the alarm. Nothing but distress may be held here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cordiale.errors import ExchangeError
from cordiale.exchange.message import NO_MESSAGE, UNSTORED, Envelope, Head, Header
from cordiale.exchange.stages import Identity, Prepared
from cordiale.seals import BatchSignature, digest, sign_batch

HELD_MAX: Final = 1000  # calls in memory; a night in the Channel has tens. The oldest recorded ones go first
NO_HEAD: Final = Head(0, "0" * 64)
"""What stands for our ledger head: it cannot be told from a store that does not answer."""


@dataclass(slots=True)
class UnstoredCall:
    """One distress call that left, or is leaving, from memory. `receipt` is the partner's, once it came."""

    prepared: Prepared
    header: Header
    header_raw: bytes
    signature: BatchSignature
    at: datetime
    due_at: datetime
    receipt: bytes = b""
    is_logged: bool = False

    @property
    def message(self) -> str:
        return digest(self.header_raw)

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
            self.on_call()
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
