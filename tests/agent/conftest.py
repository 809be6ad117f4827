"""The real client of a provider, for tests that look at the provider itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from agent.models import hang_up
from tests.provider.client import MESSAGES, Ask, client
from tests.provider.server import Provider


@pytest.fixture(autouse=True)
async def no_connections_left() -> AsyncIterator[None]:
    """What a runtime does at its end, where a test has none."""
    yield
    await hang_up()


@pytest.fixture
def ask(provider: Provider) -> Ask:
    """`ask(messages=…, key=…, timeout_s=…, …)`: one whole reply of the provider through the SDK."""

    def asked(messages: list[Any] = MESSAGES, key: str | None = None, timeout_s: float = 20.0, **rest: Any) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        with client(provider.url, timeout_s) as sdk:
            return sdk.chat.completions.create(
                model="gpt-5-mini", messages=messages, extra_headers={**headers, **rest.pop("headers", {})}, **rest
            )

    return asked
