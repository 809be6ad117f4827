"""Jobs in SQLite: a method is one transaction over the job, its tasks and its trail."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from functools import partial

from store.errors import Conflict, LeaseLost, NotFound
from store.records import (
    BUDGET_REACHED,
    TERMINAL,
    Budget,
    EventDraft,
    Failure,
    Job,
    JobOptions,
    JobStatus,
    PageVerdict,
    Result,
    ReviewItem,
    RunManifest,
    Task,
    now,
)
from store.sqlite import events as trail_of_job
from store.sqlite import reviews, tasks
from store.sqlite.database import Database, as_json

_COLUMNS = "id, tenant, packet, blob, options, status, page_count, manifest, error, budget, created_at, updated_at"
_UNFINISHED = f"status NOT IN ({', '.join(repr(status) for status in sorted(TERMINAL))})"


class SqliteJobs:
    """The JobStore port. What a worker repeats, because it never heard the answer, is passed over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def submit(self, job: Job, events: Sequence[EventDraft]) -> Job:
        """Write the job and its packet task, ready at once. A known id returns the job as it stands."""
        return await self._database.run(partial(_submit, job=job, events=events))

    async def get(self, job_id: str) -> Job:
        """Raise NotFound for an unknown id."""
        return await self._database.read(partial(_get, job_id=job_id))

    async def list(self, tenant: str = "default", limit: int = 50) -> Sequence[Job]:
        """The tenant's jobs, newest first."""
        return await self._database.read(partial(_list, tenant=tenant, limit=limit))

    async def unfinished(self, blob: str, options: JobOptions, tenant: str = "default") -> Job | None:
        """The newest job on the same packet with the same options that has not ended, so that it can be resumed."""
        return await self._database.read(partial(_unfinished, blob=blob, options=options, tenant=tenant))

    async def pin(self, task: Task, page_count: int, manifest: RunManifest, events: Sequence[EventDraft]) -> None:
        """Write manifest and page count, queue one task a page, set the job running. The first pin stands."""
        await self._database.run(
            partial(_pin, task=task, page_count=page_count, manifest=manifest, events=events),
        )

    async def claim(self, worker: str, lease_s: float, job_id: str | None = None) -> Task | None:
        """Lease the next task for `lease_s` seconds: packet tasks first, then older jobs, then pages in order.

        A task is free when it is ready, when its lease ran out, or when the process that held it is provably dead
        (see `holder`), so that a command started again after a kill carries on at once.
        """
        return await self._database.run(partial(tasks.claim, worker=worker, lease_s=lease_s, job_id=job_id))

    async def heartbeat(self, task: Task, lease_s: float) -> None:
        """Let the lease last `lease_s` seconds from now. LeaseLost also after one's own finish."""
        await self._database.run(partial(_heartbeat, task=task, lease_s=lease_s))

    async def release(self, task: Task, delay_s: float) -> None:
        """Give the task back, to be claimed again after `delay_s` seconds."""
        await self._database.run(partial(_release, task=task, delay_s=delay_s))

    async def finish_page(self, task: Task, verdict: PageVerdict, events: Sequence[EventDraft]) -> None:
        """Write the verdict (the first one stands), end the task; the last page makes the packet task ready."""
        await self._database.run(partial(_finish_page, task=task, verdict=verdict, events=events))

    async def pause_packet(self, task: Task) -> None:
        """End the lease of a packet task that waits for its pages; if none is left it is ready at once."""
        await self._database.run(partial(_pause_packet, task=task))

    async def wait_for_review(
        self, task: Task, result: Result, items: Sequence[ReviewItem], events: Sequence[EventDraft]
    ) -> None:
        """Write the provisional result and the doubts, set the job waiting_review, end the lease.

        Where a reviewer has decided since the task was claimed, the packet task is ready at once and nothing else
        is written: the next claim assembles again with that answer.
        """
        await self._database.run(partial(_wait_for_review, task=task, result=result, items=items, events=events))

    async def end(
        self, task: Task, status: JobStatus, result: Result, events: Sequence[EventDraft], error: Failure | None = None
    ) -> None:
        """Write the final result and a terminal status, end the job's tasks and drop its open doubts.

        Raises Conflict where a `completed` result says something else than a reviewer decided, ValueError for a
        status that is not terminal.
        """
        if status not in TERMINAL:
            raise ValueError(f"a job does not end as {status!r}")
        await self._database.run(
            partial(_end, task=task, status=status, result=result, events=events, error=error),
        )

    async def raise_budget(self, job_id: str, budget: Budget, events: Sequence[EventDraft]) -> Sequence[int]:
        """Give the job another budget, counted from now; pages that lacked one are taken up again and returned."""
        return await self._database.run(partial(_raise_budget, job_id=job_id, budget=budget, events=events))

    async def verdicts(self, job_id: str) -> Sequence[PageVerdict]:
        """Those there are so far, by page."""
        return await self._database.read(partial(_verdicts, job_id=job_id))

    async def progress(self, job_id: str) -> tuple[int, int | None]:
        """Pages with a verdict and pages in all (None before the packet is opened)."""
        return await self._database.read(partial(_progress, job_id=job_id))

    async def result(self, job_id: str) -> Result | None:
        """The final or provisional result; None while there is none. NotFound for an unknown job."""
        return await self._database.read(partial(_result, job_id=job_id))


def _submit(connection: sqlite3.Connection, job: Job, events: Sequence[EventDraft]) -> Job:
    added = connection.execute(
        f"INSERT INTO jobs ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        (
            job.id,
            job.tenant,
            job.packet,
            job.blob,
            as_json(job.options),
            job.status,
            job.page_count,
            job.manifest and as_json(job.manifest),
            job.error and as_json(job.error),
            as_json(job.budget),
            job.created_at.isoformat(),
            job.updated_at.isoformat(),
        ),
    )
    if added.rowcount:
        tasks.add(connection, job.id, first=0, last=0)
        trail_of_job.append(connection, job.id, events)
    return _get(connection, job.id)


def _get(connection: sqlite3.Connection, job_id: str) -> Job:
    row = connection.execute(f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise NotFound(f"no job {job_id!r} in this store")
    return _job(row)


def _list(connection: sqlite3.Connection, tenant: str, limit: int) -> list[Job]:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM jobs WHERE tenant = ? ORDER BY number DESC LIMIT ?", (tenant, limit)
    )
    return [_job(row) for row in rows]


def _unfinished(connection: sqlite3.Connection, blob: str, options: JobOptions, tenant: str) -> Job | None:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM jobs WHERE blob = ? AND tenant = ? AND {_UNFINISHED} ORDER BY number DESC",
        (blob, tenant),
    )
    return next((job for job in map(_job, rows) if job.options == options), None)


def _pin(
    connection: sqlite3.Connection, task: Task, page_count: int, manifest: RunManifest, events: Sequence[EventDraft]
) -> None:
    tasks.must_hold(connection, task)
    pinned = connection.execute(
        "UPDATE jobs SET manifest = ?, page_count = ?, status = 'running', updated_at = ? "
        "WHERE id = ? AND manifest IS NULL",
        (as_json(manifest), page_count, now().isoformat(), task.job_id),
    )
    if pinned.rowcount:
        tasks.add(connection, task.job_id, first=1, last=page_count)
    trail_of_job.append(connection, task.job_id, events)


def _heartbeat(connection: sqlite3.Connection, task: Task, lease_s: float) -> None:
    tasks.must_hold(connection, task)
    tasks.extend(connection, task, lease_s)


def _release(connection: sqlite3.Connection, task: Task, delay_s: float) -> None:
    if tasks.holds(connection, task, or_left_as=("ready",)):
        tasks.make_ready(connection, task, delay_s)


def _finish_page(
    connection: sqlite3.Connection, task: Task, verdict: PageVerdict, events: Sequence[EventDraft]
) -> None:
    if not tasks.holds(connection, task, or_left_as=("done",)):
        _must_have_verdict(connection, task)
        return
    connection.execute(
        "INSERT INTO verdicts (job_id, page, verdict) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (task.job_id, task.page, as_json(verdict)),
    )
    trail_of_job.append(connection, task.job_id, events)
    tasks.make_done(connection, task)
    if not tasks.pages_left(connection, task.job_id):
        tasks.wake_packet(connection, task.job_id)


def _must_have_verdict(connection: sqlite3.Connection, task: Task) -> None:
    """A task that is done without a verdict was ended with its whole job, not by this worker."""
    verdict = "SELECT 1 FROM verdicts WHERE job_id = ? AND page = ?"
    if not connection.execute(verdict, (task.job_id, task.page)).fetchone():
        raise LeaseLost(f"job {task.job_id} has ended: drop the work on page {task.page}")


def _pause_packet(connection: sqlite3.Connection, task: Task) -> None:
    if not tasks.holds(connection, task, or_left_as=("waiting", "ready")):
        return
    if tasks.pages_left(connection, task.job_id):
        tasks.make_wait(connection, task)
    else:
        tasks.make_ready(connection, task)


def _wait_for_review(
    connection: sqlite3.Connection,
    task: Task,
    result: Result,
    items: Sequence[ReviewItem],
    events: Sequence[EventDraft],
) -> None:
    if not tasks.holds(connection, task, or_left_as=("waiting", "ready")):
        return
    if reviews.count(connection, task.job_id) > tasks.answers_seen(connection, task):
        tasks.make_ready(connection, task)
        return
    _write_result(connection, task.job_id, result)
    reviews.replace_doubts(connection, task.job_id, items)
    connection.execute(
        "UPDATE jobs SET status = 'waiting_review', updated_at = ? WHERE id = ?", (now().isoformat(), task.job_id)
    )
    trail_of_job.append(connection, task.job_id, events)
    tasks.make_wait(connection, task)


def _end(
    connection: sqlite3.Connection,
    task: Task,
    status: JobStatus,
    result: Result,
    events: Sequence[EventDraft],
    error: Failure | None,
) -> None:
    if not tasks.holds(connection, task, or_left_as=("done",)):
        if _get(connection, task.job_id).status != status:
            raise LeaseLost(f"job {task.job_id} has ended otherwise: drop the work")
        return
    if status == "completed":
        reviews.refuse_contradiction(connection, task.job_id, result)
    _write_result(connection, task.job_id, result)
    reviews.replace_doubts(connection, task.job_id, [])
    connection.execute(
        "UPDATE jobs SET status = ?, error = ?, updated_at = ? WHERE id = ?",
        (status, error and as_json(error), now().isoformat(), task.job_id),
    )
    trail_of_job.append(connection, task.job_id, events)
    tasks.make_all_done(connection, task.job_id)


def _raise_budget(
    connection: sqlite3.Connection, job_id: str, budget: Budget, events: Sequence[EventDraft]
) -> list[int]:
    job = _get(connection, job_id)
    if job.budget == budget:
        return []
    if job.status in TERMINAL:
        raise Conflict(f"job {job_id} has ended: submit the packet again with the new budget")
    if job.status == "running" and not tasks.pages_left(connection, job_id):
        raise Conflict(f"job {job_id} is being assembled: raise its budget when it waits for review")
    pages = [verdict.page for verdict in _verdicts(connection, job_id) if BUDGET_REACHED in verdict.review_reasons]
    for page in pages:
        connection.execute("DELETE FROM verdicts WHERE job_id = ? AND page = ?", (job_id, page))
        tasks.take_up_again(connection, job_id, page)
    connection.execute(
        "UPDATE jobs SET budget = ?, budget_since = ?, updated_at = ? WHERE id = ?",
        (as_json(budget), time.time(), now().isoformat(), job_id),
    )
    if pages and job.status == "waiting_review":
        connection.execute("UPDATE jobs SET status = 'running' WHERE id = ?", (job_id,))
        tasks.wake_packet(connection, job_id)
    trail_of_job.append(connection, job_id, events)
    return pages


def _write_result(connection: sqlite3.Connection, job_id: str, result: Result) -> None:
    connection.execute(
        "INSERT INTO results (job_id, result) VALUES (?, ?) "
        "ON CONFLICT (job_id) DO UPDATE SET result = excluded.result",
        (job_id, as_json(result)),
    )


def _verdicts(connection: sqlite3.Connection, job_id: str) -> list[PageVerdict]:
    rows = connection.execute("SELECT verdict FROM verdicts WHERE job_id = ? ORDER BY page", (job_id,))
    return [PageVerdict.model_validate(json.loads(row["verdict"])) for row in rows]


def _progress(connection: sqlite3.Connection, job_id: str) -> tuple[int, int | None]:
    done = connection.execute("SELECT count(*) FROM verdicts WHERE job_id = ?", (job_id,)).fetchone()[0]
    return done, _get(connection, job_id).page_count


def _result(connection: sqlite3.Connection, job_id: str) -> Result | None:
    row = connection.execute("SELECT result FROM results WHERE job_id = ?", (job_id,)).fetchone()
    if row is not None:
        return Result.model_validate(json.loads(row["result"]))
    _get(connection, job_id)
    return None


def _job(row: sqlite3.Row) -> Job:
    fields = dict(row)
    for name in ("options", "manifest", "error", "budget"):
        fields[name] = fields[name] and json.loads(fields[name])
    fields["budget"] = fields["budget"] or Budget()
    return Job.model_validate(fields)
