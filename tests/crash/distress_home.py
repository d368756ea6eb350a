"""Two invented nodes on disk that know one another: a British coastguard, a French rescue centre."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from cordiale.node import Node, exchange, found, open_node, people
from cordiale.node.home import Founding
from cordiale.node.people import NewAccount
from cordiale.seals import ScryptCost
from tests.web.pages import distress

PHRASE = "an invented phrase for tests 7"
PASSWORD = "four invented words together"
SIDES = {"UK": ("hm-coastguard",), "FR": ("cross-gris-nez",)}


def founded(folder: Path) -> dict[str, Path]:
    """The homes by Side; `sam` is duty officer at the British node."""
    homes = {side: folder / side for side in SIDES}
    for side, home in homes.items():
        founding = Founding(side, SIDES[side], "ada", "Ada Invented", address="127.0.0.1:1")
        found(home, founding, secrets=(PHRASE, PASSWORD), cost=ScryptCost(n=1 << 10))
    with opened(homes["UK"]) as uk, opened(homes["FR"]) as fr:
        for one, other in ((uk, fr), (fr, uk)):
            card = exchange.own_card(other)
            exchange.add_peer(one, exchange.card_bytes(card["card"]), words=card["words"], by="Ada Invented")
        new = NewAccount("sam", "Sam Invented", "hm-coastguard", frozenset({"duty_officer"}))
        people.found_account(uk, new, PASSWORD)
    return homes


def opened(home: Path) -> Node:
    return open_node(home, PHRASE, environment={})


def call(at: datetime) -> dict[str, Any]:
    """An invented boat."""
    return distress(at)
