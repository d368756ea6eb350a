"""The shipped register and records: Sides, bodies, rescue, rights, calendars, goods, markings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from agreement_questions import shipped

from cordiale.terms import CATEGORIES, Classification, HandlingCode

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
LISTED = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
MEMBERS = LISTED.split()
NAMED = """UK/home-office UK/border-force UK/immigration-enforcement UK/nca UK/hoio UK/police UK/acro
UK/uk-prum-contact UK/ukpiu UK/hmrc UK/border-security-command UK/sboc UK/hm-coastguard UK/ico UK/iopc UK/mi5
FR/police-judiciaire FR/paf FR/oltim FR/gendarmerie FR/fr-contact-point FR/fr-prum-contact
FR/casier-judiciaire FR/douane FR/prefecture FR/cross-gris-nez FR/juge-instruction
FR/defenseur-des-droits FR/cnil FRONTEX/frontex
FRONTEX/frontex-fro EUROPOL/europol BE/mrcc-oostende NL/jrcc-den-helder RS/rs-contact-point XK/xk-police"""


def easter(year: int) -> date:
    """The Gregorian Easter Sunday (Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    n = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * n) // 451
    month, day = divmod(h + n - 7 * m + 114, 31)
    return date(year, month, day + 1)


def monday(day: date, *, last: bool = False) -> date:
    """The first Monday from `day`, or the last one up to it."""
    return day - timedelta(days=day.weekday()) if last else day + timedelta(days=-day.weekday() % 7)


def england_and_wales(year: int) -> Iterator[date]:
    """The Act's days, those on a weekend moved to the next working day."""
    sunday = easter(year)
    yield from (sunday - timedelta(days=2), sunday + timedelta(days=1), monday(date(year, 5, 1)))
    yield from (monday(date(year, 5, 31), last=True), monday(date(year, 8, 31), last=True))
    taken: set[date] = set()
    for day in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while day.weekday() > 4 or day in taken:
            day += timedelta(days=1)
        taken.add(day)
    yield from taken


def france(year: int) -> Iterator[date]:
    """The eleven days of the Code du travail."""
    yield from (easter(year) + timedelta(days=n) for n in (1, 39, 50))
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    yield from (date(year, month, day) for month, day in fixed)


@pytest.mark.parametrize(("calendar", "rule"), [("england-wales", england_and_wales), ("france", france)])
def test_the_calendars_are_what_their_rules_give(calendar: str, rule: object) -> None:
    assert callable(rule)
    assert shipped().calendars[calendar].days == {d for year in range(2024, 2029) for d in rule(year)}


def test_every_body_of_the_first_exchange_is_known() -> None:
    known = {f"{a.side}/{a.id}" for a in shipped().authorities}
    assert not set(NAMED.split()) - known


@pytest.mark.parametrize("member", MEMBERS)
def test_every_member_state_has_its_contact_points(member: str) -> None:
    known = {a.id for a in shipped().authorities if a.side == member}
    plain = {
        f"{member.lower()}-{end}" for end in ("contact-point", "police", "prum-contact", "central-authority")
    }
    french = {"fr-contact-point", "police-judiciaire", "fr-prum-contact", "casier-judiciaire"}
    assert (french if member == "FR" else plain) <= known
    assert shipped().on(NOW).member(member, "EU")


def test_the_united_kingdom_left_the_union_on_a_day() -> None:
    assert shipped().on(datetime(2020, 1, 31, 12, tzinfo=UTC)).member("UK", "EU")
    assert not shipped().on(datetime(2020, 2, 1, 12, tzinfo=UTC)).member("UK", "EU")


def test_bodies_belong_to_sides_that_exist() -> None:
    assert not {a.side for a in shipped().authorities} - set(shipped().sides)


def test_intelligence_services_are_known_as_what_they_are() -> None:
    day = shipped().on(NOW)
    assert {day.kind_of("UK", i) for i in ("mi5", "sis", "gchq")} == {"national_security"}
    assert day.kind_of("FR", "dgsi") == "national_security"


def test_kosovo_carries_its_footnote() -> None:
    assert "1244" in shipped().sides["XK"].footnote


def test_who_is_not_known_to_be_bound_is_not_called_bound() -> None:
    assert not shipped().sides["XK"].bound_by
    assert "refugee-convention-1951" not in shipped().sides["IQ"].bound_by


@pytest.mark.law("SAR")
def test_every_rescue_telephone_is_marked_invented() -> None:
    """No real number is shipped."""
    assert shipped().rescue
    assert all(r.telephone_invented and r.telephone and r.sea_areas for r in shipped().rescue)


@pytest.mark.law("SAR")
def test_the_dover_strait_has_a_centre_on_each_shore() -> None:
    """Each sea area names its centres."""
    sides = {r.side for r in shipped().rescue if "dover-strait" in r.sea_areas}
    assert {"UK", "FR", "BE"} <= sides


@pytest.mark.law("SAR")
def test_the_rescue_minimum_has_no_leaf_for_claim_identity_or_biometrics() -> None:
    """Enough to find and save, no more."""
    least = shipped().rescue_minimum
    assert least is not None and not least.categories & least.never
    for category in ("nationality", "asylum", "identity_document", "fingerprint", "dna", "face_template"):
        assert category in least.never


def test_rights_officers_are_bodies_of_the_register_outside_police_and_border() -> None:
    day = shipped().on(NOW)
    for officer in shipped().rights:
        assert day.kind_of(officer.side, officer.authority) in ("rights", "regulator"), officer.authority


@pytest.mark.law("BSC-03")
def test_what_keeps_people_alive_is_no_relevant_article() -> None:
    """BSAIA 2025 s.15."""
    excluded = {g.id for g in shipped().goods.values() if g.excluded}
    assert excluded >= {"life_jacket", "rescue_signal", "food_and_drink", "clothing", "bedding", "tent"}
    assert excluded >= {"medicine", "hygiene"}
    assert shipped().goods["sham_life_jacket"].to_a_person
    assert not shipped().goods["boat_engine"].excluded


@pytest.mark.law("CLASS-UK")
def test_every_marking_and_code_has_its_height() -> None:
    """What is unknown stands highest."""
    assert set(shipped().markings) == {c.value for c in Classification}
    assert set(shipped().handling) == {c.value for c in HandlingCode}
    above = {m for m, line in shipped().markings.items() if line.above_ceiling}
    assert above == {"RESTREINT UE", "CONFIDENTIEL UE", "SECRET", "TOP SECRET", "unknown"}


@pytest.mark.law("ADEQ")
@pytest.mark.parametrize(
    ("day", "regimes"),
    [
        ("2021-06-27", set()),
        ("2025-12-18", {"crime", "rescue"}),
        ("2025-12-19", {"crime", "immigration", "rescue"}),
        ("2031-12-27", {"crime", "immigration", "rescue"}),
        ("2031-12-28", set()),
    ],
)
def test_union_adequacy_reaches_immigration_control_since_december_2025(day: str, regimes: set[str]) -> None:
    """Decision 2021/1772 left it out; the renewal of 19 December 2025 does not, to 27 December 2031."""
    at = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
    found = [r for r in shipped().on(at).records if r.kind == "adequacy" and r.to_side == "UK"]
    assert {regime for r in found for regime in r.regimes} == regimes


@pytest.mark.law("uk:WA-03")
@pytest.mark.parametrize(("day", "id"), [("2026-02-04", "2020"), ("2026-02-05", "2026")])
def test_schedule_21_was_reworded_on_a_day(day: str, id: str) -> None:
    """Treated as adequate until 5 February 2026, treated as approved since."""
    at = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
    found = {r.id for r in shipped().on(at).records if r.kind == "approval" and r.to_side == "EU"}
    assert found == {f"uk-approval-eu-{id}"}


def test_no_record_of_a_case_a_consent_or_a_suspension_is_shipped() -> None:
    """Shipped records are what the world published; nothing about anybody is invented."""
    assert {r.kind for r in shipped().records} == {
        "adequacy",
        "approval",
        "evaluation",
        "declaration",
        "purpose_authorisation",
    }


@pytest.mark.law("TCA-537/540(2)")
def test_no_declaration_opens_vehicle_data() -> None:
    """COM(2026) 44 proposes 1 March 2026; no adoption was found."""
    assert not [r for r in shipped().records if "TCA-537" in r.makes_live]


def test_every_category_that_the_register_names_exists() -> None:
    least = shipped().rescue_minimum
    assert least is not None
    assert {str(c) for c in least.categories | least.never} <= {c.value for c in CATEGORIES}
