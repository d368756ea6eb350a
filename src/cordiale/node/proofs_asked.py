"""Proofs asked for on a page: an agreement proved as of a day, what became of it kept in the home of a node;
and a draft compared with what is in force.

A proof here informs. What activates an agreement is proved and re-checked at its activation, never read here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cordiale.agreements import Agreement, Register
from cordiale.agreements.proofs.comparing import Versions
from cordiale.agreements.proofs.prove import PROVED, UNKNOWN, Outcome, prove, span
from cordiale.agreements.proofs.solving import Asks, Solver, Told, Unknown
from cordiale.errors import OpenError, UsageError
from cordiale.node import agreements_drafted, proving
from cordiale.node.agreements import found
from cordiale.node.agreements_compared import Reworded, reworded
from cordiale.world import Clock

if TYPE_CHECKING:
    from cordiale.node.node import Node

FOLDER: Final = "proofs"
WHOLE_S: Final = 60.0
"""Seconds for everything that the solver is asked for one page; a shipped agreement takes three at most."""
EACH_S: Final = 5.0
"""Seconds for one question of it; a shipped safeguard takes a tenth of one."""
NO_TIME: Final = "there was no time left for it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What became of one safeguard. `status`: proved (and re-checked), refuted or unknown.

    `request` breaks it; `answer` is what the gate says to it, with these `papers` on file in thought.
    """

    name: str
    says: str
    law: str
    status: str
    request: Mapping[str, Any] | None = None
    answer: Mapping[str, Any] | None = None
    papers: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The last proof of an agreement: of which words, beside which laws and records, for which days.

    `digest` is that of the agreement, `texts` that of everything that was read; `until` is the last day for
    which it holds, None for no end.
    """

    agreement: str
    version: int
    digest: str
    texts: str
    day: date
    until: date | None
    at: datetime
    guards: tuple[Guard, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many safeguards are proved, refuted, unknown."""
        return Counter(one.status for one in self.guards)

    def stands(self, register: Register, on: date) -> bool:
        """Whether nothing was changed since, and the day is one for which it was proved."""
        whole = self.texts == register.texts_digest
        return whole and self.day <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A draft beside what is in force: every change of what leaves, and every line that reads otherwise."""

    agreement: str
    draft: str
    old: tuple[int, str]
    new: tuple[int, str]
    """(version, digest) of each."""
    texts: str
    at: datetime
    changes: tuple[Mapping[str, Any], ...]
    reworded: tuple[Reworded, ...]


# ------------------------------------------------------------------------------ asking


@dataclass(frozen=True, slots=True)
class Hurried:
    """A solver that has so long for everything it is asked; what is asked after that is not known."""

    by: Asks
    clock: Clock
    until_s: float

    def ask(self, clauses: Sequence[Sequence[int]], asked: Sequence[int], cap_s: float) -> Iterator[Told]:
        """An answer for each literal, in order; Unknown for all that comes too late."""
        answered = 0
        if self._left():
            for told in self.by.ask(clauses, asked, min(cap_s, self._left())):
                yield told
                answered += 1
                if not self._left():
                    break
        for _ in asked[answered:]:
            yield Unknown(NO_TIME)

    def _left(self) -> float:
        return max(0.0, self.until_s - self.clock.monotonic_s())


def hurried(node: Node, solver: Asks) -> Hurried:
    """The solver, with WHOLE_S from now for everything."""
    clock = node.world.clock
    return Hurried(solver, clock, clock.monotonic_s() + WHOLE_S)


def proved(node: Node, id: str, at: datetime, draft: str = "") -> Kept:
    """Prove every safeguard of an agreement as of `at`, or of its draft as it would be in force; kept, unless
    it is a draft. Takes seconds, and a solver in a process of its own.

    Raises UsageError where there is no such agreement, AgreementFileError for a draft that cannot be read.
    """
    register = with_draft(node, draft, id) if draft else node.register
    agreement = found(register, id) if draft else agreed(node, id)
    with Solver() as solver:
        proof = prove(agreement, register, at, by=hurried(node, solver), cap_s=EACH_S)
    kept = Kept(
        agreement=agreement.id,
        version=agreement.version,
        digest=agreement.digest,
        texts=register.texts_digest,
        day=proof.day,
        until=span(register, at)[1],
        at=at,
        guards=tuple(map(_guard, proof.outcomes)),
    )
    if not draft:
        keep(node, kept)
    return kept


def _guard(one: Outcome) -> Guard:
    shown = one.breach
    return Guard(
        name=one.safeguard,
        says=one.says,
        law=one.law,
        status=UNKNOWN if one.status == PROVED and not one.rechecked else one.status,
        request=shown.request if shown else None,
        answer=shown.answer.as_json() if shown else None,
        papers=tuple(paper.kind for paper in shown.papers) if shown else (),
        why=one.why,
    )


def compared(node: Node, id: str, draft: str, at: datetime) -> Compared:
    """What a draft changes of the agreement in force, over every possible request, and in its words.

    Raises UsageError where one of the two is not there, AgreementFileError for a draft that cannot be read.
    """
    register = with_draft(node, draft, id)
    old, new = agreed(node, id), found(register, id)
    with Solver() as solver:
        told = proving.compared(
            Versions(old, new, node.register, register), at, EACH_S, by=hurried(node, solver)
        )
    return Compared(
        agreement=id,
        draft=draft,
        old=(old.version, old.digest),
        new=(new.version, new.digest),
        texts=register.texts_digest,
        at=at,
        changes=tuple(told["changes"]),
        reworded=tuple(reworded(old, new)),
    )


def agreed(node: Node, id: str) -> Agreement:
    """An agreement that counts here. Raises UsageError where there is none; a law is no agreement."""
    text = found(node.register, id)
    if text.is_law:
        raise UsageError(f"`{id[:80]}` is a law: what it bars is proved of each agreement", field="id")
    return text


def with_draft(node: Node, draft: str, id: str) -> Register:
    """The register of the node with one agreement of a draft in its place. Its answers are drafts.

    Raises UsageError where there is no such draft, or no such agreement in it.
    """
    text = drafted(node, draft, id)
    return node.register.counting([text], digests=[f"{draft}/{text.file} {text.digest}"]).supposing(())


def drafted(node: Node, draft: str, id: str) -> Agreement:
    """One agreement of a draft. Raises UsageError where the draft says nothing of it."""
    home, disk = node.home, node.world.disk
    alone = agreements_drafted.register_on(home, draft, disk, texts=node.settings.texts)
    text = next((one for one in alone.agreements if one.id == id), None)
    if text is None:
        raise UsageError(f"there is no agreement `{id[:80]}` in the draft `{draft[:60]}`", field="texts")
    return text


# ------------------------------------------------------------------------------ keeping


def keep(node: Node, kept: Kept) -> None:
    """Keep a proof in the home until the next one; a disk that does not take it loses it, and no more."""
    raw = json.dumps(asdict(kept), default=_plain, ensure_ascii=False).encode()
    try:
        node.world.disk.write(_place(node, kept.agreement), node.vault.lock(raw, _name(kept.agreement)))
    except OSError:
        return


def last(node: Node, id: str) -> Kept | None:
    """The last proof that was asked for here; None where there is none, or none that opens."""
    try:
        raw = node.vault.unlock(node.world.disk.read(_place(node, id)), _name(id))
        return _kept(json.loads(raw))
    except (OSError, OpenError, ValueError, KeyError, TypeError):
        return None  # of another node, of another version, or damaged: it is proved anew in seconds


def _kept(told: dict[str, Any]) -> Kept:
    until = told.pop("until")
    guards = tuple(Guard(**{**one, "papers": tuple(one["papers"])}) for one in told.pop("guards"))
    return Kept(
        **told
        | {
            "day": date.fromisoformat(told["day"]),
            "until": date.fromisoformat(until) if until else None,
            "at": datetime.fromisoformat(told["at"]),
            "guards": guards,
        }
    )


def _place(node: Node, id: str) -> Path:
    return node.home / FOLDER / id


def _name(id: str) -> str:
    return f"{FOLDER}/{id}"


def _plain(value: object) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return sorted(value) if isinstance(value, (set, frozenset)) else str(value)
