"""Labels of articles read as citations, named by the Akoma Ntoso naming convention."""

from functools import cache

import pytest

from cordiale.agreements import Register
from cordiale.agreements.exports.citations import RANGE_MAX, cited, leading, short_name


@cache
def register() -> Register:
    return Register.load()


@pytest.mark.parametrize(
    ("label", "places"),
    [
        ("TCA Arts 563(1), (3); LED Art 35", "TCA art_563__para_1|TCA art_563__para_3|LED art_35"),
        ("TCA Art 528(a)", "TCA art_528__point_a"),
        ("PDJ Arts 1(3), 17(1)(d)", "PDJ art_1__para_3|PDJ art_17__para_1__point_d"),
        (
            "EBCG Art 27(1)-(3), 75(3)",
            "EBCG art_27__para_1|EBCG art_27__para_2|EBCG art_27__para_3|EBCG art_75__para_3",
        ),
        ("P2 Arts 19-20, 24", "P2 art_19|P2 art_20|P2 art_24"),
        ("EUROPOL Arts 18(6)-(6a), 31", "EUROPOL art_18__para_6|EUROPOL art_18__para_6a|EUROPOL art_31"),
        ("EBCG Arts 46, 47 and 76", "EBCG art_46|EBCG art_47|EBCG art_76"),
        ("DPA 2018 s.36(4)", "DPA 2018 sec_36__subsec_4"),
        ("DPA 2018 ss.73, 74AA and Sch 21", "DPA 2018 sec_73|DPA 2018 sec_74AA"),
        ("PNR Regulations 2018 regs 6, 6A", "PNR Regulations 2018 rule_6|PNR Regulations 2018 rule_6A"),
        ("Immigration Rules para 339IA(i)", "Immigration Rules para_339IA__subpara_i"),
        ("DUAA 2025 s.103 (DPA 2018 s.164A)", "DUAA 2025 sec_103|DPA 2018 sec_164A"),
        ("FRA20 s.1, Sch 1; s.8", "FRA20 sec_1|FRA20 sec_8"),
        ("SIS Art 65 (2018/1862)", "SIS art_65"),
        ("WA scope: without executive powers; EBCG Art 73(3)", "EBCG art_73__para_3"),
        ("Dunkirk announcement, 23 April 2026", ""),
        ("", ""),
    ],
)
def test_a_label_names_its_places(label: str, places: str) -> None:
    assert "|".join(f"{one.text} {one.eid}" for one in cited(label)) == places


def test_a_place_that_is_named_twice_is_one_place() -> None:
    assert len(cited("TCA Art 563(1); TCA Arts 563(1)")) == 1


def test_a_range_that_is_too_long_names_its_two_ends() -> None:
    assert [one.eid for one in cited(f"X Arts 1-{RANGE_MAX + 2}")] == ["art_1", f"art_{RANGE_MAX + 2}"]


@pytest.mark.parametrize(
    ("id", "name"),
    [
        ("eu-uk-tca-563-operational", "TCA"),
        ("eu-uk-tca-title-IX-criminal-records", "TCA"),  # though more of its lines cite the Act of 2020
        ("uk-fr-dangerous-journeys-2025", "PDJ"),
        ("uk-frontex-wa-2024", "WA"),  # not EBCG, which it cites
        ("eu-led-2016-680", "LED"),
        ("uk-dpa-2018-part-3", "DPA 2018"),
        ("intl-sar", ""),  # several texts, none of which leads
    ],
)
def test_a_text_is_known_by_the_name_under_which_its_own_articles_are_cited(id: str, name: str) -> None:
    text = register().agreement(id)
    assert text is not None
    assert short_name([one.article for one in text.provision], text.title) == name


def test_the_words_before_a_number_are_the_name_of_a_text() -> None:
    assert leading("TCA Title IX") == "TCA"
    assert leading("Calais Group priority plan, 10 December 2024: adverts") == "Calais Group priority plan"
