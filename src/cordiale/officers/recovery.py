"""What was lost comes back only through two other people: one asks, another grants, the person redeems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from cordiale.errors import AccountError
from cordiale.officers.accounts import two_people
from cordiale.officers.proofs import digest_of, place_of_factor
from cordiale.officers.roles import Account, Verb
from cordiale.officers.tables import end_sessions, officer, officer_recovery
from cordiale.seals import Vault

CODE_VALID_S: Final = 24 * 3600  # a one-time code from two people


class Lost(StrEnum):
    """What two people give back."""

    PASSWORD = "password"  # noqa: S105 -- the word, not a secret
    FACTOR = "factor"
    BOTH = "both"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Recovery:
    """A lost thing or a new account, waiting for its second person or for its own person."""

    id: str
    officer: str
    name: str
    lost: str
    reason: str
    first_by: str
    first_at: datetime
    second_by: str
    until: datetime | None


def ask_recovery(
    tx: Connection, account_id: str, lost: Lost, reason: str, *, recovery_id: str, by: Account, at: datetime
) -> Recovery:
    """The first of two people asks for a new password, factor or account for somebody else, with a reason."""
    _may_recover(by, account_id)
    if not reason.strip():
        raise AccountError(
            "the reason is missing", field="reason", way_out="Say how you know that it is they."
        )
    tx.execute(
        update(officer_recovery)
        .where(officer_recovery.c.officer == account_id, officer_recovery.c.ended_at.is_(None))
        .values(ended_at=at)
    )
    tx.execute(
        insert(officer_recovery).values(
            id=recovery_id,
            officer=account_id,
            lost=lost.value,
            reason=reason.strip()[:300],
            first_by=by.id,
            first_at=at,
        )
    )
    return _recovery(_recovery_row(tx, recovery_id))


def grant_recovery(tx: Connection, recovery_id: str, code: str, *, by: Account, at: datetime) -> Recovery:
    """The second, different person grants it; `code` (fresh) is shown to them once and told to the person."""
    row = _recovery_row(tx, recovery_id)
    if row["ended_at"] or row["second_by"]:
        raise AccountError("this has been granted or ended already")
    _may_recover(by, row["officer"])
    two_people(row["first_by"], by.id)
    tx.execute(
        update(officer_recovery)
        .where(officer_recovery.c.id == recovery_id)
        .values(
            second_by=by.id,
            second_at=at,
            code_digest=digest_of(code),
            until=at + timedelta(seconds=CODE_VALID_S),
        )
    )
    return _recovery(_recovery_row(tx, recovery_id))


def refuse_recovery(tx: Connection, recovery_id: str, *, by: Account, at: datetime) -> None:
    """Either of the people who may grant it ends it."""
    _may_recover(by, _recovery_row(tx, recovery_id)["officer"])
    tx.execute(update(officer_recovery).where(officer_recovery.c.id == recovery_id).values(ended_at=at))


def waiting_recoveries(tx: Connection) -> list[Recovery]:
    """What waits for a second person, oldest first."""
    rows = tx.execute(
        _recoveries()
        .where(officer_recovery.c.second_by == "", officer_recovery.c.ended_at.is_(None))
        .order_by(officer_recovery.c.first_at)
    ).mappings()
    return [_recovery(row) for row in rows]


def code_opens(tx: Connection, login: str, code: str, *, at: datetime) -> Recovery | None:
    """The granted recovery that a one-time code belongs to; None when it is wrong, used or past."""
    row = (
        tx.execute(
            _recoveries().where(
                officer.c.login == login.strip().lower(),
                officer_recovery.c.code_digest == digest_of("".join(code.split())),
                officer_recovery.c.second_by != "",
                officer_recovery.c.ended_at.is_(None),
            )
        )
        .mappings()
        .first()
    )
    if row is None or at > row["until"]:
        return None
    return _recovery(row)


def finish_recovery(
    tx: Connection, recovery: Recovery, vault: Vault, *, password_hash: str, secret: str, at: datetime
) -> None:
    """The person sets what they had lost; "" leaves the rest. Ends the code and every open session. Raises
    AccountError when the code was used, or somebody ended it, a moment before.
    """
    ended = update(officer_recovery).where(
        officer_recovery.c.id == recovery.id, officer_recovery.c.ended_at.is_(None)
    )
    if tx.execute(ended.values(ended_at=at)).rowcount != 1:
        raise AccountError("this code has been used or ended", way_out="Ask two people for another one.")
    changed: dict[str, object] = {"failures": 0, "locked_until": None}
    if recovery.lost != Lost.FACTOR:
        changed["password"] = _given(password_hash, "password")
    if recovery.lost != Lost.PASSWORD:
        changed |= {
            "factor": vault.lock(_given(secret, "factor").encode(), place_of_factor(recovery.officer)),
            "factor_step": 0,
        }
    tx.execute(update(officer).where(officer.c.id == recovery.officer).values(**changed))
    end_sessions(tx, recovery.officer, at=at)


def _given(value: str, field: str) -> str:
    if not value:
        raise AccountError("is missing", field=field)
    return value


def _may_recover(by: Account, account_id: str) -> None:
    two_people(by.id, account_id)
    if not (by.may(Verb.ACCOUNTS) or by.may(Verb.OVERSEE)) or by.visiting:
        raise AccountError(
            f"`{by.name}` may not reset accounts",
            way_out="Administrators, supervisors and rights officers may.",
        )


def _recoveries() -> Any:
    return select(officer_recovery, officer.c.name.label("name")).join(
        officer, officer.c.id == officer_recovery.c.officer
    )


def _recovery_row(tx: Connection, recovery_id: str) -> RowMapping:
    row = tx.execute(_recoveries().where(officer_recovery.c.id == recovery_id)).mappings().first()
    if row is None:
        raise AccountError("there is no such request")
    return row


def _recovery(row: RowMapping) -> Recovery:
    names = ("id", "officer", "name", "lost", "reason", "first_by", "first_at", "second_by", "until")
    return Recovery(**{name: row[name] for name in names})
