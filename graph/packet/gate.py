"""Accept what the calibrated confidence carries; everything else waits for a person: all, without a calibrator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from langgraph.runtime import Runtime

from graph.calibrator import Calibrator
from graph.packet.run import PacketRun
from graph.state import PacketState
from store.records import Assembled, PageDecision, PageVerdict, ReviewDecision


async def gate(state: PacketState, runtime: Runtime[PacketRun]) -> dict[str, Any]:
    run = runtime.context
    packet = await run.assembled(state["assembled"])
    gated = gate_packet(
        packet,
        await run.store.jobs.verdicts(state["job_id"]),
        await run.store.reviews.decisions(state["job_id"]),
        run.calibrator,
    )
    return {"assembled": await run.keep(gated), "doubts": sum(page.needs_review for page in gated.pages)}


def after_gate(state: PacketState) -> Literal["publish", "request_review"]:
    return "request_review" if state["doubts"] else "publish"


def gate_packet(
    packet: Assembled,
    verdicts: Sequence[PageVerdict],
    decisions: Sequence[ReviewDecision],
    calibrator: Calibrator | None,
) -> Assembled:
    """The packet with every doubt marked on its page and its document."""
    labelled = {decision.page for decision in decisions if decision.label is not None}
    bounded = {decision.page for decision in decisions if decision.starts_document is not None}
    pages = tuple(
        _gated(page, verdict, page.page in labelled, page.page in bounded, calibrator)
        for page, verdict in zip(packet.pages, verdicts, strict=True)
    )
    doubtful = {page.page for page in pages if page.needs_review}
    documents = tuple(
        document.model_copy(update={"needs_review": not doubtful.isdisjoint(document.pages)})
        for document in packet.documents
    )
    return packet.model_copy(update={"pages": pages, "documents": documents})


def _gated(
    page: PageDecision, verdict: PageVerdict, labelled: bool, bounded: bool, calibrator: Calibrator | None
) -> PageDecision:
    reasons = [] if labelled else [*verdict.review_reasons, *_label_doubt(page, calibrator)]
    reasons += [] if bounded else _boundary_doubt(page, calibrator)
    return page.model_copy(update={"needs_review": bool(reasons), "review_reasons": tuple(dict.fromkeys(reasons))})


def _label_doubt(page: PageDecision, calibrator: Calibrator | None) -> list[str]:
    if page.label is None:
        return ["no_label"]
    if calibrator is None or page.confidence is None:
        return ["not_calibrated"]
    threshold = calibrator.thresholds.label
    return [] if threshold is not None and page.confidence >= threshold else ["low_label_confidence"]


def _boundary_doubt(page: PageDecision, calibrator: Calibrator | None) -> list[str]:
    if page.page == 1:
        return []
    if calibrator is None or page.start_confidence is None:
        return ["boundary_not_calibrated"]
    threshold = calibrator.thresholds.boundary
    return [] if threshold is not None and page.start_confidence >= threshold else ["low_boundary_confidence"]
