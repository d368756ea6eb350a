"""Two people give back what a third lost; a visiting officer's day ends; who may see what."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from cordiale.demo import papers
from cordiale.errors import AccountError, UsageError
from cordiale.node import Node, found, notices, open_node, people, reports
from cordiale.node.audit import audit
from cordiale.node.home import Founding
from cordiale.node.outside import World
from cordiale.node.papers import Draft
from cordiale.node.people import Denied, NewAccount, Proof, SignedIn
from cordiale.seals import ScryptCost
from cordiale.world import SteppedClock, SystemChance, SystemDisk

PHRASE = "an invented phrase for tests 7"
PASSWORD = "four invented words together"
OTHER = "another four invented words"
AT = datetime(2026, 11, 22, 20, tzinfo=UTC)


class Desk:
    """A node with a clock that moves when told to, and its invented people's second factors."""

    def __init__(self, home: Path) -> None:
        self.clock = SteppedClock(AT)
        self.factors: dict[str, str] = {}
        world = World(self.clock, SystemChance(), SystemDisk())
        founding = Founding("UK", ("home-office", "nca"), "ada", "Ada Invented", more={"hold_s": 0})
        made = found(home, founding, secrets=(PHRASE, PASSWORD), world=world, cost=ScryptCost(n=1 << 10))
        self.factors["ada"] = made.factor_secret
        self.node: Node = open_node(home, PHRASE, world=world, environment={})

    def appoint(self, login: str, *roles: str, until: date | None = None) -> people.Account:
        new = NewAccount(login, f"{login.title()} Invented", "home-office", frozenset(roles), until=until)
        account, self.factors[login] = people.found_account(self.node, new, PASSWORD)
        return account

    def code(self, login: str) -> str:
        self.clock.step(31)  # a code opens once
        return pyotp.TOTP(self.factors[login]).at(self.clock.now())

    def sign_in(self, login: str, password: str = PASSWORD) -> SignedIn | Denied:
        return people.sign_in(self.node, login, password, self.code(login))

    def proof(self, login: str, password: str = PASSWORD) -> Proof:
        return Proof(login, password, self.code(login))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "n")
    made.appoint("grace", "supervisor")
    made.appoint("olu", "officer")
    yield made
    assert audit(made.node).wrong == ()
    made.node.close()


def recover(desk: Desk, first: Proof, second: Proof, lost: str = "both") -> str:
    told = people.recover(desk.node, "olu", lost=lost, vouched=(first, second), reason="telephone lost")
    return str(told["code"])


def test_two_people_give_back_a_password_and_a_factor_and_the_third_signs_in(desk: Desk) -> None:
    code = recover(desk, desk.proof("ada"), desk.proof("grace"))
    given = people.redeem(desk.node, "olu", code, OTHER)
    assert given is not None
    desk.factors["olu"], address = given
    assert address.startswith("otpauth://")
    assert isinstance(desk.sign_in("olu", OTHER), SignedIn)
    assert isinstance(desk.sign_in("olu", PASSWORD), Denied)
    assert people.redeem(desk.node, "olu", code, OTHER) is None  # once


def test_the_ledger_names_both_who_vouched(desk: Desk) -> None:
    recover(desk, desk.proof("ada"), desk.proof("grace"))
    entries = desk.node.store.read(lambda tx: [one.entry.facts for one in desk.node.log.entries(tx)])
    by = {name: people.officer(desk.node, name).id for name in ("ada", "grace", "olu")}
    asked = next(one for one in entries if one.get("outcome") == "recovery_asked")
    granted = next(one for one in entries if one.get("outcome") == "recovery_granted")
    assert (asked["officer"], asked["account"]) == (by["ada"], by["olu"])
    assert granted["approver"] == by["grace"]


@pytest.mark.parametrize(("first", "second"), [("ada", "ada"), ("ada", "olu"), ("olu", "ada")])
def test_nobody_vouches_twice_or_for_themselves(desk: Desk, first: str, second: str) -> None:
    with pytest.raises((AccountError, UsageError)):
        recover(desk, desk.proof(first), desk.proof(second))
    assert people.waiting_recoveries(desk.node) == []


def test_one_person_who_cannot_sign_in_gives_nothing_back(desk: Desk) -> None:
    with pytest.raises(UsageError, match="grace"):
        recover(desk, desk.proof("ada"), desk.proof("grace", "not the password"))
    assert people.waiting_recoveries(desk.node) == []


def test_a_code_that_waited_longer_than_a_day_opens_nothing(desk: Desk) -> None:
    code = recover(desk, desk.proof("ada"), desk.proof("grace"))
    desk.clock.step(timedelta(hours=25).total_seconds())
    assert people.redeem(desk.node, "olu", code, OTHER) is None


def test_what_was_not_lost_is_not_given_anew(desk: Desk) -> None:
    code = recover(desk, desk.proof("ada"), desk.proof("grace"), lost="password")
    assert people.redeem(desk.node, "olu", code, OTHER) == ("", "")
    assert isinstance(desk.sign_in("olu", OTHER), SignedIn)
    with pytest.raises(UsageError, match="memory"):
        recover(desk, desk.proof("ada"), desk.proof("grace"), lost="memory")


def test_a_visiting_officer_works_until_the_last_day_and_not_after(desk: Desk) -> None:
    desk.appoint("visitor", "visiting_liaison", until=AT.date())
    signed = desk.sign_in("visitor")
    assert isinstance(signed, SignedIn)
    desk.clock.step(timedelta(hours=4).total_seconds())  # past midnight
    assert people.session(desk.node, signed.token) is None
    assert isinstance(desk.sign_in("visitor"), Denied)


def test_an_administrator_sees_no_content(desk: Desk) -> None:
    ada = people.officer(desk.node, "ada")
    draft = Draft("intelligence_report", *_report())
    for act in (
        lambda: reports.inbox(desk.node, ada),
        lambda: reports.outbox(desk.node, ada),
        lambda: reports.search(desk.node, ada, "boat", purpose="curious"),
        lambda: reports.open_message(desk.node, ada, "x", purpose="curious"),
        lambda: reports.failed_box(desk.node, ada),
        lambda: reports.decisions(desk.node, ada),
        lambda: reports.send(desk.node, ada, draft),
        lambda: notices.holders(desk.node, ada, "x"),
        lambda: notices.recall(desk.node, ada, "x", "inaccurate"),
    ):
        with pytest.raises(AccountError):
            act()


def _report(**changed: object) -> tuple[dict[str, object], dict[str, object], tuple[str, ...]]:
    paper = papers.claimant_report("IQ/iq-contact-point")
    return paper["body"], paper["asks"] | changed, ("IQ/iq-contact-point",)


def test_a_refusal_followed_by_a_changed_fact_is_shown_to_the_supervisor(desk: Desk) -> None:
    olu, grace = people.officer(desk.node, "olu"), people.officer(desk.node, "grace")
    first = reports.send(desk.node, olu, Draft("intelligence_report", *_report()))
    assert first.views[0].verdict == "refuse"
    told = papers.known_nobody_protected("s1", "IQ")
    reports.send(desk.node, olu, Draft("intelligence_report", *_report(subjects=[told])))
    newest, oldest = reports.decisions(desk.node, grace)
    assert newest["changed"] == ("subjects",) and oldest["changed"] == ()
    assert newest["officer"] == "Olu Invented"
    with pytest.raises(AccountError):
        reports.decisions(desk.node, olu)
