"""Pin what the run depends on and queue one task a page, in one transaction."""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime

from graph.packet.run import PacketRun
from graph.state import PacketState
from store.records import EventDraft


async def intake(state: PacketState, runtime: Runtime[PacketRun]) -> dict[str, Any]:
    run = runtime.context
    pages = run.document.page_count
    started = EventDraft(
        key="job:started",
        type="job.started",
        actor="worker",
        rationale=f"{pages} pages to classify",
        data={"pages": pages, "manifest": run.manifest.model_dump(mode="json")},
    )
    await run.store.jobs.pin(run.task, pages, run.manifest, [started])
    return {"page_count": pages}
