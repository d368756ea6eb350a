"""Steps 7, 9, 10 and 11 as they are drawn: basis, ceilings, minimising, and the human's yes."""

from __future__ import annotations

from functools import partial

from cordiale.agreements.case import limits_of, speaks_of_items
from cordiale.agreements.model import Basis as BasisRow
from cordiale.agreements.model import Condition, Provision, Record, Requirement
from cordiale.agreements.proofs.drawing.basis import Basis, Spoken, conviction_class, touches
from cordiale.agreements.proofs.drawing.needs import carries, confirmed, counts, met, names, papers
from cordiale.agreements.proofs.drawing.sheet import Sheet
from cordiale.agreements.proofs.form import NO, YES, Over, Scope
from cordiale.agreements.steps.lines import step_of
from cordiale.agreements.steps.minimise import COUNTED, LEVELS, REFERENCES, SUSPECTING
from cordiale.agreements.steps.when import applies
from cordiale.agreements.vocabulary import CASE_RECORDS
from cordiale.terms import Act, Category, Classification, HandlingCode, Personal, Urgency

# ---------------------------------------------------------------------- lines told at a step


def lines(basis: Basis, step: int) -> None:
    """Refusals and restrictions of laws and of the agreement that belong to this step."""
    for one in basis.shared(f"step {step}", lambda: [s for s in basis.spoken if step_of(s.line) == step]):
        draw = partial(_told, basis, one)
        refused, gone = draw() if _asks_of_all(one.line) else basis.shared("told", draw, one)
        basis.refused += refused
        basis.gone += gone


def _asks_of_all(line: Provision) -> bool:
    """A consent for all that would leave hangs on what the steps before have taken, line by line."""
    return any(name.startswith("consent") for r in line.requires for name in (r.record, *r.any_record))


def _told(basis: Basis, one: Spoken) -> tuple[list[int], list[int]]:
    """(refused, withheld) as one line of a law or of the agreement says."""
    if one.line.effect == "refuse":
        return [_refusal(basis, one)], []
    return _restriction(basis, one) if one.line.effect == "restrict" else ([], [])


def _refusal(basis: Basis, one: Spoken) -> int:
    sheet, line = basis.sheet, one.line
    opened = []
    if line.min_offence_years is not None:
        opened.append(sheet.grave(line.min_offence_years))
    if line.requires:
        opened.append(sheet.all(*(met(basis, need) for need in line.requires)))
    if line.lifts is not None:
        if line.lifts.when:
            opened.append(sheet.true(line.lifts.when))
        elif line.lifts.condition == "owner_consent":
            raise ValueError(f"{one.text.id}/{line.id}: a refusal lifted by consent alone is not drawn")
    return sheet.all(one.when, -sheet.any(*opened))


def _restriction(basis: Basis, one: Spoken) -> tuple[list[int], list[int]]:
    sheet, line = basis.sheet, one.line
    refused, gone = [], []
    if line.min_offence_years is not None:
        refused.append(sheet.all(one.when, -sheet.grave(line.min_offence_years)))
    for need in line.requires:
        if (need.record or need.any_record) and speaks_of_items(line):
            gone.append(sheet.all(one.when, touches(sheet, line), -met(basis, need, of_item=True)))
        else:
            refused.append(sheet.all(one.when, -met(basis, need)))
    return refused, gone


# ---------------------------------------------------------------------- step 7


def personal_basis(basis: Basis) -> None:
    """Withhold every item about persons that no basis in force carries."""
    sheet = basis.sheet
    refused, carried = basis.shared("carried", lambda: _carried(basis))
    basis.refused += refused
    bare = sheet.all(sheet.personal(Personal.YES, Personal.IDENTIFIERS), -basis.lesser, -carried)
    basis.withhold(bare, -basis.can_lessen)
    basis.lessen(bare)


def _carried(basis: Basis) -> tuple[list[int], int]:
    """(what refuses, for a row leans on a text that does not apply; whether some basis carries the item)."""
    sheet = basis.sheet
    refused: list[int] = []
    wholly, identifiers, found = [NO], [NO], [NO]
    for key, rows in basis.agreement.basis:
        way = sheet.along([key.replace("_to_", ">")])
        for row in rows:
            if not row.in_force(sheet.day.on) or way == NO:
                continue
            if (lame := _lame(basis, row, way)) is not None:
                refused.append(lame)
                continue
            for categories, cond in _row(basis, row, way):
                found.append(cond)
                reach = sheet.all(cond, sheet.form.one_of("category", categories) if categories else YES)
                if row.data == "yes":
                    wholly.append(reach)
                elif row.data == "identifiers":
                    identifiers.append(reach)
    at_home = sheet.all(sheet.same_side(), -sheet.any(*found))
    named = sheet.all(sheet.any(*identifiers), sheet.personal(Personal.IDENTIFIERS))
    thought_of = sheet.flag("paper:basis|", Scope.HEAD) if sheet.any_paper else NO
    return refused, sheet.any(*wholly, at_home, named, thought_of)


def _nothing(row: BasisRow) -> bool:
    """The row carries nothing, and says so."""
    return row.mode == "none" or row.confidence == "unconfirmed" or not row.regimes


def _lame(basis: Basis, row: BasisRow, way: int) -> int | None:
    """When the row refuses, because a text that it relies on does not apply or is stopped; else None."""
    sheet, day = basis.sheet, basis.sheet.day
    for other in () if _nothing(row) else row.relies_on:
        text = day.register.agreement(other)
        if text is None or not applies(text, day) or day.stops(text):
            return sheet.all(way, sheet.one("regime", *row.regimes))
    return None


def _row(basis: Basis, row: BasisRow, way: int) -> list[tuple[frozenset[str], int]]:
    """(only categories, when) for each way in which one row carries."""
    sheet = basis.sheet
    if _nothing(row):
        return []
    here = sheet.all(way, sheet.one("regime", *row.regimes))
    everything: frozenset[str] = frozenset()
    if row.mode == "rescue" or not row.records:
        return [(everything, here)] if row.mode in ("rescue", "instrument") else []
    found = []
    for wanted in row.records:
        earlier = NO
        for record, cond in _records(basis, wanted):
            only = record.categories | limits_of(record, "categories")
            found.append((only, sheet.all(here, cond, -earlier)))
            earlier = sheet.any(earlier, cond)
        if wanted.partition(":")[0] in CASE_RECORDS or sheet.any_paper:
            future = sheet.flag(f"paper:{wanted}|", Scope.HEAD)
            found.append((everything, sheet.all(here, future, -earlier)))
    return found


def _records(basis: Basis, wanted: str) -> list[tuple[Record, int]]:
    """`basis._record`: each record that may carry, in order, and when it does."""
    sheet = basis.sheet
    kind, _, way = wanted.partition(":")
    listed = papers(basis, wanted)
    found = []
    for record in sheet.day.records:
        if record.kind != kind or (record.from_side and f"{record.from_side}>{record.to_side}" != way):
            continue
        parts = [counts(basis, record)]
        if record.from_side:
            parts.append(carries(sheet, record))
        elif way:
            before = [cond for other, cond in listed if other is not record]
            own = [cond for other, cond in listed if other is record]
            place = next((n for n, (other, _) in enumerate(listed) if other is record), 0)
            parts += [sheet.any(*own), -sheet.any(*before[:place])]
        if record.kind in CASE_RECORDS or record.case:
            parts.append(names(sheet, record))
        cond = sheet.all(*parts)
        if cond != NO:
            found.append((record, cond))
    return found


# ---------------------------------------------------------------------- step 9


def ceiling(basis: Basis) -> None:
    """Withhold what is marked too high. What nobody marked counts as highest."""
    sheet = basis.sheet
    basis.gone += _too_high(sheet, YES, basis.line)
    basis.gone += sheet.once("node ceiling", lambda: _beyond_node(sheet))
    heard = (one for one in basis.spoken if one.line.effect in ("restrict", "withhold"))
    basis.gone += basis.shared(
        "ceilings", lambda: [high for one in heard for high in _too_high(sheet, one.when, one.line)]
    )


def _beyond_node(sheet: Sheet) -> list[int]:
    day = sheet.day
    found = [sheet.one("classification", *(m for m in Classification if day.above_node_ceiling(m)))]
    for code, rule in day.register.handling.items():
        if rule.use_only:
            found.append(sheet.all(sheet.one("code", code), -sheet.one("purpose", *rule.use_only)))
    return found


def _too_high(sheet: Sheet, when: int, line: Provision) -> list[int]:
    """What is marked above the line's own ceiling."""
    top, day, found = line.ceiling, sheet.day, []
    if top is not None and top.classification:
        high = (m for m in Classification if day.marking_rank(m) > day.marking_rank(top.classification))
        found.append(sheet.all(when, sheet.one("classification", *high)))
    if top is not None and top.handling:
        strict = (c for c in HandlingCode if day.handling_rank(c) > day.handling_rank(top.handling))
        found.append(sheet.all(when, sheet.one("code", *strict)))
    return found


# ---------------------------------------------------------------------- step 10


def minimise(basis: Basis) -> None:
    """Grant, withhold, lessen, test small cells, and see whether what is essential is still there."""
    line = basis.line
    _granted(basis, line)
    for one in basis.spoken:
        if one.line.effect in ("withhold", "restrict"):
            _taken(basis, one)
    _goods(basis)
    _whole(basis, line)


def _granted(basis: Basis, line: Provision) -> None:
    sheet = basis.sheet
    granted = sheet.one("category", *line.granted)
    named = sheet.one("category", *dict(line.transform))
    saved = sheet.all(-granted, named)
    basis.withhold(-granted, -sheet.all(named, basis.can_lessen))
    basis.lessen(saved)
    open_ = sheet.any(granted, sheet.all(saved, basis.can_lessen))
    held = sheet.one("category", *line.withheld)
    basis.withhold(open_, held)
    _form(basis, line, sheet.all(open_, -held))


def _taken(basis: Basis, one: Spoken) -> None:
    """A withholding or restricting line takes an item, unless its exception or a lesser form saves it."""
    sheet, line = basis.sheet, one.line
    here = basis.shared("taken", lambda: _speaks_to_item(sheet, one), one)
    if here == NO:
        return
    kept_back = sheet.one("category", *line.withheld)
    listed = sheet.all(here, kept_back, -basis.lesser)
    basis.withhold(listed, -basis.can_lessen)
    before = basis.lesser
    basis.lessen(listed)
    left = sheet.all(here, -sheet.all(kept_back, -before, -basis.can_lessen))
    _form(basis, line, left)


def _speaks_to_item(sheet: Sheet, one: Spoken) -> int:
    """The line is heard, speaks of the item, and no exception of its own saves it."""
    line = one.line
    parts = [one.when, -sheet.any(*(_exception(sheet, c) for c in line.except_))]
    if speaks_of_items(line):
        parts.append(touches(sheet, line))
    if line.roles:
        nobody = -sheet.some(Over.ITS_SUBJECTS, YES)
        role = sheet.some(Over.ITS_SUBJECTS, sheet.one("role", *line.roles))
        parts.append(sheet.any(nobody, role))
    return sheet.all(*parts)


def _exception(sheet: Sheet, condition: Condition) -> int:
    form = sheet.form
    parts = [sheet.one("purpose", condition.purpose) if condition.purpose else YES]
    if condition.fact:
        parts.append(sheet.holds(condition)[0])
    if condition.conviction_class:
        parts.append(form.one_of(conviction_class(sheet), (condition.conviction_class,)))
    spent = {"spent": "yes", "unspent": "no"}.get(condition.conviction)
    if spent:
        name = form.variable("spent", Scope.ITEM, ("none", "yes", "no", "unknown"))
        parts.append(form.one_of(name, (spent,)))
    return sheet.all(*parts)


def _form(basis: Basis, line: Provision, here: int) -> None:
    """The lesser form a line asks for, its personal level, and its smallest cell."""
    sheet = basis.sheet
    if here == NO:
        return
    asked = sheet.all(here, sheet.one("category", *dict(line.transform)), -basis.lesser)
    basis.withhold(asked, -basis.can_lessen)
    basis.lessen(asked)
    on = sheet.all(here, -sheet.all(asked, -basis.can_lessen))
    allowed = sheet.once(("level", line.personal), lambda: level_allows(sheet, line.personal))
    low = sheet.all(on, -basis.lesser, -allowed)
    basis.withhold(low, -basis.can_lessen)
    basis.lessen(low)
    on = sheet.all(on, -sheet.all(low, -basis.can_lessen))
    least = (line.min_cell, line.min_cell_described)
    small = sheet.all(on, sheet.once(("cell", least), lambda: too_small(sheet, line)))
    if small == NO:
        return
    table = sheet.all(sheet.one("category", *COUNTED), sheet.flag("can:aggregate"))
    basis.withhold(small, -table)
    basis.lesser = sheet.any(basis.lesser, sheet.all(small, table))


def level_allows(sheet: Sheet, level: str) -> int:
    """The item's weight is one that the level lets pass; `masked` lets references pass too."""
    allowed = LEVELS[level]
    parts = [sheet.personal(*allowed)] if len(allowed) < len(Personal) else [YES]
    if level == "masked":
        parts.append(sheet.one("category", *REFERENCES))
    return sheet.any(*parts)


def cells(sheet: Sheet) -> str:
    """The variable of a table's smallest cell, told apart at the sizes that some line asks for."""
    cuts = cell_cuts(sheet)
    return sheet.form.variable("cell", Scope.ITEM, ("no table", "unknown", *cell_words(cuts)))


def cell_cuts(sheet: Sheet) -> tuple[int, ...]:
    register = sheet.day.register
    found = {
        n
        for text in (*register.agreements, *register.laws)
        for line in text.provision
        for n in (line.min_cell, line.min_cell_described)
        if n is not None
    }
    return tuple(sorted(found))


def cell_words(cuts: tuple[int, ...]) -> tuple[str, ...]:
    return ("below", *(f"from {n}" for n in cuts))


def too_small(sheet: Sheet, line: Provision) -> int:
    """A count is, or may be, of too few."""
    people = sheet.any(
        sheet.one("described", "people"),
        sheet.all(sheet.one("described", "no table"), sheet.one("category", Category.STATISTIC)),
    )
    return sheet.any(
        _below(sheet, line.min_cell) if line.min_cell is not None else NO,
        sheet.all(people, _below(sheet, line.min_cell_described))
        if line.min_cell_described is not None
        else NO,
    )


def _below(sheet: Sheet, least: int) -> int:
    name, cuts = cells(sheet), cell_cuts(sheet)
    words = cell_words(cuts)
    low = [words[0], *(f"from {n}" for n in cuts if n < least)]
    none = sheet.all(sheet.form.one_of(name, ("no table",)), sheet.one("category", *COUNTED))
    return sheet.any(none, sheet.form.one_of(name, ("unknown", *low)))


def _goods(basis: Basis) -> None:
    sheet = basis.sheet
    basis.withhold(sheet.one("category", *SUSPECTING), sheet.one("excluded_goods", "yes"))


def _whole(basis: Basis, line: Provision) -> None:
    """Essential and compulsory parts; and something must be left."""
    sheet, stays = basis.sheet, basis.stays()
    there = sheet.some(Over.ITEMS, YES)

    def left(category: str) -> int:
        return sheet.some(Over.ITEMS, sheet.all(sheet.one("category", category), stays))

    for category in sorted(line.essential):
        stood = sheet.some(Over.ITEMS, sheet.one("category", category))
        basis.refuse(stood, -left(category))
    for category in sorted(line.must_include):
        basis.refuse(there, -left(category))
    answering = -sheet.one("act", Act.ASK)
    compulsory = basis.shared("compulsory", lambda: [one for one in basis.spoken if one.line.must_include])
    for one in compulsory:
        for category in sorted(one.line.must_include):
            basis.refuse(one.when, answering, there, -left(category))
    basis.refuse(there, -sheet.some(Over.ITEMS, stays))


# ---------------------------------------------------------------------- steps 11 and 12


def human(basis: Basis) -> None:
    """The provision's confirmations, and a reader for conditions in words."""
    sheet = basis.sheet
    for need in basis.line.requires:
        if need.confirmation:
            basis.refuse(-confirmed(sheet, need))
    codes = [code for code, rule in sheet.day.register.handling.items() if rule.human_reads]
    read = sheet.some(Over.ITEMS, sheet.all(basis.stays(), sheet.one("code", *codes)))
    basis.refuse(read, -confirmed(sheet, Requirement(confirmation="release")))


def record(basis: Basis) -> None:
    """A stated urgency has a reason."""
    sheet = basis.sheet
    basis.refuse(-sheet.one("urgent", Urgency.NO), -sheet.one("reason", "yes"))
