"""What the nodes of a page graph work with; passed as LangGraph's runtime context, never checkpointed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from agent.prompt import Prompt
from agent.routes import Route
from graph.calibrator import Calibrators
from store.ports import Store
from store.records import NO_CAP, Budget, PageLook, Record, Task
from taxonomy import CueMatcher, Taxonomy
from tools.contract import PageContext
from tools.pdf import PdfDocument
from tools.retrieval import ExampleIndex
from tools.toolbox import Toolbox


@dataclass(frozen=True)
class PageCaps:
    """What one page may take before it goes to a person."""

    turns: int = 8
    """Of all models together."""
    calls: int = 6
    """Calls of providers."""
    tokens: int = 60_000
    """That those calls read and write."""


@dataclass(frozen=True)
class Question:
    """How a tier is asked: its prompt with the taxonomy filled in, and the tools it may call."""

    prompt: Prompt
    instructions: str
    """Equal for all pages of a run, so that providers can cache it."""
    tools: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class PageRun:
    """One page on its way through the graph, in one process."""

    task: Task
    store: Store
    document: PdfDocument
    packet_sha256: str
    page_count: int
    taxonomy: Taxonomy
    examples: ExampleIndex | None
    toolbox: Toolbox
    route: Route
    calibrators: Calibrators
    matcher: CueMatcher
    reading: Question
    """For the first tier, which reads the page and looks things up."""
    judging: Question
    """For the tiers after it, which are shown what was read."""
    caps: PageCaps = field(default_factory=PageCaps)
    tenant_budget: Budget = NO_CAP
    """For one day."""
    reuse: bool = True
    """Whether equal calls of the tenant's earlier jobs may answer."""
    fallback: Literal["wait", "next"] = "wait"
    """Where a provider is away: wait for it, or go on with the next tier, or with what is known already."""
    last_try: bool = False
    """Where the provider gives no answer now the page goes to a person: it has answered for others meanwhile."""

    def question(self, tier: int) -> Question:
        """How that tier is asked."""
        return self.judging if tier else self.reading

    def key(self, what: str) -> str:
        """Key of an event of this page: a page that is taken up again tells its story anew."""
        again = f"round:{self.task.round}:" if self.task.round else ""
        return f"page:{self.task.page}:{again}{what}"

    def context(self, text_ref: str | None, look: PageLook | None) -> PageContext:
        """What a tool may touch."""
        return PageContext(
            job_id=self.task.job_id,
            page=self.task.page,
            packet_sha256=self.packet_sha256,
            document=self.document,
            blobs=self.store.blobs,
            cache=self.store.cache,
            taxonomy=self.taxonomy,
            examples=self.examples,
            text_ref=text_ref,
            look=look,
        )

    async def keep(self, record: Record) -> str:
        """Put a record into a blob."""
        return await self.store.blobs.put(record.model_dump_json().encode())
