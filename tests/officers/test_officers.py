"""Accounts, sessions, roles and four eyes: who may do what, and that it is really they."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import Connection, create_engine, select

from cordiale import officers
from cordiale.errors import AccountError
from cordiale.officers import Account, Attempt, Denied, Lost, NewAccount, Session, Verb
from cordiale.seals import Vault
from cordiale.store import metadata

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "three green harbour lamps"
HASH = officers.hash_password(PASSWORD, "00" * 16)
VAULT = Vault({1: b"k" * 32})


@pytest.fixture
def tx() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        tables = [officers.officer, officers.officer_session, officers.officer_recovery]
        metadata.create_all(connection, tables=tables)
        yield connection
    engine.dispose()


def person(tx: Connection, login: str, *roles: str, until: date | None = None) -> Account:
    """An account that can sign in; an ordinary officer unless said otherwise."""
    new = NewAccount(
        login, f"{login} (invented)", "border-force", frozenset(roles or ("officer",)), until=until
    )
    made = officers.enrol(tx, new, f"id-{login}", at=AT)
    officers.set_secrets(tx, made.id, VAULT, password_hash=HASH, secret=SECRET)
    return made


def try_in(
    tx: Connection, login: str, *, at: datetime = AT, right: bool = True, code: str = "", known: bool = False
) -> Session | Denied:
    found = code or pyotp.TOTP(SECRET).at(at)
    attempt = Attempt(login, right, found, f"token-{at.timestamp()}", "csrf", known)
    judged = officers.judge(tx, attempt, VAULT, at=at)
    return judged if isinstance(judged, Denied) else officers.open_session(tx, judged, attempt, at=at)


# ------------------------------------------------------------------------------ passwords


def test_a_password_is_kept_as_argon2id_and_checks(tx: Connection) -> None:
    assert HASH.startswith("$argon2id$")
    assert officers.password_right(HASH, PASSWORD)
    assert not officers.password_right(HASH, PASSWORD + "x")
    assert PASSWORD not in HASH


def test_nobody_signs_in_with_the_password_of_nobody() -> None:
    assert not officers.password_right("", "nobody")
    assert not officers.password_right("not a hash", "nobody")


@pytest.mark.parametrize(
    "weak", ["short", "aaaaaaaaaaaaaaaa", "password12345678", "sam.example-and-more", "x" * 201]
)
def test_a_weak_password_is_refused_with_the_way_out(weak: str) -> None:
    with pytest.raises(AccountError) as fault:
        officers.check_new_password(weak, "sam.example")
    assert fault.value.field == "password"
    assert fault.value.way_out


# ------------------------------------------------------------------------------ second factor


def test_a_code_is_taken_once(tx: Connection) -> None:
    person(tx, "sam")
    code = pyotp.TOTP(SECRET).at(AT)
    assert isinstance(try_in(tx, "sam", code=code), Session)
    assert try_in(tx, "sam", at=AT + timedelta(seconds=5), code=code) == Denied("wrong", None)


def test_the_code_before_and_after_are_taken_but_no_other() -> None:
    at = AT.timestamp()
    for away, taken in ((-30, True), (0, True), (30, True), (-60, False), (60, False)):
        code = pyotp.TOTP(SECRET).at(int(at + away))
        assert (officers.step_of_code(SECRET, code, AT, 0) is not None) is taken


def test_an_older_code_is_not_taken_after_a_newer_one() -> None:
    step = int(AT.timestamp()) // officers.STEP_S
    older = pyotp.TOTP(SECRET).at(int(AT.timestamp()) - 30)
    assert officers.step_of_code(SECRET, older, AT, step - 2) == step - 1
    assert officers.step_of_code(SECRET, older, AT, step) is None


def test_the_factor_is_locked_at_rest_and_bound_to_its_account(tx: Connection) -> None:
    person(tx, "sam")
    person(tx, "kit")
    kept = {row.id: row.factor for row in tx.execute(select(officers.officer))}
    assert SECRET.encode() not in kept["id-sam"]
    with pytest.raises(Exception, match="does not open"):
        VAULT.unlock(kept["id-sam"], "officer/id-kit/factor")


def test_signs_that_are_no_digits_are_no_code_and_no_fault() -> None:
    assert officers.step_of_code(SECRET, "äöü☃", AT, 0) is None
    assert officers.step_of_code(SECRET, "", AT, 0) is None


# ------------------------------------------------------------------------------ signing in


def test_an_unknown_name_a_wrong_password_and_a_wrong_code_get_the_same_words(tx: Connection) -> None:
    person(tx, "sam")
    assert try_in(tx, "nobody") == try_in(tx, "sam", right=False) == try_in(tx, "sam", code="000000")


def test_after_four_mistakes_each_doubles_the_wait_up_to_an_hour() -> None:
    assert [officers.wait_s(n) for n in range(1, 9)] == [0, 0, 0, 0, 30, 60, 120, 240]
    assert officers.wait_s(1000) == 3600


def test_judging_writes_nothing_so_that_no_answer_takes_longer_than_another(tx: Connection) -> None:
    person(tx, "sam")
    before = tx.execute(select(officers.officer)).all()
    for login in ("nobody", "sam"):
        try_in(tx, login, right=False)
    try_in(tx, "sam", code="000000")
    assert tx.execute(select(officers.officer)).all() == before


def test_codes_guessed_with_the_right_password_stop_strangers_and_not_the_person_s_own_browser(
    tx: Connection,
) -> None:
    person(tx, "sam")
    for _ in range(officers.FREE_CODES):
        officers.code_guessed(tx, "id-sam", at=AT)
    assert isinstance(try_in(tx, "sam"), Session), "no wait yet; and coming in ends the count"
    for _ in range(officers.FREE_CODES + 1):
        officers.code_guessed(tx, "id-sam", at=AT)
    later = AT + timedelta(seconds=29)
    assert try_in(tx, "sam", at=later) == Denied("wrong"), "in the words of any other mistake"
    assert isinstance(try_in(tx, "sam", at=later + timedelta(seconds=30), known=True), Session)


def test_one_code_opens_one_session_even_if_two_ask_at_once(tx: Connection) -> None:
    person(tx, "sam")
    attempt = Attempt("sam", True, pyotp.TOTP(SECRET).at(AT), "token-1", "csrf")
    judged = officers.judge(tx, attempt, VAULT, at=AT)
    assert not isinstance(judged, Denied)
    assert isinstance(officers.open_session(tx, judged, attempt, at=AT), Session)
    assert officers.open_session(tx, judged, replace(attempt, token="token-2"), at=AT) == Denied("wrong")


def test_a_session_that_was_used_but_could_not_be_noted_sleeps_by_its_use(tx: Connection) -> None:
    person(tx, "sam")
    try_in(tx, "sam")
    token, late = f"token-{AT.timestamp()}", AT + timedelta(hours=3)
    assert officers.session_of(tx, token, at=late) is None
    assert officers.session_of(tx, token, at=late, used_at=AT + timedelta(hours=2)) is not None


def test_a_session_sleeps_after_two_quiet_hours_and_never_outlives_a_watch(tx: Connection) -> None:
    person(tx, "sam")
    try_in(tx, "sam")
    token = f"token-{AT.timestamp()}"
    assert officers.session_of(tx, token, at=AT + timedelta(hours=2)) is not None
    assert officers.session_of(tx, token, at=AT + timedelta(hours=2, seconds=1)) is None
    for hour in range(1, 13):
        officers.seen(tx, token, at=AT + timedelta(hours=hour))
    assert officers.session_of(tx, token, at=AT + timedelta(hours=12)) is not None
    assert officers.session_of(tx, token, at=AT + timedelta(hours=12, seconds=1)) is None


def test_the_store_holds_no_token(tx: Connection) -> None:
    person(tx, "sam")
    try_in(tx, "sam")
    row = tx.execute(select(officers.officer_session)).one()
    assert f"token-{AT.timestamp()}" not in str(row)


def test_signing_out_ends_the_session(tx: Connection) -> None:
    person(tx, "sam")
    try_in(tx, "sam")
    token = f"token-{AT.timestamp()}"
    officers.sign_out(tx, token, at=AT)
    assert officers.session_of(tx, token, at=AT) is None


def test_a_closed_account_ends_its_sessions_and_signs_in_no_more(tx: Connection) -> None:
    person(tx, "sam")
    try_in(tx, "sam")
    officers.close_account(tx, "id-sam", by="id-kit", at=AT)
    assert officers.session_of(tx, f"token-{AT.timestamp()}", at=AT) is None
    assert isinstance(try_in(tx, "sam", at=AT + timedelta(minutes=2)), Denied)


# ------------------------------------------------------------------------------ roles


def test_an_administrator_sees_no_content_whatever_else_they_hold() -> None:
    both = Account("x", "x", "X", "nca", frozenset({"administrator", "supervisor"}))
    assert not both.may(Verb.READ) and not both.may(Verb.WRITE) and not both.may(Verb.RELEASE)
    assert both.may(Verb.ACCOUNTS)


@pytest.mark.parametrize("role", sorted(officers.VISITING))
def test_no_visiting_role_has_an_executive_verb(role: str) -> None:
    """UK-Frontex working arrangement WA-05: deployed staff exercise no executive powers."""
    for more in (frozenset[str](), frozenset({"supervisor"})):
        visitor = Account("x", "x", "X", "nca", frozenset({role}) | more)
        assert not visitor.may(Verb.EXECUTIVE)


def test_a_visiting_person_needs_an_end_date_and_no_other_role() -> None:
    with pytest.raises(AccountError, match="end date"):
        NewAccount("vic", "Vic (invented)", "nca", frozenset({"visiting_observer"}))
    with pytest.raises(AccountError, match="no other role"):
        NewAccount("vic", "Vic", "nca", frozenset({"visiting_observer", "officer"}), until=date(2027, 1, 1))


def test_a_visit_ends_on_its_day_by_itself(tx: Connection) -> None:
    person(tx, "vic", "visiting_liaison", until=date(2026, 11, 23))
    assert isinstance(try_in(tx, "vic", at=AT + timedelta(days=1)), Session)
    token = f"token-{(AT + timedelta(days=1)).timestamp()}"
    assert officers.session_of(tx, token, at=datetime(2026, 11, 24, 0, 1, tzinfo=UTC)) is None
    assert try_in(tx, "vic", at=AT + timedelta(days=2)) == Denied("ended")


def test_a_visit_is_not_entered_for_more_than_two_years(tx: Connection) -> None:
    with pytest.raises(AccountError, match="too far"):
        person(tx, "vic", "visiting_liaison", until=date(2030, 1, 1))


@pytest.mark.parametrize(
    ("login", "roles", "field"),
    [
        ("", {"officer"}, "login"),
        ("sam jones", {"officer"}, "login"),
        ("sam", {"boss"}, "roles"),
        ("sam", set(), "roles"),
    ],
)
def test_an_account_that_does_not_fit_is_refused_by_field(login: str, roles: set[str], field: str) -> None:
    with pytest.raises(AccountError) as fault:
        NewAccount(login, "Sam (invented)", "nca", frozenset(roles))
    assert fault.value.field == field


def test_a_sign_in_name_is_given_once(tx: Connection) -> None:
    person(tx, "sam")
    with pytest.raises(AccountError, match="taken"):
        officers.enrol(
            tx, NewAccount("SAM", "Other (invented)", "nca", frozenset({"officer"})), "other", at=AT
        )


def test_nobody_covers_for_themselves_or_without_leave_to_read(tx: Connection) -> None:
    person(tx, "sam")
    person(tx, "ada", "administrator")
    with pytest.raises(AccountError, match="themselves"):
        officers.cover(tx, "id-sam", "id-sam")
    with pytest.raises(AccountError, match="may not read"):
        officers.cover(tx, "id-sam", "id-ada")


# ------------------------------------------------------------------------------ two people


def recovery(tx: Connection, lost: Lost = Lost.BOTH) -> tuple[officers.Recovery, Account, Account]:
    person(tx, "sam")
    ada, kit = person(tx, "ada", "administrator"), person(tx, "kit", "supervisor")
    asked = officers.ask_recovery(tx, "id-sam", lost, "rang a known number", recovery_id="r", by=ada, at=AT)
    return asked, ada, kit


def test_one_person_alone_gives_nothing_back(tx: Connection) -> None:
    _, ada, _ = recovery(tx)
    with pytest.raises(AccountError, match="second person"):
        officers.grant_recovery(tx, "r", "code", by=ada, at=AT)
    assert officers.code_opens(tx, "sam", "code", at=AT) is None


def test_nobody_gives_back_to_themselves(tx: Connection) -> None:
    person(tx, "ada", "administrator")
    ada = officers.account(tx, "id-ada")
    with pytest.raises(AccountError, match="second person"):
        officers.ask_recovery(tx, "id-ada", Lost.BOTH, "me", recovery_id="r", by=ada, at=AT)


def test_the_lost_ones_owner_cannot_be_the_second_person(tx: Connection) -> None:
    person(tx, "sup", "supervisor")
    ada = person(tx, "ada", "administrator")
    officers.ask_recovery(tx, "id-sup", Lost.BOTH, "why", recovery_id="r", by=ada, at=AT)
    with pytest.raises(AccountError, match="second person"):
        officers.grant_recovery(tx, "r", "code", by=officers.account(tx, "id-sup"), at=AT)


def test_an_ordinary_officer_grants_nothing(tx: Connection) -> None:
    recovery(tx)
    with pytest.raises(AccountError, match="may not reset"):
        officers.grant_recovery(tx, "r", "code", by=person(tx, "joe"), at=AT)


def test_two_people_give_back_password_and_factor_and_end_every_session(tx: Connection) -> None:
    _, _, kit = recovery(tx)
    try_in(tx, "sam")
    officers.grant_recovery(tx, "r", "code", by=kit, at=AT)
    found = officers.code_opens(tx, "sam", "co de", at=AT)
    assert found is not None
    other = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"
    officers.finish_recovery(tx, found, VAULT, password_hash=HASH, secret=other, at=AT)
    assert officers.session_of(tx, f"token-{AT.timestamp()}", at=AT) is None
    assert isinstance(try_in(tx, "sam", at=AT + timedelta(minutes=5)), Denied)
    later = AT + timedelta(minutes=6)
    assert isinstance(try_in(tx, "sam", at=later, code=pyotp.TOTP(other).at(later)), Session)
    assert officers.code_opens(tx, "sam", "code", at=AT) is None


def test_a_lost_password_does_not_give_a_new_factor(tx: Connection) -> None:
    _, _, kit = recovery(tx, Lost.PASSWORD)
    granted = officers.grant_recovery(tx, "r", "code", by=kit, at=AT)
    officers.finish_recovery(tx, granted, VAULT, password_hash=HASH, secret="KRSXG5CTMVRXEZLU", at=AT)
    assert isinstance(try_in(tx, "sam", at=AT + timedelta(minutes=5)), Session)


def test_a_one_time_code_ends_after_a_day(tx: Connection) -> None:
    _, _, kit = recovery(tx)
    officers.grant_recovery(tx, "r", "code", by=kit, at=AT)
    assert officers.code_opens(tx, "sam", "code", at=AT + timedelta(hours=24)) is not None
    assert officers.code_opens(tx, "sam", "code", at=AT + timedelta(hours=24, seconds=1)) is None
    assert officers.code_opens(tx, "kit", "code", at=AT) is None


def test_a_request_without_a_reason_is_no_request(tx: Connection) -> None:
    person(tx, "sam")
    with pytest.raises(AccountError) as fault:
        officers.ask_recovery(
            tx, "id-sam", Lost.BOTH, " ", recovery_id="r", by=person(tx, "ada", "administrator"), at=AT
        )
    assert fault.value.field == "reason"


def test_what_was_granted_or_refused_is_not_granted_again(tx: Connection) -> None:
    _, ada, kit = recovery(tx)
    officers.refuse_recovery(tx, "r", by=ada, at=AT)
    with pytest.raises(AccountError, match="already"):
        officers.grant_recovery(tx, "r", "code", by=kit, at=AT)
    assert officers.waiting_recoveries(tx) == []
