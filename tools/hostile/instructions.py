"""Words that read as if they were meant for a model: orders, roles, requests that no person makes of a loan file.

Phrases in many languages stand in `phrases.yaml`. This is a tripwire for people to look, no protection by itself: who
knows the phrases writes around them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import zip_longest

import yaml

from tools.hostile.folding import Folded, fold, plain_word

LETTER = "[a-zа-яёіїєґα-ω]"
"""Of scripts that part words by blanks."""
WORD = re.compile(f"{LETTER}+")
GAPS = re.compile(r"( \.\.\.? )")
GAP, SHORT_GAP = 60, 15
"""Characters that `...` and `..` stand for, at most."""
BEGINNING = 3
"""Letters of a word by which its places are looked up; no word of a phrase is cut shorter than that by `*`."""
MOST_CHARACTERS = 60_000
"""Of a text, half of them from its end where it is longer."""
QUOTE = 120
BASE64 = re.compile(r"[A-Za-z0-9+/]{24,4000}={0,2}")
ENCODED = 0.6
"""Weight of a sentence in base64, whatever it says."""


@dataclass(frozen=True)
class Sign:
    """One sign found in a text."""

    name: str
    weight: float
    quote: str
    """The words as they stand there, at most `QUOTE` characters."""


@dataclass(frozen=True)
class _Part:
    """One part of a phrase, in the forms in which it is found quickly."""

    beginnings: tuple[str, ...]
    """The first letters of those alternatives that begin where a word begins."""
    free: tuple[str, ...]
    """The alternatives that may stand anywhere: of scripts without blanks, and signs."""

    def may_stand_in(self, text: _Text) -> bool:
        return any(map(text.begins.__contains__, self.beginnings)) or any(
            word in text.folded.text for word in self.free
        )


@dataclass(frozen=True)
class _Phrase:
    sign: str
    weight: float
    parts: tuple[_Part, ...]
    pattern: str
    loose: str | None
    """Without blanks and word ends, for text whose letters were spaced out; None for phrases too short for that."""

    def search(self, text: _Text) -> re.Match[str] | None:
        """The first place; tried only where a word begins as the phrase does."""
        if not all(part.may_stand_in(text) for part in self.parts):
            return None
        whole, first = text.folded.text, self.parts[0]
        places = (at for beginning in first.beginnings for at in text.begins.get(beginning, ()))
        found = next((match for at in places if (match := _compiled(self.pattern).match(whole, at))), None)
        if found is None and any(word in whole for word in first.free):
            return _compiled(self.pattern).search(whole)
        return found


class _Text:
    """A folded text with the places where its words begin, by their first letters."""

    def __init__(self, folded: Folded) -> None:
        self.folded = folded
        self.begins: dict[str, list[int]] = {}
        for match in WORD.finditer(folded.text):
            self.begins.setdefault(match.group()[:BEGINNING], []).append(match.start())


def instruction_signs(text: str) -> list[Sign]:
    """The strongest example of each kind of sign, strongest first."""
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS // 2] + " " + text[-MOST_CHARACTERS // 2 :]
    folded = fold(text)
    found: dict[str, Sign] = {}
    for sign in (*_phrases_in(folded), *_encoded(text)):
        if sign.name not in found or found[sign.name].weight < sign.weight:
            found[sign.name] = sign
    return sorted(found.values(), key=lambda sign: -sign.weight)


def score(signs: list[Sign]) -> float:
    """How much the signs weigh together, 0 to 1."""
    doubt = 1.0
    for sign in signs:
        doubt *= 1 - sign.weight
    return round(1 - doubt, 4)


def _phrases_in(folded: Folded) -> Iterator[Sign]:
    text = _Text(folded)
    squeezed = _squeezed(folded.text)
    for phrase in _phrases():
        if match := phrase.search(text):
            yield Sign(phrase.sign, phrase.weight, folded.quote(match.start(), match.end(), QUOTE))
        elif squeezed and phrase.loose and (match := _compiled(phrase.loose).search(squeezed)):
            yield Sign(phrase.sign, phrase.weight, match.group()[:QUOTE])


def _squeezed(text: str) -> str:
    """The words that are too long for words, because their letters were spaced out or their blanks left out."""
    return " ".join(word[:400] for word in text.split() if len(word) >= 20 and word.isalpha())[:4000]


def _encoded(text: str) -> Iterator[Sign]:
    for match in BASE64.finditer(text):
        said = _decoded(match.group())
        if said is not None:
            yield Sign("is written in base64", ENCODED, match.group()[:QUOTE])
            yield from _phrases_in(fold(said))


def _decoded(token: str) -> str | None:
    """The sentence in a token; None where it holds no sentence of ASCII letters."""
    core = token.rstrip("=")
    try:
        raw = base64.b64decode(core[: len(core) // 4 * 4])
    except binascii.Error:
        return None
    readable = sum(32 <= byte < 127 for byte in raw)
    said = raw.decode("ascii", errors="ignore")
    return said if readable >= 0.9 * len(raw) and said.count(" ") >= 2 else None


@cache
def _phrases() -> tuple[_Phrase, ...]:
    signs = yaml.safe_load((resources.files("tools.hostile") / "phrases.yaml").read_text(encoding="utf-8"))
    return tuple(_phrase(sign["sign"], sign["weight"], phrase) for sign in signs for phrase in sign["phrases"])


def _phrase(sign: str, weight: float, phrase: str) -> _Phrase:
    pieces = GAPS.split(phrase)
    parts = [
        [" ".join(map(plain_word, word.split())) for word in piece.split("|") if word.strip()] for piece in pieces[::2]
    ]
    gaps = [f".{{0,{GAP if gap.strip() == '...' else SHORT_GAP}}}?" for gap in pieces[1::2]]
    return _Phrase(
        sign,
        weight,
        tuple(map(_part, parts)),
        _joined(gaps, [f"(?:{'|'.join(map(_bounded, part))})" for part in parts]),
        _joined(gaps, [f"(?:{'|'.join(map(_unbounded, part))})" for part in parts]) if len(parts) > 1 else None,
    )


def _joined(gaps: Sequence[str], parts: Sequence[str]) -> str:
    return "".join(piece for pair in zip_longest(parts, gaps, fillvalue="") for piece in pair)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """When first needed: all of them take half a second."""
    return re.compile(pattern)


def _part(words: Sequence[str]) -> _Part:
    lettered = [word for word in words if re.match(LETTER, word)]
    beginnings = {WORD.findall(word)[0][:BEGINNING] for word in lettered}
    return _Part(tuple(sorted(beginnings)), tuple(word.rstrip("*") for word in words if word not in lettered))


def _bounded(word: str) -> str:
    """Where letters stand at its ends, none may stand before it, nor after it without `*`."""
    stem = word.rstrip("*")
    before = f"(?<!{LETTER})" if re.match(LETTER, stem) else ""
    after = f"(?!{LETTER})" if stem == word and re.match(LETTER, stem[-1]) else ""
    return before + re.escape(stem) + after


def _unbounded(word: str) -> str:
    return re.escape(word.rstrip("*").replace(" ", ""))
