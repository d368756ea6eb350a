"""What agreements say in vain or twice, joined: which files, on which day, and what is told of it.

Works without a node, as proving does. The findings are in agreements/proofs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from cordiale.agreements import Agreement, Register
from cordiale.agreements.proofs.findings import CONFLICT, DEAD, IDLE, OVERLAP, Finding, Findings, findings
from cordiale.agreements.proofs.solving import CAP_S, Solver
from cordiale.node.proving import Tell, request_lines

SAYS: Final = {
    DEAD: "{line} can never apply: {why} ({article})",
    IDLE: "{line} changes no answer: {why} ({article})",
    CONFLICT: "{line} ({article}) permits what {wins} takes away: {why}",
    OVERLAP: "{line} and {others} permit the same; {wins} is cited: {why} ({article})",
}
"""Each kind of finding as a sentence."""
UNSETTLED: Final = "only a message about several persons or parts could show it; --json names the lines"


def examined(
    register: Register,
    agreements: Sequence[Agreement],
    at: datetime,
    *,
    cap_s: float = CAP_S,
    tell: Tell = lambda _: None,
) -> Iterator[Findings]:
    """The findings of each agreement as of `at`. `cap_s`: seconds for one question."""
    with Solver() as solver:
        for number, agreement in enumerate(agreements, start=1):
            tell(f"{number} of {len(agreements)}: {agreement.id} as of {at.date()}")
            yield findings(agreement, register, at, by=solver, cap_s=cap_s)


def as_json(found: Sequence[Findings]) -> dict[str, Any]:
    """`{"agreements": [{"id", "version", "day", "findings": [{"kind", "provision", …}], "unsettled"}]}`."""
    return {"agreements": [one.as_json() for one in found]}


def lines(found: Findings) -> list[str]:
    """The findings of one agreement for people, each request in plain words under its sentence."""
    told = [f"{found.agreement} as of {found.day}: {len(found.found)} findings"]
    for one in found.found:
        told += [f"  {one.kind:<9}  {sentence(one)}", *(f"             {line}" for line in _request(one))]
    if found.unsettled:
        told.append(f"  {len(found.unsettled)} not settled: {UNSETTLED}")
    return told


def sentence(one: Finding) -> str:
    """One finding as a sentence that names its lines."""
    others = ", ".join(one.others)
    return SAYS[one.kind].format(
        line=one.line, others=others, wins=one.wins, why=one.why, article=one.article
    )


def _request(one: Finding) -> list[str]:
    return request_lines(one.request) if one.request is not None else []
