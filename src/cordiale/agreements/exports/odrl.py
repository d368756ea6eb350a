"""An agreement as an ODRL 2.2 policy in JSON-LD, for systems that read such.

ODRL has no unknown values, no law beside the contract and no persons within an item. What it cannot say
stands under `cordiale:`, field by field; each permission therefore also asks for the gate's answer, so that
the policy read alone permits nothing. docs/reference/agreement-exports.md lists what stands where.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from cordiale.agreements.exports.fields import plain, said, urn
from cordiale.agreements.model import (
    Agreement,
    Condition,
    Line,
    OnwardRule,
    PartySide,
    Protects,
    Provision,
    Requirement,
    Retention,
    Scope,
    Span,
    Taint,
)

Node = dict[str, Any]
CONTEXT: Final = (
    "http://www.w3.org/ns/odrl.jsonld",
    {
        "cordiale": "urn:cordiale:terms:",
        "dct": "http://purl.org/dc/terms/",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    },
)
PROFILE: Final = "urn:cordiale:odrl-profile:1"
"""ODRL 2.2 section 3.1: a processor that does not know the profile must not go on."""
ASKS_THE_GATE: Final = MappingProxyType(
    {
        "leftOperand": "cordiale:answerOfTheGate",
        "operator": "isAnyOf",
        "rightOperand": ({"@id": "cordiale:permit"}, {"@id": "cordiale:withhold"}),
    }
)

POINTS: Final = MappingProxyType(
    {
        "purposes": ("purpose", "isAnyOf"),
        "not_purposes": ("purpose", "isNoneOf"),
        "channel": ("deliveryChannel", "isAnyOf"),
        "regimes": ("cordiale:regime", "isAnyOf"),
        "authority_kinds": ("cordiale:authorityKind", "isAnyOf"),
        "not_authority_kinds": ("cordiale:authorityKind", "isNoneOf"),
        "recipient_kinds": ("cordiale:recipientKind", "isAnyOf"),
        "capacities": ("cordiale:capacity", "isAnyOf"),
        "targeting": ("cordiale:targeting", "isAnyOf"),
        "modality": ("cordiale:modality", "isAnyOf"),
        "automated": ("cordiale:automated", "isAnyOf"),
    }
)
"""What a line says of a request -> left operand and operator of a constraint."""
ITEM_POINTS: Final = MappingProxyType(
    {
        "roles": ("cordiale:role", "isAnyOf"),
        "systems": ("cordiale:system", "isAnyOf"),
        "origin_blocs": ("cordiale:originBloc", "isAnyOf"),
        "classifications": ("cordiale:classification", "isAnyOf"),
    }
)
"""What a line says of items -> left operand and operator of a refinement of the target."""
DUTY_ACTIONS: Final = MappingProxyType(
    {
        "inform_originator": "inform",
        "inform_state": "inform",
        "inform_person": "inform",
        "inform_regulator": "inform",
        "delete": "delete",
    }
)
"""Duties that ODRL has an action for; the others are `cordiale:` and the word of the file."""
PERIODS: Final = MappingProxyType({"h": "PT{n}H", "day": "P{n}D", "month": "P{n}M", "year": "P{n}Y"})
"""Units as xsd:duration. Working days have none: they depend on a calendar."""
ABOUT: Final = frozenset(
    {"id", "article", "sentence", "sentences", "source", "confidence", "effect", "read", "reads"}
)
"""What `_law` says of every line."""


def odrl_bytes(agreement: Agreement) -> bytes:
    """The policy as UTF-8 JSON, the same bytes for the same file."""
    return (json.dumps(odrl_policy(agreement), ensure_ascii=False, indent=2) + "\n").encode()


def odrl_policy(agreement: Agreement) -> Node:
    """The whole file as one ODRL Agreement (of a law file, a Set: it has no Sides).

    Any prohibition wins. A permit that nobody has confirmed is no permission: it stands in `cordiale:unread`.
    """
    every = f"{urn(agreement)}:sides"
    permits = [one for one in agreement.provision if one.effect == "permit"]
    read = [one for one in permits if one.confidence != "unconfirmed"]
    taking = [one for one in agreement.provision if _takes(one)]
    doing = [one for one in agreement.provision if one.effect != "permit" and one not in taking]
    policy: Node = {
        "@context": list(CONTEXT),
        "@type": "Set" if agreement.is_law else "Agreement",
        "uid": urn(agreement),
        "profile": PROFILE,
        "conflict": "prohibit",
        "dct:title": agreement.title,
        **_about(agreement),
    }
    if agreement.side:
        policy["assigner"] = {
            "@type": "PartyCollection",
            "uid": every,
            "cordiale:side": [_side(one) for one in agreement.side],
        }
    rules = {
        "permission": [rule for one in read for rule in _permissions(agreement, one)],
        "prohibition": [
            *(rule for one in read for rule in _onward(agreement, one)),
            *(rule for one in taking for rule in _prohibitions(agreement, one)),
            *(_taint(agreement, n, one) for n, one in enumerate(agreement.taint, 1)),
            *(_protects(agreement, n, one) for n, one in enumerate(agreement.protects, 1)),
        ],
        "obligation": [rule for one in doing for rule in _obligations(agreement, one)],
        "cordiale:unread": [
            {"uid": urn(agreement, one.id), **_extension(said(one))} for one in permits if one not in read
        ],
    }
    return policy | {name: found for name, found in rules.items() if found}


def _takes(line: Provision) -> bool:
    """Whether a line can hold something back. A restriction that needs nothing only sets limits."""
    restricts = bool(line.requires) or line.min_offence_years is not None
    return line.effect in ("refuse", "withhold") or (line.effect == "restrict" and restricts)


def _about(agreement: Agreement) -> Node:
    """What is said of the agreement as a whole. ODRL has no word for any of it."""
    apart = {"id", "title", "version", "side", "provision", "taint", "protects", "labels", "file"}
    found = {name: value for name, value in said(agreement).items() if name not in apart}
    return {"cordiale:version": agreement.version} | _extension(found)


def _side(one: PartySide) -> Node:
    return {"@type": "Party", "uid": side_uid(one.code), **_extension(said(one), but={"code"})}


def side_uid(code: str) -> str:
    """The name of one end of a direction: a Side, a bloc, `third` or `*`."""
    return f"urn:cordiale:side:{'any' if code == '*' else code}"


def _extension(found: Mapping[str, Any], but: Iterable[str] = ()) -> Node:
    """Fields that ODRL has no word for, under their own names."""
    return {f"cordiale:{name}": _own(value) for name, value in found.items() if name not in but}


def _own(value: Any) -> Any:
    """A value with every key under `cordiale:`: JSON-LD drops a key that no context knows."""
    return _prefixed(plain(value))


def _prefixed(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"cordiale:{name}": _prefixed(one) for name, one in value.items()}
    return [_prefixed(one) for one in value] if isinstance(value, list) else value


# ---------------------------------------------------------------------- rules


@dataclass(frozen=True, slots=True)
class Way:
    """One direction of a line: who acts, and who receives; empty for a line that speaks in any direction."""

    start: str = ""
    end: str = ""

    @property
    def name(self) -> str:
        """`UK-to-FRONTEX`: a name for a rule, which has no room for `>` and `*`."""
        return "-to-".join(one.replace("*", "any") for one in (self.start, self.end)) if self.start else ""


def _ways(line: Scope) -> tuple[Way, ...]:
    ways = [Way(*one.split(">")) for one in sorted(line.directions)]
    return tuple(ways) or (Way(),)


def _permissions(agreement: Agreement, line: Provision) -> Iterator[Node]:
    for way in _ways(line):
        rule = _rule(agreement, line, way)
        rule["target"] = [_target(line, name, line.granted - line.withheld) for name in sorted(line.types)]
        rule["constraint"] += [_constraint(one) for one in line.when]
        rule["constraint"] += [
            *_years(line),
            *(_needed(one) for one in line.requires if not one.confirmation),
        ]
        rule["constraint"].append(plain(dict(ASKS_THE_GATE)))
        rule["duty"] = [*_conditions(line), *_afterwards(line)]
        if not rule["duty"]:
            del rule["duty"]
        yield rule | _extension(_rest(line), but={"granted", "when", "requires", "duties"})


def _prohibitions(agreement: Agreement, line: Provision) -> Iterator[Node]:
    for way in _ways(line):
        rule = _rule(agreement, line, way)
        types = sorted(line.types) or ["any"]
        kept = line.withheld if line.effect == "withhold" else frozenset()
        rule["target"] = [_target(line, name, kept) for name in types]
        rule["constraint"] += [_constraint(one) for one in line.when]
        if unless := _lifted_by(line):
            rule["cordiale:unless"] = unless
        if not rule["constraint"]:
            del rule["constraint"]
        yield rule | _extension(_rest(line), but={"withheld", "when", "requires"})


def _lifted_by(line: Provision) -> Node:
    """What opens a bar. A refusal goes when the offence is grave enough, or when every need is met; a
    restriction goes when both are so.
    """
    needs = [_needed(one) for one in line.requires]
    met = needs if len(needs) < 2 else [{"and": {"@list": needs}}]
    parts = [*_years(line), *met]
    word = "or" if line.effect == "refuse" else "and"
    return parts[0] if len(parts) == 1 else {word: {"@list": parts}} if parts else {}


def _years(line: Provision) -> list[Node]:
    least = line.min_offence_years
    if least is None:
        return []
    return [{"leftOperand": "cordiale:offenceYears", "operator": "gteq", "rightOperand": least}]


def _obligations(agreement: Agreement, line: Provision) -> Iterator[Node]:
    for way in _ways(line):
        rule = _rule(agreement, line, way)
        rule["action"] = [_duty_action(one.do) for one in line.duties] or ["cordiale:keep"]
        rule["target"] = [_target(line, name, ()) for name in sorted(line.types) or ["any"]]
        acts = {"cordiale:afterAct": sorted(map(str, line.acts))} if line.acts else {}
        rule["constraint"] += [_constraint(one) for one in line.when]
        if not rule["constraint"]:
            del rule["constraint"]
        yield rule | acts | _extension(_rest(line), but={"when"})


def _rule(agreement: Agreement, line: Provision, way: Way) -> Node:
    """The common head of a rule: whose, which acts, and on which days and conditions."""
    uid = urn(agreement, line.id) + (f":{way.name}" if way.name else "")
    rule: Node = {"uid": uid, "assigner": f"{urn(agreement)}:sides", **_law(line)}
    if agreement.is_law:
        del rule["assigner"]
    if way.name:
        rule["assignee"] = side_uid(way.start)
    rule["action"] = [f"cordiale:{one}" for one in sorted(line.acts)] or ["use"]
    rule["constraint"] = [*_validity(agreement), *_days(line), *_points(line)]
    if way.name:
        rule["constraint"].insert(
            0, {"leftOperand": "recipient", "operator": "isA", "rightOperand": {"@id": side_uid(way.end)}}
        )
    return rule


def _law(line: Line) -> Node:
    """Where a rule comes from: the article, the sentence in our words, who confirmed it."""
    found: Node = {"dct:source": line.article, "dct:description": _words(line.sentence, line.sentences)}
    found |= {"cordiale:source": line.source, "cordiale:confidence": line.confidence}
    found["cordiale:read"] = _words(line.read, line.reads)
    return {name: one for name, one in found.items() if one}


def _words(english: str, others: Iterable[tuple[str, str]]) -> list[Node]:
    """Words of a file in each of its languages."""
    found = [("en", english), *others] if english else []
    return [{"@value": words, "@language": language} for language, words in found]


def _rest(line: Provision) -> dict[str, Any]:
    """The fields of a line that no part of a rule says: they stand under their own names."""
    apart = {*ABOUT, *POINTS, *ITEM_POINTS, "types", "acts", "directions", "from", "until"}
    apart.add("min_offence_years")
    return {name: value for name, value in said(line).items() if name not in apart}


# ---------------------------------------------------------------------- constraints


def _points(line: Scope) -> list[Node]:
    return [_point(line, name, *way) for name, way in POINTS.items() if getattr(line, name)]


def _point(line: Scope, name: str, operand: str, operator: str) -> Node:
    return _listed(operand, operator, getattr(line, name))


def _listed(operand: str, operator: str, words: Iterable[str]) -> Node:
    """A constraint on one of our words."""
    right = [{"@id": f"cordiale:{one}"} for one in sorted(map(str, words))]
    return {"leftOperand": operand, "operator": operator, "rightOperand": right}


def _target(line: Scope, name: str, categories: Iterable[str]) -> Node:
    """The items of one kind of message that a rule speaks of."""
    refined = [_point(line, point, *way) for point, way in ITEM_POINTS.items() if getattr(line, point)]
    if listed := sorted(map(str, categories)):
        refined.insert(0, _listed("cordiale:category", "isAnyOf", listed))
    target: Node = {"@type": "AssetCollection", "uid": f"urn:cordiale:information:{name}"}
    return target | ({"refinement": refined} if refined else {})


def _validity(agreement: Agreement) -> list[Node]:
    """The days of the whole text; a span whose standing is unknown opens none."""
    known = [s for s in agreement.validity if s.status == "in_force" and s.confidence != "unconfirmed"]
    spans = [_span(one) for one in known]
    if not spans:
        return [
            {"leftOperand": "cordiale:instrument", "operator": "eq", "rightOperand": {"@id": urn(agreement)}}
        ]
    if len(spans) == 1:
        return spans[0]
    ways = [one[0] if len(one) == 1 else {"and": {"@list": one}} for one in spans]
    return [{"or": {"@list": ways}}]


def _span(span: Span) -> list[Node]:
    # A span without any day is open at both ends.
    return _days(span) or [_day("gteq", date.min)]


def _days(line: Line) -> list[Node]:
    """From the first day up to, not on, the end."""
    found = [("gteq", line.from_), ("lt", line.until)]
    return [_day(operator, on) for operator, on in found if on is not None]


def _day(operator: str, on: date) -> Node:
    right = {"@value": on.isoformat(), "@type": "xsd:date"}
    return {"leftOperand": "dateTime", "operator": operator, "rightOperand": right}


def _constraint(condition: Condition) -> Node:
    """One condition of `when`: a fact by its name, or an urgency, a stage or a conviction."""
    if condition.fact:
        return _fact(condition)
    return {"leftOperand": "cordiale:when", "operator": "eq", "rightOperand": _own(condition)}


def _fact(wanted: Condition | Requirement) -> Node:
    left = f"cordiale:fact-{wanted.fact}"
    bounds = [("lteq", wanted.at_most), ("gteq", wanted.at_least)]
    found: list[Node] = [
        {"leftOperand": left, "operator": operator, "rightOperand": n}
        for operator, n in bounds
        if n is not None
    ]
    if not found:
        found = [{"leftOperand": left, "operator": "eq", "rightOperand": _own(wanted.is_)}]
    if isinstance(wanted, Condition) and wanted.unknown:
        found[0]["cordiale:unknown"] = wanted.unknown
    return found[0] if len(found) == 1 else {"and": {"@list": found}}


def _needed(need: Requirement) -> Node:
    """What must hold, as a constraint; what ODRL has no operand for, under the word of the file."""
    if need.fact:
        return _fact(need) | _extension(said(need), but={"fact", "is", "at_most", "at_least"})
    if need.any_fact:
        return {"or": {"@list": [_fact(one) for one in need.any_fact]}}
    names = need.any_record or tuple(filter(None, [need.record]))
    if names:
        found: Node = _listed("cordiale:record", "isAnyOf", names)
        return found | _extension(said(need), but={"record", "any_record"})
    return {"leftOperand": "cordiale:required", "operator": "eq", "rightOperand": _own(need)}


# ---------------------------------------------------------------------- duties


def _conditions(line: Provision) -> Iterator[Node]:
    """What comes before: whose consent, and who confirms."""
    if line.origin is not None and line.origin.consent != "none":
        yield {
            "action": "obtainConsent",
            "consentingParty": "urn:cordiale:party:originator",
            "cordiale:consent": line.origin.consent,
        }
    for need in line.requires:
        if need.confirmation:
            count = {"leftOperand": "count", "operator": "gteq", "rightOperand": need.n}
            rest = _extension(said(need), but={"confirmation", "n"})
            yield {"action": f"cordiale:confirm-{need.confirmation}", "constraint": [count], **rest}


def _afterwards(line: Provision) -> Iterator[Node]:
    if line.retention is not None:
        yield _deleted(line.retention)
    for category, how in line.transform:
        action = "anonymize" if how == "anonymise" else f"cordiale:{how}"
        yield {"action": action, "cordiale:category": category}
    for duty in line.duties:
        yield {"action": _duty_action(duty.do), **_informed(duty.do), **_extension(said(duty))}


def _informed(do: str) -> Node:
    """Whom a duty tells: `inform_person` tells the person."""
    word, _, whom = do.partition("_")
    return {"informedParty": f"urn:cordiale:party:{whom}"} if word == "inform" else {}


def _duty_action(do: str) -> str:
    return DUTY_ACTIONS.get(do, f"cordiale:{do}")


def _deleted(rule: Retention) -> Node:
    rest = _extension(said(rule), but={"n", "unit"})
    if rule.unit not in PERIODS:
        return {"action": "delete", "cordiale:period": _own(rule), **rest}
    right = {"@value": PERIODS[rule.unit].format(n=rule.n), "@type": "xsd:duration"}
    kept: Node = {"leftOperand": "elapsedTime", "operator": "lteq", "rightOperand": right}
    return {"action": "delete", "constraint": [kept], **rest}


def _onward(agreement: Agreement, line: Provision) -> Iterator[Node]:
    """What the recipient may not do afterwards. `free` forbids nothing; what is asked first is forbidden
    until it is given.
    """
    rule = line.onward
    if rule is None or rule.rule == "free":
        return
    for way in _ways(line):
        found: Node = {
            "uid": f"{urn(agreement, line.id)}:onward:{way.name}",
            "assigner": side_uid(way.start),
            "assignee": side_uid(way.end),
            "action": ["cordiale:onward"],
            "target": [_target(line, name, line.granted - line.withheld) for name in sorted(line.types)],
        }
        if rule.article:
            found["dct:source"] = rule.article
        yield found | _unless(rule)


def _unless(rule: OnwardRule) -> Node:
    if rule.rule == "never":
        return {}
    listed = {"cordiale:recipients": [side_uid(one) for one in sorted(rule.listed)]} if rule.listed else {}
    conditions = {"cordiale:conditions": sorted(rule.conditions)} if rule.conditions else {}
    return {"cordiale:unless": [{"cordiale:rule": rule.rule, **listed, **conditions}]}


# ---------------------------------------------------------------------- what laws bar and protect


def _taint(agreement: Agreement, number: int, row: Taint) -> Node:
    """A source and what it bars. Whose recipient, and what lifts it, ODRL cannot say."""
    refined = [
        _listed(operand, "isAnyOf", listed)
        for operand, listed in (
            ("cordiale:system", row.systems),
            ("cordiale:sourceArticle", row.source_articles),
            ("cordiale:obtained", row.obtained),
        )
        if listed
    ]
    acts = [f"cordiale:{one}" for one in sorted(row.bars.acts)] or ["use"]
    return _bar(agreement, "taint", number, row) | {
        "action": acts,
        "target": [
            {"@type": "AssetCollection", "uid": "urn:cordiale:information:any", "refinement": refined}
        ],
        **_extension(said(row), but={*ABOUT, "from", "until", "systems", "source_articles", "obtained"}),
    }


def _protects(agreement: Agreement, number: int, rule: Protects) -> Node:
    """A protective rule. Unknown counts as protected, which ODRL cannot say."""
    acts = [f"cordiale:{one}" for one in sorted(rule.against.acts)] or ["use"]
    refined = {
        "leftOperand": "cordiale:subject",
        "operator": "isAnyOf",
        "rightOperand": _own(rule.when),
        "cordiale:unknown": rule.unknown,
    }
    return _bar(agreement, "protects", number, rule) | {
        "action": acts,
        "target": [
            {"@type": "AssetCollection", "uid": "urn:cordiale:information:any", "refinement": [refined]}
        ],
        "cordiale:effect": rule.effect,
        **_extension(said(rule), but={*ABOUT, "from", "until", "when", "unknown"}),
    }


def _bar(agreement: Agreement, kind: str, number: int, line: Taint | Protects) -> Node:
    found: Node = {"uid": urn(agreement, f"{kind}:{line.id or number}"), **_law(line)}
    days = [*_validity(agreement), *_days(line)]
    return found | ({"constraint": days} if days else {})
