"""The paper: what it says, page for page, read back from the PDF itself."""

import ast
import io
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from cordiale import agreements
from cordiale.agreements import Register
from cordiale.agreements.explain import in_another
from cordiale.agreements.exports.paper import paper_bytes
from cordiale.agreements.exports.sheet import LABELS
from cordiale.agreements.exports.spelt import NAMES
from cordiale.agreements.model import Agreement
from cordiale.agreements.register import Day
from cordiale.agreements.spoken import Called
from cordiale.errors import UsageError
from cordiale.web.words import say_in

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
PROVED = (
    ("nothing leaves without a basis", "proved", "DPA 2018 s.73"),
    ("small counts", "unknown", "house rule"),
)


@cache
def register() -> Register:
    return Register.load()


@cache
def day() -> Day:
    return register().on(AT)


def text(id: str = "uk-frontex-wa-2024") -> Agreement:
    found = register().agreement(id)
    assert found is not None
    return found


@cache
def paper(id: str = "uk-frontex-wa-2024") -> bytes:
    return paper_bytes(text(id), day(), proofs=PROVED)


def read(raw: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(raw))


def words(raw: bytes) -> str:
    """The paper's words, lines and pages joined; a line that was broken is whole again."""
    return " ".join(" ".join(page.extract_text().split()) for page in read(raw).pages)


def test_every_provision_stands_in_the_paper_with_its_sentence_source_and_confidence() -> None:
    told = re.sub(r"\s", "", words(paper()))
    feet = re.compile(r"uk-frontex-wa-2024,1page\d+of\d+Digestofthetext:sha256:[0-9a-f]{64}")
    told = feet.sub("", told)
    for line in text().provision:
        for part in (f"{line.article} ({line.id})", line.sentence, line.source, line.read):
            assert re.sub(r"\s", "", part) in told, (line.id, part)
    assert NAMES["granted"] in words(paper())


def test_each_page_has_its_number_the_name_of_the_text_and_its_digest() -> None:
    pages = read(paper()).pages
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        told = page.extract_text()
        assert f"page {number} of {len(pages)}" in told
        assert text().digest in told and "uk-frontex-wa-2024, 1" in told


def test_title_language_and_digest_stand_in_the_files_own_description() -> None:
    found = read(paper())
    assert found.metadata is not None
    assert found.metadata.title == text().title
    assert text().digest in (found.metadata.subject or "")
    root: Any = found.trailer["/Root"]
    assert root["/Lang"] == "en" and root["/ViewerPreferences"]["/DisplayDocTitle"]


def test_sides_dates_and_how_it_stands_are_told() -> None:
    told = words(paper())
    assert "in force on 2026-11-22" in told
    assert "Signed on 2024-02-23." in told
    assert "Valid from 2024-02-23 until further notice." in told
    assert "European Border and Coast Guard Agency (FRONTEX)" in told


def test_the_neutral_footnote_stands_under_its_side() -> None:
    footnote = register().sides["XK"].footnote
    assert footnote
    assert re.sub(r"\s", "", footnote) in re.sub(r"\s", "", words(paper_bytes(text("uk-xk-2024"), day())))


def test_the_proofs_handed_in_stand_in_rows_and_no_other_is_claimed() -> None:
    told = words(paper())
    for row in PROVED:
        assert all(part in told for part in row)
    assert LABELS["no_proofs"] not in told
    assert f"As of 2026-11-22, with the laws and records of digest {register().texts_digest}." in told
    bare = words(paper_bytes(text(), day()))
    assert LABELS["no_proofs"] in bare and not re.search(r"\bproved\b", bare)


def test_an_unconfirmed_line_says_what_a_person_must_read() -> None:
    (line, *_) = text().provision
    odd = replace(text(), provision=(replace(line, confidence="unconfirmed", read="an invented paragraph"),))
    told = words(paper_bytes(odd, day()))
    assert "Confidence: unconfirmed." in told and "A person must read: an invented paragraph" in told


def test_a_draft_says_that_it_is_one() -> None:
    draft = Register.load(agreements.SHIPPED)
    assert LABELS["draft"] in words(paper_bytes(text(), draft.on(AT)))
    assert LABELS["draft"] not in words(paper())


def test_the_text_is_tagged_in_its_order_so_that_it_can_be_heard() -> None:
    root: Any = read(paper()).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    whole = root["/StructTreeRoot"]["/K"]
    tags = [one.get_object()["/S"] for one in whole["/K"]]
    assert tags[0] == "/H1" and tags.count("/H1") == 1
    assert {"/H2", "/H3", "/P"} <= set(tags)
    nums = root["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    assert sum(len(one.get_object()) for one in nums[1::2]) == len(tags)


def test_every_mark_in_a_page_is_ended_and_has_its_element() -> None:
    found = read(paper())
    root: Any = found.trailer["/Root"]
    nums = root["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    for number, page in enumerate(found.pages):
        content = page.get_contents()
        assert content is not None
        code = content.get_data().decode("latin-1")
        begun = re.findall(r"/MCID (\d+)>> BDC", code)
        assert begun == [str(n) for n in range(len(begun))]
        assert code.count("EMC") == len(begun) + code.count("/Artifact BMC")
        assert len(nums[2 * number + 1].get_object()) == len(begun)


def test_nothing_is_said_by_a_colour() -> None:
    for page in read(paper()).pages:
        content = page.get_contents()
        assert content is not None
        code = content.get_data().decode("latin-1")
        colours = re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) (?:rg|RG)\b", code)
        assert {one for one in colours if len(set(one)) != 1} == set()


def test_the_same_text_and_day_are_the_same_bytes() -> None:
    assert paper_bytes(text(), day(), proofs=PROVED) == paper()


def test_a_letter_that_the_paper_has_not_is_named_and_never_left_out() -> None:
    (line, *_) = text().provision
    odd = replace(text(), provision=(replace(line, sentence="Ж <b>and</b> & more"),))
    assert "[U+0416] <b>and</b> & more" in words(paper_bytes(odd, day()))


def test_in_french_labels_words_and_sentences_are_french() -> None:
    say = say_in("fr")
    raw = paper_bytes(text(), day(), speech=in_another(Called(register(), "fr"), say), language="fr")
    told = words(raw)
    assert say(LABELS["no_proofs"]) in told and LABELS["no_proofs"] not in told
    assert dict(text().titles)["fr"] in told
    root: Any = read(raw).trailer["/Root"]
    assert root["/Lang"] == "fr"


def test_without_the_extra_a_person_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cordiale.agreements.exports.press", None)
    with pytest.raises(UsageError, match="ReportLab") as wrong:
        paper_bytes(text(), day())
    assert "cordiale[pdf]" in wrong.value.way_out


def test_one_file_alone_needs_the_extra() -> None:
    source = Path(agreements.__file__).parents[1]
    needing = []
    for path in source.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            needing += [path.name for one in names if one.split(".")[0] == "reportlab"]
    assert set(needing) == {"press.py"}


@pytest.mark.parametrize("one", (*register().agreements, *register().laws), ids=lambda one: one.id)
def test_every_shipped_text_becomes_a_paper(one: Agreement) -> None:
    assert one.digest in words(paper_bytes(one, day()))
