"""Proving agreements, joined: which files, on which day, and what is told of it.

Works without a node: a lawyer's laptop needs no keys to prove. The proofs are in agreements/proofs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cordiale.agreements import Register
from cordiale.agreements.check import lint
from cordiale.agreements.model import Agreement
from cordiale.agreements.proofs.comparing import Change, Versions
from cordiale.agreements.proofs.prove import PROVED, REFUTED, Outcome, Proof, noon, prove, spans
from cordiale.agreements.proofs.safeguards import SAFEGUARDS, SUSPENDED
from cordiale.agreements.proofs.solving import CAP_S, Asks, Solver
from cordiale.agreements.register import gather
from cordiale.agreements.text import raw_of, read_agreement
from cordiale.errors import UsageError
from cordiale.world import Disk, SystemDisk

WORDS: Final = {PROVED: "holds", REFUTED: "IS BROKEN"}
Tell = Callable[[str], None]


def chosen(
    what: str | None, texts: Path | None, records: Path | None, disk: Disk | None = None
) -> tuple[Register, tuple[Agreement, ...]]:
    """The register, and the agreements to prove: all of them, one by its id, or one file beside the others.

    A file stands in the place of the agreement with its id, so that a changed copy is proved as it would be
    in force. Raises UsageError for an id that is not known, AgreementFileError for a file with a mistake.
    """
    if what is None or not what.endswith(".toml"):
        register = Register.load(texts, records)
        if what is None:
            return register, register.agreements
        found = next((one for one in register.agreements if one.id == what), None)
        if found is None:
            raise UsageError(f"no agreement `{what}` here", way_out="`cordiale agreement list` shows them.")
        return register, (found,)
    path = Path(what)
    read = read_agreement(raw_of(path, path.name, disk or SystemDisk()), path.name)
    register = with_text(read, texts, records, disk or SystemDisk())
    # A law binds whatever agreement is used: all of them are proved under it.
    return register, tuple(one for one in register.agreements if read.is_law or one.id == read.id)


def with_text(text: Agreement, texts: Path | None, records: Path | None, disk: Disk) -> Register:
    """The register with this text in the place of the one that has its id. Always a draft."""
    loaded, mistakes = gather(texts, records, disk)
    others = tuple(one for one in loaded.agreements if one.id != text.id)
    digests = (*loaded.digests, f"{text.file} {text.digest}")
    whole = replace(loaded, agreements=(*others, text), digests=digests)
    known = {(one.message, one.field) for one in mistakes}
    fresh = [one for one in (*mistakes, *lint(whole)) if (one.message, one.field) not in known]
    for wrong in (*mistakes, *fresh):
        raise wrong
    return Register(whole, draft=True)


def proofs(
    register: Register,
    agreements: Sequence[Agreement],
    at: datetime,
    *,
    ahead: bool = False,
    cap_s: float = CAP_S,
    tell: Tell = lambda _: None,
) -> Iterator[Proof]:
    """The proof of each agreement as of `at`; `ahead`: on every span of days that lies ahead, too."""
    days = [at, *(noon(day) for day in spans(register, at)[1:])] if ahead else [at]
    with Solver() as solver:
        for number, agreement in enumerate(agreements, start=1):
            for day in days:
                tell(f"{number} of {len(agreements)}: {agreement.id} as of {day.date()}")
                yield prove(agreement, register, day, by=solver, cap_s=cap_s)


def as_json(found: Sequence[Proof]) -> dict[str, Any]:
    """`{"agreements": [{"id", "safeguards": [{"name", "status", "certificate", "rechecked", …}]}]}`."""
    return {"agreements": [one.as_json() for one in found]}


def lines(proof: Proof) -> list[tuple[str, str]]:
    """(word, sentence) of each safeguard, for people: what is broken first, with the request."""
    order = sorted(proof.outcomes, key=lambda one: (one.holds, one.status != REFUTED))
    told: list[tuple[str, str]] = []
    for one in order:
        word = WORDS.get(one.status, "not known") if one.holds or one.status != PROVED else "not known"
        told.append((word, f"{one.says} ({one.law})"))
        told += [("", line) for line in breach(one)]
        if one.why:
            told.append(("", one.why))
    return told


def breach(outcome: Outcome) -> list[str]:
    """The request that breaks a safeguard, in plain words."""
    if outcome.breach is None:
        return []
    answer = outcome.breach.answer
    found = [*request_lines(outcome.breach.request), f"it leaves under {answer.provision} ({answer.article})"]
    papers = [_plain(paper.kind) for paper in outcome.breach.papers]
    return [*found, f"with papers in thought: {', '.join(papers)}"] if papers else found


def request_lines(asked: Mapping[str, Any]) -> list[str]:
    """A request in plain words: who to whom, what for, and what it says of whom."""
    item, who = asked["items"][0], asked["subjects"][0]
    about = "; ".join(f"{_plain(name)}: {_value(value)}" for name, value in told_of(who).items())
    return [
        f"{_end(asked['from'])} to {_end(asked['to'])}: {_plain(asked['act'])} of {_plain(asked['type'])}"
        f" for {_plain(asked['purpose'])}",
        f"what it tells: {_plain(item['category'])}, about {_plain(who['kind'])} ({about})",
    ]


def told_of(who: Mapping[str, Any]) -> dict[str, Any]:
    """What the request says of the person, but for what everybody has."""
    return {name: value for name, value in who.items() if name not in ("id", "kind", "established")}


def _end(end: Mapping[str, Any]) -> str:
    return f"{end['side']}/{end['authority']}"


def _plain(word: str) -> str:
    return str(word).replace("_", " ")


def _value(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else _plain(value)


def reference() -> str:
    """The page of the safeguards (docs/reference/safeguards.md)."""
    told = [f"| `{one.name}` | {one.says} | {one.law} |" for one in (*SAFEGUARDS, *SUSPENDED)]
    return "\n".join((*_ABOVE, *told, _SERVED, ""))


_SERVED: Final = (
    "| `served` | Every purpose that the agreement promises can be served: a request for each is shown. | |"
)
_ABOVE: Final = (
    "# The safeguards",
    "",
    "What `cordiale agreement prove` shows of an agreement, for every possible request on a day. Each is",
    "stated about what *leaves*, never about what was asked, and has its twin for what nobody knows. They",
    "stand in one file, `src/cordiale/agreements/proofs/safeguards.py`, and read none of the lines that are",
    "meant to keep them.",
    "",
    "| name | what it says | law |",
    "|---|---|---|",
)


# ---------------------------------------------------------------------- comparing versions


def versions(old: str, new: str, texts: Path | None, records: Path | None) -> Versions:
    """Two versions of one agreement: each an id of the register, or a file that stands in its place.

    Raises UsageError where they are not of one agreement.
    """
    (with_old, before), (with_new, after) = (chosen(one, texts, records) for one in (old, new))
    if len(before) != 1 or len(after) != 1 or before[0].id != after[0].id:
        raise UsageError(
            f"`{old}` and `{new}` are not two versions of one agreement",
            way_out="Their `id` must be the same.",
        )
    return Versions(before[0], after[0], with_old, with_new)


def compared(
    found: Versions, at: datetime, cap_s: float = CAP_S, *, by: Asks | None = None
) -> dict[str, Any]:
    """Every change of what leaves, on the day and on each date of one version only; and of words.

    `by`: a solver that the caller keeps; without it, one is started and ended here.
    """
    if by is None:
        with Solver() as solver:
            return compared(found, at, cap_s, by=solver)
    changes: list[Change] = []
    told: set[tuple[str, str, bool]] = set()
    for day in found.days(at):
        for change in found.changes(at if day == at.date() else noon(day), by, cap_s):
            key = (change.what, change.line, change.by_words)
            if key not in told:
                told.add(key)
                changes.append(change)
    return {
        "id": found.new.id,
        "old": {"version": found.old.version, "digest": found.old.digest},
        "new": {"version": found.new.version, "digest": found.new.digest},
        "changes": [one.as_json() for one in changes],
        "wording": [one.as_json() for one in found.wording()],
    }


def change_lines(change: Mapping[str, Any]) -> list[str]:
    """One change for people: what, where, and the request in plain words."""
    words = " by its own words alone; the laws answer as before" if change["by_own_words_alone"] else ""
    found = [f"{change['what']}{words}: {change['provision']} ({change['article']}), {change['day']}"]
    if "request" in change:
        found += [f"    {line}" for line in request_lines(change["request"])]
    return found + ([f"    not known: {change['why']}"] if change.get("why") else [])
