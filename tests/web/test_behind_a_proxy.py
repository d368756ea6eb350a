"""For whom a proxy asks: only the one that the settings name is believed, and only its own word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from litestar.datastructures import Headers

from cordiale.web.visit import LIMITS, _client
from tests.web.pages import Browser, Night, night

HERE = "testclient"  # the address under which the test's browser comes


@pytest.fixture
def there() -> Iterator[Night]:
    found = night()
    yield found
    found.close()


def answers(there: Night, told: list[str]) -> list[int]:
    """One stranger's sign-ins, each with what the proxy says about where it comes from."""
    stranger = Browser(there)
    return [stranger.client.post("/sign-in", headers={"x-forwarded-for": one}).status_code for one in told]


def test_behind_the_named_proxy_one_desk_does_not_use_up_another_s_tries(there: Night) -> None:
    there.node.settings = replace(there.node.settings, pages_proxy=HERE)
    many = ["192.0.2.1"] * (LIMITS["sign-in"] + 1)
    assert answers(there, [*many, "192.0.2.2"])[-2:] == [429, 403]


def test_what_a_stranger_claims_before_the_proxy_s_word_changes_nothing(there: Night) -> None:
    there.node.settings = replace(there.node.settings, pages_proxy=HERE)
    many = [f"198.51.100.{n}, 192.0.2.1" for n in range(LIMITS["sign-in"] + 1)]
    assert answers(there, many)[-1] == 429


def test_without_a_named_proxy_nobody_s_word_counts(there: Night) -> None:
    many = [f"192.0.2.{n}" for n in range(LIMITS["sign-in"] + 1)]
    assert answers(there, many)[-1] == 429


def test_a_proxy_that_adds_a_line_of_its_own_is_believed_for_that_line_alone(there: Night) -> None:
    """Some proxies leave what came and write a second line below it; the test's browser would join both."""
    there.node.settings = replace(there.node.settings, pages_proxy=HERE)
    lines = Headers([(b"x-forwarded-for", b"198.51.100.9"), (b"x-forwarded-for", b"192.0.2.1")])
    asked: Any = SimpleNamespace(client=SimpleNamespace(host=HERE), headers=lines)
    found: Any = SimpleNamespace(node=there.node)
    assert _client(asked, found) == "192.0.2.1"
