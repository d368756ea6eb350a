"""Entries: closed names, narrow forms, canonical bytes, salted commitments."""

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random

import pytest

from cordiale.errors import LedgerError
from cordiale.ledger import Commitment, Entry, Kind, commitment_digest
from cordiale.ledger.entry import FACTS, FACTS_MAX, LIST_MAX
from cordiale.seals import canonical, digest, read_object
from tests.ledger.scene import AT, MESSAGE, entry


def test_an_entry_is_the_same_after_it_was_written_and_read() -> None:
    whole = Entry(
        Kind.DECISION,
        AT,
        {
            "message": MESSAGE,
            "verdict": "permit",
            "provisions": ("WA-05", "TCA/563(3)"),
            "step": 3,
            "rescue": False,
        },
        {"caller": Commitment.to("caller", "Zyx Exampleperson (invented)")},
    )
    read = Entry.from_leaf(whole.leaf())
    assert (read.kind, read.at, read.facts) == (whole.kind, whole.at, whole.facts)
    assert read.commitments["caller"].digest == whole.commitments["caller"].digest
    assert read.commitments["caller"].salt is None


def test_the_leaf_is_written_in_utc_whatever_the_zone() -> None:
    there = AT.astimezone(timezone(timedelta(hours=2)))
    assert Entry(Kind.READ, there).leaf() == Entry(Kind.READ, AT).leaf()


def test_the_leaf_never_holds_a_salt() -> None:
    hidden = Commitment.to("caller", "x")
    leaf = Entry(Kind.READ, AT, {}, {"caller": hidden}).leaf()
    assert hidden.salt is not None
    assert hidden.salt.hex().encode() not in leaf
    assert hidden.salt not in leaf
    assert "salt" not in repr(hidden)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "Zyx Exampleperson"),
        ("message", "an invented message"),
        ("message", digest(b"") + "\n"),
        ("sequence", "1"),
        ("sequence", True),
        ("sequence", 1.0),
        ("sequence", 2**53),
        ("rescue", 1),
        ("account", "zyx.exampleperson"),
        ("purpose", "Looking for my neighbour"),
        ("provisions", "WA-05"),
        ("provisions", ("WA 05",)),
        ("provisions", ("a",) * (LIST_MAX + 1)),
        ("agreement", "Zyx Exampleperson"),
        ("agreement", "Élodie"),
        ("delete_by", "tomorrow"),
        ("verdict", None),
    ],
)
def test_a_fact_that_is_unknown_or_out_of_form_is_refused(name: str, value: object) -> None:
    with pytest.raises(LedgerError) as told:
        Entry(Kind.READ, AT, {name: value})
    assert str(value) not in str(told.value) or value in (True, None, 1)


def test_no_fact_takes_a_sentence_a_full_name_or_letters_outside_ascii() -> None:
    for name, form in FACTS.items():
        for planted in ("Zyx Exampleperson", "Żółć", "two words", "a\nb", "", "x" * 500):
            assert not form.fits(planted), name
            assert not form.fits((planted,)), name


def test_no_fact_is_named_after_something_about_a_person() -> None:
    about_persons = {
        "name",
        "surname",
        "birth",
        "nationality",
        "address",
        "phone",
        "email",
        "face",
        "dna",
        "text",
    }
    assert not about_persons & set(FACTS)


def test_an_entry_needs_a_zone_and_has_limits() -> None:
    with pytest.raises(LedgerError, match="zone"):
        Entry(Kind.READ, datetime(2026, 3, 1))
    too_many = {f"c{i}": Commitment.to("c", i) for i in range(FACTS_MAX + 1)}
    with pytest.raises(LedgerError, match="at most"):
        Entry(Kind.READ, AT, {}, too_many)
    with pytest.raises(LedgerError, match="plain name"):
        Entry(Kind.READ, AT, {}, {"Caller Name": Commitment.to("c", 1)})
    with pytest.raises(LedgerError, match="plain name"):
        Entry(Kind.READ, AT, {}, {"caller": Commitment("sha256:short")})
    long = dict.fromkeys(("provisions", "articles", "defects", "duties"), ("x" * 128,) * LIST_MAX)
    with pytest.raises(LedgerError, match="longer than"):
        Entry(Kind.READ, AT, long).leaf()


def test_a_commitment_opens_to_its_value_only_with_its_salt_and_name() -> None:
    held = Commitment.to("caller", {"name": "Zyx", "age": 30})
    assert held.salt is not None
    assert commitment_digest("caller", {"age": 30, "name": "Zyx"}, held.salt) == held.digest
    assert commitment_digest("caller", {"age": 31, "name": "Zyx"}, held.salt) != held.digest
    assert commitment_digest("other", {"age": 30, "name": "Zyx"}, held.salt) != held.digest
    assert commitment_digest("caller", {"age": 30, "name": "Zyx"}, bytes(32)) != held.digest
    assert Commitment.to("caller", "same").digest != Commitment.to("caller", "same").digest


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "gossip"),
        ("kind", None),
        ("kind", ["read"]),
        ("facts", []),
        ("facts", {"name": "x"}),
        ("commitments", None),
        ("commitments", {"caller": 3}),
        ("at", "2026-03-01T02:30:00Z"),
        ("at", "2026-03-01T02:30:00.0Z"),
        ("at", 7),
        ("more", 1),
    ],
)
def test_a_leaf_out_of_form_is_refused(name: str, value: object) -> None:
    fields = {**read_object(entry().leaf()), name: value}
    with pytest.raises(LedgerError):
        Entry.from_leaf(canonical(fields))


@pytest.mark.parametrize("seed", range(4))
def test_a_leaf_that_is_read_is_written_as_the_same_bytes_and_any_other_is_refused(seed: int) -> None:
    draw = Random(seed)
    raw, read = entry().leaf(), 0
    for _ in range(2_000):
        odd = bytearray(raw)
        for _ in range(draw.randint(0, 2)):
            odd[draw.randrange(len(odd))] = draw.choice(b'0123456789abcdefTZ.+-:" {}[],n')
        try:
            found = Entry.from_leaf(bytes(odd))
        except LedgerError:
            continue
        read += 1
        assert found.leaf() == bytes(odd)
    assert read > 500, "the whole leaf and those with other digits are read"


def test_a_leaf_that_is_not_canonical_json_is_refused() -> None:
    for raw in (b"", b"{}", b"[]", entry().leaf() + b" ", b"\xff"):
        with pytest.raises(LedgerError, match="not an entry"):
            Entry.from_leaf(raw)


def test_times_are_kept_to_the_microsecond() -> None:
    at = datetime(2026, 3, 1, 2, 30, 1, 5, tzinfo=UTC)
    assert Entry.from_leaf(Entry(Kind.READ, at).leaf()).at == at


def test_the_format_page_lists_every_fact_with_its_form() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "ledger-format.md").read_text()
    told = {}
    for line in page.splitlines():
        cells = [one.strip().replace(r"\|", "|") for one in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 2 and (cells[0].removeprefix("up to 128 of ").startswith(("`", "whole", "true"))):
            told |= dict.fromkeys(cells[1].split(", "), cells[0])
    for name, form in FACTS.items():
        said = {"int": "whole number", "bool": "true or false"}.get(form.kind.__name__)
        said = said or f"`{form.pattern.pattern if form.pattern else ''}`"
        assert told.get(name) == ("up to 128 of " if form.many else "") + said, name
