"""What this node shows of distress, and whom to ring: its defects, its centres, what became of it.

Nothing here changes anything. What the store cannot read or write is shown from memory.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row

from cordiale.errors import RequestError, StoreError
from cordiale.node import rescue_kept as kept
from cordiale.node import tables
from cordiale.node.people import Verb, needs
from cordiale.seals import canonical

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer

PAGE_MAX: Final = 200
HERE: Final = "here"
"""In place of a message id: the centre sits at this very node, and nobody there has confirmed by message."""
AGAIN: Final = "again"
"""Beside a centre in an incident of ours: a partner said that it is not over, so it sounds here too."""
CLOSED, REOPENED = "closed", "reopened"
"""Steps of a person here."""
TOLD_CLOSED, CALLED_AGAIN = "told_closed", "called_again"
"""Steps of a partner: closed there, which closes nothing here; and called again, which sounds."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a person here, or a partner, said of an incident.

    `act`: closed, reopened, told_closed or called_again. `by`: a person's name, or the partner's
    "SIDE/authority". `why`: what they wrote down. `counted`: persons known to be safe; None: not said.
    `told`: each partner that was to hear of it: recipient, name, telephone, state (delivered, waiting,
    failed, here, untold).
    """

    act: str
    at: datetime
    by: str
    why: tuple[str, ...] = ()
    counted: int | None = None
    told: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Distress:
    """A distress incident as this node shows it.

    `state`: opened (here), received or closed. `sounding`: it came from elsewhere and nobody here has
    confirmed: the page shows NOT CONFIRMED, sounds, and shows `ring`. `body` is the payload's tree
    (docs/reference). `defects` says what was odd. `centres`: each centre it went to: recipient, name,
    telephone, and who there confirmed, when. `logged` is false while the store cannot write. `steps`: what
    became of it, oldest first.
    """

    reference: str
    state: str
    opened_at: datetime
    opened_by: str
    other: str
    body: Mapping[str, Any]
    sounding: bool
    confirmed_by: str
    confirmed_at: datetime | None
    ring: tuple[Mapping[str, str], ...]
    defects: tuple[str, ...]
    centres: tuple[Mapping[str, Any], ...]
    logged: bool = True
    closed_by: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def is_confirmed(self) -> bool:
        """Whether a named person here, or a centre that it went to, has said: we have it."""
        return bool(self.confirmed_by) or any(one.get("confirmed_by") for one in self.centres)

    @property
    def unreadable(self) -> bool:
        """Whether nothing could be read of what came: only the telephone can tell what it is."""
        return not self.body


def distresses(node: Node) -> list[Distress]:
    """Every incident that nobody has closed, unconfirmed first, then newest. Works while the store cannot
    write.
    """
    try:
        stored = [from_row(node, row) for row in node.store.read(tables.open_distresses)]
    except StoreError:
        stored = []
    known = {one.reference for one in stored}
    for key, (shown, _) in list(node.unlogged.items()):
        if shown.reference in known:
            node.unlogged.pop(key, None)  # it is recorded now
    unlogged = [shown for shown, _ in list(node.unlogged.values())]
    return sorted([*unlogged, *stored], key=lambda one: (not one.sounding, -one.opened_at.timestamp()))


def distress(node: Node, reference: str) -> Distress:
    """One incident, closed or not, with all that became of it. Raises RequestError when there is none."""
    for one in distresses(node):
        if one.reference == reference:
            return replace(one, steps=_steps(node, reference)) if one.logged else one
    row = node.store.read(lambda tx: tables.distress(tx, reference))
    if row is None:
        raise RequestError(f"there is no incident `{reference[:80]}` here", field="reference")
    return replace(from_row(node, row), steps=_steps(node, reference))


def closed(
    node: Node, officer: Officer, *, limit: int = 50, before: datetime | None = None
) -> list[Distress]:
    """Incidents that a person closed, with who closed each, when and why, the latest opened first. `before`:
    opened before this moment.
    """
    needs(officer, Verb.RESCUE)
    rows = node.store.read(lambda tx: kept.closed(tx, limit=min(limit, PAGE_MAX), before=before))
    return [replace(from_row(node, row), steps=_steps(node, row.reference)) for row in rows]


def _steps(node: Node, reference: str) -> tuple[Step, ...]:
    def query(tx: Connection) -> tuple[Step, ...]:
        rows = kept.steps_of(tx, reference)
        ids = [str(one["message"]) for row in rows for one in row.told if one["message"] not in ("", HERE)]
        posted = {id: str(row.state) for id, row in tables.posted(tx, ids).items()}
        return tuple(_step(node, row, posted) for row in rows)

    try:
        return node.store.read(query)
    except StoreError:
        return ()


def _step(node: Node, row: Row[Any], posted: Mapping[str, str]) -> Step:
    """`posted`: message -> how far the courier has come with it."""
    words = json.loads(node.vault.unlock(row.words, f"distress-step/{row.id}"))
    told = tuple(
        {
            "recipient": str(one["recipient"]),
            "state": HERE if one["message"] == HERE else _told_state(str(one["message"]), posted),
            **(ring(node, [one["recipient"]]) or ({},))[0],
        }
        for one in row.told
    )
    return Step(row.act, row.at, row.by, tuple(words.get("why", ())), words.get("counted"), told)


def _told_state(message: str, posted: Mapping[str, str]) -> str:
    return posted.get(message, "waiting") if message else "untold"


def locked_step(node: Node, words: Mapping[str, Any]) -> dict[str, Any]:
    """The id of a new step, and its words, locked."""
    id = node.world.chance.token(8)
    return {"id": id, "words": node.vault.lock(canonical(dict(words)), f"distress-step/{id}")}


def from_row(node: Node, row: Row[Any]) -> Distress:
    body = json.loads(node.vault.unlock(row.body, f"distress/{row.reference}"))
    other = [row.other] if row.other else list(row.sent_to)
    shown = ring(node, other)
    if row.other and body.get("telephone_to_ring"):
        shown = (
            {"name": str(body.get("centre", row.other)), "number": str(body["telephone_to_ring"])},
            *shown,
        )
    return Distress(
        reference=row.reference,
        state=row.state,
        opened_at=row.at,
        opened_by=row.opened_by,
        other=row.other,
        body=body,
        sounding=not row.confirmed_by and sounds(row.state, row.sent_to),
        confirmed_by=row.confirmed_by,
        confirmed_at=row.confirmed_at,
        ring=shown,
        defects=tuple(row.defects),
        centres=centres_of(node, row.sent_to),
        closed_by=row.closed_by,
    )


def centres_of(node: Node, sent_to: Mapping[str, Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    return tuple(
        {
            "recipient": name,
            "name": node.name_of(*name.split("/", 1)),
            "telephone": node.telephone_of(*name.split("/", 1)),
            **dict(one),
        }
        for name, one in sent_to.items()
    )


def sounds(state: str, centres: Mapping[str, Mapping[str, Any]]) -> bool:
    """It sounds when it came from elsewhere, or was opened here by somebody else than the centre here."""
    return state == "received" or (
        state == "opened" and any(c.get("message") == HERE or c.get(AGAIN) for c in centres.values())
    )


def rescue_centres(node: Node, areas: Sequence[str] = ()) -> list[str]:
    """The rescue authorities for these sea areas, as "SIDE/authority"; without areas, those of this Side's
    own areas.
    """
    at = node.world.clock.now()
    everybody = node.rescue_register(at)
    wanted = set(areas) or {a for one in everybody if one.side == node.side for a in one.sea_areas}
    found = [f"{one.side}/{one.authority}" for one in everybody if not wanted or wanted & set(one.sea_areas)]
    if not found:
        raise RequestError(
            f"no rescue centre for `{', '.join(areas)}`",
            field="areas",
            way_out="Ring the nearest centre; the register names its sea areas.",
        )
    return sorted(set(found))


def ring(node: Node, names: Any) -> tuple[Mapping[str, str], ...]:
    """Whom to ring, and where: the telephone comes first. A name without a Side is that of a partner node."""
    said: list[Mapping[str, str]] = []
    for name in names:
        side, _, authority = str(name).partition("/")
        if authority:
            said.append({"name": node.name_of(side, authority), "number": node.telephone_of(side, authority)})
        else:
            said.extend(ring_partner(node, side))
    return tuple(said)


def to_ring(node: Node) -> tuple[Mapping[str, str], ...]:
    """The rescue centres for this Side's sea areas, to ring when nothing else is at hand; none for a Side
    without a sea. Needs no store.
    """
    try:
        return ring(node, sorted(rescue_centres(node), key=lambda one: not one.startswith(f"{node.side}/")))
    except RequestError:
        return ()


def ring_partner(node: Node, peer: str) -> list[Mapping[str, str]]:
    """The numbers of a partner node: its rescue centres, else those of its Side, else its name alone."""
    known = next((one.card.facts for one in node.contact.partners() if one.node == peer), None)
    if known is None:
        return []
    side = str(known.side)
    centres = [one.authority for one in node.rescue_register(node.world.clock.now()) if one.side == side]
    own = [name for name in centres if name in known.authorities]
    return list(ring(node, [f"{side}/{name}" for name in own or centres or known.authorities]))


def locked(node: Node, reference: str, body: Mapping[str, Any]) -> bytes:
    return node.vault.lock(canonical(dict(body)), f"distress/{reference}")
