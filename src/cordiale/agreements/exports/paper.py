"""An agreement as a paper (PDF): what it is, who is bound, each line with its encoding in words, its proofs.

For people who sign and people who check. It is readable in black and white: nothing is said by a colour. Each
page names the digest of the text, by which a node knows that it holds the same. Needs the extra `pdf`.
"""

from __future__ import annotations

from collections.abc import Sequence

from cordiale.agreements.explain import Speech
from cordiale.agreements.exports.sheet import Proof, sheet
from cordiale.agreements.model import Agreement
from cordiale.agreements.register import Day
from cordiale.agreements.words import plain
from cordiale.errors import UsageError


def paper_bytes(
    agreement: Agreement,
    day: Day,
    *,
    proofs: Sequence[Proof] = (),
    speech: Speech | None = None,
    language: str = "en",
) -> bytes:
    """The paper as PDF 1.7, tagged, the same bytes for the same file and day.

    `proofs`: (name, status, law) of each safeguard, as handed in. Raises UsageError without the extra `pdf`.
    """
    speech = speech or Speech(day.register, str, plain)
    try:
        from cordiale.agreements.exports.press import printed
    except ImportError:
        raise UsageError(
            "papers need ReportLab, which is not installed here",
            field="as",
            way_out='Install the extra `pdf` (`pip install "cordiale[pdf]"`), or export odrl or akoma.',
        ) from None
    return printed(sheet(agreement, day, proofs, speech), language)
