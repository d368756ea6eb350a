"""The home folder of a node: settings, keys under a passphrase, its card. FOLDER says what lies where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cordiale.errors import SealError, UsageError
from cordiale.node import settings as settings_room
from cordiale.node.certificates import LOOPBACK, issue_certificate
from cordiale.node.outside import World
from cordiale.node.settings import FILE, Settings, port_of
from cordiale.seals import (
    AuthorityKey,
    LedgerKeys,
    NodeCard,
    NodeFacts,
    ScryptCost,
    SealingKeys,
    SigningKeys,
    SigningPublic,
    Vault,
    fingerprint,
    fresh_bytes,
)
from cordiale.terms import AuthorityId, SideCode
from cordiale.world import Disk

FOLDER: Final = """
cordiale.toml      settings
vault              the vault file: opens with the passphrase and nothing else
keys/NAME          private keys, locked: signing, sealing, ledger; marks; tls is the password of tls/key
tls/key, tls/cert  the contact point's TLS key under a password, and its certificate
offline/side       the Side's own key, locked: take it away to a safe once the node is made
offline/AUTHORITY  the keys of its authorities, locked: needed again only to renew the card
offline/issuer     the key that issues the contact point's certificate, locked: needed with them
card, side.pub     the node's signed card and the Side's public key
records/           dated legal records that this node has loaded beside the shipped ones
spool/             sealed: distress that the database could not take yet, and a reserve for it
serving            held by the one process that runs this node: its id; heartbeat: signs of life of its parts
node.db            the database, unless another is set
unfinished         there while a founding or a restore is under way, or was cut short: no node yet
"""
UNFINISHED: Final = "unfinished"
FOUNDING: Final = b"founding\n"
RESTORING: Final = b"restoring\n"
SERVING: Final = "serving"
CARD_DAYS: Final = 398  # a card is renewed each year with a month's grace
AUTHORITY_DAYS: Final = 1096  # three years
ISSUER: Final = "issuer"
BEGINS_BEFORE: Final = timedelta(minutes=5)  # partners' clocks may be a little behind ours


@dataclass(frozen=True, slots=True)
class Founding:
    """What must be said to make a node."""

    side: str
    authorities: tuple[str, ...]
    administrator: str
    person: str
    name: str = ""
    address: str = ""
    ring_name: str = ""
    ring_number: str = ""
    store: str = ""
    more: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if not self.side or not self.authorities:
            raise UsageError("a node speaks for a Side and at least one authority", field="authority")
        if len(set(self.authorities)) != len(self.authorities):
            raise UsageError("an authority is named twice", field="authority")
        port_of(self.address)

    @property
    def node(self) -> str:
        """The node's id: Side and leading authority, in lower case."""
        return f"{self.side}-{self.authorities[0]}".lower()


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """A node's private keys, opened, and its public card."""

    signing: SigningKeys
    sealing: SealingKeys
    ledger: LedgerKeys
    marks: bytes
    """Keys the digests by which the supervisor's log tells that a fact changed."""
    tls_password: str
    card: NodeCard
    side: SigningPublic


def make_home(
    home: Path,
    founding: Founding,
    passphrase: str,
    *,
    world: World,
    cost: ScryptCost | None = None,
    side_keys: SigningKeys | None = None,
) -> tuple[Vault, Keys]:
    """Write settings, vault, keys and card into an empty folder. `side_keys`: of the Side, when it has a node
    already. The folder is no node until `finish`. Raises UsageError when a node, or part of one, is there.
    """
    disk = world.disk
    _make_room(home, disk)
    vault, file = Vault.create(passphrase, cost=cost)
    begins = world.clock.now().replace(microsecond=0) - BEGINS_BEFORE
    password = fresh_bytes().hex()
    certificate = issue_certificate(
        founding.node, begins, days=CARD_DAYS, password=password, host=_host(founding)
    )
    keys, offline = _fresh_keys(
        founding,
        begins,
        issuer=certificate.issuer_pem,
        tls_password=password,
        side_keys=side_keys or SigningKeys.generate(),
    )
    for name, raw in _key_files(keys).items():
        disk.write(home / "keys" / name, vault.lock(raw, f"key/{name}"))
    disk.write(home / "tls" / "key", certificate.key_pem.encode())
    disk.write(home / "tls" / "cert", certificate.certificate_pem.encode(), mode=0o644)
    for name, private in offline.items():
        disk.write(home / "offline" / name, vault.lock(private.to_bytes(), f"offline/{name}"))
    disk.write(
        home / "offline" / ISSUER, vault.lock(certificate.issuer_key_pem.encode(), f"offline/{ISSUER}")
    )
    disk.write(home / "card", keys.card.to_bytes(), mode=0o644)
    disk.write(home / "side.pub", keys.side.to_bytes(), mode=0o644)
    disk.write(home / "vault", file)
    disk.write(home / FILE, settings_room.written(_chosen(founding)), mode=0o644)
    return vault, keys


def _make_room(home: Path, disk: Disk) -> None:
    """Say that a founding has begun. Only what an earlier one left, that was cut short, is taken away: keys
    whose settings were lost are somebody's only keys.
    """
    names = disk.names(home)
    if UNFINISHED in names and disk.read(home / UNFINISHED) == FOUNDING:
        for name in ("node.db", "node.db-wal", "node.db-shm"):
            disk.remove(home / name)
        return
    if FILE in names:
        raise UsageError(
            f"there is a node in `{home.name}` already", field="home", way_out="Choose another folder."
        )
    if part := next((name for name in ("vault", "card", "node.db", UNFINISHED) if name in names), ""):
        raise UsageError(
            f"`{home.name}` holds `{part}` of a node, without its settings",
            field="home",
            way_out=f"Bring `{FILE}` back, restore a backup into an empty folder, or choose another one.",
        )
    disk.write(home / UNFINISHED, FOUNDING)


def finish(home: Path, disk: Disk) -> None:
    """What was founded or restored is whole: from now on it is a node."""
    disk.remove(home / UNFINISHED)


def check_finished(home: Path, disk: Disk) -> None:
    """Raise UsageError where a founding or a restore was cut short: what is there only looks like a node."""
    try:
        what = disk.read(home / UNFINISHED)
    except FileNotFoundError:
        return
    again = "restore" if what == RESTORING else "init"
    raise UsageError(
        f"the `cordiale {again}` that made `{home.name}` was cut short: this is no node yet",
        field="home",
        way_out=f"Run `cordiale {again}` again with the same folder: what was left is made anew.",
    )


def open_home(home: Path, passphrase: str, disk: Disk) -> tuple[Vault, Keys]:
    """The vault and the keys of a node. Raises OpenError for a wrong passphrase, UsageError when no node
    is there.
    """
    if not _there(home / FILE, disk):
        raise UsageError(
            f"there is no node in `{home}`",
            field="home",
            way_out="Make one with `cordiale init`, or name --home.",
        )
    vault = Vault.open(disk.read(home / "vault"), passphrase)

    def key(name: str) -> bytes:
        return vault.unlock(disk.read(home / "keys" / name), f"key/{name}")

    keys = Keys(
        signing=SigningKeys.from_bytes(key("signing")),
        sealing=SealingKeys.from_bytes(key("sealing")),
        ledger=LedgerKeys.from_bytes(key("ledger")),
        marks=key("marks"),
        tls_password=key("tls").decode(),
        card=NodeCard.from_bytes(disk.read(home / "card")),
        side=SigningPublic.from_bytes(disk.read(home / "side.pub")),
    )
    _check_whole(keys)
    return vault, keys


def _check_whole(keys: Keys) -> None:
    """Raise SealError where keys, card and the Side's key are not of one node: partners would believe nothing
    that it says, distress least of all, and the words on the telephone would be another's.
    """
    facts = keys.card.facts
    keys.card.check(keys.side, facts.valid_from)  # whose dates are over still opens: it must be renewed
    own = {"signing": keys.signing.public(), "sealing": keys.sealing.public(), "ledger": keys.ledger.public()}
    for name, public in own.items():
        if getattr(facts, name) != public:
            raise SealError(
                f"the key `{name}` is not the one on this node's card",
                field=f"keys/{name}",
                way_out="Bring card and keys back from one backup.",
            )


def offline_key(home: Path, vault: Vault, name: str, disk: Disk) -> bytes:
    """One of the keys that belong in a safe. Raises UsageError when it is not in the folder."""
    try:
        return vault.unlock(disk.read(home / "offline" / name), f"offline/{name}")
    except FileNotFoundError:
        raise UsageError(
            f"the key `{name}` is not in `{home.name}/offline`",
            field="offline",
            way_out="Bring the folder back from the safe, and take it away again afterwards.",
        ) from None


def side_keys_of(home: Path, passphrase: str, founding: Founding, disk: Disk) -> SigningKeys:
    """The Side's keys, from the home folder of its first node, for a second one.

    Raises UsageError when that node is of another Side or speaks for one of the same authorities.
    """
    vault, keys = open_home(home, passphrase, disk)
    facts = keys.card.facts
    if facts.side != founding.side:
        raise UsageError(f"`{home.name}` is a node of `{facts.side}`", field="side_home")
    if both := sorted(set(facts.authorities) & set(founding.authorities)):
        raise UsageError(
            f"`{facts.node}` speaks for `{both[0]}` already",
            field="authority",
            way_out="Give each node authorities of its own.",
        )
    return SigningKeys.from_bytes(offline_key(home, vault, "side", disk))


def change_passphrase(home: Path, old: str, new: str, disk: Disk) -> None:
    """Lock the same data keys under another passphrase; nothing else is written."""
    vault = Vault.open(disk.read(home / "vault"), old)
    disk.write(home / "vault", vault.to_bytes(new))


@contextmanager
def alone(home: Path, disk: Disk) -> Iterator[None]:
    """Keep this home for this process alone while the block runs, or until the process ends, however it ends.

    Two that run one node would carry, keep and count twice. Raises UsageError that names the other process.
    Commands that only look, and a backup, need not hold it.
    """
    try:
        let_go = disk.hold(home / SERVING)
    except BlockingIOError as held:
        pid = str(held.args[-1])
        stop = f"Stop it first (`kill {pid}` ends it in order)" if pid.isdigit() else "Stop it first"
        raise UsageError(
            f"`{home}` is in use by another `cordiale`, process {pid or 'unknown'}",
            field="home",
            way_out=f"{stop}, or name another folder with --home. A backup or the doctor may run beside.",
        ) from None
    try:
        yield
    finally:
        let_go()


def words_of(keys: Keys) -> str:
    """The twelve words of the Side's key, to be read out on the telephone."""
    return fingerprint(keys.side)


def _host(founding: Founding) -> str:
    """The host of the contact point's address: what the TLS certificate is issued for."""
    return founding.address.rpartition(":")[0] or LOOPBACK


def _fresh_keys(
    founding: Founding, begins: datetime, *, issuer: str, tls_password: str, side_keys: SigningKeys
) -> tuple[Keys, dict[str, SigningKeys]]:
    """All keys of a new node, and the offline ones by file name."""
    named = tuple(sorted(founding.authorities))
    authority_keys = {AuthorityId(name): SigningKeys.generate() for name in named}
    signing, sealing, ledger = SigningKeys.generate(), SealingKeys.generate(), LedgerKeys.generate()
    facts = NodeFacts(
        node=founding.node,
        side=SideCode(founding.side),
        serial=1,
        authorities=tuple(authority_keys),
        address=founding.address,
        tls_issuer=issuer,
        signing=signing.public(),
        sealing=sealing.public(),
        ledger_origin=f"{founding.node}/ledger",
        ledger=ledger.public(),
        valid_from=begins,
        valid_until=begins + timedelta(days=CARD_DAYS),
    )
    until = begins + timedelta(days=AUTHORITY_DAYS)
    signers = {
        name: (
            AuthorityKey.issue(
                side_keys,
                side=facts.side,
                authority=name,
                signing=held.public(),
                valid_from=begins,
                valid_until=until,
            ),
            held,
        )
        for name, held in authority_keys.items()
    }
    keys = Keys(
        signing,
        sealing,
        ledger,
        fresh_bytes(),
        tls_password,
        NodeCard.issue(facts, signers),
        side_keys.public(),
    )
    return keys, {"side": side_keys, **{str(name): held for name, held in authority_keys.items()}}


def _key_files(keys: Keys) -> dict[str, bytes]:
    return {
        "signing": keys.signing.to_bytes(),
        "sealing": keys.sealing.to_bytes(),
        "ledger": keys.ledger.to_bytes(),
        "marks": keys.marks,
        "tls": keys.tls_password.encode(),
    }


def _chosen(founding: Founding) -> dict[str, Any]:
    """The settings that a founding chooses; what is empty keeps its default."""
    chosen: dict[str, Any] = {
        "side": founding.side,
        "authorities": founding.authorities,
        "name": founding.name,
        "store": founding.store,
        "address": founding.address,
        "contact_port": port_of(founding.address) or "",
        "ring_name": founding.ring_name,
        "ring_number": founding.ring_number,
        **(founding.more or {}),
    }
    return {name: value for name, value in chosen.items() if value not in ("", None)}


def _there(path: Path, disk: Disk) -> bool:
    try:
        disk.read(path)
    except FileNotFoundError:
        return False
    return True


def same_side(settings: Settings, keys: Keys) -> None:
    """Raise UsageError when settings and card name different Sides or authorities: one of them was changed
    by hand.
    """
    facts = keys.card.facts
    if settings.side != facts.side or set(settings.authorities) != set(facts.authorities):
        raise UsageError(
            "the settings name another Side or other authorities than the card",
            field="side",
            way_out="Put the settings back; for another authority make a second node.",
        )
