"""Drafts from pasted texts: each article beside its line, written by one person and confirmed by two others.

What is suggested stands unticked: a person picks. Everything works without scripts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.errors import InputError
from cordiale.node import drafting
from cordiale.node.drafting import Draft, DraftLine, Heading, Wording
from cordiale.node.people import Verb
from cordiale.web import encoding
from cordiale.web.faults import told
from cordiale.web.forms import Mistakes, Question, filled
from cordiale.web.frame import page
from cordiale.web.plain import words_of
from cordiale.web.visit import Visit, in_thread, visit
from cordiale.web.words import mark

PICKED: Final = {
    "types": mark("Kinds of information"),
    "acts": mark("What may be done"),
    "purposes": mark("For what"),
}
"""Key of a line for which words may be suggested -> how a person calls it."""
EFFECTS: Final = {
    "permit": mark("It permits: what stands below may be done"),
    "withhold": mark("It withholds: parts stay behind"),
    "refuse": mark("It refuses: what stands below is not done"),
    "duty": mark("It adds a duty afterwards"),
    "restrict": mark("It restricts: conditions, limits, marks that travel; alone it does nothing"),
}
HINDERS: Final = {
    "role": mark("A lawyer or a supervisor reviews it."),
    "unwritten": mark("Nobody has written what it says: that comes first."),
    "unknown": mark(
        "It was changed in the file itself, and nobody knows by whom: save its words as your own first."
    ),
    "writer": mark("You pasted or wrote it: two colleagues who did neither review it."),
}
"""Why somebody cannot review a line -> what they are told."""
ACTS: Final = {
    "pasted": mark("pasted"),
    "written": mark("written"),
    "yes": mark("yes, these words"),
    "no": mark("no"),
}
NATURES: Final = {
    "treaty": mark("Treaty"),
    "arrangement": mark("Working arrangement: not binding"),
    "declaration": mark("Declaration"),
    "political": mark("Political text"),
}
"""The natures that a pasted text has; what else there is, a person writes in the file."""
ID_HINT: Final = mark(
    "Small letters, digits and hyphens, like uk-fr-harbour-note. A new version has the name of the old one."
)
WHERE_HINT: Final = mark("So that a colleague finds the same words: journal, number, page.")
TEXT_HINT: Final = mark(
    "As it comes from Word or a PDF, with the numbers of its articles. Nothing about a person belongs here."
)
MORE_HINT: Final = mark('Like: directions = ["UK>FR"]. What is ticked above is put to it.')


@dataclass(frozen=True, slots=True)
class Beside:
    """One line on the page: what it says to the machine in words, and why this reader cannot review it."""

    line: DraftLine
    said: list[encoding.Said]
    hinders: str


# ------------------------------------------------------------------------------ the list


@get("/drafting")
@in_thread
def list_drafts(request: Request[Any, Any, Any]) -> Response[str]:
    """The drafts made from pasted texts, how far each is, and the form for a new one."""
    found = visit(request)
    found.needs(Verb.ASK)
    return _list(found)


def _list(found: Visit, mistakes: Mistakes | None = None) -> Response[str]:
    drafts, spoilt = [], []
    for name in drafting.pasted_drafts(found.node):
        try:
            drafts.append(drafting.show(found.node, found.officer, name))
        except InputError as fault:
            spoilt.append((name, told(found.say, fault)))
    return page(
        found,
        "drafting.html",
        status=400 if mistakes else 200,
        drafts=drafts,
        spoilt=spoilt,
        may_write=found.may(Verb.LAW),
        questions=filled(_questions(found), found.answers, mistakes),
        mistakes=mistakes,
    )


def _questions(found: Visit) -> list[Question]:
    say = found.say
    sides = sorted(
        (dict(side.names_).get(found.language, side.name), str(code))
        for code, side in found.node.register.sides.items()
    )
    return [
        Question(
            "id",
            say("Short name of the agreement"),
            hint=say(ID_HINT),
            width="govuk-input--width-20",
        ),
        Question("title", say("Title, as the text has it")),
        Question(
            "nature",
            say("What kind of text it is"),
            "radios",
            options=tuple((one, say(words)) for one, words in NATURES.items()),
        ),
        Question(
            "sides", say("Its Sides"), "checkboxes", options=tuple((code, name) for name, code in sides)
        ),
        *_pasting(found),
    ]


def _pasting(found: Visit) -> list[Question]:
    say = found.say
    return [
        Question("where", say("Where the text is from"), hint=say(WHERE_HINT)),
        Question("text", say("The text"), "area", rows=14, hint=say(TEXT_HINT)),
    ]


@post("/drafting", status_code=303)
@in_thread
def begin_draft(request: Request[Any, Any, Any]) -> Response[Any]:
    """Cut a pasted text into unconfirmed lines of a new draft."""
    found = visit(request)
    by = found.needs(Verb.LAW)
    heading = Heading(
        id=found.answer("id"), title=found.answer("title"), nature=found.answer("nature"),
        sides=tuple(found.several("sides")),
    )  # fmt: skip
    try:
        drafting.begin(found.node, by, heading, text=_text(found), where=found.answer("where"))
    except InputError as fault:
        return _list(found, _mistaken(found, fault, "text"))
    return Redirect(f"/drafting/{heading.id}", status_code=303)


def _text(found: Visit) -> str:
    """What was pasted, as it came: its lines are counted."""
    return next(iter(found.answers.get("text", ())), "")


def _mistaken(found: Visit, fault: InputError, default: str) -> Mistakes:
    return Mistakes({fault.field or default: told(found.say, fault)})


# ------------------------------------------------------------------------------ one draft


@get("/drafting/{id:str}")
@in_thread
def show_draft(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[str]:
    """One draft: each pasted article beside its line, coloured by how sure it is, with a yes and a no."""
    found = visit(request)
    found.needs(Verb.ASK)
    return _draft(found, id)


def _draft(found: Visit, id: str, mistakes: Mistakes | None = None) -> Response[str]:
    draft = drafting.show(found.node, found.officer, id)
    standing = found.node.register.agreement(id)
    return page(
        found,
        "draft.html",
        status=400 if mistakes else 200,
        draft=draft,
        beside=[_beside(found, one) for one in draft.lines],
        in_force=standing is not None and not standing.is_law,
        may_write=found.may(Verb.LAW),
        acts={word: found.say(text) for word, text in ACTS.items()},
        questions=filled(_pasting(found), found.answers, mistakes),
        mistakes=mistakes,
    )


def _beside(found: Visit, one: DraftLine) -> Beside:
    said = encoding.said(found, one.encoding) if one.written else []
    return Beside(one, said, found.say(HINDERS[one.hinders]) if one.hinders else "")


@post("/drafting/{id:str}", status_code=303)
@in_thread
def paste_more(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:
    """Paste more articles into a draft; what it holds in the same words stays as it is."""
    found = visit(request)
    by = found.needs(Verb.LAW)
    try:
        drafting.add(found.node, by, id, text=_text(found), where=found.answer("where"))
    except InputError as fault:
        if fault.field == "draft":
            raise
        return _draft(found, id, _mistaken(found, fault, "text"))
    return Redirect(f"/drafting/{id}", status_code=303)


@get("/drafting/{id:str}/file")
@in_thread
def download_draft(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[bytes]:
    """The draft as a file to hand on, each line as sure as people have made it."""
    found = visit(request)
    found.needs(Verb.ASK)
    name, raw = drafting.file_of(found.node, id)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(raw, media_type="application/toml", headers=headers)


# ------------------------------------------------------------------------------ one line


@get("/drafting/{id:str}/line/{line:str}")
@in_thread
def show_line(request: Request[Any, Any, Any], id: FromPath[str], line: FromPath[str]) -> Response[str]:
    """One line beside its article: what it says, what is suggested, who did what with it."""
    found = visit(request)
    found.needs(Verb.ASK)
    return _line(found, id, line)


def _line(found: Visit, id: str, line: str, mistakes: Mistakes | None = None) -> Response[str]:
    draft = drafting.show(found.node, found.officer, id)
    one = _one(draft, line)
    if one is None:
        return page(found, "fault.html", status=404, fault=None, status_number=404)
    return page(
        found,
        "draft_line.html",
        status=400 if mistakes else 200,
        draft=draft,
        b=_beside(found, one),
        may_write=found.may(Verb.LAW),
        acts={word: found.say(text) for word, text in ACTS.items()},
        suggested=_suggested(found, one),
        questions=filled(_wording(found, one), found.answers, mistakes),
        mistakes=mistakes,
        reason=found.answer("reason"),
    )


def _one(draft: Draft, line: str) -> DraftLine | None:
    return next((one for one in draft.lines if one.id == line), None)


def _suggested(found: Visit, one: DraftLine) -> list[str]:
    """What an effect may be by the words that occur, and the words."""
    pairs = zip(
        words_of(found, [word for word, _ in one.suggested.effects]), one.suggested.effects, strict=True
    )
    return [found.say("{} (the article says: {})").format(word, hit) for word, (_, hit) in pairs]


def _wording(found: Visit, one: DraftLine) -> list[Question]:
    """The questions about a line. What is suggested is offered and not ticked."""
    say = found.say
    effects = tuple((word, say(words)) for word, words in EFFECTS.items())
    return [
        Question(
            "sentence",
            say("What the article says, in our words, in English"),
            "area",
            rows=3,
            value=one.sentence,
        ),
        Question("french", say("The same in French"), "area", rows=3, value=one.french, required=False),
        Question(
            "effect",
            say("What the line does"),
            "radios",
            options=effects,
            value=one.effect if one.written else "",
        ),
        *(_picks(found, one, name, words) for name, words in PICKED.items() if getattr(one.suggested, name)),
        Question(
            "more",
            say("Everything else it says to the machine, as lines of the file"),
            "area",
            rows=8,
            value=one.more,
            required=False,
            hint=say(MORE_HINT),
        ),
    ]


def _picks(found: Visit, one: DraftLine, name: str, words: str) -> Question:
    hits = getattr(one.suggested, name)
    said = words_of(found, [word for word, _ in hits])
    options = tuple((word, f"{each} (« {hit} »)") for (word, hit), each in zip(hits, said, strict=True))
    label = found.say("Suggested by words of the article: {}").format(found.say(words))
    return Question(name, label, "checkboxes", options=options, required=False)


@post("/drafting/{id:str}/line/{line:str}", status_code=303)
@in_thread
def write_line(request: Request[Any, Any, Any], id: FromPath[str], line: FromPath[str]) -> Response[Any]:
    """Write what a line says: it is unconfirmed until two others have said yes to these words."""
    found = visit(request)
    by = found.needs(Verb.LAW)
    wording = Wording(
        sentence=found.answer("sentence"), french=found.answer("french"), effect=found.answer("effect"),
        more=found.answer("more"), picked={name: found.several(name) for name in PICKED},
    )  # fmt: skip
    act = partial(drafting.write, found.node, by, id, line, wording=wording, seen=found.answer("seen"))
    try:
        act()
    except InputError as fault:
        return _wrong(found, (id, line), fault, "more")
    return Redirect(f"/drafting/{id}#{line}", status_code=303)


@post("/drafting/{id:str}/line/{line:str}/review", status_code=303)
@in_thread
def review_line(request: Request[Any, Any, Any], id: FromPath[str], line: FromPath[str]) -> Response[Any]:
    """Say yes or no to exactly the words that were shown."""
    found = visit(request)
    by = found.needs(Verb.LAW)
    try:
        drafting.review(
            found.node, by, id, line, yes=found.answer("answer") == "yes", seen=found.answer("seen"),
            reason=found.answer("reason"),
        )  # fmt: skip
    except InputError as fault:
        return _wrong(found, (id, line), fault, "review")
    return Redirect(f"/drafting/{id}#{line}", status_code=303)


def _wrong(found: Visit, place: tuple[str, str], fault: InputError, default: str) -> Response[str]:
    """The line again, with what went wrong beside its question, or at `default`."""
    if fault.field in ("draft", "line"):
        raise fault
    known = {"sentence", "french", "effect", "more", "review", "reason", *PICKED}
    name = fault.field if fault.field in known else default
    return _line(found, *place, Mistakes({name: told(found.say, fault)}))


PAGES = [list_drafts, begin_draft, show_draft, paste_more, download_draft, show_line, write_line, review_line]
