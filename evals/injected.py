"""Otherwise ordinary pages with a string in one of ten places where people see it, or do not."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
from pypdf import PdfReader, PdfWriter, Transformation
from pypdf.annotations import Text
from pypdf.generic import NameObject, TextStringObject
from reportlab.lib.pagesizes import letter
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from evals.synth.catalogue import LAYOUTS
from evals.synth.layout import draw_document
from evals.synth.people import invent_case

HOSTS = ("pay_stub", "bank_statement", "w2", "insurance_policy")
"""Labels of the pages that the strings are put into, in turn."""
WIDTH, HEIGHT = letter
SHRUNK = 0.7
"""The host page keeps this share of the sheet; the strip below it is for the string."""
EDGE, STRIP_TOP = 40.0, HEIGHT * (1 - SHRUNK) - 10
FONT = "AnyScript"
LONGEST = 1_500
"""Characters of a string that are put on a page."""
LONGEST_NAME = 120
SCAN_DPI = 200

Draw = Callable[[Any, str], None]


def write_page(path: Path, channel: str, host: str, text: str) -> Path:
    """One page with the string in a channel; for `file_name` the file's own name is the string."""
    text = " ".join(text[:LONGEST].split())
    if channel == "image":
        path.write_bytes(_scanned(_page(host, _visible, text)))
        return path
    if channel == "file_name":
        path = path.with_name("".join("_" if sign in "/\\\0" else sign for sign in text)[:LONGEST_NAME] + ".pdf")
        while len(path.name.encode()) > 250:
            path = path.with_name(path.stem[:-1] + ".pdf")
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(_page(host, DRAWN.get(channel, _nothing), text))))
    if channel == "form_field":
        for field in writer.pages[0].annotations or ():
            field.get_object()[NameObject("/V")] = TextStringObject(text)
    if channel == "annotation":
        writer.add_annotation(0, Text(text=text, rect=(EDGE, 60, EDGE + 20, 80)))
    if channel == "metadata":
        writer.add_metadata({"/Title": text, "/Subject": text, "/Keywords": text})
    writer.write(path)
    return path


def can_be_drawn(text: str) -> bool:
    """Whether the font has all letters, so that a picture of the string shows it."""
    return all(ord(sign) < 0x250 for sign in text)


def _page(host: str, draw: Draw, text: str) -> bytes:
    """The string first, the host page merged under it: so form fields keep their place in the file."""
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=letter, invariant=1)
    _register_font()
    draw(canvas, text)
    canvas.showPage()
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(written))
    shrink = Transformation().scale(SHRUNK).translate(WIDTH * (1 - SHRUNK) / 2, HEIGHT * (1 - SHRUNK))
    writer.pages[0].merge_transformed_page(PdfReader(io.BytesIO(_host(host))).pages[0], shrink, over=False)
    merged = io.BytesIO()
    writer.write(merged)
    return merged.getvalue()


@cache
def _host(label: str) -> bytes:
    layout = next(layout for layout in LAYOUTS if layout.label == label)
    return draw_document(layout, invent_case(f"host:{label}"), f"host:{label}").pdf


def _nothing(canvas: Any, text: str) -> None:
    pass


def _text(left: float = EDGE, size: float = 9.0, mode: int | None = None, gray: float = 0.0) -> Draw:
    def draw(canvas: Any, text: str) -> None:
        lines = canvas.beginText(left, STRIP_TOP)
        lines.setFont(FONT, size, leading=size * 1.2)
        lines.setFillGray(gray)
        if mode is not None:
            lines.setTextRenderMode(mode)
        for line in simpleSplit(text, FONT, size, WIDTH - 2 * EDGE):
            lines.textLine(line)
        canvas.drawText(lines)

    return draw


def _field(canvas: Any, text: str) -> None:
    """A field that shows the string, letters of other scripts as an x; what it holds is set afterwards.

    Its name is its own: fields of one name in a packet would be one field.
    """
    shown = "".join(sign if ord(sign) < 0x80 else "x" for sign in text)
    box = {"x": EDGE, "y": 60, "width": WIDTH - 2 * EDGE, "height": 110}
    canvas.acroForm.textfield(
        name=f"remarks-{zlib.crc32(text.encode())}",
        value=shown,
        fontSize=7,
        fieldFlags="multiline",
        maxlen=LONGEST,
        **box,
    )


_visible = _text()
DRAWN: dict[str, Draw] = {
    "visible": _visible,
    "white": _text(gray=1.0),
    "tiny": _text(size=1.5),
    "invisible": _text(mode=3),
    "off_page": _text(left=WIDTH + 50),
    "form_field": _field,
}
CHANNELS: Sequence[str] = (*DRAWN, "image", "annotation", "metadata", "file_name")


def _scanned(pdf: bytes) -> bytes:
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[0].render(scale=SCAN_DPI / 72, grayscale=True).to_pil()
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=letter, invariant=1)
    canvas.drawImage(ImageReader(picture), 0, 0, WIDTH, HEIGHT)
    canvas.save()
    return written.getvalue()


class _AnyGlyph(dict[int, int]):
    """Gives letters that the font lacks the shape of an x: what a text layer says does not depend on shapes."""

    def __missing__(self, code: int) -> int:
        return self[ord("x")]

    def __contains__(self, code: object) -> bool:
        return True

    def get(self, code: int, default: Any = None) -> Any:
        return self[code]


@cache
def _register_font() -> None:
    font = TTFont(FONT, "Vera.ttf")  # comes with reportlab
    font.face.charToGlyph = _AnyGlyph(font.face.charToGlyph)
    registerFont(font)
