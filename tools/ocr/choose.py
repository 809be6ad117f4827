"""Decide how a page image is read: which way up, in which mode, by which engine. Cheap first, more where poor.

1. tesseract. Most pages end here.
2. Where that is poor: is the page turned? Three quick readings of its densest part tell; then again in that turn.
3. Still poor: rapidocr, five times the cost, finds most words on cards, photos, handwriting and patterned paper.

tesseract's mode for scattered text was tried between 2 and 3: it found more, but never enough to save step 3.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np

from store.records import PageText
from tools.errors import ToolFailure
from tools.ocr import rapid, tesseract
from tools.ocr.measure import Gray, glyphs
from tools.ocr.preprocess import Prepared, prepare, turned
from tools.ocr.tesseract import RawWord
from tools.ocr.text import TURNS, page_text, worth
from tools.pdf.limits import Rendered, Turn

MIN_GLYPHS = 15
"""With fewer letter-like spots there is nothing that a second reading could find."""
GLYPHS_A_WORD = 5.0
ENOUGH_WORDS = 100
"""Sure words with which a reading is good enough whatever its confidence: a worn fax is still read."""
POOR_CONFIDENCE = 0.65
POOR_SHARE = 0.3
"""A reading is poor that finds fewer than this share of the words which the letter-like spots promise."""
PROBE_SIDE = 900
"""Pixels of the part that is read the other ways round."""
PROBE_GAIN = 2.0
"""A turn must read so many times better than upright."""
PROBE_LETTERS = 12.0
"""... and find at least so many letters in sure words: patterns read as words in any direction."""
TESSERACT_TIMEOUT_S = 60.0
RAPID_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Reading:
    """One engine's answer to one prepared image."""

    words: list[RawWord]
    prepared: Prepared
    turn: Turn
    engine: str

    @property
    def poor(self) -> bool:
        """Whether there is clearly more to read than was read."""
        if self.prepared.glyphs < MIN_GLYPHS:
            return False
        found = worth(self.words)
        if found.words >= ENOUGH_WORDS:
            return False
        promised = self.prepared.glyphs / GLYPHS_A_WORD
        return found.mean_confidence < POOR_CONFIDENCE or found.words < POOR_SHARE * promised


async def read_image(rendered: Rendered) -> PageText:
    """The words on a rendered page; boxes are of the page as rendered. Raises ToolFailure where tesseract fails."""
    gray = np.asarray(await asyncio.to_thread(lambda: rendered.image().convert("L")))
    best = await _by_page(gray, rendered.dpi, 0)
    if best.poor and (turn := await _turn(best, rendered.dpi)):
        best = _better(best, await _by_page(gray, rendered.dpi, turn))
    if best.poor:
        # rapidocr is a second opinion: without it the first one stands, with its own low confidence.
        with contextlib.suppress(ToolFailure):
            best = _better(best, await _fallback(gray, best.turn))
    return page_text(best.words, best.prepared, best.turn, best.engine, rendered)


async def engines() -> tuple[str, str]:
    """Names and versions of both engines, each with our recipe, for cache keys and the run manifest."""
    binary = await asyncio.to_thread(tesseract.binary)
    return f"{binary.version} recipe {_recipe()}", f"{rapid.version()} recipe {_recipe()}"


@cache
def _recipe() -> str:
    """A digest of how images are prepared and readings chosen: text read in another way is another text."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()[:8]


async def _by_page(gray: Gray, dpi: float, turn: Turn) -> Reading:
    prepared = await asyncio.to_thread(prepare, gray, turn)
    mode = tesseract.PAGE
    words = await tesseract.read(prepared.image, dpi * prepared.enlarged, mode, TESSERACT_TIMEOUT_S)
    return Reading(words, prepared, turn, tesseract.binary().version)


async def _fallback(gray: Gray, turn: Turn) -> Reading:
    prepared = await asyncio.to_thread(prepare, gray, turn, False)
    words = await rapid.read(prepared.image, RAPID_TIMEOUT_S)
    return Reading(words, prepared, turn, rapid.version())


def _better(one: Reading, other: Reading) -> Reading:
    return other if worth(other.words).letters > worth(one.words).letters else one


async def _turn(upright: Reading, dpi: float) -> Turn:
    """The clockwise turn in which the densest part of the page reads clearly better than upright; 0 where none does."""
    image = upright.prepared.image
    left, top, right, bottom = (await asyncio.to_thread(glyphs, image)).densest(
        image.shape[1], image.shape[0], PROBE_SIDE
    )
    part = image[top:bottom, left:right]
    letters = await asyncio.gather(*(_letters(part, dpi * upright.prepared.enlarged, turn) for turn in TURNS[1:]))
    most = max(letters)
    there = [word for word in upright.words if left <= word.left and word.right <= right]
    there = [word for word in there if top <= word.top and word.bottom <= bottom]
    sure = most >= max(PROBE_LETTERS, PROBE_GAIN * worth(there).letters)
    return TURNS[1:][letters.index(most)] if sure else 0


async def _letters(part: Gray, dpi: float, turn: Turn) -> float:
    image, _ = turned(part, turn)
    return worth(await tesseract.read(image, dpi, tesseract.PROBE, TESSERACT_TIMEOUT_S)).letters
