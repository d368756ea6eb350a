"""`cordiale decide` with wrong requests: each is refused by name, and the exit code says which kind."""

import copy
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
from cordiale.node import agreements
from cordiale.node.papers import Draft

AT = datetime(2026, 11, 22, 20, tzinfo=UTC)
Asked = dict[str, Any]
Change = Callable[[Asked], None]


def request(paper: dict[str, Any], recipient: str, sender: str) -> Asked:
    draft = Draft(paper["type"], paper["body"], paper["asks"])
    return question_of(Outgoing("notice", sender, recipient, draft.payload(), draft.asks), "demo-1")


@pytest.fixture(scope="module")
def good() -> Asked:
    return request(papers.network_report(AT), "UK/home-office", "FR/police-judiciaire")


@pytest.fixture
def decide(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(raw: bytes, *more: str) -> tuple[int, str, str]:
        path = tmp_path / "request.json"
        path.write_bytes(raw)
        code = cli.main(["decide", str(path), "--at", "2026-11-22", *more])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return code, told.out, told.err

    return call


Decide = Callable[..., tuple[int, str, str]]


def put(asked: Asked, path: str, value: Any) -> None:
    *where, last = path.split(".")
    for name in where:
        asked = asked[int(name)] if name.isdigit() else asked[name]  # type: ignore[call-overload]
    asked[last] = value


MALFORMED: list[tuple[str, Any, str]] = [
    ("colour", "red", "colour"),
    ("act", "shout", "act"),
    ("type", "gossip_report", "type"),
    ("purpose", "fun", "purpose"),
    ("case", None, "case"),
    ("items.0.category", "gossip", "items[1].category"),
    ("items.0.colour", "red", "items[1].colour"),
    ("from.rank", "chief", "from.rank"),
]


@pytest.mark.parametrize(("path", "value", "field"), MALFORMED, ids=[one[0] for one in MALFORMED])
def test_a_word_that_the_format_does_not_know_is_refused_by_field_and_exits_2(
    decide: Decide, good: Asked, path: str, value: Any, field: str
) -> None:
    asked = copy.deepcopy(good)
    put(asked, path, value)
    code, out, _ = decide(json.dumps(asked).encode(), "--json")
    answer = json.loads(out)
    assert (code, answer["verdict"], answer["leaves"]) == (2, "refuse", [])
    assert (answer["failures"][0]["step"], answer["failures"][0]["field"]) == (0, field)


NOT_IN_THE_REGISTER: list[tuple[str, Any, str]] = [
    ("to.side", "ZZ", "to.side"),
    ("to.authority", "nobody-at-all", "to.authority"),
    ("from.authority", "nobody-at-all", "from.authority"),
    ("facts", {"moon_is_full": True}, "facts.moon_is_full"),
]


@pytest.mark.parametrize(
    ("path", "value", "field"), NOT_IN_THE_REGISTER, ids=[one[2] for one in NOT_IN_THE_REGISTER]
)
def test_a_side_authority_or_fact_that_no_file_knows_is_refused_by_name_and_exits_1(
    decide: Decide, good: Asked, path: str, value: Any, field: str
) -> None:
    asked = copy.deepcopy(good)
    put(asked, path, value)
    code, out, _ = decide(json.dumps(asked).encode(), "--json")
    answer = json.loads(out)
    assert (code, answer["verdict"], answer["leaves"]) == (1, "refuse", [])
    assert answer["failures"][0]["field"] == field


def test_a_field_that_must_be_there_and_is_not_is_named(decide: Decide, good: Asked) -> None:
    for name in ("act", "type", "from", "to", "purpose"):
        asked = {key: value for key, value in good.items() if key != name}
        code, out, _ = decide(json.dumps(asked).encode(), "--json")
        assert code == 2 and f"`{name}`" in json.loads(out)["failures"][0]["sentence"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"[1, 2]",
        b'"permit"',
        b"{",
        b"\xff\xfe\x00",
        b'{"act": NaN}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{}",
    ],
    ids=["empty", "words", "list", "text", "half", "no utf-8", "nan", "deep list", "deep object", "nothing"],
)
def test_what_is_no_json_object_exits_2_with_a_refusal_and_no_traceback(decide: Decide, raw: bytes) -> None:
    code, out, _ = decide(raw, "--json")
    answer = json.loads(out)
    assert (code, answer["verdict"], answer["leaves"]) == (2, "refuse", [])


def test_a_key_that_stands_twice_is_refused_by_name_wherever_it_stands(decide: Decide, good: Asked) -> None:
    text = json.dumps(good)
    for key, twice in (
        ("purpose", text[:-1] + ', "purpose": "rescue"}'),
        ("side", text.replace('"side": "UK"', '"side": "UK", "side": "FR"', 1)),
    ):
        code, out, _ = decide(twice.encode(), "--json")
        failure = json.loads(out)["failures"][0]
        assert code == 2 and failure["field"] == key and "twice" in failure["sentence"]


def test_a_distress_call_with_an_odd_field_passes_and_the_defect_is_named(decide: Decide) -> None:
    asked = request(
        {"type": "distress_incident", "body": papers.distress_call(AT), "asks": {"act": "share"}},
        "UK/hm-coastguard",
        "FR/cross-gris-nez",
    )
    asked |= {"colour": "red", "act": "share", "purpose": "rescue"}
    code, out, _ = decide(json.dumps(asked).encode(), "--json")
    answer = json.loads(out)
    assert code == 0 and answer["verdict"] in ("permit", "withhold") and answer["leaves"]
    assert any("colour" in one for one in answer["warnings"])


def test_too_many_items_are_bulk_and_too_many_bytes_are_not_read(decide: Decide, good: Asked) -> None:
    many = good | {"items": [good["items"][0] | {"id": f"i{n}"} for n in range(2001)]}
    code, out, _ = decide(json.dumps(many).encode(), "--json")
    assert code == 2 and json.loads(out)["failures"][0]["field"] == "items"
    code, out, err = decide(b" " * (agreements.REQUEST_BYTES_MAX + 1), "--json")
    assert (code, out) == (2, "") and "larger than" in err


def test_a_request_that_cannot_be_read_from_disk_exits_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["decide", str(tmp_path)]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(("raw", "code"), [(None, 0), (b"{}", 2), (b"not json", 2)])
def test_standard_input_is_read_like_a_file(
    good: Asked,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    raw: bytes | None,
    code: int,
) -> None:
    given = json.dumps(good).encode() if raw is None else raw
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    assert cli.main(["decide", "-", "--at", "2026-11-22", "--json"]) == code
    assert json.loads(capsys.readouterr().out)["verdict"] == ("permit" if code == 0 else "refuse")


def test_in_plain_words_too_the_field_is_named(decide: Decide, good: Asked) -> None:
    code, out, _ = decide(json.dumps(good | {"colour": "red"}).encode())
    assert code == 2 and out.startswith("NOT A QUESTION") and "colour: `colour` is not a key" in out
    assert "REFUSE" not in out, "a slip of the pen is no answer of the law"
    code, out, err = decide(json.dumps(good | {"asked_basis": "our-own-2026"}).encode())
    assert code == 1 and out.startswith("REFUSE") and "--texts" in err


def test_an_id_that_is_nearly_right_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("explain", "show"):
        assert cli.main(["agreement", command, "uk-frontex-2024"]) == 2
        assert "Did you mean `uk-frontex-wa-2024`?" in capsys.readouterr().err.replace("\n", " ")


def test_a_file_in_place_of_a_folder_is_told_with_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.toml").write_text('kind = "agreement"\n')
    assert cli.main(["agreement", "check", str(tmp_path / "one.toml")]) != 0
    told = "".join(capsys.readouterr().err.split())
    assert "isafile,notafolder" in told and f"Namethefolder:`{tmp_path}`" in told


def test_what_would_help_is_named_and_what_leads_is_not_said_again(decide: Decide, good: Asked) -> None:
    for item in good["items"]:
        item.setdefault("origin", {}).pop("collected_for", None)
    good.get("every_item", {}).get("origin", {}).pop("collected_for", None)
    code, out, _ = decide(json.dumps(good).encode())
    assert code == 1 and "`origin.collected_for`" in out
    lead = out.splitlines()[1]
    assert not [line for line in out.splitlines()[2:] if line.startswith("also: ") and line.endswith(lead)]
