"""The protocol test server, seen through the real client: what it does, a provider does; what it logs, happened."""

from __future__ import annotations

import itertools
import json
from contextlib import suppress
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletion

from tests.provider.answers import (
    Answer,
    Step,
    after,
    alternating,
    bad_request,
    content_filtered,
    cut,
    cut_off,
    empty,
    filtered,
    growing,
    html_page,
    huge,
    malformed,
    no_such_model,
    not_json,
    refuses,
    reset,
    same_call,
    says,
    silent,
    status,
    too_long,
    verdict,
    writes,
)
from tests.provider.asked import Asked
from tests.provider.client import MESSAGES, Ask, client
from tests.provider.nowhere import full_port, refused_port
from tests.provider.running import in_thread
from tests.provider.server import Provider

PIXEL = "data:image/png;base64,iVBORw0KGgo="


def calls_in(reply: ChatCompletion) -> list[tuple[str, str]]:
    """Name and arguments of each call."""
    calls = reply.choices[0].message.tool_calls or []
    return [(call.function.name, call.function.arguments) for call in calls if call.type == "function"]


def stream(provider: Provider, **rest: Any) -> list[Any]:
    """Every chunk of a streamed reply."""
    with client(provider.url) as sdk:
        return list(sdk.chat.completions.create(model="gpt-5-mini", messages=MESSAGES, stream=True, **rest))


# ── replies ──────────────────────────────────────────────────────────────────────────────────────


def test_calls_arrive_together_with_their_usage(provider: Provider, ask: Ask) -> None:
    """A reply may call several tools; its usage tells cached tokens."""
    provider.script(says(("read_page", {"a": 1}), ("ocr_page", {"b": 2}), prompt_tokens=2000, cached_tokens=1024))
    reply = ask()
    assert calls_in(reply) == [("read_page", '{"a": 1}'), ("ocr_page", '{"b": 2}')]
    assert len({call.id for call in reply.choices[0].message.tool_calls or []}) == 2
    assert reply.choices[0].finish_reason == "tool_calls"
    assert reply.usage is not None
    assert reply.usage.prompt_tokens_details is not None
    assert (reply.usage.prompt_tokens, reply.usage.prompt_tokens_details.cached_tokens) == (2000, 1024)


def test_a_stream_tells_the_same_as_the_whole(provider: Provider, ask: Ask) -> None:
    """Chunks put together are the reply that is sent whole; usage comes last and only where it was asked for."""
    step = says(("read_page", {"a": 1}), ("ocr_page", {"why": "é" * 9000}))
    provider.script(step, step, step)
    whole = ask()
    with_usage = stream(provider, stream_options={"include_usage": True})
    arguments = {0: "", 1: ""}
    names = []
    for chunk in with_usage:
        for choice in chunk.choices:
            for call in choice.delta.tool_calls or []:
                arguments[call.index] += call.function.arguments
                names += [call.function.name] if call.function.name else []
    assert list(zip(names, arguments.values(), strict=True)) == calls_in(whole)
    assert whole.usage is not None
    assert with_usage[-1].usage.completion_tokens == whole.usage.completion_tokens
    assert with_usage[-2].choices[0].finish_reason == "tool_calls"
    assert all(chunk.usage is None for chunk in stream(provider))


@pytest.mark.parametrize(
    ("step", "finish", "content", "refusal"),
    [
        (writes("Hello"), "stop", "Hello", None),
        (writes({"label": "w2"}), "stop", '{"label": "w2"}', None),
        (empty(), "stop", "", None),
        (refuses("No."), "stop", None, "No."),
        (filtered(), "content_filter", "", None),
        (cut_off(), "length", None, None),
    ],
)
def test_replies_without_a_sound_call(
    provider: Provider, ask: Ask, step: Answer, finish: str, content: str | None, refusal: str | None
) -> None:
    """Words, silence, a refusal and what was cut off look as the protocol says."""
    provider.script(step)
    choice = ask().choices[0]
    assert (choice.finish_reason, choice.message.content, choice.message.refusal) == (finish, content, refusal)


def test_arguments_are_sent_as_the_model_wrote_them(provider: Provider, ask: Ask) -> None:
    """Broken JSON stays broken, and two megabytes arrive whole."""
    provider.script(malformed(), huge(2_000_000))
    ((_, broken),) = calls_in(ask())
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(broken)
    ((_, long),) = calls_in(ask())
    assert len(long) == 2_000_000
    assert json.loads(long)["labels"]


def test_loops_go_on_for_ever(provider: Provider, ask: Ask) -> None:
    """The same call, calls in turn, and arguments that grow, by the turns that the conversation holds."""

    def played(turns: int) -> tuple[str, int]:
        past = [{"role": "assistant", "content": "…"}] * turns
        ((name, arguments),) = calls_in(ask(MESSAGES + past))
        return name, len(arguments)

    provider.brain = same_call("read_page")
    assert len({played(turns) for turns in range(4)}) == 1
    provider.brain = alternating("a", "b")
    assert [played(turns)[0] for turns in range(4)] == ["a", "b", "a", "b"]
    provider.brain = growing("a", step=100)
    lengths = [played(turns)[1] for turns in range(4)]
    assert [later - sooner for sooner, later in itertools.pairwise(lengths)] == [100, 100, 100]


def test_models_are_listed(provider: Provider) -> None:
    """`GET /v1/models` answers as a provider does."""
    with client(provider.url) as sdk:
        assert "gpt-5-mini" in {model.id for model in sdk.models.list()}


# ── faults ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("step", "error", "code", "what"),
    [
        (status(429), openai.RateLimitError, 429, None),
        (status(500), openai.InternalServerError, 500, None),
        (status(502), openai.InternalServerError, 502, None),
        (status(503), openai.InternalServerError, 503, None),
        (status(529), openai.InternalServerError, 529, None),
        (status(401), openai.AuthenticationError, 401, None),
        (status(403), openai.PermissionDeniedError, 403, None),
        (no_such_model(), openai.NotFoundError, 404, "model_not_found"),
        (bad_request(), openai.BadRequestError, 400, None),
        (too_long(), openai.BadRequestError, 400, "context_length_exceeded"),
        (content_filtered(), openai.BadRequestError, 400, "content_filter"),
        (html_page(502), openai.InternalServerError, 502, None),
    ],
)
def test_errors_are_those_of_the_sdk(
    provider: Provider,
    ask: Ask,
    step: Answer,
    error: type[openai.APIStatusError],
    code: int,
    what: str | None,
    streamed: bool,
) -> None:
    """Each status is seen as the exception that the SDK has for it, whether or not a stream was asked for."""
    provider.script(step)
    with pytest.raises(error) as raised:
        ask(stream=streamed)
    assert (raised.value.status_code, raised.value.code) == (code, what)
    assert [(call.outcome, call.status) for call in provider.calls] == [("fault", code)]


@pytest.mark.parametrize(
    ("step", "error", "what"),
    [
        (silent(), openai.APITimeoutError, "silent"),
        (reset(), openai.APIConnectionError, "reset"),
        (cut(), openai.APIConnectionError, "cut"),
        (not_json(), ValueError, "not_json"),
        (after(5, verdict()), openai.APITimeoutError, "reply"),
    ],
)
def test_faults_of_the_way(provider: Provider, ask: Ask, step: Answer, error: type[Exception], what: str) -> None:
    """No answer, a reset, half a body, a body that is no JSON and an answer too late are seen as what they are."""
    provider.script(step)
    with pytest.raises(error):
        ask(timeout_s=0.3)
    (call,) = provider.calls
    assert call.what == what
    assert not provider.calls.answered


def test_half_a_stream_is_no_reply(provider: Provider) -> None:
    """A stream that is cut ends in an error after some chunks."""
    provider.script(cut(verdict(), share=0.5))
    seen: list[Any] = []
    with client(provider.url) as sdk:
        chunks = sdk.chat.completions.create(model="gpt-5-mini", messages=MESSAGES, stream=True)
        with pytest.raises(openai.APIConnectionError):
            seen.extend(iter(chunks))
    assert seen
    assert [call.outcome for call in provider.calls] == ["fault"]


def test_nobody_answers() -> None:
    """A full port makes connecting time out; a port that does not listen refuses at once."""
    with full_port() as url, client(url, timeout_s=0.3) as sdk, pytest.raises(openai.APITimeoutError) as raised:
        sdk.models.list()
    assert type(raised.value.__cause__).__name__ == "ConnectTimeout"
    with refused_port() as url, client(url) as sdk, pytest.raises(openai.APIConnectionError) as refused:
        sdk.models.list()
    assert type(refused.value.__cause__).__name__ == "ConnectError"


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_told_and_watched(provider: Provider, ask: Ask, as_date: bool) -> None:
    """The header asks for seconds or until a date; a retry of that key which comes sooner is found in the log."""
    provider.script(status(429, retry_after=1, as_date=as_date), verdict(), verdict())
    with pytest.raises(openai.RateLimitError) as raised:
        ask(key="a")
    told = raised.value.response.headers["retry-after"]
    assert told.endswith("GMT") if as_date else told == "1"
    ask(key="b")
    assert not provider.calls.retry_after_violations()
    ask(key="a")
    (early,) = provider.calls.retry_after_violations()
    assert early.retried.number == 3
    assert early.told.retry_after_s is not None
    assert 1 <= early.told.retry_after_s + 0.001 <= (2.001 if as_date else 1.002)


def test_whoever_waits_long_enough_obeys(provider: Provider, ask: Ask) -> None:
    """A retry after the time that was asked for is no violation."""
    provider.script(status(429, retry_after=0), status(503), verdict())
    for _ in range(2):
        with pytest.raises(openai.APIStatusError):
            ask(key="a")
    ask(key="a")
    assert [call.attempt for call in provider.calls] == [1, 2, 3]
    assert not provider.calls.retry_after_violations()


def test_an_outage_ends_when_told(provider: Provider, ask: Ask) -> None:
    """While it lasts no brain is asked; afterwards everything is as before."""
    provider.script(verdict())
    provider.outage()
    with pytest.raises(openai.InternalServerError):
        ask()
    provider.outage(kind="reset")
    with pytest.raises(openai.APIConnectionError):
        ask()
    provider.outage(0)
    assert ask().choices[0].finish_reason == "tool_calls"


# ── mistakes of the test and of the client ───────────────────────────────────────────────────────


def test_a_script_complains() -> None:
    """Steps that are left, calls beyond the script, and assertions inside a step do not pass unseen."""

    def stubborn(asked: Asked) -> Answer:
        raise AssertionError(f"asked by {asked.model}")

    outcomes: list[list[str]] = []

    def complaint_of(*steps: Step, calls: int) -> str:
        with in_thread(lambda asked: empty()) as other, client(other.url) as sdk:
            other.script(*steps)
            for _ in range(calls):
                with suppress(openai.BadRequestError):
                    sdk.chat.completions.create(model="gpt-5-mini", messages=MESSAGES)
            outcomes.append([call.outcome for call in other.calls])
            with pytest.raises(AssertionError) as raised:
                other.check()
            return f"{type(raised.value).__name__}: {raised.value}"

    assert complaint_of(verdict(), verdict(), calls=1) == "ScriptMistake: 2 scripted steps, 1 requests"
    assert "asked once more" in complaint_of(verdict(), calls=2)
    assert complaint_of(stubborn, calls=1) == "AssertionError: asked by gpt-5-mini"
    assert outcomes == [["answered"], ["answered", "unscripted"], ["unscripted"]]


CALL = {"id": "call_1", "type": "function", "function": {"name": "a", "arguments": "{}"}}


@pytest.mark.parametrize(
    ("messages", "complaint"),
    [
        ([], "non-empty"),
        ([{"role": "robot", "content": "hi"}], "Supported values"),
        ([*MESSAGES, {"role": "assistant", "tool_calls": [CALL]}], "did not have response messages: call_1"),
        ([*MESSAGES, {"role": "tool", "tool_call_id": "call_1", "content": "{}"}], "preceeding message"),
        ([*MESSAGES, {"role": "assistant", "content": None}], "expected a string, got null"),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x/y.png"}}]}], "data URL"),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": PIXEL + "!"}}]}], "Invalid image"),
        ([{"role": "system", "content": [{"type": "image_url", "image_url": {"url": PIXEL}}]}], "only supported"),
    ],
)
def test_a_wrong_request_is_refused(ask: Ask, messages: list[Any], complaint: str) -> None:
    """What OpenAI refuses is refused here, so that a test cannot pass with a request that would fail in earnest."""
    with pytest.raises(openai.BadRequestError, match=complaint):
        ask(messages)
