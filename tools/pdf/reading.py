"""The text layer of one page as text and words with boxes, in the order pdfium gives."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

Box = tuple[float, float, float, float]
PlacedWord = tuple[str, float, float, float, float]
Line = list[PlacedWord]

LINE_HYPHENS = "\x02\ufffe"
"""What pdfium puts where a word was hyphenated at the end of a line; the halves belong together."""
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff\uffff"
"""Soft hyphen, zero-width characters, byte order mark, non-character."""
CONTROL = re.compile(r"[\x00\x01\x03-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""No text, and lone surrogates cannot even be written down; they end a word."""
WITHIN_WORDS = {
    **dict.fromkeys(map(ord, LINE_HYPHENS + INVISIBLE), ""),
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)},
}
"""What becomes of single characters inside a word: ligatures are spelled out."""
WORD = re.compile(r"\S+")
LINE = re.compile(r"[^\r\n]+")


def read_layer(page: pypdfium2.PdfPage, fields: list[tuple[str, Box]], max_words: int) -> dict[str, Any]:
    """`text`, and `words` as [text, x0, y0, x1, y1], fractions of the displayed page; without words off the page.

    `fields` are filled form fields with boxes in page space; each becomes a line after the line it stands nearest to.
    """
    place = DisplayedFrame(page)
    layer = page.get_textpage()
    try:
        lines = _lines(layer, place, max_words)
    finally:
        layer.close()
    lines = _with_fields(lines, [line for value, box in fields if (line := _field_line(value, place.box(*box)))])
    return {
        "text": "\n".join(" ".join(word[0] for word in line) for line in lines),
        "words": [word for line in lines for word in line],
    }


def _lines(layer: pypdfium2.PdfTextPage, place: DisplayedFrame, max_words: int) -> list[Line]:
    characters = _characters(layer)
    lines: list[Line] = []
    taken = 0
    for piece in LINE.finditer(characters):
        line: Line = []
        for found in WORD.finditer(characters, piece.start(), piece.end()):
            text = _spelled(found.group())
            if not text or taken >= max_words:
                continue
            box = place.box(*_bounds(layer.raw, found.start(), found.end() - 1))
            if box is not None:
                line.append((text, *box))
                taken += 1
        if line:
            lines.append(line)
    return lines


def _field_line(value: str, box: Box | None) -> Line:
    """The words of a field; where each of them stands in it is not known, so all have the field's box."""
    if box is None:
        return []
    return [(text, *box) for found in WORD.findall(CONTROL.sub(" ", value)) if (text := _spelled(found))]


def _with_fields(lines: list[Line], fields: list[Line]) -> list[Line]:
    after: dict[int, list[Line]] = {}
    for field in fields:
        nearest = min(range(len(lines)), key=lambda index: _distance(lines[index], field[0]), default=-1)
        after.setdefault(nearest, []).append(field)
    merged = after.get(-1, [])
    for index, line in enumerate(lines):
        merged += [line, *after.get(index, [])]
    return merged


def _distance(line: Line, field: PlacedWord) -> float:
    """From the left edge of the field to the nearest word end, downwards twice as far as to the right."""
    middle = (field[2] + field[4]) / 2
    return min(abs(field[1] - word[3]) + 2 * abs(middle - (word[2] + word[4]) / 2) for word in line)


def _spelled(word: str) -> str:
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
    return CONTROL.sub(" ", text)


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
        """The clipped box, or None where it lies off the page or is not finite."""
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
        return (round(max(0.0, u0), 5), round(max(0.0, v0), 5), round(min(1.0, u1), 5), round(min(1.0, v1), 5))
