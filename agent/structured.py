"""Verdicts as JSON of a schema, for models that cannot call tools: bound to the request, turned into a call again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage

from agent.completion import sound_arguments
from agent.verdict import SUBMIT


def bind(chat: BaseChatModel, tools: Sequence[dict[str, Any]]) -> Any:
    """The model, made to answer in the form of the verdict; other tools it cannot use."""
    schema = next(tool["function"]["parameters"] for tool in tools if tool["function"]["name"] == SUBMIT)
    return chat.bind(response_format={"type": "json_schema", "json_schema": {"name": SUBMIT, "schema": schema}})


def as_call(reply: AIMessage) -> AIMessage:
    """The reply as if the verdict had been submitted by a tool call; unchanged where it is no JSON object."""
    arguments = sound_arguments(str(reply.content)) if reply.content else ""
    if isinstance(arguments, str):
        return reply
    call = {"name": SUBMIT, "args": arguments, "id": "verdict", "type": "tool_call"}
    return reply.model_copy(update={"tool_calls": [call]})
