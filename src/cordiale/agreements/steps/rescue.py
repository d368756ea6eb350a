"""Step 1: rescue and rights reports come before every other rule, whatever the agreement's state.

A distress message to a rescue authority of the register is always permitted for the rescue minimum.
Reports to a rights officer, and notices that a copy is wrong or recalled, pass likewise. Everybody else
goes on to step 2.
"""

from __future__ import annotations

from typing import Final

from cordiale.agreements.answer import Failure
from cordiale.agreements.case import Case, limit, said
from cordiale.agreements.vocabulary import CONTINUING, SENSITIVE_ACTS
from cordiale.terms import Act, Personal

RESCUE_ACTS: Final = frozenset({Act.SHARE, Act.ASK, Act.ANSWER, Act.ONWARD, Act.CORRECT})
RIGHTS_ACTS: Final = frozenset({Act.COMPLAIN, Act.INCIDENT_REPORT})
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
    officer = case.day.rights_officer(to.side, to.authority)
    reports = asked.act in RIGHTS_ACTS or (asked.type == "rights_report" and asked.act not in SENSITIVE_ACTS)
    if officer is not None and reports and (asked.act not in RIGHTS_ACTS or asked.act in officer.hears):
        return "rights"
    notice = asked.type == "quality_notice" and asked.act in CONTINUING and asked.purpose == "data_quality"
    known = (to.side, to.authority) in case.day.authorities
    if notice and known and all(i.personal is Personal.NONE for i in asked.items):
        return "quality"
    return ""


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
                item, 1, said("rescue_rest"), least, article=least.article if least else RESCUE_ARTICLE
            )
    centre = case.day.rescue_authority(case.asked.to.side, case.asked.to.authority)
    area = case.fact("sea_area")
    if centre and area and area not in centre.sea_areas:
        case.warn(said("sea_area", authority=centre.authority, area=area))
    case.travels |= {limit("use_only", ["rescue"]), limit("no_onward")}


def headline(lane_name: str) -> Failure:
    """The line that leads an answer of step 1."""
    article = {"rescue": RESCUE_ARTICLE, "rights": RIGHTS_ARTICLE, "quality": QUALITY_ARTICLE}[lane_name]
    return Failure(step=1, scope="request", article=article, sentence=said(lane_name))
