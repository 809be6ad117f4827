"""What a document may cost, and what a rendering is."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL.Image import Image

RenderEngine = Literal["pdfium", "poppler"]
Turn = Literal[0, 90, 180, 270]


@dataclass(frozen=True)
class Limits:
    """Bounds for one document. Each is enforced by the parent or the kernel, never by the engine's good will."""

    memory_bytes: int = 2 * 1024**3
    """Address space of each child (RLIMIT_AS)."""
    open_timeout_s: float = 30.0
    page_timeout_s: float = 30.0
    """Wall clock for one look, text or render of one page; then the child is killed."""
    write_timeout_s: float = 120.0
    max_bytes: int = 2 * 1024**3
    """Larger files are rejected before any engine sees them."""
    max_pages: int = 5000
    max_pixels: int = 20_000_000
    """A rendering above it gets a lower resolution. 300 dpi letter has 8.4 million pixels."""
    max_words: int = 100_000
    """Words taken from one page's text layer; the rest is left out."""
    keep_hidden: bool = False
    """For measuring what the defence is worth, never for work: hidden words and comments stay words of the page."""
    children: int = 1
    """Processes that serve requests of this document side by side."""


@dataclass(frozen=True)
class Rendered:
    """One page as raw pixels, upright as the page's own /Rotate says, then turned by `turn`."""

    page: int
    pixels: bytes
    """Rows from the top, one byte a pixel where `gray`, else three (RGB)."""
    width: int
    height: int
    dpi: float
    """The resolution used, which may be lower than asked."""
    gray: bool
    turn: Turn
    engine: str
    """Name and version, for example `pdfium 150.0.7869`."""

    def image(self) -> Image:
        """The pixels as a Pillow image, sharing their memory."""
        from PIL import Image

        return Image.frombuffer("L" if self.gray else "RGB", (self.width, self.height), self.pixels)

    def jpeg(self, quality: int = 90) -> bytes:
        """The pixels as JPEG: PNG of a scan costs thirty times as long."""
        encoded = io.BytesIO()
        self.image().save(encoded, "JPEG", quality=quality, dpi=(round(self.dpi), round(self.dpi)))
        return encoded.getvalue()
