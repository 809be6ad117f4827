"""What is particular to the embedded backend: its file, its disk, its locks, its schema."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import stamina

from store.errors import Unavailable
from store.ports import Store
from store.records import EventDraft, Example, Job, Task
from store.sqlite import SqliteStore, holder, open_store
from store.sqlite.migrations import STORE, migrate
from store.trail import verify

Pinned = Callable[[Store, str, int], Awaitable[Task]]


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = await open_store(tmp_path / "home")
    yield store
    await store.close()


@pytest.fixture
def impatient() -> Iterator[None]:
    """Retries happen at once."""
    with stamina.set_testing(True, attempts=4, cap=True):
        yield


async def pragma(store: SqliteStore, text: str) -> int:
    return await store.database.read(lambda c: int(c.execute(f"PRAGMA {text}").fetchone()[0]))


async def append_forever(store: SqliteStore, job_id: str) -> None:
    for number in itertools.count():
        bulky = EventDraft(key=str(number), type="page.tool_called", actor="agent", rationale="x" * 600)
        await store.events.append(job_id, [bulky])


async def test_a_full_disk_is_unavailable_and_nothing_is_half_written(
    embedded: SqliteStore, new_job: Callable[..., Job]
) -> None:
    """When the file can grow no more, appends fail as Unavailable with advice; with room again they go on, gap-free."""
    await embedded.jobs.submit(new_job("j"), [])
    await pragma(embedded, f"max_page_count = {await pragma(embedded, 'page_count') + 4}")
    with pytest.raises(Unavailable, match="free some space"):
        await append_forever(embedded, "j")
    written = len(await embedded.events.read("j"))
    assert written > 0
    await pragma(embedded, "max_page_count = 1000000")
    await embedded.events.append("j", [EventDraft(key="more", type="page.tool_called", actor="agent")])
    events = await embedded.events.read("j")
    assert len(events) == written + 1
    assert verify(events) is None


async def test_a_lock_that_is_let_go_is_only_a_delay(embedded: SqliteStore, new_job: Callable[..., Job]) -> None:
    """A writer waits for another process's transaction and then succeeds."""
    other = sqlite3.connect(embedded.database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    submission = asyncio.create_task(embedded.jobs.submit(new_job("j"), []))
    done, _ = await asyncio.wait({submission}, timeout=0.2)
    assert not done
    other.execute("COMMIT")
    other.close()
    assert (await submission).id == "j"


@pytest.mark.usefixtures("impatient")
async def test_a_lock_that_is_never_let_go_is_unavailable(embedded: SqliteStore, new_job: Callable[..., Job]) -> None:
    """A writer gives up in the end, says what to do, and works again afterwards; readers never notice."""
    await embedded.database.read(lambda c: c.execute("PRAGMA busy_timeout = 1").fetchall())
    other = sqlite3.connect(embedded.database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="try again"):
        await embedded.jobs.submit(new_job("j"), [])
    assert await embedded.jobs.list() == []
    other.execute("COMMIT")
    other.close()
    assert (await embedded.jobs.submit(new_job("j"), [])).id == "j"


async def test_a_mistake_in_our_own_sql_is_not_the_worlds_fault(embedded: SqliteStore) -> None:
    """A bug stays a bug: it is neither retried nor called Unavailable, and the handle works on."""
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await embedded.database.run(lambda c: c.execute("SELECT * FROM nowhere"))
    assert await embedded.jobs.list() == []


async def test_a_cancelled_caller_leaves_a_whole_transaction(
    embedded: SqliteStore, new_job: Callable[..., Job]
) -> None:
    """Cancelling the one who waits neither tears the transaction nor the handle."""
    submission = asyncio.create_task(embedded.jobs.submit(new_job("j"), []))
    await asyncio.sleep(0)
    submission.cancel()
    with pytest.raises(asyncio.CancelledError):
        await submission
    jobs = await embedded.jobs.list()
    assert (await embedded.jobs.claim("w", 60.0) is not None) == (len(jobs) == 1)


async def test_many_may_open_a_new_home_at_once(tmp_path: Path) -> None:
    """Handles that race to create the schema all get a working store."""
    stores = await asyncio.gather(*(open_store(tmp_path / "home") for _ in range(6)))
    for store in stores:
        assert await pragma(store, "user_version") == len(STORE)
        await store.close()


def test_a_migration_that_is_killed_midway_is_carried_on(tmp_path: Path) -> None:
    """A step that did not finish left nothing; the next start begins with that very step."""
    connection = sqlite3.connect(tmp_path / "db", isolation_level=None)

    def killed(c: sqlite3.Connection) -> None:
        c.execute("CREATE TABLE half (x)")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate(connection, [*STORE[:2], killed])
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    migrate(connection, STORE)
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert "half" not in names
    assert {"jobs", "events", "example_log"} <= names
    connection.close()


async def test_a_home_of_a_newer_version_is_refused(embedded: SqliteStore) -> None:
    """An older program does not touch what it does not know."""
    await embedded.database.run(lambda c: c.execute("PRAGMA user_version = 999").fetchall())
    with pytest.raises(Unavailable, match="newer Pagetrail"):
        await open_store(embedded.home)


async def test_a_home_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    """A file where the folder should be is named, with what to do."""
    (tmp_path / "home").write_text("I am a file")
    with pytest.raises(Unavailable, match="PAGETRAIL_HOME"):
        await open_store(tmp_path / "home")


async def test_a_damaged_store_is_unavailable(embedded: SqliteStore) -> None:
    """A file that is no database is not replaced like a cache: it may hold the only copy of the trail."""
    await embedded.close()
    embedded.database.path.write_bytes(b"no database" * 1000)
    with pytest.raises(Unavailable, match="backup"):
        await open_store(embedded.home)
    assert embedded.database.path.read_bytes() == b"no database" * 1000


async def test_a_deleted_example_leaves_no_bytes_behind(embedded: SqliteStore) -> None:
    """Neither the database file nor its log holds a word of a deleted example."""
    canary = "CANARY-5417"
    for number in range(50):
        text = canary if number == 25 else "x" * 300
        await embedded.examples.add([Example(id=str(number), label="w2", text=text, starts_document=None)])
    await embedded.examples.delete(["25"])
    files = [path for path in embedded.home.iterdir() if path.is_file()]
    assert [path.name for path in files if canary.encode() in path.read_bytes()] == []


async def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    """A closed store says so when it is used."""
    store = await open_store(tmp_path)
    await store.close()
    await store.close()
    with pytest.raises(RuntimeError):
        await store.jobs.list()


def test_a_holder_is_dead_only_where_that_is_proved() -> None:
    """Same host and an earlier boot, or a pid that is gone or belongs to a later process; any doubt means alive."""
    mine = holder.this_process()
    assert mine != holder.UNKNOWN
    host, pid, boot, started, namespace = mine.split(":")

    def dead(**other: str) -> bool:
        parts = {"host": host, "pid": pid, "boot": boot, "started": started, "namespace": namespace} | other
        return holder.is_dead(":".join(parts.values()))

    assert not dead()
    assert dead(started="1")
    assert dead(pid="999999999")
    assert dead(boot="earlier")
    assert not dead(boot="earlier", host="elsewhere")
    assert not dead(pid="999999999", namespace="1")
    assert not holder.is_dead(holder.UNKNOWN)
