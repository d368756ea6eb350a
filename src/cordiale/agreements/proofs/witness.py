"""A word that breaks a safeguard, as a request that people can read and the gate can be asked.

Papers that the word needs (a consent, an authorisation) are put on file in thought, and are named: a breach
that takes a consent is still a breach.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cordiale.agreements.answer import Answer
from cordiale.agreements.gate import decide
from cordiale.agreements.model import Agreement, Provision, Record
from cordiale.agreements.proofs.drawing.sheet import ELSEWHERE, ITEM, number_of, spelt
from cordiale.agreements.proofs.drawing.sources import BY_STATE, NOT_KNOWN, rule_name
from cordiale.agreements.question import parse_question
from cordiale.agreements.register import Register
from cordiale.agreements.steps.minimise import SUSPECTING
from cordiale.agreements.steps.origin import onward_rule
from cordiale.agreements.steps.protection import AGAINST
from cordiale.agreements.steps.taint import WATCHED

Values = Mapping[str, str]
Raw = dict[str, Any]
STATED: Final = {"source": "document", "by": "(invented) officer on duty", "at": "2026-01-01"}
OF_SUBJECT: Final = (*AGAINST, "role", "kind")
SOMEWHERE: Final = "VN"
"""A nationality that settles the question and is no party to any agreement here."""
CLEAR: Final = "OFFICIAL"


@dataclass(frozen=True, slots=True)
class Witness:
    """One request, the papers it takes in thought, and what the gate said to it."""

    request: Raw
    papers: tuple[Record, ...]
    answer: Answer

    @property
    def leaves(self) -> bool:
        """Whether the item in focus really leaves."""
        return FOCUS in self.answer.leaves


FOCUS: Final = "i1"


def witness(
    values: Values, agreement: Agreement, line: Provision, known: tuple[Register, datetime]
) -> Witness:
    """The request that a word means under one line, asked of the gate itself as the register stands then."""
    register, at = known
    writer = Writer(values, agreement, line, known)
    request = writer.request()
    papers = tuple(writer.papers)
    papered = register.supposing(papers) if papers else register
    return Witness(request, papers, decide(parse_question(request), papered, at))


class Writer:
    """Writes one word down as a request. What the word leaves open is told plainly and harmlessly."""

    def __init__(
        self, values: Values, agreement: Agreement, line: Provision, known: tuple[Register, datetime]
    ) -> None:
        self.values, self.agreement, self.line = values, agreement, line
        self.register, self.at = known
        self.papers: list[Record] = []
        self.named: list[str] = []

    def said(self, name: str, default: str) -> str:
        return self.values.get(name, default)

    def yes(self, name: str) -> bool:
        return self.values.get(name) == "yes"

    def rest(self, prefix: str) -> Iterator[tuple[str, str]]:
        """What stands behind a prefix in a variable's name, with its value."""
        for name, value in self.values.items():
            if name.startswith(prefix):
                yield name.removeprefix(prefix), value

    # -------------------------------------------------------------------- the head

    def request(self) -> Raw:
        """The whole request, with one item for each part that the line cannot do without."""
        self._case_papers()
        items = [self.item(FOCUS, self.said("category", min(self.line.granted, default="reference")))]
        needed = self.line.essential | self.line.must_include | self._compulsory()
        others = sorted(needed - {items[0]["category"]})
        plain = Writer(self._plain(), self.agreement, self.line, (self.register, self.at))
        items += [plain.item(f"i{n}", category) for n, category in enumerate(others, start=2)]
        asked: Raw = {
            "id": "breach",
            "at": self.at.isoformat(),
            "asked_basis": f"{self.agreement.id}/{self.line.id}",
            "act": self.said("act", min(self.line.acts)),
            "type": self.said("type", min(self.line.types)),
            "purpose": self.said("purpose", min(self.line.purposes)),
            "regime": self.said("regime", "crime"),
            "channel": self.said("channel", "node"),
            "targeting": self.said("targeting", "individual"),
            "automated": self.said("automated", "no"),
            "from": self._end("from"),
            "to": self._end("to"),
            "urgent": {"level": self.said("urgent", "no")},
            "facts": self._facts(),
            "subjects": [self.subject()],
            "items": items,
            "confirmations": list(self._confirmations()),
            "records": self.named,
        }
        return asked | self._fields()

    def _plain(self) -> dict[str, str]:
        """The word without what it says of the item in focus: for parts that nothing speaks against."""
        own = (*ITEM, "source_article", "cell", "spent", "conviction_class", "received_under")
        marks = ("system:", "derived:", "can:", "limit:", "bloc:", "graded:", "consent")
        kept = {n: v for n, v in self.values.items() if n not in own and not n.startswith(marks)}
        return kept | {"collected_for": self.said("purpose", ""), "collected_regime": self.said("regime", "")}

    def _compulsory(self) -> frozenset[str]:
        """What the laws ask to stand in a message of this type."""
        kind = self.said("type", "")
        lines = (p for law in self.register.laws for p in law.provision if kind in p.types)
        return frozenset().union(*(p.must_include for p in lines))

    def _fields(self) -> Raw:
        found: Raw = {}
        if self.said("modality", "none") != "none":
            found["modality"] = self.values["modality"]
        if self.yes("reason"):
            found["reason"] = "(invented) because the case asks for it"
        if self.yes("case"):
            found["case"] = "case-1"
        if self.yes("place_of_processing"):
            found["place_of_processing"] = "(invented) data centre"
        years = self.said("offence_years", "unknown")
        if self.yes("offence") or years != "unknown" or self.said("offence_stage", "unknown") != "unknown":
            found["offence"] = {"code": "facilitation", "stage": self.said("offence_stage", "unknown")}
            if years != "unknown":
                found["offence"]["max_years"] = int(years.removeprefix("from ")) if years != "below" else 0
        if self.yes("sought"):
            found["sought"] = {"categories": ["reference"]}
        return found

    def _end(self, end: str) -> Raw:
        body = self.said(end, "")
        if body in ("", ELSEWHERE):
            listed = next(one for one in self.agreement.side if one.authority)
            body = f"{listed.code}/{listed.authority[0].id or listed.authority[0].kind}"
        side, _, authority = body.partition("/")
        found: Raw = {"side": side, "authority": authority}
        behalf = self.said(f"{end}_behalf", "none")
        if behalf not in ("none", ELSEWHERE):
            found["on_behalf_of"] = behalf
        if end == "from":
            person = {"capacity": self.said("capacity", "own_officer"), "id": "(invented) P1"}
            found["person"] = person | ({"deployment": "(invented) posting"} if self.yes("posted") else {})
        return found

    def side(self, end: str) -> str:
        return str(self._end(end)["side"])

    def _facts(self) -> Raw:
        found: Raw = {}
        for name, value in self.rest("fact:"):
            if value == spelt(True) or value == spelt(False):
                found[name] = value == spelt(True)
            elif (number := number_of(value)) is not None:
                found[name] = number
            elif value.startswith("="):
                found[name] = value[1:].strip("'")
        return found

    def _confirmations(self) -> Iterator[Raw]:
        """As many persons as the word counts, each with the marks that it counts."""
        counted: dict[str, dict[str, int]] = {}
        for name, value in self.rest("confirmed:"):
            of, _, marks = name.partition(":")
            counted.setdefault(of, {})[marks] = int(value)
        for of, by_marks in counted.items():
            most = max(by_marks.values())
            strict = max((n for marks, n in by_marks.items() if "qualified" in marks), default=most)
            for n in range(most):
                qualified = "yes" if n < strict else "no"
                yield {
                    "person": f"(invented) {of}-{n}",
                    "of": of,
                    "qualified": qualified,
                    "at": self._earlier(),
                }

    def _earlier(self) -> str:
        return self.at.replace(hour=0, minute=0, second=0, microsecond=0).isoformat()

    # -------------------------------------------------------------------- whom it is about

    def subject(self) -> Raw:
        """The one subject, with somebody who stands for each fact that is known."""
        found: Raw = {"id": "s1", "kind": self.said("kind", "person"), "established": {}}
        found["role"] = self.said("role", "suspect")
        for name in AGAINST:
            value = self.values.get(name)
            if value is not None and value != "unknown":
                found[name] = value
                found["established"][name] = STATED
        settled = self.yes("nationality_settled")
        if self.yes("of_recipient"):
            found["nationality"] = [self.side("to")]
        elif settled:
            found["nationality"] = [SOMEWHERE]
        if settled:
            found["established"]["nationality"] = STATED
        small = [int(n) for n, value in self.rest("smaller than ") if value == "no"]
        if small:
            found["size"] = max(small) + 1
        return found

    # -------------------------------------------------------------------- what it says

    def item(self, id: str, category: str) -> Raw:
        """One item: the focus, and those that the line cannot do without, alike but for the category."""
        found: Raw = {
            "id": id,
            "category": category,
            "subjects": ["s1"],
            "origin": self._origin(),
            "handling": self._handling(id),
            "transformable": sorted(how for how, value in self.rest("can:") if value == "yes"),
        }
        if self.said("tied", "yes") == "no" and self.said("kind", "person") in ("person", "unidentified"):
            found["subjects"] = []
        if self.said("described", "no table") != "no table" and id == FOCUS:
            found["aggregate"] = self._aggregate()
        if self.yes("sensitive_papers"):
            found["sensitive"] = {"condition": "(invented)", "policy_document": "(invented)"}
        if self.yes("excluded_goods") and category in SUSPECTING:
            found["goods"] = {"class": next(g.id for g in self.register.goods.values() if g.excluded)}
        if self.said("spent", "none") != "none":
            kind = self.said("conviction_class", "unknown")
            found["conviction"] = {"spent": self.values["spent"], "class": kind}
        return found

    def _aggregate(self) -> Raw:
        cell = self.said("cell", "unknown")
        people = ["nationality"] if self.values["described"] == "people" else ["other"]
        found: Raw = {"describes": people}
        if cell not in ("unknown", "no table"):
            found["smallest_cell"] = int(cell.removeprefix("from ")) if cell != "below" else 1
        return found

    def _origin(self) -> Raw:
        found: Raw = {
            "owner": self._owner(self.said("owner", "ours")),
            "obtained": self.said("obtained", "lawfully"),
            "regime": self.said("collected_regime", self.said("regime", "crime")),
        }
        holder = self._owner(self.said("holder", self.said("owner", "ours")))
        found["state"] = holder.partition("/")[0] if holder != "unknown" else "unknown"
        if self.said("collected_for", "unknown") != "unknown":
            found["collected_for"] = self.values["collected_for"]
        if self.said("systems_stated", "yes") == "yes":
            found["systems"] = sorted(name for name, value in self.rest("system:") if value == "yes")
        derived = sorted(name for name, value in self.rest("derived:") if value == "yes")
        found["derived_from"] = derived if self.said("derived_stated", "yes") == "yes" else "unknown"
        article = self.said("source_article", "other")
        if article != "other":
            found["source_article"] = article
        under = self.said("received_under", "")
        if under:
            found["received_under"] = self._under(under)
        return found

    def _under(self, rule: str) -> str:
        if rule == NOT_KNOWN:
            return "(no such text)"
        for text in (*self.register.agreements, *self.register.laws):
            for line in text.provision:
                name = f"{text.id}/{line.id}"
                if (
                    line.onward is not None
                    and rule_name(line.onward) == rule
                    and onward_rule(self.register, name)
                ):
                    return name
        return "(no such text)"

    def _owner(self, relation: str) -> str:
        """A body that stands so to the two ends."""
        if relation in ("ours", "of_both"):
            return self._body("from")
        if relation == "theirs":
            return self._body("to")
        if relation == "unknown":
            return "unknown"
        return next((s for s in sorted(self.register.sides) if self._fits(s)), "NO")

    def _body(self, end: str) -> str:
        found = self._end(end)
        return f"{found['side']}/{found['authority']}"

    def _fits(self, side: str) -> bool:
        """Whether a third Side is party and watched as the word says."""
        day = self.register.on(self.at)
        if side in (self.side("from"), self.side("to")):
            return False
        party = any(
            one.code == side or (one.bloc and day.member(side, one.code)) for one in self.agreement.side
        )
        watched = bool(day.bound_by(side) & WATCHED)
        wanted = {"owner_party": party, "unwatched": not watched}
        return all(name not in self.values or self.yes(name) is so for name, so in wanted.items())

    def _handling(self, id: str) -> Raw:
        found: Raw = {
            "code": self.said("code", self._open_code()),
            "classification": self.said("classification", CLEAR),
        }
        limits: list[Any] = [name for name, value in self.rest("limit:") if value == "yes"]
        if self.yes("never_here"):
            limits.append({"never_to": [self.side("to")]})
        if self.yes("use_barred"):
            limits.append(
                {"use_only": [next(p for p in ("rescue", "asylum") if p != self.said("purpose", ""))]}
            )
        consents = []
        if self.yes("consent"):
            consents.append(self._put("consent", owner=self._owner(self.said("owner", "ours")), items=[id]))
        if self.yes("veto"):
            holder = self._owner(self.said("holder", "ours"))
            self._put("consent", owner=holder, items=[id], answer="refused")
        for name, value in self.values.items():
            if name.count("|") == 2 and name.startswith("consent") and value == "yes":
                wanted, owner, live = name.split("|")
                by = self._owner(self.said("owner", "ours")) if owner in ("", BY_STATE) else owner
                consents.append(self._put(wanted, owner=by, items=[id], live=live))
        return found | {"restrictions": limits, "consents": consents}

    def _open_code(self) -> str:
        """The lowest handling code that asks for nothing."""
        rules = self.register.handling.values()
        plain = [rule for rule in rules if not (rule.use_only or rule.human_reads or rule.travels)]
        return str(min(plain, key=lambda rule: rule.rank).id) if plain else "unknown"

    # -------------------------------------------------------------------- papers

    def _case_papers(self) -> None:
        for name, value in self.rest("named:"):
            if value == "yes":
                self.named.append(name)
        for name, value in self.rest("paper:"):
            if value == "yes":
                wanted, _, live = name.partition("|")
                self.named.append(self._put(wanted, live=live))
        if self.yes("slide_paper"):
            self.named.append(self._put("purpose_authorisation"))

    def _put(
        self,
        wanted: str,
        *,
        owner: str = "",
        items: Iterable[str] = (),
        answer: str = "given",
        live: str = "",
    ) -> str:
        """A paper on file in thought; its id."""
        kind, _, scope = wanted.partition(":")
        id = f"in-thought-{len(self.papers) + 1}"
        day = self.at.date()
        paper = Record(
            id=id,
            kind=kind,
            issued_by="(in thought)",
            from_=day,
            known_from=day,
            scope=[scope] if scope else None,
            makes_live=frozenset({live} - {""}),
            owner=owner,
            items=frozenset(items),
            answer=answer,
            purposes=frozenset({self.said("purpose", "")} - {""})
            if kind == "purpose_authorisation"
            else frozenset(),
            recipients=frozenset({self.side("to")}) if kind == "case_transfer" else frozenset(),
        )
        self.papers.append(paper)
        return id
