"""What a page prints about its own place: its number, and the lines that run through a document."""

from __future__ import annotations

import re

_ZONE_LINES = 3
_LINE_CHARACTERS = 200
_MAX_PAGES = 3000
_MAX_LONE = 999  # a lone 2023 is a year

_NUMBER = r"(?P<number>[\dlI|O]{1,4})"
_TOTAL = r"(?P<total>[\dlI|O]{1,4})"
_NOT_MORE = r"(?![\w.,/%$]?\d|[A-Za-z])"

_FULL = re.compile(
    rf"(?<![A-Za-z])(?:page|pg\.?|sheet)\s{{0,3}}[:#]?\s{{0,3}}{_NUMBER}\s{{0,3}}(?:of|/)\s{{0,3}}{_TOTAL}{_NOT_MORE}",
    re.I,
)
"""`Page 3 of 5`, `PAGE 1/5`, `Pg. 2 of 2`; OCR often reads a 1 as l, I or |."""
_NAMED = re.compile(
    r"(?<![A-Za-z])(?:page|pg\.?)\s{0,3}[:#]?\s{0,3}-?\s{0,2}(?P<number>\d{1,4})(?!\d|[.,/-]\d|[A-Za-z]|\s{0,3}(?:of|/)\s{0,3}\d)",
    re.I,
)
"""`Page 3`, `(Page 2)`, `Form 1040 (2023) Page 2`."""
_WORD_TEMPLATE = re.compile(r"(?<!\S)(?P<number>\d{1,4})\s?\|\s?p\s?a\s?g\s?e(?![a-z])", re.I)
_SHORT = re.compile(r"(?<!\S)p\.\s?(?P<number>\d{1,4})(?:\s?/\s?(?P<total>\d{1,4}))?(?!\S)", re.I)
_OF = re.compile(r"(?<!\S)(?P<number>\d{1,4})\s+of\s+(?P<total>\d{1,4})(?:\s+pages?)?\s*$", re.I)
_ALONE = (
    re.compile(r"^\(?(?P<number>\d{1,4})\s?/\s?(?P<total>\d{1,4})\)?$"),
    re.compile(r"^[-–—~]+\s?(?P<number>\d{1,4})\s?[-–—~]+$"),
    re.compile(r"^\[?(?P<number>[1-9]\d{0,2})\]?$"),
)
_REFERS_ELSEWHERE = re.compile(
    r"(?:\b(?:see|on|from|to|at|in|of|and|next|this|following|previous|through|thru|refer\w*|continued)\s*[:,]?\s*\(?|\b\d\s*)$",
    re.I,
)
_COUNTS_SOMETHING_ELSE = re.compile(
    r"\b(?:copy|box|part|step|item|line|month|payment|week|phase|lot|unit|section)s?\s*$", re.I
)
_DIGITS = re.compile(r"\d+")
# The forms ignore case, so both cases of what OCR makes of a digit come here.
_MISREAD = str.maketrans({"l": "1", "L": "1", "i": "1", "I": "1", "|": "1", "o": "0", "O": "0"})


def printed_number(text: str) -> tuple[int, int | None] | None:
    """The page number a page prints, and the total where it prints one: `Page 3 of 5` gives (3, 5).

    The footer is asked before the header, and full forms before weak ones; forms that could be a date, an amount or a
    count of something else are taken only where they stand alone in the first or last lines.
    """
    lines = _lines(text)
    header, footer = lines[:_ZONE_LINES], lines[_ZONE_LINES:][-_ZONE_LINES:]
    zones = ["\n".join(footer), "\n".join(header)]
    for zone in (*zones, "\n".join(lines)):
        if found := _search(_FULL, zone):
            return found
    for form in (_NAMED, _WORD_TEMPLATE, _SHORT):
        for zone in zones:
            if found := _search(form, zone):
                return found
    edge = [*reversed(footer), *header]
    for line in edge:
        match = _OF.search(line)
        if match and not _COUNTS_SOMETHING_ELSE.search(line[: match.start()]) and (found := _number(match)):
            return found
    for line in lines[-1:] + lines[:1]:
        for form in _ALONE:
            if (match := form.match(line)) and (found := _number(match)):
                return found
    return None


def running_lines(text: str) -> tuple[str, ...]:
    """The first and the last three lines at most, in lower case, digits as `#`: what a header or footer repeats."""
    lines = _lines(text)
    edge = lines[:_ZONE_LINES] + lines[_ZONE_LINES:][-_ZONE_LINES:]
    return tuple(_DIGITS.sub("#", line.casefold()) for line in edge)


def _search(form: re.Pattern[str], zone: str) -> tuple[int, int | None] | None:
    """The last match that speaks of this page and not of another one."""
    for match in reversed(list(form.finditer(zone))):
        if not _REFERS_ELSEWHERE.search(zone[: match.start()][-24:].rpartition("\n")[2]) and (found := _number(match)):
            return found
    return None


def _number(match: re.Match[str]) -> tuple[int, int | None] | None:
    """Number and total, where they can be those of a page."""
    groups = match.groupdict()
    digits = groups["number"].translate(_MISREAD)
    number = int(digits)
    total = int(groups["total"].translate(_MISREAD)) if groups.get("total") else None
    if not 1 <= number <= _MAX_PAGES or (total is not None and not number <= total <= _MAX_PAGES):
        return None
    return number, total


def _lines(text: str) -> list[str]:
    """Lines that hold something, with single spaces, cut to a sensible length."""
    return [
        cut for line in text.splitlines() if (cut := " ".join(line[: 4 * _LINE_CHARACTERS].split())[-_LINE_CHARACTERS:])
    ]
