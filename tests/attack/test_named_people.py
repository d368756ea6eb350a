"""What if somebody later denies that they took a partner in, put one out, or asked for another password?
The ledger commits to who and why: with the salt a court compares it with what is claimed. Invented.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from cordiale.errors import UsageError
from cordiale.ledger import Kind
from cordiale.ledger.entry import commitment_digest
from cordiale.ledger.tables import salts
from cordiale.node import Node, exchange, people
from cordiale.node.exchange import read_card
from cordiale.simulation import Simulation
from tests.web.pages import NIGHT

SIDES = {"UK": ("nca",), "FR": ("oltim",)}


def newest(node: Node, kind: Kind) -> Any:
    return node.store.read(lambda tx: list(node.log.entries(tx, kind=kind)))[-1]


def committed(node: Node, logged: Any, name: str, value: str) -> bool:
    wanted = select(salts.c.salt).where(salts.c.entry_index == logged.index, salts.c.name == name)
    salt = node.store.read(lambda tx: tx.execute(wanted).scalar_one())
    return bool(logged.entry.commitments[name].digest == commitment_digest(name, value, salt))


def test_who_took_a_partner_in_and_who_put_it_out_and_why_cannot_be_denied_later() -> None:
    with Simulation.of(SIDES, seed=3, at=NIGHT) as made:
        node = made.nodes["UK"]
        assert committed(node, newest(node, Kind.PEER), "by", "Invented Administrator")
        exchange.remove_peer(node, made.nodes["FR"].id, by="Ada Invented", reason="invented: it has ended")
        entry = newest(node, Kind.PEER)
        assert committed(node, entry, "by", "Ada Invented")
        assert committed(node, entry, "reason", "invented: it has ended")
        assert not committed(node, entry, "by", "Somebody Else")


def test_why_somebody_asked_for_another_s_password_cannot_be_denied_later() -> None:
    with Simulation.of(SIDES, seed=3, at=NIGHT) as made:
        node, officer = made.officer("UK/nca")
        new = people.NewAccount("ada", "Ada Invented", "nca", frozenset({"administrator"}))
        ada, _ = people.found_account(node, new, "four invented words together", quick=True)
        people.ask_recovery(node, ada, officer.id, "password", reason="invented: telephone lost")
        assert committed(node, newest(node, Kind.ACCOUNT), "reason", "invented: telephone lost")


def test_nobody_puts_a_partner_out_namelessly() -> None:
    with Simulation.of(SIDES, seed=3, at=NIGHT) as made:
        with pytest.raises(UsageError, match="who decided"):
            exchange.remove_peer(made.nodes["UK"], made.nodes["FR"].id, by=" ", reason="invented")
        assert len(exchange.peers(made.nodes["UK"])) == 1


@pytest.mark.parametrize(
    "raw",
    [b"[" * 200_000, b'{"a":' * 100_000, b'{"format":1e400}', b"\xff", b"", b'"\\ud800"', b"[]", b"7" * 5000],
)
def test_a_card_that_is_a_bomb_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(UsageError, match="not a node card"):
        read_card(raw)
