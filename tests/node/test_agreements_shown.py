"""Every line of law stands beside what it says to the machine, and beside its own lines of the file."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from cordiale.agreements import Register
from cordiale.agreements.register import SHIPPED
from cordiale.node.agreements_shown import KINDS, Encoding, Shown, article_by_article, chunks

TODAY = date(2026, 11, 22)
REGISTER = Register.load()
IDS = [text.id for text in (*REGISTER.agreements, *REGISTER.laws)]


def of(id: str, on: date = TODAY) -> Shown:
    return article_by_article(REGISTER, id, on)


@pytest.mark.parametrize("id", IDS)
def test_each_line_stands_beside_its_own_lines_of_the_file(id: str) -> None:
    shown = of(id)
    assert not shown.changed and shown.articles
    for one in shown.articles:
        assert one.toml, (one.kind, one.id)
        assert shown.text.splitlines()[one.file_line - 1] == one.toml.splitlines()[0]
        table = tomllib.loads(one.toml)[one.kind]
        told = next(iter(table.values())) if one.kind == "basis" else table[0]
        told = told[0] if isinstance(told, list) else told
        assert told.get("article", "") == one.article and told.get("sentence", "") == one.sentence
        if one.kind == "basis":
            assert next(iter(table)).replace("_to_", ">") == one.id
        else:
            assert told.get("id", "") == one.id


@pytest.mark.parametrize("id", IDS)
def test_no_line_of_a_file_is_left_out_and_none_stands_twice(id: str) -> None:
    text = REGISTER.agreement(id)
    assert text is not None
    kinds = [kind for kind in KINDS if kind != "basis"]
    expected = sum(len(getattr(text, kind)) for kind in kinds) + sum(len(rows) for _, rows in text.basis)
    starts = [one.file_line for one in of(id).articles]
    assert len(starts) == expected == len(set(starts))


def test_what_a_line_says_to_the_machine_is_said_key_by_key() -> None:
    line = next(one for one in of("uk-frontex-wa-2024").articles if one.id == "picture-in")
    said = dict(line.encoding.pairs)
    assert said["directions"] == ("UK>FRONTEX",) and said["effect" if "effect" in said else "personal"]
    assert dict(said["onward"].pairs)["rule"] == "never"
    assert all(isinstance(clock, Encoding) for clock in said["clocks"])
    assert not {"article", "sentence", "source", "confidence"} & set(said)


def test_what_nobody_knows_is_said_of_every_protection_and_every_source_bar() -> None:
    for one in of("intl-refugee-convention-echr").articles:
        if one.kind in ("protects", "taint"):
            assert "unknown" in dict(one.encoding.pairs)
        if one.kind == "taint":
            assert "bars" in dict(one.encoding.pairs)


def test_a_fact_that_must_be_no_is_said_to_be_no() -> None:
    line = next(
        one for one in of("eu-uk-tca-563-operational").articles if "judicial_channel_required" in one.toml
        and one.effect == "permit"
    )  # fmt: skip
    needs = [dict(need.pairs) for need in dict(line.encoding.pairs)["requires"]]
    assert {"fact": "judicial_channel_required", "is": False} in needs


def test_a_line_knows_whether_it_is_in_force_on_the_day() -> None:
    dated = [one for one in of("uk-frontex-wa-2024", date(2024, 2, 1)).articles if one.kind == "validity"]
    assert dated and not dated[0].in_force
    assert of("uk-frontex-wa-2024").articles[0].in_force


def test_a_file_that_was_changed_since_it_was_read_lends_no_lines(tmp_path: Path) -> None:
    name = "uk-frontex-wa-2024"
    source = (SHIPPED / "agreements" / f"{name}.toml").read_text("utf-8")
    (tmp_path / f"{name}.toml").write_text(source.replace('rule = "never"', 'rule = "free"', 1), "utf-8")
    shown = article_by_article(REGISTER, name, TODAY, tmp_path)
    assert shown.changed and all(not one.toml for one in shown.articles)
    assert [one.article for one in shown.articles] == [one.article for one in of(name).articles]


@pytest.mark.parametrize("broken", ["this is no TOML", 'id = "uk-frontex-wa-2024"\n[[provision'])
def test_a_file_that_is_no_file_any_more_is_said_to_be_changed(tmp_path: Path, broken: str) -> None:
    (tmp_path / "uk-frontex-wa-2024.toml").write_text(broken, "utf-8")
    assert article_by_article(REGISTER, "uk-frontex-wa-2024", TODAY, tmp_path).changed


def test_sub_tables_and_headings_inside_texts_stay_with_their_table() -> None:
    words = (
        'id = "x"\n[[provision]] # first\nid = "a"\nsentence = """\n[[provision]]\n"""\n'
        "[provision.transform]\nimage = \"blur\"\n[[provision.clocks]]\nname = 'c'\n"
        '[[provision]]\nid = "b"\n[basis.UK_to_FR]\nmode = "none"\n[basis.FR_to_UK]\nmode = "none"\n'
    )
    found = [(one.name, one.first) for one in chunks(words)]
    assert found == [("provision", 2), ("provision", 11), ("basis.UK_to_FR", 13), ("basis.FR_to_UK", 15)]
    assert tomllib.loads(chunks(words)[0].text)["provision"][0]["clocks"] == [{"name": "c"}]
