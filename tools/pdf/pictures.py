"""Drawings of a page, or of a part of it, in which places are looked up; places are fractions of the displayed page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, Self

import pypdfium2

from tools.pdf.rendering import fit_scale

if TYPE_CHECKING:
    from PIL.Image import Image

DIFFERENCE = 20
"""Steps of 255 that a pixel must change for somebody to see it; black on white changes 255."""
INK = 40
"""Steps between the darkest and the brightest pixel where a page shows something."""
MAX_PIXELS = 2_500_000
MARGIN = 0.01

Box = tuple[float, float, float, float]
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


class Picture:
    """Pixels of one part of the page."""

    def __init__(self, image: Image, part: Box) -> None:
        self.image = image
        self.part = part

    @classmethod
    def draw(cls, page: pypdfium2.PdfPage, scale: float, gray: bool, part: Box = WHOLE) -> Self | None:
        """`scale` is pixels a point, less where the page is too large. None for a page without an area."""
        width, height = page.get_size()
        fitting = fit_scale(width, height, scale, MAX_PIXELS)
        if fitting is None:
            return None
        crop = (part[0] * width, (1 - part[3]) * height, (1 - part[2]) * width, part[1] * height)
        return cls(page.render(scale=fitting, crop=crop, grayscale=gray, rev_byteorder=True).to_pil(), part)

    def shows_something(self, place: Box, inset: int = 0) -> bool:
        """Whether the place is not of one brightness; `inset` pixels at its edges do not count."""
        there = self.image.crop(pixels(place, self.part, self.image.size, inset)).convert("L")
        darkest, brightest = there.getextrema()
        assert isinstance(darkest, int | float)  # one band, one pair
        assert isinstance(brightest, int | float)
        return brightest - darkest >= INK


class Changes:
    """Where two drawings of the same part differ so much that a person sees it."""

    def __init__(self, one: Picture, other: Picture) -> None:
        from PIL import ImageChops

        most = reduce(ImageChops.lighter, ImageChops.difference(one.image, other.image).split())
        self._seen = most.point([0] * DIFFERENCE + [255] * (256 - DIFFERENCE))
        self._part = one.part

    def at(self, place: Sequence[Any]) -> bool:
        """Whether anything changes at x0, y0, x1, y1."""
        return self._seen.crop(pixels(place, self._part, self._seen.size)).getbbox() is not None


def around(places: Iterable[Sequence[Any]]) -> Box:
    """The smallest part of the page that holds these places, with a margin."""
    x0, y0, x1, y1 = zip(*places, strict=True)
    return (
        max(0.0, min(x0) - MARGIN),
        max(0.0, min(y0) - MARGIN),
        min(1.0, max(x1) + MARGIN),
        min(1.0, max(y1) + MARGIN),
    )


def pixels(place: Sequence[Any], part: Box, size: tuple[int, int], inset: int = 0) -> tuple[int, int, int, int]:
    """The place in a drawing of a part: left, top, right, bottom; at least one pixel."""
    width, height = size
    across, down = width / (part[2] - part[0]), height / (part[3] - part[1])
    left, top = int((place[0] - part[0]) * across) + inset, int((place[1] - part[1]) * down) + inset
    right, bottom = math.ceil((place[2] - part[0]) * across) - inset, math.ceil((place[3] - part[1]) * down) - inset
    left, top = min(left, width - 1), min(top, height - 1)
    return left, top, max(left + 1, min(right, width)), max(top + 1, min(bottom, height))
