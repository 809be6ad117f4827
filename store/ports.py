"""What a backend of the store must do. One suite in `tests/store` holds every backend to it.

All ports are asynchronous, all effects are keyed: doing the same thing twice is harmless. A method that takes
`events` writes them in the same transaction as its own change, so the trail never tells another story than the state.
Any method may raise `Unavailable`; one that takes a `Task` raises `LeaseLost` when a newer claim exists.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Protocol

from store.records import (
    NO_CAP,
    Budget,
    CallIntent,
    CallRecord,
    Event,
    EventDraft,
    Example,
    ExampleChange,
    Failure,
    Job,
    JobOptions,
    JobStatus,
    Json,
    PageVerdict,
    Result,
    ReviewDecision,
    ReviewItem,
    RunManifest,
    Task,
    Usage,
)


class BlobStore(Protocol):
    """Content-addressed bytes; a reference is `sha256:…` of the content."""

    async def put(self, content: bytes) -> str: ...

    async def put_file(self, path: Path) -> str:
        """Store a file without reading it into memory at once."""
        ...

    async def get(self, ref: str) -> bytes:
        """Raise NotFound for an unknown reference, Unavailable where the bytes no longer match their name."""
        ...

    async def path(self, ref: str) -> Path:
        """A local, read-only file with the content (engines want a path)."""
        ...


class JobStore(Protocol):
    """Jobs and the work they consist of: one packet task, and one task a page."""

    async def submit(self, job: Job, events: Sequence[EventDraft]) -> Job:
        """Write the job and its packet task, ready at once. A known id returns the job as it stands."""
        ...

    async def get(self, job_id: str) -> Job: ...

    async def list(self, tenant: str = "default", limit: int = 50) -> Sequence[Job]:
        """Newest first."""
        ...

    async def unfinished(self, blob: str, options: JobOptions, tenant: str = "default") -> Job | None:
        """The newest job on the same packet with the same options that has not ended, so that it can be resumed."""
        ...

    async def pin(self, task: Task, page_count: int, manifest: RunManifest, events: Sequence[EventDraft]) -> None:
        """Write manifest and page count, queue one task a page, set the job running. Keyed: once per job."""
        ...

    async def claim(self, worker: str, lease_s: float, job_id: str | None = None) -> Task | None:
        """Lease the next ready task (or one whose lease ran out), packet tasks first, then pages in order."""
        ...

    async def heartbeat(self, task: Task, lease_s: float) -> None: ...

    async def release(self, task: Task, delay_s: float) -> None:
        """Give the task back, to be claimed again after `delay_s` seconds."""
        ...

    async def finish_page(self, task: Task, verdict: PageVerdict, events: Sequence[EventDraft]) -> None:
        """Write the verdict (the first one stands), end the task; the last page makes the packet task ready."""
        ...

    async def pause_packet(self, task: Task) -> None:
        """End the lease of a packet task that waits for its pages; if none is left it is ready at once."""
        ...

    async def wait_for_review(
        self, task: Task, result: Result, items: Sequence[ReviewItem], events: Sequence[EventDraft]
    ) -> None:
        """Write the provisional result and the doubts, set the job waiting_review, end the lease.

        Where a reviewer has decided since the task was claimed, the packet task is ready at once and nothing else
        is written: the next claim assembles again with that answer.
        """
        ...

    async def end(
        self, task: Task, status: JobStatus, result: Result, events: Sequence[EventDraft], error: Failure | None = None
    ) -> None:
        """Write the final result and a terminal status, end the job's tasks and drop its open doubts.

        Conflict where a `completed` result says something else than a reviewer decided: assemble again.
        """
        ...

    async def raise_budget(self, job_id: str, budget: Budget, events: Sequence[EventDraft]) -> Sequence[int]:
        """Give the job another budget, counted from now; return the pages that are taken up again.

        Those are the pages whose verdict says `budget_reached`: their tasks are ready again in a new round, and the
        packet goes on when they are done. The same budget again changes nothing. Conflict where the job has ended,
        or where its last page is done and the packet is being put together.
        """
        ...

    async def verdicts(self, job_id: str) -> Sequence[PageVerdict]:
        """By page."""
        ...

    async def progress(self, job_id: str) -> tuple[int, int | None]:
        """Pages done and pages in all (None before the packet is opened)."""
        ...

    async def result(self, job_id: str) -> Result | None: ...


class EventLog(Protocol):
    """Append-only, hash-chained per job; `seq` counts from 1 without gaps."""

    async def append(self, job_id: str, events: Sequence[EventDraft]) -> None: ...

    async def read(self, job_id: str, after: int = 0, limit: int = 1000) -> Sequence[Event]: ...

    def follow(self, job_id: str, after: int = 0) -> AsyncIterator[Event]:
        """Events as they come, ending when the job has ended or waits for review, with all events delivered.

        A job that was resumed after a review is followed past its earlier review events.
        """
        ...


class CallJournal(Protocol):
    """A finished call is never paid twice."""

    async def begin(self, intent: CallIntent, tenant_budget: Budget = NO_CAP) -> CallRecord | None:
        """Write the intent; where a response is already there, of this call or of an equal one, return it.

        None where calls in flight may use up what a budget has left. Raise BudgetReached where it would go over.
        """
        ...

    async def complete(self, key: str, response: Json, usage: Usage, reusable: bool = True) -> None:
        """Write the response; one that is not `reusable` answers no other call.

        A second response for one key is refused with Conflict.
        """
        ...

    async def abandon(self, key: str) -> None:
        """The call was seen to fail: nothing is held back for it any more."""
        ...

    async def calls(self, job_id: str) -> Sequence[CallRecord]: ...


class PageCache(Protocol):
    """Results of pure page work (text, OCR, looks), keyed by content and engine versions; safe to lose."""

    async def get(self, key: str) -> bytes | None: ...

    async def put(self, key: str, value: bytes) -> None: ...


class ReviewStore(Protocol):
    async def pending(self, job_id: str | None = None) -> Sequence[ReviewItem]: ...

    async def decide(self, decision: ReviewDecision) -> None:
        """Write the decision and its event, set the job running, make the packet task ready again.

        Conflict where the job waits for nothing. While it waits, a page without a doubt may be corrected too.
        Saying the same again changes nothing.
        """
        ...

    async def decisions(self, job_id: str) -> Sequence[ReviewDecision]:
        """In the order they were made; of several on one page or boundary the last one stands."""
        ...


class ExampleLog(Protocol):
    """Labelled pages, as an ordered log of adds and deletes for each set. A tenant's own set bears its name."""

    async def add(self, examples: Sequence[Example], of: str = "default") -> int:
        """Append what is new, return the log's sequence."""
        ...

    async def delete(self, ids: Sequence[str], of: str = "default") -> int:
        """Append deletes and remove the content for good, return how many there were."""
        ...

    async def changes(self, after: int, of: str = "default") -> Sequence[ExampleChange]: ...

    async def all(self, of: str = "default", label: str | None = None) -> Sequence[Example]: ...

    async def sequence(self, of: str = "default") -> int: ...


class Store(Protocol):
    """Everything a room above needs, as one handle."""

    @property
    def blobs(self) -> BlobStore: ...
    @property
    def jobs(self) -> JobStore: ...
    @property
    def events(self) -> EventLog: ...
    @property
    def journal(self) -> CallJournal: ...
    @property
    def cache(self) -> PageCache: ...
    @property
    def reviews(self) -> ReviewStore: ...
    @property
    def examples(self) -> ExampleLog: ...

    async def close(self) -> None: ...
