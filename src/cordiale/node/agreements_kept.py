"""What a node keeps of the life of its agreements: texts as they were signed, signatures, proofs, steps.

Nothing here is ever changed or taken away: a later step says what has become of an earlier one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    LargeBinary,
    String,
    Table,
    func,
    insert,
    select,
)

from cordiale.agreements.life import Step
from cordiale.agreements.model import Agreement
from cordiale.agreements.proofs.certificate import Certificate
from cordiale.agreements.signed import Parcel, Signed
from cordiale.store.schema import Json, Moment, metadata

texts = Table(
    "agreement_text",
    metadata,
    Column("digest", String(80), primary_key=True),
    Column("agreement", String(80), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("file", String(120), nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    comment="Texts of agreements as they came or were signed here, by what they say.",
)
signatures = Table(
    "agreement_signature",
    metadata,
    Column("digest", String(80), primary_key=True),
    Column("side", String(20), primary_key=True),
    Column("statement", Json, nullable=False),
    Column("at", Moment, nullable=False),
    comment="The Sides' signatures under a text, ours and the others'.",
)
proofs = Table(
    "agreement_proof",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("digest", String(80), nullable=False, index=True),
    Column("origin", String(20), nullable=False),  # OURS, or THEIRS: found here, or re-checked here
    Column("texts", String(80), nullable=False),  # under which texts and records
    Column("holds", Boolean, nullable=False),
    Column("why", Json, nullable=False),
    Column("certificates", LargeBinary, nullable=False),  # deflated JSON
    Column("at", Moment, nullable=False),
    sqlite_autoincrement=True,
    comment="What became of each proof of a text: found here, or a partner's, re-checked here.",
)
steps = Table(
    "agreement_step",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("agreement", String(80), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("digest", String(80), nullable=False),
    Column("act", String(16), nullable=False),
    Column("on", Date, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Json, nullable=False),
    Column("reason", String(500), nullable=False, default=""),
    Column("treatment", String(16), nullable=False, default=""),
    sqlite_autoincrement=True,
    comment="The life of an agreement at this node: signed, taken, in force, suspended, resumed, ended.",
)
OURS: Final = "ours"
THEIRS: Final = "theirs"


@dataclass(frozen=True, slots=True)
class Proved:
    """What became of one proof."""

    origin: str
    texts: str
    holds: bool
    why: tuple[str, ...]
    at: datetime


# ---------------------------------------------------------------------- writing


def keep_text(tx: Connection, parcel: Parcel, *, at: datetime) -> None:
    """Keep a text, unless one that says the same is kept."""
    text = parcel.text()
    if text_of(tx, text.digest) is None:
        row = {"digest": text.digest, "agreement": text.id, "version": text.version, "file": parcel.file}
        tx.execute(insert(texts).values(**row, raw=parcel.raw, at=at))


def keep_signature(tx: Connection, signed: Signed, *, at: datetime) -> bool:
    """Keep a Side's signature; False where it is kept already."""
    if signed.side in {one.side for one in signatures_of(tx, signed.digest)}:
        return False
    row = {"digest": signed.digest, "side": signed.side, "statement": signed.as_json()}
    tx.execute(insert(signatures).values(**row, at=at))
    return True


def keep_proof(tx: Connection, digest: str, found: Proved, certificates: Sequence[Certificate] = ()) -> None:
    """Keep what became of a proof, with its certificates."""
    raw = zlib.compress(orjson.dumps([one.as_json() for one in certificates]))
    row = {"digest": digest, "origin": found.origin, "texts": found.texts, "holds": found.holds}
    tx.execute(insert(proofs).values(**row, why=list(found.why), certificates=raw, at=found.at))


def keep_step(tx: Connection, step: Step) -> int:
    """Keep a step; returns its number."""
    row = {
        "agreement": step.agreement,
        "version": step.version,
        "digest": step.digest,
        "act": step.act.value,
        "on": step.on,
        "at": step.at,
        "by": list(step.by),
        "reason": step.reason,
        "treatment": step.treatment,
    }
    number = tx.execute(insert(steps).values(**row)).inserted_primary_key
    assert number is not None
    return int(number[0])


# ---------------------------------------------------------------------- reading


def text_of(tx: Connection, digest: str) -> Parcel | None:
    """The file of a text, without signatures and certificates."""
    row = tx.execute(select(texts.c.file, texts.c.raw).where(texts.c.digest == digest)).one_or_none()
    return Parcel(row.file, row.raw) if row is not None else None


def agreement_of(tx: Connection, digest: str) -> Agreement:
    """A text that is kept, read. Raises KeyError where none of this digest is."""
    parcel = text_of(tx, digest)
    if parcel is None:
        raise KeyError(digest)
    return parcel.text()


def versions_of(tx: Connection, agreement: str) -> dict[int, str]:
    """Version -> digest of every text of one agreement that is kept."""
    query = select(texts.c.version, texts.c.digest).where(texts.c.agreement == agreement)
    return {row.version: row.digest for row in tx.execute(query)}


def kept(tx: Connection) -> list[tuple[str, int, str]]:
    """(agreement, version, digest) of every text that is kept."""
    query = select(texts.c.agreement, texts.c.version, texts.c.digest)
    return [tuple(row) for row in tx.execute(query.order_by(texts.c.agreement, texts.c.version))]


def signatures_of(tx: Connection, digest: str) -> list[Signed]:
    """The signatures under a text, by Side."""
    query = select(signatures.c.statement).where(signatures.c.digest == digest).order_by(signatures.c.side)
    return [Signed.from_json(one) for one in tx.execute(query).scalars()]


def last_proof(tx: Connection, digest: str, origin: str) -> Proved | None:
    """The newest outcome of this origin."""
    c = proofs.c
    query = select(c.origin, c.texts, c.holds, c.why, c.at).where(c.digest == digest, c.origin == origin)
    row = tx.execute(query.order_by(c.number.desc()).limit(1)).one_or_none()
    return Proved(row.origin, row.texts, row.holds, tuple(row.why), row.at) if row is not None else None


def certificates_of(tx: Connection, digest: str) -> tuple[Certificate, ...]:
    """The certificates of our newest proof that holds; none where there is no such proof."""
    c = proofs.c
    query = select(c.certificates).where(c.digest == digest, c.origin == OURS, c.holds.is_(True))
    raw = tx.execute(query.order_by(c.number.desc()).limit(1)).scalar()
    told: Iterable[dict[str, object]] = orjson.loads(zlib.decompress(raw)) if raw else ()
    return tuple(Certificate.from_json(one) for one in told)


def all_steps(tx: Connection) -> list[Step]:
    """Every step, oldest first."""
    return [
        Step(
            agreement=row.agreement,
            version=row.version,
            digest=row.digest,
            act=row.act,
            on=row.on,
            at=row.at,
            by=tuple(row.by),
            reason=row.reason,
            treatment=row.treatment,
            number=row.number,
        )
        for row in tx.execute(select(steps).order_by(steps.c.number))
    ]


def last_step(tx: Connection) -> int:
    """The number of the newest step; 0 before the first."""
    return tx.execute(select(func.max(steps.c.number))).scalar() or 0
