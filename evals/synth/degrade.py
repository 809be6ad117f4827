"""What a copier or a telephone camera does to a page: the digital page goes in, an image-only page comes out."""

from __future__ import annotations

import io
import math
from random import Random
from typing import Any

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Pixels = NDArray[np.float32]


def scan_page(page: Any, rng: Random) -> bytes:
    """A pypdfium2 page as a one-page PDF that holds one JPEG and no text.

    150 to 200 dpi, mostly grey, skewed by up to two degrees, with blur, uneven light, grain and a dark edge;
    one page in twelve lies sideways or upside down on the glass.
    """
    dpi = rng.choice((150, 150, 170, 200))
    image = _render(page, dpi)
    if rng.random() < 0.75:
        image = image.convert("L")
    image = _skew(image, rng.uniform(-2, 2))
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.9)))
    image = _light_and_grain(image, rng, contrast=rng.uniform(0.72, 0.95), grain=rng.uniform(3, 9))
    if rng.random() < 0.4:
        _dark_edge(image, rng)
    if rng.random() < 1 / 12:
        image = image.transpose(
            rng.choice((Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270))
        )
    return _as_pdf(image, dpi, quality=rng.randint(45, 75))


def photo_page(page: Any, rng: Random) -> bytes:
    """A pypdfium2 page of an identity card as somebody's photograph of it, lying on a table, in perspective."""
    dpi = 150
    card = _render(page, dpi).convert("RGB")
    card = card.crop(_ink_box(card))
    table = Image.new(
        "RGB", (round(8.5 * dpi), round(11 * dpi)), rng.choice(("#6b4f3a", "#8d8f92", "#3d4650", "#b8ab98"))
    )
    width, height = table.size
    share = rng.uniform(0.72, 0.88)
    w, h = share * width, share * width * card.height / card.width
    if h > height * 0.85:
        w, h = w * height * 0.85 / h, height * 0.85
    x, y = (width - w) / 2, (height - h) * rng.uniform(0.25, 0.6)
    corners = [
        (cx + rng.uniform(-0.03, 0.03) * w, cy + rng.uniform(-0.03, 0.03) * w)
        for cx, cy in ((x, y), (x, y + h), (x + w, y + h), (x + w, y))
    ]
    warp = _perspective(corners, card.size)
    flat = card.transform(table.size, Image.Transform.PERSPECTIVE, warp, Image.Resampling.BILINEAR)
    mask = Image.new("L", table.size, 0)
    ImageDraw.Draw(mask).polygon(corners, fill=255)
    table.paste(flat, mask=mask)
    table = table.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 0.9)))
    return _as_pdf(_light_and_grain(table, rng, contrast=0.92, grain=5), dpi, quality=70)


def _render(page: Any, dpi: int) -> Image.Image:
    image: Image.Image = page.render(scale=dpi / 72, may_draw_forms=False).to_pil()
    return image.convert("RGB")


def _skew(image: Image.Image, degrees: float) -> Image.Image:
    paper = 255 if image.mode == "L" else (255, 255, 255)
    return image.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=paper)


def _light_and_grain(image: Image.Image, rng: Random, *, contrast: float, grain: float) -> Image.Image:
    """Fade the ink, let the light fall from one side, add noise (one tile, laid side by side: noise is dear)."""
    pixels: Pixels = np.asarray(image, dtype=np.float32)
    height, width = pixels.shape[:2]
    angle = rng.uniform(0, 2 * math.pi)
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * math.sin(angle)
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :] * math.cos(angle)
    light = (-abs(rng.gauss(0, 9)) * (1 + down + across) / 2).astype(np.float32)
    tile = np.random.default_rng(rng.getrandbits(32)).standard_normal((256, 256), dtype=np.float32) * np.float32(grain)
    noise = np.tile(tile, (height // 256 + 1, width // 256 + 1))[:height, :width]
    shade = light + noise - 4
    if pixels.ndim == 3:
        shade = shade[:, :, None]
    mixed = (pixels - 255) * np.float32(contrast) + 255 + shade
    return Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8))


def _dark_edge(image: Image.Image, rng: Random) -> None:
    width, height = image.size
    thickness = rng.randint(3, 14)
    box = rng.choice(
        ((0, 0, thickness, height), (width - thickness, 0, width, height), (0, height - thickness, width, height))
    )
    ImageDraw.Draw(image).rectangle(box, fill=35 if image.mode == "L" else (35, 35, 38))


def _ink_box(image: Image.Image) -> tuple[int, int, int, int]:
    dark = np.asarray(image.convert("L")) < 250
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    if not len(rows):
        return 0, 0, image.width, image.height
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _perspective(corners: list[tuple[float, float]], size: tuple[int, int]) -> list[float]:
    """Coefficients that map the four corners on the table back to the corners of the card (Pillow's convention)."""
    width, height = size
    rows, wanted = [], []
    for (x, y), (u, v) in zip(corners, ((0, 0), (0, height), (width, height), (width, 0)), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    return [float(c) for c in np.linalg.solve(np.array(rows, dtype=float), np.array(wanted, dtype=float))]


def _as_pdf(image: Image.Image, dpi: int, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PDF", resolution=dpi, quality=quality)
    return buffer.getvalue()


def open_pdf(content: bytes) -> Any:
    """A pypdfium2 document; the caller closes it."""
    return pypdfium2.PdfDocument(content)
