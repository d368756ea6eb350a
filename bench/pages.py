"""How long a page takes with a million messages in the node: `rows()`; or `python -m bench.pages [COUNT]`.

Loads a node in a temporary folder (loading.py), starts `cordiale serve` on 127.0.0.1 as an operator does,
signs in, and asks for the main pages in turn. CORDIALE_BENCH_MESSAGES says how many messages (1,000,000).
"""

from __future__ import annotations

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
from pathlib import Path
from urllib.parse import urlencode

import pyotp

from bench.loading import PASSPHRASE, PASSWORD, Loaded, load
from bench.row import Row

MESSAGES = 1_000_000
CEILING_MS = 100.0
ROUNDS = 40  # of every page; with the warm-up below what one address may ask in a minute
WARM = 3
START_WAIT_S = 60.0


def rows() -> list[Row]:
    """p95 of every main page, and the slowest of them."""
    count = int(os.environ.get("CORDIALE_BENCH_MESSAGES", str(MESSAGES)))
    with tempfile.TemporaryDirectory(prefix="cordiale-pages-") as folder:
        loaded = load(Path(folder) / "home", count)
        with served(loaded) as reader:
            took = measure(reader, pages(loaded))
    slowest = max(took, key=lambda name: p95(took[name]))
    size = f"with {count:,} messages"
    aim = f"< {CEILING_MS:.0f} ms"
    return [
        Row(
            f"slowest page ({slowest}), p95 {size}",
            p95(took[slowest]),
            "ms",
            aim,
            p95(took[slowest]) < CEILING_MS,
        ),
        *(
            Row(f"{name}, p95 {size}", p95(each), "ms", aim, p95(each) < CEILING_MS)
            for name, each in took.items()
        ),
        Row("messages loaded", count / loaded.seconds, "/s"),
        Row("database", loaded.database_mb, "MB"),
    ]


def pages(loaded: Loaded) -> dict[str, list[str]]:
    """The main pages: name -> addresses that are asked in turn."""
    deep = "2026-01-15T12%3A00%3A00%2B00%3A00"
    return {
        "home": ["/"],
        "inbox": ["/inbox"],
        "inbox, far back": [f"/inbox?before={deep}"],
        "outbox": ["/outbox"],
        "outbox, far back": [f"/outbox?before={deep}"],
        "message received": [f"/message/{one}?purpose=investigate" for one in loaded.received],
        "message sent": [f"/message/{one}?purpose=investigate" for one in loaded.sent],
        "search": [
            f"/search?words={word}&purpose=investigate" for word in ("hulls", "ferry+depot", "nothing")
        ],
        "decisions": ["/decisions"],
        "ledger": ["/ledger"],
        "agreements": ["/agreements"],
        "one agreement": ["/agreements/uk-frontex-wa-2024"],
        "question": ["/question"],
        "compose": ["/compose"],
        "compose a report": ["/compose/intelligence_report"],
        "contacts": ["/contacts"],
    }


def measure(reader: Reader, asked: dict[str, list[str]]) -> dict[str, list[float]]:
    """Milliseconds of every page, ROUNDS times, all pages in turn so that none stays warm alone."""
    took: dict[str, list[float]] = {name: [] for name in asked}
    for number in range(WARM + ROUNDS):
        for name, paths in asked.items():
            begun = time.perf_counter()
            status, text = reader.get(paths[number % len(paths)])
            spent_ms = (time.perf_counter() - begun) * 1000
            if status != 200 or "govuk" not in text:
                raise RuntimeError(f"{name}: {paths[number % len(paths)]} answered {status}")
            if number >= WARM:
                took[name].append(spent_ms)
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


@contextmanager
def served(loaded: Loaded) -> Iterator[Reader]:
    """The node in its own process, as an operator runs it, and a reader signed in."""
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
        reader = _waited(process, loaded, log)
        reader.sign_in(loaded.login, loaded.factor_secret)
        yield reader
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _waited(process: subprocess.Popen[bytes], loaded: Loaded, log: Path) -> Reader:
    """A reader, once the pages answer."""
    end = time.monotonic() + START_WAIT_S
    while time.monotonic() < end and process.poll() is None:
        reader = Reader(loaded.pages_port)
        try:
            if reader.get("/health")[0] == 200:
                return reader
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the node did not start: {log.read_text(errors='replace')[-600:]}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        os.environ["CORDIALE_BENCH_MESSAGES"] = sys.argv[1]
    for row in rows():
        said = {True: "", False: "  NOT reached", None: ""}[row.reached]
        print(f"{row.value:>12,.1f} {row.unit:<4} {row.name}{said}")
