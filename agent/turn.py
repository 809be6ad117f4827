"""One turn: conversation and tool schemas in, one reply out, journaled so that a finished call is never paid twice."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.messages import AIMessage, BaseMessage, message_to_dict, messages_from_dict

from agent import structured
from agent.completion import MALFORMED, flaw_of
from agent.models import ModelHandle
from agent.page_request import tokens_in, with_pictures
from agent.prices import price
from agent.traced import chat
from store.ports import CallJournal
from store.records import NO_CAP, Budget, CallIntent, CallRecord, Usage

WRITTEN_TOKENS = 400
"""What a reply is expected to take, for the estimate that is held back."""
BUSY_S = 0.05
"""How long to wait where calls in flight may use up the rest of a budget."""


@dataclass(frozen=True)
class Place:
    """Where in a job a turn stands."""

    job_id: str
    page: int
    turn: int


async def _no_blobs(ref: str) -> bytes:
    raise LookupError(f"nobody said where the picture {ref} is kept")


@dataclass(frozen=True)
class Terms:
    """On which terms a model is asked."""

    answer: Literal["tool", "json_schema"] = "tool"
    tenant_budget: Budget = NO_CAP
    """For one day."""
    reuse: bool = True
    """Whether an equal call of an earlier job of the tenant may answer."""
    blob: Callable[[str], Awaitable[bytes]] = _no_blobs
    """Where pictures are taken from."""


@dataclass(frozen=True)
class Reply:
    """What the model said, and what it cost."""

    message: AIMessage
    usage: Usage
    key: str | None
    """Of the call in the journal; None where the model is not journaled."""
    replayed: bool
    """True where the journal answered and nothing was called."""


@chat
async def take_turn(
    model: ModelHandle,
    conversation: Sequence[BaseMessage],
    tools: Sequence[dict[str, Any]],
    place: Place,
    journal: CallJournal,
    terms: Terms = Terms(),
) -> Reply:
    """Ask the model once. Raise what `agent.errors` names where there is no reply, BudgetReached at a cap."""
    if not model.journaled:
        return Reply(await _call(model, tools, conversation, {}, terms), Usage(), None, replayed=False)
    intent = _intent(model, conversation, tools, place, terms)
    record = await _begin(intent, journal, terms.tenant_budget)
    if record.response is not None:
        return Reply(_from_json(record.response), record.usage, intent.key, replayed=True)
    began = time.monotonic()
    try:
        message = await _call(model, tools, conversation, _headers(intent.key, place), terms)
    except Exception:
        await journal.abandon(intent.key)
        raise
    usage = _usage(message, model, time.monotonic() - began)
    # A reply with a flaw may be the provider's bad day: this page repairs it, no other one is given it.
    broken = message.invalid_tool_calls or any(MALFORMED in call["args"] for call in message.tool_calls)
    sound = bool(message.tool_calls) and flaw_of(message) is None and not broken
    await journal.complete(intent.key, message_to_dict(message), usage, reusable=sound)
    return Reply(message, usage, intent.key, replayed=False)


async def _begin(intent: CallIntent, journal: CallJournal, tenant_budget: Budget) -> CallRecord:
    """Write the intent as soon as calls in flight leave room for it in every budget."""
    while (record := await journal.begin(intent, tenant_budget)) is None:  # noqa: ASYNC110 - other processes too
        await asyncio.sleep(BUSY_S)
    return record


def estimate(
    model: ModelHandle, conversation: Sequence[BaseMessage], tools: Sequence[dict[str, Any]]
) -> tuple[int, float | None]:
    """Tokens, and US dollars (None where the price is unknown), that a call is likely to cost."""
    read = tokens_in(conversation, tools)
    usd = 0.0 if model.free else price(model.provider_model, read, WRITTEN_TOKENS)
    return read + WRITTEN_TOKENS, usd


def _intent(
    model: ModelHandle,
    conversation: Sequence[BaseMessage],
    tools: Sequence[dict[str, Any]],
    place: Place,
    terms: Terms,
) -> CallIntent:
    content = content_key(model, conversation, tools, terms.answer)
    tokens, usd = estimate(model, conversation, tools)
    return CallIntent(
        key=_digest([place.job_id, str(place.page), str(place.turn), content]),
        content_key=content if terms.reuse and not model.free else None,
        job_id=place.job_id,
        page=place.page,
        turn=place.turn,
        model=model.name,
        tokens=tokens,
        usd=usd,
    )


def call_key(
    model: ModelHandle, conversation: Sequence[BaseMessage], tools: Sequence[dict[str, Any]], place: Place
) -> str:
    """SHA-256 over job, page, turn, model, parameters, messages and tool schemas."""
    return _intent(model, conversation, tools, place, Terms()).key


def content_key(
    model: ModelHandle, conversation: Sequence[BaseMessage], tools: Sequence[dict[str, Any]], answer: str
) -> str:
    """SHA-256 over model, parameters, messages and tool schemas: equal for equal questions, whoever asks."""
    asked = [model.name, str(dict(model.parameters)), answer]
    return _digest([*asked, *map(_content, conversation), json.dumps(list(tools))])


def _content(message: BaseMessage) -> str:
    """Everything of a message that a provider is sent; pictures by the hash of their content."""
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
    terms: Terms,
) -> AIMessage:
    as_json = terms.answer == "json_schema"
    able = structured.bind(model.chat, tools) if as_json else model.chat.bind_tools(list(tools))
    if model.free:
        reply = await able.ainvoke(list(conversation))
    else:
        from agent.provider import ask

        assert model.endpoint is not None, f"{model.name} is neither free nor reached at an endpoint"
        shown = await with_pictures(conversation, terms.blob)
        reply = await ask(able, shown, tokens_in(conversation, tools) + WRITTEN_TOKENS, model.endpoint, headers)
    if not isinstance(reply, AIMessage):
        raise TypeError(f"{model.name} returned {type(reply).__name__} instead of a message")
    return structured.as_call(reply) if as_json else reply


def _usage(message: AIMessage, model: ModelHandle, seconds: float) -> Usage:
    counted = message.usage_metadata
    read, written = (counted["input_tokens"], counted["output_tokens"]) if counted else (0, 0)
    cost = 0.0 if model.free else price(model.provider_model, read, written) if counted else None
    return Usage(
        model_calls=int(not model.free),
        input_tokens=read,
        output_tokens=written,
        cost_usd=cost,
        wall_s=0.0 if model.free else round(seconds, 3),
    )


def _from_json(response: dict[str, Any]) -> AIMessage:
    message = messages_from_dict([response])[0]
    if not isinstance(message, AIMessage):
        raise TypeError(f"the journal holds a {message.type} message where a reply of the model belongs")
    return message
