"""Agreements for other readers: an ODRL policy, an Akoma Ntoso document, a paper with its proofs."""

from __future__ import annotations

from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from litestar import Request, Response, get
from litestar.params import FromPath

from cordiale.node import agreements, exporting, proofs_asked
from cordiale.web.visit import Visit, visit
from cordiale.web.words import mark

KINDS: Final = {
    "odrl": ("application/ld+json", "jsonld", mark("Policy for systems that read ODRL")),
    "akoma": ("application/xml", "xml", mark("Skeleton in Akoma Ntoso, with the numbers of the articles")),
    "pdf": ("application/pdf", "pdf", mark("Paper to read, check and sign, with what was proved")),
}
"""Form -> its media type, how its file ends, and what it is for."""
PRESS: Final = CapacityLimiter(2)
"""Papers that are set at once: a page of forty readers waits for its turn, and no other page waits for it."""


def offered(found: Visit) -> list[tuple[str, str]]:
    """The forms that can be written here, each with what it is for."""
    return [(one, found.say(KINDS[one][2])) for one in exporting.forms() if one in KINDS]


@get("/agreements/{id:str}/export/{form:str}")
async def export(request: Request[Any, Any, Any], id: FromPath[str], form: FromPath[str]) -> Response[bytes]:
    """One agreement or law in another form, as a file; in the reader's language where the form has one."""
    found = visit(request)
    return await to_thread.run_sync(lambda: _export(found, id, form), limiter=PRESS)


def _export(found: Visit, id: str, form: str) -> Response[bytes]:
    register = found.node.register
    exporting.check_form(form if form in KINDS else "")
    voice = agreements.voiced(register, found.language, found.say)
    raw = exporting.exported(register, id, form, found.now, voice=voice, proved=_proved(found, id))
    media, end, _ = KINDS[form]
    headers = {"content-disposition": f'attachment; filename="{id}.{end}"'}
    return Response(raw, media_type=media, headers=headers)


def _proved(found: Visit, id: str) -> list[tuple[str, str, str]]:
    """What was proved of these very texts for today; nothing where that is out of date."""
    kept = proofs_asked.last(found.node, id)
    if kept is None or not kept.stands(found.node.register, found.now.date()):
        return []
    return [(found.say(one.says), one.status, found.say(one.law)) for one in kept.guards]


PAGES = [export]
