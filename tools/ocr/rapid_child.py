"""The process that holds rapidocr's models. Started by `rapid.py` as `python -m tools.ocr.rapid_child MEMORY_BYTES`."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np

from tools.pdf.frames import Header, Reply, memory_argument, serve

PlacedLetter = tuple[str, float, float, float, float, float]
"""Text, confidence, left, top, right, bottom."""
PlacedWord = tuple[str, float, float, float, float, float, int]
"""The same, and the number of its line."""

IDLE_S = 60.0
"""The models hold some hundred MB: after so long without work the process ends by itself."""
DETECTION_SIDE = 960
"""Longer side of the image on which lines are found. It decides memory: 960 reads as well as 1280, 100 MB cheaper."""
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
        found = self._engine(np.stack([image] * 3, axis=-1), return_word_box=True, return_single_char_box=True)
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


def _words(found: Any) -> list[PlacedWord]:
    """Lines in reading order, their text cut at blanks; what stands side by side is one line, though found as two."""
    words: list[PlacedWord] = []
    number, bottom = 0, 0.0
    for text, characters in zip(found.txts or (), found.word_results or (), strict=True):
        placed = [(letter, float(sure), *_box(quad)) for letter, sure, quad in characters if quad is not None]
        if not placed:
            continue
        middle = sum(top + low for *_, top, _, low in placed) / (2 * len(placed))
        number += middle > bottom
        bottom = max(low for *_, low in placed)
        words += [(*word, number) for word in _cut(text, placed)]
    return words


def _cut(text: str, placed: list[PlacedLetter]) -> list[PlacedLetter]:
    """Letters gathered to the words of the line's text: rapidocr's own words break wherever print is spaced wide."""
    words: list[PlacedLetter] = []
    letters = iter(placed)
    for word in text.split():
        taken = list(islice(letters, len(word)))
        if taken:
            words.append(
                (
                    word,
                    sum(letter[1] for letter in taken) / len(taken),
                    min(letter[2] for letter in taken),
                    min(letter[3] for letter in taken),
                    max(letter[4] for letter in taken),
                    max(letter[5] for letter in taken),
                )
            )
    return words


def _box(quad: Any) -> tuple[float, float, float, float]:
    xs, ys = [float(x) for x, _ in quad], [float(y) for _, y in quad]
    return min(xs), min(ys), max(xs), max(ys)


if __name__ == "__main__":
    serve(Reader().handle, memory_argument(), IDLE_S)
