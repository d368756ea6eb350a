"""The gate that runs: readings filled in, plans between dates, words; and nothing of persons kept."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cordiale.agreements import Register, compiled, decide, decide_fast, parse_question
from cordiale.agreements import gate as reference
from cordiale.agreements.compiled import NO_WORD, Compiled, compiled_of
from cordiale.seals import canonical, canonical_reference
from cordiale.terms import Verdict
from tests.agreements.gate_factories import AT, agreement, asked, item, provision, record, world

TIMED = """clocks = [{name = "answer", binding = "law", starts = "received_at", unit = "day", n = 7}]
retention = {n = 1, unit = "month", from = "received_at"}
"""
PAIR = ("UK/nca", "FR/pj")


def both(fast: Compiled, raw: dict[str, Any], at: Any = AT) -> Any:
    """The compiled answer, once it is seen to be the reference's."""
    question = parse_question(raw)
    found = fast.decide(question, at)
    assert found == reference.decide(question, fast.register, at)
    full = decide(question, fast.register, at)
    assert fast.decide_with_routes(question, at) == full
    for _ in range(2):
        told = fast.told(question, at)
        assert told == full.as_json() and told.raw == canonical_reference(json.loads(json.dumps(told)))
    return found


def test_a_known_signature_is_filled_with_its_own_ids_and_moment(tmp_path: Path) -> None:
    fast = Compiled(world(tmp_path))
    one = both(fast, asked(item(), item("name"), item("dna")))
    named = [item(id="b"), item("name", id="c"), item("dna", id="a")]
    two = both(fast, asked(*named, id="q2"), AT + timedelta(hours=1))
    assert len(fast._readings) == 1 and two.leaves == ("b", "c") and one.leaves == ("event", "name")
    assert two.withheld[0].items == ("a",) and two.id == "q2" and two.replay != one.replay


def test_lesser_forms_stay_in_the_order_of_their_new_ids(tmp_path: Path) -> None:
    fast = Compiled(world(tmp_path, agreement(provision(transform='{image = "blur"}'))))
    faces = [item("image", id=i, transformable=["blur"]) for i in ("a", "b")]
    both(fast, asked(*faces))
    turned = [item("image", id=i, transformable=["blur"]) for i in ("z", "y")]
    assert [c.item for c in both(fast, asked(*turned)).transform] == ["y", "z"]


def test_periods_end_by_each_questions_own_moments(tmp_path: Path) -> None:
    fast = Compiled(world(tmp_path, agreement(provision() + "\n" + TIMED)))
    ends = []
    for day in ("2026-11-01", "2026-11-05"):
        found = both(fast, asked(facts={"received_at": f"{day}T10:00:00Z"}))
        ends.append((found.clocks[0].due, dict(found.travels)["erase_by"]))
    assert len(fast._readings) == 1
    assert ends == [("2026-11-08", ("2026-12-01",)), ("2026-11-12", ("2026-12-05",))]


def test_a_period_without_an_end_is_asked_anew(tmp_path: Path) -> None:
    fast = Compiled(
        world(tmp_path, agreement(provision(travels='["erase_by"]') + "\n" + TIMED.split("\n")[0]))
    )
    both(fast, asked(facts={"received_at": "2026-11-01T10:00:00Z"}))
    assert not fast._readings


def test_what_is_odd_is_refused_and_not_kept(tmp_path: Path) -> None:
    fast = Compiled(world(tmp_path))
    for raw in (asked(facts={"no_such_fact": True}), asked(asked_basis="nothing")):
        assert both(fast, raw).step == 0
    assert not fast._readings


def test_ids_that_stand_twice_go_to_the_reference(tmp_path: Path) -> None:
    fast, two = Compiled(world(tmp_path)), parse_question(asked())
    twice = type(two)(**{n: getattr(two, n) for n in two.__dataclass_fields__} | {"items": two.items * 2})
    for _ in range(2):
        assert fast.decide_with_routes(twice, AT) == decide(twice, fast.register, AT)
    assert not fast._readings


def test_nothing_of_the_persons_of_a_question_is_kept(tmp_path: Path) -> None:
    fast = Compiled(world(tmp_path, agreement(provision() + "\n" + TIMED)))
    thing = item("name", value="Invented Name")
    both(fast, asked(thing, id="q-secret", case="case-secret", facts={"received_at": "2026-11-01T10:00:00Z"}))
    kept = "".join(
        repr(k) + repr(r.answer) + repr(r.heard and r.heard.line) for k, r in fast._readings.items()
    )
    assert fast._readings and not any(w in kept for w in ("Invented Name", "secret", "officer 7"))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"asked_basis": "deal/1"},
        {"type": "core_data"},
        {"purpose": "revenue"},
        {"channel": "portal"},
        {"act": "ask", "sought": {"categories": ["dna"]}},
        {"type": "distress_incident", "purpose": "rescue", "to": {"side": "FR", "authority": "cross"}},
        {"to": {"side": "RS", "authority": "mup"}},
        {"subjects": [], "items": []},
    ],
)
def test_first_and_second_answer_are_the_references(tmp_path: Path, said: dict[str, Any]) -> None:
    fast = Compiled(world(tmp_path, agreement(), agreement(id="other")))
    for number in range(2):
        both(fast, asked(**{"id": f"q{number}"} | said))


def test_a_plan_holds_between_two_dates_of_the_files(tmp_path: Path) -> None:
    paper = record("late", "approval", from_side='"UK"', to_side='"EU"').replace("from = 2025", "from = 2026")
    fast = Compiled(world(tmp_path, records={"p": paper}))
    for days in (0, 1, 2):
        both(fast, asked(), AT + timedelta(days=days))
    assert len(fast._plans) == 1 and len(fast._readings) == 3
    assert both(fast, asked(), AT + timedelta(days=3 * 365 + 60)).verdict is Verdict.REFUSE
    assert len(fast._plans) == 2


def test_what_is_kept_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = Compiled(world(tmp_path))
    monkeypatch.setattr(compiled, "READINGS_MAX", 2)
    monkeypatch.setattr(compiled, "PLANS_MAX", 2)
    for purpose in ("investigate", "prosecute", "prevent", "detect", "evidence"):
        both(fast, asked(purpose=purpose))
        assert len(fast._readings) <= 2 and len(fast._plans) <= 2


def test_a_table_answers_words_of_its_own_pair_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = Compiled(world(tmp_path))
    table = fast.table(*PAIR, AT)
    word = table.word(parse_question(asked()))
    assert word == table.word(parse_question(asked(id="again", case="another"))) == 0
    assert table.decide(word).leaves == ("event", "name") and table.decide(word).id == ""
    assert table.word(parse_question(asked(to={"side": "FR", "authority": "paf"}))) == NO_WORD
    assert table.word(parse_question(asked(facts={"received_at": "2026-11-01T10:00:00Z"}))) == NO_WORD
    assert table.word(parse_question(asked(facts={"no_such_fact": True}))) == NO_WORD
    monkeypatch.setattr(compiled, "WORDS_MAX", 1)
    assert table.word(parse_question(asked(purpose="prosecute"))) == NO_WORD


def test_a_register_is_compiled_once(tmp_path: Path) -> None:
    register = world(tmp_path)
    question = parse_question(asked())
    assert decide_fast(question, register, AT) == decide(question, register, AT)
    assert compiled_of(register) is compiled_of(register) and isinstance(register, Register)


def test_nobody_writes_into_an_answer_that_later_answers_share(tmp_path: Path) -> None:
    """One caller that sorts a list or puts in a word would change what the next officer is told."""
    fast, question = Compiled(world(tmp_path)), parse_question(asked(item(), item("dna")))
    first = fast.told(question, AT)
    plain = json.loads(first.raw)
    spoils: list[Any] = [
        lambda told: told["leaves"].append("name"),
        lambda told: told["failures"].clear(),
        lambda told: told["headline"].update(article="none"),
        lambda told: told["headline"].__setitem__("article", "none"),
        lambda told: told["basis"]["relies_on"].insert(0, "none"),
        lambda told: told["withheld"][0].pop("article"),
    ]
    for spoil in spoils:
        with pytest.raises(TypeError, match="copy it first"):
            spoil(fast.told(question, AT))
    again = fast.told(question, AT)
    assert again == first == plain and canonical(dict(again)) == again.raw == canonical_reference(plain)
