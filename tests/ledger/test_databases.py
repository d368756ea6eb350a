"""The log on both databases: the same proofs, and several workers at once never share an index."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Connection, create_engine

from cordiale.ledger import AddCheckpoint, Commitment, Entry, Kind, Outcome, Witness, audit, known_checkpoint
from cordiale.ledger.tables import metadata
from cordiale.store import open_store
from tests.ledger.scene import AT, entry, filled, fr, uk

WORKERS, EACH = 4, 25
LOGS = {uk().origin: uk().ledger.public()}


def test_the_whole_life_of_a_ledger_on_this_database(url: str) -> None:
    log, witness = uk().log, Witness(fr().origin, fr().ledger)

    def live(tx: Connection) -> None:
        metadata.create_all(tx)
        filled(tx, log, 300)
        index = log.append(tx, Entry(Kind.READ, AT, {}, {"caller": Commitment.to("caller", "x")}))
        request = AddCheckpoint(0, (), log.checkpoint(tx, AT))
        answer = witness.add_checkpoint(tx, request.to_bytes(), AT, logs=LOGS)
        assert answer.outcome is Outcome.COSIGNED
        log.add_cosignature(tx, 301, name=fr().origin, public=fr().ledger.public(), line=answer.line)
        assert log.erase_salts(tx, [index]) == 1
        log.inclusion(tx, 17).check(log.origin, uk().ledger.public())
        head = known_checkpoint(tx, uk().origin)
        assert head is not None
        assert head.size == 301

    with open_store(url) as store:
        store.write(live)
        assert store.read(lambda tx: audit(tx, log, witnesses={fr().origin: fr().ledger.public()})) == ()
        assert store.read(log.latest) is not None


def test_workers_that_append_at_once_never_share_an_index(url: str) -> None:
    """Each worker has its own connection and no store between: the head's own lock must do it."""
    engine, log = create_engine(url, pool_size=WORKERS), uk().log
    with engine.begin() as tx:
        metadata.create_all(tx)
        log.append(tx, entry(0))

    def act(number: int) -> int:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":  # SQLite has one writer a file, whoever asks
                connection.connection.driver_connection.isolation_level = None
                connection.exec_driver_sql("PRAGMA busy_timeout=20000")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            index = log.append(connection, entry(number))
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("COMMIT")
            connection.commit()
            return index

    with ThreadPoolExecutor(WORKERS) as workers:
        indexes = list(workers.map(act, range(1, WORKERS * EACH + 1)))
    assert sorted(indexes) == list(range(1, WORKERS * EACH + 1))
    with engine.begin() as tx:
        assert audit(tx, log) == ()
    engine.dispose()
