"""The JSON of an answer is stable, and what a partner sees has the same shape whoever the person is."""

import json
from pathlib import Path

from tests.agreements.gate_factories import agreement, answer, item, person, provision, world
from tests.agreements.test_gate import CLAIM, SERBIA, open_to_serbia

FIELDS = [
    "version",
    "id",
    "verdict",
    "would_be",
    "draft",
    "at",
    "texts_digest",
    "headline",
    "basis",
    "leaves",
    "withheld",
    "transform",
    "failures",
    "missing",
    "duties",
    "travels",
    "must_include",
    "must_also_send",
    "refer_to",
    "clocks",
    "routes",
    "passed_over",
    "confidence",
    "warnings",
    "said",
    "replay",
]


def test_the_answer_has_every_field_and_is_json(tmp_path: Path) -> None:
    lines = {"clocks": '[{name = "n", binding = "law", starts = "received_at", unit = "day", n = 2}]'}
    register = world(tmp_path, agreement(provision(**lines, min_cell="10", must_also_send='"UK/iopc"')))
    said = answer(
        register, item(), item("count", transformable=["aggregate"]), item("dna", subjects=["s1"])
    ).as_json()
    assert list(said) == FIELDS and json.loads(json.dumps(said)) == said
    assert said["withheld"][0]["item"] == "dna" and said["transform"][0]["how"] == "aggregate"
    assert said["must_also_send"][0]["authority"] == "iopc" and said["clocks"][0]["n"] == 2


def test_a_refusal_says_step_scope_article_source_and_what_is_missing(tmp_path: Path) -> None:
    register = world(
        tmp_path, agreement(provision(requires='[{confirmation = "match"}]', origin='{consent = "owner"}'))
    )
    foreign = item(origin={"owner": "RS/mup", "systems": ["other"]})
    said = answer(register, foreign).as_json()
    assert said["headline"]["step"] == 8, "the step that took it leads, not the one that counts what is left"
    assert [f["because"] for f in said["failures"] if "because" in f] == [8]
    assert {m["what"] for m in said["missing"]} == {"consent", "confirmation"} and said["failures"][0][
        "items"
    ] == ["event"]


def test_a_partner_cannot_tell_a_protected_person_from_another(tmp_path: Path) -> None:
    register = open_to_serbia(tmp_path, CLAIM)
    protected = [person(nationality=["RS"], protection="granted")]
    unprotected = [person(nationality=["RS"], role="witness")]
    one = answer(register, item("name"), subjects=protected, **SERBIA).without_reasons()
    two = answer(register, item("fingerprint"), subjects=unprotected, **SERBIA).without_reasons()
    assert one == two and "article" not in json.dumps(one)


def test_what_leaves_carries_the_same_limits_whoever_the_persons_are(tmp_path: Path) -> None:
    register = open_to_serbia(tmp_path, CLAIM)
    both = [
        answer(register, item(), item("name"), subjects=[person(nationality=["RS"], protection=p)], **SERBIA)
        for p in ("granted", "none")
    ]
    assert both[0].travels == both[1].travels and both[0].leaves != both[1].leaves
    assert both[0].without_reasons()["verdict"] == "permit"
