"""The settings of one node: defaults < cordiale.toml < environment CORDIALE_* < flag.

A secret is never a setting: settings name the file that holds it. An unknown name is an error, said by name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from sqlalchemy import make_url

from cordiale.errors import UsageError
from cordiale.world import Disk, settings_from

FILE: Final = "cordiale.toml"
PORT_MAX: Final = 65_535
HOST_MAX: Final = 253  # characters of a name (RFC 1035, as RFC 1123 reads it)
_LABEL: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
SQLITE_FILES: Final = ("", "-wal", "-shm", "-journal")  # what SQLite keeps beside its file
PLACES: Final = ("texts", "records", "passphrase_file", "pages_certificate", "pages_key")

# Environment names that are read elsewhere and are no settings of a node.
ELSEWHERE: Final = frozenset({"home", "long", "demo_ports", "demo_home"})


def _says(sentence: str, default: Any) -> Any:
    """A setting with the sentence that docs/reference/settings.md prints."""
    return field(default=default, metadata={"says": sentence})


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may choose. `where` is setting -> the place that its value came from."""

    side: str = _says("The Side that this node speaks for, as the register spells it.", "")
    authorities: tuple[str, ...] = _says("The authorities of that Side for which it may speak.", ())
    name: str = _says("The name of the agency, shown on every page.", "")
    store: str = _says("Database URL; empty means SQLite in the home folder.", "")
    texts: str = _says("Folder of agreements, laws and register; empty means the shipped ones.", "")
    records: str = _says("Folder of dated legal records; empty means the shipped ones.", "")
    passphrase_file: str = _says("File that holds the passphrase; empty means: ask on the terminal.", "")
    pages_host: str = _says("Address on which the pages listen.", "127.0.0.1")
    pages_port: int = _says("Port of the pages.", 8101)
    pages_certificate: str = _says(
        "Certificate chain (PEM) of the pages, where they listen beyond this machine.", ""
    )
    pages_key: str = _says("Private key (PEM) of that certificate.", "")
    pages_proxy: str = _says(
        "Address of a TLS proxy before the pages, in place of a certificate; it may say for whom it asks.",
        "",
    )
    contact_host: str = _says(
        "Address on which the contact point listens for partners (mutual TLS).", "127.0.0.1"
    )
    contact_port: int = _says("Port of the contact point.", 8201)
    address: str = _says("HOST:PORT at which partners reach the contact point; goes into the node card.", "")
    ring_name: str = _says("Who answers the telephone for this node.", "")
    ring_number: str = _says("Telephone number to ring; goes into the node card.", "")
    hold_s: int = _says("Seconds for which a sent message may still be undone; distress never waits.", 30)
    courier_s: int = _says("Seconds between two rounds of the courier when nothing is new.", 2)
    zone: str = _says("Time zone shown beside UTC.", "Europe/London")
    language: str = _says("Language of the pages where the browser names none.", "en")
    demo: bool = _says("Whether every page says `demonstration, not endorsed by any agency`.", False)
    where: Mapping[str, str] = field(default_factory=dict)

    def store_url(self, home: Path) -> str:
        """The database URL; SQLite in the home folder unless one is set."""
        return self.store or f"sqlite:///{home / 'node.db'}"

    def lives_on(self, home: Path) -> dict[Path, str]:
        """What the node in `home` lives on, files and folders, wherever they lie; each with its setting."""
        url = make_url(self.store_url(home))
        base = url.database if url.get_backend_name() == "sqlite" else None
        named = [("home", str(home)), *((f"store{end}", f"{base}{end}") for end in SQLITE_FILES if base)]
        named += [(name, str(getattr(self, name))) for name in PLACES]
        return {Path(place).resolve(): name for name, place in named if place}


def port_of(address: str) -> int:
    """The port of an address for partners, "HOST:PORT" or "[IPv6]:PORT"; 0 of none. Raises UsageError."""
    if not address:
        return 0
    host, _, port = address.rpartition(":")
    if not _is_host(host) or not (port.isascii() and port.isdigit()):
        raise UsageError(
            f"`{address[:80]}` is no address for partners",
            field="address",
            way_out="Write HOST:PORT, without https:// and without a path, such as 192.0.2.10:8201.",
        )
    if len(port) > len(str(PORT_MAX)) or not 0 < int(port) <= PORT_MAX:
        raise UsageError(f"there is no port `{port[:20]}`", field="address", way_out="Ports are 1 to 65535.")
    return int(port)


def _is_host(host: str) -> bool:
    """Whether this is a name, an IPv4 address, or an IPv6 address in its brackets."""
    bracketed = host.startswith("[") and host.endswith("]")
    if not bracketed and not host.replace(".", "").isdigit():
        return len(host) <= HOST_MAX and all(_LABEL.fullmatch(one) for one in host.split("."))
    try:
        found = ip_address(host[1:-1] if bracketed else host)
    except ValueError:
        return False
    return found.version == (6 if bracketed else 4) and not found.is_unspecified and "%" not in host


def known() -> dict[str, tuple[str, Any, str]]:
    """Every setting: name -> (type, default, sentence)."""
    return {
        f.name: (str(f.type), f.default, str(f.metadata["says"]))
        for f in fields(Settings)
        if f.name != "where"
    }


def read_settings(
    home: Path,
    disk: Disk,
    *,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> Settings:
    """The settings of the node in `home`. Raises UsageError naming a setting that is unknown or of a wrong
    type.
    """
    chosen: dict[str, Any] = {}
    where: dict[str, str] = {}
    for place, values in (
        (FILE, _from_file(home / FILE, disk)),
        ("environment", _from_environment(environment or {})),
        ("flag", {k: v for k, v in (flags or {}).items() if v is not None}),
    ):
        for name, value in values.items():
            chosen[name] = _typed(name, value, place)
            where[name] = place
    return Settings(**chosen, where=where)


def _from_file(path: Path, disk: Disk) -> dict[str, Any]:
    try:
        raw = disk.read(path)
    except FileNotFoundError:
        return {}
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise UsageError(f"`{path.name}` is not TOML: {wrong}", field=FILE) from wrong


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in settings_from(environment).items() if k not in ELSEWHERE}


def _typed(name: str, value: Any, place: str) -> Any:
    """The value in the type of its setting."""
    table = known()
    if name not in table:
        raise UsageError(
            f"unknown setting `{name}` in {place}", field=name, way_out="See docs/reference/settings.md."
        )
    kind = table[name][0]
    if kind == "bool":
        return _truth(name, value)
    if kind == "int":
        return _whole(name, value)
    if kind.startswith("tuple"):
        return (
            tuple(value) if isinstance(value, list | tuple) else tuple(str(value).replace(",", " ").split())
        )
    if not isinstance(value, str):
        raise UsageError(f"`{value}` is not text", field=name)
    return value


def _truth(name: str, value: Any) -> bool:
    words = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False, "": False}
    if (word := str(value).lower()) not in words:
        raise UsageError(f"`{value}` is neither yes nor no", field=name)
    return words[word]


def _whole(name: str, value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise UsageError(f"`{value}` is not a whole number", field=name) from None
    if number < 0 or (name.endswith("_port") and number > PORT_MAX):
        raise UsageError(f"`{value}` is out of range", field=name)
    return number


def written(values: Mapping[str, Any]) -> bytes:
    """A cordiale.toml that holds these values, each with its sentence above it."""
    table = known()
    lines = ["# Settings of this node. Every name is explained in docs/reference/settings.md.", ""]
    for name, value in values.items():
        lines += [f"# {table[name][2]}", f"{name} = {_toml(value)}", ""]
    return "\n".join(lines).encode()


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def reference() -> str:
    """docs/reference/settings.md, whole: every setting with its type, default and sentence."""
    lines = [
        "# Settings",
        "",
        "Defaults < `cordiale.toml` in the home folder < environment "
        "(`CORDIALE_` and the name in capitals) < flag.",
        "A secret is never a setting: settings name the file that holds it. An unknown name is an error.",
        "",
        "| setting | type | default | what it is |",
        "|---|---|---|---|",
    ]
    for name, (kind, default, says) in known().items():
        shown = "(none)" if default in ("", ()) else f"`{_toml(default)}`"
        lines.append(f"| `{name}` | {kind.replace('tuple[str, ...]', 'list of text')} | {shown} | {says} |")
    lines += [
        "",
        "Read elsewhere: `CORDIALE_HOME` (the home folder, as `--home`), `DEMO_ONCE` and "
        "`CORDIALE_DEMO_PORTS` (`cordiale demo`).",
        "",
    ]
    return "\n".join(lines)
