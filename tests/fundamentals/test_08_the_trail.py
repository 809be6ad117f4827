"""8. The trail: one event for every step, each sealed with the hash of the one before. `audit.jsonl` is the same."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from graph.runtime import Runtime
from store import trail
from store.records import Event, JobOptions

OpenRuntime = Callable[..., AbstractAsyncContextManager[Runtime]]
DrawPacket = Callable[..., Path]


@pytest.fixture
async def events(new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions) -> list[Event]:
    """The trail of a packet of four pages."""
    async with new_runtime() as runtime:
        job = await runtime.submit(draw_packet(), options)
        await runtime.work(job.id)
        return list(await runtime.store.events.read(job.id))


async def test_each_step_says_who_did_what_and_why(events: list[Event]) -> None:
    """A tool call carries its actor, tool, reason and what came back."""
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[0].type == "job.submitted"
    read = next(event for event in events if event.tool == "read_page")
    assert read.actor == "policy"
    assert read.rationale == "The text layer holds 14 words."
    assert read.observation is not None
    assert read.observation["summary"].startswith("14 words")


async def test_an_untouched_trail_verifies(events: list[Event]) -> None:
    """Also after it was written to lines and read back."""
    assert trail.verify(events) is None
    assert trail.verify([trail.from_line(trail.to_line(event)) for event in events]) is None


async def test_a_changed_trail_is_found_out_at_the_place(events: list[Event]) -> None:
    """A reason that was rewritten, and an event that was taken out, break the chain where it happened."""
    rewritten = [*events[:4], events[4].model_copy(update={"rationale": "because I say so"}), *events[5:]]
    assert trail.verify(rewritten) == trail.Broken(5, "hash does not match the content")
    broken = trail.verify([*events[:4], *events[5:]])
    assert broken is not None
    assert broken.seq == 5


async def test_every_page_was_classified_once(events: list[Event]) -> None:
    """The trail tells the same as the state, because both are written in one transaction."""
    assert sorted(event.page or 0 for event in events if event.type == "page.classified") == [1, 2, 3, 4]
