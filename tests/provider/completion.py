"""A reply as the chat-completions protocol writes it: one JSON object, or the events of a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.provider.answers import Reply
from tests.provider.asked import Asked

PIECE = 4096
"""Characters of arguments or text in one event, at most; at least four events share a reply."""


@dataclass(frozen=True)
class Spent:
    """Tokens as the usage tells them."""

    prompt: int
    cached: int
    completion: int

    def usage(self) -> dict[str, Any]:
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
            "prompt_tokens_details": {"cached_tokens": self.cached, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        }


def spent(reply: Reply, asked: Asked) -> Spent:
    """Tokens of one reply: as its script says, else four characters a token."""
    written = sum(len(name) + len(arguments) for name, arguments in reply.calls)
    written += len(reply.text or "") + len(reply.refusal or "")
    return Spent(
        asked.prompt_tokens if reply.prompt_tokens is None else reply.prompt_tokens,
        reply.cached_tokens,
        (written + 3) // 4 if reply.completion_tokens is None else reply.completion_tokens,
    )


def whole(reply: Reply, asked: Asked) -> bytes:
    """The completion as one JSON object. Depends on nothing but the request and the reply."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": reply.refusal}
    if reply.calls:
        message["tool_calls"] = [_call(at, asked, *call) for at, call in enumerate(reply.calls)]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(reply)}
    body = {**_head(asked, "chat.completion"), "choices": [choice]}
    if reply.usage:
        body["usage"] = spent(reply, asked).usage()
    return json.dumps(body).encode()


def events(reply: Reply, asked: Asked) -> list[bytes]:
    """The completion as server-sent events, `[DONE]` last."""
    head = _head(asked, "chat.completion.chunk")
    told = reply.usage and asked.wants_usage
    lines = [{**head, "choices": [choice], **({"usage": None} if told else {})} for choice in _deltas(reply, asked)]
    if told:
        lines.append({**head, "choices": [], "usage": spent(reply, asked).usage()})
    return [b"data: " + json.dumps(line).encode() + b"\n\n" for line in lines] + [b"data: [DONE]\n\n"]


def _deltas(reply: Reply, asked: Asked) -> Iterator[dict[str, Any]]:
    yield _choice({"role": "assistant", "content": None if reply.calls else ""})
    for field, words in (("content", reply.text), ("refusal", reply.refusal)):
        for piece in _pieces(words or ""):
            yield _choice({field: piece})
    for at, (name, arguments) in enumerate(reply.calls):
        yield _choice({"tool_calls": [{"index": at, **_call(at, asked, name, "")}]})
        for piece in _pieces(arguments):
            yield _choice({"tool_calls": [{"index": at, "function": {"arguments": piece}}]})
    yield _choice({}, _finish(reply))


def _choice(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _pieces(text: str) -> list[str]:
    size = min(PIECE, max(1, len(text) // 4))
    return [text[at : at + size] for at in range(0, len(text), size)]


def _head(asked: Asked, kind: str) -> dict[str, Any]:
    identity = f"chatcmpl-{asked.sha256[:24]}"
    return {"id": identity, "object": kind, "created": 1_700_000_000, "model": asked.model, "system_fingerprint": None}


def _call(at: int, asked: Asked, name: str, arguments: str) -> dict[str, Any]:
    """Ids follow from the request, so that they differ from turn to turn and are equal when it is asked again."""
    identity = f"call_{asked.sha256[:16]}{at}"
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}


def _finish(reply: Reply) -> str:
    return reply.finish or ("tool_calls" if reply.calls else "stop")
