"""The lawyer's page: article beside encoding, coloured by confidence with a word; who is permitted what."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from cordiale.agreements import Register
from cordiale.agreements.register import SHIPPED
from tests.web.pages import Browser, Night
from tests.web.test_pages import plain

WA = "/agreements/uk-frontex-wa-2024"
SERBIA = SHIPPED / "agreements" / "uk-rs-oic.toml"
REGISTER = Register.load()
IDS = [text.id for text in (*REGISTER.agreements, *REGISTER.laws)]
BLOCK = re.compile(
    r'<div class="provision provision--(\w+)" id="([^"]+)">(.*?)'
    r'(?=<div class="provision |<span class="govuk-details__summary-text">The same in sentences)',
    re.DOTALL,
)


def blocks(page: str) -> dict[str, tuple[str, str]]:
    """Each line of a page by its anchor: (confidence, HTML)."""
    return {anchor: (sure, words) for sure, anchor, words in BLOCK.findall(page)}


@pytest.mark.parametrize("id", IDS)
def test_every_line_of_every_text_is_shown_with_its_confidence_in_a_word(sam: Browser, id: str) -> None:
    text = REGISTER.agreement(id)
    assert text is not None
    shown = blocks(sam.get(f"/agreements/{id}").text)
    words = {"confirmed": "confirmed", "partly": "partly confirmed", "unconfirmed": "unconfirmed"}
    for line in text.provision:
        sure, block = shown[f"p-{line.id}"]
        assert sure == line.confidence
        assert f'<strong class="tag tag--{sure}">{words[sure]}</strong>' in block
        said = plain(html.unescape(block))
        assert re.sub(r"\s+", " ", line.sentence) in said
        assert re.sub(r"\s+", " ", line.source) in said
        if line.read:
            assert "A person must read:" in said
    for kind in ("validity", "side", "taint", "protects", "deployment"):
        assert sum(anchor.startswith(f"{kind}-") for anchor in shown) == len(getattr(text, kind))


def test_the_lines_of_the_file_stand_beside_the_words(sam: Browser) -> None:
    _, block = blocks(sam.get(WA).text)["p-picture-in"]
    assert "The lines of the file, from line" in block
    assert "effect = &#34;permit&#34;" in block and "[[provision]]" in block


def test_who_is_permitted_what_names_each_permitting_line_and_leads_to_it(sam: Browser) -> None:
    page = sam.get(WA).text
    table = page.partition("Who is permitted what</h2>")[2].partition("</table>")[0]
    text = next(one for one in REGISTER.agreements if one.id == "uk-frontex-wa-2024")
    permits = [p.id for p in text.provision if p.effect == "permit"]
    assert re.findall(r'href="#p-([\w-]+)"', table) == permits
    assert all(f'id="p-{one}"' in page for one in permits)
    assert "UK to FRONTEX" in table


def test_an_unconfirmed_permit_is_said_to_permit_nothing(
    made: Night, sam: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = SERBIA.read_text("utf-8")
    unread = 'effect = "permit"\nconfidence = "unconfirmed"\nread = "paragraph 4 (invented)"'
    block = next(one for one in source.split("[[provision]]") if 'effect = "permit"' in one)
    other = re.sub(r"^(confidence|read) = .*\n", "", block, flags=re.MULTILINE)
    mended = source.replace(block, other.replace('effect = "permit"', unread))
    (tmp_path / SERBIA.name).write_text(mended, "utf-8")
    monkeypatch.setattr(made.node, "settings", replace(made.node.settings, texts=str(tmp_path)))
    monkeypatch.setattr(made.node, "register", Register.load(tmp_path))
    page = sam.get("/agreements/uk-rs-oic").text
    row = page.partition("Who is permitted what</h2>")[2].partition("</tr>")[2].partition("</tr>")[0]
    assert "permits nothing until it is read" in row
    assert "paragraph 4 (invented)" in page


def test_a_line_is_tried_in_may_i_with_its_own_kind_act_and_purpose(sam: Browser) -> None:
    link = re.search(r'href="(/question\?asked_basis=uk-frontex-wa-2024/picture-in[^"]*)"', sam.get(WA).text)
    assert link is not None
    form = sam.get(html.unescape(link.group(1))).text
    for value in ("uk-frontex-wa-2024/picture-in", "situational_item", "answer", "border_control"):
        assert f'<option value="{value}" selected' in form, value


def test_who_may_not_ask_is_not_led_to_the_form(ada: Browser) -> None:
    assert ada.get("/question").status_code == 403
    assert "/question?asked_basis" not in ada.get(WA).text


def test_how_many_lines_are_how_sure_is_told_with_what_that_means(sam: Browser) -> None:
    text = plain(sam.get(WA).text)
    assert re.search(r"unconfirmed \d+: Not read: it may restrict, and never permits", text)


def test_a_node_with_texts_of_its_own_shows_its_own_files(
    made: Night, sam: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = SERBIA.read_text("utf-8")
    (tmp_path / SERBIA.name).write_text("# a remark of this node\n" + source, "utf-8")
    monkeypatch.setattr(made.node, "settings", replace(made.node.settings, texts=str(tmp_path)))
    page = sam.get("/agreements/uk-rs-oic").text
    assert "# a remark of this node" in page and "no longer the one" not in page
    (tmp_path / SERBIA.name).write_text(source.replace('effect = "permit"', 'effect = "duty"', 1), "utf-8")
    assert "is no longer the one that this node read" in sam.get("/agreements/uk-rs-oic").text


def test_in_french_every_label_of_an_encoding_is_french(made: Night) -> None:
    reader = Browser(made, "sam")
    reader.post("/language", {"language": "fr", "back": "/"})
    page = reader.get(WA).text
    reader.post("/language", {"language": "en", "back": "/"})
    labels = set(re.findall(r"<dt>([^<]+)</dt>", page))
    assert {"Données personnelles", "Transmission plus loin", "Ce qui doit être là"} <= labels
    assert not labels & {"Personal data", "Passing on", "What must be there"}


@pytest.mark.parametrize("id", IDS)
def test_every_line_that_an_answer_can_name_is_led_to(sam: Browser, id: str) -> None:
    text = REGISTER.agreement(id)
    assert text is not None
    page = sam.get(f"/agreements/{id}").text
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids)), "each id once"
    lines = [*text.provision, *text.protects, *text.taint, *text.deployment]
    named = {f"p-{one.id}" for one in lines if getattr(one, "id", "")}
    assert named <= set(ids)
