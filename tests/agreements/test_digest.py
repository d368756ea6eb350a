"""The digest by which the same request is known again."""

from cordiale.agreements import parse_fast, parse_question
from cordiale.agreements.digest import digest_of
from tests.agreements.gate_factories import asked, item, person


def test_the_digest_tells_nothing_of_values_and_everything_else() -> None:
    one, two = (parse_question(asked(item(value=v))) for v in ("Anna (invented)", "Bert (invented)"))
    assert digest_of(one) == digest_of(two) and one == two
    assert digest_of(one) != digest_of(parse_question(asked(item(), act="ask")))


def test_items_read_once_for_many_questions_give_the_same_digest() -> None:
    raw = asked(item(), item("name", transformable=["generalise"]), subjects=[person()])
    fast = parse_fast(raw)
    assert digest_of(fast) == digest_of(fast) == digest_of(parse_question(raw))


def test_numbers_beyond_64_bits_and_half_characters_have_one_too() -> None:
    for odd in ({"subjects": [person(size=10**30)]}, {"case": "\ud800"}):
        raw = asked(item()) | odd
        assert (
            digest_of(parse_question(raw))
            == digest_of(parse_fast(raw))
            != digest_of(parse_question(asked(item())))
        )
