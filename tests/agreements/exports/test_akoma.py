"""The Akoma Ntoso skeleton: its structure, its names, and the mapping from the lines of the file to them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any
from xml.etree import ElementTree

import pytest

from cordiale.agreements import Register
from cordiale.agreements.exports.akoma import AKN, NOTE, OURS, akoma_bytes, mapping
from cordiale.agreements.model import Agreement

# OASIS Akoma Ntoso naming convention 1.0, section 5: abbreviation, number, `__` between levels.
EID = re.compile(
    r"(art|sec|subsec|rule|para|subpara|point|hcontainer)_\w+(__(subsec|para|subpara|point)_\w+)*"
)
HIERARCHY = {"article", "section", "subsection", "rule", "paragraph", "subparagraph", "point", "hcontainer"}
META = ["identification", "lifecycle", "references", "proprietary"]


@cache
def register() -> Register:
    return Register.load()


def text(id: str) -> Agreement:
    found = register().agreement(id)
    assert found is not None
    return found


def every_text() -> Any:
    return pytest.mark.parametrize("one", (*register().agreements, *register().laws), ids=lambda one: one.id)


@cache
def document(id: str, language: str = "en") -> ElementTree.Element:
    return ElementTree.fromstring(akoma_bytes(text(id), language))


def name(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(f"{{{AKN}}}")


def placed(root: ElementTree.Element) -> Iterator[ElementTree.Element]:
    return (one for one in root.iter() if name(one) in HIERARCHY)


@every_text()
def test_the_parts_stand_in_the_order_of_the_standard(one: Agreement) -> None:
    root = document(one.id)
    assert (name(root), [name(each) for each in root]) == ("akomaNtoso", ["doc"])
    (whole,) = root
    assert [name(each) for each in whole] == ["meta", "preface", "mainBody"]
    assert [name(each) for each in whole[0]] == META
    levels = [name(each) for each in whole[0][0]]
    assert levels == ["FRBRWork", "FRBRExpression", "FRBRManifestation"]
    for level in whole[0][0]:
        assert [name(each) for each in level][:4] == ["FRBRthis", "FRBRuri", "FRBRdate", "FRBRauthor"]


@every_text()
def test_a_place_holds_its_number_or_heading_then_words_then_what_lies_within(one: Agreement) -> None:
    for place in placed(document(one.id)):
        inner = [name(each) for each in place]
        assert inner[0] == ("heading" if name(place) == "hcontainer" else "num")
        rest = inner[1:]
        assert rest == ["content"] or set(rest[rest[0] == "intro" :]) <= HIERARCHY, place.get("eId")
        assert rest


@every_text()
def test_every_place_has_one_name_of_its_own_that_begins_with_that_of_the_place_around_it(
    one: Agreement,
) -> None:
    root = document(one.id)
    names = [place.get("eId", "") for place in placed(root)]
    assert len(names) == len(set(names))
    for place in placed(root):
        eid = place.get("eId", "")
        assert EID.fullmatch(eid), eid
        assert place.get("wId") == eid
        for inner in place:
            if name(inner) in HIERARCHY:
                assert inner.get("eId", "").startswith(f"{eid}__")


@every_text()
def test_every_line_of_the_file_is_mapped_to_a_place_that_is_there(one: Agreement) -> None:
    there = {place.get("eId") for place in placed(document(one.id))}
    found = mapping(one)
    assert {f"provision:{line.id}" for line in one.provision} <= set(found)
    count = len(one.provision) + len(one.taint) + len(one.protects) + len(one.deployment)
    assert len(found) == count + sum(len(rows) for _, rows in one.basis)
    assert [eid for eids in found.values() for eid in eids if eid not in there] == []
    told = {line.get("name") for line in document(one.id).iter(f"{{{OURS}}}line")}
    assert told == set(found)


@every_text()
def test_every_sentence_of_the_file_stands_in_the_body(one: Agreement) -> None:
    words = {each.text for each in document(one.id).iter(f"{{{AKN}}}p")}
    assert [line.id for line in one.provision if line.sentence not in words] == []


def test_the_provisions_of_an_article_stand_in_it() -> None:
    assert mapping(text("eu-uk-tca-563-operational"))["provision:563-1"] == (
        "art_563__para_1",
        "art_563__para_3",
    )


def test_an_article_of_another_text_is_told_and_takes_no_place_here() -> None:
    found = mapping(text("uk-frontex-wa-2024"))["provision:no-onward"]
    assert found[0].startswith("hcontainer_")
    lines = document("uk-frontex-wa-2024").iter(f"{{{OURS}}}line")
    (line,) = [one for one in lines if one.get("name") == "provision:no-onward"]
    assert [(each.get("text"), each.get("eId")) for each in line if "text" in each.attrib] == [
        ("EBCG", "art_86__para_5")
    ]


def test_the_document_says_that_it_is_not_the_text() -> None:
    root = document("uk-frontex-wa-2024")
    (authority,) = root.iter(f"{{{AKN}}}FRBRauthoritative")
    assert authority.get("value") == "false"
    assert NOTE in {one.text for one in root.iter(f"{{{AKN}}}p")}


def test_the_digest_and_version_of_the_text_stand_in_the_mapping() -> None:
    (whole,) = document("uk-frontex-wa-2024").iter(f"{{{OURS}}}mapping")
    one = text("uk-frontex-wa-2024")
    assert (whole.get("digest"), whole.get("version")) == (one.digest, "1")


def test_in_french_the_sentences_are_french_and_what_has_no_twin_says_that_it_is_english() -> None:
    root = document("uk-frontex-wa-2024", "fr")
    (language,) = root.iter(f"{{{AKN}}}FRBRlanguage")
    assert language.get("language") == "fra"
    line = next(one for one in text("uk-frontex-wa-2024").provision if one.id == "picture-in")
    assert dict(line.sentences)["fr"] in {one.text for one in root.iter(f"{{{AKN}}}p")}
    bare = replace(text("uk-frontex-wa-2024"), provision=(replace(line, sentences=()),))
    (kept,) = [
        one for one in ElementTree.fromstring(akoma_bytes(bare, "fr")).iter() if one.text == line.sentence
    ]
    assert kept.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"


def test_a_control_character_in_a_sentence_leaves_the_document_readable() -> None:
    one = text("uk-frontex-wa-2024")
    odd = replace(one, provision=(replace(one.provision[0], sentence="a\x0bb & <c>"),))
    words = {each.text for each in ElementTree.fromstring(akoma_bytes(odd)).iter(f"{{{AKN}}}p")}
    assert "a\N{REPLACEMENT CHARACTER}b & <c>" in words


def test_articles_stand_in_the_order_of_their_numbers() -> None:
    nums = [one.get("eId", "") for one in placed(document("uk-fr-dangerous-journeys-2025"))]
    articles = [one for one in nums if one.startswith("art_") and "__" not in one]
    assert articles == ["art_1", "art_3", "art_4", "art_7", "art_16", "art_17"]
