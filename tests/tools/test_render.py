"""`render_page`: the page as an image in the blob store, named by its content."""

from __future__ import annotations

import io
from pathlib import Path
from typing import cast

import pytest
from PIL import Image
from pydantic import ValidationError
from reportlab.pdfgen.canvas import Canvas

from store.ports import Store
from taxonomy import Taxonomy
from tools.contract import PageContext
from tools.pdf import PdfDocument
from tools.render import RenderArguments, RenderPage


async def test_the_image_is_a_blob_and_its_size_is_told(store: Store, tmp_path: Path) -> None:
    """The observation holds reference, size and resolution; the pixels stay out of it."""
    canvas = Canvas(str(tmp_path / "page.pdf"), pagesize=(612, 792))
    canvas.rect(100, 100, 200, 200, fill=1)
    canvas.save()
    async with await PdfDocument.open(tmp_path / "page.pdf") as document:
        page = PageContext("job", 1, "ab" * 32, document, store.blobs, store.cache, cast(Taxonomy, None))
        seen = await RenderPage()(RenderArguments(rationale="to see the stamp", dpi=100), page)
        again = await RenderPage()(RenderArguments(rationale="to see it again", dpi=100), page)
    assert seen.ref == seen.content["image"] == again.ref
    assert seen.ref is not None
    with Image.open(io.BytesIO(await store.blobs.get(seen.ref))) as image:
        assert image.format == "JPEG"
        assert image.size == (seen.content["width"], seen.content["height"]) == (850, 1100)
    assert seen.content["dpi"] == 100
    assert all(len(str(value)) < 100 for value in seen.content.values())


def test_resolution_has_bounds() -> None:
    """Neither thumbnails that show nothing nor posters."""
    for dpi in (10, 1200):
        with pytest.raises(ValidationError):
            RenderArguments(rationale="to see more", dpi=dpi)
