"""The only door: messages, boxes, the contact point, the courier, the peers. What leaves has a decision; so
has what enters.
"""

from cordiale.exchange.boxes import Alarm, Failed, InboxRow, OutboxRow
from cordiale.exchange.contact_point import ContactPoint
from cordiale.exchange.copies import Copy
from cordiale.exchange.courier import Courier
from cordiale.exchange.gate import RegisterGate
from cordiale.exchange.judging import AgreementFacts, Gate, Judged, Outgoing
from cordiale.exchange.listener import Listener, server_context
from cordiale.exchange.message import DISTRESS, MAIN, Envelope, Header, Letter, Restrictions
from cordiale.exchange.notices import apply, ask_holders, follow_on, notify
from cordiale.exchange.peers import Peer, add_peer, addresses, check_peer, find_peer, list_peers, remove_peer
from cordiale.exchange.receipts import Receipt
from cordiale.exchange.service import Service
from cordiale.exchange.stages import Arrived, Identity, Prepared, Received, Sent
from cordiale.exchange.wire import PinnedWire

__all__ = [
    "DISTRESS",
    "MAIN",
    "AgreementFacts",
    "Alarm",
    "Arrived",
    "ContactPoint",
    "Copy",
    "Courier",
    "Envelope",
    "Failed",
    "Gate",
    "Header",
    "Identity",
    "InboxRow",
    "Judged",
    "Letter",
    "Listener",
    "OutboxRow",
    "Outgoing",
    "Peer",
    "PinnedWire",
    "Prepared",
    "Receipt",
    "Received",
    "RegisterGate",
    "Restrictions",
    "Sent",
    "Service",
    "add_peer",
    "addresses",
    "apply",
    "ask_holders",
    "check_peer",
    "find_peer",
    "follow_on",
    "list_peers",
    "notify",
    "remove_peer",
    "server_context",
]
