"""What is drawn on a page besides its words: filled shapes and pictures, in drawing order, so that each word knows
what lies behind it and what lies over it."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

Box = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]
Colour = tuple[int, int, int]

PAPER: Colour = (255, 255, 255)
MAX_OBJECTS = 20_000
MAX_FORM_DEPTH = 4
SMALLEST_SIDE = 0.004
"""Share of the page; lines and dots cover no word."""
OPAQUE = 200
"""Of 255: what is fainter neither hides a word nor gives it a background."""
BANDS = 100
UNMOVED: Matrix = (1, 0, 0, 1, 0, 0)
RED, GREEN, BLUE, OPACITY = (ctypes.c_uint() for _ in range(4))
LEFT, BOTTOM, RIGHT, TOP = (ctypes.c_float() for _ in range(4))
"""Where pdfium writes; a page has hundreds of objects, so that making these anew would take its time."""


@dataclass(frozen=True)
class Shape:
    """A filled path or a picture; `colour` is None where it has many."""

    order: int
    box: Box
    colour: Colour | None


@dataclass
class Scene:
    """Shapes by the heights they reach over, and the place of each text object in the drawing order."""

    order: dict[int, int] = field(default_factory=dict)
    """By address of the text object."""
    bands: list[list[Shape]] = field(default_factory=lambda: [[] for _ in range(BANDS + 1)])

    def shapes_at(self, y: float) -> bool:
        """Whether any shape reaches over this height."""
        return bool(self.bands[int(y * BANDS)])

    def around(self, x: float, y: float, order: int) -> tuple[Shape | None, Shape | None]:
        """The nearest shape behind what was drawn at this place as number `order`, and one that lies over it."""
        behind = over = None
        for shape in self.bands[int(y * BANDS)]:
            x0, y0, x1, y1 = shape.box
            if x0 <= x <= x1 and y0 <= y <= y1:
                if shape.order > order:
                    over = shape
                else:
                    behind = shape
        return behind, over


def address(handle: Any) -> int:
    """The same for two handles of one object."""
    return ctypes.addressof(handle.contents)


def colour_of(handle: Any) -> tuple[Colour, int] | None:
    """Fill colour and opacity, 0 to 255; None where it is a pattern."""
    if not pdfium.FPDFPageObj_GetFillColor(handle, RED, GREEN, BLUE, OPACITY):
        return None
    return (RED.value, GREEN.value, BLUE.value), OPACITY.value


def scene(page: pypdfium2.PdfPage, frame: Any) -> Scene:
    """`frame` turns boxes in page space into fractions of the displayed page."""
    found = Scene()
    count = pdfium.FPDFPage_CountObjects(page.raw)
    _Walk(found, frame).children(page.raw, pdfium.FPDFPage_GetObject, count, UNMOVED, 0)
    return found


@dataclass
class _Walk:
    found: Scene
    frame: Any
    seen: int = 0

    def children(self, parent: Any, child: Any, count: int, placed: Matrix, depth: int) -> None:
        for index in range(min(count, MAX_OBJECTS - self.seen)):
            self.seen += 1
            handle = child(parent, index)
            kind = pdfium.FPDFPageObj_GetType(handle)
            if kind == pdfium.FPDF_PAGEOBJ_TEXT:
                self.found.order[address(handle)] = self.seen
            elif kind == pdfium.FPDF_PAGEOBJ_FORM:
                if depth < MAX_FORM_DEPTH:
                    inner = pdfium.FPDFFormObj_CountObjects(handle)
                    moved = _after(_matrix(handle), placed)
                    self.children(handle, pdfium.FPDFFormObj_GetObject, inner, moved, depth + 1)
            elif (box := self._box(handle, placed)) is not None:
                self._shape(handle, kind, box)

    def _shape(self, handle: Any, kind: int, box: Box) -> None:
        colour: Colour | None = None
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            mode, stroked = ctypes.c_int(), ctypes.c_int()
            if not pdfium.FPDFPath_GetDrawMode(handle, mode, stroked) or mode.value == pdfium.FPDF_FILLMODE_NONE:
                return
            filled = colour_of(handle)
            if filled is not None:
                colour, opacity = filled
                if opacity < OPAQUE:
                    return
        shape = Shape(self.seen, box, colour)
        for band in range(int(box[1] * BANDS), int(box[3] * BANDS) + 1):
            self.found.bands[band].append(shape)

    def _box(self, handle: Any, placed: Matrix) -> Box | None:
        if not pdfium.FPDFPageObj_GetBounds(handle, LEFT, BOTTOM, RIGHT, TOP):
            return None
        box = (LEFT.value, BOTTOM.value, RIGHT.value, TOP.value)
        shown: Box | None = self.frame.box(*(box if placed is UNMOVED else _moved(box, placed)))
        if shown is None or shown[2] - shown[0] < SMALLEST_SIDE or shown[3] - shown[1] < SMALLEST_SIDE:
            return None
        return shown


def _matrix(handle: Any) -> Matrix:
    m = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(handle, m):
        return UNMOVED
    return (m.a, m.b, m.c, m.d, m.e, m.f)


def _after(one: Matrix, other: Matrix) -> Matrix:
    """First `one`, then `other` (PDF 32000-1, 8.3.4)."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _moved(box: Box, by: Matrix) -> Box:
    a, b, c, d, e, f = by
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs, ys = zip(*corners, strict=True)
    return (min(xs), min(ys), max(xs), max(ys))
