"""Can partners reach this node, and we them: what cards name as address, against what listens."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from cordiale.errors import UsageError
from cordiale.node.saying import Said
from cordiale.node.settings import port_of

if TYPE_CHECKING:
    from cordiale.node.settings import Settings
    from cordiale.seals import NodeFacts

OURS_IS_EMPTY: Final = Said(
    "this node's card names no address, so no partner can send anything here: set `address` (HOST:PORT) in "
    "cordiale.toml, then run `cordiale peer renew`"
)
THEIRS_IS_EMPTY: Final = Said(
    "their card names no address, so nothing can be sent there: ask them to set `address` in cordiale.toml, "
    "to run `cordiale peer renew` and to hand the new card over"
)


def out_of_reach(settings: Settings, told: str) -> tuple[Said, ...]:
    """Why partners may not reach this node although it listens; nothing where all agrees. `told`: the address
    on its card, which is what partners dial.
    """
    if settings.address and settings.address != told:
        return (*_unfit(settings.address), _moved(settings.address, told))
    if unfit := _unfit(told):
        return unfit
    host, _, port = told.rpartition(":")
    out = []
    if is_this_machine(settings.contact_host) and not is_this_machine(host):
        out.append(
            Said(
                "partners are told {told}, and the contact point listens on {host}, which is this machine "
                "only: set `contact_host` in cordiale.toml to the address that partners come in by",
                told=told,
                host=settings.contact_host,
            )
        )
    if port != str(settings.contact_port):
        out.append(
            Said(
                "partners are told port {port}, and `contact_port` is {ours}: that is right only where "
                "something between passes it on",
                port=port,
                ours=settings.contact_port,
            )
        )
    return tuple(out)


def own_card_notes(facts: NodeFacts) -> tuple[Said, ...]:
    """What a person who hands this node's card over should know of it."""
    return _unfit(facts.address)


def their_card_notes(facts: NodeFacts) -> tuple[Said, ...]:
    """What a person who takes a partner's card in should know of it. Raises UsageError when nobody could dial
    the address that it names.
    """
    if not facts.address:
        return (THEIRS_IS_EMPTY,)
    if not is_dialled(facts.address):
        raise UsageError(
            f"the card of `{facts.node}` names the address `{facts.address[:80]}`, and nobody can dial that",
            field="card",
            way_out="Ask them to set `address` to HOST:PORT in cordiale.toml, to run `cordiale peer renew` "
            "and to hand the new card over.",
        )
    return ()


def way_to(facts: NodeFacts) -> Said:
    """What to do about a partner that was not reached."""
    if not facts.address:
        return THEIRS_IS_EMPTY
    if not is_dialled(facts.address):
        return Said(
            "their card names `{address}`, and nobody can dial that: ask them to set `address` to HOST:PORT, "
            "to run `cordiale peer renew` and to hand the new card over",
            address=facts.address[:80],
        )
    return Said(
        "ring them: does their node run, does their firewall let you through to {address}, have they taken "
        "your card in, and have they moved",
        address=facts.address,
    )


def is_dialled(address: str) -> bool:
    """Whether this is HOST:PORT."""
    try:
        return port_of(address) > 0
    except UsageError:
        return False


def is_this_machine(host: str) -> bool:
    """Whether nobody else can come in by this address."""
    try:
        return ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return host == "localhost"


def _unfit(address: str) -> tuple[Said, ...]:
    if not address:
        return (OURS_IS_EMPTY,)
    if is_dialled(address):
        return ()
    return (
        Said(
            "`{address}` is no address that partners can dial: write HOST:PORT into cordiale.toml, such as "
            "192.0.2.10:8201, then run `cordiale peer renew`",
            address=address[:80],
        ),
    )


def _moved(address: str, told: str) -> Said:
    if not told:
        return OURS_IS_EMPTY
    return Said(
        "cordiale.toml names the address {address}, and the card that partners hold says {told}: run "
        "`cordiale peer renew`",
        address=address[:80],
        told=told[:80],
    )
