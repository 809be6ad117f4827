"""Literal phrases in text that OCR has damaged: few phrases are tried, each in a few short windows.

A phrase with at most k damaged characters keeps all but 3k of its trigrams (q-gram lemma), and those that are left
stand close together. So the page is cut into overlapping blocks, the trigrams that each phrase shares with each block
are counted all at once with numpy, and rapidfuzz aligns only the few phrases and blocks that share enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from taxonomy.folded import WORD

MIN_CHARACTERS = 10
"""Shorter phrases have too many neighbours to be guessed at."""
_PER_ERROR = 8
"""One damaged character is allowed for so many characters: a similarity of at least 87 of 100."""
_MAX_ERRORS = 6
_MAX_PLACES = 3
_STRIDE = 64
"""A block is two strides long and begins every stride, so any phrase of one stride lies whole in a block."""


@dataclass(frozen=True)
class FuzzyPlace:
    """Where a damaged phrase stands in the folded text, and how like it is (0..1)."""

    start: int
    end: int
    similarity: float


@dataclass(frozen=True)
class _Prepared:
    """A phrase and what its damaged forms must keep."""

    text: str
    errors: int
    words: frozenset[str]
    exact_words: frozenset[str]
    """Words with a digit and single letters: `1040` and `1041` are two forms, not one form and a damage."""


class FuzzyPhrases:
    """All phrases of a taxonomy that are long enough to be recognised with errors."""

    def __init__(self, phrases: Sequence[str], vocabulary: frozenset[str]) -> None:
        """`vocabulary`: words of the taxonomy; one of them in place of another is no damage but another word."""
        self._vocabulary = vocabulary
        self._phrases: list[_Prepared] = []
        gram_ids: dict[str, int] = {}
        rows: list[int] = []
        firsts: list[int] = []
        needed: list[int] = []
        for text in phrases:
            if len(text) < MIN_CHARACTERS:
                continue
            prepared = _prepare(text)
            grams = _grams(text[:_STRIDE])
            firsts.append(len(rows))
            rows.extend(gram_ids.setdefault(gram, len(gram_ids)) for gram in sorted(grams))
            needed.append(max(len(grams) - 3 * prepared.errors, 3))
            self._phrases.append(prepared)
        by_code = sorted((_code(gram), number) for gram, number in gram_ids.items())
        self._codes = np.array([code for code, _ in by_code], dtype=np.uint64)
        self._ids = np.array([number for _, number in by_code], dtype=np.intp)
        self._rows = np.array(rows, dtype=np.intp)
        self._firsts = np.array(firsts, dtype=np.intp)
        self._sizes = np.diff(self._firsts, append=len(rows))
        self._needed = np.array(needed, dtype=np.uint8)

    def find(self, flat: str, known: set[str]) -> list[tuple[str, list[FuzzyPlace]]]:
        """Phrases other than the `known` ones that stand damaged in folded text, on whole words, with their places."""
        if len(flat) < MIN_CHARACTERS or not self._phrases:
            return []
        found: list[tuple[str, list[FuzzyPlace]]] = []
        words = frozenset(WORD.findall(flat))
        for index, counts in self._shared(flat):
            phrase = self._phrases[index]
            if phrase.text in known or not phrase.exact_words <= words:
                continue
            blocks = [int(block) for block in np.flatnonzero(counts >= self._needed[index])]
            blocks.sort(key=lambda block: (-int(counts[block]), block))
            places = {place for block in blocks[:_MAX_PLACES] if (place := self._in_block(phrase, flat, block))}
            if places:
                found.append((phrase.text, sorted(places, key=lambda place: (place.start, place.end))))
        return found

    def _shared(self, flat: str) -> Iterator[tuple[int, npt.NDArray[np.uint8]]]:
        """The phrases that share enough trigrams with any block, and how many with each."""
        other = len(self._ids)
        ids = self._known_grams(flat)
        anywhere = np.zeros(other + 1, dtype=np.uint8)
        anywhere[ids] = 1
        hopeful = np.add.reduceat(anywhere[self._rows], self._firsts, dtype=np.uint8) >= self._needed
        if not hopeful.any():
            return
        block = np.arange(len(ids), dtype=np.intp) // _STRIDE
        present = np.zeros((other + 1, len(flat) // _STRIDE + 1), dtype=np.uint8)
        present[ids, block] = 1
        present[ids, np.maximum(block - 1, 0)] = 1
        sizes = self._sizes[hopeful]
        rows = self._rows[np.repeat(hopeful, self._sizes)]
        shared = np.add.reduceat(present[rows], np.cumsum(sizes) - sizes, axis=0, dtype=np.uint8)
        indices = np.flatnonzero(hopeful)
        for place in np.flatnonzero((shared >= self._needed[indices, None]).any(axis=1)):
            yield int(indices[place]), shared[place]

    def _known_grams(self, flat: str) -> npt.NDArray[np.intp]:
        """The trigram at each place of a text, by number; one number for all that no phrase has."""
        characters = np.frombuffer(flat.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
        codes = characters[:-2] << 42 | characters[1:-1] << 21 | characters[2:]
        places = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        return np.where(self._codes[places] == codes, self._ids[places], len(self._ids))

    def _in_block(self, phrase: _Prepared, flat: str, block: int) -> FuzzyPlace | None:
        """The phrase where it begins in one block, or None where it does not."""
        slack = phrase.errors + 2
        low = max(block * _STRIDE - slack, 0)
        window = flat[low : (block + 2) * _STRIDE + slack + max(len(phrase.text) - _STRIDE, 0)]
        if len(window) < len(phrase.text) - phrase.errors:
            return None
        cutoff = 100.0 * (1.0 - phrase.errors / len(phrase.text)) - 6.0
        aligned = fuzz.partial_ratio_alignment(phrase.text, window, score_cutoff=cutoff)
        if aligned is None:
            return None
        start, end = _whole_words(flat, low + aligned.dest_start, low + aligned.dest_end)
        there = flat[start:end]
        distance = Levenshtein.distance(phrase.text, there, score_cutoff=phrase.errors)
        if distance > phrase.errors or not self._is_damage(phrase, there):
            return None
        return FuzzyPlace(start, end, 1.0 - distance / len(phrase.text))

    def _is_damage(self, phrase: _Prepared, there: str) -> bool:
        words = set(WORD.findall(there))
        return phrase.exact_words <= words and not (words - phrase.words) & self._vocabulary


def _prepare(text: str) -> _Prepared:
    words = frozenset(WORD.findall(text))
    exact = frozenset(word for word in words if len(word) == 1 or any(map(str.isdigit, word)))
    return _Prepared(text, min(len(text) // _PER_ERROR, _MAX_ERRORS), words, exact)


def _code(gram: str) -> int:
    """A trigram as one number: a character has at most 21 bits."""
    first, second, third = map(ord, gram)
    return first << 42 | second << 21 | third


def _grams(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 3] for at in range(len(text) - 2))


def _whole_words(flat: str, start: int, end: int) -> tuple[int, int]:
    """The same place, widened to whole words and without signs at its ends."""
    while start < end and not flat[start].isalnum():
        start += 1
    while end > start and not flat[end - 1].isalnum():
        end -= 1
    while start > 0 and flat[start - 1].isalnum():
        start -= 1
    while end < len(flat) and flat[end].isalnum():
        end += 1
    return start, end
