"""Regular expressions of a taxonomy: compiled for folded text, and passed over quickly where they cannot match.

Pages are folded to lower case once, so the patterns are too: without IGNORECASE the engine is about three times faster.
What every match must hold and where it can begin is read off the expression, so that of hundreds of patterns few are
tried on a page, and those at few places.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from taxonomy.folded import Keys, fold, keys_of

# An escape, the only group opening that holds a capital, or one character.
_PIECE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|N\{[^}]*\}|.)|\(\?P|.", re.DOTALL)
_QUANTIFIER = re.compile(r"[*+?]|\{\d*,?\d*\}")
_AT_LEAST_ONCE = re.compile(r"\+|\{[1-9]")
_FEW_SIGNS = re.compile(r"\[([^\\\]^\w\s-]{1,8})\]")
_LINE_OPENING = re.compile(r"\^|\(\?:\^\|\\n\)|\(\?:(?=\\n)")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_PLAIN_GROUP = re.compile(r"\((?:\?:|\?P<\w+>)?(?!\?)")
_INLINE_FLAGS = re.compile(r"\(\?[aiLmsux-]+[:)]")
_MIN_PREFIX, _MOST_PREFIXES = 2, 60
_BOUNDARY = re.compile(r"\b")
_PUNCTUATION = frozenset("./-+*?()[]{}|^$\\#'\"&@,:;!%= ")


Needs = tuple[frozenset[str], ...]
"""Of each set, one string stands in every match."""
Anchor = Literal["text", "line", "break"] | None


@dataclass(frozen=True)
class Pattern:
    """A compiled expression and what is known of where it can match."""

    compiled: re.Pattern[str]
    needs: Needs
    """Empty where nothing is known."""
    prefixes: tuple[tuple[str, Keys], ...]
    """Of these strings (each with its keys) every match begins with one; empty where that is not known."""
    headless: re.Pattern[str] | None
    """Without its leading word boundary, where it has one that can be looked at afterwards."""
    anchor: Anchor
    """The only places where a match may begin: the text, lines, or line breaks and the text; None: anywhere."""
    after_break: re.Pattern[str] | None
    """What follows a `^` or `(?:^|\\n)` that it begins with, behind a line break, to which the engine can skip."""

    def search(self, text: str, end: int | None = None, keys: Keys | None = None) -> re.Match[str] | None:
        """The first match in folded text, before `end` where it is given; `keys`: those of the text, where known."""
        stop = len(text) if end is None else end
        if self.anchor is None:
            return next(self.finditer(text, stop, keys), None)
        match = self.compiled.match(text, 0, stop)
        if match or self.anchor == "text":
            return match
        if self.after_break:
            match = self.after_break.search(text, 0, stop)
            return self.compiled.match(text, match.start() + 1, stop) if match and self.anchor == "line" else match
        found = (self.compiled.match(text, at, stop) for at in _occurrences(text, "\n", stop))
        return next(filter(None, found), None)

    def finditer(self, text: str, end: int | None = None, keys: Keys | None = None) -> Iterator[re.Match[str]]:
        """Every match in folded text; like `search`."""
        stop = len(text) if end is None else end
        # The engine skips to where a match may begin, but not behind a `\b`, with which most patterns begin.
        if self.prefixes:
            return self._from_prefixes(text, stop, keys)
        if self.headless:
            return self._from_boundary(self.headless, text, stop)
        return self.compiled.finditer(text, 0, stop)

    def _from_prefixes(self, text: str, stop: int, keys: Keys | None) -> Iterator[re.Match[str]]:
        likely = [prefix for prefix, needed in self.prefixes if keys is None or needed <= keys]
        done = 0
        for at in sorted({at for prefix in likely for at in _occurrences(text, prefix, stop)}):
            if at >= done and (match := self.compiled.match(text, at, stop)):
                yield match
                done = match.end()

    def _from_boundary(self, headless: re.Pattern[str], text: str, stop: int) -> Iterator[re.Match[str]]:
        at = 0
        # A position past the end is read as the end: without the check an empty match there would never end.
        while at <= stop and (match := headless.search(text, at, stop)):
            start, end = match.span()
            at = start + 1
            if _BOUNDARY.match(text, start):
                yield match
                at = max(end, at)


class PatternIndex:
    """Of many patterns the few that may match a page: those of whose needs the page holds the keys."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._needs: list[tuple[tuple[Keys, ...], ...]] = [
            tuple(tuple(map(keys_of, strings)) for strings in pattern.needs) for pattern in patterns
        ]
        self._always: list[int] = []
        self._by_key: dict[str, list[int]] = defaultdict(list)
        commonness = Counter(
            key for needs in self._needs for alternatives in needs for keys in alternatives for key in keys
        )
        for index, needs in enumerate(self._needs):
            # Of what a pattern needs one set is enough to find it by, and of each string in the set one key.
            ways = [{_rarest(keys, commonness) for keys in each} for each in needs if all(each)]
            for key in min(ways, key=lambda way: max((-len(key), commonness[key]) for key in way), default=()):
                self._by_key[key].append(index)
            if not ways:
                self._always.append(index)

    def candidates(self, keys: Keys) -> list[int]:
        """Places, in the sequence of patterns, of those that may match a text with these keys; the others cannot."""
        found = {index for key in keys & self._by_key.keys() for index in self._by_key[key]}
        return sorted(index for index in found.union(self._always) if _held(self._needs[index], keys))


def _rarest(keys: Keys, commonness: Counter[str]) -> str:
    return min(keys, key=lambda key: (commonness[key], key))


def _held(needs: tuple[tuple[Keys, ...], ...], keys: Keys) -> bool:
    for alternatives in needs:
        for needed in alternatives:
            if needed <= keys:
                break
        else:
            return False
    return True


def _occurrences(text: str, string: str, stop: int) -> Iterator[int]:
    at = text.find(string, 0, stop)
    while at >= 0:
        yield at
        at = text.find(string, at + 1, stop)


@lru_cache(maxsize=8192)
def compile_pattern(expression: str) -> Pattern:
    """Compile for folded text (`^` and `$` match at lines). Raise re.error, also where Python only warns."""
    folded = "".join(map(_fold_piece, _PIECE.findall(expression)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compiled = re.compile(folded, re.MULTILINE)
            headless = re.compile(folded[2:], re.MULTILINE) if _begins_with_boundary(folded) else None
            anchor, rest = _anchor(folded)
            after_break = re.compile(rf"\n{rest}", re.MULTILINE) if rest else None
        except (Warning, RecursionError, OverflowError) as doubt:
            raise re.error(str(doubt)) from doubt
    return Pattern(compiled, _needs(folded), _prefixes(folded), headless, anchor, after_break)


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


def _anchor(pattern: str) -> tuple[Anchor, str]:
    """Where alone a match may begin, for patterns that begin with `\\A`, `^` or a line break, without alternatives.

    With it what follows a `^` or `(?:^|\\n)`, else the empty string.
    """
    opening = re.match(r"\\A", pattern) or _LINE_OPENING.match(pattern)
    if opening is None or _INLINE_FLAGS.search(pattern) or _branch_end(pattern, 0) < len(pattern):
        return None, ""
    end = opening.end()
    if opening.group() == "(?:":  # the break is the first of a group, which must occur and have no alternatives itself
        end = _branch_end(pattern, end)
        if pattern[end : end + 1] != ")":
            return None, ""
        end += 1
    quantifier = _QUANTIFIER.match(pattern, end)
    if quantifier and not (opening.group() == "(?:" and _AT_LEAST_ONCE.match(quantifier.group())):
        return None, ""
    if opening.group() == r"\A":
        return "text", ""
    return "line" if opening.group() == "^" else "break", "" if opening.group() == "(?:" else pattern[end:]


def _branch_end(pattern: str, position: int) -> int:
    """Where the alternative that begins here ends: at its `|`, its closing bracket or the end of the pattern."""
    depth = 0
    while position < len(pattern):
        if span := _CLASS.match(pattern, position):
            position = span.end()
            continue
        character = pattern[position]
        if depth == 0 and character in "|)":
            break
        depth += (character == "(") - (character == ")")
        position += 2 if character == "\\" else 1
    return position


def _begins_with_boundary(pattern: str) -> bool:
    """Whether the pattern is `\\b` and something that takes up characters, without alternatives beside it."""
    if not pattern.startswith(r"\b") or _INLINE_FLAGS.search(pattern):
        return False
    try:
        return _sequence(pattern, 0)[1] == len(pattern) and not _QUANTIFIER.match(pattern, 2)
    except (IndexError, RecursionError):
        return False


def _prefixes(pattern: str) -> tuple[tuple[str, Keys], ...]:
    """What one of every match begins with, where each has two characters or more and there are not too many."""
    if _INLINE_FLAGS.search(pattern):
        return ()
    try:
        found, end = _openings(pattern, 0)
    except (IndexError, RecursionError):
        return ()
    telling = end == len(pattern) and found and min(map(len, found)) >= _MIN_PREFIX and len(found) <= _MOST_PREFIXES
    return tuple((prefix, keys_of(prefix)) for prefix in sorted(found)) if telling else ()


def _openings(pattern: str, position: int) -> tuple[frozenset[str], int]:
    """What the alternatives from `position` to the closing bracket or the end begin with."""
    found: set[str] = set()
    while True:
        end = _branch_end(pattern, position)
        found |= _opening(pattern[position:end])
        if end >= len(pattern) or pattern[end] == ")":
            return frozenset(found), end
        position = end + 1


def _opening(branch: str) -> frozenset[str]:
    """What one branch begins with: its first characters, or those of a group that it begins with."""
    position = 2 if branch.startswith(r"\b") else 0
    text = ""
    while position < len(branch):
        group = _PLAIN_GROUP.match(branch, position)
        if group:
            openings, end = _openings(branch, group.end())
            if _QUANTIFIER.match(branch, end + 1):
                break
            return frozenset(text + opening for opening in openings)
        literal, _, position = _atom(branch, position)
        if literal is None or _QUANTIFIER.match(branch, position):
            break
        text += literal
    return frozenset({text})


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
        signs = _FEW_SIGNS.fullmatch(span.group())
        return None, (frozenset(signs[1]),) if signs else nothing, span.end()
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
