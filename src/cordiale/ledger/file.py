"""The exchange file: what a court, an ombudsman or the other Side checks offline, with a small program.

docs/reference/ledger-format.md describes it so that others can write a second verifier; one stands beside it.
A file is lines, so that a long one is written and read in little memory. It shows that what it holds is true;
that nothing was left out is shown by the ledger's own indexes only.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection

from cordiale.errors import LedgerError
from cordiale.ledger import tables
from cordiale.ledger.entry import Entry
from cordiale.ledger.log import PAGE_MAX, Log, Tiles
from cordiale.ledger.tree import inclusion
from cordiale.seals import (
    BatchSignature,
    NodeCard,
    SigningKeys,
    SigningPublic,
    canonical,
    read_object,
    sign,
    write_time,
)

FORMAT: Final = "cordiale-ledger-file-2"
FILE_KIND: Final = "application/vnd.cordiale.ledger-file.v2"
LINE_BYTES_MAX: Final = 4 << 20  # a head with 200 cards, or one opened message of the largest size
CARDS_MAX: Final = 200
EARLIER_MAX: Final = 1000
RECEIPTS_MAX: Final = 16  # under one entry: a message has one recipient, and a restored partner signs again


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A partner's receipt as it came: canonical body (with "message", "inclusion") and batch signature."""

    card: str
    body: bytes
    signature: BatchSignature

    @property
    def message(self) -> str:
        """The message that it is about."""
        return str(read_object(self.body).get("message", ""))


@dataclass(frozen=True, slots=True)
class Opening:
    """A committed value shown with its salt: to a court, never by default."""

    index: int
    name: str
    value: object
    salt: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What goes into a file beside the entries: `cards`, our own among them; `sides`, the Side keys."""

    cards: Sequence[NodeCard]
    sides: Mapping[str, SigningPublic]
    receipts: Sequence[SignedReceipt] = ()
    openings: Sequence[Opening] = ()
    earlier_sizes: Sequence[int] = ()


def export(
    tx: Connection,
    log: Log,
    indexes: Iterable[int],
    *,
    about: str,
    enclosed: Enclosed,
    signing: SigningKeys,
    at: datetime,
) -> Iterator[bytes]:
    """One exchange file with these entries (indexes rising) and all that proves them, line by line.

    `about`: what the file tells, usually a message's digest. A receipt stands under the first entry about its
    message. The newest signed checkpoint is used. Raises LedgerError when an entry is missing or our own card
    is not among the cards.
    """
    note = log.latest(tx)
    if note is None:
        raise LedgerError("No checkpoint was signed yet.", way_out="Sign a checkpoint first.")
    if all(card.facts.ledger_origin != log.origin for card in enclosed.cards):
        raise LedgerError(f"The card of the node that keeps `{log.origin}` is not among the cards.")
    head = {
        "format": FORMAT,
        "about": about,
        "made_at": write_time(at),
        "log": log.origin,
        "sides": {side: _text(key.to_bytes()) for side, key in enclosed.sides.items()},
        "cards": [read_object(card.to_bytes(), bytes_max=LINE_BYTES_MAX) for card in enclosed.cards],
        "checkpoint": note.text(),
    }
    count, seen = 0, sha256()
    for line in _lines(tx, log, indexes, head=head, size=note.checkpoint.size, enclosed=enclosed):
        seen.update(line)
        count += 1
        yield line
    end: dict[str, object] = {"digest": f"sha256:{seen.hexdigest()}", "lines": count}
    signature = sign(FILE_KIND, canonical(end), signing)
    yield _line({**end, "signature": _text(signature.to_bytes())})


def _lines(
    tx: Connection,
    log: Log,
    indexes: Iterable[int],
    *,
    head: Mapping[str, object],
    size: int,
    enclosed: Enclosed,
) -> Iterator[bytes]:
    yield _line(head)
    for old in sorted(set(enclosed.earlier_sizes)):
        yield _line({"earlier": _earlier(tx, log, old, size)})
    receipts: dict[str, list[SignedReceipt]] = {}
    for receipt in enclosed.receipts:
        receipts.setdefault(receipt.message, []).append(receipt)
    tiles = Tiles(tx, size)
    for index, leaf in _leaves(tx, indexes):
        path = [_text(step) for step in inclusion(index, size, tiles.node)]
        yield _line({"entry": {"index": index, "leaf": leaf.decode(), "path": path}})
        for one in sorted((o for o in enclosed.openings if o.index == index), key=lambda o: o.name):
            shown = {"index": index, "name": one.name, "value": one.value, "salt": _text(one.salt)}
            yield _line({"opening": shown})
        for held in receipts.pop(str(Entry.from_leaf(leaf).facts.get("message", "")), ()):
            body, signature = held.body.decode(), held.signature.as_json()
            yield _line({"receipt": {"card": held.card, "body": body, "signature": signature}})


def _leaves(tx: Connection, indexes: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    """The leaves of these entries, a page a query."""
    page: list[int] = []
    for index in indexes:
        page.append(index)
        if len(page) == PAGE_MAX:
            yield from _page(tx, page)
            page = []
    yield from _page(tx, page)


def _page(tx: Connection, indexes: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    if not indexes:
        return
    rows = tables.entries_from(min(indexes), max(indexes) - min(indexes) + 1)
    if len(indexes) <= max(indexes) - min(indexes):
        rows = rows.where(tables.entries.c.entry_index.in_(list(indexes)))
    held = {index: leaf for index, leaf, _ in tx.execute(rows)}
    for index in indexes:
        if not isinstance(held.get(index), bytes):
            raise LedgerError(f"There is no entry `{index}`.")
        yield index, held[index]


def _earlier(tx: Connection, log: Log, old: int, size: int) -> dict[str, object]:
    note = log.checkpoint_at(tx, old)
    if note is None or old == 0:
        raise LedgerError(f"No checkpoint to prove from was signed at size `{old}`.")
    return {"checkpoint": note.text(), "proof": [_text(step) for step in log.consistency(tx, old, size)]}


def _line(fields: Mapping[str, object]) -> bytes:
    return canonical(fields) + b"\n"


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
