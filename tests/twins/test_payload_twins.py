"""The fast ways through a payload are the slow ones': reading, listing leaves, checking values, and what may
not be read. 20,000 bodies spoilt at random; seeds are printed.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from cordiale.errors import PayloadError
from cordiale.payloads import TYPES, Partial, codec, decode, encode, itemise, only
from cordiale.payloads.items import leaves_of
from cordiale.payloads.model import Slot, check, check_one, fitting, fitting_one, slots
from cordiale.payloads.specimens import SPECIMENS

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
        if not isinstance(plain, tuple):
            read += 1
            assert itemise(plain) == leaves_of(plain)
            assert encode(plain)["body"] == codec.write(plain)
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
