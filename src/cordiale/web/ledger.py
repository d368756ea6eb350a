"""The ledger: its head, whether it holds together, and an export that anyone can verify without this node."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from cordiale.node import ledger
from cordiale.node.people import Verb
from cordiale.web.frame import page
from cordiale.web.visit import in_thread, visit


@get("/ledger")
@in_thread
def show_ledger(request: Request[Any, Any, Any]) -> Response[str]:
    """The head, and the two acts."""
    found = visit(request)
    found.needs(Verb.LEDGER)
    return page(found, "ledger.html", size=ledger.size(found.node), faults=None)


@post("/ledger/verify", status_code=200)
@in_thread
def verify(request: Request[Any, Any, Any]) -> Response[str]:
    """Read the whole tree again and check every proof of this node."""
    found = visit(request)
    found.needs(Verb.LEDGER)
    return page(found, "ledger.html", size=ledger.size(found.node), faults=ledger.faults(found.node))


@post("/ledger/export", status_code=200)
@in_thread
def export(request: Request[Any, Any, Any]) -> Response[bytes]:
    """A bundle to hand to a court or an ombudsman; of one message, or of the whole ledger."""
    found = visit(request)
    found.needs(Verb.LEDGER)
    raw = ledger.exported(found.node, message=found.answer("message"))
    name = f"ledger-{found.node.id}-{found.now:%Y%m%d-%H%M%S}.json"
    return Response(
        raw,
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


PAGES = [show_ledger, verify, export]
