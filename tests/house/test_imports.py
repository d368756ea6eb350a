"""Is the house in order: who may import whom (docs/explanation/house.md has the table and the reasons)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "cordiale"

GROUND = {
    "terms",
    "errors",
    "world",
    "payloads",
    "calendars",
    "scripts",
    "screening",
    "counts",
    "seals",
    "store",
    "formats",
}
STONES = {"terms", "errors", "world", "payloads"}
KNOWLEDGE = {"reports", "matching", "picture", "networks", "flows", "documents", "cooperation", "rights"}
TRUST = {"agreements", "ledger", "exchange"}

MAY: dict[str, set[str]] = {
    "terms": set(),
    "errors": set(),
    "world": {"errors"},
    "payloads": {"terms", "errors"},
    "calendars": STONES,
    "scripts": STONES,
    "screening": STONES,
    "counts": STONES,
    "seals": STONES,
    "store": STONES,
    "formats": STONES,
    "agreements": GROUND,
    "ledger": GROUND,
    "exchange": GROUND | {"agreements", "ledger"},
    **{room: GROUND - {"seals"} for room in KNOWLEDGE},
    "officers": GROUND,
    "node": GROUND | TRUST | KNOWLEDGE | {"officers"},
    "simulation": GROUND | {"node"},
    "web": GROUND | {"node"},
    "demo": GROUND | {"node"},
    # The command line starts what it names: the pages and the demonstration.
    "cli": GROUND | {"node", "web", "demo", "simulation"},
}
MAY["networks"] = MAY["networks"] | {"matching"}

FORBIDDEN_TO_KNOWLEDGE = {"socket", "http", "httpx", "urllib", "ssl", "asyncio", "importlib", "requests"}


def room_of(path: Path) -> str:
    """The room that a source file belongs to."""
    first = path.relative_to(SRC).parts[0]
    return first.removesuffix(".py")


def sources() -> Iterator[Path]:
    """Every source file but the face."""
    return (p for p in sorted(SRC.rglob("*.py")) if p != SRC / "__init__.py")


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, type-only imports included, with its line."""
    package = ("cordiale", *path.relative_to(SRC).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)


def rooms_imported(path: Path) -> Iterator[tuple[str, int]]:
    """The rooms of this house that a file imports; "" is the face."""
    for module, line in imported(path):
        parts = module.split(".")
        if parts[0] == "cordiale":
            yield (parts[1] if len(parts) > 1 and room_exists(parts[1]) else ""), line


def room_exists(name: str) -> bool:
    return (SRC / name).is_dir() or (SRC / f"{name}.py").is_file()


def test_every_room_stands_in_the_import_table() -> None:
    unknown = {room_of(p) for p in sources()} - set(MAY)
    assert not unknown, f"rooms without a line in the import table: {sorted(unknown)}"


def test_each_room_imports_only_what_its_line_allows() -> None:
    wrong = [
        f"{path.relative_to(SRC)}:{line} imports {target or 'the face'}"
        for path in sources()
        for target, line in rooms_imported(path)
        if target != room_of(path) and target not in MAY[room_of(path)]
    ]
    assert not wrong, "\n".join(wrong)


def test_no_knowledge_room_can_reach_a_socket_or_load_a_module_by_name() -> None:
    wrong = [
        f"{path.relative_to(SRC)}:{line} imports {module}"
        for path in sources()
        if room_of(path) in KNOWLEDGE
        for module, line in imported(path)
        if module.split(".")[0] in FORBIDDEN_TO_KNOWLEDGE
    ]
    assert not wrong, "\n".join(wrong)


def test_knowledge_rooms_take_only_clock_and_chance_from_the_world_and_only_the_schema_from_the_store() -> (
    None
):
    allowed = {"cordiale.world.Clock", "cordiale.world.Chance", "cordiale.store.schema.metadata"}
    wrong = [
        f"{path.relative_to(SRC)}:{line} imports {module}"
        for path in sources()
        if room_of(path) in KNOWLEDGE
        for module, line in imported(path)
        if module.startswith(("cordiale.world", "cordiale.store")) and module not in allowed
    ]
    assert not wrong, "\n".join(wrong)


def test_no_two_files_import_each_other_in_a_circle() -> None:
    edges = {module_of(p): {m for m in files_imported(p) if m != module_of(p)} for p in sources()}
    circle = find_circle(edges)
    assert not circle, " -> ".join(circle)


def module_of(path: Path) -> str:
    parts = ("cordiale", *path.relative_to(SRC).with_suffix("").parts)
    return ".".join(part for part in parts if part != "__init__")


def files_imported(path: Path) -> Iterator[str]:
    """The files of this house that a file imports directly, packages resolved to themselves."""
    for module, _ in imported(path):
        if not module.startswith("cordiale."):
            continue
        parts = module.split(".")
        for length in range(len(parts), 1, -1):
            place = SRC.joinpath(*parts[1:length])
            if place.with_suffix(".py").is_file() or (place / "__init__.py").is_file():
                yield ".".join(parts[:length])
                break


def find_circle(edges: dict[str, set[str]]) -> list[str]:
    """One circle among the files, or nothing."""
    done: set[str] = set()

    def walk(node: str, trail: list[str]) -> list[str]:
        if node in trail:
            return [*trail[trail.index(node) :], node]
        if node in done:
            return []
        for after in sorted(edges.get(node, ())):
            if found := walk(after, [*trail, node]):
                return found
        done.add(node)
        return []

    return next((found for start in sorted(edges) if (found := walk(start, []))), [])


def test_the_circle_finder_finds_a_circle_that_is_there() -> None:
    assert find_circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": set()}) == ["a", "b", "c", "a"]
    assert find_circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


@pytest.mark.parametrize("module", ["cordiale.exchange.courier.Courier", "httpx.post"])
def test_the_table_refuses_a_knowledge_room_that_would_send(tmp_path: Path, module: str) -> None:
    package, _, name = module.rpartition(".")
    tree = ast.parse(f"from {package} import {name}")
    found = {f"{n.module}.{a.name}" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
    target = module.split(".")[1] if module.startswith("cordiale") else module.split(".")[0]
    assert found == {module}
    assert target not in MAY["reports"] or target in FORBIDDEN_TO_KNOWLEDGE
