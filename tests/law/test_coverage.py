"""Every provision that the survey found is encoded, or says why not; counted both ways."""

from __future__ import annotations

from coverage_page import PAGE, SURVEYS, encoded, files, lines, page, rows, unconfirmed

WORDS_MIN = 8
"""A reason shorter than this is an excuse."""

LISTED = """
WA-01 WA-02 WA-03 WA-04 WA-05 WA-06 WA-07 WA-08 WA-09 EBCG-70 EBCG-72/75 EBCG-73 EBCG-82(10) EBCG-83
EBCG-86(3) EBCG-86(4) EBCG-86(5) EBCG-87(1)-(3) EBCG-88 EBCG-89(2) EBCG-89(4)-(5) EBCG-46/109-111 EUROSUR-IR
EBCG-12-18/29 TCA-522/524 TCA-525 TCA-528(a) TCA-530/531/534 TCA-536 TCA-537/540(2) TCA-540 TCA-541
TCA-542-562 TCA-563(1) TCA-563(3)-(4) TCA-563(5) TCA-563(6)+ TCA-564-579 TCA-596-632 TCA-643-651 TCA-692/693
CU-01 CU-02 CU-03 CU-04 CU-05 CU-06 CU-07 CU-08 FR-01 FR-02 FR-03 FR-04 FR-05 FR-06 FR-07 FR-08 CG-01 CG-02
RS-01 MK-01 XK-01 AL-01 DE-01 IQ-01 BSC-01 BSC-02 BSC-03 BSC-04 BSC-05 D977-5 D977-4 D977-6/10/13 SFD
DPA-30/31/36(4) DPA-35/42 DPA-37 DPA-38(2)-(3) DPA-38(4)-(5) DPA-39 DPA-46-48 DPA-45/54 DPA-49/50 DPA-57
DPA-58/61 DPA-62 DPA-64/65 DPA-67/68 DPA-73 DPA-75/76 DPA-77 DPA-78/80 LED-9(3) LED-35/36/38 ADEQ EURODAC-49
EURODAC-50 REF-33 IR339 AIA-5(1)(h) AIA-14(5) AIA-26(10) P2 GRADE-EU GRADE-UK HCODE CLASS-UK CLASS-EU
INTERPOL FADO SAR eu:EBCG-70 eu:EBCG-72 eu:EBCG-75 eu:WA-02/09 eu:EBCG-74 eu:EBCG-77/78 eu:EBCG-46
eu:EBCG-47 eu:EBCG-111 eu:EBCG-80 eu:EBCG-86(3)-(5) eu:EBCG-90 eu:EBCG-91 eu:EBCG-12-18/29 eu:EBCG-21(6)
eu:EBCG-24(2)/28(2) eu:EBCG-49 eu:EBCG-92(1) eu:EUROSUR-IR eu:IR-30/33/39 eu:EUROSUR-clocks eu:EUROSUR-kinds
eu:EUROSUR-indicators eu:EUROSUR-annexes eu:EUROPOL-19 eu:EUROPOL-29 eu:EUROPOL-22(2) eu:EUROPOL-23/25
eu:EUROPOL-30 eu:EUROPOL-31 eu:EUROPOL-annex-II eu:EUROPOL-18(6) eu:LED-9(3)-(4) eu:LED-11 eu:LED-28/30
eu:LED-36/37/38 eu:EURODAC-47 eu:EURODAC-49 eu:EURODAC-50 eu:EURODAC-dates eu:SIS-65 eu:FADO eu:FADO-tiers
eu:P2-75/76 eu:P2-72 eu:P2-16 eu:PRUM1 eu:PRUM1-router eu:PRUM1-13-16 eu:TCN-17/18 eu:TCN-faces
eu:ECRIS-deadlines eu:D977-4(3) eu:D977-4(4) eu:D977-6(1) eu:D977-7 eu:D977-8 eu:D977-13 eu:vehicle-annex
eu:PCC-SEE uk:EUROSUR-clocks uk:EUROSUR-events uk:EUROSUR-statistics uk:EUROSUR-reports uk:EUROSUR-roles
uk:GRADE-EU uk:EUROSUR-charter uk:EUROSUR-requests uk:EUROSUR-watchlists uk:EUROSUR-40 uk:EUROSUR-19 uk:SAR
uk:EBCG-70(c) uk:EBCG-70(6)-(8) uk:EBCG-26(2) uk:EBCG-27 uk:EBCG-73 uk:EBCG-76 uk:EBCG-74 uk:EBCG-77/78
uk:EBCG-46 uk:EBCG-47 uk:EBCG-109-111 uk:CLASS-EU uk:WA-09 uk:DPA-50A-50D uk:DPA-73 uk:DPA-74AA uk:WA-03
uk:DPA-75 uk:DPA-76 uk:DPA-78 uk:DPA-78A/79 uk:DPA-82A-82E uk:DPA-45/54 uk:DPA-53/45A uk:DPA-71A uk:DPA-62
uk:DUAA-103 uk:FRA20-Sch1 uk:PNR uk:PNR-third-country uk:TCA-537 uk:TCA-numbering uk:TCA-525 uk:TCA-annexes
uk:CEMA-8A/8B uk:FR-07-data uk:FR-07-term uk:FR-07-scope uk:FR-07-clocks uk:FR-07-balance uk:UKFR-26
uk:FR-06 uk:CALAIS-EPC uk:model
"""
FROZEN = LISTED.split()
COUNT = 227


def ids() -> list[str]:
    return [row["id"] for row in rows()]


def test_the_rows_are_the_frozen_ones_and_as_many() -> None:
    assert len(FROZEN) == COUNT
    assert ids() == FROZEN


def test_no_row_stands_twice() -> None:
    assert len(set(ids())) == len(ids())


def test_every_row_is_encoded_or_says_why_not() -> None:
    bare = [row["id"] for row in rows() if row["id"] not in encoded() and "not_encoded" not in row]
    assert not bare


def test_a_reason_is_at_least_a_sentence() -> None:
    short = [r["id"] for r in rows() if "not_encoded" in r and len(r["not_encoded"].split()) < WORDS_MIN]
    assert not short


def test_no_row_is_both_encoded_and_excused() -> None:
    both = [row["id"] for row in rows() if row["id"] in encoded() and "not_encoded" in row]
    assert not both


def test_every_row_cited_in_a_text_file_exists() -> None:
    assert not sorted(set(encoded()) - set(ids()))


def test_the_counts_agree_both_ways() -> None:
    excused = sum(1 for row in rows() if "not_encoded" in row)
    assert len(encoded()) + excused == COUNT


def test_every_row_belongs_to_a_survey_and_says_its_verdict() -> None:
    assert {row["survey"] for row in rows()} == set(SURVEYS)
    assert {row["verdict"] for row in rows()} == {"provision", "extends", "corrects", "new", "settles"}


def test_rows_of_the_second_reading_carry_its_mark() -> None:
    for row in rows():
        mark = {"EU": "eu:", "UK": "uk:"}.get(row["survey"], "")
        assert row["id"].startswith(("eu:", "uk:")) == bool(mark), row["id"]
        assert row["id"].startswith(mark)


def test_every_line_of_every_law_file_names_article_source_confidence_and_row() -> None:
    needed = ("id", "article", "sentence", "source", "confidence", "rows")
    bare = []
    for name, text in files().items():
        if not name.startswith("laws/"):
            continue
        for block in ("provision", "protects", "taint"):
            for line in text.get(block, []):
                if not all(line.get(key) for key in needed):
                    bare.append(f"{name}#{line.get('id')}")
    assert not bare


def test_every_line_that_nobody_read_says_what_to_read() -> None:
    found = list(unconfirmed())
    assert found
    for name, line in found:
        if name.startswith(("laws/", "records/")):
            assert line.get("read"), f"{name}: {line.get('id')}"


def test_no_law_file_permits() -> None:
    """A law bars, restricts or asks; what may pass stands in an agreement."""
    for name, text in files().items():
        if name.startswith("laws/"):
            assert "permit" not in {line.get("effect") for line in lines(text)}, name


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python tests/law/coverage_page.py`"
