"""Identity keys on a page: whom or what it is about, normalised so that two pages of one document agree."""

from __future__ import annotations

import re

from taxonomy.folded import FoldedText, fold
from taxonomy.patterns import Pattern, compile_pattern
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
        self._patterns: list[tuple[str, tuple[Pattern, ...]]] = [
            (kind, tuple(map(compile_pattern, patterns))) for kind, patterns in taxonomy.identity_patterns.items()
        ]

    def find(self, text: FoldedText) -> tuple[tuple[str, str], ...]:
        """Kind and normalised value, by kind in file order, then as they stand on the page; at most four a kind."""
        found: list[tuple[str, str]] = []
        for kind, patterns in self._patterns:
            values: dict[str, None] = {}
            for pattern in patterns:
                for match in pattern.finditer(text.lined):
                    if value := normalise_identity(match.group(1) or ""):
                        values[value] = None
                    if len(values) == MAX_VALUES:
                        break
                if len(values) == MAX_VALUES:
                    break
            found.extend((kind, value) for value in values)
        return tuple(found)


def normalise_identity(value: str) -> str | None:
    """One form for one identity: no spaces, no punctuation, small letters, each run of masked digits one `*`.

    None where fewer than two letters or digits are left, which says nothing.
    """
    bare = _NOT_PART.sub("", fold(value))
    # An x is a masked digit only in a number; in a name it is a letter.
    bare = _MASK_RUN.sub("*", bare) if _MASKED_NUMBER.fullmatch(bare) else _MASK_SIGNS.sub("*", bare)
    return bare if sum(map(str.isalnum, bare)) >= 2 else None
