"""Accept what the calibrated confidence carries; everything else waits for a person: all, without a calibrator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from langgraph.runtime import Runtime

from graph.assembly.potentials import Pins
from graph.calibrator import Calibrator, Calibrators
from graph.packet.assemble import pins
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
        run.calibrators,
    )
    return {"assembled": await run.keep(gated), "doubts": sum(page.needs_review for page in gated.pages)}


def after_gate(state: PacketState) -> Literal["publish", "request_review"]:
    return "request_review" if state["doubts"] else "publish"


def gate_packet(
    packet: Assembled,
    verdicts: Sequence[PageVerdict],
    decisions: Sequence[ReviewDecision],
    calibrators: Calibrators,
) -> Assembled:
    """The packet with every doubt marked on its page and its document."""
    said = pins(decisions)
    pages = tuple(
        _gated(page, verdict, said, calibrators.of(verdict.decided_by))
        for page, verdict in zip(packet.pages, verdicts, strict=True)
    )
    doubtful = {page.page for page in pages if page.needs_review}
    documents = tuple(
        document.model_copy(update={"needs_review": not doubtful.isdisjoint(document.pages)})
        for document in packet.documents
    )
    return packet.model_copy(update={"pages": pages, "documents": documents})


def _gated(page: PageDecision, verdict: PageVerdict, said: Pins, calibrator: Calibrator | None) -> PageDecision:
    reasons = [] if page.page in said.labels else [*verdict.review_reasons, *_label_doubt(page, calibrator)]
    reasons += [] if page.page in said.starts else _boundary_doubt(page, calibrator)
    reasons += _contradiction(page, said)
    return page.model_copy(update={"needs_review": bool(reasons), "review_reasons": tuple(dict.fromkeys(reasons))})


def _contradiction(page: PageDecision, said: Pins) -> list[str]:
    """Answers that cannot all be true (another label, yet no new document) go back to a person, not into the result."""
    label_lost = page.label != said.labels.get(page.page, page.label)
    start_lost = page.page > 1 and page.starts_document != said.starts.get(page.page, page.starts_document)
    return ["answers_contradict"] if label_lost or start_lost else []


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
