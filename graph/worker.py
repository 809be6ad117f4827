"""The worker: claim a task, run its graph to the next pause or end, record what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from langgraph.types import Command, Durability

from agent.errors import ProviderDown
from agent.models import UnknownModel
from graph.build import PacketGraph, PageGraph, new_packet, new_page
from graph.calibrator import CalibratorError
from graph.opening import OpenJob, PinMissing
from graph.packet.outcome import total_usage
from graph.patience import Patience
from graph.traced import page
from store.errors import LeaseLost, Unavailable
from store.ports import Store
from store.records import TERMINAL, EventDraft, Failure, Job, Result, Task
from taxonomy import TaxonomyError
from tools.errors import DocumentRejected

STEP_CAP = 200
"""Supersteps a graph may take between two pauses; a page needs at most three a turn."""
LOOK_AGAIN_S = 1.0
"""How long a free place waits for the others: a page that was sent back may be ready before they are done."""
IDLE_S = 0.05
"""How long a worker waits where nothing is ready but the job has not ended."""

OpenJobs = Callable[[Job], Awaitable[OpenJob]]


class Worker:
    """Works on one job after another, several pages at a time."""

    def __init__(
        self,
        store: Store,
        pages: PageGraph,
        packets: PacketGraph,
        open_job: OpenJobs,
        slots: int,
        lease_s: float,
        patience_s: float = 900.0,
        name: str = "worker",
    ) -> None:
        self._name = name
        self._store = store
        self._pages = pages
        self._packets = packets
        self._open_job = open_job
        self._slots = slots
        self._lease_s = lease_s
        self._patience_s = patience_s

    async def work_on(self, job_id: str) -> Job:
        """Run the job until it ends or waits for a person. Raise Unavailable where the world does not let it go on.

        A provider that is away is waited for, `patience_s` long.
        Cancelling gives every task back; the job goes on where it stands when somebody works on it again.
        """
        running: set[asyncio.Task[None]] = set()
        patience = Patience(self._patience_s)
        try:
            while True:
                running = await _raise_failures(running)
                task = (
                    await self._store.jobs.claim(self._name, self._lease_s, job_id)
                    if len(running) < self._slots and not patience.holds_breath
                    else None
                )
                if task is not None:
                    running.add(asyncio.create_task(self._keep_and_run(task, patience)))
                elif running:
                    await asyncio.wait(running, timeout=LOOK_AGAIN_S, return_when=asyncio.FIRST_COMPLETED)
                elif (job := await self._store.jobs.get(job_id)).status in TERMINAL or job.status == "waiting_review":
                    return job
                else:
                    await asyncio.sleep(IDLE_S)
        finally:
            await _stop(*running)

    async def _keep_and_run(self, task: Task, patience: Patience) -> None:
        """Run a task while a heartbeat keeps its lease; give it back where it cannot be ended."""
        work = asyncio.create_task(self._run(task, patience))
        heart = asyncio.create_task(self._beat(task))
        try:
            # The heart ends first where the lease is lost: somebody newer has the task, so what is in hand is dropped.
            await asyncio.wait({work, heart}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        except LeaseLost:
            pass  # somebody newer has it: nothing of ours may be written
        except ProviderDown as down:
            await self._wait_for_provider(task, down, patience)
        except (Unavailable, asyncio.CancelledError):
            await _stop(work)
            with contextlib.suppress(LeaseLost, Unavailable):
                await asyncio.shield(self._store.jobs.release(task, delay_s=0.0))
            raise
        finally:
            await _stop(work, heart)

    async def _wait_for_provider(self, task: Task, down: ProviderDown, patience: Patience) -> None:
        """Let the task rest. Raise `down` where that was done for long enough."""
        pause_s = 0.0
        try:
            done, total = await self._store.jobs.progress(task.job_id)
            pause_s = patience.pause_s(task, down, last_page=total is not None and total - done == 1)
            await self._tell(task, patience.gone(down))
        finally:
            with contextlib.suppress(LeaseLost, Unavailable):
                await asyncio.shield(self._store.jobs.release(task, pause_s))

    async def _tell(self, task: Task, events: Sequence[EventDraft]) -> None:
        if events:
            await self._store.events.append(task.job_id, events)

    async def _beat(self, task: Task) -> None:
        """Keep the lease; end when it is lost."""
        while True:
            await asyncio.sleep(self._lease_s / 3)
            try:
                await self._store.jobs.heartbeat(task, self._lease_s)
            except LeaseLost:
                return
            except Unavailable:
                continue  # two thirds of the lease are left: the next beat tries again

    async def _run(self, task: Task, patience: Patience) -> None:
        await self._tell(task, patience.back())
        job = await self._store.jobs.get(task.job_id)
        try:
            opened = await self._open_job(job)
            if task.kind == "packet":
                await self._run_packet(task, job, opened)
            else:
                await self._run_page(task, opened, last_try=patience.is_last_try(task))
        except DocumentRejected as rejection:
            failure = Failure(code=rejection.code, message=rejection.message, advice=rejection.advice)
            await self._end(task, job, "rejected", failure, None)
        except (PinMissing, UnknownModel, TaxonomyError, CalibratorError) as error:
            failure = Failure(code=_code(error), message=str(error), advice="Correct it and submit the packet again.")
            await self._end(task, job, "failed", failure, None)
        except (LeaseLost, Unavailable, asyncio.CancelledError):
            raise
        except Exception as bug:
            failure = Failure(
                code="bug", message=repr(bug)[:500], advice="Please report it with the trail of this job."
            )
            await self._end(task, job, "failed", failure, traceback.format_exc())

    @page
    async def _run_page(self, task: Task, opened: OpenJob, last_try: bool) -> None:
        again = f":{task.round}" if task.round else ""
        thread, run = f"{task.job_id}:{task.page}{again}", replace(opened.page_run(task), last_try=last_try)
        await _go_on(self._pages, thread, new_page(task.job_id, task.page), run, "exit")

    async def _run_packet(self, task: Task, job: Job, opened: OpenJob) -> None:
        waits_for_pages = await _waits_for(self._packets, task.job_id) == "pages"
        if not (waits_for_pages and await self._pages_left(task.job_id)):
            await _go_on(self._packets, task.job_id, new_packet(task.job_id), opened.packet_run(task, job))
        # Also where the last page was done meanwhile: the task is then ready at once, and nobody else would wake it.
        if await _waits_for(self._packets, task.job_id) == "pages":
            await self._store.jobs.pause_packet(task)

    async def _pages_left(self, job_id: str) -> bool:
        done, total = await self._store.jobs.progress(job_id)
        return total is not None and done < total

    async def _end(self, task: Task, job: Job, status: Any, failure: Failure, trace: str | None) -> None:
        ended = EventDraft(
            key=f"job:{status}",
            type=f"job.{status}",
            actor="worker",
            page=task.page or None,
            rationale=failure.message,
            data={**failure.model_dump(), **({"traceback": trace} if trace else {})},
        )
        result = Result(
            packet=job.packet,
            job_id=job.id,
            status=status,
            manifest=job.manifest,
            usage=total_usage(await self._store.journal.calls(job.id), job.created_at),
            error=failure,
        )
        await self._store.jobs.end(task, status, result, [ended], failure)


async def _go_on(graph: Any, thread: str, fresh: Any, run: Any, durability: Durability = "sync") -> None:
    """Start the thread, resume it after a pause, or pick it up where a crash left it.

    A page is checkpointed at its end: after a crash it starts anew, and what it had paid for comes from the journal.
    """
    config: Any = {"configurable": {"thread_id": thread}, "recursion_limit": STEP_CAP}
    state = await graph.aget_state(config)
    if not state.next and not state.values:
        start: Any = fresh
    else:
        start = Command(resume=True) if state.interrupts else None
    await graph.ainvoke(start, config, context=run, durability=durability)


async def _waits_for(graph: PacketGraph, thread: str) -> str | None:
    """What the thread was interrupted for, `pages` or `review`; None where it was not."""
    state = await graph.aget_state({"configurable": {"thread_id": thread}})
    return str(state.interrupts[0].value) if state.interrupts else None


async def _stop(*tasks: asyncio.Task[None]) -> None:
    """Cancel what still runs and wait until it has ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _raise_failures(running: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    """Those that still run; the first failure of the others is raised."""
    for finished in [task for task in running if task.done()]:
        finished.result()
    return {task for task in running if not task.done()}


def _code(error: Exception) -> str:
    return {
        PinMissing: "pin_missing",
        UnknownModel: "model_unknown",
        TaxonomyError: "taxonomy_invalid",
        CalibratorError: "calibrator_invalid",
    }[type(error)]
