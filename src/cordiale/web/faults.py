"""What is wrong with an answer, in the reader's language: sentences of the payloads and of the node."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from cordiale.errors import CordialeError
from cordiale.web.fault_words import SENTENCES
from cordiale.web.words import mark

FAULTS: Final = (
    mark("is missing"),
    mark("is empty"),
    mark("`{value}` is neither yes nor no"),
    mark("`{value}` is no whole number"),
    mark("`{value}` is no angle"),
    mark("`{value}` is none of {choices}"),
    mark("`{value}` stands for two persons"),
    mark("`{value}` does not stand unmarked in the text"),
    mark("must be written like {example}"),
    mark("must lie between {low} and {high}"),
    mark("must be a time in UTC"),
    mark("has {count} characters, {most} may travel"),
    mark("has {count} entries, {most} may travel"),
    mark("holds a control character"),
    mark("names a subject twice"),
    mark("the stretch reaches into another mark"),
    mark("say what it holds: free text is no answer"),
    mark("is larger than {most} bytes"),
    mark("is no question of this form"),
    mark("the message that this passes on was recalled, or is erased"),
    mark("the message that this passes on was corrected: these are its old words"),
    mark("name 1 to {most} recipients, each once"),
    mark("no known node speaks for `{value}`"),
    mark("`{value}` has been sent, or is on its hold"),
    mark("`{value}` is on its hold"),
    mark("`{value}` is no draft of yours"),
    mark("the text has {count} characters, {most} may travel"),
    mark("must be {shape}"),
)
"""Messages of PayloadError and RequestError that an answer in a form can bring about; the last fits most."""
WAYS_OUT: Final = (
    mark("Leave it out instead."),
    mark("Look in the out-tray; undo it there while there is time."),
    mark("Undo it first, in the out-tray."),
    mark("Put the rest into an attachment."),
    mark("Write degrees like 50.9512, west and south negative."),
    mark("Pass on the message with the correct words, or say on its page that the old words go."),
    mark("Run `cordiale peer add`."),
)
KNOWN: Final = ("shape", "one", "two", "three", "four")
"""Places in which a word of a form may stand: it is said too; what a person typed stays as it is."""
PLACE_OF: Final = re.compile(r"\{\w+\}")
PLACE: Final = re.compile(r"\\\{(\w+)\\\}")


@cache
def _shapes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(sentence, what it looks like with something put in), those that say most of their own first."""
    known = sorted((*FAULTS, *WAYS_OUT, *SENTENCES), key=lambda one: -len(PLACE_OF.sub("", one)))
    return tuple((one, re.compile(PLACE.sub(r"(?P<\1>.*?)", re.escape(one)), re.DOTALL)) for one in known)


def in_words(say: Callable[[str], str], message: str) -> str:
    """A message in the reader's language; as it stands where it is none of FAULTS."""
    for sentence, shape in _shapes():
        if found := shape.fullmatch(message):
            return say(sentence).format(
                **{name: _put(say, name, one) for name, one in found.groupdict().items()}
            )
    return say(message) if message else ""


def _put(say: Callable[[str], str], name: str, value: str) -> str:
    """What a person typed stays; the words of a form are said."""
    if name == "choices":
        return ", ".join(say(one.replace("_", " ")) for one in value.split(", "))
    return say(value) if name in KNOWN else value


def told(say: Callable[[str], str], fault: CordialeError) -> str:
    """A fault as a sentence: what is wrong, and the way out."""
    said = in_words(say, fault.message)
    way_out = in_words(say, fault.way_out)
    return f"{said.rstrip('.')}. {way_out}" if way_out else said
