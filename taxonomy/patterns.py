"""Regular expressions of a taxonomy: compiled for folded text, and passed over quickly where they cannot match.

Pages are folded to lower case once, so the patterns are too: without IGNORECASE the engine is about three times faster.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from taxonomy.folded import fold

# An escape, the only group opening that holds a capital, or one character.
_PIECE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|N\{[^}]*\}|.)|\(\?P|.", re.DOTALL)
_QUANTIFIER = re.compile(r"[*+?]|\{\d*,?\d*\}")
_AT_LEAST_ONCE = re.compile(r"\+|\{[1-9]")
_FEW = re.compile(r"\[([^\\\]^-]{1,8})\]")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_PLAIN_GROUP = re.compile(r"\((?:\?:|\?P<\w+>)?(?!\?)")
_INLINE_FLAGS = re.compile(r"\(\?[aiLmsux-]+[:)]")
_MIN_PREFIX = 3
_BOUNDARY = re.compile(r"\b")
_PUNCTUATION = frozenset("./-+*?()[]{}|^$\\#'\"&@,:;!%= ")


Needs = tuple[frozenset[str], ...]
"""Of each set, one string stands in every match."""
Anchor = Literal["text", "line"] | None


@dataclass(frozen=True)
class Pattern:
    """A compiled expression and what any text it matches must hold."""

    compiled: re.Pattern[str]
    needs: Needs
    """Empty where nothing is known."""

    prefix: str
    """What every match begins with; empty where that is not known."""
    headless: re.Pattern[str] | None
    """Without its leading word boundary, where it has one that can be looked at afterwards."""
    anchor: Anchor
    """The only places where a match may begin; None: anywhere."""

    def search(self, text: str, end: int | None = None) -> re.Match[str] | None:
        """The first match in folded text, before `end` where it is given."""
        if self.anchor is None:
            return next(self.finditer(text, end), None)
        stop = len(text) if end is None else end
        if not self._may_match(text):
            return None
        if self.anchor == "text":
            return self.compiled.match(text, 0, stop)
        return self._from_line(text, stop)

    def finditer(self, text: str, end: int | None = None) -> Iterator[re.Match[str]]:
        """Every match in folded text, before `end` where it is given."""
        stop = len(text) if end is None else end
        if not self._may_match(text):
            return iter(())
        # The engine skips to where a match may begin, but not behind a `\b`, with which most patterns begin.
        if self.prefix:
            return self._from_prefix(text, stop)
        if self.headless:
            return self._from_boundary(self.headless, text, stop)
        return self.compiled.finditer(text, 0, stop)

    def _from_line(self, text: str, stop: int) -> re.Match[str] | None:
        at = 0
        while at <= stop:
            if match := self.compiled.match(text, at, stop):
                return match
            at = text.find("\n", at, stop) + 1
            if at == 0:
                break
        return None

    def _from_prefix(self, text: str, stop: int) -> Iterator[re.Match[str]]:
        at = text.find(self.prefix, 0, stop)
        while at >= 0:
            match = self.compiled.match(text, at, stop)
            if match:
                yield match
            at = text.find(self.prefix, match.end() if match else at + 1, stop)

    def _from_boundary(self, headless: re.Pattern[str], text: str, stop: int) -> Iterator[re.Match[str]]:
        at = 0
        # A position past the end is read as the end: without the check an empty match there would never end.
        while at <= stop and (match := headless.search(text, at, stop)):
            start, end = match.span()
            at = start + 1
            if _BOUNDARY.match(text, start):
                yield match
                at = max(end, at)

    def _may_match(self, text: str) -> bool:
        for strings in self.needs:
            for string in strings:
                if string in text:
                    break
            else:
                return False
        return True


class PatternIndex:
    """Of many patterns the few that may match a page, found through three characters of what each needs."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        needs = [_indexable(pattern) for pattern in patterns]
        commonness = Counter(gram for strings in needs for string in strings for gram in set(_grams(string)))
        self._always = [index for index, strings in enumerate(needs) if not strings]
        self._by_gram: dict[str, list[int]] = defaultdict(list)
        for index, strings in enumerate(needs):
            for string in strings:
                self._by_gram[min(_grams(string), key=lambda gram: (commonness[gram], gram))].append(index)

    def candidates(self, text: str) -> list[int]:
        """Places, in the sequence of patterns, of those that may match folded text; the others cannot."""
        grams = {gram for token in set(text.split()) for gram in _grams(token)}
        found = {index for gram in grams & self._by_gram.keys() for index in self._by_gram[gram]}
        return sorted(found.union(self._always))


def _indexable(pattern: Pattern) -> frozenset[str]:
    """Of what a pattern needs the most telling strings that each hold three characters without white space."""
    usable = [strings for strings in pattern.needs if all(map(_grams, strings))]
    return _strongest(tuple(usable)) if usable else frozenset()


def _grams(text: str) -> list[str]:
    return [gram for at in range(len(text) - 2) if " " not in (gram := text[at : at + 3]) and "\n" not in gram]


@lru_cache(maxsize=8192)
def compile_pattern(expression: str) -> Pattern:
    """Compile for folded text (`^` and `$` match at lines). Raise re.error, also where Python only warns."""
    folded = "".join(map(_fold_piece, _PIECE.findall(expression)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compiled = re.compile(folded, re.MULTILINE)
            headless = re.compile(folded[2:], re.MULTILINE) if _begins_with_boundary(folded) else None
        except (Warning, RecursionError, OverflowError) as doubt:
            raise re.error(str(doubt)) from doubt
    return Pattern(compiled, _needs(folded), _prefix(folded), headless, _anchor(folded))


def _fold_piece(piece: str) -> str:
    if piece.startswith("\\") or piece == "(?P":
        return piece
    folded = fold(piece) or piece
    return r"\-" if folded == "-" != piece else folded  # a dash inside [...] must not become a range


def nested_quantifier(expression: str) -> bool:
    """Whether an unbounded repetition stands inside another, as in `(a+)+`: such a pattern can take forever."""
    open_groups: list[bool] = []
    position = 0
    repeated_inside = False
    while position < len(expression):
        character = expression[position]
        if character == "\\":
            position += 2
            continue
        if character == "[" and (span := _CLASS.match(expression, position)):
            position = span.end()
            continue
        if character == "(":
            open_groups.append(repeated_inside)
            repeated_inside = False
        elif character == ")" and open_groups:
            follows = re.compile(r"[*+]|\{\d*,\}").match(expression, position + 1)
            if follows and repeated_inside:
                return True
            repeated_inside = open_groups.pop() or repeated_inside
        elif character in "*+" or re.compile(r"\{\d*,\}").match(expression, position):
            repeated_inside = True
        position += 1
    return False


def _needs(pattern: str) -> Needs:
    """What every match holds; on any doubt nothing, which filters nothing."""
    if _INLINE_FLAGS.search(pattern):
        return ()
    try:
        found, end = _alternatives(pattern, 0)
    except (IndexError, RecursionError):
        return ()
    return found if end == len(pattern) else ()


def _anchor(pattern: str) -> Anchor:
    """Where alone a match may begin, for patterns that begin with `\\A` or `^` and have no alternatives beside it."""
    anchor: Anchor = "text" if pattern.startswith(r"\A") else "line" if pattern.startswith("^") else None
    if anchor is None or _INLINE_FLAGS.search(pattern) or _QUANTIFIER.match(pattern, 1 if anchor == "line" else 2):
        return None
    depth, position = 0, 0
    while position < len(pattern):
        if span := _CLASS.match(pattern, position):
            position = span.end()
            continue
        character = pattern[position]
        depth += (character == "(") - (character == ")")
        if character == "|" and depth == 0:
            return None
        position += 2 if character == "\\" else 1
    return anchor


def _begins_with_boundary(pattern: str) -> bool:
    """Whether the pattern is `\\b` and something that takes up characters, without alternatives beside it."""
    if not pattern.startswith(r"\b") or _INLINE_FLAGS.search(pattern):
        return False
    try:
        return _sequence(pattern, 0)[1] == len(pattern) and not _QUANTIFIER.match(pattern, 2)
    except (IndexError, RecursionError):
        return False


def _prefix(pattern: str) -> str:
    """What every match begins with, where that is three characters or more; else the empty string."""
    if _INLINE_FLAGS.search(pattern):
        return ""
    try:
        if _sequence(pattern, 0)[1] < len(pattern):  # alternatives
            return ""
        prefix, position = "", 2 if pattern.startswith("\\b") else 0
        while position < len(pattern):
            literal, _, position = _atom(pattern, position)
            if literal is None or _QUANTIFIER.match(pattern, position):
                break
            prefix += literal
    except (IndexError, RecursionError):
        return ""
    return prefix if len(prefix) >= _MIN_PREFIX else ""


def _alternatives(pattern: str, position: int) -> tuple[Needs, int]:
    """What `a|b|c` needs from `position` to the closing bracket or the end."""
    branches: list[Needs] = []
    while True:
        needs, position = _sequence(pattern, position)
        branches.append(needs)
        if position >= len(pattern) or pattern[position] == ")":
            break
        position += 1
    if len(branches) == 1:
        return branches[0], position
    if not all(branches):
        return (), position
    return (frozenset().union(*(_strongest(branch) for branch in branches)),), position


def _strongest(needs: Needs) -> frozenset[str]:
    return max(needs, key=lambda strings: min(map(len, strings)))


def _sequence(pattern: str, position: int) -> tuple[Needs, int]:
    """What one branch needs: its runs of literal characters, and what its groups need."""
    found: list[frozenset[str]] = []
    run = ""
    while position < len(pattern) and pattern[position] not in "|)":
        literal, needs, position = _atom(pattern, position)
        quantifier = _QUANTIFIER.match(pattern, position)
        if quantifier:
            position = quantifier.end()
            if position < len(pattern) and pattern[position] in "?+":  # lazy or possessive
                position += 1
        if literal is not None and quantifier is None:
            run += literal
            continue
        if run:
            found.append(frozenset({run}))
            run = ""
        if quantifier is None or _AT_LEAST_ONCE.match(quantifier.group()):
            found.extend(needs)
    if run:
        found.append(frozenset({run}))
    found.sort(key=lambda strings: (len(strings), -min(map(len, strings))))
    return tuple(found), position


def _atom(pattern: str, position: int) -> tuple[str | None, Needs, int]:
    """One literal character, or what a group needs, and where the next atom begins."""
    nothing: Needs = ()
    character = pattern[position]
    if character == "\\":
        escaped = pattern[position + 1]
        if escaped in "xuUN" or escaped.isdigit():
            raise IndexError  # rare in a taxonomy: filter nothing
        return (escaped if escaped in _PUNCTUATION else None), nothing, position + 2
    if character == "[":
        span = _CLASS.match(pattern, position)
        if span is None:
            raise IndexError
        return None, nothing, span.end()
    if character == "(":
        opening = _PLAIN_GROUP.match(pattern, position)
        if opening is None:
            raise IndexError  # look-around and the like
        needs, end = _alternatives(pattern, opening.end())
        if pattern[end] != ")":
            raise IndexError
        return None, needs, end + 1
    if character in ".^$":
        return None, nothing, position + 1
    return character, nothing, position + 1
