"""Text as an attacker wrote it, made plain: case, accents, look-alike letters, digits for letters, spaced-out words."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from tools.pdf.characters import NOT_DRAWN

LOOKALIKES = str.maketrans(
    "аеорсухкмтвнгіјѕԁԛԝһьαεορυικνητχωγς",
    "aeopcyxkmtbhrijsdqwhbaeopuikvntxwyc",
)
"""Cyrillic and Greek letters that look Latin; they count where a word has Latin letters too."""
MIXED = re.compile("[a-z].*[а-яіјѕԁԛԝһα-ω]|[а-яіјѕԁԛԝһα-ω].*[a-z]")
DIGITS = str.maketrans("013457@$", "oieastas")
QUOTES = str.maketrans("‘’‚“”„", "'''\"\"\"")
LETTERS_AND_DIGITS = re.compile(r"[a-z013457@$]*[a-z][013457@$]*[a-z][a-z013457@$]*")
ACCENTS = re.compile("[\u0300-\u036f]")
ERASED = dict.fromkeys(map(ord, NOT_DRAWN | {"\u00ad"}))
SPACED_OUT = 6
"""Single letters in a row that are one word."""


@dataclass(frozen=True)
class Folded:
    """Folded words with one blank between them, and the words they come from."""

    text: str
    words: list[str]
    starts: list[int]
    """Where in `text` each word begins."""
    sources: list[int]
    """Index of the first word that each folded word comes from."""

    def quote(self, start: int, end: int, most: int) -> str:
        """The words as they were around a stretch of `text`, at most so many characters."""
        first = self.sources[bisect_right(self.starts, start) - 1]
        after = bisect_right(self.starts, max(start, end - 1))
        last = self.sources[after] if after < len(self.sources) else len(self.words)
        return " ".join(self.words[first:last])[:most]


def fold(text: str) -> Folded:
    """Also erases characters that are not drawn."""
    words = text.split()
    plain = [plain_word(word) for word in words]
    joined, sources = _joined(plain)
    starts = list(accumulate((len(word) + 1 for word in joined), initial=0))[:-1] if joined else []
    return Folded(" ".join(joined), words, starts, sources)


def plain_word(word: str) -> str:
    """One word, folded."""
    if not word.isascii():
        word = unicodedata.normalize("NFKC", word.translate(ERASED)).translate(QUOTES).casefold()
        if MIXED.search(word):
            word = word.translate(LOOKALIKES)
        word = unicodedata.normalize("NFC", ACCENTS.sub("", unicodedata.normalize("NFD", word)))
    word = word.casefold()
    return word.translate(DIGITS) if LETTERS_AND_DIGITS.fullmatch(word) else word


def _joined(words: list[str]) -> tuple[list[str], list[int]]:
    """Runs of single letters as one word, with the index each word comes from."""
    joined: list[str] = []
    sources: list[int] = []
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and len(words[end]) == 1 and words[end].isalpha():
            end += 1
        end = end if end - at >= SPACED_OUT else at + 1
        joined.append("".join(words[at:end]))
        sources.append(at)
        at = end
    return joined, sources
