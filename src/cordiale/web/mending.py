"""The failed box: what could not go or was not taken: read, mended, sent again; by two where it takes two."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.errors import CordialeError
from cordiale.node import mending, reports
from cordiale.node.people import Account, Verb
from cordiale.web import alarms
from cordiale.web.faults import told
from cordiale.web.forms import Mistakes
from cordiale.web.frame import page
from cordiale.web.visit import Visit, in_thread, visit


@get("/failed")
@in_thread
def failed(request: Request[Any, Any, Any]) -> Response[str]:
    """What could not be delivered or taken, and what may be done about each."""
    return _page(visit(request))


def _page(found: Visit, mistakes: Mistakes | None = None, number: int = 0) -> Response[str]:
    return page(
        found,
        "failed.html",
        status=400 if mistakes else 200,
        aside=mending.aside(found.node, found.needs(Verb.READ)),
        mistakes=mistakes,
        questions=[],
        numbers=alarms.numbers(found),
        wrong=number,
    )


def _faulty(found: Visit, number: int, fault: CordialeError) -> Response[str]:
    """The box again, with what went wrong beside its entry."""
    words = told(found.say, fault)
    mistakes = Mistakes({f"failed-{number}": words[:1].upper() + words[1:]})
    return _page(found, mistakes, number)


def _mender(request: Request[Any, Any, Any]) -> tuple[Visit, Account]:
    found = visit(request)
    return found, found.needs(Verb.RELEASE)


@post("/failed/{number:int}/dismiss", status_code=303)
@in_thread
def dismiss(request: Request[Any, Any, Any], number: FromPath[int]) -> Response[Any]:
    """A person has read it and nothing more is to be done."""
    found, officer = _mender(request)
    try:
        reports.dismiss(found.node, officer, number)
    except CordialeError as fault:
        return _faulty(found, number, fault)
    return Redirect("/failed", status_code=303)


@post("/failed/{number:int}/replay", status_code=200)
@in_thread
def replay(request: Request[Any, Any, Any], number: FromPath[int]) -> Response[Any]:
    """Carry the stored bytes once more, as they were decided."""
    found, officer = _mender(request)
    try:
        reports.replay(found.node, officer, number)
    except CordialeError as fault:
        return _faulty(found, number, fault)
    return _done(found, found.say("Tried again"), found.say("The courier takes it again as it was decided."))


@post("/failed/{number:int}/take", status_code=200)
@in_thread
def take(request: Request[Any, Any, Any], number: FromPath[int]) -> Response[Any]:
    """Let what came and was set aside take effect after all."""
    found, officer = _mender(request)
    try:
        mending.take(found.node, officer, number)
    except CordialeError as fault:
        return _faulty(found, number, fault)
    text = found.say(
        "It was verified and judged once more, and stands where it belongs. The ledger says who took it."
    )
    return _done(found, found.say("Taken in"), text)


@post("/failed/{number:int}/go-on", status_code=200)
@in_thread
def go_on(request: Request[Any, Any, Any], number: FromPath[int]) -> Response[Any]:
    """Ask the partner to go on without it."""
    found, officer = _mender(request)
    try:
        mending.ask_to_go_on(found.node, officer, number, reason=found.answer("reason"))
    except CordialeError as fault:
        return _faulty(found, number, fault)
    text = found.say("Now ring the partner: a person there must agree. Until then the lane stays as it is.")
    return _done(found, found.say("Asked"), text)


@post("/failed/{number:int}/agree", status_code=200)
@in_thread
def agree(request: Request[Any, Any, Any], number: FromPath[int]) -> Response[Any]:
    """Let a partner's lane go on, after speaking with a person there."""
    found, officer = _mender(request)
    if not found.answer("spoken"):
        mistakes = Mistakes(
            {f"failed-{number}": found.say("Ring the partner first, then tick that you have")}
        )
        return _page(found, mistakes, number)
    try:
        mending.agree(found.node, officer, number)
    except CordialeError as fault:
        return _faulty(found, number, fault)
    text = found.say(
        "Their lane goes on at its next call. Both ledgers tell the gap: who, when and which message."
    )
    return _done(found, found.say("Agreed"), text)


@post("/failed/{number:int}/anew", status_code=303)
@in_thread
def anew(request: Request[Any, Any, Any], number: FromPath[int]) -> Response[Any]:
    """Write it again: a draft with the same words, to be mended and decided again."""
    found, officer = _mender(request)
    try:
        reference = mending.anew(found.node, officer, number)
    except CordialeError as fault:
        return _faulty(found, number, fault)
    return Redirect(f"/draft/{reference}", status_code=303)


def _done(found: Visit, title: str, text: str) -> Response[str]:
    return page(found, "done.html", title=title, text=text, back="/failed")


PAGES = [failed, dismiss, replay, take, go_on, agree, anew]
