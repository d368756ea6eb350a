"""The gate that runs: this node's own register of agreements, laws and records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cordiale.agreements import Register, decide_told, parse_fast
from cordiale.exchange.judging import AgreementFacts


@dataclass(frozen=True, slots=True)
class RegisterGate:
    """Decides by the register. A new register is a new gate: what was decided under the old one is asked
    again.
    """

    register: Register

    def decide(self, question: Mapping[str, Any], at: datetime) -> Mapping[str, Any]:
        """The answer in its JSON shape. Raises RequestError for a malformed question."""
        return decide_told(parse_fast(question), self.register, at)

    def facts(self, agreement: str, at: datetime) -> AgreementFacts | None:
        """Version and digest of an agreement as this node holds it, or None."""
        del at
        held = self.register.agreement(agreement)
        return AgreementFacts(held.id, held.version, held.digest) if held else None
