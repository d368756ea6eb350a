"""Files beside a report: taken piece by piece, sealed at rest at once, and withheld until a person has stated
what each holds and whom it shows. A statement is bound to the very bytes. Nothing is opened or shown here,
and nothing is ever whole in memory.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from cordiale import payloads
from cordiale.errors import OpenError, RequestError, StoreError, StoreFull
from cordiale.exchange.room import FREE_BYTES_MIN
from cordiale.node import drafts, papers, tables
from cordiale.node.papers import Draft
from cordiale.node.people import Verb, needs
from cordiale.payloads.codec import read_attachment, write_attachment
from cordiale.payloads.model import ATTACHMENT_BYTES_MAX, Attachment
from cordiale.seals import CHUNK_BYTES, Chunks, new_chunk_key
from cordiale.store import chunks
from cordiale.terms import Category

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer

BYTES_MAX: Final = min(ATTACHMENT_BYTES_MAX, chunks.OBJECT_BYTES_MAX)
FILES_MAX: Final = 8  # the exchange takes so many with one message
PIECE_BYTES_MAX: Final = 64 * CHUNK_BYTES  # 4 MiB in one act: distress never waits long behind it
STAMP_CHARS_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class File:
    """A file as it lies here. `held`: bytes that have come so far; `whole`: all. `about`: its statement."""

    id: str
    name: str
    size: int
    held: int
    whole: bool
    about: Attachment | None = None

    @property
    def stated(self) -> bool:
        """Whether a person has said what these very bytes hold."""
        return self.about is not None and self.about.statement_holds


# ------------------------------------------------------------------------------ into a draft


def begin(
    node: Node, officer: Officer, reference: str, *, name: str, size: int, stamp: str = ""
) -> tuple[str, int]:
    """Make room for a file in a draft; its id, and the byte from which it goes on. Raises RequestError when
    it cannot have one.

    `size` in bytes, 1 to BYTES_MAX. `name`: what travels as its name. `stamp`: what else tells this file from
    another, such as when it was last changed: one begun here under the same three is gone on with.
    """
    needs(officer, Verb.WRITE)
    draft = drafts.open_draft(node, officer, reference)
    place_in(draft)
    same = (name, size, stamp[:STAMP_CHARS_MAX])
    for one in draft.files:
        if stamp and not one["sha256"] and (one["name"], one["size"], one.get("stamp")) == same:
            return str(one["id"]), _reached(node, one)
    if len(draft.files) >= FILES_MAX:
        raise RequestError(f"a message has at most {FILES_MAX} files", field="file")
    Attachment(name, "0" * 64, size)  # says what is wrong with name and size
    _check_room(node, size)
    id, key, count = node.world.chance.token(16), new_chunk_key(), -(-size // CHUNK_BYTES)
    node.store.write(lambda tx: chunks.announce(tx, id, count, at=node.contact.moment()))
    held = {"chunk_count": count, "id": id, "key": b64encode(key).decode(), "size": size, "name": name}
    held |= {"stamp": same[2], "sha256": ""}
    drafts.save_draft(node, officer, replace(draft, files=(*draft.files, held)))
    return id, 0


def _check_room(node: Node, size: int) -> None:
    """Raise RequestError where a file would take the room that messages and distress need."""
    if node.contact.free_bytes() - size < FREE_BYTES_MIN:
        raise RequestError(
            "there is not enough room on the disk of this node",
            field="file",
            way_out="Tell the operator, and send the text without the file.",
        )


def _reached(node: Node, held: Mapping[str, Any]) -> int:
    """From which byte to go on: one chunk before the end of what is here, so that it is seen to be the same
    file; 0 for nothing.
    """
    bundle = node.store.read(lambda tx: chunks.look(tx, str(held["id"])))
    return max(0, bundle.next_place - 1) * CHUNK_BYTES if bundle else 0


def add(node: Node, officer: Officer, reference: str, id: str, *, at: int, raw: bytes) -> int:
    """Keep the next piece of a file, sealed; the byte where the next one begins. The last one ends it.

    `at`: the byte where this piece begins, a multiple of CHUNK_BYTES, as is its length but for the last.
    """
    needs(officer, Verb.WRITE)
    held = _file(drafts.open_draft(node, officer, reference), id)
    end = at + len(raw)
    if at % CHUNK_BYTES or end > held["size"] or (len(raw) % CHUNK_BYTES and end != held["size"]):
        raise RequestError(f"a piece of {len(raw)} bytes does not fit at byte {at}", field="file")
    if len(raw) > PIECE_BYTES_MAX:
        raise RequestError(f"a piece has at most {PIECE_BYTES_MAX} bytes", field="file")
    cipher, first, last = _cipher(held), at // CHUNK_BYTES, int(held["chunk_count"]) - 1
    pieces = [raw[n : n + CHUNK_BYTES] for n in range(0, len(raw), CHUNK_BYTES)]
    sealed = [cipher.seal(place, one, last=place == last) for place, one in enumerate(pieces, first)]
    try:
        bundle = node.store.write(partial(_put_all, bundle_id=id, first=first, sealed=sealed))
    except StoreFull:
        with suppress(StoreError):  # where not even that can be written, the file stands there as not whole
            detach(node, officer, reference, id)
        raise
    except StoreError as fault:
        if fault.field != "chunk":
            raise
        raise RequestError(
            "this is another file than the one that was begun",
            field="file",
            way_out="Remove the one that is not whole, then attach this one.",
        ) from fault
    if bundle.whole and not held["sha256"]:
        _finish(node, officer, reference, held)
    return end


def _put_all(tx: Connection, *, bundle_id: str, first: int, sealed: Sequence[bytes]) -> chunks.Bundle:
    """Keep sealed chunks that follow one another."""
    for place, raw in enumerate(sealed, first):
        bundle = chunks.put(tx, bundle_id, place, raw)
    return bundle


def attach(node: Node, officer: Officer, reference: str, *, name: str, content: bytes) -> str:
    """A whole file at once; returns its id."""
    id, _ = begin(node, officer, reference, name=name, size=len(content))
    for at in range(0, len(content), PIECE_BYTES_MAX):
        add(node, officer, reference, id, at=at, raw=content[at : at + PIECE_BYTES_MAX])
    return id


def _finish(node: Node, officer: Officer, reference: str, held: Mapping[str, Any]) -> None:
    """The whole file is here: its digest is taken of what was kept, and the body names it."""
    found = sha256()
    for piece in opened(node, held):
        found.update(piece)
    digest = found.hexdigest()
    # Only now, since a large file takes seconds: the words may have been changed while it was read.
    draft = drafts.open_draft(node, officer, reference)
    if any(one["sha256"] == digest for one in draft.files):
        detach(node, officer, draft.reference, str(held["id"]))
        raise RequestError("this very file is attached already", field="file")
    files = tuple({**one, "sha256": digest} if one["id"] == held["id"] else one for one in draft.files)
    entry = write_attachment(Attachment(str(held["name"]), digest, int(held["size"])))
    place = place_in(draft)
    inner = dict(draft.body["body"])
    inner[place] = [*inner.get(place, ()), entry]
    drafts.save_draft(node, officer, replace(draft, files=files, body={**draft.body, "body": inner}))


def state_attachment(
    node: Node, officer: Officer, reference: str, id: str, *, holds: Sequence[str], shows: Sequence[str] = ()
) -> None:
    """A person states what a file holds (categories) and whom it shows (subject ids).

    The statement is bound to the digest of the bytes. Raises PayloadError for "anything", RequestError for
    a file that is not whole.
    """
    draft = drafts.open_draft(node, officer, reference)
    held = _file(draft, id)

    def stated(entry: Mapping[str, Any]) -> dict[str, Any]:
        about = read_attachment(dict(entry))
        return write_attachment(
            replace(
                about,
                categories=tuple(Category(one) for one in holds),
                subjects=tuple(shows),
                stated_by=officer.id,
                stated_sha256=about.sha256,
            )
        )

    _change(node, officer, draft, held=held, change=stated)


def detach(node: Node, officer: Officer, reference: str, id: str) -> None:
    """Take a file out of a draft; its bytes are destroyed."""
    draft = drafts.open_draft(node, officer, reference)
    held = _file(draft, id)
    left = replace(draft, files=tuple(one for one in draft.files if one["id"] != id))
    if held["sha256"]:
        place = place_in(draft)
        inner = dict(draft.body["body"])
        inner[place] = [one for one in inner.get(place, ()) if one["sha256"] != held["sha256"]]
        left = replace(left, body={**draft.body, "body": {k: v for k, v in inner.items() if v != []}})
    drafts.save_draft(node, officer, left)
    node.store.write(lambda tx: chunks.condemn(tx, id))


def _change(node: Node, officer: Officer, draft: Draft, *, held: Mapping[str, Any], change: Any) -> None:
    if not held["sha256"]:
        raise RequestError("the file is not whole yet", field="file")
    place = place_in(draft)
    inner = dict(draft.body["body"])
    inner[place] = [change(one) if one["sha256"] == held["sha256"] else one for one in inner[place]]
    drafts.save_draft(node, officer, replace(draft, body={**draft.body, "body": inner}))


def place_in(draft: Draft) -> str:
    """The leaf of a draft's form that takes files. Raises RequestError when there is none, or not yet."""
    kind = payloads.type_named(draft.type)
    form = kind.form(str(draft.body.get("model") or draft.model or next(iter(kind.models))))
    found = next((one.path for one in form if one.kind == "attachment" and one.many), "")
    if not found:
        raise RequestError("this kind of information takes no files", field="file")
    if not draft.body:
        raise RequestError(
            "something that must be answered is missing", field="file", way_out="Fill in the form first."
        )
    return found


def takes_files(draft: Draft) -> bool:
    """Whether files can be attached to a draft of this kind at all."""
    kind = payloads.type_named(draft.type)
    return any(one.kind == "attachment" and one.many for model in kind.models for one in kind.form(model))


def files_of(node: Node, draft: Draft) -> list[File]:
    """The files of a draft, as far as they are here, each with its statement."""
    about = _entries(draft.body.get("body", {}))
    return [_seen(node, one, about.get(str(one["sha256"]))) for one in draft.files]


def _entries(inner: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The files that a body names, by digest."""
    lists = [value for value in inner.values() if isinstance(value, list)]
    return {one["sha256"]: one for many in lists for one in many if isinstance(one, dict) and "sha256" in one}


def _seen(node: Node, held: Mapping[str, Any], entry: Mapping[str, Any] | None) -> File:
    bundle = node.store.read(lambda tx: chunks.look(tx, str(held["id"])))
    count = bundle.held_count if bundle else 0
    about = read_attachment(dict(entry)) if entry else None
    name = about.name if about else str(held.get("name", ""))
    size = int(held["size"])
    whole = bundle is not None and bundle.whole
    return File(str(held["id"]), name, size, min(count * CHUNK_BYTES, size), whole, about)


# ------------------------------------------------------------------------------ out of it


def copied(node: Node, files: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Each file sealed anew under a key of its own, for one recipient: no two share a key. Raises
    RequestError when one is not whole, StoreFull when there is no room; then no copy is left.
    """
    for one in files:
        if not one["sha256"]:
            raise RequestError(f"`{one['name']}` is not whole yet", field="file")
    _check_room(node, sum(int(one["size"]) for one in files))
    made: list[dict[str, Any]] = []
    try:
        for one in files:
            made.append(_room_for(node, one))
            _copy(node, one, made[-1])
    except StoreError:
        with suppress(StoreError):
            node.store.write(lambda tx: erase(tx, made))
        raise
    return tuple(made)


def _room_for(node: Node, held: Mapping[str, Any]) -> dict[str, Any]:
    """A place for a copy, under a key of its own."""
    id, key, count = node.world.chance.token(16), new_chunk_key(), int(held["chunk_count"])
    node.store.write(lambda tx: chunks.announce(tx, id, count, at=node.contact.moment()))
    own = {"chunk_count": count, "id": id, "key": b64encode(key).decode()}
    return {**own, "sha256": held["sha256"], "size": held["size"]}


def _copy(node: Node, held: Mapping[str, Any], copy: Mapping[str, Any]) -> None:
    """Open and seal anew, some chunks an act: never the whole file in memory, nor one commit a chunk."""
    cipher, last = _cipher(copy), int(copy["chunk_count"]) - 1
    pieces, first = opened(node, held), 0
    while some := list(islice(pieces, PIECE_BYTES_MAX // CHUNK_BYTES)):
        sealed = [cipher.seal(place, one, last=place == last) for place, one in enumerate(some, first)]
        node.store.write(partial(_put_all, bundle_id=str(copy["id"]), first=first, sealed=sealed))
        first += len(some)


def named(files: Sequence[Mapping[str, Any]], body: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """Sealed copies as a draft keeps them: each with the name that the body gives it."""
    about = _entries(body.get("body", {}))
    return tuple({**one, "name": str(about.get(str(one["sha256"]), {}).get("name", ""))} for one in files)


def erase(tx: Connection, files: Sequence[Mapping[str, Any]]) -> None:
    """Destroy files that go nowhere: gone in this act, their bytes overwritten by `sweep` soon after."""
    for one in files:
        chunks.condemn(tx, str(one["id"]))


def sweep(node: Node, *, rounds: int = 16) -> int:
    """Overwrite bytes of files that were erased, a little in each act; how many chunks."""
    done = 0
    for _ in range(rounds):
        # Asked first: a round with nothing to do must not be a commit.
        if not node.store.read(chunks.condemned):
            break
        done += node.store.write(chunks.sweep)
    return done


def opened(node: Node, held: Mapping[str, Any]) -> Iterator[bytes]:
    """The plain pieces of a file, one at a time, never whole in memory. Raises OpenError for altered ones."""
    cipher, last = _cipher(held), int(held["chunk_count"]) - 1
    for place in range(last + 1):
        raw = node.store.read(partial(chunks.one, bundle_id=str(held["id"]), place=place))
        yield cipher.open(place, raw, last=place == last)


def came_with(node: Node, reference: str) -> list[File]:
    """The files of a message that came, with what its sender stated of each; none once it is erased."""
    try:
        letter = papers.letter_in(node, papers.found(node, reference).message_id)
    except OpenError:
        return []
    entries = _entries(letter.payload["body"])
    return [_seen(node, one, entries.get(str(one["sha256"]))) for one in letter.attachments]


def content(node: Node, reference: str, id: str) -> tuple[File, Iterator[bytes]]:
    """A file that came, checked whole before its first byte is handed out. The caller logs the reading.

    Raises RequestError when it is not whole yet, OpenError when it is not what its sender announced.
    """
    letter = papers.letter_in(node, papers.found(node, reference).message_id)
    held = next((one for one in letter.attachments if one["id"] == id), None)
    file = next((one for one in came_with(node, reference) if one.id == id), None)
    if held is None or file is None or not file.whole:
        raise RequestError("this file is not here, or not whole yet", field="file")
    found = sha256()
    for piece in opened(node, held):
        found.update(piece)
    if found.hexdigest() != held["sha256"]:
        raise OpenError("the file is not the one that was announced")
    return file, opened(node, held)


def _file(draft: Draft, id: str) -> Mapping[str, Any]:
    found = next((one for one in draft.files if one["id"] == id), None)
    if found is None:
        raise RequestError(f"there is no file `{id[:32]}` in this draft", field="file")
    return found


def _cipher(held: Mapping[str, Any]) -> Chunks:
    return Chunks.of(b64decode(str(held["key"])), str(held["id"]))


def files_kept(node: Node, tx: Connection, reference: str) -> tuple[Mapping[str, Any], ...]:
    """The files of a paper that was written here; none once it is erased."""
    row = tables.paper(tx, reference)
    return papers.draft_of(node, row).files if row is not None and row.body is not None else ()
