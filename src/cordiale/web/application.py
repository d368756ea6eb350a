"""The pages of one node as one application: routes, static files, headers, and what a fault looks like.

Nothing here listens: node/serving starts the server. The policy below lets a page load nothing from outside
and run nothing inline, and no page logs what it shows.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

from anyio import to_thread
from litestar import Litestar, Request, Response
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.logging import LoggingConfig
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler, Message, Scope

from cordiale.errors import AccountError, CordialeError, InputError, StoreError
from cordiale.node import Node
from cordiale.node import rescue as node_rescue
from cordiale.web import (
    accounts,
    agreements,
    alarms,
    closing,
    compose,
    contacts,
    drafting,
    exports,
    files,
    home,
    ledger,
    live,
    marks,
    mending,
    messages,
    proofs,
    question,
    recalls,
    rescue,
    sign_in,
    standing,
    trays,
)
from cordiale.web.frame import page
from cordiale.web.visit import OUT_OF_DATE, TOO_MANY, Limits, Visit, admit, visit
from cordiale.web.words import catalogue, mark

HERE: Final = Path(__file__).parent
BODY_BYTES_MAX: Final = 6_000_000  # one attachment chunk with its form round it
WEEK_S: Final = 604_800
NOT_FILES: Final = r"(?<=^/)(?!assets/|static/)"
"""Browser files are the same for everybody and go compressed. Pages never do: from the length of a page that
holds a token and what somebody typed, a listener could guess the token (BREACH).
"""
TURNED: Final = {
    403: (mark("This form is out of date"), OUT_OF_DATE),
    429: (mark("Too many requests"), TOO_MANY),
}
"""Why `admit` turned somebody away, as the heading and the words of a page."""

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
        state=State({"node": node, "limits": Limits(node), "pulse": pulse, "desk": proofs.Desk()}),
        before_request=admitted,
        before_send=[dress],
        exception_handlers={HTTPException: refused, CordialeError: faulted, Exception: broken},
        request_max_body_size=BODY_BYTES_MAX,
        compression_config=CompressionConfig(backend="gzip", exclude=[NOT_FILES]),
        openapi_config=None,
        logging_config=LoggingConfig(log_exceptions="never"),
        debug=False,
    )


async def admitted(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """What `admit` says; to somebody who reads it in a browser, as a page with numbers that can be rung."""
    answer = await admit(request)
    status = answer.status_code or 0 if answer else 0
    if status not in TURNED or not wants_page(request):
        return answer
    return await to_thread.run_sync(lambda: turned(visit(request), status))


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether a person reads the answer, and no script of ours that has words of its own for it."""
    return "text/html" in request.headers.get("accept", "") and "hx-request" not in request.headers


def turned(found: Visit, status: int) -> Response[str]:
    """A page for somebody who must wait, or send once more."""
    heading, text = TURNED[status]
    return page(
        found,
        "fault.html",
        status=status,
        status_number=status,
        fault=None,
        heading=found.say(heading),
        text=found.say(text),
        ring=node_rescue.to_ring(found.node),
    )


def routes() -> list[ControllerRouterHandler]:
    """Every page, one file a room."""
    rooms = (
        home,
        sign_in,
        question,
        agreements,
        standing,
        proofs,
        exports,
        drafting,
        compose,
        marks,
        files,
        trays,
        mending,
        alarms,
        messages,
        recalls,
        rescue,
        closing,
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
    return page(
        found,
        "fault.html",
        status=fault.status_code,
        fault=None,
        status_number=fault.status_code,
        bytes_max=BODY_BYTES_MAX,
    )


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
