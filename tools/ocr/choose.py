"""Decide how a page image is read: which way up, by which engine, and what of the answer is text."""

from __future__ import annotations

import asyncio

import numpy as np
import numpy.typing as npt

from store.records import PageText, Word
from tools.ocr import tesseract
from tools.ocr.preprocess import Cleaned, clean
from tools.ocr.tesseract import RawWord
from tools.pdf.limits import Rendered

Gray = npt.NDArray[np.uint8]

NOISE_CONFIDENCE = 0.3
PSM = 3


async def read_image(rendered: Rendered, timeout_s: float = 60.0) -> PageText:
    """The words on a rendered page. Raises ToolFailure (`timeout`, `unavailable`, `unreadable`)."""
    gray = await asyncio.to_thread(_gray, rendered)
    cleaned = await asyncio.to_thread(clean, gray)
    words = await tesseract.read(cleaned.image, rendered.dpi, PSM, timeout_s)
    return _page_text(rendered, words, cleaned, tesseract.binary().version)


def _gray(rendered: Rendered) -> Gray:
    return np.asarray(rendered.image().convert("L"))


def _page_text(rendered: Rendered, raw: list[RawWord], cleaned: Cleaned, engine: str) -> PageText:
    kept = [word for word in raw if word.confidence >= NOISE_CONFIDENCE]
    words = tuple(Word(text=w.text, box=_box(w, cleaned, rendered), confidence=w.confidence) for w in kept)
    lines: list[str] = []
    for index, word in enumerate(kept):
        if index and word.line == kept[index - 1].line:
            lines[-1] += " " + word.text
        else:
            lines.append(word.text)
    return PageText(
        page=rendered.page,
        source="ocr",
        engine=engine,
        text="\n".join(lines),
        words=words,
        mean_confidence=sum(w.confidence for w in kept) / len(kept) if kept else None,
    )


def _box(word: RawWord, cleaned: Cleaned, rendered: Rendered) -> tuple[float, float, float, float]:
    corners = [cleaned.to_given(x, y) for x in (word.left, word.right) for y in (word.top, word.bottom)]
    xs, ys = [x / rendered.width for x, _ in corners], [y / rendered.height for _, y in corners]
    return (_clip(min(xs)), _clip(min(ys)), _clip(max(xs)), _clip(max(ys)))


def _clip(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 5)
