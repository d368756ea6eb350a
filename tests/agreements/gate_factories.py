"""A small invented world for the gate: a register, one law, agreements; what is not said is ordinary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cordiale.agreements import Answer, Register, decide, parse_question
from tests.agreements import kept

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)

REGISTER = """
[[side]]
code = "UK"
name = "United Kingdom"
bound_by = ["refugee-convention-1951"]
[[side]]
code = "FR"
name = "France"
member_of = [{bloc = "EU"}]
bound_by = ["refugee-convention-1951"]
[[side]]
code = "RS"
name = "Serbia"
[[side]]
code = "EU"
name = "Union"
kind = "bloc"
[[side]]
code = "FRONTEX"
name = "Frontex"
kind = "agency"
member_of = [{bloc = "EU-BODIES"}]
[rescue_minimum]
categories = ["event", "position", "count", "caller"]
never = ["nationality"]
article = "SAR"
[[rescue_authority]]
side = "FR"
authority = "cross"
sea_areas = ["dover-strait"]
[[rights_officer]]
side = "UK"
authority = "iopc"
hears = ["complain"]
[[goods_class]]
id = "life_jacket"
name = "Life-jackets"
excluded = true
article = "BSAIA s.15"
[[goods_class]]
id = "engine"
name = "Engines"
excluded = false
[[calendar]]
id = "ew"
name = "England and Wales"
weekend = ["saturday", "sunday"]
days = [2026-12-25, 2026-12-28]
from = 2026-01-01
until = 2027-01-01
"""

LISTS = """
authority = [
  {side = "UK", id = "nca", name = "Agency", kind = "police"},
  {side = "UK", id = "border", name = "Border", kind = "border"},
  {side = "UK", id = "mi5", name = "Service", kind = "police", national_security = true},
  {side = "UK", id = "iopc", name = "Complaints", kind = "rights"},
  {side = "FR", id = "pj", name = "Police", kind = "police"},
  {side = "FR", id = "paf", name = "Border police", kind = "border"},
  {side = "FR", id = "cross", name = "Rescue", kind = "rescue"},
  {side = "FR", id = "line", name = "Ferry line", kind = "private"},
  {side = "FR", id = "central", name = "Central", kind = "central_authority"},
  {side = "RS", id = "mup", name = "Police", kind = "police"},
  {side = "FRONTEX", id = "frontex", name = "Frontex", kind = "agency"},
]
handling_code = [
  {id = "H0", rank = 0, use_only = ["prevent", "investigate"]},
  {id = "H1", rank = 1, travels = ["no_court_use"]},
  {id = "H2", rank = 2, travels = ["ask_originator"]},
  {id = "H3", rank = 3, human_reads = true},
  {id = "unknown", rank = 3, human_reads = true},
]
classification = [
  {marking = "OFFICIAL", rank = 0},
  {marking = "LIMITE", rank = 1},
  {marking = "OFFICIAL-SENSITIVE", rank = 1},
  {marking = "SECRET", rank = 4, above_ceiling = true},
  {marking = "unknown", rank = 5, above_ceiling = true},
]
"""

LAW = """
id = "law"
title = "Invented law"
version = 1
kind = "law"
legal_nature = "statute"
[[validity]]
from = 2020-01-01
"""

AGREEMENT = """
id = "{id}"
title = "Invented agreement {id}"
version = 1
kind = "agreement"
legal_nature = "treaty"
{head}
[[validity]]
from = 2024-01-01
until = 2030-01-01
[[side]]
code = "UK"
[[side.authority]]
id = "nca"
[[side.authority]]
id = "border"
from = 2026-01-01
[[side]]
code = "EU"
bloc = true
[[side.authority]]
kind = "police"
[[side]]
code = "RS"
[[side.authority]]
id = "mup"
[basis.UK_to_EU]
mode = "approval"
records = ["approval:UK>EU"]
regimes = ["crime"]
data = "yes"
[basis.UK_to_RS]
mode = "none"
{body}
"""

PROVISION = """
[[provision]]
id = "{id}"
article = "Art {id}"
sentence = "Invented: {id}."
source = "invented"
effect = "permit"
types = ["intelligence_report"]
acts = ["share", "ask", "answer", "onward", "reuse", "search"]
directions = ["UK>EU", "EU>UK", "UK>RS"]
purposes = ["investigate", "prosecute", "evidence", "border_control", "statistics"]
{lines}
"""

APPROVAL = """
id = "approval-uk-eu"
kind = "approval"
issued_by = "Invented Secretary of State"
from = 2025-01-01
known_from = 2025-01-01
from_side = "UK"
to_side = "EU"
regimes = ["crime"]
"""


def provision(id: str = "1", **lines: str) -> str:
    """A permitting provision; keyword lines are TOML values and replace or add keys."""
    ordinary = {
        "granted": '["event", "name", "image", "count", "goods", "vessel_id", "staff"]',
        "personal": '"yes"',
    }
    text = "\n".join(f"{k.rstrip('_')} = {v}" for k, v in (ordinary | lines).items() if v)
    base = PROVISION.format(id=id, lines=text)
    if "types" in lines or "acts" in lines or "purposes" in lines or "directions" in lines:
        kept = [x for x in base.splitlines() if x.split(" = ")[0] not in lines or x in text.splitlines()]
        return "\n".join(dict.fromkeys(kept))
    return base


def agreement(body: str | None = None, id: str = "deal", head: str = "") -> str:
    return AGREEMENT.format(id=id, head=head, body=provision() if body is None else body)


def world(
    folder: Path, *agreements: str, law: str = "", records: Mapping[str, str] | None = None
) -> Register:
    """Write the files and load them."""
    for name, text in {"register.toml": REGISTER, "lists.toml": LISTS, "law.toml": LAW + law}.items():
        (folder / name).write_text(text, encoding="utf-8")
    for number, text in enumerate(agreements or (agreement(),)):
        (folder / f"agreement{number}.toml").write_text(text, encoding="utf-8")
    for name, text in ({"approval": APPROVAL} | dict(records or {})).items():
        (folder / f"record-{name}.toml").write_text(text, encoding="utf-8")
    return Register.load(folder)


def record(id: str, kind: str, **lines: str) -> str:
    base = (
        f'id = "{id}"\nkind = "{kind}"\nissued_by = "Invented"\nfrom = 2025-01-01\nknown_from = 2025-01-01\n'
    )
    return base + "\n".join(f"{k.rstrip('_')} = {v}" for k, v in lines.items())


STATED = {"source": "document", "by": "officer 7 (invented)", "at": "2026-11-01"}


def person(**said: Any) -> dict[str, Any]:
    """An adult suspect of whom all is known, by somebody, from a document."""
    facts = ("protection", "human_rights_claim", "minor", "accompanied", "trafficking_indicator", "stateless")
    facts = (*facts, "nationality")
    return {
        "id": "s1",
        "kind": "person",
        "role": "suspect",
        "protection": "none",
        "human_rights_claim": "none",
        "nationality": ["FR"],
        "stateless": "no",
        "minor": "no",
        "accompanied": "yes",
        "trafficking_indicator": "no",
        "protected_activity": "none",
        "established": dict.fromkeys((*facts, "protected_activity"), STATED),
    } | said


def item(category: str = "event", id: str = "", **said: Any) -> dict[str, Any]:
    about = {"subjects": ["s1"]} if category in ("name", "image", "conviction", "fingerprint") else {}
    return (
        {
            "id": id or category,
            "category": category,
            "origin": origin(),
            "handling": {"code": "H1", "classification": "LIMITE"},
        }
        | about
        | said
    )


def origin(**said: Any) -> dict[str, Any]:
    return {
        "owner": "UK/nca",
        "systems": ["national_police"],
        "collected_for": "investigate",
        "regime": "crime",
        "obtained": "lawfully",
    } | said


def asked(*items: dict[str, Any], **said: Any) -> dict[str, Any]:
    """A request from the UK agency to the French police about one suspect."""
    return {
        "id": "q1",
        "act": "share",
        "type": "intelligence_report",
        "from": {"side": "UK", "authority": "nca"},
        "to": {"side": "FR", "authority": "pj"},
        "automated": "no",
        "purpose": "investigate",
        "regime": "crime",
        "targeting": "individual",
        "case": "c1",
        "subjects": [person()],
        "items": list(items or (item(), item("name"))),
    } | said


def answer(register: Register, *items: dict[str, Any], at: datetime = AT, **said: Any) -> Answer:
    found = decide(parse_question(asked(*items, **said)), register, at)
    kept.heard.append(kept.told(found))
    return found


def steps(found: Answer) -> list[int]:
    return [f.step for f in found.failures]


def fields(found: Answer) -> list[str]:
    return [f.field for f in found.failures if f.field]
