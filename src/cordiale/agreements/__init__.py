"""The gate: what may pass under which agreement, with the article, and how it all stood on any day.

`decide(question, register, at)` answers; `Register.load()` reads the files; `parse_question` reads a
request. The room moves nothing and knows nothing of ledgers, networks or any kind of payload.
"""

from cordiale.agreements.answer import Answer, Changed, Clocked, Duty, Failure, Missing, Route
from cordiale.agreements.compiled import Compiled, Told, decide_fast, decide_told
from cordiale.agreements.explain import check_folder, explain, listing
from cordiale.agreements.model import Agreement, Provision, Record
from cordiale.agreements.question import Item, Question, Subject, parse_question, read_question
from cordiale.agreements.reading import Listed, parse_fast, plain_bytes
from cordiale.agreements.register import SHIPPED, Day, Register
from cordiale.agreements.routes import decide_with_routes as decide
from cordiale.agreements.salvage import answer_bytes, answer_mapping
from cordiale.agreements.vocabulary import INFORMATION_TYPES, STEPS

__all__ = [
    "INFORMATION_TYPES",
    "SHIPPED",
    "STEPS",
    "Agreement",
    "Answer",
    "Changed",
    "Clocked",
    "Compiled",
    "Day",
    "Duty",
    "Failure",
    "Item",
    "Listed",
    "Missing",
    "Provision",
    "Question",
    "Record",
    "Register",
    "Route",
    "Subject",
    "Told",
    "answer_bytes",
    "answer_mapping",
    "check_folder",
    "decide",
    "decide_fast",
    "decide_told",
    "explain",
    "listing",
    "parse_fast",
    "parse_question",
    "plain_bytes",
    "read_question",
]
