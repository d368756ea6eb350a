"""A text that Sides have signed, as it travels between them: its file, their signatures, and its proofs.

What is signed is what the text says (`law_digest`), not its layout. Belief is the receiver's: nothing here is
checked but form; signatures are held against the Sides' keys, proofs against the receiver's own drawing.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from cordiale.agreements.model import Agreement
from cordiale.agreements.proofs.certificate import Certificate
from cordiale.agreements.text import read_agreement
from cordiale.errors import AgreementFileError, IdentityError, SealError
from cordiale.seals import Signature, SigningKeys, SigningPublic, canonical, read_object, sign, verify
from cordiale.seals.identity import read_time, write_time

KIND: Final = "application/vnd.cordiale.agreement-signature.v1"
FORMAT: Final = 1
BYTES_MAX: Final = 64_000_000
SIDES_MAX: Final = 64
SIGNERS: Final = 2
"""Two people sign for a Side."""


@dataclass(frozen=True, slots=True)
class Signed:
    """One Side's signature under one version of a text. `by`: the two people who signed for it."""

    agreement: str
    version: int
    digest: str
    side: str
    at: datetime
    by: tuple[str, ...]
    signature: Signature

    @classmethod
    def issue(
        cls, text: Agreement, keys: SigningKeys, *, side: str, at: datetime, by: tuple[str, str]
    ) -> Self:
        """Sign a text with the Side's own key. Raises AgreementFileError for a Side that is no party."""
        check_party(text, side)
        unsigned = cls(text.id, text.version, text.digest, side, at, by, Signature(b"", b""))
        signature = sign(KIND, unsigned.body(), keys)
        return cls(text.id, text.version, text.digest, side, at, by, signature)

    def body(self) -> bytes:
        """The canonical bytes that are signed."""
        return canonical(self._said())

    def check(self, text: Agreement, key: SigningPublic) -> None:
        """Raises AgreementFileError where it is of another text or of no party, and IdentityError where the
        Side's key did not sign it.
        """
        check_party(text, self.side)
        of = (text.id, text.version, text.digest)
        if (self.agreement, self.version, self.digest) != of:
            raise AgreementFileError(
                f"{self.side} signed `{self.agreement}`, version {self.version}, {self.digest[:19]}…; this is"
                f" `{text.id}`, version {text.version}, {text.digest[:19]}…",
                field=f"signatures.{self.side}",
                way_out="Ask them to sign the text that lies here, or for the text that they signed.",
            )
        try:
            verify(KIND, self.body(), self.signature, key)
        except SealError:
            raise IdentityError(
                f"the key of {self.side} did not sign this",
                field=f"signatures.{self.side}",
                way_out="Ask them for their signature again; if it stays so, ring them.",
            ) from None

    def _said(self) -> dict[str, Any]:
        return {
            "agreement": self.agreement,
            "version": self.version,
            "digest": self.digest,
            "side": self.side,
            "at": write_time(self.at),
            "by": list(self.by),
        }

    def as_json(self) -> dict[str, Any]:
        return {**self._said(), "signature": b64encode(self.signature.to_bytes()).decode()}

    @classmethod
    def from_json(cls, told: object) -> Self:
        """Read one, unchecked. Raises AgreementFileError naming the field."""
        names = {"agreement", "version", "digest", "side", "at", "by", "signature"}
        if not isinstance(told, Mapping) or set(told) != names:
            raise _wrong("a signature has the fields " + ", ".join(sorted(names)), "signatures")
        for name in ("agreement", "digest", "side", "at", "signature"):
            if not isinstance(told[name], str):
                raise _wrong("a text is wanted", f"signatures.{name}")
        by = told["by"]
        if not isinstance(by, list) or len(by) != SIGNERS or not all(isinstance(one, str) for one in by):
            raise _wrong("the names of the two people who signed are wanted", "signatures.by")
        if type(told["version"]) is not int:
            raise _wrong("a whole number is wanted", "signatures.version")
        try:
            raw = b64decode(told["signature"], validate=True)
            at, signature = read_time(told["at"]), Signature.from_bytes(raw)
        except (SealError, NotBase64) as fault:
            raise _wrong(f"it cannot be read: {fault}", "signatures") from None
        return cls(told["agreement"], told["version"], told["digest"], told["side"], at, tuple(by), signature)


def check_party(text: Agreement, side: str) -> None:
    """Raise AgreementFileError unless the Side is party to the text."""
    parties = [one.code for one in text.side]
    if side not in parties:
        raise AgreementFileError(
            f"{side} is not party to `{text.id}`: its Sides are {', '.join(parties)}",
            field=f"signatures.{side}",
            way_out="Only a Side of the text signs it.",
        )


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one node hands to another: the file as it was signed, signatures, and certificates by day."""

    file: str
    raw: bytes
    signatures: tuple[Signed, ...] = ()
    certificates: tuple[Certificate, ...] = ()

    def text(self) -> Agreement:
        """The text of the file. Raises AgreementFileError with its line."""
        found = read_agreement(self.raw, self.file)
        if found.is_law:
            raise AgreementFileError(
                f"`{found.id}` is a law: it binds of itself, and no Side signs it", field="kind"
            )
        return found

    def to_bytes(self) -> bytes:
        """Canonical JSON (RFC 8785)."""
        return canonical(
            {
                "format": FORMAT,
                "file": self.file,
                "text": b64encode(self.raw).decode(),
                "signatures": [one.as_json() for one in self.signatures],
                "certificates": [one.as_json() for one in self.certificates],
            }
        )

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read one, unchecked. Raises AgreementFileError or CertificateError naming the field."""
        try:
            told = read_object(raw, bytes_max=BYTES_MAX)
        except SealError as fault:
            raise _wrong(f"it is no signed text: {fault.message}", "file") from None
        if set(told) != {"format", "file", "text", "signatures", "certificates"}:
            raise _wrong("a signed text has format, file, text, signatures and certificates", "file")
        if told["format"] != FORMAT:
            raise _wrong(f"only format {FORMAT} is known here", "format")
        file, words = told["file"], told["text"]
        if not isinstance(file, str) or not isinstance(words, str) or "/" in file or not file:
            raise _wrong("a plain file name and its bytes in base64 are wanted", "text")
        try:
            text = b64decode(words, validate=True)
        except (NotBase64, ValueError):
            raise _wrong("the bytes of the file are not in base64", "text") from None
        signatures = tuple(map(Signed.from_json, _rows(told["signatures"], "signatures", SIDES_MAX)))
        if len({one.side for one in signatures}) != len(signatures):
            raise _wrong("a Side signs once", "signatures")
        rows = _rows(told["certificates"], "certificates", CERTIFICATES_MAX)
        return cls(file, text, signatures, tuple(map(_certificate, rows)))


CERTIFICATES_MAX: Final = 10_000


def _certificate(told: object) -> Certificate:
    if not isinstance(told, Mapping):
        raise _wrong("a certificate is an object", "certificates")
    return Certificate.from_json(told)


def _rows(told: object, field: str, most: int) -> Sequence[object]:
    if not isinstance(told, list) or len(told) > most:
        raise _wrong(f"a list of at most {most} is wanted", field)
    return told


def _wrong(message: str, field: str) -> AgreementFileError:
    return AgreementFileError(message, field=field, way_out="Ask the partner for the file again.")
