"""Text from Word and PDF, cut into articles. Every text here is invented for the tests."""

from __future__ import annotations

import re

import pytest

from cordiale.agreements.pasted import CHARACTERS_MAX, PARAGRAPHS_MAX, cut, plain
from cordiale.errors import AgreementFileError

ACCORD = """Invented Harbour Accord (invented for tests)
Harbour Accord    invented
Page 1 of 3
\x0cHarbour Accord    invented
(1) Whereas launches are planned in har\u00ad
bours; and
(2) Considering that \u201cpeople\u201d come \ufb01rst,

TITLE I
Article 1
Purpose
1. The Sides shall exchange infor-
mation on boats, in accordance with
Article 8 of the Harbour Code, and law-
enforcement bodies help.
2. They may:
(a) share photographs of engines;
(b) ask for counts; and
(c) answer:
(i) at once;
(ii) in a week.
Harbour Accord    invented
Page 2 of 3
\x0cHarbour Accord    invented
Article 7(1)(b)  The Sides shall not pass on names of persons.
Article 7, paragraphe 2
Les Parties ne transmettent pas l\u2019identité d\u2019un demandeur. The law-enforcement bodies agree.
Article 9 \u2013 Clocks
Kind\tDays
launch\t1
count\t30

The table is part of this Article.
Harbour Accord    invented
Page 3 of 3
\x0cANNEX I
Article 1
Nothing here.
"""


def found(text: str) -> dict[str, str]:
    return {one.article: one.words for one in cut(text).paragraphs}


def test_articles_paragraphs_points_recitals_and_annexes_are_told_apart() -> None:
    assert list(found(ACCORD)) == [
        "recital 1", "recital 2", "Article 1(1)", "Article 1(2)", "Article 1(2)(a)", "Article 1(2)(b)",
        "Article 1(2)(c)", "Article 1(2)(c)(i)", "Article 1(2)(c)(ii)", "Article 7(1)(b)", "Article 7(2)",
        "Article 9", "Annex I, Article 1",
    ]  # fmt: skip


def test_soft_hyphens_quotes_and_ligatures_of_a_word_processor_are_plain_letters() -> None:
    said = found(ACCORD)
    assert said["recital 1"] == "Whereas launches are planned in harbours; and"
    assert said["recital 2"] == 'Considering that "people" come first,'
    assert "l'identité d'un demandeur" in said["Article 7(2)"]
    assert plain("a\u00a0b\u200bc\u2011d") == "a bc-d"


def test_a_word_cut_at_a_lines_end_is_whole_and_is_named_where_the_hyphen_may_be_its_own() -> None:
    one = next(one for one in cut(ACCORD).paragraphs if one.article == "Article 1(1)")
    assert "exchange information on boats" in one.words and one.joined == ("information",)
    assert "and law-enforcement bodies help" in one.words, "the text writes it with a hyphen elsewhere"


def test_a_reference_to_an_article_at_the_start_of_a_line_opens_no_article() -> None:
    assert "in accordance with Article 8 of the Harbour Code" in found(ACCORD)["Article 1(1)"]
    assert not [one for one in found(ACCORD) if one.startswith("Article 8")]
    assert list(found("Article 3\nAs set out in\nArticle 4\nof the Code, boats count.")) == ["Article 3"]


def test_heads_and_feet_of_pages_are_no_part_of_an_article() -> None:
    assert not any("invented" in words or "Page" in words for words in found(ACCORD).values())


def test_the_cells_of_a_table_stay_apart_row_by_row() -> None:
    words = found(ACCORD)["Article 9"]
    assert words == "Kind | Days |\nlaunch | 1 |\ncount | 30 |\nThe table is part of this Article."


def test_no_word_is_lost_it_stands_in_an_article_or_among_what_was_left_out() -> None:
    pasted = cut(ACCORD)
    kept = " ".join([one.words for one in pasted.paragraphs] + [words for _, words in pasted.left_out])
    words = re.findall(r"[^\W\d_]{3,}", re.sub(r"-\n", "", plain(ACCORD)))
    numbers = {"article", "paragraphe", "annex"}
    bare = kept.replace("-", "")
    assert [one for one in words if one not in bare and one.casefold() not in numbers] == []
    assert (12, "Purpose") in pasted.left_out and (9, "TITLE I") not in pasted.left_out


@pytest.mark.parametrize(
    ("head", "article"),
    [
        ("Article 7(1)(b)", "Article 7(1)(b)"),
        ("Art. 7", "Article 7"),
        ("ARTICLE VII", "Article VII"),
        ("Article 12a", "Article 12a"),
        ("Article premier", "Article 1"),
        ("Article 7, paragraphe 1", "Article 7(1)"),
        ("Article 7, paragraph 1, point (b)", "Article 7(1)(b)"),
        ("Paragraph 4", "paragraph 4"),
        ("4.2 ", "paragraph 4.2"),
        ("Annexe II\nArticle 3", "Annexe II, Article 3"),
    ],
)
def test_an_article_is_found_however_it_is_numbered(head: str, article: str) -> None:
    join = "" if head.endswith(" ") else "\n"
    assert found(f"{head}{join}Boats are counted.") == {article: "Boats are counted."}


def test_letters_and_roman_numbers_of_points_keep_their_order() -> None:
    letters = "\n".join(f"({one}) word {one}." for one in "abcdefghij")
    assert [one[-3:] for one in found(f"Article 2\n{letters}")] == [f"({one})" for one in "abcdefghij"]


def test_one_article_quoted_twice_in_the_same_words_is_one() -> None:
    assert found("Article 1\nBoats count.\nArticle 1\nBoats  count.") == {"Article 1": "Boats count."}


def test_one_article_quoted_twice_with_different_content_is_refused_with_both_lines() -> None:
    with pytest.raises(
        AgreementFileError, match=r"line 4: `Article 1` is quoted with other words than on line 1"
    ):
        cut("Article 1\nBoats count.\n\nArticle 1\nBoats do not count.")


@pytest.mark.parametrize("text", ["", "Only words, and no number.", "\x0c\n\n"])
def test_a_text_without_a_number_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(AgreementFileError, match="no article or paragraph with a number"):
        cut(text)


def test_too_long_a_text_is_refused_and_not_cut_short() -> None:
    with pytest.raises(AgreementFileError, match="characters"):
        cut("Article 1\n" + "x" * CHARACTERS_MAX)
    many = "\n".join(f"Article {n // 9 + 1}({n % 9 + 1})\nBoats." for n in range(PARAGRAPHS_MAX + 1))
    with pytest.raises(AgreementFileError, match="paragraphs"):
        cut(many)
