"""One turn: conversation and tool schemas in, one reply out, journaled so that a finished call is never paid twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, message_to_dict, messages_from_dict

from agent.models import ModelHandle
from agent.prices import price
from store.ports import CallJournal
from store.records import Usage


@dataclass(frozen=True)
class Place:
    """Where in a job a turn stands."""

    job_id: str
    page: int
    turn: int


@dataclass(frozen=True)
class Reply:
    """What the model said, and what it cost."""

    message: AIMessage
    usage: Usage
    key: str
    """Of the call in the journal."""
    replayed: bool
    """True where the journal answered and nothing was called."""


async def take_turn(
    model: ModelHandle,
    conversation: Sequence[BaseMessage],
    tools: Sequence[dict[str, Any]],
    place: Place,
    journal: CallJournal,
) -> Reply:
    """Ask the model once. Raise what `agent.errors` names where a provider gives no reply."""
    key = call_key(model, conversation, tools, place)
    record = await journal.begin(key, place.job_id, place.page, place.turn, model.name)
    if record.response is not None:
        return Reply(_from_json(record.response), record.usage, key, replayed=True)
    message = await _call(model, tools, conversation, _headers(key, place))
    usage = _usage(message, model)
    await journal.complete(key, message_to_dict(message), usage)
    return Reply(message, usage, key, replayed=False)


def call_key(
    model: ModelHandle, conversation: Sequence[BaseMessage], tools: Sequence[dict[str, Any]], place: Place
) -> str:
    """SHA-256 over job, page, turn, model, parameters, messages and tool schemas."""
    asked = [place.job_id, place.page, place.turn, model.name, dict(model.parameters)]
    return _digest([*map(str, asked), *map(_content, conversation), json.dumps(list(tools))])


def _content(message: BaseMessage) -> str:
    """Everything of a message that a provider is sent."""
    calls = [[call["name"], call["args"], call["id"]] for call in getattr(message, "tool_calls", [])]
    return json.dumps([message.type, message.content, calls, getattr(message, "tool_call_id", None)])


def _digest(parts: Sequence[str]) -> str:
    """Hash of hashes, so that no part can run over into the next."""
    hashes = b"".join(hashlib.sha256(part.encode()).digest() for part in parts)
    return hashlib.sha256(hashes).hexdigest()


def _headers(key: str, place: Place) -> dict[str, str]:
    """What names the call to the provider, the same at every attempt: its logs and ours can be held together."""
    return {
        "Idempotency-Key": key,
        "X-Pagetrail-Job": place.job_id,
        "X-Pagetrail-Page": str(place.page),
        "X-Pagetrail-Turn": str(place.turn),
    }


async def _call(
    model: ModelHandle,
    tools: Sequence[dict[str, Any]],
    conversation: Sequence[BaseMessage],
    headers: Mapping[str, str],
) -> AIMessage:
    able = model.chat.bind_tools(list(tools))
    if not model.free:
        from agent.provider import ask

        assert model.route is not None, f"{model.name} is neither free nor reached by a route"
        return await ask(able, conversation, tools, model.route, headers)
    reply = await able.ainvoke(list(conversation))
    if not isinstance(reply, AIMessage):
        raise TypeError(f"{model.name} returned {type(reply).__name__} instead of a message")
    return reply


def _usage(message: AIMessage, model: ModelHandle) -> Usage:
    counted = message.usage_metadata
    read, written = (counted["input_tokens"], counted["output_tokens"]) if counted else (0, 0)
    cost = 0.0 if model.free else price(model.provider_model, read, written) if counted else None
    return Usage(model_calls=int(not model.free), input_tokens=read, output_tokens=written, cost_usd=cost)


def _from_json(response: dict[str, Any]) -> AIMessage:
    message = messages_from_dict([response])[0]
    if not isinstance(message, AIMessage):
        raise TypeError(f"the journal holds a {message.type} message where a reply of the model belongs")
    return message
