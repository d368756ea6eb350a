"""The courier: carries what has been decided, in order, until a receipt says that it has come.

It sends only rows whose bytes have a decision in the ledger, and always the stored bytes. Each lane of each
partner goes by itself, so that a slow partner holds up nobody; distress has its own carriers and hardly ever
waits.
"""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from cordiale.errors import ExchangeError, SealError, StoreError, Transient
from cordiale.exchange import attachments, boxes, copies, mending, places, renewal
from cordiale.exchange.arriving import OURS
from cordiale.exchange.closing import covered_all
from cordiale.exchange.contact_point import ContactPoint
from cordiale.exchange.entries import fault_words
from cordiale.exchange.judging import TELLABLE
from cordiale.exchange.message import RESCUE_LANES, UNSTORED, Envelope, Header
from cordiale.exchange.notices import follow_on
from cordiale.exchange.receipts import ACCEPTED, Receipt, ReceiptVerifier
from cordiale.exchange.service import BEHIND, LATER, MESSAGES, RECEIPT, REJECTED, join, split
from cordiale.exchange.unstored import UnstoredCall
from cordiale.exchange.wire import NOBODY_LISTENS
from cordiale.ledger import Entry, Kind
from cordiale.seals import BatchSignature, NodeCard, canonical, digest, read_object
from cordiale.world import Reply, Wire

BATCH_MAX: Final = 256  # messages in one POST: beyond it the signature's share is not worth the wait
AGAIN_MAX: Final = 8  # after a failure begin small: a partner that fell over a full batch gets ahead at all
BATCH_BYTES_MAX: Final = 4 << 20  # or as many as fit here; one bigger message goes alone
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 300.0  # a partner that was away is found again within five minutes
DISTRESS_WAIT_S: Final = 5.0  # distress is tried again at least this often
REFUSED_WAIT_S: Final = 5.0  # nobody listens there: knocking costs nothing, and a restart takes seconds
REPLY_WAIT_S: Final = 30.0
LONG_SILENCE_S: Final = 3600.0  # an hour of failures is shown to a person
POLL_S: Final = 0.25
CARRIERS: Final = 6
DISTRESS_CARRIERS: Final = 3
T = TypeVar("T")
Lane = tuple[str, str]  # (peer, lane)
BESIDE: Final = ("", "")  # stands among the lanes for notices and attachments
UNSTORED_CALLS: Final = ("", UNSTORED)  # and for distress calls that our store could not record yet


@dataclass(slots=True)
class Courier:
    """Carries for one contact point. `round` carries once, in this thread; `start` carries until `close`."""

    point: ContactPoint
    wire: Wire
    _verifiers: threading.local = field(default_factory=threading.local)
    _busy: set[Lane] = field(default_factory=set)
    _wake: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _away: dict[Lane, datetime] = field(default_factory=dict)
    """Lanes whose partner could not be reached, and the earliest moment to try them again."""
    turned_at: datetime | None = None
    """When its last whole round ended: a sign of life."""
    _beside_at_s: float = 0.0
    """When to look for notices and attachments again, even if commits keep waking us. Monotonic."""
    _settlers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(CARRIERS, "settler"))
    _failing: str = ""
    _told: renewal.Told = field(default_factory=renewal.Told)
    places: places.Places = field(default_factory=places.Places)
    """Who has told where we stand: asked before anything but distress is sent."""
    _looked: int = -1
    """After how many changes of the outbox all lanes were last looked at."""
    _look_at_s: float = 0.0
    """When to look at them again, whatever has changed: a wait may have ended. Monotonic."""
    _taken: dict[Lane, tuple[int, bool]] = field(default_factory=dict)
    """After how many changes of the outbox a lane was last looked at, and whether all of it was taken."""
    _back: dict[Lane, datetime] = field(default_factory=dict)
    """Lanes whose partner was heard of since: from which moment on they are tried, whatever was put off."""

    def __post_init__(self) -> None:
        self.point.on_heard = self.heard

    # -- running --------------------

    def start(self) -> Courier:
        """Carry in threads of its own, woken by each commit."""
        self.point.store.after_commit(self._posted)
        self.point.unstored.on_call = self._wake.set
        # What an earlier life of this node put off may long be possible: every lane is tried once now.
        self._back = dict.fromkeys(self._lanes(), self.point.clock.now())
        self.places.always = True
        self.point.directory.active(self.point.store)  # whom to call, should the store go away
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Finish what is under way, then stop."""
        self._over.set()
        self._wake.set()
        if self._thread:
            self._thread.join()
        self._settlers.shutdown()

    def heard(self, peer: str) -> None:
        """A signed word came from this partner, so it is up: end the waits that its absence caused.

        A lane is still not tried sooner than a first wait after its last failure: where only one direction
        works, each word from there would cause a failing call.
        """
        for lane in [one for one in list(self._away) if one[0] == peer]:
            soonest = self._away.pop(lane, None)
            if soonest is not None:
                self._back[lane] = soonest
                self._look_again()

    def _look_again(self) -> None:
        """Let the next turn look at every lane, and begin it now."""
        self._looked = -1
        self._wake.set()

    def _posted(self) -> None:
        """Something was committed: begin a turn if anything was posted, not if a receipt closed a row."""
        if self.point.store.version(boxes.OUTBOX) != self._looked:
            self._wake.set()

    def round(self) -> int:
        """Carry each lane once, distress first; how many messages were closed by a receipt."""
        self._carry_unstored()
        self.point.log_what_was_shown()
        renewal.tell_everybody(self.point, self.wire, self._told)
        places.ask_everybody(self.point, self.wire, self.places)
        follow_on(self.point)
        closed = sum(self.carry(peer, lane) for peer, lane in self.point.store.read(boxes.lanes_waiting))
        attachments.carry(self.point, self.wire)
        return closed

    def _run(self) -> None:
        with (
            ThreadPoolExecutor(CARRIERS, thread_name_prefix="carrier") as plain,
            ThreadPoolExecutor(DISTRESS_CARRIERS, thread_name_prefix="distress-carrier") as urgent,
        ):
            while not self._over.is_set():
                woken = self._wake.wait(POLL_S)
                self._wake.clear()
                try:
                    self._turn(plain, urgent, quiet=not woken)
                    self.turned_at = self.point.clock.now()
                    self._failing = ""
                except Exception as fault:
                    # The top of this thread: if it ended, nothing would leave this node until somebody
                    # started it again, distress least of all. Whatever it is, a person is told.
                    self._turn_failed(fault)

    def _turn(self, plain: ThreadPoolExecutor, urgent: ThreadPoolExecutor, *, quiet: bool = True) -> None:
        if UNSTORED_CALLS not in self._busy and self.point.unstored.waiting():
            self._busy.add(UNSTORED_CALLS)
            urgent.submit(self._carry_unstored)
        if BESIDE not in self._busy and (quiet or self.point.clock.monotonic_s() >= self._beside_at_s):
            self._busy.add(BESIDE)
            plain.submit(self._carry_beside)
        posted = self.point.store.version(boxes.OUTBOX)
        if quiet or posted != self._looked or self.point.clock.monotonic_s() >= self._look_at_s:
            self._looked, self._look_at_s = posted, self.point.clock.monotonic_s() + POLL_S
            for lane in self._lanes() - self._busy:
                self._busy.add(lane)
                (urgent if lane[1] in RESCUE_LANES else plain).submit(self._carry_all, *lane)

    def _turn_failed(self, fault: Exception) -> None:
        """Raise an alarm once for each kind of failure: an alarm is a commit, and each commit wakes us."""
        kind = type(fault).__name__
        if kind == self._failing:
            return
        says = f"a round of the courier failed ({kind}) and is tried again"
        try:
            self.point.store.write(
                lambda tx: boxes.raise_alarm(
                    tx, "courier", peer="", about=kind, says=says, at=self.point.moment()
                )
            )
        except StoreError:
            return  # the store has stopped; whoever writes is told, and the node ends
        self._failing = kind

    def _carry_beside(self) -> None:
        """What is no message of a lane: a renewed card, notices that go on to holders, and attachments."""
        try:
            renewal.tell_everybody(self.point, self.wire, self._told)
            places.ask_everybody(self.point, self.wire, self.places)
            follow_on(self.point)
            while attachments.carry(self.point, self.wire) and not self._over.is_set():
                pass
        except StoreError:
            return  # the store has stopped; whoever writes is told
        finally:
            self._beside_at_s = self.point.clock.monotonic_s() + POLL_S
            self._busy.discard(BESIDE)

    def _carry_unstored(self) -> None:
        """Distress calls that left no trace in our store yet: from memory, until a receipt has come."""
        try:
            for call in self.point.unstored.to_carry(self.point.clock.now()):
                self._carry_call(call)
        finally:
            self._busy.discard(UNSTORED_CALLS)

    def _carry_call(self, call: UnstoredCall) -> None:
        peer, now = call.prepared.node, self.point.clock.now()
        call.due_at = now + timedelta(seconds=DISTRESS_WAIT_S * self.point.chance.uniform(0.5, 1.0))
        try:
            answer = self.wire.post(peer, MESSAGES, join([call.to_bytes()]), wait_s=REPLY_WAIT_S)
            replies = split(answer.body) if answer.status == 200 else []
            if len(replies) == 1 and replies[0][:1] == RECEIPT:
                self._receipts().open(replies[0][1:], self._card(peer), call.message)
                call.receipt = replies[0][1:]
        except (ExchangeError, SealError, StoreError, *OURS):
            return  # it is due again in seconds, for ever: a person sees it unanswered until then

    def _receipts(self) -> ReceiptVerifier:
        if not hasattr(self._verifiers, "receipts"):
            self._verifiers.receipts = ReceiptVerifier()
        verifier: ReceiptVerifier = self._verifiers.receipts
        return verifier

    def _card(self, peer: str) -> NodeCard:
        return self.point.cards.believed_now(self.point.store, peer, self.point.moment())

    def _lanes(self) -> set[tuple[str, str]]:
        try:
            self.point.log_what_was_shown()
            return set(self.point.store.read(boxes.lanes_waiting))
        except StoreError:
            return set()  # the store has stopped; whoever writes is told, and the node ends

    def _carry_all(self, peer: str, lane: str) -> None:
        try:
            while not self._over.is_set() and self._carry_run(peer, lane) and self._may_hold_more(peer, lane):
                pass
        except StoreError:
            return  # nothing was closed: the same messages are carried again
        finally:
            self._busy.discard((peer, lane))
            if self.point.store.version(boxes.OUTBOX) != self._taken.get((peer, lane), (-1, True))[0]:
                self._look_again()  # what was posted meanwhile found this lane busy

    def _may_hold_more(self, peer: str, lane: str) -> bool:
        """Whether something may wait in this lane beyond what was last taken of it."""
        posted, was_whole = self._taken.get((peer, lane), (-1, False))
        return not was_whole or self.point.store.version(boxes.OUTBOX) != posted

    # -- one lane --------------------

    def carry(self, peer: str, lane: str) -> int:
        """Carry what is due on one lane; how many messages a receipt has closed."""
        rows = self._due(peer, lane)
        if not rows:
            return 0
        replies = self._replies(rows)
        return self._settled(rows, replies) if replies else 0

    def _carry_run(self, peer: str, lane: str) -> int:
        """Carry a lane to its end. While a batch is under way, the receipts of the one before are settled and
        the one behind is read.

        The next batch leaves only when each message of this one has been answered with a receipt. Should one
        not hold, its row stays and is carried again; the partner then answers with the same receipt.
        """
        closed, settling, rows = 0, None, self._due(peer, lane)
        while rows and not self._over.is_set():
            coming = self._coming(peer, lane, after=rows[-1].sequence)
            replies = self._replies(rows)
            closed += settling.result() if settling else 0
            behind, settling = coming.result() if coming else [], None
            if not replies:
                return closed  # it was put off, or lies before a person
            goes_on = (behind or self._may_hold_more(peer, lane)) and not rows[0].attempts
            if not goes_on or not all(one[:1] == RECEIPT for one in replies):
                return closed + self._settled(rows, replies)
            settling = self._settlers.submit(self._settled, rows, replies)
            if not behind or not self.point.store.read(partial(boxes.still_waiting, rows=behind)):
                behind = self._due(peer, lane, after=rows[-1].sequence)
            rows = behind
        return closed + (settling.result() if settling else 0)

    def _coming(self, peer: str, lane: str, *, after: int) -> Future[list[Any]] | None:
        """The batch behind, read ahead where this one could not take all that waits. Else what is posted
        while this one is under way is read, and leaves, all together afterwards: each call costs signatures.
        """
        was_whole = self._taken.get((peer, lane), (-1, False))[1]
        return None if was_whole else self._settlers.submit(self._due, peer, lane, after=after)

    def _replies(self, rows: Sequence[Any]) -> list[bytes]:
        """What the partner answers to each of these; empty when none was carried, and why is noted."""
        return self._guarded(rows, lambda: self._asked(rows), [])

    def _settled(self, rows: Sequence[Any], replies: Sequence[bytes]) -> int:
        return self._guarded(rows, lambda: self._settle(rows[0].peer, rows, replies), 0)

    def _guarded(self, rows: Sequence[Any], step: Callable[[], T], otherwise: T) -> T:
        """What a step gives; what stops it puts the messages off, or lays the first before a person."""
        try:
            return step()
        except Transient as fault:
            longest = REFUSED_WAIT_S if fault.field == NOBODY_LISTENS else LONGEST_WAIT_S
            self._put_off(rows, str(fault), longest=longest)
        except (ExchangeError, SealError, *OURS) as fault:  # ours, or the partner's: a person must look
            self._set_aside(rows[0], f"{type(fault).__name__}: {fault_words(fault)}")
        return otherwise

    def _asked(self, rows: Sequence[Any]) -> list[bytes]:
        peer = rows[0].peer
        if rows[0].attempts and mending.go_on(self.point, self.wire, rows[0].id) is not None:
            return []  # what waited behind it has new places: it goes on the next round
        answer = self._post(rows)
        if answer.status != 200:
            raise Transient(f"`{peer}` answered with status {answer.status}")
        replies = split(answer.body)
        if len(replies) != len(rows):
            raise Transient(f"`{peer}` answered {len(replies)} of {len(rows)} messages")
        return replies

    def _post(self, rows: Sequence[Any]) -> Reply:
        """One call to the partner; a lane that does not get through is tried again once it is heard of."""
        peer, lane = rows[0].peer, rows[0].lane
        self._back.pop((peer, lane), None)
        try:
            if lane not in RESCUE_LANES:
                renewal.make_known(self.point, self.wire, peer, self._told)
                places.make_sure(self.point, self.wire, peer, self.places)
            return self.wire.post(peer, MESSAGES, join([stored(row) for row in rows]), wait_s=REPLY_WAIT_S)
        except Transient:
            first = FIRST_WAIT_S * self.point.chance.uniform(0.5, 1.0)
            self._away[peer, lane] = self.point.clock.now() + timedelta(seconds=first)
            raise

    def _due(self, peer: str, lane: str, *, after: int = 0) -> list[Any]:
        """The next messages of the lane that are due and covered by a decision, in order, as many as fit.

        `after`: the number of the last that has been answered already.
        """
        now, back = self.point.clock.now(), self._back.get((peer, lane))
        posted = self.point.store.version(boxes.OUTBOX)
        self._taken[peer, lane] = posted, False
        rows = self.point.store.read(lambda tx: self._covered(tx, peer, lane, after=after))
        out: list[Any] = []
        total = 0
        for row, covered in rows:
            if not row.sealed:
                if row.due_at <= now:
                    self._set_aside(
                        row, "it was recalled and its bytes are destroyed: ask to go on without it"
                    )
                break
            if not covered:
                self.point.store.write(partial(self._stop, row=row))
                break  # what follows would leave a gap; it goes on the next round
            total += len(row.sealed)
            due_at = min(row.due_at, back) if back else row.due_at
            if (not out and due_at > now) or (out and total > BATCH_BYTES_MAX):
                break
            out.append(row)
            if out[0].attempts and len(out) == AGAIN_MAX:
                break
        self._taken[peer, lane] = posted, len(out) == len(rows) < BATCH_MAX
        return out

    def _covered(self, tx: Connection, peer: str, lane: str, *, after: int) -> list[tuple[Any, bool]]:
        rows = boxes.waiting(tx, peer, lane, limit=BATCH_MAX, after=after)
        return list(zip(rows, covered_all(tx, self.point.log, rows), strict=True))

    def _stop(self, tx: Connection, row: Any) -> None:
        self.point.stop(tx, row)

    # -- replies --------------------

    def _settle(self, peer: str, rows: Sequence[Any], replies: Sequence[bytes]) -> int:
        """Close what has a receipt that verifies; everything else stays."""
        card, receipts = self._card(peer), self._receipts()
        closed: list[tuple[Any, bytes, Receipt]] = []
        rest: list[tuple[Any, bytes, bytes]] = []
        for row, reply in zip(rows, replies, strict=True):
            tag, said = reply[:1], reply[1:]
            if tag == RECEIPT:
                closed.append((row, said, receipts.open(said, card, row.id)))
            else:
                rest.append((row, tag, said))
        if closed:
            self.point.store.write(lambda tx: self._close(tx, peer, closed))
        if rest:
            self._go_on(peer, rest)
        return len(closed)

    def _close(self, tx: Connection, peer: str, closed: Sequence[tuple[Any, bytes, Receipt]]) -> None:
        """The receipt goes into row and ledger; a refusal also into the box that a person reads."""
        at = self.point.moment()
        self.point.log.append_all(tx, [_receipt_entry(at, peer, raw, receipt) for _, raw, receipt in closed])
        boxes.close_all(tx, [_ending(row.id, raw, receipt) for row, raw, receipt in closed], at=at)
        for row, _, receipt in closed:
            if receipt.outcome != ACCEPTED:
                why = f"refused by {peer}: {_word(receipt.reason.encode())}"
                boxes.set_aside(tx, boxes.OUT, row.id, reason=why, at=at, peer=peer, reference=row.reference)
            elif row.about:
                copies.acknowledge(tx, row.id, row.recipient, at=at)
                if copies.spend_recalled(tx, row.id, row.about):
                    gone = {"message": row.about, "reason": "recalled", "box": "outbox"}
                    self.point.log.append(tx, Entry(Kind.ERASURE, at, gone))

    def _go_on(self, peer: str, rest: Sequence[tuple[Any, bytes, bytes]]) -> None:
        row, tag, said = rest[0]
        text = _word(said)
        rows = [one[0] for one in rest]
        if tag == BEHIND and text.isdigit() and int(text) < row.sequence:
            again = int(text)
            self.point.store.write(lambda tx: self._send_lost(tx, row, again))
        elif tag == REJECTED and text != "speaker":
            self._set_aside(row, f"{peer} does not take it: {text}")
        elif tag in (LATER, REJECTED, BEHIND):  # a partner that does not know us yet will know us later
            self._put_off(rows, f"{peer} asks to wait: {text}")
        else:
            raise Transient(f"`{peer}` answered in a form that is not known")

    def _send_lost(self, tx: Connection, row: Any, since: int) -> None:
        """The partner lost what it had confirmed (an old backup): send the stored bytes again, and say so."""
        at = self.point.moment()
        count = boxes.wait_again(tx, row.peer, row.lane, since=since, at=at)
        says = f"it has lost {count} messages that it had confirmed, from number {since}; they go again"
        boxes.raise_alarm(tx, "partner_behind", peer=row.peer, about=row.lane, says=says, at=at)
        if not count:
            boxes.put_off(tx, [row.id], due_at=at + timedelta(seconds=LONGEST_WAIT_S), fault=says)
            self._into_failed_box(tx, row, f"`{row.peer}` asks for number {since}, which is not here to send")

    def _put_off(self, rows: Sequence[Any], why: str, *, longest: float = LONGEST_WAIT_S) -> None:
        """Transient: all wait in order, longer each time, with jitter so that partners do not come back all
        at once.
        """
        first = rows[0]
        longest = min(longest, DISTRESS_WAIT_S) if first.lane in RESCUE_LANES else longest
        wait_s = min(FIRST_WAIT_S * 2 ** min(first.attempts, 16), longest)
        due = self.point.clock.now() + timedelta(seconds=wait_s * self.point.chance.uniform(0.5, 1.0))
        self.point.store.write(lambda tx: self._note_delay(tx, first, due, why))

    def _note_delay(self, tx: Connection, first: Any, due: Any, why: str) -> None:
        boxes.put_off(tx, [first.id], due_at=due, fault=why)
        if (due - first.posted_at).total_seconds() > LONG_SILENCE_S:
            boxes.raise_alarm(
                tx, "silence", peer=first.peer, about=first.lane, says=why, at=self.point.moment()
            )

    def _set_aside(self, row: Any, why: str) -> None:
        """Permanent as it is: into the box that a person reads; the row stays first of its lane."""
        due = self.point.clock.now() + timedelta(seconds=LONGEST_WAIT_S)

        def note(tx: Connection) -> None:
            at = self.point.moment()
            boxes.put_off(tx, [row.id], due_at=due, fault=why)
            boxes.raise_alarm(tx, "not_taken", peer=row.peer, about=row.id, says=why, at=at)
            self._into_failed_box(tx, row, why)

        self.point.store.write(note)

    def _into_failed_box(self, tx: Connection, row: Any, why: str) -> None:
        if not boxes.is_aside(tx, row.id):
            known = {"peer": row.peer, "reference": row.reference}
            boxes.set_aside(tx, boxes.OUT, row.id, reason=why, at=self.point.moment(), **known)


def _ending(message: str, raw: bytes, receipt: Receipt) -> dict[str, Any]:
    state = boxes.DELIVERED if receipt.outcome == ACCEPTED else boxes.REFUSED
    fault = _word(receipt.reason.encode()) if receipt.reason else ""
    return {"message": message, "state": state, "receipt": raw, "fault": fault}


def stored(row: Any) -> bytes:
    """The bytes of a message as they were stored: a retry never differs.

    Put together from its canonical parts; `stored_reference` is the slow twin.
    """
    parts = (b64encode(row.sealed), canonical(row.signature))
    return b'{"header":%b,"sealed":"%b","signature":%b}' % (row.header, *parts)


def stored_reference(row: Any) -> bytes:
    """The same bytes, from an envelope that was read and written."""
    fields: dict[str, Any] = dict(read_object(row.header))
    share = BatchSignature.from_json(row.signature)
    return Envelope(Header.from_json(fields), row.sealed, share, row.header).to_bytes()


def _receipt_entry(at: Any, peer: str, raw: bytes, receipt: Receipt) -> Entry:
    facts: dict[str, Any] = {
        "message": receipt.message,
        "receipt": digest(raw),
        "peer": peer,
        "peer_index": receipt.proof.index,
        "outcome": receipt.outcome,
    }
    return Entry(Kind.RECEIPT, at, facts)


NUMBER_DIGITS_MAX: Final = 18
WAITS: Final = frozenset({"store", "again"})
"""Why a partner asks to wait, in its own two words for it."""


def _word(said: bytes) -> str:
    """What a partner gave as its reason, if it is a reason or a number; nothing else it wrote is kept."""
    text = said[:100].decode("utf-8", "replace")
    is_number = text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX
    return text if text in TELLABLE or text in WAITS or is_number else "a reason that is not known here"
