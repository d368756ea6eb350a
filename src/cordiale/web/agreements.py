"""Agreements: the list, and each one with the sentence of its article beside what the file says."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from cordiale.node import agreements
from cordiale.web.frame import page
from cordiale.web.visit import in_thread, visit


@get("/agreements")
@in_thread
def list_agreements(request: Request[Any, Any, Any]) -> Response[str]:
    """Every agreement and law file: nature, dates, state today."""
    found = visit(request)
    return page(found, "agreements.html", rows=agreements.listing(found.node.register, found.now))


@get("/agreements/{id:str}")
@in_thread
def show_agreement(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[str]:
    """One agreement: explained in sentences, provision by provision, and the file itself."""
    found = visit(request)
    register = found.node.register
    rows = [row for row in agreements.listing(register, found.now) if row["id"] == id]
    voice = agreements.voiced(register, found.language, found.say)
    return page(
        found,
        "agreement.html",
        status=200 if rows else 404,
        row=rows[0] if rows else None,
        id=id,
        provisions=agreements.provisions(register, id) if rows else [],
        lines=agreements.explained(register, id, found.now, voice) if rows else [],
        text=agreements.shown(id)["text"] if rows else "",
    )


PAGES = [list_agreements, show_agreement]
