"""What there is to read on an image, before anybody reads: how many letter-like spots, how tall, where, how noisy."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Gray = npt.NDArray[np.uint8]

MIN_HEIGHT, MAX_HEIGHT = 5, 90
"""Pixels of a letter at the resolutions pages are read at."""


@dataclass(frozen=True)
class Glyphs:
    """Spots of ink that may be letters."""

    count: int
    height: float
    """Median height in pixels of the taller half, which is about that of a capital; 0 where there is none."""
    centres: npt.NDArray[np.float64]
    """x and y of each, shape (count, 2)."""

    def densest(self, width: int, height: int, side: int) -> tuple[int, int, int, int]:
        """The window (left, top, right, bottom) of at most `side` pixels each way that holds most of them."""
        columns, rows = max(1, -(-width // side) * 2), max(1, -(-height // side) * 2)
        counts, x_edges, y_edges = np.histogram2d(
            self.centres[:, 0], self.centres[:, 1], bins=(columns, rows), range=((0, width), (0, height))
        )
        best = np.unravel_index(int(np.argmax(cv2.blur(counts, (2, 2), borderType=cv2.BORDER_CONSTANT))), counts.shape)
        left = int(np.clip(x_edges[best[0]] - side / 2, 0, max(0, width - side)))
        top = int(np.clip(y_edges[best[1]] - side / 2, 0, max(0, height - side)))
        return left, top, min(width, left + side), min(height, top + side)


def glyphs(gray: Gray) -> Glyphs:
    """Find them by local contrast, so that shaded paper and patterned cards are seen alike."""
    dark = cv2.adaptiveThreshold(
        cv2.GaussianBlur(gray, (3, 3), 0), 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 15
    )
    _, _, spots, centres = cv2.connectedComponentsWithStats(dark, connectivity=8)
    width, height, area = spots[1:, 2], spots[1:, 3], spots[1:, 4]
    filled = area / np.maximum(width * height, 1)
    letters = (height >= MIN_HEIGHT) & (height <= MAX_HEIGHT) & (width <= 3 * height) & (width >= 2)
    letters &= (filled > 0.12) & (filled < 0.95)
    heights = np.sort(height[letters])
    taller = heights[len(heights) // 2 :]
    return Glyphs(
        int(letters.sum()),
        float(np.median(taller)) if len(taller) else 0.0,
        np.asarray(centres[1:][letters], np.float64),
    )


def noise(gray: Gray) -> float:
    """Standard deviation of the grain in gray levels, edges left aside (Immerkær's mask, median instead of mean)."""
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    return float(np.median(np.abs(cv2.filter2D(gray, cv2.CV_32F, mask)))) / 0.6745 / 6
