"""Distress: one short form without a hold, the red strip, confirmation and closing by a named person.

What was typed is never refused: a value that does not fit is sent as a remark, with the defect said.
"""

from __future__ import annotations

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
from cordiale.web.bodies import DEGREES, Said, answers_in, plain
from cordiale.web.bodies import lines as body_lines
from cordiale.web.forms import Mistakes, Question, filled, missing
from cordiale.web.frame import page, shown, strip
from cordiale.web.sign_in import attempt, denial, public_page, sign_in_questions, signed_in
from cordiale.web.visit import Visit, in_thread, visit

FIELDS_DROPPED_MAX: Final = 60  # more than the form has questions
SAID_CHARS_MAX: Final = 1000  # of one call that an incident rests on (payloads)
NO_NUMBER: Final = "0000"
"""Stands where nobody knows a number on which this node can be rung: the call leaves all the same."""
TYPED_CHARS_MAX: Final = 4000  # of one answer that is shown again to somebody who is not signed in
STATES: Final = ("under_way", "engine_stopped", "taking_water", "deflating", "capsized", "persons_in_water")

URGENT: Final = ("place", "position_at", "persons", "children", "state", "boats", "phase", "weather")
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
    """Every open incident, unconfirmed first, and the form for a new one."""
    found = visit(request)
    found.needs(Verb.RESCUE)
    return page(
        found,
        "distress.html",
        incidents=rescue.distresses(found.node),
        questions=distress_questions(found),
        mistakes=None,
        unsent=False,
        ring=(),
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
    return _incident_page(found, reference, Mistakes())


def _incident_page(found: Visit, reference: str, mistakes: Mistakes) -> Response[str]:
    try:
        one = rescue.distress(found.node, reference)
    except RequestError:
        one = None
    person = Question(
        "person",
        found.say("Name of the person"),
        value=found.officer.name,
        error=mistakes.found.get("person", ""),
    )
    evidence = Question(
        "evidence",
        found.say("How it is known that these very persons are safe"),
        "area",
        rows=3,
        hint=found.say(
            "One line for each thing known. Silence, a lost signal or another boat is no evidence."
        ),
        error=mistakes.found.get("evidence", ""),
    )
    return page(
        found,
        "incident.html",
        status=404 if one is None else 400 if mistakes else 200,
        one=one,
        reference=reference,
        said=_most_urgent_first(one.body, found) if one else [],
        person=person,
        evidence=evidence,
        questions=[person, evidence],
        mistakes=mistakes,
        may_close=found.may(Verb.EXECUTIVE),
    )


def _most_urgent_first(body: Any, found: Visit) -> list[Said]:
    """What a watchkeeper needs in the order of a call: where, when, how many, how they are; then the rest."""
    inner = dict(body.get("body", body) if isinstance(body, Mapping) else {})
    for name in TOLD_ABOVE:
        inner.pop(name, None)
    where = inner.pop("position", None)
    first = []
    if isinstance(where, Mapping):
        degrees = [plain(name, where.get(name), found) for name in DEGREES]
        near = where.get("uncertainty_m")
        told = ", ".join(degrees) + (f" ± {near} m" if near is not None else "")
        first.append(Said(found.say(label("position")), told, "position", 1))
    for name in URGENT:
        if inner.get(name) is not None:
            first += body_lines({name: inner.pop(name)}, found)
    return first + body_lines(inner, found)


@post("/distress/{reference:str}/confirm", status_code=303)
@in_thread
def confirm(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """A named person says: we have it."""
    found = visit(request)
    officer = found.needs(Verb.RESCUE)
    if not found.answer("person"):
        mistakes = Mistakes({"person": found.say("Say who confirms it")})
        return _incident_page(found, reference, mistakes)
    rescue.confirm_distress(found.node, officer, reference, found.answer("person"))
    return Redirect(f"/distress/{reference}", status_code=303)


@post("/distress/{reference:str}/close", status_code=303)
@in_thread
def close(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """A named person closes it, with positive evidence."""
    found = visit(request)
    officer = found.needs(Verb.EXECUTIVE)
    evidence = [line.strip() for line in found.answer("evidence").splitlines() if line.strip()]
    mistakes = Mistakes()
    if not found.answer("person"):
        mistakes.add("person", found.say("Say who closes it"))
    if not evidence:
        mistakes.add("evidence", found.say("Say how it is known that they are safe"))
    if mistakes:
        return _incident_page(found, reference, mistakes)
    rescue.close_distress(found.node, officer, reference, found.answer("person"), evidence=evidence)
    return Redirect("/distress", status_code=303)


@get("/live/strip")
@in_thread
def red_strip(request: Request[Any, Any, Any]) -> Response[str]:
    """The red strip alone, for a page that stays open; nothing when it has not changed."""
    found = visit(request)
    have = request.query_params.get("have", "")
    if shown(strip(found)).digest == have:
        return Response("", status_code=204, media_type="text/html")
    return page(found, "strip.html")


PAGES = [show_distress, open_distress, sign_in_and_send, show_incident, confirm, close, red_strip]
