"""What a partner chooses and our tables keep in clear has a form of its own: length and alphabet, or a closed
list. A letter that breaks one is refused with the field's name; what a row may not say, it leaves out.

Nothing that could be about a person has room in them: words stay in the sealed letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from cordiale import payloads
from cordiale.errors import ExchangeError
from cordiale.exchange.message import KINDS, NOBODY, Letter
from cordiale.seals import digest
from cordiale.terms import Purpose

SIDES_MAX: Final = 64  # in one restriction; the register knows forty
REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")  # ours are 8 to 24 hexadecimal digits
_PARTY: Final = re.compile(r"[A-Z][A-Z0-9-]{1,19}/[a-z0-9][a-z0-9.-]{0,59}")
_SIDE: Final = re.compile(r"[A-Z][A-Z0-9-]{1,19}")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_SLUG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:()-]{0,99}")
_PURPOSES: Final = frozenset(str(one) for one in Purpose) | {NOBODY}


def check_letter(letter: Letter) -> None:
    """Raises ExchangeError naming the first field that is not of its form."""
    for name, fits in _FITS.items():
        if not fits(letter):
            raise ExchangeError(_WORDS[name], field=name)


def fits(letter: Letter, name: str) -> bool:
    """Whether a field of a letter is of its form."""
    return _FITS[name](letter)


def fitting(letter: Letter, name: str) -> str:
    """A field of a letter as a row may keep it: "" when it is not of its form."""
    return str(getattr(letter, name)) if _FITS[name](letter) else ""


def under(letter: Letter) -> str:
    """The agreement and provision under which it came, as a row may keep them."""
    named = (str(letter.agreement.get("id", "")), letter.provision)
    return "/".join(named) if all(_SLUG.fullmatch(one) or not one for one in named) else ""


def reference_of(text: str) -> str:
    """A message's reference as a row may keep it; an odd one of a distress call only as its digest, so that
    two of one kind are still told apart.
    """
    return text if REFERENCE.fullmatch(text) else f"odd-{digest(text.encode()).removeprefix('sha256:')[:16]}"


def _is_under(letter: Letter) -> bool:
    return under(letter) != "" or (not letter.agreement.get("id") and not letter.provision)


_FITS: Final[dict[str, Callable[[Letter], bool]]] = {
    "sender": lambda one: _PARTY.fullmatch(one.sender) is not None,
    "recipient": lambda one: _PARTY.fullmatch(one.recipient) is not None,
    "type": lambda one: one.type in payloads.TYPES,
    "kind": lambda one: one.kind in KINDS,
    "about": lambda one: not one.about or _DIGEST.fullmatch(one.about) is not None,
    "reference": lambda one: REFERENCE.fullmatch(one.reference) is not None,
    "provision": _is_under,
    "restrictions.never_to": lambda one: (
        len(one.restrictions.never_to) <= SIDES_MAX
        and all(_SIDE.fullmatch(side) for side in one.restrictions.never_to)
    ),
    "restrictions.use_only": lambda one: set(one.restrictions.use_only) <= _PURPOSES,
}
_WORDS: Final = {
    "sender": "is written SIDE/authority, of at most 20 and 60 letters",
    "recipient": "is written SIDE/authority, of at most 20 and 60 letters",
    "type": "is no information type",
    "kind": f"is one of {', '.join(KINDS)}",
    "about": "is the id of a message, or empty",
    "reference": "has 1 to 64 letters, digits and . _ : - only",
    "provision": "has letters, digits and . _ : ( ) - only, as has the agreement's id",
    "restrictions.never_to": f"names at most {SIDES_MAX} Sides by their codes",
    "restrictions.use_only": "names purposes only",
}
