"""What was called back: an open page that withdraws by itself, and what a person must do about paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.node import recalls, recalls_told
from cordiale.node import waiting as tasks
from cordiale.node.people import Verb
from cordiale.node.recalls_told import Notice
from cordiale.web.frame import page
from cordiale.web.visit import Visit, in_thread, visit


@get("/message/{reference:str}/state")
@in_thread
def message_state(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """Nothing (204) while a message stands as it did; else what takes the place of the open page."""
    found = visit(request)
    officer = found.needs(Verb.READ)
    if request.query_params.get("was", "") == recalls_told.mark(found.node, officer, reference):
        return Response(None, status_code=204)
    stands = recalls_told.standing(found.node, officer, reference)
    return withdrawn(found, stands.notices, back=f"/message/{reference}")


@get("/draft/{reference:str}/state")
@in_thread
def draft_state(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """Nothing (204) while a draft is here; else why it was withdrawn."""
    found = visit(request)
    notices = recalls_told.withdrawn(found.node, found.needs(Verb.WRITE), reference)
    if not notices:
        return Response(None, status_code=204)
    return withdrawn(found, notices, back="/recalled", is_draft=True)


def withdrawn(found: Visit, notices: Sequence[Notice], *, back: str, is_draft: bool = False) -> Response[str]:
    """The fragment that takes the place of the whole page, and asks no more."""
    answer = page(found, "withdrawn.html", notices=notices, back=back, is_draft=is_draft)
    answer.headers["HX-Reswap"] = "outerHTML"
    return answer


@get("/recalled")
@in_thread
def show_recalled(request: Request[Any, Any, Any]) -> Response[str]:
    """Prints and saved files to destroy or correct, and drafts that were withdrawn."""
    return _page(visit(request))


def _page(found: Visit) -> Response[str]:
    officer = found.needs(Verb.READ)
    waiting = [one for one in tasks.waiting(found.node, officer) if one.kind == tasks.LOOK_AGAIN]
    return page(
        found,
        "recalled.html",
        taken=recalls.mine(found.node, officer),
        drafts=waiting,
        names=found.node.names(),
        outcomes=recalls.OUTCOMES,
        days=recalls.CONFIRM_WITHIN.days,
    )


@post("/recalled/{id:str}", status_code=303)
@in_thread
def settle(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:
    """A named person says what has become of a print or a saved file."""
    found = visit(request)
    recalls.settle(found.node, found.needs(Verb.READ), id, found.answer("outcome"))
    return Redirect("/recalled", status_code=303)


@post("/recalled/draft/{reference:str}/{thread:str}", status_code=303)
@in_thread
def seen(request: Request[Any, Any, Any], reference: FromPath[str], thread: FromPath[str]) -> Response[Any]:
    """The author has read that their draft was withdrawn, or must be looked at again."""
    found = visit(request)
    recalls.seen(found.node, found.needs(Verb.READ), reference, thread)
    return Redirect("/recalled", status_code=303)


PAGES = [message_state, draft_state, show_recalled, settle, seen]
