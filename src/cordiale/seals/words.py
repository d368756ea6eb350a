"""Words to read keys aloud by, and passphrases: 2,048 short words made here, copied from nowhere.

Two officers on a telephone compare twelve words (132 bits of SHA-256) instead of 64 digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from typing import Final

from cordiale.errors import SealError
from cordiale.world import Chance

WORDS_COUNT: Final = 2048
BITS_PER_WORD: Final = 11
FINGERPRINT_WORDS: Final = 12  # 132 bits: beyond any search for a second key with the same words
PASSPHRASE_WORDS: Final = 6  # 66 bits behind a memory-hard function
PASSPHRASE_CHARACTERS_MIN: Final = 14
PASSPHRASE_CHARACTERS_MAX: Final = 1024
_DISTINCT_MIN: Final = 7
_OBVIOUS: Final = (
    "password",
    "passphrase",
    "motdepasse",
    "cordiale",
    "qwerty",
    "azerty",
    "letmein",
    "123456",
)


def _words() -> Iterator[str]:
    """Consonant, vowel, consonant, vowel; consonants that no listener confuses; no syllable twice."""
    first, second = "bdfgklmnrtvz", "bdfgjklmnprstvz"
    for one, a, two, b in product(first, "aiou", second, "aiou"):
        if one + a != two + b:
            yield one + a + two + b


WORDS: Final = tuple(_words())[:WORDS_COUNT]


def words_of(raw: bytes, words_count: int) -> tuple[str, ...]:
    """The first `words_count` x 11 bits of `raw`, as words. Raises SealError when `raw` is too short."""
    spare = len(raw) * 8 - words_count * BITS_PER_WORD
    if spare < 0:
        raise SealError(f"{words_count} words need more than `{len(raw)}` bytes.")
    bits = int.from_bytes(raw) >> spare
    places = [(bits >> (BITS_PER_WORD * i)) % WORDS_COUNT for i in range(words_count)]
    return tuple(WORDS[place] for place in reversed(places))


def suggest_passphrase(chance: Chance, *, words_count: int = PASSPHRASE_WORDS) -> str:
    """A passphrase of words drawn from `chance`, 11 bits each, parted by spaces."""
    raw = bytes.fromhex(chance.token((words_count * BITS_PER_WORD + 7) // 8))
    return " ".join(words_of(raw, words_count))


def passphrase_weaknesses(passphrase: str) -> tuple[str, ...]:
    """What is wrong with a passphrase, in plain words; empty when it will do.

    Length first (NIST SP 800-63B, NCSC): no rule asks for odd characters.
    """
    bare = "".join(passphrase.casefold().split())
    found = []
    if len(passphrase) < PASSPHRASE_CHARACTERS_MIN:
        found.append(f"it has fewer than {PASSPHRASE_CHARACTERS_MIN} characters")
    if len(passphrase) > PASSPHRASE_CHARACTERS_MAX:
        found.append(f"it has more than {PASSPHRASE_CHARACTERS_MAX} characters")
    if len(set(bare)) < _DISTINCT_MIN:
        found.append(f"it uses fewer than {_DISTINCT_MIN} different characters")
    if _repeats(bare):
        found.append("it repeats one piece")
    if _runs(bare):
        found.append("it runs along the alphabet or the digits")
    rest = bare
    for obvious in _OBVIOUS:
        rest = rest.replace(obvious, "")
    if rest != bare and len(rest) < PASSPHRASE_CHARACTERS_MIN - 4:
        found.append("little of it is left without the words that everybody tries first")
    return tuple(found)


def _repeats(bare: str) -> bool:
    """Whether the text is one piece over and over: it is found inside its own doubling."""
    return len(bare) > 1 and bare in (bare + bare)[1:-1]


def _runs(bare: str) -> bool:
    """Whether most neighbours follow one another, up or down."""
    steps = [ord(b) - ord(a) for a, b in pairwise(bare)]
    return bool(steps) and 2 * max(steps.count(1), steps.count(-1)) > len(steps)
