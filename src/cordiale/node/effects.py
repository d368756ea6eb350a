"""What an accepted message does at this node, in the transaction of its key, its ledger entry and its
receipt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from cordiale.errors import RequestError
from cordiale.exchange import Received
from cordiale.node import notices, rescue_came, tables

if TYPE_CHECKING:
    from cordiale.node.node import Node


def take(node: Node, tx: Connection, received: Received) -> None:
    """Give what came its place. Raises RequestError for a notice that its sender may not give: it is
    refused.
    """
    letter = received.letter
    if letter is None or letter.type == rescue_came.TYPE:
        rescue_came.take(node, tx, received)  # distress without a readable letter is distress all the same
        return
    if letter.type == notices.TYPE:
        notices.obey(node, tx, received)
    list_received(node, tx, received)
    node.later.append("inbox")


def list_received(node: Node, tx: Connection, received: Received) -> None:
    """The line that officers see; the body stays sealed in the exchange's inbox."""
    letter = received.letter
    if letter is None:
        raise RequestError("it has no letter", field="letter")
    reference = received.message.removeprefix("sha256:")[:16]
    asked = tables.by_message(tx, letter.about) if letter.about else None
    decided = received.decided
    tables.put_line(
        tx,
        reference=reference,
        state="received",
        direction="in",
        other=letter.sender,
        type=letter.type,
        message_id=received.message,
        thread=asked.thread if asked is not None else reference,
        officer="",
        authority=letter.recipient.partition("/")[2],
        verdict=decided.verdict if decided else "",
        article=decided.article[:200] if decided else "",
        handling=str(letter.handling.get("code", ""))[:12],
        urgent=letter.grounds.get("urgent", "no") not in ("", "no"),
        at=node.contact.moment(),
        erase_by=letter.restrictions.erase_by,
    )
