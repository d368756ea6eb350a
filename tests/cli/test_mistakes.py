"""The most likely mistakes with each command that makes, keeps or joins nodes: nothing is half done."""

import errno
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from cordiale import cli
from cordiale.node import exchange, found, open_node
from cordiale.node.home import Founding
from cordiale.seals import ScryptCost
from cordiale.world import SystemDisk

PHRASE = "an invented phrase for tests 7"
PASSWORD = "four invented words together"
CHEAP = ScryptCost(n=1 << 10)
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "phrase").write_text(PHRASE)
    (tmp_path / "wrong").write_text("another phrase altogether 9")
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "short").write_text("short")

    def call(words: str, *more: str) -> tuple[int, str]:
        code = cli.main([*words.split(), *more])
        told = capsys.readouterr()
        assert "Traceback" not in told.err + told.out
        return code, told.err + told.out

    return call


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = Founding("FR", ("police-judiciaire",), "ada", "Ada Invented")
    found(tmp_path / "n", made, secrets=(PHRASE, PASSWORD), cost=CHEAP)
    return tmp_path / "n"


INIT = "init --administrator ada --person Ada --home new"
INIT_WRONG = [
    ("--side ZZ --authority police-judiciaire --passphrase-file phrase --password-file password", "ZZ"),
    ("--side FR --authority coastguard --passphrase-file phrase --password-file password", "coastguard"),
    ("--side FR --authority paf --authority paf --passphrase-file phrase --password-file password", "twice"),
    ("--side FR --authority paf --passphrase-file short --password-file password", "passphrase"),
    ("--side FR --authority paf --passphrase-file phrase --password-file short", "password"),
    ("--side FR --authority paf --passphrase-file phrase", "no terminal"),
]


@pytest.mark.parametrize(("words", "says"), INIT_WRONG, ids=[one[1] for one in INIT_WRONG])
def test_a_node_that_is_founded_wrongly_is_not_founded(run: Run, words: str, says: str) -> None:
    code, told = run(f"{INIT} {words}")
    assert code in (2, 3) and says in told.lower() + told
    assert not Path("new/cordiale.toml").exists()


def test_a_founding_that_was_cut_short_is_taken_up_with_a_database_elsewhere_and_nobody_else_s_is(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORDIALE_STORE", f"sqlite:///{tmp_path / 'far.db'}")
    line = f"{INIT} --side FR --authority paf --passphrase-file phrase --password-file password"
    with monkeypatch.context() as cut:
        cut.setattr("cordiale.node.opening.finish", cut_off)
        assert run(line)[0] == 3
    Path("new/letter.txt").write_text("mine")
    assert run("audit --home new --passphrase-file phrase")[0] == 2, "it is no node yet"
    code, told = run(line.replace("--home new", "--home other"))
    assert code == 2 and "not empty" in told, "of another folder nothing there is its own"
    code, told = run(line)
    assert code == 0 and "factor secret" in told, told
    assert run("audit --home new --passphrase-file phrase")[0] == 0
    assert Path("new/letter.txt").read_text() == "mine"


def cut_off(*_: object) -> None:
    raise OSError("cut off")


def test_a_second_founding_in_the_same_folder_changes_nothing(run: Run, home: Path) -> None:
    before = (home / "card").read_bytes()
    code, told = run(
        "init --side FR --authority paf --administrator ada --person Ada --home n"
        " --passphrase-file phrase --password-file password"
    )
    assert code == 2 and "Choose another folder" in told
    assert (home / "card").read_bytes() == before


@pytest.fixture
def partner(tmp_path: Path) -> str:
    """Writes partner.json, own.json and altered.json; the partner's words."""
    made = Founding("UK", ("home-office",), "ivy", "Ivy Invented")
    found(tmp_path / "p", made, secrets=(PHRASE, PASSWORD), cost=CHEAP)
    with open_node(tmp_path / "p", PHRASE, environment={}) as node:
        card = exchange.own_card(node)
    (tmp_path / "partner.json").write_text(json.dumps(card["card"]))
    card["card"]["card"]["facts"]["address"] = "192.0.2.99:8201"
    (tmp_path / "altered.json").write_text(json.dumps(card["card"]))
    return str(card["words"])


def test_a_partner_is_taken_in_by_the_right_words_and_by_no_others(
    run: Run, home: Path, partner: str
) -> None:
    with open_node(home, PHRASE, environment={}) as node:
        Path("own.json").write_text(json.dumps(exchange.own_card(node)["card"]))
    known = "--by Ada --home n --passphrase-file phrase"
    for file, words, says in (
        ("partner.json", "fopu bozo duja", "do not match"),
        ("altered.json", partner, "does not hold"),
        ("own.json", partner, "own card"),
        ("nowhere.json", partner, "cannot be read"),
    ):
        code, told = run(f"peer add {file} {known}", "--words", words)
        assert code in (2, 3) and says in told, told
    assert "no peers" in run("peer list --home n --passphrase-file phrase")[1]
    assert run(f"peer add partner.json {known}", "--words", partner)[0] == 0
    assert "uk-home-office" in run("peer list --home n --passphrase-file phrase")[1]
    assert run("peer check uk-home-office --home n --passphrase-file phrase")[0] == 1
    code, told = run("peer remove uk-home-office --by Ada --home n --passphrase-file phrase", "--reason", " ")
    assert code == 2 and "reason: say why" in told
    code, _ = run(
        "peer remove uk-home-office --by Ada --home n --passphrase-file phrase", "--reason", "invented"
    )
    assert code == 0 and "no peers" in run("peer list --home n --passphrase-file phrase")[1]


def test_no_command_writes_over_what_the_node_lives_on_nor_over_a_file_that_nobody_gave_up(
    run: Run, home: Path
) -> None:
    secret = "--home n --passphrase-file phrase"
    before = {one: one.read_bytes() for one in home.rglob("*") if one.is_file()} | {
        Path("phrase"): Path("phrase").read_bytes()
    }
    for command in ("backup", "ledger export"):
        for place in ("n/node.db", "n/vault", "n/cordiale.toml", "n/new", "phrase"):
            for insisting in ("", " --replace"):
                code, told = run(f"{command} {place} {secret}{insisting}")
                assert code == 2 and "file: " in told, told
        yesterday = Path(f"{command}.yesterday".replace(" ", "-"))
        assert run(f"{command} {yesterday} {secret}")[0] == 0
        kept = yesterday.read_bytes()
        code, told = run(f"{command} {yesterday} {secret}")
        assert code == 2 and "--replace" in told and yesterday.read_bytes() == kept
        assert run(f"{command} {yesterday} {secret} --replace")[0] == 0
    for one in (Path("phrase"), home / "vault", home / "cordiale.toml"):
        assert one.read_bytes() == before[one], one
    assert run(f"audit {secret}")[0] == 0


def test_what_the_settings_name_is_never_written_over_wherever_it_lies(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "another disk"
    disk.mkdir()
    for name in ("phrase", "key.pem", "chain.pem"):
        (disk / name).write_text(PHRASE)
    (disk / "linked").symlink_to(disk / "phrase")
    (disk / "hard").hardlink_to(disk / "phrase")
    monkeypatch.setenv("CORDIALE_STORE", f"sqlite:///{disk / 'far.db'}")
    monkeypatch.setenv("CORDIALE_PASSPHRASE_FILE", str(disk / "phrase"))
    words = "init --side FR --authority paf --administrator ada --person Ada --home n"
    code, told = run(f"{words} --password-file password --passphrase-file phrase")
    assert code == 0, told
    with (tmp_path / "n" / "cordiale.toml").open("a") as settings:
        settings.write(f'pages_certificate = "{disk / "chain.pem"}"\npages_key = "{disk / "key.pem"}"\n')
    code, told = run("audit --home n")
    assert code == 0, told
    live = ("far.db", "far.db-wal", "far.db-journal", "phrase", "linked", "hard", "key.pem", "chain.pem")
    before = {one: (disk / one).read_bytes() for one in live if (disk / one).exists()}
    assert "far.db" in before
    for command in ("backup --home n", "ledger export --home n"):
        for one in live:
            code, told = run(f"{command} --replace", str(disk / one))
            assert code == 2 and "lives on" in told, (one, told)
    assert {one: (disk / one).read_bytes() for one in before} == before
    assert run("backup --home n", str(disk / "tonight.backup"))[0] == 0


def test_a_full_disk_leaves_yesterday_s_file_as_it_was(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del home
    secret = "--home n --passphrase-file phrase"
    for command in ("backup", "ledger export"):
        yesterday = Path("yesterday-" + command.partition(" ")[0])
        assert run(f"{command} {yesterday} {secret}")[0] == 0
        before = sorted(Path().iterdir()), yesterday.read_bytes()
        with monkeypatch.context() as disk:
            disk.setattr(SystemDisk, "pour", full_disk)
            code, told = run(f"{command} {yesterday} {secret} --replace")
            assert code == 3 and "No space left" in told
        assert (sorted(Path().iterdir()), yesterday.read_bytes()) == before
        with monkeypatch.context() as disk:
            disk.setattr(SystemDisk, "stream", cut_short)
            assert run(f"{command} {yesterday} {secret} --replace")[0] == 3
        assert (sorted(Path().iterdir()), yesterday.read_bytes()) == before, "not read back, not relied on"


def full_disk(disk: SystemDisk, path: Path, pieces: Iterable[bytes], **_: int) -> int:
    path.write_bytes(next(iter(pieces))[:100])
    raise OSError(errno.ENOSPC, "No space left on device", str(path))


def cut_short(disk: SystemDisk, path: Path, piece_bytes: int) -> Iterator[bytes]:
    del disk, piece_bytes
    yield path.read_bytes()[:-20]


@pytest.mark.parametrize(("mode", "warned"), [(0o644, True), (0o640, True), (0o600, False), (0o400, False)])
def test_a_passphrase_that_others_can_read_is_spoken_of(
    run: Run, home: Path, mode: int, warned: bool
) -> None:
    del home
    Path("phrase").chmod(mode)
    code, told = run("peer list --home n --passphrase-file phrase")
    assert code == 0 and ("chmod 600 phrase" in told) is warned


@pytest.mark.parametrize(
    ("language", "says"),
    [("C", "is not a ledger export"), ("fr_FR.UTF-8", "n’est pas un export du registre")],
)
def test_what_is_no_ledger_export_is_said_not_to_be_one(
    run: Run, partner: str, monkeypatch: pytest.MonkeyPatch, language: str, says: str
) -> None:
    del partner
    monkeypatch.setenv("LC_ALL", language)
    code, told = run("ledger verify partner.json")
    assert code == 1 and f"`partner.json` {says}" in told


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "UK/home-office sends netwrk_report to FR/oltim: permit",
            "line 3: no paper is called `netwrk_report`",
        ),
        (
            "XK/home-office sends network_report to FR/oltim: permit",
            "line 3: no node of `XK` is in this story",
        ),
        ("everybody loads record demo-consent-fr", "line 3: there is no `demo-consent-fr` here"),
        ("FR/oltim recalls network_report", "line 3: there is no `network_report` here"),
        ("UK/home-office dances", "line 3: `UK/home-office dances` is no line of a story"),
    ],
)
def test_a_slip_in_a_story_is_told_with_its_line_and_the_word_that_was_meant(
    run: Run, line: str, says: str
) -> None:
    header = "at: 2026-11-22T20:00:00+00:00\nnodes: UK=home-office; FR=oltim\n"
    Path("night.txt").write_text(header + line)
    code, told = run("rehearse night.txt")
    assert code == 2 and says in told and "KeyError" not in told, told
    if "netwrk" in line:
        assert "Did you mean `network_report`?" in told


@pytest.mark.parametrize(
    ("story", "says"),
    [
        ("at: 2026-11-22T20:00:00+00:00\nsettle", "no line `nodes:`"),
        ("nodes: UK=home-office\nsettle", "no line `at:`"),
        ("at: tonight\nnodes: UK=home-office", "`at: tonight` is no date"),
        ("at: 2026-11-22T20:00:00+00:00\nnodes: UK", "`nodes: UK` names no nodes"),
    ],
)
def test_a_story_without_its_first_two_lines_is_told_how_they_look(run: Run, story: str, says: str) -> None:
    Path("night.txt").write_text(story)
    code, told = run("rehearse night.txt")
    assert code == 2 and says in told and "nodes: UK=home-office; FR=police-judiciaire" in told


def test_the_version_is_said(run: Run) -> None:
    code, told = run("--version")
    assert code == 0 and told.startswith("cordiale 0.")


def test_a_backup_goes_back_only_whole_with_its_phrase_into_an_empty_folder(run: Run, home: Path) -> None:
    del home
    assert run("backup b --home n --passphrase-file phrase")[0] == 0
    Path("cut").write_bytes(Path("b").read_bytes()[:-50])
    for words, says in (
        ("restore b --home again --passphrase-file wrong", "passphrase"),
        ("restore b --home n --passphrase-file phrase", "empty"),
        ("restore cut --home again --passphrase-file phrase", "cut"),
    ):
        code, told = run(words)
        assert code in (2, 3) and says in told, told
        assert not Path("again/cordiale.toml").exists()
    assert run("restore b --home again --passphrase-file phrase")[0] == 0


@pytest.mark.parametrize("command", ["upgrade", "audit", "officer list", "peer list", "peer renew"])
def test_a_wrong_phrase_and_a_wrong_folder_are_told_by_every_command_alike(
    run: Run, home: Path, command: str
) -> None:
    del home
    code, told = run(f"{command} --home n --passphrase-file wrong")
    assert code == 3 and "passphrase is wrong" in told
    code, told = run(f"{command} --home nowhere --passphrase-file phrase")
    assert code == 2 and "cordiale init" in told


def test_doctor_speaks_of_a_card_that_ends_soon_and_of_how_to_renew_it(home: Path) -> None:
    from datetime import timedelta

    from cordiale.node import World
    from cordiale.node.doctor import examine
    from cordiale.node.home import CARD_DAYS
    from cordiale.world import SeededChance, SteppedClock, SystemClock, SystemDisk

    soon = SteppedClock(SystemClock().now() + timedelta(days=CARD_DAYS - 10))
    world = World(soon, SeededChance(1), SystemDisk())
    found_ill = examine(home, lambda: PHRASE, world=world).wrong
    assert any("cordiale peer renew" in one for one in found_ill)
