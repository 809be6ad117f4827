"""Ask a person and wait. `request_review` writes the doubts down; `review` holds the interrupt and nothing else."""

from __future__ import annotations

from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from graph.packet.outcome import outcome
from graph.packet.run import PacketRun
from graph.state import PacketState
from store.records import Assembled, EventDraft, ReviewItem

BOUNDARY_REASONS = frozenset({"low_boundary_confidence", "boundary_not_calibrated"})


async def request_review(state: PacketState, runtime: Runtime[PacketRun]) -> dict[str, Any]:
    run = runtime.context
    packet = await run.assembled(state["assembled"])
    decided = len(await run.store.reviews.decisions(run.job.id))
    if decided > state["decided"]:
        return {"stale": True}  # an answer came while this was being written: assemble again before asking
    items = review_items(packet, run.job.id)
    requested = EventDraft(
        key=f"round:{decided}:review",
        type="review.requested",
        actor="worker",
        rationale=f"{state['doubts']} of {len(packet.pages)} pages wait for a person",
        data={"pages": [page.page for page in packet.pages if page.needs_review]},
    )
    await run.store.jobs.wait_for_review(run.task, await outcome(packet, "needs_review", run), items, [requested])
    return {"stale": False}


def after_request(state: PacketState) -> Literal["review", "assemble"]:
    return "assemble" if state["stale"] else "review"


def review(state: PacketState) -> dict[str, Any]:
    interrupt("review")
    return {}


def review_items(packet: Assembled, job_id: str) -> list[ReviewItem]:
    """One item for each doubt about a page's label, one for each doubt about a boundary."""
    items = []
    for page in packet.pages:
        boundary = tuple(reason for reason in page.review_reasons if reason in BOUNDARY_REASONS)
        label = tuple(reason for reason in page.review_reasons if reason not in BOUNDARY_REASONS)
        if label:
            proposed = {"label": page.label, "confidence": page.confidence}
            items.append(_item(job_id, "page", page.page, label, proposed))
        if boundary:
            proposed = {"starts_document": page.starts_document, "confidence": page.start_confidence}
            items.append(_item(job_id, "boundary", page.page, boundary, proposed))
    return items


def _item(job_id: str, kind: Any, page: int, reasons: tuple[str, ...], proposed: dict[str, Any]) -> ReviewItem:
    return ReviewItem(
        id=f"{job_id}:{kind}:{page}", job_id=job_id, kind=kind, page=page, reasons=reasons, proposed=proposed
    )
