"""The home folder: founded once, opened by the passphrase alone, nothing private in the clear."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cordiale.errors import OpenError, SealError, UsageError
from cordiale.node.home import Founding, change_passphrase, finish, make_home, open_home, same_side, words_of
from cordiale.node.outside import World
from cordiale.node.settings import Settings, read_settings
from cordiale.seals import ScryptCost
from cordiale.world import MemoryDisk, SeededChance, SteppedClock

HOME = Path("/node")
PHRASE = "an invented phrase for tests 7"
CHEAP = ScryptCost(n=1 << 10)
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def world(disk: MemoryDisk | None = None) -> World:
    return World(SteppedClock(AT), SeededChance(1), disk or MemoryDisk())


def founding(**changes: Any) -> Founding:
    plain: dict[str, Any] = {
        "side": "FR",
        "authorities": ("oltim", "paf"),
        "administrator": "ada",
        "person": "Ada Invented",
    }
    return Founding(**{**plain, **changes})


def test_what_was_founded_opens_with_the_passphrase() -> None:
    outside = world()
    _, made = make_home(HOME, founding(address="127.0.0.1:8201"), PHRASE, world=outside, cost=CHEAP)
    _, opened = open_home(HOME, PHRASE, outside.disk)
    assert opened.signing.to_bytes() == made.signing.to_bytes()
    assert opened.sealing.to_bytes() == made.sealing.to_bytes()
    assert opened.ledger.to_bytes() == made.ledger.to_bytes()
    assert opened.card == made.card
    assert words_of(opened) == words_of(made)


def test_the_card_holds_under_the_side_key_and_names_side_and_authorities() -> None:
    _, keys = make_home(HOME, founding(), PHRASE, world=world(), cost=CHEAP)
    keys.card.check(keys.side, AT)
    assert keys.card.facts.node == "fr-oltim"
    assert keys.card.facts.authorities == ("oltim", "paf")
    assert "BEGIN CERTIFICATE" in keys.card.facts.tls_issuer


def test_a_wrong_passphrase_opens_nothing() -> None:
    outside = world()
    make_home(HOME, founding(), PHRASE, world=outside, cost=CHEAP)
    with pytest.raises(OpenError):
        open_home(HOME, PHRASE + "!", outside.disk)


def test_a_weak_passphrase_makes_no_node() -> None:
    outside = world()
    with pytest.raises(SealError, match="weak"):
        make_home(HOME, founding(), "short", world=outside, cost=CHEAP)
    with pytest.raises(UsageError, match="no node"):
        open_home(HOME, "short", outside.disk)


def test_no_private_key_lies_on_the_disk_in_the_clear() -> None:
    disk = MemoryDisk()
    _, keys = make_home(HOME, founding(), PHRASE, world=world(disk), cost=CHEAP)
    seeds = [keys.signing.to_bytes()[:32], keys.sealing.to_bytes()[:32], keys.ledger.to_bytes()[:32]]
    for path, raw in disk.files.items():
        assert not any(seed in raw for seed in seeds), path
        assert b"BEGIN PRIVATE KEY" not in raw and b"BEGIN EC PRIVATE KEY" not in raw, path
    assert b"ENCRYPTED" in disk.files[HOME / "tls" / "key"]


def test_a_second_founding_in_one_folder_is_refused() -> None:
    outside = world()
    make_home(HOME, founding(), PHRASE, world=outside, cost=CHEAP)
    finish(HOME, outside.disk)
    with pytest.raises(UsageError, match="already"):
        make_home(HOME, founding(), PHRASE, world=outside, cost=CHEAP)


def test_the_passphrase_can_be_changed_and_the_old_one_no_longer_opens() -> None:
    outside = world()
    make_home(HOME, founding(), PHRASE, world=outside, cost=CHEAP)
    change_passphrase(HOME, PHRASE, "another invented phrase 8", outside.disk)
    open_home(HOME, "another invented phrase 8", outside.disk)
    with pytest.raises(OpenError):
        open_home(HOME, PHRASE, outside.disk)


def test_settings_that_name_another_side_than_the_card_are_noticed() -> None:
    outside = world()
    _, keys = make_home(HOME, founding(), PHRASE, world=outside, cost=CHEAP)
    same_side(read_settings(HOME, outside.disk), keys)
    with pytest.raises(UsageError, match="another Side"):
        same_side(Settings(side="UK", authorities=("oltim", "paf")), keys)


@pytest.mark.parametrize("changes", [{"side": ""}, {"authorities": ()}, {"authorities": ("paf", "paf")}])
def test_a_founding_that_says_too_little_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        founding(**changes)
