"""Whether a reading of a page is good enough for a verdict, and if not, why."""

from __future__ import annotations

from store.records import PageLook, PageText
from tools.ocr.words import WordCount, count

MIN_REAL = 6
"""Real words without which nobody can say what a page is."""
MIN_SHARE = 0.45
"""Part of the tokens that must be words or figures."""
MIN_CONFIDENCE = 0.5
RUNNING_TEXT = 40
"""Tokens from which a page without a single frequent word is suspect."""
STAMP_WORDS = 30
"""A scan's layer with fewer words is a stamp, a signature id or a header, not the page."""
SCAN_COVERAGE = 0.5
INK_WITHOUT_WORDS = 0.03
"""A page with more ink than this and next to no words shows something that its layer does not tell."""


def trouble(text: PageText, look: PageLook | None) -> str | None:
    """Why this text is not enough, as half a sentence; None where it is."""
    counted = count(word.text for word in text.words)
    if text.source == "ocr":
        return _noise(counted, text.mean_confidence)
    return _hidden(counted, look) or _soup(counted)


def _noise(counted: WordCount, confidence: float | None) -> str | None:
    if counted.tokens == 0:
        return "no words were found"
    if counted.real < MIN_REAL:
        return f"only {counted.real} real words were found"
    if counted.share < MIN_SHARE or (confidence is not None and confidence < MIN_CONFIDENCE):
        return "most of what was found is noise"
    return None


def _hidden(counted: WordCount, look: PageLook | None) -> str | None:
    """The layer tells only part of what the page shows."""
    if counted.tokens == 0:
        return "the page has no text layer"
    if look is not None and look.image_coverage >= SCAN_COVERAGE and counted.tokens < STAMP_WORDS:
        return f"the page is a scan and its text layer has only {counted.tokens} words"
    if look is not None and (look.ink or 0.0) > INK_WITHOUT_WORDS and counted.tokens < MIN_REAL * 2:
        return f"the page shows more than the {counted.tokens} words of its text layer"
    return None


def _soup(counted: WordCount) -> str | None:
    """The layer is there but does not mean what the page shows."""
    if counted.unmapped > counted.tokens * 0.2:
        return "the text layer holds glyphs without a meaning"
    if counted.tokens >= MIN_REAL and counted.share < MIN_SHARE:
        return "the text layer is not made of words"
    if counted.tokens >= RUNNING_TEXT and counted.common == 0 and counted.figures < counted.tokens / 2:
        return "the text layer is in a wrong encoding or an unknown language"
    return None
