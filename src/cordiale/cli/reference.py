"""docs/reference/commands.md, printed from the commands themselves."""

from __future__ import annotations

from typing import Any

from cordiale.cli.app import app


def reference() -> str:
    """docs/reference/commands.md, whole: the help of every command that is not hidden."""
    from typer.main import get_command

    lines = ["# Commands", "", "Printed from the commands themselves; a test keeps it so.", ""]
    lines += [
        "Exit codes: 0 done (permit, withhold), 1 refused or a check that did not hold, "
        "2 used wrongly, 3 a fault.",
        "",
    ]

    def tell(command: Any, path: str) -> None:
        if command.hidden:
            return
        nested = getattr(command, "commands", None)
        if nested is not None:
            for name in sorted(nested):
                tell(nested[name], f"{path} {name}")
            return
        lines.extend([f"## `{path}`", "", (command.help or "").strip(), ""])
        lines.extend(["```", (command.epilog or "").removeprefix("Example: "), "```", ""])
        for one in command.params:
            if one.name != "help":
                shown = str(one.name).upper() if one.param_type_name == "argument" else ", ".join(one.opts)
                need = " (required)" if one.required else ""
                lines.append(f"* `{shown}`{need}: {getattr(one, 'help', '') or ''}")
        lines.append("")

    tell(get_command(app), "cordiale")
    return "\n".join(lines)
