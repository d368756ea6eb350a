"""Accounts, sessions, roles and four eyes: who may do what at this node, and that it is really they.

What takes `tx` runs inside the caller's transaction and reads no clock. A wrong password or code is an answer
(`Denied`), so that its count is kept. Passwords are Argon2id (RFC 9106), second factors TOTP (RFC 6238), each
code taken once. What is lost comes back only through two other people. A visitor has no executive verb
and an end date (UK-Frontex working arrangement WA-05).
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import pyotp
from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from cordiale.errors import AccountError
from cordiale.seals import Vault
from cordiale.store.schema import Moment, metadata

PASSWORD_CHARS_MIN: Final = 12  # NCSC: long rather than complicated
PASSWORD_CHARS_MAX: Final = 200
LOGIN_CHARS_MAX: Final = 60
FREE_TRIES: Final = 4  # mistakes without a wait; the fifth doubles a wait that starts at 30 s
WAIT_FIRST_S: Final = 30
WAIT_MAX_S: Final = 3600
IDLE_MAX_S: Final = 2 * 3600  # a session falls asleep after two quiet hours
SESSION_MAX_S: Final = 12 * 3600  # and never outlives a twelve-hour watch
CODE_VALID_S: Final = 24 * 3600  # a one-time code from two people
VISIT_DAYS_MAX: Final = 730  # a deployment is prolonged by a person, never by silence
ACCOUNTS_MAX: Final = 5000
STEP_S: Final = 30
SECRET_BYTES: Final = 20


class OfficerRole(StrEnum):
    """What a person is here for. A person may hold several."""

    OFFICER = "officer"
    DUTY_OFFICER = "duty_officer"
    ANALYST = "analyst"
    EXAMINER = "examiner"
    STATISTICIAN = "statistician"
    LAWYER = "lawyer"
    SUPERVISOR = "supervisor"
    DATA_PROTECTION = "data_protection"
    FUNDAMENTAL_RIGHTS = "fundamental_rights"
    ADMINISTRATOR = "administrator"
    VISITING_OBSERVER = "visiting_observer"
    VISITING_COORDINATOR = "visiting_coordinator"
    VISITING_ADVISER = "visiting_adviser"
    VISITING_LIAISON = "visiting_liaison"


class Verb(StrEnum):
    """What a page asks leave for. `EXECUTIVE` bears on a person: never a visitor's, never a machine's."""

    ASK = "ask"  # put a question to the gate
    READ = "read"  # see content
    WRITE = "write"  # compose and send
    RELEASE = "release"  # recall, restrict, correct, replay
    EXECUTIVE = "executive"  # confirm a match, close a distress
    RESCUE = "rescue"  # open and confirm distress
    OVERSEE = "oversee"  # decisions of others, holds
    LEDGER = "ledger"  # verify and export
    ACCOUNTS = "accounts"  # people, peers, settings


_OFFICE: Final = frozenset({Verb.ASK, Verb.READ, Verb.WRITE, Verb.RELEASE, Verb.RESCUE})
_VISITOR: Final = frozenset({Verb.ASK, Verb.READ})
MAY: Final[Mapping[OfficerRole, frozenset[Verb]]] = MappingProxyType(
    {
        OfficerRole.OFFICER: _OFFICE,
        OfficerRole.DUTY_OFFICER: _OFFICE | {Verb.EXECUTIVE},
        OfficerRole.ANALYST: _OFFICE - {Verb.RELEASE},
        OfficerRole.EXAMINER: _OFFICE | {Verb.EXECUTIVE},
        OfficerRole.STATISTICIAN: frozenset({Verb.ASK}),
        OfficerRole.LAWYER: frozenset({Verb.ASK, Verb.LEDGER}),
        OfficerRole.SUPERVISOR: _OFFICE | {Verb.EXECUTIVE, Verb.OVERSEE, Verb.LEDGER},
        OfficerRole.DATA_PROTECTION: frozenset(
            {Verb.ASK, Verb.READ, Verb.RELEASE, Verb.OVERSEE, Verb.LEDGER}
        ),
        OfficerRole.FUNDAMENTAL_RIGHTS: frozenset({Verb.ASK, Verb.READ, Verb.OVERSEE, Verb.LEDGER}),
        OfficerRole.ADMINISTRATOR: frozenset({Verb.ACCOUNTS, Verb.LEDGER}),
        OfficerRole.VISITING_OBSERVER: _VISITOR,
        OfficerRole.VISITING_COORDINATOR: _VISITOR | {Verb.WRITE},
        OfficerRole.VISITING_ADVISER: _VISITOR,
        OfficerRole.VISITING_LIAISON: _VISITOR | {Verb.WRITE, Verb.RESCUE},
    }
)
VISITING: Final = frozenset(r for r in OfficerRole if r.value.startswith("visiting_"))
_CONTENT: Final = frozenset({Verb.READ, Verb.WRITE, Verb.RELEASE})


class Lost(StrEnum):
    """What two people give back."""

    PASSWORD = "password"  # noqa: S105 -- the word, not a secret
    FACTOR = "factor"
    BOTH = "both"
    NEW = "new"


officer = Table(
    "officer",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("login", String(LOGIN_CHARS_MAX), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("authority", String(60), nullable=False),
    Column("roles", String(400), nullable=False),
    Column("until", String(10), nullable=False, server_default=""),
    Column("password", String(300), nullable=False, server_default=""),
    Column("factor", LargeBinary, nullable=True),
    Column("factor_step", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("locked_until", Moment, nullable=True),
    Column("language", String(5), nullable=False, server_default=""),
    Column("zone", String(60), nullable=False, server_default=""),
    Column("covered_by", String(32), nullable=False, server_default=""),
    Column("covered_until", String(10), nullable=False, server_default=""),
    Column("closed_at", Moment, nullable=True),
    comment="One person's account at this node.",
)
officer_session = Table(
    "officer_session",
    metadata,
    Column("token_digest", String(64), primary_key=True),
    Column("officer", String(32), ForeignKey("officer.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("closed_at", Moment, nullable=True),
    Index("officer_session_officer", "officer"),
    comment="A signed-in browser: the digest of its token, never the token.",
)
officer_recovery = Table(
    "officer_recovery",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("officer", String(32), ForeignKey("officer.id"), nullable=False),
    Column("lost", String(10), nullable=False),
    Column("reason", String(300), nullable=False),
    Column("first_by", String(32), nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("second_by", String(32), nullable=False, server_default=""),
    Column("second_at", Moment, nullable=True),
    Column("code_digest", String(64), nullable=False, server_default=""),
    Column("until", Moment, nullable=True),
    Column("ended_at", Moment, nullable=True),
    Index("officer_recovery_officer", "officer"),
    comment="A lost password or second factor, or a new account: asked by one person, granted by another.",
)


@dataclass(frozen=True, slots=True)
class Account:
    """One person at this node. `until` is the last day of a visit; None for own staff without an end."""

    id: str
    login: str
    name: str
    authority: str
    roles: frozenset[str]
    until: date | None = None
    language: str = ""
    zone: str = ""
    covered_by: str = ""
    covered_until: date | None = None
    closed: bool = False

    def covered_on(self, day: date) -> str:
        """Who looks after this person's in-tray on a day: an account id, or "" for nobody."""
        return self.covered_by if self.covered_until is None or day <= self.covered_until else ""

    @property
    def verbs(self) -> frozenset[Verb]:
        """What this person may do. Whoever administers sees no content, whatever else they hold."""
        found = frozenset(v for r in self.roles for v in MAY[OfficerRole(r)])
        if OfficerRole.ADMINISTRATOR in self.roles:
            found -= _CONTENT
        # WA-05: deployed staff hold no executive power, whatever other role an account was given by mistake.
        return found - {Verb.EXECUTIVE} if self.visiting else found

    @property
    def visiting(self) -> bool:
        return any(OfficerRole(r) in VISITING for r in self.roles)

    def may(self, verb: str) -> bool:
        return Verb(verb) in self.verbs


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What must be said of a person first. Raises AccountError when roles and end do not fit."""

    login: str
    name: str
    authority: str
    roles: frozenset[str]
    until: date | None = None
    language: str = ""
    zone: str = ""

    def __post_init__(self) -> None:
        if (
            not 0 < len(self.login) <= LOGIN_CHARS_MAX
            or not self.login.replace(".", "").replace("-", "").isalnum()
        ):
            raise AccountError(f"`{self.login[:60]}` is no sign-in name", field="login", way_out=_LOGIN_SHAPE)
        if not self.name.strip():
            raise AccountError("the name is missing", field="name")
        if not self.authority:
            raise AccountError("the authority is missing", field="authority")
        known = {r.value for r in OfficerRole}
        if not self.roles or not self.roles <= known:
            odd = ", ".join(sorted(self.roles - known)) or "none"
            raise AccountError(
                f"unknown role: {odd}", field="roles", way_out=f"Choose from {', '.join(sorted(known))}."
            )
        visiting = {r for r in self.roles if OfficerRole(r) in VISITING}
        if visiting and self.until is None:
            raise AccountError("a visiting person needs an end date", field="until")
        if visiting and visiting != self.roles:
            raise AccountError("a visiting role goes with no other role", field="roles")


_LOGIN_SHAPE: Final = "Use letters, digits, full stops and hyphens, at most 60."


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `csrf` goes into every form of that browser."""

    account: Account
    csrf: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Denied:
    """Not signed in. `wait_until` says when another try is taken; the words are the same whoever asks."""

    reason: str
    wait_until: datetime | None = None


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


_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1, type=Type.ID)
NOBODY: Final = _HASHER.hash("nobody", salt=b"cordiale-nobody!")
"""What an unknown sign-in name is checked against, so that it takes as long as a known one."""

_USUAL: Final = frozenset({"password", "passwort", "motdepasse", "cordiale", "qwertyuiop", "123456789012"})


def check_new_password(password: str, login: str) -> None:
    """Raise AccountError naming what is wrong with a new password: length, or a word everybody tries."""
    plain = password.lower()
    if not PASSWORD_CHARS_MIN <= len(password) <= PASSWORD_CHARS_MAX:
        raise AccountError(
            f"the password has {len(password)} characters",
            field="password",
            way_out=f"Use {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX}: three or four words are good.",
        )
    if login.lower() in plain or len(set(plain)) < 5 or any(plain.startswith(w) for w in _USUAL):
        raise AccountError(
            "the password is easy to guess",
            field="password",
            way_out="Take three or four words that do not belong together.",
        )


def hash_password(password: str, salt_hex: str) -> str:
    """The Argon2id hash (64 MiB, 3 passes) under a 16-byte salt. Slow: never inside a transaction."""
    return _HASHER.hash(password, salt=bytes.fromhex(salt_hex))


def password_right(stored: str, password: str) -> bool:
    """Whether a password belongs to a stored hash. Slow: never inside a transaction."""
    try:
        return _HASHER.verify(stored or NOBODY, password[:PASSWORD_CHARS_MAX]) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def new_secret(token_hex: str) -> str:
    """A TOTP secret in base 32 from 20 random bytes in hex."""
    return b32encode(bytes.fromhex(token_hex)[:SECRET_BYTES]).decode()


def factor_uri(secret: str, login: str, node_name: str) -> str:
    """What an authenticator app reads from the QR picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=f"Cordiale {node_name}")


def step_of_code(secret: str, code: str, at: datetime, after_step: int) -> int | None:
    """The 30-second step of a code: this one, the one before or the next; None if none, or if used.

    RFC 6238 section 5.2: a code is accepted once, so steps up to `after_step` no longer count.
    """
    now = int(at.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret)
    typed = "".join(code.split())
    found = None
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode()) and step > after_step:
            found = step
    return found


def _place(account_id: str) -> str:
    return f"officer/{account_id}/factor"


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
    return _account_of(tx, officer.c.id == account_id)


def set_secrets(tx: Connection, account_id: str, vault: Vault, *, password_hash: str, secret: str) -> None:
    """Give an account its secrets: for the first administrator and for shipped invented people."""
    tx.execute(
        update(officer)
        .where(officer.c.id == account_id)
        .values(
            password=password_hash,
            factor=vault.lock(secret.encode(), _place(account_id)),
            factor_step=0,
            failures=0,
            locked_until=None,
        )
    )


def account(tx: Connection, account_id: str) -> Account:
    """The account of this id. Raises AccountError when there is none."""
    return _account_of(tx, officer.c.id == account_id)


def accounts(tx: Connection) -> list[Account]:
    """Everybody with an account here, by name."""
    rows = tx.execute(select(officer).order_by(officer.c.name).limit(ACCOUNTS_MAX)).mappings()
    return [_account(row) for row in rows]


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


def _account_of(tx: Connection, where: Any) -> Account:
    row = tx.execute(select(officer).where(where)).mappings().first()
    if row is None:
        raise AccountError("there is no such account")
    return _account(row)


def _account(row: RowMapping) -> Account:
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


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in, its password already checked. `token` and `csrf` are fresh, for the session."""

    login: str
    password_right: bool
    code: str
    token: str
    csrf: str


WRONG: Final = "wrong"
WAIT: Final = "wait"
ENDED: Final = "ended"


def admit(tx: Connection, attempt: Attempt, vault: Vault, *, at: datetime) -> Session | Denied:
    """Open a session, or say why not. Password and code are judged together; each failure is counted."""
    row = (
        tx.execute(select(officer).where(officer.c.login == attempt.login.strip().lower())).mappings().first()
    )
    if row is None:
        return Denied(WRONG)
    if row["locked_until"] and at < row["locked_until"]:
        return Denied(WAIT, row["locked_until"])
    step = _step(row, attempt.code, vault, at) if attempt.password_right else None
    if step is None:
        return _failed(tx, row, at)
    found = _account(row)
    if found.closed or (found.until is not None and at.date() > found.until):
        return Denied(ENDED)
    tx.execute(
        update(officer)
        .where(officer.c.id == found.id)
        .values(failures=0, locked_until=None, factor_step=step)
    )
    return _open_session(tx, found, attempt, at)


def _step(row: RowMapping, code: str, vault: Vault, at: datetime) -> int | None:
    if not row["factor"]:
        return None
    secret = vault.unlock(row["factor"], _place(row["id"])).decode()
    return step_of_code(secret, code, at, row["factor_step"])


def _failed(tx: Connection, row: RowMapping, at: datetime) -> Denied:
    failures = int(row["failures"]) + 1
    until = at + timedelta(seconds=wait_s(failures)) if failures > FREE_TRIES else None
    tx.execute(update(officer).where(officer.c.id == row["id"]).values(failures=failures, locked_until=until))
    return Denied(WRONG, until)


def wait_s(failures: int) -> int:
    """How long to wait after so many failures in a row: none, then 30 s doubling to an hour."""
    if failures <= FREE_TRIES:
        return 0
    doublings = min(failures - FREE_TRIES - 1, 20)
    return min(WAIT_FIRST_S << doublings, WAIT_MAX_S)


def _open_session(tx: Connection, found: Account, attempt: Attempt, at: datetime) -> Session:
    tx.execute(
        insert(officer_session).values(
            token_digest=_digest(attempt.token),
            officer=found.id,
            csrf=attempt.csrf,
            opened_at=at,
            seen_at=at,
        )
    )
    return Session(found, attempt.csrf, at)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def session_of(tx: Connection, token: str, *, at: datetime) -> Session | None:
    """Who holds this token now; None when it is unknown, ended, asleep, too old, or its account has ended."""
    row = (
        tx.execute(
            select(officer_session, officer.c.until, officer.c.closed_at.label("account_closed"))
            .join(officer, officer.c.id == officer_session.c.officer)
            .where(officer_session.c.token_digest == _digest(token))
        )
        .mappings()
        .first()
    )
    if row is None or row["closed_at"] or row["account_closed"]:
        return None
    opened, seen = row["opened_at"], row["seen_at"]
    if at - opened > timedelta(seconds=SESSION_MAX_S) or at - seen > timedelta(seconds=IDLE_MAX_S):
        return None
    if row["until"] and at.date() > date.fromisoformat(row["until"]):
        return None
    return Session(account(tx, row["officer"]), row["csrf"], opened)


def seen(tx: Connection, token: str, *, at: datetime) -> None:
    """Note that the browser was used; the node calls it at most once a minute a browser."""
    tx.execute(
        update(officer_session).where(officer_session.c.token_digest == _digest(token)).values(seen_at=at)
    )


def sign_out(tx: Connection, token: str, *, at: datetime) -> None:
    """End one session."""
    tx.execute(
        update(officer_session).where(officer_session.c.token_digest == _digest(token)).values(closed_at=at)
    )


def end_sessions(tx: Connection, account_id: str, *, at: datetime) -> None:
    """End every session of a person: after a recovery, a closing, or a stolen browser."""
    tx.execute(
        update(officer_session)
        .where(officer_session.c.officer == account_id, officer_session.c.closed_at.is_(None))
        .values(closed_at=at)
    )


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
            code_digest=_digest(code),
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
                officer_recovery.c.code_digest == _digest("".join(code.split())),
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
    """The person sets what they had lost; "" leaves the rest. Ends the code and every open session."""
    changed: dict[str, object] = {"failures": 0, "locked_until": None}
    if recovery.lost != Lost.FACTOR:
        changed["password"] = _given(password_hash, "password")
    if recovery.lost != Lost.PASSWORD:
        changed |= {
            "factor": vault.lock(_given(secret, "factor").encode(), _place(recovery.officer)),
            "factor_step": 0,
        }
    tx.execute(update(officer).where(officer.c.id == recovery.officer).values(**changed))
    tx.execute(update(officer_recovery).where(officer_recovery.c.id == recovery.id).values(ended_at=at))
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


def named(people: Iterable[Account]) -> dict[str, str]:
    """Id -> name, for pages that show who did what."""
    return {one.id: one.name for one in people}
