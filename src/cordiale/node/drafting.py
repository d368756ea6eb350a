"""Drafts made from pasted texts: written line by line, reviewed by two other people, handed on as a file.

The file in the home of the node is what is checked and asked; the store keeps what was pasted and who did
what with which words. How sure each line of the file is follows from that, whatever the file itself says.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row

from cordiale.agreements import drafting
from cordiale.agreements.drafting import Act, Done, Origin, Suggested
from cordiale.agreements.model import Provision
from cordiale.agreements.pasted import Paragraph, Pasted, cut, key, quoted_twice, same
from cordiale.agreements.text import parse, raw_of, read_agreement
from cordiale.agreements.vocabulary import NATURES
from cordiale.errors import AgreementFileError, UsageError
from cordiale.ledger import Commitment, Entry, Kind
from cordiale.node import drafting_kept as kept
from cordiale.node.agreements_drafted import FOLDER, drafts
from cordiale.node.agreements_shown import BESIDE, Encoding, chunks, encoded
from cordiale.node.people import Officer, Verb, needs

if TYPE_CHECKING:
    from cordiale.node.node import Node

NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
"""What a draft, and the agreement in it, may be called."""
TITLE_MAX: Final = 300
WHERE_MAX: Final = 250
REASON_MAX: Final = 400
SIDES_MIN: Final = 2
OWN: Final = ("id", "article", "source", "confidence", "read", "reads", "sentence", "sentences", "effect")
"""Keys of a line that have a question of their own, or that nobody writes by hand."""
HEAD: Final = "# Made from a pasted text. Nothing in it permits before two people have confirmed its line.\n"
_ONE_AT_A_TIME: Final = Lock()
"""A file is read, changed and written by one person at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a new draft is about: its id, title and nature, and the codes of its Sides."""

    id: str
    title: str
    nature: str
    sides: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a person writes of a line. `more`: its other keys, as lines of TOML; `picked` is put to them:
    key -> words that were suggested and that the person ticked.
    """

    sentence: str
    french: str
    effect: str
    more: str
    picked: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One act on a line, for people: what, who, when, why; `counts` while it is about the words as they
    are.
    """

    act: Act
    name: str
    at: datetime
    reason: str
    digest: str
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """One line beside the article that was pasted for it. `known`: its words are those that were written
    here last. `hinders`: why this reader cannot review it: writer, unwritten, unknown, or nothing.
    """

    id: str
    article: str
    quoted: str
    joined: tuple[str, ...]
    origin: str
    sentence: str
    french: str
    effect: str
    confidence: str
    read: str
    written: bool
    known: bool
    digest: str
    history: tuple[Said, ...]
    yes: tuple[str, ...]
    hinders: str
    suggested: Suggested
    encoding: Encoding
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft made from pasted texts, as one person sees it. `left_out`: what became no line."""

    id: str
    title: str
    version: int
    lines: tuple[DraftLine, ...]
    left_out: tuple[str, ...]

    @property
    def confirmed(self) -> int:
        """How many of its lines are confirmed."""
        return sum(1 for one in self.lines if one.confidence == "confirmed")


# ------------------------------------------------------------------------------ pasting


def pasted_drafts(node: Node) -> tuple[str, ...]:
    """The drafts of this node that were made from pasted texts and whose file is there."""
    return tuple(one for one in node.store.read(kept.pasted_drafts) if _path(node, one).is_file())


def begin(node: Node, by: Officer, heading: Heading, *, text: str, where: str) -> Pasted:
    """Make a new draft of a pasted text: each article an unconfirmed line. Returns how the text was cut.

    Raises UsageError for a heading that cannot be, AgreementFileError for a text that cannot be cut.
    """
    needs(by, Verb.LAW)
    _check(node, heading, where)
    with _ONE_AT_A_TIME:
        if heading.id in drafts(node.home):
            raise UsageError(
                f"there is a draft `{heading.id}` already",
                field="id",
                way_out="Open it and paste more into it, or choose another name.",
            )
        found = cut(text)
        origin = Origin(where=where, on=node.contact.moment().date(), by=by.name)
        standing = node.register.agreement(heading.id)
        version = standing.version + 1 if standing else 1
        return _put_in(node, by, heading.id, (_head(heading, origin, version), found, origin))


def add(node: Node, by: Officer, draft: str, *, text: str, where: str) -> Pasted:
    """Paste more into a draft. What it holds already in the same words stays as it is.

    Raises AgreementFileError where an article is there with other words, UsageError for no such draft.
    """
    needs(by, Verb.LAW)
    _check_where(where)
    with _ONE_AT_A_TIME:
        words = _words(node, draft)
        found = cut(text)
        origin = Origin(where=where, on=node.contact.moment().date(), by=by.name)
        return _put_in(node, by, draft, (words, found, origin))


def _put_in(node: Node, by: Officer, draft: str, pasting: tuple[str, Pasted, Origin]) -> Pasted:
    words, found, origin = pasting
    fresh = _fresh(node, draft, found)
    tables = tomllib.loads(words)
    taken = [str(one.get("id", "")) for one in tables.get("provision", ())]
    lines = []
    for one in fresh:
        line = drafting.unconfirmed_line(one, origin, str(tables["title"]), taken)
        taken.append(line["id"])
        lines.append((one, line))
    after = words.rstrip() + "\n\n" + "\n\n".join(drafting.toml(line) for _, line in lines) + "\n"
    if lines:
        read_agreement(after.encode(), _file(draft))
    at = node.contact.moment()
    rows = [
        {"line": line["id"], "article": one.article, "words": one.words, "joined": list(one.joined)}
        for one, line in lines
    ]
    left = "\n".join(f"{number}: {each}" for number, each in found.left_out)
    rows += [{"line": "", "article": "", "words": left, "joined": []}] if left else []
    acts = [
        {"draft": draft, "line": line["id"], "act": Act.PASTED.value, "reason": ""}
        | {"digest": drafting.line_digest(line, one.words)}
        for one, line in lines
    ]

    def act(tx: Connection) -> None:
        if rows:
            common = {"draft": draft, "origin": origin.source, "officer": by.id, "at": at}
            kept.keep_quotes(tx, [row | common for row in rows])
        if acts:
            kept.keep_acts(tx, acts, officer=by.id, name=by.name, at=at)
            _log(node, tx, by, {"agreement": draft, "state": "pasted", "rows": len(acts)})

    node.store.write(act)
    if lines:
        _save(node, draft, after)
    return found


def _fresh(node: Node, draft: str, found: Pasted) -> list[Paragraph]:
    """The articles that the draft does not hold yet. Raises AgreementFileError for one that it holds with
    other words.
    """
    held = {
        key(row.article): row for row in node.store.read(lambda tx: kept.quotes_of(tx, draft)) if row.line
    }
    out = []
    for one in found.paragraphs:
        before = held.get(key(one.article))
        if before is None:
            out.append(one)
        elif same(before.words) != same(one.words):
            raise quoted_twice(one, where=f"in this draft ({before.origin})")
    return out


def _check(node: Node, heading: Heading, where: str) -> None:
    if not NAME.fullmatch(heading.id):
        raise UsageError(
            f"`{heading.id[:60]}` cannot be the name of an agreement",
            field="id",
            way_out="Use small letters, digits and hyphens: uk-fr-harbour-note.",
        )
    if not 0 < len(heading.title) <= TITLE_MAX:
        raise UsageError(
            "the title is missing or too long", field="title", way_out="Write it as the text has it."
        )
    if heading.nature not in NATURES:
        raise UsageError("the nature of the text is missing", field="nature", way_out="Choose what it is.")
    unknown = [one for one in heading.sides if one not in node.register.sides]
    if unknown or len(set(heading.sides)) < SIDES_MIN:
        raise UsageError("an agreement has at least two Sides", field="sides", way_out="Choose two or more.")
    _check_where(where)


def _check_where(where: str) -> None:
    if not 0 < len(where) <= WHERE_MAX:
        raise UsageError(
            "where the text is from is missing or too long",
            field="where",
            way_out="Say where a colleague finds the same words: journal, number, page, address.",
        )


def _head(heading: Heading, origin: Origin, version: int) -> str:
    """The top of a new file: nothing in it is confirmed, and from when it counts is not known."""
    value = drafting.value
    said = f'source = {value(origin.source)}\nconfidence = "unconfirmed"'
    lines = [
        f"{HEAD}id = {value(heading.id)}",
        f"title = {value(heading.title)}",
        f'version = {version}\nkind = "agreement"\nlegal_nature = {value(heading.nature)}\n{said}\n',
        f'[[validity]]\nstatus = "unknown"\n{said}',
        f"read = {value(drafting.reading(heading.title, 'when it begins and ends'))}\n",
    ]
    lines += [f"[[side]]\ncode = {value(code)}\n{said}\n" for code in dict.fromkeys(heading.sides)]
    return "\n".join(lines)


# ------------------------------------------------------------------------------ showing


def show(node: Node, by: Officer, draft: str) -> Draft:
    """A draft, line by line beside what was pasted, as this person may work on it. The file is brought to
    what the reviews say of each line, if it says something else.

    Raises UsageError for no such draft, AgreementFileError for a file that somebody spoilt.
    """
    with _ONE_AT_A_TIME:
        words = _settled(node, draft)
        quotes, acts = _kept(node, draft)
    text = read_agreement(words.encode(), _file(draft))
    raw = tomllib.loads(words)["provision"]
    lines = tuple(
        _line(one, line, (quotes.get(line["id"]), acts.get(line["id"], [])), by)
        for one, line in zip(text.provision, raw, strict=True)
    )
    left = node.store.read(lambda tx: [row.words for row in kept.quotes_of(tx, draft) if not row.line])
    return Draft(id=text.id, title=text.title, version=text.version, lines=lines, left_out=tuple(left))


def _line(
    one: Provision, line: dict[str, Any], held: tuple[Row[Any] | None, list[Row[Any]]], by: Officer
) -> DraftLine:
    quote, acts = held
    quoted = quote.words if quote else ""
    digest, done = drafting.line_digest(line, quoted), _done(acts)
    answers = drafting.standing_answers(done, digest)
    last = max((n for n, each in enumerate(done) if each.act in (Act.PASTED, Act.WRITTEN)), default=-1)
    history = tuple(
        Said(
            act=Act(row.act), name=row.name, at=row.at, reason=row.reason, digest=row.digest,
            counts=n >= last and row.digest == digest,
        )
        for n, row in enumerate(acts)
    )  # fmt: skip
    return DraftLine(
        id=one.id,
        article=one.article,
        quoted=quoted,
        joined=tuple(quote.joined) if quote else (),
        origin=one.source,
        sentence=one.sentence if drafting.is_written(line) else "",
        french=dict(one.sentences).get("fr", ""),
        effect=one.effect,
        confidence=one.confidence,
        read=one.read,
        written=drafting.is_written(line),
        known=drafting.is_known(done, digest),
        digest=digest,
        history=history,
        yes=tuple(
            row.name for row in acts[last + 1 :] if answers.get(row.officer) is Act.YES == Act(row.act)
        ),
        hinders=_hinders(line, done, digest, by),
        suggested=drafting.suggested(quoted),
        encoding=encoded(one, without=BESIDE),
        more="\n".join(f"{name} = {drafting.value(each)}" for name, each in line.items() if name not in OWN),
    )


def _hinders(line: Mapping[str, Any], done: Sequence[Done], digest: str, by: Officer) -> str:
    """Why somebody cannot review a line as it stands; nothing where they can."""
    if not by.may(Verb.LAW):
        return "role"
    if not drafting.is_written(line):
        return "unwritten"
    if not drafting.is_known(done, digest):
        return "unknown"
    return "writer" if by.id in drafting.writers(done) else ""


def file_of(node: Node, draft: str) -> tuple[str, bytes]:
    """The file of a draft to hand on, as the reviews stand now: its name and its bytes."""
    with _ONE_AT_A_TIME:
        return _file(draft), _settled(node, draft).encode()


# ------------------------------------------------------------------------------ writing and reviewing


def write(node: Node, by: Officer, draft: str, line: str, *, wording: Wording, seen: str) -> None:
    """Write what a line says. Whatever it was before, it is unconfirmed now, and the writer is no reviewer.

    `seen` is the digest of the line that the person had before them. Raises UsageError when it has changed
    since or something is missing, AgreementFileError with the line of the file for words that it cannot hold.
    """
    needs(by, Verb.LAW)
    with _ONE_AT_A_TIME:
        words = _words(node, draft)
        number, before, quoted = _found(node, draft, line, words)
        if drafting.line_digest(before, quoted) != seen:
            _changed_since()
        after = _worded(before, wording)
        after["read"] = before.get("read") or drafting.reading(_title(words), str(before["article"]))
        after["confidence"] = "unconfirmed"
        whole = _replaced(words, {number: after})
        read_agreement(whole.encode(), _file(draft))
        _act(node, by, draft, line, done=(Act.WRITTEN, drafting.line_digest(after, quoted), ""))
        _save(node, draft, _settle(node, draft, whole))


def review(node: Node, by: Officer, draft: str, line: str, *, yes: bool, seen: str, reason: str = "") -> None:
    """Say yes or no to exactly the words that were shown: `seen` is their digest. A no says why.

    Raises UsageError where the line has changed since, is not written, or this person pasted or wrote it.
    """
    needs(by, Verb.LAW)
    with _ONE_AT_A_TIME:
        words = _words(node, draft)
        _, held, quoted = _found(node, draft, line, words)
        digest = drafting.line_digest(held, quoted)
        if digest != seen:
            _changed_since()
        _, acts = _kept(node, draft)
        _may_review(_hinders(held, _done(acts.get(line, [])), digest, by))
        if not yes and not reason:
            raise UsageError(
                "a no says why", field="reason", way_out="Name the words that are not what the article says."
            )
        _act(node, by, draft, line, done=(Act.YES if yes else Act.NO, digest, reason[:REASON_MAX]))
        _save(node, draft, _settle(node, draft, words))


def _may_review(hinders: str) -> None:
    if hinders == "writer":
        raise UsageError(
            "whoever pasted or wrote a line does not review it",
            field="review",
            way_out="Two colleagues who did neither read it beside the article.",
        )
    if hinders == "unwritten":
        raise UsageError(
            "nobody has written what this line says", field="review", way_out="Write its sentence first."
        )
    if hinders == "unknown":
        raise UsageError(
            "this line was changed in the file itself, and nobody knows by whom",
            field="review",
            way_out="Open it, save its words as your own, and let two others review them.",
        )


def _changed_since() -> None:
    raise UsageError(
        "this line was changed while you had it open",
        field="review",
        way_out="Read it again as it stands now.",
    )


def _worded(before: Mapping[str, Any], wording: Wording) -> dict[str, Any]:
    """The line as a person wrote it. Raises UsageError for what is missing, or has a question of its own."""
    if not wording.sentence or wording.sentence == drafting.UNWRITTEN:
        raise UsageError(
            "the sentence is missing", field="sentence", way_out="Write in your words what the article says."
        )
    if wording.effect not in drafting.EFFECTS:
        raise UsageError("the effect is missing", field="effect", way_out="Choose what the line does.")
    try:
        more = tomllib.loads(wording.more)
    except tomllib.TOMLDecodeError as wrong:
        raise AgreementFileError(
            f"the lines for the machine: {wrong}",
            field="more",
            way_out="Words stand in quotes, lists in square brackets; a key stands once.",
        ) from None
    own = [name for name in more if name in OWN]
    if own:
        raise UsageError(
            f"`{own[0]}` is not written here",
            field="more",
            way_out="Take it out of the lines for the machine.",
        )
    for name, picked in wording.picked.items():
        held = more.get(name, [])
        more[name] = [*held, *(one for one in picked if one not in held)]
    line = {name: before[name] for name in ("id", "article") if name in before}
    line["sentence"] = wording.sentence
    line |= {"sentences": {"fr": wording.french}} if wording.french else {}
    line |= {
        "source": before.get("source", ""),
        "confidence": "unconfirmed",
        "read": "",
        "effect": wording.effect,
    }
    return line | {name: one for name, one in more.items() if one != []}


def _act(node: Node, by: Officer, draft: str, line: str, *, done: tuple[Act, str, str]) -> None:
    """Keep what somebody did with a line, and that it was done, in the ledger."""
    what, digest, reason = done
    at = node.contact.moment()
    row = {"draft": draft, "line": line, "act": what.value, "digest": digest, "reason": reason}

    def act(tx: Connection) -> None:
        kept.keep_acts(tx, [row], officer=by.id, name=by.name, at=at)
        facts: dict[str, Any] = {"agreement": draft, "text_digest": digest, "state": f"line_{what.value}"}
        _log(node, tx, by, facts | {"provision": line}, reason=reason)

    node.store.write(act)


def _log(node: Node, tx: Connection, by: Officer, facts: dict[str, Any], *, reason: str = "") -> None:
    """The ledger's entry: who and why stand there as commitments."""
    said = {"by": Commitment.to("by", by.name)} | (
        {"reason": Commitment.to("reason", reason)} if reason else {}
    )
    node.log.append(tx, Entry(Kind.AGREEMENT, node.contact.moment(), facts, said))


# ------------------------------------------------------------------------------ the file


def _settled(node: Node, draft: str) -> str:
    """The file with each line as sure as the reviews have made it; written anew where it said otherwise."""
    words = _words(node, draft)
    after = _settle(node, draft, words)
    if after != words:
        _save(node, draft, after)
    return after


def _settle(node: Node, draft: str, words: str) -> str:
    quotes, acts = _kept(node, draft)
    title, changed = _title(words), {}
    for number, line in enumerate(tomllib.loads(words).get("provision", ())):
        id = str(line.get("id", ""))
        quote = quotes.get(id)
        digest = drafting.line_digest(line, quote.words if quote else "")
        after = dict(line)
        if drafting.is_confirmed(_done(acts.get(id, [])), digest):
            after["confidence"] = "confirmed"
            after.pop("read", None)
            after.pop("reads", None)
        else:
            after["confidence"] = "unconfirmed"
            after["read"] = line.get("read") or drafting.reading(title, str(line.get("article", "")))
        if after != line:
            changed[number] = after
    return _replaced(words, changed) if changed else words


def _replaced(words: str, lines: Mapping[int, Mapping[str, Any]]) -> str:
    """The file with some of its lines of law written anew; all other words stay as they lie there."""
    out = words.splitlines()
    found = [one for one in chunks(words) if one.name == "provision"]
    for number in sorted(lines, reverse=True):
        chunk = found[number]
        old = chunk.text.splitlines()
        while old and (not old[-1].strip() or old[-1].lstrip().startswith("#")):
            old.pop()  # a remark before the next line is the next line's
        first = chunk.first - 1
        out[first : first + len(old)] = drafting.toml(lines[number]).splitlines()
    return "\n".join(out) + "\n"


def _found(node: Node, draft: str, line: str, words: str) -> tuple[int, dict[str, Any], str]:
    """(place, the line, the pasted words) of one line. Raises UsageError where there is none of that name."""
    quotes, _ = _kept(node, draft)
    for number, one in enumerate(tomllib.loads(words).get("provision", ())):
        if one.get("id") == line:
            return number, one, quotes[line].words if line in quotes else ""
    raise UsageError(f"`{line[:60]}` is no line of this draft", field="line", way_out="Load the draft again.")


def _kept(node: Node, draft: str) -> tuple[dict[str, Row[Any]], dict[str, list[Row[Any]]]]:
    """Line -> its pasted article, and line -> what was done with it, in order."""

    def found(tx: Connection) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]]]:
        return kept.quotes_of(tx, draft), kept.acts_of(tx, draft)

    quotes, acts = node.store.read(found)
    by_line: dict[str, list[Row[Any]]] = {}
    for row in acts:
        by_line.setdefault(row.line, []).append(row)
    return {row.line: row for row in quotes if row.line}, by_line


def _done(rows: Sequence[Row[Any]]) -> list[Done]:
    return [Done(act=Act(row.act), digest=row.digest, officer=row.officer) for row in rows]


def _words(node: Node, draft: str) -> str:
    """The file as it lies there. Raises UsageError for no such draft, AgreementFileError for no TOML."""
    if draft not in pasted_drafts(node):
        raise UsageError(
            f"`{draft[:60]}` is no draft made from a pasted text",
            field="draft",
            way_out="Choose one of the list.",
        )
    words, tables = parse(raw_of(_path(node, draft), _file(draft), node.world.disk), _file(draft))
    if not isinstance(tables.get("provision"), list):
        raise AgreementFileError(
            f"{_file(draft)} has lost its lines",
            way_out="Put the file back from a backup, or from its export.",
        )
    return words


def _title(words: str) -> str:
    return str(tomllib.loads(words).get("title", ""))


def _save(node: Node, draft: str, words: str) -> None:
    node.world.disk.write(_path(node, draft), words.encode())


def _path(node: Node, draft: str) -> Path:
    return node.home / FOLDER / draft / _file(draft)


def _file(draft: str) -> str:
    return f"{draft}.toml"
