"""What waits for whom, until when, by which rule: a task of the reports room for each message that came.

A task begins as soon as a message stands in the in-tray (looking.py); only a person ends it. Whoever
covers for somebody absent sees what waits for them. The id of a task is its kind and the reference of its
paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, true

from cordiale import officers
from cordiale.agreements.answer import Clocked
from cordiale.agreements.clocks import due
from cordiale.agreements.model import Provision
from cordiale.errors import InputError
from cordiale.exchange import Letter
from cordiale.node import papers, people, reading, tables
from cordiale.node.papers import Line
from cordiale.node.people import Verb, needs
from cordiale.reports import task as room
from cordiale.reports.task import Binding, Task, TaskKind

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer

LOOK_AGAIN: Final = TaskKind.LOOK_AGAIN.value
CALLED_BACK: Final = (TaskKind.DESTROY, TaskKind.AMEND, TaskKind.LOOK_AGAIN)
"""What waits for whoever printed, saved or was passing on what was called back, whatever they see today."""
NO_TASK: Final = ("quality_notice", "distress_incident")
"""A notice is obeyed by the node itself; distress has its own list, first on every page."""
BINDINGS: Final = {"law": Binding.LAW, "agreement": Binding.AGREEMENT, "aim": Binding.AIM}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits. `kind`: read_report, answer_request, and for what was called back destroy_copy,
    amend_copy or look_again (`thread`: which draft). `absent`: the name of whom one covers.

    `due_at`: None for "as soon as possible" or no date; `binding`: law, agreement, aim, service or none.
    """

    kind: str
    line: Line
    since: datetime
    due_at: datetime | None
    remaining_s: int | None
    binding: str
    article: str
    absent: str = ""
    thread: str = ""


def waiting(node: Node, officer: Officer) -> list[Waiting]:
    """What waits for this officer, for their authority, and for those whom they cover; soonest due first."""
    needs(officer, Verb.READ)
    now = node.contact.moment()

    absent, mine = covered(node, officer), reading.reach(node, officer)
    owners = {officer.id, officer.authority, *absent}

    def query(tx: Connection) -> list[tuple[Task, Row[Any]]]:
        tasks = room.waiting_for(tx, owners)
        about = tables.papers_seen(tx, {reference_of(one) for one in tasks}, mine.clause())
        back = {reference_of(one) for one in tasks if one.kind in CALLED_BACK}
        about |= tables.papers_seen(tx, back, true())
        ended = {one.id.partition("/")[2] for one in tasks if one.kind is TaskKind.DESTROY}
        return [
            (one, about[reference_of(one)])
            for one in tasks
            if reference_of(one) in about
            and not (one.kind is TaskKind.AMEND and one.id.partition("/")[2] in ended)
        ]

    return [
        Waiting(
            kind=one.kind.value,
            line=papers.line(row),
            since=one.started_at,
            due_at=one.due_at,
            remaining_s=one.remaining_s(now),
            binding=one.binding.value,
            article=one.article,
            absent=absent.get(one.owner, ""),
            thread=one.id.split("/")[2] if one.kind in CALLED_BACK else "",
        )
        for one, row in node.store.read(query)
        if row.state == "received" or one.kind in CALLED_BACK
    ]


def covered(node: Node, officer: Officer) -> dict[str, str]:
    """For whom this officer looks after the in-tray today: account id and authority -> name."""
    today = node.world.clock.now().date()
    everybody = node.store.read(officers.accounts)
    away = [one for one in everybody if one.covered_on(today) == officer.id and not one.closed]
    names = {one.authority: one.name for one in away if one.authority != officer.authority}
    return names | {one.id: one.name for one in away}


def cover(node: Node, by: Officer, covered_by: str, until: date | None = None) -> None:
    """Say who looks after this person's in-tray, up to and with the day `until`; "" ends it. It is logged."""
    people.cover(node, by, covered_by, until)


def reference_of(task: Task) -> str:
    """The paper that a task is about."""
    return task.id.split("/")[1]


def finish(node: Node, officer: Officer, kind: TaskKind, reference: str) -> bool:
    """A person has done it; False when nothing of the kind waited."""
    at = node.world.clock.now()
    return node.store.write(lambda tx: end(tx, kind, reference, by=officer.id, at=at))


def end(tx: Connection, kind: TaskKind, reference: str, *, by: str, at: datetime) -> bool:
    """The same, in an act that was begun elsewhere."""
    if not tables.tasks_open(tx, [f"{kind.value}/{reference}"]):
        return False
    try:
        room.finish(tx, f"{kind.value}/{reference}", by=by, at=at)
    except InputError:
        return False  # a colleague was faster
    return True


def unread(tx: Connection, references: list[str]) -> set[str]:
    """Which of these papers nobody has opened yet."""
    ids = [f"{TaskKind.READ.value}/{one}" for one in references]
    return {one.partition("/")[2] for one in tables.tasks_open(tx, ids)}


def tasks_of(node: Node, row: Row[Any], letter: Letter) -> list[Task]:
    """To read it; and to answer it, when it asks: with the soonest clock of the provision it came under."""
    owner = letter.recipient.partition("/")[2]
    clock = _soonest(node, letter, row.at)
    asks = letter.kind == "request"
    read = _task(TaskKind.READ, row, owner, clock if clock and not asks else None)
    return [read, _task(TaskKind.ANSWER, row, owner, clock)] if asks else [read]


def _task(kind: TaskKind, row: Row[Any], owner: str, clock: Clocked | None) -> Task:
    end = datetime.fromisoformat(clock.due) if clock and clock.due else None
    if end is not None and end.tzinfo is None:  # a clock in days ends with its last day
        end = end.replace(hour=23, minute=59, second=59, tzinfo=UTC)
    binding = BINDINGS.get(clock.binding, Binding.SERVICE) if clock else Binding.NONE
    article = clock.article[:120] if clock else ""
    return Task(f"{kind.value}/{row.reference}", kind, owner, row.at, end, binding, article)


def _soonest(node: Node, letter: Letter, came: datetime) -> Clocked | None:
    """The clock that runs from receipt and ends first; an undated one ("as soon as possible") else."""
    agreement = node.register.agreement(str(letter.agreement.get("id", "")))
    lines = [one for one in agreement.provision if one.id == letter.provision] if agreement else []
    urgent = letter.grounds.get("urgent", "no") not in ("", "no")
    found = [one for line in lines for one in _clocks(node, line, came, urgent=urgent)]
    return min(found, key=lambda one: one.due or "9999", default=None)


def _clocks(node: Node, line: Provision, came: datetime, *, urgent: bool) -> list[Clocked]:
    return [
        due(rule, came.isoformat(), node.register.calendars, line.article)
        for rule in line.clocks
        if rule.starts == "received_at"
        and (urgent or not rule.when_urgent)
        and (not rule.on or node.side in rule.on)
    ]
