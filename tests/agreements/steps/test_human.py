"""Step 11, looked at closely: whose article is named, and that one reader is enough to wait for."""

from __future__ import annotations

from pathlib import Path

from cordiale.agreements import Register
from cordiale.terms import Verdict
from tests.agreements.gate_factories import agreement, answer, item, provision, world


def test_a_confirmation_has_its_own_article_or_that_of_the_line(tmp_path: Path) -> None:
    for article, told in (('article = "Art 11", ', "Art 11"), ("", "Art 1")):
        folder = tmp_path / told
        folder.mkdir()
        line = provision(requires=f'[{{{article}confirmation = "match", n = 2}}]')
        found = answer(world(folder, agreement(line)))
        assert found.verdict is Verdict.REFUSE and found.step == 11
        assert [(m.what, m.article) for m in found.missing] == [("confirmation", told)]


def test_what_nobody_put_a_handling_code_on_is_said_and_breaks_nothing(tmp_path: Path) -> None:
    register = world(tmp_path)
    for code in ("none", "C", "P"):  # codes of which the invented lists say nothing
        handling = {"code": code, "classification": "LIMITE"}
        found = answer(register, item(), item("name", handling=handling))
        assert found.verdict is not Verdict.REFUSE


def test_a_reader_is_asked_for_once_however_many_items_wait(tmp_path: Path) -> None:
    handling = {"code": "H3", "classification": "LIMITE"}
    items = (item(handling=handling), item("name", handling=handling), item("image", handling=handling))
    found = answer(world(tmp_path), *items)
    assert [f.step for f in found.failures] == [11] and found.article == "handling code H3"


def test_of_two_codes_that_a_person_must_read_the_first_is_told(tmp_path: Path) -> None:
    worded = item(handling={"code": "H3", "classification": "LIMITE"})
    unmarked = item("name", handling={"code": "unknown", "classification": "LIMITE"})
    found = answer(world(tmp_path), worded, unmarked)
    assert [(f.step, f.article) for f in found.failures] == [(11, "handling code H3")]
    assert [m.name for m in found.missing] == ["release x1"]


def test_a_code_with_an_article_of_its_own_names_it(tmp_path: Path) -> None:
    world(tmp_path)
    lists = tmp_path / "lists.toml"
    text = lists.read_text("utf-8")
    plain = '{id = "H3", rank = 3, human_reads = true}'
    assert plain in text
    named = '{id = "H3", rank = 3, human_reads = true, article = "Art 19(2)"}'
    lists.write_text(text.replace(plain, named), encoding="utf-8")
    found = answer(Register.load(tmp_path), item(handling={"code": "H3", "classification": "LIMITE"}))
    assert found.article == "Art 19(2)" and [m.article for m in found.missing] == ["Art 19(2)"]
