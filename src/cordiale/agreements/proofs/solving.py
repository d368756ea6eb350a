"""Asking the solver, which nobody trusts: it runs in a process of its own and is stopped at the cap.

A model is believed when it meets every clause, a proof when its steps follow. A solver that crashes, hangs
or lies leaves the answer *unknown*, and what is unknown activates nothing.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from operator import neg
from pathlib import Path
from select import select
from threading import Event, Timer
from types import TracebackType
from typing import Final, Protocol

from cordiale.agreements.proofs.clauses import packed
from cordiale.agreements.proofs.trimming import Proof, Shortener

CAP_S: Final = 10.0
"""Seconds for one question (pigeonholes grow tenfold a step: what is not found by then is not found)."""
LINE_MAX: Final = 64 << 20
"""Bytes of one answer: a proof of the largest agreements takes a few."""
FAILURES_MAX: Final = 3
"""So often in a row may the solver fail before the rest of its questions is not asked at all."""
READ_BYTES: Final = 1 << 20
TICK_S: Final = 0.05
"""So often is the cap looked at while the solver says nothing: a process that it forked may keep its pipe."""
ROUNDS_MAX: Final = 64
"""So often may a solver be heard or written to before the seconds are counted: an answer takes a few."""
PROGRAM: Final = (sys.executable, "-I", str(Path(__file__).with_name("solver.py")))


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """No word meets the clauses; `proof` in steps for the checker."""

    proof: Proof


@dataclass(frozen=True, slots=True)
class Satisfiable:
    """A word that meets them: `model` lists the literals that hold."""

    model: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows, and why. It activates nothing."""

    reason: str


Found = Unsatisfiable | Satisfiable | Unknown
Told = Mapping[str, object] | Unknown
"""What a solver says of one literal, as JSON and unchecked, or why it said nothing."""


def solve(clauses: Sequence[Sequence[int]], cap_s: float = CAP_S, by: Asks | None = None) -> Found:
    """Whether some assignment meets all clauses; a proof is one over these very clauses.

    `by`: a solver that is kept by the caller; without it, one is started and ended here.
    """
    return solve_all(clauses, {"": 0}, cap_s, by=by)[""]


def solve_all(
    clauses: Sequence[Sequence[int]],
    asked: Mapping[str, int],
    cap_s: float = CAP_S,
    *,
    by: Asks | None = None,
) -> dict[str, Found]:
    """For each name whether some assignment meets all clauses and its literal (0: the clauses alone).

    A proof is one over the clauses with `[literal]` as the last. `cap_s`: seconds for each question.
    """
    if by is None:
        with Solver() as solver:
            return solve_all(clauses, asked, cap_s, by=solver)
    shortener: Shortener | None = None
    met: Met | None = None
    found: dict[str, Found] = {}
    for (name, literal), told in zip(
        asked.items(), by.ask(clauses, list(asked.values()), cap_s), strict=True
    ):
        if isinstance(told, Unknown):
            found[name] = told
        elif told.get("holds") is True:
            met = met or Met(clauses)
            found[name] = _believed_model(met, literal, told.get("model"))
        else:
            shortener = shortener or Shortener(clauses)
            found[name] = _believed_proof(shortener, literal, told.get("steps"))
    return found


def models(
    clauses: Sequence[Sequence[int]],
    asked: Mapping[str, int],
    cap_s: float = CAP_S,
    *,
    by: Asks,
) -> dict[str, frozenset[int]]:
    """For each name of which the solver has a model that meets all clauses and its literal, that model.

    Of the others nothing is said, and nothing is proved: for callers who look for a request and ask the gate.
    """
    found: dict[str, frozenset[int]] = {}
    met = Met(clauses)
    tried = by.ask(clauses, list(asked.values()), cap_s)
    for (name, literal), told in zip(asked.items(), tried, strict=True):
        if not isinstance(told, Unknown) and told.get("holds") is True:
            model = _believed_model(met, literal, told.get("model"))
            if isinstance(model, Satisfiable):
                found[name] = frozenset(model.model)
    return found


class Met:
    """Asks of sets of literals whether they meet every clause."""

    def __init__(self, clauses: Iterable[Sequence[int]]) -> None:
        self.empty = False
        self.by_first: defaultdict[int, list[Sequence[int]]] = defaultdict(list)
        for clause in clauses:
            if clause:
                self.by_first[clause[0]].append(clause)
            else:
                self.empty = True

    def by(self, held: set[int]) -> bool:
        """A clause whose first literal holds is met; of the others some other literal must."""
        left = (some for first, some in self.by_first.items() if first not in held)
        return not self.empty and not any(map(held.isdisjoint, chain.from_iterable(left)))


def _believed_model(met: Met, literal: int, told: object) -> Satisfiable | Unknown:
    """A model, once it meets every clause."""
    model = _numbers(told)
    if model is None:
        return Unknown("the solver told a model that is none")
    held = set(model)
    if not held.isdisjoint(map(neg, model)) or (literal and literal not in held):
        return Unknown("the solver told a model that contradicts itself")
    if not met.by(held):
        return Unknown("the solver told a model that does not meet the clauses")
    return Satisfiable(tuple(model))


def _believed_proof(shortener: Shortener, literal: int, told: object) -> Unsatisfiable | Unknown:
    """A short proof, once every step that it needs follows."""
    steps = [_numbers(step) for step in told] if isinstance(told, list) else [None]
    known = [step for step in steps if step is not None]
    if len(known) < len(steps):
        return Unknown("the solver told a proof that is none")
    shortener.learn(known)
    proof = shortener.proof(literal)
    return (
        Unsatisfiable(proof) if proof is not None else Unknown("the solver told a proof that does not hold")
    )


def _numbers(told: object) -> list[int] | None:
    """A list of literals, or None for anything else."""
    if isinstance(told, list) and {*map(type, told)} <= {int} and 0 not in told:
        return told
    return None


def _read(line: bytes) -> Told:
    """An answer as it was told."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        told = None
    return told if isinstance(told, dict) else Unknown("the solver told what is no answer")


class Asks(Protocol):
    """Whoever answers: one answer for each literal that is asked of the clauses, in order.

    A literal is taken to hold besides the clauses; 0 asks for the clauses alone.
    """

    def ask(self, clauses: Sequence[Sequence[int]], asked: Sequence[int], cap_s: float) -> Iterator[Told]: ...


class Cap:
    """The seconds that one answer may take: counted for an answer that does not come at once."""

    def __init__(self, cap_s: float) -> None:
        self.overdue, self._rounds = Event(), 0
        self._late = Timer(cap_s, self.overdue.set)
        if cap_s < TICK_S:
            self._late.start()

    def waited(self, *, in_vain: bool) -> None:
        """One round of waiting is over; after one in vain, or many, the seconds are counted."""
        self._rounds += 1
        if (in_vain or self._rounds > ROUNDS_MAX) and self._late.ident is None:
            self._late.start()

    def lift(self) -> None:
        self._late.cancel()
        if self._late.ident is not None:
            self._late.join()


class Solver:
    """The solver's process, started when it is first asked and kept until the `with` block ends.

    `program` is what is run; another one stands in for it in tests.
    """

    def __init__(self, program: Sequence[str] = PROGRAM) -> None:
        self.program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._heard = bytearray()

    def __enter__(self) -> Solver:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def id(self) -> int:
        """The process id while there is a process, else 0."""
        return self._process.pid if self._process is not None else 0

    def stop(self) -> None:
        """End the process and what it has forked, whatever they do just now. Nobody waits for their word."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe is not None
                pipe.close()
            self._process.wait()
            self._process, self._heard = None, bytearray()

    def ask(self, clauses: Sequence[Sequence[int]], asked: Sequence[int], cap_s: float) -> Iterator[Told]:
        """An answer for each literal. After one that was not told, the rest is asked of a new process."""
        raw, waiting, failed = packed(clauses), list(asked), 0
        try:
            while waiting and failed < FAILURES_MAX:
                for told in self._ask(raw, waiting, cap_s):
                    waiting.pop(0)
                    failed = failed + 1 if isinstance(told, Unknown) else 0
                    yield told
                    if failed:
                        self.stop()
                        break
            for _ in list(waiting):
                waiting.pop(0)
                yield Unknown(f"the solver failed {FAILURES_MAX} times in a row")
        finally:
            if waiting:  # nobody listens any more: what it still tells is no answer to the next question
                self.stop()

    def _ask(self, raw: bytes, asked: Sequence[int], cap_s: float) -> Iterator[Told]:
        """Answers of one process, up to the first that fails."""
        order = json.dumps({"bytes": len(raw), "asked": list(asked)}).encode() + b"\n"
        for n in range(len(asked)):
            yield self._line(order + raw if n == 0 else b"", cap_s)

    def _line(self, order: bytes, cap_s: float) -> Told:
        """Give the order and wait for one line, until the cap."""
        try:
            process = self._started()
        except OSError:
            return Unknown("the solver could not be started")
        cap = Cap(cap_s)
        try:
            line = self._told(process, order, cap)
        except OSError:
            line = b""
        finally:
            cap.lift()
        if cap.overdue.is_set():
            self.stop()
            return Unknown(f"the solver found nothing within {cap_s:g} seconds")
        return _read(line) if line.endswith(b"\n") else Unknown("the solver died")

    def _told(self, process: subprocess.Popen[bytes], order: bytes, cap: Cap) -> bytes:
        """The next line, as far as it was told; a whole one ends with its break. OSError for a dead pipe."""
        assert process.stdin is not None and process.stdout is not None
        into, out = process.stdin.fileno(), process.stdout.fileno()
        left, known, end = memoryview(order), 0, -1
        while (left or (end := self._heard.find(b"\n", known)) < 0) and not cap.overdue.is_set():
            known = len(self._heard)
            if known >= LINE_MAX:
                break
            readable, writable, _ = select([out], [into] if left else [], [], TICK_S)
            cap.waited(in_vain=not readable and not writable)
            if writable:
                left = left[os.write(into, left) :]
            if readable:
                told = os.read(out, READ_BYTES)
                if not told:
                    break
                self._heard += told
        line = bytes(self._heard[: end + 1])
        del self._heard[: end + 1]
        return line

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 -- this very interpreter and our own file, no shell
                list(self.program),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
            assert self._process.stdin is not None
            os.set_blocking(self._process.stdin.fileno(), False)
        return self._process
