"""Asking the gate, on both sides of a message.

The sender asks with all that it knows. The recipient asks again, of its own files, with what may travel: who,
what, why, under which provision. What only the owner can know (taint, protection, the originator's say) was
judged there; it reaches the recipient as a restriction without its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Protocol

from cordiale import payloads
from cordiale.agreements import Listed, Told, plain_bytes
from cordiale.errors import ExchangeError, RequestError
from cordiale.exchange.message import Letter, Restrictions, Written
from cordiale.exchange.travelling import FREE, as_asked, plain, travelling, written
from cordiale.seals import NodeCard, canonical, canonical_with, digest

PERMIT: Final = "permit"
WITHHOLD: Final = "withhold"
REFUSE: Final = "refuse"

OWNERS_STEPS: Final = frozenset({2, 3, 8})
"""Taint, protection, originator: only the owner has the facts; asked again without them they would always
bar.
"""

GROUNDS: Final = (
    "act",
    "mode",
    "urgent",
    "case",
    "offence",
    "targeting",
    "modality",
    "place_of_processing",
    "sought",
    "facts",
    "confirmations",
    "automated",
    "channel",
)
"""What of a question may travel. Protection, nationality, origin systems and officers' names are not among
it.
"""

TELLABLE: Final = frozenset(
    {
        "agreement",
        "card",
        "sequence",
        "fork",
        "form",
        "seal",
        "signature",
        "speaker",
        "size",
        "type",
        "not_accepted",
        "set_aside",
        "no_room",
    }
)
"""All that a sender ever hears of why. What the gate said is `not_accepted`: its article is for our own
officer.
"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a room wants carried to one recipient.

    `sender`, `recipient`: "SIDE/authority". `asks`: what the officer states to the gate, as
    docs/reference/decide.md has it, without id, type, from, to and items; its `item` holds for every item.
    `marks`: item path -> what holds for that item instead. `restrictions`, `received_under`, `owner`,
    `original`: of the message that is passed on; they never loosen. `officer`: opaque token of the account,
    for the ledger. `about`: the message this answers or concerns.
    """

    kind: str
    sender: str
    recipient: str
    body: payloads.Carried
    asks: Mapping[str, Any]
    marks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reference: str = ""
    about: str = ""
    original: str = ""
    owner: str = ""
    received_under: str = ""
    restrictions: Restrictions = FREE
    handling: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[Mapping[str, Any], ...] = ()
    officer: str = ""


@dataclass(frozen=True, slots=True)
class AgreementFacts:
    """Which text a decision stands on."""

    id: str
    version: int
    digest: str

    def as_json(self) -> dict[str, object]:
        return {"digest": self.digest, "id": self.id, "version": self.version}


class Gate(Protocol):
    """What decides. The one that runs is gate.RegisterGate."""

    def decide(self, question: Mapping[str, Any], at: datetime) -> Mapping[str, Any]:
        """The answer in the JSON shape of docs/reference/decide.md. Raises RequestError for a malformed
        question.
        """
        ...

    def facts(self, agreement: str, at: datetime) -> AgreementFacts | None:
        """Version and digest of an agreement as this node holds it, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """One decision: its verdict, the item paths that may leave, why, and the whole answer for our own
    officer.
    """

    verdict: str
    paths: tuple[str, ...]
    agreement: str
    provision: str
    step: int
    article: str
    sentence: str
    answer: Mapping[str, Any]
    digest: str
    """What the ledger names of this decision: of the whole answer, made before any transaction begins."""


# -- the sender --------------------


ITEM_GROUNDS: Final = {
    "handling": ("code", "classification", "caveats"),
    "origin": ("owner", "collected_for", "regime"),
    "grade": (),
    "verified": (),
    "as_of": (),
    "aggregate": (),
    "goods": (),
    "sensitive": (),
    "conviction": ("spent", "class"),
}
"""What of an item's marks may travel; an empty tuple is all of it. Systems of origin and consents stay."""

SHARED: Final = ("origin", "handling", "grade", "verified", "as_of", "sensitive")
"""Marks that a question may state once for every item that does not say its own."""


def _written_items(question: Mapping[str, Any], left: payloads.Partial) -> Written:
    """`_items_stated` with its canonical bytes; the marks of items that were listed and copied alike before
    are not put together again.
    """
    given = question["items"]
    listed = given.plain if isinstance(given, Listed) else b""
    key = (listed, plain_bytes(question.get("every_item", {})))
    if left.kept is None or not all(key):
        items = _items_stated(question, left.moved)
        return Written.of({"items": items}, canonical(items))
    found: Written | None = left.kept.get(key)
    if found is None:
        items = deepcopy(_items_stated(question, left.moved))
        found = Written.of({"items": items}, canonical(items))
        _keep(left.kept, key, found)
    return found


def _keep(kept: dict[Any, Any], key: object, made: object) -> None:
    """Keep what was made; of much that was made, the first that may go gives place."""
    if len(kept) >= LISTINGS_MAX:
        kept.pop(next((one for one in list(kept) if one != payloads.MISSING), None), None)
    kept[key] = made


def _items_stated(question: Mapping[str, Any], moved: Mapping[str, str]) -> list[dict[str, Any]]:
    """The marks of the items that leave, each kind once with the paths that its items have there."""
    common = question.get("every_item", {})
    shared, groups = _kept(common), dict[bytes, dict[str, Any]]()
    usual = b""
    for one in question["items"]:
        if (path := moved.get(one["id"])) is None:
            continue
        if ITEM_GROUNDS.keys().isdisjoint(one):
            marks, key = shared, usual or (usual := canonical(shared))
        else:
            marks = _kept({**common, **one})
            key = canonical(marks)
        if key not in groups:
            groups[key] = {"marks": marks, "paths": []}
        groups[key]["paths"].append(path)
    return list(groups.values())


def _kept(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Only what may travel, whatever else was stated or sent."""
    return {name: _some(stated[name], kept) for name, kept in ITEM_GROUNDS.items() if name in stated}


def _some(value: Any, names: tuple[str, ...]) -> Any:
    if not names:
        return plain(value)
    if not isinstance(value, Mapping):
        raise ExchangeError("a mark is an object", field="grounds.items")
    return {name: plain(value[name]) for name in names if name in value}


def question_of(outgoing: Outgoing, reference: str) -> dict[str, Any]:
    """The question to the gate about all that the sender would like to leave."""
    asks = dict(outgoing.asks)
    common, held = asks.pop("item", {}), _held_under(outgoing)
    every = _merged({name: common[name] for name in SHARED if name in common}, held)
    rest = {name: value for name, value in common.items() if name not in SHARED}
    stated = {one["id"]: one for one in asks.pop("subjects", ())}
    outline, marks = payloads.outline(outgoing.body), outgoing.marks
    items: list[dict[str, Any]] = _items_of(outline, rest)
    if marks:
        items = [
            _merged(_item(said), common, marks[said.path], held) if said.path in marks else usual
            for said, usual in zip(outline.items, items, strict=True)
        ]
    return {
        **asks,
        "id": reference,
        "type": outgoing.body.TYPE,
        "from": {**party(outgoing.sender), **asks.pop("from", {})},
        "to": {**party(outgoing.recipient), **asks.pop("to", {})},
        "subjects": [_subject(stub, stated) for stub in outline.stubs],
        "every_item": every,
        "items": items,
    }


LISTINGS_MAX: Final = 16
"""Lists of items kept of one outline: what holds for every item of a kind of message seldom differs."""


def _items_of(outline: payloads.Outline, rest: Mapping[str, Any]) -> Listed:
    """Every item of an outline, each with `rest`; made once. Nothing in it is of any value of a payload."""
    key = plain_bytes(rest)
    found = outline.kept.get(key) if key else None
    if found is None:
        own = deepcopy(dict(rest))  # what is kept shares nothing with what somebody still holds
        found = Listed.of([_item(said) | own for said in outline.items])
        if key and found.plain:
            _keep(outline.kept, key, found)
    assert isinstance(found, Listed)
    return found


def judge(gate: Gate, outgoing: Outgoing, question: Mapping[str, Any], at: datetime) -> Judged:
    """The gate's answer to what the sender wants. Raises RequestError for a malformed question."""
    decided = judged(gate.decide(question, at))
    if not _sides_barred(outgoing):
        return decided
    why = "It was received under a restriction that keeps it from this recipient."
    return replace(decided, verdict=REFUSE, paths=(), step=8, article="restriction", sentence=why)


def letter_of(
    outgoing: Outgoing, decided: Judged, *, question: Mapping[str, Any], facts: AgreementFacts, at: datetime
) -> Letter:
    """What leaves: the payload copied out by whitelist, and all that binds the recipient."""
    left = payloads.only(outgoing.body, decided.paths)
    payload = Written.of(payloads.encode(left), written_body(left))
    travels = travelling(decided.answer.get("travels", ()))
    asks = outgoing.asks
    return Letter(
        kind=outgoing.kind,
        type=outgoing.body.TYPE,
        sender=outgoing.sender,
        recipient=outgoing.recipient,
        reference=str(question["id"]),
        sent_at=at,
        payload=payload,
        agreement=facts.as_json(),
        provision=decided.provision,
        purpose=str(asks.get("purpose", "")),
        regime=str(asks.get("regime", "")),
        grounds=_grounds(asks, _written_items(question, left)),
        handling=plain(outgoing.handling or asks.get("item", {}).get("handling", {})),
        restrictions=travels if outgoing.restrictions is FREE else outgoing.restrictions.also(travels),
        retention=_retention(travels),
        about=outgoing.about,
        attachments=_attached(outgoing, payload),
    )


def _attached(outgoing: Outgoing, left: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The files whose leaf the gate let leave, and no other."""
    if not outgoing.attachments:
        return ()
    leaving = canonical(plain(left)).decode()
    return tuple(one for one in outgoing.attachments if f'"{one["sha256"]}"' in leaving)


def written_body(carried: payloads.Carried) -> bytes:
    """The canonical bytes of `payloads.encode`. Raises SealError for what no bytes can hold."""
    try:
        return payloads.written(carried)
    except TypeError:
        return canonical(payloads.encode(carried))


def _grounds(asks: Mapping[str, Any], items: Written) -> Written:
    """Every name of GROUNDS, stated or empty, and the marks of items: of one shape for every message."""
    stated = {name: plain(asks.get(name, "")) for name in GROUNDS}
    return Written.of(stated | items, canonical_with(stated, {"items": items.raw}))


def _retention(travels: Restrictions) -> dict[str, Any]:
    """By when it must be erased or reviewed, as the provision says."""
    wanted = travels.as_json()
    return {name: wanted[name] for name in ("erase_by", "review_by")}


def _held_under(outgoing: Outgoing) -> dict[str, Any]:
    """What every item of something received carries when it is passed on."""
    if outgoing.restrictions == FREE and not outgoing.received_under:
        return {}
    handling = {**outgoing.handling, "restrictions": as_asked(outgoing.restrictions)}
    origin = (
        {"owner": outgoing.owner, "received_under": outgoing.received_under}
        if outgoing.received_under
        else {}
    )
    return {"handling": handling, **({"origin": origin} if origin else {})}


def _sides_barred(outgoing: Outgoing) -> bool:
    """Whether the restrictions under which it came keep it from this recipient's Side, whatever the gate
    says.
    """
    return (
        party(outgoing.recipient)["side"] in outgoing.restrictions.never_to
        or outgoing.restrictions.onward == "never"
    )


# -- the recipient --------------------


def question_about(letter: Letter, body: payloads.Carried) -> dict[str, Any]:
    """The recipient's own question about what came, for its own files to answer."""
    grounds = {name: value for name, value in letter.grounds.items() if name in GROUNDS and value != ""}
    outline = payloads.outline(body)
    every, items = _items_told(letter, outline)
    return {
        **grounds,
        "id": letter.reference,
        "type": letter.type,
        "from": party(letter.sender),
        "to": party(letter.recipient),
        "purpose": letter.purpose,
        "regime": letter.regime,
        **_basis_of(letter),
        "subjects": [_subject(stub, {}) for stub in outline.stubs],
        "every_item": every,
        "items": items,
    }


def _items_told(letter: Letter, outline: payloads.Outline) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the sender stated of every item, and each item with what it stated of that one alone.

    Most state the same of all: then both are kept beside the outline, under what was stated.
    """
    groups = letter.grounds.get("items")
    plain = plain_bytes(groups) if isinstance(groups, list) and len(groups) == 1 else b""
    key = b"told" + plain if plain else b""
    found: tuple[dict[str, Any], list[dict[str, Any]]] | None = outline.kept.get(key) if key else None
    if found is None:
        found = _items_each(letter, outline)
        if key and isinstance(found[1], Listed):
            _keep(outline.kept, key, found)
    return found


def _items_each(letter: Letter, outline: payloads.Outline) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The slow twin of `_items_told`."""
    stated = _marks_of(letter)
    marks = [stated.get(path, NOTHING) for path in outline.paths]
    first = marks[0] if marks else NOTHING
    every = {name: first[name] for name in SHARED if name in first}
    differ = [own for own in marks if own is not first]
    if any(not every.keys() <= own.keys() for own in differ):
        every = {}  # of some item less was stated: nothing may be lent to it
    rest = {name: value for name, value in first.items() if name not in every}
    items = _items_of(outline, rest)
    if not differ:
        return every, items
    each = zip(outline.items, items, marks, strict=True)
    return every, [usual if own is first else _item(said) | dict(own) for said, usual, own in each]


NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def _marks_of(letter: Letter) -> dict[str, Mapping[str, Any]]:
    """Path -> marks, as the letter states them. Raises ExchangeError for another form."""
    out: dict[str, Mapping[str, Any]] = {}
    groups = letter.grounds.get("items") or []
    if not isinstance(groups, list):
        raise ExchangeError("is not a list of {marks, paths}", field="grounds.items")
    for group in groups:
        if not isinstance(group, dict) or group.keys() != {"marks", "paths"}:
            raise ExchangeError("is not a list of {marks, paths}", field="grounds.items")
        marks, paths = group["marks"], group["paths"]
        if not isinstance(marks, dict) or not isinstance(paths, list):
            raise ExchangeError("is not a list of {marks, paths}", field="grounds.items")
        out |= dict.fromkeys(map(str, paths), _kept(marks))
    return out


def _basis_of(letter: Letter) -> dict[str, str]:
    """The basis it was sent under, asked for alone; none for what goes by law (rescue, rights)."""
    agreement = str(letter.agreement.get("id", ""))
    return (
        {"asked_basis": f"{agreement}/{letter.provision}" if letter.provision else agreement}
        if agreement
        else {}
    )


def judge_again(gate: Gate, letter: Letter, body: payloads.Carried, at: datetime) -> Judged:
    """The recipient's own decision: refuse when its files would not have let this, or all of this, come.

    Raises RequestError for grounds that make no question.
    """
    own = judged(gate.decide(question_about(letter, body), at))
    why = _first_against(own)
    if why is None:
        return replace(own, verdict=PERMIT)
    sentence = str(why.get("sentence", "")) or "Our own agreement does not let this come."
    article = str(why.get("article", ""))
    return replace(own, verdict=REFUSE, paths=(), step=_step(why), article=article, sentence=sentence)


def _first_against(own: Judged) -> Mapping[str, Any] | None:
    """What keeps our own files from letting it come, if anything does; worked out once of answers that differ
    in nothing but their names and moments.
    """
    answer = own.answer
    kept = answer.kept if isinstance(answer, Told) else {}
    if "against" not in kept:
        kept["against"] = _against(own)
    found: Mapping[str, Any] | None = kept["against"]
    return found


def _against(own: Judged) -> Mapping[str, Any] | None:
    # Every failure is read, not the first of each item: what our file does not grant hides behind no step
    # that only the owner can judge.
    failures = [*own.answer.get("failures", ()), *own.answer.get("withheld", ())]
    against = [one for one in failures if _cause(one) not in OWNERS_STEPS]
    if own.verdict == REFUSE and not failures:
        against = [own.answer.get("headline") or {}]
    return against[0] if against else None


def check_speaker(letter: Letter, card: NodeCard, own: Mapping[str, Iterable[str]]) -> None:
    """Raises ExchangeError unless the node may speak for that sender, and we are that recipient.

    `own`: Side -> the authorities for which this node speaks.
    """
    sender, recipient = party(letter.sender), party(letter.recipient)
    if not card.speaks_for(sender["side"], sender["authority"]):
        raise ExchangeError(f"`{card.facts.node}` does not speak for `{letter.sender}`", field="speaker")
    if recipient["authority"] not in own.get(recipient["side"], ()):
        raise ExchangeError(f"`{letter.recipient}` is not here", field="speaker")


# -- both --------------------


def party(name: str) -> dict[str, str]:
    """ "SIDE/authority" as the gate's {side, authority}. Raises RequestError for another form."""
    side, slash, authority = name.partition("/")
    if not (side and slash and authority) or "/" in authority:
        raise RequestError(f"`{name[:60]}` is not SIDE/authority", field="party", way_out="Write `UK/nca`.")
    return {"side": side, "authority": authority}


def judged(answer: Mapping[str, Any]) -> Judged:
    """The parts of an answer that the exchange itself needs."""
    if not isinstance(answer, Told):
        return _judged(answer, digest(written(answer)))
    known: Judged | None = answer.kept.get("judged")
    if known is None:
        known = answer.kept["judged"] = replace(_judged(answer, ""), answer=NOTHING)
    return Judged(
        known.verdict,
        known.paths,
        known.agreement,
        known.provision,
        known.step,
        known.article,
        known.sentence,
        answer,
        digest(answer.raw),
    )


def _judged(answer: Mapping[str, Any], named: str) -> Judged:
    headline = answer.get("headline") or {}
    basis = answer.get("basis") or {}
    leaves = answer.get("leaves") or ()
    lesser = {
        str(one["item"]) for one in answer.get("transform", ())
    }  # not as it is: changed, then asked again
    paths = tuple(str(one) for one in leaves if str(one) not in lesser)
    return Judged(
        verdict=str(answer["verdict"]),
        paths=() if answer["verdict"] == REFUSE else paths,
        agreement=str(basis.get("agreement", "")),
        provision=str(basis.get("provision", "")),
        step=_step(headline),
        article=str(headline.get("article", "")),
        sentence=str(headline.get("sentence", "")),
        answer=answer,
        digest=named,
    )


def _cause(one: Mapping[str, Any]) -> int:
    """The step that a failure comes from: what only follows from what another step took is that step's."""
    return int(one.get("because") or _step(one))


def _step(one: Mapping[str, Any]) -> int:
    value = one.get("step", 0)
    if isinstance(value, int):
        return value
    number = str(value).split(" ", 1)[0]
    return int(number) if number.isdigit() else 0


def _item(said: payloads.Said) -> dict[str, Any]:
    return {
        "id": said.path,
        "category": str(said.category),
        "subjects": list(said.subjects),
        "assertion": said.asserted,
    }


def _merged(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Later parts win, and tables (handling, origin) are merged, not replaced."""
    out: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            held = out.get(name)
            out[name] = {**held, **value} if isinstance(held, dict) and isinstance(value, Mapping) else value
    return out


def _subject(stub: Any, stated: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    known = {"id": stub.id, "kind": stub.kind.value, "role": stub.role.value}
    return {**known, **stated.get(stub.id, {})}
