"""The ODRL policy: it says all that the file says, in ODRL's words where it has them, and permits no more."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest

from cordiale.agreements import Register, decide
from cordiale.agreements.exports.fields import plain, said, urn
from cordiale.agreements.exports.odrl import POINTS, odrl_bytes, odrl_policy
from cordiale.agreements.model import Agreement, Provision, Requirement
from cordiale.agreements.specimens import specimens

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
RULES = ("permission", "prohibition", "obligation")
# ODRL Information Model 2.2 and Vocabulary 2.2: the terms of the core and common vocabularies used here.
TERMS = {
    *("uid", "profile", "conflict", "permission", "prohibition", "obligation", "assigner", "assignee"),
    *("action", "target", "constraint", "duty", "refinement", "leftOperand", "operator", "rightOperand"),
    *("or", "and", "consentingParty", "informedParty"),
}
OPERATORS = {
    "eq",
    "gt",
    "gteq",
    "hasPart",
    "isA",
    "isAllOf",
    "isAnyOf",
    "isNoneOf",
    "isPartOf",
    "lt",
    "lteq",
    "neq",
}
OPERANDS = {"recipient", "purpose", "deliveryChannel", "dateTime", "elapsedTime", "count"}
ACTIONS = {"use", "inform", "delete", "obtainConsent", "anonymize"}


@cache
def register() -> Register:
    return Register.load()


def texts() -> tuple[Agreement, ...]:
    return (*register().agreements, *register().laws)


def every_text() -> Any:
    return pytest.mark.parametrize("text", texts(), ids=lambda one: one.id)


def frontex() -> Agreement:
    found = register().agreement("uk-frontex-wa-2024")
    assert found is not None
    return found


def with_line(**changes: Any) -> Agreement:
    """The Frontex arrangement with its first permit changed, alone."""
    text = frontex()
    return replace(text, provision=(replace(text.provision[0], **changes),))


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every table of a policy."""
    if isinstance(value, dict):
        yield value
        for name, one in value.items():
            if name != "@context":
                yield from nodes(one)
    elif isinstance(value, list):
        for one in value:
            yield from nodes(one)


def leaves(value: Any) -> Iterator[str]:
    """Every word and number of a value."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    else:
        yield json.dumps(value, ensure_ascii=False).strip('"')


def rules_of(policy: dict[str, Any], agreement: Agreement, line: str) -> list[dict[str, Any]]:
    start = urn(agreement, line)
    every = [one for kind in (*RULES, "cordiale:unread") for one in policy.get(kind, [])]
    return [one for one in every if one["uid"] == start or one["uid"].startswith(start + ":")]


# ------------------------------------------------------------------------------ in ODRL's own words


@every_text()
def test_every_word_is_odrls_own_or_carries_its_prefix(text: Agreement) -> None:
    for node in nodes(odrl_policy(text)):
        for name in node:
            assert name in TERMS or name.startswith(("@", "cordiale:", "dct:")), name
        if "operator" in node:
            assert node["operator"] in OPERATORS
            assert node["leftOperand"] in OPERANDS or node["leftOperand"].startswith("cordiale:")
            assert "rightOperand" in node
        actions = node.get("action", [])
        for action in [actions] if isinstance(actions, str) else actions:
            assert action in ACTIONS or action.startswith("cordiale:"), action


@every_text()
def test_a_policy_has_a_profile_and_any_prohibition_wins(text: Agreement) -> None:
    policy = json.loads(odrl_bytes(text))
    assert policy["profile"].startswith("urn:cordiale:")
    assert policy["conflict"] == "prohibit"
    assert policy["@type"] == ("Set" if text.is_law else "Agreement")
    assert ("assigner" in policy) is not text.is_law


@every_text()
def test_every_rule_has_a_name_of_its_own_that_is_an_iri(text: Agreement) -> None:
    policy = odrl_policy(text)
    names = [one["uid"] for kind in (*RULES, "cordiale:unread") for one in policy.get(kind, [])]
    assert len(names) == len(set(names))
    assert [one for one in names if set(one) & set(' <>"{}|^`\\')] == []


@every_text()
def test_every_rule_has_an_action_and_a_target(text: Agreement) -> None:
    policy = odrl_policy(text)
    for kind in RULES:
        for rule in policy.get(kind, []):
            assert rule["action"] and rule["target"], rule["uid"]


def test_the_same_file_is_the_same_bytes() -> None:
    assert odrl_bytes(frontex()) == odrl_bytes(frontex())


# ------------------------------------------------------------------------------ nothing is lost


@every_text()
def test_every_line_stands_in_the_policy_with_all_that_it_says(text: Agreement) -> None:
    policy = odrl_policy(text)
    for line in text.provision:
        rules = rules_of(policy, text, line.id)
        assert rules, line.id
        there = json.dumps(rules, ensure_ascii=False)
        told = {name: one for name, one in said(line).items() if name not in ("id", "effect")}
        for name, value in told.items():
            for word in leaves(plain(value)):
                for part in word.split(">"):  # a direction is told by its two ends
                    part = "any" if part == "*" else part
                    assert part in there, (line.id, name, word)


@every_text()
def test_every_taint_and_protection_stands_in_the_policy(text: Agreement) -> None:
    policy = odrl_policy(text)
    there = json.dumps(policy, ensure_ascii=False)
    found = [
        one for one in policy.get("prohibition", []) if ":taint:" in one["uid"] or ":protects:" in one["uid"]
    ]
    assert len(found) == len(text.taint) + len(text.protects)
    for rule in (*text.taint, *text.protects):
        assert [word for word in leaves(plain(rule)) if word not in there] == []


def test_each_language_of_a_sentence_stands_beside_the_other() -> None:
    rule = rules_of(odrl_policy(frontex()), frontex(), "picture-in")[0]
    assert {one["@language"] for one in rule["dct:description"]} == {"en", "fr"}


# --------------------------------------------------------------------- it permits no more than the file


@every_text()
def test_a_permission_asks_for_the_gates_answer_so_that_the_policy_alone_permits_nothing(
    text: Agreement,
) -> None:
    for rule in odrl_policy(text).get("permission", []):
        gate = [one for one in rule["constraint"] if one.get("leftOperand") == "cordiale:answerOfTheGate"]
        assert [one["rightOperand"] for one in gate] == [
            [{"@id": "cordiale:permit"}, {"@id": "cordiale:withhold"}]
        ]


def test_a_permit_that_nobody_confirmed_is_no_permission() -> None:
    text = with_line(confidence="unconfirmed", read="an invented paragraph")
    policy = odrl_policy(text)
    assert "permission" not in policy
    assert policy["cordiale:unread"][0]["cordiale:read"] == "an invented paragraph"


def test_a_span_whose_standing_is_unknown_opens_no_day() -> None:
    text = with_line()
    span = replace(text.validity[0], status="unknown")
    (rule,) = odrl_policy(replace(text, validity=(span,)))["permission"]
    named = [one["leftOperand"] for one in rule["constraint"]]
    assert "dateTime" not in named and "cordiale:instrument" in named


def test_several_spans_are_alternatives() -> None:
    text = with_line()
    spans = tuple(
        replace(text.validity[0], from_=date(year, 1, 1), until=date(year, 7, 1)) for year in (2024, 2026)
    )
    (rule,) = odrl_policy(replace(text, validity=spans))["permission"]
    (either,) = [one for one in rule["constraint"] if "or" in one]
    assert [len(one["and"]["@list"]) for one in either["or"]["@list"]] == [2, 2]


def test_a_withheld_category_is_no_part_of_what_is_permitted() -> None:
    text = with_line(withheld=frozenset({"vessel_id"}))
    target = odrl_policy(text)["permission"][0]["target"][0]
    listed = [one["@id"] for one in target["refinement"][0]["rightOperand"]]
    assert "cordiale:event" in listed and "cordiale:vessel_id" not in listed


def test_confirmations_and_the_owners_consent_come_before() -> None:
    text = with_line(requires=(Requirement(confirmation="release", n=2),))
    duties = odrl_policy(text)["permission"][0]["duty"]
    by_action = {one["action"]: one for one in duties}
    assert by_action["obtainConsent"]["consentingParty"] == "urn:cordiale:party:originator"
    assert by_action["cordiale:confirm-release"]["constraint"][0]["rightOperand"] == 2


def test_what_is_never_passed_on_is_forbidden_to_the_recipient() -> None:
    onward = [one for one in odrl_policy(with_line())["prohibition"] if one["action"] == ["cordiale:onward"]]
    assert [one["assignee"] for one in onward] == ["urn:cordiale:side:FRONTEX"]
    assert "cordiale:unless" not in onward[0]


def _line(effect: str, **changes: Any) -> Agreement:
    text = frontex()
    line = Provision(id="line", article="Art 1", sentence="Invented.", effect=effect, **changes)
    return replace(text, provision=(line,), taint=(), protects=())


def test_a_refusal_opens_when_it_is_grave_enough_or_every_need_is_met() -> None:
    needs = (Requirement(fact="one"), Requirement(record="two"))
    (rule,) = odrl_policy(_line("refuse", requires=needs, min_offence_years=3))["prohibition"]
    either = rule["cordiale:unless"]["or"]["@list"]
    assert either[0]["leftOperand"] == "cordiale:offenceYears"
    assert len(either[1]["and"]["@list"]) == 2


def test_a_restriction_opens_only_when_it_is_grave_enough_and_every_need_is_met() -> None:
    (rule,) = odrl_policy(_line("restrict", requires=(Requirement(fact="one"),), min_offence_years=3))[
        "prohibition"
    ]
    assert len(rule["cordiale:unless"]["and"]["@list"]) == 2


def test_a_restriction_that_needs_nothing_forbids_nothing() -> None:
    policy = odrl_policy(_line("restrict", travels=frozenset({"no_onward"})))
    assert "prohibition" not in policy
    assert policy["obligation"][0]["cordiale:travels"] == ["no_onward"]


# ------------------------------------------------------------------- read back, it agrees with the gate


def listed(constraint: dict[str, Any]) -> set[str]:
    return {one["@id"].removeprefix("cordiale:") for one in constraint["rightOperand"]}


def met(one: dict[str, Any], heads: dict[str, str], at: tuple[str, date]) -> bool:
    """Whether one plain constraint is met; what this reader does not know counts as met."""
    if "or" in one or "and" in one:
        parts = [met(each, heads, at) for each in one.get("or", one.get("and"))["@list"]]
        return any(parts) if "or" in one else all(parts)
    left, recipient, on = one["leftOperand"], *at
    if left == "recipient":
        code = one["rightOperand"]["@id"].rpartition(":")[2].replace("any", "*")
        return register().on(datetime.combine(on, AT.timetz())).meant(recipient, code)
    if left == "dateTime":
        bound = date.fromisoformat(one["rightOperand"]["@value"])
        return on >= bound if one["operator"] == "gteq" else on < bound
    return left not in heads or (heads[left] in listed(one)) is (one["operator"] == "isAnyOf")


def open_to(rule: dict[str, Any], question: Any, on: date) -> bool:
    """Whether the plain points of a permission are met by the head of a question: a reader of its own."""
    heads = {
        "purpose": question.purpose,
        "deliveryChannel": question.channel,
        "cordiale:regime": question.regime,
    }
    heads |= {"cordiale:capacity": question.from_.capacity, "cordiale:targeting": question.targeting}
    heads |= {"cordiale:modality": question.modality, "cordiale:automated": question.automated}
    day = register().on(datetime.combine(on, AT.timetz()))
    ends = {"assignee": question.from_.side, "recipient": question.to.side}
    if not day.meant(ends["assignee"], rule["assignee"].rpartition(":")[2].replace("any", "*")):
        return False
    if not all(met(one, heads, (ends["recipient"], on)) for one in rule["constraint"]):
        return False
    types = {one["uid"].rpartition(":")[2] for one in rule["target"]}
    return question.type in types and f"cordiale:{question.act}" in rule["action"]


@pytest.mark.parametrize("text", register().agreements, ids=lambda one: one.id)
def test_what_the_gate_permits_under_a_line_its_permission_is_open_to_and_for_another_purpose_it_is_not(
    text: Agreement,
) -> None:
    policy, day = odrl_policy(text), register().on(AT)
    for line in text.provision:
        for one in specimens(text, line, day) if line.effect == "permit" else ():
            rules = rules_of(policy, text, line.id)
            permissions = [rule for rule in rules if ":onward:" not in rule["uid"]]
            if decide(one.question, register(), AT).permitted:
                assert any(open_to(rule, one.question, AT.date()) for rule in permissions), line.id
            other = replace(one.question, purpose="asylum" if "asylum" not in line.purposes else "statistics")
            if other.purpose not in line.purposes:
                assert not any(open_to(rule, other, AT.date()) for rule in permissions), line.id
            if text.signed and text.validity[0].from_:
                assert not any(open_to(rule, one.question, date(2001, 1, 1)) for rule in permissions)


def test_every_point_of_a_line_is_a_field_of_the_model() -> None:
    assert set(POINTS) <= set(Provision.__dataclass_fields__)
