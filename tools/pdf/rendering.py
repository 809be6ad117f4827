"""Turn one page into pixels, never more of them than allowed."""

from __future__ import annotations

import io
import math
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdfium2

from tools.errors import ToolFailure
from tools.pdf.frames import Header, Reply

if TYPE_CHECKING:
    from PIL.Image import Image

POPPLER = "pdftoppm"
MIN_PIXELS = 16
"""A rendering smaller than this is no page; poppler answers 1 x 1 for pages it cannot draw."""
THUMBNAIL_QUALITY = 62


@dataclass(frozen=True)
class Drawn:
    """A drawing of a page and the resolution used, which may be lower than asked."""

    image: Image
    dpi: float


def fit_scale(width_pt: float, height_pt: float, scale: float, max_pixels: int) -> float | None:
    """`scale`, or the largest smaller one whose rendering has at most `max_pixels`; None for a page without an area."""
    if not (0 < width_pt < math.inf and 0 < height_pt < math.inf):
        return None
    # Both sides are rounded up to whole pixels, so the bound is (width * s + 1) * (height * s + 1) = max_pixels.
    area, sides = width_pt * height_pt, width_pt + height_pt
    largest = (math.sqrt(sides**2 + 4 * area * (max_pixels - 1)) - sides) / (2 * area)
    return min(scale, largest)


def draw_pdfium(page: pypdfium2.PdfPage, header: Header) -> Drawn:
    """The page as pdfium draws it."""
    width, height = page.get_size()
    scale = fit_scale(width, height, header["dpi"] / 72, header["max_pixels"])
    if scale is None:
        raise ToolFailure("unreadable", f"page {header['page']} has no area to draw on")
    bitmap = page.render(scale=scale, rotation=header["turn"], grayscale=header["gray"], rev_byteorder=True)
    return _checked(bitmap.to_pil(), scale * 72, header)


def draw_poppler(path: Path, password: str | None, header: Header) -> Drawn:
    """The page as poppler draws it, for pages that pdfium cannot."""
    if shutil.which(POPPLER) is None:
        raise ToolFailure("unavailable", f"the second renderer ({POPPLER}) is not installed")
    from pdf2image import convert_from_path, pdfinfo_from_path
    from pdf2image.exceptions import PDFPageCountError, PDFPopplerTimeoutError, PDFSyntaxError

    page = header["page"]
    given: Any = password  # None is meant, though not declared
    try:
        information = pdfinfo_from_path(
            str(path), userpw=given, timeout=int(header["cpu_s"]), first_page=page, last_page=page
        )
        width, height = _poppler_size(information, page)
        scale = fit_scale(width, height, header["dpi"] / 72, header["max_pixels"])
        if scale is None:
            raise ToolFailure("unreadable", f"page {page} has no area to draw on")
        images = convert_from_path(
            str(path),
            first_page=page,
            last_page=page,
            # Not size=: it means the unturned page where the page has a /Rotate.
            dpi=scale * 72,  # type: ignore[arg-type]  # declared int, written to the command line as it is
            grayscale=header["gray"],
            use_cropbox=True,
            userpw=given,
            timeout=max(1, int(header["cpu_s"])),
        )
    except PDFPopplerTimeoutError as error:
        raise ToolFailure("timeout", f"the second renderer took too long over page {page}") from error
    except (PDFPageCountError, PDFSyntaxError, OSError, subprocess.SubprocessError, ValueError) as error:
        raise ToolFailure("unreadable", f"the second renderer cannot draw page {page}") from error
    if not images:
        raise ToolFailure("unreadable", f"the second renderer gave nothing for page {page}")
    image: Image = images[0]
    if header["turn"]:
        # Pillow turns counter-clockwise.
        image = image.rotate(-header["turn"], expand=True)
    return _checked(image.convert("L" if header["gray"] else "RGB"), scale * 72, header)


def _poppler_size(information: dict[str, Any], page: int) -> tuple[float, float]:
    # `Page    7 size: 612 x 792 pts (letter)`; the amount of blanks depends on the page number.
    for name, value in information.items():
        if name.startswith("Page") and name.endswith("size"):
            parts = str(value).split()
            return float(parts[0]), float(parts[2])
    raise ToolFailure("unreadable", f"the second renderer knows no size for page {page}")


def _checked(image: Image, dpi: float, header: Header) -> Drawn:
    if image.width * image.height < MIN_PIXELS:
        raise ToolFailure("unreadable", f"page {header['page']} was drawn as {image.width} x {image.height} pixels")
    return Drawn(image, round(dpi, 2))


def pixels(drawn: Drawn) -> Reply:
    """Raw pixels with their measures."""
    return {"width": drawn.image.width, "height": drawn.image.height, "dpi": drawn.dpi}, drawn.image.tobytes()


def thumbnail(drawn: Drawn, width: int) -> bytes:
    """A JPEG of at most `width` pixels across and twice as many down."""
    from PIL.Image import Resampling

    encoded = io.BytesIO()
    drawn.image.thumbnail((width, 2 * width), Resampling.HAMMING)
    drawn.image.save(encoded, "JPEG", quality=THUMBNAIL_QUALITY)
    return encoded.getvalue()
