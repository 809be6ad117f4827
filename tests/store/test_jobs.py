"""Jobs and tasks: one trip of a packet through the store, and what may go wrong on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from store.errors import Conflict, LeaseLost, NotFound
from store.ports import Store
from store.records import (
    EventDraft,
    Failure,
    Job,
    JobOptions,
    PageVerdict,
    Result,
    ReviewDecision,
    ReviewItem,
    RunManifest,
    Task,
    now,
)

OpenBackend = Callable[[Path], Awaitable[Store]]
NewJob = Callable[..., Job]
Verdict = Callable[..., PageVerdict]
Pinned = Callable[[Store, str, int], Awaitable[Task]]
MakeResult = Callable[..., Result]
Draft = Callable[..., EventDraft]


async def claimed(store: Store, job_id: str | None = None, lease_s: float = 60.0) -> Task:
    task = await store.jobs.claim("w", lease_s, job_id)
    assert task is not None, "nothing to claim"
    return task


async def types(store: Store, job_id: str) -> list[str]:
    return [event.type for event in await store.events.read(job_id)]


async def test_a_submitted_job_has_a_packet_task_ready(store: Store, new_job: NewJob, draft: Draft) -> None:
    """Submitting writes the job, its event and one packet task that can be claimed at once."""
    job = new_job("j")
    assert await store.jobs.submit(job, [draft("submit", "job.submitted")]) == job
    assert await store.jobs.get("j") == job
    assert await types(store, "j") == ["job.submitted"]
    assert await claimed(store) == Task(job_id="j", kind="packet", page=0, attempts=1, fence=1)


async def test_submitting_a_known_id_returns_the_job_as_it_stands(
    store: Store, pinned: Pinned, new_job: NewJob, draft: Draft
) -> None:
    """A repeated submission changes nothing, queues nothing and tells nothing."""
    await pinned(store, "j", 0)
    assert (await store.jobs.submit(new_job("j"), [draft("again")])).status == "running"
    assert await store.jobs.claim("w", 60.0) is None
    assert await types(store, "j") == []


async def test_unknown_jobs_are_not_found(store: Store) -> None:
    """Asking for a job, its progress or its result by a wrong id is NotFound, not an empty answer."""
    for question in (store.jobs.get, store.jobs.progress, store.jobs.result):
        with pytest.raises(NotFound):
            await question("nobody")


async def test_a_tenants_jobs_come_newest_first(store: Store, new_job: NewJob) -> None:
    """`list` shows one tenant's jobs, newest first, at most `limit`."""
    for job_id in ("a", "b", "c"):
        await store.jobs.submit(new_job(job_id), [])
    await store.jobs.submit(new_job("other", tenant="acme"), [])
    assert [job.id for job in await store.jobs.list(limit=2)] == ["c", "b"]
    assert [job.id for job in await store.jobs.list("acme")] == ["other"]


async def test_the_same_packet_with_the_same_options_is_resumed(
    store: Store, new_job: NewJob, result: MakeResult
) -> None:
    """`unfinished` is the newest job of the same bytes, options and tenant that has not ended."""
    other = JobOptions(model="cascade")
    await store.jobs.submit(new_job("old", blob="sha256:1"), [])
    await store.jobs.submit(new_job("new", blob="sha256:1"), [])
    await store.jobs.submit(new_job("other options", blob="sha256:1", options=other), [])
    await store.jobs.submit(new_job("other tenant", blob="sha256:1", tenant="acme"), [])
    await store.jobs.submit(new_job("other packet", blob="sha256:2"), [])
    found = await store.jobs.unfinished("sha256:1", JobOptions())
    assert found is not None
    assert found.id == "new"
    await store.jobs.end(await claimed(store, "new"), "completed", result("new"), [])
    found = await store.jobs.unfinished("sha256:1", JobOptions())
    assert found is not None
    assert found.id == "old"
    assert await store.jobs.unfinished("sha256:3", JobOptions()) is None


async def test_the_first_pin_stands(store: Store, pinned: Pinned, manifest: RunManifest, draft: Draft) -> None:
    """Pinning sets the job running and queues each page once; a later pin changes nothing."""
    task = await pinned(store, "j", 3)
    later = manifest.model_copy(update={"model": "other"})
    await store.jobs.pin(task, 5, later, [draft("started")])
    await store.jobs.pin(task, 5, later, [draft("started")])
    job = await store.jobs.get("j")
    assert (job.status, job.page_count, job.manifest) == ("running", 3, manifest)
    assert [(await claimed(store)).page for _ in range(3)] == [1, 2, 3]
    assert await store.jobs.claim("w", 60.0) is None
    assert len(await store.events.read("j")) == 1


async def test_packet_tasks_come_first_then_pages_in_order(store: Store, pinned: Pinned, new_job: NewJob) -> None:
    """A packet waiting to be opened or assembled goes before pages; older jobs before newer ones."""
    await pinned(store, "a", 2)
    await pinned(store, "b", 1)
    await store.jobs.submit(new_job("c"), [])
    order = [(task.job_id, task.page) for task in [await claimed(store) for _ in range(4)]]
    assert order == [("c", 0), ("a", 1), ("a", 2), ("b", 1)]


async def test_a_claim_may_be_restricted_to_a_job(store: Store, pinned: Pinned) -> None:
    """A worker of one job leaves the others alone."""
    await pinned(store, "a", 1)
    await pinned(store, "b", 1)
    assert (await claimed(store, "b")).job_id == "b"
    assert await store.jobs.claim("w", 60.0, "b") is None


async def test_an_expired_lease_goes_to_another_worker_and_the_first_one_is_locked_out(
    store: Store, pinned: Pinned, verdict: Verdict, draft: Draft
) -> None:
    """A newer claim carries a newer token; whatever the old worker then tries is LeaseLost and leaves no trace."""
    await pinned(store, "j", 1)
    slow = await claimed(store, lease_s=0.0)
    quick = await claimed(store)
    assert (quick.page, quick.attempts, quick.fence) == (slow.page, 2, slow.fence + 1)
    for attempt in (
        store.jobs.finish_page(slow, verdict(1, "slow"), [draft("slow")]),
        store.jobs.heartbeat(slow, 60.0),
        store.jobs.release(slow, 0.0),
    ):
        with pytest.raises(LeaseLost):
            await attempt
    await store.jobs.finish_page(quick, verdict(1, "quick"), [draft("quick")])
    with pytest.raises(LeaseLost):
        await store.jobs.finish_page(slow, verdict(1, "slow"), [draft("slow")])
    assert [found.rationale for found in await store.jobs.verdicts("j")] == ["quick"]
    assert [event.rationale for event in await store.events.read("j")] == ["because of quick"]


async def test_every_packet_method_is_fenced(
    store: Store, new_job: NewJob, manifest: RunManifest, result: MakeResult
) -> None:
    """A packet worker whose lease was taken can neither pin, pause, ask nor end."""
    await store.jobs.submit(new_job("j"), [])
    old = await claimed(store, lease_s=0.0)
    await claimed(store)
    for attempt in (
        store.jobs.pin(old, 1, manifest, []),
        store.jobs.pause_packet(old),
        store.jobs.wait_for_review(old, result("j", "needs_review"), [], []),
        store.jobs.end(old, "completed", result("j"), []),
    ):
        with pytest.raises(LeaseLost):
            await attempt
    assert (await store.jobs.get("j")).status == "queued"


async def test_a_heartbeat_keeps_the_lease(store: Store, pinned: Pinned) -> None:
    """A lease that was extended is not up for claiming; one that ran out unclaimed can still be extended."""
    await pinned(store, "j", 1)
    task = await claimed(store, lease_s=0.0)
    await store.jobs.heartbeat(task, 60.0)
    assert await store.jobs.claim("w", 60.0) is None


async def test_a_released_task_comes_back_after_its_delay(
    store: Store, pinned: Pinned, wait_until: Callable[..., Awaitable[None]]
) -> None:
    """Released work is claimed again, not before the delay is over, with its attempts counted on."""
    await pinned(store, "j", 1)
    await store.jobs.release(await claimed(store), 0.0)
    task = await claimed(store)
    assert task.attempts == 2
    await store.jobs.release(task, 0.5)
    assert await store.jobs.claim("w", 60.0) is None
    again: list[Task | None] = []

    async def claimable() -> bool:
        again.append(await store.jobs.claim("w", 60.0))
        return again[-1] is not None

    await wait_until(claimable)
    assert again[-1] == task.model_copy(update={"attempts": 3, "fence": 3})


async def test_repeating_a_step_that_came_through_is_harmless(
    store: Store, pinned: Pinned, verdict: Verdict, draft: Draft, result: MakeResult
) -> None:
    """A worker that never heard the answer may say everything again."""
    packet = await pinned(store, "j", 1)
    for _ in range(2):
        await store.jobs.pause_packet(packet)
    page = await claimed(store)
    for rationale in ("first", "second"):
        await store.jobs.finish_page(page, verdict(1, rationale), [draft("page")])
    assert [found.rationale for found in await store.jobs.verdicts("j")] == ["first"]
    packet = await claimed(store)
    for _ in range(2):
        await store.jobs.end(packet, "completed", result("j"), [draft("end", "job.completed")])
    assert await types(store, "j") == ["page.tool_called", "job.completed"]
    assert await store.jobs.claim("w", 60.0) is None


async def test_the_last_page_wakes_the_packet_once(store: Store, pinned: Pinned, verdict: Verdict) -> None:
    """A paused packet sleeps while a page is left, and is ready exactly once when none is."""
    await store.jobs.pause_packet(await pinned(store, "j", 3))
    for page in (1, 2, 3):
        task = await claimed(store)
        assert (task.kind, task.page) == ("page", page)
        await store.jobs.finish_page(task, verdict(page), [])
    assert (await claimed(store)).kind == "packet"
    assert await store.jobs.claim("w", 60.0) is None


async def test_a_packet_that_pauses_after_its_last_page_is_ready_at_once(
    store: Store, pinned: Pinned, verdict: Verdict
) -> None:
    """No wake-up is lost when the pages are faster than the pause, or when there are none."""
    packet = await pinned(store, "j", 1)
    await store.jobs.finish_page(await claimed(store), verdict(1), [])
    await store.jobs.pause_packet(packet)
    assert (await claimed(store, "j")).kind == "packet"
    await store.jobs.pause_packet(await pinned(store, "empty", 0))
    assert (await claimed(store, "empty")).kind == "packet"


async def test_the_pause_and_the_last_page_may_race(
    open_backend: OpenBackend, tmp_path: Path, pinned: Pinned, verdict: Verdict
) -> None:
    """Whichever of two processes comes first, the packet is ready once, never twice and never not."""
    one, two = await open_backend(tmp_path / "h"), await open_backend(tmp_path / "h")
    for job_id in map(str, range(20)):
        packet = await pinned(one, job_id, 1)
        page = await claimed(two, job_id)
        await asyncio.gather(one.jobs.pause_packet(packet), two.jobs.finish_page(page, verdict(1), []))
        assert (await claimed(one, job_id)).kind == "packet"
        assert await two.jobs.claim("w", 60.0, job_id) is None
    await one.close()
    await two.close()


async def test_progress_counts_verdicts(
    store: Store, pinned: Pinned, new_job: NewJob, verdict: Verdict, result: MakeResult
) -> None:
    """Progress is pages with a verdict and pages in all, and ending a job early does not finish its pages."""
    await store.jobs.submit(new_job("new"), [])
    assert await store.jobs.progress("new") == (0, None)
    packet = await pinned(store, "j", 2)
    await store.jobs.finish_page(await claimed(store, "j"), verdict(1), [])
    assert await store.jobs.progress("j") == (1, 2)
    await store.jobs.end(packet, "failed", result("j", "failed"), [])
    assert await store.jobs.progress("j") == (1, 2)


async def test_verdicts_come_by_page(store: Store, pinned: Pinned, verdict: Verdict) -> None:
    """Verdicts are ordered by page, whatever the order of finishing."""
    await pinned(store, "j", 3)
    tasks = [await claimed(store) for _ in range(3)]
    for task in reversed(tasks):
        await store.jobs.finish_page(task, verdict(task.page), [])
    assert [found.page for found in await store.jobs.verdicts("j")] == [1, 2, 3]


async def test_an_ended_job_stops_everybody(store: Store, pinned: Pinned, verdict: Verdict, result: MakeResult) -> None:
    """The end writes result, status and error; work going on learns it from LeaseLost, queued work is never begun."""
    packet = await pinned(store, "j", 2)
    page = await claimed(store)
    error = Failure(code="bug", message="it broke", advice="tell us")
    await store.jobs.end(packet, "failed", result("j", "failed"), [], error)
    job = await store.jobs.get("j")
    assert (job.status, job.error) == ("failed", error)
    assert await store.jobs.result("j") == result("j", "failed")
    with pytest.raises(LeaseLost):
        await store.jobs.finish_page(page, verdict(1), [])
    with pytest.raises(LeaseLost):
        await store.jobs.heartbeat(page, 60.0)
    assert await store.jobs.claim("w", 60.0) is None
    with pytest.raises(LeaseLost):
        await store.jobs.end(packet, "completed", result("j"), [])


async def test_a_job_ends_only_as_something_final(store: Store, pinned: Pinned, result: MakeResult) -> None:
    """Ending as `running` is a bug of the caller."""
    with pytest.raises(ValueError, match="running"):
        await store.jobs.end(await pinned(store, "j", 0), "running", result("j"), [])


async def test_a_job_that_waits_for_review_has_a_provisional_result_and_no_task(
    store: Store, pinned: Pinned, result: MakeResult, draft: Draft
) -> None:
    """Waiting writes result, doubts, event and status in one, and gives up the lease."""
    item = ReviewItem(id="1", job_id="j", kind="page", page=1, reasons=("low",), proposed={"label": "w2"})
    provisional = result("j", "needs_review", ("w2",))
    task = await pinned(store, "j", 0)
    for _ in range(2):
        await store.jobs.wait_for_review(task, provisional, [item], [draft("ask", "review.requested")])
    assert (await store.jobs.get("j")).status == "waiting_review"
    assert await store.jobs.result("j") == provisional
    assert await store.reviews.pending("j") == [item]
    assert await types(store, "j") == ["review.requested"]
    assert await store.jobs.claim("w", 60.0) is None
    with pytest.raises(LeaseLost):
        await store.jobs.heartbeat(task, 60.0)


async def test_an_answer_that_overtakes_the_pause_is_not_lost(
    store: Store, pinned: Pinned, result: MakeResult, draft: Draft
) -> None:
    """A decision made while the packet was put together without it brings the packet back at once."""
    doubts = [
        ReviewItem(id=str(page), job_id="j", kind="page", page=page, reasons=("low",), proposed={}) for page in (1, 2)
    ]
    provisional = result("j", "needs_review", ("w2", "w2"))
    await store.jobs.wait_for_review(await pinned(store, "j", 0), provisional, doubts, [draft("ask:1")])
    await store.reviews.decide(answer(1, "id"))
    task = await claimed(store)
    await store.reviews.decide(answer(2, "id"))
    await store.jobs.wait_for_review(task, provisional, doubts[1:], [draft("ask:2")])
    assert (await store.jobs.get("j")).status == "running"
    assert await store.reviews.pending("j") == []
    assert (await claimed(store)).kind == "packet"


async def test_no_result_is_completed_against_a_decision(store: Store, pinned: Pinned, result: MakeResult) -> None:
    """Ending as completed with another label than a reviewer gave is a Conflict; with that label it is fine."""
    await store.jobs.wait_for_review(await pinned(store, "j", 0), result("j", "needs_review", ("w2",)), [], [])
    await store.reviews.decide(answer(1, "id"))
    task = await claimed(store)
    with pytest.raises(Conflict, match="page 1"):
        await store.jobs.end(task, "completed", result("j", labels=("w2",)), [])
    await store.jobs.end(task, "completed", result("j", labels=("id",)), [])


def answer(page: int, label: str) -> ReviewDecision:
    return ReviewDecision(job_id="j", page=page, reviewer="7", label=label, reason="I read it", decided_at=now())
