"""Drafts: saved as typed, never lost to a second window, and handed back as a payload when they are ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row

from cordiale.errors import InputError
from cordiale.payloads import TYPES, Payload, fill, type_named
from cordiale.reports import tables
from cordiale.reports.tables import stamp

BODY_BYTES_MAX: Final = 2_000_000  # the sealed answers of one form; twice what a payload may be


class State(StrEnum):
    """Where a draft stands."""

    OPEN = "open"
    READY = "ready"
    SENT = "sent"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as kept. `body`: the typed answers, sealed by the node. `revision`: goes up by one a save.

    `about`: the message whose words it passes on, "" for none; None where that was not yet kept.
    """

    id: str
    author: str
    type_id: str
    model: str
    body: bytes
    case_id: str | None
    revision: int
    saved_at: datetime
    state: State
    about: str | None = ""


def open_draft(tx: Connection, draft: Draft) -> Draft:
    """Keep a new draft; its revision starts at 1. Raises InputError for a type or model unknown."""
    if draft.model not in type_named(draft.type_id).models:
        raise InputError(
            f"`{draft.model}` is no model of {draft.type_id}",
            field="model",
            way_out=f"Use one of: {', '.join(TYPES[draft.type_id].models)}.",
        )
    _check_body(draft.body)
    at = stamp(draft.saved_at)
    tables.put(
        tx,
        tables.drafts,
        {
            "id": draft.id, "case_id": draft.case_id, "author": draft.author, "type_id": draft.type_id,
            "model": draft.model, "body": draft.body, "revision": 1, "opened_at": at, "saved_at": at,
            "state": State.OPEN.value, "about": draft.about,
        },
    )  # fmt: skip
    return read_draft(tx, draft.id)


def read_draft(tx: Connection, draft_id: str) -> Draft:
    """One draft. Raises InputError if there is none."""
    row = tables.draft_row(tx, draft_id)
    if row is None:
        raise InputError(f"there is no draft `{draft_id[:64]}`", field="draft")
    return _draft(row)


def drafts_of(tx: Connection, author: str) -> tuple[Draft, ...]:
    """What an officer is still writing, last touched first."""
    return tuple(_draft(row) for row in tables.drafts_of(tx, author))


def drafts_about(tx: Connection, message: str) -> tuple[Draft, ...]:
    """Whatever is still being written, by anybody, that may pass this message on (`about`: it, or None)."""
    return tuple(_draft(row) for row in tables.drafts_about(tx, message))


def save(tx: Connection, draft_id: str, body: bytes, *, revision: int, at: datetime) -> Draft:
    """Keep what was typed, over the `revision` that the page was drawn from.

    Raises InputError if the draft was saved elsewhere since: nothing is overwritten unseen.
    """
    _check_body(body)
    _change(tx, draft_id, revision, {"body": body, "saved_at": stamp(at), "state": State.OPEN.value})
    return read_draft(tx, draft_id)


def move(tx: Connection, draft_id: str, state: State, *, revision: int, at: datetime) -> Draft:
    """Declare a draft ready, sent or discarded. A discarded one keeps no body."""
    values: dict[str, Any] = {"state": state.value, "saved_at": stamp(at)}
    if state is State.DISCARDED:
        values["body"] = b""
    _change(tx, draft_id, revision, values)
    return read_draft(tx, draft_id)


def payload_of(type_id: str, model: str, answers: Mapping[str, str]) -> Payload:
    """The payload that the typed answers make. Raises PayloadError naming the first that does not fit."""
    return fill(type_named(type_id).models[model], answers)


def _change(tx: Connection, draft_id: str, revision: int, values: dict[str, Any]) -> None:
    if not tables.change_draft(tx, draft_id, revision, values):
        now = read_draft(tx, draft_id)
        raise InputError(
            f"draft `{draft_id}` is {now.state} at revision {now.revision}, not open at {revision}",
            field="revision",
            way_out="Reload it: it was saved in another window, sent or discarded.",
        )


def _check_body(body: bytes) -> None:
    if len(body) > BODY_BYTES_MAX:
        raise InputError(f"a draft has at most {BODY_BYTES_MAX} bytes", field="body")


def _draft(row: Row[Any]) -> Draft:
    saved_at = tables.moment(row.saved_at)
    assert saved_at is not None
    return Draft(
        row.id,
        row.author,
        row.type_id,
        row.model,
        row.body,
        row.case_id,
        row.revision,
        saved_at,
        State(row.state),
        row.about,
    )
