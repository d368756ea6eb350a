"""How fast the gate decides: by word, as it runs, by the reference, and cedarpy beside it: `rows()`.

Questions come from bench/questions.py with a printed seed. cedarpy goes into an environment of its own and is
given the pair's permits, and the refusals that its language can say, as Cedar text. It answers yes or no:
no reasons, parts withheld, duties, clocks, records or protected persons; so it is asked for less. Times are
processor time of one thread, except the p99 of a word, which is by the clock.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

from bench.install import run
from bench.questions import NOON, Questions, sibling
from bench.row import Row
from cordiale.agreements import Question, Register, parse_question
from cordiale.agreements.compiled import NO_WORD, Compiled, Table
from cordiale.agreements.gate import decide
from cordiale.terms import Verdict

SEED = 20261122
CEDAR = "cedarpy, yes or no"
URGENT = {"urgent": {"level": "losing_relevance", "reason": "invented"}}
"""Makes a signature new and leaves the head as it is."""
PAIR = ("UK/nca", "FR/police-judiciaire")
WORDS = 3_000
BY_WORD = 1_000_000
TIMED = 200_000
MESSAGES = 300
ITEMS = 10
CEDAR_REQUESTS = 3_000
RATE_AIM = 1_000_000
P99_AIM_US = 5.0
MESSAGE_AIM_MS = 0.3

NOT_IN_CEDAR = (
    *(
        "when",
        "requires",
        "lifts",
        "systems",
        "origin_blocs",
        "classifications",
        "grades",
        "unless_sensitive",
    ),
    *("roles", "capacities", "targeting", "modality", "channel", "automated", "min_offence_years"),
    *("authority_kinds", "not_authority_kinds", "recipient_kinds", "not_types", "not_purposes"),
)
"""Scopes of a refusal that its Cedar text would need entities, facts or a third truth value for."""

PEER = """
import json, sys, time
import cedarpy
asked = json.load(sys.stdin)
policies = cedarpy.PolicySet.from_str(asked["policies"])
entities = cedarpy.Entities.from_json_str("[]")
times, allowed = [], 0
for request in asked["requests"]:
    start = time.thread_time_ns()
    answer = cedarpy.is_authorized(request, policies, entities)
    times.append(time.thread_time_ns() - start)
    allowed += answer.allowed
times.sort()
print(json.dumps({
    "rate": len(times) / (sum(times) / 1e9), "p99": times[len(times) * 99 // 100] / 1e3,
    "allowed": allowed / len(times),
}))
"""


def rows() -> list[Row]:
    """Decisions a second and the slowest in a hundred, for each way of asking."""
    print(f"seed {SEED}, pair {PAIR[0]} to {PAIR[1]}", file=sys.stderr)
    compiled = Compiled(Register.load())
    raws = [raw for raw, _ in islice(Questions(compiled.register, SEED, pair=PAIR), WORDS)]
    questions = [parse_question(raw) for raw in raws]
    cedar = cedars(compiled.register, questions)
    return [*by_word(compiled, questions, cedar), *whole_messages(compiled, cedar), peer_row(cedar)]


# ---------------------------------------------------------------------- by word


def by_word(compiled: Compiled, questions: Sequence[Question], cedar: dict[str, float]) -> list[Row]:
    """The table of one pair: each distinct question read into its word beforehand."""
    table = compiled.table(*PAIR, NOON)
    found = [w for w in map(table.word, questions) if w != NO_WORD]
    open_share = sum(table.decide(w).verdict is not Verdict.REFUSE for w in found) / len(found)
    stream = Random(SEED).choices(found, k=BY_WORD)
    rate = BY_WORD / spent(lambda: drain(table, stream))
    p99_us = p99([each_word(table, w) for w in stream[:TIMED]]) / 1e3
    again = spent(lambda: [table.word(q) for q in questions]) / len(questions)
    kinds = f"{len(set(found)):,} words, {open_share:.0%} not refused"
    fits = rate >= RATE_AIM and open_share >= 0.4
    return [
        Row(
            f"answer to a word ({kinds})",
            rate,
            "/s",
            f"≥ {RATE_AIM:,}",
            fits,
            CEDAR,
            cedar["rate"],
        ),
        Row(
            "answer to a word, p99",
            p99_us,
            "µs",
            f"≤ {P99_AIM_US:g}",
            p99_us <= P99_AIM_US,
            "cedarpy",
            cedar["p99"],
        ),
        Row("a parsed question to its word", again * 1e6, "µs"),
    ]


def drain(table: Table, stream: Sequence[int]) -> int:
    """Decide every word; the verdicts are counted so that no answer goes unread."""
    open_ = 0
    for word in stream:
        if table.decide(word).verdict is not Verdict.REFUSE:
            open_ += 1
    return open_


def each_word(table: Table, word: int) -> int:
    start = time.perf_counter_ns()
    table.decide(word)
    return time.perf_counter_ns() - start


# ---------------------------------------------------------------------- whole messages


def whole_messages(compiled: Compiled, cedar: dict[str, float]) -> list[Row]:
    """Messages of ten items between any two bodies: known signature, known head, neither, the reference."""
    chance, register = Random(SEED), compiled.register
    stream = (r for r, _ in Questions(register, SEED + 1) if len(r["items"]) >= ITEMS)
    raws = [raw | {"items": raw["items"][:ITEMS]} for raw in islice(stream, MESSAGES)]
    others = [parse_question(sibling(raw, chance)) for raw in raws]
    never = times(compiled.decide, [parse_question(raw) for raw in raws])
    head = times(compiled.decide, [parse_question(raw | URGENT) for raw in raws])
    known = times(compiled.decide, others)
    slow = times(lambda q, at: decide(q, register, at), others)
    parsed = [spent(lambda raw=raw: parse_question(raw)) * 1e3 for raw in raws]
    mean, reference = fmean(known), fmean(slow)
    aim, reached = f"≤ {MESSAGE_AIM_MS:g} ms", mean <= MESSAGE_AIM_MS
    return [
        Row("ten items, known signature, other ids", mean, "ms", aim, reached, "reference", reference),
        Row("ten items, known signature, p99", p99(known), "ms", "", None, "reference", p99(slow)),
        Row("ten items, known head, new signature", fmean(head), "ms", "", None, "reference", reference),
        Row("ten items, neither seen before", fmean(never), "ms", "", None, "reference", reference),
        Row("ten items, known signature", 1e3 / mean, "/s", "", None, CEDAR, cedar["rate"]),
        Row("ten items, reference", 1e3 / reference, "/s", "", None, CEDAR, cedar["rate"]),
        Row("parsing ten items", fmean(parsed), "ms"),
    ]


def times(ask: Callable[[Question, Any], Any], questions: Sequence[Question]) -> list[float]:
    """Milliseconds for each question."""
    return [spent(lambda q=q: ask(q, NOON)) * 1e3 for q in questions]


def spent(work: Callable[[], Any]) -> float:
    """Seconds of this thread's processor time: nothing here waits, and neighbours are not counted."""
    start = time.thread_time()
    work()
    return time.thread_time() - start


def p99(found: Sequence[float]) -> float:
    return sorted(found)[len(found) * 99 // 100]


# ---------------------------------------------------------------------- the peer


def peer_row(cedar: dict[str, float]) -> Row:
    """What cedarpy answers: nearly the same share must be let through, or it was asked something else."""
    return Row(f"cedarpy, yes or no ({cedar['allowed']:.0%} allowed)", cedar["rate"], "/s")


def cedars(register: Register, questions: Sequence[Question]) -> dict[str, float]:
    """cedarpy's rate and p99 (µs) on the same pair's policies, parsed beforehand, and the same requests."""
    requests = [request_of(q) for q in questions[:CEDAR_REQUESTS]]
    asked = json.dumps({"policies": "\n".join(policies(register)), "requests": requests})
    with tempfile.TemporaryDirectory(prefix="cordiale-cedar-") as folder:
        run("venv", "-q", "--python", sys.executable, str(Path(folder) / "env"))
        python = str(Path(folder) / "env" / "bin" / "python")
        run("pip", "install", "-q", "--python", python, "cedarpy")
        done = subprocess.run(
            [python, "-c", PEER], input=asked, capture_output=True, text=True, check=True, timeout=60
        )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def policies(register: Register) -> list[str]:
    """The permits of the pair and the plain refusals of the laws that bind it, as Cedar text."""
    day = register.on(NOON)
    sender, recipient = (p.split("/")[0] for p in PAIR)
    out = []
    for text in (*register.agreements, *day.laws):
        for line in text.provision:
            runs = not line.directions or day.along(sender, recipient, line.directions)
            plain = not any(getattr(line, name) for name in NOT_IN_CEDAR)
            if runs and line.effect == "permit":
                out.append(f"permit(principal, action, resource) when {{ {_when(line, grants=True)} }};")
            elif runs and line.effect == "refuse" and plain and line.in_force(day.on):
                out.append(f"forbid(principal, action, resource) when {{ {_when(line, grants=False)} }};")
    return out


def _when(line: Any, *, grants: bool) -> str:
    points = [("type", line.types), ("act", line.acts), ("purpose", line.purposes), ("regime", line.regimes)]
    said = [f"{_listed(words)}.contains(context.{name})" for name, words in points if words]
    if grants:
        said.append(f"{_listed(line.granted)}.containsAll(context.categories)")
    return " && ".join(said) or "true"


def _listed(words: Any) -> str:
    return "[" + ", ".join(f'"{w}"' for w in sorted(map(str, words))) + "]"


def request_of(question: Question) -> dict[str, Any]:
    """A question as a Cedar request: its head, and the categories that would leave."""
    return {
        "principal": f'Authority::"{PAIR[0]}"',
        "action": 'Action::"exchange"',
        "resource": f'Authority::"{PAIR[1]}"',
        "context": {
            "type": str(question.type),
            "act": str(question.act),
            "purpose": str(question.purpose),
            "regime": str(question.regime),
            "categories": sorted({str(i.category) for i in question.items}),
        },
    }
