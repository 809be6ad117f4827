"""Calls to a provider that speaks the OpenAI protocol: the only place that retries, the only one that knows the SDK.

Whatever comes back is typed: a reply, a reply with a flaw, ProviderDown, ModelRefused or PageRefused.
Imported when a provider is first asked: the SDK takes two seconds to load, which local runs need not spend.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from weakref import WeakKeyDictionary

import httpx2
import openai
import stamina
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.runnables import Runnable
from langchain_openai import ChatOpenAI
from openai.types.chat import ChatCompletion
from pydantic import SecretStr

from agent.completion import MOST_BYTES, Garbled, TooLarge, flawed, sound, with_flaw
from agent.errors import ModelRefused, PageRefused, ProviderDown
from agent.line import Endpoint, Line, line_of

ATTEMPTS = 3
"""Attempts at one call while the provider is busy or out of reach."""
LONGEST_WAIT_S = 120.0
"""A provider that asks for a longer pause is given up for now: the task goes back instead of holding its place."""
JITTER = 0.25
"""Share of the asked pause that is added at random, so that callers turned away together do not come back together."""
LONGEST_MESSAGE = 300
"""Characters of a provider's own words that are repeated."""
TOO_LONG = re.compile(
    r"context.?(?:length|size|window)|maximum context|(?:prompt|input|request) (?:is )?too (?:long|large)", re.I
)
"""How providers say that a prompt does not fit; OpenAI's code is `context_length_exceeded`."""


def chat_model(model: str, timeout_s: float, key: str, base_url: str | None) -> BaseChatModel:
    """The SDK's own retries are off: there is one layer that retries, below."""
    return ChatOpenAI(
        model=model,
        api_key=SecretStr(key),
        base_url=base_url,
        max_retries=0,
        timeout=timeout_s,
        temperature=0,
        disable_streaming=True,
        http_async_client=_client(base_url, timeout_s),
    )


async def ask(
    model: Runnable[Any, Any],
    conversation: Sequence[BaseMessage],
    tokens: int,
    endpoint: Endpoint,
    headers: Mapping[str, str],
) -> AIMessage:
    """One reply; one that cannot be used bears a flaw. `tokens` is what the call is likely to read and write.

    Raise ProviderDown where the provider stays out of reach, CircuitOpen where it is left alone, ModelRefused where it
    says no to everything, PageRefused where it says no to what this conversation holds.
    """
    line = line_of(endpoint)
    able = model.bind(extra_headers=dict(headers))
    with line.breaker.guard():
        try:
            return with_flaw(await _attempts(able, conversation, tokens, line))
        except openai.APIStatusError as error:
            raise _typed(error, endpoint.model) from error
        except openai.APIConnectionError as error:
            words = f"{endpoint.model} cannot be reached: check OPENAI_BASE_URL and the network"
            raise ProviderDown(words) from error
        except Garbled as error:
            raise ProviderDown(f"{endpoint.model} answered with {error}") from error
        except TooLarge:
            return flawed("too_large")
        except (openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError) as error:
            # Only where a schema was asked for: the SDK parses such a reply itself.
            cut_off = isinstance(error, openai.LengthFinishReasonError)
            return flawed("length" if cut_off else "content_filter", _unparsed(error.completion))


async def _attempts(
    able: Runnable[Any, Any], conversation: Sequence[BaseMessage], tokens: int, line: Line
) -> AIMessage:
    def again(error: Exception) -> bool | float:
        """Whether to try again, and after how many seconds where the provider has said so."""
        if not _worth_retrying(error) or line.breaker.state != "closed":
            return False  # also where this call is the probe: that is one request
        asked = _asked_pause(error)
        if asked is None:
            return True
        return asked * (1 + random.uniform(0, JITTER)) if asked <= LONGEST_WAIT_S else False

    tries = stamina.retry_context(on=again, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=20)
    async for attempt in tries:
        with attempt:
            async with line.limiter.place(tokens) as place:
                reply = await able.ainvoke(list(conversation))
                if not isinstance(reply, AIMessage):
                    raise TypeError(f"the SDK returned {type(reply).__name__} instead of a message")
                if reply.usage_metadata:
                    place.correct(reply.usage_metadata["total_tokens"])
                return reply
    raise AssertionError("stamina neither returned nor raised")


def _unparsed(completion: ChatCompletion | None) -> AIMessage:
    """What the SDK did not make a message of, with what it cost."""
    told = completion.usage if completion else None
    if completion is None or told is None:
        return AIMessage("")
    usage = UsageMetadata(
        input_tokens=told.prompt_tokens, output_tokens=told.completion_tokens, total_tokens=told.total_tokens
    )
    return AIMessage(completion.choices[0].message.content or "", usage_metadata=usage)


# ── what went wrong ──────────────────────────────────────────────────────────────────────────────


def _typed(error: openai.APIStatusError, name: str) -> Exception:
    """By what it means for the caller."""
    words = f"{name} answered {error.status_code}: {error.message[:LONGEST_MESSAGE]}"
    if _worth_retrying(error):
        return ProviderDown(words, _asked_pause(error))
    if error.status_code == 413 or (error.status_code in {400, 422} and _says(error, TOO_LONG)):
        return PageRefused("context_too_long", words)
    if error.status_code == 400 and error.code == "content_filter":
        return PageRefused("content_filtered", words)
    return ModelRefused(words)


def _worth_retrying(error: Exception) -> bool:
    if isinstance(error, openai.APIStatusError):
        if error.code == "insufficient_quota":  # comes as 429, and no waiting helps
            return False
        return error.status_code in {408, 409, 425, 429} or error.status_code >= 500
    return isinstance(error, openai.APIConnectionError | Garbled)


def _says(error: openai.APIStatusError, words: re.Pattern[str]) -> bool:
    return bool(words.search(str(error.code)) or words.search(error.message))


def _asked_pause(error: Exception) -> float | None:
    return retry_after(error.response.headers) if isinstance(error, openai.APIStatusError) else None


def retry_after(headers: Mapping[str, str], present: datetime | None = None) -> float | None:
    """Seconds a provider asks to be left alone, by `Retry-After` as a number or a date (RFC 9110, 10.2.3).

    None where it asks for nothing, or in words that are neither.
    """
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        seconds = float(value) if _is_number(value) else _until(parsedate_to_datetime(value), present)
    except ValueError:
        return None
    return max(0.0, seconds)


def _is_number(value: str) -> bool:
    return value.strip().replace(".", "", 1).isdecimal()


def _until(moment: datetime, present: datetime | None) -> float:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - (present or datetime.now(UTC))).total_seconds()


# ── what is read ─────────────────────────────────────────────────────────────────────────────────


class _BoundedClient(openai.DefaultAsyncHttpxClient):
    """Reads no more than MOST_BYTES and no longer than `total_s`, and hands on completions in one shape only."""

    def __init__(self, total_s: float) -> None:
        super().__init__(follow_redirects=False)
        self._total_s = total_s

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        # The SDK's own timeout counts from one byte to the next: drop by drop a reply could take for ever.
        try:
            async with asyncio.timeout(self._total_s):
                answer = await super().send(request, **{**options, "stream": True})
                try:
                    body = await _read(answer)
                finally:
                    await answer.aclose()
        except TimeoutError as error:
            raise httpx2.ReadTimeout(f"no whole reply within {self._total_s} s", request=request) from error
        headers = {name: value for name, value in answer.headers.items() if name not in _OF_THE_BODY}
        if answer.is_success:
            body = sound(body)
            headers["content-type"] = "application/json"
        return httpx2.Response(
            answer.status_code, headers=headers, content=body, request=request, extensions=answer.extensions
        )


_OF_THE_BODY = frozenset({"content-encoding", "content-length", "transfer-encoding"})


async def _read(answer: httpx2.Response) -> bytes:
    """The whole body, or the beginning of an error's. Raise TooLarge as soon as a reply has more than MOST_BYTES."""
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > MOST_BYTES:
            if not answer.is_success:
                break
            raise TooLarge(f"more than {MOST_BYTES} bytes")
    return bytes(body[:MOST_BYTES])


_CLIENTS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str | None, float], _BoundedClient]] = (
    WeakKeyDictionary()
)


def _client(base_url: str | None, timeout_s: float) -> _BoundedClient:
    """One pool of connections a provider and event loop: those of a loop that is over cannot even be closed."""
    try:
        clients = _CLIENTS.setdefault(asyncio.get_running_loop(), {})
    except RuntimeError:  # made before there is a loop: nobody shares it
        return _BoundedClient(timeout_s)
    if (base_url, timeout_s) not in clients:
        clients[base_url, timeout_s] = _BoundedClient(timeout_s)
    return clients[base_url, timeout_s]


async def hang_up() -> None:
    """Close this loop's connections to all providers; models that were made before cannot be asked any more."""
    for client in _CLIENTS.pop(asyncio.get_running_loop(), {}).values():
        await client.aclose()
