"""Signing in and out, the way back after a lost password or second factor, and the choice of language."""

from __future__ import annotations

import math
from typing import Any, Final

import segno
from litestar import Request, Response, get, post
from litestar.response import Redirect

from cordiale.errors import AccountError
from cordiale.node import people, rescue
from cordiale.node.people import Denied, SignedIn
from cordiale.web.faults import told
from cordiale.web.forms import Mistakes, Question, filled, missing
from cordiale.web.frame import page
from cordiale.web.visit import KNOWN, Visit, cookie, in_thread, is_public, visit, who_tries
from cordiale.web.words import LANGUAGES, ZONES

SESSION_S: Final = 12 * 3600
YEAR_S: Final = 365 * 24 * 3600


def sign_in_questions(found: Visit) -> list[Question]:
    """What somebody types to sign in."""
    say = found.say
    return [
        Question("login", say("Sign-in name"), autocomplete="username", width="govuk-input--width-20"),
        Question("password", say("Password"), "password"),
        Question(
            "code",
            say("Six-digit code"),
            "code",
            hint=say("From the authenticator app on your telephone. Each code is taken once."),
            autocomplete="one-time-code",
            width="govuk-input--width-5",
        ),
    ]


@get("/sign-in")
@in_thread
def show_sign_in(request: Request[Any, Any, Any]) -> Response[str]:
    """The form."""
    return _sign_in_page(visit(request), onward(request.query_params.get("next", "/")))


@post("/sign-in", status_code=303)
@in_thread
def sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """Sign in, or say that it did not work without saying which part was wrong."""
    found = visit(request)
    questions = sign_in_questions(found)
    mistakes = missing(questions, found.answers, found.say("Enter: {}"))
    goal = onward(found.answer("next", "/"))
    if mistakes:
        return _sign_in_page(found, goal, mistakes)
    outcome = attempt(request, found)
    if isinstance(outcome, Denied):
        mistakes.add("login", denial(found, outcome))
        return _sign_in_page(found, goal, mistakes)
    return signed_in(found, outcome, goal)


def attempt(request: Request[Any, Any, Any], found: Visit) -> SignedIn | Denied:
    """Try what was typed; a mistake counts for the browser if it is a known one, else for the address."""
    login = found.answer("login")
    whose, is_known = who_tries(request, found, login)
    password = found.answers["password"][0]
    code = found.answer("code")
    return people.sign_in(found.node, login, password, code, whose=whose, is_known=is_known)


def denial(found: Visit, outcome: Denied) -> str:
    """Why not, without telling a known name from an unknown one."""
    say = found.say
    if outcome.reason == "ended":
        return say("This account has ended. Speak with an administrator.")
    if outcome.reason == "busy":
        return say("Too many people sign in at this moment. Try again in a few seconds.")
    text = say(
        "Name, password or code is not right, or the code was used. Wait for the next code, then try again."
    )
    if outcome.wait_until is not None:
        left = max(1, math.ceil((outcome.wait_until - found.now).total_seconds()))
        text += (
            " "
            + say("After several mistakes there is a wait, until")
            + f" {found.moment(outcome.wait_until)} ({left} s)."
        )
    return text


def signed_in(found: Visit, outcome: SignedIn, goal: str) -> Response[Any]:
    """On to the goal, with the session's token, and with the mark that this person signed in here."""
    there, node = Redirect(goal, status_code=303), found.node
    login = outcome.session.account.login
    there.set_cookie(cookie(node, "session", outcome.token, max_age=SESSION_S))
    known = people.remember_browser(node, login)
    there.set_cookie(cookie(node, f"{KNOWN}{people.browser_tag(node, login)}", known, max_age=YEAR_S))
    return there


def _sign_in_page(found: Visit, goal: str, mistakes: Mistakes | None = None) -> Response[str]:
    questions = filled(sign_in_questions(found), found.answers, mistakes)
    return public_page(
        found,
        "sign_in.html",
        status=400 if mistakes else 200,
        questions=questions,
        mistakes=mistakes,
        goal=goal,
        ring=rescue.to_ring(found.node),
    )


def public_page(found: Visit, template: str, *, status: int = 200, **facts: Any) -> Response[str]:
    """A page for somebody not signed in: its form's token stands in a cookie of its own."""
    if not found.csrf:
        found.csrf = found.node.world.chance.token(16)
    answer = page(found, template, status=status, **facts)
    answer.set_cookie(cookie(found.node, "before", found.csrf, max_age=SESSION_S))
    return answer


def onward(path: str) -> str:
    """A path of our own to go to next: never another site. Browsers drop tabs and line ends from an address,
    so that one with any of them is none.
    """
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if ours and not is_public(path.partition("?")[0]) else "/"


@post("/sign-out", status_code=303)
@in_thread
def sign_out(request: Request[Any, Any, Any]) -> Response[Any]:
    """End this browser's session."""
    found = visit(request)
    people.sign_out(found.node, request.cookies.get(cookie(found.node, "session", "").key, ""))
    there = Redirect("/sign-in", status_code=303)
    there.set_cookie(cookie(found.node, "session", "", max_age=0))
    return there


@post("/language", status_code=303)
@in_thread
def choose(request: Request[Any, Any, Any]) -> Response[Any]:
    """Take a language, and a time zone from who is signed in."""
    found = visit(request)
    language, zone = found.answer("language"), found.answer("zone")
    there = Redirect(own_path(found.answer("back", "/")), status_code=303)
    if language in LANGUAGES:
        there.set_cookie(cookie(found.node, "language", language, max_age=YEAR_S))
        if found.account is not None:
            chosen = zone if zone in ZONES else None
            people.choose(found.node, found.account, language=language, zone=chosen)
    return there


def own_path(path: str) -> str:
    """A path of this site, public or not."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def recovery_questions(found: Visit) -> list[Question]:
    """What somebody types who holds a one-time code from two colleagues."""
    say = found.say
    return [
        Question("login", say("Sign-in name"), autocomplete="username", width="govuk-input--width-20"),
        Question(
            "code",
            say("One-time code"),
            hint=say("Ten letters and digits that a colleague has read to you. Valid for 24 hours, once."),
            width="govuk-input--width-10",
        ),
        Question(
            "password",
            say("New password"),
            "password",
            hint=say(
                "At least 12 characters; three or four words are good. Empty if only your telephone was lost."
            ),
            autocomplete="new-password",
            required=False,
        ),
    ]


@get("/recover")
@in_thread
def show_recover(request: Request[Any, Any, Any]) -> Response[str]:
    """How to get back in, and the form for the one-time code."""
    found = visit(request)
    return public_page(found, "recover.html", questions=recovery_questions(found), mistakes=None)


@post("/recover", status_code=200)
@in_thread
def recover(request: Request[Any, Any, Any]) -> Response[str]:
    """Set anew what was lost; the new second factor's secret is shown once, as a picture and in letters."""
    found = visit(request)
    questions = recovery_questions(found)
    mistakes = missing(questions, found.answers, found.say("Enter: {}"))
    given = None
    if not mistakes:
        try:
            password = found.answers.get("password", [""])[0]
            given = people.redeem(found.node, found.answer("login"), found.answer("code").lower(), password)
            if given is None:
                mistakes.add(
                    "code",
                    found.say("This code is wrong, used or past. Ask your two colleagues for a new one."),
                )
        except AccountError as fault:
            mistakes.add(fault.field or "password", told(found.say, fault))
    if given is None:
        shown = filled(questions, found.answers, mistakes)
        return public_page(found, "recover.html", status=400, questions=shown, mistakes=mistakes)
    secret, address = given
    return public_page(found, "recovered.html", secret=secret, picture=picture(address) if address else "")


def picture(address: str) -> str:
    """The QR picture of an address, as a data URI in SVG."""
    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#ffffff"))


@get("/health", sync_to_thread=False)
def health() -> dict[str, str]:
    """Whether the pages answer at all; says nothing else."""
    return {"pages": "answer"}


PAGES = [show_sign_in, sign_in, sign_out, choose, show_recover, recover, health]
