"""The sandbox in May I?: the path, papers only supposed, facts stated, ways on; nothing is sent or kept."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from cordiale.agreements.register import SHIPPED
from cordiale.node import agreements_asked
from cordiale.node.agreements_drafted import FOLDER
from cordiale.store.schema import metadata
from cordiale.web.question import raw_question
from cordiale.web.sandbox import STATES, STEPS
from cordiale.web.visit import Visit
from cordiale.world import SystemDisk
from tests.web.pages import Browser, Night
from tests.web.test_pages import ASK, plain

JUDGE = "fact.judicial_channel_required"
SAID = {**ASK, "collected_for": "investigate", "obtained": "lawfully", "categories": ["event", "name"]}
PAPER = re.compile(r'name="supposed" id="lacks-[^"]*" value="([^"]+)"')
WAY = re.compile(r'name="way" value="([^"]+)"')


def asked(sam: Browser, **answers: Any) -> str:
    sam.get("/question")
    return sam.post("/question", {**ASK, **answers}).text


def verdict(page: str) -> str:
    found = re.search(r'class="answer answer--(\w+)"', page)
    assert found is not None
    return found.group(1)


def test_the_answer_shows_all_twelve_steps_in_order_with_a_word_beside_each_colour(sam: Browser) -> None:
    page = asked(sam, to="RS/rs-police")
    steps = re.findall(
        r'<strong class="tag tag--\w+">([^<:]+)(?:: \d+)?</strong> <span class="path__asks">(\d+)\.', page
    )
    assert [int(number) for _, number in steps] == list(STEPS)
    assert {word for word, _ in steps} <= {word for _, word in STATES.values()}
    assert ("refused", "4") in steps


def test_what_a_step_says_stands_once_under_its_article_which_leads_to_the_line(sam: Browser) -> None:
    page = asked(sam, to="RS/rs-police", asked_basis="uk-rs-oic", type="person_intelligence")
    steps = re.findall(r'<ul class="govuk-list path__said small">(.*?)</ul>', page, re.DOTALL)
    assert steps
    for one in steps:
        heads = re.findall(r'<a class="govuk-link" href="(/agreements/[^"]+)"><strong>([^<]*)</strong>', one)
        assert heads and len(heads) == len(set(heads)) and all(name.strip() for _, name in heads)
    href = next(at for at, _ in re.findall(r'href="(/agreements/[^"]+#p-[^"]+)"><strong>([^<]+)', page))
    assert f'id="{href.partition("#")[2]}"' in sam.get(href.partition("#")[0]).text


def test_what_was_asked_stands_in_a_sentence_above_the_answer(sam: Browser) -> None:
    page = plain(asked(sam, to="RS/rs-police", role="suspect", at="2027-03-03", categories=["face_image"]))
    assert "3 March 2027." in page and "(face image), about: suspect. For: investigate." in page


def test_the_page_says_that_nothing_is_sent_or_stored(sam: Browser) -> None:
    assert "Nothing is sent and nothing is stored" in sam.get("/question").text


def rows(made: Night) -> dict[str, int]:
    """How many rows each table of the node has."""
    counted = {name: select(func.count()).select_from(table) for name, table in metadata.tables.items()}
    return made.node.store.read(
        lambda tx: {name: tx.execute(one).scalar_one() for name, one in counted.items()}
    )


def test_asking_leaves_no_row_anywhere(made: Night, sam: Browser) -> None:
    sam.get("/question")
    before = rows(made)
    page = sam.post("/question", {**SAID, "to": "RS/rs-police", "supposed": "record|adequacy:UK>RS"})
    assert "answer--" in page.text and rows(made) == before


def test_a_paper_that_is_missing_can_be_supposed_and_the_page_says_that_it_is_only_supposed(
    sam: Browser,
) -> None:
    ask = {"to": "RS/rs-police", "from": "UK/nca", "asked_basis": "uk-rs-oic"}
    papers = [html.unescape(one) for one in PAPER.findall(asked(sam, **ask))]
    assert papers
    page = asked(sam, **ask, supposed=papers)
    assert "Only supposed: this would be so" in page
    for paper in papers:
        assert re.search(rf'value="{re.escape(html.escape(paper))}" checked', page), paper
    assert "Only supposed" not in asked(sam, **ask)


def test_a_supposed_answer_is_marked_a_draft(sam: Browser) -> None:
    page = html.unescape(asked(sam, to="RS/rs-police", supposed="record|adequacy:UK>RS"))
    assert '"draft": true' in page
    assert '"draft": false' in html.unescape(asked(sam, to="RS/rs-police"))


@pytest.mark.parametrize(
    "wrong", ["fact|life_at_risk", "field|subjects.nationality", "record|protection", "x"]
)
def test_nothing_but_a_paper_of_others_can_be_supposed_through_the_form(sam: Browser, wrong: str) -> None:
    sam.get("/question")
    page = sam.post("/question", {**ASK, "supposed": wrong})
    assert page.status_code == 400 and "is nothing that can be supposed" in plain(page.text)


def test_a_fact_that_a_line_asks_for_can_be_stated_beside_the_answer(sam: Browser) -> None:
    before = asked(sam, **SAID)
    assert f'name="{JUDGE}"' in before and verdict(before) == "refuse"
    after = asked(sam, **SAID, **{JUDGE: "no"})
    assert verdict(after) != "refuse"
    assert re.search(rf'name="{re.escape(JUDGE)}".*?<option value="no" selected', after, re.DOTALL)


def test_a_way_on_fills_the_form_in_and_is_answered_as_it_said(sam: Browser) -> None:
    named = {"to": "FR/oltim", "from": "UK/nca", "asked_basis": "uk-fr-summit-2023", JUDGE: "no"}
    before = asked(sam, **SAID | named)
    ways = [html.unescape(one) for one in WAY.findall(before)]
    assert ways
    by = next(one for one in ways if one.startswith("asked_basis"))
    promised = re.search(
        rf'verdict--(\w+)(?:(?!verdict--).)*?value="{re.escape(html.escape(by))}"', before, re.DOTALL
    )
    assert promised is not None
    after = asked(sam, **SAID | named, way=by)
    assert verdict(after) == promised.group(1)
    basis = by.partition(" ")[2]
    assert re.search(rf'<option value="{re.escape(basis)}" selected', after)


@pytest.mark.parametrize("by", ["purpose rescue", "life_at_risk yes", "items nothing", "nonsense"])
def test_no_way_on_is_taken_that_the_gate_does_not_have(sam: Browser, by: str) -> None:
    sam.get("/question")
    assert sam.post("/question", {**ASK, "way": by}).status_code == 400


def test_leaving_persons_out_ticks_what_is_left_and_never_everything(made: Night, sam: Browser) -> None:
    raw = {
        "act": "share", "type": "intelligence_report", "purpose": "investigate",
        "from": {"side": "UK", "authority": "nca"}, "to": {"side": "FR", "authority": "oltim"},
        "subjects": [{"id": "s1", "kind": "person"}],
        "items": [{"id": "event", "category": "event"},
                  {"id": "name", "category": "name", "subjects": ["s1"]}],
    }  # fmt: skip
    assert agreements_asked.changed(raw, "items without persons").items == ("event",)
    sam.get("/question")
    page = sam.post("/question", {**ASK, "categories": ["name"], "way": "items without persons"})
    assert page.status_code == 400 and "Nothing would be left to ask about." in page.text


def visit_of(made: Night, sam: Browser, answers: dict[str, list[str]]) -> Visit:
    return Visit(
        node=made.node, account=None, csrf="", language="en", zone="UTC", now=made.simulation.clock.now(),
        path="/question", answers=answers,
    )  # fmt: skip


def test_what_nobody_has_stated_about_a_person_settles_nothing(made: Night, sam: Browser) -> None:
    answers = {name: [str(value)] for name, value in ASK.items()} | {"protection": ["none"]}
    silent = raw_question(visit_of(made, sam, answers), made.node.register)
    assert "established" not in silent["subjects"][0]
    stated = raw_question(visit_of(made, sam, answers | {"established": ["document"]}), made.node.register)
    assert stated["subjects"][0]["established"]["protection"]["source"] == "document"
    assert "minor" not in stated["subjects"][0]["established"]


def test_a_line_of_an_agreement_leads_to_the_form_filled_in(sam: Browser) -> None:
    page = sam.get("/question?asked_basis=uk-frontex-wa-2024&to=FRONTEX/frontex").text
    assert re.search(r'<option value="uk-frontex-wa-2024" selected', page)
    assert re.search(r'<option value="FRONTEX/frontex" selected', page)


# ------------------------------------------------------------------------------ on a draft


@pytest.fixture
def draft(made: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a draft in the home of the node, on a real disk."""
    monkeypatch.setattr(made.node, "home", tmp_path)
    monkeypatch.setattr(made.node, "world", replace(made.node.world, disk=SystemDisk()))
    folder = tmp_path / FOLDER / "serbia-invented"
    folder.mkdir(parents=True)
    return folder


def test_a_draft_is_asked_alone_and_the_answer_says_that_it_does_not_count(sam: Browser, draft: Path) -> None:
    source = (SHIPPED / "agreements" / "uk-rs-oic.toml").read_text("utf-8")
    (draft / "serbia.toml").write_text(source.replace("uk-rs-oic", "uk-rs-invented"), "utf-8")
    page = asked(sam, to="RS/rs-police", asked_basis="uk-rs-invented", texts="serbia-invented")
    assert "On the draft serbia-invented: nothing of it counts yet." in page
    assert "&#34;agreement&#34;: &#34;uk-rs-invented&#34;" in page and "&#34;draft&#34;: true" in page
    assert "There is no agreement or provision" in plain(
        asked(sam, to="RS/rs-police", asked_basis="uk-rs-invented")
    )


def test_a_mistake_in_a_draft_is_told_with_its_line(sam: Browser, draft: Path) -> None:
    (draft / "serbia.toml").write_text('kind = "agreement"\nid = "x"\nversion = "one"\n', "utf-8")
    sam.get("/question")
    answer = sam.post("/question", {**ASK, "texts": "serbia-invented"})
    assert answer.status_code == 400 and "serbia.toml, line " in plain(answer.text)


@pytest.mark.parametrize("name", ["../..", "nothing-there", "serbia-invented/.."])
def test_only_a_draft_of_this_node_can_be_asked(sam: Browser, draft: Path, name: str) -> None:
    sam.get("/question")
    assert sam.post("/question", {**ASK, "texts": name}).status_code == 400


def test_without_drafts_the_form_asks_for_none(sam: Browser) -> None:
    assert 'name="texts"' not in sam.get("/question").text


def test_the_form_offers_the_drafts_that_there_are(sam: Browser, draft: Path) -> None:
    assert re.search(
        r'<option value="serbia-invented"[^>]*>Draft: serbia-invented', sam.get("/question").text
    )
