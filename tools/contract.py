"""What a tool is: typed arguments with a reason in, an observation out.

The model never says which job, tenant or page it works on: those come from the runtime in a `PageContext`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from store.ports import BlobStore, PageCache
    from store.records import PageLook, Suspicion
    from taxonomy import Taxonomy
    from tools.pdf import PdfDocument
    from tools.retrieval import ExampleIndex


class ToolArguments(BaseModel):
    """Base of all tool arguments: whoever calls must say why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rationale: str = Field(min_length=3, max_length=600, description="Why this step is taken, in one sentence.")


@dataclass(frozen=True)
class Observation:
    """What came back from a tool."""

    summary: str
    """One sentence for people, without page content beyond a few words."""
    content: dict[str, Any]
    """JSON for the model; the toolbox cuts it to its output limit."""
    ref: str | None = None
    """Blob of the full result, where there is more than `content`."""
    failed: bool = False
    """True where this is a ToolFailure made visible to the model."""
    suspicious: tuple[Suspicion, ...] = ()
    """Of a reading: signs of an attempt to steer a model, with quotes. For people; the model learns the kinds only."""


@dataclass(frozen=True)
class PageContext:
    """Everything a tool may touch while it works on one page."""

    job_id: str
    page: int
    packet_sha256: str
    document: PdfDocument
    blobs: BlobStore
    cache: PageCache
    taxonomy: Taxonomy
    examples: ExampleIndex | None = None
    """None where the run has no examples at all."""
    text_ref: str | None = None
    """Blob of the PageText that was read of this page so far; None before anything was read."""
    look: PageLook | None = None
    """What the page looks like, where that is known already."""


A = TypeVar("A", bound=ToolArguments)


class Tool(Protocol[A]):
    """One action on one page."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str:
        """For the model: what it does and when it helps."""
        ...

    @property
    def arguments(self) -> type[A]: ...

    async def __call__(self, arguments: A, page: PageContext) -> Observation:
        """Raise ToolFailure for what the model should know; let everything else fly."""
        ...
