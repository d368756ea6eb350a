"""How far a node is in asking what ends soon: kept with the node between two rounds of its keeper."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from cordiale.agreements.lapsing import Broken, Dated
from cordiale.agreements.model import Agreement


@dataclass(slots=True)
class Asking:
    """One day that is being asked about: which agreements are still to be asked, and what breaks so far."""

    on: date
    about: str
    dated: list[Dated]
    left: list[Agreement]
    breaks: list[Broken] = field(default_factory=list)


@dataclass(slots=True)
class Reminder:
    """How far the keeper is: the day and texts it last looked at, and what it is still asking."""

    looked: tuple[date, str] | None = None
    waiting: list[Asking] = field(default_factory=list)
