"""Files with mistakes are refused with file, line, field and the words to use."""

from pathlib import Path

import pytest

from cordiale.agreements import Register, check_folder
from cordiale.agreements.text import FILE_BYTES_MAX, parse, read_agreement, read_record
from cordiale.errors import AgreementFileError
from tests.agreements.gate_factories import APPROVAL, agreement, provision, world


def mistake(text: str) -> AgreementFileError:
    with pytest.raises(AgreementFileError) as found:
        read_agreement(text.encode(), "deal.toml")
    return found.value


def test_a_wrong_word_is_told_with_file_line_and_the_nearest_words() -> None:
    text = agreement(provision(purposes='["investigat"]'))
    wrong = mistake(text)
    line = next(n for n, x in enumerate(text.splitlines(), 1) if 'investigat"' in x)
    assert f"deal.toml, line {line}:" in wrong.message and "`investigat`" in wrong.message
    assert wrong.field == "provision[1].purposes" and "`investigate`" in wrong.way_out


def test_the_line_is_that_of_the_right_table_among_many() -> None:
    text = agreement(provision("1") + provision("2", min_cell='"ten"'))
    assert (
        f"line {next(n for n, x in enumerate(text.splitlines(), 1) if 'min_cell' in x)}:"
        in mistake(text).message
    )


def test_an_unknown_key_offers_the_near_ones() -> None:
    wrong = mistake(agreement(provision(purpose='["investigate"]')))
    assert wrong.field == "provision[1].purpose" and "`purposes`" in wrong.way_out


def test_a_missing_key_is_named() -> None:
    assert (
        "`title` is missing" in mistake(agreement().replace('title = "Invented agreement deal"', "")).message
    )


def test_a_word_far_from_all_is_answered_with_all() -> None:
    assert "Use one of" in mistake(agreement().replace('"treaty"', '"xyzzy"')).way_out


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ({"types": '["dna_search", "dna_search"]'}, "stands twice"),
        ({"types": '"dna_search"'}, "must be a list"),
        ({"directions": '["UK-EU"]'}, "right shape"),
        ({"from_": '"soon"'}, "not a date"),
        ({"min_cell": "true"}, "whole number"),
        ({"origin": "3"}, "must be a table"),
        ({"clocks": "3"}, "a table or a list of tables"),
        ({"transform": "3"}, "must be a table"),
        ({"instead": "3"}, "must be a list of words"),
        ({"read": '""'}, "not empty"),
        ({"requires": '[{fact = "a", record = "consent"}]'}, "names one of"),
        ({"requires": '[{confirmation = "match", qualified = 1}]'}, "neither true nor false"),
        ({"confidence": '"unconfirmed"'}, "which paragraph"),
        ({"clocks": '[{name = "x", binding = "law", starts = "y"}]'}, "never both"),
        ({"clocks": '[{name = "x", binding = "law", starts = "y", n = 3}]'}, "needs `unit`"),
        (
            {"clocks": '[{name = "x", binding = "law", starts = "y", n = 3, unit = "working_day"}]'},
            "calendar",
        ),
        ({"purposes": "[]"}, "default is refuse"),
    ],
)
def test_each_kind_of_mistake_in_a_provision_is_refused(lines: dict[str, str], words: str) -> None:
    assert words in mistake(agreement(provision(**lines))).message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "agreement"', 'kind = "law"', "a permit stands in an agreement"),
        ('id = "mup"', 'id = "mup"\nkind = "police"', "either `id` or `kind`"),
        ('article = "Art 1"', "", "nobody can check it"),
    ],
)
def test_a_line_that_cannot_be_is_refused(old: str, new: str, words: str) -> None:
    assert words in mistake(agreement().replace(old, new)).message


def test_provisions_with_one_id_and_agreements_with_one_side_are_refused() -> None:
    assert "stands twice" in mistake(agreement(provision() + provision())).message
    head = 'id="x"\ntitle="x"\nversion=1\nkind="agreement"\nlegal_nature="treaty"\nvalidity=[]\n'
    alone = head + '[[side]]\ncode="UK"\n'
    assert "two Sides" in mistake(alone).message


def test_what_is_not_toml_not_text_or_too_large_is_refused() -> None:
    for raw, words in ((b"a = ", "x.toml"), (b"\xff", "UTF-8"), (b"#" * (FILE_BYTES_MAX + 1), "larger")):
        with pytest.raises(AgreementFileError, match=words):
            parse(raw, "x.toml")
    with pytest.raises(AgreementFileError, match="Cannot overwrite"):
        parse(b"a = 1\na = 2", "x.toml")


def test_a_record_without_its_first_day_is_refused_and_a_moment_gives_its_day() -> None:
    with pytest.raises(AgreementFileError, match="first day"):
        read_record(APPROVAL.replace("\nfrom = 2025-01-01", "").encode(), "r.toml")
    found = read_record(
        APPROVAL.replace("from = 2025-01-01", "from = 2025-01-01T00:00:00Z", 1).encode(), "r.toml"
    )
    assert str(found.from_) == "2025-01-01"


def test_every_mistake_of_a_folder_is_gathered_and_load_names_the_first(tmp_path: Path) -> None:
    world(tmp_path)
    (tmp_path / "a.toml").write_text(agreement(id="a").replace('"treaty"', '"treatise"'), encoding="utf-8")
    (tmp_path / "b.toml").write_text("a = ", encoding="utf-8")
    (tmp_path / "coverage.toml").write_text("not read by the gate", encoding="utf-8")
    wrong = [str(one) for one in check_folder(tmp_path)]
    assert len([one for one in wrong if "names no source" not in one]) == 2
    with pytest.raises(AgreementFileError, match="1 more"):
        Register.load(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('code = "RS"', 'code = "SERBIA"', "no Side of the register"),
        ('id = "mup"', 'id = "mop"', "no authority of the register"),
        ('kind = "police"', 'kind = "polices"', "no kind of authority"),
        ('"UK>RS"', '"UK>XX"', "names no Side"),
        ("basis.UK_to_RS", "basis.UK_RS", "no direction"),
        ('legal_nature = "treaty"', 'legal_nature = "treaty"\nrelies_on = ["other"]', "no agreement here"),
    ],
)
def test_a_pointer_that_leads_nowhere_is_a_mistake(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(AgreementFileError, match=words):
        world(tmp_path, agreement().replace(old, new))


def test_clocks_name_calendars_and_duties_name_clocks_that_exist(tmp_path: Path) -> None:
    clock = '[{name = "x", binding = "law", starts = "y", n = 3, unit = "working_day", calendar = "nowhere"}]'
    duty = '[{do = "delete", by = "z"}]'
    world(tmp_path)
    (tmp_path / "agreement0.toml").write_text(
        agreement(provision(clocks=clock, duties=duty)), encoding="utf-8"
    )
    found = [str(m) for m in check_folder(tmp_path)]
    assert any("no calendar" in f for f in found) and any("no clock" in f for f in found)


def test_the_same_id_in_two_places_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(AgreementFileError, match="two places"):
        world(tmp_path, agreement(), agreement())


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(AgreementFileError, match="nowhere` is not there"):
        Register.load(tmp_path / "nowhere")
