"""Text from pixels: tesseract first, rapidocr where it fails, the page turned upright without orientation data."""

from __future__ import annotations

from tools.ocr.choose import engines, read_image

__all__ = ["engines", "read_image"]
