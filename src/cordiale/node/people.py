"""The officers of one node, joined: signing in, sessions, accounts, and what two people give back.

The rules are in officers/. Here each act gets its transaction, its time, its chance and its ledger entry.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import pyotp
from sqlalchemy import Connection

from cordiale import officers
from cordiale.errors import AccountError, StoreError, UsageError
from cordiale.exchange import boxes
from cordiale.ledger import Commitment, Entry, Kind
from cordiale.ledger.entry import Fact
from cordiale.officers import Account, Admitted, Attempt, Denied, Lost, NewAccount, Recovery, Session, Verb

if TYPE_CHECKING:
    from cordiale.node.node import Node

__all__ = [
    "Account",
    "Denied",
    "Lost",
    "NewAccount",
    "Officer",
    "Proof",
    "Recovery",
    "Session",
    "SignedIn",
    "Verb",
    "accounts",
    "ask_recovery",
    "browser_tag",
    "choose",
    "close_account",
    "code_now",
    "cover",
    "enrol",
    "found_account",
    "grant_recovery",
    "known_browser",
    "needs",
    "officer",
    "recover",
    "redeem",
    "refuse_recovery",
    "remember_browser",
    "session",
    "sign_in",
    "sign_out",
    "vouches",
    "waiting_recoveries",
    "write_sessions",
]

Officer = Account
"""The person who acts, as every function of node/ takes it."""

SEEN_EVERY: Final = timedelta(minutes=1)
UNWRITTEN_MAX: Final = timedelta(hours=12)  # a session that only memory holds: one watch
PLACE_WAIT_S: Final = 2.0  # for a free place to check a password; then they try again
_STRANGERS_PLACES: Final = threading.BoundedSemaphore(2)
_KNOWN_PLACES: Final = threading.BoundedSemaphore(2)
CODE_BYTES: Final = 5  # ten hexadecimal digits to say on the telephone; it opens one request, once, for a day


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session and the token that goes into the browser's cookie, and nowhere else."""

    token: str
    session: Session


@dataclass(frozen=True, slots=True)
class Proof:
    """What one of two people types at a terminal to vouch: sign-in name, password, code."""

    login: str
    password: str
    code: str


# ------------------------------------------------------------------------------ signing in


def sign_in(
    node: Node, login: str, password: str, code: str, *, whose: str = "", is_known: bool = False
) -> SignedIn | Denied:
    """Open a session; a wrong password or code is an answer and is counted, for who tried alone.

    `whose`: the address that tries, or the browser if it is a known one (`known_browser`). While the store
    cannot write, whoever may help at sea comes in all the same, and it is recorded when it can be.
    """
    at, chance = node.world.clock.now(), node.world.chance
    if until := node.tries.wait_until(login, whose, at=at):
        return Denied(officers.WAIT, until)
    right = _password_right(node, login, password, is_known=is_known)
    if right is None:
        return Denied(officers.BUSY)
    token = chance.token(32)
    attempt = Attempt(login, right, code, token, chance.token(16), is_known)
    found = node.store.read(lambda tx: officers.judge(tx, attempt, node.vault, at=at))
    opened = _opened(node, found, attempt, at) if isinstance(found, Admitted) else found
    if isinstance(opened, Session):
        node.tries.succeeded(login, whose)
        return SignedIn(token, opened)
    if opened.guessed:
        _told_of_guessing(node, opened.guessed, at)
    until = node.tries.failed(login, whose, at=at) if opened.reason == officers.WRONG else None
    return Denied(opened.reason, until)


def _password_right(node: Node, login: str, password: str, *, is_known: bool) -> bool | None:
    """Whether the password is right; None when too many are checked at this moment. Each check takes 64 MiB
    and a tenth of a second: strangers have a few places, and known browsers have their own.
    """
    places = _KNOWN_PLACES if is_known else _STRANGERS_PLACES
    stored = node.store.read(lambda tx: officers.stored_password(tx, login))
    if not places.acquire(timeout=PLACE_WAIT_S):
        return None
    try:
        return officers.password_right(stored, password)  # slow on purpose, so outside the transaction
    finally:
        places.release()


def _opened(node: Node, admitted: Admitted, attempt: Attempt, at: datetime) -> Session | Denied:
    def act(tx: Connection) -> Session | Denied:
        opened = officers.open_session(tx, admitted, attempt, at=at)
        if isinstance(opened, Session):
            _log(node, tx, at, outcome="signed_in", account=admitted.account.id)
        return opened

    try:
        return node.store.write(act)
    except StoreError:
        account = admitted.account
        used = node.unwritten_steps.get(account.id, 0)
        if not account.may(Verb.RESCUE) or admitted.step <= used:
            raise
        node.unwritten_steps[account.id] = admitted.step
        opened = Session(account, attempt.csrf, at)
        node.unwritten[attempt.token] = (opened, act)
        return opened


def write_sessions(node: Node) -> int:
    """Record the sessions that were opened while the store could not write; how many still wait."""
    for token, (_, act) in list(node.unwritten.items()):
        try:
            node.store.write(act)
        except StoreError:
            break
        node.unwritten.pop(token, None)
    return len(node.unwritten)


def _told_of_guessing(node: Node, account_id: str, at: datetime) -> None:
    """Somebody has a person's password and guesses codes: counted, and told to a person. Nobody waits for it,
    so that no answer takes longer for a right password than for a wrong one.
    """

    def act(tx: Connection) -> None:
        if officers.code_guessed(tx, account_id, at=at) == officers.FREE_CODES:
            says = "somebody has this person's password and guesses codes: ring them, and reset it"
            boxes.raise_alarm(tx, "codes_guessed", peer="", about=account_id, says=says, at=at)

    with suppress(StoreError):
        node.store.submit([act])


def known_browser(node: Node, tag: str, value: str) -> str:
    """The browser that a cookie of `remember_browser` belongs to, or ""."""
    name, _, mark = value.partition(".")
    right = _browser_mark(node, tag, name)
    return f"browser {name}" if name and hmac.compare_digest(mark.encode(), right.encode()) else ""


def browser_tag(node: Node, login: str) -> str:
    """Under which name a browser keeps that this person signed in there: no name is read from it."""
    return hmac.new(node.keys.marks, b"login\x00" + login.strip().lower().encode(), sha256).hexdigest()[:16]


def remember_browser(node: Node, login: str) -> str:
    """What a browser keeps once this person has signed in there. It opens nothing: mistakes made elsewhere
    simply do not count against it.
    """
    name = node.world.chance.token(8)
    return f"{name}.{_browser_mark(node, browser_tag(node, login), name)}"


def _browser_mark(node: Node, tag: str, name: str) -> str:
    return hmac.new(node.keys.marks, f"browser\x00{tag}\x00{name}".encode(), sha256).hexdigest()


def session(node: Node, token: str) -> Session | None:
    """Who holds this token now; None when it has ended. Notes the use of the browser once a minute; a store
    that cannot write signs nobody out, and a clock set back makes no session longer.
    """
    at = node.contact.moment()
    if held := node.unwritten.get(token):
        return held[0] if at - held[0].opened_at < UNWRITTEN_MAX else None
    used = node.seen.get(token)
    found = node.store.read(lambda tx: officers.session_of(tx, token, at=at, used_at=used))
    if found is not None and at - node.seen.get(token, found.opened_at) >= SEEN_EVERY:
        node.seen[token] = at
        with suppress(StoreError):
            node.store.submit([lambda tx: officers.seen(tx, token, at=at)])
    return found


def sign_out(node: Node, token: str) -> None:
    """End one session."""
    node.seen.pop(token, None)
    node.unwritten.pop(token, None)
    node.store.write(lambda tx: officers.sign_out(tx, token, at=node.world.clock.now()))


# ------------------------------------------------------------------------------ accounts


def officer(node: Node, login: str) -> Account:
    """The open account of this sign-in name. Raises AccountError when there is none."""
    for found in node.store.read(officers.accounts):
        if found.login == login.strip().lower() and not found.closed:
            return found
    raise AccountError(f"nobody signs in as `{login[:60]}` here", field="login")


def accounts(node: Node) -> list[dict[str, Any]]:
    """Every account without its secrets: login, name, authority, roles, until, closed."""
    return [
        {
            "login": one.login,
            "name": one.name,
            "authority": one.authority,
            "roles": sorted(one.roles),
            "until": one.until.isoformat() if one.until else "",
            "closed": one.closed,
        }
        for one in node.store.read(officers.accounts)
    ]


def found_account(node: Node, new: NewAccount, password: str, *, quick: bool = False) -> tuple[Account, str]:
    """Make an account that can sign in at once; returns it with its TOTP secret, shown once.

    Only for the first administrator of a new node and for the invented people of the demonstration: every
    later account begins with `enrol` and is opened by its own person with a code from two others. `quick`
    stores no password: nobody can sign in with it; simulations act for their officers directly.
    """
    act, secret = founding_act(node, new, password, quick=quick)
    return node.store.write(act), secret


def founding_act(
    node: Node, new: NewAccount, password: str, *, quick: bool = False
) -> tuple[Callable[[Connection], Account], str]:
    """What `found_account` writes, for who has more to write in the same act; and the TOTP secret."""
    officers.check_new_password(password, new.login)
    chance, at = node.world.chance, node.world.clock.now()
    salt = chance.token(16)
    stored = "" if quick else officers.hash_password(password, salt)
    secret = officers.new_secret(chance.token(officers.SECRET_BYTES))
    account_id = chance.token(16)

    def act(tx: Connection) -> Account:
        made = officers.enrol(tx, new, account_id, at=at)
        officers.set_secrets(tx, account_id, node.vault, password_hash=stored, secret=secret)
        _log(node, tx, at, outcome="founded", account=account_id, **_given(new))
        return made

    return act, secret


def enrol(node: Node, by: Account, new: NewAccount, reason: str) -> Recovery:
    """Make an account without secrets and ask a second person to open it."""
    needs(by, Verb.ACCOUNTS)
    chance, at = node.world.chance, node.world.clock.now()
    account_id, recovery_id = chance.token(16), chance.token(16)

    def act(tx: Connection) -> Recovery:
        officers.enrol(tx, new, account_id, at=at)
        asked = officers.ask_recovery(tx, account_id, Lost.NEW, reason, recovery_id=recovery_id, by=by, at=at)
        _log(node, tx, at, outcome="enrolled", account=account_id, officer=by.id, **_given(new))
        return asked

    return node.store.write(act)


def close_account(node: Node, by: Account, account_id: str) -> None:
    """End an account and its sessions. Nobody closes their own."""
    needs(by, Verb.ACCOUNTS)
    at = node.world.clock.now()

    def act(tx: Connection) -> None:
        officers.close_account(tx, account_id, by=by.id, at=at)
        _log(node, tx, at, outcome="closed", account=account_id, officer=by.id)

    node.store.write(act)


def choose(node: Node, by: Account, *, language: str | None = None, zone: str | None = None) -> None:
    """Remember a person's own language or time zone."""
    node.store.write(lambda tx: officers.choose(tx, by.id, language=language, zone=zone))


def cover(node: Node, by: Account, covered_by: str, until: date | None = None) -> None:
    """Say who looks after this person's in-tray, up to and with the day `until`; "" ends it. It is logged,
    and who covers: they read what comes for this person's authority.
    """
    if covered_by:
        needs(by, Verb.READ)  # nobody lends what they have not
    at = node.world.clock.now()
    who: dict[str, Fact] = {"officer": covered_by} if covered_by else {}
    who |= {"valid_until": until.isoformat()} if covered_by and until else {}

    def act(tx: Connection) -> None:
        officers.cover(tx, by.id, covered_by, until=until)
        _log(node, tx, at, outcome="covered" if covered_by else "uncovered", account=by.id, **who)

    node.store.write(act)


# ------------------------------------------------------------------------------ two people


def ask_recovery(node: Node, by: Account, account_id: str, lost: str, *, reason: str) -> Recovery:
    """The first of two people asks for somebody else's password or factor to be given anew."""
    chance, at = node.world.chance, node.world.clock.now()
    recovery_id, what = chance.token(16), Lost(lost)

    def act(tx: Connection) -> Recovery:
        asked = officers.ask_recovery(tx, account_id, what, reason, recovery_id=recovery_id, by=by, at=at)
        why = {"reason": Commitment.to("reason", reason)}
        facts: dict[str, Fact] = {"outcome": "recovery_asked", "account": account_id, "officer": by.id}
        node.log.append(tx, Entry(Kind.ACCOUNT, at, facts, why))
        return asked

    return node.store.write(act)


def grant_recovery(node: Node, by: Account, recovery_id: str) -> tuple[Recovery, str]:
    """The second person grants it; the one-time code is shown to them once, to be told to the person."""
    at, code = node.world.clock.now(), node.world.chance.token(CODE_BYTES)

    def act(tx: Connection) -> Recovery:
        granted = officers.grant_recovery(tx, recovery_id, code, by=by, at=at)
        _log(node, tx, at, outcome="recovery_granted", account=granted.officer, approver=by.id)
        return granted

    return node.store.write(act), code


def refuse_recovery(node: Node, by: Account, recovery_id: str) -> None:
    """Either of the people who may grant it ends it."""
    at = node.world.clock.now()

    def act(tx: Connection) -> None:
        officers.refuse_recovery(tx, recovery_id, by=by, at=at)
        _log(node, tx, at, outcome="recovery_refused", approver=by.id)

    node.store.write(act)


def waiting_recoveries(node: Node) -> list[Recovery]:
    """What waits for a second person."""
    return node.store.read(officers.waiting_recoveries)


def redeem(node: Node, login: str, code: str, password: str) -> tuple[str, str] | None:
    """The person sets anew what was lost; returns (TOTP secret, its address for an app), both "" when not
    lost.

    None when the code is wrong, used or past.
    """
    at, chance = node.world.clock.now(), node.world.chance
    recovery = node.store.read(lambda tx: officers.code_opens(tx, login, code, at=at))
    if recovery is None:
        return None
    stored = secret = ""
    if recovery.lost != Lost.FACTOR:
        officers.check_new_password(password, login)
        stored = officers.hash_password(password, chance.token(16))
    if recovery.lost != Lost.PASSWORD:
        secret = officers.new_secret(chance.token(officers.SECRET_BYTES))

    def act(tx: Connection) -> None:
        officers.finish_recovery(tx, recovery, node.vault, password_hash=stored, secret=secret, at=at)
        _log(node, tx, at, outcome="recovered", account=recovery.officer)

    node.store.write(act)
    return secret, officers.factor_uri(secret, login, node.settings.name) if secret else ""


def code_now(secret: str, at: datetime) -> str:
    """The six digits that an authenticator app shows for this secret now. Only for who was just given it."""
    return pyotp.TOTP(secret).at(at)


def recover(
    node: Node, login: str, *, lost: str, vouched: tuple[Proof, Proof], reason: str
) -> Mapping[str, Any]:
    """At the node's own terminal: two people sign in and vouch; returns the one-time code for the third.

    Raises UsageError when one of them could not sign in: nothing is given back on one person's word.
    """
    if lost not in (Lost.PASSWORD, Lost.FACTOR, Lost.BOTH):
        raise UsageError(f"`{lost}` cannot be lost", field="lost", way_out="Say password, factor or both.")
    person = officer(node, login)
    first, second = (vouches(node, proof) for proof in vouched)
    if len({person.id, first.id, second.id}) != 3:
        raise UsageError(
            "two other people vouch, each for the first time", field="by", way_out="Ask a third person."
        )
    asked = ask_recovery(node, first, person.id, lost, reason=reason)
    granted, code = grant_recovery(node, second, asked.id)
    return {
        "person": granted.name,
        "lost": granted.lost,
        "code": code,
        "until": granted.until.isoformat() if granted.until else "",
    }


def vouches(node: Node, proof: Proof) -> Account:
    """Who typed this at the node's own terminal. Raises UsageError unless password and code are right."""
    found = sign_in(node, proof.login, proof.password, proof.code)
    if isinstance(found, Denied):
        raise UsageError(
            f"`{proof.login}` could not sign in", field="by", way_out="Password and code must be right."
        )
    sign_out(node, found.token)
    return found.session.account


def needs(by: Account, verb: Verb) -> None:
    """Raise AccountError unless this person may do this."""
    if not by.may(verb):
        raise AccountError(f"`{by.name}` may not do this: it needs `{verb.value}`")


def _given(new: NewAccount) -> dict[str, Fact]:
    """What an account was made with: the audit compares the table with it."""
    facts: dict[str, Fact] = {"roles": tuple(sorted(map(str, new.roles))), "authority": new.authority}
    return facts | ({"valid_until": new.until.isoformat()} if new.until else {})


def _log(node: Node, tx: Connection, at: datetime, **facts: Fact) -> None:
    node.log.append(tx, Entry(Kind.ACCOUNT, at, facts))
