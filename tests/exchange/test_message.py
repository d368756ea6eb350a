"""Is a message read strictly, one way only, and does it say no more than it must?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cordiale.errors import ExchangeError, OpenError
from cordiale.exchange.message import (
    BUCKETS,
    MAIN,
    NO_MESSAGE,
    ONWARD,
    Envelope,
    Head,
    Header,
    Letter,
    Restrictions,
    open_letter,
    seal_letter,
)
from cordiale.seals import (
    SealingKeys,
    SigningKeys,
    canonical,
    digest,
    read_object,
    seal,
    sealing_info,
    sign_batch,
)

KEYS = SealingKeys.generate()
SIGNING = SigningKeys.generate()
AT = datetime(2026, 6, 1, tzinfo=UTC)


def letter(**changes: object) -> Letter:
    known = Letter(
        kind="notice",
        type="practice_note",
        sender="UK/nca",
        recipient="FR/paf",
        reference="ab12",
        sent_at=AT,
        payload={"type": "practice_note"},
        agreement={"id": "x", "version": 1, "digest": NO_MESSAGE},
        provision="p1",
        purpose="prevent",
        regime="crime",
        grounds={},
        handling={},
        restrictions=Restrictions(),
        retention={},
    )
    return replace(known, **changes)


def envelope(of: Letter | None = None, **changes: object) -> Envelope:
    bucket, sealed = seal_letter(of or letter(), sender="a", recipient="b", public=KEYS.public())
    header = Header("a", "b", "ab12", MAIN, bucket, digest(sealed), NO_MESSAGE, 1, NO_MESSAGE, Head(0, ""))
    header = replace(header, **changes)
    raw = header.to_bytes()
    return Envelope(header, sealed, sign_batch([raw], SIGNING)[0], raw)


def test_an_envelope_is_the_same_after_its_bytes() -> None:
    one = envelope()
    again = Envelope.from_bytes(one.to_bytes())
    assert again.to_bytes() == one.to_bytes() and again.id == one.id == digest(one.header.to_bytes())


def test_the_message_id_does_not_depend_on_signatures() -> None:
    one = envelope()
    other = replace(one, signature=sign_batch([one.header_raw, b"x"], SIGNING)[0])
    assert one.id == other.id and one.to_bytes() != other.to_bytes()


def test_a_letter_opens_only_for_its_recipient_and_in_its_context() -> None:
    one = envelope()
    assert open_letter(one, KEYS) == letter()
    with pytest.raises(OpenError):
        open_letter(one, SealingKeys.generate())
    with pytest.raises(OpenError):
        open_letter(replace(one, header=replace(one.header, sender="c")), KEYS)


@pytest.mark.parametrize("length", [1, 900, 5_000, 70_000])
def test_an_observer_learns_one_of_seven_sizes(length: int) -> None:
    one = envelope(letter(payload={"x": "y" * length}))
    assert one.header.bucket in BUCKETS
    assert len(one.sealed) == one.header.bucket + 1136


def test_a_letter_that_is_too_long_is_refused_with_a_way_out() -> None:
    with pytest.raises(ExchangeError, match="attachment"):
        envelope(letter(payload={"x": "y" * BUCKETS[-1]}))


def test_nothing_of_the_content_stands_in_the_header() -> None:
    header = envelope(letter(purpose="prosecute")).header.to_bytes()
    for word in (b"prosecute", b"practice_note", b"nca", b"paf", b"p1"):
        assert word not in header


def field_added(raw: bytes, *path: str) -> bytes:
    fields = read_object(raw)
    place: dict[str, object] = fields
    for name in path:
        place = place[name]  # type: ignore[assignment]
    place["extra"] = 1
    return canonical(fields)


@pytest.mark.parametrize("path", [(), ("header",), ("header", "head"), ("signature",)])
def test_an_unknown_field_is_refused_wherever_it_stands(path: tuple[str, ...]) -> None:
    with pytest.raises(Exception, match=r"not a field|nothing else"):
        Envelope.from_bytes(field_added(envelope().to_bytes(), *path))


def test_duplicate_keys_and_other_spellings_are_refused() -> None:
    raw = envelope().to_bytes()
    for other in (b'{"header":{},' + raw[1:], raw.replace(b",", b", ", 1), raw + b"\n"):
        with pytest.raises(ExchangeError, match=r"canonical|JSON"):
            Envelope.from_bytes(other)


@pytest.mark.parametrize("name", ["sequence", "bucket"])
@pytest.mark.parametrize("value", [-1, True, "1", 2.5])
def test_numbers_are_whole_and_not_negative(name: str, value: object) -> None:
    fields = read_object(envelope().to_bytes())
    fields["header"][name] = value  # type: ignore[index]
    with pytest.raises(ExchangeError, match="whole number"):
        Envelope.from_bytes(canonical(fields))


def test_another_suite_is_not_negotiated() -> None:
    fields = read_object(envelope().to_bytes())
    fields["header"]["suite"] = "cordiale-0"  # type: ignore[index]
    with pytest.raises(ExchangeError, match="not spoken"):
        Envelope.from_bytes(canonical(fields))


def test_an_unknown_field_of_a_letter_is_refused_but_only_noted_in_distress() -> None:
    fields = read_object(letter().to_bytes())
    fields["extra"] = 1
    del fields["provision"]
    with pytest.raises(ExchangeError, match=r"letter\.provision"):
        Letter.from_bytes(canonical(fields))
    shown = Letter.from_bytes(canonical(fields), lenient=True)
    assert shown.defects == ("unknown field `extra`", "no `provision`")


def test_header_and_letter_must_name_one_reference() -> None:
    with pytest.raises(ExchangeError, match="references"):
        open_letter(envelope(letter(reference="ab12")), KEYS) and open_letter(_renamed(), KEYS)


def _renamed() -> Envelope:
    bucket, sealed = seal_letter(letter(reference="zz"), sender="a", recipient="b", public=KEYS.public())
    raw = letter(reference="zz").to_bytes()
    info = sealing_info(sender="a", recipient="b", reference="ab12")
    sealed = seal((len(raw).to_bytes(4) + raw).ljust(bucket, b"\0"), KEYS.public(), info)
    return replace(envelope(), sealed=sealed, header=replace(envelope().header, bucket=bucket))


def test_restrictions_have_one_shape_whatever_they_say() -> None:
    strict = Restrictions("never", ("AL", "RS"), ("rescue",), no_court_use=True, erase_by=AT)
    assert set(strict.as_json()) == set(Restrictions().as_json())
    assert Restrictions.from_json(strict.as_json()) == strict


@pytest.mark.parametrize("one", ONWARD)
@pytest.mark.parametrize("other", ONWARD)
def test_restrictions_only_ever_become_stricter(one: str, other: str) -> None:
    both = Restrictions(onward=one).also(Restrictions(onward=other))
    assert ONWARD.index(both.onward) == min(ONWARD.index(one), ONWARD.index(other))


def test_two_whitelists_without_overlap_allow_nobody() -> None:
    one, other = Restrictions(use_only=("rescue",)), Restrictions(use_only=("prosecute",))
    assert one.also(other).use_only == ("nobody",)
    assert one.also(Restrictions()).use_only == ("rescue",)
