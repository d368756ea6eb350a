"""A held message that cannot go: of why, the field is kept and nothing that was typed. Invented."""

from types import SimpleNamespace
from typing import Any

from cordiale.errors import RequestError
from cordiale.exchange import boxes
from cordiale.node import reports
from cordiale.simulation import Simulation
from tests.node.test_reads_by_authority import NIGHT


def test_what_an_officer_typed_is_not_kept_in_clear_with_a_message_that_cannot_go() -> None:
    with Simulation.of({"UK": ("nca",)}, seed=5, at=NIGHT) as simulation:
        node, row = simulation.nodes["UK"], SimpleNamespace(reference="x")
        held: Any = row
        reports._set_aside(node, held, RequestError("`Invented Person` is no word", field="facts.Exempel"))
        (kept,) = node.store.read(boxes.failures)
        assert kept.reason == "facts.(…): (…) is no word"
