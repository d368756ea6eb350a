"""The twelve steps, one by one: who fails where, with which article, and what still leaves."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cordiale.agreements import Register
from cordiale.exchange.travelling import travelling
from cordiale.terms import Verdict
from tests.agreements.gate_factories import (
    AT,
    STATED,
    agreement,
    answer,
    fields,
    item,
    origin,
    person,
    provision,
    record,
    steps,
    world,
)

LAW_LINE = (
    '[[provision]]\nid = "{id}"\narticle = "Law {id}"\nsentence = "Invented law '
    '{id}."\neffect = "{effect}"\n{lines}\n'
)


def law_line(effect: str, id: str = "l", **lines: str) -> str:
    text = "\n".join(f"{k.rstrip('_')} = {v}" for k, v in lines.items())
    return LAW_LINE.format(id=id, effect=effect, lines=text)


def under(folder: Path, **lines: str) -> Register:
    return world(folder, agreement(provision(**lines)))


# ------------------------------------------------------------------------------ the ordinary


def test_what_is_granted_leaves_with_article_duties_and_limits(tmp_path: Path) -> None:
    found = answer(world(tmp_path))
    assert found.verdict is Verdict.PERMIT and found.leaves == ("event", "name") and found.article == "Art 1"
    assert found.relies_on == ("approval-uk-eu",) and ("use_only", ("investigate",)) in found.travels
    assert [d.do for d in found.duties] == ["record_particulars"] and found.draft and found.would_be is None


def test_the_same_request_files_and_moment_replay_to_the_same_answer(tmp_path: Path) -> None:
    register = world(tmp_path)
    assert answer(register) == answer(register)
    assert answer(register).replay != answer(register, at=datetime(2026, 11, 23, tzinfo=UTC)).replay


def test_without_an_agreement_of_both_sides_the_answer_is_refuse(tmp_path: Path) -> None:
    found = answer(world(tmp_path), to={"side": "FRONTEX", "authority": "frontex"})
    assert (
        found.verdict is Verdict.REFUSE
        and steps(found)[0] == 4
        and "No agreement names both" in found.sentence
    )


def test_the_words_that_only_the_register_knows_are_refused_by_field(tmp_path: Path) -> None:
    register = world(tmp_path)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"to": {"side": "FRA", "authority": "pj"}}, "to.side"),
        ({"to": {"side": "EU", "authority": "all"}}, "to.side"),
        ({"to": {"side": "FR", "authority": "pjj"}}, "to.authority"),
        (
            {"from": {"side": "UK", "authority": "nca", "on_behalf_of": "UK/ncb"}},
            "from.on_behalf_of.authority",
        ),
        ({"facts": {"gossip": True}}, "facts.gossip"),
        ({"facts": {"life_at_risk": "yes"}}, "facts.life_at_risk"),
        ({"facts": {"received_at": "soon"}}, "facts.received_at"),
        ({"facts": {"received_at": 3}}, "facts.received_at"),
        ({"asked_basis": "deel"}, "asked_basis"),
        ({"asked_basis": "deal/9"}, "asked_basis"),
        ({"subjects": [person(nationality=["France"])]}, "subjects.s1.nationality"),
    ]
    for said, field in cases:
        found = answer(register, **said)
        assert found.verdict is Verdict.REFUSE and found.step == 0 and fields(found) == [field]


def test_facts_of_every_type_are_taken(tmp_path: Path) -> None:
    register = under(
        tmp_path,
        requires='[{fact = "n", at_most = 3}]',
        facts='{land = "country", day = "date", who = "id"}',
    )
    found = answer(
        register,
        facts={"n": 3, "land": "FR", "day": "2026-01-01", "who": "x", "received_at": "2026-01-01T09:00:00Z"},
    )
    assert found.verdict is Verdict.PERMIT
    assert (
        answer(register, facts={"n": True}).step == 0 and answer(register, facts={"land": "France"}).step == 0
    )


# ------------------------------------------------------------------------------ 1 rescue and rights


def distress(register: Register, *items: dict[str, Any], **said: Any) -> Any:
    things = items or ({"id": "p", "category": "position"},)
    rescue = {
        "to": {"side": "FR", "authority": "cross"},
        "type": "distress_incident",
        "purpose": "rescue",
        "subjects": [],
    }
    return answer(register, *things, **(rescue | said))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"facts": {"life_at_risk": "unknown"}},
        {"asked_basis": "none"},
        {"from": {"side": "ZZ", "authority": "x"}},
    ],
)
def test_distress_to_a_rescue_authority_is_permitted_whatever_else(
    tmp_path: Path, said: dict[str, Any]
) -> None:
    found = distress(world(tmp_path), **said)
    assert found.verdict is Verdict.PERMIT and found.step == 1 and found.leaves == ("p",)


def test_of_a_distress_call_the_minimum_leaves_and_nationality_never(tmp_path: Path) -> None:
    found = distress(
        world(tmp_path), {"id": "p", "category": "position"}, {"id": "n", "category": "nationality"}
    )
    assert found.verdict is Verdict.WITHHOLD and found.leaves == ("p",) and found.would_be is None
    assert ("use_only", ("rescue",)) in found.travels


def test_another_sea_area_is_a_warning_and_never_a_hold(tmp_path: Path) -> None:
    register = world(tmp_path)
    assert "biscay" in distress(register, facts={"sea_area": "biscay"}).warnings[0]
    assert not distress(register, facts={"sea_area": "dover-strait"}).warnings


@pytest.mark.parametrize(
    "said",
    [{"facts": {"life_at_risk": False}}, {"to": {"side": "FR", "authority": "pj"}}, {"act": "measure"}],
)
def test_rescue_is_no_key_to_everything(tmp_path: Path, said: dict[str, Any]) -> None:
    assert distress(world(tmp_path), **said).verdict is Verdict.REFUSE


def test_the_way_to_a_rights_officer_stays_open_in_a_suspension(tmp_path: Path) -> None:
    stop = record("stop", "suspension", agreement='"deal"')
    register = world(tmp_path, records={"stop": stop})
    to = {"to": {"side": "UK", "authority": "iopc"}, "from": {"side": "FR", "authority": "pj"}}
    report = {"type": "rights_report", "purpose": "rights", **to}
    assert answer(register, act="complain", **report).step == 1
    assert answer(register, **report).step == 1
    assert answer(register, act="incident_report", **report).verdict is Verdict.REFUSE


@pytest.mark.parametrize(
    "said",
    [
        {"type": "intelligence_report"},
        {"purpose": "investigate"},
        {"act": "search"},
        {"act": "compare"},
        {"to": {"side": "UK", "authority": "nca"}},
    ],
)
def test_only_a_rights_report_for_rights_takes_the_way_to_a_rights_officer(
    tmp_path: Path, said: dict[str, Any]
) -> None:
    ends = {"from": {"side": "FR", "authority": "pj"}, "to": {"side": "UK", "authority": "iopc"}}
    report = {"type": "rights_report", "act": "complain", "purpose": "rights"} | ends
    register = world(tmp_path)
    assert answer(register, item("fingerprint"), **report).step == 1
    assert answer(register, item("fingerprint"), **(report | said)).verdict is Verdict.REFUSE


def test_a_rights_report_and_a_notice_stay_below_the_ceiling_of_the_node(tmp_path: Path) -> None:
    """A complaint that nobody marked still goes: only what somebody marked too high stays."""
    register = world(tmp_path)
    ends = {"from": {"side": "FR", "authority": "pj"}, "to": {"side": "UK", "authority": "iopc"}}
    report = {"type": "rights_report", "act": "complain", "purpose": "rights"} | ends
    notice = {"type": "quality_notice", "act": "recall", "purpose": "data_quality"}
    high = {"handling": {"code": "H1", "classification": "SECRET"}}
    unmarked = item("complaint", handling={})
    found = answer(register, unmarked, item("name", **high), **report)
    assert found.verdict is Verdict.WITHHOLD and found.leaves == ("complaint",)
    assert [f.step for f in found.withheld] == [9]
    told = answer(register, item("reference"), item("reference", id="r2", **high), **notice)
    assert told.step == 1 and told.leaves == ("reference",)
    for case in (report, notice):
        assert answer(register, item("reference", **high), **case).verdict is Verdict.REFUSE


def test_whoever_holds_a_copy_is_told_that_it_is_wrong(tmp_path: Path) -> None:
    register = world(tmp_path)
    said = {"act": "recall", "type": "quality_notice", "purpose": "data_quality"}
    assert answer(register, item("reference"), **said).step == 1
    assert answer(register, item("name"), **said).verdict is Verdict.REFUSE


@pytest.mark.parametrize("category", ["position", "asset", "place", "method", "count", "staff", "vessel_id"])
def test_a_notice_on_quality_carries_pointers_and_nothing_else(tmp_path: Path, category: str) -> None:
    register = world(tmp_path)
    said = {"act": "correct", "type": "quality_notice", "purpose": "data_quality"}
    pointers = [item("reference"), item("event")]
    assert answer(register, *pointers, **said).leaves == ("reference", "event")
    assert answer(register, *pointers, item(category), **said).verdict is Verdict.REFUSE
    assert answer(register, *pointers, item("event", id="e2"), **said).verdict is Verdict.REFUSE
    tied = item("reference", subjects=["s1"])
    assert answer(register, tied, **said).verdict is Verdict.REFUSE


def test_a_notice_goes_only_where_an_agreement_is_or_was(tmp_path: Path) -> None:
    said = {"act": "recall", "type": "quality_notice", "purpose": "data_quality"}
    register = world(tmp_path)
    to = {"to": {"side": "FRONTEX", "authority": "frontex"}}
    assert answer(register, item("reference"), **said).step == 1
    assert answer(register, item("reference"), **said, **to).verdict is Verdict.REFUSE
    after = datetime(2035, 1, 1, tzinfo=UTC)
    assert answer(register, item("reference"), at=after, **said).step == 1
    own = {"to": {"side": "UK", "authority": "border"}}
    assert answer(register, item("reference"), **said, **own).step == 1


# ------------------------------------------------------------------------------ 2 taint

EURODAC = """
[[taint]]
id = "eurodac"
article = "Eurodac Art 49"
sentence = "Not to third countries."
systems = ["eurodac"]
bars = {recipients = "third_country"}
[taint.except]
form = "return"
needs = [{fact = "illegally_staying"}, {record = "consent"}]
only = {purposes = ["investigate"], categories = ["name"]}
"""
SERBIA = {"to": {"side": "RS", "authority": "mup"}}


def open_to_serbia(folder: Path, law: str, **more: Any) -> Register:
    text = agreement().replace(
        '[basis.UK_to_RS]\nmode = "none"',
        '[basis.UK_to_RS]\nmode = "instrument"\nregimes = ["crime"]\ndata = "yes"',
    )
    return world(folder, text, law=law, **more)


def test_what_came_or_was_derived_from_a_barred_source_stays(tmp_path: Path) -> None:
    register = open_to_serbia(tmp_path, EURODAC)
    for said in ({"systems": ["eurodac"]}, {"systems": ["other"], "derived_from": ["eurodac"]}):
        found = answer(register, item(), item("name", origin=origin(**said)), **SERBIA)
        assert found.leaves == ("event",) and found.withheld[0].article == "Eurodac Art 49"
    assert answer(register, item("name", origin=origin(systems=["eurodac"]))).verdict is Verdict.PERMIT


def test_a_personal_item_of_unknown_source_counts_inside_the_rows_reach_and_nowhere_else(
    tmp_path: Path,
) -> None:
    register = open_to_serbia(tmp_path, EURODAC)
    unsaid = origin()
    del unsaid["systems"]
    found = answer(register, item("event", origin=unsaid), item("name", origin=unsaid), **SERBIA)
    assert (
        found.leaves == ("event",)
        and fields(found) == ["origin.systems"]
        and found.would_be is Verdict.PERMIT
    )
    assert [m.name for m in found.missing] == ["origin.systems"]
    assert answer(register, item("name", origin=unsaid)).verdict is Verdict.PERMIT


def test_only_the_rows_own_form_lifts_it_and_no_fact_of_a_person_is_offered(tmp_path: Path) -> None:
    consent = record("yes", "consent", case='"c1"', owner='"FR"')
    register = open_to_serbia(tmp_path, EURODAC, records={"yes": consent})
    tainted = item("name", origin=origin(systems=["eurodac"], owner="FR/pj"))
    lifted = answer(register, tainted, facts={"illegally_staying": True}, **SERBIA)
    assert lifted.verdict is Verdict.PERMIT and "law/eurodac/return" in lifted.relies_on
    held = answer(register, tainted, **SERBIA)
    assert held.verdict is Verdict.REFUSE and not any(m.what == "fact" for m in held.missing)
    assert (
        answer(register, tainted, facts={"illegally_staying": True}, purpose="prosecute", **SERBIA).verdict
        is Verdict.REFUSE
    )


@pytest.mark.parametrize(
    ("bars", "said", "verdict"),
    [
        ('{acts = ["measure"], purposes = ["evidence"]}', {"purpose": "evidence"}, Verdict.REFUSE),
        ('{acts = ["share"], purposes = ["evidence"]}', {}, Verdict.REFUSE),
        ('{acts = ["measure"]}', {}, Verdict.PERMIT),
        ('{recipients = "not_listed", listed = ["FR"]}', {}, Verdict.PERMIT),
        ('{recipients = "not_listed", listed = ["RS"]}', {}, Verdict.REFUSE),
        ('{recipients = "state_of_origin"}', {}, Verdict.REFUSE),
        ('{recipients = "private"}', {}, Verdict.PERMIT),
        ('{not_sides = ["FR"]}', {}, Verdict.PERMIT),
        ('{not_blocs = ["EU"]}', {}, Verdict.PERMIT),
        ('{sides = ["RS"]}', {}, Verdict.PERMIT),
        ('{regimes = ["immigration"]}', {}, Verdict.PERMIT),
        ('{types = ["dna_search"]}', {}, Verdict.PERMIT),
        ('{categories = ["image"]}', {}, Verdict.PERMIT),
    ],
)
def test_a_row_bars_what_it_says_and_no_more(
    tmp_path: Path, bars: str, said: dict[str, Any], verdict: Verdict
) -> None:
    row = f'[[taint]]\nsystems = ["sis"]\narticle = "SIS"\nsentence = "No."\nbars = {bars}\n'
    found = answer(world(tmp_path, law=row), item("name", origin=origin(systems=["sis"])), **said)
    assert found.verdict is verdict


def test_rows_have_dates_senders_articles_and_know_how_it_was_obtained(tmp_path: Path) -> None:
    rows = """
[[taint]]
systems = ["sis"]
sentence = "old"
until = 2026-01-01
[[taint]]
systems = ["sis"]
sentence = "others"
senders = ["RS"]
[[taint]]
source_articles = ["EBCG-90"]
sentence = "article"
[[taint]]
obtained = ["rights_violation"]
sentence = "obtained"
"""
    register = world(tmp_path, law=rows)
    assert answer(register, item("name", origin=origin(systems=["sis"]))).verdict is Verdict.PERMIT
    for said, sentence in (
        ({"source_article": "EBCG-90"}, "article"),
        ({"obtained": "rights_violation"}, "obtained"),
    ):
        assert answer(register, item("name", origin=origin(**said))).withheld[0].sentence == sentence


# ------------------------------------------------------------------------------ 3 protection

CLAIM = """
[[protects]]
id = "claim"
article = "Art 33"
sentence = "Not to the state fled from."
when = {protection = ["claim_pending", "granted"], group = true, smaller_than = 10}
against = {acts = ["share", "answer"], recipients = "state_of_origin"}
effect = "withhold"
refer_to = "asylum"
"""


@pytest.mark.parametrize(
    ("said", "leaves"),
    [
        ({}, True),
        ({"protection": "granted"}, False),
        ({"protection": "granted", "nationality": ["IQ"]}, True),
        ({"protection": "granted", "nationality": ["IQ"], "established": {}}, False),
        ({"protection": "granted", "nationality": ["IQ"], "established": {"nationality": "document"}}, False),
        ({"protection": "unknown"}, False),
        ({"protection": "none", "established": {}}, False),
        ({"protection": "none", "established": {"protection": "document"}}, False),
        ({"protection": "none", "established": {"protection": {**STATED, "source": "machine"}}}, False),
        ({"protection": "none", "established": {"protection": {"source": "document", "by": "x"}}}, False),
        ({"protection": "granted", "nationality": "unknown"}, False),
        ({"protection": "granted", "nationality": ["IQ"], "established": {"nationality": "machine"}}, False),
        ({"protection": "granted", "nationality": [], "stateless": "yes"}, False),
        ({"protection": "granted", "kind": "organisation"}, True),
        ({"protection": "granted", "kind": "group", "size": 5}, False),
        ({"protection": "granted", "kind": "group"}, False),
        ({"protection": "granted", "kind": "group", "size": 50}, True),
    ],
)
def test_nothing_about_a_protected_person_or_small_group_reaches_the_state_fled_from(
    tmp_path: Path, said: dict[str, Any], leaves: bool
) -> None:
    register = open_to_serbia(tmp_path, CLAIM)
    found = answer(register, item(), item("name"), subjects=[person(nationality=["RS"]) | said], **SERBIA)
    assert ("name" in found.leaves) is leaves and ("asylum" in [w for w, _ in found.refer_to]) is not leaves


def test_an_item_about_several_persons_stays_for_one_of_them_unless_the_rule_lets_it_be_blurred(
    tmp_path: Path,
) -> None:
    body = provision(transform='{image = "blur"}')
    text = agreement(body).replace('mode = "none"', 'mode = "instrument"\nregimes = ["crime"]\ndata = "yes"')
    lesser = CLAIM.replace('recipients = "state_of_origin"', 'recipients = "third_state", lessened = true')
    assert lesser != CLAIM
    register = world(tmp_path, text, law=lesser)
    two = [person(nationality=["IQ"]), person(id="s2", nationality=["RS"], protection="granted")]
    picture = item("image", subjects=["s1", "s2"])
    assert answer(register, item(), picture, subjects=two, **SERBIA).leaves == ("event",)
    found = answer(register, item(), picture | {"transformable": ["blur"]}, subjects=two, **SERBIA)
    assert found.leaves == ("event", "image") and found.transform[0].how == "blur"
    assert found.verdict is Verdict.WITHHOLD


def test_no_lesser_form_of_a_protected_person_goes_to_the_state_that_was_fled(tmp_path: Path) -> None:
    body = provision(transform='{image = "blur"}')
    text = agreement(body).replace('mode = "none"', 'mode = "instrument"\nregimes = ["crime"]\ndata = "yes"')
    register = world(tmp_path, text, law=CLAIM)
    picture = item("image", transformable=["blur"])
    fled = person(nationality=["RS"], protection="granted")
    assert answer(register, item(), picture, subjects=[fled], **SERBIA).leaves == ("event",)
    assert answer(register, item(), picture, subjects=[person()], **SERBIA).leaves == ("event", "image")


def test_a_rule_may_refuse_the_whole_and_unknown_may_not_count(tmp_path: Path) -> None:
    rule = (
        CLAIM.replace('"withhold"', '"refuse"')
        .replace('"state_of_origin"', '"any"')
        .replace("group = true", 'minor = ["yes"]')
    )
    register = world(tmp_path, law=rule.replace("effect", 'unknown = "does_not_count"\neffect'))
    assert answer(register, subjects=[person(protection="granted", minor="yes")]).step == 3
    assert (
        answer(register, subjects=[person(protection="granted", minor="unknown")]).verdict is Verdict.PERMIT
    )
    assert (
        answer(register, act="ask", subjects=[person(protection="granted", minor="yes")]).verdict
        is Verdict.PERMIT
    )


@pytest.mark.parametrize(
    ("recipients", "refused"),
    [("any_not_bound", True), ("third_state", True), ("private", False)],
)
def test_recipients_are_those_who_could_do_harm(tmp_path: Path, recipients: str, refused: bool) -> None:
    register = open_to_serbia(tmp_path, CLAIM.replace("state_of_origin", recipients))
    found = answer(register, item("name"), subjects=[person(protection="granted")], **SERBIA)
    assert (found.verdict is Verdict.REFUSE) is refused


def test_one_who_may_pass_it_on_freely_is_not_bound(tmp_path: Path) -> None:
    law = CLAIM.replace("state_of_origin", "any_not_bound")
    subject = [person(protection="granted")]
    tight, free = tmp_path / "a", tmp_path / "b"
    tight.mkdir()
    free.mkdir()
    assert answer(world(tight, law=law), item("name"), subjects=subject).verdict is Verdict.PERMIT
    loose = world(free, agreement(provision(onward='{rule = "free"}')), law=law)
    assert answer(loose, item("name"), subjects=subject).verdict is Verdict.REFUSE


def test_rules_look_at_roles_senders_types_purposes_and_the_recipients_nationality(tmp_path: Path) -> None:
    rule = (
        '[[protects]]\nsentence = "No."\nwhen = {role = ["victim"], nationality_of_recipient '
        '= true}\nagainst = {types = ["intelligence_report"], purposes = ["investigate"], '
        'categories = ["name"]}\nsenders = ["UK"]\neffect = "withhold"\n'
    )
    register = world(tmp_path, law=rule)
    assert answer(register, subjects=[person(role="victim")]).leaves == ("event",)
    assert answer(register, subjects=[person(role="victim", nationality=["RS"])]).leaves == ("event", "name")
    assert answer(register, subjects=[person(role="victim")], purpose="prosecute").leaves == ("event", "name")


# ------------------------------------------------------------------------------ 4 who


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"from": {"side": "UK", "authority": "iopc"}}, "not named as a party"),
        ({"from": {"side": "UK", "authority": "nca", "on_behalf_of": "iopc"}}, "not named as a party"),
        ({"to": {"side": "FR", "authority": "central"}}, "not named as a party"),
        ({"act": "compare"}, "this act: compare"),
        (
            {"to": {"side": "RS", "authority": "mup"}, "from": {"side": "FR", "authority": "pj"}},
            "does not run",
        ),
        ({"type": "dna_search"}, "says nothing about this kind of message: DNA search"),
        ({"type": "dna_search", "asked_basis": "deal/1"}, "kind of message: DNA search"),
        (
            {
                "from": {"side": "UK", "authority": "nca", "person": {"capacity": "observer"}},
                "act": "measure",
            },
            "no power",
        ),
        (
            {"from": {"side": "UK", "authority": "nca", "person": {"capacity": "machine"}}, "act": "close"},
            "machine",
        ),
    ],
)
def test_who_is_not_named_for_it_is_refused_at_step_four(
    tmp_path: Path, said: dict[str, Any], words: str
) -> None:
    found = answer(world(tmp_path), **said)
    assert found.verdict is Verdict.REFUSE and found.step == 4
    assert any(words in f.sentence for f in found.failures)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"channel": '["live_link"]'}, {}),
        ({"not_authority_kinds": '["national_security"]'}, {"from": {"side": "UK", "authority": "mi5"}}),
        ({"authority_kinds": '["customs"]'}, {}),
        ({"capacities": '["liaison"]'}, {}),
        ({"confidence": '"unconfirmed"', "read": '"Art 9"'}, {}),
    ],
)
def test_channel_kind_capacity_and_confidence_are_of_step_four(
    tmp_path: Path, lines: dict[str, str], said: dict[str, Any]
) -> None:
    assert answer(under(tmp_path, **lines), **said).step == 4


def test_a_party_may_take_part_for_some_acts_and_from_some_day(tmp_path: Path) -> None:
    register = world(tmp_path, agreement().replace('id = "nca"', 'id = "nca"\nacts = ["ask"]'))
    assert "other acts or types" in answer(register).sentence
    before = datetime(2025, 6, 1, tzinfo=UTC)
    assert answer(world(tmp_path), **{"from": {"side": "UK", "authority": "border"}}, at=before).step == 5


DEPLOYMENT = (
    '[[deployment]]\narticle = "Art D"\ncapacities = ["observer", "liaison"]\nacts = '
    '["share"]\nneeds = ["host_authorisation"]\n'
)


def test_posted_staff_do_what_their_posting_lists_with_its_papers(tmp_path: Path) -> None:
    papers = record("host", "host_authorisation", case='"c1"')
    register = world(tmp_path, agreement(provision() + DEPLOYMENT), records={"host": papers})

    def acting(act: str = "share", capacity: str = "observer", case: str = "c1", **person_: str) -> Any:
        sender = {"side": "UK", "authority": "nca", "person": {"capacity": capacity, **person_}}
        return answer(register, act=act, case=case, **{"from": sender})

    assert acting().verdict is Verdict.PERMIT
    assert (
        acting(case="c2").would_be is Verdict.PERMIT
        and acting(case="c2").missing[0].name == "host_authorisation"
    )
    assert acting(case="c2", capacity="liaison").verdict is Verdict.PERMIT
    assert acting(case="c2", capacity="liaison", deployment="d1").verdict is Verdict.REFUSE
    assert acting(act="ask").step == 4


# ------------------------------------------------------------------------------ 5 when


@pytest.mark.parametrize(("day", "words"), [("2023-06-01", "did not apply"), ("2030-06-01", "had ended")])
def test_outside_its_dates_an_agreement_permits_nothing(tmp_path: Path, day: str, words: str) -> None:
    found = answer(world(tmp_path), at=datetime.fromisoformat(day + "T12:00:00Z"))
    assert found.verdict is Verdict.REFUSE and any(
        f.step == 5 and words in f.sentence for f in found.failures
    )


def test_recall_and_erasure_outlive_the_agreement(tmp_path: Path) -> None:
    body = provision(acts='["erase"]')
    register = world(tmp_path, agreement(body, head='continues_after_end = ["erase"]'))
    assert (
        answer(register, item(), act="erase", at=datetime(2031, 1, 1, tzinfo=UTC)).verdict is Verdict.PERMIT
    )


def test_an_unknown_status_refuses_until_an_instrument_is_loaded(tmp_path: Path) -> None:
    text = agreement().replace(
        "until = 2030-01-01",
        'until = 2026-01-01\n[[validity]]\nfrom = 2026-01-01\nstatus = "unknown"\nread = "the protocol"',
    )
    closed, opened = tmp_path / "a", tmp_path / "b"
    closed.mkdir()
    opened.mkdir()
    found = answer(world(closed, text))
    assert found.step == 5 and found.would_be is Verdict.PERMIT and found.missing[0].what == "instrument"
    protocol = record("protocol", "instrument", agreement='"deal"')
    later = answer(world(opened, text, records={"protocol": protocol}))
    assert later.verdict is Verdict.PERMIT and "protocol" in later.relies_on


@pytest.mark.parametrize(
    ("lines", "stopped"),
    [({}, True), ({"scope": '"whole"'}, True), ({"scope": '["1"]'}, True), ({"provisions": '["2"]'}, False)],
)
def test_a_suspension_stops_the_whole_or_what_it_names(
    tmp_path: Path, lines: dict[str, str], stopped: bool
) -> None:
    stop = record("stop", "suspension", agreement='"deal"', ground='"rights"', **lines)
    other = provision(id="2").replace("intelligence_report", "person_intelligence")
    found = answer(world(tmp_path, agreement(provision() + other), records={"stop": stop}))
    assert (found.verdict is Verdict.REFUSE) is stopped
    assert not stopped or "suspended: rights" in found.sentence


def test_a_line_has_dates_and_an_unconfirmed_span_opens_nothing_and_a_partly_one_warns(
    tmp_path: Path,
) -> None:
    assert answer(under(tmp_path, from_="2027-01-01")).step == 5
    unsure = agreement().replace("until = 2030-01-01", 'confidence = "unconfirmed"')
    assert answer(world(tmp_path, unsure)).step == 5
    partly = agreement().replace("until = 2030-01-01", 'confidence = "partly"\nsource = "press"')
    assert "press" in answer(world(tmp_path, partly)).warnings[0]


# ------------------------------------------------------------------------------ 6 purpose


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({}, {"purpose": "training"}),
        ({"not_purposes": '["investigate"]'}, {}),
        ({"regimes": '["immigration"]'}, {}),
        ({"regimes": '["crime"]'}, {"regime": "unknown"}),
        ({"targeting": '["group"]'}, {}),
        ({"modality": '["stored"]'}, {}),
        ({"min_offence_years": "3"}, {}),
        ({"min_offence_years": "3"}, {"offence": {"max_years": 2}}),
        ({"min_offence_years": "3"}, {"offence": {"max_years": "unknown"}}),
        ({"requires": '[{field = "offence"}]'}, {}),
        ({"when": '[{fact = "wanted"}]'}, {}),
        ({"when": "[{urgent = true}]"}, {}),
        ({"when": '[{urgent = "liberty"}]'}, {}),
        ({"when": '[{offence_stage = "tried"}]'}, {}),
        ({"requires": '[{fact = "n", at_least = 3}]'}, {"facts": {"n": 2}}),
        ({"requires": '[{any_fact = [{fact = "a"}, {fact = "b"}]}]'}, {"facts": {"a": False}}),
        ({"requires": '[{any_fact = [{fact = "a"}, {fact = "b"}]}]'}, {"facts": {"a": False, "b": False}}),
    ],
)
def test_purpose_regime_offence_and_facts_are_of_step_six(
    tmp_path: Path, lines: dict[str, str], said: dict[str, Any]
) -> None:
    found = answer(under(tmp_path, **lines), **said)
    assert found.verdict is Verdict.REFUSE and found.step == 6


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"min_offence_years": "3"}, {"offence": {"max_years": 14}}),
        ({"when": '[{fact = "wanted"}]'}, {"facts": {"wanted": True}}),
        ({"when": '[{offence_stage = "tried"}]'}, {"offence": {"stage": "tried"}}),
        (
            {"when": '[{purpose = "investigate"}, {urgent = true}]'},
            {"urgent": {"level": "liberty", "reason": "x"}},
        ),
        ({"requires": '[{any_fact = [{fact = "a"}, {fact = "b"}]}]'}, {"facts": {"b": True}}),
        ({"requires": '[{field = "case"}]'}, {}),
        ({"requires": '[{record = "approval:UK>EU"}, {any_record = ["adequacy", "approval"]}]'}, {}),
    ],
)
def test_what_holds_is_permitted(tmp_path: Path, lines: dict[str, str], said: dict[str, Any]) -> None:
    assert answer(under(tmp_path, **lines), **said).verdict is Verdict.PERMIT


def test_an_unknown_fact_is_missing_and_a_contrary_one_is_not(tmp_path: Path) -> None:
    register = under(tmp_path, requires='[{fact = "host_agreed"}]')
    unsaid, contrary = answer(register), answer(register, facts={"host_agreed": False})
    assert [m.name for m in unsaid.missing] == ["host_agreed"] and unsaid.would_be is Verdict.PERMIT
    assert not contrary.missing and contrary.would_be is Verdict.REFUSE


def test_a_record_that_makes_a_line_live_must_be_loaded(tmp_path: Path) -> None:
    need = '[{record = "declaration:vehicle", makes_live = "1"}]'
    found = answer(under(tmp_path, requires=need))
    assert found.step == 5 and found.would_be is Verdict.PERMIT
    live = record("live", "declaration", scope='["vehicle"]', makes_live='["1"]', for_sides='["EU"]')
    assert (
        answer(world(tmp_path, agreement(provision(requires=need)), records={"live": live})).verdict
        is Verdict.PERMIT
    )


def test_items_about_a_person_in_another_role_stay(tmp_path: Path) -> None:
    found = answer(under(tmp_path, roles='["victim"]'))
    assert found.leaves == ("event",) and found.withheld[0].step == 6 and found.withheld[0].scope == "subject"


@pytest.mark.parametrize(
    ("said", "purpose", "stays"),
    [
        ({"collected_for": "investigate"}, "border_control", True),
        ({"collected_for": "unknown", "regime": "crime"}, "statistics", True),
        ({"collected_for": "border_control", "regime": "immigration"}, "investigate", False),
        ({"collected_for": "rescue", "regime": "rescue"}, "investigate", True),
        ({"collected_for": "unknown", "regime": "unknown"}, "border_control", True),
        ({"collected_for": "unknown", "regime": "unknown"}, "investigate", True),
        ({"collected_for": "unknown", "regime": "immigration"}, "border_control", True),
        ({"collected_for": "unknown", "regime": "crime"}, "investigate", False),
        ({"collected_for": "border_control", "regime": "crime"}, "border_control", True),
        ({"collected_for": "statistics", "regime": "immigration"}, "border_control", False),
    ],
)
def test_no_slide_from_what_it_was_collected_for(
    tmp_path: Path, said: dict[str, Any], purpose: str, stays: bool
) -> None:
    found = answer(world(tmp_path), item(), item("name", origin=origin(**said)), purpose=purpose)
    assert ("name" not in found.leaves) is stays


def test_a_slide_needs_an_authorisation_or_the_emergency_that_the_line_names(tmp_path: Path) -> None:
    paper = record("may", "purpose_authorisation", case='"c1"', purposes='["border_control"]')
    register = world(tmp_path, records={"may": paper})
    assert answer(register, purpose="border_control").verdict is Verdict.PERMIT
    lift = '{condition = "same_purpose", when = ["threat_immediate_serious"], then = "inform_originator"}'
    urgent = answer(
        under(tmp_path, lifts=lift),
        purpose="border_control",
        case="c2",
        facts={"threat_immediate_serious": True},
    )
    assert "inform_originator" in [d.do for d in urgent.duties]


# ------------------------------------------------------------------------------ 7 basis


def test_without_a_basis_the_personal_items_stay_and_the_rest_goes_on(tmp_path: Path) -> None:
    found = answer(world(tmp_path), item(), item("name"), item("staff"), **SERBIA)
    assert found.leaves == ("event", "staff") and found.withheld[0].step == 7


@pytest.mark.parametrize(
    ("basis", "leaves"),
    [
        ('mode = "instrument"\nregimes = ["crime"]\ndata = "identifiers"', ("event", "vessel_id")),
        ('mode = "instrument"\nregimes = ["immigration"]\ndata = "yes"', ("event",)),
        ('mode = "instrument"\nregimes = ["crime"]\ndata = "yes"\nconfidence = "unconfirmed"', ("event",)),
        (
            'mode = "instrument"\nregimes = ["crime"]\ndata = "yes"\nconfidence = "partly"',
            ("event", "vessel_id", "name"),
        ),
        ('mode = "approval"\nregimes = ["crime"]\ndata = "yes"', ("event",)),
        (
            'mode = "case_record"\nrecords = ["case_transfer:UK>RS"]\nregimes = ["crime"]\ndata = "yes"',
            ("event",),
        ),
        (
            'mode = "instrument"\nregimes = ["crime"]\ndata = "yes"\nrelies_on = ["law"]',
            ("event", "vessel_id", "name"),
        ),
    ],
)
def test_a_basis_carries_as_far_as_it_says(tmp_path: Path, basis: str, leaves: tuple[str, ...]) -> None:
    register = world(
        tmp_path, agreement().replace('[basis.UK_to_RS]\nmode = "none"', "[basis.UK_to_RS]\n" + basis)
    )
    assert answer(register, item(), item("vessel_id"), item("name"), **SERBIA).leaves == leaves


def test_a_transfer_for_one_case_carries_that_case(tmp_path: Path) -> None:
    basis = 'mode = "case_record"\nrecords = ["case_transfer:UK>RS"]\nregimes = ["crime"]\ndata = "yes"'
    lines = {"from_side": '"UK"', "to_side": '"RS"', "case": '"c1"', "recipient": '"RS/mup"'}
    paper = record("once", "case_transfer", **lines)
    text = agreement().replace('[basis.UK_to_RS]\nmode = "none"', "[basis.UK_to_RS]\n" + basis)
    register = world(tmp_path, text, records={"once": paper})
    assert answer(register, **SERBIA).verdict is Verdict.PERMIT
    assert answer(register, case="c2", **SERBIA).leaves == ("event",)
    # Naming the paper of another case does not make it one of this.
    assert answer(register, case="c2", records=["once"], **SERBIA).leaves == ("event",)


@pytest.mark.parametrize(
    ("recipient", "passes"),
    [("RS/mup", True), ("RS", True), ("RS/other", False), ("FR/pj", False), ("", False)],
)
def test_a_transfer_for_one_case_reaches_the_recipient_that_it_names(
    tmp_path: Path, recipient: str, passes: bool
) -> None:
    """DPA s.76(3): the record says to whom; one that says it of nobody reaches nobody."""
    basis = 'mode = "case_record"\nrecords = ["case_transfer:UK>RS"]\nregimes = ["crime"]\ndata = "yes"'
    lines = {"from_side": '"UK"', "to_side": '"RS"', "case": '"c1"'}
    lines |= {"recipient": f'"{recipient}"'} if recipient else {}
    text = agreement().replace('[basis.UK_to_RS]\nmode = "none"', "[basis.UK_to_RS]\n" + basis)
    register = world(tmp_path, text, records={"once": record("once", "case_transfer", **lines)})
    assert ("name" in answer(register, **SERBIA).leaves) is passes


@pytest.mark.parametrize(
    ("lines", "leaves"),
    [
        ({"scope": '{authorities = ["FR/pj"]}'}, ("event", "name")),
        ({"scope": '{authorities = ["FR/paf"]}'}, ("event",)),
        ({"recipients": '["FR"]'}, ("event", "name")),
        ({"recipients": '["BE"]'}, ("event",)),
        ({"scope": '{categories = ["name"]}'}, ("event", "name")),
        ({"scope": '{categories = ["phone"]}'}, ("event",)),
        ({"categories": '["phone"]'}, ("event",)),
    ],
)
def test_an_approval_carries_no_more_than_its_scope(
    tmp_path: Path, lines: dict[str, str], leaves: tuple[str, ...]
) -> None:
    """DPA s.74AA: regulations may approve some recipients or some data only."""
    paper = record("a", "approval", from_side='"UK"', to_side='"EU"', regimes='["crime"]', **lines)
    assert answer(world(tmp_path, records={"approval": paper})).leaves == leaves


@pytest.mark.parametrize("scope", ['scope = "whole"', 'provisions = ["other"]', 'scope = "1"', "scope = 3"])
def test_what_leans_on_a_text_falls_with_any_part_of_it(tmp_path: Path, scope: str) -> None:
    other = agreement(provision(id="other"), id="other")
    text = agreement().replace(
        'records = ["approval:UK>EU"]', 'records = ["approval:UK>EU"]\nrelies_on = ["other"]'
    )
    stop = record("stop", "suspension", agreement='"other"') + "\n" + scope
    register = world(tmp_path, text, other, records={"stop": stop})
    assert "name" not in answer(register, asked_basis="deal").leaves


@pytest.mark.parametrize("scope", ['scope = "whole"', 'scope = "1"', "scope = 3", 'scope = ["1"]', ""])
def test_a_suspension_whose_reach_is_not_understood_stops_everything(tmp_path: Path, scope: str) -> None:
    stop = record("stop", "suspension", agreement='"deal"') + "\n" + scope
    assert 5 in steps(answer(world(tmp_path, records={"stop": stop})))


def test_adequacy_reads_regimes_exclusions_and_confidence(tmp_path: Path) -> None:
    for change in ('regimes = ["immigration"]', 'excludes = ["crime"]', 'confidence = "unconfirmed"'):
        text = record("a", "approval", from_side='"UK"', to_side='"EU"') + "\n" + change
        assert answer(world(tmp_path, records={"approval": text})).leaves == ("event",)


def test_an_agreement_that_rests_on_another_falls_with_it(tmp_path: Path) -> None:
    other = agreement(id="other").replace("2030-01-01", "2025-01-01")
    text = agreement().replace(
        'records = ["approval:UK>EU"]', 'records = ["approval:UK>EU"]\nrelies_on = ["other"]'
    )
    found = answer(world(tmp_path, text, other))
    assert any("rests on Invented agreement other" in f.sentence for f in found.failures)


# ------------------------------------------------------------------------------ 8 origin


FRENCH = {"owner": "FR/paf"}


@pytest.mark.parametrize(
    ("rule", "owner", "leaves"),
    [
        ("owner", "RS/mup", False),
        ("owner", "unknown", False),
        ("owner", "UK", True),
        ("owner", "FR/paf", True),
        ("owner_if_not_party", "FR/paf", True),
        ("owner_if_not_party", "FRONTEX/frontex", False),
        ("owner_if_not_party", "unknown", False),
        ("none", "FRONTEX/frontex", True),
    ],
)
def test_the_owner_is_asked_where_the_line_says_so(
    tmp_path: Path, rule: str, owner: str, leaves: bool
) -> None:
    found = answer(under(tmp_path, origin=f'{{consent = "{rule}"}}'), item(origin=origin(owner=owner)))
    assert found.permitted is leaves
    assert leaves or (found.missing and found.would_be is Verdict.PERMIT)


def test_consent_is_of_the_owner_for_this_and_a_refusal_binds_unnamed(tmp_path: Path) -> None:
    foreign = item(origin=origin(owner="FRONTEX/frontex"))
    body = provision(origin='{consent = "owner"}')
    yes = record("yes", "consent", owner='"FRONTEX"', recipients='["FR"]', purposes='["investigate"]')
    register = world(tmp_path, agreement(body), records={"yes": yes})
    assert answer(
        register, foreign | {"handling": {"code": "H1", "classification": "LIMITE", "consents": ["yes"]}}
    ).permitted
    assert answer(register, foreign, records=["yes"]).permitted
    assert (
        not answer(register, foreign).permitted
        and not answer(register, foreign, records=["yes"], purpose="evidence").permitted
    )
    no = record(
        "no", "consent", owner='"FRONTEX/frontex"', types='["intelligence_report"]', answer='"refused"'
    )
    register = world(tmp_path, agreement(), records={"yes": yes, "no": no})
    assert not answer(register, foreign, records=["yes"]).permitted


def test_an_emergency_lifts_consent_and_leaves_the_duty_to_tell(tmp_path: Path) -> None:
    lift = (
        '{condition = "owner_consent", when = ["threat_immediate_serious", "no_time_to_ask"], '
        'then = "inform_originator"}'
    )
    register = under(tmp_path, origin='{consent = "owner"}', lifts=lift)
    foreign = item(origin=origin(owner="RS/mup"))
    both = answer(register, foreign, facts={"threat_immediate_serious": True, "no_time_to_ask": True})
    assert both.permitted and "inform_originator" in [d.do for d in both.duties]
    assert not answer(register, foreign, facts={"threat_immediate_serious": True}).permitted


def test_some_systems_do_not_pass_under_a_line(tmp_path: Path) -> None:
    register = under(tmp_path, origin='{systems_barred = ["sis"]}')
    assert not answer(register, item(origin=origin(owner="FR", systems=["sis"]))).permitted


@pytest.mark.parametrize(
    ("restriction", "said", "leaves"),
    [
        ("no_onward", {"to": {"side": "RS", "authority": "mup"}}, False),
        ("no_onward", {}, True),
        ("ask_originator", {"to": {"side": "RS", "authority": "mup"}}, False),
        ("ask_originator", {}, True),
        (
            "ask_or_emergency_then_tell",
            {
                "to": {"side": "RS", "authority": "mup"},
                "facts": {"threat_immediate_serious": True, "no_time_to_ask": True},
            },
            True,
        ),
        ("no_court_use", {"purpose": "evidence"}, False),
        ("no_identification", {"act": "search"}, True),
        ("feedback", {}, True),
    ],
)
def test_restrictions_that_came_with_an_item_bind(
    tmp_path: Path, restriction: str, said: dict[str, Any], leaves: bool
) -> None:
    thing = item(
        origin=origin(**FRENCH),
        handling={"code": "H0", "classification": "LIMITE", "restrictions": [restriction]},
    )
    register = world(tmp_path, agreement(provision()))
    if said.get("purpose") == "evidence":
        thing["handling"]["code"] = "H1"
    assert answer(register, thing, **said).permitted is leaves


def test_a_use_only_binds_and_a_later_restriction_reaches_the_copy(tmp_path: Path) -> None:
    limited = item(
        handling={"code": "H1", "classification": "LIMITE", "restrictions": [{"use_only": ["prosecute"]}]}
    )
    later = record(
        "later", "restriction_update", provider='"FR"', items='["event"]', restrictions='["no_onward"]'
    )
    register = world(tmp_path, records={"later": later})
    assert (
        not answer(register, limited).permitted and answer(register, limited, purpose="prosecute").permitted
    )
    assert not answer(register, item(origin=origin(**FRENCH)), **SERBIA).permitted


@pytest.mark.parametrize(
    ("rule", "said", "leaves"),
    [
        ('{rule = "never"}', {}, False),
        ('{rule = "free"}', {}, True),
        ('{rule = "listed", listed = ["EU"]}', {}, False),
        ('{rule = "listed", listed = ["RS"]}', {}, True),
        ('{rule = "ask_originator"}', {}, False),
        (
            '{rule = "ask_or_emergency_then_tell"}',
            {"facts": {"threat_immediate_serious": True, "no_time_to_ask": True}},
            True,
        ),
        ('{rule = "free", conditions = ["same_purpose"]}', {"purpose": "border_control"}, False),
        (
            '{rule = "free", conditions = ["same_purpose", "competent_recipient", "approval_or_safeguards"]}',
            {},
            True,
        ),
    ],
)
def test_the_rule_it_came_under_goes_with_it(
    tmp_path: Path, rule: str, said: dict[str, Any], leaves: bool
) -> None:
    register = under(tmp_path, onward=rule)
    thing = item(origin=origin(owner="FR/paf", received_under="deal/1"))
    assert answer(register, thing, act="onward", **(SERBIA | said)).permitted is leaves
    back = answer(register, thing, act="onward")
    assert back.permitted, "what goes back to its owner is not passed on"


def test_what_is_passed_on_says_under_what_it_came(tmp_path: Path) -> None:
    register = world(tmp_path)
    unsaid = answer(register, item(origin=origin(**FRENCH)), act="onward", **SERBIA)
    assert not unsaid.permitted and "origin.received_under" in fields(unsaid)
    unknown = answer(
        register, item(origin=origin(owner="FR", received_under="treaty")), act="onward", **SERBIA
    )
    assert not unknown.permitted
    assert answer(register, item(), act="onward").permitted, "one's own is given, not passed on"


# ------------------------------------------------------------------------------ 9 ceiling


@pytest.mark.parametrize(
    ("handling", "leaves"),
    [
        ({"code": "H1", "classification": "LIMITE"}, True),
        ({"code": "H1", "classification": "SECRET"}, False),
        ({"code": "H1"}, False),
        ({"code": "H3", "classification": "LIMITE"}, False),
        ({"classification": "LIMITE"}, False),
        ({"code": "H0", "classification": "OFFICIAL"}, True),
    ],
)
def test_nothing_above_the_ceiling_and_unmarked_is_highest(
    tmp_path: Path, handling: dict[str, str], leaves: bool
) -> None:
    register = under(tmp_path, ceiling='{handling = "H2", classification = "LIMITE"}')
    assert answer(register, item(handling=handling)).permitted is leaves


def test_a_line_lowers_the_ceiling_and_a_code_limits_the_use(tmp_path: Path) -> None:
    register = under(tmp_path, ceiling='{classification = "OFFICIAL"}')
    assert not answer(register, item()).permitted
    h0 = item(handling={"code": "H0", "classification": "OFFICIAL"})
    assert not answer(register, h0, purpose="prosecute").permitted


# ------------------------------------------------------------------------------ 10 minimise


def test_only_what_is_granted_less_what_is_withheld_leaves(tmp_path: Path) -> None:
    register = under(tmp_path, withheld='["name"]')
    found = answer(register, item(), item("name"), item("fingerprint"))
    assert found.leaves == ("event",) and {i for f in found.withheld for i in f.items} == {
        "name",
        "fingerprint",
    }


def test_an_essential_category_that_is_gone_refuses_with_the_article_that_took_it(tmp_path: Path) -> None:
    text = agreement(provision(essential='["name"]')).replace(
        'mode = "none"', 'mode = "instrument"\nregimes = ["crime"]\ndata = "yes"'
    )
    register = world(tmp_path, text, law=EURODAC)
    found = answer(register, item(), item("name", origin=origin(systems=["eurodac"])), **SERBIA)
    assert found.verdict is Verdict.REFUSE and found.article == "Eurodac Art 49" and found.step == 2
    assert answer(register, item(), **SERBIA).permitted


@pytest.mark.parametrize(
    ("level", "leaves"),
    [
        ("none", ("event",)),
        ("off", ("event",)),
        ("staff", ("event", "staff")),
        ("identifiers", ("event", "vessel_id")),
        ("masked", ("event", "staff", "vessel_id")),
        ("yes", ("event", "staff", "vessel_id", "name")),
    ],
)
def test_each_level_lets_its_own_personal_data_pass(
    tmp_path: Path, level: str, leaves: tuple[str, ...]
) -> None:
    register = under(tmp_path, personal=f'"{level}"')
    assert answer(register, item(), item("staff"), item("vessel_id"), item("name")).leaves == leaves


def test_references_that_name_nobody_pass_masked(tmp_path: Path) -> None:
    register = under(tmp_path, personal='"masked"', granted='["hit", "name"]')
    assert answer(register, item("hit", subjects=["s1"]), item("name")).leaves == ("hit",)


@pytest.mark.parametrize(
    ("said", "leaves"),
    [
        ({"aggregate": {"smallest_cell": 12}}, ("count",)),
        ({"aggregate": {"smallest_cell": 9}}, ()),
        ({"aggregate": {}}, ()),
        ({}, ()),
        ({"transformable": ["aggregate"]}, ("count",)),
    ],
)
def test_small_counts_and_unknown_ones_stay_or_are_aggregated(
    tmp_path: Path, said: dict[str, Any], leaves: tuple[str, ...]
) -> None:
    assert answer(under(tmp_path, min_cell="10"), item("count", **said)).leaves == leaves


def test_things_that_keep_people_alive_are_never_told_as_suspicious(tmp_path: Path) -> None:
    found = answer(
        world(tmp_path),
        item("goods", id="g1", goods={"class": "life_jacket"}),
        item("goods", id="g2", goods={"class": "engine"}),
    )
    assert found.leaves == ("g2",) and found.withheld[0].article == "BSAIA s.15"


def test_compulsory_parts_are_missing_or_were_taken(tmp_path: Path) -> None:
    register = under(tmp_path, must_include='["name"]', withheld='["image"]')
    found = answer(register, item())
    assert (
        found.verdict is Verdict.REFUSE
        and found.would_be is Verdict.PERMIT
        and found.must_include == ("name",)
    )
    law = law_line("duty", must_include='["count"]')
    assert answer(world(tmp_path, law=law), item()).verdict is Verdict.REFUSE
    assert answer(world(tmp_path, law=law), item(), act="ask").permitted


def test_a_form_that_is_asked_for_must_be_possible(tmp_path: Path) -> None:
    register = under(tmp_path, transform='{image = "mask"}')
    assert not answer(register, item("image")).permitted
    assert answer(register, item("image", transformable=["mask"])).transform[0].how == "mask"


# ------------------------------------------------------------------------------ 11 human, 12 record


def confirmation(person_: str = "a", of: str = "match", **said: Any) -> dict[str, Any]:
    return {
        "person": person_,
        "of": of,
        "at": "2026-11-20T09:00:00Z",
        "qualified": "yes",
        "role": "examiner",
    } | said


@pytest.mark.parametrize(
    ("given", "enough"),
    [
        ([], False),
        ([confirmation()], False),
        ([confirmation(), confirmation()], False),
        ([confirmation(), confirmation("b")], True),
        ([confirmation(), confirmation("b", qualified="no")], False),
        ([confirmation(), confirmation("b", role="machine")], False),
        ([confirmation(), confirmation("b", at="2026-11-23T09:00:00Z")], False),
        ([confirmation(), confirmation("b"), confirmation("b", of="release")], False),
        ([confirmation(), confirmation("me")], False),
    ],
)
def test_confirmations_are_distinct_qualified_independent_and_given_before(
    tmp_path: Path, given: list[dict[str, Any]], enough: bool
) -> None:
    register = under(
        tmp_path, requires='[{confirmation = "match", n = 2, qualified = true, independent = true}]'
    )
    sender = {"side": "UK", "authority": "nca", "person": {"id": "me"}}
    found = answer(register, confirmations=given, **{"from": sender})
    assert found.permitted is enough
    assert enough or (found.step == 11 and found.would_be is Verdict.PERMIT)


def test_conditions_in_words_are_read_by_a_person_first(tmp_path: Path) -> None:
    worded = item(handling={"code": "H3", "classification": "LIMITE"})
    register = world(tmp_path)
    assert answer(register, worded).step == 11
    assert answer(register, worded, confirmations=[confirmation(of="release")]).permitted


def test_urgency_needs_a_reason(tmp_path: Path) -> None:
    register = world(tmp_path)
    assert answer(register, urgent="liberty").step == 12
    assert answer(register, urgent="liberty", reason="held at the port").permitted


def test_clocks_duties_limits_and_who_else_is_told(tmp_path: Path) -> None:
    register = under(
        tmp_path,
        clocks=(
            '[{name = "n", binding = "law", on = ["UK"], starts = "recorded_at", unit = "day", n '
            '= 28, first_day_counts = true}, {name = "u", binding = "agreement", starts = '
            '"received_at", as_soon_as_possible = true, when_urgent = true}, {name = "s", binding '
            '= "law", on = ["RS"], starts = "received_at", unit = "day", n = 1}]'
        ),
        duties='[{do = "delete", by = "n"}]',
        travels='["use_only", "no_court_use", "erase_by"]',
        onward='{rule = "never"}',
        retention='{n = 90, unit = "day", from = "received_at"}',
        must_also_send='"each state of nationality"',
        confidence='"partly"',
    )
    found = answer(
        register,
        facts={"recorded_at": "2026-11-01", "received_at": "2026-11-02"},
        subjects=[person(nationality=["FR", "RS", "ZZ"])],
    )
    assert [(c.name, c.due) for c in found.clocks] == [("n", "2026-11-28")]
    assert {n for n, _ in found.travels} == {"use_only", "no_court_use", "erase_by", "no_onward"}
    assert ("erase_by", ("2027-01-31",)) in found.travels and found.must_also_send == (
        ("RS", "central authority", "Art 1"),
    )
    assert found.confidence == "partly" and "invented" in found.warnings[0] and found.duties[0].by == "n"
    urgent = answer(
        register, urgent={"level": "liberty", "reason": "x"}, subjects=[person(nationality=["FR"])]
    )
    assert [c.name for c in urgent.clocks] == ["n", "u"] and (
        "erase_by",
        ("90 day from received_at",),
    ) in urgent.travels


def test_of_several_lines_that_end_what_may_be_kept_every_end_travels(tmp_path: Path) -> None:
    """A duty of 90 days beside a line of one year: the recipient keeps to the end that comes first."""
    long = provision(retention='{n = 1, unit = "year", from = "received_at"}')
    short = """
[[provision]]
id = "short"
article = "Art 2"
sentence = "Invented: it is erased after 90 days."
source = "invented"
effect = "duty"
types = ["intelligence_report"]
retention = {n = 90, unit = "day", from = "received_at"}
"""
    found = answer(world(tmp_path, agreement(long + short)), facts={"received_at": "2026-11-02"})
    ends = [days for name, days in found.travels if name == "erase_by"]
    assert found.verdict is Verdict.PERMIT and ends == [("2027-01-31",), ("2027-11-02",)]
    held = travelling(found.as_json()["travels"])
    assert held.erase_by is not None and str(held.erase_by.date()) == "2027-01-31"


def test_the_rescue_authorities_or_a_named_body_may_be_told_too(tmp_path: Path) -> None:
    register = under(tmp_path, must_also_send='"rescue_authority"')
    assert answer(register).must_also_send == (("FR", "cross", "Art 1"),)
    assert answer(register, facts={"sea_area": "biscay"}).must_also_send == ()
    assert answer(under(tmp_path, must_also_send='"UK/iopc"')).must_also_send == (("UK", "iopc", "Art 1"),)


def test_records_that_are_not_in_force_are_said(tmp_path: Path) -> None:
    assert "not in force or not loaded: r9" in answer(world(tmp_path), records=["r9"]).warnings[0]


# ------------------------------------------------------------------------------ laws and choosing


@pytest.mark.parametrize(
    ("law", "said", "verdict"),
    [
        (law_line("refuse", purposes='["investigate"]'), {}, Verdict.REFUSE),
        (law_line("refuse", not_types='["intelligence_report"]'), {}, Verdict.PERMIT),
        (law_line("refuse", when='[{fact = "w"}]'), {}, Verdict.REFUSE),
        (law_line("refuse", when='[{fact = "w", unknown = "does_not_count"}]'), {}, Verdict.PERMIT),
        (law_line("refuse", when='[{fact = "w"}]'), {"facts": {"w": False}}, Verdict.PERMIT),
        (law_line("refuse", when='[{offence_stage = "tried"}]'), {}, Verdict.REFUSE),
        (
            law_line("refuse", automated='["yes"]'),
            {"from": {"side": "UK", "authority": "nca", "person": {"capacity": "machine"}}},
            Verdict.REFUSE,
        ),
        (law_line("refuse", automated='["yes"]'), {}, Verdict.PERMIT),
        (law_line("refuse", classifications='["LIMITE"]'), {}, Verdict.REFUSE),
        (law_line("refuse", systems='["sis"]'), {}, Verdict.PERMIT),
        (law_line("refuse", roles='["suspect"]'), {}, Verdict.REFUSE),
        (law_line("refuse", recipient_kinds='["private"]'), {}, Verdict.PERMIT),
        (law_line("refuse", min_offence_years="3"), {}, Verdict.REFUSE),
        (law_line("refuse", min_offence_years="3"), {"offence": {"max_years": 3}}, Verdict.PERMIT),
        (law_line("refuse", requires='[{fact = "may"}]'), {}, Verdict.REFUSE),
        (law_line("refuse", requires='[{fact = "may"}]'), {"facts": {"may": False}}, Verdict.REFUSE),
        (law_line("refuse", requires='[{fact = "may"}]'), {"facts": {"may": True}}, Verdict.PERMIT),
        (
            law_line("refuse", lifts='{condition = "refusal", when = ["storm"]}'),
            {"facts": {"storm": True}},
            Verdict.PERMIT,
        ),
        (law_line("refuse", lifts='{condition = "refusal", when = ["storm"]}'), {}, Verdict.REFUSE),
        (law_line("refuse", lifts='{condition = "refusal"}'), {}, Verdict.REFUSE),
        (law_line("refuse", lifts='{condition = "owner_consent"}'), {}, Verdict.PERMIT),
        (law_line("restrict", requires='[{confirmation = "sign_off"}]'), {}, Verdict.REFUSE),
        (
            law_line("restrict", requires='[{fact = "may"}]', step="6"),
            {"facts": {"may": False}},
            Verdict.REFUSE,
        ),
        (law_line("restrict", min_offence_years="3"), {}, Verdict.REFUSE),
        (law_line("restrict", min_offence_years="3"), {"offence": {"max_years": 3}}, Verdict.PERMIT),
        (law_line("withhold", withheld='["name"]'), {}, Verdict.WITHHOLD),
        (law_line("withhold", withheld='"all"'), {}, Verdict.REFUSE),
        (law_line("withhold", withheld='["name"]', until="2026-01-01"), {}, Verdict.PERMIT),
        (law_line("withhold", personal='"none"'), {}, Verdict.WITHHOLD),
        (
            law_line("withhold", withheld='["name"]', grades='{scheme = "3x5x2", information = ["E"]}'),
            {},
            Verdict.PERMIT,
        ),
    ],
)
def test_a_bar_in_a_law_ends_every_basis(
    tmp_path: Path, law: str, said: dict[str, Any], verdict: Verdict
) -> None:
    found = answer(world(tmp_path, law=law), **said)
    assert found.verdict is verdict
    assert verdict is not Verdict.REFUSE or all(
        f.scope != "basis" or f.items for f in found.failures if f.agreement == "law"
    )


def test_owner_consent_lifts_a_refusal_only_when_it_is_given(tmp_path: Path) -> None:
    law = law_line("refuse", lifts='{condition = "owner_consent", then = "record_particulars"}')
    yes = record("yes", "consent", owner='"FR"')
    register = world(tmp_path, law=law, records={"yes": yes})
    foreign = item(origin=origin(**FRENCH))
    assert answer(register, foreign, records=["yes"]).permitted
    assert answer(register, foreign).would_be is Verdict.PERMIT


def test_lines_about_some_items_take_only_those(tmp_path: Path) -> None:
    law = law_line(
        "withhold",
        withheld='["name", "conviction"]',
        when='[{conviction = "spent"}]',
        except_='[{purpose = "investigate", conviction_class = "child_sexual"}]',
    )
    register = world(tmp_path, agreement(provision(granted='["event", "name", "conviction"]')), law=law)

    def leaves(**conviction: str) -> bool:
        return "conviction" in answer(register, item(), item("conviction", conviction=conviction)).leaves

    assert not leaves(spent="yes") and leaves(spent="no") and not leaves()
    assert leaves(**{"spent": "yes", "class": "child_sexual"})
    assert "name" in answer(register, item("name")).leaves


def test_graded_and_sensitive_items_are_taken_by_their_lines(tmp_path: Path) -> None:
    law = law_line(
        "withhold", "g", withheld='"all"', grades='{scheme = "3x5x2", source = ["3"], information = ["E"]}'
    )
    law += law_line("withhold", "s", withheld='["fingerprint"]', unless_sensitive="true")
    register = world(tmp_path, agreement(provision(granted='["event", "fingerprint"]')), law=law)
    bad = item(grade={"scheme": "3x5x2", "source": "3", "information": "E"})
    assert answer(register, bad, item("fingerprint")).verdict is Verdict.REFUSE
    papers = {"condition": "Sch 8 para 1", "policy_document": "p1"}
    good = item(grade={"scheme": "4x4", "source": "A", "information": "1"})
    assert answer(register, good, item("fingerprint", sensitive=papers)).verdict is Verdict.PERMIT


@pytest.mark.parametrize(
    ("binds", "bound"),
    [
        ('{senders = ["UK"]}', True),
        ('{senders = ["RS"]}', False),
        ('{recipients = ["EU"]}', True),
        ('{parties = ["FR"]}', True),
    ],
)
def test_a_law_binds_whom_it_says(tmp_path: Path, binds: str, bound: bool) -> None:
    world(tmp_path, law=law_line("refuse"))
    path = tmp_path / "law.toml"
    path.write_text(path.read_text().replace("[[validity]]", f"binds = {binds}\n[[validity]]", 1))
    assert (answer(Register.load(tmp_path)).verdict is Verdict.REFUSE) is bound


def test_a_bar_in_an_agreement_ends_only_that_one(tmp_path: Path) -> None:
    shut = agreement(provision() + law_line("refuse", "shut"), id="aaa")
    found = answer(world(tmp_path, shut, agreement(id="bbb")))
    assert found.verdict is Verdict.PERMIT and found.agreement == "bbb"


def test_the_specific_goes_before_the_residual_then_what_withholds_least_then_id(tmp_path: Path) -> None:
    residual = agreement(id="aaa", head='yields_to = ["bbb"]')
    found = answer(world(tmp_path, residual, agreement(id="bbb")))
    assert found.agreement == "bbb" and found.passed_over[0][0] == "aaa/1"


def test_of_two_open_lines_the_one_that_withholds_least_then_the_first_id(tmp_path: Path) -> None:
    less = agreement(provision("1", granted='["event"]') + provision("2"))
    assert answer(world(tmp_path, less)).provision == "2"
    assert answer(world(tmp_path, agreement(provision("1") + provision("2")))).provision == "1"


def test_an_asked_basis_is_judged_alone_and_the_others_are_shown(tmp_path: Path) -> None:
    register = world(tmp_path, agreement(provision("1", granted='["count"]') + provision("2")))
    found = answer(register, asked_basis="deal/1")
    assert found.verdict is Verdict.REFUSE and found.provision == "1"
    assert [(r.by, r.verdict, r.computed) for r in found.routes] == [("asked_basis deal/2", "permit", True)]


# ------------------------------------------------------------------------------ the answer that is sought


def test_the_answer_that_is_sought_is_judged_as_well(tmp_path: Path) -> None:
    text = agreement(provision("1") + provision("2", acts='["answer"]', granted='["event"]'))
    text = text.replace(
        "[basis.UK_to_RS]",
        '[basis.EU_to_UK]\nmode = "instrument"\nregimes = ["crime"]\ndata = "yes"\n[basis.UK_to_RS]',
    )
    register = world(tmp_path, text)
    good = answer(register, act="ask", sought={"categories": ["name"], "systems": ["national_police"]})
    assert good.permitted and not good.warnings
    some = answer(register, act="ask", sought={"categories": ["name", "dna"], "systems": ["national_police"]})
    assert some.permitted and "could not give this: DNA" in some.warnings[0]
    none = answer(register, act="ask", sought={"categories": ["dna"]})
    assert none.verdict is Verdict.REFUSE and fields(none) == ["sought.categories"]


def test_a_question_nobody_may_answer_falls_back_on_its_own_line(tmp_path: Path) -> None:
    register = world(tmp_path, agreement(provision(directions='["UK>EU"]')))
    found = answer(register, item(), act="ask", sought={"categories": ["dna"]}, subjects=[])
    assert (found.verdict is Verdict.REFUSE and found.step == 7) or found.step == 10


def test_domestic_use_needs_no_transfer_basis(tmp_path: Path) -> None:
    register = world(tmp_path, agreement(provision(directions='["UK>UK"]')))
    assert answer(register, act="reuse", to={"side": "UK", "authority": "border"}, at=AT).permitted


def test_a_laws_refusal_of_the_answer_refuses_the_question(tmp_path: Path) -> None:
    both = provision(acts='["ask", "answer"]', directions='["UK>FR", "FR>UK"]')
    law = law_line("refuse", acts='["answer"]', directions='["FR>UK"]')
    wanted = {"categories": ["event"], "systems": ["national_police"]}
    found = answer(world(tmp_path, agreement(both), law=law), item(), act="ask", sought=wanted)
    assert found.verdict is Verdict.REFUSE and fields(found) == ["sought"]
    assert found.failures[0].provision == "l" and found.failures[0].scope == "request"
    other = law_line("refuse", acts='["answer"]', directions='["UK>FR"]')
    elsewhere = world(tmp_path, agreement(both), law=other)
    assert answer(elsewhere, item(), act="ask", sought=wanted, subjects=[]).permitted


# ------------------------------------------------------------------------------ records that open nothing


UNFIT = ('confidence = "unconfirmed"', 'regimes = ["immigration"]', 'excludes = ["crime"]')


@pytest.mark.parametrize("unfit", [*UNFIT, 'purposes = ["prevent"]', 'types = ["core_data"]'])
@pytest.mark.parametrize(
    ("kind", "lines", "law"),
    [
        ("declaration", {}, law_line("restrict", requires='[{record = "declaration"}]')),
        ("declaration", {}, law_line("refuse", requires='[{any_record = ["declaration"]}]')),
        ("consent", {"owner": '"RS"'}, law_line("restrict", origin='{consent = "owner"}')),
        (
            "assessment",
            {},
            """
[[taint]]
id = "t"
article = "T"
sentence = "Shut."
systems = ["sis"]
except = {form = "paper", needs = [{record = "assessment"}]}
""",
        ),
    ],
)
def test_a_record_unconfirmed_or_of_another_regime_purpose_or_type_opens_nothing(
    tmp_path: Path, kind: str, lines: dict[str, str], law: str, unfit: str
) -> None:
    foreign = item(origin=origin(owner="RS/mup", systems=["sis"]))
    fit = record("paper", kind, **lines)
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    assert answer(world(one, law=law, records={"p": fit}), foreign, records=["paper"]).permitted
    spoilt = world(other, law=law, records={"p": f"{fit}\n{unfit}"})
    assert not answer(spoilt, foreign, records=["paper"]).permitted


def test_a_purpose_authorisation_opens_its_own_purposes_only(tmp_path: Path) -> None:
    slid = item("name", origin=origin(collected_for="asylum", regime="immigration"))
    for purpose, leaves in (("investigate", True), ("prosecute", False)):
        folder = tmp_path / purpose
        folder.mkdir()
        paper = record("paper", "purpose_authorisation", purposes=f'["{purpose}"]')
        found = answer(world(folder, records={"p": paper}), slid, records=["paper"])
        assert found.permitted is leaves


def test_an_unconfirmed_instrument_does_not_open_an_agreement(tmp_path: Path) -> None:
    for number, (confidence, leaves) in enumerate((("confirmed", True), ("unconfirmed", False))):
        folder = tmp_path / str(number)
        folder.mkdir()
        paper = record("paper", "instrument", agreement='"deal"', confidence=f'"{confidence}"')
        late = agreement().replace("from = 2024-01-01\nuntil = 2030-01-01", "from = 2030-01-01")
        assert late != agreement()
        found = answer(world(folder, late, records={"p": paper}))
        assert found.permitted is leaves


# ------------------------------------------------------------------------------ whose item, whose goods


@pytest.mark.parametrize(
    ("owner", "state", "asked_for"),
    [
        ("FR/paf", "FR", True),
        ("FRONTEX/frontex", "FR", True),
        ("unknown", "unknown", True),
        ("RS/mup", "RS", False),
        ("RS/mup", "unknown", False),
    ],
)
def test_a_line_about_a_blocs_own_speaks_of_no_other_origin(
    tmp_path: Path, owner: str, state: str, asked_for: bool
) -> None:
    law = law_line("restrict", origin='{consent = "owner"}', origin_blocs='["EU"]')
    serbia = agreement(provision(directions='["UK>RS"]', personal='"none"')).replace('"FR"', '"RS"')
    register = world(tmp_path, serbia, law=law)
    body = {"to": {"side": "RS", "authority": "mup"}}
    found = answer(register, item(origin=origin(owner=owner, state=state)), subjects=[], **body)
    assert any(f.step == 8 for f in found.failures) is asked_for


@pytest.mark.parametrize("category", ["goods", "consignment", "trader", "suspicion"])
def test_what_keeps_people_alive_makes_nobody_suspicious(tmp_path: Path, category: str) -> None:
    register = under(tmp_path, granted='["event", "goods", "consignment", "trader", "suspicion"]')
    about = {"subjects": ["s1"]}
    vest = item(category, goods={"class": "life_jacket"}, **about)
    assert answer(register, item(), vest).leaves == ("event",)
    engine = item(category, goods={"class": "engine"}, **about)
    assert answer(register, item(), engine).leaves == ("event", category)


def test_who_deals_only_in_what_keeps_people_alive_is_not_told_as_suspect(tmp_path: Path) -> None:
    register = under(tmp_path, granted='["event", "goods", "suspicion"]')
    about = {"subjects": ["s1"]}
    vest = item("goods", id="vest", goods={"class": "life_jacket"}, **about)
    engine = item("goods", id="engine", goods={"class": "engine"}, **about)
    word = item("suspicion", **about)
    assert answer(register, item(), vest, word).leaves == ("event",)
    assert answer(register, item(), vest, engine, word).leaves == ("event", "engine", "suspicion")


# ------------------------------------------------------------------------------ what leads, what goes along


def test_of_refused_bases_the_one_with_a_line_on_the_type_leads(tmp_path: Path) -> None:
    silent = agreement(provision(types='["core_data"]'), id="a-silent")
    fitting = agreement(provision(purposes='["prosecute"]'), id="z-fitting")
    found = answer(world(tmp_path, silent, fitting))
    assert found.verdict is Verdict.REFUSE and found.agreement == "z-fitting" and found.step == 6


def test_the_rights_lane_carries_duties_and_clocks_of_laws(tmp_path: Path) -> None:
    clock = """clocks = [{name = "hear", binding = "law", starts = "received_at", unit = "month", n = 1}]
duties = [{do = "inform_person", by = "hear"}]
"""
    for effect in ("duty", "restrict"):
        folder = tmp_path / effect
        folder.mkdir()
        register = world(folder, law=law_line(effect) + clock)
        found = answer(
            register,
            act="complain",
            type="rights_report",
            purpose="rights",
            **{"from": {"side": "FR", "authority": "paf"}, "to": {"side": "UK", "authority": "iopc"}},
        )
        assert found.step == 1 and [c.name for c in found.clocks] == ["hear"]
        assert "inform_person" in [d.do for d in found.duties]


@pytest.mark.parametrize(
    "lines",
    [
        {"purposes": '["prosecute"]'},
        {"purposes": ""},
        {"from_side": '"FR"'},
        {"to_side": '"RS"'},
        {"items": '["event"]'},
        {"categories": '["image"]'},
        {"case": '"c2"'},
    ],
)
def test_a_purpose_authorisation_names_the_purpose_the_way_and_the_item(
    tmp_path: Path, lines: dict[str, str]
) -> None:
    slid = item("name", origin=origin(collected_for="asylum", regime="immigration"))
    plain = {"purposes": '["investigate"]', "case": '"c1"', "from_side": '"UK"', "to_side": '"EU"'}
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    fit = record("paper", "purpose_authorisation", **plain)
    assert answer(world(one, records={"p": fit}), slid).permitted
    unfit = record("paper", "purpose_authorisation", **{k: v for k, v in (plain | lines).items() if v})
    assert not answer(world(other, records={"p": unfit}), slid).permitted


def test_what_nobody_says_it_was_collected_for_stays_and_the_field_is_named(tmp_path: Path) -> None:
    unsaid = item("name", origin={"owner": "UK/nca", "systems": ["national_police"], "obtained": "lawfully"})
    found = answer(world(tmp_path), item(), unsaid)
    assert found.leaves == ("event",) and fields(found) == ["origin.collected_for"]
    assert [m.name for m in found.missing] == ["origin.collected_for"]
    assert found.would_be is Verdict.PERMIT


@pytest.mark.parametrize("kind", ["authorisation", "assessment", "safeguards", "neighbour_agreement"])
def test_a_record_of_another_case_opens_nothing_in_this_one(tmp_path: Path, kind: str) -> None:
    law = law_line("restrict", requires=f'[{{record = "{kind}"}}]')
    for case, opens in (('"c1"', True), ('"c2"', False)):
        folder = tmp_path / case.strip('"')
        folder.mkdir()
        found = answer(world(folder, law=law, records={"p": record("paper", kind, case=case)}))
        assert found.permitted is opens


def test_safeguards_of_another_case_are_no_basis(tmp_path: Path) -> None:
    row = '[basis.UK_to_EU]\nmode = "case_record"\nrecords = ["safeguards:UK>EU"]'
    text = agreement().replace('[basis.UK_to_EU]\nmode = "approval"\nrecords = ["approval:UK>EU"]', row, 1)
    paper = record("paper", "safeguards", from_side='"UK"', to_side='"EU"', regimes='["crime"]', case='"c1"')
    register = world(tmp_path, text, records={"p": paper})
    assert "name" in answer(register).leaves
    assert "name" not in answer(register, case="c2").leaves
    assert "name" not in answer(register, case="c2", records=["paper"]).leaves


SHUT = """
[[taint]]
id = "t"
article = "T"
sentence = "Shut."
systems = ["{system}"]
except = {{form = "leave", needs = [{{record = "consent"{more}}}]}}
"""


@pytest.mark.parametrize(
    ("system", "given_by", "said", "opens"),
    [
        ("europol", "RS", {"owner": "RS/mup"}, True),
        ("europol", "", {"owner": "RS/mup"}, False),
        ("europol", "UK", {}, False),
        ("europol", "UK/nca", {}, False),
        ("europol", "UK", {"state": "UK"}, True),
        ("europol", "UK", {"state": "RS"}, False),
        ("europol", "RS", {"state": "RS"}, True),
        ("europol", "UK", {"owner": "unknown"}, False),
        ("europol", "unknown", {"owner": "unknown"}, False),
        ("eurodac", "UK", {}, False),
        ("sis", "UK", {}, False),
        ("prum", "UK", {}, False),
        ("interpol", "UK", {}, False),
        ("customs", "UK", {}, True),
    ],
)
def test_the_source_and_not_the_sender_agrees_to_lift_a_bar(
    tmp_path: Path, system: str, given_by: str, said: dict[str, Any], opens: bool
) -> None:
    lines = {"owner": f'"{given_by}"'} if given_by else {}
    papers = {"p": record("paper", "consent", **lines)}
    register = world(tmp_path, law=SHUT.format(system=system, more=""), records=papers)
    made = item("name", origin=origin(**({"systems": [system]} | said)))
    assert ("name" in answer(register, item(), made, records=["paper"]).leaves) is opens


def test_a_line_may_name_whose_consent_it_asks_for(tmp_path: Path) -> None:
    law = SHUT.format(system="customs", more=', owner = "UK/border"')
    for owner, opens in (("UK/nca", False), ("FR", False), ("UK/border", True), ("UK", True)):
        folder = tmp_path / owner.replace("/", "-")
        folder.mkdir()
        papers = {"p": record("paper", "consent", owner=f'"{owner}"')}
        register = world(folder, law=law, records=papers)
        made = item("name", origin=origin(systems=["customs"]))
        assert ("name" in answer(register, item(), made, records=["paper"]).leaves) is opens


def test_the_second_consent_counts_where_the_first_does_not_reach(tmp_path: Path) -> None:
    """Records are read in the order of their ids: the first of a kind is not the only one."""
    first = record("a", "consent", owner='"FRONTEX"')
    second = record("b", "consent", owner='"RS"')
    register = world(tmp_path, law=SHUT.format(system="europol", more=""), records={"a": first, "b": second})
    made = item("name", origin=origin(owner="RS/mup", systems=["europol"]))
    assert "name" in answer(register, made, records=["a", "b"]).leaves
    assert "name" not in answer(register, made, records=["a"]).leaves


def test_a_consent_asked_of_the_whole_request_covers_every_item_of_it(tmp_path: Path) -> None:
    law = law_line("restrict", requires='[{record = "consent"}]')
    papers = {
        "a": record("a", "consent", owner='"UK"'),
        "b": record("b", "consent", owner='"RS"'),
    }
    register = world(tmp_path, law=law, records=papers)
    theirs = item("image", origin=origin(owner="RS/mup"))
    assert not answer(register, item(), theirs, records=["a"]).permitted
    assert answer(register, item(), theirs, records=["a", "b"]).permitted


def test_a_restriction_on_some_items_that_lack_a_paper_takes_those_items(tmp_path: Path) -> None:
    law = law_line("restrict", systems='["customs"]', requires='[{record = "assessment"}]', step="8")
    register = world(tmp_path, law=law)
    from_customs = item("name", origin=origin(systems=["customs"]))
    found = answer(register, item(), from_customs)
    assert found.leaves == ("event",) and [f.step for f in found.withheld] == [8]
    assert [m.items for m in found.missing] == [("name",)]
    whole = law_line("restrict", requires='[{record = "assessment"}]', step="8")
    other = tmp_path / "whole"
    other.mkdir()
    assert answer(world(other, law=whole), item(), from_customs).verdict is Verdict.REFUSE
