"""The gate's own sentences, as templates with stable ids so that pages can translate them.

Sentences of articles stand in the files, in our words beside the provision; these are what the gate says
itself.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

HOUSE: Final = "House rule"

TEMPLATES: Final = MappingProxyType(
    {
        "permit": "{agreement}, {article}: this may be sent.",
        "withhold": "{agreement}, {article}: this may be sent without the parts named.",
        "rescue": "People may be in danger: the rescue authority is told at once, before every other rule.",
        "rescue_rest": "A distress message carries what finds and saves people, and nothing else.",
        "rights": "A report to an independent rights officer is never held up by an agreement.",
        "quality": "Whoever holds a copy is told that it is wrong, restricted, recalled or to be erased.",
        "sea_area": "{authority} is not listed for sea area {area}: tell the centre of that area too.",
        "unknown_side": "`{value}` is not a Side in the register on this day.{near}",
        "unknown_authority": "`{value}` is not an authority of {side} in the register on this day.{near}",
        "group_recipient": "`{value}` is a group of Sides; a recipient is one authority of one Side.",
        "unknown_fact": "No provision and no law declares the fact `{value}`.{near}",
        "fact_type": "The fact `{value}` must be of type {type}.",
        "unknown_basis": "There is no agreement or provision `{value}`.{near}",
        "no_agreement": "No agreement names both {sender} and {recipient}: without one it is refused.",
        "no_provision": "{agreement} has no provision on {type}.",
        "not_party": "{authority} is not named as a party in {agreement}.",
        "act": "This provision does not cover the act `{act}`.",
        "type": "This provision does not cover the type `{type}`.",
        "direction": "This provision does not run from {sender} to {recipient}.",
        "channel": "This provision does not allow the channel `{channel}`.",
        "kind": "An authority of kind `{kind}` may not use this provision.",
        "party_limits": "{authority} takes part in {agreement} for other acts or types only.",
        "capacity": "Somebody acting as {capacity} may not use this provision.",
        "deployed": "Somebody posted as {capacity} has no power to `{act}`.",
        "machine": "A machine does not decide what bears on a person, and never closes a rescue.",
        "unconfirmed": "This line is not confirmed and cannot permit: a person must read {read}.",
        "not_yet": "{agreement} did not apply on {day}.",
        "ended": "{agreement} had ended on {day}.",
        "status_unknown": "Whether {agreement} applied on {day} is unknown until a person loads: {read}.",
        "suspended": "{agreement} is suspended: {ground}.",
        "line_dates": "This provision did not apply on {day}.",
        "party_dates": "{authority} was not a party on {day}.",
        "purpose": "The purpose `{purpose}` is outside this provision.",
        "regime": "The regime `{regime}` is outside this provision.",
        "targeting": "Aimed at `{targeting}`, the question is outside this provision.",
        "modality": "A comparison `{modality}` is outside this provision.",
        "offence": "This needs an offence punishable by {n} years or more, and that is not shown.",
        "fact_must": "This needs the fact `{name}`, and it is {state}.",
        "field_must": "This needs the field `{name}`.",
        "own_nationals": "It goes to a person's own state only; {side} is not shown to be that.",
        "record_must": "This needs a record in force: {name}.",
        "role": "A person in the role `{role}` is outside this provision.",
        "slide": "What was collected for `{was}` does not serve `{now}` without a fresh lawful ground.",
        "slide_unknown": "Nobody has said what this was collected for; until then it serves no purpose here.",
        "no_basis": "No basis for personal data from {sender} to {recipient}: the personal parts stay.",
        "relied": "{agreement} rests on {other}, which did not apply on {day}.",
        "owner_unknown": "Nobody has said who owns this; without that the owner cannot have agreed.",
        "consent": "{owner} owns this and has not agreed.",
        "vetoed": "{owner} owns this and has refused.",
        "onward_never": "It came under {under}, which never lets it be passed on.",
        "onward_ask": "It came under {under}: the originator is asked before it goes further.",
        "onward_listed": "It came under {under}, which lists other recipients.",
        "onward_condition": "It came under {under}; the condition `{condition}` is not met.",
        "under_unknown": "It came under `{under}`, which no file here holds.",
        "restricted": "The restriction `{name}` on it does not allow this.",
        "systems_barred": "What comes from {systems} does not pass under this provision.",
        "systems_unknown": "Nobody has said which systems this comes from; one may have a bar of its own.",
        "marking": "Its marking {marking} is above the ceiling {ceiling}.",
        "node_marking": "Its marking {marking} is above what this node may carry.",
        "handling": "Its handling code {code} is above the ceiling {ceiling}.",
        "handling_use": "Its handling code {code} allows other purposes only.",
        "not_granted": "The category `{category}` is not granted.",
        "withheld_category": "The category `{category}` is withheld.",
        "personal_level": "This provision lets no such data about persons pass.",
        "must_transform": "It passes only after `{how}`, and nobody has said that this can be done.",
        "small_cell": "A count under {n} could point at somebody, or its smallest cell is unknown.",
        "excluded_goods": "{name} keeps people alive and is never told as suspicious.",
        "sought_not_granted": "The answer could not give `{category}`.",
        "essential": "Without `{category}` there is nothing left to send.",
        "nothing_left": "Nothing may leave.",
        "must_include": "`{category}` must be part of it.",
        "confirmation": "{n} confirmation(s) of `{of}`{traits} are needed; {have} count.",
        "reads": "A person reads the conditions of handling code {code} before it goes.",
        "urgent_reason": "Urgency is stated without a reason.",
        "record_unknown": "The record `{name}` is not in force or not loaded.",
        "lifted": "{article}: lifted in an emergency; the duty that stays: {then}.",
        "partly": "{article} is only partly confirmed: {source}.",
        "route_basis": "Under {basis} this would be {verdict}.",
        "route_reduced": "Without any personal data this would be {verdict} under {basis}.",
        "route_channel": "Through the channel `{channel}` this would be {verdict}.",
        "route_instead": "The line itself points to {basis}.",
        "better": "another basis withholds less or is more specific",
        "salvaged": "The field `{field}` could not be read and was left out: {message}",
    }
)


def say(id: str, **words: object) -> str:
    """The sentence of that id with its words filled in."""
    return TEMPLATES[id].format(**words)
