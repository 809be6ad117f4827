"""Identity keys on a page: whom or what it is about, normalised so that two pages of one document agree."""

from __future__ import annotations

import re
from collections import defaultdict

from taxonomy.folded import FoldedText, fold
from taxonomy.patterns import PatternIndex, compile_pattern
from taxonomy.types import Taxonomy

MAX_VALUES = 4
"""Values kept of one kind: a page that lists forty account numbers is not about any of them."""

_MASKS = "x*•●▪#"
_MASKED_NUMBER = re.compile(rf"[\d{re.escape(_MASKS)}]*")
_NOT_PART = re.compile(rf"[^\w{re.escape(_MASKS)}]|_")
_MASK_RUN = re.compile(rf"[{re.escape(_MASKS)}]+")
_MASK_SIGNS = re.compile(r"[*•●▪#]+")


class IdentityFinder:
    """Finds the identity keys of one taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._patterns = [
            (kind, compile_pattern(text)) for kind, patterns in taxonomy.identity_patterns.items() for text in patterns
        ]
        self._by_need = PatternIndex(pattern for _, pattern in self._patterns)

    def find(self, text: FoldedText) -> tuple[tuple[str, str], ...]:
        """Kind and normalised value, by kind in file order, then as they stand on the page; at most four a kind."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for index in self._by_need.candidates(text.keys):
            kind, pattern = self._patterns[index]
            values = found[kind]
            for match in pattern.finditer(text.lined, keys=text.keys):
                if len(values) == MAX_VALUES:
                    break
                if value := normalise_identity(match.group(1) or ""):
                    values[value] = None
        return tuple((kind, value) for kind, values in found.items() for value in values)


def normalise_identity(value: str) -> str | None:
    """One form for one identity: no spaces, no punctuation, small letters, each run of masked digits one `*`.

    None where fewer than two letters or digits are left, which says nothing.
    """
    bare = _NOT_PART.sub("", fold(value))
    # An x is a masked digit only in a number; in a name it is a letter.
    bare = _MASK_RUN.sub("*", bare) if _MASKED_NUMBER.fullmatch(bare) else _MASK_SIGNS.sub("*", bare)
    return bare if sum(map(str.isalnum, bare)) >= 2 else None
