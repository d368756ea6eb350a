"""Step 9: nothing above the ceiling of the node, of the provision, or of a line that lowers it."""

from __future__ import annotations

from typing import Final

from cordiale.agreements.case import Case
from cordiale.agreements.model import Provision
from cordiale.agreements.question import Item

CEILING_ARTICLE: Final = "House rule: the ceiling of a node without accreditation"


def check(case: Case) -> None:
    """Withhold what is marked too high. What nobody marked counts as highest."""
    for item in case.asked.items:
        _marking(case, item)
        _handling(case, item)


def ceilings(case: Case) -> list[Provision]:
    lines = ([case.line] if case.line else []) + [
        p for _, p in case.lines if p.effect in ("restrict", "withhold")
    ]
    return [line for line in lines if line.ceiling is not None]


def _marking(case: Case, item: Item) -> None:
    marking, day = item.handling.classification, case.day
    if day.above_node_ceiling(marking):
        article = CEILING_ARTICLE
        unknown = "handling.classification" if marking == "unknown" else ""
        sentence = case.said("marking_unknown") if unknown else case.said("node_marking", marking=marking)
        case.withhold(item, 9, sentence, article=article, field=unknown)
        if unknown:
            case.lack("field", unknown, who="the originator", article=article, items=(item.id,))
        return
    for line in ceilings(case):
        ceiling = line.ceiling.classification if line.ceiling else ""
        if ceiling and day.marking_rank(marking) > day.marking_rank(ceiling):
            case.withhold(item, 9, case.said("marking", marking=marking, ceiling=ceiling), line)
            return


def _handling(case: Case, item: Item) -> None:
    code, day = item.handling.code, case.day
    rule = day.register.handling.get(code)
    if rule and rule.use_only and case.asked.purpose not in rule.use_only:
        case.withhold(
            item,
            9,
            case.said("handling_use", code=code),
            rule,
            article=rule.article or f"handling code {code}",
        )
        return
    for line in ceilings(case):
        ceiling = line.ceiling.handling if line.ceiling else ""
        if ceiling and day.handling_rank(code) > day.handling_rank(ceiling):
            unknown = "handling.code" if code in ("unknown", "none") else ""
            words = {"ceiling": ceiling} if unknown else {"ceiling": ceiling, "code": code}
            sentence = case.said("handling_unknown" if unknown else "handling", **words)
            case.withhold(item, 9, sentence, line, field=unknown)
            if unknown:
                case.lack("field", unknown, who="the originator", article=line.article, items=(item.id,))
            return
