"""Signing in and what a browser holds afterwards. Who may try, and how often, stands in tries.py.

A wrong password or code is an answer (`Denied`), in the same words whoever asks. What takes `tx` runs inside
the caller's transaction and reads no clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from cordiale.officers.accounts import account, account_from
from cordiale.officers.proofs import digest_of, place_of_factor, step_of_code
from cordiale.officers.roles import Account
from cordiale.officers.tables import officer, officer_session
from cordiale.officers.tries import FREE_CODES, wait_s
from cordiale.seals import Vault

IDLE_MAX_S: Final = 2 * 3600  # a session falls asleep after two quiet hours
SESSION_MAX_S: Final = 12 * 3600  # and never outlives a twelve-hour watch


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `csrf` goes into every form of that browser."""

    account: Account
    csrf: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Denied:
    """Not signed in. `wait_until` says when another try is taken; the words are the same whoever asks.
    `guessed`: for the node alone, the account whose password was right and whose code was not.
    """

    reason: str
    wait_until: datetime | None = None
    guessed: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in, its password already checked. `token` and `csrf` are fresh, for the session.
    `is_known`: from a browser in which this very person signed in before.
    """

    login: str
    password_right: bool
    code: str
    token: str
    csrf: str
    is_known: bool = False


WRONG: Final = "wrong"
WAIT: Final = "wait"
BUSY: Final = "busy"
ENDED: Final = "ended"


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody who may come in: their account, and the step of the code that is used up by it."""

    account: Account
    step: int


def judge(tx: Connection, attempt: Attempt, vault: Vault, *, at: datetime) -> Admitted | Denied:
    """Whether somebody may come in; password and code are judged together. Reads alone, and as much for a
    name that nobody has as for any other.
    """
    row = (
        tx.execute(select(officer).where(officer.c.login == attempt.login.strip().lower())).mappings().first()
    )
    if row is None:
        return Denied(WRONG)
    step = _step(row, attempt.code, vault, at) if attempt.password_right else None
    if row["locked_until"] and at < row["locked_until"] and not attempt.is_known:
        return Denied(WRONG)  # codes are being guessed from elsewhere: not even a right one is taken
    if step is None:
        return Denied(WRONG, guessed=row["id"] if attempt.password_right else "")
    found = account_from(row)
    if found.closed or (found.until is not None and at.date() > found.until):
        return Denied(ENDED)
    return Admitted(found, step)


def _step(row: RowMapping, code: str, vault: Vault, at: datetime) -> int | None:
    if not row["factor"]:
        return None
    secret = vault.unlock(row["factor"], place_of_factor(row["id"])).decode()
    return step_of_code(secret, code, at, row["factor_step"])


def open_session(tx: Connection, admitted: Admitted, attempt: Attempt, *, at: datetime) -> Session | Denied:
    """Use the code up and open a session. Denied when somebody used the same code a moment before."""
    used = update(officer).where(
        officer.c.id == admitted.account.id,
        officer.c.factor_step < admitted.step,
        officer.c.closed_at.is_(None),
    )
    done = tx.execute(used.values(failures=0, locked_until=None, factor_step=admitted.step))
    return _open_session(tx, admitted.account, attempt, at) if done.rowcount == 1 else Denied(WRONG)


def code_guessed(tx: Connection, account_id: str, *, at: datetime) -> int:
    """Count a wrong code after a right password, from anywhere; returns how many in a row.

    After FREE_CODES of them, browsers that never signed in as this person wait. Who cannot give the password
    can make nobody wait.
    """
    failures = int(tx.execute(select(officer.c.failures).where(officer.c.id == account_id)).scalar_one()) + 1
    wait = wait_s(failures, FREE_CODES)
    until = at + timedelta(seconds=wait) if wait else None
    tx.execute(
        update(officer).where(officer.c.id == account_id).values(failures=failures, locked_until=until)
    )
    return failures


def _open_session(tx: Connection, found: Account, attempt: Attempt, at: datetime) -> Session:
    tx.execute(
        insert(officer_session).values(
            token_digest=digest_of(attempt.token),
            officer=found.id,
            csrf=attempt.csrf,
            opened_at=at,
            seen_at=at,
        )
    )
    return Session(found, attempt.csrf, at)


def session_of(
    tx: Connection, token: str, *, at: datetime, used_at: datetime | None = None
) -> Session | None:
    """Who holds this token now; None when it is unknown, ended, asleep, too old, or its account has ended.
    One that was opened at a time still far ahead is of a clock that was wrong.

    `used_at`: when the browser was last used, where that could not be written down.
    """
    row = (
        tx.execute(
            select(officer_session, officer.c.until, officer.c.closed_at.label("account_closed"))
            .join(officer, officer.c.id == officer_session.c.officer)
            .where(officer_session.c.token_digest == digest_of(token))
        )
        .mappings()
        .first()
    )
    if row is None or row["closed_at"] or row["account_closed"]:
        return None
    opened, seen = row["opened_at"], max(row["seen_at"], used_at or row["seen_at"])
    if abs(at - opened) > timedelta(seconds=SESSION_MAX_S) or at - seen > timedelta(seconds=IDLE_MAX_S):
        return None
    if row["until"] and at.date() > date.fromisoformat(row["until"]):
        return None
    return Session(account(tx, row["officer"]), row["csrf"], opened)


def seen(tx: Connection, token: str, *, at: datetime) -> None:
    """Note that the browser was used; the node calls it at most once a minute a browser."""
    tx.execute(
        update(officer_session).where(officer_session.c.token_digest == digest_of(token)).values(seen_at=at)
    )


def sign_out(tx: Connection, token: str, *, at: datetime) -> None:
    """End one session."""
    tx.execute(
        update(officer_session).where(officer_session.c.token_digest == digest_of(token)).values(closed_at=at)
    )
