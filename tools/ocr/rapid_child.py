"""The process that holds rapidocr's models. Started by `rapid.py` only: `python -m tools.ocr.rapid_child MEMORY_BYTES`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.pdf.frames import Header, Reply, memory_argument, serve

IDLE_S = 60.0
"""The models hold some hundred MB: after so long without work the process ends by itself."""
DETECTION_SIDE = 1280
"""Longer side of the image on which lines are found. It decides memory: whole 200 dpi pages took 1 GB."""
THREADS = 2


class Reader:
    """rapidocr without its line-angle classifier, which spoils upright pages."""

    def __init__(self) -> None:
        self._engine: Any = None

    def handle(self, header: Header, body: bytes) -> Reply:
        """`load`, or `read` of a gray image: words as [text, confidence, left, top, right, bottom, line]."""
        if header["op"] == "load":
            self._engine = _engine()
            return {"engine": _version()}, b""
        image = np.frombuffer(body, np.uint8).reshape(header["height"], header["width"])
        found = self._engine(np.stack([image] * 3, axis=-1), return_word_box=True)
        return {"words": _words(found)}, b""


def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.log_level": "critical",
            "Det.limit_type": "max",
            "Det.limit_side_len": DETECTION_SIDE,
            "Rec.rec_batch_num": 1,
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _version() -> str:
    from importlib.metadata import version

    return f"rapidocr {version('rapidocr')}"


def _words(found: Any) -> list[tuple[str, float, float, float, float, float, int]]:
    words: list[tuple[str, float, float, float, float, float, int]] = []
    number, bottom = 0, 0.0
    for line in found.word_results or ():
        quads = [quad for _, _, quad in line if quad is not None]
        if not quads:
            continue
        middle = sum(float(y) for quad in quads for _, y in quad) / (4 * len(quads))
        # What stands side by side is one line, although the detector found two.
        number += middle > bottom
        bottom = max(float(y) for quad in quads for _, y in quad)
        for text, confidence, quad in line:
            if quad is None or not text.strip():
                continue
            xs, ys = [float(x) for x, _ in quad], [float(y) for _, y in quad]
            words.append((text.strip(), float(confidence), min(xs), min(ys), max(xs), max(ys), number))
    return words


if __name__ == "__main__":
    serve(Reader().handle, memory_argument(), IDLE_S)
