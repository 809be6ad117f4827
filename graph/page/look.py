"""First glance at a page: size, fonts, text layer, ink. A page that cannot even be looked at goes to a person."""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime

from graph.page.run import PageRun
from graph.state import PageState
from store.records import EventDraft
from tools.errors import ToolFailure


async def look(state: PageState, runtime: Runtime[PageRun]) -> dict[str, Any]:
    run = runtime.context
    try:
        found = await run.document.look(state["page"])
    except ToolFailure as failure:
        await run.store.events.append(state["job_id"], [_unreadable(run, failure)])
        return {"look": None, "reasons": [*state["reasons"], "page_unreadable"]}
    return {"look": await run.keep(found)}


def _unreadable(run: PageRun, failure: ToolFailure) -> EventDraft:
    return EventDraft(
        key=run.key("look"),
        type="page.unreadable",
        actor="worker",
        page=run.task.page,
        rationale=failure.message,
        data={"code": "page_unreadable", "kind": failure.kind},
    )
