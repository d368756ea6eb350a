"""One message: read with a purpose, answered, passed on, recalled, printed; with history and proof."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.errors import CordialeError
from cordiale.node import ledger, notices, reports
from cordiale.node.people import Verb
from cordiale.web.bodies import lines as body_lines
from cordiale.web.forms import Mistakes, Question, filled
from cordiale.web.frame import page
from cordiale.web.question import parties, worded
from cordiale.web.trays import purpose_of, purposes
from cordiale.web.visit import Visit, in_thread, visit


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
    return _message_page(found, reference, purpose_of(request), template="message_print.html")


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
    opened = reports.open_message(found.node, officer, reference, purpose=purpose)
    questions = filled(act_questions(found), found.answers, mistakes)
    return page(
        found,
        template,
        status=400 if mistakes else 200,
        opened=opened,
        line=opened.line,
        reference=reference,
        purpose=purpose,
        said=body_lines(opened.body, found),
        questions=questions,
        by_name={q.name: q for q in questions},
        mistakes=mistakes,
        story=ledger.story(found.node, opened.line.message) if opened.line.message else [],
    )


def act_questions(found: Visit) -> list[Question]:
    """What is asked before a message is passed on or recalled."""
    say = found.say
    return [
        Question("recipients", say("Pass on to"), "select", options=(("", say("Choose")), *parties(found))),
        Question(
            "reason",
            say("Why it is recalled"),
            "select",
            options=(("", say("Choose")), *worded(found, notices.REASONS)),
            hint=say("The reason travels with the recall and follows every copy."),
        ),
    ]


@post("/message/{reference:str}/forward", status_code=200)
@in_thread
def forward(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """Pass a received message on; the originator's say and every restriction stay with it."""
    found = visit(request)
    mistakes = Mistakes()
    recipients = found.several("recipients")
    if not recipients:
        mistakes.add("recipients", found.say("Choose at least one recipient"))
    else:
        try:
            held = reports.forward(found.node, found.needs(Verb.WRITE), reference, recipients)
            return page(found, "forwarded.html", held=held, reference=reference)
        except CordialeError as fault:
            mistakes.take(fault, "recipients")
    return _message_page(found, reference, purpose_of(request), mistakes=mistakes)


@post("/message/{reference:str}/recall", status_code=200)
@in_thread
def recall(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """Recall what was sent; the page then shows who has acknowledged."""
    found = visit(request)
    officer = found.needs(Verb.RELEASE)
    mistakes = Mistakes()
    if found.answer("reason") not in notices.REASONS:
        mistakes.add("reason", found.say("Say why it is recalled"))
        return _message_page(found, reference, purpose_of(request), mistakes=mistakes)
    notices.recall(found.node, officer, reference, found.answer("reason"))
    return Redirect(f"/message/{reference}/recall", status_code=303)


@get("/message/{reference:str}/recall")
@in_thread
def show_recall(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[str]:
    """Every holder of a recalled message, and whether they have acknowledged."""
    found = visit(request)
    officer = found.needs(Verb.READ)
    return page(
        found, "recall.html", reference=reference, holders=notices.holders(found.node, officer, reference)
    )


PAGES = [show_message, print_message, forward, recall, show_recall]
