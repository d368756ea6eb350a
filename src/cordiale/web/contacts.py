"""Whom this node can reach: partners, their numbers, what waits for them, and how to take a partner in."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from cordiale.errors import CordialeError
from cordiale.node import exchange, reports
from cordiale.node.people import Verb
from cordiale.web.faults import told
from cordiale.web.forms import Mistakes, Question, filled, missing
from cordiale.web.frame import page
from cordiale.web.visit import Visit, in_thread, visit

CARD_BYTES_MAX = 200_000


@get("/contacts")
@in_thread
def list_contacts(request: Request[Any, Any, Any]) -> Response[str]:
    """The contact list, with out-of-hours numbers."""
    found = visit(request)
    return page(found, "contacts.html", rows=reports.contacts(found.node, found.officer))


@get("/peers")
@in_thread
def list_peers(request: Request[Any, Any, Any]) -> Response[str]:
    """Partner nodes, and the form to take one in."""
    found = visit(request)
    found.needs(Verb.ACCOUNTS)
    return _peers_page(found, Mistakes())


def peer_questions(found: Visit) -> list[Question]:
    """What is asked before a partner is taken in."""
    say = found.say
    return [
        Question(
            "card",
            say("The partner's node card"),
            "area",
            rows=6,
            hint=say("Paste the file that `cordiale peer card` wrote there."),
        ),
        Question(
            "words",
            say("The words of its key"),
            "area",
            rows=2,
            hint=say("Ring them on a number that you already had and type what they read to you."),
        ),
    ]


def _peers_page(found: Visit, mistakes: Mistakes) -> Response[str]:
    return page(
        found,
        "peers.html",
        status=400 if mistakes else 200,
        rows=exchange.peers(found.node),
        own=exchange.own_card(found.node),
        alarms=exchange.alarms(found.node),
        questions=filled(peer_questions(found), found.answers, mistakes),
        mistakes=mistakes,
    )


@post("/peers", status_code=200)
@in_thread
def add_peer(request: Request[Any, Any, Any]) -> Response[str]:
    """Take a partner in; the ledger says who compared the words."""
    found = visit(request)
    officer = found.needs(Verb.ACCOUNTS)
    mistakes = missing(peer_questions(found), found.answers, found.say("Enter: {}"))
    if not mistakes:
        try:
            card = found.answer("card")[:CARD_BYTES_MAX].encode()
            exchange.add_peer(found.node, card, words=found.answer("words"), by=officer.name)
        except CordialeError as fault:
            mistakes.add(fault.field or "card", told(found.say, fault))
    return _peers_page(found, mistakes)


PAGES = [list_contacts, list_peers, add_peer]
