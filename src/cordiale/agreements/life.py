"""The life of an agreement at a node: in force, suspended, resumed, amended, ended; as of any day.

A step is never undone: the next one says what has become of it. What a step does to the gate is a dated
record of the same kind as those in files, so that it is replayed like any other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from cordiale.agreements.model import Record
from cordiale.agreements.text import read_record
from cordiale.errors import UsageError


class Act(StrEnum):
    """What is done to an agreement. VCLT Arts 11, 24, 39, 54, 57, 59 are the field's words for them."""

    SIGNED = "signed"
    TAKEN = "taken"
    ACTIVATED = "activated"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    ENDED = "ended"


class Treatment(StrEnum):
    """What becomes, at its end, of what was received under an agreement."""

    KEEP = "keep"
    """It stays under its restrictions until its retention ends (VCLT Art 70(1)(b))."""
    ERASE = "erase"
    """It is erased at once, and the proof that it was here stays."""


REASON_MAX: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One act. `on`: the day from which it counts. `by`: who did it, by name."""

    agreement: str
    version: int
    digest: str
    act: Act
    on: date
    at: datetime
    by: tuple[str, ...]
    reason: str = ""
    treatment: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "act", Act(self.act))


@dataclass(frozen=True, slots=True)
class Standing:
    """How one agreement stands on a day. `digest`: the text in force or last in force; "" for none."""

    agreement: str
    digest: str = ""
    version: int = 0
    since: date | None = None
    suspended: Step | None = None
    ended: Step | None = None
    steps: tuple[Step, ...] = field(default=(), repr=False)

    @property
    def state(self) -> str:
        """in_force, suspended, ended, or not_activated."""
        if self.ended is not None:
            return "ended"
        if self.suspended is not None:
            return "suspended"
        return "in_force" if self.digest else "not_activated"


def standings(steps: Iterable[Step], day: date) -> dict[str, Standing]:
    """How each agreement stands on a day, after the steps that count by then."""
    found: dict[str, Standing] = {}
    for step in steps:
        if step.on > day:
            continue
        one = found.get(step.agreement, Standing(step.agreement))
        found[step.agreement] = _after(replace(one, steps=(*one.steps, step)), step)
    return found


def _after(one: Standing, step: Step) -> Standing:
    if step.act is Act.ACTIVATED:
        return replace(
            one, digest=step.digest, version=step.version, since=step.on, suspended=None, ended=None
        )
    if step.act is Act.SUSPENDED:
        return replace(one, suspended=step)
    if step.act is Act.RESUMED:
        return replace(one, suspended=None)
    return replace(one, ended=step) if step.act is Act.ENDED else one


def check_may(act: Act, one: Standing, reason: str) -> None:
    """Raise UsageError where an act makes no sense as the agreement stands, or has no reason."""
    wrong = {
        Act.SUSPENDED: {"suspended": "it is suspended already", "ended": "it has ended"},
        Act.RESUMED: {"in_force": "it is not suspended", "ended": "it has ended"},
        Act.ENDED: {"ended": "it has ended already"},
    }.get(act, {})
    told = wrong.get(one.state) or (wrong.get("in_force") if one.state == "not_activated" else None)
    if told:
        raise UsageError(
            f"`{one.agreement}`: {told}", field="agreement", way_out="See `cordiale agreement status`."
        )
    if not reason.strip():
        raise UsageError("why is it done?", field="reason", way_out="Say it in a sentence: partners ask.")
    if len(reason) > REASON_MAX:
        raise UsageError(f"more than {REASON_MAX} characters", field="reason", way_out="Say it shorter.")


# ---------------------------------------------------------------------- what the gate reads


STOPS: Final = {
    Act.SUSPENDED: ("suspension", (Act.RESUMED, Act.ACTIVATED)),
    Act.ENDED: ("termination", (Act.ACTIVATED,)),
}
"""What stops an agreement -> the kind of record that it is, and what takes it away."""


def records(steps: Sequence[Step]) -> tuple[tuple[str, bytes], ...]:
    """(file name, TOML) of the record that each suspension and each end is."""
    found: list[tuple[str, bytes]] = []
    for place, step in enumerate(steps):
        if step.act in STOPS:
            kind, over_by = STOPS[step.act]
            over = next(
                (
                    later.on
                    for later in steps[place + 1 :]
                    if later.agreement == step.agreement and later.act in over_by
                ),
                None,
            )
            found.append(_record(step, kind, over))
    return tuple(found)


def read(files: Iterable[tuple[str, bytes]]) -> tuple[Record, ...]:
    """The records of these files."""
    return tuple(read_record(raw, name) for name, raw in files)


def _record(step: Step, kind: str, withdrawn: date | None) -> tuple[str, bytes]:
    id = f"{kind}-{step.agreement}-{step.number}"
    lines = [
        f"id = {_quoted(id)}",
        f'kind = "{kind}"',
        f"title = {_quoted(step.reason)}",
        f"ground = {_quoted(step.reason)}",
        f"issued_by = {_quoted(', '.join(step.by))}",
        f"agreement = {_quoted(step.agreement)}",
        f"from = {step.on}",
        f"known_from = {step.at.date()}",
        *([f"withdrawn_at = {withdrawn}"] if withdrawn is not None else []),
        'article = "VCLT Arts 57, 65"' if kind == "suspension" else 'article = "VCLT Arts 54, 70"',
        f'source = "step {step.number} of this node"',
        'confidence = "confirmed"',
    ]
    return f"life/{id}.toml", ("\n".join(lines) + "\n").encode()


def _quoted(words: str) -> str:
    """A basic TOML string: JSON's escapes are TOML's, but for DEL."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")
