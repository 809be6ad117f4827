"""Write the verdict and end the page's task, in one transaction. A replay changes nothing."""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime

from graph.page.run import PageRun
from graph.state import PageState
from store.records import EventDraft, PageVerdict, Usage


async def store(state: PageState, runtime: Runtime[PageRun]) -> dict[str, Any]:
    run = runtime.context
    assert state["verdict"] is not None  # the edges lead here only with a verdict
    judged = PageVerdict.model_validate_json(await run.store.blobs.get(state["verdict"]))
    await run.store.jobs.finish_page(run.task, judged, [_classified(judged, state, run)])
    return {}


def _classified(judged: PageVerdict, state: PageState, run: PageRun) -> EventDraft:
    best = judged.ranked[0] if judged.ranked else None
    model = next((tier.model for tier in run.route.tiers if tier.model.name == judged.decided_by), None)
    return EventDraft(
        key=run.key("classified"),
        type="page.classified",
        actor="worker" if model is None else "policy" if model.free else "agent",
        page=judged.page,
        rationale=judged.rationale,
        model=None if model is None else model.name,
        prompt=run.question(state["tier"]).prompt.name,
        usage=Usage.model_validate(state["usage"]) if state["usage"] else None,
        data={
            "label": None if best is None else best.label,
            "score": None if best is None else best.score,
            "alternatives": [candidate.model_dump() for candidate in judged.ranked[1:4]],
            "start": judged.start.model_dump(),
            "printed": None if judged.printed is None else judged.printed.model_dump(),
            "evidence": [evidence.quote for evidence in judged.evidence],
            "review_reasons": list(judged.review_reasons),
            "turns": state["turn"],
        },
    )
