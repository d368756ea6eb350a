"""The first page: what waits for me, rescue first; and the favicon that every browser asks for."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.node import drafts, people, reports, rescue
from cordiale.node import waiting as tasks
from cordiale.node.people import Verb
from cordiale.web import alarms
from cordiale.web.accounts import LOST
from cordiale.web.frame import page, places
from cordiale.web.visit import Visit, in_thread, visit

SHOWN_MAX = 20
KEYS: Final = {
    "/inbox": "g i",
    "/outbox": "g o",
    "/compose": "g w",
    "/distress": "g d",
    "/question": "g q",
    "/agreements": "g a",
    "/": "g h",
}
"""Place -> the keys that lead there (static/pages.js)."""


@get("/")
@in_thread
def show_home(request: Request[Any, Any, Any]) -> Response[str]:
    """Waiting for you."""
    found = visit(request)
    officer = found.officer
    reads = found.may(Verb.READ)
    return page(
        found,
        "home.html",
        distresses=rescue.distresses(found.node) if found.may(Verb.RESCUE) else [],
        waiting=tasks.waiting(found.node, officer) if reads else [],
        drafts=drafts.drafts(found.node, officer)[:SHOWN_MAX] if found.may(Verb.WRITE) else [],
        failed=reports.failed_box(found.node, officer)[:SHOWN_MAX]
        if reads and found.may(Verb.RELEASE)
        else [],
        recoveries=[
            one
            for one in people.waiting_recoveries(found.node)
            if officer.id not in (one.first_by, one.officer)
        ]
        if found.may(Verb.ACCOUNTS) or found.may(Verb.OVERSEE)
        else [],
        alarms=alarms.listed(found) if alarms.may_see(found) else [],
        lost=LOST,
        keys=keys(found),
    )


def keys(found: Visit) -> list[tuple[str, str]]:
    """The keys of the places that this person has, and what they lead to."""
    led = [(KEYS[str(one["href"])], str(one["text"])) for one in places(found) if one["href"] in KEYS]
    return [("/", found.say("Search messages")), *led] if found.may(Verb.READ) else led


@get("/favicon.ico", sync_to_thread=False)
def favicon() -> Redirect:
    """Browsers ask for this name whatever the page says."""
    return Redirect("/static/favicon.svg", status_code=301)


@get("/{rest:path}")
async def nowhere(rest: FromPath[str]) -> None:
    """Every other address: said in the frame, in the reader's language."""
    raise NotFoundException(rest)


PAGES = [show_home, favicon, nowhere]
