"""Waiting for a provider: by a clock set by hand how long, over real HTTP that one page does not hold up the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina

from agent.breaker import Breaker, Outage
from agent.completion import FLAWS
from agent.errors import CircuitOpen, ModelRefused, ProviderDown
from agent.models import openai_model
from agent.routes import Route
from graph import patience as waiting
from graph.page.conversation import CALL_A_TOOL
from graph.patience import BREATH_S, FIRST_PAUSE_S, JITTER, LONGEST_PAUSE_S, MOST_ALONE, Patience
from graph.runtime import open_runtime
from store.records import JobOptions, PageVerdict, Task
from tests.conftest import PAGES, DrawPacket
from tests.provider.answers import Answer, Brain, after, bad_request, refuses, status, too_long
from tests.provider.asked import Asked
from tests.provider.page_brain import PageBrain
from tests.provider.server import Provider

MINUTE_S = 60.0
PAGE = Task(job_id="job-1", kind="page", page=7)


class HandClock:
    time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def down(outage: Outage | None, retry_in_s: float | None = None, kind: type[ProviderDown] = ProviderDown) -> Any:
    error = kind("openai:m answered 503", retry_in_s)
    error.outage = outage
    return error


def test_ten_minutes_are_waited_for(clock: HandClock) -> None:
    """Page after page goes back until the patience is over; then the error comes out."""
    patience, outage = Patience(15 * MINUTE_S, clock), Outage("openai:m", clock, 0.0)
    while clock.time < 10 * MINUTE_S:
        pause = patience.pause_s(PAGE, down(outage, 60.0, CircuitOpen), last_page=False)
        assert 0 < pause <= LONGEST_PAUSE_S
        clock.time += pause
    clock.time = 15 * MINUTE_S + 1
    with pytest.raises(ProviderDown, match="503"):
        patience.pause_s(PAGE, down(outage), last_page=False)


def test_a_pause_beyond_the_patience_is_not_begun(clock: HandClock) -> None:
    """A provider that wants to be left alone for an hour is not worth waiting for."""
    with pytest.raises(ProviderDown):
        Patience(15 * MINUTE_S, clock).pause_s(PAGE, down(Outage("m", clock, 0.0), 3600.0), last_page=True)


def test_pauses_grow_where_the_provider_does_not_say(clock: HandClock) -> None:
    """Twice as long each time, up to a minute; an asked one is kept, and somewhat more."""
    patience, outage = Patience(15 * MINUTE_S, clock), Outage("m", clock, 0.0)
    pauses = [patience.pause_s(PAGE, down(outage), last_page=False) for _ in range(8)]
    for at, pause in enumerate(pauses):
        wanted = min(FIRST_PAUSE_S * 2.0**at, LONGEST_PAUSE_S)
        assert wanted <= pause <= min(wanted * (1 + JITTER), LONGEST_PAUSE_S)
    assert 20.0 <= patience.pause_s(PAGE, down(outage, 20.0), last_page=False) <= 25.0


def test_a_worker_takes_breath_after_a_page_went_back(clock: HandClock) -> None:
    """A packet of thousands of pages shall not run in circles while nothing can be asked."""
    patience = Patience(15 * MINUTE_S, clock)
    assert not patience.holds_breath
    patience.pause_s(PAGE, down(Outage("m", clock, 0.0)), last_page=False)
    assert patience.holds_breath
    clock.time += BREATH_S
    assert not patience.holds_breath


def test_an_outage_is_told_once_and_its_end_once(clock: HandClock) -> None:
    """However many pages meet it."""
    patience, breaker = Patience(15 * MINUTE_S, clock), Breaker("openai:m", clock=clock)
    told = []
    for _ in range(3):
        with pytest.raises(ProviderDown) as raised, breaker.guard():
            raise ProviderDown("openai:m answered 503")
        told += patience.gone(raised.value)
    assert [event.type for event in told] == ["provider.unavailable"]
    assert patience.back() == []
    clock.time += 600
    with breaker.guard():
        pass
    (event,) = patience.back()
    assert (event.type, event.rationale) == ("provider.recovered", "openai:m answers again, after 600 s.")
    assert patience.back() == []


def test_a_page_that_fails_alone_is_found_out(clock: HandClock) -> None:
    """Where others were answered after each of five failures; being left alone by an open circuit does not count."""
    patience = Patience(15 * MINUTE_S, clock)
    for _ in range(MOST_ALONE):
        assert not patience.is_last_try(PAGE)
        outage = Outage("m", clock, clock.time)
        patience.pause_s(PAGE, down(outage), last_page=False)
        over = Outage("m", clock, clock.time, clock.time)
        patience.pause_s(PAGE, down(over, 5.0, CircuitOpen), last_page=False)
        assert not patience.is_last_try(PAGE)
        outage.ended = clock.time
    assert patience.is_last_try(PAGE)
    assert not patience.is_last_try(PAGE.model_copy(update={"page": 8}))


def test_the_last_page_goes_to_a_person_where_others_were_answered_since(clock: HandClock) -> None:
    """At the end of the patience it is asked about once more; with nothing to tell it from an outage, the wait ends."""
    patience, first, second = (
        Patience(MINUTE_S, clock),
        Outage("m", clock, 0.0),
        Outage("m", clock, 1.0),
    )
    patience.pause_s(PAGE, down(first), last_page=False)
    first.ended = 1.0
    patience.pause_s(PAGE, down(second), last_page=True)
    assert not patience.is_last_try(PAGE)
    clock.time = 2 * MINUTE_S
    with pytest.raises(ProviderDown):
        patience.pause_s(PAGE, down(second), last_page=False)
    with pytest.raises(ProviderDown):
        patience.pause_s(PAGE.model_copy(update={"page": 8}), down(second), last_page=True)
    assert patience.pause_s(PAGE, down(second, 10.0, CircuitOpen), last_page=True) >= 10.0
    assert patience.is_last_try(PAGE)


# ── over real HTTP ───────────────────────────────────────────────────────────────────────────────

WORDS = {"w2": ["Wage and Tax Statement"], "letter": ["Dear Ms Rivera"], "contract": ["AGREEMENT", "governing law"]}
Judged = Callable[..., Awaitable[tuple[list[PageVerdict], list[Any]]]]


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    """Attempts follow each other without a pause."""
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def judge(provider: Provider, draw_packet: DrawPacket, options: JobOptions, tmp_path: Path) -> Judged:
    """`judge(brain, times=1)`: verdicts and events of the four pages, `times` over, by a provider with this brain."""

    async def run(brain: Brain, times: int = 1, **settings: Any) -> tuple[list[PageVerdict], list[Any]]:
        provider.brain = brain
        model = openai_model("gpt-5-mini", timeout_s=30, environment=provider.environment)
        async with open_runtime(tmp_path / "home", routes=lambda name: Route.of(model), **settings) as runtime:
            job = await runtime.submit(draw_packet(pages=PAGES * times), options)
            await runtime.work(job.id)
            events = await runtime.store.events.read(job.id, limit=10_000)
            return list(await runtime.store.jobs.verdicts(job.id)), list(events)

    return run


def page_two(answer: Answer) -> Brain:
    """A provider that says this of page 2, and something sound of all others."""
    sound = PageBrain(WORDS)
    return lambda asked: answer if is_page_two(asked) else sound(asked)


def is_page_two(asked: Asked) -> bool:
    return asked.headers.get("x-pagetrail-page") == "2"


async def test_a_page_that_does_not_fit_goes_to_a_person_and_the_others_go_on(judge: Judged) -> None:
    """Its prompt is too long for the model: it gets no label, one reason, and a line in the trail."""
    verdicts, events = await judge(page_two(too_long()))
    assert [verdict.ranked[0].label if verdict.ranked else None for verdict in verdicts] == [
        "letter",
        None,
        "contract",
        "contract",
    ]
    assert (verdicts[1].review_reasons, verdicts[1].decided_by) == (("context_too_long",), "none")
    (told,) = [event for event in events if event.type == "page.refused"]
    assert (told.page, told.data) == (2, {"code": "context_too_long"})
    assert "maximum context length" in told.rationale


async def test_a_model_that_keeps_refusing_leaves_no_label(judge: Judged) -> None:
    """Three refusals are two repairs too many; each stands in the trail with what the model was told."""
    heard: list[str] = []

    def refusing(asked: Asked) -> Answer:
        heard.append(asked.messages[-1]["content"])
        return refuses("No.")

    sound = PageBrain(WORDS)
    verdicts, events = await judge(lambda asked: refusing(asked) if is_page_two(asked) else sound(asked))
    assert heard[1:] == [f"{FLAWS['refusal']} {CALL_A_TOOL}"] * 2
    assert (verdicts[1].ranked, verdicts[1].review_reasons) == ((), ("model_gave_no_verdict",))
    told = [event for event in events if event.type == "page.reply_unusable"]
    assert [(event.page, event.data["code"], event.data["words"]) for event in told] == [(2, "refusal", "No.")] * 3
    assert all(verdict.ranked for verdict in verdicts if verdict.page != 2)


async def test_a_key_that_is_refused_stops_the_job(judge: Judged) -> None:
    """No page can be asked: there is nothing to wait for, whatever the patience."""
    with pytest.raises(ModelRefused, match="401"):
        await judge(page_two(status(401)))
    with pytest.raises(ModelRefused, match="400"):
        await judge(page_two(bad_request("Unknown parameter.")))


async def test_a_page_comes_again_while_another_is_still_at_work(
    judge: Judged, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A free place is not kept waiting by a slow neighbour."""
    monkeypatch.setattr(waiting, "FIRST_PAUSE_S", 0.1)
    sound = PageBrain(WORDS)

    def slow_and_shaky(asked: Asked) -> Answer:
        page = asked.headers["x-pagetrail-page"]
        if page == "2" and asked.attempt <= 3:
            return status(503)
        return after(4.0, sound(asked)) if page == "1" and asked.turns == 0 else sound(asked)

    verdicts, _ = await judge(slow_and_shaky)
    assert all(verdict.ranked for verdict in verdicts)
    ended = {call.page: call.ended or 0.0 for call in provider.calls.answered}
    assert max(ended["2"], ended["3"], ended["4"]) < ended["1"]


async def test_a_page_that_the_provider_always_fails_goes_to_a_person(
    judge: Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers for all others meanwhile, so the packet is not held up by one page; an error gives no label.

    Whether that is noticed by five failures or, because the others were done sooner, at the end of the patience.
    """
    monkeypatch.setattr(waiting, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(waiting, "BREATH_S", 0.0)
    verdicts, events = await judge(page_two(status(500)), times=4, patience_s=6.0)
    assert (verdicts[1].ranked, verdicts[1].review_reasons) == ((), ("provider_gave_no_answer",))
    assert all(verdict.ranked for verdict in verdicts if verdict.page != 2)
    (told,) = [event for event in events if event.type == "page.refused"]
    assert (told.page, told.data) == (2, {"code": "provider_gave_no_answer"})
