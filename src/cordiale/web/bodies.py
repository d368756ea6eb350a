"""Message bodies on a page: as form questions, as answers read back, and as lines to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from cordiale.payloads import TYPES, FormField, InformationType, Payload, answers_of, decode, encode, fill
from cordiale.payloads.forms import label
from cordiale.web.forms import Question
from cordiale.web.telling import handled
from cordiale.web.visit import Visit
from cordiale.web.words import mark

PREFIX: Final = "body."
ENTRIES_SHOWN_MAX: Final = 60  # of one list on a page; more belongs into a table file
SHORT_NAME: Final = mark("Short name in this report")
SHORT_HINT: Final = mark("Such as s1: other parts say by it whom they mean. It tells nobody who that is.")
DEGREES: Final = ("latitude", "longitude")


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the form: its questions, and the groups below it. `more` is what `Add another` adds to."""

    title: str
    path: str
    questions: tuple[Question, ...]
    groups: tuple[Group, ...]
    more: str = ""
    used: bool = False
    wrong: bool = False


def groups(found: Visit, kind: InformationType, model: str, answers: Mapping[str, str]) -> Group:
    """The form of an information type with what has been answered so far."""
    return _group(found, kind.form(model), "", answers, title="")


def _group(
    found: Visit, fields: tuple[FormField, ...], path: str, answers: Mapping[str, str], *, title: str
) -> Group:
    questions: list[Question] = []
    below: list[Group] = []
    for one in fields:
        here = f"{path}.{one.path}".strip(".")
        if one.kind == "group":
            below += _parts(found, one, here, answers)
        elif one.kind != "attachment":
            questions.append(_question(found, one, here, answers))
    used = any(name.startswith(f"{path}.") and value.strip() for name, value in answers.items())
    return Group(title, path, tuple(questions), tuple(below), used=used)


def _parts(found: Visit, one: FormField, here: str, answers: Mapping[str, str]) -> Iterator[Group]:
    title = found.say(one.label)
    if not one.many:
        yield _group(found, one.fields, here, answers, title=title)
        return
    count = min(_count(here, answers) + 1, ENTRIES_SHOWN_MAX)
    for index in range(count):
        named = title if count == 1 else f"{title} {index + 1}"  # a number where there is more than one
        part = _group(found, one.fields, f"{here}.{index}", answers, title=named)
        last = index == count - 1
        yield Group(part.title, part.path, part.questions, part.groups, here if last else "", part.used)


def _count(here: str, answers: Mapping[str, str]) -> int:
    """How many entries of a list have an answer."""
    numbers = [
        int(part)
        for name, value in answers.items()
        if name.startswith(here + ".")
        and value.strip()
        and (part := name[len(here) + 1 :].split(".")[0]).isdigit()
    ]
    return max(numbers, default=-1) + 1


def _question(found: Visit, one: FormField, here: str, answers: Mapping[str, str]) -> Question:
    say = found.say
    kind, shown, hint = one.kind, answers.get(here, ""), _hint(say(one.hint) if one.hint else "")
    options: tuple[tuple[str, str], ...] = ()
    a_line = say("One a line.")
    if one.many and kind not in ("choice",):
        lines = [answers[f"{here}.{n}"] for n in range(ENTRIES_SHOWN_MAX) if answers.get(f"{here}.{n}")]
        kind, shown, hint = "area", "\n".join(lines) or shown, f"{hint} {a_line}".strip()
    elif kind == "choice":
        options = (("", say("not said")), *((str(c), _choice(found, here, str(c))) for c in one.choices))
        kind = "select"
    elif kind == "yesno":
        options, kind = (("", say("not said")), ("yes", say("yes")), ("no", say("no"))), "select"
    elif kind == "degrees":
        hint = say("In degrees, such as 50.9512; west and south negative.")
    elif kind == "time":
        shown = shown.removesuffix("Z")[:16]
    return Question(
        PREFIX + here,
        say(SHORT_NAME) if one.kind == "subject" else say(one.label),
        kind,
        hint=say(SHORT_HINT) if one.kind == "subject" else hint,
        value=shown,
        options=options,
        required=one.required,
        rows=8 if one.kind == "area" else 2,
        width="govuk-input--width-10" if one.kind in ("number", "degrees", "date") else "",
    )


def _choice(found: Visit, path: str, value: str) -> str:
    """One answer to choose; a handling code with what it asks."""
    return handled(found, value) if path.endswith("handling") else found.say(value.replace("_", " "))


def with_mistakes(group: Group, errors: Mapping[str, str]) -> Group:
    """The same form with what is wrong beside its question, and every part open in which something is."""
    questions = tuple(
        replace(q, error=errors[q.name][:1].upper() + errors[q.name][1:]) if q.name in errors else q
        for q in group.questions
    )
    below = tuple(with_mistakes(one, errors) for one in group.groups)
    wrong = any(q.error for q in questions) or any(one.wrong for one in below)
    return replace(group, questions=questions, groups=below, used=group.used or wrong, wrong=wrong)


def _hint(words: str) -> str:
    """A hint as a sentence, without the marks that a terminal would show."""
    plain_words = words.replace("`", "")
    return f"{plain_words[:1].upper()}{plain_words[1:]}." if words else ""


def answers_in(found: Visit) -> dict[str, str]:
    """The answers of a body form, by path."""
    return {
        name.removeprefix(PREFIX): given[0]
        for name, given in found.answers.items()
        if name.startswith(PREFIX) and given and given[0].strip()
    }


def encoded(
    kind: InformationType, model: str, answers: Mapping[str, str], old: Mapping[str, Any]
) -> dict[str, Any]:
    """The payload that the answers fill, in its JSON shape, with the marks of unchanged texts and files kept.

    Raises PayloadError naming the path that does not fit.
    """
    fresh = encode(fill(kind.models[model], answers))
    return {**fresh, "body": keep_marks(fresh["body"], old.get("body", {}))}


def keep_marks(fresh: Any, old: Any) -> Any:
    """A fresh body with what a person had stated about texts and files that have not changed since."""
    if isinstance(fresh, dict) and isinstance(old, dict):
        same_text = "passages" in fresh and fresh.get("digest") == old.get("digest")
        same_file = "sha256" in fresh and fresh["sha256"] == old.get("sha256")
        if same_text or same_file:
            return old
        return {name: keep_marks(value, old.get(name)) for name, value in fresh.items()}
    if isinstance(fresh, list) and isinstance(old, list):
        return [keep_marks(v, old[n] if n < len(old) else None) for n, v in enumerate(fresh)]
    return fresh


def answers_from(body: Mapping[str, Any]) -> dict[str, str]:
    """The answers that would fill this body again."""
    if not body:
        return {}
    carried = decode(str(body["type"]), body)
    return answers_of(carried) if isinstance(carried, Payload) else {}


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a body as it is read: where it stands, what it says. Depth 0 is a heading without value."""

    label: str
    value: str
    path: str
    depth: int


def lines(body: Any, found: Visit) -> list[Said]:
    """A body as lines to read: title first, then what stands by itself, then part after part."""
    inner = body.get("body", body) if isinstance(body, Mapping) else body
    said = list(_lines(inner, found, "", ""))
    if not isinstance(body, Mapping):
        return said
    return chosen_in_words(said, found, type_id=str(body.get("type", "")), model=str(body.get("model", "")))


def chosen_in_words(said: list[Said], found: Visit, *, type_id: str, model: str) -> list[Said]:
    """The same lines, with every answer that was chosen from a list in the reader's words. What somebody
    wrote in words of their own stays as it is, even where it is spelt like one of a list.
    """
    places = _chosen(type_id, model)

    def told(one: Said) -> str:
        known = places.get(".".join(part for part in one.path.split(".") if not part.isdigit()), frozenset())
        values = one.value.split(", ")
        return ", ".join(_choice(found, one.path, v) if v in known else v for v in values)

    return [replace(one, value=told(one)) if one.depth else one for one in said]


@cache
def _chosen(type_id: str, model: str) -> Mapping[str, frozenset[str]]:
    """Where a body holds an answer from a list, without the numbers of entries -> what may stand there."""
    kind = TYPES.get(type_id)
    if kind is None or model not in kind.models:
        return {}
    found: dict[str, frozenset[str]] = {}

    def walk(fields: tuple[FormField, ...], path: str) -> None:
        for one in fields:
            here = f"{path}.{one.path}".strip(".")
            if one.kind == "group":
                walk(one.fields, here)
            elif one.kind == "choice":
                found[here] = frozenset(str(choice) for choice in one.choices)

    walk(kind.form(model), "")
    return found


def _in_order(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What stands by itself before what has parts: nothing is read as if it belonged to the part above it."""

    def has_parts(one: Any) -> bool:
        if isinstance(one, Mapping):
            return "passages" not in one
        return isinstance(one, list) and any(isinstance(part, Mapping) for part in one)

    first = ("title", "case_reference")
    return sorted(
        value.items(),
        key=lambda pair: (has_parts(pair[1]), first.index(pair[0]) if pair[0] in first else len(first)),
    )


def _lines(value: Any, found: Visit, path: str, name: str) -> Iterator[Said]:
    if isinstance(value, Mapping) and "passages" in value:
        yield Said(name, "".join(p["text"] for p in value["passages"]), path, 1)
    elif isinstance(value, Mapping):
        if name:
            yield Said(name, "", path, 0)
        for key, inner in _in_order(value):
            named = found.say(SHORT_NAME if key == "subject" else label(key))
            yield from _lines(inner, found, f"{path}.{key}".strip("."), named)
    elif isinstance(value, list):
        if value and all(not isinstance(one, Mapping) for one in value):
            yield Said(name, ", ".join(str(one) for one in value), path, 1)
            return
        for index, inner in enumerate(value):
            yield from _lines(inner, found, f"{path}.{index}", f"{name} {index + 1}")
    elif value is not None:
        yield Said(name, plain(path, value, found), path, 1)


def plain(path: str, value: Any, found: Visit) -> str:
    """One value as a person reads it."""
    if isinstance(value, bool):
        return found.say("yes") if value else found.say("no")
    if isinstance(value, int) and path.rsplit(".", 1)[-1] in DEGREES:
        return f"{value / 1_000_000:.5f}°"
    if isinstance(value, str) and (path.endswith("_at") or path.split(".")[-1] == "at"):
        return found.moment(value)
    return found.say(value.replace("_", " ")) if isinstance(value, str) and "_" in value else str(value)
