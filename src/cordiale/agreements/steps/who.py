"""Step 4: who may do what. A body that an agreement does not name is not a party to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cordiale.agreements.case import Case
from cordiale.agreements.model import Agreement, PartyAuthority, PartySide, Requirement
from cordiale.agreements.question import End
from cordiale.agreements.steps.needs import met
from cordiale.agreements.vocabulary import DEPLOYED, SENSITIVE_ACTS
from cordiale.terms import Capacity

POSTED_ARTICLE: Final = "House rule: whoever is posted does what the text of the posting names"


def check(case: Case) -> None:
    """Both ends are parties; the provision covers act, type, direction, channel, kind and capacity."""
    for end in (case.asked.from_, case.asked.to):
        _party(case, end)
        if end.on_behalf_of:
            side, _, authority = end.on_behalf_of.rpartition("/")
            _party(case, End(side=side or end.side, authority=authority))
    _capacity(case)
    if case.line is not None:
        _covered(case)


def party_sides(agreement: Agreement, case: Case, side: str) -> Iterator[PartySide]:
    """The Sides of the agreement that stand for `side`: itself, or a bloc it belongs to on the day."""
    for each in agreement.side:
        if each.code == side or (each.bloc and case.day.member(side, each.code)):
            yield each


def named(agreement: Agreement, case: Case, end: End) -> list[PartyAuthority]:
    """The lines that name this body, by id or by kind, whatever their dates."""
    kind = case.day.kind_of(end.side, end.authority)
    return [
        one
        for side in party_sides(agreement, case, end.side)
        for one in side.authority
        if one.id == end.authority or (one.kind and one.kind == kind)
    ]


def _party(case: Case, end: End) -> None:
    agreement, asked = case.agreement, case.asked
    assert agreement is not None, "step 4 is asked of an agreement"
    lines = named(agreement, case, end)
    body = f"{end.side}/{end.authority}"
    words = {"authority": body, "agreement": agreement.id}
    if not lines:
        case.refuse(4, case.said("not_party", **words), agreement)
    elif not any(one.in_force(case.day.on) for one in lines):
        case.refuse(5, case.said("party_dates", authority=body, day=case.day.on), lines[0])
    elif not any(
        (not one.acts or asked.act in one.acts) and (not one.types or asked.type in one.types)
        for one in lines
        if one.in_force(case.day.on)
    ):
        case.refuse(4, case.said("party_limits", **words), lines[0])


def _capacity(case: Case) -> None:
    """Posted staff do what their posting lists; no machine does what bears on a person."""
    asked, agreement = case.asked, case.agreement
    capacity, act = asked.from_.capacity, asked.act
    if capacity == Capacity.MACHINE and act in SENSITIVE_ACTS:
        case.refuse(4, case.said("machine"), article="House rule; LED Art 11", scope="request")
    if capacity in (Capacity.OWN_OFFICER, Capacity.MACHINE, Capacity.EXAMINER):
        return
    rows = [d for d in agreement.deployment if capacity in d.capacities] if agreement else []
    words = {"capacity": capacity, "act": act}
    if act in SENSITIVE_ACTS and not any(d.executive and act in d.acts for d in rows):
        article = rows[0].article if rows else "House rule: posted staff hold no power"
        case.refuse(
            4, case.said("deployed", **words), rows[0] if rows else None, article=article, scope="request"
        )
    elif capacity in DEPLOYED and not rows:
        case.refuse(4, case.said("not_posted", capacity=capacity), agreement, article=POSTED_ARTICLE)
    elif rows and not any(not d.acts or act in d.acts for d in rows):
        case.refuse(4, case.said("deployed", **words), rows[0])
    elif rows and (capacity in DEPLOYED or (asked.from_.person and asked.from_.person.deployment)):
        for name in rows[0].needs:
            if not met(case, Requirement(record=name), article=rows[0].article):
                case.refuse(4, case.said("record_must", name=name), rows[0], curable=True)


def _covered(case: Case) -> None:
    asked, line, day = case.asked, case.line, case.day
    assert line is not None
    sender, recipient = asked.from_.side, asked.to.side
    kinds = [day.kind_of(e.side, e.authority) for e in (asked.from_, asked.to)]
    if line.confidence == "unconfirmed":
        case.refuse(4, case.said("unconfirmed", read=line.read), line)
    if asked.type not in line.types:
        case.refuse(4, case.said("type", type=asked.type), line)
    if asked.act not in line.acts:
        case.refuse(4, case.said("act", act=asked.act), line)
    if not day.along(sender, recipient, line.directions):
        case.refuse(4, case.said("direction", sender=sender, recipient=recipient), line)
    if line.channel and asked.channel not in line.channel:
        case.refuse(4, case.said("channel", channel=asked.channel), line)
    for kind in sorted(set(kinds)):
        if kind in line.not_authority_kinds or (line.authority_kinds and kind not in line.authority_kinds):
            case.refuse(4, case.said("kind", kind=kind), line)
    if line.capacities and asked.from_.capacity not in line.capacities:
        case.refuse(4, case.said("capacity", capacity=asked.from_.capacity), line)
