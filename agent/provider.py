"""Calls to a provider that speaks the OpenAI protocol: the only place that retries, the only one that knows the SDK.

Imported when a provider is first asked: the SDK takes two seconds to load, which local runs need not spend.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import openai
import stamina
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from store.errors import Unavailable

ATTEMPTS = 3
"""Attempts at one call while the provider is busy or out of reach."""


class ModelRefused(Unavailable):
    """The provider rejects the request itself (key, unknown model): retrying cannot help, settings must change."""


def chat_model(model: str, timeout_s: float, key: str, base_url: str | None) -> BaseChatModel:
    """The SDK's own retries are off: there is one layer that retries, below."""
    return ChatOpenAI(
        model=model, api_key=SecretStr(key), base_url=base_url, max_retries=0, timeout=timeout_s, temperature=0
    )


async def ask(model: Runnable[Any, Any], conversation: Sequence[BaseMessage], name: str) -> Any:
    """One reply. Raise Unavailable where the provider stays out of reach, ModelRefused where it says no."""
    try:
        async for attempt in stamina.retry_context(
            on=_worth_retrying, attempts=ATTEMPTS, wait_initial=0.5, wait_max=20
        ):
            with attempt:
                return await model.ainvoke(list(conversation))
    except openai.APIStatusError as error:
        kind = Unavailable if _worth_retrying(error) else ModelRefused
        raise kind(f"{name} answered {error.status_code}: {error.message}") from error
    except openai.APIConnectionError as error:
        raise Unavailable(f"{name} cannot be reached: check OPENAI_BASE_URL and the network") from error


def _worth_retrying(error: Exception) -> bool:
    if isinstance(error, openai.APIStatusError):
        return error.status_code in {408, 409, 429} or error.status_code >= 500
    return isinstance(error, openai.APIConnectionError)
