"""The event log: append-only, keyed, chained, followed live."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from store.errors import NotFound
from store.ports import Store
from store.records import Event, EventDraft, Job, Result, Task
from store.trail import verify

Draft = Callable[..., EventDraft]
Pinned = Callable[[Store, str, int], Awaitable[Task]]


async def types(store: Store, job_id: str) -> list[str]:
    return [event.type for event in await store.events.read(job_id)]


async def followed(store: Store, job_id: str, after: int = 0) -> list[Event]:
    return [event async for event in store.events.follow(job_id, after)]


async def test_events_are_numbered_from_1_and_chained(store: Store, new_job: Callable[..., Job], draft: Draft) -> None:
    """Events get seq 1, 2, 3 … and a chain that verifies, over any number of appends."""
    await store.jobs.submit(new_job("j"), [draft("a"), draft("b")])
    await store.events.append("j", [draft("c")])
    events = await store.events.read("j")
    assert [event.seq for event in events] == [1, 2, 3]
    assert verify(events) is None


async def test_a_replayed_key_is_ignored(store: Store, new_job: Callable[..., Job], draft: Draft) -> None:
    """Appending a known key again, alone or among new ones, adds nothing for it."""
    await store.jobs.submit(new_job("j"), [draft("a")])
    await store.events.append("j", [draft("a"), draft("b"), draft("b")])
    await store.events.append("j", [draft("b")])
    assert [event.rationale for event in await store.events.read("j")] == ["because of a", "because of b"]


async def test_concurrent_appends_leave_no_gap(
    open_backend: Callable[[Path], Awaitable[Store]], tmp_path: Path, new_job: Callable[..., Job], draft: Draft
) -> None:
    """Two handles that append at once share one chain without a gap."""
    one, two = await open_backend(tmp_path / "h"), await open_backend(tmp_path / "h")
    await one.jobs.submit(new_job("j"), [])
    await asyncio.gather(*(s.events.append("j", [draft(f"{n}:{id(s)}")]) for n in range(20) for s in (one, two)))
    events = await two.events.read("j")
    assert [event.seq for event in events] == list(range(1, 41))
    assert verify(events) is None
    await one.close()
    await two.close()


async def test_reading_goes_on_where_it_stopped(store: Store, new_job: Callable[..., Job], draft: Draft) -> None:
    """`after` and `limit` cut the log into pages."""
    await store.jobs.submit(new_job("j"), [draft(str(n)) for n in range(5)])
    assert [event.seq for event in await store.events.read("j", after=2, limit=2)] == [3, 4]


async def test_an_unknown_job_takes_no_events(store: Store, draft: Draft) -> None:
    """Appending to, or following, a job that does not exist is NotFound."""
    with pytest.raises(NotFound):
        await store.events.append("nobody", [draft("a")])
    with pytest.raises(NotFound):
        await followed(store, "nobody")


async def test_a_follower_sees_what_another_handle_appends_and_stops_at_the_end(
    open_backend: Callable[[Path], Awaitable[Store]],
    tmp_path: Path,
    pinned: Pinned,
    draft: Draft,
    result: Callable[..., Result],
) -> None:
    """Followers on another handle get every event in order, and end with the job."""
    writer, reader = await open_backend(tmp_path / "h"), await open_backend(tmp_path / "h")
    task = await pinned(writer, "j", 0)
    follower = asyncio.create_task(followed(reader, "j"))
    for number in range(5):
        await writer.events.append("j", [draft(str(number))])
    await writer.jobs.end(task, "completed", result("j"), [draft("end", "job.completed")])
    events = await asyncio.wait_for(follower, 20)
    assert [event.seq for event in events] == [1, 2, 3, 4, 5, 6]
    assert events[-1].type == "job.completed"
    await writer.close()
    await reader.close()


async def test_following_an_ended_job_ends_at_once(
    store: Store, pinned: Pinned, draft: Draft, result: Callable[..., Result]
) -> None:
    """Whoever comes late, even after the last event, is not kept waiting."""
    task = await pinned(store, "j", 0)
    await store.jobs.end(task, "failed", result("j", "failed"), [draft("end", "job.failed")])
    assert len(await asyncio.wait_for(followed(store, "j"), 20)) == 1
    assert await asyncio.wait_for(followed(store, "j", after=1), 20) == []


async def test_a_long_log_is_followed_in_full(
    store: Store, pinned: Pinned, draft: Draft, result: Callable[..., Result]
) -> None:
    """More events than one reading holds are all delivered."""
    task = await pinned(store, "j", 0)
    drafts = [draft(str(n)) for n in range(1200)]
    await store.jobs.end(task, "completed", result("j"), [*drafts, draft("end", "job.completed")])
    assert len(await asyncio.wait_for(followed(store, "j"), 20)) == 1201


async def test_a_change_and_its_events_are_one(
    store: Store, pinned: Pinned, draft: Draft, result: Callable[..., Result]
) -> None:
    """Events that cannot be written take the change with them."""
    task = await pinned(store, "j", 0)
    unwritable = EventDraft(key="x", type="job.completed", actor="worker", data={"n": 2**60})
    with pytest.raises(ValueError, match="safe integer"):
        await store.jobs.end(task, "completed", result("j"), [draft("a"), unwritable])
    assert (await store.jobs.get("j")).status == "running"
    assert await store.jobs.result("j") is None
    assert await types(store, "j") == []
