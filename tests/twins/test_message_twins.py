"""What is kept from one message to the next changes nothing in it: the question, the decision, the letter and
the recipient's own question are the same when all is made anew. Every type that travels; seeds are printed.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any

import pytest
from tests.exchange.partners import AGREEMENT
from tests.exchange.reports import shipped, under_563

from cordiale import payloads
from cordiale.agreements import Told, compiled, parse_question, reading
from cordiale.agreements.compiled import Compiled
from cordiale.agreements.digest import digest_of
from cordiale.errors import CordialeError
from cordiale.exchange import judging
from cordiale.exchange.entries import committed
from cordiale.exchange.judging import Outgoing, judge_again, question_about, question_of
from cordiale.exchange.message import Letter
from cordiale.payloads import outlines
from cordiale.payloads.examples import EXAMPLES
from cordiale.payloads.specimens import SPECIMENS
from cordiale.seals import canonical_reference

FIRST_SEED = int(os.environ.get("CORDIALE_SEED", "20261122"))
AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
TYPES = sorted(name for name, way in EXAMPLES.items() if "from" in way.permitted)


@cache
def cold() -> Compiled:
    return Compiled(shipped().register)


@contextmanager
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Everything as in a node that has just started."""
    with monkeypatch.context() as patch:
        for name in ("_lists", "_people", "_parts"):
            patch.setattr(reading, name, {})
        patch.setattr(outlines, "_outlines", {})
        patch.setattr(outlines, "_latest", outlines._Latest())
        patch.setattr(cold(), "_readings", {})
        patch.setattr(compiled, "compiled_of", lambda _: cold())
        yield


def outgoing(type_id: str) -> Outgoing:
    """The permitted example of a type, with the model that it is about."""
    asked = dict(EXAMPLES[type_id].permitted)
    ends = [f"{asked[end]['side']}/{asked[end]['authority']}" for end in ("from", "to")]
    items, item = asked.pop("items"), asked.pop("every_item", {})
    for name in ("id", "at", "type", "from", "to"):
        asked.pop(name, None)
    told = ("id", "category", "subjects", "assertion")
    marks = {one["id"]: {k: v for k, v in one.items() if k not in told} for one in items}
    body = next(body for (one, _), body in SPECIMENS.items() if one == type_id and _has(body, items))
    stated = {k: v for k, v in marks.items() if v}
    return Outgoing("notice", *ends, replace(body), asked | {"item": item}, marks=stated)


def _has(body: Any, items: list[dict[str, Any]]) -> bool:
    return {one["id"] for one in items} <= {leaf.path for leaf in payloads.itemise(body)}


def disturbed(sent: Outgoing, chance: Random) -> Outgoing:
    """The same with other marks, another case, other statements, or fewer of them."""
    asks = copy.deepcopy(dict(sent.asks))
    paths = [leaf.path for leaf in payloads.itemise(sent.body)]
    marks = dict(sent.marks)
    match chance.randrange(6):
        case 0:
            marks[chance.choice(paths)] = {"handling": {"code": "H1"}, "origin": {"owner": "FR/paf"}}
        case 1:
            marks = {path: {"verified": "no"} for path in paths}
        case 2:
            asks["item"] = {k: v for k, v in asks["item"].items() if chance.random() < 0.5}
        case 3:
            asks["item"] = asks["item"] | {"goods": {"class": "boats"}, "verified": "unknown"}
        case 4:
            asks["subjects"] = [dict(one, minor="unknown") for one in asks.get("subjects", ())]
        case _:
            asks["case"] = f"INV-{chance.randrange(10**6)}"
    return replace(sent, body=replace(sent.body), asks=asks, marks=marks)


def whole(letter: Letter) -> bytes:
    """The letter written in one go, by the slow way, from what it holds."""
    fields = letter._plain() | {"grounds": dict(letter.grounds), "payload": dict(letter.payload)}
    return canonical_reference(fields)


def way(sent: Outgoing) -> dict[str, Any]:
    """Everything that is said of one message on its way out and in, or the words of what refuses it."""
    try:
        return _way(sent)
    except CordialeError as fault:
        return {"fault": (type(fault), fault.message, fault.field)}


def _way(sent: Outgoing) -> dict[str, Any]:
    gate = shipped()
    question = question_of(sent, "r")
    decided = judging.judge(gate, sent, question, AT)
    told: dict[str, Any] = {"question": copy.deepcopy(question), "decided": decided}
    told["digest"] = digest_of(parse_question(question))
    if not decided.paths:
        return told
    letter = judging.letter_of(sent, decided, question=question, facts=AGREEMENT, at=AT)
    raw = letter.to_bytes()
    assert raw == whole(letter)
    came = Letter.from_bytes(raw)
    body = payloads.decode(came.type, came.payload)
    again = question_about(came, body)
    told |= {"raw": raw, "again": copy.deepcopy(again), "judged": judge_again(gate, came, body, AT)}
    assert again["items"] == judging._items_each(came, payloads.outline(body))[1]
    return told


def plainly(found: Any) -> Any:
    """Without what is a kind of its own only for speed."""
    if isinstance(found, dict):
        return {name: plainly(value) for name, value in found.items()}
    return [plainly(one) for one in found] if isinstance(found, list) else found


@pytest.mark.parametrize("type_id", TYPES)
def test_a_message_is_the_same_whatever_came_before_it(type_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    print(f"seed {FIRST_SEED}")
    chance, first = Random(FIRST_SEED), outgoing(type_id)
    several = [first, *(disturbed(first, chance) for _ in range(8))]
    warm = [[way(replace(one, body=replace(one.body))) for one in several] for _ in range(2)]
    for one, before, after in zip(several, *warm, strict=True):
        with nothing_kept(monkeypatch):
            fresh = way(replace(one, body=replace(one.body)))
        assert plainly(before) == plainly(after) == plainly(fresh)


def test_nothing_that_is_kept_changes_when_a_sender_changes_what_it_stated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = replace(under_563(), asks=copy.deepcopy(dict(under_563().asks)))
    sent.asks["item"]["goods"] = {"class": "unknown"}
    before = way(sent)
    sent.asks["item"]["goods"]["class"] = "boats"
    sent.asks["item"]["handling"]["code"] = "H1"
    after = way(sent)
    assert before["question"] != after["question"]
    with nothing_kept(monkeypatch):
        assert plainly(way(sent)) == plainly(after)


def test_a_decision_read_again_is_the_one_that_was_read_whole() -> None:
    gate, reports = shipped(), [under_563() for _ in range(3)]
    for number, sent in enumerate(reports):
        answer = gate.decide(question_of(sent, f"r{number}"), AT)
        assert isinstance(answer, Told)
        plain = judging.judged({**answer})
        assert judging.judged(answer) == plain and judging.judged(answer).answer["id"] == f"r{number}"
        assert judging._against(plain) == judging._first_against(judging.judged(answer))


def test_what_a_court_may_be_shown_is_the_whole_body(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []

    def keep(_: str, value: object) -> None:
        shown.append(value)

    monkeypatch.setattr("cordiale.exchange.entries.Commitment.to", keep)
    for sent in map(outgoing, TYPES):
        committed(sent)
        spoken = {"body": payloads.encode(sent.body), "kind": sent.kind, "about": sent.about}
        assert shown.pop() == canonical_reference(spoken).decode()


def test_half_a_character_is_refused_as_it_was() -> None:
    body = replace(SPECIMENS["intelligence_report", "report"], title="A half \ud800 (invented)")
    with pytest.raises(CordialeError, match="cannot be written as canonical JSON"):
        committed(replace(under_563(), body=body))
