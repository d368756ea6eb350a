"""How long a page takes with a million messages in the node: `rows()`; or `python -m bench.pages`.

Loads a node (loading.py), starts `cordiale serve` on 127.0.0.1 as an operator does, signs in three people of
different reach, and asks for the main pages in turn. Of every page two figures: wall time, and processor time
of the node's process (its courier and keeper included), which a busy machine does not lengthen.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pyotp

from bench.loading import PASSPHRASE, PASSWORD, Loaded, load
from bench.row import Row

MESSAGES = 1_000_000
CEILING_MS = 100.0
READERS = ("sam", "kim", "lou")  # who oversees all; whose nearly all are; who has few of them
ROUNDS = 40  # of every page
PAUSE_S = 0.06  # between two pages: below what one person may ask in a minute
WARM = 3
START_WAIT_S = 60.0


def rows() -> list[Row]:
    """p95 of every main page, and the slowest of them.

    CORDIALE_BENCH_MESSAGES: how many messages (1,000,000). CORDIALE_BENCH_HOME: a folder in which the loaded
    node stays for the next run; without it, a temporary one.
    """
    count = int(os.environ.get("CORDIALE_BENCH_MESSAGES", str(MESSAGES)))
    kept = os.environ.get("CORDIALE_BENCH_HOME", "")
    if kept:
        return _measured(load(Path(kept) / "home", count))
    with tempfile.TemporaryDirectory(prefix="cordiale-pages-") as folder:
        return _measured(load(Path(folder) / "home", count))


def _measured(loaded: Loaded) -> list[Row]:
    with served(loaded) as node:
        took = {
            f"{name} ({login})": each
            for login in READERS
            for name, each in measure(node, node.reader(login), pages(loaded, login)).items()
        }
    size = f"with {loaded.count:,} messages"
    walls = {name: p95([one.wall_ms for one in each]) for name, each in took.items()}
    works = {name: p95([one.work_ms for one in each]) for name, each in took.items()}
    slowest, hardest = max(walls, key=lambda name: walls[name]), max(works, key=lambda name: works[name])
    return [
        _row(f"slowest page, {slowest}, p95 wall {size}", walls[slowest]),
        _row(f"hardest page, {hardest}, p95 processor {size}", works[hardest]),
        *(_row(f"{name}, p95 wall", one) for name, one in walls.items()),
        *(_row(f"{name}, p95 processor", one) for name, one in works.items()),
        Row("messages loaded", loaded.count / loaded.seconds, "/s"),
        Row("database", loaded.database_mb, "MB"),
        Row("load of the machine meanwhile (1 min)", os.getloadavg()[0], ""),
    ]


def _row(name: str, value: float) -> Row:
    return Row(name, value, "ms", f"< {CEILING_MS:.0f} ms", value < CEILING_MS)


def pages(loaded: Loaded, login: str) -> dict[str, list[str]]:
    """The main pages of a reader: name -> addresses that are asked in turn."""
    deep = (datetime.now(UTC) - timedelta(days=250)).strftime("%Y-%m-%dT%H%%3A%M%%3A%S%%2B00%%3A00")
    words = ("hulls", "ferry+depot", "invented+report+quay017", "quay001+quay499+vans", "nothing", "417")
    found = {
        "home": ["/"],
        "inbox": ["/inbox"],
        "inbox, far back": [f"/inbox?before={deep}"],
        "outbox": ["/outbox"],
        "outbox, far back": [f"/outbox?before={deep}~8"],
        **{f"search {one}": [f"/search?words={one}&purpose=investigate"] for one in words},
        "search, far back": ["/search?words=hulls&purpose=investigate&before=250000"],
    }
    if login == READERS[0]:
        found |= {
            "message received": [f"/message/{one}?purpose=investigate" for one in loaded.received],
            "message sent": [f"/message/{one}?purpose=investigate" for one in loaded.sent],
            **{path.strip("/"): [path] for path in OTHERS},
        }
    return found


OTHERS = (
    "/decisions",
    "/ledger",
    "/agreements",
    "/agreements/uk-frontex-wa-2024",
    "/question",
    "/compose",
    "/compose/intelligence_report",
    "/contacts",
    "/accounts",
    "/alarms",
    "/failed",
    "/distress",
    "/me",
    "/live/strip",
)
"""Pages that are asked for by one reader only: they are the same for all who may see them."""


@dataclass(frozen=True, slots=True)
class Took:
    """What one page cost: on the clock of whoever asked, and in the node's process."""

    wall_ms: float
    work_ms: float


def measure(node: Served, reader: Reader, asked: dict[str, list[str]]) -> dict[str, list[Took]]:
    """Every page ROUNDS times, all pages in turn so that none stays warm alone."""
    took: dict[str, list[Took]] = {name: [] for name in asked}
    for number in range(WARM + ROUNDS):
        for name, paths in asked.items():
            worked, begun = node.work_s(), time.perf_counter()
            status, text = reader.get(paths[number % len(paths)])
            wall_ms = (time.perf_counter() - begun) * 1000
            if status != 200 or ("govuk" not in text and name != "live/strip"):
                raise RuntimeError(f"{name}: {paths[number % len(paths)]} answered {status}")
            if number >= WARM:
                took[name].append(Took(wall_ms, (node.work_s() - worked) * 1000))
            time.sleep(PAUSE_S)  # the limit of requests a minute holds for whoever measures, too
    return took


def p95(each: list[float]) -> float:
    """The 95th percentile, nearest rank."""
    return sorted(each)[max(0, -(-len(each) * 95 // 100) - 1)]


@dataclass(slots=True)
class Reader:
    """Somebody signed in, over one kept connection. Cookies are marked for TLS, so they are sent by hand."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str) -> tuple[int, str]:
        return self._ask("GET", path)

    def post(self, path: str, answers: dict[str, str]) -> tuple[int, str]:
        return self._ask("POST", path, urlencode(answers))

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for line in answer.headers.get_all("set-cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text

    def sign_in(self, login: str, secret: str) -> None:
        """As on the page: form, token, password, code."""
        _, form = self.get("/sign-in")
        token = re.search(r'name="csrf" value="(\w+)"', form)
        answers = {
            "csrf": token.group(1) if token else "", "login": login, "password": PASSWORD, "next": "/",
            "code": pyotp.TOTP(secret).now(),
        }  # fmt: skip
        status, _ = self.post("/sign-in", answers)
        if status != 303:
            raise RuntimeError(f"signing in answered {status}")


@dataclass(slots=True)
class Served:
    """The node in its own process, as an operator runs it."""

    loaded: Loaded
    process: subprocess.Popen[bytes]

    def reader(self, login: str) -> Reader:
        """Somebody signed in."""
        found = Reader(self.loaded.pages_port)
        found.sign_in(login, self.loaded.secrets[login])
        return found

    def work_s(self) -> float:
        """Processor time of all threads of the process so far, in nanosecond steps as Linux counts it."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(one.read_text().split()[0]) for one in threads) / 1e9


@contextmanager
def served(loaded: Loaded) -> Iterator[Served]:
    """The loaded node, started and at the end stopped."""
    secret = loaded.home.with_name("passphrase")
    secret.write_text(PASSPHRASE, encoding="utf-8")
    words = [sys.executable, "-m", "cordiale.cli", "serve", "--home", str(loaded.home)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CORDIALE_")}
    log = loaded.home.with_name("serve.log")
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*words, "--passphrase-file", str(secret)], stderr=said, stdout=said, env=kept
        )
    try:
        _waited(process, loaded, log)
        yield Served(loaded, process)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _waited(process: subprocess.Popen[bytes], loaded: Loaded, log: Path) -> None:
    """Wait until the pages answer."""
    end = time.monotonic() + START_WAIT_S
    while time.monotonic() < end and process.poll() is None:
        reader = Reader(loaded.pages_port)
        try:
            if reader.get("/health")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the node did not start: {log.read_text(errors='replace')[-600:]}")


def main() -> None:
    """`--messages COUNT`, `--home FOLDER` to keep the loaded node for the next run."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--messages", default=str(MESSAGES))
    asked.add_argument("--home", default="")
    given = asked.parse_args()
    os.environ["CORDIALE_BENCH_MESSAGES"], os.environ["CORDIALE_BENCH_HOME"] = given.messages, given.home
    for row in rows():
        said = {True: "", False: "  NOT reached", None: ""}[row.reached]
        print(f"{row.value:>12,.1f} {row.unit:<4} {row.name}{said}")


if __name__ == "__main__":
    main()
