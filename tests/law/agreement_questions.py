"""Questions to the real gate over the shipped files; what is not said is ordinary. Persons are invented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cordiale.agreements import Register, decide, parse_question
from cordiale.terms import CATEGORIES, Personal

Raw = dict[str, Any]
AUTUMN_2026 = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)

DOCUMENTED: Raw = {"source": "document", "by": "officer-1", "at": "2026-01-05"}
STATED = (
    "protection",
    "human_rights_claim",
    "nationality",
    "stateless",
    "minor",
    "accompanied",
    "trafficking_indicator",
    "protected_activity",
    "role",
)
PERSONAL = frozenset(c.value for c, says in CATEGORIES.items() if says.personal is Personal.YES)


@cache
def shipped() -> Register:
    """The agreements, laws, register and records as they ship."""
    return Register.load()


def person(**said: Any) -> Raw:
    """One invented adult suspect of whom everything is known and nothing stands in the way."""
    return {
        "id": "s1",
        "kind": "person",
        "role": "suspect",
        "protection": "none",
        "human_rights_claim": "none",
        "nationality": ["AL"],
        "stateless": "no",
        "minor": "no",
        "accompanied": "no",
        "trafficking_indicator": "no",
        "protected_activity": "none",
        "informed": "yes",
        "established": dict.fromkeys(STATED, DOCUMENTED),
    } | said


def item(category: str, *, purpose: str, regime: str, owner: str, **said: Any) -> Raw:
    """One leaf of a payload, graded, dated, checked and lawfully come by."""
    ordinary: Raw = {
        "id": category,
        "category": category,
        "subjects": ["s1"] if category in PERSONAL else [],
        "assertion": "fact",
        "as_of": "2026-11-01T12:00:00Z",
        "grade": {"scheme": "3x5x2", "source": "1", "information": "A"},
        "verified": "yes",
        "origin": {
            "owner": owner,
            "state": owner.split("/")[0],
            "systems": ["national_police"],
            "collected_for": purpose,
            "regime": regime,
            "obtained": "lawfully",
        },
        "handling": {
            "code": "P",
            "classification": "OFFICIAL",
            "caveats": [],
            "restrictions": [],
            "consents": [],
        },
    }
    return ordinary | said


def party(name: str, **said: Any) -> Raw:
    """`UK/nca` as a party, spoken for by an own officer."""
    side, authority = name.split("/")
    return {"side": side, "authority": authority, "person": {"capacity": "own_officer"} | said}


def confirmed(what: str, by: str = "examiner-1") -> Raw:
    """A named, qualified person's confirmation, given before any day that the tests ask about."""
    return {
        "person": by,
        "role": "officer",
        "qualified": "yes",
        "of": what,
        "at": "2025-09-01T11:00:00Z",
        "independent_of": [],
    }


def ask(
    information: str,
    categories: Iterable[str],
    *,
    between: tuple[str, str],
    basis: str,
    at: datetime = AUTUMN_2026,
    **said: Any,
) -> Mapping[str, Any]:
    """Ask the gate one question and hand back its answer as JSON.

    `between`: sender and recipient as `SIDE/authority`. `items`: ready items beside the ordinary ones of
    `categories`. `records`: none but the shipped ones. Everything else goes into the question as it stands.
    """
    return decide(
        parse_question(question(information, categories, between=between, basis=basis, **said)), shipped(), at
    ).as_json()


def question(
    information: str, categories: Iterable[str], *, between: tuple[str, str], basis: str, **said: Any
) -> Raw:
    """The raw question that `ask` puts."""
    sender, recipient = between
    purpose, regime = said.pop("purpose", "investigate"), said.pop("regime", "crime")
    capacity = said.pop("capacity", "own_officer")
    changed = said.pop("changed", {})
    subjects = said.pop("subjects", [person()])
    about = {"subjects": []} if not subjects else {}
    items = [
        item(c, purpose=purpose, regime=regime, owner=sender, **(about | changed.get(c, {})))
        for c in categories
    ]
    facts = {"judicial_channel_required": False} | said.pop("facts", {})
    ordinary: Raw = {
        "id": "q1",
        "act": "share",
        "type": information,
        "mode": "spontaneous",
        "urgent": "no",
        "asked_basis": basis,
        "case": "case-1",
        "channel": "node",
        "from": party(sender, capacity=capacity),
        "to": party(recipient),
        "automated": "no",
        "purpose": purpose,
        "regime": regime,
        "offence": {
            "law": "UK",
            "code": "facilitation",
            "max_years": 14,
            "stage": "suspected",
            "place": "UK",
        },
        "targeting": "individual",
        "modality": "stored",
        "subjects": subjects,
        "items": items,
        "facts": facts,
        "confirmations": [],
    }
    return {key: value for key, value in (ordinary | said).items() if value is not None}


def leaves(answer: Mapping[str, Any]) -> set[str]:
    """The items that leave, by id (here: by category)."""
    return set(answer["leaves"])


def withheld(answer: Mapping[str, Any]) -> dict[str, str]:
    """What stays, and the article that keeps it."""
    return {line["item"]: line["article"] for line in answer["withheld"]}


def refused(answer: Mapping[str, Any], article: str) -> bool:
    """Whether the answer is refuse and one of its failures names the article."""
    return answer["verdict"] == "refuse" and any(article in f["article"] for f in answer["failures"])
