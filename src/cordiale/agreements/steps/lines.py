"""Lines that take away: refusals, restrictions and withholdings of laws and of the agreement itself.

Which lines speak to a request is found once a case; each is told at the step it belongs to. A bar in a
law file ends every basis, a bar in an agreement ends only its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from cordiale.agreements.answer import Duty
from cordiale.agreements.case import Case, speaks_of_items
from cordiale.agreements.model import Agreement, Condition, Lift, Provision, Requirement
from cordiale.agreements.question import Item
from cordiale.agreements.register import Day
from cordiale.agreements.steps.needs import consent_for, met, met_all, otherwise

TAKING = frozenset({"refuse", "restrict", "withhold", "duty"})


def binding(texts: tuple[Agreement, ...], day: Day, sender: str, recipient: str) -> tuple[Agreement, ...]:
    """The law files that bind this pair on the day; one that names nobody binds everybody."""
    return tuple(law for law in texts if _binds(law, day, sender, recipient))


def _binds(law: Agreement, day: Day, sender: str, recipient: str) -> bool:
    binds = law.binds
    if not (binds.senders or binds.recipients or binds.parties):
        return True
    return (
        day.among(sender, binds.senders)
        or day.among(recipient, binds.recipients)
        or any(day.among(end, binds.parties) for end in (sender, recipient))
    )


def speaking(case: Case, texts: tuple[Agreement, ...]) -> tuple[tuple[Agreement, Provision], ...]:
    """The taking lines of these texts that speak to the request, with the text each stands in."""
    return tuple(
        (text, line)
        for text in texts
        for line in text.provision
        if line.effect in TAKING and case.applies(line) and (text.is_law or _in_force(case, text))
    )


def _in_force(case: Case, text: Agreement) -> bool:
    """An agreement's own taking lines are heard with the agreement."""
    return case.agreement is not None and text.id == case.agreement.id


def step_of(line: Provision) -> int:
    """The step at which a line is told: its own word, else by what it speaks of."""
    if line.step is not None:
        return line.step
    if line.effect == "withhold":
        return 10
    if (
        line.purposes
        or line.not_purposes
        or line.regimes
        or line.targeting
        or line.modality
        or line.min_offence_years
    ):
        return 6
    if line.classifications:
        return 9
    if line.automated or any(n.confirmation for n in line.requires):
        return 11
    return 4


def told_at(case: Case, step: int) -> Iterator[tuple[Agreement, Provision]]:
    return ((text, line) for text, line in case.lines if step_of(line) == step)


def check(case: Case, step: int) -> None:
    """Hear the refusals and restrictions that belong to this step."""
    for text, line in told_at(case, step):
        if line.effect == "refuse":
            _refusal(case, text, line)
        elif line.effect == "restrict":
            _restriction(case, text, line)


def _refusal(case: Case, text: Agreement, line: Provision) -> None:
    if line.min_offence_years is not None and grave_enough(case, line.min_offence_years):
        return
    curable = bool(line.requires)
    if line.requires and met_all(case, line.requires, line.article):
        return
    if line.lifts is not None and lifted(case, line.lifts, line, text):
        return
    if curable and _known_otherwise(case, line):
        curable = False
    case.refuse(
        step_of(line),
        line.sentence,
        line,
        scope="request" if text.is_law else "basis",
        source=text,
        curable=curable,
        instead=line.instead,
    )


def bars(case: Case) -> None:
    """Hear the refusals of laws only, and of them what no signature or paper would mend.

    For an answer in thought: who must sign it is asked when it is given.
    """
    for text, line in case.lines:
        if text.is_law and line.effect == "refuse" and not line.requires:
            _refusal(case, text, line)


def _known_otherwise(case: Case, line: Provision) -> bool:
    """Whether a fact is known to be other than the line needs: nothing that is supplied would mend that."""
    return any(otherwise(case, n) for n in line.requires)


def _restriction(case: Case, text: Agreement, line: Provision) -> None:
    scope = "request" if text.is_law else "basis"
    if line.min_offence_years is not None and not grave_enough(case, line.min_offence_years):
        sentence = case.said("offence", n=line.min_offence_years)
        case.refuse(step_of(line), sentence, line, scope=scope, source=text)
    for need in line.requires:
        if (need.record or need.any_record) and speaks_of_items(line):
            _unpapered(case, text, line, need)
        elif not met(case, need, article=line.article):
            curable = not otherwise(case, need)
            case.refuse(step_of(line), line.sentence, line, scope=scope, source=text, curable=curable)


def _unpapered(case: Case, text: Agreement, line: Provision, need: Requirement) -> None:
    """Withhold the items that the line speaks of and that lack the record it asks for; the rest goes on."""
    for item in case.asked.items:
        if case.touches(line, item) and not met(case, need, article=line.article, item=item):
            case.withhold(item, step_of(line), line.sentence, line, source=text)


def grave_enough(case: Case, years: int) -> bool:
    """Whether an offence of at least so many years is shown; unknown is not shown."""
    offence = case.asked.offence
    return offence is not None and offence.max_years is not None and offence.max_years >= years


def lifted(case: Case, lift: Lift, line: Provision, text: Agreement) -> bool:
    """Whether an emergency, or the owner's consent, lifts this one line; a duty stays."""
    if lift.when and not all(case.fact(name) is True for name in lift.when):
        return False
    if not lift.when and lift.condition == "owner_consent":
        items = [i for i in case.staying() if i.origin.owner.partition("/")[0] != case.asked.from_.side]
        if case.supplied:
            return True
        if not case.asked.items or not all(consent_for(case, i, i.origin.owner) for i in items):
            case.lack("consent", "owner's consent", who="the owner", article=line.article)
            return False
    if not lift.when and lift.condition != "owner_consent":
        return False
    article = lift.article or line.article
    case.duties.append(Duty(do=lift.then, article=article))
    case.warn(case.said("lifted", article=article, then=lift.then))
    case.relies_on.add(f"{text.id}/{line.id}")
    return True


def excepted(case: Case, line: Provision, item: Item) -> bool:
    """Whether one of the line's exceptions is known to hold for this item."""
    return any(_exception(case, c, item) for c in line.except_)


def _exception(case: Case, condition: Condition, item: Item) -> bool:
    conviction = item.conviction
    spent = {"spent": "yes", "unspent": "no"}.get(condition.conviction)
    return (
        (not condition.purpose or case.asked.purpose == condition.purpose)
        and (not condition.fact or case.holds(condition) is True)
        and (
            not condition.conviction_class
            or (conviction is not None and conviction.class_ == condition.conviction_class)
        )
        and (spent is None or (conviction is not None and conviction.spent == spent))
    )
