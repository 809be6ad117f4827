"""The SDK as the client under test uses it: no retries of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
from openai.types.chat import ChatCompletion

MESSAGES: list[Any] = [{"role": "user", "content": "Which page is this?"}]

Ask = Callable[..., ChatCompletion]
"""`ask(messages=…, key=…, timeout_s=…, …)`: one whole reply."""


def client(url: str, timeout_s: float = 20.0) -> openai.OpenAI:
    return openai.OpenAI(api_key="test", base_url=url, max_retries=0, timeout=timeout_s)
