"""What ends when and what breaks on that day, for people: the lines of `cordiale agreement due`, and the home
page's box. The reading and the asking are agreements/lapsing.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from cordiale.agreements import Register, lapsing
from cordiale.agreements.words import plain, said_by, spoken
from cordiale.errors import UsageError
from cordiale.node.agreements import Voice
from cordiale.node.saying import Said

if TYPE_CHECKING:
    from cordiale.node.node import Node


def due(register: Register, at: datetime, within_days: int = lapsing.WITHIN_DAYS) -> list[dict[str, Any]]:
    """Every day within so many days on which something ends, begins or is due, with what it breaks."""
    if not 0 < within_days <= lapsing.WITHIN_DAYS_MAX:
        raise UsageError(
            f"`{within_days}` days are no time to look ahead",
            field="within",
            way_out=f"Use a number from 1 to {lapsing.WITHIN_DAYS_MAX}.",
        )
    return [one.as_json() for one in lapsing.coming(register, at.date(), within_days)]


def dated(register: Register, id: str, today: date) -> dict[date, list[lapsing.Dated]]:
    """Every day ahead on which something of one agreement ends, begins or is due: its lines, and the records
    under it.
    """
    under = {one.id for one in register.records if one.agreement == id}
    found: dict[date, list[lapsing.Dated]] = {}
    for one in lapsing.dates(register):
        if one.on > today and (one.id.partition("/")[0] == id or (one.what == "record" and one.id in under)):
            found.setdefault(one.on, []).append(one)
    return dict(sorted(found.items())[:DAYS_MAX])


def of_one(register: Register, id: str, at: datetime) -> list[dict[str, Any]]:
    """The same days, with what breaks of the agreement on each: the gate is asked, a fraction of a second a
    day.
    """
    agreement, today = register.agreement(id), at.date()
    if agreement is None:
        return []
    rows = []
    for on, found in dated(register, id, today).items():
        less, more = lapsing.asked(register, agreement, on, named=(id,))
        day = lapsing.Lapse(on, (on - today).days, tuple(found), tuple(less), tuple(more))
        rows.append(day.as_json())
    return rows


DAYS_MAX: Final = 4
"""Days ahead of one agreement that are told: the gate is asked about each."""
EVENTS: Final = {
    lapsing.ENDS: Said("ends"),
    lapsing.BEGINS: Said("begins"),
    lapsing.DUE: Said("is due"),
}
HOW: Final = {
    lapsing.STOPS: Said("STOPS"),
    lapsing.PARTLY: Said("STOPS IN PART"),
    lapsing.LESS: Said("GIVES LESS"),
}
WHAT: Final = {
    "agreement": Said("agreement"),
    "law": Said("law"),
    "provision": Said("provision"),
    "basis": Said("basis"),
    "party": Said("party"),
    "record": Said("record"),
    "side": Said("Side"),
    "membership": Said("membership"),
    "authority": Said("authority"),
    "rescue": Said("rescue centre"),
    "rights": Said("rights officer"),
    "calendar": Said("calendar of working days"),
    "goods": Said("class of goods"),
    "handling": Said("handling code"),
    "marking": Said("protective marking"),
}


def told(rows: Sequence[Mapping[str, Any]], voice: Voice | None = None) -> list[str]:
    """The same for people, a line each: the day, what is dated on it, and what breaks."""
    lines: list[str] = []
    for row in rows:
        lines.append(_say(voice, Said("{on}, in {days} days", on=row["on"], days=row["left_days"])))
        lines += ["  " + _dated(one, voice) for one in row["dated"]]
        for one in row["breaks"]:
            lines += _broken(one, voice)
        if not row["breaks"]:
            lines.append("  " + _say(voice, Said("no provision was found that gives less from that day")))
        for name in row["opens"]:
            lines.append("  " + _say(voice, Said("gives more: {name}", name=name)))
    return lines


def _dated(one: Mapping[str, Any], voice: Voice | None) -> str:
    title = one["title"] if voice is None else voice.called.told(one["title"])
    words = {"what": WHAT[one["what"]], "event": EVENTS[one["event"]]}
    return _say(voice, Said("{what} `{id}` {event}: {title}", id=one["id"], title=title, **words))


def _broken(one: Mapping[str, Any], voice: Voice | None) -> list[str]:
    name, ways = f"{one['agreement']}/{one['provision']}", ", ".join(one["ways"])
    label = voice.called.told if voice else str
    article = label(one["article"])
    head = Said(
        "{how}  {name} ({article}), {ways}", how=HOW[one["how"]], name=name, article=article, ways=ways
    )
    words = [voice.word(each) if voice else plain(each) for each in one["lost"]]
    lines = ["  " + _say(voice, head), f"      {why(one['why'], voice)} [{label(one['why_article'])}]"]
    if words and one["how"] != lapsing.STOPS:
        lines.append("      " + _say(voice, Said("no longer leaves: {what}", what=", ".join(words))))
    return lines


def why(sentence: str, voice: Voice | None) -> str:
    """The gate's sentence in the reader's language, made again from its codes and words."""
    if voice is None:
        return sentence
    parts = [spoken(one, voice.called, voice.say) for one in said_by(sentence)]
    return " ".join(parts) or voice.called.told(sentence)


def _say(voice: Voice | None, words: Said) -> str:
    return words.said(voice.say) if voice else str(words)


def coming(node: Node, within_days: int = lapsing.WITHIN_DAYS) -> list[dict[str, str]]:
    """For a page: each day within so many days on which something that this node's Side is party to ends or
    is due: on, what (titles). Read from the dates alone, in a moment; `due` says what breaks.
    """
    today = node.world.clock.now().date()
    found: dict[str, list[str]] = {}
    for one in lapsing.dates(node.register):
        left = (one.on - today).days
        if 0 < left <= within_days and one.event != lapsing.BEGINS and concerns(node, one):
            found.setdefault(one.on.isoformat(), []).append(one.title)
    return [{"on": on, "what": "; ".join(dict.fromkeys(titles))} for on, titles in found.items()]


def concerns(node: Node, one: lapsing.Dated) -> bool:
    """Whether a date touches this node's Side: its own agreement, a record from or to it, a calendar."""
    day = node.register.on(node.world.clock.now())
    head = one.id.partition("/")[0]
    agreement = node.register.agreement(head)
    if agreement is not None:
        return agreement.is_law or any(day.member(node.side, side.code) for side in agreement.side)
    record = next((each for each in node.register.records if each.id == one.id), None)
    if record is None:
        return one.what == "calendar" or head == node.side
    ends = [code for code in (record.from_side, record.to_side, *record.for_sides) if code]
    under = node.register.agreement(record.agreement)
    ends += [side.code for side in under.side] if under else []
    return not ends or any(day.member(node.side, code) for code in ends)
