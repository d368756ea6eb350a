"""Files of a draft: sent whole without scripts, in pieces with them; each stated by a person."""

from __future__ import annotations

from collections.abc import Mapping
from os import SEEK_END
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.errors import CordialeError, InputError, StoreError, StoreFull
from cordiale.node import attachments, drafts
from cordiale.node.attachments import File
from cordiale.node.people import Verb
from cordiale.terms import Category
from cordiale.web.faults import told
from cordiale.web.forms import Mistakes, Question
from cordiale.web.frame import page
from cordiale.web.question import worded
from cordiale.web.stating import people_in
from cordiale.web.telling import named
from cordiale.web.visit import Visit, in_thread, visit

PLAIN_BYTES_MAX: Final = 25_000_000  # a form without scripts cannot go on where it stopped: keep it short
FORM_BYTES_MAX: Final = PLAIN_BYTES_MAX + 100_000  # the file with its form round it
ANYTHING: Final = (Category.FREE_TEXT, Category.ATTACHMENT)


@get("/draft/{reference:str}/files")
@in_thread
def show_files(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[str]:
    """The files of a draft, what was stated of each, and the way to attach one more."""
    return _files_page(visit(request), reference, Mistakes())


def _files_page(found: Visit, reference: str, mistakes: Mistakes) -> Response[str]:
    draft = drafts.open_draft(found.node, found.needs(Verb.WRITE), reference)

    def statement(file: File) -> list[Question]:
        return statement_questions(found, file, draft.body)

    return page(
        found,
        "files.html",
        status=400 if mistakes else 200,
        draft=draft,
        files=attachments.files_of(found.node, draft),
        statement=statement,
        questions=[Question("file", "")],
        mistakes=mistakes,
        bytes_max=attachments.BYTES_MAX,
        plain_bytes_max=PLAIN_BYTES_MAX,
        piece_bytes=attachments.PIECE_BYTES_MAX,
    )


def statement_questions(found: Visit, file: File, body: Mapping[str, Any]) -> list[Question]:
    """What is asked of one file."""
    stated, suffix = file.about, file.id[:8]
    held = tuple(str(c) for c in stated.categories) if stated else ()
    known = tuple((one, named(found, body, one)) for one in people_in(body) if one != "unidentified")
    kinds = worded(found, [c for c in Category if c not in ANYTHING])
    holds = Question(f"holds.{suffix}", found.say("What it holds"), "checkboxes", options=kinds, values=held)
    shows = Question(
        f"shows.{suffix}",
        found.say("Whom it shows"),
        "checkboxes",
        options=known,
        values=stated.subjects if stated else (),
        required=False,
    )
    return [holds, shows] if known else [holds]


@post("/draft/{reference:str}/files", status_code=200, request_max_body_size=FORM_BYTES_MAX)
@in_thread
def attach(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """A whole file from a form; or, from a script, room for one that comes in pieces."""
    found = visit(request)
    found.needs(Verb.WRITE)
    if found.answer("size").isdigit():
        return _begun(found, reference)
    mistakes = Mistakes()
    given = [one for one in found.files.get("file", []) if one.filename]
    if not given:
        mistakes.add("file", found.say("Choose a file"))
        return _files_page(found, reference, mistakes)
    try:
        _whole(found, reference, given[0])
    except InputError as fault:
        mistakes.add("file", told(found.say, fault))
        return _files_page(found, reference, mistakes)
    return Redirect(f"/draft/{reference}/files", status_code=303)


def _begun(found: Visit, reference: str) -> Response[str]:
    """Room for a file that comes in pieces: its id, and the byte from which it goes on."""
    named, size, stamp = found.answer("name"), int(found.answer("size")), found.answer("stamp")
    try:
        id, at = attachments.begin(found.node, found.officer, reference, name=named, size=size, stamp=stamp)
    except (InputError, StoreError) as fault:
        return _told(found, fault)
    return Response(f"{id} {at}", media_type="text/plain")


def _whole(found: Visit, reference: str, given: UploadFile) -> None:
    """A file of a form, from where the server put it aside: read and sealed piece by piece."""
    held = given.file
    size = held.seek(0, SEEK_END)
    held.seek(0)
    id, at = attachments.begin(found.node, found.officer, reference, name=given.filename, size=size)
    while raw := held.read(attachments.PIECE_BYTES_MAX):
        at = attachments.add(found.node, found.officer, reference, id, at=at, raw=raw)


def _told(found: Visit, fault: CordialeError) -> Response[str]:
    """A fault for a script to show: 507 says that there is no room, 503 that it may try again."""
    status = 507 if isinstance(fault, StoreFull) else 503 if isinstance(fault, StoreError) else 400
    return Response(told(found.say, fault), status_code=status, media_type="text/plain; charset=utf-8")


@post("/draft/{reference:str}/files/{id:str}/piece", status_code=200)
@in_thread
def take_piece(request: Request[Any, Any, Any], reference: FromPath[str], id: FromPath[str]) -> Response[str]:
    """The next piece of a file; the byte where the one after it begins."""
    found = visit(request)
    officer = found.needs(Verb.WRITE)
    at, given = found.answer("at"), found.files.get("piece", [])
    if not at.isdigit() or not given:
        return Response(found.say("This is no piece of a file."), status_code=400, media_type="text/plain")
    raw = given[0].file.read(attachments.PIECE_BYTES_MAX + 1)
    try:
        after = attachments.add(found.node, officer, reference, id, at=int(at), raw=raw)
    except (InputError, StoreError) as fault:
        return _told(found, fault)
    return Response(str(after), media_type="text/plain")


@post("/draft/{reference:str}/files/{id:str}", status_code=303)
@in_thread
def state(request: Request[Any, Any, Any], reference: FromPath[str], id: FromPath[str]) -> Response[Any]:
    """A person states what a file holds and whom it shows; their name stands with it."""
    found = visit(request)
    officer = found.needs(Verb.WRITE)
    holds, shows = found.several(f"holds.{id[:8]}"), found.several(f"shows.{id[:8]}")
    known = [one for one in holds if one in set(Category)]
    if not known:
        mistakes = Mistakes()
        mistakes.add("file", found.say("Say what it holds"))
        return _files_page(found, reference, mistakes)
    attachments.state_attachment(found.node, officer, reference, id, holds=known, shows=shows)
    return Redirect(f"/draft/{reference}/files", status_code=303)


@post("/draft/{reference:str}/files/{id:str}/remove", status_code=303)
@in_thread
def remove(request: Request[Any, Any, Any], reference: FromPath[str], id: FromPath[str]) -> Response[Any]:
    """Take a file out again."""
    found = visit(request)
    attachments.detach(found.node, found.needs(Verb.WRITE), reference, id)
    return Redirect(f"/draft/{reference}/files", status_code=303)


PAGES = [show_files, attach, take_piece, state, remove]
