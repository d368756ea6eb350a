"""What was noted when an alarm was raised, in the reader's language. The note itself stays as it is."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from cordiale.web.words import Say, mark

NOTES: Final = (
    mark("a distress call cannot be recorded ({kind}); it stays on the screen"),
    mark(
        "{count} of its distress calls were shown while the store could not write, and not kept: each comes "
        "again until it is recorded. Ring it and compare"
    ),
    mark("it came over the connection of {bringer} and claims to be from {named}"),
    mark("it claims to be from {named}"),
    mark("`{row}` lies in the outbox without a decision in the ledger; it was not sent"),
    mark("a round of the courier failed ({kind}) and is tried again"),
    mark("it has lost {count} messages that it had confirmed, from number {since}; they go again"),
    mark("the clock says {now} but {latest} was recorded before"),
    mark("`{peer}` asks to go on with {following} on `{lane}`, without {message}"),
    mark("it could not be taken after {count} tries and lies in the failed box: {why}"),
    mark("its new card was not taken by itself: {why}. Ask for it as a file, and compare the words."),
    mark("it was restored from a backup and has lost {count} messages that it had confirmed"),
    mark("`{peer}` could not be reached: {why}"),
    mark("somebody has this person's password and guesses codes: ring them, and reset it"),
    mark("{count} prints or saved files of `{reference}` were called back and are not settled"),
    mark("{count} earlier calls of this partner make way for the newest: ring it"),
    mark("we sent it a distress call at {at} UTC that the backup does not hold"),
    mark("it has signed two ledgers of one size; both notes are kept as evidence"),
    mark("from {since} to {until} UTC"),
    mark("on {on}: {what}. No provision was found that gives less from then on"),
    mark("on {on}: {what}. {count} provisions stop or give less from then on: {names}"),
)
"""Every note that a node makes in a sentence of its own, with what is put into it."""
PLACE: Final = re.compile(r"\\\{(\w+)\\\}")


@cache
def _shapes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(note, what it looks like with something put in)."""
    return tuple((note, re.compile(PLACE.sub(r"(?P<\1>.+?)", re.escape(note)), re.DOTALL)) for note in NOTES)


def noted(say: Say, says: str) -> str:
    """A note in the reader's language; "" where it has no other words there than its own."""
    for note, shape in _shapes():
        found = shape.fullmatch(says)
        if found:
            told = say(note).format(**found.groupdict())
            return "" if told == says else told
    return ""
