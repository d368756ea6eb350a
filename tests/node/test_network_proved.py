"""The network, told to people: that it holds, or the chain in plain words. What is planted is invented."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from cordiale import cli
from cordiale.agreements.proofs.network.proving import prove_network
from cordiale.errors import UsageError
from cordiale.node import network_proved
from tests.agreements.proofs.test_network import SHARED, among, text, three

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_network_that_holds_is_told_with_what_it_rests_on() -> None:
    found = network_proved.proved(among(*map(text, SHARED)), NOON)
    told = "\n".join(network_proved.lines(found))
    assert found.holds and "no chain of any length" in told and "16 certificates" in told
    assert "no message tells who is protected: 6 proofs" in told


def test_a_chain_is_told_hop_by_hop_with_article_and_limits() -> None:
    found = network_proved.proved(among(*three(), labelled=False), NOON, begun_by="UK")
    told = list(network_proved.lines(found))
    assert not found.holds and "IS BROKEN" in told[0]
    assert any("who fled AL reaches AL" in line for line in told)
    ways = [line.strip().split(":")[0] for line in told if " -> " in line]
    assert [way.split("/")[0] for way in ways] == ["1. UK", "2. FR", "3. IT"]
    assert sum("under invented-" in line for line in told) == 3
    assert sum("goes with:" in line for line in told) == 3


def test_it_is_told_whose_node_was_thought_not_to_keep_limits() -> None:
    found = prove_network(among(*map(text, SHARED)), NOON, heedless=frozenset({"UK"}))
    told = "\n".join(network_proved.lines(network_proved.Whole(found, {})))
    assert told.startswith("as if these did not keep the limits that came with a message: UK")
    assert "its node does not keep the limits that came with it" in told


def test_a_side_that_nobody_knows_is_refused_by_name() -> None:
    known = among(*map(text, SHARED))
    with pytest.raises(UsageError, match="ZZ"):
        network_proved.proved(known, NOON, heedless=("ZZ",))
    with pytest.raises(UsageError, match="ZZ"):
        network_proved.proved(known, NOON, begun_by="ZZ")


def test_the_shipped_agreements_hold_together(capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["agreement", "prove", "--network", "--at", "2026-11-22", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert code == 0 and told["network"]["status"] == "proved" and told["network"]["rechecked"]
    assert set(told["network"]["certificate"]["rests_on"]) == set(told["network"]["agreements"])
    assert all(one["rechecked"] for each in told["silence"] for one in each["sights"])
