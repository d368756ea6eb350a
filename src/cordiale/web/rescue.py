"""Distress: one short form without a hold, the red strip, and one incident as a watchkeeper reads it.

What was typed is never refused: a value that does not fit is sent as a remark, with the defect said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.errors import PayloadError, RequestError
from cordiale.node import rescue
from cordiale.node.people import Denied, Verb
from cordiale.payloads import TYPES, encode, fill
from cordiale.payloads.forms import label
from cordiale.web.bodies import DEGREES, Said, answers_in, chosen_in_words, plain
from cordiale.web.bodies import lines as body_lines
from cordiale.web.faults import in_words
from cordiale.web.forms import Mistakes, Question, filled, missing
from cordiale.web.frame import page, shown, strip
from cordiale.web.plain import part_name, who
from cordiale.web.sign_in import attempt, denial, public_page, sign_in_questions, signed_in
from cordiale.web.visit import Visit, in_thread, visit

FIELDS_DROPPED_MAX: Final = 60  # more than the form has questions
SAID_CHARS_MAX: Final = 1000  # of one call that an incident rests on (payloads)
NO_NUMBER: Final = "0000"
"""Stands where nobody knows a number on which this node can be rung: the call leaves all the same."""
CLOSED_SHOWN: Final = 5  # closed incidents below the open ones; all are in their list
TYPED_CHARS_MAX: Final = 4000  # of one answer that is shown again to somebody who is not signed in
STATES: Final = ("under_way", "engine_stopped", "taking_water", "deflating", "capsized", "persons_in_water")

URGENT: Final = ("place", "position_at", "persons", "children", "state", "boats", "phase", "weather")
SAID_AFTER: Final = "state"  # how they are; then what was said
HEMISPHERES: Final = ((2, "NS"), (3, "EW"))
"""Digits of whole degrees and the letters, of latitude and of longitude."""
NO_NODE: Final = "no known node speaks for"
ENVELOPE: Final = ("seal", "unreadable", "memory", "effect", "unstored", "clock", "sequence", "signature")
"""Beginnings of defects that are of the message and of none of its fields."""
TOLD_ABOVE: Final = ("incident_id", "status")  # the page says now what the call said when it was sent


def distress_questions(found: Visit) -> list[Question]:
    """What a rescue centre needs, most urgent first. Nothing is required: unknown is an answer."""
    say, settings = found.say, found.node.settings
    states = (("", say("not known")), *((s, say(s.replace("_", " "))) for s in STATES))
    return [
        Question("body.place", say("Where, in words"), required=False),
        Question(
            "body.position.latitude",
            say("Latitude"),
            "degrees",
            hint=say("Degrees, such as 50.9512"),
            required=False,
            width="govuk-input--width-10",
        ),
        Question(
            "body.position.longitude",
            say("Longitude"),
            "degrees",
            hint=say("Degrees, west negative, such as 1.4221"),
            required=False,
            width="govuk-input--width-10",
        ),
        Question(
            "body.persons", say("How many persons"), "number", required=False, width="govuk-input--width-4"
        ),
        Question(
            "body.children", say("Of them children"), "number", required=False, width="govuk-input--width-4"
        ),
        Question("body.state", say("State of the boat"), "select", options=states, required=False),
        Question(
            "body.callers.0.contact",
            say("Number or way to reach who called"),
            required=False,
            hint=say("Used for rescue and for nothing else."),
        ),
        Question("body.remarks", say("What else was said"), "area", rows=3, required=False),
        Question(
            "body.telephone_to_ring",
            say("Number on which you can be rung"),
            value=settings.ring_number,
            required=False,
            width="govuk-input--width-20",
        ),
        Question(
            "body.centre", say("Who you are"), value=settings.ring_name or settings.name, required=False
        ),
    ]


@get("/distress")
@in_thread
def show_distress(request: Request[Any, Any, Any]) -> Response[str]:
    """Every open incident, unconfirmed first, the last ones closed, and the form for a new one."""
    found = visit(request)
    officer = found.needs(Verb.RESCUE)
    closed = rescue.closed(found.node, officer, limit=CLOSED_SHOWN)
    just = request.query_params.get("closed", "")
    return page(
        found,
        "distress.html",
        incidents=rescue.distresses(found.node),
        questions=distress_questions(found),
        mistakes=None,
        unsent=False,
        ring=(),
        closed=closed,
        just_closed=next((one for one in closed if one.reference == just), None),
    )


@post("/distress", status_code=303)
@in_thread
def open_distress(request: Request[Any, Any, Any]) -> Response[Any]:
    """Send it at once to every rescue centre of the sea area. Of somebody whose session or form has ended it
    asks once more, with all that was typed and the numbers to ring: nothing typed is lost, nothing refused.
    """
    found = visit(request)
    if found.account is None:
        return _ask_again(found, Mistakes())
    officer = found.needs(Verb.RESCUE)
    if found.asks_again:
        return _form_again(found)
    opened = rescue.open_distress(found.node, officer, distress_body(found, answers_in(found)))
    return Redirect(f"/distress/{opened.reference}", status_code=303)


def _form_again(found: Visit) -> Response[str]:
    """The form as it was typed, with a fresh token, to be sent with one more press."""
    return page(
        found,
        "distress.html",
        status=400,
        incidents=rescue.distresses(found.node),
        questions=filled(distress_questions(found), found.answers, Mistakes()),
        mistakes=None,
        unsent=True,
        ring=rescue.to_ring(found.node),
        closed=[],
        just_closed=None,
    )


def _ask_again(found: Visit, mistakes: Mistakes) -> Response[str]:
    """Sign in and send, in one; above it, whom to ring now."""
    typed = [
        (name, found.answer(name)[:TYPED_CHARS_MAX]) for name in found.answers if name.startswith("body.")
    ]
    return public_page(
        found,
        "distress_unsent.html",
        status=401,
        typed=typed[:FIELDS_DROPPED_MAX],
        said=[
            (one.label, found.answer(one.name)) for one in distress_questions(found) if found.answer(one.name)
        ],
        questions=filled(sign_in_questions(found), {"login": found.answers.get("login", [])}, mistakes),
        mistakes=mistakes,
        ring=rescue.to_ring(found.node),
    )


@post("/distress/sign-in", status_code=303)
@in_thread
def sign_in_and_send(request: Request[Any, Any, Any]) -> Response[Any]:
    """Sign in, and send the call that was typed before the session ended."""
    found = visit(request)
    mistakes = missing(sign_in_questions(found), found.answers, found.say("Enter: {}"))
    if mistakes:
        return _ask_again(found, mistakes)
    outcome = attempt(request, found)
    if isinstance(outcome, Denied):
        mistakes.add("login", denial(found, outcome))
        return _ask_again(found, mistakes)
    found.account = outcome.session.account
    officer = found.needs(Verb.RESCUE)
    opened = rescue.open_distress(found.node, officer, distress_body(found, answers_in(found)))
    return signed_in(found, outcome, f"/distress/{opened.reference}")


def distress_body(found: Visit, typed: Mapping[str, str]) -> dict[str, Any]:
    """The payload of what was typed. What does not fit its question goes along as something that was said:
    nothing typed is lost, nothing is refused.
    """
    needed = _needed(found)
    said = typed.get("remarks", "")
    answers = {name: tried[0] for name, tried in needed.items()}
    call = {"reference": answers["incident_id"], "received_at": answers["first_known_at"]}
    call["centre"] = found.node.settings.side
    answers |= {name: value for name, value in typed.items() if name != "remarks"}
    if "callers.0.contact" in answers:
        answers.setdefault("callers.0.subject", "c1")
    kind = TYPES["distress_incident"]
    for _ in range(FIELDS_DROPPED_MAX):
        try:
            return encode(fill(kind.models["report"], answers | _told(call, said)))
        except PayloadError as fault:
            hits = _hits(answers, fault.field)
            if not hits:
                break
            for name in hits:
                said = f"{said} [{name}: {answers.pop(name)}]".strip()
            if others := needed.get(fault.field):
                answers[fault.field] = others.pop(0)
    # It cannot be read as a form at all: it travels as it is, and is shown with its defects.
    return {"type": kind.id, "model": "report", "version": 1, "body": {**answers, **_told(call, said)}}


def _hits(answers: Mapping[str, str], path: str) -> list[str]:
    """The answers that a fault at this path concerns: those at it, or else those of the group round it."""
    while path:
        if found := [name for name in answers if name == path or name.startswith(f"{path}.")]:
            return found
        path = path.rpartition(".")[0]
    return []


def _needed(found: Visit) -> dict[str, list[str]]:
    """What every call must have, and what is taken for it, best first, where nobody typed it or it does not
    fit.
    """
    node, settings = found.node, found.node.settings
    own = [one.telephone for one in node.rescue_register(found.now) if one.side == node.side]
    numbers = [settings.ring_number, *own, NO_NUMBER]
    return {
        "incident_id": [f"{settings.side}-{found.now:%Y%m%d-%H%M%S}"],
        "first_known_at": [f"{found.now:%Y-%m-%dT%H:%M:%SZ}"],
        "telephone_to_ring": [one for one in numbers if one],
        "centre": [settings.name or settings.side, settings.side],
        "status": ["NOT CONFIRMED"],
    }


def _told(call: Mapping[str, str], said: str) -> dict[str, str]:
    """What was said beside the answers, as calls that the incident rests on, in parts that fit one."""
    parts = [said[start : start + SAID_CHARS_MAX] for start in range(0, len(said), SAID_CHARS_MAX)]
    return {
        f"source_calls.{number}.{name}": value
        for number, part in enumerate(parts)
        for name, value in {**call, "said": part}.items()
    }


@get("/distress/{reference:str}")
@in_thread
def show_incident(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[str]:
    """One incident: what is known, whom to ring, who has confirmed."""
    found = visit(request)
    found.needs(Verb.RESCUE)
    return incident_page(found, reference, Mistakes())


def incident_page(found: Visit, reference: str, mistakes: Mistakes) -> Response[str]:
    """One incident, with what a named person may do about it now: confirm, close, or reopen it."""
    try:
        one = rescue.distress(found.node, reference)
    except RequestError:
        one = None
    questions = filled(_acts(found, one), found.answers, mistakes)
    return page(
        found,
        "incident.html",
        status=404 if one is None else 400 if mistakes else 200,
        one=one,
        reference=reference,
        said=most_urgent_first(one.body, found) if one else [],
        defects=[_defect(found, words) for words in one.defects] if one else [],
        questions=questions,
        mistakes=mistakes,
        may_close=found.may(Verb.EXECUTIVE),
    )


def _acts(found: Visit, one: rescue.Distress | None) -> list[Question]:
    if one is None:
        return []
    if one.state == "closed":
        return reopening_questions(found)
    return [_person(found, found.say("Your name, as who confirms it"))] if one.sounding else closing(found)


def _person(found: Visit, label: str) -> Question:
    return Question("person", label, value=found.officer.name)


def closing(found: Visit) -> list[Question]:
    """What is asked of whoever closes an incident."""
    say = found.say
    return [
        _person(found, say("Your name, as who closes it")),
        Question(
            "counted",
            say("How many persons are known to be safe"),
            "number",
            hint=say("Counted on the quay or on board, not taken from the call."),
            width="govuk-input--width-4",
        ),
        Question(
            "evidence",
            say("How it is known that these very persons are safe"),
            "area",
            rows=3,
            hint=say("One line for each thing known. Silence, a lost signal or another boat is no evidence."),
        ),
    ]


def reopening_questions(found: Visit) -> list[Question]:
    """What is asked of whoever takes a closing back."""
    return [
        _person(found, found.say("Your name, as who reopens it")),
        Question("why", found.say("Why it is not over"), "area", rows=2),
    ]


def most_urgent_first(body: Any, found: Visit) -> list[Said]:
    """What a watchkeeper needs in the order of a call: where, when, how many, how they are; then the rest."""
    inner = dict(body.get("body", body) if isinstance(body, Mapping) else {})
    for name in TOLD_ABOVE:
        inner.pop(name, None)
    where = inner.pop("position", None)
    first = []
    if isinstance(where, Mapping):
        near = where.get("uncertainty_m")
        told = _plotted(where, found) + (f" ± {near} m" if near is not None else "")
        first.append(Said(found.say(label("position")), told, "position", 1))
    for name in URGENT:
        if inner.get(name) is not None:
            first += body_lines({name: inner.pop(name)}, found)
        if name == SAID_AFTER:
            first += _what_was_said(inner, found)
    whole = chosen_in_words(
        [*first, *body_lines(inner, found)], found, type_id="distress_incident", model="report"
    )
    return _in_words(whole, found)


def _plotted(where: Mapping[str, Any], found: Visit) -> str:
    """A position as a watchkeeper plots it, degrees and minutes, with the decimal degrees beside it."""
    values = [where.get(name) for name in DEGREES]
    decimal = ", ".join(plain(name, where.get(name), found) for name in DEGREES)
    if not all(isinstance(one, int) for one in values):
        return decimal
    chart = ", ".join(_minutes(int(str(one)), *marks) for one, marks in zip(values, HEMISPHERES, strict=True))
    return f"{chart} ({decimal})"


def _minutes(microdegrees: int, width: int, marks: str) -> str:
    """`50° 57.07′ N` of millionths of a degree; `marks`: the letter of what is positive, then of the rest."""
    hundredths = round(abs(microdegrees) * 6000 / 1_000_000)
    degrees, rest = divmod(hundredths, 6000)
    return f"{degrees:0{width}d}° {rest / 100:05.2f}′ {marks[0] if microdegrees >= 0 else marks[1]}"


def _what_was_said(inner: dict[str, Any], found: Visit) -> list[Said]:
    """What callers said, out of the calls that the incident rests on: it stands before who took the call."""
    calls = inner.get("source_calls")
    if not isinstance(calls, list):
        return []
    kept = [dict(one) if isinstance(one, Mapping) else one for one in calls]
    said = [one.pop("said", None) for one in kept if isinstance(one, dict)]
    inner["source_calls"] = kept
    return [Said(found.say("What was said"), str(one), "said", 1) for one in said if one]


def _defect(found: Visit, words: str) -> str:
    """A defect in words: a centre by name with its number to ring, a field by what it is called."""
    head, _, rest = words.partition(": ")
    if "/" in head:
        side, _, authority = head.partition("/")
        number = found.node.telephone_of(side, authority)
        why = found.say("no node of theirs is known here") if NO_NODE in rest else rest
        return f"{who(found, head)}: {why}" + (f"; {found.say('ring')} {number}" if number else "")
    if rest and re.fullmatch(r"[a-z_]+(\.[a-z0-9_]+)*", head) and head not in ENVELOPE:
        return f"{part_name(found, head)}: {in_words(found.say, rest)}"
    return words


def _in_words(said: list[Said], found: Visit) -> list[Said]:
    """Without the ids by which parts of a call mean one another: where two parts are about one person, the
    later one says so.
    """
    heads = {one.path: one.label for one in said if one.depth == 0}
    first: dict[str, str] = {}
    kept = []
    for one in said:
        part, _, name = one.path.rpartition(".")
        if name != "subject":
            kept.append(one)
        elif first.get(one.value):
            kept.append(Said(found.say("The same person as"), first[one.value], one.path, one.depth))
        else:
            first[one.value] = heads.get(part, "")
    return kept


@post("/distress/{reference:str}/confirm", status_code=303)
@in_thread
def confirm(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """A named person says: we have it."""
    found = visit(request)
    officer = found.needs(Verb.RESCUE)
    if not found.answer("person"):
        mistakes = Mistakes({"person": found.say("Say who confirms it")})
        return incident_page(found, reference, mistakes)
    rescue.confirm_distress(found.node, officer, reference, found.answer("person"))
    return Redirect(f"/distress/{reference}", status_code=303)


@get("/live/strip")
@in_thread
def red_strip(request: Request[Any, Any, Any]) -> Response[str]:
    """The red strip alone, for a page that stays open; nothing when it has not changed."""
    found = visit(request)
    have = request.query_params.get("have", "")
    if shown(strip(found)).digest == have:
        return Response("", status_code=204, media_type="text/html")
    return page(found, "strip.html")


PAGES = [show_distress, open_distress, sign_in_and_send, show_incident, confirm, red_strip]
