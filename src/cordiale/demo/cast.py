"""Who plays: three real Sides, invented people. No person, telephone number or event here is real.

Demonstration, not endorsed by any agency named in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DISCLAIMER: Final = "DEMONSTRATION with invented people and events; not endorsed by any agency."
PASSPHRASE: Final = "invented phrase for the demonstration only"  # noqa: S105 -- it is printed
PASSWORD: Final = "four invented words together"  # noqa: S105 -- printed by the demonstration for its invented people


@dataclass(frozen=True, slots=True)
class Player:
    """One invented person: sign-in name, name, authority, roles."""

    login: str
    name: str
    authority: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Troupe:
    """One node: its Side, authorities and invented people. The first person administers."""

    key: str
    side: str
    authorities: tuple[str, ...]
    name: str
    zone: str
    players: tuple[Player, ...]

    @property
    def node(self) -> str:
        return f"{self.side}-{self.authorities[0]}".lower()


UK: Final = Troupe(
    "uk",
    "UK",
    ("home-office", "border-force", "hm-coastguard", "nca"),
    "Home Office (demonstration)",
    "Europe/London",
    (
        Player("uk.admin", "Ivy Ashdown (invented)", "home-office", ("administrator",)),
        Player("uk.desk", "Noor Penhaligon (invented)", "home-office", ("officer", "supervisor")),
        Player("uk.watch", "Tom Ferrybridge (invented)", "hm-coastguard", ("duty_officer",)),
        Player("uk.border", "Gwen Marsh (invented)", "border-force", ("officer",)),
    ),
)
FR: Final = Troupe(
    "fr",
    "FR",
    ("police-judiciaire", "oltim", "cross-gris-nez"),
    "Services français (démonstration)",
    "Europe/Paris",
    (
        Player("fr.admin", "Hugo Vasseur (inventé)", "police-judiciaire", ("administrator",)),
        Player("fr.desk", "Claire Delaroche (inventée)", "police-judiciaire", ("officer", "supervisor")),
        Player("fr.watch", "Yann Le Goff (inventé)", "cross-gris-nez", ("duty_officer",)),
    ),
)
FRONTEX: Final = Troupe(
    "frontex",
    "FRONTEX",
    ("frontex", "frontex-fro"),
    "Frontex (demonstration)",
    "Europe/Warsaw",
    (
        Player("fx.admin", "Marta Zielna (invented)", "frontex", ("administrator",)),
        Player("fx.desk", "Luca Ferrantelli (invented)", "frontex", ("officer", "supervisor")),
        Player("fx.rights", "Ana Corvalho (invented)", "frontex-fro", ("fundamental_rights",)),
    ),
)
TROUPES: Final = (UK, FR, FRONTEX)
