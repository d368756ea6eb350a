"""The command line: exit codes, JSON, plain faults; and the reference that prints its help."""

import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cordiale import cli
from cordiale.demo import papers
from cordiale.exchange.judging import Outgoing, question_of
from cordiale.node.papers import Draft

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 22, 20, tzinfo=UTC)
PHRASE = "an invented phrase for tests 7"
PASSWORD = "four invented words together"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str) -> tuple[int, str, str]:
        code = cli.main(words)
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def request(paper: dict[str, Any], recipient: str, sender: str) -> dict[str, Any]:
    draft = Draft(paper["type"], paper["body"], paper["asks"])
    return question_of(Outgoing("notice", sender, recipient, draft.payload(), draft.asks), "demo-1")


def written(tmp_path: Path, found: dict[str, Any]) -> str:
    path = tmp_path / "request.json"
    path.write_text(json.dumps(found))
    return str(path)


def test_a_permitted_request_exits_0_and_names_the_article(run: Run, tmp_path: Path) -> None:
    asked = request(papers.network_report(AT), "UK/home-office", "FR/police-judiciaire")
    code, out, _ = run("decide", written(tmp_path, asked), "--at", "2026-11-22", "--json")
    answer = json.loads(out)
    assert (code, answer["verdict"]) == (0, "permit")
    assert "563" in answer["headline"]["article"]


def test_a_refused_request_exits_1_with_the_article_that_refuses(run: Run, tmp_path: Path) -> None:
    asked = request(papers.claimant_report("IQ/iq-contact-point"), "IQ/iq-contact-point", "UK/home-office")
    code, out, _ = run("decide", written(tmp_path, asked), "--at", "2026-11-22", "--json")
    answer = json.loads(out)
    assert (code, answer["verdict"]) == (1, "refuse")
    assert "Art 33" in answer["failures"][0]["article"]


def test_without_json_the_answer_is_in_plain_words(run: Run, tmp_path: Path) -> None:
    asked = request(papers.network_report(AT), "UK/home-office", "FR/police-judiciaire")
    code, out, _ = run("decide", written(tmp_path, asked), "--at", "2026-11-22T20:00Z")
    assert code == 0 and out.startswith("PERMIT")


def test_a_request_comes_from_standard_input_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = request(papers.network_report(AT), "UK/home-office", "FR/police-judiciaire")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(asked).encode())))
    assert run("decide", "-", "--at", "2026-11-22")[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("decide", "no-such-file.json"), "no file"),
        (("decide", "request.json", "--at", "yesterday"), "yesterday"),
        (("agreement", "show", "no-such-agreement"), "no-such-agreement"),
        (("agreement", "explain", "no-such-agreement"), "no-such-agreement"),
        (("audit", "--home", "nowhere", "--passphrase-file", "request.json"), "no node"),
        (("ledger", "verify", "no-such-file"), "no file"),
        (("no-such-command",), "No such command"),
        (("decide",), "Missing argument 'request'. See `cordiale decide --help`"),
        (("init", "--side", "FR"), "Missing option '--authority'. See `cordiale init --help`"),
    ],
)
def test_a_wrong_use_exits_2_with_one_plain_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "request.json").write_text("{}")
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert said in err and "Traceback" not in err


def test_what_is_no_request_exits_2(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    for text in ("not json", "[1, 2]"):
        path.write_text(text)
        assert run("decide", str(path))[0] == 2


def test_the_agreements_are_listed_shown_explained_and_checked(run: Run) -> None:
    code, out, _ = run("agreement", "list", "--at", "2026-11-22", "--json")
    listed = {row["id"]: row for row in json.loads(out)["agreements"]}
    assert code == 0 and listed["uk-frontex-wa-2024"]["state"] == "in_force"
    assert "Frontex" in run("agreement", "show", "uk-frontex-wa-2024")[1]
    lines = json.loads(run("agreement", "explain", "uk-frontex-wa-2024", "--json")[1])["lines"]
    assert any("EBCG" in line for line in lines)
    assert run("agreement", "check")[0] == 0


def test_a_draft_with_a_mistake_exits_1_and_names_file_and_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "draft.toml").write_text('id = "draft"\nkind = "agreement"\ntitle = "Draft"\n')
    code, out, err = run("agreement", "check", str(tmp_path))
    assert code == 1 and "draft.toml" in err and "mistakes" in out


def test_a_node_is_made_audited_backed_up_restored_and_its_ledger_verified(run: Run, tmp_path: Path) -> None:
    (tmp_path / "phrase").write_text(PHRASE)
    (tmp_path / "password").write_text(PASSWORD)
    home, secret = str(tmp_path / "n"), ("--passphrase-file", str(tmp_path / "phrase"))
    code, out, err = run(
        "init",
        "--side",
        "FR",
        "--authority",
        "police-judiciaire",
        "--administrator",
        "ada",
        "--person",
        "Ada",
        "--home",
        home,
        *secret,
        "--password-file",
        str(tmp_path / "password"),
        "--json",
    )
    assert code == 0, err
    assert len(json.loads(out)["words"].split()) == 12
    assert run("audit", "--home", home, *secret)[0] == 0
    assert json.loads(run("peer", "list", "--home", home, *secret, "--json")[1]) == {"peers": []}
    assert "ada" in run("officer", "list", "--home", home, *secret)[1]
    card = json.loads(run("peer", "card", "--home", home, *secret)[1])
    assert card["format"] == "cordiale-card-1"
    assert run("ledger", "export", str(tmp_path / "l"), "--home", home, *secret)[0] == 0
    assert run("ledger", "verify", str(tmp_path / "l"))[0] == 0
    (tmp_path / "l").write_bytes((tmp_path / "l").read_bytes()[:-9])
    assert run("ledger", "verify", str(tmp_path / "l"))[0] == 1
    assert run("backup", str(tmp_path / "b"), "--home", home, *secret)[0] == 0
    assert run("restore", str(tmp_path / "b"), "--home", str(tmp_path / "again"), *secret)[0] == 0
    assert run("upgrade", "--home", home, *secret)[0] == 0


def test_doctor_says_that_the_offline_keys_still_lie_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "phrase").write_text(PHRASE)
    (tmp_path / "password").write_text(PASSWORD)
    home, secret = str(tmp_path / "n"), ("--passphrase-file", str(tmp_path / "phrase"))
    run(
        "init",
        "--side",
        "FR",
        "--authority",
        "police-judiciaire",
        "--administrator",
        "ada",
        "--person",
        "Ada",
        "--home",
        home,
        *secret,
        "--password-file",
        str(tmp_path / "password"),
    )
    code, out, _ = run("doctor", "--home", home, *secret, "--json")
    assert code == 1
    assert any("offline" in one for one in json.loads(out)["wrong"])


def test_the_reference_prints_the_help_of_every_command() -> None:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    assert page == cli.reference()


def test_the_reference_names_every_setting_with_its_default_and_sentence() -> None:
    from cordiale.node.settings import reference

    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert page == reference()
