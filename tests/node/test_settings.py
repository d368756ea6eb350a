"""Settings: defaults < cordiale.toml < environment < flag, and every mistake named."""

from pathlib import Path

import pytest

from cordiale.errors import UsageError
from cordiale.node.reach import is_dialled, out_of_reach
from cordiale.node.settings import FILE, Settings, known, port_of, read_settings, written
from cordiale.world import MemoryDisk

HOME = Path("/node")


def disk_with(text: str) -> MemoryDisk:
    return MemoryDisk({HOME / FILE: text.encode()})


def test_without_file_environment_or_flag_every_setting_has_its_default() -> None:
    assert read_settings(HOME, MemoryDisk()) == Settings()


def test_the_file_beats_the_default_the_environment_the_file_and_the_flag_all() -> None:
    disk = disk_with("pages_port = 1\ncontact_port = 2\nhold_s = 3")
    found = read_settings(
        HOME,
        disk,
        environment={"CORDIALE_CONTACT_PORT": "20", "CORDIALE_HOLD_S": "30"},
        flags={"hold_s": 300},
    )
    assert (found.pages_port, found.contact_port, found.hold_s) == (1, 20, 300)
    assert dict(found.where) == {"pages_port": FILE, "contact_port": "environment", "hold_s": "flag"}


def test_a_flag_that_was_not_given_changes_nothing() -> None:
    assert read_settings(HOME, disk_with("hold_s = 3"), flags={"hold_s": None}).hold_s == 3


def test_what_is_written_is_read_back() -> None:
    values = {
        "side": "FR",
        "authorities": ("oltim", "paf"),
        "name": 'A "quoted" \\ name',
        "demo": True,
        "hold_s": 5,
    }
    disk = MemoryDisk({HOME / FILE: written(values)})
    found = read_settings(HOME, disk)
    assert {name: getattr(found, name) for name in values} == values


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("colour = 'blue'", "colour"),
        ("pages_port = 'many'", "pages_port"),
        ("pages_port = 70000", "pages_port"),
        ("hold_s = -1", "hold_s"),
        ("demo = 'perhaps'", "demo"),
        ("name = 3", "name"),
        ("not toml at all", FILE),
    ],
)
def test_a_mistake_is_named(text: str, field: str) -> None:
    with pytest.raises(UsageError) as wrong:
        read_settings(HOME, disk_with(text))
    assert wrong.value.field == field


def test_an_unknown_name_in_the_environment_is_an_error_too() -> None:
    with pytest.raises(UsageError, match="unknown setting `colour` in environment"):
        read_settings(HOME, MemoryDisk(), environment={"CORDIALE_COLOUR": "blue"})


def test_the_database_lies_in_the_home_folder_unless_another_is_set() -> None:
    assert Settings().store_url(HOME) == "sqlite:////node/node.db"
    assert Settings(store="postgresql+psycopg://x/y").store_url(HOME) == "postgresql+psycopg://x/y"


def test_no_setting_holds_a_secret() -> None:
    assert not [name for name in known() if "password" in name or name == "passphrase" or "secret" in name]


@pytest.mark.parametrize(
    "address",
    [
        "https://192.0.2.10:8201",
        "192.0.2.10",
        "192.0.2.10:",
        ":8201",
        "::1:8201",
        "a:8201/x",
        "a:70000",
        "a:0",
        "a:000000000000080",
        "a:٣",
        "a@b:80",
        "a b:80",
        "a?x:80",
        "a#x:80",
        "[x]:80",
        "[192.0.2.10]:80",
        "[::1%25lo]:80",
        "999.0.0.1:80",
        "0.0.0.0:80",
        "a..b:80",
        "-a:80",
        "é.example:80",
    ],
)
def test_an_address_that_nobody_could_dial_is_refused_with_the_form_to_write(address: str) -> None:
    with pytest.raises(UsageError) as told:
        port_of(address)
    assert told.value.field == "address" and told.value.way_out
    assert not is_dialled(address)
    (unfit,) = out_of_reach(Settings(), address)
    assert "HOST:PORT" in unfit


def test_a_wrong_address_in_the_settings_keeps_no_command_from_reading_them() -> None:
    assert read_settings(HOME, disk_with('address = "a b:80"')).address == "a b:80"


@pytest.mark.parametrize(
    ("address", "port"),
    [
        ("192.0.2.10:8201", 8201),
        ("[::1]:9", 9),
        ("a.example:65535", 65535),
        ("node_1:1", 1),
        ("localhost:8201", 8201),
    ],
)
def test_the_port_of_an_address_is_read(address: str, port: int) -> None:
    assert read_settings(HOME, disk_with(f'address = "{address}"')).address == address
    assert port_of(address) == port


def test_it_is_said_when_partners_are_told_what_nothing_listens_on() -> None:
    assert not out_of_reach(Settings(address="127.0.0.1:8301", contact_port=8301), "127.0.0.1:8301")
    assert not out_of_reach(Settings(contact_port=8301), "127.0.0.1:8301")
    (alone,) = out_of_reach(Settings(), "")
    assert "address" in alone and "peer renew" in alone
    (host,) = out_of_reach(Settings(contact_host="127.0.0.9"), "192.0.2.10:8201")
    assert "contact_host" in host
    (port,) = out_of_reach(Settings(contact_host="0.0.0.0"), "192.0.2.10:8301")
    assert "8301" in port and "8201" in port
    (moved,) = out_of_reach(Settings(address="192.0.2.11:8201", contact_host="0.0.0.0"), "192.0.2.10:8201")
    assert "192.0.2.11" in moved and "192.0.2.10" in moved and "peer renew" in moved
    wrong, _ = out_of_reach(Settings(address="a b:80"), "192.0.2.10:8201")
    assert "a b:80" in wrong
