"""Cordiale runs the arrangement: what may pass, what may not, and the proof of both.

The face: it hands names on and defines nothing. Ask: `decide(parse_question({...}), Register.load(), at)`.
"""

from cordiale.agreements import (
    Answer,
    Item,
    Question,
    Record,
    Register,
    Subject,
    decide,
    parse_question,
    read_question,
)
from cordiale.errors import CordialeError, RequestError
from cordiale.terms import Act, Category, Purpose, Regime, Verdict

__all__ = [
    "Act",
    "Answer",
    "Category",
    "CordialeError",
    "Item",
    "Purpose",
    "Question",
    "Record",
    "Regime",
    "Register",
    "RequestError",
    "Subject",
    "Verdict",
    "decide",
    "parse_question",
    "read_question",
]
