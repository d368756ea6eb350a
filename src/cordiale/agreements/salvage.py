"""Requests as they come: malformed ones become a refusal that names the field; a distress call is never lost.

From a known peer a distress call with an odd field is shown with the defect: what cannot be read is left out.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from cordiale.agreements.answer import Answer, Failure
from cordiale.agreements.question import Question, parse_question, read_json
from cordiale.agreements.register import Register
from cordiale.agreements.routes import decide_with_routes
from cordiale.agreements.spelling import ARTICLE
from cordiale.agreements.words import Ids, say
from cordiale.errors import RequestError
from cordiale.terms import Verdict

DEFECTS_MAX: Final = 200
"""Odd fields left out of one distress call before giving up; a call has a dozen leaves."""


def answer_bytes(raw: bytes, register: Register, at: datetime) -> Answer:
    """The answer to a request in bytes. Never raises RequestError: what is malformed is refused by field."""
    try:
        return answer_mapping(read_json(raw), register, at)
    except RequestError as wrong:
        return malformed(wrong, register, at, raw)


def answer_mapping(raw: Mapping[str, Any], register: Register, at: datetime) -> Answer:
    """The answer to a request already read from JSON."""
    defects: tuple[str, ...] = ()
    try:
        question = parse_question(raw)
    except RequestError as wrong:
        if not is_distress(raw):
            return malformed(wrong, register, at, repr(raw).encode())
        try:
            question, defects = salvaged(raw)
        except RequestError:
            return malformed(wrong, register, at, repr(raw).encode())
    answer = decide_with_routes(question, register, at)
    return replace(answer, warnings=(*answer.warnings, *defects))


def is_distress(raw: object) -> bool:
    return isinstance(raw, Mapping) and raw.get("type") == "distress_incident"


def salvaged(raw: Mapping[str, Any]) -> tuple[Question, tuple[str, ...]]:
    """The distress call without the fields that cannot be read, and a sentence for each of them.

    Raises RequestError if what is left has no sender or recipient.
    """
    kept, defects = copy.deepcopy(dict(raw)), list[str]()
    for _ in range(DEFECTS_MAX):
        try:
            return parse_question(kept), tuple(defects)
        except RequestError as wrong:
            if not _mend(kept, wrong.field):
                raise
            defects.append(say("salvaged", Ids(), {"field": wrong.field, "message": wrong.message}))
    raise RequestError("too many fields cannot be read.")


def _mend(kept: dict[str, Any], field: str) -> bool:
    """Fill in what a distress call always means, or leave out the odd field; False if that is not
    possible."""
    always = {"act": "share", "purpose": "rescue", "type": "distress_incident"}
    for name, value in always.items():
        if kept.get(name) != value and field in ("", name) and (field == name or name not in kept):
            kept[name] = value
            return True
    path = [int(p) - 1 if p.isdigit() else p for p in re.findall(r"[^.\[\]]+", field)]
    return bool(path) and path[0] not in ("from", "to") and _cut(kept, path)


def _cut(node: Any, path: list[str | int]) -> bool:
    """Take the field at the end of the path away, or the nearest thing round it."""
    for place in path[:-1]:
        try:
            node = node[place]
        except (KeyError, IndexError, TypeError):
            return False
    last = path[-1]
    try:
        del node[last]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def malformed(wrong: RequestError, register: Register, at: datetime, raw: bytes) -> Answer:
    """The refusal of what is no request, naming the field and the way out."""
    sentence = f"{wrong.message} {wrong.way_out}".strip()
    failure = Failure(step=0, scope="request", article=ARTICLE, sentence=sentence, field=wrong.field)
    return Answer(
        verdict=Verdict.REFUSE,
        at=at.isoformat(),
        texts_digest=register.texts_digest,
        replay="sha256:" + hashlib.sha256(raw).hexdigest(),
        draft=register.draft,
        article=failure.article,
        sentence=sentence,
        failures=(failure,),
    )
