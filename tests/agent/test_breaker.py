"""The circuit breaker: by an injected clock for its states, over real HTTP for what a provider is spared."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pytest
import stamina
from langchain_core.messages import HumanMessage

from agent import line
from agent.breaker import COOL_DOWN_S, LONGEST_ASKED_S, LONGEST_COOL_DOWN_S, MOST_FAILURES, PROBE_S, Breaker
from agent.errors import CircuitOpen, ModelRefused, ProviderDown
from agent.models import openai_model
from agent.turn import Place, take_turn
from store.ports import Store
from tests.conftest import WaitUntil
from tests.provider.answers import after, says, status
from tests.provider.server import Provider


@dataclass
class HandClock:
    """A clock that is set by hand; seconds."""

    time: float = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def breaker(clock: HandClock) -> Breaker:
    return Breaker("openai:m", clock=clock)


def fail(breaker: Breaker, asked_s: float | None = None) -> ProviderDown:
    """One call that fails."""
    with pytest.raises(ProviderDown) as raised, breaker.guard():
        raise ProviderDown("503", asked_s)
    return raised.value


def state(breaker: Breaker) -> str:
    return breaker.state


def succeed(breaker: Breaker) -> None:
    """One call that is answered."""
    with breaker.guard():
        pass


def opened(breaker: Breaker) -> Breaker:
    for _ in range(MOST_FAILURES):
        fail(breaker)
    return breaker


def test_failures_in_a_row_open_it(breaker: Breaker) -> None:
    """Others in between do not count; while it is open nobody is let through, and is told when to come back."""
    for _ in range(MOST_FAILURES - 1):
        fail(breaker)
    succeed(breaker)
    for _ in range(MOST_FAILURES - 1):
        fail(breaker)
    assert state(breaker) == "closed"
    fail(breaker)
    assert state(breaker) == "open"
    with pytest.raises(CircuitOpen) as refused, breaker.guard():
        pytest.fail("a call was let through")
    assert refused.value.retry_in_s == COOL_DOWN_S


def test_one_probe_decides(breaker: Breaker, clock: HandClock) -> None:
    """After the cool-down one call goes first; until its answer is there, others are told to come back soon."""
    opened(breaker)
    clock.time += COOL_DOWN_S
    assert state(breaker) == "half_open"
    with breaker.guard():
        with pytest.raises(CircuitOpen) as refused, breaker.guard():
            pytest.fail("a second call was let through")
        assert refused.value.retry_in_s == PROBE_S
    assert state(breaker) == "closed"
    succeed(breaker)


def test_a_probe_that_fails_doubles_the_cool_down(breaker: Breaker, clock: HandClock) -> None:
    """Up to a minute; an answer makes everything as it was."""
    opened(breaker)
    seen = []
    for _ in range(6):
        clock.time += breaker.retry_in_s
        fail(breaker)
        seen.append(breaker.retry_in_s)
    assert seen == [2 * COOL_DOWN_S, 4 * COOL_DOWN_S, 8 * COOL_DOWN_S, *[LONGEST_COOL_DOWN_S] * 3]
    clock.time += LONGEST_COOL_DOWN_S
    succeed(breaker)
    opened(breaker)
    assert breaker.retry_in_s == COOL_DOWN_S


def test_a_pause_longer_than_the_cool_down_opens_it_at_once(breaker: Breaker) -> None:
    """The provider knows best; but nobody is locked out for a day."""
    fail(breaker, asked_s=COOL_DOWN_S / 2)
    assert state(breaker) == "closed"
    fail(breaker, asked_s=90.0)
    assert (state(breaker), breaker.retry_in_s) == ("open", 90.0)
    succeeding = Breaker("m")
    fail(succeeding, asked_s=float("inf"))
    assert succeeding.retry_in_s <= LONGEST_ASKED_S


def test_a_probe_that_is_cancelled_leaves_its_place(breaker: Breaker, clock: HandClock) -> None:
    """Nothing was learned, so the next call may probe."""
    opened(breaker)
    clock.time += COOL_DOWN_S
    with pytest.raises(asyncio.CancelledError), breaker.guard():
        raise asyncio.CancelledError
    assert state(breaker) == "half_open"
    succeed(breaker)
    assert state(breaker) == "closed"


def test_a_no_is_an_answer(breaker: Breaker) -> None:
    """A provider that refuses a request is there."""
    opened_nearly = [fail(breaker) for _ in range(MOST_FAILURES - 1)]
    with pytest.raises(ModelRefused), breaker.guard():
        raise ModelRefused("401")
    fail(breaker)
    assert state(breaker) == "closed"
    assert all(error.outage is not None and error.outage.over for error in opened_nearly)


def test_an_outage_is_one_from_the_first_failure_to_the_next_answer(breaker: Breaker, clock: HandClock) -> None:
    """All failures in it name the same, so that it is told once; it knows how long it lasted."""
    first = fail(breaker).outage
    clock.time += 7
    opened(breaker)
    with pytest.raises(CircuitOpen) as refused, breaker.guard():
        pass
    assert refused.value.outage is first is not None
    assert not first.over
    clock.time += COOL_DOWN_S
    succeed(breaker)
    clock.time += 100
    assert (first.over, first.age_s) == (True, 7 + COOL_DOWN_S)
    assert fail(breaker).outage is not first


# ── over real HTTP ───────────────────────────────────────────────────────────────────────────────

OK = says(("escalate_to_review", {"rationale": "nothing fits", "reason": "other"}))


@pytest.fixture
def at_once() -> Iterator[None]:
    """Attempts follow each other without a pause."""
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.mark.usefixtures("at_once")
async def test_a_provider_that_is_down_is_spared(
    store: Store, provider: Provider, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five calls with three requests each, then none until the cool-down is over, then one; its answer closes."""
    monkeypatch.setattr(line, "Breaker", partial(Breaker, clock=clock))
    model = openai_model("gpt-5-mini", timeout_s=5, environment=provider.environment)
    pages = iter(range(1, 1000))

    async def turn() -> None:
        page = next(pages)  # each its own question: an equal one is not asked twice
        await take_turn(model, [HumanMessage(f"page {page}")], [], Place("job-1", page, 0), store.journal)

    provider.brain = lambda asked: status(503)
    for _ in range(MOST_FAILURES):
        with pytest.raises(ProviderDown):
            await turn()
    for _ in range(20):
        with pytest.raises(CircuitOpen):
            await turn()
    assert len(provider.calls) == 3 * MOST_FAILURES

    assert model.endpoint is not None
    assert line.line_of(model.endpoint).breaker.state == "open"
    clock.time += COOL_DOWN_S
    provider.brain = lambda asked: OK
    await turn()
    await turn()
    assert len(provider.calls.answered) == 2
    assert line.line_of(model.endpoint).breaker.state == "closed"


async def test_the_probe_is_one_request(
    store: Store, provider: Provider, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not tried again; a hundred callers at the same time make no second one."""
    monkeypatch.setattr(line, "Breaker", partial(Breaker, clock=clock))
    model = openai_model("gpt-5-mini", timeout_s=5, environment=provider.environment)
    assert model.endpoint is not None
    opened(line.line_of(model.endpoint).breaker)
    clock.time += COOL_DOWN_S
    provider.brain = lambda asked: status(503)

    turns = [
        take_turn(model, [HumanMessage("{}")], [], Place("job-1", page, 0), store.journal) for page in range(1, 101)
    ]
    ends = await asyncio.gather(*turns, return_exceptions=True)

    assert len(provider.calls) == 1
    assert sum(isinstance(end, CircuitOpen) for end in ends) == 99
    assert line.line_of(model.endpoint).breaker.retry_in_s == 2 * COOL_DOWN_S


async def test_calls_on_their_way_stop_trying_once_it_is_open(
    store: Store, provider: Provider, wait_until: WaitUntil
) -> None:
    """Whoever finds the circuit open between two attempts gives up."""
    model = openai_model("gpt-5-mini", timeout_s=5, environment=provider.environment)
    assert model.endpoint is not None
    provider.brain = lambda asked: after(0.3, status(503))
    turn = asyncio.create_task(take_turn(model, [HumanMessage("{}")], [], Place("job-1", 1, 0), store.journal))
    await wait_until(lambda: len(provider.calls) == 1)
    opened(line.line_of(model.endpoint).breaker)
    with pytest.raises(ProviderDown):
        await turn
    assert len(provider.calls) == 1
