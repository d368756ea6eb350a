"""One message: read with a purpose, answered, passed on, recalled, printed; with history and proof."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from cordiale import terms
from cordiale.errors import CordialeError, InputError
from cordiale.node import agreements, attachments, ledger, notices, recalls, recalls_told, reports
from cordiale.node.papers import Draft
from cordiale.node.people import Verb
from cordiale.terms import UNKNOWN
from cordiale.web.bodies import Said
from cordiale.web.bodies import lines as body_lines
from cordiale.web.faults import told
from cordiale.web.forms import Mistakes, Question, filled
from cordiale.web.frame import page
from cordiale.web.plain import part_name, who
from cordiale.web.question import made_of, worded
from cordiale.web.stating import about_questions, grade, ground_questions, people_in, person
from cordiale.web.trays import purpose_of, purposes
from cordiale.web.visit import Visit, in_thread, visit
from cordiale.web.words import mark

PRINT: Final = "message_print.html"
ONWARD: Final = (
    "purpose", "regime", "grade_scheme", "grade_source", "grade_information",
    "system", "obtained", "verified",
)  # fmt: skip
"""What is asked of whoever passes a message on; the rest stays as its originator stated it."""
PARTS_MAX: Final = 60  # of a message that may be named as wrong
LIMITS: Final = {
    "no_onward": mark("it is not passed on any further"),
    "no_court_use": mark("it is not used in court"),
    "no_identification": mark("nobody is identified with it"),
}
"""What a restriction may take away by a tick (node/notices.py)."""
CORRECTED: Final = mark(
    "It was corrected: pass on the message with the correct words, or say that you pass on the old ones"
)


@get("/message/{reference:str}")
@in_thread
def show_message(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[str]:
    """The message. Without a purpose, the question for what it is read."""
    found = visit(request)
    return _message_page(found, reference, purpose_of(request))


@get("/message/{reference:str}/print")
@in_thread
def print_message(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[str]:
    """The message on paper, with its marking and its place in the ledger."""
    found = visit(request)
    return _message_page(found, reference, purpose_of(request), template=PRINT)


def _message_page(
    found: Visit,
    reference: str,
    purpose: str,
    *,
    template: str = "message.html",
    mistakes: Mistakes | None = None,
) -> Response[str]:
    officer = found.needs(Verb.READ)
    if not purpose:
        return page(found, "message_purpose.html", reference=reference, purposes=purposes(found))
    # How it stands is asked first: what happens in between is then seen by the open page's first question.
    stands = recalls_told.standing(found.node, officer, reference)
    view = recalls.PRINT if template == PRINT else reports.MESSAGE
    opened = reports.open_message(found.node, officer, reference, purpose=purpose, view=view)
    said = body_lines(opened.body, found)
    questions = filled(act_questions(found, said), found.answers, mistakes)
    return page(
        found,
        template,
        status=400 if mistakes else 200,
        opened=opened,
        stands=stands,
        watched=f"/message/{reference}/state?was={stands.mark}",
        reads=True,
        taken=recalls.of_message(found.node, officer, reference),
        names=found.node.names(),
        line=opened.line,
        reference=reference,
        purpose=purpose,
        said=said,
        files=attachments.came_with(found.node, reference) if opened.line.direction == "in" else [],
        questions=questions,
        by_name={q.name: q for q in questions},
        mistakes=mistakes,
        story=ledger.story(found.node, opened.line.message) if opened.line.message else [],
    )


def act_questions(found: Visit, said: Sequence[Said] = ()) -> list[Question]:
    """What is asked before a message is recalled, corrected, restricted or erased; `said`: its parts."""
    say = found.say
    acts = (
        ("recall", say("recall it: every holder destroys it, this node keeps its own copy")),
        ("correct", say("say that it is wrong: the correct words go as a message of their own")),
        ("restrict", say("restrict it: every holder keeps it, and may do less with it from now on")),
        ("erase", say("erase it: every holder destroys it, and so does this node")),
    )
    return [
        Question("action", say("What you ask of every holder"), "radios", options=acts, value="recall"),
        Question(
            "reason",
            say("Why it is recalled"),
            "select",
            options=(("", say("Choose")), *worded(found, notices.REASONS)),
            hint=say("The reason travels with the recall and follows every copy."),
        ),
        Question(
            "paths",
            say("Which parts are wrong"),
            "checkboxes",
            options=tuple((one.path, part_name(found, one.path)) for one in said if one.depth)[:PARTS_MAX],
            hint=say("None ticked: all of it."),
            required=False,
        ),
        *limit_questions(found),
    ]


def limit_questions(found: Visit) -> list[Question]:
    """What a restriction takes away. It only tightens: nobody loosens what holds already."""
    say = found.say
    return [
        Question(
            "limits",
            say("From now on"),
            "checkboxes",
            options=tuple((code, say(words)) for code, words in LIMITS.items()),
            required=False,
        ),
        Question(
            "use_only",
            say("Use it only for"),
            "select",
            options=(("", say("as before")), *worded(found, terms.Purpose)),
            hint=say("It only narrows: a purpose that was not allowed before leaves none."),
            required=False,
        ),
        Question(
            "never_to",
            say("Never to these Sides"),
            hint=say("Their codes with blanks between them, such as RS AL. No reason travels with them."),
            required=False,
            width="govuk-input--width-20",
        ),
    ]


def _codes(found: Visit) -> list[str]:
    """The restrictions that a form states, as a notice carries them."""
    codes = [one for one in found.several("limits") if one in LIMITS]
    if found.answer("use_only") in set(terms.Purpose):
        codes.append(f"use_only:{found.answer('use_only')}")
    sides = found.answer("never_to").upper().replace(",", " ").split()
    return codes + [f"never_to:{one.lower()}" for one in sides]


def _unknown_sides(found: Visit) -> list[str]:
    """What was typed as a Side and is none in the register of today."""
    known = {one["side"] for one in agreements.parties(found.node.register, found.now)}
    typed = found.answer("never_to").upper().replace(",", " ").split()
    return [one for one in typed if one not in known]


@get("/message/{reference:str}/forward")
@in_thread
def show_forward(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """Who would get what, before anything is passed on."""
    return _forward_page(visit(request), reference, Mistakes())


@post("/message/{reference:str}/forward", status_code=200)
@in_thread
def forward(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """Preview, or pass a received message on; the originator's say and every restriction stay with it."""
    found = visit(request)
    mistakes = Mistakes()
    if "send" in found.answers and not found.partial:
        officer = found.needs(Verb.WRITE)
        old = reports.corrected(found.node, officer, reference)
        if not found.several("recipients"):
            mistakes.add("recipients", found.say("Choose at least one recipient"))
        if old is not None and found.answer("despite") != str(old.number):
            mistakes.add("despite", found.say(CORRECTED))
        if not mistakes:
            return _passed_on(found, reference, mistakes, despite=old.number if old is not None else 0)
    return _forward_page(found, reference, mistakes)


def _passed_on(found: Visit, reference: str, mistakes: Mistakes, *, despite: int) -> Response[Any]:
    recipients = found.several("recipients")
    try:
        asked = onward_asks(found, reference)
        held = reports.forward(found.node, found.officer, reference, recipients, asks=asked, despite=despite)
    except CordialeError as fault:
        mistakes.add(fault.field or "recipients", told(found.say, fault))
        return _forward_page(found, reference, mistakes)
    waits = bool(found.node.settings.hold_s)
    return page(found, "forwarded.html", held=held, reference=reference, waits=waits)


def onward_asks(found: Visit, reference: str) -> dict[str, Any]:
    """What an officer states when passing on; origin and restrictions are the message's own."""
    body = reports.forwarded(found.node, found.officer, reference, ()).body
    stated: dict[str, Any] = {
        name: found.answer(name) for name in ("act", "purpose", "regime") if found.answer(name)
    }
    stated["subjects"] = [person(found, body, one) for one in people_in(body)]
    item: dict[str, Any] = {
        "verified": found.answer("verified", UNKNOWN),
        "origin": {
            **made_of(found),
            "obtained": found.answer("obtained", UNKNOWN),
        },
    }
    if graded := grade(found):
        item["grade"] = graded
    ticked, typed = " ".join(found.several("consents")), found.answer("other_consents")
    if named := list(dict.fromkeys(f"{ticked} {typed}".split())):
        item["handling"] = {"consents": named}
    return {**stated, "item": item}


def _forward_page(found: Visit, reference: str, mistakes: Mistakes) -> Response[Any]:
    officer = found.needs(Verb.WRITE)
    stands = recalls_told.mark(found.node, officer, reference)
    begun = reports.forwarded(found.node, officer, reference, found.several("recipients"))
    draft, views = begun, []
    try:
        if found.answers:
            asked = onward_asks(found, reference)
            draft = reports.forwarded(found.node, officer, reference, begun.recipients, asks=asked)
        views = reports.preview(found.node, officer, draft)
    except InputError as fault:
        mistakes.add(fault.field or "purpose", told(found.say, fault))
    facts: dict[str, Any] = {"views": views, "mistakes": mistakes, "draft": draft, "concerns": ()}
    facts["chosen"] = begun.recipients
    if found.partial:
        return page(found, "compose_preview.html", **facts)
    questions = filled(forward_questions(found, draft, reference), found.answers, mistakes)
    return page(
        found,
        "forward.html",
        status=400 if mistakes else 200,
        watched=f"/message/{reference}/state?was={stands}",
        old=reports.corrected(found.node, officer, reference),
        reference=reference,
        grounds=questions,
        questions=questions,
        about=[
            (one, filled(about_questions(found, draft, one), found.answers)) for one in people_in(draft.body)
        ],
        **facts,
    )


def forward_questions(found: Visit, draft: Draft, reference: str) -> list[Question]:
    """What is asked of whoever passes a message on."""
    say = found.say
    kept = [q for q in ground_questions(found, draft) if q.name in ONWARD]
    act = Question(
        "act",
        say("What you do"),
        "select",
        options=(
            ("onward", say("pass it on as theirs")),
            ("share", say("share it as ours, with its origin")),
        ),
        value=str(draft.asks.get("act", "onward")),
    )
    return [act, *consent_questions(found, reference), *kept]


def consent_questions(found: Visit, reference: str) -> list[Question]:
    """The originator's consents, to be ticked; by its name one that does not stand in the list."""
    say = found.say
    held = [(one.id, _consent(found, one)) for one in reports.consents(found.node, found.officer, reference)]
    ticked = Question(
        "consents",
        say("Consents of the originator, as recorded here"),
        "checkboxes",
        options=tuple(held),
        hint=say("Tick the one on which you rely. Whether it reaches a recipient stands beside."),
        required=False,
    )
    typed = Question(
        "other_consents",
        say("Another recorded consent") if held else say("Recorded consents of the originator"),
        hint=say("Its name in the records. With more than one, blanks between them.")
        if held
        else say("None is recorded here. If you know one by its name in the records, write it here."),
        required=False,
    )
    return [ticked, typed] if held else [typed]


def _consent(found: Visit, one: reports.Consent) -> str:
    """A consent in one line: what it is called, since when, and who recorded it."""
    told = [one.title or one.id, found.day(one.since) if one.since else "", who(found, one.issued_by)]
    return " · ".join(part for part in told if part)


@get("/message/{reference:str}/files/{id:str}")
@in_thread
def download(request: Request[Any, Any, Any], reference: FromPath[str], id: FromPath[str]) -> Response[Any]:
    """A file that came, to be saved and never shown; logged with its purpose like every reading."""
    found = visit(request)
    officer = found.needs(Verb.READ)
    purpose = purpose_of(request)
    if not purpose:
        return page(found, "message_purpose.html", reference=reference, purposes=purposes(found))
    file, pieces = reports.open_file(found.node, officer, reference, id, purpose=purpose)
    name = "".join(c if c.isascii() and (c.isalnum() or c in ".-_") else "_" for c in file.name) or "file"
    headers = {"content-disposition": f'attachment; filename="{name}"', "content-length": str(file.size)}
    return Stream(pieces, headers=headers, media_type="application/octet-stream")


@post("/message/{reference:str}/recall", status_code=200)
@in_thread
def recall(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """Recall what was sent; the page then shows who has acknowledged."""
    found = visit(request)
    officer = found.needs(Verb.RELEASE)
    mistakes, action = Mistakes(), found.answer("action", "recall")
    codes = _codes(found) if action == "restrict" else []
    if found.answer("reason") not in notices.REASONS:
        mistakes.add("reason", found.say("Say why it is recalled"))
    if action == "restrict" and not codes:
        mistakes.add("limits", found.say("Say what is no longer allowed"))
    if action == "restrict" and (unknown := _unknown_sides(found)):
        mistakes.add("never_to", f"{found.say('No Side has this code:')} {', '.join(unknown)[:60]}")
    if mistakes:
        return _message_page(found, reference, purpose_of(request), mistakes=mistakes)
    notices.recall(
        found.node,
        officer,
        reference,
        found.answer("reason"),
        action=action,
        restrictions=codes,
        paths=found.several("paths")[:PARTS_MAX] if action == "correct" else (),
    )
    return Redirect(f"/message/{reference}/recall", status_code=303)


@get("/message/{reference:str}/recall")
@in_thread
def show_recall(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[str]:
    """Every holder of a recalled message, and whether they have acknowledged."""
    found = visit(request)
    officer = found.needs(Verb.READ)
    return page(
        found,
        "recall.html",
        reference=reference,
        holders=notices.holders(found.node, officer, reference),
        notices=recalls_told.standing(found.node, officer, reference).notices,
        taken=recalls.of_message(found.node, officer, reference),
        names=found.node.names(),
        days=recalls.CONFIRM_WITHIN.days,
    )


PAGES = [show_message, print_message, show_forward, forward, download, recall, show_recall]
