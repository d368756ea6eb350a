"""Real nodes with real pages for the page tests: three Sides in one process, one invented night."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import pyotp
from httpx import Response
from litestar.testing import TestClient

from cordiale import payloads
from cordiale.node import Node, people
from cordiale.node.people import NewAccount
from cordiale.simulation import Simulation
from cordiale.web import application

NIGHT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)
PASSWORD = "three green harbour lamps"
SIDES = {
    "UK": ("border-force", "nca", "hm-coastguard"),
    "FR": ("oltim", "cross-gris-nez"),
    "FRONTEX": ("frontex",),
}
PEOPLE = {
    "sam": ("Sam Example (invented)", {"supervisor", "duty_officer"}),
    "kit": ("Kit Example (invented)", {"supervisor"}),
    "chief": ("Chief Example (invented)", {"officer", "supervisor"}),
    "ada": ("Ada Example (invented)", {"administrator"}),
    "vic": ("Vic Example (invented)", {"visiting_observer"}),
    "stat": ("Stat Example (invented)", {"statistician"}),
}

REPORT = {
    "body.case_reference": "UK-2026-0417",
    "body.title": "Hulls and engines moved before dawn (invented)",
    "body.methods": "hulls carried folded in hired vans",
    "body.suspects.0.subject": "s1",
    "body.suspects.0.family_name": "Exempel",
}


@dataclass
class Night:
    """The nodes, and the second factors of the people at the UK's."""

    simulation: Simulation
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def node(self) -> Node:
        return self.simulation.nodes["UK"]

    def code(self, login: str) -> str:
        """A fresh code: time moves on first, because each is taken once."""
        self.simulation.clock.step(61)
        return pyotp.TOTP(self.secrets[login]).at(self.simulation.clock.now())

    def close(self) -> None:
        self.simulation.close()


def night() -> Night:
    """Three nodes that know one another; people with every kind of leave at the UK's."""
    made = Night(Simulation.of(SIDES, seed=7, at=NIGHT))
    for node in made.simulation.nodes.values():
        node.settings = replace(
            node.settings, hold_s=30, demo=True, zone="Europe/Paris", name="Invented node", language="en"
        )
    for login, (name, roles) in PEOPLE.items():
        until = date(2027, 3, 1) if login == "vic" else None
        where = "nca" if login == "chief" else "border-force"
        new = NewAccount(login, name, where, frozenset(roles), until=until)
        _, made.secrets[login] = people.found_account(made.node, new, PASSWORD)
    return made


def with_something_to_read(made: Night) -> Night:
    """A report from France in the UK's in-tray, and a distress that nobody has confirmed."""
    at = made.simulation.clock.now()
    made.simulation.send("FR/oltim", intelligence(), "UK/nca", name="hulls")
    made.simulation.open_distress("FR/cross-gris-nez", distress(at))
    for _ in range(40):
        made.simulation.step()
    made.simulation.settle()
    return made


def intelligence() -> dict[str, Any]:
    """A report about a method, with no person in it."""
    kind = payloads.TYPES["intelligence_report"]
    answers = {
        "case_reference": "FR-2026-77",
        "title": "Hulls and engines (invented)",
        "methods": "folded hulls in vans",
    }
    return {
        "type": kind.id,
        "body": payloads.encode(payloads.fill(kind.models["report"], answers)),
        "asks": {
            "act": "share", "mode": "spontaneous", "urgent": "no", "purpose": "investigate",
            "regime": "crime", "targeting": "individual", "case": "FR-2026-77",
            "offence": {"max_years": 10, "stage": "investigated"},
            "facts": {"judicial_channel_required": False},
            "item": {
                "origin": {"systems": ["national_police"], "obtained": "lawfully", "regime": "crime",
                           "collected_for": "investigate", "owner": "FR/oltim"},
                "handling": {"code": "H0", "classification": "OFFICIAL"},
                "grade": {"scheme": "4x4", "source": "A", "information": "1"},
            },
        },
    }  # fmt: skip


def distress(at: datetime) -> dict[str, Any]:
    """An invented boat."""
    kind = payloads.TYPES["distress_incident"]
    answers = {
        "incident_id": "FR-INVENTED-1", "first_known_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "place": "7 NM north of Gris-Nez", "position.latitude": "50.9512", "position.longitude": "1.4221",
        "persons": "44", "state": "taking_water",
        "telephone_to_ring": "+33 1 99 00 00 16", "centre": "CROSS Gris-Nez (invented watch)",
    }  # fmt: skip
    return payloads.encode(payloads.fill(kind.models["report"], answers))


class Browser:
    """Somebody at the pages, without sockets: reads HTML and sends forms with their token."""

    def __init__(self, made: Night, login: str = "", side: str = "UK") -> None:
        self.night = made
        self.client = TestClient(
            application(made.simulation.nodes[side]),
            base_url="https://127.0.0.1",
            raise_server_exceptions=False,
        )
        self.token = ""
        if login:
            self.sign_in(login)

    def get(self, path: str, **headers: str) -> Response:
        answer = self.client.get(path, headers=headers)
        if found := re.search(r'name="csrf" value="(\w+)"', answer.text):
            self.token = found.group(1)
        return answer

    def post(self, path: str, answers: dict[str, Any] | None = None, **headers: str) -> Response:
        answer = self.client.post(path, data={"csrf": self.token, **(answers or {})}, headers=headers)
        if found := re.search(r'name="csrf" value="(\w+)"', answer.text):
            self.token = found.group(1)
        return answer

    def sign_in(self, login: str, *, password: str = PASSWORD, code: str = "") -> Response:
        self.get("/sign-in")
        words = {"login": login, "password": password, "code": code or self.night.code(login), "next": "/"}
        return self.post("/sign-in", words)
