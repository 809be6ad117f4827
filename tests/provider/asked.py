"""A chat-completions request as the server sees it: its parts, its size, and what a provider would refuse about it."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
MOST_IMAGES = 500
ROLES = {"system", "developer", "user", "assistant", "tool"}


@dataclass(frozen=True)
class Asked:
    """One request. `headers` have lower-case names."""

    body: Mapping[str, Any]
    sha256: str
    """Of the body's bytes."""
    headers: Mapping[str, str]
    attempt: int = 1
    """Counts the requests with this key from 1."""

    @property
    def key(self) -> str | None:
        return self.headers.get("idempotency-key")

    @property
    def slot(self) -> str:
        """What a repeated request shares with the first."""
        return self.key or f"body:{self.sha256}"

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))

    @property
    def stream(self) -> bool:
        return self.body.get("stream") is True

    @property
    def wants_usage(self) -> bool:
        """A stream tells the usage only where it is asked to."""
        return not self.stream or bool((self.body.get("stream_options") or {}).get("include_usage"))

    @property
    def messages(self) -> list[dict[str, Any]]:
        found = self.body.get("messages")
        return [message for message in found if isinstance(message, dict)] if isinstance(found, list) else []

    @property
    def turns(self) -> int:
        """Replies of the model that the conversation holds already."""
        return sum(message.get("role") == "assistant" for message in self.messages)

    @cached_property
    def tools(self) -> dict[str, dict[str, Any]]:
        """Parameter schemas by the name of the function."""
        functions = [tool.get("function") or {} for tool in self.body.get("tools") or []]
        return {str(function.get("name")): function.get("parameters") or {} for function in functions}

    @cached_property
    def answer_schema(self) -> dict[str, Any] | None:
        """The schema of `response_format`, where that is `json_schema`."""
        wanted = self.body.get("response_format") or {}
        if wanted.get("type") != "json_schema":
            return None
        schema: dict[str, Any] = wanted["json_schema"].get("schema") or {}
        return schema

    @cached_property
    def images(self) -> tuple[bytes, ...]:
        """The pictures of all messages, decoded from their data URLs."""
        return tuple(_picture(url) for url in self._image_urls())

    @property
    def image_count(self) -> int:
        return sum(1 for _ in self._image_urls())

    @cached_property
    def prompt_characters(self) -> int:
        """Of all texts and calls in the messages, without images."""
        return sum(len(text) for message in self.messages for text in _texts(message))

    @cached_property
    def prompt_tokens(self) -> int:
        """An estimate: four characters a token, tool schemas included, and 765 tokens an image."""
        schemas = len(json.dumps(self.body["tools"])) if self.body.get("tools") else 0
        return (self.prompt_characters + schemas + 3) // 4 + 765 * self.image_count

    def complaint(self) -> str | None:
        """Why a provider would answer 400; None for a sound request."""
        if not self.model:
            return "you must provide a model parameter"
        if not self.messages or len(self.messages) != len(self.body["messages"]):
            return "Invalid 'messages': expected a non-empty array of objects."
        for name in self.tools:
            if not TOOL_NAME.fullmatch(name):
                return f"Invalid 'tools[].function.name': {name!r} does not match '^[a-zA-Z0-9_-]+$'."
        return _wrong_role(self.messages) or _unanswered_call(self.messages) or self._wrong_image()

    def _wrong_image(self) -> str | None:
        try:
            decoded = len(self.images)
        except ValueError as error:
            return f"Invalid image: {error}"
        return None if decoded <= MOST_IMAGES else f"Too many images in request: {decoded}, at most {MOST_IMAGES}."

    def _image_urls(self) -> Iterator[str]:
        for message in self.messages:
            for part in _parts(message):
                if part.get("type") == "image_url":
                    yield str((part.get("image_url") or {}).get("url"))


def texts_of(message: Mapping[str, Any]) -> list[str]:
    """The texts of a message's content, in order."""
    content = message.get("content")
    if isinstance(content, str):
        return [content]
    return [str(part.get("text", "")) for part in _parts(message) if part.get("type") == "text"]


def _parts(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _texts(message: Mapping[str, Any]) -> Iterator[str]:
    yield from texts_of(message)
    for call in message.get("tool_calls") or []:
        function = call.get("function") or {}
        yield f"{function.get('name')}{function.get('arguments')}"


def _picture(url: str) -> bytes:
    """Raise ValueError for what is no picture: no server can fetch an address for us."""
    head, comma, data = url.partition(",")
    if not comma or not re.fullmatch(r"data:image/(png|jpeg|gif|webp);base64", head):
        raise ValueError(f"expected a base64 data URL of a picture, got {url[:40]!r}")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def _wrong_role(messages: list[dict[str, Any]]) -> str | None:
    for at, message in enumerate(messages):
        role = message.get("role")
        if role not in ROLES:
            return f"Invalid value: {role!r}. Supported values are: {', '.join(sorted(ROLES))} (messages[{at}].role)."
        if role != "user" and any(part.get("type") == "image_url" for part in _parts(message)):
            return f"Invalid 'messages[{at}]': image_url is only supported in messages of the user."
        if message.get("content") is None and not message.get("tool_calls") and not message.get("refusal"):
            return f"Invalid value for 'content': expected a string, got null (messages[{at}])."
    return None


def _unanswered_call(messages: list[dict[str, Any]]) -> str | None:
    """Each call of a tool is answered right after the message that makes it, and nothing else is."""
    waiting: list[str] = []
    for at, message in enumerate(messages):
        if message.get("role") == "tool":
            if message.get("tool_call_id") not in waiting:
                return (
                    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with "
                    f"'tool_calls' (messages[{at}])."
                )
            waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            break
        waiting = [str(call.get("id")) for call in message.get("tool_calls") or []]
    if waiting:
        return (
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(waiting)}"
        )
    return None
