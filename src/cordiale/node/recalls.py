"""What a recall, correction, restriction or erasure does to what lies here beside the message itself.

Drafts and held messages that pass it on are withdrawn and their authors told; prints and saved files wake a
task for whoever made them, which only a named person ends. Nobody's name leaves the node: a partner is told
how many are open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row

from cordiale.errors import RequestError
from cordiale.exchange import boxes, notices
from cordiale.ledger import Entry, Kind
from cordiale.ledger.entry import Fact
from cordiale.node import attachments, drafts, papers, reading, tables, waiting
from cordiale.node import recalls_kept as kept
from cordiale.node.people import Verb, needs
from cordiale.reports import draft as drafting
from cordiale.reports import task as room
from cordiale.reports.task import Binding, Task, TaskKind

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer

ENDS_COPY: Final = ("recall", "erase")
CONFIRM_WITHIN: Final = timedelta(days=3)
"""Until a print or saved file is settled, before an alarm is raised: a service level of this node, no law."""
PRINT, FILE = "print", "file"
DESTROYED, AMENDED, NOT_MADE, LOST = "destroyed", "amended", "not_made", "lost"
RETENTION: Final = "retention"
"""In place of a notice: its time is over, so what was printed of it is destroyed too."""
OUTCOMES: Final = {
    RETENTION: (DESTROYED, NOT_MADE, LOST),
    "recall": (DESTROYED, NOT_MADE, LOST),
    "erase": (DESTROYED, NOT_MADE, LOST),
    "correct": (AMENDED, DESTROYED, NOT_MADE, LOST),
    "restrict": (AMENDED, DESTROYED, NOT_MADE, LOST),
}
"""What a person may say of a print or a saved file, by the notice that reached it. A lost one stays open."""
LISTED_MAX: Final = 200
LOST_ALARM: Final = "copy_lost"
OVERDUE_ALARM: Final = "copy_not_settled"


@dataclass(frozen=True, slots=True)
class Taken:
    """A print or saved file. `officer`: the account that made it. `act`: the notice that reached it, "" for
    none; `outcome`: destroyed, amended, not_made, lost, "" while nobody has said; `item`: which file.
    """

    id: str
    reference: str
    officer: str
    kind: str
    item: str
    at: datetime
    act: str = ""
    woken_at: datetime | None = None
    outcome: str = ""
    settled_at: datetime | None = None
    settled_by: str = ""

    @property
    def open(self) -> bool:
        """Whether somebody must still say what has become of it."""
        return bool(self.act) and self.outcome in ("", LOST)


def has_words(tx: Connection, row: Row[Any]) -> bool:
    """Whether the words of a paper are still here: of what was recalled or erased no print can be made."""
    if row.direction == "out":
        return row.body is not None
    came = boxes.taken(tx, row.message_id)
    return came is not None and bool(came.raw)


def take(node: Node, tx: Connection, row: Row[Any], officer: str, *, kind: str, item: str = "") -> str:
    """Record that a message is printed or a file of it saved, in the act that logs it; its id.

    What passes another's message on counts with that message: its recall must reach this sheet too.
    """
    id = node.world.chance.token(8)
    message = (row.about or row.message_id) if row.direction == "out" else row.message_id
    at = node.world.clock.now()
    kept.put_taken(
        tx,
        {"id": id, "reference": row.reference, "message": message, "officer": officer}
        | {"kind": kind, "item": item[:40], "taken_at": at},
    )
    return id


# ------------------------------------------------------------------------------ a notice


def follow(node: Node, tx: Connection, message: str, *, act: str, at: datetime) -> None:
    """Let a notice about a message that came reach everything here that holds its words."""
    writers = _withdraw(node, tx, message, at=at) if act in ENDS_COPY else _halt(node, tx, message)
    row = tables.by_message(tx, message)
    for author, thread in sorted(writers):
        id = f"{TaskKind.LOOK_AGAIN.value}/{row.reference if row is not None else message[-16:]}/{thread}"
        room.wake(tx, Task(id, TaskKind.LOOK_AGAIN, author, at, None, Binding.NONE, ""))
    wake(tx, message, act=act, at=at)


def _withdraw(node: Node, tx: Connection, message: str, *, at: datetime) -> set[tuple[str, str]]:
    """Destroy what was written here to pass a message on: drafts, held, refused and sent papers hold its
    words. Whose drafts and held ones they were: account, thread.
    """
    writers = _stop(node, tx, message)
    for row in tables.passing_on(tx, message):
        draft = papers.draft_of(node, row)
        if not draft.passes_on or draft.about != message:
            continue
        attachments.erase(tx, draft.files)
        tables.erase_paper(tx, row.reference)
        if row.state != "refused":
            tables.set_state(tx, row.reference, "recalled", due_at=None)
    for held in drafts.passing_on(node, tx, message):
        drafts.destroy(node, tx, held, at=at)
        writers.add((held.author, held.id))
    return writers


def _halt(node: Node, tx: Connection, message: str) -> set[tuple[str, str]]:
    """A corrected or restricted message does not go on as it was: what is held stays here, and whoever writes
    is told to look again.
    """
    writers = _stop(node, tx, message)
    for held in drafts.passing_on(node, tx, message):
        if held.state is drafting.State.READY:
            drafts.take_up(node, tx, held.author, held.id)
        writers.add((held.author, held.id))
    return writers


def _stop(node: Node, tx: Connection, message: str) -> set[tuple[str, str]]:
    """Stop what is on its hold and passes a message on, with its words; whose it was: account, thread."""
    stopped = set()
    for row in tables.passing_on(tx, message):
        draft = papers.draft_of(node, row)
        if row.state != "held" or not draft.passes_on or draft.about != message:
            continue
        attachments.erase(tx, draft.files)
        tables.erase_paper(tx, row.reference)
        tables.set_state(tx, row.reference, "undone", due_at=None)
        node.log.append(
            tx, Entry(Kind.HOLD, node.contact.moment(), {"reference": row.reference, "outcome": "stopped"})
        )
        stopped.add((row.officer, row.thread))
    return stopped


def send_after(tx: Connection, message: str, holder: str, *, at: datetime) -> None:
    """What was corrected before it was passed on: the correction follows to the new holder."""
    for one in kept.called_back(tx, message):
        if one.act == "correct" and one.notice:
            notices.follow_to(tx, one.notice, message, holder, at=at)


def wake(tx: Connection, message: str, *, act: str, at: datetime, reference: str = "") -> int:
    """Let whoever printed or saved a message know that it was called back; how many prints and files."""
    kind = TaskKind.DESTROY if act in ENDS_COPY else TaskKind.AMEND
    due_at = at + CONFIRM_WITHIN
    woken = kept.taken_of(tx, message, reference=reference, outcomes=("", AMENDED, LOST))
    for row in woken:
        kept.change_taken(tx, row.id, act=act, woken_at=at, outcome="", settled_at=None, settled_by="")
        id = f"{kind.value}/{row.reference}/{row.id}"
        room.wake(tx, Task(id, kind, row.officer, at, due_at, Binding.SERVICE, ""))
    return len(woken)


def wake_due(node: Node, tx: Connection, message: str, reference: str, *, at: datetime) -> int:
    """Ask for what was printed or saved of words whose retention is over; how many. What a recall or an
    erasure has asked for already is asked for once.
    """
    due_at, count = at + CONFIRM_WITHIN, 0
    for row in kept.taken_of(tx, message, reference=reference, outcomes=("", AMENDED)):
        if row.act in (*ENDS_COPY, RETENTION):
            continue
        values = {"act": RETENTION, "woken_at": at, "outcome": "", "settled_at": None, "settled_by": ""}
        kept.change_taken(tx, row.id, **values)
        id = f"{TaskKind.DESTROY.value}/{row.reference}/{row.id}"
        room.wake(tx, Task(id, TaskKind.DESTROY, row.officer, at, due_at, Binding.SERVICE, ""))
        count += 1
    if count:
        node.later.append("inbox")
    return count


def open_count(tx: Connection, message: str) -> int:
    """How many prints and saved files of a message nobody has settled here: what its sender is told."""
    return kept.open_taken_count(tx, message)


# ------------------------------------------------------------------------------ a person


def mine(node: Node, officer: Officer) -> list[Taken]:
    """What this person, or somebody whom they cover for, printed or saved and was called back and is open;
    whoever oversees sees everybody's.
    """
    needs(officer, Verb.READ)
    owners = None if officer.may(Verb.OVERSEE) else {officer.id, *waiting.covered(node, officer)}
    reach = reading.reach(node, officer)

    def query(tx: Connection) -> list[Taken]:
        rows = kept.taken_open(tx, limit=LISTED_MAX, officers=owners)
        return [_taken(row) for row in rows if row.officer == officer.id or reach.sees(tx, row.reference)]

    return node.store.read(query)


def of_message(node: Node, officer: Officer, reference: str) -> list[Taken]:
    """Every print and saved file of a message that this officer may see, oldest first."""
    needs(officer, Verb.READ)
    row = reading.found(node, officer, reference)
    return [_taken(one) for one in node.store.read(lambda tx: kept.taken_from(tx, row.reference))]


def settle(node: Node, officer: Officer, id: str, outcome: str) -> Taken:
    """A named person says what has become of a print or saved file; it is logged. A lost one stays open and
    raises an alarm. Raises RequestError for one that is not theirs, not open, or an outcome that is none.
    """
    found = next((one for one in mine(node, officer) if one.id == id), None)
    if found is None:
        raise RequestError(f"`{id[:16]}` is no open print or file of yours", field="copy")
    if outcome not in OUTCOMES[found.act]:
        ways = ", ".join(OUTCOMES[found.act])
        raise RequestError(f"`{outcome[:40]}` is no answer", field="outcome", way_out=f"Use one of: {ways}.")
    at = node.world.clock.now()

    def act(tx: Connection) -> None:
        row = kept.taken_row(tx, id)
        if row is None or row.outcome not in ("", LOST) or row.act != found.act:
            raise RequestError(f"`{id}` is settled already", field="copy")
        kept.change_taken(tx, id, outcome=outcome, settled_at=at, settled_by=officer.id)
        for kind in (TaskKind.DESTROY, TaskKind.AMEND):
            waiting.end(tx, kind, f"{row.reference}/{id}", by=officer.id, at=at)
        facts: dict[str, Fact] = {"officer": officer.id, "account": row.officer, "reference": row.reference}
        facts |= {"view": row.kind, "act": row.act, "outcome": outcome}
        facts |= {"recalled": row.message} if row.message else {}
        node.log.append(tx, Entry(Kind.CONFIRMATION, at, facts))
        if outcome == LOST:
            says = f"a {row.kind} of `{row.reference}` was called back and is lost or was handed on"
            boxes.raise_alarm(tx, LOST_ALARM, peer="", about=row.reference, says=says, at=at)

    node.store.write(act)
    node.announce("inbox")
    return found


def seen(node: Node, officer: Officer, reference: str, thread: str) -> bool:
    """The author has read that what they were writing was withdrawn; False when nothing was to be read."""
    needs(officer, Verb.READ)
    id = f"{TaskKind.LOOK_AGAIN.value}/{reference}/{thread}"
    at = node.world.clock.now()
    owners = {officer.id, *waiting.covered(node, officer)}

    def act(tx: Connection) -> bool:
        mine = any(one.id == id for one in room.waiting_for(tx, owners))
        return mine and waiting.end(tx, TaskKind.LOOK_AGAIN, f"{reference}/{thread}", by=officer.id, at=at)

    return node.store.write(act)


def alarm_overdue(node: Node) -> None:
    """Tell whoever oversees of what nobody settled within CONFIRM_WITHIN: one alarm a message."""
    before = node.world.clock.now() - CONFIRM_WITHIN
    late = node.store.read(lambda tx: kept.taken_overdue(tx, before))
    for reference, count in late:
        node.store.write(partial(_raise_once, node, reference=reference, count=count))


def _raise_once(node: Node, tx: Connection, *, reference: str, count: int) -> None:
    """Once a day at most: a person who has looked at it is not asked again within the hour."""
    at = node.contact.moment()
    if kept.is_alarm_fresh(tx, OVERDUE_ALARM, reference, since=at - timedelta(days=1)):
        return
    says = f"{count} prints or saved files of `{reference}` were called back and are not settled"
    boxes.raise_alarm(tx, OVERDUE_ALARM, peer="", about=reference, says=says, at=at)


def _taken(row: Row[Any]) -> Taken:
    return Taken(
        id=row.id,
        reference=row.reference,
        officer=row.officer,
        kind=row.kind,
        item=row.item,
        at=row.taken_at,
        act=row.act,
        woken_at=row.woken_at,
        outcome=row.outcome,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
    )
