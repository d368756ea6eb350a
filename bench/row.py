"""One line of the table that `make bench` prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A figure with its aim and, where one can be had, its peer in the same run.

    `value` and `peer_value` are in `unit`. `aim` is a sentence ("≥ 1,000,000"). `reached` is None where there
    is no aim. Machines are noisy: quote the ratio to the peer before the absolute value.
    """

    name: str
    value: float
    unit: str
    aim: str = ""
    reached: bool | None = None
    peer: str = ""
    peer_value: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours over the peer's, or None without a peer."""
        return None if not self.peer_value else self.value / self.peer_value
