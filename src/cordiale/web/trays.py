"""In-tray, out-tray, failed box and search: what waits for me first, and only what I may see."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.node import reports
from cordiale.node.people import Verb
from cordiale.terms import Purpose
from cordiale.web.frame import page
from cordiale.web.question import worded
from cordiale.web.visit import Visit, cookie, cookie_of, in_thread, visit
from cordiale.web.words import parsed

PAGE_LINES = 50


def purpose_of(request: Request[Any, Any, Any]) -> str:
    """For what this person reads: chosen once in the in-tray, inherited by every message until changed."""
    chosen = request.query_params.get("purpose", "") or cookie_of(request, "purpose")
    return chosen if chosen in set(Purpose) else ""


def purposes(found: Visit) -> tuple[tuple[str, str], ...]:
    """Every purpose, in words."""
    return worded(found, Purpose)


@get("/inbox")
@in_thread
def inbox(request: Request[Any, Any, Any]) -> Response[str]:
    """What has come in."""
    found = visit(request)
    officer = found.needs(Verb.READ)
    before = parsed(request.query_params.get("before"))
    lines = reports.inbox(found.node, officer, limit=PAGE_LINES, before=before)
    more = lines[-1].at.isoformat() if len(lines) == PAGE_LINES else ""
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
    before = parsed(request.query_params.get("before"))
    lines = reports.outbox(found.node, officer, limit=PAGE_LINES, before=before)
    more = lines[-1].at.isoformat() if len(lines) == PAGE_LINES else ""
    template = "tray_lines.html" if found.partial else "outbox.html"
    return page(
        found, template, lines=lines, more=more, tray="outbox", failed=reports.failed_box(found.node, officer)
    )


@get("/failed")
@in_thread
def failed(request: Request[Any, Any, Any]) -> Response[str]:
    """What could not be delivered or read: to look at, mend and replay."""
    found = visit(request)
    return page(found, "failed.html", lines=reports.failed_box(found.node, found.needs(Verb.READ)))


@post("/failed/{number:int}/dismiss", status_code=303)
@in_thread
def dismiss(request: Request[Any, Any, Any], number: FromPath[int]) -> Response[Any]:
    """A person has read it and nothing more is to be done."""
    found = visit(request)
    reports.dismiss(found.node, found.needs(Verb.RELEASE), number)
    return Redirect("/failed", status_code=303)


@post("/failed/{number:int}/replay", status_code=200)
@in_thread
def replay(request: Request[Any, Any, Any], number: FromPath[int]) -> Response[str]:
    """Try it once more as it is."""
    found = visit(request)
    officer = found.needs(Verb.RELEASE)
    reports.replay(found.node, officer, number)
    return page(
        found,
        "done.html",
        title=found.say("Tried again"),
        text=found.say("The courier takes it again as it was decided."),
        back="/failed",
    )


@get("/decisions")
@in_thread
def decisions(request: Request[Any, Any, Any]) -> Response[str]:
    """The decisions of this node for a supervisor; a fact changed after a refusal is marked."""
    found = visit(request)
    return page(found, "decisions.html", rows=reports.decisions(found.node, found.needs(Verb.OVERSEE)))


@get("/search")
@in_thread
def search(request: Request[Any, Any, Any]) -> Response[str]:
    """Find by words, within what I may see; logged with its purpose."""
    found = visit(request)
    officer = found.needs(Verb.READ)
    words = request.query_params.get("words", "").strip()[:200]
    purpose = purpose_of(request)
    lines = reports.search(found.node, officer, words, purpose=purpose) if words and purpose else []
    return page(
        found,
        "search.html",
        words=words,
        purpose=purpose,
        purposes=purposes(found),
        lines=lines,
        tray="inbox",
    )


@post("/purpose", status_code=303)
@in_thread
def choose_purpose(request: Request[Any, Any, Any]) -> Response[Any]:
    """For what I read from now on in this browser."""
    found = visit(request)
    there = Redirect("/inbox", status_code=303)
    if found.answer("purpose") in set(Purpose):
        there.set_cookie(cookie(found.node, "purpose", found.answer("purpose"), max_age=12 * 3600))
    return there


PAGES = [inbox, outbox, failed, replay, dismiss, decisions, search, choose_purpose]
