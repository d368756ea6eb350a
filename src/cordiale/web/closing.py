"""A distress is closed by a named person who was asked twice, and reopened when the closing was a mistake."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.errors import RequestError
from cordiale.node import rescue
from cordiale.node.people import Verb
from cordiale.web.faults import told
from cordiale.web.forms import Mistakes
from cordiale.web.frame import page
from cordiale.web.rescue import closing, incident_page, reopening_questions
from cordiale.web.visit import Visit, in_thread, visit
from cordiale.web.words import parsed

PAGE_LINES: Final = 50
DIGITS_MAX: Final = 6  # of a number of persons


@get("/distress/closed")
@in_thread
def show_closed(request: Request[Any, Any, Any]) -> Response[str]:
    """Closed incidents: who closed each, when, why, and who was told; each can be reopened."""
    found = visit(request)
    officer = found.needs(Verb.RESCUE)
    before = parsed(request.query_params.get("before", ""))
    lines = rescue.closed(found.node, officer, limit=PAGE_LINES, before=before)
    more = lines[-1].opened_at.isoformat() if len(lines) == PAGE_LINES else ""
    return page(found, "distress_closed.html", incidents=lines, more=more)


@post("/distress/{reference:str}/close", status_code=303)
@in_thread
def close(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """A named person closes it, with positive evidence, after being asked once more: never in one click."""
    found = visit(request)
    officer = found.needs(Verb.EXECUTIVE)
    counted, evidence = _number(found.answer("counted")), _lines(found.answer("evidence"))
    one = rescue.distress(found.node, reference)
    mistakes = _mistakes(found, counted, evidence)
    if one.sounding:
        mistakes.found.clear()
        mistakes.add(
            "person", found.say("Nobody here has confirmed it: ring, say that you have it, then close it")
        )
    if mistakes or "back" in found.answers:
        return incident_page(found, reference, mistakes)
    differs = one.body.get("persons") not in (None, counted)
    if "sure" in found.answers and differs and not found.answer("explained"):
        mistakes.add("explained", found.say("Say that you know why the numbers differ, or go back"))
    if "sure" not in found.answers or mistakes:
        return _asks_once_more(found, one, mistakes, differs=differs)
    person = found.answer("person")
    try:
        rescue.close_distress(found.node, officer, reference, person, evidence=evidence, counted=counted)
    except RequestError as fault:
        mistakes.add(fault.field or "evidence", told(found.say, fault))
        return incident_page(found, reference, mistakes)
    return Redirect(f"/distress?closed={reference}", status_code=303)


def _mistakes(found: Visit, counted: int | None, evidence: list[str]) -> Mistakes:
    mistakes = Mistakes()
    if not found.answer("person"):
        mistakes.add("person", found.say("Say who closes it"))
    if counted is None:
        mistakes.add("counted", found.say("Say how many persons are known to be safe, as a number"))
    if not evidence:
        mistakes.add("evidence", found.say("Say how it is known that they are safe"))
    return mistakes


def _asks_once_more(
    found: Visit, one: rescue.Distress, mistakes: Mistakes, *, differs: bool
) -> Response[str]:
    return page(
        found,
        "distress_close.html",
        status=400 if mistakes else 200,
        one=one,
        reference=one.reference,
        typed=[(asked.name, found.answer(asked.name)) for asked in closing(found)],
        evidence=_lines(found.answer("evidence")),
        counted=_number(found.answer("counted")),
        person=found.answer("person"),
        differs=differs,
        questions=[],
        mistakes=mistakes,
    )


@post("/distress/{reference:str}/reopen", status_code=303)
@in_thread
def reopen(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """A named person takes a closing back: it stands open again, and sounds at every partner that has it."""
    found = visit(request)
    officer = found.needs(Verb.RESCUE)
    mistakes = Mistakes()
    if not found.answer("person"):
        mistakes.add("person", found.say("Say who reopens it"))
    if not found.answer("why"):
        mistakes.add("why", found.say("Say why it is not over"))
    if mistakes:
        return incident_page(found, reference, mistakes)
    try:
        rescue.reopen_distress(
            found.node, officer, reference, found.answer("person"), why=found.answer("why")
        )
    except RequestError as fault:
        mistakes.add(fault.field or reopening_questions(found)[-1].name, told(found.say, fault))
        return incident_page(found, reference, mistakes)
    return Redirect(f"/distress/{reference}", status_code=303)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _number(text: str) -> int | None:
    """A number of persons as it was typed; None for anything else."""
    typed = text.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= DIGITS_MAX else None


PAGES = [show_closed, close, reopen]
