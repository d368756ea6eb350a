"""What a ledger entry says: what kind of act, when, plain facts without persons, and salted commitments.

An entry never holds personal data: facts have closed names and narrow forms, anything else is a commitment
whose salt is kept apart. The canonical JSON of an entry is the leaf of the tree.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self

from cordiale.errors import LedgerError, SealError
from cordiale.seals import canonical, frame, fresh_bytes, read_object

ENTRY_BYTES_MAX: Final = 16 * 1024  # C2SP entry bundles allow 65,535; a decision with 64 provisions fits here
FACTS_MAX: Final = 32
LIST_MAX: Final = 128
COMMITMENT_KIND: Final = "application/vnd.cordiale.commitment.v1"
_TIME: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


class Kind(StrEnum):
    """Every kind of act that is logged. Closed: an act without a kind here cannot be done."""

    DECISION = "decision"
    SENT = "sent"
    RECEIVED = "received"
    REFUSED = "refused"
    RECEIPT = "receipt"
    READ = "read"
    RECALL = "recall"
    CORRECTION = "correction"
    RESTRICTION = "restriction"
    ERASURE = "erasure"
    CONFIRMATION = "confirmation"
    ACCOUNT = "account"
    PEER = "peer"
    KEY = "key"
    AGREEMENT = "agreement"
    RECORD = "record"
    RESCUE = "rescue"
    RIGHTS = "rights"
    HOLD = "hold"
    ALARM = "alarm"
    NODE = "node"


Fact = str | int | bool | tuple[str, ...] | tuple[int, ...]

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_TOKEN: Final = re.compile(r"[0-9a-f]{8,128}")
_SLUG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/()\-]{0,127}")
_WORD: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?Z)?")


@dataclass(frozen=True, slots=True)
class Form:
    """The form a fact must have: whole numbers, yes or no, or text that a pattern fully matches."""

    kind: type[int] | type[bool] | type[str]
    pattern: re.Pattern[str] | None = None
    many: bool = False

    def fits(self, value: object) -> bool:
        """Whether `value` has this form."""
        if self.many:
            return isinstance(value, tuple) and len(value) <= LIST_MAX and all(self._one(v) for v in value)
        return self._one(value)

    def _one(self, value: object) -> bool:
        if self.kind is str:
            return isinstance(value, str) and self.pattern is not None and bool(self.pattern.fullmatch(value))
        if self.kind is bool:
            return isinstance(value, bool)
        return type(value) is int and -(2**53) < value < 2**53


_FIELDS: Final = frozenset({"at", "commitments", "facts", "kind"})
_KINDS: Final = frozenset(map(str, Kind))
_SLUG_LISTS: Final = ("provisions", "articles", "defects", "duties", "steps")
_FLAGS: Final = ("rescue", "urgent", "personal", "confirmed", "degraded")
_TOKENS: Final = ("account", "session", "approver", "officer", "incident")
_DATES: Final = ("valid_from", "valid_until", "delete_by", "as_of_date", "due_at")


def _facts() -> dict[str, Form]:
    """Every fact that an entry may hold, with its form; names from the field, none about a person."""
    digests = (
        "message decision question answered receipt card content in_reply_to recalled checkpoint text_digest"
    )
    slugs = """agreement version provision sender recipient side authority reference type basis law job peer
    box place case_key record step_id device"""
    words = """act verdict purpose regime mode urgency reason state handling classification step_name channel
    capacity role direction room view outcome defect lane"""
    numbers = """sequence size_bytes count step attachments withheld_count granted_count index size
    version_number serial peer_index attempts rows lag_s days"""
    table = {name: Form(str, _DIGEST) for name in digests.split()}
    table |= {name: Form(str, _SLUG) for name in slugs.split()}
    table |= {name: Form(str, _WORD) for name in words.split()}
    table |= {name: Form(int) for name in numbers.split()}
    table |= {name: Form(bool) for name in _FLAGS}
    table |= {name: Form(str, _TOKEN) for name in _TOKENS}
    table |= {name: Form(str, _DATE) for name in _DATES}
    table |= {name: Form(str, _SLUG, many=True) for name in _SLUG_LISTS}
    table |= {name: Form(str, _WORD, many=True) for name in ("categories", "withheld", "roles", "reasons")}
    table |= {name: Form(str, _DIGEST, many=True) for name in ("messages", "parts", "decisions")}
    return table


FACTS: Final = MappingProxyType(_facts())
"""Fact name -> form. A fact that is not here is refused: write it as a commitment, or add it here with care.

`account`, `officer`, `approver`, `session`: opaque random tokens of hexadecimal digits, never a name."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """A hidden value: its salted digest goes into the entry, its salt is kept apart and can be destroyed."""

    digest: str
    salt: bytes | None = field(default=None, repr=False)

    @classmethod
    def to(cls, name: str, value: object, *, salt: bytes | None = None) -> Self:
        """Commit to a JSON value under `name`, with a fresh salt of 32 bytes unless one is given."""
        salt = salt or fresh_bytes()
        return cls(commitment_digest(name, value, salt), salt)


def commitment_digest(name: str, value: object, salt: bytes) -> str:
    """HMAC-SHA256 under the salt, over the framed name and the canonical value.

    Without the salt nobody can try out values, whatever they guess; with it a court can be shown one value.
    """
    framed = frame(COMMITMENT_KIND, canonical({"name": name, "value": value}))
    return f"sha256:{hmac.digest(salt, framed, 'sha256').hex()}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. `facts`: closed names, narrow forms. `commitments`: whatever is about persons, salted.

    Raises LedgerError for a fact that is unknown or in another form, and for a time without zone.
    """

    kind: Kind
    at: datetime
    facts: Mapping[str, Fact] = field(default_factory=dict)
    commitments: Mapping[str, Commitment] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise LedgerError("An entry's time must have a zone.", field="at")
        if len(self.facts) > FACTS_MAX or len(self.commitments) > FACTS_MAX:
            raise LedgerError(f"An entry has at most {FACTS_MAX} facts and as many commitments.")
        for name, value in self.facts.items():
            form = FACTS.get(name)
            if form is None:
                raise LedgerError(
                    f"`{name[:40]}` is not a fact that an entry may hold.",
                    field="facts",
                    way_out="Write it as a commitment, or use a name of ledger.entry.FACTS.",
                )
            if not form.fits(value):
                raise LedgerError("The value does not have the form that this fact must have.", field=name)
        for name, commitment in self.commitments.items():
            if not _WORD.fullmatch(name) or not _DIGEST.fullmatch(commitment.digest):
                raise LedgerError("A commitment has a plain name and a digest.", field="commitments")

    def leaf(self) -> bytes:
        """The canonical JSON bytes that the tree holds. Salts are not in it."""
        raw = canonical(
            {
                "at": self.at.astimezone(UTC).strftime(_TIME),
                "commitments": {name: held.digest for name, held in self.commitments.items()},
                "facts": dict(self.facts),
                "kind": str(self.kind),
            }
        )
        if len(raw) > ENTRY_BYTES_MAX:
            raise LedgerError(f"An entry of `{len(raw)}` bytes is longer than {ENTRY_BYTES_MAX}.")
        return raw

    @classmethod
    def from_leaf(cls, raw: bytes) -> Self:
        """Read a leaf strictly. Raises LedgerError when it is not an entry in its canonical form."""
        if not isinstance(raw, bytes):  # SQLite keeps whatever somebody puts into a column of bytes
            raise LedgerError("The leaf is not an entry: it is not bytes.")
        try:
            fields = read_object(raw, bytes_max=ENTRY_BYTES_MAX)
        except SealError as fault:
            raise LedgerError(f"The leaf is not an entry: {fault}") from None
        facts, commitments, kind = fields.get("facts"), fields.get("commitments"), fields.get("kind")
        if set(fields) != _FIELDS or not isinstance(kind, str) or kind not in _KINDS:
            raise LedgerError("The leaf is not an entry: it needs at, commitments, facts and a known kind.")
        if not isinstance(facts, dict) or not isinstance(commitments, dict):
            raise LedgerError("The leaf is not an entry: facts and commitments are objects.")
        entry = cls(
            Kind(kind),
            _read_time(str(fields["at"])),
            {name: tuple(v) if isinstance(v, list) else v for name, v in facts.items()},
            {name: Commitment(str(v)) for name, v in commitments.items()},
        )
        if entry.at.astimezone(UTC).strftime(_TIME) != fields["at"]:
            raise LedgerError("The leaf is not an entry: its time is not in the one form.")
        return entry


def _read_time(text: str) -> datetime:
    """The time, in whatever spelling: `from_leaf` compares the leaf with the one that has the one form."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise LedgerError("The leaf is not an entry: its time cannot be read.") from None
    if at.tzinfo is None:
        raise LedgerError("The leaf is not an entry: its time has no zone.")
    return at
