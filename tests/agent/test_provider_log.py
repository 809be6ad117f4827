"""The provider's log, held against what the real client did: the truth about calls is what the provider saw."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.provider.answers import after, verdict
from tests.provider.calls import Calls
from tests.provider.client import MESSAGES, Ask, client
from tests.provider.running import as_process
from tests.provider.server import Provider

PIXEL = "data:image/png;base64,iVBORw0KGgo="


def test_the_log_holds_what_came(provider: Provider, ask: Ask) -> None:
    """Key, place, pictures, characters and tokens of each request stand in it."""
    provider.script(verdict())
    content = [{"type": "text", "text": "12345"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
    ask(
        [{"role": "system", "content": "123"}, {"role": "user", "content": content}],
        key="k",
        headers={"X-Pagetrail-Job": "j", "X-Pagetrail-Page": "7", "X-Pagetrail-Turn": "0"},
    )
    (call,) = provider.calls
    assert (call.key, call.job, call.page, call.turn) == ("k", "j", "7", "0")
    assert (call.model, call.images, call.prompt_characters, call.stream) == ("gpt-5-mini", 1, 8, False)
    assert (call.outcome, call.what, call.status, call.client_left) == ("answered", "reply", 200, False)
    assert (call.prompt_tokens, call.bytes > 500, call.ended is not None) == (767, True, True)
    assert abs(call.wall - time.time()) < 60


async def test_the_log_counts_who_worked_at_once(provider: Provider) -> None:
    """Peak concurrency, requests in a window and answers that one key got twice follow from the log."""
    provider.brain = lambda asked: after(0.3, verdict())
    async with openai.AsyncOpenAI(api_key="test", base_url=provider.url, max_retries=0) as sdk:

        def one(key: str) -> Awaitable[Any]:
            return sdk.chat.completions.create(
                model="gpt-5-mini", messages=MESSAGES, extra_headers={"Idempotency-Key": key}
            )

        await asyncio.gather(*(one(f"key-{at}") for at in range(10)))
        await one("key-3")
    calls = provider.calls
    assert calls.peak_concurrency == 10
    assert (calls.busiest(0.29), calls.busiest(60)) == (10, 11)
    assert calls.busiest_tokens(60) == sum(call.prompt_tokens + call.completion_tokens for call in calls)
    assert list(calls.duplicates()) == ["key-3"]
    assert len(calls.by_key()) == 10


def test_a_client_that_leaves_was_not_answered(provider: Provider, ask: Ask) -> None:
    """Whoever closes before the reply is put down as having left, with how long that took."""
    provider.brain = lambda asked: after(30, verdict())
    with pytest.raises(openai.APITimeoutError):
        ask(timeout_s=0.2)
    (call,) = provider.calls
    assert (call.outcome, call.client_left) == ("left", True)
    assert call.ended is not None
    assert 0.1 < call.ended - call.at < 10


def test_a_process_of_its_own(tmp_path: Path) -> None:
    """`python -m tests.provider` says its URL, answers, tells its calls, leaves them in a file and stops cleanly."""
    log = tmp_path / "calls.jsonl"
    key = {"Idempotency-Key": "k"}
    options = ["--delay-ms", "200", "--log", str(log), "--faults", "1", "--mix", "503"]
    with as_process(*options) as outside, client(outside.url) as sdk:
        for _ in range(2):
            with pytest.raises(openai.InternalServerError):
                sdk.chat.completions.create(model="m", messages=MESSAGES, extra_headers=key)
        began = time.monotonic()
        sdk.chat.completions.create(model="m", messages=MESSAGES, extra_headers=key)
        assert time.monotonic() - began >= 0.2
        assert outside.counts() == {"calls": 3, "answered": 1, "at_work": 0}
        told = outside.calls
        outside.reset()
        outside.outage(30)
        with pytest.raises(openai.InternalServerError):
            sdk.chat.completions.create(model="m", messages=MESSAGES)
        outside.outage(0)
        assert [call.number for call in outside.calls] == [4]
    assert [call.what for call in told] == ["503", "503", "no_way_to_answer"]
    assert list(Calls.read(log))[:3] == list(told)
