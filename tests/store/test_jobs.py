"""Are jobs claimed once, tried again later, and set aside when they will not go?"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from cordiale.errors import StoreError
from cordiale.store import Store, jobs, open_store
from cordiale.world import SeededChance

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CHANCE = SeededChance(1)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        opened.write(jobs.job.create)
        yield opened


def claim(store: Store, at: datetime = NOW) -> jobs.Job | None:
    return store.write(lambda tx: jobs.claim(tx, ["send"], at=at, chance=CHANCE))


def enqueue(store: Store, **more: object) -> int:
    # type: ignore[arg-type]
    return store.write(lambda tx: jobs.enqueue(tx, "send", {"n": 1}, at=NOW, **more))


def test_a_job_is_claimed_once_and_then_done(store: Store) -> None:
    enqueue(store)
    job = claim(store)
    assert job and job.body == {"n": 1} and job.attempts == 1
    assert claim(store) is None
    store.write(lambda tx: jobs.finish(tx, job, at=NOW))
    assert claim(store, later(1e6)) is None


def test_a_job_is_not_claimed_before_it_is_due_and_may_be_taken_back_until_then(store: Store) -> None:
    number = enqueue(store, due_at=later(30))
    assert claim(store, later(29)) is None
    assert store.write(lambda tx: jobs.cancel(tx, number, at=NOW))
    assert claim(store, later(31)) is None


def test_a_claimed_job_cannot_be_taken_back(store: Store) -> None:
    number = enqueue(store)
    claim(store)
    assert not store.write(lambda tx: jobs.cancel(tx, number, at=NOW))


def test_a_worker_that_died_loses_its_lease_and_cannot_finish_any_more(store: Store) -> None:
    enqueue(store)
    dead = claim(store)
    assert dead and claim(store, later(jobs.LEASE_S - 1)) is None
    heir = claim(store, later(jobs.LEASE_S + 1))
    assert heir and heir.id == dead.id and heir.attempts == 2
    with pytest.raises(StoreError, match="lease"):
        store.write(lambda tx: jobs.finish(tx, dead, at=NOW))
    store.write(lambda tx: jobs.finish(tx, heir, at=NOW))


def test_what_fails_too_often_is_set_aside_and_a_person_may_mend_it(store: Store) -> None:
    number = enqueue(store, attempts_max=3)
    at, waits = NOW, []
    for attempt in range(3):
        job = claim(store, at)
        assert job and job.attempts == attempt + 1
        set_aside = store.write(partial(jobs.fail, failed=job, fault="no way", at=at, chance=CHANCE))
        assert set_aside is (attempt == 2)
        assert claim(store, at) is None, "it waits before it is tried again"
        at += timedelta(seconds=2.0**attempt)
    assert [job.fault for job in store.read(jobs.dead)] == ["no way"]
    store.write(lambda tx: jobs.revive(tx, number, at=at, body={"n": 2}))
    job = claim(store, at)
    assert job and job.body == {"n": 2} and not waits


def test_many_workers_never_get_the_same_job(store: Store) -> None:
    for _ in range(60):
        enqueue(store)
    with ThreadPoolExecutor(4) as pool:
        got = [job.id for job in pool.map(lambda _: claim(store), range(60)) if job]
    assert len(got) == len(set(got)) == 60


def test_a_job_that_is_not_dead_is_not_revived(store: Store) -> None:
    with pytest.raises(StoreError, match="not a job"):
        store.write(lambda tx: jobs.revive(tx, 99, at=NOW))
