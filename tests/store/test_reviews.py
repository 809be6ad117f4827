"""Reviews: a doubt waits, a person decides, the packet goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from store.errors import Conflict, NotFound
from store.ports import Store
from store.records import EventDraft, Result, ReviewDecision, ReviewItem, Task, now
from store.trail import verify

Pinned = Callable[[Store, str, int], Awaitable[Task]]
MakeResult = Callable[..., Result]


def doubt(page: int, kind: str = "page", job_id: str = "j") -> ReviewItem:
    return ReviewItem.model_validate(
        {
            "id": f"{kind}:{page}",
            "job_id": job_id,
            "kind": kind,
            "page": page,
            "reasons": ("low_confidence",),
            "proposed": {"label": "w2", "confidence": 0.4},
        }
    )


def says(page: int, label: str | None = None, start: bool | None = None, reviewer: str = "7") -> ReviewDecision:
    return ReviewDecision(
        job_id="j",
        page=page,
        reviewer=reviewer,
        label=label,
        starts_document=start,
        reason="I read it",
        decided_at=now(),
    )


async def waiting(store: Store, pinned: Pinned, result: MakeResult, *doubts: ReviewItem, job_id: str = "j") -> None:
    ask = EventDraft(key="ask:1", type="review.requested", actor="worker")
    await store.jobs.wait_for_review(await pinned(store, job_id, 0), result(job_id, "needs_review"), doubts, [ask])


async def test_a_decision_is_told_and_sets_the_packet_going(store: Store, pinned: Pinned, result: MakeResult) -> None:
    """Deciding closes the doubt, writes who said what against which proposal and why, and readies the packet."""
    await waiting(store, pinned, result, doubt(3))
    decision = says(3, "paystub")
    await store.reviews.decide(decision)
    assert await store.reviews.decisions("j") == [decision]
    assert await store.reviews.pending() == []
    assert (await store.jobs.get("j")).status == "running"
    event = (await store.events.read("j"))[-1]
    assert (event.type, event.actor, event.page, event.rationale) == ("review.decided", "reviewer:7", 3, "I read it")
    assert event.data == {
        "kind": "page",
        "proposed": {"label": "w2", "confidence": 0.4},
        "decided": {"label": "paystub"},
    }
    task = await store.jobs.claim("w", 60.0)
    assert task is not None
    assert task.kind == "packet"


async def test_decisions_may_come_one_by_one(store: Store, pinned: Pinned, result: MakeResult) -> None:
    """After the first decision the other doubts stay open, and are decided while the packet is already going."""
    await waiting(store, pinned, result, doubt(1), doubt(1, "boundary"), doubt(2))
    await store.reviews.decide(says(1, "paystub"))
    assert await store.jobs.claim("w", 60.0) is not None
    await store.reviews.decide(says(1, start=False))
    assert [item.id for item in await store.reviews.pending("j")] == ["page:2"]
    assert [found.label for found in await store.reviews.decisions("j")] == ["paystub", None]
    assert verify(await store.events.read("j")) is None


async def test_saying_the_same_again_changes_nothing(store: Store, pinned: Pinned, result: MakeResult) -> None:
    """A repeated decision is one decision and one event, also after the job has gone on and ended."""
    await waiting(store, pinned, result, doubt(1))
    await store.reviews.decide(says(1, "paystub"))
    await store.reviews.decide(says(1, "paystub"))
    task = await store.jobs.claim("w", 60.0)
    assert task is not None
    await store.jobs.end(task, "completed", result("j", labels=("paystub",)), [])
    await store.reviews.decide(says(1, "paystub"))
    assert len(await store.reviews.decisions("j")) == 1
    assert len(await store.events.read("j")) == 2


async def test_a_page_without_a_doubt_may_be_corrected_while_the_job_waits(
    store: Store, pinned: Pinned, result: MakeResult
) -> None:
    """A reviewer who sees another mistake says so; of two decisions on one page the last one stands."""
    await waiting(store, pinned, result, doubt(1))
    await store.reviews.decide(says(9, "w2"))
    assert (await store.events.read("j"))[-1].data == {"kind": "page", "proposed": None, "decided": {"label": "w2"}}
    assert [item.page for item in await store.reviews.pending("j")] == [1]


async def test_a_doubt_that_is_raised_again_takes_the_same_answer_again(
    store: Store, pinned: Pinned, result: MakeResult
) -> None:
    """An open doubt always accepts an answer, or the job would wait forever."""
    await waiting(store, pinned, result, doubt(1))
    await store.reviews.decide(says(1, "paystub"))
    task = await store.jobs.claim("w", 60.0)
    assert task is not None
    await store.jobs.wait_for_review(task, result("j", "needs_review"), [doubt(1)], [])
    await store.reviews.decide(says(1, "paystub"))
    assert (await store.jobs.get("j")).status == "running"
    assert len(await store.reviews.decisions("j")) == 2


async def test_a_job_that_waits_for_nothing_takes_no_decision(store: Store, pinned: Pinned, result: MakeResult) -> None:
    """Deciding on a running or ended job is a Conflict, on an unknown one NotFound; nothing is written."""
    with pytest.raises(NotFound):
        await store.reviews.decide(says(1, "w2"))
    task = await pinned(store, "j", 0)
    with pytest.raises(Conflict):
        await store.reviews.decide(says(1, "w2"))
    await store.jobs.end(task, "completed", result("j"), [])
    with pytest.raises(Conflict):
        await store.reviews.decide(says(1, "w2"))
    assert await store.reviews.decisions("j") == []
    assert await store.events.read("j") == []


@pytest.mark.parametrize(("label", "start"), [(None, None), ("w2", True)])
async def test_a_decision_is_a_label_or_a_boundary(
    store: Store, pinned: Pinned, result: MakeResult, label: str | None, start: bool | None
) -> None:
    """Neither or both is no decision."""
    await waiting(store, pinned, result, doubt(1))
    with pytest.raises(ValueError, match="exactly one"):
        await store.reviews.decide(says(1, label, start))


async def test_doubts_of_all_jobs_come_oldest_job_first(store: Store, pinned: Pinned, result: MakeResult) -> None:
    """Without a job the queue of all reviewers is shown; an ended job has nothing in it."""
    await waiting(store, pinned, result, doubt(2), doubt(1), job_id="j")
    await waiting(store, pinned, result, doubt(5, job_id="k"), job_id="k")
    assert [(item.job_id, item.page) for item in await store.reviews.pending()] == [("j", 1), ("j", 2), ("k", 5)]
    await store.reviews.decide(says(1, "w2"))
    task = await store.jobs.claim("w", 60.0)
    assert task is not None
    await store.jobs.end(task, "failed", result("j", "failed"), [])
    assert [item.job_id for item in await store.reviews.pending()] == ["k"]
