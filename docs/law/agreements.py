"""Writes docs/law/agreements.md from the shipped agreement files.

Run it as `python docs/law/agreements.py` after changing a file; a test in tests/law compares the two.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TEXTS = ROOT / "src" / "cordiale" / "agreements" / "texts" / "agreements"
PAGE = Path(__file__).with_suffix(".md")
RULES = ("provision", "protects", "taint", "deployment")

# ruff: noqa: E501 -- a Markdown table row is one line

OPENING = """# The agreements, article by article

Written from the agreement files by `python docs/law/agreements.py`; do not edit by hand.

Each file under `agreements/texts/agreements/` is one agreement. Every line of it names its article, says it in our
own words, and carries its source and how sure we are of it:

* **confirmed**: the words, or an official text of them, were read;
* **partly**: an opening, a summary or another language was read. Such a line may permit, with a warning;
* **unconfirmed**: expected or from memory. Such a line may restrict, never permits, and names what to read.

This is a map for engineers and lawyers who review the same file. It is not legal advice. What the *nature* column
says is separate from the basis for data about persons: a political text, a declaration or an arrangement is none.
"""


def files() -> list[dict[str, Any]]:
    """The agreement files, by id."""
    return [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(TEXTS.glob("*.toml"))]


def overview(texts: list[dict[str, Any]]) -> Iterator[str]:
    """One line an agreement."""
    yield "## Overview\n"
    yield "| Agreement | Sides | Nature | In force | Data about persons rest on | Confirmed / partly / unconfirmed |"
    yield "|---|---|---|---|---|---|"
    for text in texts:
        sides = ", ".join(side["code"] + ("*" if side.get("footnote") else "") for side in text["side"])
        sure = [line["confidence"] for line in rules(text)]
        counts = " / ".join(str(sure.count(c)) for c in ("confirmed", "partly", "unconfirmed"))
        link = f"[{text['id']}](#{text['id'].lower()})"
        yield f"| {link} | {sides} | {text['legal_nature']} | {spans(text)} | {bases(text)} | {counts} |"
    notes = {side["footnote"] for text in texts for side in text["side"] if side.get("footnote")}
    yield from (f"\n\\* {note}" for note in sorted(notes))


def spans(text: dict[str, Any]) -> str:
    """When it holds, span by span."""
    said = []
    for span in text["validity"]:
        state = " (unknown: refused)" if span.get("status") == "unknown" else ""
        said.append(f"from {span['from']}" + (f" until {span['until']}" if "until" in span else "") + state)
    return "; ".join(said)


def bases(text: dict[str, Any]) -> str:
    """On what personal data may travel, direction by direction."""
    said = []
    for direction, basis in text["basis"].items():
        way = direction.replace("_to_", "→")
        if basis.get("relies_on"):
            said.append(f"{way}: none of its own, only {', '.join(basis['relies_on'])}")
        elif basis["mode"] == "none":
            said.append(f"{way}: nothing")
        else:
            only = " (ship and aircraft numbers only)" if basis["data"] == "identifiers" else ""
            said.append(f"{way}: {' or '.join(basis.get('records', ['the treaty itself']))}{only}")
    return "; ".join(said)


def rules(text: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every rule of a file, in its order, with the kind it is of."""
    for block in RULES:
        for line in text.get(block, []):
            yield line | {"block": block}


def effect(line: dict[str, Any]) -> str:
    """What a rule does, in a word or two."""
    if line["block"] == "deployment":
        return "posts " + ", ".join(line["capacities"])
    if line["block"] == "taint":
        return "bars what came from " + ", ".join(line["systems"])
    if line["block"] == "protects":
        return f"protects: {line['effect']}"
    off = " (off)" if line.get("personal") == "off" else ""
    return str(line["effect"]) + off


def chapter(text: dict[str, Any]) -> Iterator[str]:
    """One agreement: its articles, and what a person must still read."""
    yield f"\n## {text['id']}\n"
    yield f"{text['title']}. Source: {text['source']}.\n"
    yield "| Article | In our words | Effect | Confidence | Rows |"
    yield "|---|---|---|---|---|"
    for line in rules(text):
        rows = ", ".join(line["rows"])
        cells = (line["article"], line["sentence"], effect(line), line["confidence"], rows)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield "\nA person must still read:\n"
    yield from (f"* {what}" for what in unread(text))


def unread(text: dict[str, Any]) -> list[str]:
    """What nobody has read yet, each once."""
    lines = [text, *text["validity"], *text["side"], *text["basis"].values(), *rules(text)]
    wanted = [line["read"] for line in lines if line.get("read")] + list(text["terms"].get("to_read", []))
    return list(dict.fromkeys(wanted))


def page() -> str:
    """The whole page."""
    texts = files()
    parts = [OPENING, *overview(texts)]
    for text in texts:
        parts += chapter(text)
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
