"""A small layout vocabulary on reportlab, so that a document reads as the blocks it is made of.

Everything is measured in points from the top left corner. A `Sheet` records what is drawn and writes the PDF at the
end, because running headers want to know how many pages there are ("Page 2 of 4").
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import letter
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

Align = Literal["left", "right", "center"]
Family = Literal["Helvetica", "Times", "Courier"]
Op = Callable[[Any], None]
Cell = tuple[float, str, str]
"""One cell of a form row: share of the row, caption, value."""

_FACES: dict[Family, tuple[str, str, str]] = {
    "Helvetica": ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique"),
    "Times": ("Times-Roman", "Times-Bold", "Times-Italic"),
    "Courier": ("Courier", "Courier-Bold", "Courier-Oblique"),
}


@dataclass(frozen=True)
class Theme:
    """How an issuer's papers look."""

    font: Family = "Helvetica"
    size: float = 9.5
    margin: float = 50
    accent: str = "#1f3a5f"
    heading: Literal["bar", "rule", "caps", "plain"] = "rule"
    table: Literal["grid", "zebra", "lines", "plain"] = "lines"
    fields: Literal["left", "above", "dots"] = "left"


class Sheet:
    """Pages under construction with a cursor `y`; blocks flow from `left` to `right` and break pages by themselves."""

    def __init__(self, theme: Theme, size: tuple[float, float] = letter) -> None:
        self.theme = theme
        self.width, self.height = size
        self.left, self.right = theme.margin, self.width - theme.margin
        self.top, self.bottom = theme.margin, self.height - theme.margin
        self.y = self.top
        self.running: Callable[[int, int], None] | None = None
        """Draws header and footer of a page, given its number and the number of pages."""
        self._pages: list[list[Op]] = [[]]
        self._target = 0

    # ── marks at a place ─────────────────────────────────────────────────────────────────────────

    def put(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float | None = None,
        bold: bool = False,
        italic: bool = False,
        align: Align = "left",
        color: str = "#000000",
        font: Family | None = None,
    ) -> None:
        """One line of text whose baseline is at `y`."""
        face = _FACES[font or self.theme.font][1 if bold else 2 if italic else 0]
        points = size or self.theme.size
        shift = {"left": 0.0, "right": 1.0, "center": 0.5}[align] * stringWidth(text, face, points)

        def op(canvas: Any) -> None:
            canvas.setFillColor(HexColor(color))
            canvas.setFont(face, points)
            canvas.drawString(x - shift, self.height - y, text)

        self._draw(op)

    def stroke(self, x0: float, y0: float, x1: float, y1: float, *, width: float = 0.5, color: str = "#000000") -> None:
        def op(canvas: Any) -> None:
            canvas.setStrokeColor(HexColor(color))
            canvas.setLineWidth(width)
            canvas.line(x0, self.height - y0, x1, self.height - y1)

        self._draw(op)

    def rect(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        *,
        fill: str | None = None,
        edge: str | None = "#000000",
        width: float = 0.5,
        radius: float = 0.0,
    ) -> None:
        """A rectangle whose top left corner is at (x, y)."""

        def op(canvas: Any) -> None:
            canvas.setLineWidth(width)
            if fill:
                canvas.setFillColor(HexColor(fill))
            if edge:
                canvas.setStrokeColor(HexColor(edge))
            canvas.roundRect(x, self.height - y - h, w, h, radius, stroke=int(edge is not None), fill=int(bool(fill)))

        self._draw(op)

    def ellipse(self, x0: float, y0: float, x1: float, y1: float, fill: str) -> None:
        def op(canvas: Any) -> None:
            canvas.setFillColor(HexColor(fill))
            canvas.ellipse(x0, self.height - y0, x1, self.height - y1, stroke=0, fill=1)

        self._draw(op)

    def check(self, x: float, y: float, label: str, on: bool, *, size: float | None = None) -> None:
        """A tick box with its caption to the right."""
        points = size or self.theme.size
        side = points * 0.8
        self.rect(x, y - side, side, side)
        if on:
            self.stroke(x + 1, y - side + 1, x + side - 1, y - 1, width=1.1)
            self.stroke(x + 1, y - 1, x + side - 1, y - side + 1, width=1.1)
        self.put(x + side + 3, y, label, size=points)

    def signature(self, x: float, y: float, name: str, *, width: float = 110) -> None:
        """An ink scrawl, the same for the same name; it leaves no text behind."""
        hand = Random(f"signature:{name}")
        strokes = max(5, len(name) // 2)
        points = [(x + width * i / strokes, y - hand.uniform(-4, 14)) for i in range(strokes * 3 + 1)]
        points = [(x + width * i / (len(points) - 1) + hand.uniform(-3, 3), py) for i, (_, py) in enumerate(points)]

        def op(canvas: Any) -> None:
            canvas.setStrokeColor(HexColor("#1a2a6c"))
            canvas.setLineWidth(1.1)
            path = canvas.beginPath()
            path.moveTo(points[0][0], self.height - points[0][1])
            for a, b, c in zip(points[1::3], points[2::3], points[3::3], strict=False):
                path.curveTo(a[0], self.height - a[1], b[0], self.height - b[1], c[0], self.height - c[1])
            canvas.drawPath(path)

        self._draw(op)

    # ── blocks at the cursor ─────────────────────────────────────────────────────────────────────

    @property
    def span(self) -> float:
        return self.right - self.left

    def gap(self, points: float = 8) -> None:
        self.y += points

    def need(self, points: float) -> None:
        """Break the page unless so much room is left."""
        if self.y + points > self.bottom:
            self.new_page()

    def new_page(self) -> None:
        self._pages.append([])
        self._target = len(self._pages) - 1
        self.y = self.top

    def line(
        self,
        text: str,
        *,
        size: float | None = None,
        bold: bool = False,
        italic: bool = False,
        align: Align = "left",
        color: str = "#000000",
        indent: float = 0,
        font: Family | None = None,
    ) -> None:
        points = size or self.theme.size
        self.need(points * 1.3)
        self.y += points * 1.3
        x = {"left": self.left + indent, "right": self.right, "center": (self.left + self.right) / 2}[align]
        self.put(
            x, self.y - points * 0.3, text, size=points, bold=bold, italic=italic, align=align, color=color, font=font
        )

    def lines(
        self, texts: Sequence[str], *, size: float | None = None, bold: bool = False, align: Align = "left"
    ) -> None:
        for text in texts:
            self.line(text, size=size, bold=bold, align=align)

    def para(
        self,
        text: str,
        *,
        size: float | None = None,
        bold: bool = False,
        italic: bool = False,
        indent: float = 0,
        after: float = 5,
        hang: str = "",
    ) -> None:
        """A wrapped paragraph; `hang` stands to the left of its first line (a number or a bullet)."""
        points = size or self.theme.size
        face = _FACES[self.theme.font][1 if bold else 2 if italic else 0]
        for i, piece in enumerate(simpleSplit(text, face, points, self.span - indent)):
            self.line(piece, size=points, bold=bold, italic=italic, indent=indent)
            if i == 0 and hang:
                self.put(self.left + indent - 16, self.y - points * 0.3, hang, size=points, bold=bold)
        self.gap(after)

    def heading(self, text: str) -> None:
        theme = self.theme
        self.need(theme.size * 5)
        self.gap(7)
        if theme.heading == "bar":
            self.rect(self.left, self.y, self.span, theme.size + 6, fill=theme.accent, edge=None)
            self.y += 1.5
            self.line(text, bold=True, color="#ffffff", indent=4, size=theme.size)
            self.gap(5)
        elif theme.heading == "rule":
            self.line(text, bold=True, size=theme.size + 1.5, color=theme.accent)
            self.stroke(self.left, self.y + 2, self.right, self.y + 2, width=0.9, color=theme.accent)
            self.gap(5)
        else:
            self.line(text.upper() if theme.heading == "caps" else text, bold=True, size=theme.size + 0.5)
            self.gap(2)

    def rule(self, width: float = 0.7) -> None:
        self.gap(3)
        self.stroke(self.left, self.y, self.right, self.y, width=width)
        self.gap(4)

    def fields(self, pairs: Sequence[tuple[str, str]], *, columns: int = 1) -> None:
        """Captions with their values, row by row, in the manner of the theme."""
        size = self.theme.size
        step = self.span / columns
        for start in range(0, len(pairs), columns):
            self.need(size * 4)
            rows = 1
            for i, (caption, value) in enumerate(pairs[start : start + columns]):
                rows = max(rows, self._field(self.left + step * i, self.y + size, step - 10, caption, value))
            self.y += size * (0.2 + 1.2 * rows)

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        right: Sequence[int] = (),
        bold_last: bool = False,
        size: float | None = None,
    ) -> None:
        """Rows under a head that each page repeats; `widths` are relative, `right` lists right-aligned columns."""
        points = size or self.theme.size
        height = points * 1.5
        if any(head):
            self._row(head, widths, right, height, points, shade=self.theme.accent, bold=True)
        for i, row in enumerate(rows):
            if self.y + height > self.bottom:
                self.new_page()
                if any(head):
                    self._row(head, widths, right, height, points, shade=self.theme.accent, bold=True)
            shade = "#eef1f5" if self.theme.table == "zebra" and i % 2 else None
            self._row(row, widths, right, height, points, shade=shade, bold=bold_last and i == len(rows) - 1)
        self.gap(5)

    def cells(self, rows: Sequence[Sequence[Cell]], *, height: float = 25, caption: float = 5.8) -> None:
        """Rows of form boxes: a small caption on top, the entry below it."""
        for row in rows:
            self.need(height)
            x = self.left
            total = sum(share for share, _, _ in row)
            for share, text, value in row:
                width = self.span * share / total
                self.rect(x, self.y, width, height)
                for i, piece in enumerate(simpleSplit(text, _FACES[self.theme.font][0], caption, width - 4)[:3]):
                    self.put(x + 2.5, self.y + caption + 1 + i * (caption + 0.6), piece, size=caption)
                for i, piece in enumerate(reversed(value.split("\n"))):
                    points = min(self.theme.size, (width - 9) / (0.6 * max(1, len(piece))))
                    self.put(x + 7, self.y + height - 4 - i * (self.theme.size + 1), piece, size=points, font="Courier")
                x += width
            self.y += height

    def beside(self, left: Callable[[], object], right: Callable[[], object], split: float = 0.5) -> None:
        """Two blocks next to each other; the cursor ends below the longer one."""
        outer, start = (self.left, self.right), self.y
        middle = self.left + self.span * split
        self.right = middle - 8
        left()
        deepest, self.y = self.y, start
        self.left, self.right = middle + 8, outer[1]
        right()
        self.left, self.right = outer
        self.y = max(self.y, deepest)

    # ── the end ──────────────────────────────────────────────────────────────────────────────────

    @property
    def page_count(self) -> int:
        return len(self._pages)

    def pdf(self) -> bytes:
        """The document; the same calls give the same bytes."""
        if self.running:
            for number in range(1, len(self._pages) + 1):
                self._target = number - 1
                self.running(number, len(self._pages))
        buffer = io.BytesIO()
        canvas = Canvas(buffer, pagesize=(self.width, self.height), invariant=1, pageCompression=1)
        for ops in self._pages:
            for op in ops:
                op(canvas)
            canvas.showPage()
        canvas.save()
        return buffer.getvalue()

    def _draw(self, op: Op) -> None:
        self._pages[self._target].append(op)

    def _field(self, x: float, y: float, width: float, caption: str, value: str) -> int:
        """Draw one caption with its value; gives the number of lines it took."""
        size, step = self.theme.size, self.theme.size * 1.2
        face, bold = _FACES[self.theme.font][:2]
        if self.theme.fields == "above":
            self.put(x, y - 1, caption, size=size * 0.75, color="#555555")
            pieces = simpleSplit(value, bold, size, width)
            for i, piece in enumerate(pieces):
                self.put(x, y + step * (i + 0.85), piece, bold=True)
            return len(pieces) + 1
        if self.theme.fields == "dots":
            room = width - stringWidth(caption, face, size) - 10
            pieces = simpleSplit(value, face, size, max(room, width * 0.3)) or [""]
            dot = stringWidth(".", face, size)
            dots = "." * max(2, int((room - stringWidth(pieces[0], face, size)) / dot) - 1)
            self.put(x, y, f"{caption} {dots}")
            for i, piece in enumerate(pieces):
                self.put(x + width, y + step * i, piece, align="right")
            return len(pieces)
        indent = max(width * 0.42, stringWidth(caption + ":  ", face, size))
        pieces = simpleSplit(value, face, size, max(width - indent, width * 0.25))
        self.put(x, y, caption + ":" if caption else "")
        for i, piece in enumerate(pieces):
            self.put(x + indent, y + step * i, piece)
        return max(1, len(pieces))

    def _row(
        self,
        row: Sequence[str],
        widths: Sequence[float],
        right: Sequence[int],
        height: float,
        points: float,
        *,
        shade: str | None,
        bold: bool,
    ) -> None:
        self.need(height)
        is_head = shade == self.theme.accent
        filled = shade is not None and (not is_head or self.theme.table in ("zebra", "grid"))
        if filled:
            self.rect(self.left, self.y, self.span, height, fill=shade, edge=None)
        x, total = self.left, sum(widths)
        for i, (text, share) in enumerate(zip(row, widths, strict=True)):
            width = self.span * share / total
            if self.theme.table == "grid":
                self.rect(x, self.y, width, height)
            at = x + width - 3 if i in right else x + 3
            color = "#ffffff" if is_head and filled else "#000000"
            self.put(
                at,
                self.y + points * 1.1,
                text,
                size=points,
                bold=bold,
                align="right" if i in right else "left",
                color=color,
            )
            x += width
        self.y += height
        if self.theme.table == "lines":
            self.stroke(self.left, self.y, self.right, self.y, width=0.9 if is_head else 0.25)
