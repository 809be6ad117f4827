"""Put the pages together into documents; what reviewers decided is pinned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langgraph.runtime import Runtime

from graph.assembly.assemble import assemble_packet
from graph.assembly.potentials import Pins
from graph.packet.run import PacketRun
from graph.state import PacketState
from store.records import Assembled, EventDraft, ReviewDecision


async def assemble(state: PacketState, runtime: Runtime[PacketRun]) -> dict[str, Any]:
    run = runtime.context
    job = state["job_id"]
    decisions = await run.store.reviews.decisions(job)
    packet = assemble_packet(await run.store.jobs.verdicts(job), run.taxonomy, pins(decisions), run.calibrators)
    await run.store.events.append(job, _events(packet, len(decisions)))
    return {"assembled": await run.keep(packet), "decided": len(decisions)}


def pins(decisions: Sequence[ReviewDecision]) -> Pins:
    """What people decided, the newest answer of each kind for each page."""
    return Pins(
        labels={decision.page: decision.label for decision in decisions if decision.label is not None},
        starts={d.page: d.starts_document for d in decisions if d.starts_document is not None},
    )


def _events(packet: Assembled, round_: int) -> list[EventDraft]:
    boundaries = [
        EventDraft(
            key=f"round:{round_}:boundary:{page.page}",
            type="boundary.decided",
            actor="rules",
            page=page.page,
            rationale=f"A document begins on page {page.page}.",
            data={"starts_document": True, "confidence": page.start_confidence},
        )
        for page in packet.pages
        if page.starts_document
    ]
    documents = [
        EventDraft(
            key=f"round:{round_}:document:{document.index}",
            type="document.assembled",
            actor="rules",
            page=document.pages[0],
            rationale=document.rationale,
            data=document.model_dump(mode="json", exclude={"rationale", "file", "needs_review"}),
        )
        for document in packet.documents
    ]
    return boundaries + documents
