"""Marking free text: a person says what a passage holds and whom it is about; unmarked it counts as all.

A mark names the passage by its very words. Whoever changes the text loses its marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.errors import PayloadError
from cordiale.node import drafts
from cordiale.node.papers import Draft
from cordiale.node.people import Verb
from cordiale.payloads import FreeText, Passage, marked
from cordiale.terms import Category
from cordiale.web.faults import told
from cordiale.web.forms import Mistakes, Question, filled
from cordiale.web.frame import page
from cordiale.web.question import worded
from cordiale.web.stating import people_in
from cordiale.web.telling import named
from cordiale.web.visit import Visit, in_thread, visit

ANYTHING: Final = (Category.FREE_TEXT, Category.ATTACHMENT)


@dataclass(frozen=True, slots=True)
class Place:
    """One free text of a draft, and where it stands."""

    path: str
    text: FreeText


def places(body: Any, path: str = "") -> Iterator[Place]:
    """Every free text of a saved body."""
    if isinstance(body, Mapping) and "passages" in body:
        yield Place(path, read_text(body))
    elif isinstance(body, Mapping):
        for name, inner in body.items():
            yield from places(inner, f"{path}.{name}".strip("."))
    elif isinstance(body, list):
        for index, inner in enumerate(body):
            yield from places(inner, f"{path}.{index}")


def read_text(held: Mapping[str, Any]) -> FreeText:
    """A free text from its JSON shape."""
    passages = (
        Passage(
            one["text"],
            tuple(Category(c) for c in one.get("categories", ())),
            tuple(one.get("subjects", ())),
            one.get("marked_by", ""),
        )
        for one in held["passages"]
    )
    return FreeText(tuple(passages), held["digest"])


def write_text(text: FreeText) -> dict[str, Any]:
    """A free text in its JSON shape, as payloads.encode writes it."""
    return {"passages": [_passage(one) for one in text.passages], "digest": text.digest}


def _passage(one: Passage) -> dict[str, Any]:
    out: dict[str, Any] = {"text": one.text}
    if one.categories:
        out |= {"categories": [c.value for c in one.categories], "marked_by": one.marked_by}
    if one.subjects:
        out["subjects"] = list(one.subjects)
    return out


def with_text(body: Any, path: str, text: FreeText) -> Any:
    """The body with another text at this path."""
    first, _, rest = path.partition(".")
    if not first:
        return write_text(text)
    if isinstance(body, list):
        return [with_text(one, rest, text) if str(n) == first else one for n, one in enumerate(body)]
    return {name: with_text(one, rest, text) if name == first else one for name, one in body.items()}


def mark_questions(found: Visit, draft: Draft) -> list[Question]:
    """What is asked of one passage."""
    say = found.say
    known = tuple(
        (one, named(found, draft.body, one)) for one in people_in(draft.body) if one != "unidentified"
    )
    kinds = worded(found, [c for c in Category if c not in ANYTHING])
    return [
        Question(
            "words",
            say("The passage"),
            "area",
            rows=3,
            hint=say("Its very words, copied from the text above."),
        ),
        Question("categories", say("What it holds"), "checkboxes", options=kinds),
        Question("subjects", say("Whom it is about"), "checkboxes", options=known, required=False),
    ]


@get("/draft/{reference:str}/marks")
@in_thread
def show_marks(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[str]:
    """Every free text of a draft with its marks, and the form for one more."""
    found = visit(request)
    draft = drafts.open_draft(found.node, found.needs(Verb.WRITE), reference)
    return _marks_page(found, draft, Mistakes())


def _marks_page(found: Visit, draft: Draft, mistakes: Mistakes) -> Response[str]:
    return page(
        found,
        "marks.html",
        status=400 if mistakes else 200,
        watched=f"/draft/{draft.reference}/state" if draft.passes_on else "",
        draft=draft,
        texts=list(places(draft.body.get("body", {}))),
        questions=filled(mark_questions(found, draft), found.answers, mistakes),
        mistakes=mistakes,
    )


@post("/draft/{reference:str}/marks", status_code=303)
@in_thread
def mark_passage(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """Mark one passage; the officer's name stands with it."""
    found = visit(request)
    officer = found.needs(Verb.WRITE)
    draft = drafts.open_draft(found.node, officer, reference)
    mistakes = Mistakes()
    kinds = [Category(c) for c in found.several("categories") if c in set(Category)]
    where = [one for one in places(draft.body.get("body", {})) if one.path == found.answer("place")]
    if not found.answer("words"):
        mistakes.add("words", found.say("Copy the passage here"))
    if not kinds:
        mistakes.add("categories", found.say("Say what it holds"))
    if not mistakes and where:
        try:
            words, about = found.answer("words"), found.several("subjects")
            text = marked(where[0].text, words, kinds, marked_by=officer.id, subjects=about)
            body = {**draft.body, "body": with_text(draft.body["body"], where[0].path, text)}
            drafts.save_draft(found.node, officer, replace(draft, body=body))
            return Redirect(f"/draft/{reference}/marks", status_code=303)
        except PayloadError as fault:
            mistakes.add(fault.field or "words", told(found.say, fault))
    return _marks_page(found, draft, mistakes)


PAGES = [show_marks, mark_passage]
