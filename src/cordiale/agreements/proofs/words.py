"""A request as a word of a form: what the gate reads of it, said in the form's variables.

What the files cannot say beforehand is measured here, by the gate's own steps: whose an item is, whether a
consent covers it, how many persons confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cordiale.agreements.case import Case, graded
from cordiale.agreements.gate import evaluate_answer
from cordiale.agreements.model import Agreement, Grades, Requirement
from cordiale.agreements.proofs.drawing.basis import graded_name
from cordiale.agreements.proofs.drawing.leaving import cell_words
from cordiale.agreements.proofs.drawing.needs import COUNTED_MAX
from cordiale.agreements.proofs.drawing.sheet import ELSEWHERE, cut_of, fact_value, offence_cuts
from cordiale.agreements.proofs.drawing.sources import BY_STATE, NOT_KNOWN, rule_name
from cordiale.agreements.proofs.form import Form, ItemWord, Scope, Variable, Word
from cordiale.agreements.question import End, Item, Question, Subject
from cordiale.agreements.register import Day
from cordiale.agreements.sought import judge_sought
from cordiale.agreements.steps import minimise, needs, origin, purpose, taint
from cordiale.agreements.steps.protection import AGAINST, everybody, settled
from cordiale.agreements.steps.who import party_sides

UNKNOWN: Final = "unknown"


def word_of(question: Question, day: Day, form: Form, agreement: Agreement) -> Word:
    """The word of a request in the form of this agreement and day."""
    reader = Reader(Case(question, day, agreement), form)
    return reader.word()


def yes(answer: object) -> str:
    return "yes" if answer else "no"


@dataclass(frozen=True)
class Reader:
    """Reads one request for one form."""

    case: Case
    form: Form

    def word(self) -> Word:
        asked = self.case.asked
        people = everybody(self.case)
        places = {one.id: n for n, one in enumerate(people)}
        by_scope: dict[Scope, list[Variable]] = {scope: [] for scope in Scope}
        for variable in self.form.variables:
            by_scope[variable.scope].append(variable)
        head = {v.name: self.head(v) for v in by_scope[Scope.HEAD]}
        subjects = tuple({v.name: self.subject(v, s) for v in by_scope[Scope.SUBJECT]} for s in people)
        items = tuple(
            ItemWord(
                item.id,
                {v.name: self.item(v, item) for v in by_scope[Scope.ITEM]},
                tuple(dict.fromkeys(places[s.id] for s in asked.about(item))),
            )
            for item in asked.items
        )
        return Word(head, subjects, items, len(asked.subjects))

    # -------------------------------------------------------------------- head

    def head(self, variable: Variable) -> str:
        """The value of a variable of the head."""
        asked, (kind, _, rest) = self.case.asked, variable.name.partition(":")
        if not rest:
            return self._plain[kind]
        if kind == "fact":
            return fact_value(variable.values, self.case.fact(rest))
        if kind == "confirmed":
            return self._confirmed(rest)
        if kind == "named":
            return yes(any(r.id == rest and self.case.names(r) for r in self.case.day.records))
        if kind == "sought_barred":
            return yes(self._sought_barred(rest))
        # A paper of a case that is not on file today: proofs allow for one, a request has none.
        assert kind == "paper", f"`{variable.name}` of {asked.id} is no variable of a head"
        return "no"

    @cached_property
    def _plain(self) -> dict[str, str]:
        asked = self.case.asked
        offence, reason = asked.offence, asked.reason or asked.urgent.reason
        cuts = offence_cuts(self.case.day)
        nationals = {True: "yes", False: "no", None: UNKNOWN}[needs.all_nationals(self.case)]
        plain = {
            "act": asked.act,
            "type": asked.type,
            "purpose": asked.purpose,
            "regime": asked.regime,
            "channel": asked.channel,
            "targeting": asked.targeting,
            "modality": asked.modality or "none",
            "automated": asked.automated,
            "capacity": asked.from_.capacity,
            "posted": yes(asked.from_.person and asked.from_.person.deployment),
            "urgent": asked.urgent.level,
            "reason": yes(reason),
            "case": yes(asked.case),
            "offence": yes(offence is not None),
            "offence_stage": offence.stage if offence else UNKNOWN,
            "offence_years": cut_of(cuts, offence.max_years if offence else None),
            "place_of_processing": yes(asked.place_of_processing),
            "sought": yes(asked.sought is not None),
            "all_nationals": nationals,
        }
        ends = {"from": _body(asked.from_), "to": _body(asked.to)}
        ends |= {"from_behalf": _behalf(asked.from_), "to_behalf": _behalf(asked.to)}
        for name, body in ends.items():
            known = self.form.variables[self.form.place(name)].values
            plain[name] = body if body in known else ELSEWHERE
        live = {v.name for v in self.form.variables if v.name.startswith("any consent")}
        return {k: str(v) for k, v in plain.items()} | {name: self._any_consent(name) for name in live}

    def _any_consent(self, name: str) -> str:
        wanted, _, live = name.removeprefix("any ").partition("|")
        papers = (r for r in self.case.records(wanted) if not live or live in r.makes_live)
        return yes(any(r.answer == "given" and r.owner for r in papers))

    def _confirmed(self, rest: str) -> str:
        of, *marks = rest.split(":")
        need = Requirement(
            confirmation=of, qualified="qualified" in marks, independent="independent" in marks
        )
        return str(min(len(needs.counting(self.case, need)), COUNTED_MAX))

    def _sought_barred(self, line: str) -> bool:
        agreement = self.case.agreement
        assert agreement is not None
        provision = next(p for p in agreement.provision if p.id == line)
        case = Case(self.case.asked, self.case.day, agreement, provision)
        judge_sought(case, evaluate_answer)
        return bool(case.failures)

    # -------------------------------------------------------------------- subjects

    def subject(self, variable: Variable, subject: Subject) -> str:
        """The value of a variable of a subject, as the steps settle it."""
        name, side = variable.name, self.case.asked.to.side
        if name in AGAINST:
            return settled(subject, name)
        if name == "of_recipient":
            return yes(side in (subject.nationality or ()))
        if name == "nationality_settled":
            stated = subject.statement_on("nationality")
            return yes(subject.nationality and stated is not None and stated.settles)
        if name.startswith("smaller than "):
            return yes(subject.size is None or subject.size < int(name.removeprefix("smaller than ")))
        return str(getattr(subject, name))

    # -------------------------------------------------------------------- items

    def item(self, variable: Variable, item: Item) -> str:
        """The value of a variable of an item."""
        name = variable.name
        if name in _PLAIN:
            return str(_PLAIN[name](self.case, item))
        kind, _, rest = name.partition(":")
        if kind in ("system", "derived", "can", "limit"):
            return yes(rest in self._marks(kind, item))
        if kind == "bloc":
            return yes(self.case.from_blocs(rest.split(), item))
        if kind == "graded":
            return yes(graded(self._grades[name], item))
        if name == "source_article":
            article = item.origin.source_article
            return article if article in variable.values else "other"
        if name == "conviction_class":
            found = item.conviction.class_ if item.conviction else "other"
            return found if found in variable.values else "other"
        if name == "cell":
            return self._cell(variable, item)
        if name == "received_under":
            return self._received(item)
        wanted, owner, live = name.split("|")
        return yes(self._consent(item, wanted, owner, live))

    def _marks(self, kind: str, item: Item) -> Iterable[str]:
        if kind == "system":
            return item.origin.systems or ()
        if kind == "derived":
            return item.origin.derived_from or ()
        if kind == "can":
            return item.transformable
        return {name for name, _ in origin.limits_on(self.case, item)}

    @cached_property
    def _grades(self) -> dict[str, Grades]:
        register = self.case.day.register
        lines = (p for text in (*register.agreements, *register.laws) for p in text.provision)
        return {graded_name(p.grades): p.grades for p in lines if p.grades is not None}

    def _cell(self, variable: Variable, item: Item) -> str:
        if item.aggregate is None:
            return "no table"
        cell = item.aggregate.smallest_cell
        if cell is None:
            return UNKNOWN
        cuts = [int(v.removeprefix("from ")) for v in variable.values if v.startswith("from ")]
        return cell_words(tuple(cuts))[sum(1 for cut in cuts if cut <= cell)]

    def _received(self, item: Item) -> str:
        under = item.origin.received_under
        if not under:
            return ""
        rule = origin.onward_rule(self.case.day.register, under)
        return rule_name(rule) if rule else NOT_KNOWN

    def _consent(self, item: Item, wanted: str, owner: str, live: str) -> bool:
        if owner == BY_STATE:
            mine = self.case.asked.from_.side
            kept = item.origin.state == mine or item.origin.owner.partition("/")[0] != mine
            owner = "" if kept else item.origin.state
        papers = [r for r in self.case.records(wanted) if not live or live in r.makes_live]
        return bool(needs.consents(self.case, papers, item, owner))


def _body(end: End) -> str:
    return f"{end.side}/{end.authority}"


def _behalf(end: End) -> str:
    if not end.on_behalf_of:
        return "none"
    side, _, authority = end.on_behalf_of.rpartition("/")
    return f"{side or end.side}/{authority}"


def _holder(item: Item) -> str:
    """Whose it is: its owner, or, where nobody knows that, the state it came from."""
    owner = item.origin.owner
    return item.origin.state if owner == UNKNOWN else owner


def _relation(case: Case, owner: str) -> str:
    if owner == UNKNOWN:
        return UNKNOWN
    ours, theirs = origin.is_ours(case, owner), case.asked.to.side == owner.partition("/")[0]
    return {(True, True): "of_both", (True, False): "ours", (False, True): "theirs"}.get(
        (ours, theirs), "other"
    )


def _party(case: Case, item: Item) -> str:
    assert case.agreement is not None
    return yes(any(party_sides(case.agreement, case, _holder(item).partition("/")[0])))


def _use_barred(case: Case, item: Item) -> str:
    limits = origin.limits_on(case, item)
    return yes(any(n == "use_only" and ps and case.asked.purpose not in ps for n, ps in limits))


def _never_here(case: Case, item: Item) -> str:
    limits = origin.limits_on(case, item)
    return yes(any(n == "never_to" and case.day.among(case.asked.to.side, sides) for n, sides in limits))


def _described(_: Case, item: Item) -> str:
    if item.aggregate is None:
        return "no table"
    return "people" if minimise.describes_people(item) else "other"


def _excluded_goods(case: Case, item: Item) -> str:
    return yes(minimise.excluded_class(case, item) or minimise.dealt_in(case, item))


_PLAIN: Final[Mapping[str, Callable[[Case, Item], str]]] = {
    "category": lambda _, item: item.category,
    "tied": lambda _, item: yes(item.tied),
    "systems_stated": lambda _, item: yes(item.origin.systems is not None),
    "derived_stated": lambda _, item: yes(item.origin.derived_from is not None),
    "obtained": lambda _, item: item.origin.obtained,
    "unwatched": lambda case, item: yes(taint.unwatched(case, item)),
    "owner": lambda case, item: _relation(case, item.origin.owner),
    "holder": lambda case, item: _relation(case, _holder(item)),
    "owner_party": _party,
    "collected_for": lambda _, item: item.origin.collected_for or UNKNOWN,
    "collected_regime": lambda _, item: item.origin.regime,
    "code": lambda _, item: item.handling.code,
    "classification": lambda _, item: item.handling.classification,
    "use_barred": _use_barred,
    "never_here": _never_here,
    "consent": lambda case, item: yes(needs.consent_for(case, item, item.origin.owner)),
    "veto": lambda case, item: yes(needs.veto_on(case, item, _holder(item))),
    "slide_paper": lambda case, item: yes(purpose.authorised(case, item)),
    "described": _described,
    "excluded_goods": _excluded_goods,
    "sensitive_papers": lambda _, item: yes(item.sensitive is not None),
    "spent": lambda _, item: item.conviction.spent if item.conviction else "none",
}
