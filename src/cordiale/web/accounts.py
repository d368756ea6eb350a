"""People: accounts, roles, end dates, who covers for whom; and what is given back only by two people."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.errors import AccountError
from cordiale.node import people, waiting
from cordiale.node.people import Account, Lost, NewAccount, Verb
from cordiale.web.faults import told
from cordiale.web.forms import Mistakes, Question, filled, missing
from cordiale.web.frame import page
from cordiale.web.plain import authority_name
from cordiale.web.question import worded
from cordiale.web.visit import Visit, in_thread, visit
from cordiale.web.words import mark

LOST: Final = {
    "password": mark("password lost"),
    "factor": mark("telephone with the second factor lost"),
    "both": mark("password and telephone lost"),
    "new": mark("a new account"),
}
"""What a second person is asked to give back or to open."""
ROLES = (
    "officer",
    "duty_officer",
    "analyst",
    "examiner",
    "statistician",
    "lawyer",
    "supervisor",
    "data_protection",
    "fundamental_rights",
    "administrator",
    "visiting_observer",
    "visiting_coordinator",
    "visiting_adviser",
    "visiting_liaison",
)


def account_questions(found: Visit) -> list[Question]:
    """What is asked for a new account."""
    say = found.say
    own = tuple((a, authority_name(found, a)) for a in found.node.settings.authorities)
    return [
        Question("login", say("Sign-in name"), width="govuk-input--width-20"),
        Question("name", say("Name as it will stand in the ledger")),
        Question("authority", say("Authority"), "select", options=own),
        Question(
            "roles",
            say("Roles"),
            "checkboxes",
            options=worded(found, ROLES),
            hint=say("An administrator sees no content. A visiting role stands alone and needs an end date."),
        ),
        Question(
            "until",
            say("Last day"),
            "date",
            required=False,
            width="govuk-input--width-10",
            hint=say("Only for visiting people."),
        ),
        Question("reason", say("Why"), hint=say("How you know who they are. It stands in the ledger.")),
    ]


def _overseer(found: Visit) -> Account:
    return found.needs(Verb.ACCOUNTS) if not found.may(Verb.OVERSEE) else found.needs(Verb.OVERSEE)


@get("/accounts")
@in_thread
def list_accounts(request: Request[Any, Any, Any]) -> Response[str]:
    """Everybody, what waits for a second person, and the form for a new account."""
    found = visit(request)
    _overseer(found)
    return _accounts_page(found, Mistakes())


def _accounts_page(found: Visit, mistakes: Mistakes) -> Response[str]:
    return page(
        found,
        "accounts.html",
        status=400 if mistakes else 200,
        rows=people.accounts(found.node),
        waiting=people.waiting_recoveries(found.node),
        lost=LOST,
        names=found.node.names(),
        questions=filled(account_questions(found), found.answers, mistakes),
        mistakes=mistakes,
        may_enrol=found.may(Verb.ACCOUNTS),
    )


@post("/accounts", status_code=200)
@in_thread
def enrol(request: Request[Any, Any, Any]) -> Response[Any]:
    """Make an account that a second person must open."""
    found = visit(request)
    officer = found.needs(Verb.ACCOUNTS)
    mistakes = missing(account_questions(found), found.answers, found.say("Enter: {}"))
    if not mistakes:
        try:
            people.enrol(found.node, officer, _new(found), found.answer("reason"))
            return Redirect("/accounts", status_code=303)
        except AccountError as fault:
            mistakes.add(fault.field or "login", told(found.say, fault))
    return _accounts_page(found, mistakes)


def _new(found: Visit) -> NewAccount:
    until = found.answer("until")
    try:
        last = date.fromisoformat(until) if until else None
    except ValueError:
        raise AccountError(found.say("This is not a date"), field="until") from None
    return NewAccount(
        found.answer("login"),
        found.answer("name"),
        found.answer("authority"),
        frozenset(found.several("roles")),
        until=last,
        language=found.language,
        zone=found.node.settings.zone,
    )


@get("/accounts/{login:str}")
@in_thread
def show_account(request: Request[Any, Any, Any], login: FromPath[str]) -> Response[str]:
    """One person: reset or close."""
    found = visit(request)
    _overseer(found)
    return _account_page(found, login, Mistakes())


def _account_page(found: Visit, login: str, mistakes: Mistakes) -> Response[str]:
    say = found.say
    lost = (
        ("password", say("Password")),
        ("factor", say("Telephone with the second factor")),
        ("both", say("Both")),
    )
    questions = [
        Question("lost", say("What is lost"), "radios", options=lost),
        Question(
            "reason",
            say("Why"),
            hint=say("How you know that it is they: you saw them, or rang a number you had."),
        ),
    ]
    try:
        person = people.officer(found.node, login)
    except AccountError as fault:
        return page(found, "fault.html", status=404, fault=fault, status_number=404)
    return page(
        found,
        "account.html",
        status=400 if mistakes else 200,
        person=person,
        questions=filled(questions, found.answers, mistakes),
        sure=filled([closing_question(found, person)], found.answers, mistakes),
        mistakes=mistakes,
        own=person.id == found.officer.id,
    )


def closing_question(found: Visit, person: Account) -> Question:
    """Nobody loses an account by one slip of a finger."""
    say = found.say
    return Question(
        "sure",
        say("It ends at once and for good"),
        "checkboxes",
        options=(("1", say("Close the account of {}").format(person.name)),),
        hint=say("Whoever uses it now is signed out. Its name stays in the ledger."),
        required=False,
    )


@post("/accounts/{login:str}/reset", status_code=200)
@in_thread
def reset(request: Request[Any, Any, Any], login: FromPath[str]) -> Response[Any]:
    """The first of two people asks."""
    found = visit(request)
    by = _overseer(found)
    mistakes = Mistakes()
    if found.answer("lost") not in ("password", "factor", "both"):
        mistakes.add("lost", found.say("Say what is lost"))
    if not mistakes:
        try:
            person = people.officer(found.node, login)
            people.ask_recovery(
                found.node, by, person.id, Lost(found.answer("lost")), reason=found.answer("reason")
            )
            return Redirect("/accounts", status_code=303)
        except AccountError as fault:
            mistakes.add(fault.field or "reason", told(found.say, fault))
    return _account_page(found, login, mistakes)


@post("/accounts/{login:str}/close", status_code=303)
@in_thread
def close(request: Request[Any, Any, Any], login: FromPath[str]) -> Response[Any]:
    """End an account."""
    found = visit(request)
    by = found.needs(Verb.ACCOUNTS)
    if not found.answer("sure"):
        mistakes = Mistakes({"sure": found.say("Tick that you mean to close it for good")})
        return _account_page(found, login, mistakes)
    people.close_account(found.node, by, people.officer(found.node, login).id)
    return Redirect("/accounts", status_code=303)


@post("/recoveries/{recovery_id:str}/grant", status_code=200)
@in_thread
def grant(request: Request[Any, Any, Any], recovery_id: FromPath[str]) -> Response[str]:
    """The second person grants it and sees the one-time code, once."""
    found = visit(request)
    recovery, code = people.grant_recovery(found.node, _overseer(found), recovery_id)
    return page(found, "granted.html", recovery=recovery, code=code)


@post("/recoveries/{recovery_id:str}/refuse", status_code=303)
@in_thread
def refuse(request: Request[Any, Any, Any], recovery_id: FromPath[str]) -> Response[Any]:
    """End a request that should not have been made."""
    found = visit(request)
    people.refuse_recovery(found.node, _overseer(found), recovery_id)
    return Redirect("/accounts", status_code=303)


@get("/me")
@in_thread
def show_me(request: Request[Any, Any, Any]) -> Response[str]:
    """My own account: roles, and who looks after my in-tray."""
    found = visit(request)
    return _me_page(found, Mistakes())


def _me_page(found: Visit, mistakes: Mistakes) -> Response[str]:
    others = [
        row
        for row in people.accounts(found.node)
        if row["login"] != found.officer.login and not row["closed"]
    ]
    names = (("", found.say("nobody")), *((row["login"], row["name"]) for row in others))
    question = Question(
        "covered_by",
        found.say("Who looks after my in-tray while I am away"),
        "select",
        options=names,
        value=found.node.account(found.officer.covered_by).login if found.officer.covered_by else "",
    )
    ends = found.officer.covered_until
    covering = found.officer.covered_on(found.now.date())
    until = Question(
        "covered_until",
        found.say("Up to and with which day"),
        "date",
        hint=found.say("Empty means until I end it."),
        value=ends.isoformat() if ends else "",
        required=False,
        width="govuk-input--width-10",
    )
    return page(
        found,
        "me.html",
        covering=found.node.account(covering).name if covering else "",
        ends=ends,
        questions=filled([question, until], found.answers, mistakes),
        mistakes=mistakes,
        status=400 if mistakes else 200,
    )


@post("/me/cover", status_code=200)
@in_thread
def cover(request: Request[Any, Any, Any]) -> Response[Any]:
    """Say who covers; `nobody` ends it."""
    found = visit(request)
    mistakes = Mistakes()
    try:
        chosen = found.answer("covered_by")
        until = date.fromisoformat(found.answer("covered_until")) if found.answer("covered_until") else None
        by = people.officer(found.node, chosen).id if chosen else ""
        if by and until and until < found.now.date():
            mistakes.add("covered_until", found.say("This day is past: nobody would look after it"))
            return _me_page(found, mistakes)
        waiting.cover(found.node, found.officer, by, until)
        return Redirect("/me", status_code=303)
    except AccountError as fault:
        mistakes.add(fault.field or "covered_by", told(found.say, fault))
    except ValueError:
        mistakes.add("covered_until", found.say("Write the day like 2026-12-24"))
    return _me_page(found, mistakes)


PAGES = [list_accounts, enrol, show_account, reset, close, grant, refuse, show_me, cover]
