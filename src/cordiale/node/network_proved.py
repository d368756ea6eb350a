"""The proof of the whole network, joined: all agreements in force together, and a chain in plain words.

Works without a node, as proving does. The proof is in agreements/proofs/network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cordiale.agreements import Register
from cordiale.agreements.proofs.network.proving import NetworkProof, in_force, prove_network
from cordiale.agreements.proofs.network.route import Route, Told
from cordiale.agreements.proofs.network.silence import sights
from cordiale.agreements.proofs.prove import Outcome
from cordiale.agreements.proofs.solving import CAP_S, Solver
from cordiale.errors import UsageError


@dataclass(frozen=True, slots=True)
class Whole:
    """The network, and of each agreement whether what leaves tells who is protected."""

    network: NetworkProof
    silence: dict[str, tuple[Outcome, ...]]

    @property
    def holds(self) -> bool:
        return self.network.holds and not self.telling

    @property
    def telling(self) -> list[tuple[str, Outcome]]:
        """(agreement, sight) of all that is not proved."""
        return [(id, one) for id, each in self.silence.items() for one in each if not one.holds]

    def as_json(self) -> dict[str, Any]:
        """`{"network": {…}, "silence": [{"id", "sights": [{"name", "status", "certificate", …}]}]}`."""
        told = [{"id": id, "sights": [one.as_json() for one in each]} for id, each in self.silence.items()]
        return self.network.as_json() | {"silence": told}


def proved(
    register: Register,
    at: datetime,
    *,
    cap_s: float = CAP_S,
    heedless: tuple[str, ...] = (),
    begun_by: str = "",
) -> Whole:
    """Whether any chain tells a state of its own people, or a message who is protected.

    Raises UsageError for a Side that is not known.

    `heedless`, `begun_by` as `prove_network` has them.
    """
    for side in (*heedless, *((begun_by,) if begun_by else ())):
        if side not in register.sides:
            raise UsageError(f"no Side `{side}` here", way_out="`cordiale agreement list` shows the Sides.")
    with Solver() as by:
        careless = frozenset(heedless)
        network = prove_network(register, at, by=by, cap_s=cap_s, heedless=careless, begun_by=begun_by)
        silence = {text.id: sights(text, register, at, by=by, cap_s=cap_s) for text in in_force(register, at)}
    return Whole(network, silence)


def lines(whole: Whole) -> Iterator[str]:
    """What became of it, for people; each chain as a table of who tells whom under which article."""
    yield from _network(whole.network)
    count = sum(map(len, whole.silence.values()))
    if not whole.telling:
        yield f"no message tells who is protected: {count} proofs by two copies, each re-checked"
    for id, one in whole.telling:
        yield f"{id}: not shown: {one.says} {one.why}"


def _network(found: NetworkProof) -> Iterator[str]:
    size = f"{len(found.agreements)} agreements, {found.edges} ways from Side to Side"
    if found.heedless:
        yield f"as if these did not keep the limits that came with a message: {', '.join(found.heedless)}"
    if found.holds and found.certificate is not None:
        count = sum(map(len, found.certificate.rests_on.values()))
        yield f"the network as of {found.day} holds: {size}"
        yield "  no chain of any length tells a state of its own people; re-checked way by way,"
        yield f"  resting on {count} certificates, each re-checked"
        return
    yield f"the network as of {found.day} {'IS BROKEN' if found.routes else 'is not proved'}: {size}"
    if found.why:
        yield f"  {found.why}"
    for route in found.routes:
        yield from chain(route)


def chain(route: Route) -> Iterator[str]:
    """One chain: whom it is about, and every hop."""
    item = route.hops[0].request["items"][0]["category"]
    yield f"  {item} of a person who fled {route.origin} reaches {route.origin}:"
    for number, hop in enumerate(route.hops, start=1):
        yield from _hop(number, hop)


def _hop(number: int, hop: Told) -> Iterator[str]:
    told = hop.as_json()
    act, kind = hop.request["act"], str(hop.request["type"]).replace("_", " ")
    yield f"  {number}. {told['from']} -> {told['to']}: {act}, {kind}, for {hop.request['purpose']}"
    yield f"     under {told['agreement']}/{told['provision']} ({told['article']})"
    limits = [name if not listed else f"{name} {', '.join(listed)}" for name, listed in hop.answer.travels]
    yield f"     goes with: {'; '.join(limits).replace('_', ' ') or 'no limit'}"
    if not hop.heeds:
        yield "     its node does not keep the limits that came with it"
    if told["papers"]:
        yield f"     with papers in thought: {', '.join(told['papers']).replace('_', ' ')}"
