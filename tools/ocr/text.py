"""What of an engine's answer is text: how much it is worth, and the page text made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import get_args

from store.records import PageText, Word
from tools.ocr.preprocess import Prepared
from tools.ocr.tesseract import RawWord
from tools.ocr.words import EDGES, count, is_real
from tools.pdf.limits import Rendered, Turn

NOISE_CONFIDENCE = 0.3
"""Words less sure than this are dropped: they are noise far more often than words."""
SURE_CONFIDENCE = 0.5
LONG_WORD = 4
"""Letters from which a word is wider than high in any print."""
TURNS: tuple[Turn, ...] = get_args(Turn)


@dataclass(frozen=True)
class Worth:
    """How much was read."""

    words: int
    """Sure words and figures."""
    letters: float
    """Letters in sure words that could be spoken, weighted by confidence; what readings are compared by."""
    mean_confidence: float
    """Over all words, noise included; 0 where there is none."""


def worth(words: Sequence[RawWord]) -> Worth:
    """Weigh an answer."""
    sure = [word for word in words if word.confidence >= SURE_CONFIDENCE]
    counted = count(word.text for word in sure)
    return Worth(
        words=counted.real + counted.figures,
        letters=sum(word.confidence * len(word.text) for word in sure if is_real(EDGES.sub("", word.text))),
        mean_confidence=sum(word.confidence for word in words) / len(words) if words else 0.0,
    )


def own_turn(words: Sequence[RawWord]) -> Turn:
    """The clockwise turn that an engine undid by itself: tesseract reads a whole page of sideways lines.

    Words then stand higher than wide, and follow each other downwards (turn by 270) or upwards (turn by 90).
    """
    long = [word for word in words if len(word.text) >= LONG_WORD]
    upended = [word for word in long if word.bottom - word.top > word.right - word.left]
    if len(upended) * 2 <= len(long):
        return 0
    steps = [after.top - before.top for before, after in pairwise(words) if before.line == after.line]
    return 270 if sum(1 if step > 0 else -1 for step in steps) >= 0 else 90


def page_text(words: Sequence[RawWord], prepared: Prepared, turn: Turn, engine: str, rendered: Rendered) -> PageText:
    """The record: noise dropped, boxes as fractions of the page as rendered, one text line a line found."""
    kept = [word for word in words if word.confidence >= NOISE_CONFIDENCE]
    lines: list[list[str]] = []
    for index, word in enumerate(kept):
        if index == 0 or word.line != kept[index - 1].line:
            lines.append([])
        lines[-1].append(word.text)
    return PageText(
        page=rendered.page,
        source="ocr",
        engine=engine,
        text="\n".join(" ".join(line) for line in lines),
        words=tuple(
            Word(text=word.text, box=_box(word, prepared, rendered), confidence=word.confidence) for word in kept
        ),
        rotation=TURNS[(turn + own_turn(kept)) % 360 // 90],
        mean_confidence=sum(word.confidence for word in kept) / len(kept) if kept else None,
    )


def _box(word: RawWord, prepared: Prepared, rendered: Rendered) -> tuple[float, float, float, float]:
    left, top, right, bottom = prepared.given_box(word.left, word.top, word.right, word.bottom)
    return (
        _fraction(left, rendered.width),
        _fraction(top, rendered.height),
        _fraction(right, rendered.width),
        _fraction(bottom, rendered.height),
    )


def _fraction(pixels: float, whole: int) -> float:
    return round(min(1.0, max(0.0, pixels / whole)), 5)
