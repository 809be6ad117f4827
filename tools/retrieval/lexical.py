"""The lexical half of retrieval: BM25 over the words of the examples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

_TOKEN = re.compile(r"\w{2,}")


class LexicalIndex:
    """BM25 over a fixed list of texts, built at once in memory (about 0.1 ms a text)."""

    def __init__(self, texts: Sequence[str]) -> None:
        tokens = [_tokens(text) for text in texts]
        self._bm25: Any = None
        if any(tokens):
            import bm25s

            self._bm25 = bm25s.BM25()
            self._bm25.index(tokens, show_progress=False)

    def nearest(self, text: str, depth: int) -> list[int]:
        """Positions of the best texts that share a word with this one, best first; ties by position."""
        known = [token for token in _tokens(text) if self._bm25 is not None and token in self._bm25.vocab_dict]
        if not known:
            return []
        scores = self._bm25.get_scores(known)
        order = np.argsort(-scores, kind="stable")[:depth]
        return [int(position) for position in order if scores[position] > 0]


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.lower())
