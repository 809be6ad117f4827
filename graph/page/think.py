"""One model turn. At the cap of turns the page goes to a person; no answer is made up."""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime

from agent.turn import Place, take_turn
from graph.page.conversation import conversation, keep_reply
from graph.page.run import PageRun
from graph.state import PageState


async def think(state: PageState, runtime: Runtime[PageRun]) -> dict[str, Any]:
    run = runtime.context
    if state["turn"] >= run.most_turns:
        return {"reply": None, "reasons": ["step_cap_reached"]}
    reply = await take_turn(
        run.models[state["tier"]],
        await conversation(state, run),
        run.tools,
        Place(state["job_id"], state["page"], state["turn"]),
        run.store.journal,
    )
    return {
        "reply": await keep_reply(reply.message, run),
        "turn": state["turn"] + 1,
        "usage": reply.usage.model_dump(mode="json"),
    }
