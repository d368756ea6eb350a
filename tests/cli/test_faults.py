"""A tired administrator at night: a command used wrongly says one plain sentence, never a traceback."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cordiale import cli
from cordiale.node import found, open_node
from cordiale.node.home import Founding
from cordiale.seals import ScryptCost

PHRASE = "an invented phrase for tests 7"
PASSWORD = "four invented words together"
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "phrase").write_text(PHRASE)
    (tmp_path / "wrong").write_text("another phrase altogether 9")
    (tmp_path / "noise").write_bytes(b"\xff\xfe\x00\x80")

    def call(words: str) -> tuple[int, str]:
        code = cli.main(words.split())
        told = capsys.readouterr()
        assert "Traceback" not in told.err + told.out
        return code, told.err + told.out

    return call


@pytest.fixture
def home(tmp_path: Path) -> Path:
    founding = Founding("FR", ("police-judiciaire",), "ada", "Ada Invented")
    found(tmp_path / "n", founding, secrets=(PHRASE, PASSWORD), cost=ScryptCost(n=1 << 10))
    return tmp_path / "n"


WRONGLY = [
    ("audit --home nowhere --passphrase-file phrase", 2, "cordiale init"),
    ("audit --home n --passphrase-file wrong", 3, "passphrase is wrong"),
    ("audit --home n --passphrase-file missing", 2, "cannot be read"),
    ("audit --home n --passphrase-file noise", 2, "right file"),
    ("peer add phrase --home n --words x --by y --passphrase-file phrase", 2, "not a node card"),
    ("peer check nobody --home n --passphrase-file phrase", 1, "not a peer"),
    ("peer remove nobody --by a --reason b --home n --passphrase-file phrase", 3, "not a peer"),
    ("backup /proc/b --home n --passphrase-file phrase", 3, "/proc"),
    ("ledger export /proc/l --home n --passphrase-file phrase", 3, "/proc"),
    ("ledger verify noise", 1, "`noise` is not a ledger export"),
    ("restore nofile --home x --passphrase-file phrase", 2, "no file"),
    ("restore noise --home x --passphrase-file phrase", 3, "not a backup"),
    (
        "officer recover ada --lost password --by a --and b --reason c --home n --passphrase-file phrase",
        2,
        "terminal",
    ),
]


@pytest.mark.parametrize(("words", "code", "says"), WRONGLY, ids=[one[0][:40] for one in WRONGLY])
def test_a_wrong_use_is_one_plain_sentence_with_a_way_out(
    run: Run, home: Path, words: str, code: int, says: str
) -> None:
    del home
    assert (run(words)[0], says in run(words)[1]) == (code, True)


def test_a_database_that_is_none_is_said_to_be_none(run: Run, home: Path) -> None:
    (home / "node.db").write_bytes(b"a shopping list " * 400)
    code, told = run("audit --home n --passphrase-file phrase")
    assert code == 3 and "not a database" in told and "cordiale doctor" in told


def test_a_folder_with_the_keys_of_another_node_is_noticed(run: Run, home: Path, tmp_path: Path) -> None:
    other = Founding("UK", ("home-office",), "ada", "Ada Invented")
    found(tmp_path / "m", other, secrets=(PHRASE, PASSWORD), cost=ScryptCost(n=1 << 10))
    (home / "cordiale.toml").write_bytes((tmp_path / "m" / "cordiale.toml").read_bytes())
    code, told = run("audit --home n --passphrase-file phrase")
    assert code == 2 and "another Side" in told


def test_a_setting_that_nobody_knows_is_named(run: Run, home: Path) -> None:
    (home / "cordiale.toml").write_text((home / "cordiale.toml").read_text() + "\ncolour = 'red'\n")
    code, told = run("audit --home n --passphrase-file phrase")
    assert code == 2 and "colour" in told


def test_a_full_database_is_said_to_be_full_and_what_was_there_still_stands(home: Path) -> None:
    from cordiale.errors import StoreError
    from cordiale.node import people
    from cordiale.node.audit import audit

    with open_node(home, PHRASE, environment={}) as node:
        node.store.write(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count=1"))
        ada = people.officer(node, "ada")
        with pytest.raises(StoreError, match="room"):
            for number in range(400):
                new = people.NewAccount(f"o{number}", "Invented", "police-judiciaire", frozenset({"officer"}))
                people.enrol(node, ada, new, "x" * 300)
    with open_node(home, PHRASE, environment={}) as node:
        assert audit(node).ok
