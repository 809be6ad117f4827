"""The OCR layer of a scan, held against what OCR reads in the picture: where it says something else, it lies.

Single differences are errors of one reading or the other; a run of them is hidden text.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz

from store.records import HiddenText, PageText, Word

RUN = 3
"""Words in a row that OCR does not read are hidden."""
ALIKE = 65.0
"""How alike two readings of one word are, of 100."""
CONFIRMED, SURE = 0.5, 0.75
"""OCR is good enough to accuse where it reads this share of the layer's words too, or is so sure of its own."""
BANDS = 50
ROOM = 0.01
"""Share of the page by which two readings may place a word differently."""
EXCERPT, BOXES = 500, 20


def not_in_picture(layer: PageText, ocr: PageText) -> HiddenText | None:
    """Runs of the layer's unconfirmed words at whose place OCR reads something else, or nothing."""
    doubtful = [layer.words[at] for at in layer.unconfirmed if any(map(str.isalnum, layer.words[at].text))]
    if not doubtful:
        return None
    reading = _ByBand(ocr.words)
    confirmed = [reading.confirms(word) for word in doubtful]
    if sum(confirmed) < CONFIRMED * len(doubtful) and (ocr.mean_confidence or 0.0) < SURE:
        return None
    lies = [word for run in _runs(doubtful, confirmed) if len(run) >= RUN for word in run]
    if not lies:
        return None
    return HiddenText(
        why="not_in_picture",
        words=len(lies),
        text=" ".join(word.text for word in lies)[:EXCERPT],
        boxes=tuple(word.box for word in lies[:BOXES]),
    )


def _runs(words: Iterable[Word], confirmed: Iterable[bool]) -> list[list[Word]]:
    """Unconfirmed words in a row; one confirmed word in between changes nothing."""
    runs: list[list[Word]] = [[]]
    before = True
    for word, read in zip(words, confirmed, strict=True):
        if not read:
            runs[-1].append(word)
        elif before:
            runs.append([])
        before = read
    return runs


class _ByBand:
    """The words of a reading by the height at which they stand."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._bands: dict[int, list[Word]] = {}
        for word in words:
            for band in range(int(word.box[1] * BANDS), int(word.box[3] * BANDS) + 1):
                self._bands.setdefault(band, []).append(word)

    def confirms(self, word: Word) -> bool:
        x0, y0, x1, y1 = word.box
        text = _bare(word.text)
        there = (
            other
            for band in range(int((y0 - ROOM) * BANDS), int((y1 + ROOM) * BANDS) + 1)
            for other in self._bands.get(band, ())
            if other.box[0] < x1 + ROOM and other.box[2] > x0 - ROOM
            if other.box[1] < y1 + ROOM and other.box[3] > y0 - ROOM
        )
        # Engines part words differently: the longer one may hold the other.
        return any(_alike(text, _bare(other.text)) for other in there)


def _bare(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _alike(one: str, other: str) -> bool:
    if not one or not other:
        return False
    if min(len(one), len(other)) >= 3 and (one in other or other in one):
        return True
    return fuzz.ratio(one, other) >= ALIKE
