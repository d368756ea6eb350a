"""The vault: passphrase, data keys, records, erasure."""

import pytest

from cordiale.errors import OpenError, SealError
from cordiale.seals import ScryptCost, SigningKeys, Vault, canonical, new_salt, read_object
from cordiale.seals import vault as vault_file

QUICK = ScryptCost(n=1 << 4)
PASSPHRASE = "bada golu nifa toru vami"


def made() -> tuple[Vault, bytes]:
    return Vault.create(PASSPHRASE, cost=QUICK)


def test_a_vault_opens_with_its_passphrase_and_with_no_other() -> None:
    vault, raw = made()
    locked = vault.lock(b"secret", "key/signing")
    assert Vault.open(raw, PASSPHRASE).unlock(locked, "key/signing") == b"secret"
    with pytest.raises(OpenError, match="passphrase is wrong"):
        Vault.open(raw, PASSPHRASE + "x")


def test_a_weak_passphrase_makes_no_vault() -> None:
    with pytest.raises(SealError, match="fewer than 14 characters"):
        Vault.create("short", cost=QUICK)


def test_the_default_cost_is_heavy_and_no_cost_beyond_the_machine_is_taken() -> None:
    assert 128 * ScryptCost().n * ScryptCost().r == 128 << 20
    for wrong in ((3, 8, 1), (1, 8, 1), (1 << 24, 8, 1), (16, 0, 1), (16, 8, 17)):
        with pytest.raises(SealError, match="out of bounds"):
            ScryptCost(*wrong)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "cordiale-vault-0"),
        ("salt", "AAAA"),
        ("salt", 3),
        ("locked", "AAAA"),
        ("cost", {"n": 32, "p": 1, "r": 8}),
        ("cost", {"n": 1 << 40, "p": 1, "r": 8}),
        ("cost", {"n": "16", "p": 1, "r": 8}),
        ("cost", {"n": 16, "p": 1}),
        ("cost", 7),
        ("more", 1),
    ],
)
def test_an_altered_vault_file_does_not_open(name: str, value: object) -> None:
    _, raw = made()
    with pytest.raises(OpenError):
        Vault.open(canonical({**read_object(raw), name: value}), PASSPHRASE)


def test_the_vault_file_shows_nothing_of_its_keys() -> None:
    vault, raw = made()
    assert not any(key in raw or key.hex().encode() in raw for key in vault._keys.values())


def test_a_passphrase_can_be_changed_and_the_old_one_opens_no_more() -> None:
    vault, _ = made()
    locked = vault.lock(b"secret", "p")
    raw = vault.to_bytes("zomu kira dola fuvi nago", cost=QUICK)
    assert Vault.open(raw, "zomu kira dola fuvi nago").unlock(locked, "p") == b"secret"
    with pytest.raises(OpenError):
        Vault.open(raw, PASSPHRASE)


def test_bytes_moved_to_another_place_do_not_open() -> None:
    vault, _ = made()
    with pytest.raises(OpenError, match="moved"):
        vault.unlock(vault.lock(b"secret", "body/1"), "body/2")


@pytest.mark.parametrize("at", [0, 31, 32, 36, 48, -1])
def test_no_altered_byte_opens(at: int) -> None:
    vault, _ = made()
    locked = bytearray(vault.lock(b"secret", "p"))
    locked[at] ^= 1
    with pytest.raises(OpenError):
        vault.unlock(bytes(locked), "p")


@pytest.mark.parametrize("count", [0, 10, 40, 63])
def test_cut_bytes_do_not_open(count: int) -> None:
    vault, _ = made()
    with pytest.raises(OpenError):
        vault.unlock(vault.lock(b"", "p")[:count], "p")


def test_keys_rotate_and_old_records_still_open_until_their_key_is_forgotten() -> None:
    vault, _ = made()
    salt = new_salt()
    old = vault.lock_record(b"body", "p", salt)
    assert vault.is_current(old)
    assert vault.rotate() == 2
    assert not vault.is_current(old)
    assert vault.unlock_record(old, "p", salt) == b"body"
    fresh = vault.relock_record(old, "p", salt)
    assert vault.is_current(fresh)
    reopened = Vault.open(vault.to_bytes(PASSPHRASE, cost=QUICK), PASSPHRASE)
    assert reopened.unlock_record(fresh, "p", salt) == b"body"
    vault.forget(1)
    assert vault.unlock_record(fresh, "p", salt) == b"body"
    with pytest.raises(OpenError, match="forgotten"):
        vault.unlock_record(old, "p", salt)


def test_the_newest_key_and_an_unknown_key_cannot_be_forgotten() -> None:
    vault, _ = made()
    for number in (1, 9):
        with pytest.raises(SealError, match="cannot be forgotten"):
            vault.forget(number)


def test_a_vault_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_file, "_KEYS_MAX", 1)
    with pytest.raises(SealError, match="at most 1 data keys"):
        made()[0].rotate()


def test_who_destroyed_the_salt_has_destroyed_the_record_even_with_all_keys() -> None:
    vault, _ = made()
    salt = new_salt()
    locked = vault.lock_record(b"body", "p", salt)
    assert vault.unlock_record(locked, "p", salt) == b"body"
    for other in (new_salt(), b"", bytes(32)):
        with pytest.raises(OpenError):
            vault.unlock_record(locked, "p", other)


def test_private_keys_travel_through_the_vault_whole() -> None:
    vault, _ = made()
    keys = SigningKeys.generate()
    locked = vault.lock(keys.to_bytes(), "key/signing")
    assert keys.to_bytes() not in locked
    assert SigningKeys.from_bytes(vault.unlock(locked, "key/signing")).public() == keys.public()
