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

from agent.completion import FLAWS, flaw_of
from agent.page_request import Picture, page_request, shortlist
from graph.page.picture import read_look, read_text, shows
from graph.page.run import PageRun
from graph.state import Image, PageState, Step

CALL_A_TOOL = "That reply called no tool. Call a tool, or `submit_verdict` with your answer."

ANSWER_IN_JSON = "That reply was no JSON object of the schema. Answer with one, and nothing else."


async def conversation(state: PageState, image: Image | None, run: PageRun) -> list[BaseMessage]:
    """System message, what is known of the page, then every turn of this tier with the answers to its calls.

    The first tier is given the facts and reads for itself; a later one is shown what was read and looked up.
    """
    tier = run.route.tiers[state["tier"]]
    known = await _shown(state, image, run) if state["tier"] else HumanMessage(await _facts(state, run))
    messages: list[BaseMessage] = [SystemMessage(run.question(state["tier"]).instructions), known]
    for step in state["steps"][state["tier_began"] :]:
        messages += await _turn(step, tier.answer, run)
    return messages


def what_was_wrong(reply: AIMessage, answer: str) -> str:
    """What the model is told of a reply without an answer: its flaw, where it has one, and what is expected."""
    flaw, expected = flaw_of(reply), ANSWER_IN_JSON if answer == "json_schema" else CALL_A_TOOL
    return expected if flaw is None else f"{FLAWS[flaw]} {expected}"


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
    found = await read_look(state, run)
    look = None if found is None else found.model_dump(mode="json", exclude={"page"})
    facts = {"page": state["page"], "of": run.page_count, "labels": len(run.taxonomy.labels), "look": look}
    return json.dumps(facts, sort_keys=True)


async def _shown(state: PageState, image: Image | None, run: PageRun) -> HumanMessage:
    """The page in one message."""
    tier = run.route.tiers[state["tier"]]
    text = await read_text(state, run)
    seen = {o["tool"]: o["ref"] for step in state["steps"][: state["tier_began"]] for o in step["observed"]}
    rules, examples = [await _observation(seen.get(tool), run) for tool in ("apply_taxonomy_rules", "retrieve_similar")]
    drawn = Picture(**image) if image is not None and shows(tier, text) else None
    return page_request(text, shortlist(rules, examples), run.taxonomy, drawn, tier.text_tokens)


async def _observation(ref: str | None, run: PageRun) -> dict[str, Any] | None:
    """What a tool found; None where it was not called or failed."""
    found: dict[str, Any] | None = None if ref is None else json.loads(await run.store.blobs.get(ref))
    return None if found is None or "error" in found else found


async def _turn(step: Step, answer: str, run: PageRun) -> list[BaseMessage]:
    reply = await load_reply(step["reply"], run)
    if answer == "json_schema":  # the model never called anything, and might not know what a call is
        said = [(await run.store.blobs.get(observed["ref"])).decode() for observed in step["observed"]]
        return [AIMessage(reply.content), HumanMessage("\n".join(said) or what_was_wrong(reply, answer))]
    if not step["observed"]:
        return [reply, HumanMessage(what_was_wrong(reply, answer))]
    answers = [
        ToolMessage(
            content=(await run.store.blobs.get(observed["ref"])).decode(),
            tool_call_id=observed["call_id"],
            name=observed["tool"],
        )
        for observed in step["observed"]
    ]
    return [reply, *answers]
