"""A sentence for an operator: in English as it is, and with its template and values, so that whoever shows it
can say it in another language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Self

Say = Callable[[str], str]
"""A template in, the same template in the reader's language out."""


class Said(str):
    """Text in English. `template` has `{name}` where a value stands; a value may itself be Said."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, **values: Any) -> Self:
        made = super().__new__(cls, template.format(**values))
        made.template, made.values = template, values
        return made

    def said(self, say: Say) -> str:
        """The same in another language."""
        return say(self.template).format(**{name: said(value, say) for name, value in self.values.items()})


HOLDS: Final = Said("ok")
FAILS: Final = Said("WRONG")
"""How a check ended, one a line."""


class Noted(str):
    """A sentence as it was written down, in English; who shows it may know its twin in another language."""

    __slots__ = ()


def said(value: Any, say: Say) -> Any:
    """A value in another language, where it knows how to be said in one; lists and tables one by one."""
    if isinstance(value, Said):
        return value.said(say)
    if isinstance(value, Noted):
        return say(value)
    if isinstance(value, Mapping):
        return {name: said(one, say) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [said(one, say) for one in value]
    return value
