"""The pages of one node as one application: routes, static files, headers, and what a fault looks like.

Nothing here listens: node/serving starts the server. The policy below lets a page load nothing from outside
and run nothing inline, and no page logs what it shows.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.logging import LoggingConfig
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler, Message, Scope

from cordiale.errors import AccountError, CordialeError, InputError, StoreError
from cordiale.node import Node
from cordiale.web import (
    accounts,
    agreements,
    alarms,
    compose,
    contacts,
    files,
    home,
    ledger,
    live,
    marks,
    mending,
    messages,
    question,
    recalls,
    rescue,
    sign_in,
    trays,
)
from cordiale.web.frame import page
from cordiale.web.visit import Limits, Visit, admit, visit
from cordiale.web.words import catalogue

HERE: Final = Path(__file__).parent
BODY_BYTES_MAX: Final = 6_000_000  # one attachment chunk with its form round it
WEEK_S: Final = 604_800

POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'"
)
HEADERS: Final = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    b"strict-transport-security": b"max-age=31536000",
}

_log = logging.getLogger("cordiale.web")


def application(node: Node) -> Litestar:
    """The pages of this node. Raises FileNotFoundError when set-up has not put the browser files here."""
    for name in ("assets/govuk-frontend.min.css", "assets/htmx.min.js"):
        (HERE / name).stat()
    catalogue("fr")
    pulse = live.Pulse()
    node.listeners.append(pulse.hear)
    return Litestar(
        route_handlers=[*routes(), *static()],
        state=State({"node": node, "limits": Limits(node), "pulse": pulse}),
        before_request=admit,
        before_send=[dress],
        exception_handlers={HTTPException: refused, CordialeError: faulted, Exception: broken},
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=None,
        logging_config=LoggingConfig(log_exceptions="never"),
        debug=False,
    )


def routes() -> list[ControllerRouterHandler]:
    """Every page, one file a room."""
    rooms = (
        home,
        sign_in,
        question,
        agreements,
        compose,
        marks,
        files,
        trays,
        mending,
        alarms,
        messages,
        recalls,
        rescue,
        contacts,
        ledger,
        accounts,
        live,
    )
    return [page for room in rooms for page in room.PAGES]


def static() -> list[ControllerRouterHandler]:
    """The browser files of others (assets, fetched at set-up) and our own (static)."""
    return [
        create_static_files_router(path=f"/{name}", directories=[HERE / name], name=name)
        for name in ("assets", "static")
    ]


async def dress(message: Message, scope: Scope) -> None:
    """Put the headers on every answer; pages are never kept by a cache, our own files for a week."""
    if message["type"] != "http.response.start":
        return
    path = scope["path"]
    kept = path.startswith(("/assets/", "/static/"))
    lifetime = f"max-age={WEEK_S}" if kept else "no-store"
    message["headers"] = [
        *message["headers"],
        *HEADERS.items(),
        (b"cache-control", lifetime.encode()),
    ]


def faulted(request: Request[Any, Any, Any], fault: CordialeError) -> Response[str]:
    """A fault in words: which field, what is wrong, the way out."""
    found = _visit(request)
    if found is None:
        return Response(str(fault), status_code=500, media_type="text/plain; charset=utf-8")
    status = 403 if isinstance(fault, AccountError) else 400 if isinstance(fault, InputError) else 500
    if isinstance(fault, StoreError):
        status = 503
    return page(found, "fault.html", status=status, fault=fault, status_number=status)


def refused(request: Request[Any, Any, Any], fault: HTTPException) -> Response[str]:
    """404 and its like."""
    found = _visit(request)
    if found is None:
        return Response("", status_code=fault.status_code, media_type="text/plain; charset=utf-8")
    return page(found, "fault.html", status=fault.status_code, fault=None, status_number=fault.status_code)


def broken(request: Request[Any, Any, Any], fault: Exception) -> Response[str]:
    """Something nobody foresaw. Its kind and place are logged, never its words: they may name a person."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    _log.error("%s at %s on %s", type(fault).__name__, place, request.url.path)
    found = _visit(request)
    if found is None:
        return Response("", status_code=500, media_type="text/plain; charset=utf-8")
    return page(found, "fault.html", status=500, fault=None, status_number=500)


def _visit(request: Request[Any, Any, Any]) -> Visit | None:
    """The visitor, if the request came so far; an address nobody serves is asked by somebody not admitted."""
    try:
        return visit(request)
    except AttributeError:
        return None
