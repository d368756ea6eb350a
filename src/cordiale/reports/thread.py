"""Reports received and sent, as threads; replies and forwards are returned for the node to carry.

Nothing here can send. A forward names the message it comes from, so that the gate judges it as onward
transfer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row

from cordiale.errors import InputError
from cordiale.payloads import Carried
from cordiale.payloads.parts import Grading
from cordiale.payloads.words import QualityAction
from cordiale.reports import tables
from cordiale.reports.tables import stamp
from cordiale.terms import Act, AuthorityId, GradeScheme, SideCode

BODY_BYTES_MAX: Final = 4_000_000  # a sealed payload with its envelope


class Direction(StrEnum):
    """Which way a message went."""

    RECEIVED = "received"
    SENT = "sent"


class State(StrEnum):
    """What has become of a message since."""

    HELD = "held"
    RECALLED = "recalled"
    CORRECTED = "corrected"
    RESTRICTED = "restricted"
    ERASED = "erased"


_AFTER: Final = {
    QualityAction.RECALL: State.RECALLED,
    QualityAction.CORRECT: State.CORRECTED,
    QualityAction.RESTRICT: State.RESTRICTED,
    QualityAction.ERASE: State.ERASED,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A message as kept. `body`: sealed by the node, None once erased. `grade`: as given."""

    id: str
    direction: Direction
    thread_id: str
    type_id: str
    model: str
    side: SideCode
    authority: AuthorityId
    body: bytes | None
    at: datetime
    reply_to: str | None = None
    case_id: str | None = None
    grade: Grading | None = None
    state: State = State.HELD
    erase_by: datetime | None = None
    first_read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What the node is asked to carry: the payload, the act to be judged, and where it belongs."""

    payload: Carried
    act: Act
    to_side: SideCode
    to_authority: AuthorityId
    thread_id: str | None = None
    reply_to: str | None = None
    comes_from: str | None = None
    """The message that is passed on, for an onward transfer."""
    case_id: str | None = None


def keep(tx: Connection, message: Kept) -> Kept:
    """Keep a message that was received or sent. Raises InputError for a missing or over-large body."""
    if not message.body or len(message.body) > BODY_BYTES_MAX:
        raise InputError(f"a message has a body of at most {BODY_BYTES_MAX} bytes", field="body")
    grade = message.grade
    tables.put(
        tx,
        tables.messages,
        {
            "id": message.id, "direction": message.direction.value, "case_id": message.case_id,
            "thread_id": message.thread_id, "reply_to": message.reply_to, "type_id": message.type_id,
            "model": message.model, "side": message.side, "authority": message.authority, "body":
            message.body,
            "grade_scheme": grade.scheme.value if grade else None, "grade_source": grade.source if grade
            else None, "grade_information": grade.information if grade else None, "at": stamp(message.at),
            "state": State.HELD.value, "erase_by": stamp(message.erase_by) if message.erase_by else None,
        },
    )  # fmt: skip
    return read(tx, message.id)


def read(tx: Connection, message_id: str) -> Kept:
    """One message. Raises InputError if there is none."""
    row = tables.message_row(tx, message_id)
    if row is None:
        raise InputError(f"there is no message `{message_id[:128]}`", field="message")
    return _kept(row)


def listed(
    tx: Connection, direction: Direction, *, before: datetime | None = None, limit: int = 50
) -> tuple[Kept, ...]:
    """Received or sent messages, newest first, a page at a time."""
    rows = tables.messages_in(tx, direction.value, stamp(before) if before else "", limit)
    return tuple(_kept(row) for row in rows)


def thread(tx: Connection, thread_id: str) -> tuple[Kept, ...]:
    """A thread from its beginning."""
    return tuple(_kept(row) for row in tables.thread_rows(tx, thread_id))


def of_case(tx: Connection, case_id: str) -> tuple[Kept, ...]:
    """Everything received and sent in a case, oldest first."""
    return tuple(_kept(row) for row in tables.messages_of_case(tx, case_id))


def seen(tx: Connection, message_id: str, *, by: str, at: datetime) -> None:
    """Note the first reading for the lists. The reading itself belongs into the ledger, with its purpose."""
    tables.mark_read(tx, message_id, by, stamp(at))


def obey(tx: Connection, message_id: str, action: QualityAction, body: bytes | None = None) -> Kept:
    """Do to our copy what a quality notice says. `body`: the corrected copy, sealed, for a correction.

    Recall and restriction keep the copy out of use, erasure takes its body. Raises InputError if there is
    no such message, it is erased, or a correction brings no new body.
    """
    values: dict[str, Any] = {"state": _AFTER[action].value}
    if action is QualityAction.ERASE:
        values |= {"body": None, "erase_by": None}
    elif action is QualityAction.CORRECT:
        if not body or len(body) > BODY_BYTES_MAX:
            raise InputError("a correction brings the corrected body", field="body")
        values["body"] = body
    if not tables.change_message(tx, message_id, values):
        raise InputError(f"message `{read(tx, message_id).id}` is erased already", field="message")
    return read(tx, message_id)


def past_retention(tx: Connection, now: datetime) -> tuple[Kept, ...]:
    """Messages that should have been erased by now."""
    return tuple(_kept(row) for row in tables.past_retention(tx, stamp(now)))


def reply(message: Kept, payload: Carried) -> Outgoing:
    """An answer to a received message, to the authority it came from. Raises InputError for one we sent."""
    if message.direction is not Direction.RECEIVED:
        raise InputError("an answer goes to a message that was received", field="message")
    return Outgoing(
        payload,
        Act.ANSWER,
        message.side,
        message.authority,
        thread_id=message.thread_id,
        reply_to=message.id,
        case_id=message.case_id,
    )


def forward(message: Kept, payload: Carried, *, to_side: SideCode, to_authority: AuthorityId) -> Outgoing:
    """A received message, or part of it, to somebody else: an onward transfer, judged by its originator's
    rules.

    Raises InputError for one that was recalled, restricted or erased, or that we sent ourselves.
    """
    if message.direction is not Direction.RECEIVED:
        raise InputError("share it anew instead: it is ours", field="message")
    if message.state not in (State.HELD, State.CORRECTED):
        raise InputError(
            f"message `{message.id}` is {message.state}", field="message", way_out="It goes no further."
        )
    return Outgoing(
        payload, Act.ONWARD, to_side, to_authority, comes_from=message.id, case_id=message.case_id
    )


def _kept(row: Row[Any]) -> Kept:
    at = tables.moment(row.at)
    assert at is not None
    grade = None
    if row.grade_scheme:
        grade = Grading(
            scheme=GradeScheme(row.grade_scheme), source=row.grade_source, information=row.grade_information
        )
    return Kept(
        id=row.id,
        direction=Direction(row.direction),
        thread_id=row.thread_id,
        type_id=row.type_id,
        model=row.model,
        side=SideCode(row.side),
        authority=AuthorityId(row.authority),
        body=row.body,
        at=at,
        reply_to=row.reply_to,
        case_id=row.case_id,
        grade=grade,
        state=State(row.state),
        erase_by=tables.moment(row.erase_by),
        first_read_at=tables.moment(row.first_read_at),
    )
