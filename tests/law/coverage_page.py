"""docs/law/coverage.md, made from texts/coverage.toml and the `rows` of every text file.

`python tests/law/coverage_page.py` writes it; test_coverage.py says when it is out of date.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import cordiale

TEXTS = Path(cordiale.__file__).parent / "agreements" / "texts"
HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "law" / "coverage.md"
SURVEYS = {
    "A1": "Frontex",
    "A2": "Trade and Cooperation Agreement, Part Three",
    "A3": "Common Understanding of 19 May 2025",
    "A4": "France",
    "A5": "Other partners and the Border Security Command",
    "A6": "Rules every exchange obeys",
    "EU": "Union law: extended, corrected, added",
    "UK": "United Kingdom law: extended, corrected, added",
}

Raw = Mapping[str, Any]


@cache
def rows() -> tuple[Raw, ...]:
    """The rows of coverage.toml, in order."""
    return tuple(tomllib.loads((TEXTS / "coverage.toml").read_text(encoding="utf-8"))["row"])


@cache
def files() -> dict[str, Raw]:
    """Every text file but the coverage: `laws/eu-led-2016-680.toml` -> its tables."""
    paths = sorted(p for p in TEXTS.rglob("*.toml") if p.name != "coverage.toml")
    return {p.relative_to(TEXTS).as_posix(): tomllib.loads(p.read_text(encoding="utf-8")) for p in paths}


@cache
def encoded() -> dict[str, tuple[str, ...]]:
    """Row -> the lines that cite it, as `file#line`."""
    found: dict[str, list[str]] = {}
    for name, tables in files().items():
        for place, row in cited(tables):
            found.setdefault(row, []).append(f"{name}#{place}" if place else name)
    return {row: tuple(dict.fromkeys(places)) for row, places in found.items()}


def cited(table: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every row cited in a table and below, with the id or code of the line that cites it."""
    if isinstance(table, Mapping):
        here = place if "version" in table else str(table.get("id") or table.get("code") or place)
        yield from ((here, row) for row in table.get("rows", ()))
        for below in table.values():
            yield from cited(below, here)
    elif isinstance(table, list):
        for below in table:
            yield from cited(below, place)


@cache
def tests() -> dict[str, tuple[str, ...]]:
    """Reference -> the tests that keep it, from the markers in this folder."""
    found: dict[str, list[str]] = {}
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for reference in marks(node):
                    found.setdefault(reference, []).append(f"{path.name}::{node.name}")
    return {reference: tuple(names) for reference, names in found.items()}


def marks(node: ast.FunctionDef) -> Iterator[str]:
    """The references of the `@pytest.mark.law(...)` over a test."""
    for call in node.decorator_list:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "law":
            said = (a.value for a in call.args if isinstance(a, ast.Constant))
            yield from (value for value in said if isinstance(value, str))


def unconfirmed() -> Iterator[tuple[str, Raw]]:
    """Every line that a person must still read: `unconfirmed`, or with words in `read`."""
    for name, tables in files().items():
        for line in lines(tables):
            if line.get("confidence") == "unconfirmed" or line.get("read"):
                yield name, line


def lines(table: Any) -> Iterator[Raw]:
    """Every table below that says how sure it is."""
    if isinstance(table, Mapping):
        if isinstance(table.get("confidence"), str):
            yield table
        for below in table.values():
            yield from lines(below)
    elif isinstance(table, list):
        for below in table:
            yield from lines(below)


def page() -> str:
    """The whole page."""
    out = [
        "# Provision by provision",
        "",
        f"{len(rows())} rows, made by `python tests/law/coverage_page.py` from `coverage.toml`: do not edit.",
        "A row is encoded where a text file names it; otherwise it says why it is not.",
        "`eu:` and `uk:` rows come from the second reading and prevail over the first.",
    ]
    for survey, title in SURVEYS.items():
        out += ["", f"## {title}", "", "| row | what it says | where |", "|---|---|---|"]
        out += [line_of(row) for row in rows() if row["survey"] == survey]
    out += ["", "## What a person must still read", "", "| file | line | to read |", "|---|---|---|"]
    out += [to_read(name, line) for name, line in unconfirmed()]
    out += ["", "## Tests by reference", "", "| reference | tests |", "|---|---|"]
    out += [f"| {reference} | {len(names)}: {names[0]} |" for reference, names in sorted(tests().items())]
    return "\n".join(out) + "\n"


def line_of(row: Raw) -> str:
    places = ", ".join(f"`{place}`" for place in encoded().get(row["id"], ()))
    where = places or f"Not encoded. {row.get('not_encoded', '')}"
    return f"| {row['id']} | {row['says']} | {where} |"


def to_read(name: str, line: Raw) -> str:
    what = line.get("id") or line.get("code") or line.get("title") or line.get("article") or ""
    return f"| {name} | {what} | {line.get('read') or line.get('source', '')} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
