"""Write every generated page of docs/ anew: `python -m docs.write`; with `--check`, only say which are old.

What a page says comes from the code: the error tree, the tables, the commands, the settings, the information
types, the agreement files. tests/house/test_documents.py fails when a page and the code disagree.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from sqlalchemy import Column, Table
from sqlalchemy.dialects import sqlite

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SRC = ROOT / "src" / "cordiale"

# ruff: noqa: E501 -- a Markdown table row is one line


def pages() -> dict[Path, Callable[[], str]]:
    """Every generated page and what makes its text."""
    return {
        DOCS / "reference" / "errors.md": errors_page,
        DOCS / "reference" / "schema.md": schema_page,
        DOCS / "reference" / "pages.md": pages_page,
        DOCS / "reference" / "commands.md": lambda: _text("cordiale.cli", "reference"),
        DOCS / "reference" / "settings.md": lambda: _text("cordiale.node.settings", "reference"),
        DOCS / "reference" / "information-types.md": lambda: _text("cordiale.payloads.document", "table"),
        DOCS / "reference" / "safeguards.md": lambda: _text("cordiale.node.proving", "reference"),
        DOCS / "law" / "agreements.md": lambda: str(_beside("docs/law/agreements.py").page()),
        DOCS / "law" / "coverage.md": lambda: str(_beside("tests/law/coverage_page.py").page()),
    }


def main(words: list[str]) -> int:
    """Write what has changed, and name it; with `--check` write nothing and exit 1 when something has."""
    old = 0
    for path, make in pages().items():
        text = make()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        old += 1
        if "--check" not in words:
            path.write_text(text, encoding="utf-8")
        print(f"{'out of date' if '--check' in words else 'written'}: {path.relative_to(ROOT)}")
    return 1 if old and "--check" in words else 0


def _text(module: str, name: str) -> str:
    return str(getattr(importlib.import_module(module), name)())


def _beside(path: str) -> ModuleType:
    """A generator that is a file of its own, not a module of a package."""
    name = Path(path).stem
    spec = importlib.util.spec_from_file_location(f"docs_write_{name}", ROOT / path)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


# ------------------------------------------------------------------------------ errors


@dataclass(frozen=True, slots=True)
class Fault:
    """One error class as its source has it."""

    name: str
    parent: str
    sentence: str
    file: str


def faults() -> list[Fault]:
    """Every error class of the house: the tree of errors.py in its order, then those made elsewhere."""
    found = [fault for path in (SRC / "errors.py", *sorted(SRC.rglob("*.py"))) for fault in _classes(path)]
    known = {"Exception"}
    tree: dict[str, Fault] = {}
    for fault in found:
        if fault.parent in known and (fault.name == "CordialeError" or fault.parent != "Exception"):
            known.add(fault.name)
            tree.setdefault(fault.name, fault)
    return list(tree.values())


def _classes(path: Path) -> Iterator[Fault]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.bases and isinstance(node.bases[0], ast.Name):
            sentence = " ".join((ast.get_docstring(node) or "").split())
            yield Fault(node.name, node.bases[0].id, sentence, path.relative_to(SRC).as_posix())


ERRORS_HEAD = """# Errors

Written by `python -m docs.write` from the code; do not edit.

A refusal is an answer, not an error: the gate returns it with its article ([the gate](decide.md)). What stands here
is raised. Each sentence is the message when nothing more exact is known; a message names the field, puts what a
person typed in backticks, and says the way out where there is one.

"""


def errors_page() -> str:
    """The tree, then each class with its sentence and how it shows."""
    every = faults()
    lines = ["## The tree", "", "```", *_tree(every, "CordialeError", ""), "```", ""]
    lines += ["## Each class", "", "| class | says | exit code | status of a page |", "|---|---|---|---|"]
    for fault in every:
        exit_code, status = _shown(fault, every)
        lines.append(f"| `{fault.name}` | {fault.sentence} | {exit_code} | {status} |")
    elsewhere = [fault for fault in every if fault.file != "errors.py"]
    if elsewhere:
        lines += [
            "",
            "Outside `errors.py`: " + ", ".join(f"`{one.name}` (`{one.file}`)" for one in elsewhere) + ".",
        ]
    return ERRORS_HEAD + "\n".join(lines) + "\n"


def _tree(every: list[Fault], name: str, indent: str) -> Iterator[str]:
    yield f"{indent}{name}"
    for fault in every:
        if fault.parent == name:
            yield from _tree(every, fault.name, indent + "    ")


EXIT_CODES = (("InputError", 2), ("CordialeError", 3))
"""As cli.main ends; the most special first."""
STATUSES = (("StoreError", 503), ("AccountError", 403), ("InputError", 400), ("CordialeError", 500))
"""As web/application.py answers."""


def _shown(fault: Fault, every: list[Fault]) -> tuple[int, int]:
    """Exit code and HTTP status of a class."""
    line = _line(fault, every)
    exit_code, status = (
        next(code for name, code in known if name in line) for known in (EXIT_CODES, STATUSES)
    )
    return exit_code, status


def _line(fault: Fault, every: list[Fault]) -> list[str]:
    by_name = {one.name: one for one in every}
    line = [fault.name]
    while line[-1] in by_name and by_name[line[-1]].parent in by_name:
        line.append(by_name[line[-1]].parent)
    return line


# ------------------------------------------------------------------------------ pages of the node

PAGES_HEAD = """# Pages

Written by `python -m docs.write` from the routes; do not edit. *Leave* is what a person's roles must give (`officers/roles.py`
says which role gives what); where two stand, one of them opens the page or the act asks for the second. Nothing there:
everybody who is signed in, and for signing in and getting back in, everybody. Every form carries its session's token.

| address | how | leave | what it is |
|---|---|---|---|
"""


def routes() -> list[tuple[str, str, str, str]]:
    """Every page of the node: address, method, leave asked in its function, its sentence."""
    from cordiale.web import application

    found = []
    for handler in importlib.import_module(application.__module__).routes():
        asked, says = (
            leave(handler.fn.__module__, handler.fn.__name__),
            " ".join((handler.fn.__doc__ or "").split()),
        )
        for path in handler.paths:
            for method in sorted(handler.http_methods - {"HEAD", "OPTIONS"}):
                found.append((path, method, ", ".join(asked), says))
    return sorted(found)


def leave(module: str, name: str, seen: frozenset[str] = frozenset()) -> list[str]:
    """The verbs without which a function of a page ends, in itself or in a function of the same file it calls.
    `seen`: the functions on the way here, so that two that call each other are read once.
    """
    tree = _parsed(SRC.parent / (module.replace(".", "/") + ".py"))
    here = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    calls = [one for one in ast.walk(here[name]) if isinstance(one, ast.Call)]
    found = {_verb(word) for call in calls if _name(call.func) == "needs" for word in call.args} - {""}
    for called in {_name(call.func) for call in calls} & set(here) - seen - {name}:
        found |= set(leave(module, called, seen | {name}))
    return sorted(found)


def _verb(node: ast.expr) -> str:
    of_verb = isinstance(node, ast.Attribute) and _name(node.value) == "Verb"
    return node.attr.lower() if of_verb and isinstance(node, ast.Attribute) else ""


def pages_page() -> str:
    """Every address that the node's pages answer."""
    return PAGES_HEAD + "".join(f"| `{a}` | {how} | {leave} | {says} |\n" for a, how, leave, says in routes())


# ------------------------------------------------------------------------------ tables


@dataclass(slots=True)
class Said:
    """What the source says beside a table: its sentence, and a word for some columns."""

    file: str
    sentence: str = ""
    columns: dict[str, str] = field(default_factory=dict)


UNSAID = {
    "ledger_entries": "The leaves of the tree in their order: canonical entry, its hash, and what helps to find it.",
    "ledger_salts": "The salt of each commitment: while it is kept the value can be shown; destroyed, never again.",
    "ledger_cosignatures": "The lines by which partners' nodes have cosigned our checkpoints, one a witness and size.",
}
"""For tables whose own source says nothing yet; a word there goes before."""

SCHEMA_HEAD = """# Tables

Written by `python -m docs.write` from the tables' own source; do not edit. Types are SQLite's; on PostgreSQL the same
schema has that database's own. Bodies and secrets are bytes that the vault or the sender has sealed; a table without
a sealed column holds no word about a person.

The step of the schema is kept by Alembic in `alembic_version`. The search index holds numbers under a key of the
node and no word; it is the same on both databases.
"""


def schema_page() -> str:
    """Every table of the house, room by room."""
    lines: list[str] = []
    room = ""
    for file, table in sorted(
        ((said().get(t.name, Said("?")).file, t) for t in tables()), key=lambda p: (p[0], p[1].name)
    ):
        if file != room:
            room = file
            lines += ["", f"## `{file}`"]
        lines += ["", *_table(table, said()[table.name])]
    return SCHEMA_HEAD + "\n".join(lines) + "\n"


def tables() -> list[Table]:
    """Every table, after every room that has one was loaded."""
    from cordiale.store.schema import metadata

    for path in sorted(SRC.rglob("*.py")):
        if any(
            isinstance(node, ast.Call) and _name(node.func) == "Table" for node in ast.walk(_parsed(path))
        ):
            parts = path.relative_to(SRC.parent).with_suffix("").parts
            importlib.import_module(".".join(part for part in parts if part != "__init__"))
    return list(metadata.tables.values())


def _table(table: Table, words: Said) -> Iterator[str]:
    yield f"### `{table.name}`"
    yield ""
    yield words.sentence
    yield ""
    yield "| column | type | keys | what it is |"
    yield "|---|---|---|---|"
    for column in table.columns:
        kind = column.type.compile(dialect=sqlite.dialect())
        yield f"| `{column.name}` | {kind} | {_keys(column)} | {words.columns.get(column.name, '')} |"
    for index in sorted(table.indexes, key=lambda one: str(one.name)):
        named = ", ".join(f"`{getattr(one, 'name', one)}`" for one in index.expressions)
        yield ""
        yield f"Index {'(unique) ' if index.unique else ''}`{index.name}`: {named}."


def _keys(column: Column[object]) -> str:
    said = ["primary key"] if column.primary_key else [] if not column.nullable else ["may be empty"]
    said += ["unique"] if column.unique else []
    said += [
        f"of `{key.target_fullname}`"
        for key in sorted(column.foreign_keys, key=lambda one: one.target_fullname)
    ]
    return ", ".join(said)


def said() -> dict[str, Said]:
    """Table name -> what its source says of it."""
    if not _SAID:
        for path in sorted(SRC.rglob("*.py")):
            for name, words in _said_in(path):
                _SAID[name] = words
    return _SAID


_SAID: dict[str, Said] = {}
_PARSED: dict[Path, ast.Module] = {}


def _said_in(path: Path) -> Iterator[tuple[str, Said]]:
    body = _parsed(path).body
    if not any(_made(node) for node in body):
        return
    remarks = _remarks(path)
    for node, after in zip(body, [*body[1:], None], strict=True):
        call = _made(node)
        if call is None:
            continue
        name = str(_constant(call.args[0]))
        words = Said(path.relative_to(SRC).as_posix())
        remark = remarks.get(call.args[0].lineno, "")
        words.sentence = sentence(
            _keyword(call, "comment") or _docstring(after) or remark or UNSAID.get(name, "")
        )
        for argument in call.args[2:]:
            if isinstance(argument, ast.Call) and _name(argument.func) == "Column":
                around = range(argument.lineno - 1, (argument.end_lineno or argument.lineno) + 1)
                told = [
                    remarks[line] for line in around if line in remarks and _belongs(path, line, argument)
                ]
                words.columns[str(_constant(argument.args[0]))] = sentence(" ".join(told))
        yield name, words


def sentence(words: str) -> str:
    """A remark as a sentence: a capital, unless it begins with a value, and a full stop."""
    if not words:
        return ""
    begun = words if "|" in words else words[0].upper() + words[1:]
    return begun.replace("|", "\\|") if begun.endswith((".", "?")) else begun.replace("|", "\\|") + "."


def _made(node: ast.stmt) -> ast.Call | None:
    """The call of `Table` that an assignment is made of."""
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    return value if isinstance(value, ast.Call) and _name(value.func) == "Table" else None


def _belongs(path: Path, line: int, argument: ast.Call) -> bool:
    """Whether a remark is the column's: on one of its lines, or alone on the line above it."""
    if line >= argument.lineno:
        return True
    return path.read_text(encoding="utf-8").splitlines()[line - 1].lstrip().startswith("#")


def _remarks(path: Path) -> dict[int, str]:
    """Line -> the remark on it."""
    with path.open("rb") as source:
        return {
            token.start[0]: token.string.lstrip("# ").strip()
            for token in tokenize.tokenize(source.readline)
            if token.type == tokenize.COMMENT and not token.string.startswith("# noqa")
        }


def _parsed(path: Path) -> ast.Module:
    if path not in _PARSED:
        _PARSED[path] = ast.parse(path.read_text(encoding="utf-8"))
    return _PARSED[path]


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _constant(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else ""


def _keyword(call: ast.Call, name: str) -> str:
    return next((str(_constant(one.value)) for one in call.keywords if one.arg == name), "")


def _docstring(node: ast.stmt | None) -> str:
    held = node.value if isinstance(node, ast.Expr) else None
    return (
        " ".join(str(held.value).split())
        if isinstance(held, ast.Constant) and isinstance(held.value, str)
        else ""
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
