"""rapidocr, the fallback where tesseract fails: one killable process, started when needed, gone when idle."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tools.errors import ToolFailure
from tools.ocr.tesseract import RawWord
from tools.pdf.killable import ChildCrashed, ChildTimeout, KillableChild

MEMORY_BYTES = 3 * 1024**3
"""Address space, of which about a sixth is ever resident (481 MB): onnxruntime reserves more than it touches."""
LOAD_TIMEOUT_S = 60.0


@functools.cache
def _child() -> KillableChild:
    return KillableChild("tools.ocr.rapid_child", MEMORY_BYTES, {"op": "load"}, LOAD_TIMEOUT_S)


async def read(image: npt.NDArray[np.uint8], timeout_s: float) -> list[RawWord]:
    """Words in reading order of the lines found. Raises ToolFailure (`timeout`, `unreadable`, `limit`)."""
    height, width = image.shape
    request = {"op": "read", "width": width, "height": height}
    try:
        answer, _ = await _child().request(request, image.tobytes(), timeout_s)
    except ChildTimeout:
        raise ToolFailure("timeout", f"rapidocr did not finish within {timeout_s:g} seconds") from None
    except ChildCrashed:
        raise ToolFailure("unreadable", "rapidocr crashed on this page") from None
    return [
        RawWord(text, left, top, right, bottom, min(1.0, max(0.0, confidence)), (0, 0, line))
        for text, confidence, left, top, right, bottom, line in answer["words"]
    ]


def stop() -> None:
    """End the process; the next reading starts another."""
    _child().kill()


def memory_bytes() -> int:
    """The most memory the process has ever had resident; 0 where none runs."""
    pid = _child().pid
    if pid is None:
        return 0
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


@functools.cache
def version() -> str:
    """Name and version, for cache keys."""
    from importlib.metadata import version

    return f"rapidocr {version('rapidocr')}"
