"""How alike two pages are: one kernel over words, letters, meaning and look.

Four views, each a similarity of its own with 1 for a page and itself, averaged with equal weights:
words (TF-IDF of one and two words), letters (TF-IDF of 4 letters, which survives OCR errors), meaning (cosine of
embeddings) and look (Gaussian of the standardised descriptor). Digits count as one letter: a form is not its amounts.
A view that is missing on either page adds nothing, so a page without readable words is still compared by its look.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tools.retrieval.embedder import Vectors
from tools.retrieval.terms import Split, TermIndex, letters, words_and_pairs

Floats = NDArray[np.float64]
Look = Sequence[float]

_WORD = re.compile(r"\w")


class PageKernel:
    """Similarity to a fixed list of pages; `gram` among themselves, `to` from one other page."""

    def __init__(self, texts: Sequence[str], vectors: Vectors, looks: Sequence[Look | None]) -> None:
        views: list[_View] = []
        if any(_WORD.search(text) for text in texts):
            views += [
                _Terms(texts, words_and_pairs),
                _Terms(texts, letters),
                _Meaning(vectors),
            ]
        if any(look is not None for look in looks):
            views.append(_Looks(looks))
        self._views = views
        self._count = len(texts)

    @property
    def gram(self) -> Floats:
        """Similarity of every page to every other, shape (pages, pages)."""
        return self._mean([view.gram() for view in self._views], (self._count, self._count))

    def to(self, text: str, vector: Vectors, look: Look | None) -> Floats:
        """Similarity of another page to each of these, shape (pages,), each 0..1."""
        return self._mean([view.to(text, vector, look) for view in self._views], (self._count,))

    def _mean(self, parts: Sequence[Floats], shape: tuple[int, ...]) -> Floats:
        return sum(parts, start=np.zeros(shape)) / max(len(parts), 1)


class _View:
    """One way to compare pages."""

    def gram(self) -> Floats:
        raise NotImplementedError

    def to(self, text: str, vector: Vectors, look: Look | None) -> Floats:
        raise NotImplementedError


class _Terms(_View):
    """Cosine of TF-IDF vectors."""

    def __init__(self, texts: Sequence[str], split: Split) -> None:
        self._terms = TermIndex(texts, split)

    def gram(self) -> Floats:
        return self._terms.gram().astype(np.float64)

    def to(self, text: str, vector: Vectors, look: Look | None) -> Floats:
        return self._terms.to(text).astype(np.float64)


class _Meaning(_View):
    """Cosine of embeddings; opposite meanings count as unrelated."""

    def __init__(self, vectors: Vectors) -> None:
        self._rows = vectors.astype(np.float64)

    def gram(self) -> Floats:
        return np.clip(self._rows @ self._rows.T, 0.0, 1.0)

    def to(self, text: str, vector: Vectors, look: Look | None) -> Floats:
        return np.clip(self._rows @ vector.astype(np.float64), 0.0, 1.0)


class _Looks(_View):
    """Gaussian of the distance between standardised descriptors: what all pages share says nothing."""

    def __init__(self, looks: Sequence[Look | None]) -> None:
        size = next(len(look) for look in looks if look is not None)
        self._size = size
        self._here = np.asarray([look is not None and len(look) == size for look in looks])
        raw = np.asarray([look if here else (0.0,) * size for look, here in zip(looks, self._here, strict=True)])
        self._centre = raw[self._here].mean(axis=0)
        self._spread = raw[self._here].std(axis=0) + 1e-6
        self._rows = self._standard(raw)

    def gram(self) -> Floats:
        return _gaussian(self._rows @ self._rows.T) * np.outer(self._here, self._here)

    def to(self, text: str, vector: Vectors, look: Look | None) -> Floats:
        if look is None or len(look) != self._size:
            return np.zeros(len(self._here))
        return np.asarray(_gaussian(self._rows @ self._standard(np.asarray([look]))[0]) * self._here)

    def _standard(self, raw: Floats) -> Floats:
        rows = (raw - self._centre) / self._spread
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
        return unit


def _gaussian(cosines: Floats) -> Floats:
    return np.asarray(np.exp(-np.maximum(2.0 - 2.0 * cosines, 0.0)))
