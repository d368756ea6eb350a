"""One node, several authorities: who serves another one sees no word of a message on any page. Invented."""

from collections.abc import Iterator
from typing import Any

import pytest

from cordiale.exchange import boxes
from cordiale.node import drafts, people, reports
from cordiale.node.papers import Draft
from cordiale.node.people import NewAccount
from tests.web.pages import PASSWORD, Browser, Night, intelligence, night

WORDS = ("Hulls", "folded hulls", "FR-2026-77", "UK-2026-88", "Engines of the other authority")
"""What stands in the messages of the NCA: titles, text and case numbers."""
ROLES = {"officer": "officer", "overseer": "supervisor", "watch": "duty_officer"}


def written() -> dict[str, Any]:
    """A report that the NCA writes."""
    made = intelligence()
    made["asks"]["item"]["origin"]["owner"] = "UK/nca"
    made["body"]["body"] |= {
        "title": "Engines of the other authority (invented)",
        "case_reference": "UK-2026-88",
    }
    return made


@pytest.fixture(scope="module")
def there() -> Iterator[tuple[Night, list[str], list[int]]]:
    """A night with a message in, one out, one refused and a draft, all of the NCA; their references, and the
    numbers in the failed box.
    """
    made = night()
    simulation, node = made.simulation, made.node
    simulation.send("FR/oltim", intelligence(), "UK/nca", name="hulls")
    for _ in range(40):
        simulation.step()
    simulation.settle()
    _, nca = simulation.officer("UK/nca")
    one = written()
    reports.send(node, nca, Draft(one["type"], one["body"], one["asks"], ("FR/oltim",)))
    draft = drafts.save_draft(
        node, nca, Draft(one["type"], one["body"], one["asks"], ("FR/oltim",))
    ).reference
    came, went = reports.inbox(node, nca)[0].reference, reports.outbox(node, nca)[0].reference
    at = simulation.clock.now()
    node.store.write(
        lambda tx: boxes.set_aside(tx, "out", went, reason="type: kept back", at=at, reference=went)
    )
    numbers = [row.id for row in node.store.read(boxes.failures)]
    for login, role in ROLES.items():
        new = NewAccount(login, f"{login} (invented)", "hm-coastguard", frozenset({role}))
        _, made.secrets[login] = people.found_account(node, new, PASSWORD)
    yield made, [came, went, draft], numbers
    made.close()


def pages(references: list[str]) -> list[str]:
    """Every page that could tell a word of a message, with and without a purpose, guessed or linked."""
    plain = ["/", "/inbox", "/outbox", "/failed", "/decisions", "/alarms", "/ledger", "/compose", "/peers",
             "/contacts", "/distress", "/live/strip", "/me", "/accounts"]  # fmt: skip
    plain += [f"/search?q={word}&purpose=prevent" for word in ("Hulls", "Engines", "FR-2026-77", *references)]
    several = ("/message/{0}?purpose=prevent", "/message/{0}/print?purpose=prevent", "/message/{0}/forward",
               "/message/{0}/recall", "/message/{0}/files/x?purpose=prevent", "/held/{0}", "/draft/{0}",
               "/draft/{0}/files", "/draft/{0}/marks")  # fmt: skip
    return plain + [one.format(reference) for reference in references for one in several]


@pytest.mark.parametrize("login", ROLES)
def test_no_page_tells_a_word_of_another_authority_s_messages(
    there: tuple[Night, list[str], list[int]], login: str
) -> None:
    made, references, _ = there
    browser = Browser(made, login)
    for path in pages(references):
        text = browser.get(path).text
        asked = path.partition("q=")[2].partition("&")[0]
        assert [word for word in WORDS if word in text and word != asked] == [], path
        assert [one for one in references if one in text and one not in path] == [], path


@pytest.mark.parametrize("login", ROLES)
def test_nothing_that_is_sent_touches_another_authority_s_messages(
    there: tuple[Night, list[str], list[int]], login: str
) -> None:
    made, (came, went, draft), numbers = there
    browser = Browser(made, login)
    browser.get("/me")
    before = [made.node.store.read(boxes.failures), reports.outbox(*made.simulation.officer("UK/nca"))]
    acts = [f"/message/{came}/answer", f"/message/{came}/forward", f"/message/{went}/recall"]
    acts += [
        f"/held/{went}/undo",
        f"/draft/{draft}/discard",
        f"/draft/{draft}/files",
        f"/draft/{draft}/marks",
    ]
    acts += [f"/draft/{draft}/files/x/piece", f"/failed/{numbers[0]}/dismiss", f"/failed/{numbers[0]}/replay"]
    acts += [f"/failed/{numbers[0]}/{act}" for act in ("take", "go-on", "agree", "anew")]
    for path in acts:
        answer = browser.post(
            path, {"reason": "wrong", "to": "FR/oltim", "name": "x", "size": "9", "at": "0"}
        )
        assert [word for word in WORDS if word in answer.text] == [], path
    assert before == [
        made.node.store.read(boxes.failures),
        reports.outbox(*made.simulation.officer("UK/nca")),
    ]


def test_the_authority_itself_sees_what_the_others_do_not(there: tuple[Night, list[str], list[int]]) -> None:
    """Without this the tests above could pass for an empty node."""
    made, (came, went, _), _ = there
    browser = Browser(made, "chief")
    assert came in browser.get("/inbox").text and went in browser.get("/outbox").text
    assert "folded hulls" in browser.get(f"/message/{came}?purpose=prevent").text
