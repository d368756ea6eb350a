"""The agreement file as frozen types: each field beside the reader that checks it.

docs/reference/agreement-file.md says what every key means. Keys kept for people only (`rows`, `source`,
`note`) are checked for shape and never read by the gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from cordiale.agreements import vocabulary as v
from cordiale.agreements.shape import (
    Place,
    day,
    either,
    flag,
    free,
    mapping,
    names,
    one_or_more,
    pattern,
    table,
    tables,
    text,
    texts,
    whole,
    word,
    words,
)
from cordiale.terms import (
    Act,
    Capacity,
    Category,
    Channel,
    Classification,
    GradeScheme,
    HandlingCode,
    Minor,
    Modality,
    Protection,
    Purpose,
    Regime,
    Role,
    System,
    Targeting,
    Transform,
    Urgency,
)

Directions = Annotated[frozenset[str], pattern(r"([A-Z][A-Z-]*|\*|third)>([A-Z][A-Z-]*|\*|third)", "UK>FR")]
ANSWERS = ("yes", "no", "unknown")
InOthers = Annotated[tuple[tuple[str, str], ...], mapping(word(v.LANGUAGES), text)]
"""The same words in other languages: `sentences.fr` beside `sentence`. Read by people, never by the gate."""
Labels = Annotated[
    tuple[tuple[str, tuple[tuple[str, str], ...]], ...], mapping(word(v.LANGUAGES), mapping(text, text))
]
"""How articles are cited in other languages: `[labels.fr]`, the label as it stands and its French."""


def _all_categories(value: Any, place: Place) -> frozenset[str]:
    """The word `all`: every category there is."""
    word(("all",))(value, place)
    return frozenset(Category)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What every line of law says of itself."""

    article: Annotated[str, text] = ""
    sentence: Annotated[str, text] = ""
    source: Annotated[str, text] = ""
    confidence: Annotated[str, word(v.CONFIDENCES)] = "confirmed"
    rows: Annotated[tuple[str, ...], texts] = ()
    read: Annotated[str, text] = ""
    note: Annotated[str, text] = ""
    sentences: InOthers = ()
    reads: InOthers = ()
    from_: Annotated[date | None, day] = None
    until: Annotated[date | None, day] = None

    def in_force(self, on: date) -> bool:
        """From its first day up to, not on, its end."""
        return (self.from_ is None or self.from_ <= on) and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span(Line):
    """One span of validity. `status = "unknown"` refuses until an instrument is loaded."""

    status: Annotated[str, word(("in_force", "unknown"))] = "in_force"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyAuthority(Line):
    """A body named as entitled: by id, or every body of a kind."""

    id: Annotated[str, text] = ""
    kind: Annotated[str, text] = ""
    acts: Annotated[frozenset[str], words(Act)] = frozenset()
    types: Annotated[frozenset[str], words(v.INFORMATION_TYPES)] = frozenset()

    def __post_init__(self) -> None:
        if bool(self.id) == bool(self.kind):
            raise ValueError("an authority has either `id` or `kind`, and not both")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartySide(Line):
    """A Side of the agreement with the bodies it names; `bloc` stands for every member on the day."""

    code: Annotated[str, text]
    bloc: Annotated[bool, flag] = False
    lead: Annotated[str, text] = ""
    bound_by: Annotated[frozenset[str], names] = frozenset()
    footnote: Annotated[str, text] = ""
    authority: Annotated[tuple[PartyAuthority, ...], tables(PartyAuthority)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis(Line):
    """On what personal data may travel in one direction; separate from the nature of the text."""

    mode: Annotated[str, word(v.BASIS_MODES)]
    records: Annotated[tuple[str, ...], texts] = ()
    regimes: Annotated[frozenset[str], words(Regime)] = frozenset()
    data: Annotated[str, word(v.BASIS_DATA)] = "none"
    relies_on: Annotated[tuple[str, ...], texts] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When a line applies: a fact, an urgency, a stage of offence or a trait of a conviction."""

    fact: Annotated[str, text] = ""
    is_: Annotated[Any, free] = True
    at_most: Annotated[int | None, whole] = None
    at_least: Annotated[int | None, whole] = None
    urgent: Annotated[Any, either(flag, word(Urgency))] = None
    offence_stage: Annotated[str, text] = ""
    conviction: Annotated[str, word(("spent", "unspent"))] = ""
    conviction_class: Annotated[str, text] = ""
    purpose: Annotated[str, word(Purpose)] = ""
    unknown: Annotated[str, word(("counts", "does_not_count"))] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What must hold: a fact, confirmations, a record, or a field of the request."""

    fact: Annotated[str, text] = ""
    is_: Annotated[Any, free] = True
    at_most: Annotated[int | None, whole] = None
    at_least: Annotated[int | None, whole] = None
    any_fact: Annotated[tuple[Condition, ...], tables(Condition)] = ()
    confirmation: Annotated[str, word(v.CONFIRMATIONS)] = ""
    n: Annotated[int, whole] = 1
    qualified: Annotated[bool, flag] = False
    independent: Annotated[bool, flag] = False
    record: Annotated[str, text] = ""
    any_record: Annotated[tuple[str, ...], texts] = ()
    makes_live: Annotated[str, text] = ""
    field: Annotated[str, word(("case", "offence", "reason", "sought", "place_of_processing"))] = ""
    who_can_give: Annotated[str, text] = ""
    owner: Annotated[str, text] = ""
    recipient_of_nationality: Annotated[bool, flag] = False
    article: Annotated[str, text] = ""

    def __post_init__(self) -> None:
        kinds = [self.fact, self.any_fact, self.confirmation, self.record, self.any_record, self.field]
        if sum(1 for k in (*kinds, self.recipient_of_nationality) if k) != 1:
            raise ValueError(
                "a requirement names one of fact, any_fact, confirmation, record, any_record, field,"
                " recipient_of_nationality"
            )
        if self.owner and not self.record.startswith("consent"):
            raise ValueError('`owner` says whose consent it is: only `record = "consent"` has one')


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginRule:
    """Whose consent is asked before an item leaves."""

    systems_barred: Annotated[frozenset[str], words(System)] = frozenset()
    consent: Annotated[str, word(v.CONSENTS)] = "none"
    withdrawable: Annotated[bool, flag] = True
    article: Annotated[str, text] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnwardRule:
    """What the recipient may do with it afterwards."""

    rule: Annotated[str, word(v.ONWARD_RULES)]
    conditions: Annotated[frozenset[str], words(v.ONWARD_CONDITIONS)] = frozenset()
    article: Annotated[str, text] = ""
    listed: Annotated[frozenset[str], names] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """The highest handling code and marking that may pass."""

    handling: Annotated[str, word(HandlingCode)] = ""
    classification: Annotated[str, word(Classification)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long the recipient may keep it."""

    n: Annotated[int, whole]
    unit: Annotated[str, word(v.UNITS)]
    from_: Annotated[str, text]
    binding: Annotated[str, word(v.BINDINGS)] = "law"
    article: Annotated[str, text] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """The one condition that an emergency lifts, and the duty that stays."""

    condition: Annotated[str, word(v.LIFTABLE)]
    when: Annotated[tuple[str, ...], texts] = ()
    then: Annotated[str, word(v.DUTIES)] = "inform_originator"
    article: Annotated[str, text] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """A period: its start, how it is counted, and whether it is law, agreement, aim or service level."""

    name: Annotated[str, text]
    binding: Annotated[str, word(v.BINDINGS)]
    starts: Annotated[str, text]
    on: Annotated[frozenset[str], names] = frozenset()
    first_day_counts: Annotated[bool, flag] = False
    unit: Annotated[str, word(v.UNITS)] = ""
    n: Annotated[int | None, whole] = None
    as_soon_as_possible: Annotated[bool, flag] = False
    when_urgent: Annotated[bool, flag] = False
    calendar: Annotated[str, text] = ""
    article: Annotated[str, text] = ""
    source: Annotated[str, text] = ""
    confidence: Annotated[str, word(v.CONFIDENCES)] = "confirmed"

    def __post_init__(self) -> None:
        if self.as_soon_as_possible == (self.n is not None):
            raise ValueError(
                "a clock has either `n` with `unit`, or `as_soon_as_possible = true`: never both"
            )
        if self.n is not None and not self.unit:
            raise ValueError("a clock with `n` needs `unit`")
        if self.unit == "working_day" and not self.calendar:
            raise ValueError("a clock in working days names its `calendar`")


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRule:
    """What must be done afterwards."""

    do: Annotated[str, word(v.DUTIES)]
    by: Annotated[str, text] = ""
    to: Annotated[str, text] = ""
    article: Annotated[str, text] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grades:
    """Items of these grades in one scheme."""

    scheme: Annotated[str, word(GradeScheme)]
    source: Annotated[frozenset[str], names] = frozenset()
    information: Annotated[frozenset[str], names] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope(Line):
    """To which requests a line speaks. An empty list says nothing about that point."""

    types: Annotated[frozenset[str], words(v.INFORMATION_TYPES)] = frozenset()
    not_types: Annotated[frozenset[str], words(v.INFORMATION_TYPES)] = frozenset()
    acts: Annotated[frozenset[str], words(Act)] = frozenset()
    directions: Directions = frozenset()
    purposes: Annotated[frozenset[str], words(Purpose)] = frozenset()
    not_purposes: Annotated[frozenset[str], words(Purpose)] = frozenset()
    regimes: Annotated[frozenset[str], words(Regime)] = frozenset()
    authority_kinds: Annotated[frozenset[str], names] = frozenset()
    not_authority_kinds: Annotated[frozenset[str], names] = frozenset()
    capacities: Annotated[frozenset[str], words(Capacity)] = frozenset()
    targeting: Annotated[frozenset[str], words(Targeting)] = frozenset()
    modality: Annotated[frozenset[str], words(Modality)] = frozenset()
    channel: Annotated[frozenset[str], words(Channel)] = frozenset()
    roles: Annotated[frozenset[str], words(Role)] = frozenset()
    automated: Annotated[frozenset[str], words(ANSWERS)] = frozenset()
    systems: Annotated[frozenset[str], words(System)] = frozenset()
    origin_blocs: Annotated[frozenset[str], names] = frozenset()
    classifications: Annotated[frozenset[str], words(Classification)] = frozenset()
    recipient_kinds: Annotated[frozenset[str], names] = frozenset()
    grades: Annotated[Grades | None, table(Grades)] = None
    unless_sensitive: Annotated[bool, flag] = False
    min_offence_years: Annotated[int | None, whole] = None
    when: Annotated[tuple[Condition, ...], tables(Condition)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision(Scope):
    """One numbered rule: permit, withhold, refuse, restrict or duty."""

    id: Annotated[str, text]
    effect: Annotated[str, word(("permit", "withhold", "refuse", "duty", "restrict"))]
    step: Annotated[int | None, whole] = None
    granted: Annotated[frozenset[str], words(Category)] = frozenset()
    essential: Annotated[frozenset[str], words(Category)] = frozenset()
    withheld: Annotated[frozenset[str], either(_all_categories, words(Category))] = frozenset()
    transform: Annotated[tuple[tuple[str, str], ...], mapping(word(Category), word(Transform))] = ()
    personal: Annotated[str, word(v.PERSONAL_LEVELS)] = ""
    min_cell: Annotated[int | None, whole] = None
    min_cell_described: Annotated[int | None, whole] = None
    requires: Annotated[tuple[Requirement, ...], tables(Requirement)] = ()
    except_: Annotated[tuple[Condition, ...], tables(Condition)] = ()
    origin: Annotated[OriginRule | None, table(OriginRule)] = None
    onward: Annotated[OnwardRule | None, table(OnwardRule)] = None
    ceiling: Annotated[Ceiling | None, table(Ceiling)] = None
    retention: Annotated[Retention | None, table(Retention)] = None
    lifts: Annotated[Lift | None, table(Lift)] = None
    clocks: Annotated[tuple[ClockRule, ...], tables(ClockRule)] = ()
    duties: Annotated[tuple[DutyRule, ...], tables(DutyRule)] = ()
    travels: Annotated[frozenset[str], words(v.RESTRICTIONS)] = frozenset()
    never_to: Annotated[frozenset[str], names] = frozenset()
    must_include: Annotated[frozenset[str], words(Category)] = frozenset()
    must_also_send: Annotated[str, text] = ""
    refer_to: Annotated[str, text] = ""
    instead: Annotated[tuple[str, ...], texts] = ()
    facts: Annotated[tuple[tuple[str, str], ...], mapping(text, word(v.FACT_TYPES))] = ()

    def __post_init__(self) -> None:
        if not self.article or not self.sentence:
            raise ValueError("a provision needs `article` and `sentence`: nobody can check it otherwise")
        if self.effect == "permit" and not (self.types and self.acts and self.directions and self.purposes):
            raise ValueError("a permit names its types, acts, directions and purposes: default is refuse")
        if self.confidence == "unconfirmed" and not self.read:
            raise ValueError("an unconfirmed line says in `read` which paragraph a person must read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """Which subjects a protective rule guards. All that is said must be so; `group` takes groups in."""

    protection: Annotated[frozenset[str], words(Protection)] = frozenset()
    minor: Annotated[frozenset[str], words(Minor)] = frozenset()
    accompanied: Annotated[frozenset[str], words(ANSWERS)] = frozenset()
    trafficking_indicator: Annotated[frozenset[str], words(ANSWERS)] = frozenset()
    human_rights_claim: Annotated[frozenset[str], words(("none", "open", "closed", "unknown"))] = frozenset()
    stateless: Annotated[frozenset[str], words(ANSWERS)] = frozenset()
    protected_activity: Annotated[
        frozenset[str], words(("aid", "rescue", "press", "research", "medical", "legal", "none", "unknown"))
    ] = frozenset()
    role: Annotated[frozenset[str], words(Role)] = frozenset()
    nationality_of_recipient: Annotated[bool, flag] = False
    group: Annotated[bool, flag] = False
    smaller_than: Annotated[int | None, whole] = None


Categories = Annotated[Any, either(word(("personal", "any")), words(Category))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What is kept from whom."""

    acts: Annotated[frozenset[str], words(Act)] = frozenset()
    recipients: Annotated[str, word(v.GUARDED_FROM)] = "any"
    categories: Categories = "personal"
    purposes: Annotated[frozenset[str], words(Purpose)] = frozenset()
    types: Annotated[frozenset[str], words(v.INFORMATION_TYPES)] = frozenset()
    duty: Annotated[str, text] = "refugee-convention-1951"
    bloc: Annotated[str, text] = "EU"
    lessened: Annotated[bool, flag] = False

    def __post_init__(self) -> None:
        if self.lessened and self.recipients in ("state_of_origin", "state_of_nationality", "any_not_bound"):
            raise ValueError("a masked page is still somebody's: no lesser form goes to a state fled from")


@dataclass(frozen=True, slots=True, kw_only=True)
class Protects(Line):
    """A protective rule. Unknown counts inside its own reach unless it says otherwise."""

    id: Annotated[str, text] = ""
    when: Annotated[Traits, table(Traits)]
    unknown: Annotated[str, word(("counts", "does_not_count"))] = "counts"
    against: Annotated[Against, table(Against)]
    effect: Annotated[str, word(("withhold", "refuse"))]
    refer_to: Annotated[str, text] = ""
    senders: Annotated[frozenset[str], names] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """What a source shuts. `acts` and `purposes` are alternatives; the other points narrow."""

    recipients: Annotated[str, word(v.RECIPIENT_WORDS)] = "any"
    listed: Annotated[frozenset[str], names] = frozenset()
    bloc: Annotated[str, text] = "EU"
    not_blocs: Annotated[frozenset[str], names] = frozenset()
    acts: Annotated[frozenset[str], words(Act)] = frozenset()
    purposes: Annotated[frozenset[str], words(Purpose)] = frozenset()
    sides: Annotated[frozenset[str], names] = frozenset()
    not_sides: Annotated[frozenset[str], names] = frozenset()
    regimes: Annotated[frozenset[str], words(Regime)] = frozenset()
    types: Annotated[frozenset[str], words(v.INFORMATION_TYPES)] = frozenset()
    categories: Categories = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """The form inside which a lifted taint stays lifted."""

    purposes: Annotated[frozenset[str], words(Purpose)] = frozenset()
    not_purposes: Annotated[frozenset[str], words(Purpose)] = frozenset()
    acts: Annotated[frozenset[str], words(Act)] = frozenset()
    recipients: Annotated[str, word(v.RECIPIENT_WORDS)] = "any"
    categories: Categories = "any"
    types: Annotated[frozenset[str], words(v.INFORMATION_TYPES)] = frozenset()
    sides: Annotated[frozenset[str], names] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exception_:
    """What lifts a taint: everything in `needs` at once, inside `only`."""

    form: Annotated[str, text] = ""
    needs: Annotated[tuple[Requirement, ...], tables(Requirement)] = ()
    only: Annotated[Only, table(Only)] = Only()
    article: Annotated[str, text] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taint(Line):
    """A source and what it bars; a row a source."""

    id: Annotated[str, text] = ""
    systems: Annotated[frozenset[str], words(System)] = frozenset()
    source_articles: Annotated[frozenset[str], names] = frozenset()
    obtained: Annotated[frozenset[str], words(("rights_violation",))] = frozenset()
    derived: Annotated[bool, flag] = True
    unknown: Annotated[str, word(("counts", "counts_for_all", "does_not_count"))] = "counts"
    bars: Annotated[Bars, table(Bars)] = Bars()
    except_: Annotated[tuple[Exception_, ...], tables(Exception_)] = ()
    senders: Annotated[frozenset[str], names] = frozenset()
    refer_to: Annotated[str, text] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment(Line):
    """What posted staff may do; never an executive act."""

    id: Annotated[str, text] = ""
    capacities: Annotated[frozenset[str], words(Capacity)]
    acts: Annotated[frozenset[str], words(Act)] = frozenset()
    executive: Annotated[bool, flag] = False
    needs: Annotated[tuple[str, ...], texts] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Binds:
    """Whom a law file binds: as senders, as recipients, or on either end. Nothing said binds everybody."""

    senders: Annotated[frozenset[str], names] = frozenset()
    recipients: Annotated[frozenset[str], names] = frozenset()
    parties: Annotated[frozenset[str], names] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement(Line):
    """One agreement or law file, whole."""

    id: Annotated[str, text]
    title: Annotated[str, text]
    titles: InOthers = ()
    labels: Labels = ()
    version: Annotated[int, whole]
    kind: Annotated[str, word(("agreement", "law"))]
    legal_nature: Annotated[str, word(v.NATURES)]
    signed: Annotated[date | None, day] = None
    published: Annotated[date | None, day] = None
    validity: Annotated[tuple[Span, ...], tables(Span)]
    relies_on: Annotated[tuple[str, ...], texts] = ()
    yields_to: Annotated[tuple[str, ...], texts] = ()
    continues_after_end: Annotated[frozenset[str], words(Act)] = frozenset()
    binds: Annotated[Binds, table(Binds)] = Binds()
    facts: Annotated[tuple[tuple[str, Any], ...], mapping(text, either(word(v.FACT_TYPES), free))] = ()
    side: Annotated[tuple[PartySide, ...], tables(PartySide)] = ()
    basis: Annotated[tuple[tuple[str, tuple[Basis, ...]], ...], mapping(text, tables(Basis))] = ()
    provision: Annotated[tuple[Provision, ...], tables(Provision)] = ()
    protects: Annotated[tuple[Protects, ...], tables(Protects)] = ()
    taint: Annotated[tuple[Taint, ...], tables(Taint)] = ()
    deployment: Annotated[tuple[Deployment, ...], tables(Deployment)] = ()
    terms: Annotated[Any, free] = None
    file: str = ""
    digest: str = ""

    def __post_init__(self) -> None:
        ids = [p.id for p in self.provision]
        if twice := next((i for i in ids if ids.count(i) > 1), None):
            raise ValueError(f"provision id `{twice}` stands twice")
        if self.kind == "agreement" and len(self.side) < 2:
            raise ValueError("an agreement has at least two Sides")
        if self.kind == "law" and any(p.effect == "permit" for p in self.provision):
            raise ValueError("a law file bars, restricts or adds duties; a permit stands in an agreement")

    @property
    def is_law(self) -> bool:
        return self.kind == "law"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Line):
    """A dated legal record: adequacy, approval, consent, declaration, suspension and their kin."""

    id: Annotated[str, text]
    kind: Annotated[str, word(v.RECORD_KINDS)]
    title: Annotated[str, text] = ""
    issued_by: Annotated[str, text]
    known_from: Annotated[date, day]
    withdrawn_at: Annotated[date | None, day] = None
    supersedes: Annotated[tuple[str, ...], one_or_more] = ()
    document_digest: Annotated[str, text] = ""
    from_side: Annotated[str, text] = ""
    to_side: Annotated[str, text] = ""
    regimes: Annotated[frozenset[str], words(Regime)] = frozenset()
    scope: Annotated[Any, free] = None
    excludes: Annotated[frozenset[str], names] = frozenset()
    agreement: Annotated[str, text] = ""
    provisions: Annotated[frozenset[str], names] = frozenset()
    makes_live: Annotated[frozenset[str], names] = frozenset()
    for_sides: Annotated[frozenset[str], names] = frozenset()
    live_from: Annotated[date | None, day] = None
    body: Annotated[str, text] = ""
    of: Annotated[tuple[str, ...], one_or_more] = ()
    by: Annotated[str, text] = ""
    outcome: Annotated[str, text] = ""
    ground: Annotated[str, text] = ""
    necessity: Annotated[str, text] = ""
    consulted_at: Annotated[date | None, day] = None
    evidence: Annotated[str, text] = ""
    also_bars_start: Annotated[bool, flag] = False
    owner: Annotated[str, text] = ""
    items: Annotated[frozenset[str], names] = frozenset()
    types: Annotated[frozenset[str], words(v.INFORMATION_TYPES)] = frozenset()
    recipients: Annotated[frozenset[str], names] = frozenset()
    categories: Annotated[frozenset[str], words(Category)] = frozenset()
    purposes: Annotated[frozenset[str], words(Purpose)] = frozenset()
    answer: Annotated[str, word(("given", "refused"))] = "given"
    withdrawable: Annotated[bool, flag] = True
    provider: Annotated[str, text] = ""
    restrictions: Annotated[frozenset[str], words(v.RESTRICTIONS)] = frozenset()
    never_to: Annotated[frozenset[str], names] = frozenset()
    case: Annotated[str, text] = ""
    recipient: Annotated[str, text] = ""
    content: Annotated[str, text] = ""
    reason: Annotated[str, text] = ""
    date_time: Annotated[Any, free] = None
    override_test: Annotated[str, text] = ""
    one_case: Annotated[bool, flag] = False
    route: Annotated[str, text] = ""
    parties: Annotated[frozenset[str], names] = frozenset()
    purpose: Annotated[str, text] = ""
    regulator_told_at: Annotated[date | None, day] = None
    next_due: Annotated[date | None, day] = None
    interconnection: Annotated[str, text] = ""
    person: Annotated[str, text] = ""
    database: Annotated[str, text] = ""
    acts: Annotated[frozenset[str], words(Act)] = frozenset()
    changes: Annotated[Any, free] = None
    file: str = ""

    def __post_init__(self) -> None:
        if self.from_ is None:
            raise ValueError("a record needs `from`: the first day it counts")
