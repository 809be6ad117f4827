"""Where a page names itself: its first lines, and how a title stands in them."""

from __future__ import annotations

from bisect import bisect_right

from taxonomy.folded import WORD, FoldedText

_LINES = 12
_LEAST, _MOST = 600, 1500
_WORDS_BESIDE = 5
_EMBEDDED = 1 / 3


class TitleZone:
    """The first twelve lines of a folded page, at least 600 and at most 1,500 characters."""

    def __init__(self, page: FoldedText) -> None:
        self._page = page
        self._starts = [0]
        for at, character in enumerate(page.lined[:_MOST]):
            if character == "\n":
                self._starts.append(at + 1)
        twelfth = self._starts[_LINES] - 1 if len(self._starts) > _LINES else len(page.lined)
        self.end = min(max(twelfth, _LEAST), _MOST, len(page.lined))
        """Where the zone ends in the folded text."""
        self._has_capitals = page.has_capitals(_MOST)

    def standing(self, start: int, end: int) -> float:
        """Share of its weight a title at this place has: 1 as a heading, a third inside a sentence, 0 below the zone.

        A heading begins its line, or shares it with at most five words (`Form W-2 Wage and Tax Statement 2023`), and
        does not begin with a small letter: that is a sentence broken into lines.
        """
        if start < 0 or end > self.end:
            return 0.0
        if self._has_capitals and self._page.starts_lower(start):
            return _EMBEDDED
        line = bisect_right(self._starts, start) - 1
        before = WORD.findall(self._page.lined, self._starts[line], start)
        if not before:
            return 1.0
        line_end = self._page.lined.find("\n", end)
        after = WORD.findall(self._page.lined, end, line_end if line_end >= 0 else len(self._page.lined))
        return 1.0 if len(before) + len(after) <= _WORDS_BESIDE else _EMBEDDED
