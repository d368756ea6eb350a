"""Every route that the pages have, found by asking the application: without a session, with a form of another
site, and in each role. A new page is tried by the same tests, without anybody thinking of it. Invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from httpx import Response
from litestar.routes import HTTPRoute

from cordiale.exchange import boxes
from cordiale.ledger import Kind
from cordiale.node import drafts, people, reports
from cordiale.node.papers import Draft
from cordiale.node.people import NewAccount
from cordiale.officers.roles import MAY, OfficerRole, Verb
from cordiale.web import application
from tests.web.pages import PASSWORD, Browser, Night, distress, intelligence, night
from tests.web.test_another_authority import WORDS, written

OPEN = {"/sign-in", "/recover", "/language", "/health", "/favicon.ico", "/assets", "/static"}
"""What somebody without a session gets an answer from; nothing of a message is behind it."""
KEPT = {"/distress", "/distress/sign-in"}
"""What is typed about persons in distress is never lost because a session or a form is too old."""
ENDS = {"/sign-out", "/sign-in", "/recover", "/language", "/distress/sign-in"}
"""What changes who is signed in, or how; these have tests of their own."""


@dataclass
class There:
    made: Night
    references: list[str]
    numbers: list[int]
    routes: list[tuple[str, str]]
    """(method, path with the names of its parameters in braces)"""


@pytest.fixture(scope="module")
def there() -> Iterator[There]:
    """A night with a message in, one out, a draft and an entry in the failed box, all of the NCA."""
    made = night()
    simulation, node = made.simulation, made.node
    simulation.send("FR/oltim", intelligence(), "UK/nca", name="hulls")
    simulation.open_distress("FR/cross-gris-nez", distress(simulation.clock.now()))
    for _ in range(40):
        simulation.step()
    simulation.settle()
    _, nca = simulation.officer("UK/nca")
    one = written()
    paper = Draft(one["type"], one["body"], one["asks"], ("FR/oltim",))
    reports.send(node, nca, paper)
    draft = drafts.save_draft(node, nca, paper).reference
    came, went = reports.inbox(node, nca)[0].reference, reports.outbox(node, nca)[0].reference
    at = simulation.clock.now()
    node.store.write(
        lambda tx: boxes.set_aside(tx, "out", went, reason="type: kept back", at=at, reference=went)
    )
    numbers = [row.id for row in node.store.read(boxes.failures)]
    for role in OfficerRole:
        login = role.value.replace("_", "-")
        until = simulation.clock.now().date() if role.value.startswith("visiting") else None
        new = NewAccount(login, f"{login} (invented)", "hm-coastguard", frozenset({role.value}), until=until)
        _, made.secrets[login] = people.found_account(node, new, PASSWORD)
    yield There(made, [came, went, draft], numbers, every_route(made))
    made.close()


def every_route(made: Night) -> list[tuple[str, str]]:
    found = []
    for route in application(made.node).routes:
        if isinstance(route, HTTPRoute):
            methods = {one for handler in route.route_handlers for one in handler.http_methods}
            found += [(method, route.path_format) for method in sorted(methods & {"GET", "POST"})]
    return sorted(set(found))


def filled(there: There, path: str) -> list[str]:
    """The path with real references, numbers and names where it has parameters."""
    values: dict[str, list[Any]] = {
        "reference": there.references,
        "number": there.numbers,
        "id": ["x", "uk-xk-2024", *there.references[:1]],
        "form": ["odrl", "nothing"],
        "line": ["x"],
        "thread": there.references[:1],
        "login": ["nobody-here"],
        "recovery_id": ["0" * 32],
        "type_id": ["intelligence_report"],
        "rest": ["nowhere"],
        "file_path": ["nothing.css"],
    }
    names = [one.split("}")[0] for one in path.split("{")[1:]]
    assert set(names) <= set(values), f"say here what `{path}` is tried with"
    each = [dict(zip(names, some, strict=True)) for some in product(*(values[name] for name in names))]
    return [path.format(**one) for one in each]


def ask(browser: Browser, method: str, path: str, **headers: str) -> Response:
    """The request as a browser would make it; what is streamed for ever is not waited for."""
    if method == "GET":
        mark = "&" if "?" in path else "?"
        return browser.client.get(
            f"{path}{mark}purpose=prevent&q=Hulls", headers=headers, follow_redirects=False
        )
    answers = {"csrf": browser.token, "purpose": "prevent", "reason": "invented", "words": "Hulls"}
    return browser.client.post(path, data=answers, headers=headers, follow_redirects=False)


def is_stream(path: str) -> bool:
    return path == "/live/events"


def test_the_routes_are_found_by_asking(there: There) -> None:
    assert len(there.routes) > 60
    assert ("POST", "/message/{reference}/forward") in there.routes


def test_nobody_without_a_session_gets_past_the_door(there: There) -> None:
    browser = Browser(there.made)
    browser.get("/sign-in")
    for method, path in there.routes:
        if path.split("{")[0].rstrip("/") in OPEN or (method == "POST" and path in KEPT):
            continue
        for one in filled(there, path):
            answer = ask(browser, method, one)
            assert answer.status_code == 303, (method, one, answer.status_code)
            assert answer.headers["location"].startswith("/sign-in"), (method, one)


def test_no_form_without_its_token_or_of_another_site_does_anything(there: There) -> None:
    browser = Browser(there.made, "sam")
    browser.get("/")
    token = browser.token
    node = there.made.node
    before = node.store.read(lambda tx: node.log.head(tx).size)
    for method, path in there.routes:
        if method != "POST" or path in KEPT:
            continue
        for one in filled(there, path):
            browser.token = "another"
            assert ask(browser, method, one).status_code == 403, one
            browser.token = token
            answer = ask(browser, method, one, **{"sec-fetch-site": "cross-site"})
            assert answer.status_code == 403, one
    assert node.store.read(lambda tx: node.log.head(tx).size) == before, "nothing was done"


@pytest.mark.parametrize("role", list(OfficerRole))
def test_no_role_reads_a_word_of_another_authority_or_finds_a_page_that_breaks(
    there: There, role: OfficerRole
) -> None:
    """The rights side sees the whole node, with a purpose that is logged; nobody else does, and least of all
    who administers.
    """
    browser = Browser(there.made, role.value.replace("_", "-"))
    browser.get("/")
    whole = role in (OfficerRole.DATA_PROTECTION, OfficerRole.FUNDAMENTAL_RIGHTS)
    for method, path in there.routes:
        if path in ENDS or is_stream(path):
            continue
        for one in filled(there, path):
            answer = ask(browser, method, one)
            assert answer.status_code < 500, (method, one, answer.text[:300])
            if not whole:
                assert [word for word in WORDS if word in answer.text and word != "Hulls"] == [], (
                    method,
                    one,
                )
                assert "Hulls and engines" not in answer.text, (method, one)
            assert answer.headers["cache-control"] == (
                "max-age=604800" if one.startswith(("/assets/", "/static/")) else "no-store"
            )
            assert "etag" not in answer.headers or one.startswith(("/assets/", "/static/")), one


ADMINISTERS = ("/accounts", "/recoveries", "/peers")


@pytest.mark.parametrize("role", [one for one in OfficerRole if Verb.ACCOUNTS not in MAY[one]])
def test_nobody_but_an_administrator_changes_accounts_or_partners(there: There, role: OfficerRole) -> None:
    browser = Browser(there.made, role.value.replace("_", "-"))
    browser.get("/")
    node = there.made.node
    kinds = (Kind.ACCOUNT, Kind.PEER)

    def count() -> int:
        return sum(
            len(list(node.store.read(lambda tx, one=kind: list(node.log.entries(tx, kind=one)))))
            for kind in kinds
        )

    before, logins = count(), people.accounts(node)
    for method, path in there.routes:
        if method == "POST" and path.startswith(ADMINISTERS):
            for one in filled(there, path):
                answer = ask(browser, method, one.replace("nobody-here", "kit"))
                assert answer.status_code in (400, 403, 404, 422), (one, answer.status_code)
    assert count() == before and people.accounts(node) == logins


@pytest.mark.parametrize("evil", ["/%0d%0aX-Evil:1", "/message/%0d%0aX-Evil:1", "/%5cevil.example"])
def test_no_address_writes_a_header_or_leads_to_another_site(there: There, evil: str) -> None:
    answer = Browser(there.made).client.get(evil, follow_redirects=False)
    assert "x-evil" not in answer.headers
    assert answer.headers.get("location", "/").startswith("/sign-in")
    signed = Browser(there.made, "kit").client.get(evil, follow_redirects=False)
    assert "x-evil" not in signed.headers and signed.status_code < 500


@pytest.mark.parametrize("path", ["/static/../application.py", "/static/%2e%2e/application.py",
                                  "/assets/..%2f..%2fapplication.py", "/static//etc/passwd"])  # fmt: skip
def test_no_path_leads_out_of_the_browser_files(there: There, path: str) -> None:
    answer = Browser(there.made, "kit").client.get(path)
    assert answer.status_code in (400, 404) and "import" not in answer.text


def test_a_session_name_that_somebody_planted_is_not_the_one_that_is_used(there: There) -> None:
    """Session fixation: what a browser brought before it signed in opens nothing afterwards."""
    browser = Browser(there.made)
    browser.get("/sign-in")
    name = next(one for one in browser.client.cookies if one.endswith("-before")).replace(
        "-before", "-session"
    )
    browser.client.cookies.set(name, "planted", domain="127.0.0.1", path="/")
    browser.sign_in("kit")
    planted = Browser(there.made)
    planted.client.cookies.set(name, "planted")
    assert planted.client.get("/", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    "evil", ["/\t/evil.example", "/\n/evil.example", "\t//evil.example", "/\r\n\\evil.example"]
)
def test_no_tab_or_line_end_makes_the_way_on_lead_to_another_site(there: There, evil: str) -> None:
    """Browsers drop them: `/`, tab, `/evil.example` would be another site."""
    browser = Browser(there.made)
    browser.get("/sign-in")
    words = {"login": "kit", "password": PASSWORD, "code": there.made.code("kit"), "next": evil}
    answer = browser.client.post("/sign-in", data={"csrf": browser.token, **words}, follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"] == "/"
