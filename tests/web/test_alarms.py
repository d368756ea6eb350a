"""Alarms and the failed box as a person sees them: plain words, what to do, and who has done it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import cordiale
from cordiale.exchange import boxes, tables
from cordiale.node import exchange, mending, people, reports
from cordiale.web.alarms import KINDS
from tests.web.pages import Browser, Night, intelligence

SOURCE = Path(cordiale.__file__).parent
RAISED = re.compile(r"raise_alarm\(\s*\w+,\s*\"(\w+)\"")
FAULTS = {"gap", "fork", "split_view"}
"""Kinds that the exchange takes from the fault of a message (receiving.py)."""


def raise_one(made: Night, kind: str, says: str = "as it was noted") -> None:
    at = made.simulation.clock.now()
    made.node.store.write(lambda tx: boxes.raise_alarm(tx, kind, peer="", about=kind, says=says, at=at))


def settle_all(made: Night) -> None:
    for one in exchange.alarms(made.node):
        exchange.settle_alarm(made.node, one["id"], by="Invented Administrator")


def test_every_kind_of_alarm_that_is_raised_has_its_words() -> None:
    raised = {kind for path in SOURCE.rglob("*.py") for kind in RAISED.findall(path.read_text("utf-8"))}
    assert raised, "the search found nothing: it looks for the wrong thing"
    assert raised | FAULTS <= set(KINDS), (raised | FAULTS) - set(KINDS)


def test_each_alarm_says_what_it_means_and_what_to_do_and_distress_stands_first(
    made: Night, ada: Browser
) -> None:
    for kind in KINDS:
        raise_one(made, kind)
    page = ada.get("/alarms").text
    for words in KINDS.values():
        for sentence in (words.title, words.means, words.do):
            assert sentence.replace("'", "&#39;") in page, sentence
    first = re.search(r"<h2[^>]*>([^<]+)</h2>", page)
    assert first is not None and "distress call" in first.group(1)
    assert 'href="/alarms"' in ada.get("/").text
    settle_all(made)


def test_a_named_person_settles_an_alarm_and_it_comes_back_if_it_happens_again(
    made: Night, sam: Browser
) -> None:
    raise_one(made, "courier")
    page = sam.get("/alarms").text
    number = re.search(r"/alarms/(\d+)/settle", page)
    assert number is not None and "The courier stumbled" in page
    sam.post(f"/alarms/{number.group(1)}/settle")
    assert "The courier stumbled" not in sam.get("/alarms").text
    raise_one(made, "courier")
    assert "The courier stumbled" in sam.get("/alarms").text
    settle_all(made)


def test_who_neither_oversees_nor_keeps_a_watch_sees_no_alarms(made: Night) -> None:
    assert Browser(made, "stat").get("/alarms").status_code == 403


def stuck(made: Night) -> int:
    """A message of the UK's that France will never take."""
    made.simulation.send("UK/nca", ours(), "FR/oltim")
    made.simulation.clock.step(60)
    node = made.node

    def spoil(tx: Any) -> None:
        c = tables.outbox.c
        query = tables.outbox.select().where(c.state == "waiting").order_by(c.position.desc()).limit(1)
        row = tx.execute(query).one()
        spoilt = {**row.signature, "size": 7}
        tx.execute(tables.outbox.update().where(c.id == row.id).values(signature=spoilt))

    reports.release_due(node)
    node.store.write(spoil)
    made.simulation.step()
    return mending.aside(node, people.officer(node, "nca"))[0].id


def ours() -> dict[str, Any]:
    held = intelligence()
    held["asks"]["item"]["origin"]["owner"] = "UK/nca"
    return held


def test_a_stuck_message_is_read_asked_about_and_written_anew_on_one_page(made: Night) -> None:
    number = stuck(made)
    desk = Browser(made, "chief")
    page = desk.get("/failed").text
    assert "Did not go" in page and "Send it again as it is" in page and "go on without it" in page
    assert page.index("Mend it in a draft") < page.index("Send it again as it is")
    refused = desk.post(f"/failed/{number}/go-on", {"reason": ""})
    assert refused.status_code == 400 and "Say why the lane should go on" in refused.text
    assert "Now ring the partner" in desk.post(f"/failed/{number}/go-on", {"reason": "spoilt"}).text
    assert "has not agreed yet" in desk.get("/failed").text
    draft = desk.post(f"/failed/{number}/anew")
    assert draft.url.path.startswith("/draft/") and "Hulls and engines (invented)" in draft.text
    made.simulation.step(400)
    (asking,) = mending.aside(
        made.simulation.nodes["FR"], people.officer(made.simulation.nodes["FR"], "oltim")
    )
    assert asking.ways == (mending.AGREE,)
    desk.post(f"/failed/{number}/dismiss")
    settle_all(made)


def test_nobody_agrees_without_having_spoken_with_the_partner(made: Night) -> None:
    desk = Browser(made, "chief")
    answer = desk.post("/failed/1/agree")
    assert answer.status_code == 400 and "Ring the partner first" in answer.text
