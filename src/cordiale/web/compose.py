"""Writing: a form for each information type, saved as one types; beside it, who may have what and why.

The preview asks the gate that decides; it sends and records nothing. Sending puts the message on its hold.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.errors import InputError, PayloadError, RequestError
from cordiale.node import attachments, drafts, reports
from cordiale.node.papers import Draft
from cordiale.node.people import Verb
from cordiale.node.reports import Held
from cordiale.payloads import TYPES, InformationType, type_named
from cordiale.payloads.model import UNIDENTIFIED
from cordiale.web.bodies import answers_from, answers_in, encoded, groups, with_mistakes
from cordiale.web.faults import told
from cordiale.web.forms import Mistakes, Question, filled
from cordiale.web.frame import draw, page
from cordiale.web.layout import laid_out
from cordiale.web.stating import about_questions, asks, ground_questions, people_in
from cordiale.web.visit import Visit, in_thread, visit

MOST_USED: Final = ("intelligence_report", "person_intelligence", "launch_alert", "situational_item")
"""The kinds that a liaison officer writes on most days; they stand in the whole list too."""
FIRST: Final = ("permit", "withhold", "refuse")
"""Who may have it stands above who may not."""


@get("/compose")
@in_thread
def choose_type(request: Request[Any, Any, Any]) -> Response[str]:
    """My drafts, and the kinds of information that can be sent."""
    found = visit(request)
    officer = found.needs(Verb.WRITE)
    kinds = [t for t in TYPES.values() if t.id != "distress_incident"]
    first = [TYPES[name] for name in MOST_USED]
    return page(
        found, "compose_choose.html", kinds=kinds, first=first, drafts=drafts.drafts(found.node, officer)
    )


@get("/compose/{type_id:str}")
@in_thread
def begin(request: Request[Any, Any, Any], type_id: FromPath[str]) -> Response[str]:
    """An empty form."""
    found = visit(request)
    found.needs(Verb.WRITE)
    kind = type_named(type_id)
    model = request.query_params.get("model", "") or next(iter(kind.models))
    # The form knows its draft before the first save: saved twice at once, it is still one draft.
    fresh = Draft(type_id, {}, {}, reference=found.node.world.chance.token(8))
    return _form(found, kind, model, fresh)


@get("/draft/{reference:str}")
@in_thread
def resume(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[str]:
    """A draft where it was left."""
    found = visit(request)
    draft = drafts.open_draft(found.node, found.needs(Verb.WRITE), reference)
    kind = type_named(draft.type)
    return _form(found, kind, model_of(draft, kind), draft)


@post("/compose/{type_id:str}", status_code=200)
@in_thread
def write(request: Request[Any, Any, Any], type_id: FromPath[str]) -> Response[Any]:
    """Save as typed; and preview, ask for one more entry, or send, as the button says."""
    found = visit(request)
    officer = found.needs(Verb.WRITE)
    kind = type_named(type_id)
    model = found.answer("model") if found.answer("model") in kind.models else next(iter(kind.models))
    mistakes = Mistakes()
    draft = read_draft(found, kind, model, mistakes)
    try:
        draft = drafts.save_draft(found.node, officer, draft)
    except InputError as fault:
        mistakes.add(fault.field or "revision", told(found.say, fault))
    if found.partial:
        return _preview(found, draft, mistakes)
    if "send" in found.answers and not mistakes:
        if not draft.recipients:
            mistakes.add("recipients", found.say("Choose at least one recipient"))
        else:
            try:
                return _sent(reports.send(found.node, officer, draft))
            except RequestError as fault:
                mistakes.add(fault.field or "recipients", told(found.say, fault))
    if not mistakes and "send" not in found.answers:
        return Redirect(f"/draft/{draft.reference}", status_code=303)
    return _form(found, kind, model, draft, mistakes=mistakes)


@post("/draft/{reference:str}/discard", status_code=303)
@in_thread
def discard(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """Throw a draft away."""
    found = visit(request)
    drafts.discard_draft(found.node, found.needs(Verb.WRITE), reference)
    return Redirect("/compose", status_code=303)


@post("/message/{reference:str}/answer", status_code=303)
@in_thread
def answer(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """Begin an answer: a draft that knows to whom, about what, and in which case."""
    found = visit(request)
    officer = found.needs(Verb.WRITE)
    begun = reports.answering(found.node, officer, reference)
    if found.answer("type") in TYPES:
        begun = replace(begun, type=found.answer("type"))
    saved = drafts.save_draft(found.node, officer, begun)
    return Redirect(f"/draft/{saved.reference}", status_code=303)


def model_of(draft: Draft, kind: InformationType) -> str:
    """The model of a saved body."""
    named = str(draft.body.get("model", ""))
    return named if named in kind.models else next(iter(kind.models))


def read_draft(found: Visit, kind: InformationType, model: str, mistakes: Mistakes) -> Draft:
    """The draft that a form holds; what does not fit goes to `mistakes`, beside its question.

    What the form does not ask about (whom it answers, its files and their statements) is kept.
    """
    old = Draft(kind.id, {}, {})
    if reference := found.answer("reference"):
        try:
            old = drafts.open_draft(found.node, found.officer, reference)
        except InputError:
            old = replace(old, reference=reference if re.fullmatch("[0-9a-f]{16}", reference) else "")
    typed, body = answers_in(found), old.body
    try:
        body = encoded(kind, model, typed, old.body)
        body = {**body, "body": {**body["body"], **files_in(kind, model, old.body)}}
    except PayloadError as fault:
        mistakes.add(f"body.{fault.field}", f"{told(found.say, fault).rstrip('.')}.")
    revision = found.answer("revision")
    return replace(
        old,
        body=body,
        asks={**kept_asks(old), **asks(found, body)},
        recipients=tuple(found.several("recipients")) or (old.recipients if old.about else ()),
        typed=typed,
        model=model,
        revision=int(revision) if revision.isdigit() else 0,
    )


def kept_asks(old: Draft) -> dict[str, Any]:
    """What was stated when an answer began and no question of the form asks again."""
    return {name: old.asks[name] for name in ("modality",) if name in old.asks}


def files_in(kind: InformationType, model: str, old: Mapping[str, Any]) -> dict[str, Any]:
    """The files that a body names: they are attached on their own page, and stay while the words change."""
    places = [one.path for one in kind.form(model) if one.kind == "attachment" and one.many]
    return {place: old["body"][place] for place in places if place in old.get("body", {})}


def _sent(held: Held) -> Response[Any]:
    return Redirect(f"/held/{held.reference}", status_code=303)


def _preview(found: Visit, draft: Draft, mistakes: Mistakes) -> Response[str]:
    views = [] if mistakes else _views(found, draft, mistakes)
    text = draw(
        found,
        "compose_preview.html",
        {
            "views": views,
            "mistakes": mistakes,
            "draft": draft,
            "chosen": draft.recipients,
            "concerns": concerns(draft, mistakes),
        },
    )
    return Response(text, media_type="text/html; charset=utf-8")


def _form(
    found: Visit, kind: InformationType, model: str, draft: Draft, *, mistakes: Mistakes | None = None
) -> Response[str]:
    mistakes = mistakes or Mistakes()
    typed = answers_in(found) if found.answers else dict(draft.typed) or answers_from(draft.body)
    body = with_mistakes(groups(found, kind, model, typed), mistakes.found)
    asked_already = in_body(kind, model)
    asked = [q for q in ground_questions(found, draft) if q.name not in asked_already]
    grounds = filled(asked, found.answers, mistakes)
    views = _views(found, draft, mistakes)
    return page(
        found,
        "compose.html",
        status=400 if mistakes else 200,
        watched=f"/draft/{draft.reference}/state" if draft.passes_on else "",
        kind=kind,
        model=model,
        draft=draft,
        body=body,
        grounds=grounds,
        about=[
            (one, about_questions(found, draft, one)) for one in people_in(draft.body) if one != UNIDENTIFIED
        ],
        questions=[*grounds, *every_question(body)],
        layout=laid_out(body, grounds),
        views=views,
        chosen=draft.recipients,
        mistakes=mistakes,
        concerns=concerns(draft, mistakes),
        takes_files=attachments.takes_files(draft),
        files=attachments.files_of(found.node, draft),
        hold=hold_words(found),
    )


def hold_words(found: Visit) -> str:
    """How long a message can be taken back; at one second and at none too."""
    hold_s = found.node.settings.hold_s
    if not hold_s:
        return found.say("After Send it goes at once, and cannot be taken back.")
    if hold_s == 1:
        return found.say("After Send you have one second to take it back.")
    return found.say("After Send you have {} seconds to take it back.").format(hold_s)


def concerns(draft: Draft, mistakes: Mistakes) -> tuple[drafts.Concern, ...]:
    """What a person should look at before it leaves; nothing while an answer does not fit."""
    return drafts.concerns(draft) if draft.body and not mistakes else ()


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
        views = reports.preview(found.node, found.officer, draft)
    except InputError as fault:
        mistakes.add(fault.field, told(found.say, fault))
        return []
    return sorted(views, key=lambda one: (one.recipient not in draft.recipients, FIRST.index(one.verdict)))


def every_question(group: Any) -> list[Question]:
    """All questions of a body form, in order."""
    return [*group.questions, *(q for inner in group.groups for q in every_question(inner))]


@get("/held/{reference:str}")
@in_thread
def held(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[str]:
    """On its hold: undo while there is time, then where it stands."""
    found = visit(request)
    found.needs(Verb.WRITE)
    lines = [one for one in reports.outbox(found.node, found.officer) if one.thread == reference]
    ends = [one.due_at for one in lines if one.state == "held" and one.due_at]
    left = max((math.ceil((end - found.now).total_seconds()) for end in ends), default=0)
    return page(found, "held.html", reference=reference, lines=lines, left_s=max(left, 0), held=bool(ends))


@post("/held/{reference:str}/undo", status_code=200)
@in_thread
def undo(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[str]:
    """Take it back, or say that it has gone."""
    found = visit(request)
    officer = found.needs(Verb.WRITE)
    taken = reports.undo(found.node, officer, reference)
    again = taken and any(one.reference == reference for one in drafts.drafts(found.node, officer))
    gone = [] if taken else _recallable(found, reference)
    return page(found, "undone.html", reference=reference, taken=taken, again=again, lines=gone)


def _recallable(found: Visit, reference: str) -> list[reports.Line]:
    """What has left of a message that was sent to several."""
    if not found.may(Verb.RELEASE):
        return []
    lines = [one for one in reports.outbox(found.node, found.officer) if one.thread == reference]
    return [one for one in lines if one.message]


PAGES = [choose_type, begin, resume, write, discard, answer, held, undo]
