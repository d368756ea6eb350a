"""Refuse to build a wheel whose pages would come without their styles, scripts or translations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NEEDED = (
    "assets/govuk-frontend.min.css",
    "assets/govuk-frontend.min.js",
    "assets/moj-frontend.min.css",
    "assets/htmx.min.js",
    "assets/htmx-ext-sse.js",
    "locale/fr/LC_MESSAGES/cordiale.mo",
)


class CustomBuildHook(BuildHookInterface[Any]):
    """Looks before the wheel is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raise when a browser file is missing; an editable install may do without until set-up has run."""
        del build_data
        if version == "editable" or self.target_name != "wheel":
            return
        web = Path(self.root) / "src" / "cordiale" / "web"
        missing = [name for name in NEEDED if not (web / name).is_file()]
        if missing:
            raise SystemExit(
                f"The wheel would lack {', '.join(missing)}: run `python build_assets.py` first."
            )
