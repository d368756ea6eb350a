"""The fast ways through a payload are the slow ones': reading, listing leaves, checking values, and what may
not be read. 20,000 bodies spoilt at random; seeds are printed.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from cordiale.errors import PayloadError
from cordiale.payloads import (
    TYPES,
    Partial,
    Payload,
    codec,
    decode,
    encode,
    itemise,
    items,
    only,
    outline,
    outlines,
    written,
)
from cordiale.payloads.items import leaves_of
from cordiale.payloads.model import Slot, check, check_one, fitting, fitting_one, slots
from cordiale.payloads.outlines import OUTLINES_MAX, outline_of
from cordiale.payloads.specimens import SPECIMENS
from cordiale.seals import canonical_reference

FIRST_SEED = int(os.environ.get("CORDIALE_SEED", "20261122"))
BLOCK = 1_000
BLOCKS = 20
EVERY = sorted(SPECIMENS)
ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        0,
        -1,
        10**13,
        10**30,
        1.5,
        float("nan"),
        "",
        " ",
        "x" * 300,
        "a\x00b",
        "\ud800",
        "s1",
        "s2",
    ),
    *("2026-11-02", "2026-11-02T08:00:00Z", "2026-11-02T08:00:00+01:00", "2026-11-02T08:00:00", "FR", "fr"),
    *([], {}, (), [[]], [None], ["s1", "s1"], {"text": "x"}, {"passages": [], "digest": ""}),
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (object or list, key or index) of a tree."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield value, key
            yield from places(inner)


def spoilt(raw: dict[str, Any], chance: Random) -> dict[str, Any]:
    """A copy with something wrong in one or two places, or nothing that anybody minds."""
    out = copy.deepcopy(raw)
    for _ in range(chance.choice((1, 1, 2))):
        where, key = chance.choice(list(places(out["body"])))
        match chance.randrange(5):
            case 0:
                where[key] = copy.deepcopy(chance.choice(ODD))
            case 1:
                del where[key]
            case 2 if isinstance(where, dict):
                where[chance.choice(("shoe", "subject", "digest"))] = copy.deepcopy(chance.choice(ODD))
            case 3 if isinstance(where[key], list):
                where[key] = chance.choice((tuple(where[key]), where[key] * 2, where[key][::-1]))
            case _:
                other, name = chance.choice(list(places(out["body"])))
                where[key] = copy.deepcopy(other[name])
        if not out["body"]:
            return out
    return out


def outcome(type_id: str, raw: Any) -> Any:
    """What was read, or all that its error says."""
    try:
        return decode(type_id, raw)
    except PayloadError as wrong:
        return wrong.message, wrong.field, wrong.way_out


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + BLOCKS))
def test_a_body_is_read_and_refused_as_the_reference_does(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance, swiftly, read = Random(seed), codec.swiftly, 0
    print(f"seed {seed}")
    for number in range(BLOCK):
        type_id, model = chance.choice(EVERY)
        raw = spoilt(json.loads(json.dumps(encode(SPECIMENS[type_id, model]))), chance)
        monkeypatch.setattr(codec, "swiftly", lambda kind, body: None)
        plain = outcome(type_id, raw)
        monkeypatch.setattr(codec, "swiftly", swiftly)
        assert outcome(type_id, raw) == plain, f"seed {seed}, body {number}: {raw}"
        swift = swiftly(TYPES[type_id].models[model], raw["body"])
        assert swift is None or swift == plain, f"seed {seed}, body {number}: {raw}"
        assert swift is None or codec.write(swift) == raw["body"], f"seed {seed}, body {number}: {raw}"
        if not isinstance(plain, tuple):
            read += 1
            assert itemise(plain) == leaves_of(plain)
            tree = encode(replace(plain) if isinstance(plain, Payload) else plain)["body"]
            assert tree == (codec.write(plain) if isinstance(plain, Payload) else plain.tree)
            assert written(plain) == canonical_reference(encode(plain))
            assert outline(plain) == outline_of(plain)
    assert read > BLOCK // 20


@pytest.mark.parametrize(("type_id", "model"), EVERY)
def test_what_needs_no_closer_look_is_what_a_closer_look_lets_pass(type_id: str, model: str) -> None:
    def passes(look: Any, slot: Slot, value: object) -> bool:
        try:
            look(slot, value, "field")
        except (PayloadError, TypeError):
            return False
        return True

    payload = SPECIMENS[type_id, model]
    for slot in slots(type(payload)):
        value = getattr(payload, slot.name)
        assert fitting(slot)(value)
        several = [*ODD, value, (value,), (value, value)]
        for odd in several:
            assert not fitting(slot)(odd) or passes(check, slot, odd), (slot.name, odd)
            assert not fitting_one(slot)(odd) or passes(check_one, slot, odd), (slot.name, odd)


@pytest.mark.parametrize(("type_id", "model"), EVERY)
def test_leaves_of_a_part_are_listed_and_copied_as_the_slow_way_lists_them(type_id: str, model: str) -> None:
    chance, payload = Random(FIRST_SEED), SPECIMENS[type_id, model]
    paths = [leaf.path for leaf in leaves_of(payload)]
    for _ in range(20):
        left = only(payload, chance.sample(paths, chance.randrange(len(paths) + 1)))
        assert isinstance(left, Partial) and itemise(left) == leaves_of(left)
        assert [leaf.path for leaf in leaves_of(left)] == [left.moved[p] for p in paths if p in left.moved]
        told = {leaf.path: leaf for leaf in leaves_of(left)}
        for leaf in leaves_of(payload):
            if leaf.path in left.moved and isinstance(leaf.value, str | int):
                assert told[left.moved[leaf.path]].value == leaf.value


def sorted_out(left: Partial) -> tuple[Any, ...]:
    """All that a copy is: what leaves, what stays, where it went and who is called what there."""
    return left.model, left.tree, left.withheld, dict(left.moved), dict(left.renamed), left.missing


@pytest.mark.parametrize(("type_id", "model"), EVERY)
def test_the_second_copy_of_an_outline_is_made_as_the_slow_way_makes_the_first(
    type_id: str, model: str
) -> None:
    chance, payload = Random(FIRST_SEED), SPECIMENS[type_id, model]
    paths = [leaf.path for leaf in leaves_of(payload)]
    for _ in range(12):
        some = chance.sample(paths, chance.randrange(len(paths) + 1))
        slow = items.only(payload, some)
        for _ in range(2):  # the second time from the plan that the first left behind
            left = only(replace(payload), some)
            assert sorted_out(left) == sorted_out(slow)
            assert codec.Partial(left.model, left.tree).missing == left.missing
            assert outline(left) == outline_of(left)
            assert written(left) == canonical_reference(encode(slow))


def otherwise(payload: Any, chance: Random) -> Any:
    """The same payload with other texts in it, and one mark or person less, where it has any."""
    raw = json.loads(json.dumps(encode(payload)))
    for where, key in list(places(raw["body"])):
        if isinstance(where, list) and key >= len(where):
            continue
        if isinstance(where[key], list) and len(where[key]) > 1 and chance.random() < 0.3:
            del where[key][chance.randrange(len(where[key]))]
        elif key in ("title", "what", "look") or (key == "text" and chance.random() < 0.3):
            where[key] = f"Otherwise {chance.randrange(100)}"
    try:
        return decode(payload.TYPE, raw)
    except PayloadError:
        return payload


@pytest.mark.parametrize(("type_id", "model"), EVERY)
def test_no_outline_lends_its_plan_to_another(type_id: str, model: str) -> None:
    chance = Random(FIRST_SEED)
    for _ in range(60):
        payload = otherwise(SPECIMENS[type_id, model], chance)
        assert outline(payload) == outline_of(payload)
        paths = [leaf.path for leaf in leaves_of(payload)]
        for dropped in (None, *paths[:1], *paths[-1:]):
            some = [path for path in paths if path != dropped]
            assert sorted_out(only(payload, some)) == sorted_out(items.only(payload, some))


def test_what_is_kept_of_outlines_has_an_end_and_holds_no_value() -> None:
    payload = SPECIMENS["intelligence_report", "report"]
    for number in range(OUTLINES_MAX + 20):
        lanes, ways = number % 150 + 1, number // 150 + 1
        outline(replace(payload, routes=("Invented lane",) * lanes, methods=("Rowing hard",) * ways))
        assert len(outlines._outlines) <= OUTLINES_MAX
    only(payload, [leaf.path for leaf in leaves_of(payload)][1:])
    kept = repr(outlines._outlines) + repr([(o.plans, o.kept) for o in outlines._outlines.values()])
    for leaf in leaves_of(payload):
        if isinstance(leaf.value, str) and len(leaf.value) > 8:
            assert leaf.value not in kept, leaf.path
