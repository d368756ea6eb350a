"""Ordinary things for ledger tests: keys, cards, a store, entries. All units and persons are invented."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType

from sqlalchemy import Connection, Engine, create_engine

from cordiale.ledger import AddCheckpoint, Commitment, Entry, Inclusion, Kind, Log, Outcome, Witness
from cordiale.ledger.file import Enclosed, Opening, SignedReceipt, export
from cordiale.ledger.tables import metadata
from cordiale.seals import (
    RECEIPT_KIND,
    AuthorityKey,
    LedgerKeys,
    NodeCard,
    NodeFacts,
    SealingKeys,
    SigningKeys,
    canonical,
    digest,
    sign_batch,
)
from cordiale.terms import AuthorityId, SideCode

AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
MESSAGE = digest(b"an invented message")
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "verify_exchange.py"


@dataclass(frozen=True)
class Agency:
    """A node of a Side with all its keys and its card."""

    side: str
    side_keys: SigningKeys
    authority_keys: SigningKeys
    signing: SigningKeys
    ledger: LedgerKeys
    card: NodeCard

    @property
    def origin(self) -> str:
        return self.card.facts.ledger_origin

    @property
    def log(self) -> Log:
        return Log(self.origin, self.ledger)


def agency(side: str, name: str, *, begins: datetime = AT - timedelta(days=30), days: int = 365) -> Agency:
    side_keys, authority_keys, signing = (SigningKeys.generate() for _ in range(3))
    ledger, until, authority = LedgerKeys.generate(), begins + timedelta(days=days), AuthorityId(name)
    statement = AuthorityKey.issue(
        side_keys,
        side=SideCode(side),
        authority=authority,
        signing=authority_keys.public(),
        valid_from=begins,
        valid_until=until,
    )
    facts = NodeFacts(
        node=f"{side}-{name}".lower(),
        side=SideCode(side),
        serial=1,
        authorities=(authority,),
        address="https://127.0.0.1:8201",
        tls_issuer="",
        signing=signing.public(),
        sealing=SealingKeys.generate().public(),
        ledger_origin=f"{side}-{name}/ledger".lower(),
        ledger=ledger.public(),
        valid_from=begins,
        valid_until=until,
    )
    card = NodeCard.issue(facts, {authority: (statement, authority_keys)})
    return Agency(side, side_keys, authority_keys, signing, ledger, card)


@cache
def uk() -> Agency:
    return agency("UK", "border-force")


@cache
def fr() -> Agency:
    return agency("FR", "paf")


def memory() -> Engine:
    """A database in memory with every ledger table."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    return engine


@contextmanager
def ledger_of(agency: Agency) -> Iterator[tuple[Connection, Log]]:
    with memory().begin() as tx:
        yield tx, agency.log


def entry(number: int = 0, *, kind: Kind = Kind.SENT, **facts: object) -> Entry:
    plain = {"message": MESSAGE, "sequence": number, "agreement": "uk-frontex-2024", **facts}
    return Entry(kind, AT + timedelta(seconds=number), plain)


def filled(tx: Connection, log: Log, count: int) -> None:
    log.append_all(tx, [entry(i) for i in range(count)])


def cosign(tx: Connection, log: Log, ours: Agency, by: Agency, at: datetime = AT) -> None:
    """A partner cosigns our newest checkpoint with a witness store of its own."""
    note = log.latest(tx)
    assert note is not None
    with memory().begin() as theirs:
        request = AddCheckpoint(0, (), note.text()).to_bytes()
        answer = Witness(by.origin, by.ledger).add_checkpoint(
            theirs, request, at, logs={ours.origin: ours.ledger.public()}
        )
    assert answer.outcome is Outcome.COSIGNED
    log.add_cosignature(tx, note.checkpoint.size, name=by.origin, public=by.ledger.public(), line=answer.line)


def receipt_from(
    by: Agency,
    message: str = MESSAGE,
    *,
    kind: Kind = Kind.RECEIVED,
    shown: str | None = None,
    leaf: bytes = b"",
    outcome: str = "accepted",
) -> SignedReceipt:
    """A receipt by `by`, resting on its own ledger."""
    with ledger_of(by) as (tx, log):
        filled(tx, log, 3)
        held = entry(3, kind=kind, message=message if shown is None else shown)
        index = log.append(tx, held)
        log.checkpoint(tx, AT)
        proof: Inclusion = log.inclusion(tx, index)
    told: dict[str, object] = {
        "message": message,
        "entry": b64encode(leaf or held.leaf()).decode(),
        "inclusion": proof.as_json(),
        "outcome": outcome,
    }
    body = canonical(told)
    return SignedReceipt(by.card.digest(), body, sign_batch([body], by.signing, kind=RECEIPT_KIND)[0])


def exchange_file() -> bytes:
    """A whole file: three entries of 300, a cosignature, a receipt, an opening, an earlier checkpoint."""
    ours, theirs = uk(), fr()
    with ledger_of(ours) as (tx, log):
        filled(tx, log, 7)
        log.checkpoint(tx, AT)
        hidden = Commitment.to("caller", "Zyx Exampleperson (invented)")
        decision = Entry(Kind.DECISION, AT, {"message": MESSAGE, "verdict": "permit"}, {"caller": hidden})
        index = log.append(tx, decision)
        log.append_all(tx, [entry(i) for i in range(8, 300)])
        log.checkpoint(tx, AT + timedelta(hours=1))
        cosign(tx, log, ours, theirs)
        assert hidden.salt is not None
        enclosed = Enclosed(
            cards=[ours.card, theirs.card],
            sides={"UK": ours.side_keys.public(), "FR": theirs.side_keys.public()},
            receipts=[receipt_from(theirs)],
            openings=[Opening(index, "caller", "Zyx Exampleperson (invented)", hidden.salt)],
            earlier_sizes=[7],
        )
        made = export(tx, log, [3, index, 299], about=MESSAGE, enclosed=enclosed, signing=ours.signing, at=AT)
        return b"".join(made)


def second_verifier() -> ModuleType:
    """The reference verifier, loaded from its page: it is no part of the package."""
    module = ModuleType("verify_exchange")
    exec(compile(REFERENCE.read_text(encoding="utf-8"), str(REFERENCE), "exec"), module.__dict__)
    return module
