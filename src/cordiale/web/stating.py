"""What an officer states beside the words: why, how it is marked, where it comes from, what is known of whom.

Absent is unknown, and unknown protects. A fact that would count against a person counts only with its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale import terms
from cordiale.errors import PayloadError
from cordiale.node.papers import Draft
from cordiale.payloads import decode, subjects
from cordiale.terms import UNKNOWN
from cordiale.web.forms import Question
from cordiale.web.question import STATEMENTS, made_of, told_as, worded
from cordiale.web.telling import ROLES, handling_codes
from cordiale.web.visit import Visit
from cordiale.web.words import mark

ABOUT: Final = (
    "protection",
    "human_rights_claim",
    "minor",
    "trafficking_indicator",
    "stateless",
    "protected_activity",
)
ASKS: Final = ("act", "mode", "urgent", "purpose", "regime", "targeting")
ACTIVITIES: Final = ("none", "aid", "rescue", "press", "research", "medical", "legal")
OBTAINED: Final = {
    "lawfully": mark("lawfully"),
    "rights_violation": mark("by violating somebody's rights"),
}
"""How an item was obtained, as a person says it."""
SOURCES: Final = ("document", "lawful_assessment", "own_statement", "officer")
CASE_HINT: Final = mark(
    "The case of the investigation: some articles ask for it. The reference above is part of the words."
)


def asks(found: Visit, body: Mapping[str, Any]) -> dict[str, Any]:
    """What is stated to the gate: purpose, regime, what is known of each person; absent is unknown."""
    stated: dict[str, Any] = {name: found.answer(name) for name in ASKS if found.answer(name)}
    if found.answer("case"):
        stated["case"] = found.answer("case")
    if found.answer("max_years").isdigit():
        stated["offence"] = {
            "max_years": int(found.answer("max_years")),
            "stage": found.answer("stage", "investigated"),
        }
    if found.answer("judicial") in ("yes", "no"):
        stated["facts"] = {"judicial_channel_required": found.answer("judicial") == "yes"}
    stated["subjects"] = [person(found, body, one) for one in people_in(body)]
    stated["item"] = item_facts(found, body.get("body", {}))
    return stated


def person(found: Visit, body: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """What is stated of one person, each fact with its source, the officer who states it, and when."""
    told: dict[str, Any] = {
        name: given
        for name in ABOUT
        if (given := found.answer(f"about.{subject}.{name}")) not in ("", UNKNOWN)
    }
    if nations := found.answer(f"about.{subject}.nationality").upper().split():
        told["nationality"] = nations
    source = found.answer(f"about.{subject}.established")
    if told and source in SOURCES:
        at = found.now.date().isoformat()
        told["established"] = {name: {"source": source, "by": found.officer.id, "at": at} for name in told}
    part = part_of(body, subject)
    return {"id": subject, **({"role": part} if part else {}), **told}


def part_of(body: Mapping[str, Any], subject: str) -> str:
    """The part that a person plays, as the list says in which they stand; "" when it says none."""
    inner = body.get("body", {})
    for name, part in ROLES.items():
        if any(isinstance(one, dict) and one.get("subject") == subject for one in inner.get(name, ())):
            return part
    return ""


def item_facts(found: Visit, inner: Mapping[str, Any]) -> dict[str, Any]:
    """What holds for every item: from the body where its kind has places for it, else from beside it."""
    own = f"{found.node.settings.side}/{found.officer.authority}"
    handling = {
        "code": inner.get("handling") or found.answer("code", UNKNOWN),
        "classification": inner.get("classification") or found.answer("classification", UNKNOWN),
        "caveats": list(inner.get("caveats", ())) or found.answer("caveats").split(),
    }
    facts: dict[str, Any] = {
        "handling": handling,
        "origin": {
            "owner": own,
            "state": found.node.settings.side,
            **made_of(found),
            "collected_for": found.answer("collected_for", UNKNOWN),
            "regime": found.answer("regime", UNKNOWN),
            "obtained": found.answer("obtained", UNKNOWN),
        },
        "verified": found.answer("verified", UNKNOWN),
    }
    if graded := inner.get("grade") or grade(found):
        facts["grade"] = graded
    return facts


def yes_no(value: Any) -> str:
    """The answer to a question of yes or no, as the form has it."""
    return {True: "yes", False: "no"}.get(value, UNKNOWN)


def grade(found: Visit) -> dict[str, str]:
    """The grade as it was given, in its own scheme: never turned into the other. Half a grade is none."""
    source, information = found.answer("grade_source"), found.answer("grade_information")
    if not (source and information):
        return {}
    return {"scheme": found.answer("grade_scheme", "3x5x2"), "source": source, "information": information}


def people_in(body: Mapping[str, Any]) -> list[str]:
    """The subject ids of a saved body, in order."""
    if not body:
        return []
    try:
        return [str(getattr(one, "id", one)) for one in subjects(decode(str(body["type"]), body))]
    except PayloadError:
        return []


def ground_questions(found: Visit, draft: Draft) -> list[Question]:
    """Why and how: what every message states beside its body."""
    return [*why_questions(found, draft), *grade_questions(found, draft), *handling_questions(found, draft)]


def why_questions(found: Visit, draft: Draft) -> list[Question]:
    """Purpose, regime, act and what the law asks beside them."""
    say, given = found.say, draft.asks
    return [
        Question(
            "purpose",
            say("Purpose"),
            "select",
            options=worded(found, terms.Purpose),
            value=given.get("purpose", "investigate"),
        ),
        Question(
            "regime",
            say("Under which body of law"),
            "select",
            options=worded(found, terms.Regime, unknown=True),
            value=given.get("regime", "crime"),
        ),
        Question(
            "act",
            say("What you do"),
            "select",
            options=worded(found, ("share", "ask", "answer", "search")),
            value=given.get("act", "share"),
        ),
        Question(
            "mode",
            say("Did somebody ask for it"),
            "radios",
            options=worded(found, terms.Mode),
            value=given.get("mode", "spontaneous"),
        ),
        Question(
            "urgent",
            say("Urgency"),
            "select",
            options=worded(found, terms.Urgency),
            value=given.get("urgent", "no"),
        ),
        Question(
            "targeting",
            say("Aimed at whom"),
            "select",
            options=worded(found, terms.Targeting, unknown=True),
            value=given.get("targeting", UNKNOWN),
        ),
        _case(found, given),
        *_offence(found, given),
    ]


def _offence(found: Visit, given: Mapping[str, Any]) -> list[Question]:
    """How grave it is, and whether a court must ask."""
    say, offence = found.say, given.get("offence", {}) or {}
    return [
        Question(
            "max_years",
            say("Longest sentence for the offence, in years"),
            "number",
            required=False,
            value=str(offence.get("max_years", "")),
            width="govuk-input--width-3",
        ),
        Question(
            "judicial",
            say("Must a court ask for it instead"),
            "radios",
            hint=say("Where only a judicial channel may carry it, police do not."),
            options=worded(found, ("no", "yes"), unknown=True),
            value={True: "yes", False: "no"}.get(
                given.get("facts", {}).get("judicial_channel_required"), UNKNOWN
            ),
        ),
    ]


def _case(found: Visit, given: Mapping[str, Any]) -> Question:
    return Question(
        "case",
        found.say("Case"),
        hint=found.say(CASE_HINT),
        required=False,
        value=given.get("case", ""),
        width="govuk-input--width-20",
    )


def grade_questions(found: Visit, draft: Draft) -> list[Question]:
    """The grade, in either scheme."""
    say, graded = found.say, draft.asks.get("item", {}).get("grade", {})
    return [
        Question(
            "grade_scheme",
            say("Grading"),
            "radios",
            options=(("3x5x2", "3×5×2"), ("4x4", "4×4")),
            value=graded.get("scheme", "3x5x2"),
            hint=say("Kept as given. It is never turned into the other scheme, and never raised."),
        ),
        Question(
            "grade_source",
            say("Source"),
            "select",
            required=False,
            value=graded.get("source", ""),
            options=(("", say("not graded")), *((v, v) for v in ("1", "2", "3", "A", "B", "C", "X"))),
        ),
        Question(
            "grade_information",
            say("Information"),
            "select",
            required=False,
            value=graded.get("information", ""),
            options=(
                ("", say("not graded")),
                *((v, v) for v in ("A", "B", "C", "D", "E", "1", "2", "3", "4")),
            ),
        ),
    ]


def handling_questions(found: Visit, draft: Draft) -> list[Question]:
    """Handling, marking, caveats and where it comes from."""
    say, item = found.say, draft.asks.get("item", {})
    handling = item.get("handling", {})
    return [
        Question(
            "code",
            say("Handling code"),
            "select",
            options=handling_codes(found),
            value=handling.get("code", "H0"),
        ),
        Question(
            "classification",
            say("Marking"),
            "select",
            options=worded(found, terms.Classification, unknown=True),
            value=handling.get("classification", "OFFICIAL"),
        ),
        Question(
            "caveats",
            say("Caveats"),
            required=False,
            value=" ".join(handling.get("caveats", [])),
            hint=say("Capital letters, with blanks between them."),
        ),
        Question(
            "system",
            say("Where it comes from"),
            "select",
            options=worded(found, terms.System, unknown=True),
            value=(item.get("origin", {}).get("systems") or [UNKNOWN])[0],
        ),
        Question(
            "collected_for",
            say("For what it was collected"),
            "select",
            options=worded(found, terms.Purpose, unknown=True),
            value=str(item.get("origin", {}).get("collected_for", UNKNOWN)),
        ),
        Question(
            "obtained",
            say("How it was obtained"),
            "radios",
            options=told_as(found, OBTAINED, unknown=True),
            value=str(item.get("origin", {}).get("obtained", UNKNOWN)),
        ),
        Question(
            "verified",
            say("Has somebody checked that it is right"),
            "radios",
            options=worded(found, ("yes", "no"), unknown=True),
            value=str(item.get("verified", UNKNOWN)),
        ),
    ]


def about_questions(found: Visit, draft: Draft, subject: str) -> list[Question]:
    """What is known of one person. Nothing said counts as unknown, and unknown protects."""
    stated: Mapping[str, Any] = next(
        (s for s in draft.asks.get("subjects", ()) if s.get("id") == subject), {}
    )
    say = found.say
    kinds = (
        ("protection", say("International protection"), tuple(terms.Protection)),
        ("human_rights_claim", say("A human-rights claim"), ("none", "open", "closed")),
        ("minor", say("A child"), tuple(terms.Minor)),
        ("trafficking_indicator", say("Signs of trafficking"), tuple(terms.Answerable)),
        ("stateless", say("Stateless"), ("yes", "no")),
        ("protected_activity", say("Acts as helper, press, lawyer"), ACTIVITIES),
    )
    asked = [
        Question(
            f"about.{subject}.{name}",
            words,
            "select",
            options=worded(found, list(kind), unknown=True),
            value=str(stated.get(name, UNKNOWN)),
        )
        for name, words, kind in kinds
    ]
    nationality = Question(
        f"about.{subject}.nationality",
        say("Nationality"),
        value=" ".join(stated.get("nationality", ())),
        hint=say("Two letters a country, with blanks between them. Empty is not known."),
        required=False,
        width="govuk-input--width-5",
    )
    told = dict(stated.get("established", {}))
    source = next((one["source"] if isinstance(one, dict) else str(one) for one in told.values()), UNKNOWN)
    established = Question(
        f"about.{subject}.established",
        say("How this is known"),
        "select",
        hint=say("What would count against a person counts only with its source; your name stands with it."),
        options=told_as(found, {one: STATEMENTS[one] for one in SOURCES}, unknown=True),
        value=source,
    )
    return [*asked, nationality, established]
