"""Calls to a provider that speaks the OpenAI protocol: the only place that retries, the only one that knows the SDK.

Imported when a provider is first asked: the SDK takes two seconds to load, which local runs need not spend.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
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
LONGEST_WAIT_S = 120.0
"""A provider that asks for a longer pause is given up for now: the task goes back instead of holding its place."""
JITTER = 0.25
"""Share of the asked pause that is added at random, so that callers turned away together do not come back together."""


class ModelRefused(Unavailable):
    """The provider rejects the request itself (key, unknown model): retrying cannot help, settings must change."""


def chat_model(model: str, timeout_s: float, key: str, base_url: str | None) -> BaseChatModel:
    """The SDK's own retries are off: there is one layer that retries, below."""
    return ChatOpenAI(
        model=model, api_key=SecretStr(key), base_url=base_url, max_retries=0, timeout=timeout_s, temperature=0
    )


async def ask(
    model: Runnable[Any, Any], conversation: Sequence[BaseMessage], name: str, headers: Mapping[str, str]
) -> Any:
    """One reply. Raise Unavailable where the provider stays out of reach, ModelRefused where it says no."""
    able = model.bind(extra_headers=dict(headers))
    try:
        async for attempt in stamina.retry_context(
            on=_retry, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=20
        ):
            with attempt:
                return await able.ainvoke(list(conversation))
    except openai.APIStatusError as error:
        kind = Unavailable if _worth_retrying(error) else ModelRefused
        raise kind(f"{name} answered {error.status_code}: {error.message}") from error
    except openai.APIConnectionError as error:
        raise Unavailable(f"{name} cannot be reached: check OPENAI_BASE_URL and the network") from error


def _retry(error: Exception) -> bool | float:
    """Whether to try again, and after how many seconds where the provider has said so."""
    if not _worth_retrying(error):
        return False
    asked = retry_after(error.response.headers) if isinstance(error, openai.APIStatusError) else None
    if asked is None:
        return True
    return asked * (1 + random.uniform(0, JITTER)) if asked <= LONGEST_WAIT_S else False


def _worth_retrying(error: Exception) -> bool:
    if isinstance(error, openai.APIStatusError):
        return error.status_code in {408, 409, 429} or error.status_code >= 500
    return isinstance(error, openai.APIConnectionError)


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
