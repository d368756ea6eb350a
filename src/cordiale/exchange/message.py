"""What travels: an outer header that anybody may see, and a letter sealed to one node.

The header says who to whom, how long, in what order, and which ledger head the sender stands on. What it is
about, under which provision, for which purpose and with which restrictions stands in the letter, padded to a
few sizes.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Self

from cordiale.errors import ExchangeError, SealError
from cordiale.seals import (
    SUITE,
    BatchSignature,
    SealingKeys,
    SealingPublic,
    canonical,
    canonical_with,
    digest,
    read_object,
    read_time,
    seal,
    sealing_info,
    unseal,
    write_time,
)
from cordiale.seals.signing import base64_bytes

FORMAT: Final = "cordiale-message-1"
LETTER_FORMAT: Final = "cordiale-letter-1"
MAIN: Final = "main"
DISTRESS: Final = "distress"
UNSTORED: Final = "unstored"
"""The lane of a distress call that left before its sender's store could write: no order, no predecessor."""
LANES: Final = (MAIN, DISTRESS, UNSTORED)
RESCUE_LANES: Final = frozenset({DISTRESS, UNSTORED})
BUCKETS: Final = (1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22)
"""Sizes in bytes to which a letter is padded: an observer learns one of seven numbers."""
LETTER_BYTES_MAX: Final = BUCKETS[-1] - 4
ENVELOPE_BYTES_MAX: Final = BUCKETS[-1] * 4 // 3 + (
    64 << 10
)  # the biggest letter in base64, header, signatures, path
NO_MESSAGE: Final = digest(b"")
"""What the first message of a lane names as its predecessor."""
KINDS: Final = ("request", "answer", "notice", "correction", "recall")
_WORD_CHARS_MAX: Final = 200
_LENIENT_CHARS_MAX: Final = 8192


@dataclass(frozen=True, slots=True)
class Head:
    """A ledger head: how many entries, and the root over them (64 hexadecimal digits)."""

    size: int
    root: str

    def as_json(self) -> dict[str, object]:
        return {"root": self.root, "size": self.size}


_HEADER: Final = frozenset(
    [
        *("bucket", "card", "digest", "format", "head", "lane"),
        *("previous", "recipient", "reference", "sender", "sequence", "suite"),
    ]
)
_HEAD: Final = frozenset({"root", "size"})
_ENVELOPE: Final = frozenset({"header", "sealed", "signature"})


@dataclass(frozen=True, slots=True)
class Header:
    """The outer header. `card` is the digest of the sender's node card; `digest` is of the sealed letter."""

    sender: str
    recipient: str
    reference: str
    lane: str
    bucket: int
    digest: str
    card: str
    sequence: int
    previous: str
    head: Head

    def to_bytes(self) -> bytes:
        """RFC 8785 canonical JSON; its digest is the message id."""
        return canonical(
            {
                "bucket": self.bucket,
                "card": self.card,
                "digest": self.digest,
                "format": FORMAT,
                "head": self.head.as_json(),
                "lane": self.lane,
                "previous": self.previous,
                "recipient": self.recipient,
                "reference": self.reference,
                "sender": self.sender,
                "sequence": self.sequence,
                "suite": SUITE,
            }
        )

    @property
    def id(self) -> str:
        """The message id: the hash of the header without signatures and batch path."""
        return digest(self.to_bytes())

    @classmethod
    def from_json(cls, fields: Mapping[str, object], *, lenient: bool = False) -> Self:
        """Raises ExchangeError for an unknown, missing or mistyped field; `lenient` lets unknown ones be."""
        exactly(fields, _HEADER, "header", lenient=lenient)
        head = fields["head"]
        if not isinstance(head, dict):
            raise ExchangeError("is not an object", field="header.head")
        exactly(head, _HEAD, "header.head", lenient=lenient)
        if not lenient and (fields["format"] != FORMAT or fields["suite"] != SUITE):
            raise ExchangeError(
                f"`{fields['format']}` with suite `{fields['suite']}` is not spoken here",
                field="header.format",
                way_out=f"Send {FORMAT} with {SUITE}: there is nothing to negotiate.",
            )
        return cls(
            sender=word(fields["sender"], "sender"),
            recipient=word(fields["recipient"], "recipient"),
            reference=_reference(fields["reference"], lenient=lenient),
            lane=_lane(fields["lane"]),
            bucket=count(fields["bucket"], "bucket"),
            digest=word(fields["digest"], "digest"),
            card=word(fields["card"], "card"),
            sequence=count(fields["sequence"], "sequence"),
            previous=word(fields["previous"], "previous"),
            head=Head(count(head["size"], "head.size"), word(head["root"], "head.root")),
        )


@dataclass(frozen=True, slots=True)
class Envelope:
    """A header, the sealed letter, and the sender's share of a batch signature over the header."""

    header: Header
    sealed: bytes
    signature: BatchSignature
    header_raw: bytes = b""
    defects: tuple[str, ...] = field(default=(), compare=False)

    def to_bytes(self) -> bytes:
        """The bytes that are stored once and sent again as they are."""
        return canonical(
            {
                "header": read_object(self.header_raw or self.header.to_bytes()),
                "sealed": b64encode(self.sealed).decode(),
                "signature": self.signature.as_json(),
            }
        )

    @property
    def id(self) -> str:
        return digest(self.header_raw or self.header.to_bytes())

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read an envelope, unverified. Duplicate keys, unknown fields and other spellings are refused.

        A distress envelope may carry header fields that we do not know; they stay part of what was signed.
        """
        try:
            fields: dict[str, Any] = dict(read_object(raw, bytes_max=ENVELOPE_BYTES_MAX))
            defects: list[str] = []
        except SealError as fault:
            fields, defects = _distress_leniently(raw), ["envelope: not in canonical form"]
            if not fields:
                raise ExchangeError(fault.message, field="envelope", way_out=fault.way_out) from None
        lenient = _is_distress(fields)
        odd = exactly(fields, _ENVELOPE, "envelope", lenient=lenient)
        header, signature = fields["header"], fields["signature"]
        if not isinstance(header, dict) or not isinstance(signature, dict):
            raise ExchangeError("is not an object", field="envelope.header")
        defects += [f"envelope: unknown field `{name[:60]}`" for name in odd]
        return cls(
            Header.from_json(header, lenient=lenient),
            base64_bytes(fields["sealed"]),
            BatchSignature.from_json(signature),
            canonical(header),
            tuple(defects),
        )


@dataclass(frozen=True, slots=True)
class Restrictions:
    """What the recipient may not do with it, without the reason, and of one shape for every person.

    `onward`: never, ask_originator, ask_or_emergency_then_tell, listed or free. `use_only` empty: no such
    limit. `never_to`: Sides, sorted. `access`: ask the originator before the person is told. Times: UTC.
    """

    onward: str = "ask_originator"
    never_to: tuple[str, ...] = ()
    use_only: tuple[str, ...] = ()
    no_court_use: bool = False
    no_identification: bool = False
    access: bool = False
    feedback: bool = False
    review: bool = False
    erase_by: datetime | None = None
    review_by: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Every key is always there: a missing one would tell."""
        return {
            "access": self.access,
            "erase_by": write_time(self.erase_by) if self.erase_by else "",
            "feedback": self.feedback,
            "never_to": sorted(self.never_to),
            "no_court_use": self.no_court_use,
            "no_identification": self.no_identification,
            "onward": self.onward,
            "review": self.review,
            "review_by": write_time(self.review_by) if self.review_by else "",
            "use_only": sorted(self.use_only),
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any], *, lenient: bool = False) -> Self:
        exactly(fields, _RESTRICTIONS, "restrictions", lenient=lenient)
        if fields["onward"] not in ONWARD:
            raise ExchangeError(f"`{fields['onward']}` is no onward rule", field="restrictions.onward")
        return cls(
            onward=fields["onward"],
            never_to=words(fields["never_to"], "never_to"),
            use_only=words(fields["use_only"], "use_only"),
            no_court_use=fields["no_court_use"] is not False,
            no_identification=fields["no_identification"] is not False,
            access=fields["access"] is not False,
            feedback=fields["feedback"] is not False,
            review=fields["review"] is not False,
            erase_by=read_time(fields["erase_by"]) if fields["erase_by"] else None,
            review_by=read_time(fields["review_by"]) if fields["review_by"] else None,
        )

    def also(self, other: Restrictions) -> Restrictions:
        """Both together: the stricter of each. Restrictions are sticky; nothing here ever loosens one."""
        return Restrictions(
            onward=min(self.onward, other.onward, key=ONWARD.index),
            never_to=tuple(sorted({*self.never_to, *other.never_to})),
            use_only=_both(self.use_only, other.use_only),
            no_court_use=self.no_court_use or other.no_court_use,
            no_identification=self.no_identification or other.no_identification,
            access=self.access or other.access,
            feedback=self.feedback or other.feedback,
            review=self.review or other.review,
            erase_by=_sooner(self.erase_by, other.erase_by),
            review_by=_sooner(self.review_by, other.review_by),
        )


_RESTRICTIONS: Final = frozenset(Restrictions().as_json())
ONWARD: Final = ("never", "ask_originator", "ask_or_emergency_then_tell", "listed", "free")
"""Onward rules, strictest first."""
NOBODY: Final = "nobody"


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """What two whitelists both allow; an empty list is no limit, an empty overlap allows nobody."""
    if not one or not other:
        return one or other
    return tuple(sorted({*one} & {*other})) or (NOBODY,)


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [at for at in (one, other) if at]
    return min(known) if known else None


class Written(dict[str, Any]):
    """A part of a letter with its canonical bytes, which were worked out with it. It is read, not written
    into.
    """

    raw: bytes

    @classmethod
    def of(cls, fields: Mapping[str, Any], raw: bytes) -> Written:
        made = cls(fields)
        made.raw = raw
        return made


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sealed: the payload and all that binds the recipient.

    `payload`: payloads.encode of what leaves. `sender`, `recipient`: "SIDE/authority". `agreement`: id,
    version and digest of the file under which it goes. `grounds`: what the sender stated to the gate and may
    travel (judging.py). `about`: the message id that an answer, correction or recall concerns. `attachments`:
    id, key, chunk count, digest.
    """

    kind: str
    type: str
    sender: str
    recipient: str
    reference: str
    sent_at: datetime
    payload: Mapping[str, Any]
    agreement: Mapping[str, Any]
    provision: str
    purpose: str
    regime: str
    grounds: Mapping[str, Any]
    handling: Mapping[str, Any]
    restrictions: Restrictions
    retention: Mapping[str, Any]
    about: str = ""
    attachments: Sequence[Mapping[str, Any]] = ()
    defects: tuple[str, ...] = field(default=(), compare=False)

    def to_bytes(self) -> bytes:
        """RFC 8785 canonical JSON; a part that was written before is not written again."""
        parts = {"grounds": self.grounds, "payload": self.payload}
        written = {name: part.raw for name, part in parts.items() if isinstance(part, Written)}
        rest = {name: dict(part) for name, part in parts.items() if name not in written}
        return canonical_with({**self._plain(), **rest}, written)

    def _plain(self) -> dict[str, Any]:
        """All but grounds and payload."""
        return {
            "about": self.about,
            "agreement": dict(self.agreement),
            "attachments": [dict(one) for one in self.attachments],
            "format": LETTER_FORMAT,
            "handling": dict(self.handling),
            "kind": self.kind,
            "provision": self.provision,
            "purpose": self.purpose,
            "recipient": self.recipient,
            "reference": self.reference,
            "regime": self.regime,
            "restrictions": self.restrictions.as_json(),
            "retention": dict(self.retention),
            "sender": self.sender,
            "sent_at": write_time(self.sent_at),
            "type": self.type,
        }

    @classmethod
    def from_bytes(cls, raw: bytes, *, lenient: bool = False) -> Self:
        """Raises ExchangeError for unknown or missing fields; `lenient` notes them in `defects`."""
        fields: dict[str, Any] = dict(read_object(raw, bytes_max=LETTER_BYTES_MAX))
        missing = sorted(LETTER_FIELDS - set(fields)) if lenient else []
        fields |= {name: _BLANK[name] for name in missing}
        odd = exactly(fields, LETTER_FIELDS, "letter", lenient=lenient)
        if not lenient and (fields["format"] != LETTER_FORMAT or fields["kind"] not in KINDS):
            raise ExchangeError(
                f"a `{fields['kind']}` of format `{fields['format']}` is not known", field="letter"
            )
        defects = [*(f"unknown field `{name[:60]}`" for name in odd), *(f"no `{name}`" for name in missing)]
        if lenient:
            values = {name: _field(fields, name, defects) for name in _READERS}
        else:
            values = {name: read(fields[name], name) for name, read in _READERS.items()}
        return cls(**values, defects=tuple(defects))


LETTER_FIELDS: Final = frozenset(
    [
        "about",
        "agreement",
        "attachments",
        "format",
        "grounds",
        "handling",
        "kind",
        "payload",
        "provision",
        "purpose",
        "recipient",
        "reference",
        "regime",
        "restrictions",
        "retention",
        "sender",
        "sent_at",
        "type",
    ]
)


_BLANK: Final[Mapping[str, Any]] = {
    **dict.fromkeys(LETTER_FIELDS, ""),
    **{name: {} for name in ("agreement", "grounds", "handling", "payload", "retention")},
    "attachments": [],
    "restrictions": Restrictions(onward="never").as_json(),
    "sent_at": "1970-01-01T00:00:00Z",
}
"""What stands for a field that a distress letter lacks: the call is shown all the same."""


def _restrictions(value: object, name: str) -> Restrictions:
    return Restrictions.from_json(_mapping(value, name))


def _moment(value: object, name: str) -> datetime:
    if not isinstance(value, str):
        raise ExchangeError("must be a moment", field=name)
    return read_time(value)


def _readers() -> dict[str, Callable[[Any, str], Any]]:
    plain = "kind type sender recipient reference provision purpose regime about"
    return {
        **dict.fromkeys(plain.split(), word),
        **dict.fromkeys(["payload", "agreement", "grounds", "handling", "retention"], _mapping),
        "attachments": _mappings,
        "restrictions": _restrictions,
        "sent_at": _moment,
    }


def _field(fields: Mapping[str, Any], name: str, defects: list[str]) -> Any:
    """One field of a distress letter. An odd one is noted and becomes its blank: it stops no call."""
    if name == "restrictions":
        return _restrictions_leniently(fields[name], defects)
    try:
        return _READERS[name](fields[name], name)
    except _ODD:
        defects.append(f"{name}: cannot be read")
    return _READERS[name](_BLANK[name], name)


def _restrictions_leniently(value: object, defects: list[str]) -> Restrictions:
    """Each restriction that can be read stands; each other becomes its blank."""
    blank = _BLANK["restrictions"]
    given = value if isinstance(value, dict) else {}
    kept = dict(blank)
    for name in blank:
        try:
            Restrictions.from_json({**blank, name: given[name]})
        except _ODD:
            defects.append(f"restrictions.{name}: cannot be read")
        else:
            kept[name] = given[name]
    return Restrictions.from_json(kept)


def _is_distress(fields: Mapping[str, Any]) -> bool:
    header = fields.get("header")
    return isinstance(header, dict) and header.get("lane") in ("distress", "unstored")


def _distress_leniently(raw: bytes) -> dict[str, Any]:
    """A distress envelope in another spelling of JSON; empty for all else. Its signature is over the
    canonical header, so that nothing is believed that was not signed.
    """
    try:
        fields = json.loads(raw) if len(raw) <= ENVELOPE_BYTES_MAX else {}
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) and _is_distress(fields) else {}


def _lane(value: object) -> str:
    """One of the three lanes: on one of its own making a sender would stand in no order, and no fork of two
    who hold one key would ever be seen.
    """
    lane = word(value, "lane")
    if lane not in LANES:
        raise ExchangeError(f"`{lane}` is no lane", field="header.lane")
    return lane


def _reference(value: object, *, lenient: bool) -> str:
    """A reference; one of a distress call may be longer than allowed, and is kept so in what was signed."""
    if lenient and isinstance(value, str) and len(value) <= _LENIENT_CHARS_MAX:
        return value
    return word(value, "reference")


def seal_letter(letter: Letter, *, sender: str, recipient: str, public: SealingPublic) -> tuple[int, bytes]:
    """(bucket, sealed bytes) of a letter to one node. Raises ExchangeError when it is too long to travel."""
    raw = letter.to_bytes()
    bucket = next((size for size in BUCKETS if len(raw) + 4 <= size), 0)
    if not bucket:
        raise ExchangeError(
            f"the letter has {len(raw)} bytes, {LETTER_BYTES_MAX} may travel",
            field="payload",
            way_out="Put the bulk into an attachment.",
        )
    padded = (len(raw).to_bytes(4) + raw).ljust(bucket, b"\0")
    info = sealing_info(sender=sender, recipient=recipient, reference=letter.reference)
    return bucket, seal(padded, public, info)


def open_letter(envelope: Envelope, keys: SealingKeys) -> Letter:
    """The letter of an envelope for us. Raises OpenError, or ExchangeError for a letter out of form."""
    header = envelope.header
    lenient = header.lane in RESCUE_LANES
    info = sealing_info(sender=header.sender, recipient=header.recipient, reference=header.reference)
    padded = unseal(envelope.sealed, keys, info)
    length = int.from_bytes(padded[:4])
    odd = len(padded) != header.bucket or length > len(padded) - 4 or padded[4 + length :].strip(b"\0")
    if odd and not lenient:
        raise ExchangeError("the letter is not padded to its bucket", field="bucket")
    letter = Letter.from_bytes(padded[4 : 4 + length], lenient=lenient)
    if letter.reference != header.reference:
        if lenient:
            return replace(letter, defects=(*letter.defects, "reference: differs from the header"))
        raise ExchangeError("header and letter name different references", field="reference")
    return letter


# -- reading strictly --------------------


def exactly(
    fields: Mapping[str, Any], names: frozenset[str] | set[str], where: str, *, lenient: bool = False
) -> list[str]:
    """The unknown fields, when `lenient`; else raises ExchangeError for one, and always for a missing one."""
    if set(fields) == names:
        return []
    unknown = sorted(set(fields) - names)
    missing = sorted(names - set(fields))
    if missing:
        raise ExchangeError("is missing", field=f"{where}.{missing[0]}")
    if unknown and not lenient:
        raise ExchangeError("is not a field of this format", field=f"{where}.{unknown[0][:60]}")
    return unknown


def word(value: object, name: str) -> str:
    if not isinstance(value, str) or len(value) > _WORD_CHARS_MAX:
        raise ExchangeError(f"must be text of at most {_WORD_CHARS_MAX} characters", field=name)
    return value


def words(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _WORD_CHARS_MAX:
        raise ExchangeError("must be a list of words", field=name)
    return tuple(sorted(word(one, name) for one in value))


def count(value: object, name: str) -> int:
    if type(value) is not int or value < 0:
        raise ExchangeError("must be a whole number, not negative", field=name)
    return value


def _mapping(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ExchangeError("must be an object", field=name)
    return value


def _mappings(value: object, name: str) -> tuple[dict[str, Any], ...]:
    if not isinstance(value, list):
        raise ExchangeError("must be a list", field=name)
    return tuple(_mapping(one, name) for one in value)


_READERS: Final = _readers()
_ODD: Final = (ExchangeError, SealError, TypeError, ValueError, LookupError)
