"""The text layer of one page: the words that people see, and set apart from them what they do not see."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pypdfium2

from tools.pdf.annotations import FilledField, read_annotations
from tools.pdf.characters import smuggled
from tools.pdf.opening import ENGINE
from tools.pdf.pictures import Picture
from tools.pdf.reading import DisplayedFrame, PlacedWord, find_words, words_of
from tools.pdf.unseen import find_unseen

EXCERPT, BOXES = 500, 20
"""Characters and boxes that are told of hidden words."""
FIELD_EDGE = 2
"""Pixels of a field's edge that may be its border."""

Line = list[tuple[PlacedWord, bool]]
"""Words, and whether each is drawn without ink over something that the page shows."""


def page_text(page: pypdfium2.PdfPage, number: int, max_words: int) -> bytes:
    """The `PageText` of the page as JSON, which the parent need not take apart and put together again."""
    found = read_layer(page, max_words)
    words = [{"text": text, "box": box} for text, *box in found["words"]]
    record = {**found, "words": words, "page": number, "source": "text_layer", "engine": ENGINE}
    return json.dumps(record).encode("ascii")


def read_layer(page: pypdfium2.PdfPage, max_words: int) -> dict[str, Any]:
    """The fields of `PageText` that the file tells, words as [text, x0, y0, x1, y1].

    Each filled form field becomes a line after the line it stands nearest to.
    """
    frame = DisplayedFrame(page)
    layer = page.get_textpage()
    try:
        found = find_words(layer, frame, max_words)
        unseen = find_unseen(page, layer, frame, found.words, found.first)
    finally:
        layer.close()
    hidden = _Hidden()
    for at, why in unseen.why.items():
        text, *box = found.words[at]
        hidden.add(why, text, box=box)
    hidden.add("off_page", *found.off_page)
    hidden.add("not_drawn_characters", *found.smuggled)
    beside = read_annotations(page)
    fields = _field_lines(page, frame, beside.fields, hidden)
    seen = [
        [(found.words[at], at in unseen.unconfirmed) for at in line if at not in unseen.why] for line in found.lines
    ]
    lines = _with_fields([line for line in seen if line], fields)
    words = [word for line in lines for word in line]
    return {
        "text": "\n".join(" ".join(word[0] for word, _ in line) for line in lines),
        "words": [word for word, _ in words],
        "unconfirmed": [at for at, (_, unconfirmed) in enumerate(words) if unconfirmed],
        "filled_in": [" ".join(word[0] for word, _ in line) for line in fields],
        "hidden": hidden.told(),
        "comments": beside.comments,
    }


class _Hidden:
    """What nobody sees, by the reason why."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}
        self._boxes: dict[str, list[Sequence[float]]] = {}

    def add(self, why: str, *texts: str, box: Sequence[float] = ()) -> None:
        if texts:
            self._texts.setdefault(why, []).extend(texts)
        if box:
            self._boxes.setdefault(why, []).append(box)

    def told(self) -> list[dict[str, Any]]:
        return [
            {
                "why": why,
                "words": len(texts),
                "text": " ".join(texts)[:EXCERPT],
                "boxes": self._boxes.get(why, [])[:BOXES],
            }
            for why, texts in self._texts.items()
        ]


def _field_lines(
    page: pypdfium2.PdfPage, frame: DisplayedFrame, filled: list[FilledField], hidden: _Hidden
) -> list[Line]:
    """The words of each field that shows its value; where they stand in it is not known: all have the field's box."""
    placed = [(value, box) for value in filled if (box := frame.box(*value.box)) is not None]
    picture = Picture.draw(page, 1.0, gray=True) if placed else None
    lines = []
    for value, box in placed:
        hidden.add("not_drawn_characters", *smuggled(value.value))
        words = words_of(value.value)
        if value.seen and picture is not None and picture.shows_something(box, FIELD_EDGE):
            lines.append([((word, *box), False) for word in words])
        else:
            hidden.add("hidden_field", *words, box=box)
    for value in filled:
        if frame.box(*value.box) is None:
            hidden.add("off_page", *words_of(value.value))
    return [line for line in lines if line]


def _with_fields(lines: list[Line], fields: list[Line]) -> list[Line]:
    after: dict[int, list[Line]] = {}
    for field in fields:
        nearest = min(range(len(lines)), key=lambda index: _distance(lines[index], field[0][0]), default=-1)
        after.setdefault(nearest, []).append(field)
    merged = after.get(-1, [])
    for index, line in enumerate(lines):
        merged += [line, *after.get(index, [])]
    return merged


def _distance(line: Line, field: PlacedWord) -> float:
    """From the left edge of the field to the nearest word end, downwards twice as far as to the right."""
    middle = (field[2] + field[4]) / 2
    return min(abs(field[1] - word[3]) + 2 * abs(middle - (word[2] + word[4]) / 2) for word, _ in line)
