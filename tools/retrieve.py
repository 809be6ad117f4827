"""`retrieve_similar`: labelled pages like this one, and what they suggest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pydantic import Field

import tracing
from store.records import PageText
from tools.contract import Observation, PageContext, ToolArguments
from tools.errors import ToolFailure
from tools.retrieval import ExampleIndex, Neighbour
from tracing import names

_LABELS = 8

ReadText = Callable[[PageContext], Awaitable[PageText | None]]
"""The words read on this page so far; None where nobody has read it."""
ReadLook = Callable[[PageContext], Awaitable[Sequence[float] | None]]
"""The page's look descriptor; None where it could not be rendered."""


class RetrieveArguments(ToolArguments):
    """Arguments of `retrieve_similar`."""

    k: int = Field(default=5, ge=1, le=10, description="How many labelled pages to show.")


class RetrieveSimilar:
    """Compares the words (and the look) of this page with the labelled examples of the run."""

    name = "retrieve_similar"
    description = (
        "Shows the labelled example pages most like this page, and how likely each label is judging by the examples "
        "alone. Helps when the page's words do not name the document. Read the page first. The scores leave a rest "
        "to 1 when the page is unlike anything seen; a neighbour is a hint, not evidence on this page."
    )
    arguments = RetrieveArguments

    def __init__(self, page_text: ReadText, page_look: ReadLook | None = None) -> None:
        self._page_text = page_text
        self._page_look = page_look

    async def __call__(self, arguments: RetrieveArguments, page: PageContext) -> Observation:
        """Raise ToolFailure `unavailable` without examples, `invalid` where the page was not read yet."""
        examples = page.examples
        if examples is None or examples.count == 0:
            raise ToolFailure("unavailable", "This run has no labelled examples: decide from the page itself.")
        text = await self._page_text(page)
        look = await self._page_look(page) if self._page_look is not None else None
        if text is None and look is None:
            raise ToolFailure("invalid", "Nothing was read on this page yet: read its text or run OCR first.")
        words = text.text if text is not None else ""
        with tracing.span(names.RETRIEVAL, "examples", {names.DATA_SOURCE: "examples"}) as span:
            span.asked(lambda: words)
            found = await asyncio.to_thread(_observe, examples, words, look, arguments.k)
            span.set({names.FOUND: len(found.content["neighbours"])})
            span.answered(lambda: found.content["neighbours"])
            return found


def _observe(examples: ExampleIndex, text: str, look: Sequence[float] | None, k: int) -> Observation:
    found = examples.compare(text, look, k)
    scores = found.labels[:_LABELS]
    return Observation(
        summary=_summary(found.neighbours, scores),
        content={
            "neighbours": [_shown(neighbour) for neighbour in found.neighbours],
            "label_scores": [{"label": label, "score": round(score, 4)} for label, score in scores],
            "start_score": None if found.start is None else round(found.start, 4),
            "examples": examples.count,
        },
    )


def _shown(neighbour: Neighbour) -> dict[str, Any]:
    similarity = neighbour.similarity
    return {
        "label": neighbour.label,
        "similarity": None if similarity is None else round(similarity, 3),
        "starts_document": neighbour.starts_document,
        "snippet": neighbour.snippet,
        "source": neighbour.source,
    }


def _summary(neighbours: Sequence[Neighbour], scores: Sequence[tuple[str, float]]) -> str:
    if not neighbours:
        return "no labelled page shares a word with this one"
    label, score = scores[0]
    return f"{len(neighbours)} labelled pages; the examples say {label} with {score:.2f}"
