"""Accounts: made without secrets, covered, closed. What takes `tx` runs inside the caller's transaction."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from cordiale.errors import AccountError
from cordiale.officers.proofs import place_of_factor
from cordiale.officers.roles import Account, NewAccount, Verb
from cordiale.officers.tables import end_sessions, officer
from cordiale.seals import Vault

VISIT_DAYS_MAX: Final = 730  # a deployment is prolonged by a person, never by silence
ACCOUNTS_MAX: Final = 5000


def enrol(tx: Connection, new: NewAccount, account_id: str, *, at: datetime) -> Account:
    """Make an account that cannot sign in yet: no password, no factor. Raises AccountError if taken."""
    if new.until is not None and not at.date() <= new.until <= at.date() + timedelta(days=VISIT_DAYS_MAX):
        raise AccountError(
            "the end date is past or too far",
            field="until",
            way_out=f"At most {VISIT_DAYS_MAX} days from today.",
        )
    if tx.execute(select(officer.c.id).where(officer.c.login == new.login.lower())).first():
        raise AccountError(f"the sign-in name `{new.login}` is taken", field="login")
    tx.execute(
        insert(officer).values(
            id=account_id,
            login=new.login.lower(),
            name=new.name.strip(),
            authority=new.authority,
            roles=" ".join(sorted(new.roles)),
            until=new.until.isoformat() if new.until else "",
            language=new.language,
            zone=new.zone,
        )
    )
    return account_where(tx, officer.c.id == account_id)


def set_secrets(tx: Connection, account_id: str, vault: Vault, *, password_hash: str, secret: str) -> None:
    """Give an account its secrets: for the first administrator and for shipped invented people."""
    tx.execute(
        update(officer)
        .where(officer.c.id == account_id)
        .values(
            password=password_hash,
            factor=vault.lock(secret.encode(), place_of_factor(account_id)),
            factor_step=0,
            failures=0,
            locked_until=None,
        )
    )


def account(tx: Connection, account_id: str) -> Account:
    """The account of this id. Raises AccountError when there is none."""
    return account_where(tx, officer.c.id == account_id)


def accounts(tx: Connection) -> list[Account]:
    """Everybody with an account here, by name."""
    rows = tx.execute(select(officer).order_by(officer.c.name).limit(ACCOUNTS_MAX)).mappings()
    return [account_from(row) for row in rows]


def choose(tx: Connection, account_id: str, *, language: str | None = None, zone: str | None = None) -> None:
    """Remember a person's language or time zone."""
    chosen = {k: v for k, v in (("language", language), ("zone", zone)) if v is not None}
    if chosen:
        tx.execute(update(officer).where(officer.c.id == account_id).values(**chosen))


def cover(tx: Connection, account_id: str, by_account: str, *, until: date | None = None) -> None:
    """Say who looks after an in-tray while its owner is away, up to and with the day `until`; "" ends it.

    Raises AccountError for oneself, and for somebody who may not read content.
    """
    if by_account == account_id:
        raise AccountError("nobody covers for themselves", field="covered_by")
    if by_account and not account(tx, by_account).may(Verb.READ):
        raise AccountError("the person who covers may not read content", field="covered_by")
    tx.execute(
        update(officer)
        .where(officer.c.id == account_id)
        .values(covered_by=by_account, covered_until=until.isoformat() if until and by_account else "")
    )


def close_account(tx: Connection, account_id: str, *, by: str, at: datetime) -> None:
    """End an account and its sessions; its name stays in the ledger. Nobody closes their own."""
    two_people(by, account_id)
    tx.execute(
        update(officer).where(officer.c.id == account_id).values(closed_at=at, password="", factor=None)
    )
    end_sessions(tx, account_id, at=at)


def two_people(first: str, second: str) -> None:
    """Four eyes: raise AccountError when both are the same person."""
    if first == second:
        raise AccountError(
            "this needs a second person", way_out="Ask a colleague to confirm it from their own account."
        )


def account_where(tx: Connection, where: Any) -> Account:
    row = tx.execute(select(officer).where(where)).mappings().first()
    if row is None:
        raise AccountError("there is no such account")
    return account_from(row)


def account_from(row: RowMapping) -> Account:
    plain = {
        name: row[name] for name in ("id", "login", "name", "authority", "language", "zone", "covered_by")
    }
    return Account(
        **plain,
        roles=frozenset(row["roles"].split()),
        until=date.fromisoformat(row["until"]) if row["until"] else None,
        covered_until=date.fromisoformat(row["covered_until"]) if row["covered_until"] else None,
        closed=bool(row["closed_at"]),
    )


def stored_password(tx: Connection, login: str) -> str:
    """The hash to check a password against, outside the transaction; "" for nobody: check all the same."""
    row = tx.execute(select(officer.c.password).where(officer.c.login == login.strip().lower())).first()
    return str(row[0]) if row else ""
