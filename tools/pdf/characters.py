"""Characters that are not drawn, and what can be smuggled in them: tags, selectors, zero-width runs, overrides."""

from __future__ import annotations

import re

NO_CHARACTER = "\uffff"
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\u180e\ufeff" + NO_CHARACTER
"""Soft hyphen, zero-width characters, invisible operators, byte order mark, non-character."""
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
SELECTORS = "".join(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
"""Variation selectors: 256 of them, so that a run of them can spell any bytes."""
TAGS = "".join(map(chr, range(0xE0000, 0xE0080)))
"""Tag characters: an invisible copy of ASCII."""

OVERRIDES = "\u202d\u202e"
"""They make text read otherwise than it is stored."""
NOT_DRAWN = frozenset(TAGS + SELECTORS + INVISIBLE + BIDI) - {chr(0xAD), chr(0xFFFF)}
RUN = re.compile(f"[{TAGS}]+|[{SELECTORS}]{{3,}}|[{INVISIBLE.replace(chr(0xAD), '')}{BIDI}]{{5,}}|[{OVERRIDES}]")


def smuggled(text: str) -> list[str]:
    """What runs of characters that are not drawn say; `[n characters]` where they spell nothing that can be read."""
    if text.isascii() or NOT_DRAWN.isdisjoint(text):
        return []
    return [_said(run.group()) for run in RUN.finditer(text.replace(NO_CHARACTER, ""))]


def _said(run: str) -> str:
    decoded = "".join(letter for character in run if (letter := _letter(ord(character))).isprintable())
    return decoded if any(map(str.isalnum, decoded)) else f"[{len(run)} characters]"


def _letter(code: int) -> str:
    if 0xE0000 <= code < 0xE0080:
        return chr(code - 0xE0000)
    if 0xE0100 <= code < 0xE01F0:
        return chr(code - 0xE0100 + 16)
    return ""
