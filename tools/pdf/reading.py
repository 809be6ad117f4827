"""The words of a text layer with their boxes, in the order pdfium gives."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from tools.pdf.characters import BIDI, INVISIBLE, NO_CHARACTER, SELECTORS, TAGS, smuggled

Box = tuple[float, float, float, float]
PlacedWord = tuple[str, float, float, float, float]

LINE_HYPHENS = "\x02\ufffe"
"""What pdfium puts where a word was hyphenated at the end of a line; the halves belong together."""
CONTROL = re.compile(r"[\x00\x01\x03-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""No text, and lone surrogates cannot even be written down; they end a word."""
PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
WITHIN_WORDS = {
    **dict.fromkeys(map(ord, LINE_HYPHENS + INVISIBLE + BIDI + SELECTORS + TAGS), ""),
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)},
}
"""What becomes of single characters inside a word: ligatures are spelled out."""
WORD = re.compile(r"\S+")
LINE = re.compile(r"[^\r\n]+")
ON_THE_PAGE = 0.3
"""A word of which less than this share lies on the page is off it."""


@dataclass
class FoundWords:
    """The words of a layer in its order."""

    words: list[PlacedWord] = field(default_factory=list)
    lines: list[list[int]] = field(default_factory=list)
    """Indices of `words`, a list a line."""
    first: list[int] = field(default_factory=list)
    """Each word's first character in the layer."""
    off_page: list[str] = field(default_factory=list)
    smuggled: list[str] = field(default_factory=list)
    """What characters say that are not drawn."""


def find_words(layer: pypdfium2.PdfTextPage, frame: DisplayedFrame, max_words: int) -> FoundWords:
    """At most `max_words`, with boxes in fractions of the displayed page."""
    characters = _characters(layer)
    found = FoundWords(smuggled=smuggled(characters))
    for piece in LINE.finditer(characters):
        line = []
        for match in WORD.finditer(characters, piece.start(), piece.end()):
            text = spelled(match.group())
            if not text or len(found.words) >= max_words:
                continue
            box = frame.box(*_bounds(layer.raw, match.start(), match.end() - 1))
            if box is None:
                if len(found.off_page) < max_words:
                    found.off_page.append(text)
                continue
            line.append(len(found.words))
            found.words.append((text, *box))
            found.first.append(match.start())
        if line:
            found.lines.append(line)
    return found


def words_of(value: str) -> list[str]:
    """The words of a string that has no place of its own."""
    return [text for word in WORD.findall(CONTROL.sub(" ", value)) if (text := spelled(word))]


def spelled(word: str) -> str:
    """Without characters that are not drawn, ligatures spelled out."""
    return unicodedata.normalize("NFC", word.translate(WITHIN_WORDS))


def count_words(page: pypdfium2.PdfPage) -> int:
    """Words of the text layer, without asking where they stand."""
    layer = page.get_textpage()
    try:
        return sum(1 for _ in WORD.finditer(_characters(layer)))
    finally:
        layer.close()


def _characters(layer: pypdfium2.PdfTextPage) -> str:
    """The layer as a string in which each index is pdfium's character index."""
    count = pdfium.FPDFText_CountChars(layer.raw)
    if count <= 0:
        return ""
    buffer = ctypes.create_string_buffer(2 * (count + 1))
    pointer = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
    written = pdfium.FPDFText_GetText(layer.raw, 0, count, pointer) - 1
    text = buffer.raw[: 2 * max(written, 0)].decode("utf-16-le", errors="replace")
    if len(text) != count:
        # The whole text leaves out characters without a meaning; one by one the indices stay right, ten times slower.
        text = "".join(_character(pdfium.FPDFText_GetUnicode(layer.raw, index)) for index in range(count))
        text = PAIR.sub(_joined_pair, text)
    return CONTROL.sub(" ", text)


def _joined_pair(pair: re.Match[str]) -> str:
    """The character that two surrogates stand for; a non-character keeps the place of the second."""
    return pair.group().encode("utf-16-le", "surrogatepass").decode("utf-16-le") + NO_CHARACTER


def _character(code: int) -> str:
    return chr(code) if code <= 0x10FFFF else " "


def _bounds(layer: Any, first: int, last: int) -> Box:
    """Box in page space (left, bottom, right, top) around the first and last character.

    Two calls a word instead of one a character: loose boxes have the height of the font, so the ends are enough.
    """
    one, other = pdfium.FS_RECTF(), pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(layer, first, one)
    pdfium.FPDFText_GetLooseCharBox(layer, last, other)
    return (
        min(one.left, other.left),
        min(one.bottom, other.bottom),
        max(one.right, other.right),
        max(one.top, other.top),
    )


class DisplayedFrame:
    """Turns boxes in page space into fractions of the page as displayed: cropped, rotated, origin top left."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._left, bottom, right, self._top = page.get_bbox()
        self._width, self._height = right - self._left, self._top - bottom
        self._rotation = page.get_rotation()

    def box(self, left: float, bottom: float, right: float, top: float) -> Box | None:
        """The clipped box, or None where most of it lies off the page or it is not finite."""
        if not (self._width > 0 and self._height > 0):
            return None
        u0, u1 = (left - self._left) / self._width, (right - self._left) / self._width
        v0, v1 = (self._top - top) / self._height, (self._top - bottom) / self._height
        match self._rotation:
            case 90:
                u0, v0, u1, v1 = 1 - v1, u0, 1 - v0, u1
            case 180:
                u0, v0, u1, v1 = 1 - u1, 1 - v1, 1 - u0, 1 - v0
            case 270:
                u0, v0, u1, v1 = v0, 1 - u1, v1, 1 - u0
        # Written so that NaN fails too.
        if not (u1 > 0 and v1 > 0 and u0 < 1 and v0 < 1):
            return None
        if _inside(u0, u1) * _inside(v0, v1) < ON_THE_PAGE:
            return None
        return (round(max(0.0, u0), 5), round(max(0.0, v0), 5), round(min(1.0, u1), 5), round(min(1.0, v1), 5))


def _inside(low: float, high: float) -> float:
    """Share of the stretch from low to high that lies within 0..1."""
    return (min(high, 1.0) - max(low, 0.0)) / (high - low) if high > low else 1.0
