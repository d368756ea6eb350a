"""Agreements taken along from their page: the right form under the right name, in the reader's language, with
what was proved only while that stands.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cordiale.node import exporting
from cordiale.web.exports import _proved
from cordiale.web.visit import Visit
from cordiale.world import SystemDisk
from tests.web.pages import NIGHT, Browser, Night

ID = "calais-group-2024"
ABOUT = f"/agreements/{ID}"


def test_every_form_that_can_be_written_here_is_offered_and_comes_as_a_file(sam: Browser) -> None:
    offered = re.findall(rf'href="({ABOUT}/export/\w+)"', sam.get(ABOUT).text)
    assert [one.rpartition("/")[2] for one in offered] == list(exporting.forms())
    for path in offered:
        answer = sam.get(path)
        assert answer.status_code == 200 and len(answer.content) > 500
        assert answer.headers["content-disposition"].startswith(f'attachment; filename="{ID}.')
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_policy_is_json_and_the_skeleton_xml(sam: Browser) -> None:
    policy = sam.get(f"{ABOUT}/export/odrl")
    assert policy.headers["content-type"].startswith("application/ld+json") and json.loads(policy.text)
    skeleton = sam.get(f"{ABOUT}/export/akoma")
    assert skeleton.headers["content-type"].startswith("application/xml")
    assert ElementTree.fromstring(skeleton.content) is not None


@pytest.mark.skipif("pdf" not in exporting.forms(), reason="the extra `pdf` is not installed here")
def test_the_paper_is_a_pdf(sam: Browser) -> None:
    assert sam.get(f"{ABOUT}/export/pdf").content.startswith(b"%PDF-")


def test_laws_are_offered_too(sam: Browser) -> None:
    assert sam.get("/agreements/eu-led-2016-680/export/odrl").status_code == 200


@pytest.mark.parametrize("path", [f"{ABOUT}/export/docx", "/agreements/no-such-agreement/export/odrl"])
def test_a_form_or_a_name_that_is_not_there_is_said_to_be_none(sam: Browser, path: str) -> None:
    answer = sam.get(path)
    assert answer.status_code == 400 and "content-disposition" not in answer.headers


def test_who_is_not_signed_in_gets_nothing(made: Night) -> None:
    answer = Browser(made).client.get(f"{ABOUT}/export/odrl", follow_redirects=False)
    assert answer.status_code == 303


def test_a_proof_goes_along_only_while_it_stands(
    made: Night, sam: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made.node, "home", tmp_path)
    monkeypatch.setattr(made.node, "world", replace(made.node.world, disk=SystemDisk()))
    visit = Visit(made.node, None, "", "fr", "UTC", NIGHT, "/")
    assert _proved(visit, ID) == []
    sam.get(ABOUT)
    sam.post(f"{ABOUT}/proof")
    found = _proved(visit, ID)
    assert found and all(status == "proved" for _, status, _ in found)
    assert any("sauvetage" in says for says, _, _ in found), "in the reader's language"
    monkeypatch.setattr(made.node, "register", made.node.register.supposing(()))
    assert _proved(visit, ID) == []
