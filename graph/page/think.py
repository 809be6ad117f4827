"""One model turn. Where there can be none, the page goes on with what it has, or to a person; nothing is made up."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import BaseMessage
from langgraph.runtime import Runtime

from agent.errors import CircuitOpen, PageRefused, ProviderDown
from agent.routes import Tier
from agent.turn import Place, Terms, estimate, take_turn
from graph.page.conversation import conversation, keep_reply
from graph.page.picture import picture
from graph.page.run import PageRun
from graph.state import PageState
from graph.traced import tell_turn
from store.errors import BudgetReached
from store.records import BUDGET_REACHED, EventDraft


async def think(state: PageState, runtime: Runtime[PageRun]) -> dict[str, Any]:
    run = runtime.context
    tell_turn(state, state["turn"] + 1)
    tier, question = run.route.tiers[state["tier"]], run.question(state["tier"])
    image = await picture(state, run)
    messages = await conversation(state, image, run)
    place = Place(state["job_id"], state["page"], state["turn"])
    terms = Terms(tier.answer, run.tenant_budget, run.reuse, run.store.blobs.get)
    if cap := _cap(state, tier, messages, run):
        return _unasked(state, cap)
    try:
        reply = await take_turn(tier.model, messages, question.tools, place, run.store.journal, terms)
    except BudgetReached as reached:
        await run.store.events.append(place.job_id, [_budget_reached(reached, tier, run)])
        return _unasked(state, BUDGET_REACHED)
    except (PageRefused, ProviderDown) as error:
        if (reason := _reason(error, run)) is None:
            raise
        await run.store.events.append(place.job_id, [_refused(reason, error, place, tier, run)])
        return _unasked(state, reason)
    return {
        "reply": await keep_reply(reply.message, run),
        "image": image,
        "turn": state["turn"] + 1,
        "calls": state["calls"] + int(not tier.model.free),
        "tokens": state["tokens"] + reply.usage.input_tokens + reply.usage.output_tokens,
        "usage": reply.usage.model_dump(mode="json"),
    }


def _cap(state: PageState, tier: Tier, messages: list[BaseMessage], run: PageRun) -> str | None:
    """The cap of the page that this turn would go over, as a review reason."""
    if state["turn"] >= run.caps.turns:
        return "step_cap_reached"
    if tier.model.free:
        return None
    if state["calls"] >= run.caps.calls:
        return "call_cap_reached"
    tokens, _ = estimate(tier.model, messages, run.question(state["tier"]).tools)
    return "token_cap_reached" if state["tokens"] + tokens > run.caps.tokens else None


def _reason(error: PageRefused | ProviderDown, run: PageRun) -> str | None:
    """Why the page does without this model; None where it waits for it."""
    if isinstance(error, PageRefused):
        return error.reason
    if run.fallback == "next":
        return "provider_down"
    return "provider_gave_no_answer" if run.last_try and not isinstance(error, CircuitOpen) else None


def _unasked(state: PageState, reason: str) -> dict[str, Any]:
    return {"reply": None, "reasons": [*state["reasons"], reason]}


def _refused(reason: str, error: Exception, place: Place, tier: Tier, run: PageRun) -> EventDraft:
    return EventDraft(
        key=run.key(f"turn:{place.turn}:refused"),
        type="page.refused",
        actor="worker",
        page=place.page,
        rationale=str(error),
        model=tier.model.name,
        data={"code": reason},
    )


def _budget_reached(reached: BudgetReached, tier: Tier, run: PageRun) -> EventDraft:
    return EventDraft(
        key=run.key("budget"),
        type="budget.reached",
        actor="worker",
        page=run.task.page,
        rationale=f"{tier.model.name} is not asked: {reached}.",
        model=tier.model.name,
        data={"whose": reached.whose, "what": reached.what, "cap": reached.cap, "spent": reached.spent},
    )
