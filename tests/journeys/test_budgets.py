"""A budget ends in a usable partial result with its reason; raised, the same job goes on with what was missing."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from agent.routes import RouteTable, route
from graph.runtime import Runtime
from store.records import NO_CAP, Budget, JobOptions, Result
from tests.conftest import DrawPacket, sheets
from tests.provider.answers import refuses
from tests.provider.page_brain import PageBrain
from tests.provider.server import Provider

OpenRuntime = Callable[..., AbstractAsyncContextManager[Runtime]]
WORDS = {"w2": ["Wage and Tax Statement"], "letter": ["Dear Ms Rivera"], "contract": ["AGREEMENT", "governing law"]}
TABLE = RouteTable.model_validate(
    {"doubt_usd": 1, "routes": {"test": [{"model": "local", "accept": "never"}, {"model": "openai:gpt-5-mini"}]}}
)
LABELS = ["letter", "w2", "contract", "contract"]


@pytest.fixture
def paid(new_runtime: OpenRuntime, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> OpenRuntime:
    """A runtime in which every page is asked about once."""
    for name, value in provider.environment.items():
        monkeypatch.setenv(name, value)
    provider.brain = PageBrain(WORDS)
    return lambda **settings: new_runtime(routes=lambda name: route("test", TABLE), **settings)


async def work(runtime: Runtime, packet: Path, options: JobOptions, budget: Budget) -> Result:
    job = await runtime.submit(packet, options, budget=budget)
    return await runtime.work(job.id)


def labels(result: Result) -> list[str | None]:
    return [page.label for page in result.pages]


def tokens(provider: Provider) -> int:
    """By the provider's own count."""
    return sum(call.prompt_tokens + call.completion_tokens for call in provider.calls.answered)


async def test_at_the_cap_the_job_ends_with_what_it_has(
    paid: OpenRuntime, provider: Provider, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """Pages beyond it keep the local verdict and wait for a person; the result says so, and how to go on."""
    async with paid() as runtime:
        result = await work(runtime, draw_packet(pages=sheets(3)), options, Budget(tokens=5000))
        events = await runtime.store.events.read(result.job_id)
    assert (result.status, len(result.pages)) == ("needs_review", 12)
    assert labels(result) == LABELS * 3
    assert result.partial is not None
    assert result.partial.code == "budget_reached"
    without = [page for page in result.pages if "budget_reached" in page.review_reasons]
    assert 0 < len(without) < 12
    assert len(provider.calls) == 12 - len(without)
    told = [event for event in events if event.type == "budget.reached"]
    assert len(told) == len(without)
    assert "the tokens of the job are used up" in str(told[0].rationale)


async def test_with_a_larger_budget_the_same_job_goes_on(
    paid: OpenRuntime, provider: Provider, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """Only pages that lacked it are asked about, nothing is paid twice, and the end is that of a run without a cap."""
    packet = draw_packet(pages=sheets(3))
    async with paid() as runtime:
        first = await work(runtime, packet, options, Budget(tokens=5000))
        asked = len(provider.calls)
        second = await work(runtime, packet, options, NO_CAP)
    assert second.job_id == first.job_id
    assert second.partial is None
    assert {share.model: share.pages for share in second.tiers} == {"local": 0, "openai:gpt-5-mini": 12}
    assert 0 < asked < 12 == len(provider.calls)
    assert provider.calls.duplicate_turns() == {}


async def test_a_budget_that_is_not_raised_changes_nothing(
    paid: OpenRuntime, provider: Provider, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """The same command again gives the same result and asks nobody."""
    packet = draw_packet(pages=sheets(2))
    async with paid() as runtime:
        first = await work(runtime, packet, options, Budget(tokens=4000))
        asked = len(provider.calls)
        again = await work(runtime, packet, options, Budget(tokens=4000))
    assert again == first
    assert len(provider.calls) == asked


@pytest.mark.parametrize("seed", range(4))
async def test_a_budget_is_overrun_by_one_call_at_most(
    paid: OpenRuntime, provider: Provider, draw_packet: DrawPacket, options: JobOptions, seed: int
) -> None:
    """By the provider's own count, with eight pages in hand at the same time."""
    cap = random.Random(seed).randint(1000, 15_000)
    provider.delay_s = 0.05
    async with paid(slots=8) as runtime:
        await work(runtime, draw_packet(pages=sheets(3)), options, Budget(tokens=cap))
    largest = max((call.prompt_tokens + call.completion_tokens for call in provider.calls), default=0)
    assert tokens(provider) <= cap + largest
    assert 0 < len(provider.calls) < 12


async def test_dollars_and_time_are_caps_too(
    paid: OpenRuntime, provider: Provider, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """A job that may spend nothing, or whose time is over, asks nobody and still has a result."""
    async with paid() as runtime:
        poor = await work(runtime, draw_packet("a", pages=sheets(1)), options, Budget(usd=0.0))
        late = await work(runtime, draw_packet("b", pages=sheets(1)), options, Budget(seconds=1e-6))
    assert [labels(result) for result in (poor, late)] == [LABELS] * 2
    assert len(provider.calls) == 0


async def test_a_tenant_has_a_budget_for_all_its_jobs(
    paid: OpenRuntime, provider: Provider, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """What one job spent the next one lacks; another tenant has its own."""
    async with paid(tenant_budget=Budget(tokens=6000)) as runtime:

        async def asked(name: str, times: int, tenant: str) -> int:
            before = len(provider.calls)
            job = await runtime.submit(draw_packet(name, pages=sheets(times)[-4:]), options, tenant=tenant)
            await runtime.work(job.id)
            return len(provider.calls) - before

        assert 0 < await asked("a", 1, "one") + await asked("b", 2, "one") < 8
        assert await asked("c", 3, "one") == 0
        assert await asked("d", 3, "two") > 0


async def test_an_equal_page_of_a_later_job_is_answered_for_nothing(
    paid: OpenRuntime, provider: Provider, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """Same page and pins, another packet: no call, and the result counts what was served again."""
    async with paid() as runtime:
        await work(runtime, draw_packet("a", pages=sheets(2)[:4]), options, NO_CAP)
        again = await work(runtime, draw_packet("b", pages=sheets(2)), options, NO_CAP)
    assert len(provider.calls) == 8
    assert (again.usage.model_calls, again.usage.cached_calls) == (4, 4)


@pytest.mark.parametrize("settings", [{"reuse": False}, {"tenant": "another"}], ids=["switched off", "another tenant"])
async def test_answers_serve_one_tenant_and_can_be_switched_off(
    paid: OpenRuntime, provider: Provider, draw_packet: DrawPacket, options: JobOptions, settings: dict[str, Any]
) -> None:
    """Nobody is given what somebody else has paid for."""
    tenant = settings.pop("tenant", "default")
    async with paid(**settings) as runtime:
        await work(runtime, draw_packet("a", pages=sheets(1)), options, NO_CAP)
        job = await runtime.submit(
            draw_packet("b", pages=[*sheets(1), ["Dear Ms Rivera, once more"]]), options, tenant=tenant
        )
        await runtime.work(job.id)
    assert len(provider.calls) == 4 + 5


async def test_a_reply_with_a_flaw_serves_nobody_else(
    paid: OpenRuntime, provider: Provider, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """What was refused once is asked again by the next job."""
    packet = [["Dear Ms Rivera, hello."]]
    async with paid() as runtime:
        provider.brain = lambda asked: refuses()
        await work(runtime, draw_packet("a", pages=packet), options, NO_CAP)
        asked = len(provider.calls)
        provider.brain = PageBrain(WORDS)
        result = await work(runtime, draw_packet("b", pages=[*packet, ["AGREEMENT of sale"]]), options, NO_CAP)
    assert len(provider.calls) == asked + 2
    assert [share.pages for share in result.tiers] == [0, 2]
