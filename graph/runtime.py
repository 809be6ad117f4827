"""One process's whole working set: store, checkpoints, graphs, a worker. The command line and the evals start here."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

from agent.models import hang_up
from agent.routes import RouteFactory, route
from graph.build import PacketGraph, PageGraph, packet_graph, page_graph
from graph.calibrator import Calibrator
from graph.checkpoints import open_checkpoints
from graph.export import export
from graph.opening import Means, OpenJob, PinMissing, open_job, shipped_set
from graph.page.run import PageCaps
from graph.traced import packet, tell_end
from graph.worker import Worker
from store.errors import Conflict
from store.records import NO_CAP, Budget, EventDraft, Example, Job, JobOptions, Result, now
from store.sqlite import open_store
from taxonomy import Taxonomy, shipped_examples
from taxonomy import load as load_taxonomy
from tools.pdf import Limits
from tools.retrieval import example_id
from tracing import receiving


class Runtime:
    """Use `async with open_runtime(...)`."""

    def __init__(
        self, means: Means, pages: PageGraph, packets: PacketGraph, slots: int, lease_s: float, patience_s: float
    ) -> None:
        self.store = means.store
        self._means = means
        self._worker = Worker(means.store, pages, packets, self._opened, slots, lease_s, patience_s)
        self._passwords: dict[str, str] = {}
        """Password by job, for this process only: it is never written down."""
        self._open: dict[str, OpenJob] = {}
        self._opening = asyncio.Lock()

    async def submit(
        self,
        pdf: Path,
        options: JobOptions,
        password: str | None = None,
        tenant: str = "default",
        budget: Budget = NO_CAP,
    ) -> Job:
        """Make a job of the packet; an unfinished job of the same packet and options is taken up again instead.

        A job that waits for review is taken up again only where everything it was pinned to is still the same:
        with another taxonomy, calibrator, code or other examples the packet deserves a new answer. With another budget
        it goes on with the pages that lacked one.
        """
        blob = await self.store.blobs.put_file(pdf)
        job = await self.store.jobs.unfinished(blob, options, tenant)
        if job is not None and job.status == "waiting_review" and not await self._as_pinned(job, password):
            job = None
        if job is None:
            job = await self._new_job(pdf, blob, options, tenant, budget)
        await self.raise_budget(job, budget)
        if password is not None:
            self._passwords[job.id] = password
        return job

    async def raise_budget(self, job: Job, budget: Budget) -> None:
        """Give the job another budget; pages that lacked one are worked on again. The same budget changes nothing."""
        raised = EventDraft(
            key=f"job:budget:{uuid.uuid4().hex[:12]}",
            type="budget.raised",
            actor="worker",
            rationale="the job goes on with another budget",
            data={"from": job.budget.model_dump(), "to": budget.model_dump()},
        )
        try:
            await self.store.jobs.raise_budget(job.id, budget, [raised])
        except Conflict:  # its pages are done, and a kill came before it was put together
            if (await self._worker.work_on(job.id)).status == "waiting_review":
                await self.store.jobs.raise_budget(job.id, budget, [raised])

    async def _as_pinned(self, job: Job, password: str | None) -> bool:
        try:
            opened = await open_job(job, self._means, password)
        except PinMissing:
            return False
        await opened.close()
        return opened.present == job.manifest

    async def work(self, job_id: str) -> Result:
        """Work on the job until it ends or waits for review. Raise Unavailable where it cannot go on."""
        with packet(await self.store.jobs.get(job_id)) as span:
            job = await self._worker.work_on(job_id)
            tell_end(span, job)
        result = await self.store.jobs.result(job.id)
        if result is None:
            raise LookupError(f"job {job.id} is {job.status} but has no result")
        return result

    async def export(self, result: Result, out: Path) -> Result:
        """Write the result's files to a folder; a rejected packet has no documents."""
        opened = self._open.get(result.job_id)
        if opened is None and result.documents:
            opened = await self._opened(await self.store.jobs.get(result.job_id))
        document, taxonomy = (opened.document, opened.taxonomy) if opened else (None, None)
        return await export(result, self.store, document, taxonomy, out)

    async def close_job(self, job_id: str) -> None:
        """Let go of the job's file; it is opened again when needed."""
        opened = self._open.pop(job_id, None)
        if opened is not None:
            await opened.close()

    async def close(self) -> None:
        """Let go of all files."""
        for job_id in list(self._open):
            await self.close_job(job_id)

    async def _new_job(self, pdf: Path, blob: str, options: JobOptions, tenant: str, budget: Budget) -> Job:
        moment = now()
        job = Job(
            id=f"job-{uuid.uuid4().hex[:12]}",
            tenant=tenant,
            packet=pdf.stem,
            blob=blob,
            options=options,
            budget=budget,
            created_at=moment,
            updated_at=moment,
        )
        submitted = EventDraft(
            key="job:submitted",
            type="job.submitted",
            actor="worker",
            rationale=f"packet {pdf.name}",
            data={"packet_sha256": blob, "options": options.model_dump()},
        )
        return await self.store.jobs.submit(job, [submitted])

    async def _opened(self, job: Job) -> OpenJob:
        async with self._opening:
            if job.id not in self._open:
                await self._seed_examples(load_taxonomy(job.options.taxonomy))
                self._open[job.id] = await open_job(job, self._means, self._passwords.get(job.id))
            opened = self._open[job.id]
            return opened if opened.job == job else replace(opened, job=job)

    async def _seed_examples(self, taxonomy: Taxonomy) -> None:
        """The shipped examples enter the log like any other; adding them again changes nothing."""
        name = shipped_set(taxonomy)
        if await self.store.examples.sequence(name) == 0:
            examples = [
                Example(
                    id=example_id(shipped.label, shipped.text, None, None, shipped.source),
                    label=shipped.label,
                    text=shipped.text,
                    starts_document=shipped.starts_document,
                    source=shipped.source,
                )
                for shipped in shipped_examples(taxonomy)
            ]
            await self.store.examples.add(examples, name)


@asynccontextmanager
async def open_runtime(
    home: Path,
    *,
    slots: int = 2,
    lease_s: float = 60.0,
    patience_s: float = 900.0,
    limits: Limits | None = None,
    routes: RouteFactory = route,
    calibrator: Calibrator | None = None,
    caps: PageCaps | None = None,
    tenant_budget: Budget = NO_CAP,
    reuse: bool = True,
    fallback: Literal["wait", "next"] = "wait",
    cache_home: Path | None = None,
    trace_content: bool = False,
) -> AsyncIterator[Runtime]:
    """Open the embedded store below `home` and be ready to work on `slots` pages at a time.

    A provider that is away is waited for `patience_s` long before the work ends with Unavailable.

    `cache_home` is another folder whose page cache is used: what OCR has read once is not read again.
    `trace_content` sends the words of pages along with traces, where there are any.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(receiving(trace_content))  # first, so that what is left of a trace is sent when all is done
        store = await open_store(home, cache_home=cache_home)
        stack.push_async_callback(store.close)
        stack.push_async_callback(hang_up)
        checkpoints = await stack.enter_async_context(open_checkpoints(home))
        means = Means(
            store, home, limits or Limits(), routes, calibrator, caps or PageCaps(), tenant_budget, reuse, fallback
        )
        runtime = Runtime(means, page_graph(checkpoints), packet_graph(checkpoints), slots, lease_s, patience_s)
        stack.push_async_callback(runtime.close)
        yield runtime
