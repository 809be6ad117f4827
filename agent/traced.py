"""A turn as a span: which model, what it read and wrote in tokens, what that cost; the words only where asked for."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from langchain_core.messages import AIMessage, BaseMessage

import tracing
from tracing import names

if TYPE_CHECKING:
    from agent.models import ModelHandle
    from agent.turn import Reply

P = ParamSpec("P")
TakeTurn = Callable[Concatenate["ModelHandle", Sequence[BaseMessage], P], Coroutine[Any, Any, "Reply"]]

ROLES = {"human": "user", "ai": "assistant"}
"""From LangChain's types of messages to the roles of the conventions, where they differ."""


def chat(take_turn: TakeTurn[P]) -> TakeTurn[P]:
    """Each call is a span."""

    @wraps(take_turn)
    async def traced(
        model: ModelHandle, conversation: Sequence[BaseMessage], /, *rest: P.args, **named: P.kwargs
    ) -> Reply:
        asked = {names.PROVIDER: _provider(model), names.REQUEST_MODEL: model.provider_model}
        with tracing.span(names.CHAT, model.provider_model, asked) as span:
            span.asked(lambda: [_shown(message) for message in conversation])
            reply = await take_turn(model, conversation, *rest, **named)
            span.set(_told(reply, model))
            span.answered(lambda: [_shown(reply.message)])
            return reply

    return traced


def _provider(model: ModelHandle) -> str:
    return "pagetrail" if model.free else model.name.partition(":")[0]


def _told(reply: Reply, model: ModelHandle) -> dict[str, Any]:
    """Tokens that nobody counted and a price that nobody knows are left out, and so is what an earlier span told."""
    said = reply.message.response_metadata
    finished = said.get("finish_reason")
    counted = None if reply.replayed else reply.message.usage_metadata
    return {
        names.CALL_KEY: reply.key,
        names.REPLAYED: reply.replayed,
        names.RESPONSE_MODEL: said.get("model_name"),
        names.FINISH_REASONS: [finished] if finished else None,
        names.INPUT_TOKENS: counted["input_tokens"] if counted else None,
        names.OUTPUT_TOKENS: counted["output_tokens"] if counted else None,
        names.COST_USD: None if reply.replayed else reply.usage.cost_usd,
    }


def _shown(message: BaseMessage) -> dict[str, Any]:
    """One message in the JSON form of `gen_ai.input.messages`."""
    text = message.content if isinstance(message.content, str) else str(message.content)
    parts: list[dict[str, Any]] = [{"type": "text", "content": text}] if text else []
    if isinstance(message, AIMessage):
        calls = ({"id": call["id"], "name": call["name"], "arguments": call["args"]} for call in message.tool_calls)
        parts += [{"type": "tool_call", **call} for call in calls]
    return {"role": ROLES.get(message.type, message.type), "parts": parts}
