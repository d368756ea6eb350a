"""The first page: what waits for me, rescue first; and the favicon that every browser asks for."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.node import drafts, people, reports, rescue
from cordiale.node import waiting as tasks
from cordiale.node.people import Verb
from cordiale.web import alarms
from cordiale.web.frame import page
from cordiale.web.visit import in_thread, visit

SHOWN_MAX = 20


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
        failed=reports.failed_box(found.node, officer)[:SHOWN_MAX] if reads else [],
        recoveries=[
            one
            for one in people.waiting_recoveries(found.node)
            if officer.id not in (one.first_by, one.officer)
        ]
        if found.may(Verb.ACCOUNTS) or found.may(Verb.OVERSEE)
        else [],
        alarms=alarms.listed(found) if alarms.may_see(found) else [],
    )


@get("/favicon.ico", sync_to_thread=False)
def favicon() -> Redirect:
    """Browsers ask for this name whatever the page says."""
    return Redirect("/static/favicon.svg", status_code=301)


@get("/{rest:path}")
async def nowhere(rest: FromPath[str]) -> None:
    """Every other address: said in the frame, in the reader's language."""
    raise NotFoundException(rest)


PAGES = [show_home, favicon, nowhere]
