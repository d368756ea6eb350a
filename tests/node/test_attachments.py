"""Files of any size: in pieces, never whole in memory, resumed where they stopped, nothing left behind."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from cordiale.errors import PayloadError, RequestError, StoreFull
from cordiale.exchange import boxes
from cordiale.ledger import Entry, Kind
from cordiale.node import Node, attachments, drafts, reports
from cordiale.node.papers import Draft
from cordiale.simulation import Simulation
from cordiale.store import chunks
from tests.web.pages import intelligence

NIGHT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)
PIECE = attachments.PIECE_BYTES_MAX
LARGE = 64 << 20
TRIP_BYTES_MAX = 40 << 20  # of memory, for a file of LARGE: a handful of pieces


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Simulation]:
    sides = {"UK": ("nca",), "FR": ("oltim",)}
    with Simulation.of(sides, seed=3, at=NIGHT, folder=tmp_path) as simulation:
        yield simulation
        assert simulation.audit() == []


def begun(made: Simulation) -> tuple[Node, Any, str]:
    """A draft of France's officer that can take files."""
    node, officer = made.officer("FR/oltim")
    held = intelligence()
    paper = Draft(held["type"], held["body"], held["asks"], ("UK/nca",))
    return node, officer, drafts.save_draft(node, officer, paper).reference


def invented(size: int) -> Iterator[bytes]:
    """The bytes of a large invented file, a piece at a time, no two chunks the same."""
    for at in range(0, size, PIECE):
        length = min(PIECE, size - at)
        yield b"".join((at + n).to_bytes(16) * 4096 for n in range(0, length, 65536))[:length]


def rows(node: Node) -> tuple[int, int]:
    """How many attachments and how many chunks the database holds, condemned ones too."""

    def query(tx: Any) -> tuple[int, int]:
        count = partial(select, func.count())
        return (
            tx.execute(count().select_from(chunks.bundle)).scalar_one(),
            tx.execute(count().select_from(chunks.chunk)).scalar_one(),
        )

    return node.store.read(query)


def swept(node: Node) -> tuple[int, int]:
    while attachments.sweep(node):
        pass
    return rows(node)


def put_in(node: Node, officer: Any, reference: str, *, size: int, name: str = "film.bin") -> str:
    id, at = attachments.begin(node, officer, reference, name=name, size=size)
    for piece in invented(size):
        at = attachments.add(node, officer, reference, id, at=at, raw=piece)
    return id


def test_a_large_file_goes_from_node_to_node_without_ever_being_whole_in_memory(made: Simulation) -> None:
    node, officer, reference = begun(made)
    expected = sha256()
    for piece in invented(LARGE):
        expected.update(piece)
    tracemalloc.start()
    try:
        id = put_in(node, officer, reference, size=LARGE)
        attachments.state_attachment(node, officer, reference, id, holds=["method"])
        reports.send(node, officer, drafts.open_draft(node, officer, reference))
        made.settle()
        there, reader = made.officer("UK/nca")
        came = reports.inbox(there, reader)[0].reference
        for _ in range(40):
            if attachments.came_with(there, came)[0].whole:
                break
            made.step()
        file, pieces = reports.open_file(
            there, reader, came, attachments.came_with(there, came)[0].id, purpose="prevent"
        )
        found = sha256()
        for piece in pieces:
            found.update(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert file.size == LARGE and file.stated and found.digest() == expected.digest()
    assert peak < TRIP_BYTES_MAX, f"{peak >> 20} MiB"
    assert rows(node)[0] == 1, "only the sealed copy for the recipient is left of what the draft held"


def test_an_interrupted_file_goes_on_where_it_stopped_if_it_is_the_same(made: Simulation) -> None:
    node, officer, reference = begun(made)
    size = 3 * PIECE + 100
    start = partial(attachments.begin, node, officer, reference, name="film.bin", size=size)
    id, at = start(stamp="1700000000000")
    assert at == 0
    for piece in islice(invented(size), 2):
        at = attachments.add(node, officer, reference, id, at=at, raw=piece)
    again, come = start(stamp="1700000000000")
    assert again == id and come == 2 * PIECE - attachments.CHUNK_BYTES, "one chunk goes again, to be compared"
    other, none = start(stamp="1700000000001")
    assert other != id and none == 0, "a file changed since is another file"
    whole = b"".join(invented(size))
    with pytest.raises(RequestError, match="another file"):
        attachments.add(node, officer, reference, id, at=come, raw=b"x" * PIECE)
    while come < size:
        come = attachments.add(node, officer, reference, id, at=come, raw=whole[come : come + PIECE])
    attachments.add(node, officer, reference, id, at=3 * PIECE, raw=whole[3 * PIECE :])  # its answer was lost
    held = attachments.files_of(node, drafts.open_draft(node, officer, reference))
    assert [(one.id, one.whole) for one in held] == [(id, True), (other, False)]
    assert held[0].about is not None and held[0].about.sha256 == sha256(whole).hexdigest()


def test_a_changed_file_has_no_statement(made: Simulation) -> None:
    node, officer, reference = begun(made)
    first = attachments.attach(node, officer, reference, name="a.bin", content=b"first")
    attachments.state_attachment(node, officer, reference, first, holds=["method"])
    attachments.detach(node, officer, reference, first)
    attachments.attach(node, officer, reference, name="a.bin", content=b"first, changed")
    held = attachments.files_of(node, drafts.open_draft(node, officer, reference))
    assert [one.stated for one in held] == [False]


def full_at(node: Node, more_pages: int) -> None:
    """Let the database grow by so many pages and no further, as on a full disk."""

    def act(tx: Any) -> None:
        now = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.exec_driver_sql(f"PRAGMA max_page_count={now + more_pages}")

    node.store.write(act)


def test_a_full_disk_is_said_and_leaves_nothing_of_the_file(made: Simulation) -> None:
    node, officer, reference = begun(made)
    full_at(node, 2000)
    with pytest.raises(StoreFull, match="no room left on disk"):
        put_in(node, officer, reference, size=LARGE)
    assert attachments.files_of(node, drafts.open_draft(node, officer, reference)) == []
    assert swept(node) == (0, 0)
    put_in(node, officer, reference, size=PIECE // 2)
    assert attachments.files_of(node, drafts.open_draft(node, officer, reference))[0].whole


def test_no_copy_is_left_where_there_was_no_room_for_all_of_them(made: Simulation) -> None:
    node, officer, reference = begun(made)
    id = put_in(node, officer, reference, size=2 * PIECE)
    attachments.state_attachment(node, officer, reference, id, holds=["method"])
    before = rows(node)
    full_at(node, 1000)
    with pytest.raises(StoreFull):
        reports.send(node, officer, drafts.open_draft(node, officer, reference))
    assert swept(node) == before
    assert drafts.open_draft(node, officer, reference).files


def test_a_draft_that_is_thrown_away_takes_its_files_with_it(made: Simulation) -> None:
    node, officer, reference = begun(made)
    put_in(node, officer, reference, size=PIECE)
    drafts.discard_draft(node, officer, reference)
    assert swept(node) == (0, 0)


def test_an_erased_message_takes_its_files_with_it_and_its_sender_stops_sending(made: Simulation) -> None:
    node, officer, reference = begun(made)
    id = put_in(node, officer, reference, size=3 * PIECE)
    attachments.state_attachment(node, officer, reference, id, holds=["method"])
    reports.send(node, officer, drafts.open_draft(node, officer, reference))
    made.settle()
    there, reader = made.officer("UK/nca")
    message = reports.inbox(there, reader)[0].message
    assert not attachments.came_with(there, reports.inbox(there, reader)[0].reference)[0].whole
    at = made.clock.now()

    def erase(tx: Any) -> None:
        boxes.erase(tx, message, at=at)
        there.log.append(tx, Entry(Kind.ERASURE, at, {"message": message, "reason": "retention"}))

    there.store.write(erase)
    for _ in range(3):
        made.step(40)
    assert swept(there) == (0, 0)
    assert node.courier.round() == 0 and swept(there) == (0, 0)


def test_a_piece_that_is_too_long_is_refused(made: Simulation) -> None:
    node, officer, reference = begun(made)
    id, _ = attachments.begin(node, officer, reference, name="a.bin", size=4 * PIECE)
    with pytest.raises(RequestError, match="at most"):
        attachments.add(node, officer, reference, id, at=0, raw=bytes(2 * PIECE))


def test_a_file_of_a_gibibyte_can_be_begun_and_no_longer_one(made: Simulation) -> None:
    node, officer, reference = begun(made)
    attachments.begin(node, officer, reference, name="a.bin", size=1 << 30)
    with pytest.raises(PayloadError, match="1073741824 bytes"):
        attachments.begin(node, officer, reference, name="b.bin", size=(1 << 30) + 1)
