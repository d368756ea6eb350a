"""Whom a protective rule or a taint keeps something from: the recipient words of the files."""

from __future__ import annotations

from cordiale.agreements.case import Case
from cordiale.agreements.question import Subject
from cordiale.agreements.register import EU


def recipient_is(case: Case, word: str, *, bloc: str = EU) -> bool:
    """Whether the recipient is `any`, a `third_country` or `third_state` (outside the bloc), or `private`."""
    side = case.asked.to.side
    if word in ("third_country", "third_state"):
        return case.day.third(side, bloc)
    if word == "private":
        return case.day.kind_of(side, case.asked.to.authority) == "private"
    return word == "any"


def is_origin(case: Case, subject: Subject) -> bool:
    """Whether the recipient is, or may be, a state of the person's nationality.

    Unknown nationality counts for every state outside the Union: it may be the one that was fled. Another
    nationality counts only with who stated it, when and from what.
    """
    side = case.asked.to.side
    known = case.day.register.sides.get(side)
    is_state = known is None or known.kind == "state"
    stated = subject.statement_on("nationality")
    nationality = subject.nationality
    if nationality is not None and side in nationality:
        return True
    if not nationality or stated is None or not stated.settles:
        return is_state and case.day.third(side)
    return known is not None and known.kind == "bloc"


def is_guessed(case: Case, subject: Subject) -> bool:
    """Whether the recipient counts as a state of origin only because nobody has settled which one it is."""
    named = subject.nationality or ()
    return case.asked.to.side not in named and is_origin(case, subject)


def not_bound(case: Case, duty: str) -> bool:
    """Whether the recipient lacks a duty of protection, or may pass it on freely to one that does."""
    if duty not in case.day.bound_by(case.asked.to.side):
        return True
    onward = case.line.onward if case.line else None
    return onward is not None and onward.rule in ("free", "listed")
