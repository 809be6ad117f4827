"""Is this text? Tells words from glyph soup and OCR noise, without a dictionary.

Used for both sources: a text layer may lie (broken encodings), and OCR of a photo may see letters in wood grain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

FREQUENT = """
    the of and to in for is on that by this with you it not or be are from at as your all have new more was we
    will can us if has my one do no he up may out use any only so his when which their name date address number
    amount total page tax income account state form employer employee social security city zip code phone
    signature loan bank de la que el en los del las por una con para su al como mas o pero sus le ya fecha
    nombre numero les des et est un une dans pour qui sur pas plus par au nom prenom der die und das von zu den
    mit ist des im ein eine auf für nicht di il che per della non con sono da do dos em uma nao
"""
"""Words that hold running text together, in the languages loan files come in, and what forms ask for."""
COMMON = frozenset(FREQUENT.split())
VOWEL = re.compile(r"[aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýœ]", re.IGNORECASE)
CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{6}", re.IGNORECASE)
TRIPLE = re.compile(r"(.)\1\1", re.IGNORECASE)
EDGES = re.compile(r"^\W+|[\W_]+$")
FIGURE = re.compile(r"^[$€£]?\(?\d[\d.,:/()\-*x]*%?$", re.IGNORECASE)
LETTERS = re.compile(r"^[^\W\d_]+(?:['’&./-][^\W\d_]+)*$")
UNMAPPED = re.compile(r"[\ufffd\ue000-\uf8ff]|\(cid:\d+\)")
"""Replacement characters, private use, and the notation for glyphs without a meaning."""

MIN_LETTERS = 3
MIN_ALNUM = 2


@dataclass(frozen=True)
class WordCount:
    """How much of some text is words."""

    tokens: int
    """Tokens with at least two letters or digits; bullets, blanks to fill in and currency signs are no evidence."""
    real: int
    """Words of at least three letters that could be spoken."""
    figures: int
    """Amounts, dates, numbers."""
    common: int
    """Frequent words of English, Spanish, French, German, Italian or Portuguese."""
    unmapped: int
    """Tokens with characters that mean nothing."""

    @property
    def share(self) -> float:
        """Part of the tokens that is words, figures or frequent short words; 0 where there are none."""
        return (self.real + self.figures) / self.tokens if self.tokens else 0.0


def count(tokens: Iterable[str]) -> WordCount:
    """Sort each token into its kind."""
    total = real = figures = common = unmapped = 0
    for token in tokens:
        unknown = UNMAPPED.search(token)
        if not unknown and sum(map(str.isalnum, token)) < MIN_ALNUM:
            continue
        total += 1
        if unknown:
            unmapped += 1
            continue
        bare = EDGES.sub("", token)
        known = bare.lower() in COMMON
        common += known
        if known or is_real(bare):
            real += len(bare) >= MIN_LETTERS or known
        elif FIGURE.match(token.strip(".,;:")):
            figures += 1
    return WordCount(total, real, figures, common, unmapped)


def is_real(word: str) -> bool:
    """Could be spoken: letters only, at least three, cased like a word, with a vowel (Latin script) and no pile-ups."""
    if len(word) < MIN_LETTERS or not LETTERS.match(word):
        return False
    if not word.isascii() and not VOWEL.search(word):
        return all(ord(letter) > 0x24F for letter in word if letter.isalpha())
    cased = word.islower() or word.isupper() or word[0].isupper()
    return bool(cased and VOWEL.search(word) and not CONSONANTS.search(word) and not TRIPLE.search(word))
