"""The fast reading of a request is the reference's, in every field and every error: 20,000 requests spoilt at
random, and as many as come from the texts. Seeds are printed.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from functools import cache
from itertools import islice
from random import Random
from typing import Any

import pytest
from bench.questions import NOON, Questions

from cordiale.agreements import Question, Register, parse_fast, parse_question
from cordiale.agreements.digest import digest_of
from cordiale.agreements.question import Items
from cordiale.agreements.signature import Signatures
from cordiale.errors import RequestError
from cordiale.terms import Purpose

FIRST_SEED = int(os.environ.get("CORDIALE_SEED", "20261122"))
BLOCK = 1_000
BLOCKS = 20
COMMON = ("origin", "handling", "grade", "verified", "as_of")
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1.5, "", " ", "unknown", "none", "2026-02-30", "2026-11-02T08:00:00Z"),
    *([], {}, (), [[]], [None], ["a", "a"], {"a": None}, {"": 1}, 10**30, "\ud800", Purpose.RESCUE),
)


@cache
def register() -> Register:
    return Register.load()


def outcome(read: Any, raw: Any) -> Any:
    """The question, whole, or all that its error says."""
    try:
        found: Question = read(raw)
    except RequestError as wrong:
        return wrong.message, wrong.field, wrong.way_out
    return found, [(item.value, item.tied) for item in found.items], digest_of(found)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (object or list, key or index) of a request."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield value, key
            yield from places(inner)


def shared(raw: dict[str, Any]) -> dict[str, Any]:
    """The same request, with what its first item says stated once for every item that says it too."""
    every = {name: raw["items"][0][name] for name in COMMON if name in raw["items"][0]}
    items = [{k: v for k, v in i.items() if k not in every or v != every[k]} for i in raw["items"]]
    return raw | {"every_item": every, "items": items}


def odd(chance: Random) -> Any:
    return copy.deepcopy(chance.choice(ODD))


def spoilt(raw: dict[str, Any], chance: Random) -> dict[str, Any]:
    """A copy with something wrong in one to three places, or nothing that anybody minds."""
    out = copy.deepcopy(raw)
    for _ in range(chance.choice((1, 1, 2, 3))):
        where, key = chance.choice(list(places(out)))
        match chance.randrange(5):
            case 0:
                where[key] = odd(chance)
            case 1:
                del where[key]
            case 2 if isinstance(where, dict):
                where[chance.choice(("colour", "value", "id", "items", "every_item"))] = odd(chance)
            case 3 if isinstance(where[key], list):
                where[key] = chance.choice((tuple(where[key]), where[key] * 2, where[key][::-1]))
            case _:
                other, name = chance.choice(list(places(out)))
                where[key] = copy.deepcopy(other[name])
    return out


def requests(seed: int) -> Iterator[dict[str, Any]]:
    chance = Random(seed)
    for raw, _ in Questions(register(), seed):
        for item in raw["items"]:
            if chance.random() < 0.05:
                item["value"] = chance.choice(("Anna (invented)", None, [1.5]))
        if chance.random() < 0.8:
            raw = json.loads(json.dumps(raw))  # as it comes from outside: no enumerations
        yield shared(raw) if raw["items"] and chance.random() < 0.5 else raw


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + BLOCKS))
def test_a_request_is_read_and_refused_as_the_reference_does(seed: int) -> None:
    chance, refused = Random(seed), 0
    print(f"seed {seed}")
    for number, raw in enumerate(islice(requests(seed), BLOCK // 2)):
        for asked in (raw, spoilt(raw, chance)):
            before = copy.deepcopy(asked)
            plain = outcome(parse_question, asked)
            for _ in range(2):  # the second time from what was kept
                assert outcome(parse_fast, asked) == plain, f"seed {seed}, request {number}: {asked}"
            assert asked == before
            refused += len(plain) == 3 and isinstance(plain[0], str)
    assert refused > BLOCK // 8


def test_what_is_kept_of_items_changes_no_signature_and_no_digest() -> None:
    signatures, kept = Signatures(register()), 0
    for raw in islice(requests(FIRST_SEED - 1), 400):
        plain = parse_question(raw)
        for _ in range(2):
            fast = parse_fast(raw)
            assert signatures.of(fast, NOON) == signatures.of(plain, NOON), raw
            assert digest_of(fast) == digest_of(plain), raw
        kept += isinstance(fast.items, Items)
    assert kept > 200


def test_the_same_items_about_other_people_are_weighed_anew() -> None:
    raw = next(
        r for r in requests(FIRST_SEED) if r["subjects"] and any(i.get("subjects") for i in r["items"])
    )
    firm = raw | {"subjects": [one | {"kind": "organisation"} for one in raw["subjects"]]}
    for asked in (raw, firm, raw):
        assert outcome(parse_fast, asked) == outcome(parse_question, asked)
    assert any(i.tied for i in parse_fast(raw).items) and not any(i.tied for i in parse_fast(firm).items)
