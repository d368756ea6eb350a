"""Agreements: the list, and each one article by article: its sentence beside its encoding, how sure, since
when, and who is permitted what.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get
from litestar.params import FromPath

from cordiale.node import agreements, agreements_drafted, agreements_standing, lapsing
from cordiale.node.agreements_shown import Article, Shown, article_by_article
from cordiale.node.people import Verb
from cordiale.web import encoding, exports, proofs, standing
from cordiale.web.frame import page
from cordiale.web.plain import cited, words_of
from cordiale.web.telling import ways
from cordiale.web.visit import Visit, in_thread, visit
from cordiale.web.words import mark

CONFIDENCES: Final = {
    "confirmed": mark("Somebody has read the words, and the line says what they say."),
    "partly": mark("Read in part: it counts, and where it permits, with a warning."),
    "unconfirmed": mark(
        "Not read: it may restrict, and never permits. A person must read the paragraph named."
    ),
}
"""How sure a line is -> what that means."""
HOW: Final = {
    "stops": mark("permits nothing more"),
    "stops in part": mark("permits a part only"),
    "gives less": mark("gives less"),
}
"""What becomes of a line on a day -> that in words."""


@dataclass(frozen=True, slots=True)
class Permitted:
    """One permitting line in a row: who may give what to whom, what for, and from when to when."""

    line: Article
    ways: list[str]
    fields: dict[str, Any]
    asks: str
    """Address of May I? with this line filled in."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that gives less from a day on: how much less, which one, between whom, what is lost, and why."""

    how: str
    id: str
    article: str
    ways: list[str]
    lost: list[str]
    why: str


@dataclass(frozen=True, slots=True)
class Ending:
    """A day ahead: in how many days, what ends or begins on it, what breaks, and which lines give more."""

    on: str
    left_days: int
    dated: list[str]
    breaks: list[Broken]
    opens: list[str]


@get("/agreements")
@in_thread
def list_agreements(request: Request[Any, Any, Any]) -> Response[str]:
    """Every agreement and law file: nature, dates, state today."""
    found = visit(request)
    return page(found, "agreements.html", rows=agreements.listing(found.node.register, found.now))


@get("/agreements/{id:str}")
@in_thread
def show_agreement(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[str]:
    """One agreement: who is permitted what; article by article the sentence, where to read it, how sure, and
    its encoding in words and as the lines of the file.
    """
    found = visit(request)
    register = found.node.register
    rows = [row for row in agreements.listing(register, found.now) if row["id"] == id]
    if not rows:
        return page(found, "agreement.html", status=404, row=None, id=id)
    voice = agreements.voiced(register, found.language, found.say)
    texts, raw = found.node.settings.texts, agreements_standing.in_force(found.node, id)
    shown = article_by_article(register, id, found.now.date(), Path(texts) if texts else None, raw=raw)
    is_law = rows[0]["kind"] == "law"
    kept = None if is_law else proofs.kept(request, found, id)
    stands = [] if is_law else standing.standing(found, id)
    return page(
        found,
        "agreement.html",
        stands_here=stands,
        may_suspend=standing.may_suspend(found, stands),
        kept=kept,
        counted=proofs.counted(found, kept) if kept else [],
        stands=kept is not None and kept.stands(register, found.now.date()),
        drafts=agreements_drafted.drafts(found.node.home),
        exported=exports.offered(found),
        ahead=[ending(found, day, voice) for day in lapsing.of_one(register, id, found.now)],
        may_ask=found.may(Verb.ASK),
        row=rows[0],
        id=id,
        shown=shown,
        names=names(found, shown),
        anchors=anchors(shown),
        called=called(shown),
        told_of=partial(encoding.said, found),
        permitted=permitted(found, shown),
        sure=sure(shown),
        meant={word: found.say(text) for word, text in CONFIDENCES.items()},
        lines=agreements.explained(register, id, found.now, voice),
    )


def names(found: Visit, shown: Shown) -> list[str]:
    """What each line is called: its article, or what it is and whose."""
    return [_name(found, one) for one in shown.articles]


def _name(found: Visit, one: Article) -> str:
    kind, fields = found.say(encoding.KINDS[one.kind]), dict(one.encoding.pairs)
    if one.kind == "side":
        return found.say("{}: {}").format(kind, fields["code"])
    if one.kind == "basis":
        return found.say("{}: {}").format(kind, ", ".join(ways(found, [one.id])))
    return kind


def anchors(shown: Shown) -> list[str]:
    """Where each line stands on the page: `p-ID` for provisions, which other pages lead to."""
    return [
        f"p-{one.id}" if one.kind == "provision" else f"{one.kind}-{number}"
        for number, one in enumerate(shown.articles)
    ]


def called(shown: Shown) -> list[str]:
    """A second name for a line that is no provision and has an id: answers of the gate name it by that."""
    taken = {f"p-{one.id}" for one in shown.articles if one.kind == "provision"}
    names = []
    for one in shown.articles:
        name = f"p-{one.id}" if one.kind in ("taint", "protects", "deployment") and one.id else ""
        names.append("" if name in taken else name)
        taken.add(name)
    return names


def sure(shown: Shown) -> list[tuple[str, int]]:
    """How many lines are confirmed, partly and unconfirmed; what there is none of is left out."""
    counts = Counter(one.confidence for one in shown.articles)
    return [(word, counts[word]) for word in CONFIDENCES if counts[word]]


def permitted(found: Visit, shown: Shown) -> list[Permitted]:
    """Who is permitted what: one row a permitting line."""
    out = []
    for line in shown.articles:
        if line.effect == "permit":
            fields = dict(line.encoding.pairs)
            out.append(Permitted(line, ways(found, fields["directions"]), fields, _asks(found, fields)))
    return out


def ending(found: Visit, day: dict[str, Any], voice: agreements.Voice | None) -> Ending:
    """One day of `lapsing.of_one` in the reader's words."""
    say = found.say
    dated = [
        say("{}: {}").format(
            lapsing.EVENTS[one["event"]].said(say),
            say("{} ({})").format(cited(found, one["title"]), lapsing.WHAT[one["what"]].said(say)),
        )
        for one in day["dated"]
    ]
    return Ending(
        on=found.day(day["on"]),
        left_days=day["left_days"],
        dated=list(dict.fromkeys(dated)),
        breaks=[_broken(found, one, voice) for one in day["breaks"]],
        opens=[name.partition("/")[2] for name in day["opens"]],
    )


def _broken(found: Visit, one: dict[str, Any], voice: agreements.Voice | None) -> Broken:
    how = HOW[one["how"]]
    return Broken(
        how=found.say(how),
        id=one["provision"],
        article=one["article"],
        ways=ways(found, one["ways"]),
        lost=words_of(found, one["lost"]),
        why=lapsing.why(one["why"], voice),
    )


def _asks(found: Visit, fields: dict[str, Any]) -> str:
    """The address of May I? with the line's own kind, act and purpose; nothing for who may not ask."""
    if not found.may(Verb.ASK):
        return ""
    return "&".join(
        f"{name}={fields[key][0]}"
        for name, key in (("type", "types"), ("act", "acts"), ("purpose", "purposes"))
    )


PAGES = [list_agreements, show_agreement]
