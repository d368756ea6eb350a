"""How an agreement stands at this node, and its suspension: one person, a reason, at once."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, post
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.errors import CordialeError
from cordiale.node import agreements_active, agreements_standing
from cordiale.node.people import Verb
from cordiale.web.faults import told
from cordiale.web.frame import page
from cordiale.web.visit import Visit, in_thread, visit
from cordiale.web.words import mark

STATES: Final = {
    "in_force": ("permit", mark("in force: signed by all Sides and proved here")),
    "shipped": ("permit", mark("counts as it ships with Cordiale")),
    "suspended": ("refuse", mark("suspended at this node; rescue goes on")),
    "ended": ("refuse", mark("ended at this node")),
    "signed": ("withhold", mark("signed, not yet in force")),
    "replaced": ("withhold", mark("replaced by a later version")),
    "waits": ("withhold", mark("waits: nobody has brought it into force")),
}
"""How a version stands -> the colour of its tag, and the words beside the colour."""


def standing(found: Visit, id: str) -> list[dict[str, Any]]:
    """Every version of an agreement that is known here, the newest first, each with its state in words."""
    rows = agreements_standing.status(found.node, id)
    told_of = []
    for row in sorted(rows, key=lambda one: -one["version"]):
        colour, words = STATES[row["state"]]
        told_of.append({**row, "colour": colour, "words": found.say(words)})
    return told_of


def may_suspend(found: Visit, rows: list[dict[str, Any]]) -> bool:
    """Whether whoever looks may suspend it, and there is something to suspend."""
    counts = any(row["state"] in ("in_force", "shipped") for row in rows)
    return counts and (found.may(Verb.OVERSEE) or found.may(Verb.LAW))


@post("/agreements/{id:str}/suspend", status_code=303)
@in_thread
def suspend(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:
    """Suspend an agreement now. It takes one person and a reason; rescue goes on."""
    found = visit(request)
    officer = found.needs(Verb.OVERSEE) if not found.may(Verb.LAW) else found.needs(Verb.LAW)
    try:
        agreements_active.suspend(found.node, officer, id, found.answer("reason"))
    except CordialeError as fault:
        wrong = told(found.say, fault)
        return page(found, "not_suspended.html", status=400, id=id, wrong=wrong[:1].upper() + wrong[1:])
    return Redirect(f"/agreements/{id}#stands", status_code=303)


PAGES = [suspend]
