"""A node put back from an older backup asks its partners: what was forgotten comes back, and nothing twice.

Three invented nodes on real folders and databases; only clock, chance and wire are simulated.
"""

from __future__ import annotations

import shutil
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from cordiale.demo import papers
from cordiale.errors import ExchangeError, Transient
from cordiale.exchange import boxes, places, standing
from cordiale.exchange.service import MESSAGES
from cordiale.exchange.tables import inbox, outbox
from cordiale.ledger import Entry, Kind
from cordiale.ledger.tables import split_views
from cordiale.node import (
    Node,
    World,
    agreements,
    exchange,
    found,
    ledger,
    mending,
    open_node,
    renewing,
    reports,
    restored,
    witnessing,
)
from cordiale.node.audit import audit
from cordiale.node.backup import restore_backup, write_backup
from cordiale.node.doctor import examine
from cordiale.node.home import Founding
from cordiale.node.serving import service_of
from cordiale.seals import canonical, read_object, sign
from cordiale.simulation import CHEAP, PASSPHRASE, Sea, Simulation, _appoint
from cordiale.world import SeededChance, SteppedClock, SystemDisk

AT = datetime(2026, 11, 22, 20, tzinfo=UTC)
SIDES = {
    "UK": ("home-office", "hm-coastguard"),
    "FR": ("police-judiciaire", "cross-gris-nez"),
    "FRONTEX": ("frontex",),
}
UK, FR = "UK/home-office", "FR/police-judiciaire"
REGISTER = agreements.load()


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three nodes that know one another, made once: each test has a copy."""
    folder = tmp_path_factory.mktemp("homes")
    with sea() as made:
        for place, (side, authorities) in enumerate(SIDES.items()):
            world = World(made.clock, SeededChance(place), SystemDisk(), made.sea)
            founding = Founding(side, authorities, "ada", "Ada Invented", more={"hold_s": 0})
            secrets = (PASSPHRASE, "four invented words together")
            found(folder / side, founding, secrets=secrets, world=world, cost=CHEAP, register=REGISTER)
            node = enter(made, side, folder / side, world)
            for name in authorities:
                _appoint(node, name)
        made._introduce()
    return folder


@pytest.fixture
def play(homes: Path, tmp_path: Path) -> Iterator[Simulation]:
    shutil.copytree(homes, tmp_path, dirs_exist_ok=True)
    with sea() as made:
        for place, side in enumerate(SIDES, 10):
            world = World(made.clock, SeededChance(place), SystemDisk(), made.sea)
            enter(made, side, tmp_path / side, world)
        yield made


def sea() -> Simulation:
    return Simulation(5, SteppedClock(AT), Sea(SeededChance(5)))


def enter(made: Simulation, side: str, home: Path, world: World) -> Node:
    node = open_node(home, PASSPHRASE, world=world, environment={}, register=REGISTER)
    made.nodes[side] = node
    made.sea.services[node.id] = service_of(node)
    return node


def put_back(made: Simulation, side: str, file: Path) -> dict[str, Any]:
    """The disk of a node is lost; it comes back from a backup."""
    node = made.nodes[side]
    node.close()
    shutil.rmtree(node.home)
    told = restore_backup(file, node.home, passphrase=PASSPHRASE, world=node.world)
    enter(made, side, node.home, node.world)
    return told


def report(made: Simulation, sender: str, recipient: str, name: str) -> None:
    paper = papers.network_report(made.clock.now())
    assert made.send(sender, paper, recipient, name=name).verdict != "refuse"


def went(node: Node) -> list[tuple[Any, ...]]:
    c = outbox.c
    rows = node.store.read(
        lambda tx: tx.execute(select(c.lane, c.sequence, c.id, c.state).order_by(c.sequence)).all()
    )
    return [tuple(row) for row in rows]


def came(node: Node) -> list[tuple[Any, ...]]:
    c = inbox.c
    rows = node.store.read(
        lambda tx: tx.execute(select(c.lane, c.sequence, c.id, c.outcome).order_by(c.sequence)).all()
    )
    return [tuple(row) for row in rows]


def tray(made: Simulation, party: str, direction: str) -> list[str]:
    node, officer = made.officer(party)
    lines = (reports.inbox if direction == "in" else reports.outbox)(node, officer)
    return sorted(f"{one.type} {one.state}" for one in lines)


def kinds(node: Node) -> set[str]:
    return {str(one["kind"]) for one in exchange.alarms(node)}


def test_what_was_sent_received_and_recalled_since_the_backup_is_there_again_on_both_sides(
    play: Simulation, tmp_path: Path
) -> None:
    uk, france = play.nodes["UK"], play.nodes["FR"]
    report(play, FR, UK, "held before")
    report(play, UK, FR, "sent before")
    report(play, UK, FR, "to be recalled by us")
    play.settle()
    write_backup(uk, tmp_path / "b")
    report(play, FR, UK, "came after")
    report(play, FR, UK, "came and went after")
    report(play, UK, FR, "sent after")
    play.settle()
    play.notify("held before", "recall")
    play.notify("came and went after", "recall")
    play.notify("to be recalled by us", "recall")
    play.settle()
    before = (came(uk), went(france), came(france))
    trays = [tray(play, UK, "in"), tray(play, UK, "out")]
    told = put_back(play, "UK", tmp_path / "b")
    assert told["ok"] and "cordiale doctor" in told["next"]
    uk = play.nodes["UK"]
    assert "intelligence_report received" in tray(play, UK, "in")
    play.step()
    play.settle()
    after = (came(uk), went(france), came(france))
    assert after == before, "the state of both sides agrees, and no number was given twice"
    assert [row[:3] for row in went(uk)] == [row[:3] for row in came(france)]
    gone = "intelligence_report recalled"
    assert tray(play, UK, "in").count(gone) == trays[0].count(gone) - 1, "of one not even a line was kept"
    assert tray(play, UK, "out") == trays[1]
    assert list(restored.silent(uk)) == []
    report(play, UK, FR, "written anew")
    report(play, FR, UK, "answered anew")
    play.settle()
    assert [row[:3] for row in went(uk)] == [row[:3] for row in came(france)]
    assert tray(play, FR, "in").count("intelligence_report received") == 3
    assert "fork" not in kinds(france) | kinds(uk) and "split_view" not in kinds(france)
    assert [audit(one).wrong for one in play.nodes.values()] == [(), (), ()]


def test_what_was_posted_before_the_partner_told_makes_way_and_goes_behind(
    play: Simulation, tmp_path: Path
) -> None:
    uk, france = play.nodes["UK"], play.nodes["FR"]
    write_backup(uk, tmp_path / "b")
    for name in ("one", "two", "three"):
        report(play, UK, FR, name)
    play.settle()
    play.sea.down.add(france.id)
    put_back(play, "UK", tmp_path / "b")
    uk = play.nodes["UK"]
    report(play, UK, FR, "written while France was away")
    play.step()
    assert [row[1] for row in went(uk)] == [1]
    assert "restored" in kinds(uk)
    assert any(france.id in one for one in restored.silent(uk))
    play.sea.down.clear()
    play.clock.step(60)
    for _ in range(3):
        play.step()
    play.settle()
    assert [row[1] for row in came(france)] == [1, 2, 3, 4]
    assert [row[:3] for row in went(uk) if row[1] > 0] == [row[:3] for row in came(france)]
    assert "restored" not in kinds(uk), "the partner has told"
    assert "fork" not in kinds(france)
    assert [audit(one).wrong for one in play.nodes.values()] == [(), (), ()]


def test_a_shorter_ledger_is_told_on_both_sides_and_cosigned_again_only_when_a_person_accepts_it(
    play: Simulation, tmp_path: Path
) -> None:
    uk, france, frontex = (play.nodes[one] for one in SIDES)
    report(play, UK, FR, "before")
    play.settle()
    write_backup(uk, tmp_path / "b")
    report(play, UK, FR, "after")
    play.settle()
    assert witnessing.ask_partners(uk) == 2
    seen = ledger.size(uk)
    put_back(play, "UK", tmp_path / "b")
    uk = play.nodes["UK"]
    for _ in range(3):
        play.step()
    play.settle()
    assert "ledger_lost" in kinds(uk) and "ledger_restarted" in kinds(france)
    (says,) = [one["says"] for one in exchange.alarms(france) if one["kind"] == "ledger_restarted"]
    assert f"we had seen {seen}" in str(says)
    while ledger.size(uk) <= seen + 2:  # past the size at which two roots would be two histories
        report(play, UK, FR, "more")
        play.settle()
    assert {"split_view", "fork"} & (kinds(france) | kinds(uk) | kinds(frontex)) == set()
    assert witnessing.ask_partners(uk) == 0, "nobody cosigns what contradicts what they cosigned"
    with pytest.raises(ExchangeError, match="name who"):
        exchange.accept_ledger(france, uk.id, by=" ")
    told = exchange.accept_ledger(france, uk.id, by="Ada Invented")
    assert told["cosigned_before"] == seen and told["goes_on_from"] < seen
    assert witnessing.ask_partners(uk) == 1, "France again; Frontex has not accepted"
    with pytest.raises(ExchangeError, match="has said of no ledger"):
        exchange.accept_ledger(france, uk.id, by="Ada Invented")
    evidence = france.store.read(lambda tx: tx.execute(select(split_views)).all())
    assert len(evidence) == 1 and evidence[0].held != evidence[0].seen
    states = [one.facts.get("state") for one in entries(france, Kind.PEER)]
    assert states.count("ledger_restarted") == states.count("ledger_accepted") == 1
    assert [audit(one).wrong for one in play.nodes.values()] == [(), (), ()]


def entries(node: Node, kind: Kind) -> list[Entry]:
    return node.store.read(lambda tx: [one.entry for one in node.log.entries(tx, kind=kind)])


def test_an_older_copy_of_the_database_that_nobody_called_a_restore_is_seen_at_the_start(
    play: Simulation, tmp_path: Path
) -> None:
    uk = play.nodes["UK"]
    report(play, UK, FR, "before")
    play.settle()
    write_backup(uk, tmp_path / "b")
    report(play, UK, FR, "after")
    play.settle()
    uk.close()
    shutil.rmtree(uk.home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(restored, "begin", lambda node: 0)  # a snapshot of a machine says nothing
        restore_backup(tmp_path / "b", uk.home, passphrase=PASSPHRASE, world=uk.world)
    uk = enter(play, "UK", uk.home, uk.world)
    assert uk.store.read(lambda tx: places.loss(tx, uk.contact)) is None
    uk.courier.places.always = True  # as `start` does
    report(play, UK, FR, "anew")
    play.step()
    play.settle()
    assert uk.store.read(lambda tx: places.loss(tx, uk.contact)) is not None
    assert [row[:3] for row in went(uk) if row[1] > 0] == [row[:3] for row in came(play.nodes["FR"])]
    assert [row[1] for row in came(play.nodes["FR"])] == [1, 2, 3]
    assert "fork" not in kinds(play.nodes["FR"])
    assert [audit(one).wrong for one in play.nodes.values()] == [(), (), ()]


def test_many_messages_come_back_page_by_page(
    play: Simulation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "HELD_MAX", 2)
    write_backup(play.nodes["UK"], tmp_path / "b")
    for name in "abcde":
        report(play, UK, FR, name)
    play.settle()
    for name in "bcd":  # of these France holds the place and no bytes
        play.notify(name, "erase")
    play.settle()
    put_back(play, "UK", tmp_path / "b")
    play.step()
    report(play, UK, FR, "f")
    play.settle()
    uk, france = play.nodes["UK"], play.nodes["FR"]
    assert [row[1] for row in came(france)] == list(range(1, 10))
    assert {row[1] for row in went(uk)} == {1, 5, 6, 7, 8, 9}
    assert tray(play, UK, "out") == ["intelligence_report delivered"] * 3
    assert [audit(one).wrong for one in play.nodes.values()] == [(), (), ()]


def test_distress_waits_for_no_place_and_what_was_called_before_is_told(
    play: Simulation, tmp_path: Path
) -> None:
    uk, france = play.nodes["UK"], play.nodes["FR"]
    write_backup(uk, tmp_path / "b")
    put_back(play, "UK", tmp_path / "b")
    uk = play.nodes["UK"]
    wire = uk.courier.wire
    asked: list[str] = []

    def only_messages(peer: str, path: str, body: bytes, *, wait_s: float = 30.0) -> Any:
        asked.append(path)
        if path != MESSAGES:
            raise Transient("nothing else gets through")
        return wire.post(peer, path, body, wait_s=wait_s)

    uk.courier.wire = SimpleNamespace(post=only_messages)
    play.open_distress("UK/hm-coastguard", papers.distress_call(AT))
    report(play, UK, FR, "ordinary")
    uk.courier.round()
    assert [(row[0], row[3]) for row in came(france)] == [("distress", "accepted")]
    assert standing.PLACES in asked
    uk.courier.wire = wire
    play.clock.step(60)
    for _ in range(3):
        play.step()
    play.settle()
    assert [row[0] for row in came(france)].count("main") == 1
    assert [audit(one).wrong for one in play.nodes.values()] == [(), (), ()]


def test_a_distress_call_of_the_forgotten_hours_is_told_to_a_person(play: Simulation, tmp_path: Path) -> None:
    uk, france = play.nodes["UK"], play.nodes["FR"]
    write_backup(uk, tmp_path / "b")
    play.open_distress("UK/hm-coastguard", papers.distress_call(AT))
    play.settle()
    put_back(play, "UK", tmp_path / "b")
    uk = play.nodes["UK"]
    play.open_distress("UK/hm-coastguard", papers.distress_call(AT))  # it asks for no place first
    for _ in range(3):
        play.step()
    play.settle()
    assert any("a distress call" in str(one["says"]) for one in exchange.alarms(uk))
    assert [row[3] for row in came(france)] == ["accepted", "accepted"]
    assert sorted(row[2] for row in went(uk)) == sorted(row[2] for row in came(france))
    assert [audit(one).wrong for one in play.nodes.values()] == [(), (), ()]


@pytest.mark.parametrize("lie", ["another's bytes", "another receipt", "another answer", "another lane"])
def test_an_answer_that_does_not_hold_changes_nothing_and_is_told_to_a_person(
    play: Simulation, tmp_path: Path, lie: str
) -> None:
    write_backup(play.nodes["UK"], tmp_path / "b")
    report(play, UK, FR, "one")
    report(play, UK, FR, "two")
    play.settle()
    put_back(play, "UK", tmp_path / "b")
    uk, france = play.nodes["UK"], play.nodes["FR"]
    honest = play.sea.services[france.id]

    def lying(path: str, body: bytes, **known: Any) -> tuple[int, bytes]:
        status, answer = honest(path, body, **known)
        if path != standing.PLACES:
            return status, answer
        told = dict(read_object(answer, bytes_max=1 << 24)["body"])
        first, second = (dict(one) for one in told["held"])
        if lie == "another's bytes":
            first["raw"] = second["raw"]
        elif lie == "another receipt":
            first["receipt"] = second["receipt"]
        elif lie == "another lane":
            first["lane"] = "distress"
        else:
            told["asked"] = "sha256:" + "0" * 64
        raw = canonical(told | {"held": [first, second]})
        signature = sign(standing.TELL_KIND, raw, france.keys.signing).to_bytes()
        return 200, canonical({"body": read_object(raw), "signature": b64encode(signature).decode()})

    play.sea.services[france.id] = lying
    report(play, UK, FR, "held up")
    play.step()
    assert [row[1] for row in went(uk)] == [1] and len(came(france)) == 2
    assert any(one["kind"] == "restored" and places.BAD in str(one["says"]) for one in exchange.alarms(uk))
    play.sea.services[france.id] = honest
    play.clock.step(600)
    for _ in range(3):
        play.step()
    play.settle()
    assert [row[1] for row in came(france)] == [1, 2, 3]
    assert [audit(one).wrong for one in play.nodes.values()] == [(), (), ()]


def test_what_was_on_hold_at_the_backup_lies_before_a_person_and_goes_by_no_machine(
    play: Simulation, tmp_path: Path
) -> None:
    uk = play.nodes["UK"]
    object.__setattr__(uk.settings, "hold_s", 30)
    report(play, UK, FR, "on hold")
    write_backup(uk, tmp_path / "b")
    told = put_back(play, "UK", tmp_path / "b")
    assert told["off_hold"] == 1
    assert told["prints_not_recorded"] == "from 2026-11-22 20:00 to 2026-11-22 20:00 UTC"
    assert "prints_forgotten" in [one.kind for one in play.nodes["UK"].store.read(boxes.alarms)]
    play.clock.step(60)
    play.step()
    play.settle()
    assert came(play.nodes["FR"]) == []
    node, officer = play.officer(UK)
    (aside,) = mending.aside(node, officer)
    assert aside.ways == ("anew",) and "may have gone since" in aside.reason


def test_what_was_on_hold_at_the_backup_and_went_since_is_sent_again_by_nobody(
    play: Simulation, tmp_path: Path
) -> None:
    uk = play.nodes["UK"]
    object.__setattr__(uk.settings, "hold_s", 30)
    report(play, UK, FR, "on hold")
    write_backup(uk, tmp_path / "b")
    play.clock.step(60)
    play.step()
    play.settle()
    put_back(play, "UK", tmp_path / "b")
    play.clock.step(60)
    for _ in range(2):
        play.step()
    play.settle()
    node, officer = play.officer(UK)
    assert mending.aside(node, officer) == []
    assert tray(play, UK, "out") == ["intelligence_report delivered"]
    (line,) = reports.outbox(node, officer)
    assert reports.open_message(node, officer, line.reference, purpose="a test").body
    assert len(came(play.nodes["FR"])) == 1


def test_the_doctor_names_a_partner_until_it_has_told(play: Simulation, tmp_path: Path) -> None:
    uk, france = play.nodes["UK"], play.nodes["FR"]
    write_backup(uk, tmp_path / "b")
    play.sea.down.add(france.id)
    put_back(play, "UK", tmp_path / "b")
    play.step()
    uk = play.nodes["UK"]
    wrong = [one for one in examine(uk.home, lambda: PASSPHRASE, world=uk.world).wrong if "told since" in one]
    assert len(wrong) == 1 and france.id in wrong[0]
    play.sea.down.clear()
    play.clock.step(60)
    play.step()
    wrong = [one for one in examine(uk.home, lambda: PASSPHRASE, world=uk.world).wrong if "told since" in one]
    assert wrong == []


def test_a_renewal_after_a_restore_takes_no_serial_that_a_partner_knows(
    play: Simulation, tmp_path: Path
) -> None:
    uk, france = play.nodes["UK"], play.nodes["FR"]
    shutil.copytree(uk.home / "offline", tmp_path / "safe")
    write_backup(uk, tmp_path / "b")
    renewing.renew_card(uk)
    play.step()
    put_back(play, "UK", tmp_path / "b")
    play.step()
    uk = play.nodes["UK"]
    assert uk.keys.card.facts.serial == 1 and "card" in kinds(uk)
    shutil.copytree(tmp_path / "safe", uk.home / "offline")
    assert renewing.renew_card(uk)["serial"] == 3
    play.clock.step(120)
    report(play, UK, FR, "under the third card")
    play.settle()
    assert len(came(france)) == 1


def test_the_pages_of_a_restored_node_stay_shut_until_what_was_lost_has_come(
    play: Simulation, tmp_path: Path
) -> None:
    uk = play.nodes["UK"]
    write_backup(uk, tmp_path / "b")
    for name in ("one", "two"):
        report(play, FR, UK, name)
    play.settle()
    put_back(play, "UK", tmp_path / "b")
    uk = play.nodes["UK"]
    said: list[str] = []
    seen: list[int] = []

    def pause(_: float) -> bool:
        play.step()
        seen.append(len(came(uk)))
        return False

    restored.wait_for_partners(uk, said.append, pause)
    assert len(said) == 1 and "before the pages open" in said[0]
    assert len(came(uk)) == 2 and seen, "the pages open when both are here again"
    restored.wait_for_partners(uk, said.append, pause)
    assert len(said) == 1, "an ordinary start waits for nobody"


def test_a_partner_that_is_away_keeps_the_pages_shut_for_a_while_only_and_is_named(
    play: Simulation, tmp_path: Path
) -> None:
    uk, france = play.nodes["UK"], play.nodes["FR"]
    write_backup(uk, tmp_path / "b")
    play.sea.down.add(france.id)
    put_back(play, "UK", tmp_path / "b")
    uk = play.nodes["UK"]
    said: list[str] = []

    def pause(_: float) -> bool:
        play.step(5)
        return False

    restored.wait_for_partners(uk, said.append, pause)
    assert len(said) == 2 and france.id in said[1] and "Ring it" in said[1]


def test_a_clock_that_is_astray_holds_up_no_ordinary_start_and_an_old_loss_is_not_believed(
    play: Simulation, tmp_path: Path
) -> None:
    uk, france = play.nodes["UK"], play.nodes["FR"]
    uk.courier.places.always = True
    report(play, UK, FR, "sent an hour late")
    question, _ = uk.store.read(lambda tx: places._question(tx, uk.contact, france.id, {}))
    play.clock.step(3600)
    assert play.sea.services[france.id](standing.PLACES, question)[0] == 200
    uk.store.write(lambda tx: places.note_loss(tx, uk.contact))
    question, _ = uk.store.read(lambda tx: places._question(tx, uk.contact, france.id, {}))
    play.clock.step(3600)
    assert play.sea.services[france.id](standing.PLACES, question)[0] == 400
