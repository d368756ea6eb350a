"""Writing: a form for each information type, saved as one types; beside it, who may have what and why.

The preview asks the gate that decides; it sends and records nothing. Sending puts the message on its hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale import terms
from cordiale.errors import InputError, PayloadError
from cordiale.node import reports
from cordiale.node.papers import Draft
from cordiale.node.people import Verb
from cordiale.node.reports import Held
from cordiale.payloads import TYPES, InformationType, decode, subjects, type_named
from cordiale.terms import UNKNOWN
from cordiale.web.bodies import answers_from, answers_in, encoded, groups
from cordiale.web.forms import Mistakes, Question, filled
from cordiale.web.frame import draw, page
from cordiale.web.question import worded
from cordiale.web.visit import Visit, in_thread, visit

ABOUT: Final = ("protection", "minor", "trafficking_indicator")
ASKS: Final = ("act", "mode", "urgent", "purpose", "regime", "targeting")


@get("/compose")
@in_thread
def choose_type(request: Request[Any, Any, Any]) -> Response[str]:
    """My drafts, and the kinds of information that can be sent."""
    found = visit(request)
    officer = found.needs(Verb.WRITE)
    kinds = [t for t in TYPES.values() if t.id != "distress_incident"]
    return page(found, "compose_choose.html", kinds=kinds, drafts=reports.drafts(found.node, officer))


@get("/compose/{type_id:str}")
@in_thread
def begin(request: Request[Any, Any, Any], type_id: FromPath[str]) -> Response[str]:
    """An empty form."""
    found = visit(request)
    found.needs(Verb.WRITE)
    kind = type_named(type_id)
    model = request.query_params.get("model", "") or next(iter(kind.models))
    return _form(found, kind, model, Draft(type_id, {}, {}))


@get("/draft/{reference:str}")
@in_thread
def resume(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[str]:
    """A draft where it was left."""
    found = visit(request)
    draft = reports.open_draft(found.node, found.needs(Verb.WRITE), reference)
    kind = type_named(draft.type)
    return _form(found, kind, model_of(draft, kind), draft)


@post("/compose/{type_id:str}", status_code=200)
@in_thread
def write(request: Request[Any, Any, Any], type_id: FromPath[str]) -> Response[Any]:
    """Save; and preview, ask for one more entry, or send, as the button says."""
    found = visit(request)
    officer = found.needs(Verb.WRITE)
    kind = type_named(type_id)
    model = found.answer("model") if found.answer("model") in kind.models else next(iter(kind.models))
    mistakes = Mistakes()
    draft = read_draft(found, kind, model, mistakes)
    if not mistakes:
        reference = reports.save_draft(found.node, officer, draft)
        draft = replace(draft, reference=reference)
    if found.partial:
        return _preview(found, draft, mistakes)
    if "send" in found.answers and not mistakes:
        if not draft.recipients:
            mistakes.add("recipients", found.say("Choose at least one recipient"))
        else:
            return _sent(reports.send(found.node, officer, draft))
    if not mistakes and "send" not in found.answers:
        return Redirect(f"/draft/{draft.reference}", status_code=303)
    return _form(found, kind, model, draft, mistakes=mistakes)


def model_of(draft: Draft, kind: InformationType) -> str:
    """The model of a saved body."""
    named = str(draft.body.get("model", ""))
    return named if named in kind.models else next(iter(kind.models))


def read_draft(found: Visit, kind: InformationType, model: str, mistakes: Mistakes) -> Draft:
    """The draft that a form holds; what does not fit goes to `mistakes`, beside its question."""
    reference = found.answer("reference")
    old: Mapping[str, Any] = {}
    if reference:
        try:
            old = reports.open_draft(found.node, found.officer, reference).body
        except InputError:
            reference = ""
    try:
        body = encoded(kind, model, answers_in(found), old)
    except PayloadError as fault:
        mistakes.add(f"body.{fault.field}", f"{fault.message}. {fault.way_out}".strip())
        body = {}
    return Draft(kind.id, body, asks(found, body), tuple(found.several("recipients")), {}, reference)


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
    known = people_in(body)
    stated["subjects"] = [
        {"id": one} | {f: v for f in ABOUT if (v := found.answer(f"about.{one}.{f}")) and v != UNKNOWN}
        for one in known
    ]
    stated["item"] = item_facts(found, body.get("body", {}))
    return stated


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
        "origin": {"owner": own, "systems": [found.answer("system", "other")]},
    }
    if graded := inner.get("grade") or grade(found):
        facts["grade"] = graded
    return facts


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


def _sent(held: Held) -> Response[Any]:
    return Redirect(f"/held/{held.reference}", status_code=303)


def _preview(found: Visit, draft: Draft, mistakes: Mistakes) -> Response[str]:
    views = [] if mistakes else _views(found, draft, mistakes)
    text = draw(
        found,
        "compose_preview.html",
        {"views": views, "mistakes": mistakes, "draft": draft, "chosen": draft.recipients},
    )
    return Response(text, media_type="text/html; charset=utf-8")


def _form(
    found: Visit, kind: InformationType, model: str, draft: Draft, *, mistakes: Mistakes | None = None
) -> Response[str]:
    mistakes = mistakes or Mistakes()
    typed = answers_in(found) if found.answers else answers_from(draft.body)
    body = groups(found, kind, model, typed)
    asked = [q for q in ground_questions(found, draft) if q.name not in in_body(kind, model)]
    grounds = filled(asked, found.answers, mistakes)
    views = _views(found, draft, mistakes)
    return page(
        found,
        "compose.html",
        status=400 if mistakes else 200,
        kind=kind,
        model=model,
        draft=draft,
        body=body,
        grounds=grounds,
        about=[(one, about_questions(found, draft, one)) for one in people_in(draft.body)],
        questions=[*grounds, *every_question(body)],
        views=views,
        chosen=draft.recipients,
        mistakes=mistakes,
    )


def in_body(kind: InformationType, model: str) -> set[str]:
    """Questions that the body of this kind asks itself."""
    own = {one.path for one in kind.form(model)}
    twice = {"code": "handling", "classification": "classification", "caveats": "caveats"}
    twice |= dict.fromkeys(("grade_scheme", "grade_source", "grade_information"), "grade")
    return {name for name, place in twice.items() if place in own}


def _views(found: Visit, draft: Draft, mistakes: Mistakes) -> list[reports.RecipientView]:
    """What each recipient would get; what the gate cannot read is a mistake to show, not a fault."""
    if not draft.body:
        return []
    try:
        return reports.preview(found.node, found.officer, draft)
    except InputError as fault:
        mistakes.take(fault)
        return []


def every_question(group: Any) -> list[Question]:
    """All questions of a body form, in order."""
    return [*group.questions, *(q for inner in group.groups for q in every_question(inner))]


def ground_questions(found: Visit, draft: Draft) -> list[Question]:
    """Why and how: what every message states beside its body."""
    return [*why_questions(found, draft), *grade_questions(found, draft), *handling_questions(found, draft)]


def why_questions(found: Visit, draft: Draft) -> list[Question]:
    """Purpose, regime, act and what the law asks beside them."""
    say, given = found.say, draft.asks
    offence = given.get("offence", {}) or {}
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
            value=given.get("targeting", "individual"),
        ),
        Question(
            "case", say("Case"), required=False, value=given.get("case", ""), width="govuk-input--width-20"
        ),
        Question(
            "max_years",
            say("Longest sentence for the offence, in years"),
            "number",
            required=False,
            value=str(offence.get("max_years", "")),
            width="govuk-input--width-3",
        ),
    ]


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
            options=worded(found, terms.HandlingCode, unknown=True),
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
            options=worded(found, terms.System),
            value=(item.get("origin", {}).get("systems") or ["national_police"])[0],
        ),
    ]


def about_questions(found: Visit, draft: Draft, subject: str) -> list[Question]:
    """What is known of one person. Nothing said counts as unknown, and unknown protects."""
    stated: Mapping[str, Any] = next(
        (s for s in draft.asks.get("subjects", ()) if s.get("id") == subject), {}
    )
    say = found.say
    kinds = (
        ("protection", say("International protection"), terms.Protection),
        ("minor", say("A child"), terms.Minor),
        ("trafficking_indicator", say("Signs of trafficking"), terms.Answerable),
    )
    return [
        Question(
            f"about.{subject}.{name}",
            words,
            "select",
            options=worded(found, list(kind), unknown=True),
            value=str(stated.get(name, UNKNOWN)),
        )
        for name, words, kind in kinds
    ]


@get("/held/{reference:str}")
@in_thread
def held(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[str]:
    """On its hold: undo while there is time, then where it stands."""
    found = visit(request)
    found.needs(Verb.WRITE)
    lines = [one for one in reports.outbox(found.node, found.officer) if one.thread == reference]
    return page(found, "held.html", reference=reference, lines=lines, hold_s=found.node.settings.hold_s)


@post("/held/{reference:str}/undo", status_code=200)
@in_thread
def undo(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[str]:
    """Take it back, or say that it has gone."""
    found = visit(request)
    taken = reports.undo(found.node, found.needs(Verb.WRITE), reference)
    return page(found, "undone.html", reference=reference, taken=taken)


PAGES = [choose_type, begin, resume, write, held, undo]
