"""Can a person do it: ask, write, hold, undo, read with a purpose, confirm distress, get back in."""

import re

import pytest
from httpx import Response

from cordiale.node import drafts, people, rescue
from cordiale.web.bodies import keep_marks
from tests.web.pages import PASSWORD, REPORT, Browser, Night

ASK = {
    "from": "UK/nca",
    "capacity": "own_officer",
    "to": "FR/oltim",
    "act": "share",
    "type": "intelligence_report",
    "purpose": "investigate",
    "regime": "crime",
    "mode": "spontaneous",
    "urgent": "no",
    "targeting": "individual",
    "life_at_risk": "no",
    "role": "suspect",
    "protection": "unknown",
    "minor": "unknown",
    "trafficking_indicator": "unknown",
    "code": "H0",
    "classification": "OFFICIAL",
    "system": "national_police",
    "assertion": "fact",
    "case": "UK-1",
    "max_years": "10",
}
GROUNDS = {
    "model": "report",
    "purpose": "investigate",
    "regime": "crime",
    "act": "share",
    "mode": "spontaneous",
    "urgent": "no",
    "targeting": "individual",
    "system": "national_police",
    "body.handling": "H0",
    "body.classification": "OFFICIAL",
}


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


# ------------------------------------------------------------------------------ may I?


def test_the_question_page_answers_with_verdict_and_every_failing_step(sam: Browser) -> None:
    sam.get("/question")
    text = plain(sam.post("/question", {**ASK, "to": "RS/rs-police"}).text)
    assert "Refuse" in text
    assert "The path through the twelve steps" in text
    assert "They would see" in text or "Nothing would leave." in text


def test_the_same_question_gets_the_gates_own_answer(made: Night, sam: Browser) -> None:
    sam.get("/question")
    page = sam.post("/question", ASK)
    verdict = re.search(r'class="verdict verdict--(\w+)"', page.text)
    assert verdict is not None
    assert f"&#34;verdict&#34;: &#34;{verdict.group(1)}&#34;" in page.text


def test_a_question_to_nobody_is_a_mistake_beside_its_field(sam: Browser) -> None:
    sam.get("/question")
    answer = sam.post("/question", {**ASK, "to": ""})
    assert answer.status_code == 400
    assert 'href="#to"' in answer.text and "govuk-error-summary" in answer.text


def test_a_script_gets_the_answer_alone(sam: Browser) -> None:
    sam.get("/question")
    answer = sam.post("/question", ASK, **{"hx-request": "true"})
    assert "<html" not in answer.text and "verdict" in answer.text


def test_every_agreement_has_its_page_with_article_beside_encoding(sam: Browser) -> None:
    listed = re.findall(r'href="(/agreements/[\w-]+)"', sam.get("/agreements").text)
    assert len(listed) >= 15
    for path in listed:
        page = sam.get(path)
        assert page.status_code == 200, path
        assert "Article beside encoding" in page.text
    assert sam.get("/agreements/no-such-text").status_code == 404


# ------------------------------------------------------------------------------ writing


def test_a_report_is_saved_and_comes_back_as_it_was(sam: Browser) -> None:
    sam.get("/compose/intelligence_report")
    page = sam.post("/compose/intelligence_report", {**REPORT, **GROUNDS, "save": "1"})
    assert page.url.path.startswith("/draft/")
    assert page.status_code == 200, plain(page.text)[:600]
    for value in REPORT.values():
        assert value in page.text
    assert "What is known of" in page.text


def test_saving_as_one_types_keeps_one_draft(made: Night, sam: Browser) -> None:
    sam.get("/compose/intelligence_report")
    first = sam.post("/compose/intelligence_report", {**REPORT, **GROUNDS}, **{"hx-request": "true"})
    reference = re.search(r'id="reference" value="(\w+)"', first.text)
    assert reference is not None
    before = len(drafts.drafts(made.node, people.officer(made.node, "sam")))
    again = {**REPORT, **GROUNDS, "reference": reference.group(1), "body.title": "Changed (invented)"}
    second = sam.post("/compose/intelligence_report", again, **{"hx-request": "true"})
    assert f'value="{reference.group(1)}"' in second.text
    assert len(drafts.drafts(made.node, people.officer(made.node, "sam"))) == before
    assert "Changed (invented)" in sam.get(f"/draft/{reference.group(1)}").text


def test_a_partner_is_shown_with_verdict_and_article_before_anything_is_sent(sam: Browser) -> None:
    sam.get("/compose/intelligence_report")
    text = sam.post("/compose/intelligence_report", {**REPORT, **GROUNDS}, **{"hx-request": "true"}).text
    assert 'value="FR/oltim"' in text and 'value="FRONTEX/frontex"' in text
    assert re.search(r'class="view view--(permit|withhold|refuse)"', text)
    assert "What they will see" in text


def test_an_answer_that_does_not_fit_is_said_beside_its_question(sam: Browser) -> None:
    sam.get("/compose/intelligence_report")
    page = sam.post(
        "/compose/intelligence_report", {**REPORT, **GROUNDS, "body.case_reference": "", "save": "1"}
    )
    assert page.status_code == 400
    assert 'href="#body-case-reference"' in page.text
    assert REPORT["body.title"] in page.text


def test_sending_to_nobody_is_a_mistake(sam: Browser) -> None:
    sam.get("/compose/intelligence_report")
    page = sam.post("/compose/intelligence_report", {**REPORT, **GROUNDS, "send": "1"})
    assert page.status_code == 400 and "Choose at least one recipient" in page.text


def test_what_is_sent_is_held_and_may_be_taken_back_or_was_refused(made: Night, sam: Browser) -> None:
    sam.get("/compose/intelligence_report")
    page = sam.post(
        "/compose/intelligence_report", {**REPORT, **GROUNDS, "send": "1", "recipients": "FR/oltim"}
    )
    assert page.url.path.startswith("/held/"), plain(page.text)[:800]
    assert re.search(r"tag--(held|refused)", page.text)
    undone = sam.post(f"{page.url.path}/undo")
    assert undone.status_code == 200
    held = "tag--held" in page.text
    assert ("Taken back" if held else "It has gone already") in undone.text


def test_every_kind_of_information_has_its_form(sam: Browser) -> None:
    paths = re.findall(r'href="(/compose/[^"]+)"', sam.get("/compose").text)
    assert len(paths) >= 36
    for path in paths:
        assert sam.get(path.replace("&amp;", "&")).status_code == 200, path


def test_marks_hold_only_while_text_and_file_are_the_same() -> None:
    marked = {"passages": [{"text": "a", "categories": ["method"]}], "digest": "1"}
    assert keep_marks({"n": {"passages": [{"text": "a"}], "digest": "1"}}, {"n": marked})["n"] is marked
    fresh = {"passages": [{"text": "b"}], "digest": "2"}
    assert keep_marks({"n": fresh}, {"n": marked})["n"] == fresh
    stated = {"sha256": "aa", "categories": ["image"]}
    assert keep_marks([{"sha256": "aa"}], [stated]) == [stated]
    assert keep_marks([{"sha256": "bb"}], [stated]) == [{"sha256": "bb"}]


def test_a_passage_is_marked_by_its_words_and_a_changed_text_loses_its_marks(sam: Browser) -> None:
    words = {**REPORT, **GROUNDS, "body.narrative": "Hulls came by van. Exempel drove it."}
    sam.get("/compose/intelligence_report")
    draft = sam.post("/compose/intelligence_report", {**words, "save": "1"}).url.path
    assert "not marked: counts as everything" in sam.get(f"{draft}/marks").text
    mark = {"place": "narrative", "words": "Hulls came by van.", "categories": "method"}
    page = sam.post(f"{draft}/marks", mark)
    assert page.status_code == 200 and page.text.count('class="card card--warning"') == 1
    kept = {**words, "reference": draft.rsplit("/", 1)[1], "save": "1"}
    sam.post("/compose/intelligence_report", {**kept, "body.title": "Another title (invented)"})
    assert sam.get(f"{draft}/marks").text.count('class="card"') == 1
    sam.post("/compose/intelligence_report", {**kept, "body.narrative": "Hulls came by van. Exempel drove."})
    assert sam.get(f"{draft}/marks").text.count('class="card"') == 0


def test_a_mark_for_words_that_are_not_there_is_refused_beside_its_question(sam: Browser) -> None:
    sam.get("/compose/intelligence_report")
    words = {**REPORT, **GROUNDS, "body.narrative": "Hulls came by van.", "save": "1"}
    draft = sam.post("/compose/intelligence_report", words).url.path
    page = sam.post(f"{draft}/marks", {"place": "narrative", "words": "by boat", "categories": "method"})
    assert page.status_code == 400 and 'href="#words"' in page.text


# ------------------------------------------------------------------------------ reading


def test_no_purpose_no_message(sam: Browser) -> None:
    answer = sam.get("/message/anything")
    assert "For what do you read this?" in answer.text


def test_a_purpose_is_inherited_until_it_is_changed(sam: Browser) -> None:
    sam.get("/inbox")
    sam.post("/purpose", {"purpose": "rescue"})
    assert re.search(r'value="rescue" selected', sam.get("/inbox").text)


def test_a_search_asks_for_its_purpose_first(sam: Browser) -> None:
    assert "Say first for what you read" in sam.get("/search?words=hulls").text
    assert "logged with its purpose" in sam.get("/search?words=hulls&purpose=investigate").text


# ------------------------------------------------------------------------------ distress


def test_the_red_strip_stands_on_every_page_until_a_person_confirms(made: Night, sam: Browser) -> None:
    sounding = [one for one in rescue.distresses(made.node) if one.sounding]
    assert sounding
    for path in ("/", "/agreements", "/me", "/nowhere"):
        text = sam.get(path).text
        assert "DISTRESS, NOT CONFIRMED" in text and sounding[0].reference in text
    page = sam.get(f"/distress/{sounding[0].reference}")
    assert "tel:+33" in page.text
    assert sam.post(f"/distress/{sounding[0].reference}/confirm", {"person": ""}).status_code == 400
    done = sam.post(f"/distress/{sounding[0].reference}/confirm", {"person": "Invented Watchkeeper"})
    assert "Invented Watchkeeper" in done.text
    assert "DISTRESS, NOT CONFIRMED" not in sam.get("/").text
    after = sam.get(f"/distress/{sounding[0].reference}").text
    assert "not confirmed" not in after.lower()
    assert after.index("<dt>Position</dt>") < after.index("<dt>Telephone to ring</dt>")


def test_a_distress_is_never_refused_for_what_was_typed(made: Night, sam: Browser) -> None:
    sam.get("/distress")
    words = {
        "body.place": "off an invented cape",
        "body.persons": "about forty",
        "body.position.latitude": "north",
    }
    page = sam.post("/distress", words)
    assert page.status_code == 200 and page.url.path.startswith("/distress/")
    text = plain(page.text)
    for typed in ("off an invented cape", "about forty", "north"):
        assert typed in text


def test_an_empty_distress_form_goes_out_too(sam: Browser) -> None:
    sam.get("/distress")
    assert sam.post("/distress", {}).url.path.startswith("/distress/")


def test_the_distress_form_asks_nothing_about_who_people_are(sam: Browser) -> None:
    form = sam.get("/distress").text.lower()
    for word in ('nationality"', "passport", "fingerprint", "asylum"):
        assert f'name="body.{word}' not in form


def ours(sam: Browser, words: dict[str, str]) -> Response:
    """An incident that Sam opened and the watch here has confirmed."""
    sam.get("/distress")
    page = sam.post("/distress", words)
    return sam.post(f"{page.url.path}/confirm", {"person": "Invented Watch"})


def test_distress_is_closed_only_with_evidence(made: Night, sam: Browser) -> None:
    sam.get("/distress")
    page = sam.post("/distress", {"body.place": "near an invented buoy"})
    early = sam.post(f"{page.url.path}/close", {"person": "Sam Example"})
    assert early.status_code == 400 and "Nobody here has confirmed it" in early.text
    sam.post(f"{page.url.path}/confirm", {"person": "Sam Example"})
    closed = sam.post(f"{page.url.path}/close", {"person": "Sam Example", "evidence": " "})
    assert closed.status_code == 400 and "how it is known that they are safe" in closed.text
    assert "how many persons are known to be safe" in closed.text
    answers = {"person": "Sam Example", "evidence": "Counted on the quay: 44 of 44", "counted": "44"}
    asked = sam.post(f"{page.url.path}/close", answers)
    assert asked.status_code == 200 and "you say that all are safe because" in plain(asked.text)
    assert "Counted on the quay" in asked.text
    reference = page.url.path.rsplit("/", 1)[1]
    assert reference in {one.reference for one in rescue.distresses(made.node)}, "one press closes nothing"
    done = sam.post(f"{page.url.path}/close", {**answers, "sure": "1"})
    assert done.url.path == "/distress" and "Closed: near an invented buoy" in plain(done.text)
    assert "Closed by Sam Example" in plain(done.text) and "CROSS" in done.text
    assert reference not in {one.reference for one in rescue.distresses(made.node)}


def test_going_back_from_the_question_keeps_what_was_typed_and_closes_nothing(
    made: Night, sam: Browser
) -> None:
    page = ours(sam, {"body.place": "near another invented buoy"})
    answers = {"person": "Sam Example", "evidence": "The quay counted 44", "counted": "44", "back": "1"}
    again = sam.post(f"{page.url.path}/close", answers)
    assert again.status_code == 200 and "The quay counted 44" in again.text
    assert page.url.path.rsplit("/", 1)[1] in {one.reference for one in rescue.distresses(made.node)}


def test_a_count_that_differs_from_the_call_closes_nothing_until_it_is_explained(
    made: Night, sam: Browser
) -> None:
    page = ours(sam, {"body.place": "near a third buoy", "body.persons": "44"})
    reference = page.url.path.rsplit("/", 1)[1]
    answers = {"person": "Sam Example", "evidence": "Counted on the quay", "counted": "43", "sure": "1"}
    asked = sam.post(f"{page.url.path}/close", answers)
    assert asked.status_code == 400 and "Somebody may still be at sea" in asked.text
    assert reference in {one.reference for one in rescue.distresses(made.node)}
    done = sam.post(f"{page.url.path}/close", {**answers, "explained": "1"})
    assert done.url.path == "/distress" and "Persons known to be safe: 43" in plain(done.text)


def test_closed_incidents_are_listed_with_who_and_why_and_a_mistaken_closing_is_taken_back(
    made: Night, sam: Browser
) -> None:
    page = ours(sam, {"body.place": "near a fourth buoy"})
    reference = page.url.path.rsplit("/", 1)[1]
    answers = {"person": "Sam Example", "evidence": "The wrong boat", "counted": "44", "sure": "1"}
    sam.post(f"{page.url.path}/close", answers)
    listed = plain(sam.get("/distress/closed").text)
    assert "near a fourth buoy" in listed and "The wrong boat" in listed and "Sam Example" in listed
    closed = sam.get(page.url.path)
    assert "Not over after all?" in closed.text and "as who reopens it" in closed.text
    assert sam.post(f"{page.url.path}/reopen", {"person": "Sam Example", "why": ""}).status_code == 400
    assert "reopened: it is not over" not in sam.get(page.url.path).text
    done = sam.post(f"{page.url.path}/reopen", {"person": "Sam Example", "why": "Another boat was counted"})
    assert "reopened: it is not over" in done.text
    assert "Reopened by Sam Example" in plain(done.text) and "Another boat was counted" in done.text
    assert reference in {one.reference for one in rescue.distresses(made.node)}
    assert "near a fourth buoy" not in sam.get("/distress/closed").text


def test_a_watchkeeper_reads_of_persons_and_not_of_ids(made: Night, sam: Browser) -> None:
    sam.get("/distress")
    page = sam.post("/distress", {"body.callers.0.contact": "+33 1 99 00 00 44"})
    text = plain(page.text)
    assert "+33 1 99 00 00 44" in text
    assert "Short name in this report" not in text and not re.search(r"\bc1\b", text)


def test_the_strip_alone_is_silent_while_nothing_changes(sam: Browser) -> None:
    have = re.search(r"/live/strip\?have=([\w,-]*)", sam.get("/").text)
    assert have is not None
    assert sam.client.get(f"/live/strip?have={have.group(1)}").status_code == 204
    assert sam.client.get("/live/strip?have=another").status_code == 200


# ------------------------------------------------------------------------------ people


def test_a_lost_telephone_comes_back_through_two_people_and_never_one(
    made: Night, ada: Browser, sam: Browser
) -> None:
    ada.get("/accounts/stat")
    asked = ada.post("/accounts/stat/reset", {"lost": "both", "reason": "I saw her at the desk"})
    assert "Waiting for somebody else than you" in asked.text
    grant = re.search(r'action="(/recoveries/\w+/grant)"', sam.get("/accounts").text)
    assert grant is not None
    assert ada.post(grant.group(1)).status_code == 403
    granted = sam.post(grant.group(1))
    code = re.search(r'class="secret">(\w+)<', granted.text)
    assert code is not None
    stat = Browser(made)
    stat.get("/recover")
    done = stat.post(
        "/recover", {"login": "stat", "code": code.group(1), "password": "four quite other words"}
    )
    secret = re.search(r'class="secret">(\w+)<', done.text)
    assert secret is not None and "data:image/svg+xml" in done.text
    made.secrets["stat"] = secret.group(1)
    assert stat.sign_in("stat", password=PASSWORD).status_code == 400
    assert stat.sign_in("stat", password="four quite other words").url.path == "/"
    assert Browser(made).post("/recover", {"login": "stat", "code": code.group(1)}).status_code in (400, 403)


def test_a_new_account_says_what_is_wrong_beside_the_question(ada: Browser) -> None:
    ada.get("/accounts")
    words = {
        "login": "new.one",
        "name": "New One (invented)",
        "authority": "border-force",
        "roles": "visiting_observer",
        "until": "",
        "reason": "secondment",
    }
    page = ada.post("/accounts", words)
    assert page.status_code == 400
    assert 'href="#until"' in page.text and "New One (invented)" in page.text


def test_a_supervisor_sees_the_decisions_and_an_officer_who_may_not_does_not(
    sam: Browser, ada: Browser
) -> None:
    assert sam.get("/decisions").status_code == 200
    assert ada.get("/decisions").status_code == 403


def test_the_ledger_verifies_and_exports(made: Night, sam: Browser) -> None:
    sam.get("/ledger")
    assert "It holds together" in sam.post("/ledger/verify").text
    bundle = sam.post("/ledger/export", {"message": ""})
    assert bundle.status_code == 200
    assert "attachment" in bundle.headers["content-disposition"]


@pytest.mark.parametrize("path", ["/contacts", "/failed", "/outbox", "/me"])
def test_the_smaller_pages_stand(sam: Browser, path: str) -> None:
    assert sam.get(path).status_code == 200
