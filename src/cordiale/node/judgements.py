"""Every decision, kept for the supervisor: a refusal that is followed by a changed fact is marked.

What was stated is kept as keyed digests: they tell that a fact changed, never what it was.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row

from cordiale.exchange.judging import REFUSE
from cordiale.node import tables
from cordiale.node.papers import Draft, plain
from cordiale.seals import canonical

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.views import RecipientView

WATCHED: Final = (
    "purpose",
    "regime",
    "urgent",
    "offence",
    "targeting",
    "subjects",
    "facts",
    "item",
    "confirmations",
)
"""What an officer states; whoever changes one after a refusal may be right, and a second person looks."""
LOCKED: Final = "judgement"
"""Under this name why something was refused lies locked beside what was stated."""


def note(
    node: Node,
    tx: Connection,
    draft: Draft,
    view: RecipientView,
    *,
    thread: str,
    reference: str,
    officer: str,
    authority: str,
    entry: int | None,
) -> None:
    """Keep one decision."""
    stated = _stated(node, draft)
    body = _digest(node, draft.body)
    earlier = tables.refusals_of(tx, thread, body, view.recipient)
    changed = sorted(name for name in stated if earlier and earlier[0].stated.get(name) != stated[name])
    headline = view.answer.get("headline") or {}
    tables.add_judgement(
        tx,
        {
            "at": node.world.clock.now(),
            "officer": officer,
            "authority": authority,
            "reference": reference,
            "thread": thread,
            "content": body,
            "recipient": view.recipient,
            "verdict": view.verdict,
            "article": "" if view.verdict == REFUSE else view.article[:200],
            "step": "" if view.verdict == REFUSE else str(headline.get("step", ""))[:20],
            "stated": stated | _why(node, view, str(headline.get("step", ""))),
            "changed": changed if view.verdict != "refuse" or changed else [],
            "ledger_index": entry,
        },
    )


def latest(node: Node, limit: int, within: frozenset[str] | None = None) -> list[Mapping[str, Any]]:
    """The newest decisions: at, officer (name), recipient, verdict, article, step, changed, reference.

    `within`: of officers of these authorities alone; None for those of every authority.
    """
    names = node.names()
    return [
        {
            "at": row.at,
            "officer": names.get(row.officer, row.officer),
            "recipient": row.recipient,
            "verdict": row.verdict,
            **_told(node, row),
            "changed": tuple(row.changed),
            "reference": row.reference,
            "thread": row.thread,
        }
        for row in node.store.read(lambda tx: tables.last_judgements(tx, limit, within))
    ]


def _why(node: Node, view: RecipientView, step: str) -> dict[str, str]:
    """Why it was refused, locked: an article in clear would tell who a person is (papers.keep_why)."""
    if view.verdict != REFUSE:
        return {}
    told = canonical({"article": view.article[:200], "step": step[:20]})
    return {LOCKED: b64encode(node.vault.lock(told, LOCKED)).decode()}


def _told(node: Node, row: Row[Any]) -> dict[str, str]:
    """Article and step of a decision, for who oversees."""
    if LOCKED not in row.stated:
        return {"article": row.article, "step": row.step}
    told: dict[str, str] = json.loads(node.vault.unlock(b64decode(row.stated[LOCKED]), LOCKED))
    return told


def handling_of(draft: Draft) -> str:
    """The handling code that the draft states for all its items, or ""."""
    return str(dict(dict(draft.asks.get("item", {})).get("handling", {})).get("code", ""))[:12]


def _stated(node: Node, draft: Draft) -> dict[str, str]:
    return {name: _digest(node, draft.asks.get(name, "")) for name in WATCHED}


def _digest(node: Node, value: Any) -> str:
    return hmac.new(node.keys.marks, canonical(plain(value)), sha256).hexdigest()
