"""From a pasted article to a confirmed line: the unconfirmed line of an agreement file that it becomes, what
plain rules suggest of it, and how two people confirm exactly the words that they read.

A suggestion is only shown: a person picks it. The gate knows nothing of this file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from cordiale.agreements.pasted import Paragraph
from cordiale.agreements.text import digest_of

REVIEWERS_MIN: Final = 2
"""People who confirm a line; whoever pasted or wrote it is none of them."""
UNWRITTEN: Final = "Nobody has written yet what this says."
"""The sentence of a line whose article was pasted and whose meaning a person has still to write."""
BESIDE: Final = ("confidence", "read", "reads")
"""What a review itself changes in a line, and so no part of the words that are reviewed."""
EFFECTS: Final = ("permit", "withhold", "refuse", "duty", "restrict")
_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


# ------------------------------------------------------------------------------ suggestions


@dataclass(frozen=True, slots=True)
class Suggested:
    """What plain rules make of an article's words: (word of the file, the words that led to it)."""

    effects: tuple[tuple[str, str], ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    acts: tuple[tuple[str, str], ...] = ()
    purposes: tuple[tuple[str, str], ...] = ()


_EFFECTS: Final = {
    "refuse": r"shall not|may not|must not|prohibited|not permitted|ne (?:peu(?:t|vent)|doi(?:t|vent)) pas"
    r"|ne transmet\w* pas|interdit\w*",
    "permit": r"\bmay\b(?! not)|are entitled to|(?<!ne )\bpeu(?:t|vent)\b(?! pas)",
    "duty": r"shall (?:inform|delete|erase|notify|record|review)"
    r"|(?:informe|efface|notifie|supprime)(?:nt)?\b",
    "restrict": r"only (?:for|with|after)|prior (?:written )?consent|uniquement|consentement préalable",
}
_TYPES: Final = {
    "face_search": r"facial|photographs?|face images?|images? faciales?|photographies?",
    "fingerprint_search": r"fingerprints?|dactyloscop\w*|empreintes? (?:digitales?|palmaires?)",
    "dna_search": r"\bDNA\b|\bADN\b",
    "vehicle_search": r"vehicle registration|immatriculation",
    "passenger_records": r"\bPNR\b|passenger name|dossiers? passagers?",
    "conviction_notice": r"criminal records?|convictions?|casiers? judiciaires?|condamnations?",
    "situational_item": r"situational|tableau de situation",
    "risk_product": r"risk analys[ie]s|analyses? des risques",
    "route_intelligence": r"routes?|itinéraires?",
    "document_alert": r"false documents?|forged|faux documents?|documents? falsifiés?",
    "distress_incident": r"distress|search and rescue|détresse|sauvetage",
    "readmission_request": r"readmission|réadmission",
    "finance_lead": r"financial|bank accounts?|comptes? bancaires?",
}
_ACTS: Final = {
    "share": r"share|exchange|transmit|supply|pass on|échange\w*|transme\w+|communique\w*",
    "ask": r"request|ask for|demande\w*|sollicite\w*",
    "answer": r"repl(?:y|ies)|answer|respond|répond\w*",
}
_PURPOSES: Final = {
    "prevent": r"prevent\w*|prévenir|prévention",
    "detect": r"detect\w*|détect\w*",
    "investigate": r"investigat\w*|enquêt\w*",
    "prosecute": r"prosecut\w*|poursui\w+ pénal\w*",
    "border_control": r"border (?:control|surveillance|management)|contrôle (?:des|aux) frontières",
    "rescue": r"rescue|safety of life|sauvetage|vie humaine",
    "return": r"\breturns? (?:of|decision)|éloignement|décisions? de retour",
    "risk_analysis": r"risk analys[ie]s|analyses? des risques",
}


def suggested(words: str) -> Suggested:
    """What the words of an article may mean to the gate, each with the words that led to it. No more than
    words that occur: whether they stand under a `not` is for the person who picks.
    """
    found = [_hits(words, rules) for rules in (_EFFECTS, _TYPES, _ACTS, _PURPOSES)]
    return Suggested(*found)


def _hits(words: str, rules: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    hits = ((word, re.search(rf"(?:{rule})", words, re.IGNORECASE)) for word, rule in rules.items())
    return tuple((word, found.group(0)) for word, found in hits if found)


# ------------------------------------------------------------------------------ lines of a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a pasted text is from: in a person's words, when it was pasted, and by whom."""

    where: str
    on: date
    by: str

    @property
    def source(self) -> str:
        """As the `source` of a line says it."""
        return f"{self.where}; pasted on {self.on.isoformat()} by {self.by}"


def line_id(article: str, taken: Iterable[str] = ()) -> str:
    """`article-7-1-b` for `Article 7(1)(b)`; with a number after it where that is taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", article.casefold()).strip("-")[:60] or "line"
    held = set(taken)
    return next(
        one for n in range(1, len(held) + 3) if (one := plain if n == 1 else f"{plain}-{n}") not in held
    )


def unconfirmed_line(one: Paragraph, origin: Origin, title: str, taken: Iterable[str] = ()) -> dict[str, Any]:
    """The line that a pasted article comes in as: it says nothing yet, so it permits and bars nothing."""
    return {
        "id": line_id(one.article, taken),
        "article": one.article,
        "sentence": UNWRITTEN,
        "source": origin.source,
        "confidence": "unconfirmed",
        "read": reading(title, one.article),
        "effect": "restrict",
    }


def reading(title: str, article: str) -> str:
    """What an unconfirmed line tells a person to read."""
    return f"{title}, {article}"


def is_written(line: Mapping[str, Any]) -> bool:
    """Whether a person has written what the line says."""
    return line.get("sentence") not in ("", None, UNWRITTEN)


def toml(line: Mapping[str, Any]) -> str:
    """A line as one `[[provision]]` of a file, in the order of its keys."""
    return "\n".join(["[[provision]]", *(f"{_name(name)} = {value(one)}" for name, one in line.items())])


def value(one: Any) -> str:
    """A value as TOML, on one line."""
    if isinstance(one, bool):
        return "true" if one else "false"
    if isinstance(one, str):
        return json.dumps(one, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(one, Mapping):
        return "{ " + ", ".join(f"{_name(name)} = {value(each)}" for name, each in one.items()) + " }"
    if isinstance(one, (list, tuple)):
        return "[" + ", ".join(map(value, one)) + "]"
    return one.isoformat() if hasattr(one, "isoformat") else str(one)


def _name(name: str) -> str:
    return name if _KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)


# ------------------------------------------------------------------------------ reviews


class Act(StrEnum):
    """What a person did with a line."""

    PASTED = "pasted"
    WRITTEN = "written"
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One act on a line, in the order in which they were done: by which account, on which words."""

    act: Act
    digest: str
    officer: str


def line_digest(line: Mapping[str, Any], quoted: str) -> str:
    """The digest of exactly the words that a reviewer sees: the line but for how sure it is, and the pasted
    article beside it. A comma that is changed makes it another.
    """
    kept = {name: one for name, one in line.items() if name not in BESIDE}
    plain = json.dumps({"line": kept, "quoted": quoted}, sort_keys=True, default=str)
    return digest_of(plain.encode("ascii"))


def writers(done: Iterable[Done]) -> frozenset[str]:
    """Everybody who ever pasted or wrote the line: none of them reviews it."""
    return frozenset(one.officer for one in done if one.act in (Act.PASTED, Act.WRITTEN))


def standing_answers(done: Sequence[Done], digest: str) -> dict[str, Act]:
    """Officer -> yes or no, on these very words, since somebody wrote last; each one's last word counts."""
    last = max((n for n, one in enumerate(done) if one.act in (Act.PASTED, Act.WRITTEN)), default=-1)
    authors = writers(done)
    return {
        one.officer: one.act
        for one in done[last + 1 :]
        if one.act in (Act.YES, Act.NO) and one.digest == digest and one.officer not in authors
    }


def is_known(done: Sequence[Done], digest: str) -> bool:
    """Whether the words are those that somebody wrote here last: words changed in the file itself are not,
    and nobody can say whose they are.
    """
    last = [one.digest for one in done if one.act in (Act.PASTED, Act.WRITTEN)]
    return bool(last) and last[-1] == digest


def is_confirmed(done: Sequence[Done], digest: str) -> bool:
    """Whether two people other than its writers have said yes to these very words, and nobody no."""
    answers = standing_answers(done, digest)
    yes = [one for one in answers.values() if one is Act.YES]
    return is_known(done, digest) and len(yes) >= REVIEWERS_MIN and len(yes) == len(answers)
