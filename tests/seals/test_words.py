"""Words for fingerprints and passphrases."""

import pytest

from cordiale.errors import SealError
from cordiale.seals import WORDS, SealingKeys, fingerprint, passphrase_weaknesses, suggest_passphrase
from cordiale.seals.words import words_of
from cordiale.world import SeededChance, SystemChance


def test_there_are_2048_words_of_four_letters_none_twice() -> None:
    assert len(set(WORDS)) == len(WORDS) == 2048
    assert {len(word) for word in WORDS} == {4}


def test_words_hold_eleven_bits_each_in_order() -> None:
    assert words_of(bytes(2), 1) == (WORDS[0],)
    assert words_of(b"\xff\xff\xff", 2) == (WORDS[2047], WORDS[2047])
    assert words_of((5 << 13 | 9 << 2).to_bytes(3), 2) == (WORDS[5], WORDS[9])
    with pytest.raises(SealError, match="need more than"):
        words_of(b"\0", 1)


def test_a_fingerprint_has_twelve_words_and_is_the_keys_own() -> None:
    one, other = SealingKeys.generate().public(), SealingKeys.generate().public()
    assert len(fingerprint(one).split()) == 12
    assert fingerprint(one) == fingerprint(one) != fingerprint(other)


def test_a_suggested_passphrase_is_strong_and_drawn_from_chance() -> None:
    assert suggest_passphrase(SeededChance(1)) == suggest_passphrase(SeededChance(1))
    assert suggest_passphrase(SeededChance(1)) != suggest_passphrase(SeededChance(2))
    for _ in range(50):
        assert passphrase_weaknesses(suggest_passphrase(SystemChance())) == ()


@pytest.mark.parametrize(
    ("passphrase", "weakness"),
    [
        ("short", "fewer than 14"),
        ("x" * 2000, "more than 1024"),
        ("aaaaaaaaaaaaaaaaaa", "different characters"),
        ("badago badago badago", "repeats one piece"),
        ("abcdefghijklmnopqr", "runs along"),
        ("98765432109876543210", "runs along"),
        ("Cordiale Password 1!", "everybody tries first"),
        ("", "fewer than 14"),
    ],
)
def test_a_weak_passphrase_is_told_why(passphrase: str, weakness: str) -> None:
    assert any(weakness in one for one in passphrase_weaknesses(passphrase))


def test_length_is_enough_without_odd_characters() -> None:
    assert passphrase_weaknesses("the tide turns at four bells") == ()
