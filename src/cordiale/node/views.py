"""What one possible recipient would get, and why: for the pages, and for the supervisor's log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Unseen:
    """One part that a recipient would not see, and the article that takes it."""

    path: str
    article: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RecipientView:
    """What one possible recipient would get, and why. `answer` is the gate's whole answer
    (docs/reference/decide.md).
    """

    recipient: str
    name: str
    verdict: str
    article: str
    sentence: str
    agreement: str
    sees: tuple[str, ...]
    unseen: tuple[Unseen, ...]
    missing: tuple[Mapping[str, Any], ...]
    duties: tuple[Mapping[str, Any], ...]
    warnings: tuple[str, ...]
    connected: bool
    answer: Mapping[str, Any]
