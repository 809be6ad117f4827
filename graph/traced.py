"""Work on a packet and on a page as spans. Turns and tools within are opened by the rooms below."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import tracing
from graph.opening import OpenJob
from graph.state import PageState
from store.records import Job, Task
from tracing import names
from tracing.span import Span

P = ParamSpec("P")
W = TypeVar("W")
RunPage = Callable[Concatenate[W, Task, OpenJob, P], Coroutine[Any, Any, None]]


def packet(job: Job) -> Span:
    """A span from here until the job ends or waits for a person; the pages that this process works on lie within."""
    return tracing.span(names.INVOKE_WORKFLOW, "packet", {names.WORKFLOW_NAME: "packet"}, _job(job))


def tell_end(span: Span, job: Job) -> None:
    """How the job stands. One that failed or was rejected has its code as the span's error."""
    span.set({names.STATUS: job.status})
    if job.error is not None:
        span.failed(job.error.code, job.error.message)


def page(run_page: RunPage[W, P]) -> RunPage[W, P]:
    """Each run of a page's graph is a span."""

    @wraps(run_page)
    async def traced(worker: W, task: Task, opened: OpenJob, /, *rest: P.args, **named: P.kwargs) -> None:
        place = {**_job(opened.job), names.PAGE: task.page}
        with tracing.span(names.INVOKE_AGENT, "page", {names.AGENT_NAME: "page"}, place):
            await run_page(worker, task, opened, *rest, **named)

    return traced


def tell_turn(state: PageState, turn: int) -> None:
    """Spans of this node belong to that turn, counted from 1, and to the model that has the word."""
    tracing.about({names.TURN: turn, names.TIER: state["tier"]})


def tell_event(key: str) -> None:
    """The next spans of this node belong to the event of that key."""
    tracing.about({names.EVENT_KEY: key})


def _job(job: Job) -> dict[str, Any]:
    return {names.JOB: job.id, names.CONVERSATION: job.id, names.TENANT: job.tenant}
