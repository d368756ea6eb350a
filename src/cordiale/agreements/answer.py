"""The answer of the gate: permit, withhold or refuse, with every reason, and its JSON.

An answer is a value, never an exception. `as_json` is for those who may know why; `without_reasons` is what a
partner, or an officer without need, may see: it has the same shape whoever the persons are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from cordiale.agreements.vocabulary import STEPS
from cordiale.agreements.words import said_by
from cordiale.terms import Verdict

ANSWER_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failing step: how far it reaches, by which article, how sure, and in a plain sentence."""

    step: int
    scope: str
    article: str
    sentence: str
    source: str = ""
    confidence: str = "confirmed"
    agreement: str = ""
    provision: str = ""
    field: str = ""
    items: tuple[str, ...] = ()
    refer_to: str = ""
    read: str = ""
    instead: tuple[str, ...] = ()
    curable: bool = False
    because: int = 0
    """The step that took what is missing, where this failure only follows from that; else 0."""

    def as_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "step": self.step,
            "name": STEPS[self.step],
            "scope": self.scope,
            "article": self.article,
            "source": self.agreement + (f"/{self.provision}" if self.provision else ""),
            "document": self.source,
            "confidence": self.confidence,
            "sentence": self.sentence,
        }
        for key in ("field", "refer_to", "read"):
            if getattr(self, key):
                out[key] = getattr(self, key)
        if self.items:
            out["items"] = list(self.items)
        if self.because:
            out["because"] = self.because
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What must be there before anything leaves, and who can give it."""

    what: str
    name: str
    who_can_give: str
    article: str
    items: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        out = {
            "what": self.what,
            "name": self.name,
            "who_can_give": self.who_can_give,
            "article": self.article,
        }
        return {**out, "items": list(self.items)} if self.items else out


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What must be done afterwards."""

    do: str
    article: str
    by: str = ""
    to: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            k: v
            for k, v in (("do", self.do), ("by", self.by), ("to", self.to), ("article", self.article))
            if v
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """An item that leaves in a lesser form."""

    item: str
    how: str
    article: str

    def as_json(self) -> dict[str, Any]:
        return {"item": self.item, "how": self.how, "article": self.article}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocked:
    """A clock: its start, how it is counted, whether law, agreement, aim or service level, and when it is
    due."""

    name: str
    binding: str
    starts: str
    article: str
    first_day_counts: bool = False
    unit: str = ""
    n: int | None = None
    calendar: str = ""
    due: str = ""
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "name": self.name,
            "binding": self.binding,
            "starts": self.starts,
            "first_day_counts": self.first_day_counts,
            "article": self.article,
        }
        # "As soon as possible" is never turned into hours.
        out |= {"as_soon_as_possible": True} if self.n is None else {"unit": self.unit, "n": self.n}
        return out | {
            k: v for k, v in (("calendar", self.calendar), ("due", self.due), ("note", self.note)) if v
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Another lawful way: `computed` ones were decided in full; authored ones come from a line's
    `instead`."""

    by: str
    verdict: str
    sentence: str
    computed: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "by": self.by,
            "verdict": self.verdict,
            "sentence": self.sentence,
            "computed": "yes" if self.computed else "no",
        }


Restriction = tuple[str, tuple[str, ...]]
"""A restriction that travels: its name and, for some, what it lists or the day it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The whole answer (docs/reference/decide.md)."""

    verdict: Verdict
    at: str
    texts_digest: str
    replay: str
    draft: bool = False
    would_be: Verdict | None = None
    agreement: str = ""
    provision: str = ""
    article: str = ""
    sentence: str = ""
    step: int = 0
    relies_on: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    withheld: tuple[Failure, ...] = ()
    transform: tuple[Changed, ...] = ()
    failures: tuple[Failure, ...] = ()
    missing: tuple[Missing, ...] = ()
    duties: tuple[Duty, ...] = ()
    travels: tuple[Restriction, ...] = ()
    must_include: tuple[str, ...] = ()
    must_also_send: tuple[tuple[str, str, str], ...] = ()
    refer_to: tuple[tuple[str, str], ...] = ()
    clocks: tuple[Clocked, ...] = ()
    routes: tuple[Route, ...] = ()
    passed_over: tuple[tuple[str, str], ...] = ()
    confidence: str = "confirmed"
    warnings: tuple[str, ...] = ()
    id: str = field(default="")

    @property
    def permitted(self) -> bool:
        """Whether anything leaves."""
        return self.verdict is not Verdict.REFUSE

    def as_json(self) -> dict[str, Any]:
        """The answer for those who may know why."""
        return {
            "version": ANSWER_VERSION,
            "id": self.id,
            "verdict": self.verdict.value,
            "would_be": self.would_be.value if self.would_be else None,
            "draft": self.draft,
            "at": self.at,
            "texts_digest": self.texts_digest,
            "headline": {
                "step": self.step,
                "name": STEPS[self.step],
                "article": self.article,
                "agreement": self.agreement,
                "sentence": self.sentence,
            },
            "basis": {
                "agreement": self.agreement,
                "provision": self.provision,
                "relies_on": list(self.relies_on),
            },
            "leaves": list(self.leaves),
            "withheld": [_withheld(f, item) for f in self.withheld for item in f.items],
            "transform": [c.as_json() for c in self.transform],
            "failures": [f.as_json() for f in self.failures],
            "missing": [m.as_json() for m in self.missing],
            "duties": [d.as_json() for d in self.duties],
            "travels": [_restriction(r) for r in self.travels],
            "must_include": list(self.must_include),
            "must_also_send": [
                {"side": side, "authority": authority, "article": article}
                for side, authority, article in self.must_also_send
            ],
            "refer_to": [{"authority": who, "why": why} for who, why in self.refer_to],
            "clocks": [c.as_json() for c in self.clocks],
            "routes": [r.as_json() for r in self.routes],
            "passed_over": [{"basis": basis, "why": why} for basis, why in self.passed_over],
            "confidence": self.confidence,
            "warnings": list(self.warnings),
            "said": self._said(),
            "replay": self.replay,
        }

    def _said(self) -> list[dict[str, Any]]:
        """Each of the gate's own sentences, once, with the codes and words that another language needs."""
        told = [self.sentence, *(f.sentence for f in (*self.failures, *self.withheld))]
        told += [*(r.sentence for r in self.routes), *self.warnings, *(why for _, why in self.passed_over)]
        made = {sentence: said_by(sentence) for sentence in told}
        return [
            {"sentence": str(sentence), "says": [one.as_json() for one in says]}
            for sentence, says in made.items()
            if says
        ]

    def without_reasons(self) -> dict[str, Any]:
        """What a partner may see: what leaves and under which limits, and nothing about why the rest
        stayed."""
        return {
            "version": ANSWER_VERSION,
            "verdict": self.verdict.value if self.verdict is Verdict.REFUSE else "permit",
            "agreement": self.agreement if self.permitted else "",
            "provision": self.provision if self.permitted else "",
            "leaves": list(self.leaves),
            "travels": [_restriction(r) for r in self.travels],
            "clocks": [c.as_json() for c in self.clocks],
        }


def _withheld(failure: Failure, item: str) -> dict[str, Any]:
    return {
        "item": item,
        "scope": failure.scope,
        "step": failure.step,
        "article": failure.article,
        "sentence": failure.sentence,
    }


def _restriction(restriction: Restriction) -> Any:
    name, values = restriction
    if name in ("use_only", "never_to"):
        return {name: list(values)}
    return {name: values[0]} if values else name
