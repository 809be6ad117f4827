"""One turn: journaled, retried in one layer, honest about what it cost. The provider is a real HTTP server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import stamina
from langchain_core.messages import HumanMessage
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from agent.errors import ModelRefused
from agent.models import ModelHandle, UnknownModel, openai_model
from agent.routes import route
from agent.scripted import ScriptedModel, ScriptExhausted, says
from agent.turn import Place, call_key, take_turn
from store.errors import Unavailable
from store.ports import Store
from tools.escalate import EscalateArguments
from tools.toolbox import function_schema

TOOLS = [function_schema("escalate_to_review", "Ask a person.", EscalateArguments)]
CONVERSATION = [HumanMessage('{"page": 1}')]
PLACE = Place("job-1", page=1, turn=0)


def completion(*calls: tuple[str, dict[str, Any]], model: str = "gpt-5-mini") -> dict[str, Any]:
    """A chat completion that calls tools, as a provider sends it."""
    tool_calls = [
        {"id": f"call_{at}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for at, (name, arguments) in enumerate(calls)
    ]
    message = {"role": "assistant", "content": None, "tool_calls": tool_calls}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
    }


class Provider:
    """What the server answers, in order, and what it was asked."""

    def __init__(self, server: HTTPServer) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answers: list[Response | dict[str, Any]] = []
        server.expect_request("/v1/chat/completions", method="POST").respond_with_handler(self._answer)
        self.environment = {"OPENAI_API_KEY": "test", "OPENAI_BASE_URL": server.url_for("/v1")}

    def _answer(self, request: Request) -> Response:
        self.asked.append(json.loads(request.get_data()))
        answer = self.answers.pop(0)
        return answer if isinstance(answer, Response) else Response(json.dumps(answer), mimetype="application/json")

    def model(self, name: str = "gpt-5-mini") -> ModelHandle:
        return openai_model(name, timeout_s=5, environment=self.environment)


@pytest.fixture
def provider(httpserver: HTTPServer) -> Provider:
    return Provider(httpserver)


@pytest.fixture(autouse=True)
def no_waiting_between_attempts() -> Iterator[None]:
    """Retries happen at once; how often they happen is what the tests look at."""
    with stamina.set_testing(True, attempts=3):
        yield


async def test_a_reply_comes_back_with_its_tool_calls_and_its_price(store: Store, provider: Provider) -> None:
    """The request carries the tools; the answer carries calls, tokens and dollars."""
    provider.answers = [completion(("escalate_to_review", {"rationale": "why", "reason": "other"}))]

    reply = await take_turn(provider.model(), CONVERSATION, TOOLS, PLACE, store.journal)

    assert provider.asked[0]["tools"] == TOOLS
    assert [call["name"] for call in reply.message.tool_calls] == ["escalate_to_review"]
    assert (reply.usage.model_calls, reply.usage.input_tokens, reply.usage.output_tokens) == (1, 1000, 100)
    assert reply.usage.cost_usd == pytest.approx(0.00045)


async def test_a_finished_call_is_not_made_again(store: Store, provider: Provider) -> None:
    """The second time the journal answers, with the same message and the same price."""
    provider.answers = [completion(("escalate_to_review", {"rationale": "why", "reason": "other"}))]
    first = await take_turn(provider.model(), CONVERSATION, TOOLS, PLACE, store.journal)
    second = await take_turn(provider.model(), CONVERSATION, TOOLS, PLACE, store.journal)

    assert len(provider.asked) == 1
    assert (first.replayed, second.replayed) == (False, True)
    assert second.message.tool_calls == first.message.tool_calls
    assert second.usage == first.usage


async def test_a_busy_provider_is_asked_again_in_one_layer(store: Store, provider: Provider) -> None:
    """429 and 503 are retried here and nowhere else: three attempts are three requests."""
    provider.answers = [Response("slow down", 429), Response("later", 503), completion()]
    await take_turn(provider.model(), CONVERSATION, TOOLS, PLACE, store.journal)
    assert len(provider.asked) == 3


async def test_a_provider_that_stays_away_is_unavailable(store: Store, provider: Provider) -> None:
    """After the last attempt the error is typed, and the journal holds an intent without a response."""
    provider.answers = [Response("down", 500)] * 3
    with pytest.raises(Unavailable, match="500"):
        await take_turn(provider.model(), CONVERSATION, TOOLS, PLACE, store.journal)
    assert [call.response for call in await store.journal.calls("job-1")] == [None]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_refusal_is_not_retried(store: Store, provider: Provider, status: int) -> None:
    """A wrong key or an unknown model does not get better by asking again."""
    provider.answers = [Response('{"error": {"message": "no"}}', status, mimetype="application/json")]
    with pytest.raises(ModelRefused):
        await take_turn(provider.model(), CONVERSATION, TOOLS, PLACE, store.journal)
    assert len(provider.asked) == 1


async def test_an_unknown_price_is_not_free(store: Store, provider: Provider) -> None:
    """A model without a list price costs None, not 0."""
    provider.answers = [completion()]
    reply = await take_turn(provider.model("my-own-model"), CONVERSATION, TOOLS, PLACE, store.journal)
    assert reply.usage.cost_usd is None


def test_the_call_key_covers_everything_that_can_change_the_answer() -> None:
    """Job, page, turn, model, messages and tools all change the key; asking the same gives the same."""
    model = ModelHandle("scripted", ScriptedModel(steps=[]))
    base = call_key(model, CONVERSATION, TOOLS, PLACE)
    others = [
        call_key(model, CONVERSATION, TOOLS, Place("job-2", 1, 0)),
        call_key(model, CONVERSATION, TOOLS, Place("job-1", 2, 0)),
        call_key(model, CONVERSATION, TOOLS, Place("job-1", 1, 1)),
        call_key(ModelHandle("other", model.chat), CONVERSATION, TOOLS, PLACE),
        call_key(ModelHandle("scripted", model.chat, parameters={"temperature": 1}), CONVERSATION, TOOLS, PLACE),
        call_key(model, [HumanMessage('{"page": 2}')], TOOLS, PLACE),
        call_key(model, CONVERSATION, [], PLACE),
    ]
    assert len({base, *others}) == 8
    assert base == call_key(model, CONVERSATION, TOOLS, PLACE)


def test_a_model_that_cannot_be_used_says_what_to_do() -> None:
    """Unknown names and missing keys are told apart, with the next step."""
    with pytest.raises(UnknownModel, match="openai:NAME"):
        route("gpt")
    with pytest.raises(UnknownModel, match="OPENAI_API_KEY"):
        openai_model("gpt-5-mini", 5, environment={})


async def test_the_scripted_model_complains_of_what_the_script_did_not_foresee(store: Store) -> None:
    """One call too many fails, and so does a step that was never played."""
    chat = ScriptedModel(steps=[says(("read_page", {"rationale": "look at it"}))])
    model = ModelHandle("scripted", chat, free=True)
    with pytest.raises(AssertionError, match="never played"):
        chat.assert_used_up()
    await take_turn(model, CONVERSATION, TOOLS, PLACE, store.journal)
    chat.assert_used_up()
    with pytest.raises(ScriptExhausted):
        await take_turn(model, CONVERSATION, TOOLS, Place("job-1", 1, 1), store.journal)
