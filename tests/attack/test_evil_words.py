"""What if the words of a report are made to run, to hide or to lie on a page? Every leaf that takes text is
tried, on every page that its reader can open. Invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cordiale.node import drafts, reports
from cordiale.node.papers import Draft
from cordiale.web.tamed import tamed
from tests.attack.test_routes import There, ask, every_route, filled, is_stream
from tests.web.pages import Browser, distress, intelligence, night
from tests.web.test_another_authority import written

EVIL = '<img src=x onerror=evil()>"{{7*7}}\u202egro.live'
FREE = ("title", "methods", "place", "description", "family_name", "given_names", "remarks",
        "address", "vessel", "summary", "occasion", "name", "text", "aliases", "caller")  # fmt: skip


def made_evil(value: Any, name: str = "") -> Any:
    """The same payload with evil words behind each text that is free."""
    if isinstance(value, dict):
        return {key: made_evil(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [made_evil(one, name) for one in value]
    return f"{value} {EVIL}" if isinstance(value, str) and name in FREE else value


@pytest.fixture(scope="module")
def there() -> Iterator[There]:
    """A report and a distress call full of evil words came; a draft of the same kind lies here."""
    made = night()
    simulation = made.simulation
    came = intelligence()
    came["body"] = made_evil(came["body"])
    simulation.send("FR/oltim", came, "UK/nca", name="evil")
    simulation.open_distress("FR/cross-gris-nez", made_evil(distress(simulation.clock.now())))
    for _ in range(40):
        simulation.step()
    simulation.settle()
    _, nca = simulation.officer("UK/nca")
    one = written()
    one["body"] = made_evil(one["body"])
    draft = drafts.save_draft(made.node, nca, Draft(one["type"], one["body"], one["asks"], ("FR/oltim",)))
    (line,) = reports.inbox(made.node, nca)
    yield There(made, [line.reference, draft.reference], [1], every_route(made))
    made.close()


def test_no_word_of_a_report_runs_or_turns_on_any_page(there: There) -> None:
    browser = Browser(there.made, "chief")
    browser.get("/")
    seen = 0
    for method, path in there.routes:
        if method != "GET" or is_stream(path):
            continue
        for one in filled(there, path):
            answer = ask(browser, method, one)
            assert answer.status_code < 500, one
            for bad in ("<img src=x", "\u202e", "\u0007", ">49"):
                assert bad not in answer.text, (one, bad)
            seen += "&lt;img src=x" in answer.text
            for header in answer.headers.values():
                assert "<img" not in header and "onerror" not in header, one
    assert seen >= 3, "the words were shown somewhere"


def test_safe_markup_stays_safe_and_words_of_other_scripts_stay_whole() -> None:
    from markupsafe import Markup

    assert isinstance(tamed(Markup("<b>\u202ex</b>")), Markup)
    for words in ("محمد\u200cرضا", "Fécamp\u202f: 3", "\u2068שלום\u2069", "two\nlines", "東京"):
        assert tamed(words) == words
    assert tamed("a\u202eb\x9bc") == "a\\u202eb\\u009bc" and tamed(7) == 7
