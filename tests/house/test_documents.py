"""Do the documents say what the code is: generated pages, links, words, the README's example, how-to."""

import contextlib
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs import write
from typer.main import get_command

from cordiale import cli
from cordiale.node import settings
from tests.house import how_to

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    *sorted(DOCS.rglob("*.md")),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "GLOSSARY.md", "CHANGELOG.md")),
    ROOT / "bench" / "README.md",
]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```", re.S)
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".html",
    ".css",
    ".js",
    ".json",
    ".txt",
    ".po",
    ".svg",
    ".mako",
    ".cfg",
    ".yml",
    "",
}
# Spelled in parts, so that this file is not what it looks for.
PLACES = ["/" + "work/", "/" + "root/", "/" + "tmp/", "/home/" + "user"]
HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "crates" + ".io",
    "proxy.go" + "lang.org",
]
BANNED = "illegal" + "s"
NO_COMMANDS = {"cordiale security"}  # the subject of a letter, in SECURITY.md
NOT_TITLES = {
    "tenant", "gateway", "broker", "blockchain", "dashboard", "ticket", "workflow", "stakeholder",
    "manager", "helper", "util", "handler",
}  # fmt: skip


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# ------------------------------------------------------------------------------ generated pages


@pytest.mark.parametrize("page", sorted(write.pages()), ids=name)
def test_a_generated_page_says_what_the_code_says(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == write.pages()[page](), "run `make docs`"


def test_every_error_class_has_a_sentence_of_its_own() -> None:
    sentences = [fault.sentence for fault in write.faults()]
    assert len(sentences) == len(set(sentences)) >= 19
    assert [one.name for one in write.faults() if not one.sentence.endswith(".")] == []


def test_the_error_page_gives_the_exit_code_with_which_the_command_line_ends(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from cordiale import errors

    page = write.errors_page()
    for fault in (errors.UsageError, errors.LedgerError, errors.StoreFull, errors.AccountError):

        def fails(fault: type[errors.CordialeError] = fault) -> None:
            raise fault()

        line = next(line for line in page.splitlines() if line.startswith(f"| `{fault.__name__}` |"))
        assert line.split("|")[3].strip() == str(cli.guarded(fails))
        assert (fault.__doc__ or "") in " ".join(capsys.readouterr().err.split())


def test_every_table_has_a_sentence_and_stands_on_the_page_with_every_column() -> None:
    page = write.schema_page()
    for table in write.tables():
        assert write.said()[table.name].sentence.endswith("."), table.name
        chapter = page.partition(f"### `{table.name}`\n")[2].partition("\n### ")[0]
        assert [column.name for column in table.columns if f"| `{column.name}` |" not in chapter] == []


def commands() -> Iterator[str]:
    """Every command that is not hidden, as it is typed."""

    def tell(command: object, path: str) -> Iterator[str]:
        nested = getattr(command, "commands", None)
        if getattr(command, "hidden", False):
            return
        if nested is None:
            yield path
        for word, one in (nested or {}).items():
            yield from tell(one, f"{path} {word}")

    return tell(get_command(cli.app), "cordiale")


def test_every_command_and_every_setting_is_documented() -> None:
    page = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    assert [one for one in commands() if f"## `{one}`\n" not in page] == []
    page = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    assert [one for one in settings.known() if f"| `{one}` |" not in page] == []


def test_no_document_names_a_command_that_is_not_there() -> None:
    known = set(commands())
    groups = {one.rpartition(" ")[0] for one in known}
    wrong = []
    for page in PAGES:
        for found in re.finditer(
            r"(?:`|^\$ |\| )cordiale ([a-z-]+)(?: ([a-z-]+))?", page.read_text(encoding="utf-8"), re.M
        ):
            if found[0].strip("`") in NO_COMMANDS:
                continue
            one, two = f"cordiale {found[1]}", f"cordiale {found[1]} {found[2]}"
            if one not in known and two not in known and not (one in groups and not found[2]):
                wrong.append(f"{name(page)}: {found[0]}")
    assert wrong == []


def test_every_page_of_the_node_has_a_sentence_and_stands_on_the_list() -> None:
    page = (DOCS / "reference" / "pages.md").read_text(encoding="utf-8")
    for address, method, _, says in write.routes():
        assert says.endswith("."), address
        assert f"| `{address}` | {method} |" in page


# ------------------------------------------------------------------------------ links and words


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_to_a_file_of_ours_leads_somewhere(page: Path) -> None:
    wrong = []
    for target in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        place = (page.parent / file).resolve() if file else page
        if not place.exists() or (anchor and anchor not in anchors(place)):
            wrong.append(target)
    assert wrong == []


def anchors(page: Path) -> set[str]:
    """The headings of a page as their links are spelled."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("folder", ["docs", "docs/how-to", "docs/reference"])
def test_an_index_names_every_page_beside_it(folder: str) -> None:
    index = ROOT / folder / "README.md"
    text = index.read_text(encoding="utf-8")
    linked = {(index.parent / target.partition("#")[0]).resolve() for target in LINK.findall(text)}
    spoken = {page for page in index.parent.glob("*.md") if f"`{page.name}`" in text}
    assert [
        name(page)
        for page in sorted(index.parent.glob("*.md"))
        if page != index and page not in linked | spoken
    ] == []


def ours() -> Iterator[tuple[Path, str]]:
    """Every text file that belongs to the project, with its text."""
    git = shutil.which("git")
    assert git is not None
    words = [git, "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", "-z"]
    for one in subprocess.run(words, capture_output=True, text=True, check=True).stdout.split("\0"):
        path = ROOT / one
        if one and path.is_file() and path.suffix in TEXT:
            yield path, path.read_text(encoding="utf-8")


def test_no_file_names_a_place_on_somebodys_machine_or_the_host_of_a_registry() -> None:
    wrong = [f"{name(path)}: {word}" for path, text in ours() for word in (*PLACES, *HOSTS) if word in text]
    assert wrong == []


def test_people_are_never_called_by_the_banned_word_except_to_ban_it() -> None:
    wrong = [
        f"{name(path)}:{number}"
        for path, text in ours()
        for number, line in enumerate(text.splitlines(), 1)
        if BANNED in line.lower() and "never" not in line.lower()
    ]
    assert wrong == []


def glossary() -> list[str]:
    """The words of the glossary."""
    rows = re.findall(r"^\| \*\*(.+?)\*\* \|", (ROOT / "GLOSSARY.md").read_text(encoding="utf-8"), re.M)
    return [word.strip() for row in rows for word in row.split(",")]


def test_every_word_of_the_glossary_is_used() -> None:
    text = " ".join(text for path, text in ours() if path.name != "GLOSSARY.md").lower()
    assert len(glossary()) > 50
    text = text.replace("_", " ").replace("-", " ")
    assert [word for word in glossary() if word.lower().replace("-", " ") not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_title_uses_the_words_of_the_field(page: Path) -> None:
    titles = re.findall(r"^#+ (.+)$", CODE.sub("", page.read_text(encoding="utf-8")), re.M)
    assert titles
    assert [title for title in titles if set(re.findall(r"[a-z]+", title.lower())) & set(NOT_TITLES)] == []


# ------------------------------------------------------------------------------ what a page says to do


def test_the_example_of_the_readme_runs_and_prints_a_refusal_with_its_article() -> None:
    block = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    assert len(block) == 1
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block[0], "README.md", "exec"), {})
    verdict, rest = printed.getvalue().split(maxsplit=1)
    assert verdict == "refuse"
    assert re.search(r"Art|ss?\.\d|rule|declaration", rest)


def test_the_lawyers_page_does_what_it_says(tmp_path: Path) -> None:
    assert how_to.follow(DOCS / "how-to" / "lawyer.md", tmp_path) >= 12


def test_the_data_protection_officers_page_does_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "phrase").write_text("an invented phrase for this page", encoding="utf-8")
    (tmp_path / "password").write_text("four invented words together", encoding="utf-8")
    words = [
        "init",
        "--side",
        "FR",
        "--authority",
        "police-judiciaire",
        "--administrator",
        "ada",
        "--person",
        "Ada",
    ]
    kept = ["--home", str(tmp_path / "node"), "--passphrase-file", str(tmp_path / "phrase")]
    assert cli.main([*words, *kept, "--password-file", str(tmp_path / "password")]) == 0
    shutil.copy(DOCS / "reference" / "verify_exchange.py", tmp_path)
    assert how_to.follow(DOCS / "how-to" / "data-protection-officer.md", tmp_path) >= 5


def test_a_page_that_shows_what_is_not_printed_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        '```text title="a.txt"\none\ntwo\n```\n```console\n$ cat a.txt\ntwo\none\n```\n', encoding="utf-8"
    )
    with pytest.raises(AssertionError, match="does not print: one"):
        how_to.follow(page, tmp_path)


def test_the_developers_page_names_only_files_that_are_there() -> None:
    page = (DOCS / "how-to" / "developer.md").read_text(encoding="utf-8")
    named = {
        one
        for one in re.findall(r"`((?:src|tests|docs)/[\w./-]+)`", page)
        if "NAME" not in one and "ROOM" not in one
    }
    assert len(named) >= 12
    assert [
        one for one in sorted(named) if not (ROOT / one).exists() and not one.endswith("/name.html")
    ] == []
