"""What ends when and what breaks on that day: read from every date, asked of the gate on both sides of it."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from cordiale.agreements import Register, decide
from cordiale.agreements.lapsing import BEGINS, DUE, ENDS, LESS, PARTLY, STOPS, broken, coming, dates, lapse
from cordiale.agreements.specimens import kinds_of, specimens
from tests.agreements.gate_factories import agreement, provision, record, world

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@cache
def shipped() -> Register:
    return Register.load()


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


# ------------------------------------------------------------------------------ by reading


def test_every_date_of_a_text_a_record_and_the_register_is_read(tmp_path: Path) -> None:
    body = provision("1", from_="2024-02-01", until="2029-02-01").replace("from_ =", "from =")
    review = record("look", "country_assessment", next_due="2027-05-01", live_from="2025-02-02")
    held = world(tmp_path, agreement(body), records={"look": review})
    found = {(one.on, one.event, one.what, one.id) for one in dates(held)}
    assert {
        (date(2024, 1, 1), BEGINS, "agreement", "deal"),
        (date(2030, 1, 1), ENDS, "agreement", "deal"),
        (date(2029, 2, 1), ENDS, "provision", "deal/1"),
        (date(2024, 2, 1), BEGINS, "provision", "deal/1"),
        (date(2026, 1, 1), BEGINS, "party", "deal/UK/border"),
        (date(2027, 5, 1), DUE, "record", "look"),
        (date(2025, 2, 2), BEGINS, "record", "look"),
        (date(2027, 1, 1), ENDS, "calendar", "ew"),
        (date(2020, 1, 1), BEGINS, "law", "law"),
    } <= found


def test_a_membership_and_a_withdrawn_record_have_their_days(tmp_path: Path) -> None:
    gone = record("gone", "approval", withdrawn_at="2027-03-03")
    held = world(tmp_path, records={"gone": gone})
    assert (date(2027, 3, 3), ENDS, "gone") in {(one.on, one.event, one.id) for one in dates(held)}
    found = {(one.on, one.event, one.what, one.id) for one in dates(shipped())}
    assert (date(2020, 2, 1), ENDS, "membership", "UK") in found
    assert (date(2013, 7, 1), BEGINS, "membership", "HR") in found


def test_only_days_ahead_and_within_the_time_are_told_the_next_first() -> None:
    found = coming(shipped(), date(2029, 3, 31), 1, sides=("XX",))
    assert [(one.on, one.left_days) for one in found] == [(date(2029, 4, 1), 1)]
    assert coming(shipped(), date(2029, 4, 1), 1) == ()
    assert coming(shipped(), date(2029, 3, 30), 1) == ()


# ------------------------------------------------------------------------------ by asking


def test_the_end_of_an_agreement_stops_every_line_of_it(tmp_path: Path) -> None:
    held = world(tmp_path, agreement(provision("1") + provision("2")))
    less, more = broken(held, date(2030, 1, 1))
    assert [(one.agreement, one.provision, one.how) for one in less] == [
        ("deal", "1", STOPS),
        ("deal", "2", STOPS),
    ]
    assert all("ended" in one.why for one in less)
    assert more == ()


def test_the_day_before_and_the_day_after_the_end_break_nothing(tmp_path: Path) -> None:
    held = world(tmp_path)
    for day in (date(2029, 12, 31), date(2030, 1, 2)):
        assert broken(held, day) == ((), ())


def test_the_end_of_a_record_that_no_line_names_takes_the_persons_out_of_what_leaves(tmp_path: Path) -> None:
    approval = record(
        "approval-uk-eu",
        "approval",
        from_side='"UK"',
        to_side='"EU"',
        regimes='["crime"]',
        until="2027-02-01",
    )
    held = world(tmp_path, agreement(provision("1", regimes='["crime"]')), records={"approval": approval})
    (one,) = broken(held, date(2027, 2, 1))[0]
    assert (one.how, one.ways) == (LESS, ("UK>EU",))
    assert set(one.lost) >= {"name", "image"} and "event" not in one.lost
    assert "No basis for personal data" in one.why


def test_a_line_whose_essential_part_is_about_persons_stops_in_that_direction_only(tmp_path: Path) -> None:
    approval = record(
        "approval-uk-eu",
        "approval",
        from_side='"UK"',
        to_side='"EU"',
        regimes='["crime"]',
        until="2027-02-01",
    )
    lines = provision("1", regimes='["crime"]', directions='["UK>EU", "UK>UK"]', essential='["name"]')
    held = world(tmp_path, agreement(lines), records={"approval": approval})
    (one,) = broken(held, date(2027, 2, 1))[0]
    assert one.how in (STOPS, PARTLY) and one.ways == ("UK>EU",)
    assert "name" in one.lost


def test_a_line_that_begins_gives_more_and_breaks_nothing(tmp_path: Path) -> None:
    held = world(
        tmp_path,
        agreement(provision("1").replace('source = "invented"', 'source = "invented"\nfrom = 2027-01-15')),
    )
    assert broken(held, date(2027, 1, 15)) == ((), (("deal", "1"),))


def test_a_refusal_that_begins_breaks_what_it_refuses_and_gives_the_reason(tmp_path: Path) -> None:
    law = """
[[provision]]
id = "bar"
article = "Art 9"
sentence = "Nothing goes to the Union from that day."
source = "invented"
effect = "refuse"
directions = ["UK>EU"]
from = 2027-01-15
"""
    held = world(tmp_path, law=law)
    (one,) = broken(held, date(2027, 1, 15))[0]
    assert (one.why_article, one.why) == ("Art 9", "Nothing goes to the Union from that day.")
    assert (one.how, one.ways) == (PARTLY, ("UK>EU",))


def test_a_suspension_that_begins_stops_the_agreement(tmp_path: Path) -> None:
    stop = record("stop", "suspension", agreement='"deal"', ground='"an invented ground"').replace(
        "from = 2025-01-01", "from = 2027-01-15"
    )
    held = world(tmp_path, records={"stop": stop})
    (one,) = broken(held, date(2027, 1, 15))[0]
    assert one.how == STOPS and "suspended" in one.why


def test_an_authority_that_ends_takes_its_lines_with_it_unless_another_stands_in(tmp_path: Path) -> None:
    lines = provision("1", directions='["UK>RS"]', granted='["event"]', personal='"none"')
    text = agreement(lines).replace(
        '[[side.authority]]\nid = "mup"', '[[side.authority]]\nid = "mup"\nuntil = 2027-01-15'
    )
    held = world(tmp_path, text)
    assert [one.how for one in broken(held, date(2027, 1, 15))[0]] == [STOPS]


def test_only_lines_of_the_sides_that_are_named_are_asked(tmp_path: Path) -> None:
    held = world(tmp_path)
    (one,) = broken(held, date(2030, 1, 1), sides=frozenset({"RS"}))[0]
    assert one.ways == ("UK>RS",)
    assert broken(held, date(2030, 1, 1), sides=frozenset({"FRONTEX"})) == ((), ())


def test_the_end_of_the_adequacy_decisions_of_2025_is_seen_in_every_agreement_that_leans_on_them() -> None:
    on = date(2031, 12, 28)
    found = lapse(shipped(), on, TODAY, [one for one in dates(shipped()) if one.on == on])
    assert {one.id for one in found.dated} >= {"eu-adequacy-uk-led-2025", "eu-adequacy-uk-frontex-2025"}
    by_line = {(one.agreement, one.provision): one for one in found.breaks}
    frontex = by_line["uk-frontex-wa-2024", "picture-out"]
    assert (frontex.how, frontex.lost) == (LESS, ("aircraft_id", "vessel_id"))
    assert by_line["eu-uk-tca-title-IX-criminal-records", "s2-received-notice"].how == STOPS
    assert ("uk-al-2022", "route-intelligence") not in by_line
    assert all("EU>UK" in one.ways for one in found.breaks if one.agreement.startswith("eu-uk-tca-563"))


def test_what_breaks_is_what_the_gate_itself_answers_otherwise() -> None:
    """A line told as stopping has a specimen that is permitted the day before and refused on the day."""
    on = date(2029, 4, 1)
    before, after = noon(on - timedelta(days=1)), noon(on)
    (one,) = broken(shipped(), on, sides=frozenset({"FR"}))[0]
    text = shipped().agreement(one.agreement)
    assert text is not None
    line = next(each for each in text.provision if each.id == one.provision)
    asked = [each.question for each in specimens(text, line, shipped().on(before))]
    assert any(decide(q, shipped(), before).permitted for q in asked)
    assert not any(decide(q, shipped(), after).permitted for q in asked)


def test_it_is_told_in_plain_words_for_a_machine() -> None:
    (one,) = coming(shipped(), date(2029, 3, 25), 10, sides=("FR",))
    told = one.as_json()
    assert (told["on"], told["left_days"]) == ("2029-04-01", 7)
    assert told["breaks"][0]["provision"] == "programme" and told["breaks"][0]["how"] == STOPS


# ------------------------------------------------------------------------------ the specimens


def test_most_permitting_lines_of_the_shipped_files_have_a_specimen_that_the_gate_permits() -> None:
    without = set()
    for text in shipped().agreements:
        for line in text.provision:
            if line.effect == "permit":
                asked = specimens(text, line, shipped().on(NOON))
                if not any(decide(one.question, shipped(), NOON).permitted for one in asked):
                    without.add(f"{text.id}/{line.id}")
    # Each of these waits for a record, or for an instrument that nobody has loaded.
    assert without == {
        "eu-uk-tca-title-II-prum/537-vehicles",
        "eu-uk-tca-title-III-pnr/pnr-crime",
        "eu-uk-tca-title-III-pnr/pnr-to-europol",
        "uk-eu-common-understanding-2025/face-search-off",
        "uk-fr-dangerous-journeys-2025/readmission-request",
        "uk-fr-dangerous-journeys-2025/readmission-reply",
        "uk-fr-dangerous-journeys-2025/weekly-counts",
        "uk-fr-summit-2023/deployment-papers",
        "uk-frontex-wa-2024/picture-live-link",
        "uk-frontex-wa-2024/deployment-papers",
        "uk-frontex-wa-2024/rights-report",
    }


@pytest.mark.parametrize("named", [(), ("FR",)])
def test_one_member_stands_for_its_bloc_and_one_that_is_named_speaks_for_itself(
    named: tuple[str, ...],
) -> None:
    text = shipped().agreement("eu-uk-tca-563-operational")
    assert text is not None
    found = {one.way for one in kinds_of(text, text.provision[0], shipped().on(NOON), named=named)}
    assert found == {"EU>UK", "UK>EU"} | ({"FR>UK", "UK>FR"} if named else set())
