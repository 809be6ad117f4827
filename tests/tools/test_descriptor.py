"""The look descriptor: the same pixels give the same numbers, and what looks alike is near."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tools.descriptor import LOOK_DIMENSION, describe


def letter(lines: int = 30, paper: int = 255) -> Image.Image:
    """A page of even lines of type."""
    image = Image.new("RGB", (850, 1100), (paper, paper, paper))
    draw = ImageDraw.Draw(image)
    for line in range(lines):
        draw.rectangle((100, 100 + 30 * line, 750 - 90 * (line % 3), 110 + 30 * line), fill=(20, 20, 20))
    return image


def card(shift: int = 0) -> Image.Image:
    """A coloured card with a portrait."""
    image = Image.new("RGB", (860, 540), (170, 200, 235))
    draw = ImageDraw.Draw(image)
    draw.ellipse((60 + shift, 120, 300 + shift, 440), fill=(150, 100, 80))
    for line in range(6):
        draw.rectangle((360, 140 + 45 * line, 760, 155 + 45 * line), fill=(30, 30, 90))
    return image


def likeness(one: Image.Image, other: Image.Image) -> float:
    return float(np.dot(describe(one), describe(other)))


def test_the_same_image_gives_the_same_numbers() -> None:
    """A descriptor has a fixed length and length 1 as a vector, whatever the size or mode of the image."""
    look = describe(letter())
    assert look == describe(letter())
    assert len(look) == LOOK_DIMENSION
    assert np.linalg.norm(look) == pytest.approx(1.0, abs=1e-4)
    for mode in ("1", "L", "LA", "P", "RGBA", "CMYK", "I;16"):
        assert (
            len(describe(card().convert("L").convert(mode) if mode == "I;16" else card().convert(mode)))
            == LOOK_DIMENSION
        )


def test_pages_of_one_kind_are_nearer_than_pages_of_two() -> None:
    """A shifted card stays a card, a letter on grey paper stays a letter."""
    assert likeness(card(), card(shift=12)) > likeness(card(), letter()) + 0.2
    assert likeness(letter(), letter(lines=28, paper=225)) > likeness(letter(), card()) + 0.2


def test_scale_does_not_matter() -> None:
    """A page rendered at another resolution looks the same."""
    assert likeness(letter(), letter().resize((425, 550), Image.Resampling.LANCZOS)) > 0.98


def test_transparent_corners_are_paper() -> None:
    """A card cut out of its background counts as lying on white, not on black."""
    cut = card().convert("RGBA")
    cut.paste((0, 0, 0, 0), (0, 0, 860, 60))
    white = card()
    white.paste((255, 255, 255), (0, 0, 860, 60))
    assert likeness(cut, white) > 0.999


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (96, 128)])
def test_blank_and_tiny_images_have_a_look_too(size: tuple[int, int]) -> None:
    """Nothing to see is no error and no NaN."""
    assert np.isfinite(describe(Image.new("L", size, 255))).all()
    assert np.isfinite(describe(Image.new("L", size, 0))).all()
