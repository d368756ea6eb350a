"""May I? A question to the gate in a form: who, to whom, what, why, when; and the answer in words.

The question is built as decide.md says, and goes to the very gate that decides every message.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from litestar import Request, Response, get, post

from cordiale import terms
from cordiale.errors import CordialeError
from cordiale.node import agreements
from cordiale.node.people import Verb
from cordiale.payloads import TYPES
from cordiale.terms import UNKNOWN
from cordiale.web.faults import told
from cordiale.web.forms import Mistakes, Question, filled
from cordiale.web.frame import page
from cordiale.web.plain import cited
from cordiale.web.telling import handling_codes
from cordiale.web.visit import Visit, in_thread, visit
from cordiale.web.words import mark

ACTS: Final = (
    "share", "ask", "answer", "search", "compare", "view", "onward", "reuse", "measure", "executive",
    "readmission", "live_identification", "close", "complain", "incident_report", "recall", "correct",
    "restrict", "erase",
)  # fmt: skip
SUBJECT_FIELDS: Final = ("role", "protection", "minor", "trafficking_indicator", "informed")
HEADINGS: Final = {
    "who": mark("Who and to whom"),
    "what": mark("What"),
    "why": mark("Why"),
    "whom": mark("Whom it is about"),
    "marks": mark("How it is marked"),
    "when": mark("When"),
}


def question_groups(found: Visit) -> list[tuple[str, list[Question]]]:
    """Every question of the form, in groups; only the first three must be answered to get an answer."""
    say = found.say
    return [
        (say(HEADINGS["who"]), _who(found)),
        (say(HEADINGS["what"]), _what(found)),
        (say(HEADINGS["why"]), _why(found)),
        (say(HEADINGS["whom"]), _whom(found)),
        (say(HEADINGS["marks"]), _marks(found)),
        (say(HEADINGS["when"]), _when(found)),
    ]


def worded(found: Visit, values: Iterable[str], *, unknown: bool = False) -> tuple[tuple[str, str], ...]:
    """Options with their words in the reader's language; "not known" first where it may be answered."""
    shown = [(v, found.say(agreements.plain_word(v))) for v in values if v != UNKNOWN]
    return ((UNKNOWN, found.say("not known")), *shown) if unknown else tuple(shown)


def parties(found: Visit) -> tuple[tuple[str, str], ...]:
    """Every authority that the register knows today."""
    rows = agreements.parties(found.node.register, found.now)
    return tuple((row["party"], f"{row['side']} · {row['name']}") for row in rows)


def _who(found: Visit) -> list[Question]:
    say, everybody = found.say, parties(found)
    own = f"{found.node.settings.side}/{found.officer.authority}"
    return [
        Question("from", say("Who gives, asks or acts"), "select", options=everybody, value=own),
        Question(
            "capacity",
            say("In what capacity"),
            "select",
            options=worded(found, terms.Capacity),
            value="own_officer",
        ),
        Question("to", say("To whom"), "select", options=(("", say("Choose")), *everybody)),
    ]


def _what(found: Visit) -> list[Question]:
    say = found.say
    kinds = tuple((t.id, f"{t.number}. {say(t.title)}") for t in TYPES.values())
    return [
        Question("act", say("What would be done"), "select", options=worded(found, ACTS), value="share"),
        Question("type", say("Kind of information"), "select", options=kinds, value="intelligence_report"),
        Question(
            "categories",
            say("What it holds"),
            "checkboxes",
            hint=say("Tick nothing to ask about everything that this kind of information can hold."),
            options=worded(found, terms.Category),
            required=False,
        ),
    ]


def _why(found: Visit) -> list[Question]:
    say = found.say
    return [
        Question(
            "purpose", say("Purpose"), "select", options=worded(found, terms.Purpose), value="investigate"
        ),
        Question(
            "regime",
            say("Under which body of law"),
            "select",
            options=worded(found, terms.Regime, unknown=True),
            value="crime",
        ),
        Question(
            "mode",
            say("Did somebody ask for it"),
            "radios",
            options=worded(found, terms.Mode),
            value="spontaneous",
        ),
        Question("urgent", say("Urgency"), "select", options=worded(found, terms.Urgency), value="no"),
        Question(
            "targeting",
            say("Aimed at whom"),
            "select",
            options=worded(found, terms.Targeting, unknown=True),
            value=UNKNOWN,
        ),
        Question(
            "life_at_risk",
            say("Is a life at risk"),
            "radios",
            options=worded(found, ("yes", "no"), unknown=True),
            value=UNKNOWN,
        ),
        Question(
            "max_years",
            say("Longest sentence for the offence, in years"),
            "number",
            required=False,
            width="govuk-input--width-3",
        ),
        Question("case", say("Case"), required=False, width="govuk-input--width-20"),
        Question(
            "asked_basis", say("Under which agreement"), "select", required=False, options=_bases(found)
        ),
    ]


def _bases(found: Visit) -> tuple[tuple[str, str], ...]:
    rows = agreements.listing(found.node.register, found.now)
    agreed = [row for row in rows if row.get("kind", "agreement") == "agreement"]
    named = tuple((row["id"], cited(found, row["title"])) for row in agreed)
    return (("", found.say("Find one")), *named)


def _whom(found: Visit) -> list[Question]:
    say = found.say
    return [
        Question(
            "role",
            say("Their part"),
            "select",
            options=worded(found, terms.Role, unknown=True),
            value=UNKNOWN,
        ),
        Question(
            "protection",
            say("International protection"),
            "select",
            options=worded(found, terms.Protection, unknown=True),
            value=UNKNOWN,
        ),
        Question(
            "minor", say("A child"), "select", options=worded(found, terms.Minor, unknown=True), value=UNKNOWN
        ),
        Question(
            "trafficking_indicator",
            say("Signs of trafficking"),
            "select",
            options=worded(found, ("yes", "no"), unknown=True),
            value=UNKNOWN,
        ),
        Question(
            "nationality",
            say("Nationality"),
            hint=say("Country code of two letters, such as IQ. Empty means not known."),
            required=False,
            width="govuk-input--width-3",
        ),
    ]


def _marks(found: Visit) -> list[Question]:
    say = found.say
    return [
        Question(
            "code",
            say("Handling code"),
            "select",
            options=handling_codes(found),
            value="H0",
        ),
        Question(
            "classification",
            say("Marking"),
            "select",
            options=worded(found, terms.Classification, unknown=True),
            value="OFFICIAL",
        ),
        Question(
            "system",
            say("Where it comes from"),
            "select",
            options=worded(found, terms.System, unknown=True),
            value=UNKNOWN,
        ),
        Question(
            "obtained",
            say("How it was obtained"),
            "select",
            options=worded(found, ("lawfully", "rights_violation"), unknown=True),
            value=UNKNOWN,
        ),
        Question(
            "assertion",
            say("Fact or assessment"),
            "radios",
            options=worded(found, ("fact", "assessment")),
            value="fact",
        ),
    ]


def _when(found: Visit) -> list[Question]:
    return [
        Question(
            "at",
            found.say("On which day"),
            "date",
            hint=found.say("Empty means now. A past day is answered by what held then."),
            required=False,
            width="govuk-input--width-10",
        ),
    ]


@get("/question")
@in_thread
def show_question(request: Request[Any, Any, Any]) -> Response[str]:
    """The form."""
    found = visit(request)
    found.needs(Verb.ASK)
    return _question_page(found, Mistakes(), None)


@post("/question", status_code=200)
@in_thread
def ask(request: Request[Any, Any, Any]) -> Response[str]:
    """The gate's answer."""
    found = visit(request)
    found.needs(Verb.ASK)
    mistakes = Mistakes()
    answer = None
    if not found.answer("to"):
        mistakes.add("to", found.say("Choose to whom"))
    else:
        try:
            at = agreements.moment(found.answer("at") or None, found.node.world.clock)
            answer = agreements.answer(raw_question(found), found.node.register, at).as_json()
        except CordialeError as fault:
            mistakes.add(fault.field or "type", told(found.say, fault))
    return _question_page(found, mistakes, answer)


def raw_question(found: Visit) -> dict[str, Any]:
    """The request that the form describes, in the format of decide.md."""
    subject: dict[str, Any] = {"id": "s1", "kind": "person"} | {
        f: found.answer(f, UNKNOWN) for f in SUBJECT_FIELDS if found.answer(f)
    }
    if country := found.answer("nationality").upper():
        subject["nationality"] = [country]
    asked: dict[str, Any] = {
        "id": "question",
        "act": found.answer("act"),
        "type": found.answer("type"),
        "mode": found.answer("mode", "spontaneous"),
        "urgent": found.answer("urgent", "no"),
        "channel": "node",
        "from": _body(found.answer("from"))
        | {"person": {"capacity": found.answer("capacity", "own_officer")}},
        "to": _body(found.answer("to")),
        "automated": "no",
        "purpose": found.answer("purpose"),
        "regime": found.answer("regime"),
        "targeting": found.answer("targeting"),
        "subjects": [subject],
        "items": _items(found),
        "facts": {"life_at_risk": _truth(found.answer("life_at_risk"))},
        "confirmations": [],
    }
    for name in ("case", "asked_basis"):
        if found.answer(name):
            asked[name] = found.answer(name)
    if found.answer("max_years").isdigit():
        asked["offence"] = {"max_years": int(found.answer("max_years")), "stage": "investigated"}
    return asked


def _body(party: str) -> dict[str, Any]:
    side, _, authority = party.partition("/")
    return {"side": side, "authority": authority}


def _truth(word: str) -> bool | str:
    return {"yes": True, "no": False}.get(word, UNKNOWN)


def _items(found: Visit) -> list[dict[str, Any]]:
    kind = TYPES.get(found.answer("type"))
    everything = sorted(kind.categories) if kind else []
    chosen = found.several("categories") or everything
    own = found.answer("from")
    return [
        {
            "id": str(category),
            "category": str(category),
            "subjects": ["s1"] if is_personal(str(category)) else [],
            "assertion": found.answer("assertion", "fact"),
            "origin": {"owner": own, **made_of(found), "obtained": found.answer("obtained", UNKNOWN)},
            "handling": {"code": found.answer("code"), "classification": found.answer("classification")},
        }
        for category in chosen
    ]


def made_of(found: Visit) -> dict[str, Any]:
    """The system an item came from; nothing where nobody has said: then no rule takes it for harmless."""
    named = found.answer("system", UNKNOWN)
    return {} if named == UNKNOWN else {"systems": [named]}


def is_personal(category: str) -> bool:
    """Whether a category says something about persons."""
    try:
        return terms.CATEGORIES[terms.Category(category)].personal is terms.Personal.YES
    except ValueError:
        return True


def _question_page(found: Visit, mistakes: Mistakes, answer: dict[str, Any] | None) -> Response[str]:
    groups = [(title, filled(asked, found.answers, mistakes)) for title, asked in question_groups(found)]
    return page(
        found,
        "question_answer.html" if found.partial else "question.html",
        status=400 if mistakes and not found.partial else 200,
        groups=groups,
        questions=[q for _, asked in groups for q in asked],
        mistakes=mistakes,
        answer=answer,
        raw=json.dumps(answer, indent=2, ensure_ascii=False) if answer else "",
    )


PAGES = [show_question, ask]
