"""Agreements in force at this node: activated with signatures and a proof, suspended, resumed, ended.

An activation takes two people, the signature of every Side, and a proof found here of every safeguard on
every day ahead. A suspension takes one person and counts at once; rescue goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from cordiale.agreements.life import Act, Step, Treatment, check_may
from cordiale.agreements.model import Agreement
from cordiale.agreements.proofs.ahead import Ahead, prove_ahead
from cordiale.agreements.proofs.prove import noon
from cordiale.agreements.proofs.solving import CAP_S
from cordiale.agreements.register import Register
from cordiale.errors import AccountError, UsageError
from cordiale.ledger import Commitment, Entry, Kind
from cordiale.ledger.entry import Fact
from cordiale.node import agreements_counting as counting
from cordiale.node import agreements_kept as kept
from cordiale.node import agreements_treated as treated
from cordiale.node import network_proved
from cordiale.node.agreements_standing import standing_of
from cordiale.node.people import Officer, Verb, needs
from cordiale.node.proving import breach
from cordiale.seals import canonical, digest

if TYPE_CHECKING:
    from cordiale.node.node import Node

Tell = Callable[[str], None]
Two = tuple[Officer, Officer]


def activate(
    node: Node,
    by: Two,
    agreement: str,
    *,
    version: int | None = None,
    on: date | None = None,
    cap_s: float = CAP_S,
    tell: Tell = lambda _: None,
) -> dict[str, Any]:
    """Bring a signed text into force, from today or a later day. Two people, every Side's signature, a proof
    of every safeguard for every day ahead, and one of all agreements in force together, found and re-checked
    here and now.

    Raises UsageError naming what is missing; where a safeguard fails, with the request that breaks it.
    """
    two(by)
    at = node.contact.moment()
    digest, number = chosen(node, agreement, version)
    text = node.store.read(lambda tx: kept.agreement_of(tx, digest))
    _all_signed(node, text)
    if on is not None and on < at.date():
        raise UsageError(f"{on} has passed", field="from", way_out="It counts from today on, or later.")
    _later_version(node, text)
    register = as_if(node, text)
    ahead = prove_ahead(text, register, at, cap_s=cap_s, tell=tell)
    keep_proof(node, text, register, ahead)
    if not ahead.holds:
        raise not_proved(text, ahead)
    _with_all_others(node, text, register, at if on is None else noon(on), tell=tell)
    step = step_of(node, text, Act.ACTIVATED, by, on=on or at.date())
    _take(node, replace(step, version=number))
    return {"agreement": text.id, "version": text.version, "from": str(step.on), "state": "in_force"}


def suspend(node: Node, by: Officer, agreement: str, reason: str) -> dict[str, Any]:
    """Suspend an agreement at once. One person is enough, and rescue goes on."""
    if not (by.may(Verb.OVERSEE) or by.may(Verb.LAW)):
        needs(by, Verb.OVERSEE)
    return _stopped(node, (by,), agreement, Act.SUSPENDED, reason=reason)


def resume(node: Node, by: Two, agreement: str, reason: str) -> dict[str, Any]:
    """Take a suspension away; two people."""
    two(by)
    return _stopped(node, by, agreement, Act.RESUMED, reason=reason)


def end(node: Node, by: Two, agreement: str, reason: str, *, treatment: str) -> dict[str, Any]:
    """End an agreement from today; two people. `treatment` of what was received: keep or erase."""
    two(by)
    if treatment not in tuple(Treatment):
        raise UsageError(
            f"`{treatment}` is no treatment of what was received",
            field="treatment",
            way_out="Say `keep` (until its retention ends) or `erase` (now).",
        )
    told = _stopped(node, by, agreement, Act.ENDED, reason=reason, treatment=treatment)
    if treatment == Treatment.ERASE:
        told["erased"] = treated.erase_received(node)
    return told


def _stopped(
    node: Node, by: tuple[Officer, ...], agreement: str, act: Act, *, reason: str, treatment: str = ""
) -> dict[str, Any]:
    text = node.register.agreement(agreement) or node.files.agreement(agreement)
    if text is None or text.is_law:
        raise UsageError(
            f"no agreement `{agreement[:80]}` here", field="agreement", way_out="`cordiale agreement status`."
        )
    check_may(act, standing_of(node, agreement), reason)
    step = step_of(node, text, act, by, reason=reason.strip(), treatment=treatment)
    _take(node, step)
    return {"agreement": agreement, "state": standing_of(node, agreement).state, "from": str(step.on)}


def two(by: Two) -> None:
    """Raise AccountError unless two different people may do this."""
    for one in by:
        needs(one, Verb.LAW)
    if by[0].id == by[1].id:
        raise AccountError(
            "two different people do this together", field="and", way_out="Ask a second person."
        )


def step_of(
    node: Node,
    text: Agreement,
    act: Act,
    by: tuple[Officer, ...],
    *,
    on: date | None = None,
    reason: str = "",
    treatment: str = "",
) -> Step:
    at = node.contact.moment()
    return Step(
        agreement=text.id,
        version=text.version,
        digest=text.digest,
        act=act,
        on=on or at.date(),
        at=at,
        by=tuple(one.name for one in by),
        reason=reason,
        treatment=treatment,
    )


def _take(node: Node, step: Step) -> None:
    """Keep the step, with its place in the ledger, and count anew."""

    def act(tx: Connection) -> None:
        kept.keep_step(tx, step)
        log(node, tx, step)

    node.store.write(act)
    counting.recount(node)
    node.announce("alarm")


def log(node: Node, tx: Connection, step: Step) -> None:
    """The ledger's entry of a step: who and why stand there as commitments."""
    facts: dict[str, Fact] = {
        "agreement": step.agreement,
        "version_number": step.version,
        "text_digest": step.digest,
        "state": step.act.value,
        "valid_from": str(step.on),
    }
    said = {"by": Commitment.to("by", list(step.by))}
    if step.reason:
        said["reason"] = Commitment.to("reason", step.reason)
    node.log.append(tx, Entry(Kind.AGREEMENT, step.at, facts, said))


# ---------------------------------------------------------------------- what an activation needs


def chosen(node: Node, agreement: str, version: int | None) -> tuple[str, int]:
    """(digest, version) of the text to activate: the newest kept, unless a version is named."""
    versions = node.store.read(lambda tx: kept.versions_of(tx, agreement))
    number = version if version is not None else max(versions, default=0)
    if number not in versions:
        raise UsageError(
            f"no signed text of `{agreement[:80]}`{f', version {version},' if version else ''} lies here",
            field="agreement",
            way_out="`cordiale agreement sign` signs one; `cordiale agreement take` takes a partner's.",
        )
    return versions[number], number


def _all_signed(node: Node, text: Agreement) -> None:
    signed = {one.side for one in node.store.read(lambda tx: kept.signatures_of(tx, text.digest))}
    missing = [one.code for one in text.side if one.code not in signed]
    if missing:
        raise UsageError(
            f"{', '.join(missing)} has not signed version {text.version} of `{text.id}`",
            field="signatures",
            way_out="Hand the signed file over, and take theirs with `cordiale agreement take`.",
        )


def _later_version(node: Node, text: Agreement) -> None:
    """An amendment has a higher number; a text that has ended comes back as it was, or as a later one."""
    active = standing_of(node, text.id)
    if active.digest and text.version < active.version:
        raise UsageError(
            f"version {active.version} of `{text.id}` was in force, and this is version {text.version}",
            field="version",
            way_out="An amendment has a higher number.",
        )
    if active.state == "in_force" and active.digest == text.digest:
        raise UsageError(
            f"version {text.version} of `{text.id}` is in force since {active.since}", field="version"
        )


def as_if(node: Node, text: Agreement) -> Register:
    """What would count with this text in force, for proving it."""
    step = step_of(node, text, Act.ACTIVATED, ())
    own = bool(node.settings.texts)

    def found(tx: Connection) -> Register:
        return counting.counting(node.files, tx, step.on, own=own, supposed=(step, text))

    return node.store.read(found)


def keep_proof(node: Node, text: Agreement, register: Register, ahead: Ahead) -> None:
    """Keep what became of our own proof, with the ledger's entry."""
    at = node.contact.moment()
    why = tuple(f"{day}: {one.says}" for day, one in ahead.failing)
    found = kept.Proved(kept.OURS, register.texts_digest, ahead.holds, why, at)

    def act(tx: Connection) -> None:
        kept.keep_proof(tx, text.digest, found, ahead.certificates if ahead.holds else ())
        log_proof(node, tx, text, found)

    node.store.write(act)


def _with_all_others(node: Node, text: Agreement, register: Register, at: datetime, *, tell: Tell) -> None:
    """Raise UsageError unless, with this text beside all that is in force, no chain of any length tells a
    state of its own people, and no message tells who is protected. The outcome stands in the ledger.
    """
    tell(f"{text.id}, with all agreements in force on {at.date()}")
    whole = network_proved.proved(register, at)
    facts: dict[str, Fact] = {
        "agreement": text.id,
        "version_number": text.version,
        "text_digest": text.digest,
        "state": "network",
        "outcome": "holds" if whole.holds else "refused",
        "content": digest(canonical(whole.as_json())),
    }
    entry = Entry(Kind.AGREEMENT, node.contact.moment(), facts)
    node.store.write(lambda tx: node.log.append(tx, entry))
    if not whole.holds:
        told = "; ".join(line.strip() for line in network_proved.lines(whole))
        raise UsageError(
            f"`{text.id}` with the others: {told}",
            field="proof",
            way_out="`cordiale agreement prove --network` shows all of it.",
        )


def log_proof(node: Node, tx: Connection, text: Agreement, found: kept.Proved, *, peer: str = "") -> None:
    """The ledger's entry of a proof found here, or of a partner's that was re-checked here."""
    facts: dict[str, Fact] = {
        "agreement": text.id,
        "version_number": text.version,
        "text_digest": text.digest,
        "state": "proved" if found.origin == kept.OURS else "rechecked",
        "outcome": "holds" if found.holds else "refused",
    }
    if peer:
        facts["side"] = peer
    node.log.append(tx, Entry(Kind.AGREEMENT, found.at, facts))


def not_proved(text: Agreement, ahead: Ahead) -> UsageError:
    """Why a text cannot be signed or activated: the first safeguard that fails, with its request."""
    day, first = next(
        ((d, one) for d, one in ahead.failing if one.breach is not None),
        ahead.failing[0] if ahead.failing else (None, None),
    )
    if first is None:
        return UsageError(f"`{text.id}` could not be proved", field="proof")
    shown = "; ".join(breach(first)) or first.why
    return UsageError(
        f"`{text.id}`, version {text.version}: {len(ahead.failing)} proofs are missing. From {day}:"
        f" {first.says} {shown}",
        field="proof",
        way_out="`cordiale agreement prove` shows all of it. Until it is proved, it is not in force.",
    )
