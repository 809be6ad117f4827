"""Carry out what the reply asks for: tools through the toolbox, the verdict through its checks; one event a call."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, ToolCall
from langgraph.runtime import Runtime

from agent.completion import MALFORMED, flaw_of
from agent.verdict import SUBMIT, VerdictMistake, parse_verdict
from graph.page.conversation import load_reply, what_was_wrong
from graph.page.picture import read_look
from graph.page.run import PageRun
from graph.state import Observed, PageState, Step
from graph.traced import tell_event, tell_turn
from store.records import EventDraft, PageLook, Usage
from tools.contract import Observation
from tools.read import kept_text

MOST_CALLS = 6
"""Tool calls of one reply that are carried out; the rest are refused."""
MOST_MISTAKES = 2
"""Unusable replies after which the page goes to a person."""
READERS = frozenset({"read_page", "ocr_page"})


@dataclass
class _Acted:
    """What the calls of one reply changed."""

    observed: list[Observed]
    events: list[EventDraft]
    text: str | None
    reasons: list[str]
    look: PageLook | None = None
    submitted: str | None = None
    mistakes: int = 0


async def act(state: PageState, runtime: Runtime[PageRun]) -> dict[str, Any]:
    run = runtime.context
    assert state["reply"] is not None  # the edges lead here only with a reply
    tell_turn(state, state["turn"])
    reply = await load_reply(state["reply"], run)
    acted = _Acted(observed=[], events=[], text=state["text"], reasons=[], look=await read_look(state, run))
    for at, call in enumerate(_calls(reply)):
        tell_event(_event_key(state, at, run))
        observation, took = await _carry_out(call, at, acted, run)
        await _note(state, run, call, at, observation, took, acted)
    if not acted.observed:
        acted.mistakes += 1
        acted.events.append(_unusable(state, run, reply))
    await run.store.events.append(state["job_id"], acted.events)
    mistakes = state["mistakes"] + min(acted.mistakes, 1)
    return {
        "reply": None,
        "usage": None if acted.events else state["usage"],
        "text": acted.text,
        "steps": [Step(reply=state["reply"], observed=acted.observed)],
        "mistakes": mistakes,
        "submitted": acted.submitted,
        "reasons": state["reasons"] + acted.reasons + (["model_gave_no_verdict"] if mistakes > MOST_MISTAKES else []),
    }


def _calls(reply: AIMessage) -> list[ToolCall]:
    """The calls of a reply; malformed ones come back to the model as calls without arguments."""
    broken = [
        ToolCall(
            name=str(call["name"]),
            args={MALFORMED: "The arguments are no JSON object."},
            id=call["id"],
            type="tool_call",
        )
        for call in reply.invalid_tool_calls
    ]
    return [*reply.tool_calls, *broken]


async def _carry_out(call: ToolCall, at: int, acted: _Acted, run: PageRun) -> tuple[Observation, int]:
    if at >= MOST_CALLS:
        return _refusal("limit", f"At most {MOST_CALLS} calls a turn."), 0
    if MALFORMED in call["args"]:
        acted.mistakes += 1
        return _refusal("malformed", str(call["args"][MALFORMED])), 0
    if call["name"] == SUBMIT:
        return await _submit(call, acted, run), 0
    outcome = await run.toolbox.call(call["name"], call["args"], run.context(acted.text, acted.look))
    observation = outcome.observation
    if call["name"] in READERS and observation.ref is not None:
        acted.text = await _better_reading(acted.text, observation.ref, run)
    if observation.content.get("escalated"):
        acted.reasons.append(f"escalated_{observation.content['reason']}")
    return observation, outcome.duration_ms


async def _submit(call: ToolCall, acted: _Acted, run: PageRun) -> Observation:
    try:
        verdict = parse_verdict(call["args"], run.taxonomy)
    except VerdictMistake as mistake:
        acted.mistakes += 1
        return _refusal("invalid", str(mistake))
    acted.submitted = await run.store.blobs.put(verdict.model_dump_json().encode())
    return Observation("verdict taken", {"taken": True})


def _unusable(state: PageState, run: PageRun, reply: AIMessage) -> EventDraft:
    """A reply that called nothing leaves its line in the trail too."""
    tier = run.route.tiers[state["tier"]]
    return EventDraft(
        key=run.key(f"turn:{state['turn']}:unusable"),
        type="page.reply_unusable",
        actor="policy" if tier.model.free else "agent",
        page=state["page"],
        rationale=what_was_wrong(reply, tier.answer),
        data={"code": flaw_of(reply) or "no_call", "words": str(reply.content)[:200]},
        model=tier.model.name,
        prompt=run.question(state["tier"]).prompt.name,
        usage=Usage.model_validate(state["usage"]) if state["usage"] else None,
    )


def _refusal(kind: str, message: str) -> Observation:
    return Observation(f"{kind}: {message}", {"error": kind, "message": message}, failed=True)


async def _better_reading(present: str | None, new: str, run: PageRun) -> str:
    """The newest reading, unless it holds no word and an earlier one does."""
    found = await kept_text(new, run.store.blobs)
    return new if found.text.strip() or present is None else present


def _event_key(state: PageState, at: int, run: PageRun) -> str:
    return run.key(f"turn:{state['turn']}:call:{at}")


async def _note(
    state: PageState,
    run: PageRun,
    call: ToolCall,
    at: int,
    observation: Observation,
    took: int,
    acted: _Acted,
) -> None:
    content = json.dumps(observation.content, ensure_ascii=False, sort_keys=True).encode()
    ref = await run.store.blobs.put(content)
    acted.observed.append(Observed(call_id=call["id"] or f"call_{at}", tool=call["name"], ref=ref))
    if call["name"] == SUBMIT and not observation.failed:
        return  # the verdict node tells of it, with what the checks made of it
    model = run.route.tiers[state["tier"]].model
    arguments = {name: value for name, value in call["args"].items() if name != "rationale"}
    acted.events.append(
        EventDraft(
            key=_event_key(state, at, run),
            type="page.tool_called",
            actor="policy" if model.free else "agent",
            page=state["page"],
            tool=call["name"],
            arguments={"page": state["page"], **arguments},
            rationale=str(call["args"].get("rationale", ""))[:600] or None,
            observation={"summary": observation.summary, "ref": observation.ref or ref, "failed": observation.failed},
            model=model.name,
            prompt=run.question(state["tier"]).prompt.name,
            usage=Usage.model_validate(state["usage"]) if state["usage"] and not acted.events else None,
            duration_ms=took,
        )
    )
