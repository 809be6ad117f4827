"""`render_page`: the page as an image in the blob store, named by its content."""

from __future__ import annotations

import io
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from PIL import Image
from pydantic import ValidationError
from reportlab.pdfgen.canvas import Canvas

from store.ports import Store
from taxonomy import Taxonomy
from tools.contract import PageContext
from tools.errors import ToolFailure
from tools.pdf import PdfDocument
from tools.render import RenderArguments, RenderPage


@pytest.fixture
async def page(store: Store, tmp_path: Path) -> AsyncIterator[PageContext]:
    """A letter page with a black square."""
    canvas = Canvas(str(tmp_path / "page.pdf"), pagesize=(612, 792))
    canvas.rect(100, 100, 200, 200, fill=1)
    canvas.save()
    async with await PdfDocument.open(tmp_path / "page.pdf") as document:
        yield PageContext("job", 1, "ab" * 32, document, store.blobs, store.cache, cast(Taxonomy, None))


async def test_the_image_is_a_blob_and_its_size_is_told(store: Store, page: PageContext) -> None:
    """The observation holds reference, size and resolution; the pixels stay out of it."""
    seen = await RenderPage()(RenderArguments(rationale="to see the stamp", dpi=100), page)
    again = await RenderPage()(RenderArguments(rationale="to see it again", dpi=100), page)
    assert seen.ref == seen.content["image"] == again.ref
    assert seen.ref is not None
    with Image.open(io.BytesIO(await store.blobs.get(seen.ref))) as image:
        assert image.format == "JPEG"
        assert image.size == (seen.content["width"], seen.content["height"]) == (850, 1100)
    assert seen.content["dpi"] == 100
    assert all(len(str(value)) < 100 for value in seen.content.values())


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler is not installed: no second renderer to ask")
async def test_a_second_engine_can_be_asked(page: PageContext) -> None:
    """poppler draws the same page, and the observation says who drew it."""
    seen = await RenderPage()(RenderArguments(rationale="a second opinion", engine="poppler"), page)
    assert seen.summary.endswith("drawn by poppler")


@pytest.mark.skipif(shutil.which("pdftoppm") is not None, reason="poppler is installed: nothing is missing")
async def test_a_missing_engine_is_said(page: PageContext) -> None:
    """Asking for an engine that is not here is a failure with words, not another engine's picture."""
    with pytest.raises(ToolFailure):
        await RenderPage()(RenderArguments(rationale="a second opinion", engine="poppler"), page)


def test_resolution_has_bounds() -> None:
    """Neither thumbnails that show nothing nor posters."""
    for dpi in (10, 1200):
        with pytest.raises(ValidationError):
            RenderArguments(rationale="to see more", dpi=dpi)
