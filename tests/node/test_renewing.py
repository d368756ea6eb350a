"""A card is renewed while messages wait: partners take the new one by themselves, and nothing is lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cordiale.demo import papers
from cordiale.errors import IdentityError, UsageError
from cordiale.exchange import renewal
from cordiale.exchange.peers import find_peer, remove_peer
from cordiale.node import exchange, renewing
from cordiale.node.audit import audit
from cordiale.node.home import CARD_DAYS
from cordiale.seals import NodeCard
from cordiale.simulation import Simulation
from cordiale.world import MemoryDisk

AT = datetime(2026, 11, 22, 20, tzinfo=UTC)
SIDES = {"UK": ("home-office",), "FR": ("police-judiciaire",)}
UK, FR = "UK/home-office", "FR/police-judiciaire"


def sea() -> Simulation:
    return Simulation.of(SIDES, seed=5, at=AT)


def send(play: Simulation, name: str) -> None:
    assert play.send(FR, papers.network_report(play.clock.now()), UK, name=name).verdict != "refuse"


def held(play: Simulation, side: str, node: str) -> NodeCard:
    peer = play.nodes[side].store.read(lambda tx: find_peer(tx, node))
    assert peer is not None
    return peer.card


def states(play: Simulation, *names: str) -> list[str]:
    return [one.state for name in names for one in play.lines(name)]


def test_messages_from_before_and_after_a_renewal_all_arrive_and_nobody_rings() -> None:
    with sea() as play:
        france = play.nodes["FR"]
        send(play, "first")
        play.settle()
        play.sea.down.add(play.nodes["UK"].id)
        send(play, "before")
        told = renewing.renew_card(france)
        send(play, "after")
        play.clock.step(3600)
        play.sea.down.clear()
        play.settle()
        assert states(play, "first", "before", "after") == ["delivered"] * 3
        assert (told["serial"], told["partners"]) == (2, "take it themselves")
        assert held(play, "UK", france.id) == france.keys.card
        assert not play.audit()


def test_two_renewals_while_a_partner_is_away_lose_nothing_either() -> None:
    with sea() as play:
        france = play.nodes["FR"]
        play.sea.down.add(play.nodes["UK"].id)
        for name in ("one", "two", "three"):
            send(play, name)
            renewing.renew_card(france)
            play.clock.step(60)
        play.clock.step(3600)
        play.sea.down.clear()
        play.settle()
        assert states(play, "one", "two", "three") == ["delivered"] * 3
        assert held(play, "UK", france.id).facts.serial == 4


def test_after_a_year_a_card_that_was_renewed_in_time_still_carries() -> None:
    with sea() as play:
        france, uk = play.nodes["FR"], play.nodes["UK"]
        play.clock.step(timedelta(days=CARD_DAYS - 20).total_seconds())
        assert "renew" in renewing.ends_soon(france)
        for one in (france, uk):
            renewing.renew_card(one)
        assert renewing.ends_soon(france) == ""
        send(play, "in time")
        play.settle()
        play.clock.step(timedelta(days=60).total_seconds())
        send(play, "a year on")
        play.settle()
        assert states(play, "a year on") == ["delivered"]


def test_a_card_that_says_more_than_the_one_before_waits_for_a_person_and_so_does_what_is_sent() -> None:
    with sea() as play:
        france, uk = play.nodes["FR"], play.nodes["UK"]
        renewing.renew_card(france, new_issuer=True)
        send(play, "waits")
        for _ in range(5):
            play.step()
        assert states(play, "waits") == ["waiting"]
        assert held(play, "UK", france.id).facts.serial == 1
        assert any(one["kind"] == "card" and "tls_issuer" in one["says"] for one in exchange.alarms(uk))
        card = exchange.own_card(france)
        exchange.add_peer(uk, exchange.card_bytes(card["card"]), words=card["words"], by="Invented")
        play.clock.step(3600)
        play.settle()
        assert states(play, "waits") == ["delivered"]


def test_distress_does_not_wait_for_a_card_to_be_taken() -> None:
    with Simulation.of({"UK": ("hm-coastguard",), "FR": ("cross-gris-nez",)}, seed=5, at=AT) as play:
        renewing.renew_card(play.nodes["FR"], new_issuer=True)
        play.open_distress("FR/cross-gris-nez", papers.distress_call(AT))
        play.step()
        assert play.confirm("UK/hm-coastguard").state


def test_a_notice_under_another_key_or_to_somebody_else_changes_nothing() -> None:
    with sea() as play:
        france, uk = play.nodes["FR"], play.nodes["UK"]
        before = held(play, "UK", france.id)
        renewing.renew_card(france)
        body = {"card": {}, "former": [], "node": france.id, "to": "somebody-else"}
        forged = [
            renewal._signed(france.contact, renewal.NOTICE_KIND, body),
            renewal._signed(uk.contact, renewal.NOTICE_KIND, body | {"to": uk.id}),
            renewal._signed(france.contact, "another kind", body | {"to": uk.id}),
            b"{}",
        ]
        service = play.sea.services[uk.id]
        assert [service(renewal.CARD, raw)[0] for raw in forged] == [400] * 4
        assert held(play, "UK", france.id) == before


def test_an_older_card_is_not_taken_back() -> None:
    with sea() as play:
        france, uk = play.nodes["FR"], play.nodes["UK"]
        first = france.keys.card
        renewing.renew_card(france)
        send(play, "new card")
        play.settle()
        france.contact.identity = replace(france.contact.identity, card=first)
        body = {"card": renewal.read_object(first.to_bytes()), "former": [], "node": france.id, "to": uk.id}
        status, _ = play.sea.services[uk.id](
            renewal.CARD, renewal._signed(france.contact, renewal.NOTICE_KIND, body)
        )
        assert status == 200 and held(play, "UK", france.id).facts.serial == 2
        assert any("not newer" in one["says"] for one in exchange.alarms(uk))


def test_many_odd_cards_are_one_alarm_and_none_of_their_words_is_repeated() -> None:
    with sea() as play:
        france, uk = play.nodes["FR"], play.nodes["UK"]
        whole = renewal.read_object(france.keys.card.to_bytes())
        before = held(play, "UK", france.id)
        for number in range(5):
            facts = {**whole["facts"], "serial": 9 + number, "authorities": ["Invented Person"]}
            body = {"card": whole | {"facts": facts}, "former": [], "node": france.id, "to": uk.id}
            raw = renewal._signed(france.contact, renewal.NOTICE_KIND, body)
            assert play.sea.services[uk.id](renewal.CARD, raw)[0] == 200
        told = [one for one in exchange.alarms(uk) if one["kind"] == "card"]
        assert len(told) == 1 and "Invented" not in str(told)
        assert held(play, "UK", france.id) == before


def test_a_partner_that_was_removed_renews_nothing() -> None:
    with sea() as play:
        france, uk = play.nodes["FR"], play.nodes["UK"]
        before = held(play, "UK", france.id)
        uk.store.write(lambda tx: remove_peer(tx, france.id))
        renewing.renew_card(france)
        card = renewal.read_object(france.keys.card.to_bytes())
        body = {"card": card, "former": [], "node": france.id, "to": uk.id}
        raw = renewal._signed(france.contact, renewal.NOTICE_KIND, body)
        assert play.sea.services[uk.id](renewal.CARD, raw)[0] == 400
        assert held(play, "UK", france.id) == before


def test_without_the_keys_from_the_safe_nothing_is_renewed_and_the_way_out_is_said() -> None:
    with sea() as play:
        france = play.nodes["FR"]
        assert isinstance(france.world.disk, MemoryDisk)
        files = france.world.disk.files
        for path in [one for one in files if "offline" in str(one)]:
            del files[path]
        with pytest.raises(UsageError, match="offline") as fault:
            renewing.renew_card(france)
        assert "safe" in str(fault.value.way_out)
        assert france.keys.card.facts.serial == 1
        assert audit(france).ok


def test_a_card_that_another_process_renewed_is_taken_into_use_by_the_running_node() -> None:
    with sea() as play:
        france = play.nodes["FR"]
        asked: list[str] = []
        france.certifiers.append(lambda: asked.append("certificate"))
        assert renewing.take_up(france) is False
        first = france.keys.card
        renewing.renew_card(france)
        renewed = france.keys.card
        # As it stands in a process that had opened this home before.
        france.keys = replace(france.keys, card=first)
        france.contact.identity = replace(france.contact.identity, card=first)
        asked.clear()
        assert renewing.take_up(france) and renewing.take_up(france) is False
        assert france.keys.card == renewed == france.contact.identity.card and asked == ["certificate"]
        send(play, "under the new card")
        play.settle()
        assert states(play, "under the new card") == ["delivered"]


def test_a_card_of_somebody_else_or_an_older_one_in_the_home_is_not_taken_into_use() -> None:
    with sea() as play:
        france, uk = play.nodes["FR"], play.nodes["UK"]
        first = france.keys.card.to_bytes()
        renewing.renew_card(france)
        now = france.keys.card
        for raw in (uk.keys.card.to_bytes(), first):
            france.world.disk.write(france.home / "card", raw)
            with pytest.raises(IdentityError, match="not the next card"):
                renewing.take_up(france)
            assert france.keys.card == now
