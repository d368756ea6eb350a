"""What was proved of an agreement: every safeguard with its law, the request that breaks one, and when; and a
draft beside what is in force. Whoever may ask can have it proved, one agreement at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.errors import CordialeError, UsageError
from cordiale.node import agreements_drafted, proofs_asked
from cordiale.node.agreements_compared import Reworded
from cordiale.node.people import Verb
from cordiale.node.proofs_asked import Compared, Guard, Kept
from cordiale.web import breach, encoding
from cordiale.web.faults import told
from cordiale.web.frame import page
from cordiale.web.visit import Visit, in_thread, visit
from cordiale.web.words import mark

TEXTS: Final = "texts"
WAITING_MAX: Final = 40
"""Agreements and drafts that wait to be proved: all that a node has, and then some."""
DRAFTS_MAX: Final = 100
"""Outcomes of drafts and comparisons that are kept while the node runs; a few kB each."""
ORDER: Final = {"refuted": 0, "unknown": 1, "proved": 2}
STATES: Final = {
    "proved": ("permit", mark("proved")),
    "refuted": ("refuse", mark("broken")),
    "unknown": ("withhold", mark("not known")),
}
"""Status of a safeguard -> the colour of its tag, and the word beside the colour."""
CHANGES: Final = {
    "became permitted": ("refuse", mark("became permitted")),
    "leaves in full now": ("refuse", mark("leaves in full now")),
    "leaves in a lesser form now": ("withhold", mark("leaves in a lesser form now")),
    "became withheld": ("withhold", mark("became withheld")),
    "became refused": ("permit", mark("became refused")),
}
"""What became of a request -> the colour (what opens is looked at first), and the word beside it."""
REWORDED: Final = {
    "added": mark("added"),
    "taken out": mark("taken out"),
    "reads otherwise": mark("reads otherwise"),
}
SERVED: Final = (
    mark("Every purpose that the agreement promises can be served."),
    mark("What refuses everything would keep every other safeguard"),
)
"""What is proved the other way round, and why; the rest stands with the safeguards."""
WHOLE: Final = mark("The text as a whole")

Key = tuple[str, str, str]
"""(`proof` or `compare`, agreement, draft or nothing)."""


@dataclass(slots=True)
class Desk:
    """Who waits for a proof: each agreement once, and one is worked on at a time, beside the pages' threads.

    `failed`: why the last try came to nothing; it is forgotten with the next one.
    """

    limiter: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))
    waiting: list[Key] = field(default_factory=list)
    failed: dict[Key, CordialeError] = field(default_factory=dict)
    found: dict[Key, Kept | Compared] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def asked(self, key: Key) -> bool:
        """Put it in the row. False where it stands there already, or the row is full: `failed` says so."""
        with self.lock:
            if key in self.waiting:
                return False
            self.failed.pop(key, None)
            if len(self.waiting) >= WAITING_MAX:
                self.failed[key] = UsageError(
                    "too many agreements wait to be proved", way_out="Try again in a minute."
                )
                return False
            self.waiting.append(key)
            return True

    async def work(self, key: Key, act: Callable[[], Kept | Compared]) -> None:
        """Do it when its turn has come."""
        try:
            found = await to_thread.run_sync(act, limiter=self.limiter)
            while len(self.found) >= DRAFTS_MAX:
                self.found.pop(next(iter(self.found)))
            self.found[key] = found
        except CordialeError as fault:
            self.failed[key] = fault
        finally:
            self.waiting.remove(key)

    def before(self, key: Key) -> int | None:
        """How many are worked on before this one; None where it does not wait."""
        return self.waiting.index(key) if key in self.waiting else None


def desk(request: Request[Any, Any, Any]) -> Desk:
    found: Desk = request.app.state.desk
    return found


# ------------------------------------------------------------------------------ one agreement


@dataclass(frozen=True, slots=True)
class Shown:
    """One safeguard on the page: its colour and word, what broke it or why it is not known."""

    guard: Guard
    colour: str
    word: str
    asked: str = ""
    rows: breach.Rows = field(default_factory=list)
    answered: str = ""
    papers: str = ""
    why: list[str] = field(default_factory=list)
    raw: str = ""
    """The whole request, as the gate was asked."""


def kept(request: Request[Any, Any, Any], found: Visit, id: str, draft: str = "") -> Kept | None:
    """The last proof of an agreement, or of a draft since the node was started."""
    if not draft:
        return proofs_asked.last(found.node, id)
    one = desk(request).found.get(("proof", id, draft))
    return one if isinstance(one, Kept) else None


def shown(found: Visit, one: Kept) -> list[Shown]:
    """Every safeguard, what is broken first."""
    return [_shown(found, guard) for guard in sorted(one.guards, key=lambda guard: ORDER[guard.status])]


def _shown(found: Visit, guard: Guard) -> Shown:
    colour, word = STATES[guard.status]
    request, answer = guard.request, guard.answer
    return Shown(
        guard,
        colour,
        found.say(word),
        asked=breach.told(found, request) if request else "",
        rows=breach.rows(found, request) if request else [],
        answered=breach.answered(found, answer) if answer else "",
        papers=breach.papers(found, guard.papers),
        why=breach.why(found, guard.why),
        raw=json.dumps(request, indent=2, ensure_ascii=False) if request else "",
    )


def counted(found: Visit, one: Kept) -> list[tuple[int, str, str]]:
    """How many are broken, not known, proved: (number, colour, word), what is worst first."""
    return [
        (one.counts[status], STATES[status][0], found.say(STATES[status][1]))
        for status in ORDER
        if one.counts[status]
    ]


@get("/agreements/{id:str}/proof")
@in_thread
def show_proof(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[str]:
    """What became of each safeguard the last time that it was asked, or how long it is still to wait."""
    found = visit(request)
    draft = request.query_params.get(TEXTS, "")
    return _proof_page(request, found, (id, draft))


@post("/agreements/{id:str}/proof", status_code=200)
@in_thread
def prove(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:
    """Have it proved now. What was proved of these very texts is not proved again."""
    found = visit(request)
    found.needs(Verb.ASK)
    draft = found.answer(TEXTS)
    _known(found, id, draft)
    one = None if draft else kept(request, found, id)
    if one is not None and one.stands(found.node.register, found.now.date()):
        return _back(id, draft)
    return _started(
        request, ("proof", id, draft), partial(proofs_asked.proved, found.node, id, found.now, draft)
    )


def _started(request: Request[Any, Any, Any], key: Key, act: Callable[[], Kept | Compared]) -> Response[Any]:
    at = desk(request)
    task = BackgroundTask(at.work, key, act) if at.asked(key) else None
    what, id, draft = key
    return _back(id, draft, what, task)


def _back(id: str, draft: str, what: str = "proof", task: BackgroundTask | None = None) -> Response[Any]:
    query = {TEXTS: draft} if draft else None
    return Redirect(f"/agreements/{id}/{what}", status_code=303, query_params=query, background=task)


def _known(found: Visit, id: str, draft: str) -> None:
    """Raise UsageError where there is nothing to prove: no such agreement, no such draft."""
    if draft:
        proofs_asked.drafted(found.node, draft, id)
    else:
        proofs_asked.agreed(found.node, id)


def _title(found: Visit, id: str) -> str:
    text = found.node.register.agreement(id)
    return text.title if text else id


def _proof_page(request: Request[Any, Any, Any], found: Visit, whose: tuple[str, str]) -> Response[str]:
    id, draft = whose
    text = found.node.register.agreement(id)
    if not draft and (text is None or text.is_law):
        return page(found, "agreement.html", status=404, row=None, id=id)
    one, at, key = kept(request, found, id, draft), desk(request), ("proof", id, draft)
    fault = at.failed.get(key)
    return page(
        found,
        "proof.html",
        id=id,
        draft=draft,
        drafts=agreements_drafted.drafts(found.node.home),
        title=_title(found, id),
        in_force=text is not None,
        kept=one,
        stands=one is not None and (bool(draft) or one.stands(found.node.register, found.now.date())),
        safeguards=shown(found, one) if one else [],
        counted=counted(found, one) if one else [],
        before=at.before(key),
        fault=told(found.say, fault) if fault else "",
        may_ask=found.may(Verb.ASK),
    )


# ------------------------------------------------------------------------------ two versions


@dataclass(frozen=True, slots=True)
class Change:
    """One change of what leaves, in words."""

    colour: str
    word: str
    line: str
    article: str
    day: str
    by_words: bool
    asked: str
    rows: breach.Rows
    why: list[str]


@dataclass(frozen=True, slots=True)
class Line:
    """One line that reads otherwise: what it is called, and its fields as they were and as they are."""

    name: str
    article: str
    word: str
    fields: list[tuple[str, list[str], list[str]]]


@get("/agreements/{id:str}/compare")
@in_thread
def show_comparison(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[str]:
    """A draft beside the agreement in force: what becomes permitted, withheld or refused, with a request."""
    found = visit(request)
    draft = request.query_params.get(TEXTS, "")
    text = found.node.register.agreement(id)
    if text is None or text.is_law:
        return page(found, "agreement.html", status=404, row=None, id=id)
    at, key = desk(request), ("compare", id, draft)
    one, fault = at.found.get(key), at.failed.get(key)
    whole = one if isinstance(one, Compared) else None
    return page(
        found,
        "compare.html",
        id=id,
        draft=draft,
        drafts=agreements_drafted.drafts(found.node.home),
        title=text.title,
        compared=whole,
        changes=[_change(found, each) for each in whole.changes] if whole else [],
        lines=[_line(found, each) for each in whole.reworded] if whole else [],
        before=at.before(key),
        fault=told(found.say, fault) if fault else "",
        may_ask=found.may(Verb.ASK),
    )


@post("/agreements/{id:str}/compare", status_code=200)
@in_thread
def compare(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:
    """Compare a draft with what is in force over every possible request."""
    found = visit(request)
    found.needs(Verb.ASK)
    draft = found.answer(TEXTS)
    _known(found, id, "")
    _known(found, id, draft)
    act = partial(proofs_asked.compared, found.node, id, draft, found.now)
    return _started(request, ("compare", id, draft), act)


def _change(found: Visit, one: Any) -> Change:
    colour, word = CHANGES[one["what"]]
    request = one.get("request")
    return Change(
        colour=colour,
        word=found.say(word),
        line=one["provision"],
        article=one["article"],
        day=found.day(one["day"]),
        by_words=one["by_own_words_alone"],
        asked=breach.told(found, request) if request else "",
        rows=breach.rows(found, request) if request else [],
        why=breach.why(found, one.get("why", "")),
    )


def _line(found: Visit, one: Reworded) -> Line:
    if one.kind:
        name = found.say("{}: {}").format(found.say(encoding.KINDS[one.kind]), one.id)
    else:
        name = found.say(WHOLE)
    fields = [
        (encoding.label(found, key), encoding.values(found, key, was), encoding.values(found, key, now))
        for key, was, now in one.fields
    ]
    return Line(name, one.article, found.say(REWORDED[one.what]), fields)


PAGES = [show_proof, prove, show_comparison, compare]
