"""Processor time of deciding, coding and sealing one message, on both sides, outside the database: `rows()`.

    python -m bench judging

Two invented nodes with real keys, stores and the shipped texts; the door itself is asked (`prepare`,
`arrive`), and then each stage of the report's way alone. Every message is a new one, with its own case and
reference. Times are processor time of one thread: the median round of ten messages, and beside it the best
round, which neighbours on the same cores disturb least.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from tests.exchange.partners import LoopWire, Partner, partner
from tests.exchange.reports import shipped, under_563

from bench.row import Row
from cordiale import payloads
from cordiale.agreements import decide_fast, parse_fast, parse_question
from cordiale.agreements.compiled import compiled_of
from cordiale.agreements.digest import digest_of
from cordiale.exchange import judging
from cordiale.exchange.judging import Outgoing
from cordiale.exchange.message import Envelope, Head, Header, Letter, open_letter, seal_letter
from cordiale.exchange.stages import Arrived, Prepared
from cordiale.payloads.codec import _writer, write
from cordiale.payloads.examples import EXAMPLES
from cordiale.payloads.specimens import SPECIMENS
from cordiale.seals import BatchVerifier, digest, seal, sign_batch, unseal
from cordiale.world import SteppedClock

ROUND = 10
ROUNDS = 30
PREPARE_AIM_US = 350.0
ARRIVE_AIM_US = 350.0
BEST = "the best round"
OTHERS = (
    ("person_intelligence", "report"),
    ("finance_lead", "report"),
    ("launch_alert", "report"),
    ("core_data", "reply"),
    ("dna_search", "query"),
)
NUMBER = count(1)
OUTLINES = count(1)
REPORT_LEAVES = ("offence", "methods", "prices", "classification", "assessments")
SUSPECT_LEAVES = ("given_names", "aliases", "date_of_birth", "nationalities", "phones")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two nodes that know each other."""

    fr: Partner
    uk: Partner

    def ends(self, outgoing: Outgoing) -> tuple[Partner, Partner]:
        """(sender, recipient)"""
        return (self.fr, self.uk) if outgoing.sender.startswith("FR/") else (self.uk, self.fr)


def nodes(folder: Path) -> Pair:
    """Both nodes, for every body that the messages here name, with their databases in `folder`."""
    bodies = [name for type_id, _ in OTHERS for name in _ends(EXAMPLES[type_id].permitted)]
    bodies += [under_563().sender, under_563().recipient]
    wire, clock = LoopWire(), SteppedClock(datetime(2026, 11, 2, 12, tzinfo=UTC))
    made: list[Partner] = []
    shared: dict[str, Any] = {"wire": wire, "clock": clock, "gate": shipped()}
    for side, name in (("FR", "fr-paris"), ("UK", "uk-london")):
        own = sorted({one.partition("/")[2] for one in bodies if one.startswith(f"{side}/")})
        url = f"sqlite:///{folder / name}.db"
        made.append(partner(name, side, *own, seed=len(made), url=url, **shared))
    for one, other in (made, reversed(made)):
        one.knows(other)
    return Pair(*made)


def _ends(asked: Any) -> list[str]:
    return [f"{asked[end]['side']}/{asked[end]['authority']}" for end in ("from", "to")]


def report() -> Outgoing:
    """A new intelligence report: thirty leaves about two persons, with passages withheld."""
    found, number = under_563(), next(NUMBER)
    body = replace(found.body, title=f"Inflation behind the dunes, {number}")
    return replace(found, body=body, asks=found.asks | {"case": f"INV-2026-{number}"})


def other_report() -> Outgoing:
    """A report of an outline that did not come before: what is kept of outlines does not help it."""
    made = report()
    body: Any = made.body
    number = next(OUTLINES)
    suspect = replace(
        body.suspects[0], **_some(SUSPECT_LEAVES, body.suspects[0], number >> len(REPORT_LEAVES))
    )
    return replace(made, body=replace(body, suspects=(suspect,), **_some(REPORT_LEAVES, body, number)))


def _some(names: tuple[str, ...], part: Any, number: int) -> dict[str, Any]:
    """The leaves of which the number has a bit are left out."""
    gone = [name for bit, name in enumerate(names) if number >> bit & 1]
    return {name: () if isinstance(getattr(part, name), tuple) else None for name in gone}


def example(type_id: str, model: str) -> Outgoing:
    """A new message of another type, as its permitted example asks for it."""
    asked = dict(EXAMPLES[type_id].permitted)
    sender, recipient = _ends(asked)
    items, item = asked.pop("items"), asked.pop("every_item")
    for name in ("id", "at", "type", "from", "to"):
        asked.pop(name)
    told = ("id", "category", "subjects", "assertion")
    marks = {one["id"]: {k: v for k, v in one.items() if k not in told} for one in items}
    asked |= {"item": item} | ({"case": f"INV-{next(NUMBER)}"} if "case" in asked else {})
    body = replace(SPECIMENS[type_id, model])
    return Outgoing("notice", sender, recipient, body, asked, marks={k: v for k, v in marks.items() if v})


def enveloped(sender: Partner, prepared: Sequence[Prepared]) -> list[bytes]:
    """What would travel: headers, and one pair of signatures over all of them."""
    headers = [
        Header(
            sender=sender.name,
            recipient=one.node,
            reference=one.reference,
            lane=one.lane,
            bucket=one.bucket,
            digest=digest(one.sealed),
            card=sender.card.digest(),
            sequence=number,
            previous=digest(b""),
            head=Head(number, "0" * 64),
        )
        for number, one in enumerate(prepared, 1)
    ]
    raws = [header.to_bytes() for header in headers]
    signed = sign_batch(raws, sender.identity.signing)
    every = zip(headers, prepared, signed, raws, strict=True)
    return [Envelope(h, one.sealed, signature, raw).to_bytes() for h, one, signature, raw in every]


# -- the door --------------------


@dataclass(slots=True)
class Rounds:
    """Microseconds a message, of each round."""

    prepare: list[float]
    arrive: list[float]


def through(pair: Pair, fresh: Callable[[], Outgoing], rounds: int = ROUNDS) -> Rounds:
    """Messages prepared by one door and read by the other. The first two rounds make readings and plans."""
    found = Rounds([], [])
    sender, recipient = pair.ends(fresh())
    for _ in range(rounds + 2):
        outgoing = [fresh() for _ in range(ROUND)]
        prepared: list[Prepared] = []
        arrived: list[Arrived] = []
        found.prepare.append(each_us(partial(_each, sender.point.prepare, outgoing, prepared)))
        refused = [one.decided.sentence for one in prepared if not one.sealed]
        if refused:
            raise RuntimeError(f"what was to be measured was refused: {refused[0]}")
        raws = enveloped(sender, prepared)
        found.arrive.append(each_us(partial(_each, recipient.point.arrive, raws, arrived)))
        faults = [one.fault.says for one in arrived if one.fault]
        if faults:
            raise RuntimeError(f"what was sent was not taken: {faults[0]}")
    return Rounds(found.prepare[2:], found.arrive[2:])


def _each(work: Callable[[Any], Any], given: Sequence[Any], out: list[Any]) -> None:
    out.extend(map(work, given))


def each_us(work: Callable[[], Any]) -> float:
    """Processor time of one of a round's messages, in microseconds."""
    begun = time.thread_time()
    work()
    return (time.thread_time() - begun) / ROUND * 1e6


def at_the_door(pair: Pair) -> Iterator[Row]:
    found = through(pair, report)
    for what, taken, aim in (
        ("prepared: decided, copied out, sealed", found.prepare, PREPARE_AIM_US),
        ("arrived: verified, opened, judged again", found.arrive, ARRIVE_AIM_US),
    ):
        middle = median(taken)
        name = f"intelligence report of 30 leaves {what}"
        yield Row(name, middle, "µs", f"≤ {aim:g}", middle <= aim, BEST, min(taken))
    found = through(pair, other_report)
    name = "intelligence report, each of another outline, "
    yield Row(f"{name}prepared", median(found.prepare), "µs", "", None, BEST, min(found.prepare))
    yield Row(f"{name}arrived", median(found.arrive), "µs", "", None, BEST, min(found.arrive))
    for type_id, model in OTHERS:
        found = through(pair, partial(example, type_id, model), ROUNDS // 3)
        name = type_id.replace("_", " ")
        yield Row(f"{name} prepared", median(found.prepare), "µs", "", None, BEST, min(found.prepare))
        yield Row(f"{name} arrived", median(found.arrive), "µs", "", None, BEST, min(found.arrive))


# -- stage by stage --------------------


def stages(pair: Pair) -> Iterator[Row]:
    """Each stage of the report's way alone; they overlap, so they do not add up."""
    outgoing, gate, at = report(), shipped(), pair.fr.point.moment()
    question = judging.question_of(outgoing, "r")
    asked = parse_question(question)
    answer = decide_fast(asked, gate.register, at).as_json()
    decided = judging.judged(answer)
    facts = gate.facts(decided.agreement, at)
    assert facts is not None

    def written() -> Letter:
        return judging.letter_of(outgoing, decided, question=question, facts=facts, at=at)

    letter, public = written(), pair.uk.card.facts.sealing
    padded, ends = bytes(4096), {"sender": "a", "recipient": "b"}
    sealed = seal(padded, public, b"")

    def fresh(work: Callable[[Any], Any]) -> Callable[[], Any]:
        return lambda: work(replace(outgoing.body))  # a new one: what is kept of a payload is made again

    signatures = compiled_of(gate.register).signatures
    swift = _writer(type(outgoing.body))
    yield stage("body to its tree", lambda: swift(outgoing.body), lambda: write(outgoing.body), "reference")
    yield stage("body to its leaves", fresh(payloads.itemise))
    yield stage("leaves to the question", lambda: judging.question_of(outgoing, "r"))
    yield stage("question read", lambda: parse_fast(question), lambda: parse_question(question), "reference")
    yield stage("question to its signature", lambda: signatures.of(parse_fast(question), at))
    yield stage("question to its digest", lambda: digest_of(parse_fast(question)))
    yield stage("question decided", lambda: decide_fast(parse_fast(question), gate.register, at))
    yield stage("answer with its digest", lambda: judging.judged(answer))
    yield stage("what may leave, copied out", lambda: payloads.only(outgoing.body, decided.paths))
    yield stage("letter made", written)
    yield stage("letter to its bytes", letter.to_bytes)
    yield stage("letter sealed", lambda: seal_letter(letter, **ends, public=public))
    yield stage("4 KiB sealed", lambda: seal(padded, public, b""))
    yield stage("4 KiB opened", lambda: unseal(sealed, pair.uk.identity.sealing, b""))
    yield from stages_in(pair)


def stages_in(pair: Pair) -> Iterator[Row]:
    gate, at = shipped(), pair.uk.point.moment()
    (raw,) = enveloped(pair.fr, [pair.fr.point.prepare(report())])
    envelope = Envelope.from_bytes(raw)
    verifier, public = BatchVerifier(), pair.fr.card.facts.signing

    def believed() -> None:
        verifier.verify(envelope.header_raw, envelope.signature, public)

    keys = pair.uk.identity.sealing
    letter = open_letter(envelope, keys)
    body = payloads.decode(letter.type, letter.payload)
    yield stage("envelope read", lambda: Envelope.from_bytes(raw))
    yield stage("signature of a known batch verified", believed)
    yield stage("letter opened and read", lambda: open_letter(envelope, keys))
    yield stage("body read strictly", lambda: payloads.decode(letter.type, letter.payload))
    yield stage("its question put", lambda: judging.question_about(letter, body))
    yield stage("its question put and judged", lambda: judging.judge_again(gate, letter, body, at))


def stage(name: str, work: Callable[[], Any], slow: Callable[[], Any] | None = None, beside: str = "") -> Row:
    """The best of several rounds of one stage, and of its slow twin where it has one."""
    return Row(name, quiet_us(work), "µs", peer=beside, peer_value=quiet_us(slow) if slow else None)


def quiet_us(work: Callable[[], Any]) -> float:
    work()
    return min(each_us(lambda: [work() for _ in range(ROUND)]) for _ in range(ROUNDS))


def rows() -> list[Row]:
    """The door for the report and other types, then the stages. About ten seconds."""
    with tempfile.TemporaryDirectory(prefix="cordiale-judging-") as folder:
        pair = nodes(Path(folder))
        found = [*at_the_door(pair), *stages(pair)]
        for one in (pair.fr, pair.uk):
            one.store.close()
    print(f"{ROUNDS} rounds of {ROUND} messages", file=sys.stderr)
    return found
