"""Small wrongs put into a source file, one at a time: every comparison turned, every condition negated, every
statement left out, every constant moved by one, every member dropped. Standard library only.

A mutant lives in memory: its code takes the place of one function or constant of a module that is already
imported, in a process that ends afterwards. No file is ever changed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeGuard

Path = tuple[tuple[str, int | None], ...]
"""From the root of a tree to a node: (field, place in its list or None) at each step."""
TURNED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
OTHER: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
NAMES = {"any": "all", "all": "any", "min": "max", "max": "min"}
BRIEF = 60
"""Letters of what stands around, in a key."""
UNREAD = frozenset({"annotation", "returns", "decorator_list", "bases", "args", "ctx", "type_params"})
"""Fields of a node that are left alone; `args` of a function only, whose defaults are made at import."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small wrong. `key` knows it again when lines have moved: function, change, and which of its like.

    `function` is the outermost function or method ("Class.method"), or "" for a constant of the module.
    `lines`: its line, or for a constant those that name it.
    """

    file: str
    function: str
    change: str
    lines: tuple[int, ...]
    path: Path
    choice: int

    @property
    def key(self) -> str:
        return f"{self.file}::{self.function or 'module'}: {self.change}"


def mutants_of(file: str, source: str) -> list[Mutant]:
    """Every mutant of a file, in the order of its text. `file`: its name as the keys have it."""
    found: list[Mutant] = []
    times: dict[tuple[str, str], int] = {}
    tree = ast.parse(source)
    for function, path, node, around in _places(tree):
        for choice, (change, _) in enumerate(_changes(node, around)):
            nth = times[function, change] = times.get((function, change), 0) + 1
            told = change if nth == 1 else f"{change} #{nth}"
            line = getattr(node, "lineno", 0) or getattr(around, "lineno", 0)
            lines = (line,) if function else _naming(tree, tree.body[path[0][1] or 0])
            found.append(Mutant(file, function, told, lines, path, choice))
    return found


def _places(tree: ast.Module) -> Iterator[tuple[str, Path, ast.AST, ast.AST]]:
    """(outermost function, path, node, its parent) of all that may be changed."""
    for n, node in enumerate(tree.body):
        own: Path = (("body", n),)
        if isinstance(node, ast.FunctionDef):
            yield from _inside(node.name, own, node)
        elif isinstance(node, ast.ClassDef):
            for m, inner in enumerate(node.body):
                if isinstance(inner, ast.FunctionDef):
                    yield from _inside(f"{node.name}.{inner.name}", (*own, ("body", m)), inner)
        elif _is_constant(node) and node.value is not None:
            yield "", (*own, ("value", None)), node.value, node
            yield from _inside("", (*own, ("value", None)), node.value)


def _inside(function: str, path: Path, node: ast.AST) -> Iterator[tuple[str, Path, ast.AST, ast.AST]]:
    for name, value in ast.iter_fields(node):
        if name in UNREAD and not (name == "args" and isinstance(node, ast.Call)):
            continue
        if isinstance(value, list):
            for n, each in enumerate(value):
                if isinstance(each, ast.AST) and not _is_words(each):
                    yield function, (*path, (name, n)), each, node
                    yield from _inside(function, (*path, (name, n)), each)
        elif isinstance(value, ast.AST):
            yield function, (*path, (name, None)), value, node
            yield from _inside(function, (*path, (name, None)), value)


def _is_constant(node: ast.stmt) -> TypeGuard[ast.Assign | ast.AnnAssign]:
    """Whether it gives a value a name; names of types are no values."""
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return False
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return isinstance(target, ast.Name) and target.id.isupper()


def _naming(tree: ast.Module, constant: ast.stmt) -> tuple[int, ...]:
    """The lines that name a constant, its own aside."""
    named = {node.id for node in ast.walk(constant) if isinstance(node, ast.Name) and node.id.isupper()}
    uses = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in named)
    first, last = constant.lineno, constant.end_lineno or constant.lineno
    return tuple(sorted({use.lineno for use in uses if not first <= use.lineno <= last}))


def _is_words(node: ast.AST) -> bool:
    """A docstring, or a text that stands as a statement."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


# ---------------------------------------------------------------------- what may go wrong at a node


def _changes(node: ast.AST, around: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """(change in words, what stands there instead) for every way in which a node may be wrong."""
    if isinstance(node, ast.stmt):
        yield from _statements(node, around)
    elif isinstance(node, ast.expr):
        where = f" in `{_brief(around)[:BRIEF]}`" if isinstance(around, ast.expr) else ""
        for change, after in _expressions(node):
            yield change + where * isinstance(node, ast.Constant | ast.UnaryOp), after
        if _is_test(node, around) and not isinstance(node, ast.Compare | ast.UnaryOp | ast.Constant):
            yield _told(node, ast.UnaryOp(ast.Not(), node))
    elif isinstance(node, ast.comprehension):
        for n, condition in enumerate(node.ifs):
            fewer = deepcopy(node)
            del fewer.ifs[n]
            yield f"`if {ast.unparse(condition)}` left out", fewer


def _is_test(node: ast.expr, around: ast.AST) -> bool:
    """Whether it is asked yes or no."""
    tested = isinstance(around, ast.If | ast.IfExp | ast.While) and around.test is node
    return tested or (isinstance(around, ast.comprehension) and node in around.ifs)


def _statements(node: ast.stmt, around: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    last = isinstance(around, ast.FunctionDef) and around.body[-1] is node
    names = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    kinds = (
        ast.Expr | ast.Assign | ast.AugAssign | ast.Raise | ast.Delete | ast.Continue | ast.Break | ast.Return
    )
    if isinstance(node, kinds) and not names and not (isinstance(node, ast.Return) and last):
        yield f"`{_brief(node)}` left out", ast.Pass()


def _expressions(node: ast.expr) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Compare):
        for n, operator in enumerate(node.ops):
            for other in TURNED[type(operator)]:
                changed = deepcopy(node)
                changed.ops[n] = other()
                yield _told(node, changed)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield _told(node, ast.BoolOp(other, node.values))
        for n in range(len(node.values)):
            fewer = [*node.values[:n], *node.values[n + 1 :]]
            yield _told(node, ast.BoolOp(node.op, fewer) if len(fewer) > 1 else fewer[0])
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        if not isinstance(node.operand, ast.Constant):
            yield _told(node, node.operand)
    elif isinstance(node, ast.BinOp) and type(node.op) in OTHER:
        yield _told(node, ast.BinOp(node.left, OTHER[type(node.op)](), node.right))
        if not isinstance(node.op, ast.LShift | ast.RShift):
            yield _told(node, node.left)
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.Tuple | ast.Set | ast.List | ast.Dict):
        yield from _members(node)
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.IfExp):
        yield _told(node, node.body)
        yield _told(node, node.orelse)


def _constants(node: ast.Constant) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.value, bool):
        yield _told(node, ast.Constant(not node.value))
    elif isinstance(node.value, int):
        yield _told(node, ast.Constant(node.value + 1))
        yield _told(node, ast.Constant(node.value - 1))


def _members(node: ast.Tuple | ast.Set | ast.List | ast.Dict) -> Iterator[tuple[str, ast.AST]]:
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return
    members = node.values if isinstance(node, ast.Dict) else node.elts
    for n in range(len(members)) if len(members) > 1 else ():
        changed = deepcopy(node)
        if isinstance(changed, ast.Dict):
            del changed.keys[n], changed.values[n]
        else:
            del changed.elts[n]
        yield f"{_brief(members[n])} left out of {_brief(node)}", changed


def _calls(node: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.func, ast.Name) and node.func.id in NAMES:
        yield _told(node, ast.Call(ast.Name(NAMES[node.func.id], ast.Load()), node.args, node.keywords))
    for n, keyword in enumerate(node.keywords):
        if keyword.arg is not None:
            fewer = [*node.keywords[:n], *node.keywords[n + 1 :]]
            changed = ast.Call(node.func, node.args, fewer)
            yield f"{keyword.arg}={_brief(keyword.value)} left out of {_brief(node.func)}(…)", changed


def _told(before: ast.AST, after: ast.AST) -> tuple[str, ast.AST]:
    return f"`{_brief(before)}` → `{_brief(after)}`", after


def _brief(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(deepcopy(node))).split())


# ---------------------------------------------------------------------- putting one in


class NotPutIn(Exception):
    """The code of a mutant found no place in the module as it stands."""


def put_in(mutant: Mutant, source: str, module: ModuleType) -> None:
    """Let the module, as everybody has imported it, be the mutant from here on. Raises NotPutIn."""
    tree = ast.parse(source)
    target: Any = tree
    for name, n in mutant.path[:-1]:
        target = getattr(target, name) if n is None else getattr(target, name)[n]
    name, n = mutant.path[-1]
    node = getattr(target, name) if n is None else getattr(target, name)[n]
    _, after = list(_changes(node, target))[mutant.choice]
    if n is None:
        setattr(target, name, after)
    else:
        getattr(target, name)[n] = after
    ast.fix_missing_locations(tree)
    if mutant.function:
        _exchange(mutant.function, compile(tree, module.__file__ or "", "exec"), module)
    else:
        _rebind(tree.body[mutant.path[0][1] or 0], module)


def _exchange(function: str, code: CodeType, module: ModuleType) -> None:
    """Give a function its other code; whoever has imported it has that too."""
    own: Any = module
    for part in function.split("."):
        inner = [one for one in code.co_consts if isinstance(one, CodeType) and one.co_name == part]
        if len(inner) != 1:
            raise NotPutIn(function)
        code, own = inner[0], vars(own)[part]
    for wrapper in ("fget", "__func__", "__wrapped__", "__func__"):
        own = getattr(own, wrapper, own)
    if not isinstance(own, FunctionType):
        raise NotPutIn(function)
    own.__code__ = code


def _rebind(statement: ast.stmt, module: ModuleType) -> None:
    """Give a constant its other value, in every module that has imported it by its name."""
    assert _is_constant(statement) and statement.value is not None
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    assert isinstance(target, ast.Name)
    whole = ast.fix_missing_locations(ast.Expression(statement.value))
    old = vars(module)[target.id]
    new = eval(compile(whole, module.__file__ or "", "eval"), vars(module))
    for each in list(sys.modules.values()):
        if getattr(each, "__dict__", {}).get(target.id) is old:
            setattr(each, target.id, new)
