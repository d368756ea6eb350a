"""Through every permitting line of every agreement: a protected person's own state learns nothing.

All facts favour sending, everybody has signed, every case record is there. All persons are invented.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from agreement_questions import Raw, confirmed, party
from law_questions import known, leaf

import cordiale.agreements
from cordiale.agreements import Register, decide, parse_question
from cordiale.agreements.model import Agreement, Provision

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
RECORDS = Path(cordiale.agreements.__file__).parent / "texts" / "records"
AGAINST = ("life_at_risk", "judicial_channel_required", "rights_violation_serious_or_persistent")
SIGNED = ("match", "identity", "release", "refoulement", "necessity", "minimum", "sign_off")
CASE_RECORDS = ("host_authorisation", "human_rights_check", "independent_consent", "authorisation")
RETURNS = frozenset({"own_national_return", "identity_evidence", "readmission_request"})
FLED = frozenset({"AL", "IQ", "MK", "RS", "XK"})
"""The states of the shipped agreements outside the Union and the United Kingdom: asked in every run."""

OPEN_MIN = 20
"""So many of the same requests must pass when they are about nobody, or the test would prove nothing."""
OPEN_ABOUT_SOMEBODY_MIN = 8
"""So many must pass for somebody unprotected: the lines that let persons pass at all."""


@cache
def generous() -> Register:
    """The shipped texts, with every record of the case loaded that a sender could wish for."""
    with tempfile.TemporaryDirectory() as folder:
        for file in RECORDS.glob("*.toml"):
            shutil.copy(file, folder)
        for to in ("AL", "RS", "IQ"):
            (Path(folder) / f"transfer-{to}.toml").write_text(
                record(f"transfer-{to}", "case_transfer")
                + f'from_side = "UK"\nto_side = "{to}"\nrecipient = "{to}"\n'
                + 'regimes = ["crime", "immigration"]\n'
            )
        for kind in CASE_RECORDS:
            (Path(folder) / f"{kind}.toml").write_text(record(kind, kind))
        return Register.load(None, Path(folder))


def record(id: str, kind: str) -> str:
    """An invented record of case-1."""
    return (
        f'id = "{id}"\nkind = "{kind}"\nissued_by = "invented"\ntitle = "Invented"\narticle = "Invented"\n'
        'sentence = "Invented."\nsource = "invented"\nconfidence = "confirmed"\n'
        'from = 2024-01-01\nknown_from = 2024-01-01\ncase = "case-1"\n'
    )


def facts() -> Raw:
    """Every yes-or-no fact as a sender would like it."""
    yes = {name: True for name, kind in generous().fact_types.items() if kind == "bool"}
    return yes | dict.fromkeys(AGAINST, False) | {"days_since_arrival": 3}


def bodies(text: Agreement, code: str) -> tuple[str, str] | None:
    """(state, authority): the first body of the register that the agreement names for an end."""
    state = "FR" if code == "EU" else code
    named = [a for side in text.side if side.code in (state, "EU") for a in side.authority]
    for each in generous().authorities:
        fits = any(a.id == each.id or (a.kind and a.kind == each.kind) for a in named)
        if each.side == state and fits and each.kind not in ("rights", "rescue"):
            return state, each.id
    return None


def asked(
    text: Agreement, line: Provision, direction: str, *, about: tuple[str, ...] = ("s1",), **who: str
) -> Iterator[Raw]:
    """One request for each type and act of the line, all granted categories tied to one person, or to
    nobody."""
    start, _, end = direction.partition(">")
    sender, recipient = bodies(text, start), bodies(text, end)
    if sender is None or recipient is None or len(recipient[0]) != len("UK"):
        return
    person = known(role=min(line.roles, default="other"), nationality=[recipient[0]], **who)
    for information in sorted(line.types):
        regime = "crime" if "crime" in line.regimes else min(line.regimes, default="none")
        regime = "immigration" if information in RETURNS else regime
        purpose = min(line.purposes)
        items = [
            leaf(
                category,
                "/".join(sender),
                purpose=purpose,
                regime=regime,
                subjects=list(about),
                transformable=["blur", "mask", "crop", "generalise", "aggregate"],
                sensitive={"condition": "invented", "policy_document": "invented"},
                aggregate={"smallest_cell": 50},
            )
            for category in sorted(line.granted)
        ]
        for act in sorted(line.acts):
            yield {
                "id": "q1",
                "act": act,
                "type": information,
                "asked_basis": f"{text.id}/{line.id}",
                "case": "case-1",
                "channel": min(line.channel, default="node"),
                "from": party("/".join(sender)),
                "to": party("/".join(recipient)),
                "automated": "no",
                "purpose": purpose,
                "regime": regime,
                "offence": {"law": "UK", "code": "facilitation", "max_years": 14, "stage": "suspected"},
                "targeting": "individual",
                "modality": "stored",
                "subjects": [person],
                "items": items,
                "facts": facts(),
                "confirmations": [confirmed(what, f"{what}-{n}") for what in SIGNED for n in (1, 2)],
            }


def told(ends: frozenset[str], **who: Any) -> list[tuple[str, str, str, str]]:
    """Where something left for one of these ends (none named: for any): (line, direction, type, act)."""
    return [
        (q["asked_basis"], direction, q["type"], q["act"])
        for text in generous().agreements
        for line in text.provision
        if line.effect == "permit"
        for direction in sorted(line.directions)
        if not ends or direction.partition(">")[2] in ends
        for q in asked(text, line, direction, **who)
        if decide(parse_question(q), generous(), AT).leaves
    ]


@pytest.mark.law("REF-33")
@pytest.mark.parametrize(
    "protection", ["claim_pending", "appeal_pending", "granted", "serious_risk", "unknown"]
)
def test_no_line_of_any_agreement_tells_a_state_about_somebody_who_fled_it(protection: str) -> None:
    """Art 33: by no line, act, type, lesser form or signature."""
    assert told(FLED, protection=protection) == []


@pytest.mark.long
@pytest.mark.law("REF-33")
@pytest.mark.parametrize("protection", ["claim_pending", "granted", "unknown"])
def test_nor_does_any_line_between_the_union_and_the_united_kingdom(protection: str) -> None:
    """Art 33: a member of the Union can be the state fled from."""
    assert told(frozenset(), protection=protection) == []


@pytest.mark.law("REF-33")
def test_the_same_requests_pass_for_somebody_unprotected() -> None:
    """Else the tests above would prove nothing."""
    assert len(told(FLED, protection="none")) >= OPEN_ABOUT_SOMEBODY_MIN
    assert len(told(FLED, protection="none", about=())) >= OPEN_MIN
