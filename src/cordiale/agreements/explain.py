"""An agreement in plain lines, the list of them on a day, and every mistake of a folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cordiale.agreements.check import in_order, unsourced
from cordiale.agreements.model import Agreement, Basis, Line, Provision
from cordiale.agreements.register import Day, Register, gather
from cordiale.agreements.steps.when import applies, stopped
from cordiale.agreements.words import Names, Translate, plain
from cordiale.errors import AgreementFileError
from cordiale.world import Disk, SystemDisk


@dataclass(frozen=True, slots=True)
class Listed:
    """One agreement or law in the list: what it is and how it stands on the day."""

    id: str
    title: str
    kind: str
    legal_nature: str
    state: str
    sides: tuple[str, ...]
    signed: str
    from_: str
    until: str
    confidence: str
    source: str


def listing(register: Register, day: Day) -> tuple[Listed, ...]:
    """Every agreement and law with its state on the day."""
    return tuple(_listed(text, day) for text in (*register.agreements, *register.laws))


def _listed(text: Agreement, day: Day) -> Listed:
    starts = [s.from_ for s in text.validity if s.from_]
    ends = [s.until for s in text.validity]
    open_end = None in ends
    return Listed(
        id=text.id,
        title=text.title,
        kind=text.kind,
        legal_nature=text.legal_nature,
        state=state(text, day),
        sides=tuple(s.code for s in text.side),
        signed=str(text.signed or ""),
        from_=str(min(starts)) if starts else "",
        until="" if open_end else str(max(e for e in ends if e is not None)),
        confidence=text.confidence,
        source=text.source,
    )


def state(text: Agreement, day: Day) -> str:
    """`in force`, `suspended`, `unknown`, `not yet` or `ended` on the day."""
    whole = [r.kind for r in day.stops(text) if not stopped(r)]
    if whole:
        return "ended" if "termination" in whole else "suspended"
    if applies(text, day):
        return "in force"
    if any(s.in_force(day.on) for s in text.validity):
        return "unknown"
    return "not yet" if all(s.from_ and s.from_ > day.on for s in text.validity) else "ended"


@dataclass(frozen=True, slots=True)
class Speech:
    """How a file is read out: what files say, the lines' own words, and the words of the closed lists."""

    names: Names
    translate: Translate
    word: Translate


def in_english(day: Day) -> Speech:
    """As the file stands, its words as they are written there."""
    return Speech(day.register, str, str)


def in_another(names: Names, translate: Translate) -> Speech:
    """In another language, the words of the lists as a person says them."""
    return Speech(names, translate, lambda word: translate(plain(word)))


LINES: Final = MappingProxyType(
    {
        "state": "{nature}; {state} on {day}; version {version}",
        "nobody": "nobody named",
        "every": "every {kind}",
        "none": "no personal data",
        "identifiers": "ship and aircraft numbers only",
        "yes": "personal data",
        "basis": "{start} to {end}: {data} [{mode}, {confidence}]",
        "basis_with": "{start} to {end}: {data} with {records} [{mode}, {confidence}]",
        "or": " or ",
        "source_bar": "source bar",
        "protects": "protects",
        "line": "{article} ({id}): {effect}. {sentence} [{confidence}]",
        "rule": "{article}: {sentence} [{what}, {confidence}]",
        "values": "{name}: {values}",
        "read": "a person must read: {read}",
    }
)
"""What `explain` says beside the words of the file; pages translate it."""
LISTS: Final = ("types", "acts", "directions", "purposes", "regimes", "granted", "essential", "withheld")


def explain(text: Agreement, day: Day, speech: Speech | None = None) -> tuple[str, ...]:
    """The whole file in sentences: who, since when, on what basis, and each provision with its article."""
    speech = speech or in_english(day)
    lines = [speech.names.text(text.id), _standing(text, day, speech)]
    for side in text.side:
        every = partial(_line, speech, "every")
        bodies = ", ".join(a.id or every(kind=speech.word(a.kind)) for a in side.authority)
        footnote = f" ({speech.translate(side.footnote)})" if side.footnote else ""
        lines.append(f"{side.code}: {bodies or _line(speech, 'nobody')}{footnote}")
    for key, rows in text.basis:
        lines += [_basis(key, row, speech) for row in rows]
    lines += [_rule(rule, "source_bar", speech) for rule in text.taint]
    lines += [_rule(rule, "protects", speech) for rule in text.protects]
    for line in text.provision:
        lines += _provision(line, speech)
    return tuple(lines)


def _line(speech: Speech, code: str, **words: object) -> str:
    return speech.translate(LINES[code]).format(**words)


def _standing(text: Agreement, day: Day, speech: Speech) -> str:
    words = {"nature": speech.word(text.legal_nature), "state": speech.word(state(text, day))}
    return _line(speech, "state", day=day.on, version=text.version, **words)


def _rule(rule: Line, what: str, speech: Speech) -> str:
    words = {"what": _line(speech, what), "confidence": speech.word(rule.confidence)}
    told = speech.names.told
    return _line(speech, "rule", article=told(rule.article), sentence=told(rule.sentence), **words)


def _basis(key: str, row: Basis, speech: Speech) -> str:
    start, _, end = key.partition("_to_")
    words = {"data": _line(speech, row.data), "mode": speech.word(row.mode)}
    words |= {"start": start, "end": end, "confidence": speech.word(row.confidence)}
    if not row.records:
        return _line(speech, "basis", **words)
    return _line(speech, "basis_with", records=_line(speech, "or").join(row.records), **words)


def _provision(line: Provision, speech: Speech) -> list[str]:
    told = speech.names.told
    words = {"id": line.id, "effect": speech.word(line.effect), "confidence": speech.word(line.confidence)}
    out = [_line(speech, "line", article=told(line.article), sentence=told(line.sentence), **words)]
    for name in LISTS:
        if found := getattr(line, name):
            values = sorted(found) if name == "directions" else map(speech.word, sorted(found))
            out.append("    " + _line(speech, "values", name=speech.word(name), values=", ".join(values)))
    if line.read:
        out.append("    " + _line(speech, "read", read=told(line.read)))
    return out


def check_folder(
    texts: Path | None = None, records: Path | None = None, *, disk: Disk | None = None
) -> tuple[AgreementFileError, ...]:
    """Every mistake in the files, none raised, and every line without a source, in the order of the lines;
    empty: it can be reviewed.
    """
    loaded, mistakes = gather(texts, records, disk or SystemDisk())
    return in_order((*mistakes, *unsourced(loaded)))
