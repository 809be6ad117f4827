"""TF-IDF over a fixed list of texts, and the cosine of another text to each of them.

The numbers are those of scikit-learn's `TfidfVectorizer(sublinear_tf=True)`, to which a test holds them: raw counts as
1 + log(n), inverse document frequencies smoothed as log((1 + texts) / (1 + df)) + 1, rows of length 1. Written out here
because importing that class takes longer (two CPU seconds) than comparing a whole packet, and its `transform` of a
single text three times as long as this.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float32]
Split = Callable[[str], Iterable[str]]

_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"\w+")


def words_and_pairs(text: str) -> list[str]:
    """Each word and each two words in a row; digits count as one letter: a form is not its amounts."""
    words = _WORD.findall(_plain(text))
    return [*words, *map(" ".join, pairwise(words))]


def letters(text: str) -> list[str]:
    """Every four letters in a row within words, which have a space at either end; survives OCR errors."""
    return list(chain.from_iterable(map(_letters_of, _plain(text).split())))


@lru_cache(maxsize=20_000)
def _letters_of(word: str) -> tuple[str, ...]:
    framed = f" {word} "
    return tuple(framed[at : at + 4] for at in range(max(len(framed) - 3, 1)))


class TermIndex:
    """Unit rows of TF-IDF weights, one for each text; at least one text must have a term."""

    def __init__(self, texts: Sequence[str], split: Split) -> None:
        from scipy.sparse import csr_array

        counts = [Counter(split(text)) for text in texts]
        frequencies = Counter(term for terms in counts for term in terms)
        self._split = split
        self._column = {term: column for column, term in enumerate(frequencies)}
        known = np.asarray(list(frequencies.values()), dtype=np.float32)
        self._rarity: Weights = np.log(np.float32(1 + len(texts)) / (1 + known)) + 1
        rows = [self._weigh(terms) for terms in counts]
        columns, weights = (np.concatenate(parts) for parts in zip(*rows, strict=True))
        ends = np.cumsum([0, *(len(found) for found, _ in rows)])
        self._rows = csr_array((weights, columns, ends), shape=(len(texts), len(frequencies)))

    def gram(self) -> Weights:
        """Cosine of every text to every other, shape (texts, texts)."""
        return np.asarray((self._rows @ self._rows.T).toarray())

    def to(self, text: str) -> Weights:
        """Cosine of another text to each of these, shape (texts,); zeros where it shares no term with any."""
        columns, weights = self._weigh(Counter(self._split(text)))
        row = np.zeros(len(self._column), dtype=np.float32)
        row[columns] = weights
        return np.asarray(self._rows @ row)

    def _weigh(self, terms: Mapping[str, int]) -> tuple[NDArray[np.int32], Weights]:
        """Columns, rising, and weights of the terms that are known; their squares add up to 1."""
        counts = {self._column[term]: count for term, count in terms.items() if term in self._column}
        columns = np.asarray(sorted(counts), dtype=np.int32)
        raw = np.asarray([counts[column] for column in columns.tolist()], dtype=np.float32)
        weights = (np.log(raw) + 1) * self._rarity[columns]
        length = np.sqrt((weights * weights).sum(dtype=np.float64))
        return columns, (weights / length if length else weights).astype(np.float32)


def _plain(text: str) -> str:
    return _DIGIT.sub("0", text.lower())
