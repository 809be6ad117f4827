"""Which words of the text layer a person would not see on the page.

Colours and the drawing order say which words are suspicious; for these alone the page is drawn, with and without them:
where nothing changes, nobody sees them. An ordinary page is never drawn for this.

OCR programs put words without ink (render modes 3 and 7; PDF 32000-1, 9.3.6) over the picture of a scan, or words with
ink under it. Where the page shows something at their place they are such a layer, or a lie; where it shows nothing, a
lie.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from tools.pdf.pictures import Changes, Picture, around
from tools.pdf.scene import PAPER, Colour, Scene, address, colour_of, scene

SMALLEST_PT = 3.0
"""Print under it is not for people."""
NOT_DRAWN = {pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP}
STROKED = {pdfium.FPDF_TEXTRENDERMODE_STROKE, pdfium.FPDF_TEXTRENDERMODE_STROKE_CLIP}
FAINT = 77
"""Opacity of 255 below which print might be too faint to be seen."""
NEAR = 24
"""Steps of 255 that print must differ from what is behind it, lest it be looked at closely."""
RUN = 3
"""Invisible words in a row over nothing are hidden; one or two among words of a scan are an OCR box gone astray."""
SMALL, LARGE = 1.0, 2.0
"""Pixels a point of a drawing."""

Placed = tuple[str, float, float, float, float]


@dataclass
class _Print:
    """One text object and the words that begin in it."""

    handle: Any
    mode: int
    fill: tuple[Colour, int] | None
    order: int
    words: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class _Doubt:
    """What to call a word if nobody sees it, and whether a picture lies there."""

    why: str
    over_picture: bool


@dataclass(frozen=True)
class Unseen:
    """Words by index: those that nobody sees and why; those that may be the OCR layer of a scan."""

    why: dict[int, str]
    unconfirmed: set[int]


def find_unseen(
    page: pypdfium2.PdfPage, layer: Any, frame: Any, words: Sequence[Placed], first: Sequence[int]
) -> Unseen:
    """`first` holds the index of each word's first character in the layer, `frame` the way to displayed fractions."""
    if not words:
        return Unseen({}, set())
    drawn = scene(page, frame)
    prints = _prints(layer, first, drawn)
    found = _without_ink(page, prints, words) | _looked_at_closely(page, _suspects(prints, words, drawn), words)
    tiny = _tiny(page, layer, words, first)
    of_a_scan = _of_a_scan({at: doubt for at, doubt in found.items() if at not in tiny})
    return Unseen(tiny | {at: doubt.why for at, doubt in found.items() if at not in of_a_scan}, of_a_scan)


def _of_a_scan(found: dict[int, _Doubt]) -> set[int]:
    """Words over something that a picture shows; one or two between them over nothing are boxes gone astray."""
    runs = [(over, list(run)) for over, run in groupby(sorted(found), lambda at: found[at].over_picture)]
    if not any(over for over, _ in runs):
        return set()
    return {at for over, run in runs if over or len(run) < RUN for at in run}


def _prints(layer: Any, first: Sequence[int], drawn: Scene) -> list[_Print]:
    found: dict[int, _Print] = {}
    for at, character in enumerate(first):
        handle = pdfium.FPDFText_GetTextObject(layer.raw, character)
        if not handle:
            continue
        where = address(handle)
        known = found.get(where)
        if known is None:
            mode = pdfium.FPDFTextObj_GetTextRenderMode(handle)
            known = found[where] = _Print(handle, mode, colour_of(handle), drawn.order.get(where, 0))
        known.words.append(at)
    return list(found.values())


def _without_ink(page: pypdfium2.PdfPage, prints: Sequence[_Print], words: Sequence[Placed]) -> dict[int, _Doubt]:
    places = [at for item in prints if item.mode in NOT_DRAWN for at in item.words]
    if not places:
        return {}
    with _without(prints):
        bare = Picture.draw(page, SMALL, gray=True, part=around(words[at][1:] for at in places))
    return {at: _Doubt("invisible", bare is not None and bare.shows_something(words[at][1:])) for at in places}


def _suspects(
    prints: Sequence[_Print], words: Sequence[Placed], drawn: Scene
) -> list[tuple[_Print, dict[int, _Doubt]]]:
    """Text objects with those of their words that may be unseen, and what to call them then."""
    found = []
    for item in prints:
        if item.mode in NOT_DRAWN:
            continue
        like_paper = _is_like(item, PAPER)
        doubts = {}
        for at in item.words:
            _, x0, y0, x1, y1 = words[at]
            y = (y0 + y1) / 2
            behind, over = drawn.around((x0 + x1) / 2, y, item.order) if drawn.shapes_at(y) else (None, None)
            if over is not None:
                doubts[at] = _Doubt("covered", over.colour is None)
            elif like_paper if behind is None else _is_like(item, behind.colour):
                doubts[at] = _Doubt("same_colour", behind is not None and behind.colour is None)
        if doubts:
            found.append((item, doubts))
    return found


def _is_like(item: _Print, background: Colour | None) -> bool:
    """Whether the print may have the colour of what is behind it; what cannot be told by colours counts as yes."""
    if item.fill is None or background is None or item.mode in STROKED:
        return True
    colour, opacity = item.fill
    return opacity < FAINT or max(abs(one - other) for one, other in zip(colour, background, strict=True)) < NEAR


def _looked_at_closely(
    page: pypdfium2.PdfPage, suspects: Sequence[tuple[_Print, dict[int, _Doubt]]], words: Sequence[Placed]
) -> dict[int, _Doubt]:
    """The suspects that can be taken out without a change to the picture."""
    doubts = {at: doubt for _, found in suspects for at, doubt in found.items()}
    if not doubts:
        return {}
    part = around(words[at][1:] for at in doubts)
    whole = Picture.draw(page, LARGE, gray=False, part=part)
    with _without([item for item, _ in suspects]):
        rest = Picture.draw(page, LARGE, gray=False, part=part)
    if whole is None or rest is None:
        return {}
    changes = Changes(whole, rest)
    return {
        at: _Doubt(doubt.why, doubt.over_picture and rest.shows_something(words[at][1:]))
        for at, doubt in doubts.items()
        if not changes.at(words[at][1:])
    }


def _tiny(page: pypdfium2.PdfPage, layer: Any, words: Sequence[Placed], first: Sequence[int]) -> dict[int, str]:
    width, height = page.get_size()
    # Boxes are higher than the print in them; only where they are low is the print asked for its size.
    low, narrow = 2 * SMALLEST_PT / height, 2 * SMALLEST_PT / width
    return {
        at: "tiny"
        for at, word in enumerate(words)
        if (word[4] - word[2] < low or word[3] - word[1] < narrow) and _size(layer, first[at]) < SMALLEST_PT
    }


def _size(layer: Any, character: int) -> float:
    """Of the print in points on the page: the font's size, or the letter's own where that is larger (Type 3 fonts)."""
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(layer.raw, character, matrix)
    named = float(pdfium.FPDFText_GetFontSize(layer.raw, character)) * math.hypot(matrix.c, matrix.d)
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not pdfium.FPDFText_GetCharBox(layer.raw, character, left, right, bottom, top):
        return named
    return max(named, min(abs(top.value - bottom.value), abs(right.value - left.value)))


@contextmanager
def _without(items: Sequence[_Print]) -> Iterator[None]:
    """The page without these text objects, for as long as the `with` lasts."""
    for item in items:
        pdfium.FPDFPageObj_SetIsActive(item.handle, False)
    try:
        yield
    finally:
        for item in items:
            pdfium.FPDFPageObj_SetIsActive(item.handle, True)
