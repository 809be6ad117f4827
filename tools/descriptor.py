"""How a page looks, as a short list of numbers: for cards, receipts, cheques and handwriting, where OCR reads little.

The descriptor knows layout, not words: where the ink is, which way strokes run, how colourful the page is, and its
shape. Two pages compare by cosine. It depends on the pixels alone, so the same image gives the same numbers anywhere.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

LOOK_DIMENSION = 181
"""Length of every descriptor."""
LOOK_DPI = 50
"""Resolution at which pages of a PDF are drawn for it."""

_WIDTH, _HEIGHT = 96, 128
_GRID = (10, 8)
_STROKE_CELLS = (4, 3)
_ORIENTATIONS = 4
_ROWS, _COLUMNS = 24, 16
_HUES = 6

Floats = NDArray[np.float64]


def describe(image: Image.Image) -> tuple[float, ...]:
    """Describe a page image of any size and mode in `LOOK_DIMENSION` floats; the vector has length 1.

    Each block is scaled to the same length first, so that no block drowns another.
    """
    page = _flat(image)
    colour = np.asarray(page.convert("HSV").resize((_WIDTH, _HEIGHT), Image.Resampling.BOX), dtype=np.float64) / 255.0
    grey = np.asarray(page.convert("L").resize((_WIDTH, _HEIGHT), Image.Resampling.BOX), dtype=np.float64) / 255.0
    ink = _ink(grey)
    blocks = (
        _unit(_cells(ink, *_GRID).ravel()),
        _unit(_strokes(grey)),
        _unit(_cells(ink, _ROWS, 1).ravel()),
        _unit(_cells(ink, 1, _COLUMNS).ravel()),
        _unit(np.concatenate((_colours(colour), _shape(page.size, grey, ink)))),
    )
    return tuple(round(float(value), 6) for value in _unit(np.concatenate(blocks)))


def _flat(image: Image.Image) -> Image.Image:
    """Upright RGB on white: transparency of a card's corners must not turn black."""
    turned = image.getexif().get(ExifTags.Base.Orientation, 1) != 1
    upright = (ImageOps.exif_transpose(image) if turned else image) or image
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        coloured = upright.convert("RGBA")
        white = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(white, coloured).convert("RGB")
    return upright if upright.mode == "RGB" else upright.convert("RGB")


def _ink(grey: Floats) -> Floats:
    """Darkness against the page's own paper, so that a grey scan and a white form compare."""
    paper = float(np.percentile(grey, 90))
    return np.clip(paper - grey, 0.0, 1.0)


def _cells(values: Floats, rows: int, columns: int) -> Floats:
    """Mean of each cell of a grid over the last two axes; where a side does not divide, its first cells are longer."""
    height, width = values.shape[-2:]
    return _averages(rows, height) @ values @ _averages(columns, width).T


@lru_cache
def _averages(parts: int, length: int) -> Floats:
    """Shape (parts, length): times a column of values, it gives the mean of each part."""
    rows = np.zeros((parts, length))
    for row, places in zip(rows, np.array_split(np.arange(length), parts), strict=True):
        row[places] = 1.0 / len(places)
    return rows


def _strokes(grey: Floats) -> Floats:
    """Gradient-orientation histogram of each cell: ruled tables, lines of type, handwriting and photos differ."""
    down, right = np.gradient(grey)
    strength = np.hypot(down, right)
    bins = np.floor((np.arctan2(down, right) % math.pi) / math.pi * _ORIENTATIONS).astype(int) % _ORIENTATIONS
    by_bin = np.where(bins == np.arange(_ORIENTATIONS)[:, None, None], strength, 0.0)
    return _cells(by_bin, *_STROKE_CELLS).ravel()


def _colours(hsv: Floats) -> Floats:
    """Saturation and which hues carry it."""
    hue, saturation = hsv[..., 0], hsv[..., 1]
    hues = np.bincount(
        np.minimum((hue * _HUES).astype(int), _HUES - 1).ravel(), weights=saturation.ravel(), minlength=_HUES
    )
    return np.concatenate((hues / saturation.size, [saturation.mean(), (saturation > 0.25).mean()]))


def _shape(size: tuple[int, int], grey: Floats, ink: Floats) -> Floats:
    """Width against height, brightness, contrast and how much of the page is ink."""
    width, height = size
    aspect = math.log(max(width, 1) / max(height, 1))
    return np.asarray([aspect, -aspect, grey.mean(), grey.std(), (ink > 0.25).mean()])


def _unit(values: Floats) -> Floats:
    length = float(np.linalg.norm(values))
    return values / length if length > 0 else values
