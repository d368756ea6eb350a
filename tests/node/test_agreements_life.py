"""From a text to an agreement in force: signed by all, proved, re-checked, suspended, ended. All invented."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from cordiale.agreements.proofs.ahead import prove_ahead
from cordiale.agreements.proofs.certificate import Certificate
from cordiale.agreements.proofs.network.proving import prove_network
from cordiale.agreements.register import SHIPPED, Register
from cordiale.agreements.signed import Parcel, Signed
from cordiale.demo import papers as invented
from cordiale.errors import AccountError, AgreementFileError, CertificateError, IdentityError, UsageError
from cordiale.ledger import Entry, Kind
from cordiale.ledger.tables import entries
from cordiale.node import agreements_active as active
from cordiale.node import agreements_counting as counting
from cordiale.node import agreements_kept as kept
from cordiale.node import agreements_signed as signing
from cordiale.node import agreements_standing as standing
from cordiale.node import keeping, network_proved, reports
from cordiale.node.home import offline_key
from cordiale.node.node import Node
from cordiale.officers import Account
from cordiale.seals import SigningKeys
from cordiale.simulation import Simulation
from tests.agreements.proofs.test_network import SHARED, among
from tests.agreements.proofs.test_network import text as shared

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
ID, FILE = "uk-fr-2026-2029", "border-deal.toml"
SHIPS = (SHIPPED / "agreements" / f"{ID}.toml").read_text("utf-8")
WHY = "an invented check"
BASIS = "eu-uk-tca-563-operational"


def text(version: int = 2) -> str:
    """The shipped text under a number of its own: by that alone it is another text."""
    return SHIPS.replace("\nversion = 1\n", f"\nversion = {version}\n")


def spoilt() -> str:
    """A planted hole: ordinary acts go on after the end and in a suspension."""
    return text().replace("\nkind = ", '\ncontinues_after_end = ["share"]\nkind = ', 1)


def parcel(words: str) -> Parcel:
    return Parcel(FILE, words.encode())


def person(name: str, role: str) -> Account:
    return Account(f"{name.lower()}0000", name.lower(), f"{name} (invented)", "nca", frozenset({role}))


LEA, LIV, OLU = person("Lea", "lawyer"), person("Liv", "supervisor"), person("Olu", "officer")
GRACE = person("Grace", "fundamental_rights")
TWO = (LEA, LIV)


@pytest.fixture
def made() -> Iterator[Simulation]:
    sides = {"UK": ("home-office",), "FR": ("police-judiciaire",)}
    with Simulation.of(sides, seed=5, at=AT) as simulation:
        yield simulation


@pytest.fixture
def uk(made: Simulation) -> Node:
    return made.nodes["UK"]


@pytest.fixture
def fr(made: Simulation) -> Node:
    return made.nodes["FR"]


def state(node: Node, version: int = 2) -> str:
    return next(one["state"] for one in standing.status(node, ID) if one["version"] == version)


def told(node: Node) -> list[tuple[str, str]]:
    """(state, outcome) of every entry of the ledger about agreements, but for what was loaded."""

    def read(tx: Connection) -> list[Entry]:
        query = select(entries.c.leaf).where(entries.c.kind == Kind.AGREEMENT.value)
        return [Entry.from_leaf(one) for one in tx.execute(query.order_by(entries.c.entry_index)).scalars()]

    facts = [one.facts for one in node.store.read(read)]
    return [(str(one["state"]), str(one.get("outcome", ""))) for one in facts if one["state"] != "loaded"]


def version_in_force(node: Node) -> int:
    found = node.register.agreement(ID)
    assert found is not None
    return found.version


@cache
def certificates() -> tuple[Certificate, ...]:
    """Those of the honest text, found once."""
    honest = parcel(text()).text()
    register = Register.load().counting([honest], digests=["invented"])
    ahead = prove_ahead(honest, register, AT)
    assert ahead.holds
    return ahead.certificates


def signed_by(node: Node, words: str) -> Signed:
    """A signature that somebody makes with the Side's key and without Cordiale's leave."""
    keys = SigningKeys.from_bytes(offline_key(node.home, node.vault, "side", node.world.disk))
    return Signed.issue(parcel(words).text(), keys, side=node.side, at=AT, by=("Mallory", "Marvin"))


def forged(node: Node, words: str, *, proofs: tuple[Certificate, ...] | None = None) -> bytes:
    """A parcel that a node without scruples hands over."""
    proofs = certificates() if proofs is None else proofs
    return replace(parcel(words), signatures=(signed_by(node, words),), certificates=proofs).to_bytes()


# ------------------------------------------------------------------------------ from draft to force


def test_a_text_is_in_force_once_all_sides_have_signed_it_and_each_node_has_proved_it(
    uk: Node, fr: Node
) -> None:
    from_uk = signing.sign(uk, TWO, parcel(text()))
    assert state(uk) == "signed" and version_in_force(uk) == 1
    with pytest.raises(UsageError, match="FR has not signed"):
        active.activate(uk, TWO, ID)

    taken = signing.take(fr, LEA, from_uk.to_bytes())
    assert taken["rechecked"] and taken["missing"] == ["FR"] and taken["certificates"] == len(certificates())
    both = signing.sign(fr, TWO, signing.parcel_of(fr, ID, 2))
    assert [one.side for one in both.signatures] == ["FR", "UK"]
    signing.take(uk, LEA, both.to_bytes())

    for node in (uk, fr):
        active.activate(node, TWO, ID)
        assert state(node) == "in_force" and version_in_force(node) == 2
        assert state(node, 1) == "replaced"
        assert {("proved", "holds"), ("rechecked", "holds"), ("network", "holds")} <= {*told(node)}
        assert told(node)[-1] == ("activated", "")
    assert uk.register.texts_digest == fr.register.texts_digest
    with pytest.raises(UsageError, match="is in force since 2026-11-23"):
        active.activate(uk, TWO, ID)


def test_what_was_activated_still_counts_after_the_node_was_opened_anew(uk: Node, fr: Node) -> None:
    in_force(uk, fr)
    digest, uk.register = uk.register.texts_digest, uk.files
    assert uk.files.texts_digest != digest
    counting.recount(uk)
    assert version_in_force(uk) == 2 and uk.register.texts_digest == digest


def test_a_later_day_comes_by_itself(made: Simulation, uk: Node, fr: Node) -> None:
    in_force(uk, fr, on=date(2026, 11, 25))
    assert version_in_force(uk) == 1
    keeping.keep(uk)
    assert version_in_force(uk) == 1
    made.step(2 * 86_400)
    keeping.keep(uk)
    assert version_in_force(uk) == 2


def test_what_passes_before_today_and_an_older_number_than_the_one_in_force_are_refused(
    uk: Node, fr: Node
) -> None:
    with pytest.raises(UsageError, match="has passed"):
        in_force(uk, fr, on=date(2026, 11, 22))
    active.activate(uk, TWO, ID)
    exchanged(uk, fr, text(3))
    active.activate(uk, TWO, ID)
    with pytest.raises(UsageError, match="version 3 of `uk-fr-2026-2029` was in force"):
        active.activate(uk, TWO, ID, version=2)


def in_force(uk: Node, fr: Node, on: date | None = None) -> None:
    exchanged(uk, fr, text())
    active.activate(uk, TWO, ID, on=on)


def exchanged(uk: Node, fr: Node, words: str) -> None:
    """Both have signed, and the UK holds both signatures. France's proof is found elsewhere."""
    signing.sign(uk, TWO, parcel(words))
    other = replace(parcel(words), signatures=(signed_by(fr, words),))
    at = uk.contact.moment()
    uk.store.write(lambda tx: kept.keep_signature(tx, other.signatures[0], at=at))


# ------------------------------------------------------------------------------ what is refused


def test_a_text_with_a_hole_is_not_signed_and_the_request_that_breaks_it_is_told(uk: Node) -> None:
    with pytest.raises(UsageError, match="suspended") as wrong:
        signing.sign(uk, TWO, parcel(spoilt()))
    assert "share of" in str(wrong.value) and "it leaves under" in str(wrong.value)
    assert told(uk) == [("proved", "refused")]
    assert uk.store.read(kept.kept) == []


def test_a_partner_refuses_a_text_with_a_hole_because_its_own_checker_says_so(uk: Node, fr: Node) -> None:
    with pytest.raises(CertificateError, match="our own checker refuses the proof") as wrong:
        signing.take(fr, LEA, forged(uk, spoilt()))
    assert wrong.value.field == "statement"
    assert told(fr) == [("rechecked", "refused")]
    assert fr.store.read(kept.kept) == []
    with pytest.raises(UsageError, match="no signed text"):
        active.activate(fr, TWO, ID)
    assert version_in_force(fr) == 1


def test_a_hole_behind_forged_signatures_of_all_is_not_activated_either(uk: Node, fr: Node) -> None:
    """Somebody has both keys, and the database: the proof is found anew, and there is none."""
    at = fr.contact.moment()

    def act(tx: Connection) -> None:
        kept.keep_text(tx, parcel(spoilt()), at=at)
        for node in (uk, fr):
            kept.keep_signature(tx, signed_by(node, spoilt()), at=at)

    fr.store.write(act)
    with pytest.raises(UsageError, match="share of"):
        active.activate(fr, TWO, ID)
    assert version_in_force(fr) == 1 and told(fr) == [("proved", "refused")]


def test_a_text_that_is_sound_alone_and_leaks_with_the_others_is_not_activated(
    uk: Node, fr: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchanged(uk, fr, text())
    leak = prove_network(among(*map(shared, SHARED)), AT, heedless=frozenset({"UK"}))
    monkeypatch.setattr(network_proved, "proved", lambda register, at: network_proved.Whole(leak, {}))
    with pytest.raises(UsageError, match=r"with the others: .*reaches"):
        active.activate(uk, TWO, ID)
    assert version_in_force(uk) == 1 and told(uk)[-1] == ("network", "refused")


def test_a_solver_that_has_no_time_activates_nothing(uk: Node, fr: Node) -> None:
    exchanged(uk, fr, text())
    with pytest.raises(UsageError, match="proofs are missing"):
        active.activate(uk, TWO, ID, cap_s=0.000001)
    assert version_in_force(uk) == 1


def cut(proof: list[list[int]]) -> list[list[int]]:
    return proof[:-2] + proof[-1:] if len(proof) > 1 else [[1, 0]]


ALTERED = {
    "a step is missing": lambda one: replace(one, proof=cut(one.proof)),
    "of another agreement": lambda one: replace(one, about=replace(one.about, agreement="uk-rs-oic")),
    "of another version": lambda one: replace(one, about=replace(one.about, version=1)),
    "of other clauses": lambda one: replace(one, clauses="sha256:" + "0" * 64),
    "of another safeguard": lambda one: replace(one, safeguard="rescue"),
    "of a day that has passed": lambda one: replace(
        one, about=replace(one.about, from_=date(2020, 1, 1), until=date(2020, 1, 2))
    ),
}


@pytest.mark.parametrize("how", ALTERED)
def test_a_certificate_that_was_altered_is_refused_and_the_ledger_says_so(
    uk: Node, fr: Node, how: str
) -> None:
    first, *rest = certificates()
    with pytest.raises(CertificateError):
        signing.take(fr, LEA, forged(uk, text(), proofs=(ALTERED[how](first), *rest)))
    assert told(fr) == [("rechecked", "refused")]


def test_a_parcel_without_proofs_is_refused(uk: Node, fr: Node) -> None:
    with pytest.raises(CertificateError, match="no certificate speaks of 2026-11-23"):
        signing.take(fr, LEA, forged(uk, text(), proofs=()))


def test_signatures_are_held_against_text_party_and_key(uk: Node, fr: Node) -> None:
    honest, ours = signed_by(uk, text()), signed_by(fr, text())

    def with_signature(one: Signed) -> bytes:
        return replace(parcel(text()), signatures=(one,), certificates=certificates()).to_bytes()

    with pytest.raises(AgreementFileError, match="is not party"):
        signing.take(fr, LEA, with_signature(replace(honest, side="RS")))
    with pytest.raises(AgreementFileError, match="signed `uk-fr-2026-2029`, version 3"):
        signing.take(fr, LEA, with_signature(signed_by(uk, text(3))))
    with pytest.raises(IdentityError, match="the key of UK did not sign this"):
        signing.take(fr, LEA, with_signature(replace(honest, by=("Ada", "Mallory"))))
    with pytest.raises(IdentityError, match="the key of UK did not sign this"):
        signing.take(fr, LEA, with_signature(replace(ours, side="UK")))
    with pytest.raises(AgreementFileError, match="nobody has signed"):
        signing.take(fr, LEA, replace(parcel(text()), certificates=certificates()).to_bytes())
    assert fr.store.read(kept.kept) == []


def test_two_texts_of_one_number_are_refused(uk: Node, fr: Node) -> None:
    signing.sign(uk, TWO, parcel(text()))
    other = text().replace("announced at Dunkirk", "told at Dunkirk")
    with pytest.raises(AgreementFileError, match="has a version 2 already"):
        signing.sign(uk, TWO, parcel(other))
    shipped = SHIPS.replace("announced at Dunkirk", "told at Dunkirk")
    with pytest.raises(AgreementFileError, match="has a version 1 already"):
        signing.sign(uk, TWO, parcel(shipped))


def test_a_text_of_others_and_one_with_a_wrong_pointer_are_not_signed(uk: Node, fr: Node) -> None:
    foreign = (SHIPPED / "agreements" / "eu-uk-tca-563-operational.toml").read_text("utf-8")
    wrong = text().replace('\nid = "home-office"', '\nid = "home-ofice"')
    with pytest.raises(AgreementFileError, match="home-ofice"):
        signing.sign(uk, TWO, parcel(wrong))
    law = next((SHIPPED / "laws").glob("*.toml")).read_text("utf-8")
    with pytest.raises(AgreementFileError, match="is a law"):
        signing.sign(uk, TWO, parcel(law))
    with pytest.raises(AgreementFileError, match="is not party"):
        signing.sign(fr, TWO, parcel(foreign))


def test_two_different_people_of_the_right_role_sign_and_activate(uk: Node) -> None:
    for wrong in ((LEA, LEA), (LEA, OLU), (OLU, LIV)):
        with pytest.raises(AccountError):
            signing.sign(uk, wrong, parcel(text()))
        with pytest.raises(AccountError):
            active.activate(uk, wrong, ID)
        with pytest.raises(AccountError):
            active.resume(uk, wrong, BASIS, "an invented reason")
    with pytest.raises(AccountError):
        signing.take(uk, OLU, b"{}")
    with pytest.raises(AccountError):
        active.suspend(uk, OLU, BASIS, "an invented reason")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"format":1}',
        b'{"certificates":[],"file":"../x.toml","format":1,"signatures":[],"text":""}',
        b'{"certificates":[],"file":"x.toml","format":2,"signatures":[],"text":""}',
        b'{"certificates":[],"file":"x.toml","format":1,"signatures":[],"text":"!"}',
        b'{"certificates":[],"file":"x.toml","format":1,"signatures":{},"text":""}',
        b'{"certificates":[1],"file":"x.toml","format":1,"signatures":[],"text":""}',
        b'{"certificates":[{}],"file":"x.toml","format":1,"signatures":[],"text":""}',
        b'{"certificates":[],"file":"x.toml","format":1,"signatures":[{}],"text":""}',
    ],
)
def test_what_is_no_signed_text_is_refused_with_its_field(fr: Node, raw: bytes) -> None:
    with pytest.raises((AgreementFileError, CertificateError)) as wrong:
        signing.take(fr, LEA, raw)
    assert wrong.value.field


# ------------------------------------------------------------------------------ suspended and ended


def report(made: Simulation) -> Any:
    return made.send("FR/police-judiciaire", invented.network_report(made.clock.now()), "UK/home-office")


def test_one_person_suspends_at_once_and_rescue_goes_on(made: Simulation, uk: Node, fr: Node) -> None:
    assert report(made).verdict != "refuse"
    active.suspend(fr, GRACE, BASIS, "people were pushed back (invented)")
    refused = report(made)
    assert refused.verdict == "refuse" and "people were pushed back" in refused.sentence
    assert told(fr)[-1] == ("suspended", "")
    with pytest.raises(UsageError, match="it is suspended already"):
        active.suspend(fr, GRACE, BASIS, "again")
    assert made.open_distress("FR/police-judiciaire", invented.distress_call(AT)).centres
    active.resume(fr, TWO, BASIS, "it was looked into (invented)")
    assert report(made).verdict != "refuse"


def test_what_another_process_did_is_taken_up_by_the_keeper(made: Simulation, fr: Node) -> None:
    found = fr.register.agreement(BASIS)
    assert found is not None
    step = active.step_of(fr, found, active.Act.SUSPENDED, (LEA,), reason="an invented reason")
    fr.store.write(lambda tx: kept.keep_step(tx, step))
    assert report(made).verdict != "refuse"
    keeping.keep(fr)
    assert report(made).verdict == "refuse"


def test_a_suspension_needs_a_reason_and_something_that_is_there(fr: Node) -> None:
    with pytest.raises(UsageError, match="why is it done"):
        active.suspend(fr, LEA, BASIS, "  ")
    with pytest.raises(UsageError, match="more than 500"):
        active.suspend(fr, LEA, BASIS, "x" * 501)
    with pytest.raises(UsageError, match="no agreement"):
        active.suspend(fr, LEA, "nothing", "why not")
    with pytest.raises(UsageError, match="it is not suspended"):
        active.resume(fr, TWO, BASIS, "why not")


@pytest.mark.parametrize("reason", ['a "quoted" reason', "two\nlines", "a \\ and \x7f", "día", "'''"])
def test_a_reason_is_kept_word_for_word(made: Simulation, fr: Node, reason: str) -> None:
    active.suspend(fr, LEA, BASIS, reason)
    (stop,) = (one for one in fr.register.records if one.kind == "suspension")
    assert stop.ground == reason.strip()


def test_what_came_under_an_agreement_that_ends_is_kept_or_erased(made: Simulation, uk: Node) -> None:
    report(made)
    made.settle()
    node, officer = made.officer("UK/home-office")
    (line,) = reports.inbox(node, officer)
    with pytest.raises(UsageError, match="no treatment"):
        active.end(uk, TWO, BASIS, "an invented end", treatment="forget")
    active.end(uk, TWO, BASIS, "an invented end", treatment="keep")
    assert reports.open_message(node, officer, line.reference, purpose=WHY).body
    assert report(made).verdict != "refuse", "the other Side has not ended it"
    with pytest.raises(UsageError, match="it has ended already"):
        active.end(uk, TWO, BASIS, "an invented end", treatment="erase")


def test_what_came_is_erased_where_the_end_says_so_and_the_proof_stays(made: Simulation, uk: Node) -> None:
    report(made)
    made.settle()
    node, officer = made.officer("UK/home-office")
    (line,) = reports.inbox(node, officer)
    assert active.end(uk, TWO, BASIS, "an invented end", treatment="erase")["erased"] == 1
    assert not reports.open_message(node, officer, line.reference, purpose=WHY).body
    assert made.audit() == []


# ------------------------------------------------------------------------------ a node's own folder


def test_a_text_in_the_nodes_own_folder_waits_until_it_is_activated(tmp_path: Path, uk: Node) -> None:
    for name in ("agreements", "laws"):
        (tmp_path / name).mkdir()
    for path in SHIPPED.rglob("*.toml"):
        place = tmp_path / path.relative_to(SHIPPED)
        place.parent.mkdir(exist_ok=True, parents=True)
        place.write_bytes(path.read_bytes())
    (tmp_path / "agreements" / f"{ID}.toml").write_text(text(), "utf-8")
    uk.settings, uk.files = replace(uk.settings, texts=str(tmp_path)), Register.load(tmp_path)
    counting.recount(uk)
    assert uk.register.agreement(ID) is None and [one.id for one in counting.waiting(uk)] == [ID]
    assert state(uk) == "waits"
    assert uk.register.agreement(BASIS) is not None, "what ships counts as it ships"
