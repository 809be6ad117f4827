"""Page text folded for matching, with the way back to the words as they stand."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate
from operator import add

MAX_CHARACTERS = 20_000
"""Cues look at this much of a page: bounds the time a pattern can take; a dense page of print holds about 6,000."""

_QUOTES = {ord(c): "'" for c in "‘’‚‛′`´ʼ"} | {ord(c): '"' for c in "“”„‟″«»"}
_DASHES = {ord(c): "-" for c in "‐‑‒–—―−﹣－\ufffe"}  # pdfium gives U+FFFE for a hyphen at the end of a line
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"), None)
_UNIFIED: dict[int, str | None] = {**_QUOTES, **_DASHES, **_INVISIBLE}

_TOKEN = re.compile(r"\S+")
WORD = re.compile(r"[^\W_]+")
"""A run of letters and digits; an underscore is a line to fill in, not part of a word."""

Keys = frozenset[str]
"""Runs of one to three characters that stand in a text, or must stand in it."""


def fold(text: str) -> str:
    """Lower case, plain quotes and dashes, ligatures and wide forms taken apart; white space is left as it is."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", text.translate(_UNIFIED)).translate(_UNIFIED)
    return plain.casefold()


def fold_phrase(text: str) -> str:
    """Fold, with each run of white space made one space."""
    return " ".join(fold(text).split())


class FoldedText:
    """One page, folded once, for all cues.

    `lined` has one space between words and a line break where the page has one or more; `flat` is the same with spaces
    only. Both have the same length, so one position serves both.
    """

    def __init__(self, text: str) -> None:
        self._text = text[:MAX_CHARACTERS]
        exact = self._text.isascii()
        words = (self._text.lower() if exact else self._text).splitlines()
        lines = (" ".join(line.split() if exact else filter(None, map(_fold_token, line.split()))) for line in words)
        self.lined = "\n".join(filter(None, lines))
        self.flat = self.lined.replace("\n", " ")

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the page."""
        return frozenset(WORD.findall(self.flat))

    @cached_property
    def keys(self) -> Keys:
        """All runs of one, two and three characters of the page that hold no white space."""
        tokens = " ".join(set(self.flat.split()))
        twos = list(map(add, tokens, tokens[1:]))
        return frozenset(tokens).union(twos, map(add, twos, tokens[2:]))

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where folded `start`..`end` stands on the page; widened to whole tokens where folding changed them."""
        starts, spans = self._way_back
        first = max(bisect_right(starts, start) - 1, 0)
        last = max(bisect_right(starts, max(end - 1, start)) - 1, 0)
        begin, begin_end, begin_exact = spans[first]
        final, final_end, final_exact = spans[last]
        low = min(begin + start - starts[first], begin_end) if begin_exact else begin
        high = min(final + end - starts[last], final_end) if final_exact else final_end
        return low, high

    def quote(self, start: int, end: int, limit: int = 120) -> str:
        """The words as they stand on the page, line breaks made spaces, at most `limit` characters."""
        low, high = self.original(start, end)
        words = self._text[low:high].split(maxsplit=limit // 2 + 1)  # more do not fit
        return " ".join(words)[:limit].rstrip()

    def starts_lower(self, start: int) -> bool:
        """Whether the words at folded `start` begin with a small letter on the page."""
        low, _ = self.original(start, start + 1)
        return self._text[low].islower()

    def has_capitals(self, characters: int) -> bool:
        """Whether there is a capital letter among the first characters of the page."""
        head = self._text[:characters]
        return head != head.lower()

    @cached_property
    def _way_back(self) -> tuple[list[int], list[tuple[int, int, bool]]]:
        """For each token its place in the folded text, its span on the page, and whether its length is the same."""
        if self._text.isascii():
            spans = [(*token.span(), True) for token in _TOKEN.finditer(self._text)]
            return list(accumulate((end - begin + 1 for begin, end, _ in spans[:-1]), initial=0)), spans
        starts: list[int] = []
        spans = []
        at = 0
        for token in _TOKEN.finditer(self._text):
            raw = token.group()
            exact = raw.isascii()
            length = len(raw) if exact else len(_fold_token(raw))
            if length:
                starts.append(at)
                spans.append((*token.span(), exact))
                at += length + 1
        return starts, spans


def keys_of(string: str) -> Keys:
    """The longest keys that any page with this string has; none for white space."""
    for length in (3, 2, 1):
        runs = (string[at : at + length] for at in range(len(string) - length + 1))
        if keys := frozenset(run for run in runs if not any(map(str.isspace, run))):
            return keys
    return frozenset()


def _fold_token(token: str) -> str:
    # NFKC makes a space of some lone accents; a token must stay one token.
    return token.lower() if token.isascii() else "".join(fold(token).split())
