"""What held on which day, and what a folder without laws or register stands beside."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cordiale.agreements import Register
from cordiale.agreements.register import RESCUE_FALLBACK, Day
from tests.agreements.gate_factories import (
    APPROVAL,
    AT,
    LAW,
    LISTS,
    REGISTER,
    agreement,
    provision,
    record,
    world,
)


def test_a_record_counts_from_the_day_it_was_known_until_it_was_withdrawn(tmp_path: Path) -> None:
    late = APPROVAL.replace("known_from = 2025-01-01", "known_from = 2026-01-01\nwithdrawn_at = 2026-06-01")
    register = world(tmp_path, records={"approval": late})
    days = [
        datetime(2025, 6, 1, tzinfo=UTC),
        datetime(2026, 2, 1, tzinfo=UTC),
        datetime(2026, 6, 1, tzinfo=UTC),
    ]
    assert [len(register.on(d).records) for d in days] == [0, 1, 0]


def test_a_record_that_is_superseded_or_not_yet_live_does_not_count(tmp_path: Path) -> None:
    newer = record("newer", "approval", supersedes='"approval-uk-eu"')
    later = record("later", "approval", live_from="2027-01-01")
    register = world(tmp_path, records={"newer": newer, "later": later})
    assert [r.id for r in register.on(AT).records] == ["newer"]


def test_directions_know_blocs_third_countries_and_anybody(tmp_path: Path) -> None:
    day = world(tmp_path).on(AT)
    assert (
        day.along("UK", "FR", ["UK>EU"])
        and day.along("FR", "RS", ["EU>third"])
        and day.along("RS", "UK", ["*>*"])
    )
    assert not day.along("UK", "RS", ["UK>EU"]) and not day.along("UK", "FRONTEX", ["UK>third"])


def test_membership_has_dates(tmp_path: Path) -> None:
    for name, text in {
        "r.toml": REGISTER.replace('"EU"}]', '"EU", from = 2026-01-01, until = 2026-07-01}]', 1),
        "l.toml": LISTS,
        "law.toml": LAW,
        "a.toml": agreement(),
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    register = Register.load(tmp_path)
    assert [register.on(datetime(2026, m, 1, tzinfo=UTC)).member("FR", "EU") for m in (6, 7)] == [True, False]
    assert not register.on(datetime(2025, 6, 1, tzinfo=UTC)).member("FR", "EU")


def test_a_decision_has_a_zone_and_days_are_kept(tmp_path: Path) -> None:
    register = world(tmp_path)
    with pytest.raises(ValueError, match="time zone"):
        register.on(datetime(2026, 1, 1))
    assert register.on(AT) is register.on(AT)
    for hour in range(300):
        register.on(datetime(2026, 1, 1 + hour // 24, hour % 24, tzinfo=UTC))
    assert isinstance(register.on(AT), Day)


def test_a_flat_folder_stands_beside_the_shipped_laws_and_register(tmp_path: Path) -> None:
    text = (
        agreement(provision()).replace('"mup"', '"rs-police"').replace('id = "border"', 'id = "border-force"')
    )
    (tmp_path / "draft.toml").write_text(text, encoding="utf-8")
    register = Register.load(tmp_path)
    assert register.draft and [a.id for a in register.agreements] == ["deal"] and register.laws
    assert "UK" in register.sides and register.records


def test_records_come_from_the_folder_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(APPROVAL, encoding="utf-8")
    register = Register.load(records=tmp_path)
    assert register.draft and [r.id for r in register.records] == ["approval-uk-eu"]


def test_facts_are_declared_by_their_use(tmp_path: Path) -> None:
    body = provision(
        requires='[{fact = "days", at_most = 14}, {any_fact = [{fact = "a"}, {fact = "b", is = "x"}]}]',
        lifts='{condition = "same_purpose", when = ["storm"]}',
        clocks='[{name = "c", binding = "law", starts = "told_at", n = 1, unit = "day"}]',
        facts='{own = "country"}',
    )
    taint = '[[taint]]\nsystems = ["sis"]\nexcept = {needs = [{fact = "alert"}]}\n[facts]\nworded = "date"\n'
    types = world(tmp_path, agreement(body), law=taint).fact_types
    assert {k: types[k] for k in ("days", "a", "b", "storm", "told_at", "own", "alert", "worded")} == {
        "days": "int",
        "a": "bool",
        "b": "id",
        "storm": "bool",
        "told_at": "datetime",
        "own": "country",
        "alert": "bool",
        "worded": "date",
    }


def test_a_register_without_a_list_still_rescues(tmp_path: Path) -> None:
    bare = REGISTER.replace(
        (
            '[rescue_minimum]\ncategories = ["event", "position", "count", "caller"]\nnever = '
            '["nationality"]\narticle = "SAR"\n'
        ),
        "",
    )
    for name, text in {"r.toml": bare, "l.toml": LISTS, "law.toml": LAW, "a.toml": agreement()}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert Register.load(tmp_path).on(AT).rescue_categories == RESCUE_FALLBACK


def test_what_the_register_does_not_list_is_highest(tmp_path: Path) -> None:
    day = world(tmp_path).on(AT)
    assert day.marking_rank("TOP SECRET") == day.handling_rank("C") == 99
    assert (
        day.above_node_ceiling("TOP SECRET") and day.kind_of("UK", "nobody") == "" and not day.bound_by("ZZ")
    )
    assert day.kind_of("UK", "mi5") == "national_security" and world(tmp_path).agreement("none") is None
