"""Step 3: nothing goes to those from whom a person or group is protected.

Unknown counts as protected inside a rule's own reach. A negative fact counts only with who stated it,
when and from what, and a machine never settles one against the person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cordiale.agreements.case import Case, personal_or_listed
from cordiale.agreements.model import Agreement, Protects, Traits
from cordiale.agreements.question import PEOPLE, Item, Subject
from cordiale.agreements.steps.reach import is_guessed, is_origin, not_bound, recipient_is
from cordiale.agreements.words import joined
from cordiale.terms import Personal, SubjectKind

AGAINST = {
    "protection": frozenset({"none", "refused_final", "withdrawn", "inadmissible"}),
    "human_rights_claim": frozenset({"none", "closed"}),
    "minor": frozenset({"no"}),
    "accompanied": frozenset({"yes"}),
    "trafficking_indicator": frozenset({"no"}),
    "stateless": frozenset({"no"}),
    "protected_activity": frozenset({"none"}),
}
"""Values that settle a fact against the person: they need who said so, when, and from what."""


def check(case: Case, texts: tuple[Agreement, ...]) -> None:
    """Withhold every item about a protected subject, or refuse, as each rule says."""
    people = everybody(case)
    for text, rule in rules(case, texts):
        guarding = [s for s in people if guarded(rule, s, case)]
        subjects = {s.id for s in guarding}
        if not subjects:
            continue
        if rule.effect == "refuse":
            case.refuse(3, _sentence(case, rule, guarding), rule, scope="subject", source=text)
            _refer(case, rule)
            continue
        told = set[str]()
        for item in case.asked.items:
            about = {s.id for s in case.asked.about(item)} & subjects
            if (
                about
                and personal_or_listed(item, rule.against.categories)
                and not (rule.against.lessened and case.lessen(item))
            ):
                them = [s for s in guarding if s.id in about]
                case.withhold(item, 3, _sentence(case, rule, them), rule, scope="subject", source=text)
                _refer(case, rule)
                told |= about if _otherwise_there(case, item) else set()
        _wholly(case, told, rule, text)


def _sentence(case: Case, rule: Protects, guarding: Sequence[Subject]) -> str:
    """The rule's sentence; and that nobody knows which state was fled, where that alone makes it this one."""
    asks = rule.against.recipients == "state_of_origin" or rule.when.nationality_of_recipient
    if asks and all(is_guessed(case, s) for s in guarding):
        return joined(rule.sentence, case.said("fled_unknown"))
    return rule.sentence


def _otherwise_there(case: Case, item: Item) -> bool:
    """Whether the same part of somebody else would leave, so that its absence would tell."""
    line = case.line
    return line is None or (item.category in line.granted and item.category not in line.withheld)


def _wholly(case: Case, told: set[str], rule: Protects, text: Agreement) -> None:
    """Keep back all of a person of whom one part stays: a name without its suspicion tells of one.

    Who looks at what came sees a message in which that person never stood.
    """
    people = {s.id for s in everybody(case) if s.kind in PEOPLE} & told
    if not people:
        return
    for item in case.asked.items:
        about = {s.id for s in case.asked.about(item)}
        if about & people and item.personal is Personal.YES and item.id not in case.gone:
            sentence = joined(case.said("wholly"), rule.sentence)
            case.withhold(item, 3, sentence, rule, scope="subject", source=text)


def _refer(case: Case, rule: Protects) -> None:
    if rule.refer_to and (rule.refer_to, rule.article) not in case.referred:
        case.referred.append((rule.refer_to, rule.article))


def rules(case: Case, texts: tuple[Agreement, ...]) -> Iterator[tuple[Agreement, Protects]]:
    """The rules in force whose acts, purposes and types are those of the request."""
    asked = case.asked
    for text in texts:
        for rule in text.protects:
            against = rule.against
            if (
                rule.in_force(case.day.on)
                and (not rule.senders or case.day.among(asked.from_.side, rule.senders))
                and (not against.acts or asked.act in against.acts)
                and (not against.purposes or asked.purpose in against.purposes)
                and (not against.types or asked.type in against.types)
            ):
                yield text, rule


def everybody(case: Case) -> tuple[Subject, ...]:
    """All subjects, with the unidentified ones that items imply."""
    found = {s.id: s for s in case.asked.subjects}
    for item in case.asked.items:
        found |= {s.id: s for s in case.asked.about(item) if s.id not in found}
    return tuple(found.values())


def guarded(rule: Protects, subject: Subject, case: Case) -> bool:
    """Whether the rule guards this subject from this recipient."""
    if subject.kind == SubjectKind.ORGANISATION:
        return False
    if subject.kind == SubjectKind.GROUP and not (rule.when.group and _small(rule.when, subject)):
        return False
    return bears(rule, subject) and reaches(rule, subject, case)


def _small(traits: Traits, group: Subject) -> bool:
    """A group of unknown size may be small."""
    return traits.smaller_than is None or group.size is None or group.size < traits.smaller_than


def bears(rule: Protects, subject: Subject) -> bool:
    """Whether all that the rule looks for is so; what is unknown counts if the rule lets it."""
    counts = rule.unknown == "counts"
    for name in (*AGAINST, "role"):
        wanted = getattr(rule.when, name)
        if wanted:
            value = settled(subject, name)
            if value not in wanted and not (value == "unknown" and counts):
                return False
    return True


def settled(subject: Subject, name: str) -> str:
    """The value of a fact; `unknown` if it would count against the person and nobody stands for it."""
    value = str(getattr(subject, name))
    stated = subject.statement_on(name)
    if value in AGAINST.get(name, frozenset()) and (stated is None or not stated.settles):
        return "unknown"
    return value


def reaches(rule: Protects, subject: Subject, case: Case) -> bool:
    """Whether the recipient is one that the rule keeps things from."""
    word, against = rule.against.recipients, rule.against
    if rule.when.nationality_of_recipient and not is_origin(case, subject):
        return False
    if word == "state_of_origin":
        return is_origin(case, subject)
    if word == "state_of_nationality":
        return case.asked.to.side in (subject.nationality or ())
    if word == "any_not_bound":
        return not_bound(case, against.duty)
    return recipient_is(case, word, bloc=against.bloc)
