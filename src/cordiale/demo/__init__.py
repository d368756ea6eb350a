"""The demonstration: real Sides and agreements, invented people and events, one night in the Channel."""

from cordiale.demo.run import run

__all__ = ["run"]
