"""Rates are kept in every window, by a clock set by hand; connections are counted by the provider itself."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from langchain_core.messages import HumanMessage

from agent import limiter as limiting
from agent.limiter import WINDOW_S, CallLimits, Limiter, Window
from agent.models import openai_model
from agent.turn import Place, take_turn
from store.ports import Store
from tests.provider.answers import after, says
from tests.provider.server import Provider

OK = says(("escalate_to_review", {"rationale": "nothing fits", "reason": "other"}))


class Simulated:
    """Time that passes only while everybody sleeps."""

    def __init__(self) -> None:
        self.time = 0.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def clock(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        self._sleepers.append((self.time + seconds, woken))
        await woken.wait()

    async def run(self, work: Sequence[Any]) -> None:
        """Let time pass until all work has ended."""
        tasks = [asyncio.ensure_future(one) for one in work]
        while not all(task.done() for task in tasks):
            for _ in range(20 * len(tasks)):  # whoever can go on does
                await asyncio.sleep(0)
            if self._sleepers:
                until, woken = min(self._sleepers, key=lambda sleeper: sleeper[0])
                self._sleepers.remove((until, woken))
                self.time = max(self.time, until)
                woken.set()
        await asyncio.gather(*tasks)


def busiest(taken: Sequence[tuple[float, int]]) -> int:
    """The most of any window."""
    return max(sum(amount for at, amount in taken if start <= at < start + WINDOW_S) for start, _ in taken)


async def test_requests_keep_the_rate_in_every_window() -> None:
    """Fifty at once, ten a minute: never more than ten in any sixty seconds, first come first served, and no slower."""
    time = Simulated()
    limiter = Limiter(CallLimits(requests_per_minute=10), time.clock, time.sleep)
    begun: list[tuple[float, int]] = []

    async def call(number: int) -> None:
        async with limiter.place(100):
            begun.append((time.time, number))

    await time.run([call(number) for number in range(50)])
    assert busiest([(at, 1) for at, _ in begun]) == 10
    assert [number for _, number in begun] == list(range(50))
    assert begun[-1][0] == pytest.approx(4 * WINDOW_S, abs=1)


async def test_tokens_keep_the_rate_in_every_window() -> None:
    """Calls of different sizes never take more than the limit in any sixty seconds, and use most of it."""
    time = Simulated()
    limiter = Limiter(CallLimits(tokens_per_minute=10_000), time.clock, time.sleep)
    sizes = random.Random(7).choices(range(500, 3000), k=60)
    begun: list[tuple[float, int]] = []

    async def call(size: int) -> None:
        async with limiter.place(size):
            begun.append((time.time, size))

    await time.run([call(size) for size in sizes])
    assert 8_000 < busiest(begun) <= 10_000


async def test_an_estimate_is_corrected_by_what_was_used() -> None:
    """Too high an estimate makes room for others in the same minute; too low a one takes it."""
    time = Simulated()
    limiter = Limiter(CallLimits(tokens_per_minute=1_000), time.clock, time.sleep)

    async def call(guess: int, used: int) -> float:
        async with limiter.place(guess) as place:
            place.correct(used)
        return time.time

    ends: list[float] = []

    async def all_calls() -> None:
        for guess, used in [(900, 100), (900, 100), (100, 800), (100, 100)]:
            ends.append(await call(guess, used))

    await time.run([all_calls()])
    assert ends == [0.0, 0.0, 0.0, pytest.approx(WINDOW_S, abs=1)]


async def test_one_call_larger_than_the_limit_goes_alone() -> None:
    """It waits for an empty window and is sent then: never would be a hang."""
    time = Simulated()
    limiter = Limiter(CallLimits(tokens_per_minute=1_000), time.clock, time.sleep)
    begun: list[float] = []

    async def call(size: int) -> None:
        async with limiter.place(size):
            begun.append(time.time)

    await time.run([call(500), call(5_000), call(500)])
    assert begun == [0.0, pytest.approx(WINDOW_S, abs=1), pytest.approx(2 * WINDOW_S, abs=1)]


@given(some.lists(some.tuples(some.floats(0, 30), some.integers(1, 50)), min_size=1, max_size=40))
def test_whoever_waits_as_told_never_exceeds_the_limit(steps: list[tuple[float, int]]) -> None:
    """The property of the window itself, for any amounts and pauses."""
    now = 0.0
    window = Window(50, lambda: now)
    taken: list[tuple[float, int]] = []
    for pause, amount in steps:
        now += pause
        now += window.wait_s(amount)
        assert window.wait_s(amount) < 1e-6
        window.take(amount)
        taken.append((now, amount))
    assert max(sum(a for at, a in taken if start + 1e-6 <= at < start + WINDOW_S) for start, _ in taken) <= 50


# ── over real HTTP ───────────────────────────────────────────────────────────────────────────────


async def ask_often(provider: Provider, store: Store, limits: CallLimits, times: int) -> None:
    """Calls for many pages at the same time, each with a handle of its own on the model."""
    handles = [openai_model("m", 20, provider.environment, limits) for _ in range(times)]
    await asyncio.gather(
        *(
            take_turn(model, [HumanMessage(f"{page:0400}")], [], Place("job", page, 0), store.journal)
            for page, model in enumerate(handles, 1)
        )
    )


async def test_many_pages_share_the_connections(store: Store, provider: Provider) -> None:
    """Forty pages ask at once over three connections: the provider never has more than three requests at work."""
    provider.brain = lambda asked: after(0.03, OK)
    await ask_often(provider, store, CallLimits(connections=3), 40)
    assert (len(provider.calls.answered), provider.calls.peak_concurrency) == (40, 3)


async def test_the_provider_sees_no_more_than_the_rate(
    store: Store, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its own log, with a window of 1.5 seconds, of which 0.6 are left for the way on a busy machine."""
    monkeypatch.setattr(limiting, "WINDOW_S", 1.5)
    provider.brain = lambda asked: OK
    await ask_often(provider, store, CallLimits(requests_per_minute=4), 8)
    assert provider.calls.busiest(0.9) <= 4
    assert len(provider.calls.answered) == 8


async def test_the_usage_that_is_told_corrects_the_estimate(
    store: Store, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls that turn out larger than they looked slow down those that follow."""
    monkeypatch.setattr(limiting, "WINDOW_S", 0.8)
    large = says(("escalate_to_review", {"rationale": "why", "reason": "other"}), prompt_tokens=900)
    provider.brain = lambda asked: large
    await ask_often(provider, store, CallLimits(connections=1, tokens_per_minute=1000), 3)
    assert provider.calls.busiest(0.4) == 1
