"""A provider that speaks the OpenAI protocol, and what the command line needs to reach it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Json = dict[str, Any]
NO_KEY_NEEDED = {"OPENAI_API_KEY": "test", "NO_PROXY": "127.0.0.1,localhost"}


class Provider:
    """Calls each page what `label` says at that moment."""

    def __init__(self, server: HTTPServer) -> None:
        self.label = "letter"
        self.asked: list[Json] = []
        self.before_verdict: Callable[[], None] = lambda: None
        """Called when a verdict is asked for, before the answer goes out."""
        self.environment = {**NO_KEY_NEEDED, "OPENAI_BASE_URL": server.url_for("/v1")}
        server.expect_request("/v1/chat/completions", method="POST").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        asked = json.loads(request.get_data())
        self.asked.append(asked)
        label = self.label
        self.before_verdict()
        return _completion("submit_verdict", _verdict(label))


def _verdict(label: str) -> Json:
    return {
        "rationale": f"it reads like a {label}",
        "labels": [{"label": label, "score": 0.9}],
        "start": {"score": 0.9, "why": "salutation"},
    }


def _completion(tool: str, arguments: Json) -> Response:
    call = {"id": "call_0", "type": "function", "function": {"name": tool, "arguments": json.dumps(arguments)}}
    completion = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-5-mini",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": None, "tool_calls": [call]},
                "finish_reason": "tool_calls",
            }
        ],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
    }
    return Response(json.dumps(completion), mimetype="application/json")


@pytest.fixture
def provider() -> Iterator[Provider]:
    # A server of its own rather than the plugin's: that one answers one request after the other.
    with HTTPServer(threaded=True) as server:
        yield Provider(server)
        server.check()


@pytest.fixture
def provider_down() -> dict[str, str]:
    """Environment of a provider at a port where nobody listens."""
    with HTTPServer() as server:
        address = server.url_for("/v1")
    return {**NO_KEY_NEEDED, "OPENAI_BASE_URL": address}
