"""Cheap first: a page goes down its route until a verdict stands, each step for a reason that is in the trail."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import stamina
from PIL import Image as Pillow

from agent.models import UnknownModel
from agent.routes import RouteFactory, RouteTable, load_table, must_be_priced, route
from graph.calibrator import Calibrator, raw
from graph.runtime import Runtime
from store.records import Event, JobOptions, PageVerdict, Result, TaxonomyPin
from taxonomy import Taxonomy
from tests.provider.answers import Script, empty, outside_taxonomy, says, status, verdict
from tests.provider.page_brain import PageBrain
from tests.provider.server import Provider

OpenRuntime = Callable[..., AbstractAsyncContextManager[Runtime]]
DrawPacket = Callable[..., Path]

LETTER = ["Dear Ms Rivera,", "hello there.", "Sincerely, Tom"]
UNKNOWN = ["The quick brown fox jumps over the lazy dog", "and comes home late in the evening of that day."]
LOCAL = {"model": "local", "accept": 0.8}
READER = {"model": "local", "accept": "never"}
PAID = {"model": "openai:gpt-5-mini", "accept": 0.8}
SEES = {"model": "openai:gpt-5", "image": "always"}


def routes(*tiers: dict[str, Any], doubt_usd: float = 0.25) -> RouteFactory:
    """Every name gives this route."""
    table = RouteTable.model_validate({"doubt_usd": doubt_usd, "routes": {"test": tiers}})
    return lambda name: route("test", table)


@pytest.fixture
def at_once() -> Iterator[None]:
    """Attempts follow each other without a pause."""
    with stamina.set_testing(True, attempts=3):
        yield


class Judged:
    """What became of the only page of a packet."""

    def __init__(self, page: PageVerdict, events: Sequence[Event], result: Result) -> None:
        self.page = page
        self.events = events
        self.result = result

    @property
    def hops(self) -> list[str]:
        return [str(event.rationale) for event in self.events if event.type == "page.routed"]

    @property
    def label(self) -> str | None:
        return self.page.ranked[0].label if self.page.ranked else None


@pytest.fixture
def calibrator(small_taxonomy: Taxonomy) -> Calibrator:
    """For the local model: its scores are taken as they are."""
    pin = TaxonomyPin(name=small_taxonomy.name, version=small_taxonomy.version, sha256=small_taxonomy.sha256)
    return raw("local", pin)


@pytest.fixture
def judge(
    new_runtime: OpenRuntime,
    draw_packet: DrawPacket,
    options: JobOptions,
    calibrator: Calibrator,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Any]:
    """`await judge(lines, *tiers)`: one page by a route of these tiers."""
    for name, value in provider.environment.items():
        monkeypatch.setenv(name, value)

    async def run(
        lines: Sequence[str], *tiers: dict[str, Any], scanned: bool = False, fallback: str = "wait", **more: Any
    ) -> Judged:
        packet = draw_packet("one", [lines], scanned=(1,) if scanned else ())
        async with new_runtime(routes=routes(*tiers, **more), calibrator=calibrator, fallback=fallback) as runtime:
            job = await runtime.submit(packet, options)
            result = await runtime.work(job.id)
            (page,) = await runtime.store.jobs.verdicts(job.id)
            return Judged(page, await runtime.store.events.read(job.id), result)

    return run


async def test_a_page_that_is_sure_enough_is_not_asked_about(judge: Callable[..., Any], provider: Provider) -> None:
    """The local model is confident, so no provider hears of the page."""
    judged = await judge(LETTER, LOCAL, PAID)
    assert judged.page.decided_by == "local"
    assert judged.hops == ["local is sure enough: 0.98 of 0.80; the page stays here"]
    assert len(provider.calls) == 0


async def test_a_page_in_doubt_goes_on_to_the_next_model(judge: Callable[..., Any], provider: Provider) -> None:
    """The next model is shown what was read, in one request; its verdict is the page's."""
    provider.brain = Script([verdict("contract")])
    judged = await judge(UNKNOWN, LOCAL, PAID)
    assert (judged.label, judged.page.decided_by) == ("contract", "openai:gpt-5-mini")
    assert judged.hops[0].startswith("local is not sure enough: ")
    assert "openai:gpt-5-mini is asked" in judged.hops[0]
    assert len(provider.calls) == 1


async def test_the_hop_is_in_the_trail_with_confidence_and_price(judge: Callable[..., Any], provider: Provider) -> None:
    """Who handed the page to whom, how sure it was, and what asking was expected to cost."""
    provider.brain = Script([verdict("contract")])
    judged = await judge(UNKNOWN, LOCAL, PAID)
    hop = next(event for event in judged.events if event.type == "page.routed")
    assert hop.data is not None
    assert (hop.data["from"], hop.data["to"]) == ("local", "openai:gpt-5-mini")
    assert 0 <= hop.data["confidence"] < 0.8
    assert 0 < hop.data["expected_usd"] < 0.01


async def test_a_doubt_that_is_cheaper_than_its_answer_is_left_to_a_person(
    judge: Callable[..., Any], provider: Provider
) -> None:
    """Where a person costs next to nothing, no model is asked."""
    judged = await judge(UNKNOWN, LOCAL, PAID, doubt_usd=0.000001)
    assert judged.page.decided_by == "local"
    assert "costs more than the doubt" in judged.hops[0]
    assert len(provider.calls) == 0


async def test_a_model_without_a_calibrator_is_never_sure(judge: Callable[..., Any], provider: Provider) -> None:
    """What a model says of its own certainty is no confidence: the last tier is asked."""
    provider.brain = Script([verdict("letter", score=1.0), verdict("letter")])
    judged = await judge(UNKNOWN, LOCAL, PAID, SEES)
    assert judged.page.decided_by == "openai:gpt-5"
    assert "the confidence of openai:gpt-5-mini is not calibrated" in judged.hops[1]


async def test_a_tier_that_sees_gets_the_picture_within_its_size(judge: Callable[..., Any], provider: Provider) -> None:
    """The picture is encoded into the request, as large as the tier's tokens allow; the text goes with it."""
    seen = []

    def brain(asked: Any) -> Any:
        seen.append(asked)
        return verdict("letter")

    provider.brain = brain
    await judge(UNKNOWN, LOCAL, {**SEES, "image_tokens": 300})
    (asked,) = seen
    (picture,) = asked.images

    width, height = Pillow.open(io.BytesIO(picture)).size
    assert -(-width // 32) * -(-height // 32) <= 300
    assert width > 400, "smaller than it has to be"
    assert "quick brown fox" in str(asked.messages)


async def test_scans_are_shown_and_born_digital_pages_are_not(judge: Callable[..., Any], provider: Provider) -> None:
    """`image: scans` costs picture tokens only where the words came from OCR."""
    provider.brain = PageBrain({})
    await judge(UNKNOWN, READER, {**PAID, "image": "scans"})
    await judge(UNKNOWN, READER, {**PAID, "image": "scans"}, scanned=True)
    assert [call.images for call in provider.calls] == [0, 1]


async def test_a_blank_page_is_not_asked_about(judge: Callable[..., Any], provider: Provider) -> None:
    """There is nothing on it that a model could be paid for."""
    judged = await judge([], READER, {**PAID, "image": "always"})
    assert len(provider.calls) == 0
    assert judged.hops == ["nobody further on the route can tell more; the page stays here"]


async def test_a_model_without_tools_answers_by_a_schema(judge: Callable[..., Any], provider: Provider) -> None:
    """`answer: json_schema`: no tool is offered, the reply is the verdict; a wrong one is repaired in words."""
    asked_for = []

    def brain(asked: Any) -> Any:
        asked_for.append(asked)
        return PageBrain({"letter": ["quick brown fox"]})(asked) if len(asked_for) > 1 else empty()

    provider.brain = brain
    judged = await judge(UNKNOWN, READER, {**PAID, "answer": "json_schema"})
    assert judged.label == "letter"
    assert [asked.tools for asked in asked_for] == [{}, {}]
    assert all(asked.answer_schema for asked in asked_for)
    assert "no JSON object" in str(asked_for[1].messages[-1])


async def test_one_repair_names_what_was_wrong(judge: Callable[..., Any], provider: Provider) -> None:
    """A label outside the taxonomy is refused with the reason; the second answer counts."""
    seen = []

    def brain(asked: Any) -> Any:
        seen.append(asked)
        return outside_taxonomy() if len(seen) == 1 else verdict("letter")

    provider.brain = brain
    judged = await judge(UNKNOWN, READER, PAID)
    assert judged.label == "letter"
    assert "Not in the taxonomy: grocery_list" in str(seen[1].messages[-1])


async def test_a_model_that_cannot_answer_leaves_the_page_what_it_had(
    judge: Callable[..., Any], provider: Provider
) -> None:
    """The local verdict stands, named as such, and a person has the last word."""
    provider.brain = lambda asked: outside_taxonomy()
    judged = await judge(LETTER, READER, PAID)
    assert (judged.label, judged.page.decided_by) == ("letter", "local")
    assert judged.page.review_reasons == ("model_gave_no_verdict",)
    assert len(provider.calls) == 3


@pytest.mark.usefixtures("at_once")
async def test_a_provider_that_is_away_can_be_done_without(judge: Callable[..., Any], provider: Provider) -> None:
    """With `fallback: next` the page keeps what the local model found, and is marked; it is never silent."""
    provider.brain = lambda asked: status(503)
    judged = await judge(LETTER, READER, PAID, fallback="next")
    assert (judged.label, judged.page.decided_by) == ("letter", "local")
    assert judged.page.review_reasons == ("provider_down",)
    assert "503" in next(str(event.rationale) for event in judged.events if event.type == "page.refused")


@pytest.mark.usefixtures("at_once")
async def test_another_model_takes_over_from_one_that_is_away(judge: Callable[..., Any], provider: Provider) -> None:
    """The next model of the route is asked, and its verdict counts like any other of its own."""
    sound = verdict("contract")
    provider.brain = lambda asked: status(503) if asked.model == "gpt-5-mini" else sound
    judged = await judge(LETTER, READER, PAID, SEES, fallback="next")
    assert (judged.label, judged.page.decided_by) == ("contract", "openai:gpt-5")
    assert judged.page.review_reasons == ()
    assert "gpt-5-mini gave no verdict" in judged.hops[1]


async def test_neighbours_are_read_on_request_only(judge: Callable[..., Any], provider: Provider) -> None:
    """The request holds this page alone; the tool that reads a neighbour is there to be called."""
    seen = []

    def brain(asked: Any) -> Any:
        seen.append(asked)
        if len(seen) == 1:
            return says(("read_neighbour", {"which": "next", "rationale": "Does it go on?"}))
        return verdict("letter")

    provider.brain = brain
    await judge(UNKNOWN, READER, PAID)
    assert set(seen[0].tools) == {"read_neighbour", "escalate_to_review", "submit_verdict"}
    assert "stands at the edge" in str(seen[1].messages[-1])


async def test_the_run_tells_what_each_model_did(judge: Callable[..., Any], provider: Provider) -> None:
    """Pages and calls by tier, tokens and dollars with them."""
    provider.brain = Script([verdict("contract")])
    judged = await judge(UNKNOWN, LOCAL, PAID)
    local, paid = judged.result.tiers
    assert (local.model, local.pages, local.usage.model_calls) == ("local", 0, 0)
    assert (paid.model, paid.pages, paid.usage.model_calls) == ("openai:gpt-5-mini", 1, 1)
    assert paid.usage.cost_usd is not None
    assert 0 < paid.usage.cost_usd == judged.result.usage.cost_usd


def test_the_shipped_table_can_be_used_with_one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """`cascade` needs nothing but a key; a setting replaces a model."""
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    assert [tier.model.name for tier in route("cascade").tiers] == ["local", "openai:gpt-5-mini", "openai:gpt-5"]
    other = route("cascade", replaced={"cascade_model": "openai:llama", "vision_model": None})
    assert [tier.model.name for tier in other.tiers] == ["local", "openai:llama", "openai:gpt-5"]
    assert [tier.model.name for tier in route("openai:mine").tiers] == ["local", "openai:mine"]


def test_a_table_that_cannot_be_used_says_where(tmp_path: Path) -> None:
    """A wrong field is named."""
    table = tmp_path / "routes.yaml"
    table.write_text("doubt_usd: 1\nroutes: {mine: [{model: local, accept: 2}]}\n")
    with pytest.raises(UnknownModel, match=r"routes\.mine\.0\.accept"):
        load_table(table)
    with pytest.raises(UnknownModel, match="cannot be read"):
        load_table(tmp_path / "none.yaml")


def test_a_budget_in_dollars_needs_a_price(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown price is not free, so it cannot be kept within a budget."""
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    must_be_priced(route("openai:gpt-5-mini"))
    with pytest.raises(UnknownModel, match="price of openai:my-own is not known"):
        must_be_priced(route("openai:my-own"))
