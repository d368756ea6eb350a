"""TCA Title IX and the European Union (Future Relationship) Act 2020. All persons are invented."""

from __future__ import annotations

import pytest
from agreement_questions import ask, confirmed, item, leaves, person, refused, withheld

RECORDS = "eu-uk-tca-title-IX-criminal-records"
OUT = ("UK/acro", "FR/casier-judiciaire")
CONVICT = {"subjects": [person(role="convicted", nationality=["FR"])]}
NOTICE = ("name", "birth", "nationality", "conviction")
SIGNED = {"confirmations": [confirmed("sign_off")]}
BY_LAW = {"records": ["fra20-s5-purposes"]}


def conviction(spent: str, kind: str = "other", purpose: str = "vetting_child_work") -> dict[str, object]:
    return item(
        "conviction",
        purpose=purpose,
        regime="crime",
        owner="UK/acro",
        conviction={"spent": spent, "class": kind, "recorded_at": "2026-10-01", "marker": "none"},
    )


@pytest.mark.law("TCA-643-651")
def test_a_conviction_is_told_to_the_state_of_nationality_within_28_days() -> None:
    """FRA20 s.1: 28 days, the day of recording counted."""
    facts = {"recorded_at": "2026-11-02T09:00:00Z"}
    answer = ask(
        "conviction_notice", NOTICE, between=OUT, basis=RECORDS, purpose="prosecute", facts=facts, **CONVICT
    )
    assert answer["verdict"] == "permit", answer["failures"]
    clock = next(c for c in answer["clocks"] if c["name"] == "notice")
    assert clock["binding"] == "law" and clock["n"] == 28 and clock["first_day_counts"] is True
    assert str(clock["due"]).startswith("2026-11-29")


@pytest.mark.law("TCA-643-651")
def test_every_state_of_nationality_is_told() -> None:
    """FRA20 s.1: each state of nationality."""
    two = {"subjects": [person(role="convicted", nationality=["FR", "BE"])]}
    answer = ask("conviction_notice", NOTICE, between=OUT, basis=RECORDS, purpose="prosecute", **two)
    assert "BE" in str(answer["must_also_send"])


@pytest.mark.law("uk:FRA20-Sch1")
def test_a_notice_without_its_conviction_is_refused() -> None:
    """FRA20 Sch 1: name, birth, nationality and conviction always."""
    secret = {
        "conviction": {
            "handling": {
                "code": "H3",
                "classification": "SECRET",
                "caveats": [],
                "restrictions": [],
                "consents": [],
            }
        }
    }
    answer = ask(
        "conviction_notice",
        NOTICE,
        between=OUT,
        basis=RECORDS,
        purpose="prosecute",
        changed=secret,
        **CONVICT,
    )
    assert answer["verdict"] == "refuse"


@pytest.mark.law("TCA-643-651")
def test_a_reply_has_twenty_working_days_of_england_and_wales() -> None:
    """FRA20 s.5: the day of receipt counted."""
    facts = {"received_at": "2026-12-14T09:00:00Z"}
    answer = ask(
        "conviction_request",
        ("reference", "name"),
        act="answer",
        between=OUT,
        basis=RECORDS,
        purpose="investigate",
        facts=facts,
        **CONVICT,
        **SIGNED,
    )
    clock = next(c for c in answer["clocks"] if c["name"] == "reply")
    assert clock["unit"] == "working_day" and clock["n"] == 20 and clock["calendar"] == "england-wales"
    assert str(clock["due"]).startswith("2027-01-13")  # 14 Dec is day 1; 25 and 28 Dec and 1 Jan are holidays


@pytest.mark.law("TCA-643-651")
@pytest.mark.parametrize("purpose", ["immigration_control", "vetting_other", "revenue"])
def test_a_record_serves_no_other_purpose(purpose: str) -> None:
    """FRA20 ss.4-5."""
    answer = ask(
        "conviction_request",
        ("name", "birth"),
        act="ask",
        between=OUT,
        basis=RECORDS,
        purpose=purpose,
        **CONVICT,
    )
    assert refused(answer, "FRA20 ss.4-5")


@pytest.mark.law("TCA-643-651")
@pytest.mark.parametrize("basis", [RECORDS, None])
@pytest.mark.parametrize("purpose", ["immigration_control", "vetting_other"])
def test_a_refused_request_is_explained_by_the_line_on_requests(purpose: str, basis: str | None) -> None:
    """FRA20 ss.4-5: whoever asks learns what is wrong with asking, not that a reply is something else."""
    between = {"between": OUT, "basis": basis, "purpose": purpose}
    answer = ask("conviction_request", ("name", "birth"), act="ask", **between, **CONVICT)
    assert answer["verdict"] == "refuse" and answer["basis"]["provision"] == "s5-request"
    assert answer["headline"]["step"] == 6 and "purpose" in answer["headline"]["sentence"]


@pytest.mark.law("TCA-643-651")
def test_a_spent_conviction_is_told_for_a_criminal_inquiry() -> None:
    """FRA20 s.5: criminal investigation or proceedings."""
    answer = ask(
        "conviction_request",
        (),
        act="answer",
        between=OUT,
        basis=RECORDS,
        purpose="investigate",
        items=[
            item("reference", purpose="investigate", regime="crime", owner="UK/acro"),
            conviction("yes", purpose="investigate"),
        ],
        **CONVICT,
        **SIGNED,
    )
    assert "conviction" in leaves(answer), answer["failures"]


@pytest.mark.law("TCA-643-651")
@pytest.mark.parametrize("purpose", ["own_record", "vetting_child_work"])
@pytest.mark.parametrize("spent", ["yes", "unknown"])
def test_a_spent_conviction_is_told_for_nothing_else(purpose: str, spent: str) -> None:
    """FRA20 s.5: unknown counts as spent."""
    answer = ask(
        "conviction_request",
        (),
        act="answer",
        between=OUT,
        basis=RECORDS,
        purpose=purpose,
        items=[
            item("reference", purpose=purpose, regime="crime", owner="UK/acro"),
            conviction(spent, purpose=purpose),
        ],
        **CONVICT,
        **SIGNED,
        **BY_LAW,
    )
    assert "conviction" not in leaves(answer)
    assert "s.5" in withheld(answer)["conviction"]


@pytest.mark.law("TCA-643-651")
def test_for_work_with_children_sexual_offences_against_them_are_always_told() -> None:
    """FRA20 s.5: must include, spent or not."""
    answer = ask(
        "conviction_request",
        (),
        act="answer",
        between=OUT,
        basis=RECORDS,
        purpose="vetting_child_work",
        items=[
            item("reference", purpose="vetting_child_work", regime="crime", owner="UK/acro"),
            conviction("yes", "child_sexual"),
        ],
        **CONVICT,
        **SIGNED,
        **BY_LAW,
    )
    assert "conviction" in leaves(answer), answer["failures"]
    assert "conviction" in answer["must_include"]


@pytest.mark.law("TCA-643-651")
def test_nobody_asks_for_a_list() -> None:
    """FRA20 s.5: an individual."""
    answer = ask(
        "conviction_request",
        ("name", "birth"),
        act="ask",
        between=OUT,
        basis=RECORDS,
        targeting="named_list",
        **CONVICT,
    )
    assert answer["verdict"] == "refuse"


@pytest.mark.law("TCA-643-651")
def test_only_central_authorities_speak() -> None:
    """Title IX: central authorities."""
    answer = ask(
        "conviction_request",
        ("name", "birth"),
        act="ask",
        between=("UK/home-office", "FR/casier-judiciaire"),
        basis=RECORDS,
        **CONVICT,
    )
    assert answer["verdict"] == "refuse"
