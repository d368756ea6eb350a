"""The doctor: what an operator should look at, whether the node opens or not.

First from outside, without a key: files, disk, the process and its parts. Then, if passphrase and database
let it, from inside: clock, card, partners, alarms, distress that waits. Each check is told by name; one that
cannot be finished is a finding and stops no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from cordiale.errors import CordialeError
from cordiale.exchange import boxes, list_peers
from cordiale.node import heartbeat, ledger, rescue, restored
from cordiale.node.audit import Findings
from cordiale.node.exchange import check_peer
from cordiale.node.home import SERVING
from cordiale.node.opening import open_node
from cordiale.node.outside import World
from cordiale.node.reach import out_of_reach
from cordiale.node.renewing import ends_soon
from cordiale.node.saying import Noted, Said
from cordiale.node.settings import FILE, read_settings
from cordiale.node.spool import FOLDER, RESERVE
from cordiale.store.migrations import current, head

if TYPE_CHECKING:
    from cordiale.node.node import Node

FREE_BYTES_MIN: Final = 1 << 30  # a day of a busy desk with attachments
LAG_MAX: Final = 1000  # entries that no partner has cosigned yet
FILES: Final = (
    FILE,
    "vault",
    "keys/signing",
    "keys/sealing",
    "keys/ledger",
    "keys/marks",
    "keys/tls",
    "tls/key",
    "tls/cert",
    "card",
    "side.pub",
)
FAULTS: Final = (CordialeError, SQLAlchemyError, OSError, ValueError, LookupError, TypeError, RuntimeError)
"""What a damaged home can raise; none of it keeps the rest from being said."""
Check = Callable[[], Iterator[str]]


def examine(home: Path, passphrase: Callable[[], str], *, world: World) -> Findings:
    """Look at the node in `home` and the machine around it. `passphrase` is asked for after the outside has
    been looked at; what it raises is told. Nothing is changed.
    """
    outside = _checked(_outside(home, world))
    try:
        with open_node(home, passphrase(), world=world) as node:
            inside = _checked(_inside(node))
    except FAULTS as fault:
        opens = Said("the node opens")
        inside = Findings((opens,), (_found(opens, _told(fault)),))
    return Findings((*outside.checked, *inside.checked), (*outside.wrong, *inside.wrong))


def _checked(checks: Mapping[str, Check]) -> Findings:
    wrong: list[str] = []
    for name, check in checks.items():
        try:
            wrong.extend(_found(name, one) for one in check())
        except FAULTS as fault:
            wrong.append(_found(name, Said("it could not be finished: {fault}", fault=_told(fault))))
    return Findings(tuple(checks), tuple(wrong))


def _found(check: str, what: str) -> Said:
    """A finding begins with the name of its check."""
    return Said("{check}: {what}", check=check, what=what)


def _told(fault: Exception) -> str:
    """A fault in whole words; of the database's own only the kind and what it says, never a value."""
    if isinstance(fault, SQLAlchemyError):
        why = getattr(fault, "orig", None) or type(fault).__name__
        return Said("the database does not answer: {why}", why=why)
    return str(fault) if isinstance(fault, CordialeError) else f"{type(fault).__name__}: {fault}"


# ------------------------------------------------------------------------------ from outside


def _outside(home: Path, world: World) -> dict[str, Check]:
    return {
        Said("the home folder is whole"): lambda: _files(home, world),
        Said("the settings can be read"): lambda: _settings(home, world),
        Said("there is room on the disk"): lambda: _room(home, world),
        Said("the node runs, and all its parts live"): lambda: _lives(home, world),
        Said("nothing waits in the spool"): lambda: _waits(home, world),
    }


def _files(home: Path, world: World) -> Iterator[str]:
    for name in FILES:
        try:
            if not world.disk.read(home / name):
                yield Said("`{name}` is empty: take it from a backup (`cordiale restore`)", name=name)
        except FileNotFoundError:
            yield Said(
                "`{name}` is not there: name the right --home, or `cordiale restore` a backup", name=name
            )


def _settings(home: Path, world: World) -> Iterator[str]:
    read_settings(home, world.disk)
    yield from ()


def _room(home: Path, world: World) -> Iterator[str]:
    if (free := world.disk.free_bytes(home)) < FREE_BYTES_MIN:
        yield Said("{free} MiB are free, {least} should be", free=free >> 20, least=FREE_BYTES_MIN >> 20)


def _lives(home: Path, world: World) -> Iterator[str]:
    if not world.disk.holder(home / SERVING):
        yield Said("nobody runs it: nothing is carried, taken or shown. Start it with `cordiale serve`")
        return
    yield from heartbeat.silent(heartbeat.read(home, world.disk), world.clock.now())


def _waits(home: Path, world: World) -> Iterator[str]:
    waiting = [name for name in world.disk.names(home / FOLDER) if name != RESERVE]
    if waiting:
        yield Said(
            "{count} pieces of distress lie there because the database could not take them: "
            "make room, start the node, and use the telephone meanwhile",
            count=len(waiting),
        )


# ------------------------------------------------------------------------------ from inside


def _inside(node: Node) -> dict[str, Check]:
    return {
        Said("the node opens"): lambda: iter(()),
        Said("the database is at this program's step"): lambda: _schema(node),
        Said("the clock has not gone back"): lambda: _clock(node),
        Said("the card holds"): lambda: _card(node),
        Said("the offline keys are away"): lambda: _offline(node),
        Said("partners are told what is listened on"): lambda: iter(
            out_of_reach(node.settings, node.keys.card.facts.address)
        ),
        Said("every partner answers"): lambda: _partners(node),
        Said("every partner has told since the restore"): lambda: restored.silent(node),
        Said("no distress waits for a person"): lambda: _distress(node),
        Said("every file in the spool opens"): lambda: (
            Said("`{name}` does not open", name=one) for one in node.spool.unreadable()
        ),
        Said("no alarm is open"): lambda: (
            Said("`{kind}`: {note}", kind=one.kind, note=Noted(one.says))
            for one in node.store.read(boxes.alarms)
        ),
        Said("the failed box is empty"): lambda: (
            Said("`{reference}`: {note}", reference=one.reference, note=Noted(one.reason))
            for one in node.store.read(boxes.failures)
        ),
        Said("partners cosign the ledger"): lambda: _lag(node),
    }


def _schema(node: Node) -> Iterator[str]:
    if current(node.store) != head():
        yield Said(
            "it is at `{at}`, the program at `{head}`: run `cordiale upgrade`",
            at=current(node.store),
            head=head(),
        )


def _clock(node: Node) -> Iterator[str]:
    latest = node.contact.moment()
    now = node.world.clock.now()  # after it: time goes on between the two
    if now < latest:
        yield Said(
            "it says {now}, but {latest} was recorded before", now=_second(now), latest=_second(latest)
        )


def _second(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _card(node: Node) -> Iterator[str]:
    try:
        node.keys.card.check(node.keys.side, node.world.clock.now())
        yield from filter(None, [ends_soon(node)])
    except CordialeError as fault:
        yield Said("{fault} Renew it with `cordiale peer renew`.", fault=fault)


def _offline(node: Node) -> Iterator[str]:
    try:
        node.world.disk.read(node.home / "offline" / "side")
    except FileNotFoundError:
        return
    yield Said("`{home}/offline` still lies here: take it to a safe", home=node.home.name)


def _partners(node: Node) -> Iterator[str]:
    for one in node.store.read(list_peers):
        found = check_peer(node, one.node)
        yield from (Said("{node}: {what}", node=one.node, what=fault) for fault in found["wrong"])


def _distress(node: Node) -> Iterator[str]:
    """No word of a call: an administrator sees no content."""
    for one in rescue.distresses(node):
        if one.sounding:
            yield Said(
                "`{reference}`, {at} UTC, NOT CONFIRMED: tell the duty officer",
                reference=one.reference,
                at=f"{one.opened_at:%Y-%m-%d %H:%M}",
            )


def _lag(node: Node) -> Iterator[str]:
    size = ledger.size(node)
    for one in node.store.read(list_peers):
        name = one.card.facts.ledger_origin
        lag = size - node.store.read(partial(node.log.cosigned_size, name=name))
        if lag > LAG_MAX:
            yield Said("{node} is {lag} entries behind", node=one.node, lag=lag)
