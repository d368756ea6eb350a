"""One node of the demonstration in a process of its own: pages, contact point, courier, and a desk that
takes orders.

Orders are lines of JSON on standard input, answers lines on standard output; the end of standard input
ends the process. Each order is what an officer would do on the pages, by the same function of node/.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cordiale.demo.cast import PASSPHRASE
from cordiale.errors import CordialeError
from cordiale.node import (
    Node,
    agreements,
    exchange,
    ledger,
    notices,
    open_node,
    opening,
    people,
    reports,
    rescue,
    serving,
)
from cordiale.node.audit import audit
from cordiale.node.papers import Draft, Line

Order = Mapping[str, Any]


def _draft(order: Order) -> Draft:
    paper = order["paper"]
    return Draft(paper["type"], paper["body"], paper["asks"], tuple(paper["recipients"]))


def _line(one: Line) -> dict[str, Any]:
    names = (
        "reference",
        "direction",
        "other",
        "type",
        "state",
        "verdict",
        "article",
        "thread",
        "message",
        "fault",
    )
    return {name: getattr(one, name) for name in names}


def _view(one: reports.RecipientView) -> dict[str, Any]:
    return {
        "recipient": one.recipient,
        "verdict": one.verdict,
        "article": one.article,
        "sentence": one.sentence,
        "agreement": one.agreement,
        "sees": list(one.sees),
        "withheld": [{"item": gone.path, "article": gone.article} for gone in one.unseen],
        "missing": [dict(gap) for gap in one.missing],
        "failures": [dict(why) for why in one.answer.get("failures", ())],
    }


def _held(held: reports.Held) -> dict[str, Any]:
    return {"thread": held.reference, "views": [_view(one) for one in held.views]}


def _who(node: Node, order: Order) -> people.Officer:
    return people.officer(node, order["officer"])


def send(node: Node, order: Order) -> Any:
    """A report, as its officer sends it."""
    return _held(reports.send(node, _who(node, order), _draft(order)))


def preview(node: Node, order: Order) -> Any:
    """What the recipients named would get; nothing is sent."""
    draft = _draft(order)
    return [_view(reports.view(node, _who(node, order), draft, name)) for name in draft.recipients]


def forward(node: Node, order: Order) -> Any:
    """Pass a received message on."""
    officer = _who(node, order)
    return _held(reports.forward(node, officer, order["reference"], order["recipients"], asks=order["asks"]))


def trays(node: Node, order: Order) -> Any:
    """Both trays of the node."""
    officer = _who(node, order)
    return {
        "in": [_line(one) for one in reports.inbox(node, officer)],
        "out": [_line(one) for one in reports.outbox(node, officer)],
    }


def read(node: Node, order: Order) -> Any:
    """Open one message, for a purpose."""
    opened = reports.open_message(node, _who(node, order), order["reference"], purpose=order["purpose"])
    return {"body": opened.body, "restrictions": opened.restrictions}


def recall(node: Node, order: Order) -> Any:
    """Recall a conversation."""
    return notices.recall(node, _who(node, order), order["thread"], order["reason"])


def holders(node: Node, order: Order) -> Any:
    """Who holds copies, and how far the recall has come."""
    found = notices.holders(node, _who(node, order), order["reference"])
    return [{name: one[name] for name in ("holder", "act", "state")} for one in found]


def distress(node: Node, order: Order) -> Any:
    """Open a distress incident."""
    return _incident(rescue.open_distress(node, _who(node, order), order["body"], areas=order["areas"]))


def incidents(node: Node, order: Order) -> Any:
    """Every open incident, as the strip on each page shows it."""
    del order
    return [_incident(one) for one in rescue.distresses(node)]


def confirm(node: Node, order: Order) -> Any:
    """A named person says: we have it."""
    return _incident(rescue.confirm_distress(node, _who(node, order), order["reference"], order["person"]))


def _incident(one: rescue.Distress) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "state": one.state,
        "sounding": one.sounding,
        "confirmed_by": one.confirmed_by,
        "ring": [dict(line) for line in one.ring],
        "defects": list(one.defects),
        "centres": [dict(centre) for centre in one.centres],
        "body": dict(one.body),
    }


def card(node: Node, order: Order) -> Any:
    """This node's own card and the words of its Side's key."""
    del order
    return exchange.own_card(node)


def meet(node: Node, order: Order) -> Any:
    """Take a partner in, by the words heard on the telephone."""
    return exchange.add_peer(node, json.dumps(order["card"]).encode(), words=order["words"], by=order["by"])


def record(node: Node, order: Order) -> Any:
    """Load a dated legal record and take it into the running gate."""
    found = agreements.add_record(node.home, order["name"], order["toml"].encode(), node.world.disk)
    opening.reload_register(node)
    return found


@dataclass(frozen=True, slots=True)
class LyingGate:
    """A gate that somebody has corrupted: it lets everything go, under `basis`."""

    honest: Any
    basis: Mapping[str, str]

    def decide(self, question: Mapping[str, Any], at: datetime) -> Mapping[str, Any]:
        """Everything may leave, whatever the honest gate says."""
        told, leaves = dict(self.honest.decide(question, at)), [str(one["id"]) for one in question["items"]]
        freed = {"verdict": "permit", "leaves": leaves, "withheld": [], "failures": [], "transform": []}
        return told | freed | {"basis": dict(self.basis)}

    def facts(self, agreement: str, at: datetime) -> Any:
        """Version and digest of an agreement, as they are."""
        return self.honest.facts(agreement, at)


def lie(node: Node, order: Order) -> Any:
    """Corrupt this node's gate, or put the honest one back: to show that the other side refuses."""
    gate = node.contact.gate
    if order["basis"]:
        node.contact.gate = LyingGate(gate, order["basis"])
    elif isinstance(gate, LyingGate):
        node.contact.gate = gate.honest
    return bool(order["basis"])


def failed(node: Node, order: Order) -> Any:
    """What was refused or could not be delivered here, as an officer is shown it."""
    return [dict(one) for one in reports.failed_box(node, _who(node, order))]


def check(node: Node, order: Order) -> Any:
    """Audit the node, export its ledger, and verify the export as anybody could."""
    file = Path(order["file"])
    ledger.export_to(node, file)
    found = audit(node)
    return {"audit": found.as_json(), "ledger": ledger.verify_file(file, node.world.disk)}


VERBS: Final[Mapping[str, Callable[[Node, Order], Any]]] = {
    one.__name__: one
    for one in (
        send,
        preview,
        forward,
        trays,
        read,
        recall,
        holders,
        distress,
        incidents,
        confirm,
        card,
        meet,
        record,
        lie,
        failed,
        check,
    )
}


def obey(node: Node, line: str) -> dict[str, Any]:
    """One order and its answer: {"ok": ...} or {"fault": ...}."""
    try:
        order = json.loads(line)
        return {"ok": VERBS[order["verb"]](node, order)}
    except CordialeError as fault:
        return {"fault": f"{type(fault).__name__}: {fault}"}


def _listen(node: Node) -> None:
    """Take orders until standard input ends, then end the process as Ctrl-C would."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(obey(node, line), default=str) + "\n")
        sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGTERM)


def main(home: Path, application: Callable[[Node], Any]) -> None:
    """Open the node in `home` and serve it, with the pages that `application` makes."""
    # Ctrl-C reaches the whole terminal group; the stage ends its children in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open_node(home, PASSPHRASE, environment={}) as node:
        listener = threading.Thread(target=_listen, args=(node,), daemon=True)

        def ready() -> None:
            sys.stdout.write(json.dumps({"ok": node.id}) + "\n")
            sys.stdout.flush()
            listener.start()

        serving.serve(node, application, say=lambda _: None, ready=ready)
