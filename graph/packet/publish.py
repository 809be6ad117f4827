"""Nothing is doubtful (any more): write the result and end the job, in one transaction."""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime

from graph.packet.outcome import outcome
from graph.packet.run import PacketRun
from graph.state import PacketState
from store.records import EventDraft


async def publish(state: PacketState, runtime: Runtime[PacketRun]) -> dict[str, Any]:
    run = runtime.context
    packet = await run.assembled(state["assembled"])
    result = await outcome(packet, "completed", run)
    completed = EventDraft(
        key="job:completed",
        type="job.completed",
        actor="worker",
        rationale=f"{len(packet.pages)} pages in {len(packet.documents)} documents",
        usage=result.usage,
        data={"pages": len(packet.pages), "documents": len(packet.documents)},
    )
    await run.store.jobs.end(run.task, "completed", result, [completed])
    return {}
