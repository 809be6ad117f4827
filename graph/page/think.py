"""One model turn. Where there can be none, the page goes to a person; no answer is made up."""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime

from agent.errors import CircuitOpen, PageRefused, ProviderDown
from agent.turn import Place, take_turn
from graph.page.conversation import conversation, keep_reply
from graph.page.run import PageRun
from graph.state import PageState
from store.records import EventDraft


async def think(state: PageState, runtime: Runtime[PageRun]) -> dict[str, Any]:
    run = runtime.context
    if state["turn"] >= run.most_turns:
        return {"reply": None, "reasons": ["step_cap_reached"]}
    place = Place(state["job_id"], state["page"], state["turn"])
    try:
        reply = await take_turn(
            run.models[state["tier"]], await conversation(state, run), run.tools, place, run.store.journal
        )
    except PageRefused as refusal:
        return await _unasked(refusal.reason, refusal, place, run)
    except ProviderDown as down:
        if not run.last_try or isinstance(down, CircuitOpen):
            raise
        return await _unasked("provider_gave_no_answer", down, place, run)
    return {
        "reply": await keep_reply(reply.message, run),
        "turn": state["turn"] + 1,
        "usage": reply.usage.model_dump(mode="json"),
    }


async def _unasked(reason: str, error: Exception, place: Place, run: PageRun) -> dict[str, Any]:
    told = EventDraft(
        key=f"page:{place.page}:turn:{place.turn}:refused",
        type="page.refused",
        actor="worker",
        page=place.page,
        rationale=str(error),
        data={"code": reason},
    )
    await run.store.events.append(place.job_id, [told])
    return {"reply": None, "reasons": [reason]}
