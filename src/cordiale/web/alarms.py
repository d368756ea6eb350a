"""Alarms in plain words: what each kind means, what a person does about it, and who has looked at it.

No machine settles an alarm. What was noted when it was raised is shown as it was noted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from cordiale.errors import AccountError
from cordiale.node import exchange
from cordiale.node.people import Account, Verb
from cordiale.web.frame import page
from cordiale.web.visit import Visit, in_thread, visit
from cordiale.web.words import mark


@dataclass(frozen=True, slots=True)
class Words:
    """What a kind of alarm is called, what it means, and what to do. `goal`: the page where that is done."""

    title: str
    means: str
    do: str
    goal: str = ""


KINDS: Final = {
    "unreadable_distress": Words(
        mark("A distress call that could not be read"),
        mark("A partner sent something as distress that this node cannot read. There may be persons at sea."),
        mark("Ring the partner's rescue centre now, and ask what they know."),
        "/distress",
    ),
    "unrecorded": Words(
        mark("A distress call left before it was recorded"),
        mark("The store could not write in time, so the call went first, as it must."),
        mark("Ring the centre and ask whether they have it. Then free the disk or restore the database."),
        "/distress",
    ),
    "poison": Words(
        mark("A message that this node cannot take in"),
        mark("It came, and failed here each time it was tried. What came behind it goes on."),
        mark("Open the failed box: have the fault mended here, then take it."),
        "/failed",
    ),
    "not_taken": Words(
        mark("A partner does not take a message of ours"),
        mark("Everything behind it on the same lane waits. Distress has a lane of its own and does not."),
        mark("Ring the partner. Then carry it again, write it anew, or ask to go on without it."),
        "/failed",
    ),
    "lane_asked": Words(
        mark("A partner asks to go on without a message"),
        mark("A message of theirs cannot reach us, and others wait behind it. A person here must agree."),
        mark("Ring the partner, ask which message it is and how you will get its content. Then agree."),
        "/failed",
    ),
    "gap": Words(
        mark("A message is missing"),
        mark("A later message came before an earlier one. Nothing is taken out of order."),
        mark("Usually it comes by itself in a minute. If this stands here for longer, ring the partner."),
    ),
    "fork": Words(
        mark("Two messages claim one place"),
        mark("Two messages came under one number. A restored backup does that; so does a cheat."),
        mark("Ring the partner and compare both messages. Until then take neither as settled."),
    ),
    "split_view": Words(
        mark("A partner's ledger has two histories"),
        mark("The partner has shown two different ledgers, or has changed its own afterwards."),
        mark("Keep both heads: export the ledger. Tell the data-protection officer, then ring the partner."),
        "/ledger",
    ),
    "clock_back": Words(
        mark("The clock of this machine went back"),
        mark("It shows an earlier time than the last entry. Limits count from the latest time seen."),
        mark("Have the operator check the time service of this machine."),
    ),
    "ledger_doubted": Words(
        mark("A partner does not recognise our ledger"),
        mark(
            "It says that our newest entries do not follow from those it had confirmed. One of the two nodes "
            "is wrong, or somebody has changed entries."
        ),
        mark(
            "Tell the data-protection officer and the operator, and change no file. Ring the partner and "
            "compare both heads."
        ),
        "/ledger",
    ),
    "unbelieved": Words(
        mark("A partner sends a flood that cannot be believed"),
        mark(
            "More came over its connection in a minute than is written down one by one. None of it was "
            "taken; it is counted, and stands in the ledger with its digest."
        ),
        mark(
            "Ring the partner: its node is broken, or somebody uses its connection. Then call the operator."
        ),
        "/peers",
    ),
    "clock_ahead": Words(
        mark("The clock of this machine leapt ahead"),
        mark("Nothing is erased for its age until a person has looked: a wrong clock would erase too much."),
        mark(
            "Compare the time with another clock. If it is wrong, have the operator set it right. If it is "
            "right, say that you have looked: then what is due is erased."
        ),
    ),
    "no_decision": Words(
        mark("Something stood in the outbox without a decision"),
        mark("It was not sent. Somebody or something has written into the database past the gate."),
        mark("Tell the data-protection officer and the operator, and change no file until they have looked."),
        "/ledger",
    ),
    "partner_behind": Words(
        mark("A partner has lost what it had confirmed"),
        mark(
            "Its node came back from an older backup. What it lost is sent to it again, if it is still here."
        ),
        mark("Ring the partner: they must know which hours they have lost."),
    ),
    "restored": Words(
        mark("This node came back from a backup"),
        mark("What happened with this partner since is not known here yet, or was a distress call."),
        mark("Ring the partner. Take nothing of theirs as settled until their node has told."),
        "/peers",
    ),
    "prints_forgotten": Words(
        mark("Prints made before a restore may be forgotten"),
        mark(
            "This node came back from a backup. What its people printed or saved in the hours below is "
            "recorded nowhere: partners know what was sent, and none of it."
        ),
        mark(
            "Ask everybody who was on duty in these hours, and look at the printers. A recall finds such a "
            "sheet only through the person who has it. Write down what you found, and say that you have "
            "looked."
        ),
    ),
    "ledger_lost": Words(
        mark("Entries of our ledger are lost"),
        mark("This node came back from a backup. The partner has seen more entries than are here."),
        mark(
            "Tell the data-protection officer. Ring the partner: it cosigns again when a person there "
            "accepts it."
        ),
        "/ledger",
    ),
    "ledger_restarted": Words(
        mark("A partner's ledger goes on from an earlier entry"),
        mark("Its node came back from a backup, and says so. What we had seen of it is kept as evidence."),
        mark(
            "Ring the partner on a number that you already had: what is lost, and why? Then the operator "
            "accepts it with `cordiale peer accept`; until then we cosign nothing of theirs."
        ),
        "/peers",
    ),
    "no_room": Words(
        mark("There was no room for a partner's files"),
        mark("Its message was refused, and it knows why. A distress call was taken without its files."),
        mark("Have the operator make room, then ask the partner to send it again."),
        "/failed",
    ),
    "file_stuck": Words(
        mark("A file does not get through to a partner"),
        mark("Its message has arrived; the file has not, for an hour. It is tried every five minutes."),
        mark("Ring the partner: its disk may be full, or it holds another file under this name."),
        "/outbox",
    ),
    "silence": Words(
        mark("A partner has not been reached for an hour"),
        mark("What waits for it is kept and tried again at least every five minutes."),
        mark("Ring the partner. Tell urgent things by telephone."),
        "/contacts",
    ),
    "codes_guessed": Words(
        mark("Somebody guesses a colleague's codes"),
        mark("Their password is known to somebody: only the second factor still keeps that person out."),
        mark("Ring the colleague, and have their password reset by two people."),
        "/accounts",
    ),
    "card": Words(
        mark("A partner's new card was not taken"),
        mark("A card came that does not follow from the one held here."),
        mark("Ring the partner on a number that you already had. Ask for the card as a file; compare words."),
        "/peers",
    ),
    "lapse": Words(
        mark("Something ends soon"),
        mark("An agreement, a record or a provision of it ends. What rests on it stops on that day."),
        mark("Tell whoever looks after the agreement. `cordiale agreement due` says what breaks, and why."),
    ),
    "recall_open": Words(
        mark("A recall is not done with at a partner"),
        mark(
            "After three days, a service level and no law, a holder has not answered, or prints and saved "
            "files are open there."
        ),
        mark("Ring the partner, and ask who destroys what was printed. The page of the message shows each."),
        "/outbox",
    ),
    "copy_not_settled": Words(
        mark("A print or saved file was called back, and nobody has said what became of it"),
        mark("Three days have gone, a service level and no law. The partner sees it as open."),
        mark("Speak with whoever made it. You can say what became of it yourself, once you know."),
        "/recalled",
    ),
    "copy_lost": Words(
        mark("A print or saved file that was called back is lost"),
        mark("Somebody said that they no longer have it. It stays open here and at the partner."),
        mark("Find it, or tell the data-protection officer: this may be an incident that must be notified."),
        "/recalled",
    ),
    "courier": Words(
        mark("The courier stumbled"),
        mark("A round of carrying failed and is tried again. Nothing is lost."),
        mark("If it comes back, give the operator the note below and the time."),
    ),
    "keeper": Words(
        mark("Something that came due could not be done"),
        mark("A hold, a time limit or an erasure failed and is tried again."),
        mark("If it comes back, give the operator the note below and the time."),
    ),
}
OTHER: Final = Words(
    mark("Something that nobody foresaw"),
    mark("This node has no words for it."),
    mark("Give the operator the note below and the time."),
)


def listed(found: Visit) -> list[dict[str, Any]]:
    """The open alarms, those about distress first, each with its words."""
    first = ("unreadable_distress", "unrecorded")
    names = found.node.names()
    held = [
        one
        | {"words": KINDS.get(str(one["kind"]), OTHER), "whom": names.get(str(one["about"]), "")}
        | {"at_sea": one["kind"] in first}
        for one in exchange.alarms(found.node)
    ]
    return sorted(held, key=lambda one: not one["at_sea"])


def numbers(found: Visit) -> dict[str, list[str]]:
    """Partner -> the numbers on which somebody answers for it."""
    rung = {
        str(one["peer"]): [found.node.telephone_of(one["side"], name) for name in one["authorities"]]
        for one in exchange.peers(found.node)
    }
    return {peer: sorted({one for one in given if one}) for peer, given in rung.items()}


def may_see(found: Visit) -> bool:
    """Who looks after the node, who oversees, and who keeps the watch."""
    return any(found.may(one) for one in (Verb.ACCOUNTS, Verb.OVERSEE, Verb.RESCUE))


def _looker(found: Visit) -> Account:
    if not may_see(found):
        raise AccountError(found.say("Your role does not allow this."))
    return found.officer


@get("/alarms")
@in_thread
def show_alarms(request: Request[Any, Any, Any]) -> Response[str]:
    """Everything that a person must look at, and what to do about each."""
    found = visit(request)
    _looker(found)
    return page(found, "alarms.html", alarms=listed(found), numbers=numbers(found))


@post("/alarms/{number:int}/settle", status_code=303)
@in_thread
def settle(request: Request[Any, Any, Any], number: FromPath[int]) -> Response[Any]:
    """A named person has looked at it; should it happen again, it stands here again."""
    found = visit(request)
    exchange.settle_alarm(found.node, number, by=_looker(found).name)
    return Redirect("/alarms", status_code=303)


PAGES = [show_alarms, settle]
