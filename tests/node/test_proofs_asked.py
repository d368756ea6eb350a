"""Proofs asked for on a page: kept locked with the day and the digest, never older than the texts, and an end
to how long it may take.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cordiale.agreements.proofs.solving import Told, Unknown
from cordiale.agreements.register import SHIPPED
from cordiale.errors import AgreementFileError, UsageError
from cordiale.node import Node, proofs_asked
from cordiale.node.agreements_drafted import FOLDER, register_on
from cordiale.node.proofs_asked import NO_TIME, Hurried
from cordiale.simulation import Simulation
from cordiale.world import SystemDisk
from tests.web.pages import NIGHT

ID = "calais-group-2024"
FRONTEX = "uk-frontex-wa-2024"


@pytest.fixture(scope="module")
def founded() -> Iterator[Node]:
    with Simulation.of({"UK": ("border-force",)}, seed=3, at=NIGHT) as simulation:
        yield simulation.nodes["UK"]


@pytest.fixture
def node(founded: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    """The node with a home on a real disk."""
    monkeypatch.setattr(founded, "home", tmp_path)
    monkeypatch.setattr(founded, "world", replace(founded.world, disk=SystemDisk()))
    return founded


def drafted(node: Node, name: str, id: str, *changes: tuple[str, str]) -> None:
    """A draft that is a shipped agreement with some words changed."""
    words = (SHIPPED / "agreements" / f"{id}.toml").read_text("utf-8")
    for old, new in changes:
        assert old in words
        words = words.replace(old, new)
    folder = node.home / FOLDER / name
    folder.mkdir(parents=True)
    (folder / f"{id}.toml").write_text(words, "utf-8")


def test_a_proof_is_kept_with_its_day_and_digests_and_read_again_as_it_was(node: Node) -> None:
    assert proofs_asked.last(node, ID) is None
    kept = proofs_asked.proved(node, ID, NIGHT)
    text = node.register.agreement(ID)
    assert text is not None and (kept.digest, kept.texts) == (text.digest, node.register.texts_digest)
    assert kept.counts == {"proved": len(kept.guards)} and kept.day == NIGHT.date()
    assert proofs_asked.last(node, ID) == kept
    assert proofs_asked.proved(node, ID, NIGHT) == kept, "the same words are proved the same"


def test_a_kept_proof_cannot_be_written_by_hand_or_taken_from_another_agreement(node: Node) -> None:
    kept = proofs_asked.proved(node, ID, NIGHT)
    place = node.home / proofs_asked.FOLDER
    (place / FRONTEX).write_bytes((place / ID).read_bytes())
    assert proofs_asked.last(node, FRONTEX) is None
    (place / ID).write_text(json.dumps(asdict(kept), default=str), "utf-8")
    assert proofs_asked.last(node, ID) is None


def test_a_disk_that_takes_nothing_loses_the_proof_and_no_more(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(SystemDisk):
        def write(self, path: Path, raw: bytes, *, mode: int = 0o600) -> None:
            raise OSError("no room (invented)")

    monkeypatch.setattr(node, "world", replace(node.world, disk=Full()))
    assert proofs_asked.proved(node, ID, NIGHT).counts["proved"]
    assert proofs_asked.last(node, ID) is None


def test_a_proof_stands_on_its_days_and_beside_the_texts_it_was_made_of(node: Node) -> None:
    kept = proofs_asked.proved(node, ID, NIGHT)
    day = kept.day
    assert kept.stands(node.register, day)
    assert not kept.stands(node.register, day - timedelta(days=1))
    assert kept.until is not None and kept.stands(node.register, kept.until)
    assert not kept.stands(node.register, kept.until + timedelta(days=1))
    assert not kept.stands(node.register.supposing(()), day), "another digest: something was changed"


def test_a_law_and_an_unknown_name_are_not_proved(node: Node) -> None:
    for id in ("eu-led-2016-680", "no-such-agreement"):
        with pytest.raises(UsageError):
            proofs_asked.proved(node, id, NIGHT)


# ------------------------------------------------------------------------------ drafts


def test_a_hole_in_a_draft_is_shown_with_the_request_that_the_gate_lets_go(node: Node) -> None:
    hole = ('continues_after_end = ["recall"', 'continues_after_end = ["share", "answer", "recall"')
    drafted(node, "goes-on", FRONTEX, hole)
    kept = proofs_asked.proved(node, FRONTEX, NIGHT, "goes-on")
    (broken,) = [one for one in kept.guards if one.status != "proved"]
    assert (broken.name, broken.status) == ("suspended", "refuted")
    assert broken.request is not None and broken.answer is not None
    assert broken.answer["verdict"] in ("permit", "withhold") and "i1" in broken.answer["leaves"]
    assert proofs_asked.last(node, FRONTEX) is None, "a draft is no proof of what is in force"


def test_two_words_taken_out_of_a_protection_show_the_request_that_now_leaks(node: Node) -> None:
    drafted(node, "forgets-claims", FRONTEX, ('["claim_pending", "appeal_pending", ', '["appeal_pending", '))
    found = proofs_asked.compared(node, FRONTEX, "forgets-claims", NIGHT)
    opened = [one for one in found.changes if one["what"] == "became permitted" and "request" in one]
    assert any(one["request"]["subjects"][0]["protection"] == "claim_pending" for one in opened)
    assert {(one.kind, one.id) for one in found.reworded} == {
        ("protects", "pending-claims-and-groups"),
        ("protects", "known-groups"),
    }


def test_a_draft_may_point_to_what_it_does_not_hold_and_is_asked_alone(node: Node) -> None:
    drafted(node, "copy", FRONTEX)
    alone = register_on(node.home, "copy", node.world.disk)
    assert [one.id for one in alone.agreements] == [FRONTEX] and alone.draft
    assert len(alone.laws) == len(node.register.laws) and len(alone.records) == len(node.register.records)


def test_a_pointer_of_a_draft_that_leads_nowhere_is_told_with_its_line(node: Node) -> None:
    drafted(node, "astray", FRONTEX, ("eu-uk-tca-title-II-prum", "no-such-agreement"))
    with pytest.raises(AgreementFileError, match=r"line \d+: .*no-such-agreement"):
        register_on(node.home, "astray", node.world.disk)


def test_what_a_draft_does_not_hold_cannot_be_proved_of_it(node: Node) -> None:
    drafted(node, "copy", FRONTEX)
    with pytest.raises(UsageError, match="no agreement `calais-group-2024` in the draft `copy`"):
        proofs_asked.compared(node, ID, "copy", NIGHT)
    with pytest.raises(UsageError, match="no draft of this node"):
        proofs_asked.proved(node, ID, NIGHT, "../copy")


# ------------------------------------------------------------------------------ time


class Slow:
    """A solver that takes a minute for each answer, on a clock of its own."""

    def __init__(self) -> None:
        self.spent_s = 0.0

    def ask(self, clauses: Sequence[Sequence[int]], asked: Sequence[int], cap_s: float) -> Iterator[Told]:
        for _ in asked:
            self.spent_s += 60
            yield {"holds": False}

    def monotonic_s(self) -> float:
        return self.spent_s

    def now(self) -> datetime:
        raise AssertionError("only the time that passes is asked for")


def test_what_comes_too_late_is_not_known_and_never_proved() -> None:
    slow = Slow()
    hurried = Hurried(slow, slow, until_s=100)
    told = list(hurried.ask([], [1, 2, 3, 4], 10))
    assert told[:2] == [{"holds": False}] * 2 and told[2:] == [Unknown(NO_TIME)] * 2
    assert slow.spent_s == 120
    assert list(hurried.ask([], [5], 10)) == [Unknown(NO_TIME)] and slow.spent_s == 120
