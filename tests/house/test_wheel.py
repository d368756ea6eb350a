"""A wheel without its browser files and translations does not build."""

from pathlib import Path

import pytest
from hatch_build import NEEDED, CustomBuildHook


def hook(root: Path) -> CustomBuildHook:
    return CustomBuildHook(str(root), {}, None, None, str(root / "dist"), "wheel")


def whole(root: Path) -> None:
    for name in NEEDED:
        place = root / "src" / "cordiale" / "web" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"x")


@pytest.mark.parametrize("missing", NEEDED)
def test_a_wheel_that_lacks_one_file_is_refused_and_the_file_is_named(tmp_path: Path, missing: str) -> None:
    whole(tmp_path)
    (tmp_path / "src" / "cordiale" / "web" / missing).unlink()
    with pytest.raises(SystemExit, match=missing.rpartition("/")[2]):
        hook(tmp_path).initialize("standard", {})


def test_a_whole_one_builds_and_an_editable_one_may_wait_for_set_up(tmp_path: Path) -> None:
    hook(tmp_path).initialize("editable", {})
    whole(tmp_path)
    hook(tmp_path).initialize("standard", {})
