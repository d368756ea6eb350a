"""Does a test notice when the gate, its compiled twin, the prover or the checker is a little wrong? `rows()`.

    python -m bench.mutation [FILE …] [--share 0.1] [--again] [--told results.jsonl]

Each mutant (mutants.py) lives in a process forked from one that has imported the code and gathered the tests;
there the tests that run its line are asked, quickest first, until one fails. A mutant that no test notices
survives, unless EQUIVALENT says, by its key, why it changes no answer. Nothing on the disk is changed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import coverage
import pytest
from _pytest.runner import runtestprotocol

from bench.mutants import Mutant, NotPutIn, mutants_of, put_in
from bench.row import Row

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "cordiale" / "agreements"
EQUIVALENT = Path(__file__).with_name("mutation.toml")
SEED = 20261123
SHARE = 0.04
"""Of all mutants that `make bench` tries; the checker's are tried all, for all else rests on it."""
WORKERS = 2
TEST_S_MAX = 8.0
"""Tests that run longer are not asked: each mutant would wait for them."""
UNFIT = 1e9
"""Seconds of a test that does not pass unchanged: it is never asked."""
ASKED_S_MAX = 12.0
"""Seconds of tests asked of one mutant, as they took without it; beyond it the slowest are left out."""
SLACK_S = 10.0
MEMORY_MAX = 6 << 30
STEPS = ("basis", "ceiling", "lines", "minimise", "needs", "purpose", "record", "when", "who")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "checker": ("proofs/checker.py",),
    "certificate": ("proofs/certificate.py",),
    "protection": tuple(f"steps/{name}.py" for name in ("protection", "reach", "human")),
    "rescue": ("steps/rescue.py",),
    "gate": ("gate.py", "case.py"),
    "origin": ("steps/origin.py", "steps/taint.py"),
    "steps": tuple(f"steps/{name}.py" for name in STEPS),
    "compiled": ("compiled.py",),
    "form": ("proofs/form.py", "proofs/clauses.py"),
    "drawing": ("proofs/drawing/*.py",),
}
WHOLE = ("checker",)
"""Groups of which every mutant is tried, however few of the others are."""
TESTS = ("tests/agreements", "tests/law", "tests/twins/test_gate_twins.py")
TWIN, TWINS = "compiled.py", "test_gate_twins"
WHOLE_ANSWERS = ("tests/agreements/steps/", "tests/agreements/test_gate.py")
"""Asked first: each of their answers is held to the last word."""
LEFT_OUT = ("exports/", "test_paper", "test_comparing", "test_lapsing", "test_text", "test_table")
"""Tests of what rests on these files and says nothing new of them."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one mutant: `killed` (by which test), `survived` (how many were asked), or `unrun`."""

    key: str
    group: str
    end: str
    by: str
    line: int
    seconds: float


def mutants(groups: Iterable[str], share: float = 1.0) -> list[tuple[str, Mutant]]:
    """(group, mutant) of these groups, spread evenly by a fixed seed where only a share is wanted."""
    found: list[tuple[str, Mutant]] = []
    for group in groups:
        for name in files_of(group):
            own = mutants_of(name, (SOURCE / name).read_text("utf-8"))
            kept = 1.0 if group in WHOLE else share
            count = round(len(own) * kept)
            picked = sorted(Random(f"{SEED} {name}").sample(range(len(own)), count))
            found += [(group, own[n]) for n in picked]
    return found


def files_of(group: str) -> list[str]:
    return sorted(str(p.relative_to(SOURCE)) for pattern in GROUPS[group] for p in SOURCE.glob(pattern))


def equivalents() -> dict[str, str]:
    """Key of a mutant -> why it changes no answer."""
    told = tomllib.loads(EQUIVALENT.read_text("utf-8"))
    return {key: why for why, keys in told.items() for key in keys}


def module_name(file: str) -> str:
    plain = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return f"cordiale.agreements.{plain}"


# ---------------------------------------------------------------------- which tests run a line


@dataclass(slots=True)
class Touched:
    """Which tests run which lines, and how many seconds each took."""

    lines: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def of(self, mutant: Mutant, first: Mapping[str, int], cap_s: float) -> list[str]:
        """The tests to ask: those that killed its neighbours, then the quickest, up to the cap."""
        known = self.lines.get(mutant.file, {})
        tests = set[str]().union(*(known.get(line, ()) for line in mutant.lines))
        if not tests:  # a line that was written since, or that none runs
            tests = set().union(*known.values())
        if mutant.file != TWIN:  # both twins take these steps: a wrong one is wrong in both
            tests = {test for test in tests if TWINS not in test}
        ordered = sorted(
            tests,
            key=lambda t: (self.seconds[t] > 1, -first.get(t, 0), _rank(t), self.seconds[t], t),
        )
        ordered = [test for test in ordered if self.seconds[test] <= TEST_S_MAX]
        chosen: list[str] = []
        spent = 0.0
        for test in ordered:
            if spent + self.seconds[test] <= cap_s:
                spent += self.seconds[test]
                chosen.append(test)
        return chosen

    def with_(self, other: Touched) -> Touched:
        """Both."""
        lines = {name: dict(own) for name, own in self.lines.items()}
        for name, own in other.lines.items():
            known = lines.setdefault(name, {})
            for line, tests in own.items():
                known[line] = known.get(line, set()) | tests
        return Touched(lines, self.seconds | other.seconds)


def touched(items: Sequence[pytest.Item]) -> Touched:
    """Run every test once, here, and note which lines of the mutated files it runs."""
    files = {str(SOURCE / name): name for group in GROUPS for name in files_of(group)}
    watch = coverage.Coverage(data_file=None, include=list(files), config_file=False)
    seconds: dict[str, float] = {}
    watch.start()
    for n, item in enumerate(items):
        watch.switch_context(item.nodeid)
        began = time.process_time()
        reports = runtestprotocol(item, nextitem=items[n + 1] if n + 1 < len(items) else None, log=False)
        took = time.process_time() - began
        seconds[item.nodeid] = took if all(r.passed for r in reports) else UNFIT
    watch.stop()
    found = Touched(seconds=seconds)
    data = watch.get_data()
    for path, name in files.items():
        known = found.lines[name] = {}
        for line, contexts in data.contexts_by_lineno(path).items():
            known[line] = {c for c in contexts if c in seconds}
    return found


def _rank(test: str) -> int:
    return next((n for n, part in enumerate(WHOLE_ANSWERS) if part in test), len(WHOLE_ANSWERS))


def as_json(one: Touched) -> dict[str, Any]:
    tests = sorted(one.seconds)
    place = {test: n for n, test in enumerate(tests)}
    lines = {
        name: {str(line): sorted(place[t] for t in own) for line, own in known.items()}
        for name, known in one.lines.items()
    }
    return {"tests": tests, "seconds": [one.seconds[t] for t in tests], "lines": lines}


def kept_map(file: Path) -> Touched:
    return from_json(json.loads(file.read_text("utf-8"))) if file.exists() else Touched()


def from_json(told: Mapping[str, Any]) -> Touched:
    tests = told["tests"]
    lines = {
        name: {int(line): {tests[n] for n in own} for line, own in known.items()}
        for name, known in told["lines"].items()
    }
    return Touched(lines, dict(zip(tests, told["seconds"], strict=True)))


# ---------------------------------------------------------------------- one mutant, in a process of its own


@dataclass(slots=True)
class Child:
    """A forked process: what it tells at its end, and when it is overdue."""

    process: int
    pipe: int
    ends_at: float
    began: float = field(default_factory=time.monotonic)

    def told(self) -> str:
        """Its word; `killed` by time where it is overdue or died."""
        ready, _, _ = select.select([self.pipe], [], [], 0)
        word = os.read(self.pipe, 65_536).decode() if ready else ""
        os.close(self.pipe)
        with suppress(ProcessLookupError):
            os.killpg(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        return word or "killed by its end"


def forked(act: Any, limit_s: float) -> Child:
    """Run `act` in a process of its own, which tells one word and ends."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        os.close(writing)
        return Child(process, reading, time.monotonic() + 6 * limit_s)
    os.close(reading)
    os.setpgid(0, 0)
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silent, stream)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (int(limit_s) + 1, int(limit_s) + 2))
    try:
        os.write(writing, act().encode())
    finally:
        os._exit(0)


def asked(mutant: Mutant, source: str, items: Sequence[pytest.Item]) -> str:
    """Put the mutant in and ask its tests: "killed NAME" by the first that fails, else "survived COUNT"."""
    try:
        put_in(mutant, source, sys.modules[module_name(mutant.file)])
    except (NotPutIn, SyntaxError) as fault:
        return f"unrun {fault!r}"
    except Exception as fault:  # a constant that cannot even be made
        return f"killed at import by {fault!r}"
    for n, item in enumerate(items):
        following = items[n + 1] if n + 1 < len(items) else None
        if any(r.failed for r in runtestprotocol(item, nextitem=following, log=False)):
            return f"killed {item.nodeid}"
    return f"survived {len(items)}"


@dataclass(slots=True)
class Run:
    """A pytest session that runs mutants in place of tests."""

    wanted: list[tuple[str, Mutant]]
    map_file: Path
    told_file: Path
    anew: bool
    sources: Mapping[str, str]
    cap_s: float = ASKED_S_MAX
    results: list[Told] = field(default_factory=list)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [i for i in items if not any(part in i.nodeid for part in LEFT_OUT)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        known = self._map(session.items)
        items = {item.nodeid: item for item in session.items}
        first: dict[str, dict[str, int]] = {}
        waiting, running = list(self.wanted)[::-1], list[tuple[str, Mutant, Child]]()
        while waiting or running:
            while waiting and len(running) < WORKERS:
                group, mutant = waiting.pop()
                kills = first.setdefault(mutant.file + mutant.function, {})
                tests = [t for t in known.of(mutant, kills, self.cap_s) if t in items]
                seconds = sum(known.seconds[t] for t in tests)
                own = [items[t] for t in tests]
                source = self.sources[mutant.file]
                child = forked(lambda m=mutant, s=source, o=own: asked(m, s, o), 2 * seconds + SLACK_S)
                running.append((group, mutant, child))
            running = [one for one in running if not self._ended(*one, first)]
        return True

    def _ended(self, group: str, mutant: Mutant, child: Child, first: dict[str, dict[str, int]]) -> bool:
        """Take in what a child told, if it has."""
        ready, _, _ = select.select([child.pipe], [], [], 0.02)
        if not ready and time.monotonic() < child.ends_at:
            return False
        end, _, by = child.told().partition(" ")
        if end == "killed":
            kills = first[mutant.file + mutant.function]
            kills[by] = kills.get(by, 0) + 1
        told = Told(
            mutant.key, group, end, by, mutant.lines[0] if mutant.lines else 0, time.monotonic() - child.began
        )
        self.results.append(told)
        with self.told_file.open("a", encoding="utf-8") as out:
            out.write(json.dumps({name: getattr(told, name) for name in Told.__slots__}) + "\n")
        return True

    def _map(self, items: list[pytest.Item]) -> Touched:
        """Which tests run which lines: kept in a file; new tests are added to it, by a process of its own."""
        known = Touched() if self.anew else kept_map(self.map_file)
        new = [item for item in items if item.nodeid not in known.seconds]
        if new:
            print(f"running {len(new)} tests once, unchanged …", file=sys.stderr, flush=True)

            def act() -> str:
                self.map_file.write_text(json.dumps(as_json(known.with_(touched(new)))), encoding="utf-8")
                return "done"

            child = forked(act, 1_800)
            select.select([child.pipe], [], [], 3_600)
            child.told()
        return kept_map(self.map_file)


# ---------------------------------------------------------------------- telling


def run(
    wanted: list[tuple[str, Mutant]],
    kept: tuple[Path, Path],
    *,
    anew: bool,
    tests: Sequence[str],
    cap_s: float,
) -> list[Told]:
    """Every mutant's end. `kept`: the files of what the tests touch, and of what is told."""
    # Read once, as it is imported: somebody may be writing in it while this runs.
    sources = {name: (SOURCE / name).read_text("utf-8") for name in {m.file for _, m in wanted}}
    for name in sources:
        import_module(module_name(name))
    plugin = Run(wanted, *kept, anew, sources, cap_s)
    words = ["-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "--no-header"]
    pytest.main([*words, *(str(ROOT / t) for t in tests)], plugins=[plugin])
    return plugin.results


def summed(results: Sequence[Told], known: Mapping[str, str]) -> Iterator[tuple[str, dict[str, int]]]:
    """By group: how many were tried, killed, equivalent, unrun, and survived."""
    for group in GROUPS:
        own = [told for told in results if told.group == group]
        if own:
            survived = [told for told in own if told.end == "survived"]
            alike = sum(1 for told in survived if told.key in known)
            yield (
                group,
                {
                    "tried": len(own),
                    "killed": sum(told.end == "killed" for told in own),
                    "equivalent": alike,
                    "unrun": sum(told.end == "unrun" for told in own),
                    "survived": len(survived) - alike,
                },
            )


def results_in(files: Iterable[Path]) -> list[Told]:
    """What earlier runs told; the last word about each mutant counts."""
    found: dict[str, Told] = {}
    for file in files:
        for line in file.read_text("utf-8").splitlines():
            told = Told(**json.loads(line))
            found[told.key] = told
    return list(found.values())


def rows() -> list[Row]:
    """A sample by a fixed seed, the checker's mutants all. In a process of its own, for it forks.

    CORDIALE_BENCH_MUTANTS names the results of earlier, longer runs (`--told`); they are counted instead.
    """
    named = [Path(one) for one in os.environ.get("CORDIALE_BENCH_MUTANTS", "").split(os.pathsep) if one]
    if named:
        return told_rows(results_in(named))
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.jsonl"
        words = [sys.executable, "-m", "bench.mutation", "--share", str(SHARE), "--told", str(told)]
        subprocess.run(words, cwd=ROOT, check=False, stdout=sys.stderr)
        return told_rows(results_in([told]))


def told_rows(results: Sequence[Told]) -> list[Row]:
    """Killed, equivalent and surviving, by group; a key that no longer names a mutant is not counted."""
    made = {group: {mutant.key for _, mutant in mutants([group])} for group in GROUPS}
    home = {key: group for group, keys in made.items() for key in keys}
    still = [replace(told, group=home[told.key]) for told in results if told.key in home]
    found: list[Row] = []
    for group, counts in summed(still, equivalents()):
        size = f"mutants of {group} ({counts['tried']:,} of {len(made[group]):,} tried)"
        found += [
            Row(f"{size}: killed", counts["killed"], ""),
            Row(f"{size}: equivalent, with the reason kept", counts["equivalent"], ""),
            Row(f"{size}: surviving", counts["survived"], "", "0", counts["survived"] == 0),
        ]
    return found


def main(words: Sequence[str]) -> int:
    """Try mutants and tell the survivors; exit 1 if there are any."""
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("groups", nargs="*", choices=[[], *GROUPS], default=[])
    read.add_argument("--file", action="append", default=[], help="only mutants whose key begins so")
    read.add_argument("--share", type=float, default=1.0)
    read.add_argument("--cap", type=float, default=ASKED_S_MAX, help="seconds of tests asked of a mutant")
    read.add_argument("--map", type=Path, help="where it is kept which tests run which lines")
    read.add_argument("--anew", action="store_true", help="make that map again")
    read.add_argument("--tests", action="append", default=[], help="folders or files of tests")
    read.add_argument("--told", type=Path, help="a line of JSON for each mutant")
    read.add_argument("--only", type=Path, help="only the mutants that survived in these results")
    given = read.parse_args(words)
    wanted = mutants(given.groups or GROUPS, given.share)
    if given.file:
        wanted = [one for one in wanted if one[1].key.startswith(tuple(given.file))]
    if given.only:
        lines = given.only.read_text("utf-8").splitlines()
        ends = {(one := json.loads(line))["key"]: one["end"] for line in lines}
        wanted = [one for one in wanted if ends.get(one[1].key) == "survived"]
    with tempfile.TemporaryDirectory() as folder:
        map_file = given.map or Path(folder) / "map.json"
        told_file = given.told or Path(folder) / "told.jsonl"
        results = run(
            wanted, (map_file, told_file), anew=given.anew, tests=given.tests or TESTS, cap_s=given.cap
        )
    known = equivalents()
    for told in sorted(results, key=lambda t: (t.key.partition("::")[0], t.line)):
        if told.end != "killed" and told.key not in known:
            print(f"{told.end} ({told.by}) line {told.line}: {told.key}")
    for group, counts in summed(results, known):
        print(group, ", ".join(f"{count} {name}" for name, count in counts.items()))
    return 1 if any(counts["survived"] for _, counts in summed(results, known)) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
