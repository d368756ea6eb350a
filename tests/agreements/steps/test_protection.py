"""Step 3, looked at closely: which facts need somebody who stands for them, and what is said of whom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cordiale.agreements import Register
from cordiale.agreements.steps.protection import AGAINST
from cordiale.terms import Verdict
from tests.agreements.gate_factories import STATED, agreement, answer, item, person, provision, world

RULE = """
[[protects]]
id = "p"
article = "Art 33"
sentence = "Kept back."
when = {{{when}}}
against = {{acts = ["share"], recipients = "{recipients}"}}
effect = "{effect}"
refer_to = "asylum"
"""
SETTLING = {
    "protection": ("none", "refused_final", "withdrawn", "inadmissible"),
    "human_rights_claim": ("none", "closed"),
    "minor": ("no",),
    "accompanied": ("yes",),
    "trafficking_indicator": ("no",),
    "stateless": ("no",),
    "protected_activity": ("none",),
}
"""What would take a protection away: it counts only with who said it, when and from what."""
GUARDED = {
    "protection": "granted",
    "human_rights_claim": "open",
    "minor": "yes",
    "accompanied": "no",
    "trafficking_indicator": "yes",
    "stateless": "yes",
    "protected_activity": "press",
}


def ruled(
    folder: Path, when: str, recipients: str = "any", effect: str = "withhold", body: str = ""
) -> Register:
    text = agreement(body or provision())
    text = text.replace('mode = "none"', 'mode = "instrument"\nregimes = ["crime"]\ndata = "yes"')
    return world(folder, text, law=RULE.format(when=when, recipients=recipients, effect=effect))


def test_the_facts_that_need_somebody_are_these() -> None:
    assert {name: frozenset(values) for name, values in SETTLING.items()} == AGAINST


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in SETTLING.items() for v in values])
def test_what_would_take_a_protection_away_counts_only_with_who_said_it(
    tmp_path: Path, name: str, value: str
) -> None:
    register = ruled(tmp_path, f'{name} = ["{GUARDED[name]}"]')
    stated = person()["established"]
    said = person(**{name: value}, established=stated | {name: STATED})
    assert answer(register, subjects=[said]).leaves == ("event", "name")
    for nobody in (
        {n: v for n, v in stated.items() if n != name},
        stated | {name: STATED | {"source": "machine"}},
    ):
        found = answer(register, subjects=[said | {"established": nobody}])
        assert found.leaves == ("event",) and found.refer_to == (("asylum", "Art 33"),)
    assert answer(register, subjects=[said | {name: "unknown"}]).leaves == ("event",)
    assert answer(register, subjects=[said | {name: GUARDED[name], "established": {}}]).leaves == ("event",)


def test_a_refusal_that_protects_says_whose_it_is_and_to_whom_to_turn(tmp_path: Path) -> None:
    found = answer(
        ruled(tmp_path, 'protection = ["granted"]', effect="refuse"), subjects=[person(protection="granted")]
    )
    lead = found.failures[0]
    assert (found.verdict, found.step, lead.scope, lead.agreement) == (Verdict.REFUSE, 3, "subject", "law")
    assert [f.step for f in found.failures] == [3] and found.refer_to == (("asylum", "Art 33"),)


def test_two_people_in_one_item_are_told_apart_in_what_is_said(tmp_path: Path) -> None:
    serbia: dict[str, Any] = {"to": {"side": "RS", "authority": "mup"}}
    register = ruled(tmp_path, 'protection = ["granted"]', recipients="state_of_origin")
    known = person(protection="granted", nationality=["RS"])
    guessed = person(id="s2", protection="granted", nationality="unknown")
    both = item("image", subjects=["s1", "s2"])
    one = item("name", subjects=["s1"])
    other = item("vessel_id", subjects=["s2"])

    def sentences(*items: dict[str, Any]) -> dict[str, str]:
        found = answer(register, *items, subjects=[known, guessed], **serbia)
        return {i: f.sentence for f in found.withheld for i in f.items}

    plain, unsure = sentences(one)["name"], sentences(other)["vessel_id"]
    # Nobody knows which state the second fled: that is said of an item about the second alone.
    assert plain == "Kept back." and unsure.startswith("Kept back.") and len(unsure) > len(plain)
    assert sentences(both)["image"] == plain
    assert sentences(one, other) == {"name": plain, "vessel_id": unsure}


@pytest.mark.parametrize(
    ("recipients", "extra"), [("any", False), ("third_state", False), ("state_of_origin", True)]
)
def test_only_a_rule_that_asks_for_the_state_fled_says_that_it_is_not_known(
    tmp_path: Path, recipients: str, extra: bool
) -> None:
    said = {"to": {"side": "RS", "authority": "mup"}}
    register = ruled(tmp_path, 'protection = ["granted"]', recipients=recipients)
    unknown = person(protection="granted", nationality="unknown")
    found = answer(register, item(), item("name"), subjects=[unknown], **said)
    assert (found.withheld[0].sentence != "Kept back.") is extra


def test_a_rule_of_the_recipients_own_nationals_says_that_theirs_is_not_known(tmp_path: Path) -> None:
    said = {"to": {"side": "RS", "authority": "mup"}}
    register = ruled(tmp_path, "nationality_of_recipient = true")
    for nationality, plain in ((["RS"], True), ("unknown", False)):
        found = answer(register, subjects=[person(nationality=nationality)], **said)
        assert (found.withheld[0].sentence == "Kept back.") is plain


def test_all_of_a_person_is_kept_back_and_nothing_of_anybody_else_or_of_a_thing(tmp_path: Path) -> None:
    body = provision(granted='["event", "name", "image", "vessel_id"]')
    rule = RULE.replace('"{recipients}"', '"any", categories = ["name"]')
    text = agreement(body)
    register = world(
        tmp_path,
        text,
        law=rule.format(when='protection = ["granted"], group = true', effect="withhold"),
    )
    people = [
        person(protection="granted"),
        person(id="s2"),
        person(id="s3", kind="group", size=4, protection="granted"),
    ]
    things = [
        item("name"),
        item("vessel_id", subjects=["s1"]),
        item("name", "other", subjects=["s2"]),
        item("vessel_id", "theirs", subjects=["s2"]),
        item("name", "clan", subjects=["s3"]),
        item("image", "crowd", subjects=["s3"]),
        item(),
    ]
    found = answer(register, *things, subjects=people)
    withheld = {i: f.sentence for f in found.withheld for i in f.items}
    assert set(withheld) >= {"name", "vessel_id"} and withheld["vessel_id"] != withheld["name"]
    assert set(found.leaves) == {"other", "theirs", "crowd", "event"}, "a group is nobody in particular"


def test_a_part_that_would_not_leave_anyway_takes_nothing_with_it(tmp_path: Path) -> None:
    for n, (granted, withheld, whole) in enumerate(
        (('["event", "vessel_id"]', "", False), ('["event", "name", "vessel_id"]', '["name"]', False),
         ('["event", "name", "vessel_id"]', "", True))
    ):  # fmt: skip
        folder = tmp_path / str(n)
        folder.mkdir()
        rule = RULE.replace('"{recipients}"', '"any", categories = ["name"]')
        register = world(
            folder,
            agreement(provision(granted=granted, withheld=withheld)),
            law=rule.format(when='protection = ["granted"]', effect="withhold"),
        )
        found = answer(
            register, item(), item("name"), item("vessel_id", subjects=["s1"]),
            subjects=[person(protection="granted")],
        )  # fmt: skip
        assert ("vessel_id" not in found.leaves) is whole, (granted, withheld)


def test_what_is_about_nobody_named_is_about_somebody_who_may_be_protected(tmp_path: Path) -> None:
    register = ruled(tmp_path, 'protection = ["granted"]')
    assert answer(register, item(), item("name", subjects=[]), subjects=[]).leaves == ("event",)
    found = answer(register, item(), item("name"), item("image", subjects=[]))
    assert found.leaves == ("event", "name")


def test_where_unknown_does_not_count_a_protection_that_nobody_stands_for_counts_still(
    tmp_path: Path,
) -> None:
    rule = RULE.format(when='protection = ["granted"]', recipients="any", effect="withhold")
    register = world(tmp_path, law=rule.replace("effect", 'unknown = "does_not_count"\neffect'))
    for said, leaves in (
        ("granted", ("event",)),
        ("unknown", ("event", "name")),
        ("none", ("event", "name")),
    ):
        assert answer(register, subjects=[person(protection=said, established={})]).leaves == leaves


@pytest.mark.parametrize(
    "said", [{"act": "ask"}, {"purpose": "prosecute"}, {"type": "conviction_request"}, {"senders": "RS"}, {}]
)
def test_a_rule_speaks_of_its_own_acts_purposes_types_and_senders(
    tmp_path: Path, said: dict[str, str]
) -> None:
    senders = said.pop("senders", "UK") if (said := dict(said)) else "UK"
    rule = RULE.format(when='protection = ["granted"]', recipients="any", effect="withhold").replace(
        'acts = ["share"]',
        'acts = ["share"], purposes = ["investigate"], types = ["intelligence_report"]',
    )
    types = provision(types='["intelligence_report", "conviction_request"]')
    register = world(tmp_path, agreement(types), law=rule + f'senders = ["{senders}"]\n')
    found = answer(register, subjects=[person(protection="granted")], **said)
    assert ("name" in found.leaves) is (bool(said) or senders != "UK")


def test_a_rule_of_another_bloc_asks_for_that_one(tmp_path: Path) -> None:
    rule = RULE.format(when='protection = ["granted"]', recipients="third_state", effect="withhold")
    for n, bloc in enumerate(("EU", "EU-BODIES")):
        folder = tmp_path / str(n)
        folder.mkdir()
        register = world(folder, law=rule.replace('"third_state"', f'"third_state", bloc = "{bloc}"'))
        found = answer(register, subjects=[person(protection="granted")])
        assert ("name" in found.leaves) is (bloc == "EU")


@pytest.mark.parametrize(
    ("dates", "speaks"),
    [
        ("from = 2026-11-22", True),
        ("from = 2026-11-23", False),
        ("until = 2026-11-23", True),
        ("until = 2026-11-22", False),
    ],
)
def test_a_rule_has_its_days(tmp_path: Path, dates: str, speaks: bool) -> None:
    rule = RULE.format(when='protection = ["granted"]', recipients="any", effect="withhold")
    found = answer(world(tmp_path, law=rule + dates + "\n"), subjects=[person(protection="granted")])
    assert ("name" not in found.leaves) is speaks
