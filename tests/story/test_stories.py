"""Stories in plain text, played through the simulation; each ends with the audit of every node."""

from pathlib import Path

import pytest

from cordiale.errors import UsageError
from cordiale.simulation import play
from tests.story.invented import PAPERS, RECORDS

TEXTS = Path(__file__).parent / "texts"


@pytest.mark.parametrize("path", sorted(TEXTS.glob("*.txt")), ids=lambda path: path.stem)
def test_the_story_comes_true_line_by_line_and_every_node_passes_its_audit(path: Path) -> None:
    _, wrong = play(path.read_text(encoding="utf-8"), PAPERS, RECORDS)
    assert not wrong, "\n".join(wrong)


def test_the_same_seed_gives_the_same_trace() -> None:
    text = (TEXTS / "report_and_recall.txt").read_text(encoding="utf-8")
    first, second = (play(text, PAPERS)[0].trace for _ in range(2))
    assert first == second
    assert len(first) > 6


def test_another_seed_gives_other_weather() -> None:
    text = (TEXTS / "report_and_recall.txt").read_text(encoding="utf-8")
    first = play(text, PAPERS)[0]
    second = play(text.replace("seed: 7", "seed: 8"), PAPERS)[0]
    assert first.clock.now() != second.clock.now() or first.trace != second.trace


def test_a_story_that_expects_the_wrong_answer_is_told_so() -> None:
    text = (TEXTS / "partner_down.txt").read_text(encoding="utf-8")
    _, wrong = play(text.replace(": permit [WA scope]", ": refuse"), PAPERS)
    assert len(wrong) == 1 and "was permit" in wrong[0]


def test_a_line_that_is_no_line_of_a_story_is_refused_by_name() -> None:
    text = (TEXTS / "partner_down.txt").read_text(encoding="utf-8") + "\nUK/home-office hopes for the best\n"
    with pytest.raises(UsageError, match="hopes for the best"):
        play(text, PAPERS)
