"""What is so of every request, whatever the files say: no proof thinks of a word that can mean none."""

from __future__ import annotations

from cordiale.agreements.proofs.drawing.leaving import cells
from cordiale.agreements.proofs.drawing.sheet import Sheet
from cordiale.agreements.spelling import COUNTRY
from cordiale.terms import Category, Personal, SubjectKind

OWNED = ("ours", "theirs", "of_both", "other")


def world(sheet: Sheet) -> None:
    """Draw the output `world`: how the variables of one request hang together."""
    sheet.form.output("world", sheet.all(*_persons(sheet), *_owners(sheet), *_tables(sheet)))


def _persons(sheet: Sheet) -> list[int]:
    """Only a state has nationals; what is about somebody is personal, but for staff in their office."""
    state = sheet.side("to", lambda side: bool(COUNTRY.fullmatch(side)))
    tied, staff = sheet.one("tied", "yes"), sheet.one("category", Category.STAFF)
    person = sheet.one("kind", SubjectKind.PERSON)
    unnamed = sheet.one("kind", SubjectKind.UNIDENTIFIED)
    organisation = sheet.one("kind", SubjectKind.ORGANISATION)
    own = sheet.all(sheet.one("of_recipient", "yes"), sheet.one("nationality_settled", "yes"))
    return [
        sheet.form.if_then(sheet.one("of_recipient", "yes"), state),
        sheet.form.if_then(person, sheet.any(tied, staff)),
        sheet.form.if_then(sheet.all(sheet.one("all_nationals", "yes"), -organisation), own),
        sheet.form.if_then(unnamed, sheet.any(tied, staff, sheet.personal(Personal.YES))),
    ]


def _owners(sheet: Sheet) -> list[int]:
    """Who owns an item holds it; of both Sides is only what both are, or what is held for another."""
    form, said = sheet.form, []
    for value in OWNED:
        said.append(form.if_then(sheet.one("owner", value), sheet.one("holder", value)))
    acting = -sheet.one("from_behalf", "none")
    for name in ("owner", "holder"):
        both = sheet.one(name, "of_both")
        said.append(form.if_then(both, sheet.any(sheet.same_side(), acting)))
        said.append(form.if_then(sheet.same_side(), -sheet.one(name, "ours", "theirs")))
    said.append(form.if_then(sheet.one("consent", "yes"), -sheet.one("owner", "unknown")))
    said.append(form.if_then(sheet.one("veto", "yes"), -sheet.one("holder", "unknown")))
    return said


def _tables(sheet: Sheet) -> list[int]:
    """What has no table has no smallest cell."""
    none = sheet.form.one_of(cells(sheet), ("no table",))
    said = sheet.one("described", "no table")
    return [sheet.form.if_then(none, said), sheet.form.if_then(said, none)]
