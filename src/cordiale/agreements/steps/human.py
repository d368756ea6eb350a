"""Step 11: what a named person must have confirmed before it goes."""

from __future__ import annotations

from typing import Final

from cordiale.agreements.case import Case
from cordiale.agreements.model import Requirement
from cordiale.agreements.steps.needs import confirmed, counting

CODES: Final = {
    (False, False): "confirmation",
    (True, False): "confirmation_qualified",
    (False, True): "confirmation_independent",
    (True, True): "confirmation_both",
}
"""Sentence by whether the person must be qualified, and independent of the sender."""


def check(case: Case) -> None:
    """The provision's confirmations, and a reader for conditions in words (H3, C, unmarked)."""
    line = case.line
    if line is not None:
        for need in line.requires:
            if need.confirmation and not confirmed(case, need, need.article or line.article):
                have = len(counting(case, need))
                sentence = case.said(
                    CODES[need.qualified, need.independent], of=need.confirmation, n=need.n, have=have
                )
                case.refuse(11, sentence, line, scope="request", curable=True)
    for item in case.staying():
        rule = case.day.register.handling.get(item.handling.code)
        if rule is not None and rule.human_reads:
            need = Requirement(confirmation="release")
            article = rule.article or f"handling code {rule.id}"
            if not confirmed(case, need, article):
                sentence = case.said("reads", code=rule.id)
                case.refuse(11, sentence, rule, scope="request", article=article, curable=True)
                return
