"""Several nodes in one process, one seed: same seed, same trace of acts, decisions and states.

The real code runs; only clock, chance, disk and wire are simulated. Keys, seals and signatures draw from
the operating system, so bytes differ from run to run and the trace names none. A story is plain text: who,
what, expected decision.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cordiale.errors import Transient, UsageError
from cordiale.node import Node, World, agreements, exchange, keeping, notices, people, reports, rescue
from cordiale.node.audit import audit
from cordiale.node.home import Founding
from cordiale.node.opening import found_in_memory
from cordiale.node.papers import Draft
from cordiale.node.serving import service_of
from cordiale.seals import ScryptCost
from cordiale.world import MemoryDisk, Reply, SeededChance, SteppedClock

PASSPHRASE: Final = "an invented phrase for simulations"  # noqa: S105 -- it protects nothing
CHEAP: Final = ScryptCost(n=1 << 4)
ROUNDS_MAX: Final = 400  # of one second each; a story that has not settled by then does not settle
STALE_MAX: Final = 16  # old requests kept to be delivered once more


@dataclass(frozen=True, slots=True)
class Weather:
    """How often the wire misbehaves, 0 to 1: request lost, reply lost, delivered twice, an old one
    delivered again.
    """

    drop: float = 0.0
    lose_reply: float = 0.0
    duplicate: float = 0.0
    stale: float = 0.0


@dataclass(slots=True)
class Sea:
    """The wire between all nodes: calls the other node's service, in the weather of the seed."""

    chance: SeededChance
    weather: Weather = Weather()
    services: dict[str, Callable[[str, bytes], tuple[int, bytes]]] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    _old: list[tuple[str, str, bytes]] = field(default_factory=list)

    def post(self, peer: str, path: str, body: bytes, *, wait_s: float = 30.0) -> Reply:
        """Deliver, or not. Raises Transient when the partner is down or the weather took request or reply."""
        del wait_s
        if peer in self.down or peer not in self.services:
            raise Transient(f"`{peer}` is down")
        if self._happens(self.weather.drop):
            raise Transient("the request was lost")
        if self._old and self._happens(self.weather.stale):
            other, where, raw = self._old[int(self.chance.uniform(0, len(self._old) - 0.001))]
            if other not in self.down:
                self.services[other](where, raw)
        self._old = [*self._old, (peer, path, body)][-STALE_MAX:]
        status, answer = self.services[peer](path, body)
        if self._happens(self.weather.duplicate):
            status, answer = self.services[peer](path, body)
        if self._happens(self.weather.lose_reply):
            raise Transient("the reply was lost")
        return Reply(status, answer)

    def _happens(self, share: float) -> bool:
        return share > 0 and self.chance.uniform(0.0, 1.0) < share


@dataclass(slots=True)
class Simulation:
    """Some nodes, one clock, one sea, one trace."""

    seed: int
    clock: SteppedClock
    sea: Sea
    nodes: dict[str, Node] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)
    sent: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, sides: Mapping[str, Sequence[str]], *, seed: int, at: datetime, weather: Weather | None = None
    ) -> Simulation:
        """Nodes for `sides` (Side -> authorities), each with one officer an authority, all knowing one
        another.
        """
        made = cls(seed, SteppedClock(at), Sea(SeededChance(seed), weather or Weather()))
        register = agreements.load()
        for place, (side, authorities) in enumerate(sides.items()):
            world = World(made.clock, SeededChance(seed * 1000 + place), MemoryDisk(), made.sea)
            founding = Founding(
                side, tuple(authorities), "admin", "Invented Administrator", more={"hold_s": 0}
            )
            node = found_in_memory(
                Path(f"/{side}"), founding, PASSPHRASE, world=world, register=register, cost=CHEAP
            )
            made.nodes[side] = node
            made.sea.services[node.id] = service_of(node)
            for name in authorities:
                _appoint(node, name)
        made._introduce()
        return made

    def _introduce(self) -> None:
        cards = {side: exchange.own_card(node) for side, node in self.nodes.items()}
        for side, node in self.nodes.items():
            for other, card in cards.items():
                if other != side:
                    raw = exchange.card_bytes(card["card"])
                    exchange.add_peer(node, raw, words=card["words"], by="Invented Administrator")

    def close(self) -> None:
        """Close every node."""
        for node in self.nodes.values():
            node.close()

    def __enter__(self) -> Simulation:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---------------------------------------------------------------- time

    def step(self, seconds: float = 1.0) -> None:
        """One round of every node's courier and keeper, then time moves on."""
        for node in self.nodes.values():
            if node.id not in self.sea.down:
                node.courier.round()
                keeping.keep(node)
        self.clock.step(seconds)

    def settle(self) -> int:
        """Rounds until nothing waits at any node that is up; how many it took. Raises UsageError if it
        never does.
        """
        for count in range(ROUNDS_MAX):
            if not self._waiting():
                return count
            self.step()
        raise UsageError(f"the simulation did not settle within {ROUNDS_MAX} rounds")

    def _waiting(self) -> int:
        up = [node for node in self.nodes.values() if node.id not in self.sea.down]
        rows = [row for node in up for row in exchange.peers(node) if row["peer"] not in self.sea.down]
        return sum(int(row["waiting"]) for row in rows)

    def note(self, words: str) -> None:
        """One line of the trace, with its time."""
        self.trace.append(f"{self.clock.now():%H:%M:%S} {words}")

    # ---------------------------------------------------------------- acts

    def officer(self, party: str) -> tuple[Node, people.Officer]:
        """The node and the invented officer of "SIDE/authority"."""
        side, _, authority = party.partition("/")
        if side not in self.nodes:
            raise UsageError(f"no node of `{side}` is in this story", field="story")
        return self.nodes[side], people.officer(self.nodes[side], authority)

    def send(
        self, sender: str, paper: Mapping[str, Any], recipient: str, *, name: str = ""
    ) -> reports.RecipientView:
        """A paper (type, body, asks) goes to one recipient; what the gate answered."""
        node, officer = self.officer(sender)
        draft = Draft(paper["type"], paper["body"], paper["asks"], (recipient,))
        held = reports.send(node, officer, draft)
        view = held.views[0]
        if name:
            self.sent[name] = (sender, held.reference)
        gone = ",".join(one.path for one in view.unseen)
        self.note(
            f"{sender} sends {paper['type']} to {recipient}: {view.verdict} [{view.article}] withheld({gone})"
        )
        return view

    def open_distress(self, sender: str, body: Mapping[str, Any]) -> rescue.Distress:
        """A distress call from a centre."""
        node, officer = self.officer(sender)
        found = rescue.open_distress(node, officer, body)
        self.note(f"{sender} opens distress: {len(found.centres)} centres")
        return found

    def confirm(self, party: str) -> rescue.Distress:
        """The officer there confirms the first incident that sounds."""
        node, officer = self.officer(party)
        first = next((one for one in rescue.distresses(node) if one.sounding), None)
        if first is None:
            raise UsageError(f"nothing sounds at `{party}`", field="story")
        self.note(f"{party} confirms distress")
        return rescue.confirm_distress(node, officer, first.reference, "Invented Watchkeeper")

    def recall(self, name: str, reason: str = "inaccurate") -> list[str]:
        """The sender of a named paper recalls it."""
        sender, reference = self.sent[name]
        node, officer = self.officer(sender)
        told = notices.recall(node, officer, reference, reason)
        self.note(f"{sender} recalls {name}: told {','.join(told)}")
        return told

    def state(self, party: str) -> list[str]:
        """The in-tray of a party as "type state", oldest first; noted."""
        node, officer = self.officer(party)
        found = [f"{one.type} {one.state}" for one in reversed(reports.inbox(node, officer))]
        self.note(f"{party} holds: {'; '.join(found) or 'nothing'}")
        return found

    def audit(self) -> list[str]:
        """All that is wrong at any node; noted."""
        wrong = [f"{side}: {one}" for side, node in self.nodes.items() for one in audit(node).wrong]
        self.note(f"audit: {'; '.join(wrong) or 'all is well'}")
        return wrong


def _appoint(node: Node, authority: str) -> None:
    """One invented officer who signs in under the name of the authority."""
    new = people.NewAccount(
        authority, f"Invented Officer of {authority}", authority, frozenset({"duty_officer", "supervisor"})
    )
    people.found_account(node, new, "four invented words together", quick=True)


# ------------------------------------------------------------------------------ stories in plain text

Paper = Callable[[datetime], Mapping[str, Any]]
_SENDS: Final = re.compile(r"(\S+) sends (\w+) to (\S+): (permit|withhold|refuse)(?: \[(.+)\])?")
_DISTRESS: Final = re.compile(r"(\S+) opens distress (\w+)")
_HOLDS: Final = re.compile(r"(\S+) holds: (.+)")


def play(text: str, papers: Mapping[str, Paper]) -> tuple[Simulation, list[str]]:
    """Play a story; returns the closed simulation with its trace, and every line that did not come true.

    Header lines `at:`, `seed:`, `nodes:` (SIDE=authority,authority; ...) and `weather:` (drop 0.2, ...);
    then one act a line. `papers` maps the names that the story uses to what is sent, given the time. Every
    story ends with an audit.
    """
    header, acts = _parted(text)
    weather = Weather(**{key: float(value) for key, value in _pairs(header.get("weather", ""))})
    sides = {
        side: names.split(",")
        for side, names in (one.strip().split("=") for one in header["nodes"].split(";"))
    }
    at = datetime.fromisoformat(header["at"]).astimezone(UTC)
    with Simulation.of(sides, seed=int(header.get("seed", "1")), at=at, weather=weather) as simulation:
        wrong = [said for line in acts if (said := _act(simulation, line, papers))]
        return simulation, [*wrong, *(f"audit: {one}" for one in simulation.audit())]


def _parted(text: str) -> tuple[dict[str, str], list[str]]:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    keys = ("title", "at", "seed", "nodes", "weather")
    header = {key: rest.strip() for line in lines for key, _, rest in [line.partition(":")] if key in keys}
    return header, [line for line in lines if line.partition(":")[0] not in keys]


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(key, value) for key, value in (one.split() for one in text.split(",") if one.strip())]


def _act(simulation: Simulation, line: str, papers: Mapping[str, Paper]) -> str:
    """Play one line; what did not come true, or ""."""
    if found := _SENDS.fullmatch(line):
        sender, name, recipient, verdict, article = found.groups()
        view = simulation.send(sender, papers[name](simulation.clock.now()), recipient, name=name)
        right = view.verdict == verdict and (article or "") in view.article
        return "" if right else f"{line} -- was {view.verdict} [{view.article}] {view.sentence}"
    if found := _DISTRESS.fullmatch(line):
        simulation.open_distress(found[1], papers[found[2]](simulation.clock.now()))
        return ""
    if found := _HOLDS.fullmatch(line):
        held = "; ".join(simulation.state(found[1])) or "nothing"
        return "" if held == found[2] else f"{line} -- was {held}"
    return _plain_act(simulation, line)


def _plain_act(simulation: Simulation, line: str) -> str:
    words = line.split()
    if line == "settle":
        simulation.settle()
    elif words[0] == "wait":
        simulation.step(float(words[1]))
    elif words[-1] in ("down", "up") and len(words) == 2:
        node = simulation.nodes[words[0]].id
        (simulation.sea.down.add if words[1] == "down" else simulation.sea.down.discard)(node)
        simulation.note(line)
    elif words[1:] == ["confirms", "distress"]:
        simulation.confirm(words[0])
    elif words[1:] == ["sounds"] or words[1:] == ["is", "silent"]:
        sounding = any(
            one.sounding for one in rescue.distresses(simulation.nodes[words[0].partition("/")[0]])
        )
        return "" if sounding == (words[1] == "sounds") else f"{line} -- was not so"
    elif words[1] == "recalls":
        simulation.recall(words[2])
    else:
        raise UsageError(f"`{line}` is no line of a story", field="story")
    return ""
