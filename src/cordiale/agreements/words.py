"""The gate's own sentences, as templates with stable codes and named words so that pages can translate them.

Sentences of articles stand in the files, in our words beside the provision; these are what the gate says
itself. A Sentence is the English one, with ids and word lists told plainly; `says` keeps code and words, from
which another language makes its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol

HOUSE: Final = "House rule"
TEXT: Final = "text"
"""The code of words that stand in a file and have no template."""

Translate = Callable[[str], str]


class Names(Protocol):
    """What ids are called."""

    def text(self, id: str) -> str:
        """An agreement or law, or one provision of it (`agreement/provision`)."""
        ...

    def body(self, id: str) -> str:
        """A Side (`UK`) or an authority (`UK/nca`)."""
        ...

    def told(self, words: str) -> str:
        """Words that stand in a file: a sentence, the label of an article, what a person must read."""
        ...


class Ids:
    """Ids as they are: for what speaks before there is a register."""

    def text(self, id: str) -> str:
        return id

    def body(self, id: str) -> str:
        return id

    def told(self, words: str) -> str:
        return words


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence as code and words: what another language is made from."""

    code: str
    words: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "words": dict(self.words)}


class Sentence(str):
    """An English sentence that knows from which templates it was made."""

    __slots__ = ("says",)
    says: tuple[Said, ...]


def said_by(sentence: str) -> tuple[Said, ...]:
    """Codes and words of a sentence; empty for one that stands in a file."""
    return sentence.says if isinstance(sentence, Sentence) else ()


def joined(*parts: str) -> Sentence:
    """Several sentences as one."""
    whole = Sentence(" ".join(parts))
    whole.says = tuple(s for p in parts for s in said_by(p) or (Said(TEXT, (("sentence", p),)),))
    return whole


def say(code: str, names: Names, words: Mapping[str, object]) -> Sentence:
    """The sentence of that code with its words filled in."""
    raw = tuple((name, str(value)) for name, value in words.items())
    found = Sentence(spoken(Said(code, raw), names, _english))
    found.says = (Said(code, raw),)
    return found


def spoken(said: Said, names: Names, translate: Translate) -> str:
    """One sentence in the language of `translate`, which has every template and every plain word."""
    if said.code == TEXT:
        return names.told(dict(said.words)["sentence"])
    words = {name: _word(name, value, names, translate) for name, value in said.words}
    return translate(TEMPLATES[said.code]).format(**words)


def _english(text: str) -> str:
    return text


def _word(name: str, value: str, names: Names, translate: Translate) -> str:
    """One word of a sentence: the name behind an id, a plain word for a word of a list, or as it is."""
    if name in TEXTS:
        return names.text(value)
    if name in BODIES:
        return translate("somebody unknown") if value == "unknown" else names.body(value)
    if name in FILED:
        return names.told(value)
    if name in LISTS:
        return f" {translate('or')} ".join(_paper(one, names, translate) for one in value.split(" or "))
    return translate(plain(value)) if name in TERMS and value else value


def _paper(value: str, names: Names, translate: Translate) -> str:
    """A kind of record with its scope: `adequacy:EU>UK`; or the name of a fact or field."""
    kind, _, scope = value.partition(":")
    said = translate(plain(kind.rpartition(".")[2]))
    start, way, end = scope.partition(">")
    if way:
        return f"{said} ({names.body(start)} → {names.body(end)})"
    return f"{said} ({names.text(scope)})" if scope else said


def plain(word: str) -> str:
    """A word of the vocabulary as a person says it."""
    return PLAIN.get(word, word.replace("_", " "))


TEXTS: Final = frozenset({"agreement", "other", "under", "basis"})
BODIES: Final = frozenset({"authority", "sender", "recipient", "owner", "side"})
LISTS: Final = frozenset({"name", "then"})
FILED: Final = frozenset({"article", "read"})
TERMS: Final = frozenset(
    {"act", "type", "channel", "kind", "capacity", "purpose", "regime", "targeting", "modality", "was", "now"}
    | {"role", "category", "how", "condition", "of", "state", "verdict", "limit", "wanted", "systems"}
)
"""Which words of a sentence name a text, a body, papers and facts, words of a file, or of the vocabulary."""

PLAIN: Final = MappingProxyType(
    {
        "aml_cft": "fighting money laundering",
        "approval_or_safeguards": "an approval or safeguards",
        "ask_or_emergency_then_tell": "ask the originator first, or tell at once after an emergency",
        "ask_originator": "ask the originator first",
        "close": "close an incident",
        "competent_recipient": "a recipient competent against crime",
        "came_directly_from_france": "came directly from France",
        "core_data": "identity after a match",
        "dna": "DNA",
        "dna_reference": "DNA reference",
        "dna_search": "DNA search",
        "eu_institution": "data protection law of the EU institutions",
        "eurodac": "Eurodac",
        "europol": "Europol",
        "eurosur": "Eurosur",
        "edps_authorisation": "authorisation of the European Data Protection Supervisor",
        "executive": "use an executive power",
        "fiu": "financial intelligence unit",
        "fiu_consent": "leave of the financial intelligence unit",
        "fro_opinion": "opinion of the fundamental rights officer",
        "interpol": "Interpol",
        "judicial_channel_required": "a judge is needed there",
        "measure": "take a measure against a person",
        "ms_agreement": "agreement of the Member States concerned",
        "ncc_authorised": "authorised by the national coordination centre",
        "offence_in_germany_on_date": "it was an offence in Germany on that day",
        "onward": "pass on",
        "piu": "passenger information unit",
        "reuse": "use for another purpose",
        "sender_is_originator": "the sender itself first saw it",
        "other_administrative": "other administration",
        "own_record": "a person's own record",
        "prum": "Prüm",
        "sab_approval": "approval of the Security Accreditation Board",
        "same_purpose": "the same purpose",
        "sis": "Schengen Information System",
        "vetting_child_work": "vetting for work with children",
        "vetting_other": "other vetting",
        "view": "look at it without a copy",
        "vis": "Visa Information System",
    }
)
"""Words that would not be understood with their underscores taken away."""

TEMPLATES: Final = MappingProxyType(
    {
        "permit": "This may be sent. It rests on {agreement}.",
        "withhold": "This may be sent without the parts named. It rests on {agreement}.",
        "rescue": "People may be in danger: the rescue authority is told at once, before every other rule.",
        "rescue_rest": "A distress message carries what finds and saves people, and nothing else.",
        "rights": "A report to an independent rights officer is never held up by an agreement.",
        "quality": "Whoever holds a copy is told that it is wrong, restricted, recalled or to be erased.",
        "sea_area": "{authority} is not listed for sea area {area}: tell the centre of that area too.",
        "unknown_side": "`{value}` is not a Side in the register on this day.{near}",
        "unknown_authority": "`{value}` is not an authority of {side} in the register on this day.{near}",
        "group_recipient": "`{value}` is a group of Sides; a recipient is one authority of one Side.",
        "unknown_fact": "No provision and no law knows the fact `{value}`.{near}",
        "fact_type": "The fact `{value}` must be of type {type}.",
        "unknown_basis": "There is no agreement or provision `{value}`.{near}",
        "no_agreement": "No agreement names both {sender} and {recipient}: without one it is refused.",
        "no_provision": "{agreement} says nothing about this kind of message: {type}.",
        "not_party": "{authority} is not named as a party in {agreement}.",
        "act": "This provision does not cover this act: {act}.",
        "type": "This provision does not cover this kind of message: {type}.",
        "direction": "This provision does not run from {sender} to {recipient}.",
        "channel": "This provision does not allow this way of sending: {channel}.",
        "kind": "An authority of this kind may not use this provision: {kind}.",
        "party_limits": "{authority} takes part in {agreement} for other acts or types only.",
        "capacity": "Somebody acting as {capacity} may not use this provision.",
        "deployed": "Somebody posted as {capacity} has no power for this act: {act}.",
        "not_posted": "This text names no posting as {capacity}: "
        "an officer of the authority itself must send it.",
        "machine": "A machine does not decide what bears on a person, and never closes a rescue.",
        "unconfirmed": "This line is not confirmed and cannot permit: a person must read {read}.",
        "not_yet": "{agreement} did not apply on {day}.",
        "ended": "{agreement} had ended on {day}.",
        "status_unknown": "Whether {agreement} applied on {day} is unknown until a person loads: {read}.",
        "suspended": "{agreement} is suspended: {ground}.",
        "terminated": "{agreement} has been ended: {ground}.",
        "line_dates": "This provision did not apply on {day}.",
        "party_dates": "{authority} was not a party on {day}.",
        "purpose": "This provision does not serve this purpose: {purpose}.",
        "regime": "This provision does not cover the body of law stated: {regime}.",
        "targeting": "This provision does not cover a question aimed so: {targeting}.",
        "modality": "This provision does not cover a comparison of this kind: {modality}.",
        "offence": "This needs an offence punishable by {n} years or more, and that is not shown.",
        "fact_must": "State this: {name}. Needed: {wanted}; so far: {state}.",
        "urgent_must": "Urgency must be stated, with its reason.",
        "field_must": "It must be filled in: {name}.",
        "own_nationals": "It goes to a person's own state only; {side} is not shown to be that.",
        "record_must": "There must be a record in force: {name}.",
        "role": "This provision does not cover a person in this role: {role}.",
        "slide": "What was collected for one purpose ({was}) does not serve another ({now}) "
        "without a fresh lawful ground.",
        "slide_unknown": "Nobody has said what this was collected for; until then it serves no purpose here.",
        "no_basis": "No basis for personal data from {sender} to {recipient}: the personal parts stay.",
        "relied": "{agreement} rests on {other}, which did not apply on {day}.",
        "owner_unknown": "Nobody has said who owns this; without that the owner cannot have agreed.",
        "consent": "{owner} owns this and has not agreed.",
        "vetoed": "{owner} owns this and has refused.",
        "onward_never": "It came under {under}, which never lets it be passed on.",
        "onward_ask": "It came under {under}: the originator is asked before it goes further.",
        "onward_listed": "It came under {under}, which lists other recipients.",
        "onward_condition": "It came under {under}, which asks for this before it goes further: {condition}.",
        "under_unknown": "Nobody has said under which agreement it came, or no file here "
        "holds that agreement: {under}.",
        "restricted": "A restriction that came with it does not allow this: {limit}.",
        "systems_barred": "What comes from {systems} does not pass under this provision.",
        "fled_unknown": "Nobody has recorded which state that is, with who says so and from what: "
        "what is not known protects them.",
        "wholly": "One part may not go, and without it the rest would tell why: nothing of this person goes.",
        "systems_unknown": "Nobody has said which systems this comes from; one may have a bar of its own.",
        "derived_unknown": "Nobody knows what this was made of; one of those sources may have a bar of its "
        "own.",
        "obtained_unknown": "Nobody has said how this was obtained, and it comes from where no court of "
        "human rights looks at that.",
        "marking": "Its marking {marking} is above the ceiling {ceiling}.",
        "node_marking": "Its marking {marking} is above what this node may carry.",
        "handling": "Its handling code {code} is above the ceiling {ceiling}.",
        "handling_unknown": "Nobody has given it a handling code: it counts as the highest, above {ceiling}.",
        "marking_unknown": "Nobody has given it a protective marking: it counts as too high for this node.",
        "handling_use": "Its handling code {code} allows other purposes only.",
        "not_granted": "This provision does not let this pass: {category}.",
        "withheld_category": "This provision keeps this back: {category}.",
        "personal_level": "This provision lets no such data about persons pass.",
        "must_transform": "It passes only in another form ({how}), "
        "and nobody has said that this can be done.",
        "small_cell": "A count under {n} could point at somebody, or its smallest cell is unknown.",
        "excluded_goods": "{goods} keeps people alive and is never told as suspicious.",
        "sought_not_granted": "The answer could not give this: {category}.",
        "essential": "Without this there is nothing left to send: {category}.",
        "nothing_left": "Nothing may leave.",
        "must_include": "This must be part of it: {category}.",
        "confirmation": "Named persons must confirm this: {of}. Needed: {n}; counted: {have}.",
        "confirmation_qualified": "Qualified persons must confirm this: {of}. Needed: {n}; counted: {have}.",
        "confirmation_independent": "Persons independent of the sender must confirm this: {of}. Needed: {n}; "
        "counted: {have}.",
        "confirmation_both": "Qualified persons independent of the sender must confirm this: {of}. "
        "Needed: {n}; counted: {have}.",
        "reads": "A person reads the conditions of handling code {code} before it goes.",
        "urgent_reason": "Urgency is stated without a reason.",
        "record_unknown": "This record is not in force or not loaded: {id}.",
        "lifted": "{article}: lifted in an emergency; the duty that stays: {then}.",
        "partly": "{article} is only partly confirmed: {source}.",
        "route_basis": "Under {basis} this would be: {verdict}.",
        "route_reduced": "Without any personal data this would be, under {basis}: {verdict}.",
        "route_channel": "Sent another way ({channel}) this would be: {verdict}.",
        "route_instead": "The line itself points to {basis}.",
        "better": "another basis withholds less or is more specific",
        "salvaged": "The field `{field}` could not be read and was left out: {message}",
    }
)
