"""What one file cannot know of itself: names that point to other files, Sides and clocks.

`cordiale agreement check` and `Register.load` both end here; a wrong pointer is a mistake, not a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cordiale.agreements.model import Agreement, Line
from cordiale.agreements.shape import nearest
from cordiale.agreements.text import Loaded
from cordiale.errors import AgreementFileError


def lint(loaded: Loaded) -> tuple[AgreementFileError, ...]:
    """Every pointer that leads nowhere, in file order."""
    sides = {s.code for f in loaded.register for s in f.side}
    kinds = {a.kind for f in loaded.register for a in f.authority}
    bodies = {(a.side, a.id) for f in loaded.register for a in f.authority}
    calendars = {c.id for f in loaded.register for c in f.calendar}
    ids = {a.id for a in loaded.agreements}
    found: list[AgreementFileError] = list(_twice(loaded))
    for text in loaded.agreements:
        found += _sides(text, sides, bodies, kinds)
        found += _pointers(text, ids, calendars)
        found += _labels(text, sides)
    return tuple(_placed(one, dict(loaded.sources)) for one in found)


def unsourced(loaded: Loaded) -> tuple[AgreementFileError, ...]:
    """Every line of law without a source: nobody can review it. A draft loads all the same."""
    return tuple(
        _placed(_wrong(text, f"`{name}` names no source.", field, SOURCE), dict(loaded.sources))
        for text in loaded.agreements
        for name, field, line in _lines(text)
        if not line.source
    )


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
        (n for n, line in enumerate(lines, 1) if word and f'"{word.rpartition("/")[2]}"' in line), 0
    )
    if not number:
        return mistake
    return AgreementFileError(f"{file}, line {number}: {rest}", field=mistake.field, way_out=mistake.way_out)


def _labels(text: Agreement, sides: set[str]) -> Iterator[AgreementFileError]:
    for line in text.provision:
        for code in sorted(line.never_to - sides):
            yield _wrong(
                text, f"`{code}` is no Side of the register.", f"{line.id}.never_to", nearest(code, sides)
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
    text: Agreement, sides: set[str], bodies: set[tuple[str, str]], kinds: set[str]
) -> Iterator[AgreementFileError]:
    for side in text.side:
        if side.code not in sides:
            yield _wrong(
                text, f"`{side.code}` is no Side of the register.", "side.code", nearest(side.code, sides)
            )
            continue
        for one in side.authority:
            if one.id and not side.bloc and (side.code, one.id) not in bodies:
                near = nearest(one.id, (i for s, i in bodies if s == side.code))
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
                    way = nearest(end, sides)
                    yield _wrong(
                        text, f"`{direction}` names no Side of the register.", f"{line.id}.directions", way
                    )
    for key, _ in text.basis:
        start, middle, end = key.partition("_to_")
        if not middle or start not in sides or end not in sides:
            yield _wrong(text, f"`basis.{key}` is no direction.", "basis", "Write [basis.UK_to_FR].")


def _pointers(text: Agreement, ids: set[str], calendars: set[str]) -> Iterator[AgreementFileError]:
    wanted = [("relies_on", i) for i in text.relies_on]
    wanted += [("yields_to", i) for i in text.yields_to]
    wanted += [("basis.relies_on", i) for _, rows in text.basis for b in rows for i in b.relies_on]
    wanted += [(f"{p.id}.instead", i) for p in text.provision for i in p.instead]
    for where, pointer in wanted:
        if pointer.partition("/")[0] not in ids:
            yield _wrong(text, f"`{pointer}` is no agreement here.", where, nearest(pointer, ids))
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


def _wrong(text: Agreement, message: str, field: str, way_out: str) -> AgreementFileError:
    return AgreementFileError(f"{text.file}: {message}", field=field, way_out=way_out)
