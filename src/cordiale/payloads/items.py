"""What a payload says, leaf by leaf, and copying out by whitelist.

`itemise` gives the gate its items. `only` copies the paths that are named and nothing else, so that a
forgotten leaf cannot pass; what was left out leaves no trace of a person, not even a gap in the numbering.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from cordiale.errors import PayloadError
from cordiale.payloads.codec import Carried, Partial, keys_of, kind_of, read_attachment, tree_of
from cordiale.payloads.model import (
    UNIDENTIFIED,
    Asserted,
    FreeText,
    Json,
    Part,
    Passage,
    Shaped,
    Slot,
    Subject,
    once_a_class,
    slots,
    text_digest,
)
from cordiale.terms import CATEGORIES, Category, Personal, Role, SubjectKind

SENDER = "sender"
"""What becomes of the account that marked a passage, once the passage leaves."""


class Leaf(NamedTuple):
    """One item for the gate.

    `path`: stable inside its payload, such as `suspects.0.family_name`; a marked passage or attachment has
    one path a category, such as `narrative.2:route`. `subjects`: ids, or ("unidentified",) if nobody said.
    `value`: the JSON value; the gate never logs it. `worded`: a line that somebody typed as they liked.
    """

    path: str
    category: Category
    subjects: tuple[str, ...]
    asserted: Asserted
    value: Json
    worded: bool = False


@dataclass(frozen=True, slots=True)
class Stub:
    """One subject of a payload: id, kind and role, as the part's type says."""

    id: str
    kind: SubjectKind
    role: Role


class _Latest(threading.local):
    """The payload that this thread looked at last, and its leaves: one message asks for them seven times.

    By identity, since payloads are frozen; one alone, so that nothing about a person is kept for long.
    """

    carried: Carried | None = None
    leaves: tuple[Leaf, ...] = ()


_latest = _Latest()


def itemise(carried: Carried) -> tuple[Leaf, ...]:
    """Every leaf with its category and whom it is about, in the order of the model."""
    if _latest.carried is not carried:
        found: list[Leaf] = []
        _gather(kind_of(carried), tree_of(carried), "", (), out=found)
        leaves = tuple(found)
        _latest.carried, _latest.leaves = carried, leaves
    return _latest.leaves


def subjects(carried: Carried) -> tuple[Stub, ...]:
    """Everybody that the payload is about, in order; `unidentified` last, if nobody has said of a leaf."""
    out: dict[str, Stub] = {}
    for _, subject, part in keys_of(kind_of(carried), tree_of(carried)):
        about = cast(type[Subject], part)
        out[subject] = Stub(subject, about.KIND, about.ROLE)
    spoken = dict.fromkeys(subject for leaf in itemise(carried) for subject in leaf.subjects)
    for subject in spoken:
        if subject not in out and subject != UNIDENTIFIED:
            out[subject] = Stub(subject, SubjectKind.PERSON, Role.UNKNOWN)
    if UNIDENTIFIED in spoken:
        out[UNIDENTIFIED] = Stub(UNIDENTIFIED, SubjectKind.UNIDENTIFIED, Role.UNKNOWN)
    return tuple(out.values())


def only(carried: Carried, paths: Collection[str]) -> Partial:
    """Copy out the named paths and nothing else.

    A marked passage or attachment goes only if all its paths are named. Subject ids and list places are
    numbered anew. Raises PayloadError for a path that the payload does not have.
    """
    kind, tree = kind_of(carried), tree_of(carried)
    have = [leaf.path for leaf in itemise(carried)]
    allowed = frozenset(paths)
    if odd := allowed - set(have):
        raise PayloadError("is no path of this payload", field=sorted(odd)[0][:120])
    copy = _Copy(allowed)
    kept = copy.part(kind, tree, "", "")
    numbering = _Numbering()
    fresh = numbering.part(kind, kept)
    gone = tuple(path for path in have if path not in copy.moved)
    return Partial(kind, fresh, withheld=gone, moved=copy.moved, renamed=numbering.ids)


# ------------------------------------------------------------------------------ leaves


def leaves_of(carried: Carried) -> tuple[Leaf, ...]:
    """The slow twin of `itemise`."""
    return tuple(_leaves(kind_of(carried), tree_of(carried), "", ()))


def _leaves(kind: type[Part], tree: Mapping[str, Json], path: str, about: tuple[str, ...]) -> Iterator[Leaf]:
    about = _about(kind, tree, about)
    for slot in slots(kind):
        if slot.kind in ("key", "ref") or slot.name not in tree:
            continue
        for here, value in _entries(slot, tree[slot.name], f"{path}." if path else ""):
            yield from _leaves_of(slot, value, here, about)


def _about(kind: type[Part], tree: Mapping[str, Json], inherited: tuple[str, ...]) -> tuple[str, ...]:
    """Whom the leaves of a part are about: its own subject, else those it points to, else its owner's."""
    pointed: tuple[str, ...] = ()
    for slot in slots(kind):
        if slot.kind == "key":
            return (tree[slot.name],)
        if slot.kind == "ref" and slot.name in tree:
            pointed += tuple(tree[slot.name]) if slot.many else (tree[slot.name],)
    return pointed or inherited


def _entries(slot: Slot, value: Json, before: str) -> list[tuple[str, Json]]:
    here = before + slot.name
    return [(f"{here}.{i}", v) for i, v in enumerate(value)] if slot.many else [(here, value)]


def _leaves_of(slot: Slot, value: Json, path: str, about: tuple[str, ...]) -> Iterator[Leaf]:
    if slot.kind == "part":
        yield from _leaves(slot.of, value, path, about)
    elif slot.kind == "text":
        for index, passage in enumerate(value["passages"]):
            categories = _marked(passage) if text_holds(value) else ()
            yield from _statement(f"{path}.{index}", passage, categories, Category.FREE_TEXT)
    elif slot.kind == "attachment":
        categories = _marked(value) if statement_holds(value) else ()
        yield from _statement(path, value, categories, Category.ATTACHMENT)
    else:
        assert slot.category is not None, f"{path} names no category"
        worded = slot.of is str and slot.mark(Shaped) is None
        yield Leaf(path, slot.category, _whom(slot.category, about), slot.asserted, value, worded)


@dataclass(frozen=True, slots=True)
class _Layout:
    """A model made ready: what points to subjects, what says something, and what goes with what is said."""

    pointing: tuple[Slot, ...]
    saying: tuple[tuple[Slot, str, bool, _Whom | None], ...]
    """(slot, name, whether it is a list, and of a plain leaf whom it can be about)."""
    numbered: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class _Whom:
    """Of a plain leaf: what `_leaves_of` and `_whom` say of every one alike."""

    category: Category
    asserted: Asserted
    worded: bool
    always: tuple[str, ...]
    """Whom it is about, whatever stands around it."""
    otherwise: tuple[str, ...]
    """Whom it is about, where nobody has said."""


@once_a_class
def _layout(kind: type) -> _Layout:
    every = slots(kind)
    pointing = tuple(slot for slot in every if slot.kind in ("key", "ref"))
    saying = tuple((s, s.name, s.many, _plain(s)) for s in every if s.kind not in ("key", "ref"))
    return _Layout(pointing, saying, tuple(slot for slot in every if slot.kind != "leaf"))


def _plain(slot: Slot) -> _Whom | None:
    if slot.kind != "leaf":
        return None
    assert slot.category is not None, f"{slot.name} names no category"
    worded = slot.of is str and slot.mark(Shaped) is None
    always = (UNIDENTIFIED,) if CATEGORIES[slot.category].everything else ()
    return _Whom(slot.category, slot.asserted, worded, always, _whom(slot.category, ()))


def _gather(
    kind: type[Part], tree: Mapping[str, Json], before: str, about: tuple[str, ...], *, out: list[Leaf]
) -> None:
    """The fast twin of `_leaves`; `before` is the path with its dot."""
    layout = _layout(kind)
    if layout.pointing:
        about = _about(kind, tree, about)
    for slot, name, many, plain in layout.saying:
        if name not in tree:
            continue
        value, path = tree[name], before + name
        entries = [(f"{path}.{i}", v) for i, v in enumerate(value)] if many else ((path, value),)
        if plain is not None:
            whom = plain.always or about or plain.otherwise
            for here, one in entries:
                out.append(Leaf(here, plain.category, whom, plain.asserted, one, plain.worded))
        elif slot.kind == "part":
            for here, one in entries:
                _gather(slot.of, one, here + ".", about, out=out)
        else:
            for here, one in entries:
                out.extend(_leaves_of(slot, one, here, about))


def text_holds(value: Mapping[str, Json]) -> bool:
    """Whether a text's marks were made about these very words (as FreeText.marks_hold)."""
    return bool(value["digest"] == text_digest("".join(p["text"] for p in value["passages"])))


def statement_holds(value: Mapping[str, Json]) -> bool:
    """Whether an attachment's statement was made about these very bytes (as Attachment.statement_holds)."""
    return read_attachment(value).statement_holds


def _marked(value: Mapping[str, Json]) -> tuple[Category, ...]:
    return tuple(Category(c) for c in value.get("categories", ()))


def _statement(
    path: str, value: Mapping[str, Json], categories: tuple[Category, ...], unmarked: Category
) -> Iterator[Leaf]:
    """The items of a passage or attachment: one a stated category, or one that counts as everything."""
    if not categories:
        yield Leaf(path, unmarked, (UNIDENTIFIED,), "fact", value)
    for category in categories:
        about = tuple(value.get("subjects", ()))
        yield Leaf(f"{path}:{category.value}", category, _whom(category, about), "fact", value)


def _whom(category: Category, about: tuple[str, ...]) -> tuple[str, ...]:
    """A personal leaf of which nobody has said whom it is about is about somebody unidentified."""
    implied = CATEGORIES[category]
    if implied.everything or (implied.personal is Personal.YES and not about):
        return (UNIDENTIFIED,)
    return about


# ------------------------------------------------------------------------------ copying out


@dataclass(slots=True)
class _Copy:
    """Copies what is allowed, and remembers where it went."""

    allowed: frozenset[str]
    moved: dict[str, str] = field(default_factory=dict)

    def part(self, kind: type[Part], tree: Mapping[str, Json], old: str, new: str) -> dict[str, Json]:
        """The allowed leaves of a part; empty if none. Keys and pointers go with what stays.

        `old`, `new`: the part's path before and after, with its dot.
        """
        out: dict[str, Json] = {}
        layout = _layout(kind)
        for slot, name, many, plain in layout.saying:
            if name not in tree:
                continue
            if plain is not None and not many:
                if old + name in self.allowed:
                    out[name] = tree[name]
                    self.moved[old + name] = new + name
                continue
            kept: list[Json] = []
            for here, value in _entries(slot, tree[name], old):
                place = f"{new}{name}.{len(kept)}" if many else new + name
                if (copied := self.value(slot, value, here, place)) is not None:
                    kept.append(copied)
            if kept:
                out[name] = kept if many else kept[0]
        if not out:
            return {}
        return {slot.name: tree[slot.name] for slot in layout.pointing if slot.name in tree} | out

    def value(self, slot: Slot, value: Json, old: str, new: str) -> Json | None:
        """One entry, or None if it does not leave."""
        if slot.kind == "part":
            return self.part(slot.of, value, old + ".", new + ".") or None
        if slot.kind == "text":
            return self.text(value, old, new)
        if slot.kind == "leaf":
            if old not in self.allowed:
                return None
            self.moved[old] = new
            return value
        paths = [leaf.path for leaf in _leaves_of(slot, value, old, ())]
        if not self.allowed.issuperset(paths):
            return None
        self.moved |= {path: new + path.removeprefix(old) for path in paths}
        return _without_account(value, "stated_by")

    def text(self, value: Mapping[str, Json], old: str, new: str) -> Json | None:
        """The allowed passages, with a digest of what is left: the old one would test guesses at the rest."""
        held = text_holds(value)
        kept: list[Json] = []
        for index, passage in enumerate(value["passages"]):
            here = f"{old}.{index}"
            categories = _marked(passage) if held else ()
            paths = [leaf.path for leaf in _statement(here, passage, categories, Category.FREE_TEXT)]
            if self.allowed.issuperset(paths):
                self.moved |= {p: f"{new}.{len(kept)}" + p.removeprefix(here) for p in paths}
                kept.append(_without_account(passage if held else {"text": passage["text"]}, "marked_by"))
        if not kept:
            return None
        return {"passages": kept, "digest": text_digest("".join(p["text"] for p in kept))}


def _without_account(value: Mapping[str, Json], name: str) -> dict[str, Json]:
    """The same statement, without the account that made it."""
    return dict(value) | ({name: SENDER} if name in value else {})


@dataclass(slots=True)
class _Numbering:
    """Numbers subjects anew in order of appearance, so that no gap shows that somebody was left out."""

    ids: dict[str, str] = field(default_factory=dict)

    def part(self, kind: type[Part], tree: Mapping[str, Json]) -> dict[str, Json]:
        out = dict(tree)
        for slot in _layout(kind).numbered:
            if slot.name in tree:
                value = tree[slot.name]
                out[slot.name] = (
                    [self.value(slot, v) for v in value] if slot.many else self.value(slot, value)
                )
        return out

    def value(self, slot: Slot, value: Json) -> Json:
        if slot.kind in ("key", "ref"):
            return self.ids.setdefault(value, f"s{len(self.ids) + 1}")
        if slot.kind == "part":
            return self.part(slot.of, value)
        if slot.kind == "text":
            return dict(value) | {"passages": [self.stated(p) for p in value["passages"]]}
        return self.stated(value) if slot.kind == "attachment" else value

    def stated(self, value: Mapping[str, Json]) -> dict[str, Json]:
        if "subjects" not in value:
            return dict(value)
        fresh = [self.ids.setdefault(s, f"s{len(self.ids) + 1}") for s in value["subjects"]]
        return dict(value) | {"subjects": fresh}


def marked(
    text: FreeText,
    words: str,
    categories: Collection[Category],
    *,
    marked_by: str,
    subjects: Collection[str] = (),
) -> FreeText:
    """Mark the first unmarked occurrence of `words`, as Passage says."""
    start = 0
    for passage in text.passages:
        at = passage.text.find(words) if not passage.categories else -1
        if at >= 0:
            stated = Passage(words, tuple(categories), tuple(subjects), marked_by)
            return text.mark(start + at, start + at + len(words), stated)
        start += len(passage.text)
    raise PayloadError(f"`{words[:40]}` does not stand unmarked in the text", field="words")
