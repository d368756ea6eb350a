"""Drafts: saved as typed, locked, never lost to a second window; gone when what they became has left."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from cordiale import payloads
from cordiale.errors import InputError, OpenError, RequestError
from cordiale.node import tables
from cordiale.node.papers import Draft, Line, check_passable, original_of, plain
from cordiale.node.people import Verb, needs
from cordiale.payloads.parts import Grading
from cordiale.reports import draft as room
from cordiale.reports import sanitise
from cordiale.reports.sanitise import Concern as Concern
from cordiale.seals import canonical, new_salt
from cordiale.store import chunks
from cordiale.terms import GradeScheme

NAMES: Final = ("family_name", "given_names", "full_name")
"""Leaves whose words are looked for everywhere else in a draft."""

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer


def save_draft(node: Node, officer: Officer, draft: Draft) -> Draft:
    """Keep a draft, locked, whether or not it fits already; handed back with its reference and revision.

    Raises InputError when it was saved in another window since `revision`; RequestError when the reference
    is a draft of somebody else, or sent. A revision of 0 is the newest. A reference that is new begins a
    draft under it, so that a form that is sent twice makes one.
    """
    needs(officer, Verb.WRITE)
    reference = draft.reference or node.world.chance.token(8)
    at = node.world.clock.now()
    salt = new_salt()
    locked = node.vault.lock_record(canonical(plain(draft.as_json())), f"draft/{reference}", salt)

    def act(tx: Connection) -> room.Draft:
        check_passable(tx, draft)
        if not draft.reference or tables.draft_row(tx, reference) is None:
            _check_free(tx, reference)
            model = draft.model or next(iter(payloads.type_named(draft.type).models))
            tables.keep_salt(tx, reference, salt)
            about, state = original_of(draft), room.State.OPEN
            begun = room.Draft(reference, officer.id, draft.type, model, locked, None, 1, at, state, about)
            return room.open_draft(tx, begun)
        held = _own_open(tx, officer, reference)
        saved = room.save(tx, reference, locked, revision=draft.revision or held.revision, at=at)
        tables.keep_salt(tx, reference, salt)
        return saved

    return replace(draft, reference=reference, revision=node.store.write(act).revision)


def drafts(node: Node, officer: Officer) -> list[Line]:
    """What the officer is still writing, last touched first; not what is on its hold."""
    return [
        _line(one)
        for one in node.store.read(lambda tx: room.drafts_of(tx, officer.id))
        if one.state is room.State.OPEN
    ]


def open_draft(node: Node, officer: Officer, reference: str) -> Draft:
    """One of the officer's own drafts. Raises RequestError when there is none of that reference."""

    def query(tx: Connection) -> tuple[room.Draft, bytes | None]:
        return _own(tx, officer, reference), tables.salt_of(tx, reference)

    held, salt = node.store.read(query)
    if salt is None:
        raise OpenError(f"`{reference}` has been erased")
    raw = node.vault.unlock_record(held.body, f"draft/{reference}", salt)
    return replace(Draft.from_json(json.loads(raw), reference), revision=held.revision)


def discard_draft(node: Node, officer: Officer, reference: str) -> None:
    """Throw a draft away: its words are destroyed."""
    at = node.world.clock.now()

    def act(tx: Connection) -> None:
        destroy(node, tx, _own_open(tx, officer, reference), at=at)

    node.store.write(act)


def destroy(node: Node, tx: Connection, held: room.Draft, *, at: datetime) -> None:
    """The words of a draft and its files are gone; its line stays, so that nobody begins it anew."""
    _erase_files(node, tx, held)
    room.move(tx, held.id, room.State.DISCARDED, revision=held.revision, at=at)
    tables.drop_salt(tx, held.id)


def passing_on(node: Node, tx: Connection, message: str) -> list[room.Draft]:
    """Every draft, open or with its message on its hold, that passes this message on; whoever writes it."""
    return [one for one in room.drafts_about(tx, message) if _passes_on(node, tx, one, message)]


def _passes_on(node: Node, tx: Connection, held: room.Draft, message: str) -> bool:
    if held.about is not None:
        return held.about == message
    salt = tables.salt_of(tx, held.id)
    if salt is None:
        return False
    raw = node.vault.unlock_record(held.body, f"draft/{held.id}", salt)
    return original_of(Draft.from_json(json.loads(raw), held.id)) == message


def hold_draft(node: Node, tx: Connection, officer: str, reference: str) -> None:
    """Its message is on its hold: it is out of the list, and comes back if the officer undoes it. Raises
    RequestError when it was sent already.
    """
    check_unsent(tx, officer, reference)
    _move(node, tx, officer, reference, state=room.State.READY)


def check_unsent(tx: Connection, officer: str, reference: str) -> None:
    """Raise RequestError when a draft of this reference was sent or is on its hold, or is somebody else's: a
    form that is sent twice sends one message.
    """
    row = tables.draft_row(tx, reference)
    if row is None and not tables.thread(tx, reference):
        return
    held = _found(tx, officer, reference)
    if held is None or held.state is not room.State.OPEN:
        raise RequestError(
            f"`{reference[:80]}` has been sent, or is on its hold",
            field="reference",
            way_out="Look in the out-tray; undo it there while there is time.",
        )


def let_go(node: Node, tx: Connection, officer: str, reference: str) -> None:
    """Nothing of it is held any more: what was sent is kept as sent, so the draft's words are destroyed."""
    if any(row.state == "held" for row in tables.thread(tx, reference)):
        return
    held = _found(tx, officer, reference)
    if held is not None:
        _erase_files(node, tx, held)
    _move(node, tx, officer, reference, state=room.State.SENT)
    tables.drop_salt(tx, reference)


def _erase_files(node: Node, tx: Connection, held: room.Draft) -> None:
    """A draft that ends leaves no file of its own behind: what was sent has sealed copies of its own."""
    salt = tables.salt_of(tx, held.id)
    if salt is None:
        return
    raw = node.vault.unlock_record(held.body, f"draft/{held.id}", salt)
    for one in json.loads(raw).get("files", ()):
        chunks.condemn(tx, str(one["id"]))


def take_up(node: Node, tx: Connection, officer: str, reference: str) -> None:
    """The hold was undone: the draft is where it was."""
    held = _found(tx, officer, reference)
    if held is not None:
        at = node.world.clock.now()
        room.save(tx, reference, held.body, revision=held.revision, at=at)


def _move(node: Node, tx: Connection, officer: str, reference: str, *, state: room.State) -> None:
    held = _found(tx, officer, reference)
    if held is not None:
        room.move(tx, reference, state, revision=held.revision, at=node.world.clock.now())


def _found(tx: Connection, officer: str, reference: str) -> room.Draft | None:
    try:
        held = room.read_draft(tx, reference)
    except InputError:
        return None
    return held if held.author == officer and held.state in (room.State.OPEN, room.State.READY) else None


def _own(tx: Connection, officer: Officer, reference: str) -> room.Draft:
    held = _found(tx, officer.id, reference)
    if held is None:
        raise RequestError(f"`{reference[:80]}` is no draft of yours", field="reference")
    return held


def _own_open(tx: Connection, officer: Officer, reference: str) -> room.Draft:
    """A draft that may be changed. While its message is on its hold, words typed in a second window would be
    destroyed with the draft when it goes.
    """
    held = _own(tx, officer, reference)
    if held.state is not room.State.OPEN:
        raise RequestError(
            f"`{reference[:80]}` is on its hold", field="reference", way_out="Undo it first, in the out-tray."
        )
    return held


def _check_free(tx: Connection, reference: str) -> None:
    """Raise RequestError where a new draft would take the name, and so the salt, of something kept here."""
    kept = tables.salt_of(tx, reference) or tables.paper(tx, reference) or tables.thread(tx, reference)
    if kept:
        raise RequestError(f"`{reference[:80]}` is no draft of yours", field="reference")


def _line(held: room.Draft) -> Line:
    return Line(
        reference=held.id,
        direction="out",
        other="",
        type=held.type_id,
        title=payloads.type_named(held.type_id).title,
        state="draft",
        at=held.saved_at,
        thread=held.id,
    )


def concerns(draft: Draft) -> tuple[Concern, ...]:
    """What a person should look at before this leaves: who told it, opinion among facts, names in free text.

    Warnings beside the preview; the gate decides all the same. Raises PayloadError for a body that does not
    fit.
    """
    carried = draft.payload()
    graded = dict(draft.asks.get("item", {})).get("grade")
    grading = (
        Grading(
            scheme=GradeScheme(graded["scheme"]),
            source=graded["source"],
            information=graded["information"],
        )
        if graded
        else None
    )
    names = {
        part
        for leaf in payloads.itemise(carried)
        if leaf.path.rsplit(".", 1)[-1] in NAMES and isinstance(leaf.value, str)
        for part in leaf.value.split()
    }
    return sanitise.concerns(carried, grading, names)
