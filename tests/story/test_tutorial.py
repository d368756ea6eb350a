"""The tutorial is done word by word, in an empty folder, and shows what it says it shows."""

import re
from pathlib import Path

import pytest

from cordiale.demo import story
from tests.house import how_to

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "a-night-in-the-channel.md"
VERIFIER = PAGE.parents[1] / "reference" / "verify_exchange.py"
COMMANDS = 20


def test_the_tutorial_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", str(VERIFIER.parents[2] / ".venv"))
    assert how_to.follow(PAGE, tmp_path) >= COMMANDS


@pytest.mark.parametrize("what", ["refusal", "distress call", "recall", "offline"])
def test_the_tutorial_has_commands_of_its_own_for_each_promise(what: str) -> None:
    before_the_demonstration = PAGE.read_text(encoding="utf-8").partition("## 5.")[0]
    assert what in before_the_demonstration


def test_the_tutorial_names_every_step_of_the_demonstration() -> None:
    text = PAGE.read_text(encoding="utf-8")
    source = Path(story.__file__).read_text(encoding="utf-8")
    told = set(re.findall(r'Step\(\s*"(\w+)"|_tell_view\(\s*night, "(\w+)"', source))
    names = {one or other for one, other in told}
    assert len(names) >= 10
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
