"""Distress in one node: first shown and sounded, then recorded; never held, never closed by a machine.

What comes from a known partner is never refused for version, clock, order or an odd field: it is shown
with its defects. Only a named person confirms, and only a named person closes. The telephone comes first,
always.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row

from cordiale import payloads
from cordiale.errors import CordialeError, RequestError, StoreError
from cordiale.exchange import Outgoing, Received
from cordiale.exchange.claims import REJECTED
from cordiale.exchange.entries import bare
from cordiale.exchange.footing import DISTRESS_WAIT_S
from cordiale.exchange.judging import REFUSE
from cordiale.ledger import Commitment, Entry, Kind
from cordiale.ledger.entry import Fact
from cordiale.node import tables
from cordiale.node.people import Verb, needs
from cordiale.payloads.codec import tree_of
from cordiale.seals import canonical

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer

TYPE: Final = "distress_incident"
NAME_CHARS_MAX: Final = 60
UNLOGGED_MAX: Final = 200  # calls of one partner on the screen at once that the store cannot write
UNREADABLE_MAX: Final = 20  # unreadable calls of one partner that sound at once
SLIP: Final = "incident-"
"""What the names of incidents in the spool begin with."""
IN_MEMORY: Final = (
    "memory: neither database nor spool can be written; it is lost here if the program ends. Write it down."
)
MOVES: Final = ("phase", "status")
"""What a confirmation changes in the call that it repeats."""
HERE: Final = "here"
"""In place of a message id: the centre sits at this very node, and nobody there has confirmed by message."""
ASKS: Final[Mapping[str, Any]] = {
    "act": "share",
    "mode": "spontaneous",
    "urgent": "threat_to_life",
    "purpose": "rescue",
    "regime": "rescue",
    "targeting": "untargeted",
    "channel": "node",
    "automated": "no",
    "facts": {"life_at_risk": True},
}
"""What every distress call states to the gate; step 1 reads no more."""


@dataclass(frozen=True, slots=True)
class Distress:
    """A distress incident as this node shows it.

    `state`: opened (here), received or closed. `sounding`: it came from elsewhere and nobody here has
    confirmed: the page shows NOT CONFIRMED, sounds, and shows `ring`. `body` is the payload's tree
    (docs/reference). `defects` says what was odd. `centres`: each centre it went to: recipient, name,
    telephone, and who there confirmed, when. `logged` is false while the store cannot write.
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

    @property
    def unreadable(self) -> bool:
        """Whether nothing could be read of what came: only the telephone can tell what it is."""
        return not self.body


# ------------------------------------------------------------------------------ out


def open_distress(
    node: Node, officer: Officer, body: Mapping[str, Any], *, areas: Sequence[str] = ()
) -> Distress:
    """Open a distress incident and send it to every rescue centre of its sea areas, at once, without a hold.

    `body` is a distress_incident as payloads.encode writes it, or its tree alone. `areas` are sea areas of
    the register; none named means every centre that the register knows for the area of a centre of this
    Side, so that too many hear rather than too few. What cannot be reached is shown with its telephone
    number.
    """
    needs(officer, Verb.RESCUE)
    held, defects = payloads.decode_distress(body)
    at, reference = node.world.clock.now(), node.world.chance.token(8)
    centres = {
        name: {"message": "", "confirmed_by": "", "confirmed_at": "", "article": ""}
        for name in rescue_centres(node, areas)
    }
    new = Distress(
        reference,
        "opened",
        at,
        officer.name,
        "",
        tree_of(held),
        False,
        "",
        None,
        ring(node, centres),
        defects,
        (),
    )
    for name in centres:
        if name.partition("/")[0] == node.side and name.partition("/")[2] in node.authorities:
            # The centre sits at this very node: the incident is on its pages, and sounds there unless it was
            # the centre itself that opened it.
            centres[name]["message"] = "" if name.endswith(f"/{officer.authority}") else HERE
            continue
        try:
            out = _outgoing(node, officer, held, name, reference=node.world.chance.token(8))
            sent = node.contact.dispatch(out)
            centres[name] |= {"message": sent.message, "article": sent.decided.article}
            if not sent.kept:
                defects = (*defects, f"{name}: {IN_MEMORY}")
            if sent.decided.verdict == REFUSE:
                defects = (*defects, f"{name}: {sent.decided.article}: {sent.decided.sentence}")
        except CordialeError as fault:
            defects = (*defects, f"{name}: {fault}")
    return _keep_opened(node, officer, replace(new, defects=defects), centres)


def _keep_opened(
    node: Node, officer: Officer, new: Distress, centres: Mapping[str, Mapping[str, Any]]
) -> Distress:
    """Record it; where the store cannot in time, show it all the same, keep a slip of it in the spool, and
    log it when the store can.
    """
    facts: dict[str, Fact] = {
        "incident": new.reference,
        "officer": officer.id,
        "state": "opened",
        "rescue": True,
    }
    act = _opening(node, new, centres, facts)
    shown = replace(new, centres=_centres(node, centres), sounding=_sounds("opened", centres))
    try:
        node.store.submit([act])[0].result(DISTRESS_WAIT_S)
    except (CordialeError, TimeoutError):
        slip = {"facts": facts, "centres": dict(centres), "new": {**asdict(new), "opened_at": new.opened_at}}
        if not node.spool.keep(SLIP + new.reference, json.dumps(slip, default=str).encode()):
            shown = replace(shown, defects=(*shown.defects, IN_MEMORY))
        shown = replace(shown, logged=False)
        node.unlogged[new.reference] = (shown, act)
    node.announce("distress")
    return shown


def _opening(
    node: Node, new: Distress, centres: Mapping[str, Mapping[str, Any]], facts: dict[str, Fact]
) -> Callable[[Connection], None]:
    """The act that records an incident opened here; done twice, it changes nothing."""
    row = {
        "reference": new.reference,
        "state": "opened",
        "at": new.opened_at,
        "opened_by": new.opened_by,
        "other": "",
        "message_id": "",
        "defects": [bare(one) for one in new.defects],
        "sent_to": dict(centres),
        "body": _locked(node, new.reference, new.body),
    }

    def act(tx: Connection) -> None:
        if tables.distress(tx, new.reference) is None:
            tables.put_distress(tx, row)
            node.log.append(tx, Entry(Kind.RESCUE, new.opened_at, facts))

    return act


def recover(node: Node) -> int:
    """After a start: take up again what an earlier life of this node sent or showed and could not record.

    The calls are carried again until a receipt has come, the incidents stand on the pages; how many.
    """
    node.spool.prepare()
    found = node.contact.unstored.recover(node.spool, node.contact.gate)
    for _, raw in node.spool.kept(SLIP):
        try:
            slip = json.loads(raw)
            new = _from_slip(slip["new"])
            act = _opening(node, new, slip["centres"], slip["facts"])
            centres = _centres(node, slip["centres"])
        except (ValueError, LookupError, TypeError):
            continue  # it stays in the spool, and the doctor tells it; a node must start all the same
        shown = replace(new, centres=centres, sounding=_sounds("opened", slip["centres"]), logged=False)
        node.unlogged[new.reference] = (shown, act)
        found += 1
    if found:
        node.announce("distress")
    return found


def _from_slip(fields: dict[str, Any]) -> Distress:
    moment, lists = datetime.fromisoformat(fields["opened_at"]), ("ring", "defects", "centres")
    return Distress(**{**fields, "opened_at": moment, **{name: tuple(fields[name]) for name in lists}})


def _sounds(state: str, centres: Mapping[str, Mapping[str, Any]]) -> bool:
    """It sounds when it came from elsewhere, or was opened here by somebody else than the centre here."""
    return state == "received" or (
        state == "opened" and any(c.get("message") == HERE for c in centres.values())
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


def _outgoing(
    node: Node, officer: Officer, held: payloads.Carried, recipient: str, *, reference: str, about: str = ""
) -> Outgoing:
    asks = {**ASKS, "act": "answer", "mode": "on_request"} if about else ASKS
    return Outgoing(
        kind="answer" if about else "notice",
        sender=f"{node.side}/{officer.authority}",
        recipient=recipient,
        body=held,
        asks=asks,
        reference=reference,
        about=about,
        officer=officer.id,
    )


# ------------------------------------------------------------------------------ in


def show(node: Node, received: Received) -> None:
    """Show and sound a call that the store has not confirmed yet. Called twice, it changes nothing."""
    if received.message in node.unlogged:
        return
    if received.outcome == REJECTED and _too_many(received, distresses(node)):
        return
    node.unlogged[received.message] = (_with_count(node, _received(node, received, logged=False)), None)
    node.announce("distress")


def _with_count(node: Node, new: Distress) -> Distress:
    """A call as it is shown; where its partner has very many that only memory holds, the newest stand for
    all, and say how many there are: each earlier one comes again until it is recorded.
    """
    earlier = [
        key for key, (one, act) in list(node.unlogged.items()) if act is None and one.other == new.other
    ]
    over = len(earlier) - UNLOGGED_MAX + 1
    for key in earlier[: max(0, over)]:
        node.unlogged.pop(key, None)
    if over <= 0:
        return new
    node.unshown[new.other] = node.unshown.get(new.other, 0) + over
    says = f"{node.unshown[new.other]} earlier calls of this partner make way for the newest: ring it"
    return replace(new, defects=(*new.defects, says))


def take(node: Node, tx: Connection, received: Received) -> None:
    """What a distress message does here, in the transaction of its receipt or, if it is not believed, of its
    refusal: it is shown and sounds, with its defects, until a named person has confirmed it.
    """
    node.later.append("distress")
    if _confirms(received) and _acknowledged(node, tx, received):
        return
    new = _received(node, received)
    if tables.distress(tx, new.reference) is None:
        if received.outcome == REJECTED:
            if _too_many(received, tables.open_distresses(tx)):
                return
            _log_claim(node, tx, new)
        row = {
            "reference": new.reference,
            "state": "received",
            "at": new.opened_at,
            "opened_by": new.opened_by,
            "other": new.other,
            "message_id": received.message,
            "defects": [bare(one) for one in new.defects],
            "sent_to": {},
            "body": _locked(node, new.reference, new.body),
        }
        tables.put_distress(tx, row)


def _too_many(received: Received, shown: Iterable[Any]) -> bool:
    """Whether this partner has so many unreadable calls sounding that one more helps nobody: its alarm and
    its ledger entry stand, and somebody must ring there anyway. Calls that are believed have no limit.
    """
    unread = (one for one in shown if one.other == received.peer and not one.confirmed_by)
    return sum(1 for _ in unread) >= UNREADABLE_MAX


def _log_claim(node: Node, tx: Connection, new: Distress) -> None:
    """Nobody's message stands behind it, so the ledger tells of the incident itself."""
    facts: dict[str, Fact] = {
        "incident": new.reference,
        "state": "received",
        "rescue": True,
        "peer": new.other,
    }
    node.log.append(tx, Entry(Kind.RESCUE, new.opened_at, facts))


def _received(node: Node, received: Received, *, logged: bool = True) -> Distress:
    """What came, as it is shown; the message id names it, so that a second copy is the same incident here."""
    letter = received.letter
    sender = letter.sender if letter is not None else received.peer
    body = dict(tree_of(received.body)) if received.body is not None else {}
    shown = ring(node, [sender])
    if body.get("telephone_to_ring"):
        shown = ({"name": str(body.get("centre", sender)), "number": str(body["telephone_to_ring"])}, *shown)
    return Distress(
        reference=reference_of(received.message),
        state="received",
        opened_at=node.world.clock.now(),
        opened_by=sender,
        other=sender,
        body=body,
        sounding=True,
        confirmed_by="",
        confirmed_at=None,
        ring=shown,
        defects=received.defects,
        centres=(),
        logged=logged,
    )


def reference_of(message: str) -> str:
    """The incident that a call makes here: the beginning of its message id."""
    return message.removeprefix("sha256:")[:16]


def _confirms(received: Received) -> bool:
    """Whether it says no more than: we have your call. Anything else is a call of its own and sounds.

    A new call that names an old one must never be swallowed by it (Cranston Inquiry, 2026: a second boat was
    taken for the first).
    """
    letter = received.letter
    if letter is None or not letter.about or letter.kind != "answer" or received.body is None:
        return False
    said = letter.grounds.get("act") == "answer"
    return said and dict(tree_of(received.body)).get("phase") == "operation_ongoing"


def _acknowledged(node: Node, tx: Connection, received: Received) -> bool:
    """A centre has confirmed a call of ours: note who, on the incident that it answers.

    Only what repeats our own call back is a confirmation; an answer that says anything else sounds.
    """
    letter = received.letter
    assert letter is not None
    for row in tables.open_distresses(tx):
        sent = {name: dict(one) for name, one in row.sent_to.items()}
        if letter.sender not in sent or sent[letter.sender].get("message") != letter.about:
            continue
        ours = json.loads(node.vault.unlock(row.body, f"distress/{row.reference}"))
        said = json.loads(canonical(dict(tree_of(received.body)))) if received.body is not None else {}
        if any(_told(ours.get(name)) != _told(value) for name, value in said.items() if name not in MOVES):
            return False
        sent[letter.sender] |= {"confirmed_by": letter.sender, "confirmed_at": letter.sent_at.isoformat()}
        tables.change_distress(tx, row.reference, sent_to=sent)
        return True
    return False


def _told(value: Any) -> Any:
    """What was told, without the subject ids, which are counted anew on the way."""
    if isinstance(value, Mapping):
        return {name: _told(inner) for name, inner in value.items() if name != "subject"}
    return [_told(inner) for inner in value] if isinstance(value, list) else value


# ------------------------------------------------------------------------------ what a person sees and does


def distresses(node: Node) -> list[Distress]:
    """Every incident that nobody has closed, unconfirmed first, then newest. Works while the store cannot
    write.
    """
    try:
        stored = [_from_row(node, row) for row in node.store.read(tables.open_distresses)]
    except StoreError:
        stored = []
    known = {one.reference for one in stored}
    for key, (shown, _) in list(node.unlogged.items()):
        if shown.reference in known:
            node.unlogged.pop(key, None)  # it is recorded now
    unlogged = [shown for shown, _ in list(node.unlogged.values())]
    return sorted([*unlogged, *stored], key=lambda one: (not one.sounding, -one.opened_at.timestamp()))


def distress(node: Node, reference: str) -> Distress:
    """One incident, closed or not. Raises RequestError when there is none."""
    for one in distresses(node):
        if one.reference == reference:
            return one
    row = node.store.read(lambda tx: tables.distress(tx, reference))
    if row is None:
        raise RequestError(f"there is no incident `{reference[:80]}` here", field="reference")
    return _from_row(node, row)


def confirm_distress(node: Node, officer: Officer, reference: str, person: str) -> Distress:
    """A named person here says: we have it. The sound stops, the ledger says so, the sender is told."""
    needs(officer, Verb.RESCUE)
    _named(person)
    held = distress(node, reference)
    at = node.world.clock.now()
    # Who is named and who signed in may differ at night: both are shown, nobody confirms in another's name.
    named = person.strip()
    said = named if named == officer.name else f"{named} ({officer.name[:50]})"

    def act(tx: Connection) -> None:
        row = _still_open(tx, reference)
        if row.confirmed_by:
            raise RequestError(f"`{reference}` has been confirmed by {row.confirmed_by}", field="reference")
        tables.change_distress(tx, reference, confirmed_by=said, confirmed_at=at)
        facts: dict[str, Fact] = {
            "incident": reference,
            "officer": officer.id,
            "state": "confirmed",
            "rescue": True,
        }
        committed = {"person": Commitment.to("person", person.strip())}
        node.log.append(tx, Entry(Kind.CONFIRMATION, at, facts, committed))

    node.store.write(act)
    if held.state == "received":
        _tell_sender(node, officer, held)
    node.announce("distress")
    return distress(node, reference)


def _tell_sender(node: Node, officer: Officer, held: Distress) -> None:
    if "/" not in held.other:
        return  # nobody could read from which authority it came: the telephone alone tells them
    row = node.store.read(lambda tx: tables.distress(tx, held.reference))
    assert row is not None
    body = {**held.body, "phase": "operation_ongoing"}
    answer, _ = payloads.decode_distress({"type": TYPE, "model": "report", "version": 1, "body": body})
    reference = node.world.chance.token(8)
    node.contact.dispatch(
        _outgoing(node, officer, answer, held.other, reference=reference, about=row.message_id)
    )


def close_distress(
    node: Node, officer: Officer, reference: str, person: str, *, evidence: Sequence[str]
) -> None:
    """A named person closes it, on positive evidence that these very people are safe. No machine may, nor
    a visitor.

    `evidence`: what shows it (the vessel's report, the count on the quay). Wrongly believing a boat
    rescued costs lives (Cranston Inquiry, 2026).
    """
    needs(officer, Verb.EXECUTIVE)
    _named(person)
    shown = [one.strip() for one in evidence if one.strip()]
    if not shown:
        raise RequestError("say what shows that these very people are safe", field="evidence")
    distress(node, reference)
    at = node.world.clock.now()

    def act(tx: Connection) -> None:
        _still_open(tx, reference)
        tables.change_distress(tx, reference, state="closed", closed_by=person.strip())
        facts: dict[str, Fact] = {
            "incident": reference,
            "officer": officer.id,
            "state": "closed",
            "rescue": True,
        }
        committed = {
            "person": Commitment.to("person", person.strip()),
            "evidence": Commitment.to("evidence", shown),
        }
        node.log.append(tx, Entry(Kind.RESCUE, at, facts, committed))

    node.store.write(act)
    node.announce("distress")


def _still_open(tx: Connection, reference: str) -> Row[Any]:
    """The incident as it is recorded. Raises RequestError for one that is closed, or that only memory holds:
    who closed it stays who closed it, and the ledger tells of nothing that did not happen.
    """
    row = tables.distress(tx, reference)
    if row is None:
        raise RequestError(
            f"`{reference}` is shown but not recorded yet",
            field="reference",
            way_out="Ring now; try again in a moment.",
        )
    if row.state == "closed":
        raise RequestError(f"`{reference}` has been closed by {row.closed_by}", field="reference")
    return row


def log_what_was_shown(node: Node) -> int:
    """Record incidents opened here while the store could not write. Returns how many still wait."""
    for key, (_, act) in list(node.unlogged.items()):
        if act is None:
            continue  # it came from elsewhere: the contact point records it
        try:
            node.store.write(act)
        except StoreError:
            break
        except CordialeError:
            continue  # it stays on the screen; the others go on
        node.unlogged.pop(key, None)
        node.spool.drop(SLIP + key)
    return len(node.unlogged)


def _named(person: str) -> None:
    if not 2 <= len(person.strip()) <= NAME_CHARS_MAX:
        raise RequestError("give the name of the person", field="person")


def _locked(node: Node, reference: str, body: Mapping[str, Any]) -> bytes:
    return node.vault.lock(canonical(dict(body)), f"distress/{reference}")


def _from_row(node: Node, row: Row[Any]) -> Distress:
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
        sounding=not row.confirmed_by and _sounds(row.state, row.sent_to),
        confirmed_by=row.confirmed_by,
        confirmed_at=row.confirmed_at,
        ring=shown,
        defects=tuple(row.defects),
        centres=_centres(node, row.sent_to),
    )


def _centres(node: Node, sent_to: Mapping[str, Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    return tuple(
        {
            "recipient": name,
            "name": node.name_of(*name.split("/", 1)),
            "telephone": node.telephone_of(*name.split("/", 1)),
            **dict(one),
        }
        for name, one in sent_to.items()
    )
