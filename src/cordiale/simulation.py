"""Several nodes in one process, one seed: same seed, same trace of acts, decisions and states.

The real code runs; only clock, chance, disk and wire are simulated. Keys, seals and signatures draw from
the operating system, so bytes differ from run to run and the trace names none. A story is plain text: who,
what, expected decision.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from cordiale.errors import Transient, UsageError
from cordiale.node import (
    Node,
    World,
    agreements,
    exchange,
    keeping,
    notices,
    people,
    recalls_asked,
    reports,
    rescue,
)
from cordiale.node.audit import audit
from cordiale.node.home import Founding
from cordiale.node.opening import found_in_memory, take_register
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
class NodeClock:
    """The clock on one node's wall: the common one, set back by `back`."""

    common: SteppedClock
    back: timedelta = timedelta()

    def now(self) -> datetime:
        return self.common.now() - self.back

    def monotonic_s(self) -> float:
        return self.common.monotonic_s()


@dataclass(frozen=True, slots=True)
class LyingGate:
    """A gate that somebody has corrupted: what it should refuse or withhold it lets go, under `basis`."""

    honest: Any
    basis: Mapping[str, str]

    def decide(self, question: Mapping[str, Any], at: datetime) -> Mapping[str, Any]:
        """Everything may leave."""
        told = dict(self.honest.decide(question, at))
        basis = told["basis"] if told["verdict"] != "refuse" else dict(self.basis)
        leaves = [str(one["id"]) for one in question["items"]]
        freed = {"verdict": "permit", "leaves": leaves, "withheld": [], "failures": [], "transform": []}
        return told | freed | {"basis": basis}

    def facts(self, agreement: str, at: datetime) -> Any:
        return self.honest.facts(agreement, at)


@dataclass(slots=True)
class Simulation:
    """Some nodes, one clock, one sea, one trace."""

    seed: int
    clock: SteppedClock
    sea: Sea
    nodes: dict[str, Node] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)
    clocks: dict[str, NodeClock] = field(default_factory=dict)
    sent: dict[str, tuple[str, str]] = field(default_factory=dict)
    loaded: dict[str, dict[str, bytes]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        sides: Mapping[str, Sequence[str]],
        *,
        seed: int,
        at: datetime,
        weather: Weather | None = None,
        folder: Path | None = None,
        stores: Mapping[str, str] | None = None,
    ) -> Simulation:
        """Nodes for `sides` (Side -> authorities), each with one officer an authority, all knowing one
        another. `folder`: keep each database there as SIDE.db; `stores`: Side -> URL of its database; else in
        memory.
        """
        made = cls(seed, SteppedClock(at), Sea(SeededChance(seed), weather or Weather()))
        register = agreements.load()
        for place, (side, authorities) in enumerate(sides.items()):
            made.clocks[side] = NodeClock(made.clock)
            world = World(made.clocks[side], SeededChance(seed * 1000 + place), MemoryDisk(), made.sea)
            store = (stores or {}).get(side) or (f"sqlite:///{folder / side}.db" if folder else "")
            founding = Founding(
                side, tuple(authorities), "admin", "Invented Administrator", store=store, more={"hold_s": 0}
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
                recalls_asked.pursue(node)
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
            way_out = _meant(side, self.nodes)
            raise UsageError(f"no node of `{side}` is in this story", field="story", way_out=way_out)
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

    def forward(
        self, sender: str, name: str, recipient: str, asks: Mapping[str, Any]
    ) -> reports.RecipientView:
        """What came under this name is passed on; what the gate of the one who passes it on answered."""
        node, officer = self.officer(sender)
        held = reports.forward(node, officer, self.came(sender, name).reference, [recipient], asks=asks)
        view = held.views[0]
        gone = ",".join(one.path for one in view.unseen)
        self.note(
            f"{sender} passes {name} on to {recipient}: {view.verdict} [{view.article}] withheld({gone})"
        )
        return view

    def came(self, party: str, name: str) -> reports.Line:
        """The line at `party` of the message sent under this name. Raises UsageError when it has not come."""
        node, officer = self.officer(party)
        messages = {one.message for one in self.lines(name)}
        found = next((one for one in reports.inbox(node, officer) if one.message in messages), None)
        if found is None:
            raise UsageError(f"`{name}` has not come to `{party}`", field="story")
        return found

    def lines(self, name: str) -> list[reports.Line]:
        """The lines in the sender's out-tray of what was sent under this name."""
        sender, thread = self.sent[name]
        node, officer = self.officer(sender)
        return [one for one in reports.outbox(node, officer) if one.thread == thread]

    def notify(self, name: str, action: str, codes: Sequence[str] = ()) -> list[str]:
        """The sender of a named paper recalls, erases, corrects or restricts it."""
        sender, reference = self.sent[name]
        node, officer = self.officer(sender)
        reason = {"restrict": "new_restriction", "erase": "no_longer_needed"}.get(action, "inaccurate")
        restrictions = codes if action == "restrict" else ()
        paths = codes if action == "correct" else ()
        told = notices.recall(
            node, officer, reference, reason, action=action, restrictions=restrictions, paths=paths
        )
        self.note(f"{sender} {action}s {name}: told {','.join(told)}")
        return told

    def held(self, name: str) -> list[str]:
        """Who holds what was sent under this name, and how far the latest notice has come with each."""
        sender, _ = self.sent[name]
        node, officer = self.officer(sender)
        rows = [row for one in self.lines(name) for row in notices.holders(node, officer, one.reference)]
        found = [" ".join(str(row[key]) for key in ("holder", "act", "state") if row[key]) for row in rows]
        self.note(f"{name} is held by: {'; '.join(found) or 'nobody'}")
        return found

    def load(self, sides: Sequence[str], name: str, toml: str) -> None:
        """A dated legal record is loaded at the nodes of these Sides and taken into their gates."""
        for side in sides:
            node, mine = self.nodes[side], self.loaded.setdefault(side, {})
            mine[f"{name}.toml"] = toml.encode()
            take_register(node, agreements.register_with(mine))
        self.note(f"{','.join(sides)} load record {name}")

    def corrupt(self, side: str, basis: str) -> None:
        """Somebody corrupts the gate of one node: it lets all go under `basis` (agreement/provision)."""
        agreement, _, provision = basis.partition("/")
        contact = self.nodes[side].contact
        contact.gate = LyingGate(contact.gate, {"agreement": agreement, "provision": provision})
        self.note(f"the gate of {side} lies")

    def stand(self, party: str) -> dict[str, str]:
        """All that the officer there is shown of what failed or was refused: in and out, one text each."""
        node, officer = self.officer(party)
        failed = reports.failed_box(node, officer)
        faults = [one.fault for one in reports.outbox(node, officer) if one.fault]
        return {
            "in": "; ".join(str(one["reason"]) for one in failed if one["direction"] == "in"),
            "out": "; ".join([*faults, *(str(one["reason"]) for one in failed if one["direction"] == "out")]),
        }

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
Told = re.Match[str]


@dataclass(slots=True)
class Reader:
    """Plays lines. `papers`: name -> what is sent or stated, given the time; `records`: name -> TOML."""

    simulation: Simulation
    papers: Mapping[str, Paper]
    records: Mapping[str, str]

    def act(self, line: str) -> str:
        """Play one line; what did not come true, or "". Raises UsageError for a line that is none."""
        for pattern, play_line in LINES:
            if found := re.fullmatch(pattern, line):
                was = play_line(self, found)
                return f"{line} -- {was}" if was else ""
        raise UsageError(f"`{line}` is no line of a story", field="story")

    def paper(self, name: str) -> Mapping[str, Any]:
        if name not in self.papers:
            raise UsageError(f"no paper is called `{name}`", field="story", way_out=_meant(name, self.papers))
        return self.papers[name](self.simulation.clock.now())

    def names(self) -> set[str]:
        """Every name that a line may use by now."""
        simulation = self.simulation
        officers = {f"{side}/{one}" for side, node in simulation.nodes.items() for one in node.authorities}
        return {*simulation.nodes, *simulation.sent, *self.papers, *self.records, *officers}

    # Each takes the match of its line and answers what was not so.

    def sends(self, found: Told) -> str:
        sender, name, alias, recipient, verdict, article = found.groups()
        view = self.simulation.send(sender, self.paper(name), recipient, name=alias or name)
        return _expected(view, verdict, article)

    def passes_on(self, found: Told) -> str:
        sender, name, recipient, asks, verdict, article = found.groups()
        view = self.simulation.forward(sender, name, recipient, self.paper(asks) if asks else {})
        return _expected(view, verdict, article)

    def opens_distress(self, found: Told) -> str:
        self.simulation.open_distress(found[1], self.paper(found[2]))
        return ""

    def confirms(self, found: Told) -> str:
        self.simulation.confirm(found[1])
        return ""

    def sounds(self, found: Told) -> str:
        node = self.simulation.nodes[found[1]]
        sounding = any(one.sounding for one in rescue.distresses(node))
        return "" if sounding == (found[2] == "sounds") else "was not so"

    def notifies(self, found: Told) -> str:
        name, verb, codes = found[3], found[2].removesuffix("s"), found[4] or ""
        self.simulation.notify(name, verb, codes.split(", ") if codes else [])
        return ""

    def holds(self, found: Told) -> str:
        return _same(found[2], "; ".join(self.simulation.state(found[1])) or "nothing")

    def is_held_by(self, found: Told) -> str:
        return _same(found[2], "; ".join(self.simulation.held(found[1])) or "nobody")

    def is_bound(self, found: Told) -> str:
        """A copy's restriction is what the officer who holds it is shown, and no other word of why."""
        node, officer = self.simulation.officer(found[1])
        line = self.simulation.came(found[1], found[2])
        shown = reports.open_message(node, officer, line.reference, purpose="a story").restrictions
        return _same(found[4], ", ".join(map(str, _listed(shown[found[3]]))) or "none")

    def searches(self, found: Told) -> str:
        node, officer = self.simulation.officer(found[1])
        hits = reports.search(node, officer, found[2], purpose="a story")
        return _same(found[3], str(len(hits)))

    def is_shown(self, found: Told) -> str:
        shown = self.simulation.stand(found[1])["in" if found[2] == "refused here" else "out"]
        return "" if (found[4] in shown) == (found[3] == "with") else f"was: {shown or 'nothing'}"

    def is_alarmed(self, found: Told) -> str:
        kinds = sorted({str(one["kind"]) for one in exchange.alarms(self.simulation.nodes[found[1]])})
        return _same(found[2], ", ".join(kinds) or "nothing")

    def loads(self, found: Told) -> str:
        sides = list(self.simulation.nodes) if found[1] == "everybody" else found[1].split(",")
        self.simulation.load(sides, found[2], self.records[found[2]])
        return ""

    def lies(self, found: Told) -> str:
        self.simulation.corrupt(found[1], found[2])
        return ""

    def goes_back(self, found: Told) -> str:
        self.simulation.clocks[found[1]].back = timedelta(days=float(found[2]))
        self.simulation.note(found[0])
        return ""

    def loses_power(self, found: Told) -> str:
        node = self.simulation.nodes[found[1]].id
        down = self.simulation.sea.down
        (down.add if found[2] == "down" else down.discard)(node)
        self.simulation.note(found[0])
        return ""

    def settles(self, _: Told) -> str:
        self.simulation.settle()
        return ""

    def waits(self, found: Told) -> str:
        self.simulation.step(float(found[1]))
        return ""


LINES: Final[tuple[tuple[str, Callable[[Reader, Told], str]], ...]] = (
    (r"settle", Reader.settles),
    (r"wait (\d+)", Reader.waits),
    (r"(\w+) (down|up)", Reader.loses_power),
    (r"(\S+) sends (\w+)(?: as (\w+))? to (\S+): (permit|withhold|refuse)(?: \[(.+)\])?", Reader.sends),
    (
        r"(\S+) passes (\w+) on to (\S+)(?: stating (\w+))?: (permit|withhold|refuse)(?: \[(.+)\])?",
        Reader.passes_on,
    ),
    (r"(\S+) opens distress (\w+)", Reader.opens_distress),
    (r"(\S+) confirms distress", Reader.confirms),
    (r"(\w+)(?:/\S+)? (sounds|is silent)", Reader.sounds),
    (r"(\S+) (recalls|erases|corrects|restricts) (\w+)(?: with (.+))?", Reader.notifies),
    (r"(\S+) holds: (.+)", Reader.holds),
    (r"(\w+) is held by: (.+)", Reader.is_held_by),
    (r"(\S+) is bound in (\w+) by (\w+): (.+)", Reader.is_bound),
    (r'(\S+) finds "(.+)": (\d+)', Reader.searches),
    (r'(\S+) is shown what was (refused here|refused there) (with|without) "(.+)"', Reader.is_shown),
    (r"(\w+) is alarmed by: (.+)", Reader.is_alarmed),
    (r"(\S+) loads? record (\S+)", Reader.loads),
    (r"the gate of (\w+) lies under (\S+)", Reader.lies),
    (r"the clock of (\w+) goes back (\d+) days", Reader.goes_back),
)
"""Every line that a story may have, and what plays it. The first pattern that fits the whole line counts."""


def play(
    text: str,
    papers: Mapping[str, Paper],
    records: Mapping[str, str] | None = None,
    *,
    folder: Path | None = None,
) -> tuple[Simulation, list[str]]:
    """Play a story; returns the closed simulation with its trace, and every line that did not come true.

    Header lines `at:`, `seed:`, `nodes:` (SIDE=authority,authority; ...) and `weather:` (drop 0.2, ...);
    then one act a line (LINES). Every story ends with an audit of every node.
    """
    header, acts = _parted(text)
    weather = Weather(**{key: float(value) for key, value in _pairs(header.get("weather", ""))})
    if missing := [one for one in ("at", "nodes") if one not in header]:
        raise UsageError(f"the story has no line `{missing[0]}:`", field="story", way_out=HEADER)
    sides, at = _sides(header["nodes"]), _moment(header["at"])
    seed = int(header.get("seed", "1"))
    with Simulation.of(sides, seed=seed, at=at, weather=weather, folder=folder) as simulation:
        reader = Reader(simulation, papers, records or {})
        wrong = [said for number, line in acts if (said := _played(reader, number, line))]
        return simulation, [*wrong, *(f"audit: {one}" for one in simulation.audit())]


HEADER: Final = (
    "Begin with two lines like `at: 2026-11-22T20:00:00+00:00` and "
    "`nodes: UK=home-office; FR=police-judiciaire`."
)


def _played(reader: Reader, number: int, line: str) -> str:
    """`Reader.act`. Raises UsageError with the number of the line where it names what is not there."""
    try:
        return reader.act(line)
    except UsageError as wrong:
        says, way_out = wrong.message, wrong.way_out
    except KeyError as wrong:
        word, names = str(wrong.args[0]), reader.names()
        if word not in line:
            raise  # no slip of who wrote the story
        says = f"there is no `{word}` here"
        way_out = "A line before must send, open or load it." if word in names else _meant(word, names)
    raise UsageError(f"line {number}: {says}", field="story", way_out=way_out)


def _meant(word: str, names: Iterable[str]) -> str:
    close = get_close_matches(word, sorted(names), n=1)
    return f"Did you mean `{close[0]}`?" if close else f"There are: {', '.join(sorted(names))}."


def _sides(nodes: str) -> dict[str, list[str]]:
    """Side -> its authorities, from a line `nodes:`."""
    pairs = [one.strip().partition("=") for one in nodes.split(";") if one.strip()]
    if not pairs or not all(side and names for side, _, names in pairs):
        raise UsageError(f"`nodes: {nodes[:80]}` names no nodes", field="story", way_out=HEADER)
    return {side: names.split(",") for side, _, names in pairs}


def _moment(at: str) -> datetime:
    try:
        return datetime.fromisoformat(at).astimezone(UTC)
    except ValueError:
        raise UsageError(f"`at: {at[:80]}` is no date and time", field="story", way_out=HEADER) from None


def _parted(text: str) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """(header, acts with the number of their line)."""
    every = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in every if line and not line.startswith("#")]
    keys = ("title", "at", "seed", "nodes", "weather")
    header = {key: rest.strip() for _, line in lines for key, _, rest in [line.partition(":")] if key in keys}
    return header, [(number, line) for number, line in lines if line.partition(":")[0] not in keys]


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(key, value) for key, value in (one.split() for one in text.split(",") if one.strip())]


def _expected(view: reports.RecipientView, verdict: str, article: str | None) -> str:
    right = view.verdict == verdict and (article or "") in view.article
    return "" if right else f"was {view.verdict} [{view.article}] {view.sentence}"


def _same(expected: str, was: str) -> str:
    return "" if expected == was else f"was {was}"


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value] if value else []
