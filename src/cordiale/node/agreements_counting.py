"""Which texts a node decides by: what its files say, with what was activated, suspended or ended here.

A text of the node's own folder counts from its activation. One that ships with Cordiale, unchanged, counts as
it ships: its Sides have signed it on paper, and its proofs are part of every release.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from cordiale.agreements.life import Step, read, records, standings
from cordiale.agreements.model import Agreement
from cordiale.agreements.register import Register
from cordiale.exchange.gate import RegisterGate
from cordiale.ledger import Entry, Kind
from cordiale.ledger.entry import Fact
from cordiale.node import agreements_kept as kept

if TYPE_CHECKING:
    from cordiale.node.node import Node


@cache
def _shipped() -> frozenset[tuple[str, str]]:
    """(id, digest) of every agreement that ships with this version of Cordiale."""
    return frozenset((one.id, one.digest) for one in Register.load().agreements)


def ships(text: Agreement) -> bool:
    """Whether a text ships with Cordiale, word for word."""
    return (text.id, text.digest) in _shipped()


def counting(
    files: Register, tx: Connection, on: date, *, own: bool, supposed: tuple[Step, Agreement] | None = None
) -> Register:
    """What the files say, as it counts on a day: with the texts activated here, with suspensions and ends.

    `own`: the files are of the node's own folder; of these, what was never activated is left out. `supposed`:
    an activation that is only thought of, with its text.
    """
    thought = {supposed[1].digest: supposed[1]} if supposed else {}
    further = (supposed[0],) if supposed else ()
    steps = [step for step in (*kept.all_steps(tx), *further) if step.on <= on]
    active = {id: one.digest for id, one in standings(steps, on).items() if one.digest}
    texts = [thought.get(digest) or kept.agreement_of(tx, digest) for digest in active.values()]
    without = [one.id for one in files.agreements if own and one.id not in active and not ships(one)]
    stops = records(steps)
    if not (texts or without or stops):
        return files
    lines = [f"{id} {digest}" for id, digest in sorted(active.items())]
    lines += [f"{id} waits" for id in sorted(without)]
    lines += [raw.decode() for _, raw in stops]
    return files.counting(texts, without=without, records=read(stops), digests=lines)


def waiting(node: Node) -> tuple[Agreement, ...]:
    """Texts in the node's own folder that do not count: nobody has activated them."""
    here = {one.id for one in node.register.agreements}
    return tuple(one for one in node.files.agreements if one.id not in here)


def look(node: Node) -> bool:
    """Take up what another process has done, and what counts from today on. The keeper calls it."""
    on = node.contact.moment().date()
    if (on, node.store.read(kept.last_step)) == node.lived:
        return False
    before = node.register.texts_digest
    recount(node)
    return node.register.texts_digest != before


def recount(node: Node) -> None:
    """Let the node decide by what counts now; the ledger says which texts these are."""
    at = node.contact.moment()
    own = bool(node.settings.texts)

    def found(tx: Connection) -> tuple[Register, tuple[date, int]]:
        return counting(node.files, tx, at.date(), own=own), (at.date(), kept.last_step(tx))

    register, node.lived = node.store.read(found)
    if register.texts_digest == node.register.texts_digest:
        return
    node.register = register
    node.contact.gate = RegisterGate(register)
    facts: dict[str, Fact] = {"text_digest": register.texts_digest, "state": "loaded"}
    node.store.write(lambda tx: node.log.append(tx, Entry(Kind.AGREEMENT, at, facts)))
