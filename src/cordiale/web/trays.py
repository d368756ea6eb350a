"""In-tray, out-tray and search: what waits for me first, and only what I may see."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.response import Redirect

from cordiale.node import reports
from cordiale.node.people import Verb
from cordiale.terms import Purpose
from cordiale.web.frame import page
from cordiale.web.question import worded
from cordiale.web.visit import Visit, cookie, cookie_of, in_thread, visit
from cordiale.web.words import mark, parsed

CHANGED: Final = {
    "purpose": mark("the purpose"),
    "regime": mark("the body of law"),
    "urgent": mark("the urgency"),
    "offence": mark("the offence"),
    "targeting": mark("at whom it is aimed"),
    "subjects": mark("what is said of a person: part, protection, age, nationality"),
    "facts": mark("a fact about the case"),
    "item": mark("how it is marked: grade, origin, handling"),
    "confirmations": mark("who has confirmed it"),
}
"""What an officer states and may change after a refusal (node/judgements.py), in words."""
PAGE_LINES = 50
WORDS_MAX = 200  # characters of a search
DIGITS_MAX = 16  # of a place in the search index


def purpose_of(request: Request[Any, Any, Any]) -> str:
    """For what this person reads: chosen once in the in-tray, inherited by every message until changed."""
    chosen = request.query_params.get("purpose", "") or cookie_of(request, "purpose")
    return chosen if chosen in set(Purpose) else ""


def purposes(found: Visit) -> tuple[tuple[str, str], ...]:
    """Every purpose, in words."""
    return worded(found, Purpose)


def _place(request: Request[Any, Any, Any]) -> tuple[datetime, str] | None:
    """Where the page before ended, as `_more` wrote it: a time, and the message of it."""
    at, _, reference = request.query_params.get("before", "").partition("~")
    moment = parsed(at)
    return (moment, reference[:80]) if moment else None


def _more(lines: list[reports.Line]) -> str:
    """Where this page ends, when there may be older lines. Two messages of one moment are two places."""
    return f"{lines[-1].at.isoformat()}~{lines[-1].reference}" if len(lines) == PAGE_LINES else ""


@get("/inbox")
@in_thread
def inbox(request: Request[Any, Any, Any]) -> Response[str]:
    """What has come in."""
    found = visit(request)
    officer = found.needs(Verb.READ)
    before = _place(request)
    lines = reports.inbox(found.node, officer, limit=PAGE_LINES, before=before)
    more = _more(lines)
    template = "tray_lines.html" if found.partial else "inbox.html"
    return page(
        found,
        template,
        lines=lines,
        more=more,
        tray="inbox",
        purpose=purpose_of(request),
        purposes=purposes(found),
    )


@get("/outbox")
@in_thread
def outbox(request: Request[Any, Any, Any]) -> Response[str]:
    """What has gone, is held, waits or failed."""
    found = visit(request)
    officer = found.needs(Verb.READ)
    before = _place(request)
    lines = reports.outbox(found.node, officer, limit=PAGE_LINES, before=before)
    more = _more(lines)
    template = "tray_lines.html" if found.partial else "outbox.html"
    return page(
        found, template, lines=lines, more=more, tray="outbox", failed=reports.failed_box(found.node, officer)
    )


@get("/decisions")
@in_thread
def decisions(request: Request[Any, Any, Any]) -> Response[str]:
    """The decisions of this node for a supervisor; a fact changed after a refusal is marked."""
    found = visit(request)
    rows = reports.decisions(found.node, found.needs(Verb.OVERSEE))
    changed = {name: found.say(words) for name, words in CHANGED.items()}
    return page(found, "decisions.html", rows=rows, changed=changed)


@get("/search")
@in_thread
def search(request: Request[Any, Any, Any]) -> Response[str]:
    """Find by words, within what I may see; logged with its purpose."""
    found = visit(request)
    officer = found.needs(Verb.READ)
    words = request.query_params.get("words", "").strip()[:WORDS_MAX]
    purpose = purpose_of(request)
    given = request.query_params.get("before", "")
    before = int(given) if given.isascii() and given.isdigit() and len(given) < DIGITS_MAX else None
    findings = reports.Findings()
    if words and purpose:
        findings = reports.find(found.node, officer, words, purpose=purpose, limit=PAGE_LINES, before=before)
    return page(
        found,
        "search.html",
        words=words,
        purpose=purpose,
        purposes=purposes(found),
        findings=findings,
        lines=findings.lines,
        tray="inbox",
    )


@post("/purpose", status_code=303)
@in_thread
def choose_purpose(request: Request[Any, Any, Any]) -> Response[Any]:
    """For what I read from now on in this browser."""
    found = visit(request)
    words = found.answer("words")[:WORDS_MAX]
    there = Redirect(f"/search?{urlencode({'words': words})}" if words else "/inbox", status_code=303)
    if found.answer("purpose") in set(Purpose):
        there.set_cookie(cookie(found.node, "purpose", found.answer("purpose"), max_age=12 * 3600))
    return there


PAGES = [inbox, outbox, decisions, search, choose_purpose]
