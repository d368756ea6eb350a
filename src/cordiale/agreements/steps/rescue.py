"""Step 1: rescue and rights reports come before every other rule, whatever the agreement's state.

A distress message to a rescue authority of the register is always permitted for the rescue minimum.
Reports to a rights officer, and notices that a copy is wrong or recalled, pass likewise, below the ceiling of
the node. Everybody else goes on to step 2.
"""

from __future__ import annotations

from typing import Final

from cordiale.agreements.answer import Failure
from cordiale.agreements.case import Case, limit
from cordiale.agreements.question import Item
from cordiale.agreements.steps.ceiling import CEILING_ARTICLE
from cordiale.agreements.steps.who import party_sides
from cordiale.agreements.vocabulary import CONTINUING
from cordiale.terms import Act, Category, Personal

RESCUE_ACTS: Final = frozenset({Act.SHARE, Act.ASK, Act.ANSWER, Act.ONWARD, Act.CORRECT})
RIGHTS_ACTS: Final = frozenset({Act.COMPLAIN, Act.INCIDENT_REPORT})
REPORTING: Final = RIGHTS_ACTS | {Act.SHARE, Act.ANSWER, Act.ONWARD, Act.CORRECT}
"""Ways to bring a report to a rights officer; a search or a measure is none."""
POINTERS: Final = frozenset({Category.REFERENCE, Category.EVENT})
"""All that a notice on quality holds; a corrected value passes the ordinary steps."""
RESCUE_ARTICLE: Final = "DPA 2018 s.76(1)(a); SAR Convention, Annex ch. 2; house rule: a life comes first"
RIGHTS_ARTICLE: Final = (
    "EBCG Arts 109, 111; DPA 2018 s.165; house rule: the way to an independent officer stays open"
)
QUALITY_ARTICLE: Final = "DPA 2018 ss.38, 48(9); LED Arts 7(3), 16(6)"


def lane(case: Case) -> str:
    """Which lane of step 1 is open: `rescue`, `rights`, `quality`, or none (empty)."""
    asked, to = case.asked, case.asked.to
    if is_rescue(case):
        return "rescue"
    if asked.items and all(above_ceiling(case, i) for i in asked.items):
        return ""
    officer = case.day.rights_officer(to.side, to.authority)
    report = asked.type == "rights_report" and asked.purpose == "rights" and asked.act in REPORTING
    if officer is not None and report and (asked.act not in RIGHTS_ACTS or asked.act in officer.hears):
        return "rights"
    notice = asked.type == "quality_notice" and asked.act in CONTINUING and asked.purpose == "data_quality"
    known = (to.side, to.authority) in case.day.authorities
    if notice and known and points_only(case) and partners(case):
        return "quality"
    return ""


def above_ceiling(case: Case, item: Item) -> bool:
    """Whether a marking that somebody gave is above what a node may carry. Nobody has to mark a complaint."""
    marking = item.handling.classification
    return marking != "unknown" and case.day.above_node_ceiling(marking)


def points_only(case: Case) -> bool:
    """Whether a notice holds only pointers to what was sent, and the one moment at which it was decided."""
    told = [i.category for i in case.asked.items]
    pointing = all(i.personal is Personal.NONE for i in case.asked.items) and set(told) <= POINTERS
    return pointing and told.count(Category.EVENT) <= 1


def partners(case: Case) -> bool:
    """Whether the two Sides ever made an agreement, in force or ended: nobody else holds a copy."""
    sender, recipient = case.asked.from_.side, case.asked.to.side
    return sender == recipient or any(
        any(party_sides(text, case, sender)) and any(party_sides(text, case, recipient))
        for text in case.day.register.agreements
    )


def keep_ceiling(case: Case) -> None:
    """Withhold what is marked above the ceiling of the node: neither lane opens it."""
    for item in case.asked.items:
        if above_ceiling(case, item):
            sentence = case.said("node_marking", marking=item.handling.classification)
            case.withhold(item, 9, sentence, article=CEILING_ARTICLE)


def is_rescue(case: Case) -> bool:
    """Distress to a rescue authority of the register. Whether a life is at risk: unknown counts as yes."""
    asked, to = case.asked, case.asked.to
    distress = asked.type == "distress_incident" or asked.purpose == "rescue"
    return (
        distress
        and asked.act in RESCUE_ACTS
        and case.day.rescue_authority(to.side, to.authority) is not None
        and case.fact("life_at_risk") is not False
    )


def pass_rescue(case: Case) -> None:
    """Let the rescue minimum pass and withhold the rest; warn if the sea area is another centre's."""
    least = case.day.register.rescue_minimum
    for item in case.asked.items:
        if item.category not in case.day.rescue_categories:
            case.withhold(
                item, 1, case.said("rescue_rest"), least, article=least.article if least else RESCUE_ARTICLE
            )
    centre = case.day.rescue_authority(case.asked.to.side, case.asked.to.authority)
    area = case.fact("sea_area")
    if centre and area and area not in centre.sea_areas:
        case.warn(case.said("sea_area", authority=centre.authority, area=area))
    case.travels |= {limit("use_only", ["rescue"]), limit("no_onward")}


def headline(case: Case, lane_name: str) -> Failure:
    """The line that leads an answer of step 1."""
    article = {"rescue": RESCUE_ARTICLE, "rights": RIGHTS_ARTICLE, "quality": QUALITY_ARTICLE}[lane_name]
    return Failure(step=1, scope="request", article=article, sentence=case.said(lane_name))
