"""Reminders before something ends: 90, 30 and 7 days ahead, an alarm says what breaks on that day.

The keeper asks the gate about one agreement a round, so that nothing that is due waits for it. What was once
reminded of is not told again, whoever settled it; no machine settles an alarm.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from cordiale.agreements import lapsing as reading
from cordiale.agreements.lapsing import BEGINS, Broken, Dated, dates
from cordiale.exchange import boxes
from cordiale.node.lapsing import concerns
from cordiale.node.reminder import Asking
from cordiale.node.saying import Said

if TYPE_CHECKING:
    from cordiale.node.node import Node

KIND: Final = "lapse"
AHEAD_DAYS: Final = (7, 30, 90)
"""So long ahead a reminder is given. A node that was off gives the latest of them only."""
TITLES_MAX: Final = 3
NAMES_MAX: Final = 6
"""What one alarm names; `cordiale agreement due` names all."""


def remind(node: Node) -> bool:
    """One round: look at the dates once a day, or ask about one agreement, or raise one alarm. True while
    there is more to do. A clock that leapt ahead and is confirmed by nobody reminds of nothing.
    """
    if node.contact.has_leapt():
        return False
    kept = node.reminder
    now = (node.contact.moment().date(), node.register.texts_digest)
    if kept.looked != now:
        kept.looked, kept.waiting = now, _found(node, now[0])
    elif kept.waiting and kept.waiting[0].left:
        _ask(node, kept.waiting[0])
    elif kept.waiting:
        _tell(node, kept.waiting.pop(0))
    return bool(kept.waiting)


def _found(node: Node, today: date) -> list[Asking]:
    """The days ahead of which nobody was reminded yet at their distance."""
    told = node.store.read(lambda tx: boxes.ever_alarmed(tx, KIND))
    days: dict[date, list[Dated]] = {}
    for one in dates(node.register):
        if 0 < (one.on - today).days <= AHEAD_DAYS[-1]:
            days.setdefault(one.on, []).append(one)
    found = []
    for on, dated in days.items():
        step = next(days for days in AHEAD_DAYS if (on - today).days <= days)
        about = f"{on} ({step})"
        if about not in told:
            found.append(Asking(on, about, dated, list(node.register.agreements)))
    return found


def _ask(node: Node, one: Asking) -> None:
    named = {dated.id.partition("/")[0] for dated in one.dated}
    agreement = one.left.pop(0)
    less, _ = reading.asked(node.register, agreement, one.on, named=named, sides=frozenset({node.side}))
    one.breaks += less


def _tell(node: Node, one: Asking) -> None:
    """The alarm, if anything breaks here, or if something ends that this node's Side is party to."""
    ours = [dated for dated in one.dated if dated.event != BEGINS and concerns(node, dated)]
    if not one.breaks and not ours:
        return
    at = node.contact.moment()
    says = _words(one.on, ours or one.dated, one.breaks)
    node.store.write(lambda tx: boxes.raise_alarm(tx, KIND, peer="", about=one.about, says=says, at=at))
    node.announce("alarm")


def _words(on: date, dated: list[Dated], breaks: list[Broken]) -> str:
    titles = list(dict.fromkeys(one.title for one in dated))
    names = [f"{one.agreement}/{one.provision}" for one in breaks]
    words = {"on": on, "what": _some("; ", titles, TITLES_MAX)}
    if not names:
        return Said("on {on}: {what}. No provision was found that gives less from then on", **words)
    return Said(
        "on {on}: {what}. {count} provisions stop or give less from then on: {names}",
        count=len(names),
        names=_some(", ", names, NAMES_MAX),
        **words,
    )


def _some(joint: str, words: list[str], most: int) -> str:
    """The first of them, and how many there are beyond."""
    rest = f" (+{len(words) - most})" if len(words) > most else ""
    return joint.join(words[:most]) + rest
