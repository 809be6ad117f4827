"""2. A tool does one thing to one page: typed arguments with a reason in, an observation out. No model is needed.

The toolbox is the only way to a tool. Whoever calls says why (`rationale`); which job and page it is, the runtime says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from store.ports import Store
from store.records import Example, PageText
from taxonomy import CueMatcher, Taxonomy
from tools.contract import PageContext
from tools.escalate import EscalateToReview
from tools.ocr_page import OcrPage
from tools.read import ReadPage
from tools.reading import page_look, text_read
from tools.render import RenderPage
from tools.retrieval import ExampleIndex, LocalEmbedder
from tools.retrieve import RetrieveSimilar
from tools.rules import ApplyTaxonomyRules
from tools.toolbox import Toolbox

OpenPage = Callable[..., Awaitable[PageContext]]

W2 = ["Wage and Tax Statement", "Employer identification number 12-3456789", "Social security wages 50,000.00"]
WHY = {"rationale": "to see what is there"}


@pytest.fixture
def toolbox(small_taxonomy: Taxonomy) -> Toolbox:
    """All six tools."""
    rules, similar = ApplyTaxonomyRules(CueMatcher(small_taxonomy)), RetrieveSimilar(text_read, page_look)
    return Toolbox([ReadPage(), RenderPage(), OcrPage(), rules, similar, EscalateToReview()])


async def test_read_page_gives_the_text_layer_and_keeps_it_whole(
    toolbox: Toolbox, open_page: OpenPage, store: Store
) -> None:
    """The observation says whether the text is usable; its blob holds every word with its box."""
    seen = (await toolbox.call("read_page", WHY, await open_page(W2 * 3))).observation
    assert seen.content["usable"]
    assert seen.content["source"] == "text_layer"
    assert seen.ref is not None
    text = PageText.model_validate_json(await store.blobs.get(seen.ref))
    assert [word.text for word in text.words[:4]] == ["Wage", "and", "Tax", "Statement"]
    assert all(0 <= side <= 1 for side in text.words[0].box)


async def test_render_page_gives_a_picture(toolbox: Toolbox, open_page: OpenPage, store: Store) -> None:
    """The model gets a reference; the pixels lie in a blob until a request needs them."""
    seen = (await toolbox.call("render_page", {**WHY, "dpi": 72}, await open_page(W2))).observation
    picture = Image.open(BytesIO(await store.blobs.get(seen.content["image"])))
    assert picture.size == (seen.content["width"], seen.content["height"]) == (612, 792)


async def test_ocr_page_reads_what_only_the_eye_can_see(toolbox: Toolbox, open_page: OpenPage) -> None:
    """A scanned page has no text layer, and its words come with the engine's confidence."""
    scan = await open_page(W2 * 3, scanned=True)
    layer = (await toolbox.call("read_page", WHY, scan)).observation
    assert (layer.content["words"], layer.content["usable"]) == (0, False)

    seen = (await toolbox.call("ocr_page", WHY, scan)).observation

    assert "Wage and Tax Statement" in seen.content["text"]
    assert seen.content["mean_confidence"] > 0.8


async def test_apply_taxonomy_rules_needs_a_reading(toolbox: Toolbox, open_page: OpenPage) -> None:
    """It works on what was read so far, and says so where that is nothing."""
    page = await open_page(W2)
    assert (await toolbox.call("apply_taxonomy_rules", WHY, page)).observation.failed

    read = (await toolbox.call("read_page", WHY, page)).observation
    seen = (await toolbox.call("apply_taxonomy_rules", WHY, replace(page, text_ref=read.ref))).observation

    assert seen.content["labels"][0]["label"] == "w2"
    assert seen.content["labels"][0]["hits"][0]["quote"] == "Wage and Tax Statement"


async def test_retrieve_similar_shows_labelled_pages(
    toolbox: Toolbox, open_page: OpenPage, store: Store, tmp_path: Path
) -> None:
    """The nearest examples come with their labels, and a share of belief for each label."""
    texts = {"w2": "wage and tax statement employer", "letter": "dear sir", "contract": "the parties agree"}
    log = [Example(id=label, label=label, text=text, starts_document=True) for label, text in texts.items()]
    await store.examples.add(log)
    examples = await ExampleIndex.open(store.examples, ["default"], tmp_path / "index", LocalEmbedder())
    page = await open_page(W2, examples=examples)
    read = (await toolbox.call("read_page", WHY, page)).observation

    seen = (await toolbox.call("retrieve_similar", WHY, replace(page, text_ref=read.ref))).observation
    await examples.close()

    assert seen.content["neighbours"][0]["label"] == "w2"
    assert seen.content["label_scores"][0]["label"] == "w2"


async def test_escalate_to_review_is_a_decision(toolbox: Toolbox, open_page: OpenPage) -> None:
    """Asking a person is an ordinary observation with a reason from a closed list, not an error."""
    asked = {"rationale": "two kinds in one", "reason": "signals_disagree"}
    seen = (await toolbox.call("escalate_to_review", asked, await open_page(W2))).observation
    assert not seen.failed
    assert seen.content == {"escalated": True, "reason": "signals_disagree"}
