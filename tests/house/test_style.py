"""Is the house in order: lengths, promises, and where time, chance and files come from."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "cordiale"
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 720  # a file that needs more is two subjects
POSITIONAL_MAX = 4

# What comes from outside comes in by name: only world.py may call these (STYLE, Code 5).
OUTSIDE = re.compile(
    r"\b(datetime\.now|datetime\.utcnow|time\.time|random\.\w+|os\.urandom|secrets\.\w+|open)\("
)
MAY_REACH_OUTSIDE = {"world.py"}


def sources() -> Iterator[Path]:
    return iter(sorted(SRC.rglob("*.py")))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_function_is_longer_than_a_page() -> None:
    long = [
        f"{path.relative_to(SRC)}:{f.lineno} {f.name} has {lines_of(f)} lines"
        for path in sources()
        if "migrations" not in path.parts  # a written-out schema is a list, not a train of thought
        for f in functions(path)
        if lines_of(f) > FUNCTION_LINES_MAX
    ]
    assert not long, "\n".join(long)


def test_no_file_is_longer_than_one_subject_needs() -> None:
    long = [
        f"{path.relative_to(SRC)} has {count} lines"
        for path in sources()
        if "migrations" not in path.parts
        and (count := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES_MAX
    ]
    assert not long, "\n".join(long)


def test_no_function_takes_more_than_four_positional_parameters() -> None:
    wide = [
        f"{path.relative_to(SRC)}:{f.lineno} {f.name}"
        for path in sources()
        for f in functions(path)
        if len([a for a in (*f.args.posonlyargs, *f.args.args) if a.arg not in ("self", "cls")])
        > POSITIONAL_MAX
    ]
    assert not wide, "\n".join(wide)


def test_every_module_says_what_it_promises_in_one_to_six_lines() -> None:
    wrong = []
    for path in sources():
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        if text is None or (len(text.splitlines()) > 9 and path.name != "errors.py"):
            wrong.append(str(path.relative_to(SRC)))
    assert not wrong, "\n".join(wrong)


def test_time_chance_and_files_come_in_by_name() -> None:
    wrong = [
        f"{path.relative_to(SRC)}:{number} {line.strip()}"
        for path in sources()
        if path.name not in MAY_REACH_OUTSIDE
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if OUTSIDE.search(line.split("#")[0]) and not re.search(r"\bdef (open|random)\b|\.open\(", line)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_holds_a_registry_address_or_speaks_of_unfinished_work() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if unfinished.search(line)
    ]
    assert not wrong, "\n".join(wrong)
    for lock in [*(ROOT / "requirements").glob("*.txt"), ROOT / "package-lock.json"]:
        text = lock.read_text(encoding="utf-8")
        assert "://" not in re.sub(r'"(url|funding)": "[^"]*"', "", text), lock.name
