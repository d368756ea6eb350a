"""One night in the Channel, step by step. Each step does what its officers would do and tells what the
gate answered.

A step that did not run is absent from the summary. Nothing here expects an answer: what is told is what
was answered.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cordiale.demo import papers
from cordiale.demo.stage import Desk, DeskFault
from cordiale.world import Clock

ARRIVES_S: Final = (
    40.0  # far beyond what loopback needs; a partner that was down is tried again within seconds
)
LOOK_S: Final = 0.2
WHY: Final = re.compile(r"(?:not_accepted: )*(?P<article>.+?): (?P<sentence>[A-Z].*)", re.S)
"""What a receiver's officer is told of a refusal: the article, and a sentence."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """What happened in one step."""

    name: str
    sender: str
    recipient: str
    verdict: str
    article: str
    withheld: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "from": self.sender,
            "to": self.recipient,
            "verdict": self.verdict,
            "article": self.article,
            "withheld": list(self.withheld),
        }


def in_words(path: str) -> str:
    """A part of a report for people: `suspects.0.suspected_of.1` is "suspects 1, suspected of 2"."""
    told = ""
    for word in path.split("."):
        told += f" {int(word) + 1}" if word.isdigit() else f", {word.replace('_', ' ')}"
    return told.removeprefix(", ").strip()


@dataclass(slots=True)
class Night:
    """The three desks, what has happened so far, and where to tell it."""

    uk: Desk
    fr: Desk
    frontex: Desk
    clock: Clock
    say: Say
    steps: list[Step] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    def tell(self, step: Step) -> None:
        """Keep a step and say it."""
        self.steps.append(step)
        self.say(f"{step.name}: {step.sender} -> {step.recipient}: {step.verdict.upper()} [{step.article}]")
        if step.withheld:
            self.say(f"    withheld: {'; '.join(map(in_words, step.withheld))}")

    def now(self) -> datetime:
        return self.clock.now().astimezone(UTC)


def play(night: Night) -> None:
    """The whole story, in order."""
    for act in (
        meet,
        report,
        onward_without_consent,
        onward_with_consent,
        protected,
        corrupted_sender,
        suspended,
        distress,
        suspension_over,
        recall,
        partner_down,
    ):
        act(night)


def wait_for(what: str, look: Callable[[], Any], wait_s: float = ARRIVES_S) -> Any:
    """Look again and again until there is something. Raises DeskFault when it does not come."""
    until = time.monotonic() + wait_s
    while time.monotonic() < until:
        if seen := look():
            return seen
        time.sleep(LOOK_S)
    raise DeskFault(f"{what} did not come within {wait_s:.0f} seconds")


# ------------------------------------------------------------------------------ the acts


def meet(night: Night) -> None:
    """Cards change hands; the words are compared on the telephone."""
    desks = (night.uk, night.fr, night.frontex)
    cards = {desk.troupe.node: desk.ask("card") for desk in desks}
    for desk in desks:
        for other in desks:
            if other is not desk:
                given = cards[other.troupe.node]
                by = desk.troupe.players[0].name
                desk.ask("meet", card=given["card"], words=given["words"], by=by)
    night.say("Three nodes know each other: cards exchanged, twelve words compared.")


def report(night: Night) -> None:
    """An intelligence report from France to the UK under the trade treaty."""
    paper = papers.network_report(night.now())
    sent = night.fr.ask("send", officer="fr.desk", paper=paper)
    _tell_view(night, "report", "FR/police-judiciaire", sent["views"][0])
    if sent["views"][0]["verdict"] == "refuse":
        return
    night.notes["report"] = sent["thread"]
    line = _arrived(night.uk, "uk.desk", "intelligence_report")
    night.notes["received"] = line["reference"]
    night.notes["message"] = line["message"]
    night.uk.ask("read", officer="uk.desk", reference=line["reference"], purpose="tonight's watch (invented)")


def onward_without_consent(night: Night) -> None:
    """The UK would pass it on to Frontex: not without the originator's say."""
    if "received" in night.notes:
        asked = _onward(night)
        _tell_view(night, "onward_without_consent", "UK/home-office", asked["views"][0])


def onward_with_consent(night: Night) -> None:
    """France records its consent; what goes to Frontex goes without the person items."""
    if "received" not in night.notes:
        return
    name, toml = papers.consent(night.now().date().isoformat())
    for desk in (night.uk, night.frontex):
        desk.ask("record", name=name, toml=toml)
    asked = _onward(night, name)
    _tell_view(night, "onward_with_consent", "UK/home-office", asked["views"][0])
    if asked["views"][0]["verdict"] != "refuse":
        night.notes["passed"] = _arrived(night.frontex, "fx.desk", "intelligence_report")["message"]


def _onward(night: Night, *consents: str) -> Any:
    return night.uk.ask(
        "forward",
        officer="uk.desk",
        reference=night.notes["received"],
        recipients=["FRONTEX/frontex"],
        asks=papers.onward_asks(consents),
    )


def protected(night: Night) -> None:
    """A person with a pending claim: not to the state of origin, not to who passes things to it."""
    for name, recipient in (
        ("protected_from_origin_state", "IQ/iq-contact-point"),
        ("protected_from_third_state", "RS/rs-contact-point"),
        ("protected_from_frontex", "FRONTEX/frontex"),
    ):
        sent = night.uk.ask("send", officer="uk.desk", paper=papers.claimant_report(recipient))
        _tell_view(night, name, "UK/home-office", sent["views"][0])


def corrupted_sender(night: Night) -> None:
    """Somebody corrupts the UK's gate: it lets all go. Frontex's node refuses from its own files."""
    night.uk.ask("lie", basis={"agreement": "uk-frontex-wa-2024", "provision": "intelligence"})
    sent = night.uk.ask("send", officer="uk.desk", paper=papers.claimant_report("FRONTEX/frontex"))
    night.say(f"The UK's gate has been corrupted and says {sent['views'][0]['verdict'].upper()}.")
    why = wait_for("the refusal at Frontex", lambda: _refused_here(night.frontex))
    night.uk.ask("lie", basis=None)
    said = WHY.fullmatch(why)
    article, sentence = (said["article"], said["sentence"]) if said else (why, why)
    night.say(f"Frontex's node refuses from its own files, and tells its own officer: {sentence}")
    night.tell(Step("corrupted_sender", "UK/home-office", "FRONTEX/frontex", "refuse", article))
    told = wait_for("the word to the UK", lambda: _refused_there(night.uk, sent["thread"]))
    night.say(f"The UK's officer hears only: {told}")


def _refused_here(desk: Desk) -> str:
    failed = desk.ask("failed", officer=desk.troupe.players[1].login)
    return next((str(one["reason"]) for one in failed if one["direction"] == "in"), "")


def _refused_there(desk: Desk, thread: str) -> str:
    lines = desk.ask("trays", officer=desk.troupe.players[1].login)["out"]
    return next((str(one["fault"]) for one in lines if one["thread"] == thread and one["fault"]), "")


def suspended(night: Night) -> None:
    """The trade treaty's police part is suspended that night: no report passes any more."""
    name, toml = papers.suspension(night.now().date().isoformat())
    for desk in (night.uk, night.fr):
        desk.ask("record", name=name, toml=toml)
    night.say("The trade treaty's police part is suspended; both nodes have loaded the record.")
    sent = night.fr.ask("send", officer="fr.desk", paper=papers.network_report(night.now()))
    _tell_view(night, "suspended", "FR/police-judiciaire", sent["views"][0])


def suspension_over(night: Night) -> None:
    """Distress has passed all the same; now the suspension is withdrawn, and reports pass again."""
    name, toml = papers.suspension(night.now().date().isoformat(), withdrawn=True)
    for desk in (night.uk, night.fr):
        desk.ask("record", name=name, toml=toml)
    paper = papers.network_report(night.now())
    shown = night.fr.ask("preview", officer="fr.desk", paper=paper)[0]
    night.say(f"the suspension is withdrawn; asked again, the gate says {shown['verdict'].upper()}")


def distress(night: Night) -> None:
    """A boat takes water: the call is on the rescue centre's page before anybody has decided anything."""
    opened = night.fr.ask(
        "distress", officer="fr.watch", body=papers.distress_call(night.now()), areas=["dover-strait"]
    )
    shown = wait_for("the distress call", lambda: _sounding(night.uk), 10.0)
    ring = "; ".join(dict.fromkeys(f"{one['name']} {one['number']}" for one in shown["ring"]))
    night.say(f"DISTRESS, NOT CONFIRMED, sounding at HM Coastguard; ring {ring}")
    night.tell(Step("distress", "FR/cross-gris-nez", "UK/hm-coastguard", "permit", _rescue_article(opened)))
    person = "Tom Ferrybridge (invented)"
    night.uk.ask("confirm", officer="uk.watch", reference=shown["reference"], person=person)
    centre = wait_for("the confirmation", lambda: _confirmed(night.fr, opened["reference"]))
    night.say(f"confirmed at {centre['recipient']} by a named person; the sound stops")
    night.tell(
        Step("distress_confirmed", "UK/hm-coastguard", "FR/cross-gris-nez", "permit", _rescue_article(opened))
    )


def _rescue_article(opened: Mapping[str, Any]) -> str:
    """The article of the gate's answer, as the first centre's decision named it."""
    articles = [str(one.get("article", "")) for one in opened["centres"] if one.get("article")]
    return articles[0] if articles else "DPA 2018 s.76(1)(a)"


def _sounding(desk: Desk) -> Any:
    return next((one for one in desk.ask("incidents") if one["sounding"]), None)


def _confirmed(desk: Desk, reference: str) -> Any:
    for one in desk.ask("incidents"):
        if one["reference"] == reference:
            return next((centre for centre in one["centres"] if centre["confirmed_by"]), None)
    return None


def recall(night: Night) -> None:
    """France recalls the report: every copy is destroyed, at the UK and at whom the UK passed it to."""
    if "report" not in night.notes:
        return
    night.fr.ask("recall", officer="fr.desk", thread=night.notes["report"], reason="inaccurate")
    wait_for("the recall at the UK", lambda: _recalled(night.uk, "uk.desk", night.notes["message"]))
    night.tell(Step("recall", "FR/police-judiciaire", "UK/home-office", "permit", RECALL_ARTICLE))
    if "passed" in night.notes:
        wait_for("the recall at Frontex", lambda: _recalled(night.frontex, "fx.desk", night.notes["passed"]))
        night.tell(Step("recall_follows_copy", "UK/home-office", "FRONTEX/frontex", "permit", RECALL_ARTICLE))


RECALL_ARTICLE: Final = "DPA 2018 ss.38(5), 48(9); LED Arts 7(3), 16(6)"


def _recalled(desk: Desk, officer: str, message: str) -> bool:
    lines = desk.ask("trays", officer=officer)["in"]
    return any(one["message"] == message and one["state"] == "recalled" for one in lines)


def partner_down(night: Night) -> None:
    """Frontex's node loses power; what is for it waits, and arrives when it is back."""
    night.frontex.kill()
    night.say("Frontex's node has lost power.")
    sent = night.uk.ask("send", officer="uk.desk", paper=papers.route_note(night.now()))
    shown = sent["views"][0]
    if shown["verdict"] != "refuse":
        wait_for("the message in the outbox", lambda: _waits(night.uk, sent["thread"]))
        night.say("the message waits, nothing is lost")
    night.frontex.start()
    night.say("Frontex's node is back.")
    if shown["verdict"] != "refuse":
        wait_for("the delivery", lambda: _delivered(night.uk, sent["thread"]))
    _tell_view(night, "partner_down_and_back", "UK/home-office", shown)


def _waits(desk: Desk, thread: str) -> bool:
    """Whether a message was decided and posted and has not been delivered."""
    lines = desk.ask("trays", officer="uk.desk")["out"]
    return any(one["thread"] == thread and one["state"] == "waiting" for one in lines)


def _delivered(desk: Desk, thread: str) -> bool:
    lines = desk.ask("trays", officer="uk.desk")["out"]
    return any(one["thread"] == thread and one["state"] == "delivered" for one in lines)


def check(night: Night, folder: Path) -> list[dict[str, Any]]:
    """Audit every node and verify the export of every ledger: node, size, verified."""
    found = []
    for desk in (night.uk, night.fr, night.frontex):
        checked = desk.ask("check", file=str(folder / f"{desk.troupe.key}.ledger"))
        audit, ledger = checked["audit"], checked["ledger"]
        for wrong in audit["wrong"]:
            night.say(f"AUDIT {desk.troupe.node}: {wrong}")
        good = bool(ledger["ok"] and audit["ok"])
        size = int(ledger.get("size", 0))
        night.say(f"ledger of {desk.troupe.node}: {size} entries, {'verified' if good else 'DOES NOT HOLD'}")
        found.append({"node": desk.troupe.node, "size": size, "verified": good})
    return found


# ------------------------------------------------------------------------------ telling


def _tell_view(night: Night, name: str, sender: str, view: Mapping[str, Any]) -> None:
    withheld = tuple(str(one["item"]) for one in view["withheld"])
    first = [str(why.get("article", "")) for why in view["failures"]] if view["verdict"] == "refuse" else []
    article = next((one for one in (*first, view["article"]) if one), "")  # the first failing step leads
    night.tell(Step(name, sender, view["recipient"], view["verdict"], article, withheld))


def _arrived(desk: Desk, officer: str, type_id: str) -> Any:
    """The newest message of a type that has come and stands."""

    def look() -> Any:
        lines = desk.ask("trays", officer=officer)["in"]
        return next((one for one in lines if one["type"] == type_id and one["state"] == "received"), None)

    return wait_for(f"the {type_id} at {desk.troupe.node}", look)
