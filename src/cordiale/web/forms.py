"""Questions on a page, as data: one template draws them all, with label, hint and error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from cordiale.errors import CordialeError


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `kind`: text, area, select, radios, checkboxes, password, code, time, date, number."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    value: str = ""
    values: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    error: str = ""
    required: bool = True
    rows: int = 5
    width: str = ""
    autocomplete: str = ""

    @property
    def id(self) -> str:
        return self.name.replace(".", "-").replace("_", "-")


@dataclass(slots=True)
class Mistakes:
    """What is wrong with a form, by question: shown in the error summary and beside each question."""

    found: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(self, name: str, sentence: str) -> None:
        self.found.setdefault(name, sentence)

    def take(self, fault: CordialeError, default: str = "") -> None:
        """A fault that the node raised, put beside the question it names."""
        self.add(fault.field or default, " ".join(part for part in (fault.message, fault.way_out) if part))


def filled(
    questions: Iterable[Question], answers: Mapping[str, list[str]], mistakes: Mistakes | None = None
) -> list[Question]:
    """The questions again, with what was answered and what is wrong with it."""
    errors = mistakes.found if mistakes else {}
    out = []
    for question in questions:
        given = answers.get(question.name)
        hidden = question.kind in ("password", "code", "file")
        if given is not None and not hidden:
            question = replace(question, value=given[0] if given else "", values=tuple(given))
        if question.name in errors:
            question = replace(question, error=errors[question.name])
        out.append(question)
    return out


def options(values: Iterable[str], say: Mapping[str, str] | None = None) -> tuple[tuple[str, str], ...]:
    """(value, words) for each value; `snake_case` becomes words where no other words are given."""
    return tuple((v, (say or {}).get(v) or v.replace("_", " ")) for v in values)


def missing(questions: Iterable[Question], answers: Mapping[str, list[str]], sentence: str) -> Mistakes:
    """A mistake for each required question without an answer; `sentence` has `{}` where the label goes."""
    mistakes = Mistakes()
    for question in questions:
        given = [one for one in answers.get(question.name, []) if one.strip()]
        if question.required and not given and question.kind != "file":
            mistakes.add(question.name, sentence.format(question.label))
    return mistakes
