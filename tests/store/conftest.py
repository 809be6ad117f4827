"""Records to work with, and children: real processes on the same store."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

import store as store_package
from store.ports import Store
from store.records import (
    EventDraft,
    ExamplesPin,
    Job,
    JobOptions,
    PageDecision,
    PageVerdict,
    Result,
    ResultStatus,
    RunManifest,
    StartScore,
    Task,
    TaxonomyPin,
    now,
)

CHILDREN = Path(__file__).parent / "children"
ROOT = Path(store_package.__file__).parents[1]


@pytest.fixture
def new_job() -> Callable[..., Job]:
    """`new_job(id, blob=, tenant=, options=)`: a job as submitted."""

    def make(job_id: str, blob: str = "sha256:0", tenant: str = "default", options: JobOptions | None = None) -> Job:
        return Job(
            id=job_id,
            tenant=tenant,
            packet=job_id,
            blob=blob,
            options=options or JobOptions(),
            created_at=now(),
            updated_at=now(),
        )

    return make


@pytest.fixture
def manifest() -> RunManifest:
    """Pins of a run without examples and calibrator."""
    return RunManifest(
        taxonomy=TaxonomyPin(name="lending", version=1, sha256="0"),
        model="local",
        prompts={},
        calibrator=None,
        examples=ExamplesPin(sequence=0, count=0),
        engines={},
        code_version="0",
        packet_sha256="0",
    )


@pytest.fixture
def verdict() -> Callable[..., PageVerdict]:
    """`verdict(page, rationale="")`: what a page graph says."""

    def make(page: int, rationale: str = "") -> PageVerdict:
        return PageVerdict(page=page, start=StartScore(score=None, why=""), rationale=rationale, decided_by="local")

    return make


@pytest.fixture
def result() -> Callable[..., Result]:
    """`result(job_id, status="completed", labels=())`: one page a label, each its own document."""

    def make(job_id: str, status: ResultStatus = "completed", labels: tuple[str, ...] = ()) -> Result:
        pages = tuple(
            PageDecision(
                page=page,
                label=label,
                confidence=None,
                starts_document=True,
                start_confidence=None,
                needs_review=False,
            )
            for page, label in enumerate(labels, start=1)
        )
        return Result(packet=job_id, job_id=job_id, status=status, manifest=None, pages=pages)

    return make


@pytest.fixture
def draft() -> Callable[..., EventDraft]:
    """`draft(key, type="page.tool_called")`: an event of the agent."""

    def make(key: str, type: str = "page.tool_called") -> EventDraft:
        return EventDraft(key=key, type=type, actor="agent", rationale=f"because of {key}")

    return make


@pytest.fixture
def pinned(new_job: Callable[..., Job], manifest: RunManifest) -> Callable[[Store, str, int], Awaitable[Task]]:
    """`await pinned(store, job_id, pages)`: a running job with its page tasks ready; returns the leased packet task."""

    async def make(store: Store, job_id: str, pages: int) -> Task:
        await store.jobs.submit(new_job(job_id), [])
        task = await store.jobs.claim("packet-worker", 60.0, job_id)
        assert task is not None
        await store.jobs.pin(task, pages, manifest, [])
        return task

    return make


@pytest.fixture
def start_child() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """`start_child("name.py", *arguments)` runs a script of `children/`; what still lives after the test is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str, *arguments: str | Path) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, str(CHILDREN / script), *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()
