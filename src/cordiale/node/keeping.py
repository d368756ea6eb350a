"""What comes due by itself: held messages, recalls to pass on, retention, distress to record. No machine
closes anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from cordiale.exchange import boxes
from cordiale.exchange.entries import fault_words
from cordiale.ledger import Entry, Kind
from cordiale.ledger.entry import Fact
from cordiale.node import (
    agreements_counting,
    agreements_treated,
    attachments,
    erasing,
    finding,
    looking,
    notices,
    people,
    recalls,
    reminding,
    reports,
    rescue_sent,
    tables,
)

if TYPE_CHECKING:
    from cordiale.node.node import Node


def keep(node: Node) -> int:
    """One round; how many things were done."""
    done = len(reports.release_due(node)) + notices.pass_on(node)
    if is_sure_of_the_day(node):
        done += erase_due(node)
    rescue_sent.log_what_was_shown(node)
    node.contact.log_what_was_counted()
    node.spool.prepare()
    people.write_sessions(node)
    looking.look_on(node)
    finding.scrub_due(node)
    attachments.sweep(node)
    erasing.scrub(node)
    reminding.remind(node)
    if agreements_counting.look(node):
        agreements_treated.erase_received(node)
    return done


def is_sure_of_the_day(node: Node) -> bool:
    """Whether what is due may be erased: not while a clock that leapt ahead is confirmed by nobody, for what
    was erased a year too early does not come back.
    """
    if node.contact.has_leapt():
        node.store.write(lambda _: None)  # each group looks at the clock: it raises the alarm, or takes it
    return not node.contact.has_leapt()


def erase_due(node: Node) -> int:
    """Destroy what has reached the end of its retention: sealed bytes, locked copies and their salts."""
    at = node.contact.moment()
    came = node.store.read(lambda tx: boxes.due_for_erasure(tx, at))
    kept = node.store.read(lambda tx: tables.past_retention(tx, at))
    if not came and not kept:
        return 0

    def act(tx: Connection) -> int:
        for one in came:
            boxes.erase(tx, one.id, at=at)
            recalls.wake_due(node, tx, one.id, "", at=at)
            node.log.append(tx, Entry(Kind.ERASURE, at, {"message": one.id, "reason": "retention"}))
        for row in kept:
            if row.direction == "out":
                attachments.erase(tx, attachments.files_kept(node, tx, row.reference))
            tables.erase_paper(tx, row.reference)
            recalls.wake_due(node, tx, "", row.reference, at=at)
            facts: dict[str, Fact] = {"reference": row.reference, "reason": "retention"}
            if row.direction == "out" and row.message_id:
                boxes.spend(tx, row.message_id)
                erasing.mute(node, tx, row.message_id)
                facts["message"] = row.message_id
            node.log.append(tx, Entry(Kind.ERASURE, at, facts))
        return len(came) + len(kept)

    done = node.store.write(act)
    lines = node.store.read(lambda tx: [tables.by_message(tx, one.id) for one in came])
    finding.forget(node, [row.reference for row in (*lines, *kept) if row is not None])
    return done


def alarm(node: Node, fault: Exception) -> None:
    """Something that comes due could not be done: a person looks."""
    at = node.contact.moment()
    kind, words = type(fault).__name__, fault_words(fault)
    says = f"{kind}: {words}" if words != kind else kind
    node.store.write(lambda tx: boxes.raise_alarm(tx, "keeper", peer="", about="keeper", says=says, at=at))
