"""The worker is at fault, or dies at an awkward moment: a bug is told as one, and no job is left that nobody wakes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from graph.build import packet_graph, page_graph
from graph.checkpoints import open_checkpoints
from graph.opening import Means, OpenJob, open_job
from graph.runtime import Runtime, open_runtime
from graph.worker import Worker
from store import trail
from store.records import EventDraft, Job, JobOptions, PageVerdict, StartScore
from tools.contract import Observation, PageContext
from tools.read import ReadArguments
from tools.toolbox import Toolbox

DrawPacket = Callable[..., Path]
LETTER = [["Dear Ms Rivera,", "thank you for your application of last week.", "Sincerely, Tom Baker"]]


class BrokenRead:
    """A tool with a bug in it."""

    name = "read_page"
    description = "Reads the page."
    arguments = ReadArguments

    async def __call__(self, arguments: ReadArguments, page: PageContext) -> Observation:
        words: dict[str, int] = {}
        return Observation(f"{words['count']} words", {})


@asynccontextmanager
async def opened(runtime: Runtime, job: Job, home: Path) -> AsyncIterator[OpenJob]:
    """The job as a worker has it in hand."""
    job_in_hand = await open_job(job, Means(runtime.store, home), password=None)
    yield job_in_hand
    await job_in_hand.close()


async def test_a_bug_in_a_tool_fails_the_job_with_its_traceback(
    tmp_path: Path, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """The job ends `failed`, the trail holds the traceback, and no page got a label."""
    home = tmp_path / "home"
    async with open_runtime(home) as runtime, open_checkpoints(home) as checkpoints:
        job = await runtime.submit(draw_packet("letter", LETTER), options)
        async with opened(runtime, job, home) as whole:
            broken = replace(whole, toolbox=Toolbox([BrokenRead()]))

            async def open_broken(job: Job) -> OpenJob:
                return broken

            graphs = page_graph(checkpoints), packet_graph(checkpoints)
            ended = await Worker(runtime.store, *graphs, open_broken, slots=1, lease_s=60).work_on(job.id)
        events = await runtime.store.events.read(job.id)
        verdicts = await runtime.store.jobs.verdicts(job.id)

    assert ended.status == "failed"
    assert ended.error is not None
    assert (ended.error.code, ended.error.message) == ("bug", "KeyError('count')")
    assert verdicts == []
    assert trail.verify(events) is None
    assert events[-1].type == "job.failed"
    assert events[-1].data is not None
    assert "test_bad_worker.py" in events[-1].data["traceback"]


async def test_a_packet_whose_pages_were_done_before_it_waits_for_them_is_not_forgotten(
    tmp_path: Path, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """Killed right after pinning, its pages done by another: the next worker assembles at once, not a lease later."""
    home = tmp_path / "home"
    async with open_runtime(home) as runtime:
        jobs = runtime.store.jobs
        job = await runtime.submit(draw_packet("letter", LETTER), options)
        async with opened(runtime, job, home) as whole:
            packet = await jobs.claim("killed", 60.0, job.id)
            assert packet is not None
            started = EventDraft(key="job:started", type="job.started", actor="worker")
            await jobs.pin(packet, 1, whole.manifest, [started])
        page = await jobs.claim("other", 60.0, job.id)
        assert page is not None
        verdict = PageVerdict(page=1, start=StartScore(score=None, why=""), decided_by="none")
        await jobs.finish_page(page, verdict, [])
        await jobs.release(packet, delay_s=0.0)

        result = await asyncio.wait_for(runtime.work(job.id), timeout=20)

    assert result.status == "needs_review"
    assert [page.review_reasons for page in result.pages] == [("no_label",)]
