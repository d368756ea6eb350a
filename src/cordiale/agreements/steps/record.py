"""Step 12: reasons, records relied on, duties, limits that travel, who else is told, and clocks."""

from __future__ import annotations

from cordiale.agreements.answer import Clocked, Duty, Restriction
from cordiale.agreements.case import Case, limit
from cordiale.agreements.clocks import add, due
from cordiale.agreements.model import ClockRule, Provision
from cordiale.terms import Personal, SubjectKind, Urgency


def check(case: Case) -> None:
    """A stated urgency has a reason, and every record that the request names is in force."""
    asked = case.asked
    if (
        asked.urgent.level != Urgency.NO
        and not asked.urgent.reason
        and not asked.reason
        and not case.supplied
    ):
        article = "Directive (EU) 2023/977 Art 5(1); TCA Art 563(5)"
        case.refuse(
            12,
            case.said("urgent_reason"),
            article=article,
            scope="request",
            field="urgent.reason",
            curable=True,
        )
        case.lack("field", "urgent.reason", who="the sending officer", article=article)
    known = {r.id for r in case.day.records}
    for name in sorted(asked.records | {c for i in asked.items for c in i.handling.consents}):
        if name not in known:
            case.warn(case.said("record_unknown", id=name))


def heard(case: Case) -> list[Provision]:
    """The permitting line and every line that speaks to the request."""
    return ([case.line] if case.line else []) + [line for _, line in case.lines]


def collect(case: Case) -> None:
    """Duties, restrictions and warnings of all lines heard. Every message of a provision carries the same."""
    asked = case.asked
    for line in heard(case):
        case.duties += [
            Duty(do=d.do, by=d.by, to=d.to, article=d.article or line.article) for d in line.duties
        ]
        for name in line.travels:
            case.travels.add(_travelling(case, line, name))
        if line.onward is not None:
            name = {"never": "no_onward", "listed": "ask_originator", "free": ""}.get(
                line.onward.rule, line.onward.rule
            )
            case.travels |= {limit(name)} if name else set()
        if line.never_to and about_people(case):
            case.travels.add(limit("never_to", line.never_to - {asked.from_.side, asked.to.side}))
        if line.retention is not None:  # of several the recipient keeps the one that ends first
            case.travels.add(_travelling(case, line, "erase_by"))
        if line is case.line and line.confidence == "partly":
            case.warn(case.said("partly", article=line.article, source=line.source))
    if case.line is not None and not any(n == "use_only" for n, _ in case.travels):
        case.travels.add(limit("use_only", [asked.purpose]))
    case.travels = _one_list(case.travels) - {("use_only", ()), ("never_to", ())}
    case.duties.append(Duty(do="record_particulars", article="DPA 2018 s.62; LED Art 25"))


def about_people(case: Case) -> bool:
    """Whether anything that leaves is about a person or a group, protected or not."""
    return any(
        i.personal is Personal.YES or any(s.kind == SubjectKind.GROUP for s in case.asked.about(i))
        for i in case.staying()
    )


def _one_list(found: set[Restriction]) -> set[Restriction]:
    """The Sides that never get it in one list: two would tell which were there before."""
    barred = {side for name, sides in found if name == "never_to" for side in sides}
    return {r for r in found if r[0] != "never_to"} | {limit("never_to", barred)}


def _travelling(case: Case, line: Provision, name: str) -> tuple[str, tuple[str, ...]]:
    if name == "use_only":
        return limit(name, [case.asked.purpose])
    if name == "erase_by" and line.retention is not None:
        kept = line.retention
        start = case.fact(kept.from_)
        when = add(str(start), kept.unit, kept.n) if start else ""
        return name, (when or f"{kept.n} {kept.unit} from {kept.from_}",)
    return limit(name)


def erasures(case: Case) -> set[Restriction]:
    """By when it must be erased, as the lines heard say; what came with an item apart."""
    found: set[Restriction] = set()
    for line in heard(case):
        if "erase_by" in line.travels or line.retention is not None:
            found.add(_travelling(case, line, "erase_by"))
    return found


def clocks(case: Case) -> tuple[Clocked, ...]:
    """Every clock that runs for this exchange, each once."""
    found: dict[tuple[str, str, str], Clocked] = {}
    for line in heard(case):
        for rule in line.clocks:
            if _runs(case, rule):
                clock = due(rule, case.fact(rule.starts), case.day.register.calendars, line.article)
                found.setdefault((rule.name, rule.starts, clock.article), clock)
    return tuple(found.values())


def _runs(case: Case, rule: ClockRule) -> bool:
    ends = (case.asked.from_.side, case.asked.to.side)
    if rule.on and not any(case.day.among(end, rule.on) for end in ends):
        return False
    return not rule.when_urgent or case.asked.urgent.level != Urgency.NO


def also_told(case: Case) -> tuple[tuple[str, str, str], ...]:
    """Who must be told as well: each state of nationality, the rescue authorities, or a named body."""
    asked, day = case.asked, case.day
    out: set[tuple[str, str, str]] = set()
    for line in heard(case):
        words = line.must_also_send
        if words == "each state of nationality":
            sides = {n for s in asked.subjects for n in s.nationality or ()} - {
                asked.to.side,
                asked.from_.side,
            }
            out |= {
                (side, _central(case, side), line.article) for side in sides if day.register.sides.get(side)
            }
        elif words == "rescue_authority":
            area = case.fact("sea_area")
            centres = [
                r for r in day.register.rescue if r.in_force(day.on) and (not area or area in r.sea_areas)
            ]
            told = {(asked.to.side, asked.to.authority), (asked.from_.side, asked.from_.authority)}
            out |= {(r.side, r.authority, line.article) for r in centres if (r.side, r.authority) not in told}
        elif words:
            side, _, authority = words.partition("/")
            out.add((side, authority, line.article))
    return tuple(sorted(out))


def _central(case: Case, side: str) -> str:
    bodies = [
        a.id for (s, _), a in case.day.authorities.items() if s == side and a.kind == "central_authority"
    ]
    return bodies[0] if bodies else "central authority"
