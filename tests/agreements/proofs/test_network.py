"""Do all agreements together keep people from the state they fled, over chains of any length?"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from cordiale.agreements import Register
from cordiale.agreements.gate import decide
from cordiale.agreements.model import Agreement, OnwardRule, Provision
from cordiale.agreements.proofs.network.proving import (
    NetworkCertificate,
    NetworkProof,
    prove_network,
    recheck_network,
)
from cordiale.agreements.proofs.solving import Solver
from cordiale.agreements.question import parse_question
from cordiale.errors import CertificateError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHARED = ("eu-uk-tca-563-operational", "uk-al-2022")


@cache
def register() -> Register:
    return Register.load()


def text(id: str) -> Agreement:
    found = register().agreement(id)
    assert found is not None
    return found


def among(*texts: Agreement, labelled: bool = True) -> Register:
    """The shipped register with these agreements alone; `labelled`: with the law that limits what travels."""
    other = copy.copy(register())
    other.agreements = texts
    if not labelled:
        other.laws = tuple(
            replace(law, provision=tuple(map(_unlabelled, law.provision))) for law in other.laws
        )
    other.texts_digest, other._days = "sha256:" + "7" * 64, {}
    return other


def _unlabelled(line: Provision) -> Provision:
    return replace(line, never_to=frozenset(), travels=(), onward=None)


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver() as kept:
        yield kept


@pytest.fixture(scope="module")
def proved(solver: Solver) -> NetworkProof:
    return prove_network(among(*map(text, SHARED)), NOON, by=solver)


def test_no_chain_of_any_length_tells_a_state_of_its_own_people(proved: NetworkProof) -> None:
    assert proved.holds and proved.certificate is not None
    assert set(proved.certificate.rests_on) == set(SHARED)
    lemmas = {*("origin", "origin-unknown", "origin-claim-unknown", "group"), "labels"}
    lemmas |= {"never-to", "no-onward", "asked-first"}
    assert all(set(each) == lemmas for each in proved.certificate.rests_on.values())


def test_the_certificate_says_who_may_hold_something_about_whose_people(proved: NetworkProof) -> None:
    found = proved.certificate
    assert found is not None and found.bare == {}
    assert "AL" in found.limited["FR"] and "AL" in found.limited["UK"]
    assert "AL" not in found.limited.get("AL", ()), "and Albania nothing about those who fled it"


# ---------------------------------------------------------------------- a node that does not keep limits


def test_a_node_that_does_not_keep_limits_is_found_with_the_chain(solver: Solver) -> None:
    known = among(*map(text, SHARED))
    found = prove_network(known, NOON, by=solver, heedless=frozenset({"UK"}))
    assert found.status == "refuted" and not found.holds
    (route,) = found.routes
    assert route.origin == "AL"
    first, last = route.hops
    assert {"never_to": ["AL"]} not in first.request["items"][0]["handling"]["restrictions"]
    assert any(name == "never_to" and "AL" in sides for name, sides in first.answer.travels)
    assert first.heeds and not last.heeds, "it is the second node that passes it on all the same"


# ---------------------------------------------------------------------- the planted chain of three hops


def bilateral(id: str, line: Provision, sides: tuple[Any, Any], basis: Any) -> Agreement:
    """An invented treaty between two Sides, with one line of a shipped text, one way."""
    start, end = (one.code for one in sides)
    emergency = OnwardRule(rule="ask_or_emergency_then_tell", article="(invented) Art 3")
    mine = replace(
        line,
        directions=frozenset({f"{start}>{end}"}),
        onward=emergency,
        origin=None,
        travels=(),
        confidence="confirmed",
    )
    row = replace(
        basis, mode="instrument", data="yes", records=(), regimes=frozenset({"crime", "immigration"})
    )
    return replace(
        text("eu-uk-tca-563-operational"),
        id=id,
        title=f"(invented) {id}",
        side=sides,
        provision=(mine,),
        basis=((f"{start}_to_{end}", (row,)),),
    )


def three() -> tuple[Agreement, Agreement, Agreement]:
    """The United Kingdom tells France, France tells Italy, Italy tells Albania: no treaty closes the ring."""
    tca, al = text("eu-uk-tca-563-operational"), text("uk-al-2022")
    uk, eu = tca.side
    fr, it = replace(eu, code="FR", bloc=False), replace(eu, code="IT", bloc=False)
    albania = next(one for one in al.side if one.code == "AL")
    crime = next(p for p in tca.provision if p.id == "563-1")
    row = tca.basis[0][1][0]
    return (
        bilateral("invented-uk-fr", crime, (uk, fr), row),
        bilateral("invented-fr-it", crime, (fr, it), row),
        bilateral("invented-it-al", crime, (it, albania), row),
    )


@pytest.fixture(scope="module")
def leaking(solver: Solver) -> NetworkProof:
    return prove_network(among(*three(), labelled=False), NOON, by=solver, begun_by="UK")


def test_without_labels_a_planted_leak_of_three_hops_is_found_as_a_route(leaking: NetworkProof) -> None:
    assert leaking.status == "refuted"
    (route,) = leaking.routes
    ways = [(hop.request["from"]["side"], hop.request["to"]["side"]) for hop in route.hops]
    assert route.origin == "AL" and ways == [("UK", "FR"), ("FR", "IT"), ("IT", "AL")]
    begun = route.hops[0].request["subjects"][0]
    assert begun["nationality"] == ["AL"] and begun["protection"] in (
        "claim_pending",
        "granted",
        "appeal_pending",
        "serious_risk",
    )


def test_every_hop_of_a_route_is_permitted_by_the_gate(leaking: NetworkProof) -> None:
    known = among(*three(), labelled=False)
    for hop in leaking.routes[0].hops:
        papered = known.supposing(hop.papers) if hop.papers else known
        assert "i1" in decide(parse_question(hop.request), papered, NOON).leaves


def test_what_came_with_one_hop_goes_with_the_next(leaking: NetworkProof) -> None:
    first, second, _ = leaking.routes[0].hops
    item = second.request["items"][0]
    assert item["category"] == first.request["items"][0]["category"]
    assert item["origin"]["owner"].startswith("UK/")
    assert item["origin"]["received_under"] == "invented-uk-fr/563-1"
    names = {one if isinstance(one, str) else next(iter(one)) for one in item["handling"]["restrictions"]}
    assert names == {name for name, _ in first.answer.travels}


def test_a_route_names_the_articles_in_json(leaking: NetworkProof) -> None:
    told = leaking.as_json()["network"]
    assert told["certificate"] is None and told["rechecked"] is False
    hops = told["routes"][0]["hops"]
    assert [hop["agreement"] for hop in hops] == ["invented-uk-fr", "invented-fr-it", "invented-it-al"]
    assert all(hop["article"] for hop in hops)


def test_with_the_labels_the_same_three_treaties_leak_nothing(solver: Solver) -> None:
    found = prove_network(among(*three()), NOON, by=solver)
    assert found.holds, found.why


# ---------------------------------------------------------------------- the receiver


def test_a_receiver_follows_the_certificate_from_its_bytes(proved: NetworkProof) -> None:
    assert proved.certificate is not None
    again = NetworkCertificate.from_json(proved.certificate.as_json())
    assert again == proved.certificate
    recheck_network(again, among(*map(text, SHARED)), NOON)


def test_a_certificate_with_one_proof_altered_is_refused(proved: NetworkProof) -> None:
    told = copy.deepcopy(proved.certificate.as_json()) if proved.certificate else {}
    told["rests_on"]["uk-al-2022"]["never-to"]["proof"].pop()
    with pytest.raises(CertificateError):
        recheck_network(NetworkCertificate.from_json(told), among(*map(text, SHARED)), NOON)


def test_a_certificate_that_leaves_out_an_agreement_or_a_lemma_is_refused(proved: NetworkProof) -> None:
    assert proved.certificate is not None
    known = among(*map(text, SHARED))
    whole = proved.certificate
    for lemma in ("labels", "never-to", "origin"):
        fewer = {id: {n: c for n, c in each.items() if n != lemma} for id, each in whole.rests_on.items()}
        with pytest.raises(CertificateError):
            recheck_network(replace(whole, rests_on=fewer), known, NOON)
    with pytest.raises(CertificateError, match="closed"):
        recheck_network(replace(whole, rests_on={}), known, NOON)


@pytest.mark.parametrize("field", ["texts", "origins", "limited"])
def test_a_certificate_of_something_else_is_refused_by_field(proved: NetworkProof, field: str) -> None:
    assert proved.certificate is not None
    wrong: dict[str, Any] = {"texts": "sha256:" + "8" * 64, "origins": ("RS",), "limited": {}}
    with pytest.raises(CertificateError) as refused:
        recheck_network(replace(proved.certificate, **{field: wrong[field]}), among(*map(text, SHARED)), NOON)
    assert refused.value.field == field


@pytest.mark.parametrize("field", ["format", "rests_on", "limited", "until"])
def test_a_certificate_with_a_field_missing_or_of_another_kind_is_refused(
    proved: NetworkProof, field: str
) -> None:
    told = proved.certificate.as_json() if proved.certificate else {}
    for wrong in ({n: v for n, v in told.items() if n != field}, told | {field: 7.5}):
        with pytest.raises(CertificateError) as refused:
            NetworkCertificate.from_json(wrong)
        assert refused.value.field == field
