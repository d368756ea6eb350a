"""Who a person is here: roles, what each role may do, and the account that holds them.

A visitor has no executive verb and an end date (UK-Frontex working arrangement WA-05); whoever administers
sees no content.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cordiale.errors import AccountError

LOGIN_CHARS_MAX: Final = 60


class OfficerRole(StrEnum):
    """What a person is here for. A person may hold several."""

    OFFICER = "officer"
    DUTY_OFFICER = "duty_officer"
    ANALYST = "analyst"
    EXAMINER = "examiner"
    STATISTICIAN = "statistician"
    LAWYER = "lawyer"
    SUPERVISOR = "supervisor"
    DATA_PROTECTION = "data_protection"
    FUNDAMENTAL_RIGHTS = "fundamental_rights"
    ADMINISTRATOR = "administrator"
    VISITING_OBSERVER = "visiting_observer"
    VISITING_COORDINATOR = "visiting_coordinator"
    VISITING_ADVISER = "visiting_adviser"
    VISITING_LIAISON = "visiting_liaison"


class Verb(StrEnum):
    """What a page asks leave for. `EXECUTIVE` bears on a person: never a visitor's, never a machine's."""

    ASK = "ask"  # put a question to the gate
    READ = "read"  # see content
    WRITE = "write"  # compose and send
    RELEASE = "release"  # recall, restrict, correct, replay
    EXECUTIVE = "executive"  # confirm a match, close a distress
    RESCUE = "rescue"  # open and confirm distress
    OVERSEE = "oversee"  # decisions of others, holds
    LEDGER = "ledger"  # verify and export
    ACCOUNTS = "accounts"  # people, peers, settings
    LAW = "law"  # sign, activate, resume and end agreements


_OFFICE: Final = frozenset({Verb.ASK, Verb.READ, Verb.WRITE, Verb.RELEASE, Verb.RESCUE})
_VISITOR: Final = frozenset({Verb.ASK, Verb.READ})
MAY: Final[Mapping[OfficerRole, frozenset[Verb]]] = MappingProxyType(
    {
        OfficerRole.OFFICER: _OFFICE,
        OfficerRole.DUTY_OFFICER: _OFFICE | {Verb.EXECUTIVE},
        OfficerRole.ANALYST: _OFFICE - {Verb.RELEASE},
        OfficerRole.EXAMINER: _OFFICE | {Verb.EXECUTIVE},
        OfficerRole.STATISTICIAN: frozenset({Verb.ASK}),
        OfficerRole.LAWYER: frozenset({Verb.ASK, Verb.LEDGER, Verb.LAW}),
        OfficerRole.SUPERVISOR: _OFFICE | {Verb.EXECUTIVE, Verb.OVERSEE, Verb.LEDGER, Verb.LAW},
        OfficerRole.DATA_PROTECTION: frozenset(
            {Verb.ASK, Verb.READ, Verb.RELEASE, Verb.OVERSEE, Verb.LEDGER}
        ),
        OfficerRole.FUNDAMENTAL_RIGHTS: frozenset({Verb.ASK, Verb.READ, Verb.OVERSEE, Verb.LEDGER}),
        OfficerRole.ADMINISTRATOR: frozenset({Verb.ACCOUNTS, Verb.LEDGER}),
        OfficerRole.VISITING_OBSERVER: _VISITOR,
        OfficerRole.VISITING_COORDINATOR: _VISITOR | {Verb.WRITE},
        OfficerRole.VISITING_ADVISER: _VISITOR,
        OfficerRole.VISITING_LIAISON: _VISITOR | {Verb.WRITE, Verb.RESCUE},
    }
)
VISITING: Final = frozenset(r for r in OfficerRole if r.value.startswith("visiting_"))
RIGHTS_SIDE: Final = frozenset({OfficerRole.DATA_PROTECTION, OfficerRole.FUNDAMENTAL_RIGHTS})
_CONTENT: Final = frozenset({Verb.READ, Verb.WRITE, Verb.RELEASE})


@dataclass(frozen=True, slots=True)
class Account:
    """One person at this node. `until` is the last day of a visit; None for own staff without an end."""

    id: str
    login: str
    name: str
    authority: str
    roles: frozenset[str]
    until: date | None = None
    language: str = ""
    zone: str = ""
    covered_by: str = ""
    covered_until: date | None = None
    closed: bool = False

    def covered_on(self, day: date) -> str:
        """Who looks after this person's in-tray on a day: an account id, or "" for nobody."""
        return self.covered_by if self.covered_until is None or day <= self.covered_until else ""

    @property
    def verbs(self) -> frozenset[Verb]:
        """What this person may do. Whoever administers sees no content, whatever else they hold."""
        found = frozenset(v for r in self.roles for v in MAY[OfficerRole(r)])
        if OfficerRole.ADMINISTRATOR in self.roles:
            found -= _CONTENT
        # WA-05: deployed staff hold no executive power, whatever other role an account was given by mistake.
        return found - {Verb.EXECUTIVE} if self.visiting else found

    @property
    def sees_every_authority(self) -> bool:
        """Whether this person watches over the whole node: the rights side does, from outside the chain of
        command. A supervisor's reach is, like an officer's, their own authority.
        """
        watches = any(OfficerRole(r) in RIGHTS_SIDE for r in self.roles)
        return watches and self.may(Verb.READ) and not self.visiting

    @property
    def visiting(self) -> bool:
        return any(OfficerRole(r) in VISITING for r in self.roles)

    def may(self, verb: str) -> bool:
        return Verb(verb) in self.verbs


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What must be said of a person first. Raises AccountError when roles and end do not fit."""

    login: str
    name: str
    authority: str
    roles: frozenset[str]
    until: date | None = None
    language: str = ""
    zone: str = ""

    def __post_init__(self) -> None:
        if (
            not 0 < len(self.login) <= LOGIN_CHARS_MAX
            or not self.login.replace(".", "").replace("-", "").isalnum()
        ):
            raise AccountError(f"`{self.login[:60]}` is no sign-in name", field="login", way_out=_LOGIN_SHAPE)
        if not self.name.strip():
            raise AccountError("the name is missing", field="name")
        if not self.authority:
            raise AccountError("the authority is missing", field="authority")
        known = {r.value for r in OfficerRole}
        if not self.roles or not self.roles <= known:
            odd = ", ".join(sorted(self.roles - known)) or "none"
            raise AccountError(
                f"unknown role: {odd}", field="roles", way_out=f"Choose from {', '.join(sorted(known))}."
            )
        visiting = {r for r in self.roles if OfficerRole(r) in VISITING}
        if visiting and self.until is None:
            raise AccountError("a visiting person needs an end date", field="until")
        if visiting and visiting != self.roles:
            raise AccountError("a visiting role goes with no other role", field="roles")


_LOGIN_SHAPE: Final = "Use letters, digits, full stops and hyphens, at most 60."


def named(people: Iterable[Account]) -> dict[str, str]:
    """Id -> name, for pages that show who did what."""
    return {one.id: one.name for one in people}
