"""Agreements, joined: answer a request, list, show, explain and check the files on disk.

Works without a node: a lawyer's laptop needs no keys to ask. The rules are in agreements/.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from cordiale import agreements as room
from cordiale.agreements import Answer, Register, decide, parse_question, spoken, words
from cordiale.agreements.check import in_order, unsourced
from cordiale.agreements.explain import in_another
from cordiale.agreements.model import Agreement, Provision, Record
from cordiale.agreements.register import SHIPPED, gather
from cordiale.agreements.text import Loaded, load_folder, read_record
from cordiale.errors import RequestError, UsageError
from cordiale.world import Clock, Disk, SystemDisk

REQUEST_BYTES_MAX: Final = 4_000_000
"""A request is items and facts, not attachments; the largest shipped example is under 20 kB."""


def load(texts: Path | None = None, records: Path | None = None) -> Register:
    """The register from the files on disk: the shipped ones unless folders are named."""
    return Register.load(texts, records)


def answer(raw: Mapping[str, Any], register: Register, at: datetime) -> Answer:
    """The gate's answer to one request as of `at`. Raises RequestError naming the field that is wrong."""
    return decide(parse_question(raw), register, at)


def in_language(
    register: Register, answer: Mapping[str, Any], sentence: str, *, language: str, say: Callable[[str], str]
) -> str:
    """One sentence of an answer in the reader's language; as it stands where a file says it."""
    return spoken.in_language(answer, sentence, spoken.Called(register, language), say)


def plain_word(word: str) -> str:
    """A word of the vocabulary, a fact or a kind of record as a person says it, in English: the catalogues'
    key.
    """
    return words.plain(word)


def label_in(register: Register, words: str, language: str) -> str:
    """The label of an article, or other words that stand in a file, in a language; as they are where no file
    has them in it.
    """
    return spoken.Called(register, language).told(words)


@dataclass(frozen=True, slots=True)
class Voice:
    """A reader's language: the register whose words are told, the language, and its catalogue."""

    register: Register
    language: str
    say: Callable[[str], str]

    @property
    def called(self) -> spoken.Called:
        return spoken.Called(self.register, self.language)

    def sentence(self, answer: Mapping[str, Any], sentence: str) -> str:
        return spoken.in_language(answer, sentence, self.called, self.say)

    def word(self, word: str) -> str:
        return self.say(words.plain(word)) if word else ""  # a catalogue answers nothing with its own head


def voiced(register: Register, language: str, say: Callable[[str], str]) -> Voice | None:
    """A reader's language; None for English, which needs no voice."""
    return None if language == "en" else Voice(register, language, say)


def twins(answer: Answer, voice: Voice) -> dict[str, str]:
    """Each sentence and label of an answer -> the same in the reader's language; the answer stays."""
    return spoken.twins(answer.as_json(), voice.called, voice.say)


def title_in(register: Register, id: str, language: str) -> str:
    """What an agreement or a law is called in a language; its id where nothing here has that id."""
    return spoken.Called(register, language).text(id.partition("/")[0])


@dataclass(frozen=True, slots=True)
class Judgement:
    """The gate's answer to bytes; `readable` False when they were no request in the format of decide.md."""

    answer: Answer
    readable: bool


def judged(raw: bytes, register: Register, at: datetime) -> Judgement:
    """The gate's answer to a request as it came. What is malformed is refused by field; a distress call is
    answered without its odd fields. Raises RequestError only for more than REQUEST_BYTES_MAX.
    """
    if len(raw) > REQUEST_BYTES_MAX:
        raise RequestError(
            f"the request is larger than {REQUEST_BYTES_MAX} bytes",
            way_out="Send what is bulk in several requests; attachments are not part of a request.",
        )
    found = room.answer_bytes(raw, register, at)
    return Judgement(found, found.permitted or found.step != 0 or _readable(raw))


def _readable(raw: bytes) -> bool:
    """Whether these bytes are a request at all: then step 0 speaks of the register, not of the format."""
    try:
        room.read_question(raw)
    except RequestError:
        return False
    return True


def read_request(path: Path, disk: Disk) -> bytes:
    """The bytes of a request file. Raises RequestError when there is none that can be read."""
    try:
        return disk.read(path)
    except FileNotFoundError:
        raise RequestError(
            f"there is no file `{path.name}`", way_out="Give a path, or `-` for stdin."
        ) from None
    except OSError as wrong:
        raise RequestError(f"`{path.name}` cannot be read: {wrong.strerror}") from None


def moment(words: str | None, clock: Clock) -> datetime:
    """The moment that `--at` names: a date (its noon, UTC), a date and time with zone, or now."""
    if words is None:
        return clock.now()
    try:
        if len(words) == len("2026-11-22"):
            return datetime.combine(date.fromisoformat(words), time(12), UTC)
        found = datetime.fromisoformat(words)
    except ValueError:
        raise UsageError(
            f"`{words}` is not a date", field="at", way_out="Write 2026-11-22 or 2026-11-22T09:30Z."
        ) from None
    if found.tzinfo is None:
        raise UsageError(f"`{words}` has no time zone", field="at", way_out="Add Z for UTC.")
    return found.astimezone(UTC)


# ------------------------------------------------------------------------------ a node's own register


def register_of(home: Path, texts: str, records: str, disk: Disk) -> Register:
    """The register of a node: the shipped files or its own `texts`, with the records of `home/records` added.

    `records` names a folder instead of `home/records`. Raises AgreementFileError for the first mistake.
    """
    folder = Path(records) if records else home / "records"
    own = load_folder(folder, disk) if folder.is_dir() else Loaded((), (), (), (), ())
    if own.mistakes:
        raise own.mistakes[0]
    return _joined(Path(texts) if texts else None, own.records, own.digests, disk)


def register_with(records: Mapping[str, bytes]) -> Register:
    """The shipped register and these records (file name -> TOML) beside it: for nodes without a folder."""
    read = tuple(read_record(raw, name) for name, raw in sorted(records.items()))
    digests = tuple(f"{name} {hashlib.sha256(raw).hexdigest()}" for name, raw in sorted(records.items()))
    return _joined(None, read, digests, SystemDisk())


def _joined(
    texts: Path | None, records: tuple[Record, ...], digests: tuple[str, ...], disk: Disk
) -> Register:
    loaded, mistakes = gather(texts, None, disk)
    if mistakes:
        raise mistakes[0]
    whole = Loaded(
        loaded.agreements, (*loaded.records, *records), loaded.register, (), (*loaded.digests, *digests)
    )
    return Register(whole)


# ------------------------------------------------------------------------------ for people


def listing(register: Register, at: datetime) -> list[dict[str, Any]]:
    """Every agreement and law file: id, kind, title, legal_nature, signed, from, until, sides, state on the
    day (in_force, suspended, unknown, not_yet, ended), confidence, provisions.
    """
    counts = {one.id: len(one.provision) for one in (*register.agreements, *register.laws)}
    return [
        {
            "id": one.id,
            "kind": one.kind,
            "title": one.title,
            "legal_nature": one.legal_nature,
            "signed": one.signed,
            "from": one.from_,
            "until": one.until,
            "sides": list(one.sides),
            "state": one.state.replace(" ", "_"),
            "confidence": one.confidence,
            "provisions": counts[one.id],
        }
        for one in room.listing(register, register.on(at))
    ]


def shown(id: str, texts: Path | None = None, disk: Disk | None = None) -> dict[str, Any]:
    """One file as it lies on disk: id, file, text. Raises UsageError when there is none of that id."""
    disk = disk or SystemDisk()
    files = sorted((texts or SHIPPED).rglob("*.toml"))
    for path in files:
        if path.stem == id or f'id = "{id}"' in disk.read(path).decode("utf-8").splitlines():
            return {"id": id, "file": path.name, "text": disk.read(path).decode("utf-8")}
    raise _nothing(id, [path.stem for path in files])


def provisions(register: Register, id: str) -> list[dict[str, Any]]:
    """The provisions of one file: what the article says beside what the file says."""
    return [_told(one) for one in found(register, id).provision]


def _told(one: Provision) -> dict[str, Any]:
    lists = (
        "types",
        "acts",
        "directions",
        "purposes",
        "regimes",
        "granted",
        "withheld",
        "essential",
        "authority_kinds",
    )
    plain = ("id", "article", "sentence", "source", "confidence", "effect", "read", "personal")
    return {name: str(getattr(one, name)) for name in plain} | {
        name: sorted(str(value) for value in getattr(one, name)) for name in lists
    }


def explained(register: Register, id: str, at: datetime, voice: Voice | None = None) -> list[str]:
    """One file in sentences: what it is, how it stands on the day, and each provision with its article and
    confidence; in English, or in the language of `voice`.
    """
    speech = in_another(voice.called, voice.say) if voice else None
    return list(room.explain(found(register, id), register.on(at), speech))


def checked(folder: Path | None, records: Path | None, disk: Disk | None = None) -> dict[str, Any]:
    """Every mistake in the files of a folder: {files, wrong: [sentence]}."""
    loaded, mistakes = gather(folder, records, disk or SystemDisk())
    count = len(loaded.agreements) + len(loaded.records) + len(loaded.register)
    return {"files": count, "wrong": [str(one) for one in in_order((*mistakes, *unsourced(loaded)))]}


def parties(register: Register, at: datetime) -> list[dict[str, str]]:
    """Every authority of the register on a day: party ("SIDE/authority"), side, name, kind."""
    found = register.on(at).authorities.values()
    rows = [{"party": f"{a.side}/{a.id}", "side": a.side, "name": a.name, "kind": a.kind} for a in found]
    return sorted(rows, key=lambda row: (row["side"], row["name"]))


SAID: Final = MappingProxyType(
    {
        "no_question": "NOT A QUESTION  Nothing was decided; docs/reference/decide.md says how one is asked.",
        "under": "under {basis}, as of {at}",
        "withheld": "withheld: {item}  [{article}] {sentence}",
        "also": "also: step {step} [{article}] {sentence}",
        "missing": "would help: {what} `{name}` from {who} [{article}]",
        "duty": "duty: {do} [{article}]",
        "warning": "warning: {sentence}",
    }
)
"""The lines of an answer on a terminal; translated with the pages."""


def told(judged: Judgement, voice: Voice | None = None) -> str:
    """What was answered to bytes, in plain words; what is no request is said to be none."""
    lines = said(judged.answer, voice)
    if judged.readable:
        return lines
    say = voice.say if voice else str
    return "\n".join([say(SAID["no_question"]), *lines.splitlines()[1:]])


def said(answer: Answer, voice: Voice | None = None) -> str:
    """An answer in plain words, for a terminal: in English, or in the language of `voice`."""
    found = answer.as_json()
    headline, basis = found["headline"], found["basis"]
    label = voice.called.told if voice else str
    told = partial(voice.sentence, found) if voice else str
    word = voice.word if voice else str
    line = partial(_said_line, voice.say if voice else str)
    field = next((str(one["field"]) for one in found["failures"][:1] if one.get("field")), "")
    verdict = word(str(found["verdict"])).upper()
    lines = [
        f"{verdict}  {label(headline['article'])}",
        (f"{field}: " if field else "") + told(headline["sentence"]),
    ]
    if basis["agreement"]:
        lines.append(line("under", basis=f"{basis['agreement']}/{basis['provision']}", at=found["at"]))
    also = [one for one in found["failures"][1:] if not _leads(headline, one)]
    for code, rows in (("withheld", found["withheld"]), ("also", also)):
        for one in rows:
            words = {"sentence": told(one["sentence"]), "article": label(one["article"])}
            lines.append(line(code, item=one.get("item"), step=one["step"], **words))
    for one in found["missing"]:
        words = {"what": word(one["what"]), "name": one["name"], "who": word(one["who_can_give"])}
        lines.append(line("missing", article=label(one["article"]), **words))
    lines += [line("duty", do=word(one["do"]), article=label(one["article"])) for one in found["duties"]]
    lines += [line("warning", sentence=told(one)) for one in found["warnings"]]
    return "\n".join(one for one in lines if one.strip())


def _leads(headline: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    """Whether a failure says what the first line of the answer has said already."""
    return bool(one["article"] == headline["article"] and one["sentence"] == headline["sentence"])


def _said_line(say: Callable[[str], str], code: str, **words: object) -> str:
    return say(SAID[code]).format(**words)


def found(register: Register, id: str) -> Agreement:
    """An agreement or law by its id. Raises UsageError where there is none, with the nearest one."""
    one = register.agreement(id)
    if one is None:
        raise _nothing(id, [other.id for other in (*register.agreements, *register.laws)])
    return one


def _nothing(id: str, known: Sequence[str]) -> UsageError:
    near = get_close_matches(id.casefold(), known, n=1, cutoff=NEAR)
    return UsageError(
        f"no agreement or law file is called `{id[:80]}`",
        field="id",
        way_out=(f"Did you mean `{near[0]}`? " if near else "")
        + "`cordiale agreement list` names them all; for files of your own, name their folder with --texts.",
    )


NEAR: Final = 0.5
"""How alike an id must be to be offered: `uk-frontex-2024` finds `uk-frontex-wa-2024`."""


def check_parties(register: Register, side: str, authorities: tuple[str, ...]) -> None:
    """Raise UsageError unless the register knows this Side and these authorities."""
    if side not in register.sides:
        raise UsageError(
            f"`{side[:40]}` is no Side of the register",
            field="side",
            way_out=f"Use one of: {', '.join(sorted(register.sides))}.",
        )
    known = {one.id for one in register.authorities if one.side == side}
    for name in authorities:
        if name not in known:
            raise UsageError(
                f"`{name[:60]}` is no authority of {side} in the register",
                field="authority",
                way_out=f"Use one of: {', '.join(sorted(known))}.",
            )


def add_record(home: Path, name: str, raw: bytes, disk: Disk) -> str:
    """Put a dated legal record into a node's own folder, after reading it as the gate does; returns its id.

    The running node takes it in with `opening.reload_register`. Raises AgreementFileError with file and line.
    """
    found = read_record(raw, f"{name}.toml")
    disk.write(home / "records" / f"{found.id}.toml", raw, mode=0o644)
    return found.id
