"""Everything a provider can answer is typed: a reply, a reply with a flaw, or an error that says what to do next."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as some
from langchain_core.messages import AIMessage, HumanMessage
from openai.types.chat import ChatCompletion

from agent.completion import MALFORMED, MOST_ARGUMENTS, MOST_BYTES, MOST_CALLS, Garbled, flaw_of, sound
from agent.errors import ModelRefused, PageRefused, ProviderDown
from agent.models import ModelHandle, openai_model
from agent.provider import retry_after
from agent.turn import Place, Terms, take_turn
from store.ports import Store
from tests.provider.answers import (
    Answer,
    Reply,
    bad_request,
    content_filtered,
    cut,
    cut_off,
    empty,
    filtered,
    html_page,
    huge,
    malformed,
    no_such_model,
    not_an_object,
    not_json,
    refuses,
    says,
    status,
    too_long,
    verdict,
    writes,
)
from tests.provider.server import STEPS, Provider
from tools.escalate import EscalateArguments
from tools.toolbox import function_schema

TOOLS = [function_schema("escalate_to_review", "Ask a person.", EscalateArguments)]
SUBMITS = [function_schema("submit_verdict", "Say what the page is.", EscalateArguments)]
CONVERSATION = [HumanMessage('{"page": 3}')]
PLACE = Place("job-1", page=3, turn=0)
ESCALATES = says(("escalate_to_review", {"rationale": "nothing fits", "reason": "other"}))


@pytest.fixture(autouse=True)
def no_waiting_between_attempts() -> Iterator[None]:
    """How often it is tried again is what the tests look at, not how long that takes."""
    with stamina.set_testing(True, attempts=3):
        yield


def model(provider: Provider) -> ModelHandle:
    return openai_model("gpt-5-mini", timeout_s=5, environment=provider.environment)


async def reply_to(provider: Provider, store: Store, *answers: Answer) -> AIMessage:
    """What the model said, through the SDK and the journal."""
    provider.script(*answers)
    return (await take_turn(model(provider), CONVERSATION, TOOLS, PLACE, store.journal)).message


def body(told: Any) -> Answer:
    """A successful answer with this JSON as its body."""
    return not_json(json.dumps(told).encode())


def completion(**parts: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": "It is a letter."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"id": "c-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], **parts}


def calling(*calls: Any) -> Answer:
    """A completion with these `tool_calls`, as a server writes them that is not careful."""
    choice = {"index": 0, "message": {"role": "assistant", "tool_calls": list(calls)}, "finish_reason": "tool_calls"}
    return body(completion(choices=[choice]))


GARBAGE = {
    "html": html_page(200),
    "not json": not_json(),
    "nothing": not_json(b""),
    "not unicode": not_json(b'{"choices": "\xff\xfe"}'),
    "a list": body([1, 2]),
    "another object": body({"detail": "ok"}),
    "an error under 200": body({"error": {"message": "Provider returned error", "code": 502}, "choices": None}),
    "no choices": body(completion(choices=[])),
    "null choices": body(completion(choices=None)),
    "a choice without a message": body(completion(choices=[{"index": 0, "finish_reason": "stop"}])),
    "broken off by the server": body(completion(choices=[{"message": {"content": "It"}, "finish_reason": "error"}])),
    "a call without a function": calling({"id": "1"}),
    "cut in the middle": cut(),
    "nested without end": not_json(b"[" * 100_000),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
async def test_what_is_no_completion_is_asked_for_again(store: Store, provider: Provider, garbage: Answer) -> None:
    """The way is at fault: the call is made once more, and its answer counts."""
    message = await reply_to(provider, store, garbage, ESCALATES)

    assert [call["name"] for call in message.tool_calls] == ["escalate_to_review"]
    assert len(provider.calls) == 2


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
async def test_garbage_to_the_end_is_a_provider_that_is_down(store: Store, provider: Provider, garbage: Answer) -> None:
    """After the last attempt the error is typed, and the journal holds no response that could be taken for one."""
    with pytest.raises(ProviderDown, match="gpt-5-mini"):
        await reply_to(provider, store, *[garbage] * 3)

    assert [call.response for call in await store.journal.calls("job-1")] == [None]


FLAWED = {"length": cut_off(), "content_filter": filtered(), "refusal": refuses("No."), "empty": empty()}


@pytest.mark.parametrize("code", ["content_filter", "refusal", "empty"])
async def test_a_reply_that_calls_nothing_says_why(store: Store, provider: Provider, code: str) -> None:
    """It is a reply, so it is not asked for again; it bears its flaw, and content that can be sent back."""
    message = await reply_to(provider, store, FLAWED[code])

    assert flaw_of(message) == code
    assert (message.tool_calls, bool(message.content)) == ([], True)
    assert len(provider.calls) == 1


async def test_words_alone_are_no_flaw(store: Store, provider: Provider) -> None:
    """What to say to a model that only talks is known without a reason."""
    message = await reply_to(provider, store, writes("It is a letter."))
    assert (message.content, flaw_of(message)) == ("It is a letter.", None)


async def test_words_that_were_cut_off_bear_their_flaw(store: Store, provider: Provider) -> None:
    """`finish_reason: length` without a call."""
    message = await reply_to(provider, store, Reply(text="It is a", finish="length"))
    assert flaw_of(message) == "length"


@pytest.mark.parametrize("code", [*FLAWED, "too_large"])
async def test_a_flaw_is_one_too_where_json_was_asked_for(store: Store, provider: Provider, code: str) -> None:
    """A model that answers by schema is judged alike, and what its reply cost is known where it was told."""
    provider.script(
        {**FLAWED, "length": writes('{"rationale": "It', finish="length"), "too_large": huge(MOST_BYTES + 1)}[code]
    )
    reply = await take_turn(model(provider), CONVERSATION, SUBMITS, PLACE, store.journal, Terms("json_schema"))

    assert (flaw_of(reply.message), reply.message.tool_calls) == (code, [])
    assert reply.message.content
    assert bool(reply.usage.input_tokens) == (code != "too_large")


@pytest.mark.parametrize("words", ['{"score": NaN}', '{"page": 99999999999999999999}', '["letter"]', "It is a letter."])
async def test_json_that_cannot_be_used_is_no_answer(store: Store, provider: Provider, words: str) -> None:
    """Numbers that the trail could not write down do not become a verdict's arguments."""
    provider.script(writes(words))
    reply = await take_turn(model(provider), CONVERSATION, SUBMITS, PLACE, store.journal, Terms("json_schema"))
    assert (reply.message.content, reply.message.tool_calls) == (words, [])


UNSOUND = {
    "cut off at the token limit": (cut_off(), "token limit"),
    "broken": (malformed(), "no JSON"),
    "a list": (not_an_object(), "no JSON object"),
    "two megabytes": (huge(2_000_000), "2000000 characters"),
    "not a number": (malformed(arguments='{"score": NaN}'), "no JSON"),
    "infinite": (malformed(arguments='{"score": 1e999}'), "number"),
    "a huge number": (malformed(arguments='{"page": 99999999999999999999}'), "number"),
    "half a character": (malformed(arguments='{"rationale": "\\ud800"}'), "no JSON"),
    "deep": (malformed(arguments='{"a": ' + "[" * 5000 + "]" * 5000 + "}"), "no JSON"),
}


@pytest.mark.parametrize(("answer", "why"), UNSOUND.values(), ids=UNSOUND)
async def test_arguments_that_cannot_be_used_say_why(
    store: Store, provider: Provider, answer: Answer, why: str
) -> None:
    """The call stays, so that the model can be answered; its arguments are one word on what was wrong with them."""
    message = await reply_to(provider, store, answer)

    (call,) = message.tool_calls
    assert (call["name"], list(call["args"])) == ("submit_verdict", [MALFORMED])
    assert why in call["args"][MALFORMED]
    assert message.invalid_tool_calls == []
    assert len(message.model_dump_json()) < MOST_ARGUMENTS


async def test_a_body_without_end_is_not_read(store: Store, provider: Provider) -> None:
    """More than 4 MB are thrown away; the reply bears its flaw, costs nobody knows what, and is not asked for again."""
    provider.script(huge(MOST_BYTES + 1))
    reply = await take_turn(model(provider), CONVERSATION, TOOLS, PLACE, store.journal)

    assert flaw_of(reply.message) == "too_large"
    assert (reply.usage.model_calls, reply.usage.cost_usd) == (1, None)
    assert len(provider.calls) == 1


async def test_an_error_without_end_stays_an_error(store: Store, provider: Provider) -> None:
    """Its words are cut, its status counts."""
    endless = not_json(b"x" * (MOST_BYTES + 1), code=503, media_type="text/html")
    with pytest.raises(ProviderDown, match="503") as raised:
        await reply_to(provider, store, *[endless] * 3)
    assert len(str(raised.value)) < 500


async def test_each_call_has_a_name_and_an_id_that_can_be_sent_back(store: Store, provider: Provider) -> None:
    """Missing ids, the same id twice, names no provider takes, arguments as an object, calls by the hundred."""
    function = {"name": "read page!" + "x" * 100, "arguments": {"rationale": "why"}}
    calls = [{"id": None, "function": function}, {"id": "a", "function": function}, {"id": "a", "function": function}]
    message = await reply_to(provider, store, calling(*calls * 100))

    assert len({call["id"] for call in message.tool_calls}) == len(message.tool_calls) == MOST_CALLS
    assert all(call["id"] for call in message.tool_calls)
    assert {call["name"] for call in message.tool_calls} == {("read_page_" + "x" * 100)[:64]}
    assert message.tool_calls[0]["args"] == {"rationale": "why"}


@pytest.mark.parametrize(
    "usage", [None, "many", {"prompt_tokens": "many"}, {"prompt_tokens": -5, "completion_tokens": 1}]
)
async def test_usage_that_cannot_be_counted_is_unknown(store: Store, provider: Provider, usage: Any) -> None:
    """A price that follows from nothing is null, not zero, and never negative."""
    provider.script(body(completion(usage=usage)))
    reply = await take_turn(model(provider), CONVERSATION, TOOLS, PLACE, store.journal)
    assert (reply.usage.input_tokens, reply.usage.cost_usd) == (0, None)


PAGE_ONLY = {
    "openai": (too_long(), "context_too_long"),
    "vllm": (bad_request("This model's maximum context length is 8192 tokens."), "context_too_long"),
    "llama.cpp": (bad_request("the request exceeds the available context size"), "context_too_long"),
    "anthropic": (bad_request("prompt is too long: 210000 tokens > 200000 maximum"), "context_too_long"),
    "413": (status(413), "context_too_long"),
    "azure": (content_filtered(), "content_filtered"),
}


@pytest.mark.parametrize(("answer", "reason"), PAGE_ONLY.values(), ids=PAGE_ONLY)
async def test_a_refusal_of_what_the_page_holds_concerns_the_page(
    store: Store, provider: Provider, answer: Answer, reason: str
) -> None:
    """It carries the reason for review, is not asked again, and is no reason to stop the job."""
    with pytest.raises(PageRefused) as raised:
        await reply_to(provider, store, answer)
    assert raised.value.reason == reason
    assert len(provider.calls) == 1


@pytest.mark.parametrize(
    "answer",
    [
        bad_request(),
        status(401),
        status(402),
        status(403),
        no_such_model(),
        status(429, error_code="insufficient_quota"),
    ],
    ids=["400", "401", "402", "403", "404", "quota"],
)
async def test_a_refusal_of_everything_stops_the_job(store: Store, provider: Provider, answer: Answer) -> None:
    """Key, model, money, address: no page can be asked until settings change, and asking again does not help."""
    with pytest.raises(ModelRefused):
        await reply_to(provider, store, answer)
    assert len(provider.calls) == 1


@asynccontextmanager
async def serving(head: str, drop: bytes = b"") -> AsyncIterator[str]:
    """A server that sends this head, then `drop` again and again for ever; without a drop it closes."""
    served: list[asyncio.Task[Any]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, EOFError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(f"HTTP/1.1 {head}\r\n\r\n".encode())
            while drop:
                writer.write(drop)
                await writer.drain()
                await asyncio.sleep(0.02)
        with suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    take = lambda *both: served.append(asyncio.ensure_future(serve(*both)))  # noqa: E731 - a function may be a coroutine
    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        server.close()
        for _ in range(STEPS):  # a connection that is being taken becomes one that is served
            await asyncio.sleep(0)
        await asyncio.wait_for(asyncio.gather(*served), 10)


async def test_a_reply_that_comes_drop_by_drop_is_given_up(store: Store) -> None:
    """The time limit is one for the whole call, not from one byte to the next."""
    async with serving("200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000", drop=b" ") as url:
        slow = openai_model("m", timeout_s=0.3, environment={"OPENAI_API_KEY": "test", "OPENAI_BASE_URL": url})
        with pytest.raises(ProviderDown):
            await asyncio.wait_for(take_turn(slow, CONVERSATION, TOOLS, PLACE, store.journal), 10)


async def test_a_redirect_is_not_followed(store: Store, provider: Provider) -> None:
    """The pages and the key go to the address that was set, and nowhere else."""
    provider.brain = lambda asked: ESCALATES
    there = f"307 Temporary Redirect\r\nlocation: {provider.url}/chat/completions\r\ncontent-length: 0"
    async with serving(there) as url:
        moved = openai_model("m", timeout_s=5, environment={"OPENAI_API_KEY": "test", "OPENAI_BASE_URL": url})
        with pytest.raises(ModelRefused, match="307"):
            await take_turn(moved, CONVERSATION, TOOLS, PLACE, store.journal)
    assert len(provider.calls) == 0


# ── by chance ────────────────────────────────────────────────────────────────────────────────────

JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    ("choices",),
    ("choices", 0),
    ("choices", 0, "message"),
    ("choices", 0, "finish_reason"),
    ("choices", 0, "message", "content"),
    ("choices", 0, "message", "refusal"),
    ("choices", 0, "message", "tool_calls"),
    ("choices", 0, "message", "tool_calls", 0),
    ("choices", 0, "message", "tool_calls", 0, "id"),
    ("choices", 0, "message", "tool_calls", 0, "function"),
    ("choices", 0, "message", "tool_calls", 0, "function", "name"),
    ("choices", 0, "message", "tool_calls", 0, "function", "arguments"),
    ("usage",),
    ("usage", "prompt_tokens"),
    ("usage", "prompt_tokens_details"),
    ("id",),
    ("model",),
    ("error",),
]


def whole() -> dict[str, Any]:
    call = {"id": "a", "type": "function", "function": {"name": "read_page", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "refusal": None, "tool_calls": [call]}
    usage = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10, "prompt_tokens_details": {}}
    return completion(choices=[{"index": 0, "message": message, "finish_reason": "tool_calls"}], usage=usage)


@given(where=some.sampled_from(FIELDS), value=JSON)
def test_any_other_value_anywhere_is_garbage_or_is_made_sound(where: tuple[Any, ...], value: Any) -> None:
    """One field of a completion holds something else: it is Garbled, or it comes out as the SDK's own type has it."""
    told = whole()
    place: Any = told
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = value
    try:
        plain = sound(json.dumps(told).encode())
    except Garbled:
        return
    read = ChatCompletion.model_validate_json(plain)
    for call in read.choices[0].message.tool_calls or []:
        assert call.type == "function"
        assert isinstance(json.loads(call.function.arguments), dict)


@given(some.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_garbage_or_a_completion(content: bytes) -> None:
    """Nothing else comes out of the door than Garbled."""
    with suppress(Garbled):
        ChatCompletion.model_validate_json(sound(content))


@given(some.text(max_size=40))
def test_any_retry_after_is_seconds_or_nothing(value: str) -> None:
    """A header of any words never fails, and never asks for less than nothing."""
    seconds = retry_after({"retry-after": value})
    assert seconds is None or seconds >= 0


def test_a_sound_verdict_comes_through_unchanged() -> None:
    """What needs no repair is not touched."""
    told = whole()
    arguments = verdict().calls[0][1]
    told["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"] = arguments
    read = json.loads(sound(json.dumps(told).encode()))
    assert json.loads(read["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]) == json.loads(arguments)
    assert read["usage"]["prompt_tokens"] == 5
