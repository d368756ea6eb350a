"""What came, read outside any transaction: verified, opened, judged again by our own files.

Nothing here raises what a message can cause, and nothing is changed: a fault is written in `Arrived.fault`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cordiale import payloads
from cordiale.errors import ExchangeError, IdentityError, InputError, SealError, StoreError
from cordiale.exchange.entries import fault_words, words_of
from cordiale.exchange.judging import REFUSE, Gate, check_speaker, judge_again
from cordiale.exchange.message import RESCUE_LANES, UNSTORED, Envelope, open_letter
from cordiale.exchange.peers import Cards, Peer, ever_good
from cordiale.exchange.shapes import check_letter
from cordiale.exchange.stages import Arrived, Fault, Identity
from cordiale.seals import BatchVerifier, NodeCard, digest
from cordiale.store import Store

DISTRESS_TYPE: Final = "distress_incident"
UNSTORED_DEFECT: Final = (
    "unstored: the sender's store could not write when this left; it is recorded there later"
)

OURS: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What only a mistake of our own program raises while it reads what came: it must block no lane for ever."""


@dataclass(slots=True)
class Reader:
    """Reads what came. Thread-safe; `moment` tells the time."""

    store: Store
    cards: Cards
    moment: Callable[[], datetime]
    partners: Callable[[], list[Peer]]
    """The active partners; while the store cannot be read, those that were active when it last could."""
    _mine: threading.local

    def read(self, raw: bytes, *, identity: Identity, gate: Gate, by: str = "") -> Arrived:
        """Verify, open and judge what came over the connection of `by`. Truly from a known partner, distress
        is never stopped: what is odd about it is in `defects`.
        """
        arrived = Arrived(raw, gate, by=by)
        try:
            arrived = self._believe(arrived, identity)
        except (SealError, ExchangeError, *OURS) as fault:
            return replace(arrived, fault=Fault(reason_of(fault, "form"), fault_words(fault)))
        assert arrived.envelope is not None
        envelope = arrived.envelope
        rescue = envelope.header.lane in RESCUE_LANES
        if arrived.envelope.header.lane == UNSTORED:
            arrived = replace(arrived, defects=(UNSTORED_DEFECT,))
        if envelope.defects:
            arrived = replace(arrived, defects=(*arrived.defects, *envelope.defects))
        for reason, step in _STEPS:
            try:
                arrived = step(arrived, identity, self.moment())
            except (SealError, ExchangeError, InputError) as fault:
                why = Fault(reason_of(fault, reason), words_of(fault), trusted=True)
            except OURS as fault:
                why = Fault(reason, fault_words(fault), trusted=True, ours=True)
            else:
                continue
            if not rescue:
                return replace(arrived, fault=why)
            arrived = replace(arrived, defects=(*arrived.defects, f"{why.reason}: {why.says}"))
        return arrived

    def _believe(self, arrived: Arrived, identity: Identity) -> Arrived:
        """Who signed this: a known partner, these very bytes."""
        envelope = Envelope.from_bytes(arrived.raw)
        header = envelope.header
        if header.recipient != identity.node:
            raise ExchangeError(f"it is for `{header.recipient}`", field="speaker")
        # A card past its date, or our clock astray, never silences a distress call.
        rescue = header.lane in RESCUE_LANES
        card = self._card(header.sender, lenient=rescue)
        if not hasattr(self._mine, "verifier"):
            self._mine.verifier = BatchVerifier()
        self._mine.verifier.verify(envelope.header_raw, envelope.signature, card.facts.signing)
        if digest(envelope.sealed) != header.digest:
            raise ExchangeError("the sealed letter is not the one that was signed", field="signature")
        former = self._former(header.sender, header.card, lenient=rescue)
        return replace(arrived, envelope=envelope, card=card, former=former)

    def _card(self, sender: str, *, lenient: bool) -> NodeCard:
        """The card of a partner. A store that cannot be read silences no call of one that was known."""
        try:
            return self.cards.believed_now(self.store, sender, self.moment(), lenient=lenient)
        except StoreError:
            known = next((one for one in self.partners() if one.node == sender), None) if lenient else None
            if known is None:
                raise
            return ever_good(known.card, known.side_key)

    def _former(self, sender: str, card: str, *, lenient: bool) -> bool:
        """Whether it left before its sender's card was renewed: it is signed by the same key."""
        if self.cards.present(sender, card):
            return False
        try:
            return self.store.read(lambda tx: self.cards.former(tx, sender, card))
        except StoreError:
            if not lenient:
                raise
            return False


# -- the steps after belief, in order --------------------


def _check_card(arrived: Arrived, identity: Identity, at: datetime) -> Arrived:
    del identity
    envelope, card = arrived.envelope, arrived.card
    assert envelope is not None and card is not None
    if envelope.header.card != card.digest() and not arrived.former:
        raise ExchangeError("it was sent under another card than the one we hold", field="card")
    if not card.facts.valid_from <= at < card.facts.valid_until:
        raise ExchangeError("the sender's card is out of date", field="card")
    return arrived


def _open(arrived: Arrived, identity: Identity, at: datetime) -> Arrived:
    del at
    assert arrived.envelope is not None
    letter = open_letter(arrived.envelope, identity.sealing)
    return replace(arrived, letter=letter, defects=(*arrived.defects, *letter.defects))


def _check_shapes(arrived: Arrived, identity: Identity, at: datetime) -> Arrived:
    del identity, at
    assert arrived.letter is not None
    check_letter(arrived.letter)
    return arrived


def _check_parties(arrived: Arrived, identity: Identity, at: datetime) -> Arrived:
    del at
    letter, card = arrived.letter, arrived.card
    assert letter is not None and card is not None and arrived.envelope is not None
    check_speaker(letter, card, identity.speaks_for)
    if (letter.type == DISTRESS_TYPE) != (arrived.envelope.header.lane in RESCUE_LANES):
        raise ExchangeError("distress and nothing else has the distress lane", field="type")
    return arrived


def _unfold(arrived: Arrived, identity: Identity, at: datetime) -> Arrived:
    del identity, at
    letter = arrived.letter
    assert letter is not None
    if letter.type != DISTRESS_TYPE:
        return replace(arrived, body=payloads.decode(letter.type, letter.payload))
    body, odd = payloads.decode_distress(dict(letter.payload))
    return replace(arrived, body=body, defects=(*arrived.defects, *odd))


def _check_agreement(arrived: Arrived, identity: Identity, at: datetime) -> Arrived:
    del identity
    letter = arrived.letter
    assert letter is not None
    if not letter.agreement.get("id"):
        return arrived  # rescue and rights go by law; our own gate judges that next
    held = arrived.gate.facts(str(letter.agreement["id"]), at)
    if held is None or dict(letter.agreement) != held.as_json():
        ours = f"version {held.version}" if held else "none of that name"
        theirs = f"version {letter.agreement.get('version')} of `{letter.agreement.get('id')}`"
        raise ExchangeError(f"it was sent under {theirs}; we hold {ours}", field="agreement")
    return arrived


def _judge(arrived: Arrived, identity: Identity, at: datetime) -> Arrived:
    del identity
    assert arrived.letter is not None and arrived.body is not None
    decided = judge_again(arrived.gate, arrived.letter, arrived.body, at)
    if decided.verdict == REFUSE:
        raise ExchangeError(f"{decided.article}: {decided.sentence}", field="not_accepted")
    return replace(arrived, decided=decided)


_STEPS: Final = (
    ("card", _check_card),
    ("seal", _open),
    ("form", _check_shapes),
    ("speaker", _check_parties),
    ("form", _unfold),
    ("agreement", _check_agreement),
    ("not_accepted", _judge),
)
"""(the word that a sender hears when the step fails, the step)."""
_FIELDS: Final = frozenset({"speaker", "signature", "card", "agreement", "not_accepted", "type"})


def reason_of(fault: Exception, otherwise: str) -> str:
    """The one word of a fault that a sender may hear."""
    field = getattr(fault, "field", "")
    if field in _FIELDS:
        return str(field)
    if isinstance(fault, IdentityError):
        return "speaker" if field == "sender" else "card"
    return "signature" if type(fault).__name__ == "SignatureError" else otherwise
