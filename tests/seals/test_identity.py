"""The chain: Side key, authority key, node card, dates, revocation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from random import Random

import pytest

from cordiale.errors import IdentityError, SealError
from cordiale.seals import (
    NodeCard,
    NodeFacts,
    Revocation,
    SigningKeys,
    canonical,
    read_object,
    read_time,
    write_time,
)
from cordiale.seals.identity import AUTHORITIES_MAX
from tests.ledger.scene import AT, agency, fr, uk


def test_a_card_holds_under_its_sides_key_and_under_no_other() -> None:
    uk().card.check(uk().side_keys.public(), AT)
    for other in (fr().side_keys, SigningKeys.generate(), uk().authority_keys, uk().signing):
        with pytest.raises(IdentityError, match="link of the chain"):
            uk().card.check(other.public(), AT)


def test_a_card_holds_between_its_dates_only() -> None:
    card, side = uk().card, uk().side_keys.public()
    begins, ends = card.facts.valid_from, card.facts.valid_until
    card.check(side, begins)
    card.check(side, ends - timedelta(seconds=1))
    for at in (begins - timedelta(seconds=1), ends, ends + timedelta(days=900)):
        with pytest.raises(IdentityError, match="holds from"):
            card.check(side, at)


def test_a_card_that_outlives_its_authoritys_key_ends_with_that_key() -> None:
    one = agency("UK", "nca", days=10)
    longer = replace(one.card.facts, valid_until=one.card.facts.valid_until + timedelta(days=900))
    name = longer.authorities[0]
    card = NodeCard.issue(longer, {name: (one.card.authority_keys[0], one.authority_keys)})
    with pytest.raises(IdentityError, match="key of authority"):
        card.check(one.side_keys.public(), one.card.facts.valid_until)


def test_a_card_is_the_same_after_it_was_written_and_read() -> None:
    raw = uk().card.to_bytes()
    assert NodeCard.from_bytes(raw) == uk().card
    assert NodeCard.from_bytes(raw).digest() == uk().card.digest() != fr().card.digest()


def test_a_node_speaks_for_the_authorities_on_its_card_only() -> None:
    assert uk().card.speaks_for("UK", "border-force")
    assert not uk().card.speaks_for("UK", "nca")
    assert not uk().card.speaks_for("FR", "border-force")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("node", "uk-nca"),
        ("serial", 2),
        ("address", "https://127.0.0.1:1"),
        ("ledger_origin", "x"),
        ("until", ""),
    ],
)
def test_an_altered_fact_breaks_the_chain(name: str, value: object) -> None:
    fields = read_object(uk().card.to_bytes())
    facts = fields["facts"]
    assert isinstance(facts, dict)
    raw = canonical({**fields, "facts": {**facts, name: value}})
    with pytest.raises(IdentityError):
        NodeCard.from_bytes(raw).check(uk().side_keys.public(), AT)


def test_no_authority_can_be_added_without_its_own_key() -> None:
    facts = replace(uk().card.facts, authorities=(*uk().card.facts.authorities, "nca"))
    with pytest.raises(IdentityError, match="No key was given"):
        NodeCard.issue(facts, {})
    with pytest.raises(IdentityError, match="one key for each"):
        replace(uk().card, facts=facts).check(uk().side_keys.public(), AT)
    with pytest.raises(IdentityError, match="one key for each"):
        replace(uk().card, signatures=()).check(uk().side_keys.public(), AT)


def test_an_authority_of_another_side_signs_nothing_here() -> None:
    foreign = replace(uk().card.authority_keys[0], side="FR")
    with pytest.raises(IdentityError, match="another Side"):
        replace(uk().card, authority_keys=(foreign,)).check(uk().side_keys.public(), AT)


@pytest.mark.parametrize(
    "change",
    [
        {"authorities": ()},
        {"authorities": ("b", "a")},
        {"authorities": ("a", "a")},
        {"authorities": tuple(f"a{i:02}" for i in range(AUTHORITIES_MAX + 1))},
        {"serial": 0},
        {"valid_until": AT - timedelta(days=900)},
    ],
)
def test_facts_that_cannot_be_are_not_built(change: dict[str, object]) -> None:
    with pytest.raises(IdentityError):
        replace(uk().card.facts, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"facts": []},
        {"authority_keys": {}},
        {"authority_keys": [1]},
        {"signatures": None},
        {"signatures": ["AAAA"]},
        {"more": 1},
        {"authority_keys": [{}]},
        {"facts": {}},
    ],
)
def test_a_card_out_of_form_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(SealError):
        NodeCard.from_bytes(canonical({**read_object(uk().card.to_bytes()), **change}))


@pytest.mark.parametrize(
    ("name", "value"), [("serial", "1"), ("serial", True), ("authorities", "a"), ("node", 3)]
)
def test_facts_of_other_types_are_refused(name: str, value: object) -> None:
    with pytest.raises(IdentityError):
        NodeFacts.from_json({**uk().card.facts.as_json(), name: value})


def test_times_have_one_spelling() -> None:
    assert read_time(write_time(AT)) == AT
    for wrong in ("2026-03-01", "2026-3-1T00:00:00Z", "2026-03-01T00:00:00+00:00", 5, None):
        with pytest.raises(IdentityError):
            read_time(wrong)
    with pytest.raises(SealError, match="without zone"):
        write_time(datetime(2026, 3, 1))


def test_a_revocation_strikes_the_nodes_and_the_authoritys_key_from_its_moment_on() -> None:
    for keys in (uk().signing, uk().authority_keys):
        word = Revocation.issue(uk().side_keys, side="UK", key=keys.public().id(), revoked_from=AT)
        read = Revocation.from_bytes(word.to_bytes())
        assert read == word
        read.check(uk().side_keys.public())
        assert read.strikes(uk().card, AT)
        assert not read.strikes(uk().card, AT - timedelta(seconds=1))
        assert not read.strikes(fr().card, AT)
        with pytest.raises(IdentityError):
            read.check(fr().side_keys.public())
        with pytest.raises(IdentityError):
            replace(read, revoked_from=AT + timedelta(days=1)).check(uk().side_keys.public())


def test_a_time_is_read_in_one_spelling_and_written_as_the_slow_way_writes_it() -> None:
    chance = Random(20261122)
    for _ in range(5_000):
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(4_000_000_000))
        text = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert write_time(at.astimezone(timezone(timedelta(hours=2)))) == text and read_time(text) == at
        place = chance.randrange(len(text))
        odd = text[:place] + chance.choice("0123456789TZ:- +\u0661") + text[place + chance.randrange(2) :]
        try:
            plain = datetime.strptime(odd, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            slow = plain if plain.year > 999 and plain.strftime("%Y-%m-%dT%H:%M:%SZ") == odd else None
        except ValueError:
            slow = None
        try:
            assert read_time(odd) == slow or (slow is None and odd[0] == "0"), odd
        except IdentityError:
            assert slow is None, odd
