"""`retrieve_similar` through the tool contract, on a real PDF and a real store."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from reportlab.pdfgen.canvas import Canvas

from store.ports import Store
from store.records import Example, PageText
from taxonomy import Taxonomy
from tools.contract import Observation, PageContext, Tool
from tools.errors import ToolFailure
from tools.pdf import PdfDocument
from tools.retrieval import ExampleIndex, LocalEmbedder, example_id
from tools.retrieve import RetrieveArguments, RetrieveSimilar

WORDS = {
    "w2": "wage and tax statement employer wages",
    "letter": "dear sir sincerely yours",
    "contract": "parties agree",
}


async def read_layer(page: PageContext) -> PageText | None:
    return await page.document.text(page.page)


async def read_nothing(page: PageContext) -> PageText | None:
    return None


async def see_nothing(page: PageContext) -> tuple[float, ...] | None:
    return None


@pytest.fixture
async def page(store: Store, small_taxonomy: Taxonomy, tmp_path: Path) -> AsyncIterator[PageContext]:
    """A wage statement, in a run without examples."""
    canvas = Canvas(str(tmp_path / "packet.pdf"), invariant=1)
    canvas.drawString(72, 700, "Wage and Tax Statement of the employer, wages 50,000")
    canvas.save()
    async with await PdfDocument.open(tmp_path / "packet.pdf") as document:
        yield PageContext(
            job_id="job",
            page=1,
            packet_sha256="0" * 64,
            document=document,
            blobs=store.blobs,
            cache=store.cache,
            taxonomy=small_taxonomy,
        )


@pytest.fixture
async def page_with_examples(page: PageContext, store: Store, tmp_path: Path) -> AsyncIterator[PageContext]:
    """The same page in a run with twelve examples."""
    examples = [
        Example(
            id=example_id(label, f"{words} {number}", f"p{number}", 1, ""),
            label=label,
            text=f"{words} {number} " + "and so on " * 40,
            starts_document=number % 2 == 0,
            packet=f"p{number}",
            source=f"{label}.pdf#page={number}",
        )
        for label, words in WORDS.items()
        for number in range(4)
    ]
    await store.examples.add(examples)
    index = await ExampleIndex.open(store.examples, ["default"], tmp_path / "index", LocalEmbedder())
    yield PageContext(**{**vars(page), "examples": index})
    await index.close()


async def test_it_shows_neighbours_and_what_they_suggest(page_with_examples: PageContext) -> None:
    """The observation is JSON with short snippets, at most k neighbours, label scores, a start score and the count."""
    tool: Tool[RetrieveArguments] = RetrieveSimilar(read_layer)
    seen = await tool(RetrieveArguments(rationale="the title is unclear", k=3), page_with_examples)
    assert isinstance(seen, Observation)
    assert json.loads(json.dumps(seen.content)) == seen.content
    assert set(seen.content) == {"neighbours", "label_scores", "start_score", "examples"}
    assert [neighbour["label"] for neighbour in seen.content["neighbours"]] == ["w2"] * 3
    for neighbour in seen.content["neighbours"]:
        assert set(neighbour) == {"label", "similarity", "starts_document", "snippet", "source"}
        assert 0 < neighbour["similarity"] <= 1
        assert len(neighbour["snippet"]) <= 160
    assert seen.content["label_scores"][0]["label"] == "w2"
    assert 0 <= seen.content["start_score"] <= 1
    assert seen.content["examples"] == 12
    assert "w2" in seen.summary


async def test_without_examples_it_says_so(page: PageContext, store: Store, tmp_path: Path) -> None:
    """No index, or an empty one, is `unavailable` and never an answer."""
    empty = await ExampleIndex.open(store.examples, ["nobody"], tmp_path / "none", LocalEmbedder())
    for context in (page, PageContext(**{**vars(page), "examples": empty})):
        with pytest.raises(ToolFailure) as failure:
            await RetrieveSimilar(read_layer)(RetrieveArguments(rationale="looking around"), context)
        assert failure.value.kind == "unavailable"


async def test_a_page_nobody_has_read_is_to_be_read_first(page_with_examples: PageContext) -> None:
    """With neither words nor a look there is nothing to compare: the failure says what to do next."""
    with pytest.raises(ToolFailure, match="read its text or run OCR first") as failure:
        await RetrieveSimilar(read_nothing, see_nothing)(RetrieveArguments(rationale="too early"), page_with_examples)
    assert failure.value.kind == "invalid"


@pytest.mark.parametrize("k", [0, 11])
def test_k_is_limited(k: int) -> None:
    """One to ten neighbours, whoever asks."""
    with pytest.raises(ValidationError):
        RetrieveArguments(rationale="asking for much", k=k)
