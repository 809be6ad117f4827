"""The conversation with the model, rebuilt from blobs at every turn so that the graph's memory stays small."""

from __future__ import annotations

import json
from typing import Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    message_to_dict,
    messages_from_dict,
)

from agent.completion import flaw_of
from graph.page.run import PageRun
from graph.state import PageState, Step
from store.records import PageLook

CALL_A_TOOL = "That reply called no tool. Call a tool, or `submit_verdict` with your answer."


async def conversation(state: PageState, run: PageRun) -> list[BaseMessage]:
    """System message, facts of the page, then every turn so far with the answers to its calls."""
    messages: list[BaseMessage] = [SystemMessage(run.instructions), HumanMessage(await _facts(state, run))]
    for step in state["steps"]:
        messages += await _turn(step, run)
    return messages


async def load_reply(ref: str, run: PageRun) -> AIMessage:
    """A model's message from its blob."""
    message = messages_from_dict([json.loads(await run.store.blobs.get(ref))])[0]
    if not isinstance(message, AIMessage):
        raise TypeError(f"{ref} holds a {message.type} message, not a reply")
    return message


async def keep_reply(message: AIMessage, run: PageRun) -> str:
    """Put a model's message into a blob."""
    return await run.store.blobs.put(json.dumps(message_to_dict(message), sort_keys=True).encode())


async def _facts(state: PageState, run: PageRun) -> str:
    look: dict[str, Any] | None = None
    if state["look"] is not None:
        found = PageLook.model_validate_json(await run.store.blobs.get(state["look"]))
        look = found.model_dump(mode="json", exclude={"page"})
    facts = {"page": state["page"], "of": run.page_count, "labels": len(run.taxonomy.labels), "look": look}
    return json.dumps(facts, sort_keys=True)


async def _turn(step: Step, run: PageRun) -> list[BaseMessage]:
    reply = await load_reply(step["reply"], run)
    if not step["observed"]:
        flaw = flaw_of(reply)
        return [reply, HumanMessage(flaw["advice"] if flaw else CALL_A_TOOL)]
    answers = [
        ToolMessage(
            content=(await run.store.blobs.get(observed["ref"])).decode(),
            tool_call_id=observed["call_id"],
            name=observed["tool"],
        )
        for observed in step["observed"]
    ]
    return [reply, *answers]
