"""What one file cannot know of itself: names that point to other files, Sides and clocks.

`cordiale agreement check` and `Register.load` both end here; a wrong pointer is a mistake, not a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cordiale.agreements.model import Agreement, Line, Record
from cordiale.agreements.shape import nearest
from cordiale.agreements.text import Loaded
from cordiale.agreements.tongues import lines_of, twins_of
from cordiale.agreements.vocabulary import LANGUAGES
from cordiale.errors import AgreementFileError


def lint(loaded: Loaded, *, elsewhere: frozenset[str] = frozenset()) -> tuple[AgreementFileError, ...]:
    """Every pointer that leads nowhere, in file order. `elsewhere`: agreements that records may name too.

    Nothing where a file of the register has a mistake: what it would name is missing for that reason alone.
    """
    if any(kind in ("", "register") for kind, _ in loaded.broken):
        return ()
    known = Known(
        Named({s.code: s.name for f in loaded.register for s in f.side}),
        {(a.side, a.id): a.name for f in loaded.register for a in f.authority},
        {a.kind for f in loaded.register for a in f.authority},
        {c.id for f in loaded.register for c in f.calendar},
        {a.id for a in loaded.agreements} | {id for kind, id in loaded.ids if kind == "agreement"},
    )
    unclear = {one.message.partition(", line ")[0] for one in loaded.mistakes if "clocks" in one.field}
    found: list[AgreementFileError] = list(_twice(loaded))
    for text in loaded.agreements:
        found += _of(text, known, with_clocks=text.file not in unclear)
    own = {file for file, _ in loaded.sources}
    for record in (one for one in loaded.records if one.file in own):
        found += _recorded(record, known.ids | elsewhere, known.sides, loaded.agreements)
        found += _backwards(record, [record])
    found += _two_ways(loaded)
    return tuple(_placed(one, dict(loaded.sources)) for one in found)


def fits(text: Agreement, source: str, known: Known) -> tuple[AgreementFileError, ...]:
    """Every pointer of one text, with the words of its file, that leads nowhere among what is known."""
    return tuple(_placed(one, {text.file: source}) for one in _of(text, known))


def _of(text: Agreement, known: Known, *, with_clocks: bool = True) -> Iterator[AgreementFileError]:
    yield from _sides(text, known.sides, dict(known.bodies), known.kinds)
    yield from _pointers(text, known.ids)
    if with_clocks:
        yield from _clocks(text, known.calendars)
    yield from _backwards(text, lines_of(text))
    yield from _labels(text, known.sides)


@dataclass(frozen=True, slots=True)
class Known:
    """What pointers may lead to: Sides, bodies by (Side, id), kinds of bodies, calendars, ids of texts."""

    sides: Named
    bodies: Mapping[tuple[str, str], str]
    kinds: set[str]
    calendars: set[str]
    ids: set[str]


class Named(dict[str, str]):
    """Codes and what they are called: a lawyer writes `Belgium` before `BE`."""

    def nearest(self, value: str) -> str:
        """The code whose name was written, else the nearest codes."""
        words = value.replace("-", " ").casefold()
        called = [code for code, name in self.items() if name.casefold() == words]
        return f"Did you mean `{called[0]}`?" if called else nearest(value, sorted(self))


def unsourced(loaded: Loaded) -> tuple[AgreementFileError, ...]:
    """Every line of law without a source: nobody can review it. A draft loads all the same."""
    return tuple(
        _placed(_wrong(text, f"`{name}` names no source.", field, SOURCE), dict(loaded.sources))
        for text in loaded.agreements
        for name, field, line in _lines(text)
        if not line.source
    )


def in_order(mistakes: Iterable[AgreementFileError]) -> tuple[AgreementFileError, ...]:
    """File by file, line by line."""
    return tuple(sorted(mistakes, key=_where))


def _where(mistake: AgreementFileError) -> tuple[str, int]:
    found = re.match(r"(.+?), line (\d+):", mistake.message)
    return (found.group(1), int(found.group(2))) if found else (mistake.message.partition(": ")[0], 0)


SOURCE: Final = 'Write what was read: source = "the text, its article, where".'


def _lines(text: Agreement) -> Iterator[tuple[str, str, Line]]:
    yield text.id, "source", text
    for table, lines in (("provision", text.provision), ("protects", text.protects), ("taint", text.taint)):
        for line in lines:
            yield line.id, f"{table}.source", line


def _placed(mistake: AgreementFileError, sources: Mapping[str, str]) -> AgreementFileError:
    """The same mistake with the line on which the word stands, where that is known."""
    file, _, rest = mistake.message.partition(": ")
    word = rest.partition("`")[2].partition("`")[0]
    lines = sources.get(file, "").splitlines()
    number = next(
        (n for n, line in enumerate(lines, 1) if word and _stands(word.rpartition("/")[2], line)), 0
    )
    if not number:
        return mistake
    return AgreementFileError(f"{file}, line {number}: {rest}", field=mistake.field, way_out=mistake.way_out)


def _stands(word: str, line: str) -> bool:
    """Whether a line holds a word: in quotes, as a date, or as the name of a table."""
    return f'"{word}"' in line or re.search(rf"(= |\[){re.escape(word)}\b", line) is not None


def _labels(text: Agreement, sides: Named) -> Iterator[AgreementFileError]:
    for line in text.provision:
        for code in sorted(line.never_to - sides.keys()):
            yield _wrong(
                text, f"`{code}` is no Side of the register.", f"{line.id}.never_to", sides.nearest(code)
            )


def _twice(loaded: Loaded) -> Iterator[AgreementFileError]:
    for kind, ids in (
        ("agreement", [a.id for a in loaded.agreements]),
        ("record", [r.id for r in loaded.records]),
        ("Side", [s.code for f in loaded.register for s in f.side]),
        ("authority", [f"{a.side}/{a.id}" for f in loaded.register for a in f.authority]),
    ):
        for each in sorted({i for i in ids if ids.count(i) > 1}):
            yield AgreementFileError(f"the {kind} `{each}` stands in two places.", way_out="Take one away.")


def _sides(
    text: Agreement, sides: Named, bodies: Mapping[tuple[str, str], str], kinds: set[str]
) -> Iterator[AgreementFileError]:
    for side in text.side:
        if side.code not in sides:
            yield _wrong(
                text, f"`{side.code}` is no Side of the register.", "side.code", sides.nearest(side.code)
            )
            continue
        for one in side.authority:
            if one.id and not side.bloc and (side.code, one.id) not in bodies:
                known = Named({i: name for (s, i), name in bodies.items() if s == side.code})
                near = known.nearest(one.id)
                yield _wrong(
                    text, f"`{side.code}/{one.id}` is no authority of the register.", "authority.id", near
                )
            if one.kind and one.kind not in kinds:
                yield _wrong(
                    text, f"`{one.kind}` is no kind of authority.", "authority.kind", nearest(one.kind, kinds)
                )
    for line in text.provision:
        for direction in sorted(line.directions):
            for end in direction.split(">"):
                if end not in sides and end not in ("*", "third"):
                    way = sides.nearest(end)
                    yield _wrong(
                        text, f"`{direction}` names no Side of the register.", f"{line.id}.directions", way
                    )
    for key, _ in text.basis:
        start, middle, end = key.partition("_to_")
        if not middle or start not in sides or end not in sides:
            yield _wrong(text, f"`basis.{key}` is no direction.", "basis", "Write [basis.UK_to_FR].")


def _pointers(text: Agreement, ids: set[str]) -> Iterator[AgreementFileError]:
    wanted = [("relies_on", i) for i in text.relies_on]
    wanted += [("yields_to", i) for i in text.yields_to]
    wanted += [("basis.relies_on", i) for _, rows in text.basis for b in rows for i in b.relies_on]
    wanted += [(f"{p.id}.instead", i) for p in text.provision for i in p.instead]
    for where, pointer in wanted:
        if pointer.partition("/")[0] not in ids:
            yield _wrong(text, f"`{pointer}` is no agreement here.", where, nearest(pointer, ids))


def _clocks(text: Agreement, calendars: set[str]) -> Iterator[AgreementFileError]:
    names = {c.name for p in text.provision for c in p.clocks}
    for line in text.provision:
        for clock in line.clocks:
            if clock.calendar and clock.calendar not in calendars:
                way = nearest(clock.calendar, calendars)
                yield _wrong(
                    text, f"`{clock.calendar}` is no calendar of the register.", f"{line.id}.clocks", way
                )
        for duty in line.duties:
            if duty.by and duty.by not in names:
                way = nearest(duty.by, names) or "Write the clock beside it, or leave `by` out."
                yield _wrong(text, f"`{duty.by}` is no clock of this file.", f"{line.id}.duties", way)


def _recorded(
    record: Record, ids: set[str], sides: Named, agreements: tuple[Agreement, ...]
) -> Iterator[AgreementFileError]:
    """A record that names nothing that there is does nothing: a suspension would suspend nothing."""
    if record.agreement and record.agreement not in ids:
        way = nearest(record.agreement, ids)
        yield _wrong(record, f"`{record.agreement}` is no agreement here.", "agreement", way)
    for name in ("from_side", "to_side"):
        if (code := getattr(record, name)) and code not in sides:
            yield _wrong(record, f"`{code}` is no Side of the register.", name, sides.nearest(code))
    for name in ("for_sides", "never_to"):
        for code in sorted(getattr(record, name) - sides.keys()):
            yield _wrong(record, f"`{code}` is no Side of the register.", name, sides.nearest(code))
    of = next((one for one in agreements if one.id == record.agreement), None)
    known = {line.id for line in of.provision} if of else record.provisions
    for id in sorted(record.provisions - known):
        yield _wrong(
            record, f"`{id}` is no provision of `{record.agreement}`.", "provisions", nearest(id, known)
        )


def _backwards(text: Agreement | Record, lines: Iterable[Line]) -> Iterator[AgreementFileError]:
    """A line that ends before it begins would never apply, and nobody would see why."""
    for line in lines:
        if line.from_ and line.until and line.until <= line.from_:
            message = f"`{line.until}` ends it before `{line.from_}` begins it."
            yield _wrong(text, message, "until", "`until` is the first day on which it no longer counts.")


def _two_ways(loaded: Loaded) -> Iterator[AgreementFileError]:
    """One English sentence, title or label that files tell in two ways in another language."""
    for language in LANGUAGES:
        said: dict[str, tuple[str, str]] = {}
        for text in loaded.agreements:
            for words, other in twins_of(text, language):
                first, where = said.setdefault(words, (other, text.file))
                if first != other:
                    message = f"`{other}` is one thing here and another in {where}: `{first}`."
                    yield _wrong(text, message, f"*.{language}", "One sentence has one translation.")


def _wrong(text: Agreement | Record, message: str, field: str, way_out: str) -> AgreementFileError:
    return AgreementFileError(f"{text.file}: {message}", field=field, way_out=way_out)
