"""The outline of a payload: what stands where and whom it is about, without a word of what it says.

Two payloads of one outline give the gate the same items, and the same paths are copied out of them in the
same way; so both are worked out once, by the slow twins in items.py. tests/twins hold all of it equal.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from cordiale.errors import PayloadError
from cordiale.payloads import items
from cordiale.payloads.codec import MISSING, Carried, Partial, kind_of, refuse_double_subjects, tree_of
from cordiale.payloads.items import SENDER, Stub, itemise, subjects, text_holds
from cordiale.payloads.model import Asserted, Json, Part, Payload, Slot, once_a_class, slots, text_digest
from cordiale.terms import Category

OUTLINES_MAX: Final = 512
"""Outlines kept, each at most about 100 kB with what was worked out of it; beyond it all are forgotten."""
LEAVES_KEPT: Final = 100
"""Leaves of an outline that is kept: a report has tens."""
PLANS_MAX: Final = 16
"""Ways of copying that are kept of one outline: the same gate lets the same leave."""


@dataclass(frozen=True, slots=True)
class Said:
    """One item for the gate, as `Leaf` has it without its value."""

    path: str
    category: Category
    subjects: tuple[str, ...]
    asserted: Asserted


@dataclass(frozen=True, slots=True)
class Outline:
    """What the gate is told of a payload. `plans`: ways of copying it; `kept`: what others made of it."""

    items: tuple[Said, ...]
    stubs: tuple[Stub, ...]
    paths: tuple[str, ...]
    plans: dict[tuple[str, ...], _Plan] = field(default_factory=dict, repr=False, compare=False)
    kept: dict[bytes, Any] = field(default_factory=dict, repr=False, compare=False)


class _Latest(threading.local):
    """The payload that this thread looked at last, and its outline. By identity: payloads are frozen."""

    carried: Carried | None = None
    outline: Outline | None = None


_latest = _Latest()
_outlines: dict[tuple[object, ...], Outline] = {}


def outline(carried: Carried) -> Outline:
    """The outline of a payload, or of what is left of one."""
    if _latest.carried is carried and _latest.outline is not None:
        return _latest.outline
    kind = kind_of(carried)
    steps: list[object] = [kind]
    _shape(kind, tree_of(carried), steps)
    key = tuple(steps)
    found = _outlines.get(key)
    if found is None:
        found = outline_of(carried)
        if len(found.items) <= LEAVES_KEPT:
            if len(_outlines) >= OUTLINES_MAX:
                _outlines.clear()
            _outlines[key] = found
    _latest.carried, _latest.outline = carried, found
    return found


def outline_of(carried: Carried) -> Outline:
    """The slow twin of `outline`."""
    leaves = itemise(carried)
    said = tuple(Said(leaf.path, leaf.category, leaf.subjects, leaf.asserted) for leaf in leaves)
    return Outline(said, subjects(carried), tuple(leaf.path for leaf in leaves))


def only(carried: Carried, paths: Collection[str]) -> Partial:
    """As items.only: copy out the named paths and nothing else. Raises PayloadError as that does."""
    named = tuple(paths)
    here = outline(carried)
    plan = here.plans.get(named)
    if plan is None:
        left = items.only(carried, named)
        if (plan := _plan_of(carried, left)) is not None:
            if len(here.plans) >= PLANS_MAX:
                here.plans.clear()
            here.plans[named] = plan
        return left
    copied = plan.copy(tree_of(carried))
    return Partial(plan.model, copied, plan.withheld, plan.moved, plan.renamed, plan.kept)


# ------------------------------------------------------------------------------ the outline of a tree


def _shape(kind: type[Part], tree: Mapping[str, Json], steps: list[object]) -> None:
    """Every name that stands, and of what can differ below it: how many, who, and what was marked."""
    telling = _telling(kind)
    for name, value in tree.items():
        steps.append(name)
        tell = telling.get(name)
        if tell is not None:
            tell(value, steps)
    steps.append(None)


_Tell = Callable[[Json, list[object]], None]


@once_a_class
def _telling(kind: type) -> dict[str, _Tell]:
    """Name -> what to note of its value, for all whose name alone does not say it."""
    told = {slot.name: _tell(slot) for slot in slots(kind)}
    return {name: tell for name, tell in told.items() if tell is not None}


def _tell(slot: Slot) -> _Tell | None:
    if slot.kind == "leaf":
        return (lambda value, steps: steps.append(len(value))) if slot.many else None
    one = _tell_one(slot)
    if not slot.many:
        return one

    def every(value: Json, steps: list[object]) -> None:
        steps.append(len(value))
        for entry in value:
            one(entry, steps)

    return every


def _tell_one(slot: Slot) -> _Tell:
    of = slot.of
    match slot.kind:
        case "part":
            return lambda value, steps: _shape(of, value, steps)
        case "text":
            return _tell_text
        case "attachment":
            return _tell_attachment
    return lambda value, steps: steps.append(value)  # whom it is about


def _tell_text(value: Json, steps: list[object]) -> None:
    held, passages = text_holds(value), value["passages"]
    steps += (held, len(passages))
    for passage in passages:
        steps.append(tuple(passage.get("categories", ())))
        steps.append(tuple(passage.get("subjects", ())))


def _tell_attachment(value: Json, steps: list[object]) -> None:
    steps.append(items.statement_holds(value))
    steps.append(tuple(value.get("categories", ())))
    steps.append(tuple(value.get("subjects", ())))


# ------------------------------------------------------------------------------ the plan of a copy


_Copier = Callable[[Json], Json]


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the paths that may leave are copied out of any payload of one outline."""

    model: type[Payload]
    copy: Callable[[Mapping[str, Json]], dict[str, Json]]
    withheld: tuple[str, ...]
    moved: Mapping[str, str]
    renamed: Mapping[str, str]
    kept: dict[Any, Any]


def _plan_of(carried: Carried, left: Partial) -> _Plan | None:
    """The plan behind a copy that the slow way made; None, and nothing is kept, if it would not make the
    same.
    """
    kind, tree = kind_of(carried), tree_of(carried)
    try:
        refuse_double_subjects(kind, left.tree)
    except PayloadError:
        return None
    copy = _Planner(frozenset(left.moved), left.renamed).part(kind, tree, "") or (lambda _: {})
    if copy(tree) != left.tree:
        return None
    moved, renamed = MappingProxyType(left.moved), MappingProxyType(left.renamed)
    return _Plan(kind, copy, left.withheld, moved, renamed, {MISSING: left.missing})


@dataclass(frozen=True, slots=True)
class _Planner:
    """Works out, from one tree, what is done with each part of every tree like it.

    `moved`: the paths that leave. `ids`: old subject id -> new one.
    """

    moved: frozenset[str]
    ids: Mapping[str, str]

    def part(self, kind: type[Part], tree: Mapping[str, Json], before: str) -> _Copier | None:
        """None when nothing of it leaves. Keys and pointers go with what stays."""
        plain: list[str] = []
        pointing: dict[str, Json] = {}
        rest: list[tuple[str, _Copier]] = []
        for slot in slots(kind):
            if slot.name not in tree:
                continue
            value, here = tree[slot.name], before + slot.name
            if slot.kind in ("key", "ref"):
                pointing[slot.name] = tuple(map(self.ids.get, value)) if slot.many else self.ids.get(value)
            elif slot.many:
                rest += [(slot.name, copy)] if (copy := self._list(slot, value, here)) else []
            elif slot.kind == "leaf":
                plain += [slot.name] if here in self.moved else []
            elif copy := self._one(slot, value, here):
                rest.append((slot.name, copy))
        return _copied_part(pointing, tuple(plain), tuple(rest)) if plain or rest else None

    def _one(self, slot: Slot, value: Json, here: str) -> _Copier | None:
        """One entry; None when it stays."""
        match slot.kind:
            case "part":
                return self.part(slot.of, value, here + ".")
            case "text":
                return self._text(value, here)
            case "attachment":
                return self._attachment if self._leaves(here, value) else None
        return _as_it_is if here in self.moved else None

    def _list(self, slot: Slot, value: Json, here: str) -> _Copier | None:
        copies = [self._one(slot, one, f"{here}.{index}") for index, one in enumerate(value)]
        if not any(copies):
            return None
        if all(copy is _as_it_is for copy in copies):
            return _as_it_is
        kept = tuple((index, copy) for index, copy in enumerate(copies) if copy)
        return lambda entries: [copy(entries[index]) for index, copy in kept]

    def _leaves(self, here: str, value: Json) -> bool:
        """Whether a passage or attachment leaves: one path of it goes only when all do."""
        return here in self.moved or any(f"{here}:{one}" in self.moved for one in value.get("categories", ()))

    def _text(self, value: Json, here: str) -> _Copier | None:
        passages = value["passages"]
        kept = tuple(i for i, one in enumerate(passages) if self._leaves(f"{here}.{i}", one))
        whole = text_holds(value) and len(kept) == len(passages)
        held = text_holds(value)
        if not kept:
            return None

        def copy(given: Json) -> Json:
            texts = [given["passages"][index] for index in kept]
            left = [self._stated(one, "marked_by") if held else {"text": one["text"]} for one in texts]
            said = given["digest"] if whole else text_digest("".join([one["text"] for one in texts]))
            return {"passages": left, "digest": said}

        return copy

    def _attachment(self, value: Json) -> Json:
        return self._stated(value, "stated_by")

    def _stated(self, value: Mapping[str, Json], account: str) -> dict[str, Json]:
        """A statement without the account that made it, about those who are numbered anew."""
        out = dict(value)
        if account in out:
            out[account] = SENDER
        if "subjects" in out:
            out["subjects"] = [self.ids.get(one) for one in out["subjects"]]
        return out


def _as_it_is(value: Json) -> Json:
    return value


def _copied_part(
    pointing: Mapping[str, Json], plain: tuple[str, ...], rest: tuple[tuple[str, _Copier], ...]
) -> _Copier:
    one = {name: value for name, value in pointing.items() if type(value) is not tuple}
    several = tuple((name, value) for name, value in pointing.items() if type(value) is tuple)

    def copy(tree: Json) -> Json:
        out = dict(one)
        for name, ids in several:
            out[name] = list(ids)
        for name in plain:
            out[name] = tree[name]
        for name, copied in rest:
            out[name] = copied(tree[name])
        return out

    return copy
