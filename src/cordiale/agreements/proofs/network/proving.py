"""Proves of all agreements in force together that no chain tells a state of its own people, or shows a chain.

The certificate of the network names the certificates that it rests on and carries them. A receiver draws its
own edges, follows each proof with the small checker, and then the set, edge by edge (inductive.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from cordiale.agreements.explain import state
from cordiale.agreements.model import Agreement, Provision
from cordiale.agreements.proofs.certificate import Certificate, recheck_all
from cordiale.agreements.proofs.network.graph import Drawn, origins_of, readers
from cordiale.agreements.proofs.network.inductive import Edge, holds
from cordiale.agreements.proofs.network.route import Hop, Route, replayed
from cordiale.agreements.proofs.network.walk import leaks, least, shortest
from cordiale.agreements.proofs.prove import PROVED, REFUTED, UNKNOWN, span
from cordiale.agreements.proofs.solving import CAP_S, Asks, Solver
from cordiale.agreements.register import Register
from cordiale.errors import CertificateError

FORMAT: Final = 1
CHAINS_MAX: Final = 30
"""So many chains to one state are asked of the gate before a person must look."""
NOBODY: Final = frozenset[str]()
NOT_SHOWN: Final = "the set is not closed, but no chain was found that the gate permits: a person must look"
Lemmas = Mapping[str, Mapping[str, Certificate]]
"""Agreement -> lemma -> its certificate."""


@dataclass(frozen=True, slots=True)
class NetworkCertificate:
    """Who may come to hold something about the people of which state, and what that rests on.

    `limited`, `bare`: holder -> states, with a limit against that state or without.
    """

    texts: str
    from_: date
    until: date | None
    origins: tuple[str, ...]
    limited: Mapping[str, tuple[str, ...]]
    bare: Mapping[str, tuple[str, ...]]
    rests_on: Lemmas

    def as_json(self) -> dict[str, Any]:
        """Every field in plain types; each certificate that it rests on with the digest of its statement."""
        return {
            "format": FORMAT,
            "texts": self.texts,
            "from": self.from_.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "origins": list(self.origins),
            "limited": {holder: list(states) for holder, states in sorted(self.limited.items())},
            "bare": {holder: list(states) for holder, states in sorted(self.bare.items())},
            "rests_on": {
                id: {name: one.as_json() for name, one in sorted(each.items())}
                for id, each in sorted(self.rests_on.items())
            },
        }

    @classmethod
    def from_json(cls, told: Mapping[str, object]) -> NetworkCertificate:
        """Read one. Raises CertificateError naming the field; whether it holds, `recheck_network` says."""
        for name in told:
            if name not in FIELDS:
                raise CertificateError("a certificate of a network has no such field", field=name)
        for name in FIELDS:
            if name not in told:
                raise CertificateError("the field is missing", field=name)
        if told["format"] != FORMAT:
            raise CertificateError(f"only format {FORMAT} is known here", field="format")
        until = None if told["until"] is None else _day(told, "until")
        texts, origins = told["texts"], _names(told["origins"], "origins")
        if not isinstance(texts, str):
            raise CertificateError("a digest is wanted", field="texts")
        held = {name: _held(told[name], name) for name in ("limited", "bare")}
        return cls(texts, _day(told, "from"), until, origins, held["limited"], held["bare"], _lemmas(told))


FIELDS: Final = ("format", "texts", "from", "until", "origins", "limited", "bare", "rests_on")


def _day(told: Mapping[str, object], name: str) -> date:
    try:
        return date.fromisoformat(str(told[name]))
    except ValueError:
        raise CertificateError("a day is wanted, written as 2026-11-23", field=name) from None


def _names(value: object, field: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise CertificateError("a list of states is wanted", field=field)
    return tuple(value)


def _held(value: object, field: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise CertificateError("a table of holders is wanted", field=field)
    return {str(holder): _names(states, field) for holder, states in value.items()}


def _lemmas(told: Mapping[str, object]) -> dict[str, dict[str, Certificate]]:
    value = told["rests_on"]
    if not isinstance(value, dict) or not all(isinstance(each, dict) for each in value.values()):
        raise CertificateError("a table of certificates by agreement is wanted", field="rests_on")
    return {
        str(id): {str(name): Certificate.from_json(_table(one)) for name, one in each.items()}
        for id, each in value.items()
    }


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise CertificateError("a certificate is wanted", field="rests_on")
    return value


@dataclass(frozen=True, slots=True)
class NetworkProof:
    """What became of the network on one day."""

    day: date
    status: str
    agreements: tuple[str, ...]
    edges: int
    heedless: tuple[str, ...] = ()
    certificate: NetworkCertificate | None = None
    rechecked: bool = False
    routes: tuple[Route, ...] = ()
    why: str = ""

    @property
    def holds(self) -> bool:
        return self.status == PROVED and self.rechecked

    def as_json(self) -> dict[str, Any]:
        """`{"network": {"day", "status", "rechecked", "agreements", "edges", "certificate", "routes"}}`."""
        found: dict[str, Any] = {
            "day": self.day.isoformat(),
            "status": self.status,
            "rechecked": self.rechecked,
            "agreements": list(self.agreements),
            "edges": self.edges,
            "certificate": self.certificate.as_json() if self.certificate else None,
            "routes": [route.as_json() for route in self.routes],
        }
        found |= {"heedless": list(self.heedless)} if self.heedless else {}
        return {"network": found | ({"why": self.why} if self.why else {})}


def in_force(register: Register, at: datetime) -> tuple[Agreement, ...]:
    """The agreements that let anything pass on the day: whatever is in force, or may be, in whole or part."""
    day = register.on(at)
    return tuple(a for a in register.agreements if state(a, day) not in ("ended", "not yet"))


def prove_network(
    register: Register,
    at: datetime,
    *,
    by: Asks | None = None,
    cap_s: float = CAP_S,
    heedless: Set[str] = NOBODY,
    begun_by: str = "",
) -> NetworkProof:
    """Prove that no chain of any length tells a state of its own people, or show the chains that do.

    `heedless`: Sides whose nodes are thought not to keep the limits that came with a message. `begun_by`:
    show chains that begin at this Side, where there are such. `cap_s`: seconds for one question.
    """
    if by is None:
        with Solver() as solver:
            return prove_network(register, at, by=solver, cap_s=cap_s, heedless=heedless, begun_by=begun_by)
    drawn = [Drawn.of(agreement, register, at) for agreement in in_force(register, at)]
    lemmas = {one.agreement.id: one.lemmas(by, cap_s) for one in drawn}
    network = Network.of(drawn, {id: each.keys() for id, each in lemmas.items()}, heedless)
    limited, bare = least(network.edges, network.origins)
    ids, count = tuple(one.agreement.id for one in drawn), len(network.edges)
    day, careless = at.date(), tuple(sorted(heedless))
    reached = leaks(network.origins, limited, bare)
    if not reached:
        sets = (network.named(limited), network.named(bare))
        found = NetworkCertificate(
            register.texts_digest, *span(register, at), tuple(network.origins), *sets, lemmas
        )
        _recheck(found, drawn, (register, at), heedless)
        return NetworkProof(day, PROVED, ids, count, careless, found, rechecked=True)
    telling = network.telling(by, cap_s)
    tried = (telling.route(s, (register, at), (by, cap_s), begun_by) for s in reached)
    routes = tuple(route for route in tried if route is not None)
    status, why = (REFUTED, "") if routes else (UNKNOWN, NOT_SHOWN)
    return NetworkProof(day, status, ids, count, careless, routes=routes, why=why)


@dataclass(frozen=True, slots=True)
class Network:
    """The graph of one day: every edge, and the agreement and line under which it leads."""

    origins: dict[str, int]
    edges: tuple[Edge, ...]
    under: tuple[tuple[Drawn, Provision] | None, ...]
    """Of each edge; None for one by which members read along."""
    heedless: Set[str] = NOBODY

    @classmethod
    def of(cls, drawn: Sequence[Drawn], proved: Mapping[str, Set[str]], heedless: Set[str]) -> Network:
        """The edges of all agreements and of whoever reads along."""
        if not drawn:
            return cls({}, (), ())
        day = drawn[0].sheet.day
        origins = origins_of(day)
        ways = [
            (edge, (one, line))
            for one in drawn
            for line, edge in one.ways(proved[one.agreement.id], origins, heedless)
        ]
        along = list(readers(day, (edge.to for edge, _ in ways)))
        edges = (*(edge for edge, _ in ways), *along)
        return cls(origins, edges, (*(under for _, under in ways), *(None for _ in along)), heedless)

    def named(self, held: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
        """A set with the states by name."""
        return {
            holder: tuple(state for state, bit in self.origins.items() if states & bit)
            for holder, states in held.items()
            if states
        }

    def route(
        self, state: str, known: tuple[Register, datetime], asked: tuple[Asks, float], begun_by: str = ""
    ) -> Route | None:
        """The shortest chain to a state that the gate permits hop by hop, of the first that were tried.

        `asked`: the solver, and the seconds that one question may take.
        """
        kinds = [f"{under[0].agreement.id}/{under[1].id}" if under else "" for under in self.under]
        without: set[tuple[str, ...]] = set()
        for _ in range(CHAINS_MAX):
            way = shortest(self.edges, self.origins, state, kinds=kinds, without=without, begun_by=begun_by)
            if way is None:
                break
            sent = [n for n, place in enumerate(way) if self.under[place] is not None]
            found = replayed(state, [self.hop(way[n]) for n in sent], known, asked)
            if isinstance(found, Route):
                return found
            without.add(tuple(kinds[place] for place in way[: sent[found - 1] + 1]))
        return self.route(state, known, asked) if begun_by else None

    def telling(self, by: Asks, cap_s: float) -> Network:
        """The network without the lines under which nothing about a person ever leaves."""
        lines: dict[str, set[str]] = {}
        for one in {id(under[0]): under[0] for under in self.under if under}.values():
            lines[one.agreement.id] = one.telling(by, cap_s)
        kept = [
            (edge, under)
            for edge, under in zip(self.edges, self.under, strict=True)
            if under is None or under[1].id in lines[under[0].agreement.id]
        ]
        edges, under = tuple(e for e, _ in kept), tuple(u for _, u in kept)
        return Network(self.origins, edges, under, self.heedless)

    def hop(self, place: int) -> Hop:
        """One edge with what it takes to ask the gate."""
        edge, under = self.edges[place], self.under[place]
        assert under is not None, "nobody sends what is read along"
        return Hop(edge.from_, edge.to, *under, heeds=edge.from_ not in self.heedless)


# ---------------------------------------------------------------------- the receiver's side


def recheck_network(
    certificate: NetworkCertificate, register: Register, at: datetime, *, heedless: Set[str] = NOBODY
) -> None:
    """Check a certificate of the network against one's own files, believing none of it.

    Raises CertificateError with the field of the first thing that does not hold.
    """
    drawn = [Drawn.of(agreement, register, at) for agreement in in_force(register, at)]
    _recheck(certificate, drawn, (register, at), heedless)


def _recheck(
    certificate: NetworkCertificate,
    drawn: Sequence[Drawn],
    known: tuple[Register, datetime],
    heedless: Set[str],
) -> None:
    """`recheck_network`, with the agreements in force as they were drawn here."""
    texts, days = known[0].texts_digest, span(*known)
    if certificate.texts != texts:
        raise CertificateError(f"it is of `{certificate.texts}`, and `{texts}` is asked here", field="texts")
    if (certificate.from_, certificate.until) != days:
        raise CertificateError("it is of other days", field="from")
    proved: dict[str, Set[str]] = {}
    for one in drawn:
        proved[one.agreement.id] = _rechecked(one, certificate.rests_on.get(one.agreement.id, {}))
    if stranger := certificate.rests_on.keys() - proved.keys():
        raise CertificateError(f"`{min(stranger)}` is no agreement in force here", field="rests_on")
    network = Network.of(drawn, proved, heedless)
    if certificate.origins != tuple(network.origins):
        raise CertificateError("it speaks of other states", field="origins")
    limited, bare = _bits(certificate.limited, network), _bits(certificate.bare, network)
    if not holds(network.edges, network.origins, limited, bare):
        raise CertificateError("the set is not closed under every edge, or not clean", field="limited")


def _rechecked(drawn: Drawn, lemmas: Mapping[str, Certificate]) -> Set[str]:
    """The lemmas of one agreement whose proofs hold."""
    if not lemmas:
        return NOBODY
    for name, one in lemmas.items():
        if one.safeguard != name:
            raise CertificateError(f"`{name}` is given as `{one.safeguard}`", field="rests_on")
    try:
        questions = drawn.questions(lemmas)
    except KeyError as fault:
        message = f"{fault.args[0]} is no lemma of `{drawn.agreement.id}`"
        raise CertificateError(message, field="rests_on") from None
    recheck_all(lemmas.values(), drawn.sheet.form, questions, drawn.about)
    return lemmas.keys()


def _bits(held: Mapping[str, tuple[str, ...]], network: Network) -> dict[str, int]:
    try:
        return {holder: sum(network.origins[s] for s in set(states)) for holder, states in held.items()}
    except KeyError as fault:
        raise CertificateError(f"{fault.args[0]} is no state here", field="limited") from None
