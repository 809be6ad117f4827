"""What the nodes of a page graph work with; passed as LangGraph's runtime context, never checkpointed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.models import ModelHandle
from agent.prompt import Prompt
from store.ports import Store
from store.records import Record, Task
from taxonomy import CueMatcher, Taxonomy
from tools.contract import PageContext
from tools.pdf import PdfDocument
from tools.retrieval import ExampleIndex
from tools.toolbox import Toolbox


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
    models: Sequence[ModelHandle]
    """Cheap first."""
    tools: Sequence[dict[str, Any]]
    """Schemas of the tools and of `submit_verdict`, equal for all pages of a run."""
    matcher: CueMatcher
    prompt: Prompt
    instructions: str
    """The prompt with the taxonomy filled in, equal for all pages of a run."""
    most_turns: int = 8
    last_try: bool = False
    """Where the provider gives no answer now the page goes to a person: it has answered for others meanwhile."""

    def context(self, text_ref: str | None) -> PageContext:
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
        )

    async def keep(self, record: Record) -> str:
        """Put a record into a blob."""
        return await self.store.blobs.put(record.model_dump_json().encode())
