"""May I? A question to the gate in a form: who, to whom, what, why, when, on which papers; and the answer.

The question is built as decide.md says, and goes to the very gate that decides every message. It is sent to
nobody and kept nowhere (sandbox.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from litestar import Request, Response, get, post

from cordiale import terms
from cordiale.errors import CordialeError
from cordiale.node import agreements, agreements_asked, agreements_drafted
from cordiale.node.agreements_asked import Register, Tried
from cordiale.node.people import Verb
from cordiale.payloads import TYPES
from cordiale.terms import UNKNOWN
from cordiale.web import sandbox
from cordiale.web.faults import told
from cordiale.web.forms import Mistakes, Question, filled
from cordiale.web.frame import page
from cordiale.web.plain import cited, text_name
from cordiale.web.telling import handling_codes
from cordiale.web.visit import Visit, in_thread, visit
from cordiale.web.words import mark

ACTS: Final = (
    "share", "ask", "answer", "search", "compare", "view", "onward", "reuse", "measure", "executive",
    "readmission", "live_identification", "close", "complain", "incident_report", "recall", "correct",
    "restrict", "erase",
)  # fmt: skip
SUBJECT_FIELDS: Final = (
    "role", "protection", "human_rights_claim", "minor", "accompanied", "stateless",
    "trafficking_indicator", "protected_activity",
)  # fmt: skip
ANSWERED: Final = ("yes", "no")
CLAIMS: Final = {"none": mark("none made"), "open": mark("open claim"), "closed": mark("closed claim")}
ACTIVITIES: Final = {
    "none": mark("none of these"),
    "aid": mark("gives aid"),
    "rescue": mark("rescues"),
    "press": mark("reports for the press"),
    "research": mark("does research"),
    "medical": mark("gives medical help"),
    "legal": mark("gives legal help"),
}
STATEMENTS: Final = {
    "": mark("nobody"),
    "document": mark("a document"),
    "lawful_assessment": mark("an assessment under the law"),
    "own_statement": mark("the person"),
    "officer": mark("an officer"),
    "machine": mark("a machine"),
}
HEADINGS: Final = {
    "who": mark("Who and to whom"),
    "what": mark("What"),
    "why": mark("Why"),
    "whom": mark("Whom it is about"),
    "marks": mark("How it is marked"),
    "papers": mark("Papers"),
    "when": mark("When"),
}


def question_groups(found: Visit) -> list[tuple[str, list[Question]]]:
    """Every question of the form, in groups; only the first three must be answered to get an answer."""
    groups = zip(HEADINGS.values(), (_who, _what, _why, _whom, _marks, _papers, _when), strict=True)
    return [(found.say(title), asked(found)) for title, asked in groups]


def worded(found: Visit, values: Iterable[str], *, unknown: bool = False) -> tuple[tuple[str, str], ...]:
    """Options with their words in the reader's language; "not known" first where it may be answered."""
    shown = [(v, found.say(agreements.plain_word(v))) for v in values if v != UNKNOWN]
    return ((UNKNOWN, found.say("not known")), *shown) if unknown else tuple(shown)


def told_as(found: Visit, words: Mapping[str, str], *, unknown: bool = False) -> tuple[tuple[str, str], ...]:
    """Options with words of their own; "not known" first where it may be answered."""
    shown = [(value, found.say(text)) for value, text in words.items()]
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
        Question("channel", say("By what way"), "select", options=worded(found, terms.Channel), value="node"),
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
        Question("reason", say("Reason, in a sentence"), required=False),
        Question(
            "asked_basis", say("Under which agreement"), "select", required=False, options=_bases(found)
        ),
    ]


def _bases(found: Visit) -> tuple[tuple[str, str], ...]:
    rows = agreements.listing(found.node.register, found.now)
    agreed = [row for row in rows if row.get("kind", "agreement") == "agreement"]
    named = [(row["id"], cited(found, row["title"])) for row in agreed]
    if (line := found.answer("asked_basis")) and line not in dict(named):
        named.append(
            (line, text_name(found, line))
        )  # one line, or a draft, as an address or a way on names it
    return (("", found.say("Find one")), *named)


def _whom(found: Visit) -> list[Question]:
    say = found.say
    thrice = worded(found, ANSWERED, unknown=True)
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
            "accompanied",
            say("Accompanied by an adult of the family"),
            "select",
            options=thrice,
            value=UNKNOWN,
        ),
        Question(
            "trafficking_indicator", say("Signs of trafficking"), "select", options=thrice, value=UNKNOWN
        ),
        Question(
            "human_rights_claim",
            say("Human rights claim"),
            "select",
            options=told_as(found, CLAIMS, unknown=True),
            value=UNKNOWN,
        ),
        Question("stateless", say("Stateless"), "select", options=thrice, value=UNKNOWN),
        Question(
            "protected_activity",
            say("Acts as helper, rescuer, reporter, researcher, medic or lawyer"),
            "select",
            options=told_as(found, ACTIVITIES, unknown=True),
            value=UNKNOWN,
        ),
        Question(
            "nationality",
            say("Nationality"),
            hint=say("Country code of two letters, such as IQ. Empty means not known."),
            required=False,
            width="govuk-input--width-3",
        ),
        Question(
            "established",
            say("Who has stated that"),
            "select",
            hint=say("What nobody has stated, and what a machine has, protects: it counts as not known."),
            options=told_as(found, STATEMENTS),
            required=False,
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
            "owner",
            say("Whose it is"),
            "select",
            options=(("", say("of whoever gives it")), *parties(found)),
            required=False,
        ),
        Question(
            "collected_for",
            say("For what it was collected"),
            "select",
            options=worded(found, terms.Purpose, unknown=True),
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


def _papers(found: Visit) -> list[Question]:
    say = found.say
    hint = say("Their ids, with blanks between them. What is missing stands beside the answer, and can be"
               " supposed there.")  # fmt: skip
    named = Question("records", say("Papers that the question names"), hint=hint, required=False)
    drafts = agreements_drafted.drafts(found.node.home)
    if not drafts:
        return [named]
    texts = (("", say("Those in force here")), *((one, say("Draft: {}").format(one)) for one in drafts))
    return [Question(sandbox.TEXTS, say("On which texts"), "select", options=texts, required=False), named]


def _when(found: Visit) -> list[Question]:
    return [
        Question(
            "at",
            found.say("On which day"),
            "date",
            hint=found.say("Empty means now. Any other day is answered by what holds then."),
            required=False,
            width="govuk-input--width-10",
        ),
    ]


@get("/question")
@in_thread
def show_question(request: Request[Any, Any, Any]) -> Response[str]:
    """The form, filled in as far as the address says: a line of an agreement leads here."""
    found = visit(request)
    found.needs(Verb.ASK)
    found.answers = {name: [value] for name, value in request.query_params.items()}
    return _question_page(found, Mistakes(), None)


@post("/question", status_code=200)
@in_thread
def ask(request: Request[Any, Any, Any]) -> Response[str]:
    """The gate's answer."""
    found = visit(request)
    found.needs(Verb.ASK)
    mistakes = Mistakes()
    answer: Tried | None = None
    sentence = ""
    if not found.answer("to"):
        mistakes.add("to", found.say("Choose to whom"))
    else:
        try:
            answer, sentence = _tried(found)
        except CordialeError as fault:
            mistakes.add(fault.field or "type", told(found.say, fault))
    return _question_page(found, mistakes, answer, sentence)


def _tried(found: Visit) -> tuple[Tried, str]:
    """What the gate says, and what was asked in a sentence."""
    at = agreements.moment(found.answer("at") or None, found.node.world.clock)
    register = sandbox.texts(found)
    if found.answer(sandbox.WAY):
        sandbox.take_way(found, raw_question(found, register))
    raw, papers = raw_question(found, register), sandbox.supposed(found)
    return agreements_asked.tried(raw, register, at, papers), sandbox.asked(found, raw, at)


def raw_question(found: Visit, register: Register) -> dict[str, Any]:
    """The request that the form describes, in the format of decide.md."""
    asked: dict[str, Any] = {
        "id": "question",
        "act": found.answer("act"),
        "type": found.answer("type"),
        "mode": found.answer("mode", "spontaneous"),
        "urgent": found.answer("urgent", "no"),
        "channel": found.answer("channel", "node"),
        "from": _body(found.answer("from"))
        | {"person": {"capacity": found.answer("capacity", "own_officer")}},
        "to": _body(found.answer("to")),
        "automated": "no",
        "purpose": found.answer("purpose"),
        "regime": found.answer("regime"),
        "targeting": found.answer("targeting"),
        "subjects": [_subject(found)],
        "items": _items(found),
        "facts": {"life_at_risk": _truth(found.answer("life_at_risk"))} | sandbox.stated(found, register),
        "confirmations": [],
        "records": sorted(set(found.answer("records").replace(",", " ").split())),
    }
    for name in ("case", "asked_basis", "reason"):
        if found.answer(name):
            asked[name] = found.answer(name)
    if found.answer("max_years").isdigit():
        asked["offence"] = {"max_years": int(found.answer("max_years")), "stage": "investigated"}
    return asked


def _subject(found: Visit) -> dict[str, Any]:
    """The one person that a question is about, as far as they are known, and who has stated that."""
    told = {f: found.answer(f, UNKNOWN) for f in SUBJECT_FIELDS if found.answer(f)}
    subject: dict[str, Any] = {"id": "s1", "kind": "person", **told}
    if country := found.answer("nationality").upper():
        subject["nationality"] = [country]
    if source := found.answer("established"):
        by = {"source": source, "by": "somebody", "at": found.now.date().isoformat()}
        said = [f for f, word in subject.items() if f not in ("id", "kind") and word != UNKNOWN]
        subject["established"] = dict.fromkeys(said, by)
    return subject


def _body(party: str) -> dict[str, Any]:
    side, _, authority = party.partition("/")
    return {"side": side, "authority": authority}


def _truth(word: str) -> bool | str:
    return {"yes": True, "no": False}.get(word, UNKNOWN)


def _items(found: Visit) -> list[dict[str, Any]]:
    kind = TYPES.get(found.answer("type"))
    everything = sorted(kind.categories) if kind else []
    chosen = found.several("categories") or everything
    owner = found.answer("owner") or found.answer("from")
    return [
        {
            "id": str(category),
            "category": str(category),
            "subjects": ["s1"] if is_personal(str(category)) else [],
            "assertion": found.answer("assertion", "fact"),
            "origin": {
                "owner": owner,
                **made_of(found),
                "obtained": found.answer("obtained", UNKNOWN),
                "collected_for": found.answer("collected_for", UNKNOWN),
            },
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


def _question_page(
    found: Visit, mistakes: Mistakes, tried: Tried | None, sentence: str = ""
) -> Response[str]:
    groups = [(title, filled(asked, found.answers, mistakes)) for title, asked in question_groups(found)]
    boxes, facts = sandbox.standing(found, tried) if tried else ([], [])
    return page(
        found,
        "question_answer.html" if found.partial else "question.html",
        status=400 if mistakes and not found.partial else 200,
        groups=groups,
        questions=[q for _, asked in groups for q in asked],
        mistakes=mistakes,
        answer=tried.answer if tried else None,
        sentence=sentence,
        draft=found.answer(sandbox.TEXTS),
        path=sandbox.path(found, tried) if tried else [],
        lacking=sandbox.lacking(found, tried) if tried else [],
        boxes=boxes,
        facts=facts,
        raw=json.dumps(tried.answer, indent=2, ensure_ascii=False) if tried else "",
    )


PAGES = [show_question, ask]
