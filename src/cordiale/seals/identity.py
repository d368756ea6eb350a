"""Who speaks: a Side's offline key signs authority keys, these sign node keys, each with dates.

A node card says for which authorities a node may speak, and is believed only under the Side's key, which two
persons have compared by words. Identity comes from signatures; the network layer adds nothing to it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Self

from cordiale.errors import IdentityError, SealError
from cordiale.seals.canonical import canonical, digest, read_object
from cordiale.seals.keys import LedgerPublic, SealingPublic, Signature, SigningKeys, SigningPublic
from cordiale.seals.signing import base64_bytes, sign, verify
from cordiale.seals.words import FINGERPRINT_WORDS, words_of
from cordiale.terms import AuthorityId, SideCode

AUTHORITY_KIND: Final = "application/vnd.cordiale.authority-key.v1"
CARD_KIND: Final = "application/vnd.cordiale.node-card.v1"
REVOCATION_KIND: Final = "application/vnd.cordiale.revocation.v1"
CARD_BYTES_MAX: Final = 512 * 1024  # 32 authorities at about 11 kB each, and the TLS issuer
AUTHORITIES_MAX: Final = 32
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def fingerprint(public: SigningPublic | SealingPublic | LedgerPublic) -> str:
    """Twelve words by which two persons compare a key on the telephone."""
    return " ".join(words_of(sha256(public.to_bytes()).digest(), FINGERPRINT_WORDS))


def write_time(at: datetime) -> str:
    """UTC to the second, "2026-11-22T16:00:00Z". Raises SealError for a time without zone."""
    if at.tzinfo is None:
        raise SealError("A time without zone cannot be signed.")
    return at.astimezone(UTC).isoformat(timespec="seconds")[: -len("+00:00")] + "Z"


def read_time(text: object) -> datetime:
    """The time that `write_time` wrote. Raises IdentityError for any other spelling."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) and _TIME.fullmatch(text) else None
    except ValueError:
        at = None
    if at is None:
        raise IdentityError(f"`{str(text)[:40]}` is not a time.", way_out='Write "2026-11-22T16:00:00Z".')
    return at


@dataclass(frozen=True, slots=True)
class AuthorityKey:
    """A Side's statement that this key speaks for one of its authorities between two dates."""

    side: SideCode
    authority: AuthorityId
    signing: SigningPublic
    valid_from: datetime
    valid_until: datetime
    signature: Signature

    def body(self) -> bytes:
        """The canonical bytes that the Side signs."""
        return canonical(_authority_fields(self))

    @classmethod
    def issue(
        cls,
        side_keys: SigningKeys,
        *,
        side: SideCode,
        authority: AuthorityId,
        signing: SigningPublic,
        valid_from: datetime,
        valid_until: datetime,
    ) -> Self:
        """Sign an authority's key with the Side's offline key."""
        _check_dates(valid_from, valid_until)
        unsigned = cls(side, authority, signing, valid_from, valid_until, Signature(b"", b""))
        signature = sign(AUTHORITY_KIND, unsigned.body(), side_keys)
        return cls(side, authority, signing, valid_from, valid_until, signature)

    def check(self, side_key: SigningPublic, at: datetime) -> None:
        """Raises IdentityError unless the Side signed this and `at` lies between its dates."""
        _check_signed(AUTHORITY_KIND, self.body(), self.signature, side_key)
        _check_within(f"The key of authority `{self.authority}`", at, self.valid_from, self.valid_until)

    def as_json(self) -> dict[str, object]:
        return {**_authority_fields(self), "signature": _text(self.signature.to_bytes())}

    @classmethod
    def from_json(cls, fields: Mapping[str, object]) -> Self:
        _exactly(fields, {"side", "authority", "signing", "from", "until", "signature"}, "An authority key")
        return cls(
            SideCode(_word(fields["side"])),
            AuthorityId(_word(fields["authority"])),
            SigningPublic.from_bytes(base64_bytes(fields["signing"])),
            read_time(fields["from"]),
            read_time(fields["until"]),
            Signature.from_bytes(base64_bytes(fields["signature"])),
        )


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What a card says of a node: who it is, for whom it speaks, where it is reached, its three public keys.

    `serial` rises with each new card of a node, so that an old card is seen to be old.
    """

    node: str
    side: SideCode
    serial: int
    authorities: tuple[AuthorityId, ...]
    address: str
    tls_issuer: str
    signing: SigningPublic
    sealing: SealingPublic
    ledger_origin: str
    ledger: LedgerPublic
    valid_from: datetime
    valid_until: datetime

    def __post_init__(self) -> None:
        _check_dates(self.valid_from, self.valid_until)
        named = sorted(set(self.authorities))
        if not 1 <= len(named) <= AUTHORITIES_MAX or tuple(named) != self.authorities:
            raise IdentityError(f"A card names 1 to {AUTHORITIES_MAX} authorities, sorted, none twice.")
        if self.serial < 1:
            raise IdentityError("A card's serial begins at 1.")

    def as_json(self) -> dict[str, object]:
        return {
            "node": self.node,
            "side": self.side,
            "serial": self.serial,
            "authorities": list(self.authorities),
            "address": self.address,
            "tls_issuer": self.tls_issuer,
            "signing": _text(self.signing.to_bytes()),
            "sealing": _text(self.sealing.to_bytes()),
            "ledger_origin": self.ledger_origin,
            "ledger": _text(self.ledger.to_bytes()),
            "from": write_time(self.valid_from),
            "until": write_time(self.valid_until),
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, object]) -> Self:
        names = (
            "node side serial authorities address tls_issuer signing sealing ledger_origin ledger from until"
        )
        _exactly(fields, set(names.split()), "A node card")
        authorities, serial = fields["authorities"], fields["serial"]
        if not isinstance(authorities, list) or type(serial) is not int:
            raise IdentityError("A node card has a list of authorities and a serial number.")
        return cls(
            node=_word(fields["node"]),
            side=SideCode(_word(fields["side"])),
            serial=serial,
            authorities=tuple(AuthorityId(_word(name)) for name in authorities),
            address=_word(fields["address"]),
            tls_issuer=_word(fields["tls_issuer"]),
            signing=SigningPublic.from_bytes(base64_bytes(fields["signing"])),
            sealing=SealingPublic.from_bytes(base64_bytes(fields["sealing"])),
            ledger_origin=_word(fields["ledger_origin"]),
            ledger=LedgerPublic.from_bytes(base64_bytes(fields["ledger"])),
            valid_from=read_time(fields["from"]),
            valid_until=read_time(fields["until"]),
        )


@dataclass(frozen=True, slots=True)
class NodeCard:
    """A node's facts, signed by the key of every authority it speaks for, each key signed by the Side."""

    facts: NodeFacts
    authority_keys: tuple[AuthorityKey, ...]
    signatures: tuple[Signature, ...]
    _digest: str = field(default="", init=False, repr=False, compare=False)

    @classmethod
    def issue(cls, facts: NodeFacts, signers: Mapping[AuthorityId, tuple[AuthorityKey, SigningKeys]]) -> Self:
        """A card signed by every authority it names; `signers` holds each one's key both ways."""
        missing = [name for name in facts.authorities if name not in signers]
        if missing:
            raise IdentityError(f"No key was given for authority `{missing[0]}`.")
        body = canonical(facts.as_json())
        chosen = [signers[name] for name in facts.authorities]
        return cls(
            facts,
            tuple(statement for statement, _ in chosen),
            tuple(sign(CARD_KIND, body, keys) for _, keys in chosen),
        )

    def check(self, side_key: SigningPublic, at: datetime) -> None:
        """Raises IdentityError unless every link from Side to authority to node holds at `at`."""
        facts = self.facts
        named = tuple(statement.authority for statement in self.authority_keys)
        if named != facts.authorities or len(self.signatures) != len(named):
            raise IdentityError(
                f"The card of `{facts.node}` does not carry one key for each authority it names."
            )
        body = canonical(facts.as_json())
        for statement, signature in zip(self.authority_keys, self.signatures, strict=True):
            if statement.side != facts.side:
                raise IdentityError(
                    f"Authority `{statement.authority}` is of another Side than `{facts.node}`."
                )
            statement.check(side_key, at)
            _check_signed(CARD_KIND, body, signature, statement.signing)
        _check_within(f"The card of `{facts.node}`", at, facts.valid_from, facts.valid_until)

    def speaks_for(self, side: str, authority: str) -> bool:
        """Whether the card names this authority. Meaningful only after `check`."""
        return side == self.facts.side and authority in self.facts.authorities

    def to_bytes(self) -> bytes:
        """The card's canonical bytes: what is handed over, stored and compared."""
        return canonical(
            {
                "authority_keys": [statement.as_json() for statement in self.authority_keys],
                "facts": self.facts.as_json(),
                "signatures": [_text(signature.to_bytes()) for signature in self.signatures],
            }
        )

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read a card, unchecked: call `check` before believing it. Raises SealError for other bytes."""
        fields = read_object(raw, bytes_max=CARD_BYTES_MAX)
        _exactly(fields, {"authority_keys", "facts", "signatures"}, "A node card")
        keys, facts, signatures = fields["authority_keys"], fields["facts"], fields["signatures"]
        if not (isinstance(keys, list) and isinstance(facts, dict) and isinstance(signatures, list)):
            raise IdentityError("A node card holds facts, a list of authority keys and a list of signatures.")
        if not all(isinstance(key, dict) for key in keys):
            raise IdentityError("An authority key is an object.")
        return cls(
            NodeFacts.from_json(facts),
            tuple(AuthorityKey.from_json(key) for key in keys),
            tuple(Signature.from_bytes(base64_bytes(signature)) for signature in signatures),
        )

    def digest(self) -> str:
        """The name of this card in headers, ledgers and exports. Made once: a card never changes."""
        if not self._digest:
            object.__setattr__(self, "_digest", digest(self.to_bytes()))
        return self._digest


@dataclass(frozen=True, slots=True)
class Revocation:
    """A Side's word that a key (by its id) is not to be believed from a moment on: stolen or lost."""

    side: SideCode
    key: str
    revoked_from: datetime
    signature: Signature

    @classmethod
    def issue(cls, side_keys: SigningKeys, *, side: SideCode, key: str, revoked_from: datetime) -> Self:
        body = _revocation_body(side, key, revoked_from)
        return cls(side, key, revoked_from, sign(REVOCATION_KIND, body, side_keys))

    def check(self, side_key: SigningPublic) -> None:
        """Raises IdentityError unless the Side signed this."""
        body = _revocation_body(self.side, self.key, self.revoked_from)
        _check_signed(REVOCATION_KIND, body, self.signature, side_key)

    def strikes(self, card: NodeCard, at: datetime) -> bool:
        """Whether this ends `card` at `at`: its own key or the key of an authority that signed it."""
        keys = {card.facts.signing.id(), *(statement.signing.id() for statement in card.authority_keys)}
        return self.side == card.facts.side and self.key in keys and at >= self.revoked_from

    def to_bytes(self) -> bytes:
        fields = read_object(_revocation_body(self.side, self.key, self.revoked_from))
        return canonical({**fields, "signature": _text(self.signature.to_bytes())})

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        fields = read_object(raw)
        _exactly(fields, {"side", "key", "revoked_from", "signature"}, "A revocation")
        return cls(
            SideCode(_word(fields["side"])),
            _word(fields["key"]),
            read_time(fields["revoked_from"]),
            Signature.from_bytes(base64_bytes(fields["signature"])),
        )


def _authority_fields(key: AuthorityKey) -> dict[str, object]:
    return {
        "side": key.side,
        "authority": key.authority,
        "signing": _text(key.signing.to_bytes()),
        "from": write_time(key.valid_from),
        "until": write_time(key.valid_until),
    }


def _revocation_body(side: SideCode, key: str, revoked_from: datetime) -> bytes:
    return canonical({"side": side, "key": key, "revoked_from": write_time(revoked_from)})


def _check_signed(kind: str, body: bytes, signature: Signature, public: SigningPublic) -> None:
    try:
        verify(kind, body, signature, public)
    except SealError as fault:
        raise IdentityError(f"A link of the chain does not hold: {fault}") from None


def _check_dates(valid_from: datetime, valid_until: datetime) -> None:
    if write_time(valid_from) >= write_time(valid_until):
        raise IdentityError("A key ends after it begins.", way_out="Give `until` a later date than `from`.")


def _check_within(what: str, at: datetime, valid_from: datetime, valid_until: datetime) -> None:
    if not valid_from <= at < valid_until:
        span = f"{write_time(valid_from)} to {write_time(valid_until)}"
        raise IdentityError(f"{what} holds from {span}, not at {write_time(at)}.")


def _exactly(fields: Mapping[str, object], names: set[str], what: str) -> None:
    if set(fields) != names:
        odd = sorted(set(fields) ^ names)[0]
        raise IdentityError(f"{what} lacks or should not have `{odd[:60]}`.")


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise IdentityError("A field that should be text is not.")
    return value


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
