"""What a page looks like before anybody reads it: size, images, fonts, form fields, ink."""

from __future__ import annotations

import ctypes
import math
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from tools.pdf.reading import Box, DisplayedFrame, count_words
from tools.pdf.rendering import fit_scale

MAX_OBJECTS = 20_000
"""Page objects looked at; a map or a chart may hold a million paths."""
MAX_FORM_DEPTH = 4
GRID = 100
"""Image coverage is counted on a grid of so many cells each way."""
INK_PIXELS = 250_000
INK_BORDER = 0.02
"""Share of each side left out: scanners darken the edges of empty pages."""
DARK = 0.75
"""A pixel is ink where it is darker than this share of the paper's brightness."""


def look(page: pypdfium2.PdfPage) -> dict[str, Any]:
    """The fields of `PageLook` but for the page number."""
    width, height = page.get_size()
    images, fonts = _objects(page)
    return {
        "width_pt": _finite(width),
        "height_pt": _finite(height),
        "rotation": page.get_rotation(),
        "layer_words": count_words(page),
        "image_coverage": _coverage(page, [box for box, _ in images]),
        "fonts": sorted(fonts),
        "image_dpi": _largest_dpi(images),
        "has_form_fields": _has_form_fields(page),
        "ink": _ink(page),
    }


def _objects(page: pypdfium2.PdfPage) -> tuple[list[tuple[Box, float | None]], set[str]]:
    """Boxes and resolutions of the images, names of the fonts."""
    images: list[tuple[Box, float | None]] = []
    fonts: set[str] = set()
    known: set[int] = set()
    kinds = [pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_TEXT]
    for count, item in enumerate(page.get_objects(filter=kinds, max_depth=MAX_FORM_DEPTH)):
        if count >= MAX_OBJECTS:
            break
        if item.type == pdfium.FPDF_PAGEOBJ_TEXT:
            font = pdfium.FPDFTextObj_GetFont(item.raw)
            address = ctypes.cast(font, ctypes.c_void_p).value if font else None
            if address is not None and address not in known:
                known.add(address)
                fonts.add(_base_font(font))
        else:
            try:
                box = item.get_bounds()
            except pypdfium2.PdfiumError:
                continue
            images.append((box, _dpi(item, box)))
    return images, fonts - {""}


def _base_font(font: Any) -> str:
    size = pdfium.FPDFFont_GetBaseFontName(font, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFFont_GetBaseFontName(font, buffer, size)
    name = buffer.value.decode("utf-8", errors="replace")
    prefix, plus, rest = name.partition("+")
    return rest if plus and len(prefix) == 6 and prefix.isupper() else name


def _dpi(image: pypdfium2.PdfImage, box: Box) -> float | None:
    try:
        pixels_x, pixels_y = image.get_px_size()
    except pypdfium2.PdfiumError:
        return None
    width, height = box[2] - box[0], box[3] - box[1]
    if width <= 0 or height <= 0:
        return None
    # By area, so that a turned image gives the same answer.
    return round(math.sqrt(pixels_x * pixels_y / (width * height)) * 72, 1)


def _largest_dpi(images: list[tuple[Box, float | None]]) -> float | None:
    sized = [((box[2] - box[0]) * (box[3] - box[1]), dpi) for box, dpi in images if dpi]
    return max(sized)[1] if sized else None


def _coverage(page: pypdfium2.PdfPage, boxes: list[Box]) -> float:
    displayed = DisplayedFrame(page)
    rows = [bytearray(GRID) for _ in range(GRID)]
    for box in boxes:
        place = displayed.box(*box)
        if place is None:
            continue
        left, right = math.floor(place[0] * GRID + 0.5), math.floor(place[2] * GRID + 0.5)
        for row in range(math.floor(place[1] * GRID + 0.5), math.floor(place[3] * GRID + 0.5)):
            rows[row][left:right] = b"\1" * (right - left)
    return sum(sum(row) for row in rows) / GRID**2


def _has_form_fields(page: pypdfium2.PdfPage) -> bool:
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), MAX_OBJECTS)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if kind == pdfium.FPDF_ANNOT_WIDGET:
            return True
    return False


def _ink(page: pypdfium2.PdfPage) -> float | None:
    """Share of dark pixels, measured against the paper: the brightness that a tenth of the page exceeds."""
    width, height = page.get_size()
    scale = fit_scale(width, height, 50 / 72, INK_PIXELS)
    if scale is None:
        return None
    image = page.render(scale=scale, grayscale=True).to_pil()
    border_x, border_y = int(image.width * INK_BORDER), int(image.height * INK_BORDER)
    histogram: list[int] = image.crop((border_x, border_y, image.width - border_x, image.height - border_y)).histogram()
    total = sum(histogram)
    if total == 0:
        return None
    brighter, paper = 0, 255
    while paper > 0 and (brighter := brighter + histogram[paper]) < total / 10:
        paper -= 1
    return round(sum(histogram[: int(paper * DARK)]) / total, 5)


def _finite(value: float) -> float:
    return value if math.isfinite(value) else 0.0
