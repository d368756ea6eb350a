"""From a pasted text to confirmed lines, at a node: two reviewers, exact words, a file that is checked and
asked. Texts, people and Sides' dealings are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from cordiale.agreements.drafting import UNWRITTEN
from cordiale.errors import AccountError, AgreementFileError, UsageError
from cordiale.ledger import Entry
from cordiale.ledger.tables import entries
from cordiale.node import agreements, drafting
from cordiale.node.agreements_drafted import FOLDER, register_on
from cordiale.node.drafting import Heading, Wording
from cordiale.node.node import Node
from cordiale.officers import Account
from cordiale.simulation import Simulation
from cordiale.world import SystemDisk
from tests.agreements.test_pasted import ACCORD

AT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)
ID = "uk-nl-harbour-accord"
HEADING = Heading(id=ID, title="Harbour Accord (invented)", nature="arrangement", sides=("UK", "NL"))
WHERE = "Invented Journal 7 of 2026, page 2"
LINE = "article-1-1"
PERMIT = Wording(
    sentence="Where boats and engines are stolen is told to the Netherlands.",
    french="Où des bateaux et des moteurs sont volés se dit aux Pays-Bas.",
    effect="permit",
    more='directions = ["UK>NL"]\ntypes = ["route_intelligence"]\nregimes = ["crime"]\n'
    'granted = ["event", "place", "route", "method"]\npersonal = "none"\n'
    'onward = { rule = "never" }\nceiling = { handling = "H1", classification = "OFFICIAL" }\n'
    'retention = { n = 1, unit = "year", from = "received_at", binding = "agreement" }',
    picked={"acts": ["share"], "purposes": ["prevent"]},
)


def person(name: str, role: str = "lawyer") -> Account:
    return Account(f"{name.lower()}0000", name.lower(), f"{name} (invented)", "nca", frozenset({role}))


PIA, WIM, LEA, LIV, OLU = person("Pia"), person("Wim"), person("Lea"), person("Liv"), person("Olu", "officer")


@pytest.fixture(scope="module")
def made() -> Iterator[Node]:
    simulation = Simulation.of({"UK": ("nca",), "NL": ("nl-police",)}, seed=7, at=AT)
    yield simulation.nodes["UK"]
    simulation.close()


@pytest.fixture
def node(made: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    """The node with an empty home on a real disk; what earlier tests kept in its store has other names."""
    monkeypatch.setattr(made, "home", tmp_path)
    monkeypatch.setattr(made, "world", replace(made.world, disk=SystemDisk()))
    return made


_COUNT = iter(range(1000))


@pytest.fixture
def id(node: Node) -> str:
    """A fresh draft, pasted by Pia."""
    name = f"{ID}-{next(_COUNT)}"
    drafting.begin(node, PIA, replace(HEADING, id=name), text=ACCORD, where=WHERE)
    return name


def path(node: Node, id: str) -> Path:
    return node.home / FOLDER / id / f"{id}.toml"


def line(node: Node, id: str, name: str = LINE, by: Account = LEA) -> drafting.DraftLine:
    return next(one for one in drafting.show(node, by, id).lines if one.id == name)


def write(node: Node, id: str, by: Account = WIM, name: str = LINE, wording: Wording = PERMIT) -> None:
    drafting.write(node, by, id, name, wording=wording, seen=line(node, id, name).digest)


def say(node: Node, id: str, by: Account, *, yes: bool = True, reason: str = "", name: str = LINE) -> None:
    drafting.review(node, by, id, name, yes=yes, seen=line(node, id, name).digest, reason=reason)


def confirmed(node: Node, id: str) -> None:
    write(node, id)
    say(node, id, LEA)
    say(node, id, LIV)


# ------------------------------------------------------------------------------ pasting


def test_a_pasted_text_becomes_a_folder_of_toml_that_check_reads_without_a_mistake(
    node: Node, id: str
) -> None:
    told = agreements.checked(path(node, id).parent, None)
    assert told["wrong"] == []
    draft = drafting.show(node, PIA, id)
    assert len(draft.lines) == 13 and draft.confirmed == 0
    assert all(
        one.confidence == "unconfirmed" and one.read.startswith("Harbour Accord") for one in draft.lines
    )
    assert all(one.origin == f"{WHERE}; pasted on 2026-11-22 by Pia (invented)" for one in draft.lines)
    assert all(one.sentence == "" and one.hinders == "unwritten" for one in draft.lines)
    assert "TITLE I" in draft.left_out[0]
    assert UNWRITTEN in path(node, id).read_text("utf-8")


def test_an_article_that_is_pasted_again_in_other_words_is_refused_with_the_line(node: Node, id: str) -> None:
    before = path(node, id).read_bytes()
    with pytest.raises(AgreementFileError, match=r"line 2: `Article 1\(1\)` is quoted with other words"):
        drafting.add(node, PIA, id, text="Article 1\n1. The Sides exchange nothing.", where=WHERE)
    assert path(node, id).read_bytes() == before


def test_what_is_pasted_again_in_the_same_words_changes_nothing_and_new_articles_are_added(
    node: Node, id: str
) -> None:
    confirmed(node, id)
    drafting.add(node, PIA, id, text=ACCORD + "\nANNEX II\nArticle 1\nMore boats.", where=WHERE)
    draft = drafting.show(node, PIA, id)
    assert [one.id for one in draft.lines][-1] == "annex-ii-article-1" and len(draft.lines) == 14
    assert draft.confirmed == 1


def test_a_draft_of_an_agreement_in_force_has_its_next_number(node: Node) -> None:
    name = "uk-rs-oic"
    drafting.begin(node, PIA, replace(HEADING, id=name, sides=("UK", "RS")), text=ACCORD, where=WHERE)
    standing = node.register.agreement(name)
    assert standing is not None and drafting.show(node, PIA, name).version == standing.version + 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "../home"}, "id"), ({"id": ""}, "id"), ({"title": ""}, "title"), ({"nature": "x"}, "nature"),
        ({"sides": ("UK",)}, "sides"), ({"sides": ("UK", "UK")}, "sides"), ({"sides": ("UK", "XX")}, "sides"),
    ],
)  # fmt: skip
def test_a_heading_that_cannot_be_is_refused_by_the_name_of_its_field(
    node: Node, change: dict[str, str], field: str
) -> None:
    with pytest.raises(UsageError) as wrong:
        drafting.begin(node, PIA, replace(HEADING, **change), text=ACCORD, where=WHERE)
    assert wrong.value.field == field


def test_a_draft_that_is_there_is_not_written_over_and_a_source_must_be_named(node: Node, id: str) -> None:
    with pytest.raises(UsageError, match="already"):
        drafting.begin(node, PIA, replace(HEADING, id=id), text=ACCORD, where=WHERE)
    with pytest.raises(UsageError, match="where the text is from"):
        drafting.add(node, PIA, id, text=ACCORD, where="")


def test_nobody_without_the_law_pastes_writes_or_reviews(node: Node, id: str) -> None:
    seen = line(node, id).digest
    for act in (
        lambda: drafting.begin(node, OLU, replace(HEADING, id="x"), text=ACCORD, where=WHERE),
        lambda: drafting.add(node, OLU, id, text=ACCORD, where=WHERE),
        lambda: drafting.write(node, OLU, id, LINE, wording=PERMIT, seen=seen),
        lambda: drafting.review(node, OLU, id, LINE, yes=True, seen=seen),
    ):
        with pytest.raises(AccountError):
            act()
    assert line(node, id, by=OLU).hinders == "role"


# ------------------------------------------------------------------------------ two reviewers


def test_a_line_is_confirmed_by_two_others_and_the_file_says_so(node: Node, id: str) -> None:
    write(node, id)
    say(node, id, LEA)
    assert line(node, id).confidence == "unconfirmed"
    say(node, id, LIV)
    one = line(node, id)
    assert one.confidence == "confirmed" and one.yes == ("Lea (invented)", "Liv (invented)")
    assert 'confidence = "confirmed"' in path(node, id).read_text("utf-8")
    assert [(each.act.value, each.name) for each in one.history] == [
        ("pasted", "Pia (invented)"), ("written", "Wim (invented)"),
        ("yes", "Lea (invented)"), ("yes", "Liv (invented)"),
    ]  # fmt: skip
    assert all(each.at == node.contact.moment() and each.digest.startswith("sha256:") for each in one.history)
    assert agreements.checked(path(node, id).parent, None)["wrong"] == []


@pytest.mark.parametrize("author", [PIA, WIM])
def test_neither_who_pasted_nor_who_wrote_a_line_reviews_it(node: Node, id: str, author: Account) -> None:
    write(node, id)
    assert line(node, id, by=author).hinders == "writer"
    with pytest.raises(UsageError, match="whoever pasted or wrote"):
        say(node, id, author)


def test_a_line_that_nobody_has_written_is_not_reviewed(node: Node, id: str) -> None:
    with pytest.raises(UsageError, match="nobody has written"):
        say(node, id, LEA)


def test_a_no_says_why_and_stands_in_the_way(node: Node, id: str) -> None:
    write(node, id)
    with pytest.raises(UsageError, match="a no says why"):
        say(node, id, LEA, yes=False)
    say(node, id, person("Ned"), yes=False, reason="the article says may, not shall (invented)")
    say(node, id, LEA)
    say(node, id, LIV)
    assert line(node, id).confidence == "unconfirmed"


def test_a_review_of_words_that_have_changed_meanwhile_is_refused(node: Node, id: str) -> None:
    write(node, id)
    seen = line(node, id).digest
    write(node, id, wording=replace(PERMIT, sentence="Other words."))
    with pytest.raises(UsageError, match="changed while you had it open"):
        drafting.review(node, LEA, id, LINE, yes=True, seen=seen)
    with pytest.raises(UsageError, match="changed while you had it open"):
        drafting.write(node, WIM, id, LINE, wording=PERMIT, seen=seen)


def test_writing_a_confirmed_line_anew_takes_its_confirmation_away(node: Node, id: str) -> None:
    confirmed(node, id)
    write(node, id, wording=replace(PERMIT, sentence=PERMIT.sentence + " Again."))
    one = line(node, id)
    assert one.confidence == "unconfirmed" and one.read and one.yes == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('granted = ["event", "place"', 'granted = ["event", "suspect_identity", "place"'),
        ("Where boats and engines", "Where boats or engines"),
        ("se dit aux Pays-Bas", "se dit à tous"),
    ],
)
def test_a_word_changed_in_the_file_itself_takes_the_confirmation_away_and_nobody_can_confirm_it(
    node: Node, id: str, old: str, new: str
) -> None:
    confirmed(node, id)
    words = path(node, id).read_text("utf-8")
    assert old in words
    path(node, id).write_text(words.replace(old, new.replace("suspect_identity", "count")), "utf-8")
    one = line(node, id)
    assert one.confidence == "unconfirmed" and not one.known and one.hinders == "unknown"
    assert path(node, id).read_text("utf-8").count('confidence = "confirmed"') == 0
    with pytest.raises(UsageError, match="changed in the file itself"):
        say(node, id, LEA)


def test_a_file_that_calls_itself_confirmed_is_brought_back_to_what_people_said(node: Node, id: str) -> None:
    words = path(node, id).read_text("utf-8")
    for claim in ("confirmed", "partly"):
        path(node, id).write_text(words.replace('"unconfirmed"', f'"{claim}"'), "utf-8")
        assert drafting.show(node, LEA, id).confirmed == 0
        assert {one.confidence for one in drafting.show(node, LEA, id).lines} == {"unconfirmed"}
    name, raw = drafting.file_of(node, id)
    assert name == f"{id}.toml" and raw == path(node, id).read_bytes()


def test_a_change_of_layout_or_a_remark_takes_no_confirmation_and_stays(node: Node, id: str) -> None:
    confirmed(node, id)
    words = path(node, id).read_text("utf-8")
    remarked = words.replace("[[provision]]", "# a remark (invented)\n\n[[provision]]")
    path(node, id).write_text(remarked, "utf-8")
    assert line(node, id).confidence == "confirmed"
    write(node, id, name="article-1-2", wording=replace(PERMIT, sentence="They may."))
    assert path(node, id).read_text("utf-8").count("# a remark (invented)") == 13


def test_words_that_a_file_cannot_hold_are_refused_and_nothing_is_kept(node: Node, id: str) -> None:
    before = path(node, id).read_bytes()
    for change, field in (
        ({"sentence": ""}, "sentence"),
        ({"effect": ""}, "effect"),
        ({"more": 'types = ["boats"]'}, "types"),
        ({"more": "types = [boats"}, "more"),
        ({"more": 'confidence = "confirmed"'}, "more"),
        ({"more": 'x = "y"\n[[provision]]\nid = "z"'}, ""),
    ):
        with pytest.raises((UsageError, AgreementFileError)) as wrong:
            write(node, id, wording=replace(PERMIT, **change))
        assert field in wrong.value.field
    assert path(node, id).read_bytes() == before and len(line(node, id).history) == 1


def test_every_act_stands_in_the_ledger_without_a_name(node: Node, id: str) -> None:
    confirmed(node, id)
    rows = node.store.read(
        lambda tx: [Entry.from_leaf(row.leaf) for row in tx.execute(entries.select()).all()]
    )
    found = [one for one in rows if one.facts.get("agreement") == id]
    assert [one.facts["state"] for one in found] == ["pasted", "line_written", "line_yes", "line_yes"]
    assert all("Lea" not in str(one.facts) for one in found) and all("by" in one.commitments for one in found)
    assert found[-1].facts["text_digest"] == line(node, id).digest


# ------------------------------------------------------------------------------ what the gate answers


def head_done(node: Node, id: str) -> None:
    """What a lawyer does in the file: bodies, days and basis, which are no pasted lines."""
    words = path(node, id).read_text("utf-8")
    words = words.replace('status = "unknown"', "from = 2026-01-01", 1)
    for code, body in (("UK", "nca"), ("NL", "nl-police")):
        old = f'code = "{code}"'
        words = words.replace(old, f'{old}\nauthority = [{{ id = "{body}", source = "invented" }}]', 1)
    head, mark, rest = words.partition("[[provision]]")
    head = head.replace('confidence = "unconfirmed"', 'confidence = "confirmed"')
    path(node, id).write_text(head + mark + rest, "utf-8")


def asked(node: Node, id: str) -> dict[str, object]:
    request = {
        "id": "harbour-1", "act": "share", "mode": "spontaneous", "type": "route_intelligence",
        "from": {"side": "UK", "authority": "nca"}, "to": {"side": "NL", "authority": "nl-police"},
        "asked_basis": id, "purpose": "prevent", "regime": "crime", "targeting": "untargeted",
        "facts": {"received_at": "2026-11-22T01:00:00Z"},
        "every_item": {
            "origin": {"owner": "UK/nca", "systems": ["national_police"], "collected_for": "prevent",
                       "regime": "crime", "obtained": "lawfully"},
            "handling": {"code": "H0", "classification": "OFFICIAL"},
        },
        "items": [{"id": "where", "category": "place", "subjects": []}],
    }  # fmt: skip
    register = register_on(node.home, id, node.world.disk)
    answer = agreements.answer(request, register, AT)
    told = orjson.loads(orjson.dumps(answer.as_json()))
    assert isinstance(told, dict)
    return told


def test_an_unconfirmed_permit_permits_nothing_and_names_the_paragraph_and_two_people_make_it_count(
    node: Node, id: str
) -> None:
    write(node, id)
    head_done(node, id)
    before = asked(node, id)
    assert before["verdict"] == "refuse" and "Article 1(1)" in str(before)
    say(node, id, LEA)
    assert asked(node, id)["verdict"] == "refuse", "one person's yes is not enough"
    say(node, id, LIV)
    assert asked(node, id)["verdict"] == "permit"
    write(node, id, wording=replace(PERMIT, sentence="Otherwise."))
    assert asked(node, id)["verdict"] == "refuse"


def test_an_unconfirmed_refusal_refuses_at_once(node: Node, id: str) -> None:
    confirmed(node, id)
    head_done(node, id)
    assert asked(node, id)["verdict"] == "permit"
    bar = Wording(sentence="Places are not told.", french="", effect="refuse",
                  more='types = ["route_intelligence"]', picked={})  # fmt: skip
    write(node, id, name="article-7-1-b", wording=bar)
    assert line(node, id, "article-7-1-b").confidence == "unconfirmed"
    assert asked(node, id)["verdict"] == "refuse"


def test_a_line_that_nobody_has_written_bars_nothing(node: Node, id: str) -> None:
    confirmed(node, id)
    head_done(node, id)
    assert asked(node, id)["verdict"] == "permit", "twelve unwritten lines stand beside it"
