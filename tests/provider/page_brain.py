"""A deterministic model of a page: it reads what the request shows, and nothing else. Same request, same answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.provider.answers import Answer, Reply, says, writes
from tests.provider.asked import Asked
from tests.provider.reading import SUBMIT, called, label_codes, label_names, readings, shortlisted

PRINTED = re.compile(r"\bpage\s+(\d{1,4})(?:\s+of\s+(\d{1,4}))?\b", re.I)
ACCOUNT = re.compile(r"\b(account|loan|invoice)\s+(?:number|no\.?|#)\s*:?\s*([\w-]{4,40})", re.I)
QUOTED = 8
"""Words of a line in a quote, at most."""
LONGEST_QUOTE = 200
"""Characters, as the schema of the verdict allows."""


@dataclass(frozen=True)
class Choice:
    """A label, with the words of the page that speak for it."""

    label: str | None
    score: float
    quote: str | None
    why: str


@dataclass(frozen=True)
class PageBrain:
    """Takes the label whose words stand first on the page, else the shortlist's first, else none.

    The words of a label are its code, its name where the instructions list it, and `words`.
    Without words of the page it calls `read_page`, then `ocr_page` where those words are not usable.
    """

    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """More phrases by label code."""
    certain: float = 0.92
    """Score of a label whose words are on the page."""
    unsure: float = 0.55
    """Score of the shortlist's first."""
    eyes: Callable[[bytes], str] | None = None
    """From a picture to the words on it, for requests that show the page as a picture only."""

    def __call__(self, asked: Asked) -> Answer:
        text, next_tool = self._look(asked)
        if next_tool:
            return says((next_tool, {"rationale": "The words of the page are needed."}))
        return _submit(self._verdict(text, asked), asked)

    def choose(self, text: str, asked: Asked) -> Choice:
        """The label for these words."""
        codes = label_codes(asked)
        found = self._first_named(text, codes, label_names(asked))
        if found:
            code, quote = found
            return Choice(code, self.certain, quote, f"The page says {quote!r}.")
        first = shortlisted(asked, codes)
        if first:
            return Choice(first, self.unsure, _beginning(text), "Nothing on the page names a label; it leads the list.")
        return Choice(None, 0.0, _beginning(text), "Nothing on the page names a label.")

    def _look(self, asked: Asked) -> tuple[str, str | None]:
        """The words of the page, or the tool to get them with."""
        shown = readings(asked)
        usable = [reading.text for reading in shown if reading.usable and reading.text.strip()]
        if usable:
            return usable[-1], None
        if self.eyes is not None and asked.images:
            return "\n".join(map(self.eyes, asked.images)), None
        done = called(asked)
        for tool in ("ocr_page",) if shown else ("read_page", "ocr_page"):
            if tool in asked.tools and tool not in done:
                return "", tool
        return next((reading.text for reading in reversed(shown) if reading.text.strip()), ""), None

    def _first_named(self, text: str, codes: Sequence[str], names: Mapping[str, str]) -> tuple[str, str] | None:
        """The code whose phrase stands first on the page, the longest of those that begin together; and its words."""
        words = text.split()
        bare = [_bare(word) for word in words]
        kept = [at for at, word in enumerate(bare) if word]
        page = f" {' '.join(bare[at] for at in kept)} "
        hits = []
        for code in codes:
            for phrase in (code.replace("_", " "), names.get(code, ""), *self.words.get(code, ())):
                wanted = " ".join(filter(None, map(_bare, phrase.split())))
                position = page.find(f" {wanted} ") if wanted else -1
                if position >= 0:
                    hits.append((position, -len(wanted), code))
        if not hits:
            return None
        position, minus_length, code = min(hits)
        first = page.count(" ", 0, position)
        last = first + page.count(" ", position + 1, position - minus_length + 1)
        return code, _quote([words[at] for at in kept[first : last + 1]])

    def _verdict(self, text: str, asked: Asked) -> dict[str, Any]:
        choice = self.choose(text, asked)
        printed = PRINTED.search(text)
        return {
            "rationale": choice.why[:600],
            "labels": [{"label": choice.label, "score": choice.score}] if choice.label else [],
            "start": _start(text, printed),
            "printed": _printed(printed),
            "identity": [
                {"kind": f"{kind.lower()}_number", "value": value} for kind, value in ACCOUNT.findall(text)[:1]
            ],
            "quotes": [choice.quote] if choice.quote and len(choice.quote) > 1 else [],
        }


def _submit(verdict: dict[str, Any], asked: Asked) -> Reply:
    """By the tool where there is one, else as JSON of the schema that was asked for."""
    if SUBMIT in asked.tools:
        return says((SUBMIT, verdict))
    if asked.answer_schema is not None:
        known = asked.answer_schema.get("properties", verdict)
        return writes({name: part for name, part in verdict.items() if name in known})
    return replace(writes("I was given no way to answer."), what="no_way_to_answer")


def _start(text: str, printed: re.Match[str] | None) -> dict[str, Any]:
    if not text.strip():
        return {"score": 0.1, "why": "The page shows no words."}
    if printed:
        first = int(printed[1]) == 1
        return {"score": 0.95 if first else 0.05, "why": f"It is numbered {printed[0]!r}."}
    if "continued" in text.casefold():
        return {"score": 0.1, "why": "It is a continuation."}
    return {"score": 0.8, "why": "Nothing says that it goes on from a page before."}


def _printed(found: re.Match[str] | None) -> dict[str, int | None] | None:
    if found is None:
        return None
    number, of = int(found[1]), int(found[2]) if found[2] else None
    return {"number": number, "of": of if of and of >= number else None}


def _beginning(text: str) -> str | None:
    """The first words of the first line that has any."""
    words = next((line.split() for line in text.splitlines() if line.strip()), [])
    return _quote(words[:QUOTED]) or None


def _quote(words: Sequence[str]) -> str:
    """As many of the words as a quote may hold."""
    while len(" ".join(words)) > LONGEST_QUOTE:
        words = words[:-1]
    return " ".join(words)


def _bare(word: str) -> str:
    return word.replace("’", "'").casefold().strip(" .,:;!?()[]{}\"'“”‘’«»|*_-–—")
