"""Labelled pages from a folder: a labelled dataset, or one folder a label with PDFs and images in it.

How a page is read is the caller's business (text layer, OCR, cache). What cannot be used is listed with its reason.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from pydantic import BaseModel, ConfigDict, ValidationError
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from store.records import Example, PageText
from tools.descriptor import describe
from tools.errors import DocumentRejected, ToolFailure

ReadText = Callable[[Path, int], Awaitable[PageText]]
"""File (PDF or image) and page, counted from 1, to its words. May raise DocumentRejected, ToolFailure or OSError."""
ReadImage = Callable[[Path, int], Awaitable[Image.Image]]
"""File and page to its picture, for the look; a small rendering is enough. May raise the same."""

SkipReason = Literal["unreadable", "unknown_label", "no_label", "not_supported", "no_truth", "no_packet", "bad_truth"]

_PDF = frozenset({".pdf"})
_IMAGE = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff"})


@dataclass(frozen=True)
class SkippedFile:
    """A file, or one page of it, that gave no example."""

    path: Path
    page: int | None
    """None where the whole file was skipped."""
    reason: SkipReason
    detail: str
    """One sentence for people."""


@dataclass(frozen=True)
class ExampleImport:
    """What a folder gave, in the order of its files and pages."""

    examples: tuple[Example, ...]
    skipped: tuple[SkippedFile, ...]


class NotAnExampleFolder(ValueError):
    """Neither a labelled dataset nor one folder a label: see `docs/taxonomy.md` for the two layouts."""


@dataclass(frozen=True)
class _Page:
    """One labelled page before it is read."""

    path: Path
    page: int
    label: str | None
    starts_document: bool
    packet: str
    source: str


async def read_examples(
    folder: Path,
    read_page_text: ReadText,
    *,
    read_page_image: ReadImage | None = None,
    labels: Collection[str] | None = None,
    only: Collection[str] | None = None,
    without: Collection[str] = (),
    parallel: int = 2,
) -> ExampleImport:
    """Read every labelled page of `folder`, `parallel` at a time.

    `labels` are the codes the taxonomy knows (None: any). `only` and `without` name packets of a dataset, or files of a
    label folder as `label/stem`, for leave-out protocols. Raise NotAnExampleFolder where the layout is neither of the
    two; Unavailable and bugs of the readers fly.
    """
    pages, skipped = await asyncio.to_thread(_list_pages, folder)
    chosen = [page for page in pages if (only is None or page.packet in only) and page.packet not in without]
    turn = asyncio.Semaphore(parallel)

    async def read(page: _Page) -> Example | SkippedFile:
        refusal = _refusal(page, labels)
        if refusal is not None:
            return refusal
        async with turn:
            return await _read(page, read_page_text, read_page_image)

    outcomes = await _all(read, chosen)
    return ExampleImport(
        examples=tuple(outcome for outcome in outcomes if isinstance(outcome, Example)),
        skipped=(*skipped, *(outcome for outcome in outcomes if isinstance(outcome, SkippedFile))),
    )


def example_id(label: str, text: str, packet: str | None, page: int | None, source: str) -> str:
    """The id every example bears: a digest of label, text and provenance, so adding it twice changes nothing."""
    content = json.dumps([label, text, packet, page, source], ensure_ascii=False)
    return "ex-" + hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


# ── which pages there are ────────────────────────────────────────────────────────────────────────


def _list_pages(folder: Path) -> tuple[list[_Page], list[SkippedFile]]:
    if not folder.is_dir():
        raise NotAnExampleFolder(f"{folder} is not a folder")
    if (folder / "truth").is_dir():
        return _dataset_pages(folder)
    if any(path.is_dir() for path in _visible(folder)):
        return _label_folder_pages(folder)
    raise NotAnExampleFolder(f"{folder} holds neither truth/ and packets/ nor one folder a label")


class _TruthPage(BaseModel):
    """What an import needs of one page of `truth/<packet>.json`; other keys are the evaluation's."""

    model_config = ConfigDict(extra="ignore")

    page: int
    doc_index: int
    label: str | None
    page_in_doc: int | None = None
    source: str | None = None


class _Truth(BaseModel):
    """`truth/<packet>.json`."""

    model_config = ConfigDict(extra="ignore")

    pages: list[_TruthPage]


def _dataset_pages(folder: Path) -> tuple[list[_Page], list[SkippedFile]]:
    """`packets/*.pdf` with `truth/*.json` of the same stem."""
    pages: list[_Page] = []
    skipped: list[SkippedFile] = []
    packets = {path.stem: path for path in _visible(folder / "packets") if path.suffix.lower() in _PDF}
    truths = {path.stem: path for path in _visible(folder / "truth") if path.suffix.lower() == ".json"}
    for name in sorted(packets.keys() | truths.keys()):
        if name not in truths:
            skipped.append(SkippedFile(packets[name], None, "no_truth", "no truth file bears this packet's name"))
        elif name not in packets:
            skipped.append(SkippedFile(truths[name], None, "no_packet", "no packet bears this truth file's name"))
        else:
            try:
                truth = _Truth.model_validate_json(truths[name].read_bytes())
            except (OSError, ValidationError) as error:
                skipped.append(SkippedFile(truths[name], None, "bad_truth", _one_line(error)))
            else:
                pages.extend(_truth_pages(packets[name], truth))
    return pages, skipped


def _truth_pages(packet: Path, truth: _Truth) -> Iterable[_Page]:
    before: int | None = None
    for page in sorted(truth.pages, key=lambda each: each.page):
        starts = page.page_in_doc == 1 if page.page_in_doc is not None else page.doc_index != before
        before = page.doc_index
        source = page.source or f"{packet.stem}#page={page.page}"
        yield _Page(packet, page.page, page.label, starts, packet.stem, source)


def _label_folder_pages(folder: Path) -> tuple[list[_Page], list[SkippedFile]]:
    """`<label>/**/<file>`; every file is one document."""
    pages: list[_Page] = []
    skipped: list[SkippedFile] = []
    for label_folder in _visible(folder):
        if not label_folder.is_dir():
            skipped.append(SkippedFile(label_folder, None, "no_label", "the file lies in no label's folder"))
            continue
        for path in sorted(path for path in label_folder.rglob("*") if path.is_file() and path.name[0] != "."):
            name = path.relative_to(folder).as_posix()
            try:
                count = _page_count(path)
            except _NotSupported:
                skipped.append(
                    SkippedFile(path, None, "not_supported", f"{path.suffix or 'no suffix'} is no PDF or image")
                )
            except (PyPdfError, OSError, ValueError, Image.DecompressionBombError) as error:
                skipped.append(SkippedFile(path, None, "unreadable", _one_line(error)))
            else:
                packet = path.relative_to(folder).with_suffix("").as_posix()
                pages.extend(
                    _Page(path, page, label_folder.name, page == 1, packet, f"{name}#page={page}")
                    for page in range(1, count + 1)
                )
    return pages, skipped


class _NotSupported(Exception):
    """Neither a PDF nor an image."""


def _page_count(path: Path) -> int:
    suffix = path.suffix.lower()
    if suffix in _PDF:
        with path.open("rb") as file:
            return len(PdfReader(file).pages)
    if suffix in _IMAGE:
        with Image.open(path) as image:
            return int(getattr(image, "n_frames", 1))
    raise _NotSupported


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []


# ── reading one ──────────────────────────────────────────────────────────────────────────────────


def _refusal(page: _Page, labels: Collection[str] | None) -> SkippedFile | None:
    if page.label is None:
        return SkippedFile(page.path, page.page, "no_label", "the page has no label")
    if labels is not None and page.label not in labels:
        return SkippedFile(page.path, page.page, "unknown_label", f"the taxonomy has no label {page.label!r}")
    return None


async def _read(page: _Page, read_page_text: ReadText, read_page_image: ReadImage | None) -> Example | SkippedFile:
    try:
        text = (await read_page_text(page.path, page.page)).text
        image = await read_page_image(page.path, page.page) if read_page_image is not None else None
    except (DocumentRejected, ToolFailure, OSError) as error:
        return SkippedFile(page.path, page.page, "unreadable", _one_line(error))
    look = await asyncio.to_thread(describe, image) if image is not None else None
    assert page.label is not None  # refused before
    return Example(
        id=example_id(page.label, text, page.packet, page.page, page.source),
        label=page.label,
        text=text,
        starts_document=page.starts_document,
        packet=page.packet,
        page=page.page,
        source=page.source,
        look=look,
    )


async def _all(
    read: Callable[[_Page], Awaitable[Example | SkippedFile]], pages: Sequence[_Page]
) -> list[Example | SkippedFile]:
    """In order; the first error cancels the rest and flies as itself, not in a group."""

    async def one(page: _Page) -> Example | SkippedFile:
        return await read(page)

    tasks = [asyncio.ensure_future(one(page)) for page in pages]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]
