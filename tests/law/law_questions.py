"""Questions that test a law file, put under an invented agreement that would let everything pass.

So what stays stays by law: the gate, the laws, the register and the records are the shipped ones.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

from agreement_questions import Raw, confirmed, item, party, shipped

from cordiale.agreements import INFORMATION_TYPES, Register, decide, parse_question
from cordiale.terms import Act, Category, Purpose, Regime

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
OUT = ("UK/nca", "FR/police-judiciaire")
IN = ("FR/police-judiciaire", "UK/nca")
TCA = "eu-uk-tca-563-operational"
STATED = "protection human_rights_claim nationality stateless minor accompanied trafficking_indicator"
SETTLED = {"source": "lawful_assessment", "by": "case-officer-7", "at": "2026-10-30"}

__all__ = ["IN", "NOW", "OUT", "TCA", "confirmed", "does", "known", "leaf", "owes", "put", "runs", "says"]

SIDES = ("UK", "EU", "FRONTEX", "EUROPOL", "EUROJUST", "INTERPOL", "RS", "AL", "IQ")


@cache
def permissive() -> Register:
    """The shipped laws, register and records beside one invented agreement that grants everything."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "everything.toml").write_text(everything(), encoding="utf-8")
        return Register.load(Path(folder))


def everything() -> str:
    """An agreement that no state would sign: all types, acts, purposes and categories, in every direction."""
    kinds = sorted({a.kind for a in shipped().authorities})
    bodies = "".join(f'[[side.authority]]\nkind = "{kind}"\n' for kind in kinds)
    sides = "".join(
        f'[[side]]\ncode = "{code}"\nbloc = {str(code == "EU").lower()}\n{bodies}' for code in SIDES
    )
    ways = [(a, b) for a, b in permutations(SIDES, 2)] + [("EU", "EU")]
    ground = f'mode = "instrument"\ndata = "yes"\nregimes = {listed(Regime)}\n'
    bases = "".join(f"[basis.{a}_to_{b}]\n{ground}" for a, b in ways)
    return f"""
id = "invented-everything"
title = "Invented: an agreement that grants everything"
version = 1
kind = "agreement"
legal_nature = "treaty"
[[validity]]
from = 2018-01-01
[[provision]]
id = "all"
article = "Invented Art 1"
sentence = "Invented: everything passes."
effect = "permit"
types = {listed(INFORMATION_TYPES)}
acts = {listed(Act)}
directions = ["*>*"]
purposes = {listed(Purpose)}
granted = {listed(Category)}
personal = "yes"
{sides}
{bases}
"""


def listed(words: Iterable[str]) -> str:
    """A TOML list of words."""
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


def known(**said: Any) -> Raw:
    """An invented adult of whom everything is known, stated by a named officer from an assessment."""
    everything: Raw = {
        "id": "s1",
        "kind": "person",
        "role": "suspect",
        "protection": "none",
        "human_rights_claim": "none",
        "nationality": ["VN"],
        "stateless": "no",
        "minor": "no",
        "accompanied": "no",
        "trafficking_indicator": "no",
        "protected_activity": "none",
        "informed": "yes",
    }
    names = (*STATED.split(), "protected_activity", "role")
    return everything | {"established": dict.fromkeys(names, SETTLED)} | said


def leaf(category: str, owner: str = "UK/nca", **said: Any) -> Raw:
    """One item; `systems`, `obtained`, `state` and the like go into its origin."""
    purpose, regime = said.pop("purpose", "investigate"), said.pop("regime", "crime")
    plain = item(category, purpose=purpose, regime=regime, owner=owner)
    origin = {k: said.pop(k) for k in tuple(said) if k in ("systems", "obtained", "state", "source_article")}
    return plain | {"origin": plain["origin"] | origin} | said


def put(
    information: str,
    items: Iterable[str | Raw],
    *,
    between: tuple[str, str] = OUT,
    at: datetime = NOW,
    **said: Any,
) -> Mapping[str, Any]:
    """Ask the real gate, under the agreement that grants everything or a shipped one (`asked_basis`)."""
    sender, recipient = between
    purpose, regime = said.pop("purpose", "investigate"), said.pop("regime", "crime")
    ready = [leaf(i, sender, purpose=purpose, regime=regime) if isinstance(i, str) else i for i in items]
    plain: Raw = {
        "id": "q1",
        "act": "share",
        "type": information,
        "mode": "spontaneous",
        "urgent": "no",
        "case": "case-1",
        "channel": "node",
        "from": party(sender, capacity=said.pop("capacity", "own_officer")),
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
        "subjects": [known()],
        "items": ready,
        "facts": {"judicial_channel_required": False} | said.pop("facts", {}),
        "confirmations": [],
    }
    books = shipped() if "asked_basis" in said else permissive()
    return decide(parse_question(plain | said), books, at).as_json()


def says(answer: Mapping[str, Any], article: str) -> bool:
    """Whether the article speaks against the request or one of its items."""
    return any(article in line["article"] for line in (*answer["failures"], *answer["withheld"]))


def does(answer: Mapping[str, Any], verdict: str) -> bool:
    """Whether the answer is that verdict."""
    return bool(answer["verdict"] == verdict)


def owes(answer: Mapping[str, Any], article: str) -> bool:
    """Whether a duty of that article goes with the answer."""
    return any(article in (duty["article"] or "") for duty in answer["duties"])


def runs(answer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The clock of that name; fails when none runs."""
    return next(clock for clock in answer["clocks"] if clock["name"] == name)
