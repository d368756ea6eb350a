"""The fields of a line as plain values, so that no export forgets one: what it has no word for, it dumps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from cordiale.agreements.model import Agreement

Plain = Any
"""What JSON has: words, whole numbers, lists, tables."""


def said(line: Any) -> dict[str, Any]:
    """Field -> value of a frozen type, without those that say nothing; `from_` is `from`."""
    return {
        each.name.rstrip("_"): value
        for each in fields(line)
        if (value := getattr(line, each.name)) is not None and not _is_default(each, value)
    }


def _is_default(each: Any, value: Any) -> bool:
    if each.name == "confidence":  # what is confirmed says so
        return False
    return each.default is not MISSING and value == each.default and type(value) is type(each.default)


def plain(value: Any) -> Plain:
    """A value of a file as JSON has it: sets sorted, dates as they are written, types as tables."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(one) for name, one in said(value).items()}
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(str(one) for one in value)
    if isinstance(value, tuple | list):
        return _mapping(value) if _is_mapping(value) else [plain(one) for one in value]
    if isinstance(value, bool | int):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _is_mapping(value: Iterable[Any]) -> bool:
    """Whether a tuple is what the reader makes of a table with free keys: pairs of a name and a value."""
    pairs = list(value)
    return bool(pairs) and all(isinstance(p, tuple) and len(p) == 2 and isinstance(p[0], str) for p in pairs)


def _mapping(value: Iterable[Any]) -> Plain:
    return {str(name): plain(one) for name, one in value}


def urn(agreement: Agreement, line: str = "") -> str:
    """The name of an agreement in one version, or of a line in it: `urn:cordiale:agreement:ID:1:LINE`."""
    parts = (
        [agreement.id, str(agreement.version), *line.split(":")]
        if line
        else [agreement.id, str(agreement.version)]
    )
    return ":".join(["urn:cordiale:agreement", *(quote(one, safe="") for one in parts)])
