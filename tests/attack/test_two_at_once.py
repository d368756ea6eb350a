"""What if two people do the same thing in the same moment? One of them is told so; nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from cordiale.errors import AccountError, CordialeError, UsageError
from cordiale.node import exchange, open_node, people
from cordiale.node.audit import audit
from cordiale.node.home import alone
from cordiale.officers import recovery
from tests.node.test_people import OTHER, PASSWORD, PHRASE, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "n")
    made.appoint("grace", "supervisor")
    made.appoint("ivy", "administrator")
    made.appoint("olu", "officer")
    yield made
    assert audit(made.node).wrong == ()
    made.node.close()


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each returned or raised, all begun at one moment."""
    start = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        start.wait(10)
        try:
            return act()
        except CordialeError as wrong:
            return wrong

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def account(desk: Desk, login: str) -> people.Account:
    return people.officer(desk.node, login)


def test_a_code_that_two_hold_opens_for_one_of_them(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both were let in while the code still stood: whoever comes second changes nothing any more."""
    told = people.recover(
        desk.node, "olu", lost="password", vouched=(desk.proof("ada"), desk.proof("grace")), reason="invented"
    )
    start, plain = Barrier(2), recovery.code_opens

    def slow(*given: Any, **named: Any) -> Any:
        found = plain(*given, **named)
        start.wait(10)
        return found

    monkeypatch.setattr("cordiale.officers.code_opens", slow)
    first, second = together(
        lambda: people.redeem(desk.node, "olu", told["code"], OTHER),
        lambda: people.redeem(desk.node, "olu", told["code"], f"{OTHER} still"),
    )
    (refused,) = [one for one in (first, second) if isinstance(one, AccountError)]
    assert "used or ended" in str(refused)
    kept = OTHER if second is refused else f"{OTHER} still"
    lost = f"{OTHER} still" if second is refused else OTHER
    assert isinstance(desk.sign_in("olu", lost), people.Denied)
    assert isinstance(desk.sign_in("olu", kept), people.SignedIn)


def test_two_administrators_cannot_reset_each_other_by_themselves(desk: Desk) -> None:
    ada, ivy = account(desk, "ada"), account(desk, "ivy")
    of_ivy = people.ask_recovery(desk.node, ada, ivy.id, "both", reason="invented")
    of_ada = people.ask_recovery(desk.node, ivy, ada.id, "both", reason="invented")
    for by, asked in ((ada, of_ivy), (ivy, of_ivy), (ada, of_ada), (ivy, of_ada)):
        with pytest.raises(AccountError):
            people.grant_recovery(desk.node, by, asked.id)
    granted, code = people.grant_recovery(desk.node, account(desk, "grace"), of_ivy.id)
    assert granted.officer == ivy.id and code


def test_one_request_is_granted_once_however_many_grant_it_at_once(desk: Desk) -> None:
    asked = people.ask_recovery(
        desk.node, account(desk, "ada"), account(desk, "olu").id, "password", reason="invented"
    )
    ivy, grace = account(desk, "ivy"), account(desk, "grace")
    outcomes = together(
        lambda: people.grant_recovery(desk.node, ivy, asked.id),
        lambda: people.grant_recovery(desk.node, grace, asked.id),
    )
    assert sorted(isinstance(one, AccountError) for one in outcomes) == [False, True]


def test_the_same_code_of_an_authenticator_opens_one_session_of_two(desk: Desk) -> None:
    code = desk.code("olu")
    outcomes = together(*[lambda: people.sign_in(desk.node, "olu", PASSWORD, code)] * 4)
    assert sum(isinstance(one, people.SignedIn) for one in outcomes) == 1


def test_a_second_process_of_one_home_is_refused_and_a_look_beside_it_is_not(desk: Desk) -> None:
    home, disk = desk.node.home, desk.node.world.disk
    with alone(home, disk):
        with pytest.raises(UsageError, match="in use"), alone(home, disk):
            pass
        with open_node(home, PHRASE, environment={}) as beside:
            assert exchange.peers(beside) == []
