"""Real processes on one store: they share the work, and they may be killed at any moment."""

from __future__ import annotations

import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from store.ports import Store
from store.records import EventDraft, PageVerdict, StartScore, Task
from store.sqlite import SqliteStore, open_store
from store.trail import verify

Child = subprocess.Popen[str]
StartChild = Callable[..., Child]
Pinned = Callable[[Store, str, int], Awaitable[Task]]
WaitUntil = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]


async def test_two_processes_share_the_pages(tmp_path: Path, pinned: Pinned, start_child: StartChild) -> None:
    """Of 200 pages each is claimed exactly once, by one of two processes, and the packet is woken."""
    store = await open_store(tmp_path)
    await store.jobs.pause_packet(await pinned(store, "j", 200))
    children = [start_child("claim_pages.py", tmp_path, worker) for worker in ("one", "two")]
    lines = [child.communicate(timeout=120)[0].split() for child in children]
    assert [child.returncode for child in children] == [0, 0]
    claims = [(int(page), fence) for words in lines for page, fence in zip(words[::2], words[1::2], strict=True)]
    pages = sorted(claim for claim in claims if claim[0] > 0)
    assert pages == [(page, "1") for page in range(1, 201)]
    assert len(await store.jobs.verdicts("j")) == 200
    assert verify(await store.events.read("j")) is None
    packet = await store.jobs.claim("w", 60.0)
    assert packet is not None
    assert packet.kind == "packet"
    await store.close()


async def test_the_lease_of_a_dead_process_is_free_at_once(
    tmp_path: Path, pinned: Pinned, start_child: StartChild, wait_until: WaitUntil
) -> None:
    """While the holder lives its lease is respected; once it was killed the task is claimed without waiting an hour."""
    store = await open_store(tmp_path)
    await pinned(store, "j", 1)
    child = start_child("hold_lease.py", tmp_path)
    assert child.stdout is not None
    fence = int(child.stdout.readline())
    assert await store.jobs.claim("w", 60.0) is None
    child.kill()
    claims: list[Task | None] = []

    async def claimable() -> bool:
        claims.append(await store.jobs.claim("w", 60.0))
        return claims[-1] is not None

    await wait_until(claimable)
    assert claims[-1] is not None
    assert (claims[-1].page, claims[-1].fence) == (1, fence + 1)
    await store.close()


@pytest.mark.parametrize("events_before_kill", [1, 23, 60])
async def test_a_kill_in_the_middle_of_writing_leaves_a_consistent_store(
    tmp_path: Path, start_child: StartChild, wait_until: WaitUntil, events_before_kill: int
) -> None:
    """After kill -9 the file is whole, every chain is free of gaps, trail and state tell the same, and work goes on."""
    store = await open_store(tmp_path)
    writers = [start_child("write_forever.py", tmp_path, prefix) for prefix in ("a", "b")]

    async def busy() -> bool:
        assert [writer.poll() for writer in writers] == [None, None]
        return await written(store) >= events_before_kill

    await wait_until(busy)
    for writer in writers:
        writer.kill()
        writer.wait()
    await check(store)
    await finish_all(store)
    await check(store)
    await store.close()


async def written(store: SqliteStore) -> int:
    return await store.database.read(lambda c: int(c.execute("SELECT count(*) FROM events").fetchone()[0]))


async def check(store: SqliteStore) -> None:
    assert await store.database.read(lambda c: c.execute("PRAGMA integrity_check").fetchone()[0]) == "ok"
    for job in await store.jobs.list(limit=10_000):
        events = await store.events.read(job.id, limit=10_000)
        assert verify(events) is None
        judged = [verdict.page for verdict in await store.jobs.verdicts(job.id)]
        assert sorted(event.page or 0 for event in events if event.type == "page.classified") == judged
        assert any(event.type == "job.started" for event in events) == (job.manifest is not None)
        assert any(event.type == "job.completed" for event in events) == (job.status == "completed")
        assert (await store.jobs.result(job.id) is not None) == (job.status == "completed")
        assert len(await store.blobs.get(job.blob)) == 1000 * len(job.id)


async def finish_all(store: SqliteStore) -> None:
    """Carry on as a restarted worker would: every page that was left is judged once, every lease is free."""
    while (task := await store.jobs.claim("restarted", 60.0)) is not None:
        job = await store.jobs.get(task.job_id)
        if task.kind == "page":
            verdict = PageVerdict(page=task.page, start=StartScore(score=None, why=""), decided_by="restarted")
            told = EventDraft(key=f"page:{task.page}", type="page.classified", actor="worker", page=task.page)
            await store.jobs.finish_page(task, verdict, [told])
        elif job.manifest is not None and await store.jobs.progress(job.id) != (5, 5):
            await store.jobs.pause_packet(task)
    for job in await store.jobs.list(limit=10_000):
        assert job.manifest is None or await store.jobs.progress(job.id) == (5, 5)
