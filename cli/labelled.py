"""Labelled pages of a folder, read just as the agent's tools read a page, and out of the same cache."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from PIL import Image, ImageSequence

from cli import door
from store.ports import Store
from store.records import PageText
from taxonomy import Taxonomy
from tools.contract import Observation, PageContext
from tools.descriptor import LOOK_DPI
from tools.errors import ToolFailure
from tools.ocr import read_image
from tools.ocr_page import OcrArguments, OcrPage
from tools.pdf import PdfDocument, Rendered
from tools.read import ReadArguments, ReadPage
from tools.retrieval import ExampleImport, read_examples
from views.wording import count

OPEN_FILES = 4
"""PDFs kept open at once; more than are read at once, so that none is closed in use."""
PIXELS = 3000
"""Longer side that an image is reduced to before OCR."""
TOLD = 5
"""Skipped files told one by one."""


async def read_folder(
    folder: Path, store: Store, taxonomy: Taxonomy, only: Collection[str] | None = None
) -> ExampleImport:
    """Read every labelled page below `folder`, or of the packets named; what cannot be used is told on stderr.

    Raises NotAnExampleFolder for another layout, Unavailable where the store or OCR cannot be reached.
    """
    async with _readers(store, taxonomy) as reader:
        found = await read_examples(
            folder,
            reader.text,
            read_page_image=reader.image,
            labels=frozenset(taxonomy.labels),
            only=only,
            parallel=2,
        )
    if found.skipped:
        door.say(f"{count(len(found.skipped), 'file or page', 'files or pages')} of {folder} not used:")
        for skipped in found.skipped[:TOLD]:
            door.say(f"  {skipped.path}{f', page {skipped.page}' if skipped.page else ''}: {skipped.detail}")
        if len(found.skipped) > TOLD:
            door.say(f"  and {len(found.skipped) - TOLD} more")
    return found


@asynccontextmanager
async def _readers(store: Store, taxonomy: Taxonomy) -> AsyncIterator[_Reader]:
    reader = _Reader(store, taxonomy)
    try:
        yield reader
    finally:
        await reader.close()


class _Reader:
    """Words and pictures of the pages of PDFs and image files."""

    def __init__(self, store: Store, taxonomy: Taxonomy) -> None:
        self._store = store
        self._taxonomy = taxonomy
        self._open: dict[Path, tuple[PdfDocument, str]] = {}
        self._opening = asyncio.Lock()

    async def text(self, path: Path, page: int) -> PageText:
        """The text layer where it can be trusted, else OCR."""
        if path.suffix.lower() != ".pdf":
            return await read_image(_rendered(await asyncio.to_thread(_image, path, page), page))
        document, sha256 = await self._document(path)
        context = PageContext(
            job_id="examples",
            page=page,
            packet_sha256=sha256,
            document=document,
            blobs=self._store.blobs,
            cache=self._store.cache,
            taxonomy=self._taxonomy,
        )
        layer = await ReadPage()(ReadArguments(rationale="an example is read"), context)
        if layer.content["usable"]:
            return await self._kept(layer)
        try:
            return await self._kept(await OcrPage()(OcrArguments(rationale="its text layer is not usable"), context))
        except ToolFailure:
            if layer.content["words"]:
                return await self._kept(layer)
            raise

    async def image(self, path: Path, page: int) -> Image.Image:
        """A small picture, for the look."""
        if path.suffix.lower() != ".pdf":
            return await asyncio.to_thread(_image, path, page)
        document, _ = await self._document(path)
        return (await document.render(page, dpi=LOOK_DPI)).image()

    async def close(self) -> None:
        for document, _ in self._open.values():
            await document.close()

    async def _kept(self, observation: Observation) -> PageText:
        assert observation.ref is not None  # both readers keep the whole text
        return PageText.model_validate_json(await self._store.blobs.get(observation.ref))

    async def _document(self, path: Path) -> tuple[PdfDocument, str]:
        async with self._opening:
            if path not in self._open:
                if len(self._open) >= OPEN_FILES:
                    oldest = next(iter(self._open))
                    await self._open.pop(oldest)[0].close()
                sha256 = await asyncio.to_thread(_sha256, path)
                self._open[path] = (await PdfDocument.open(path), sha256)
            return self._open[path]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _image(path: Path, page: int) -> Image.Image:
    with Image.open(path) as file:
        frame = next(frame for at, frame in enumerate(ImageSequence.Iterator(file), start=1) if at == page)
        image = frame.convert("RGB")
    image.thumbnail((PIXELS, PIXELS))
    return image


def _rendered(image: Image.Image, page: int) -> Rendered:
    """An image file as OCR takes it; its resolution is judged by a letter page's height."""
    gray = image.convert("L")
    return Rendered(
        page=page,
        pixels=gray.tobytes(),
        width=gray.width,
        height=gray.height,
        dpi=max(72.0, max(gray.size) / 11),
        gray=True,
        turn=0,
        engine="pillow",
    )
