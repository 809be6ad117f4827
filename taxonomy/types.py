"""A taxonomy in memory: labels with their cues, identity patterns and rules, and the hash of the file they came from.

The YAML form is described in `docs/taxonomy.md`; `load.py` reads it, `cues.py` matches it against a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CueKind = Literal["phrase", "pattern", "title", "first_page", "continuation", "negative"]
"""phrase, pattern: evidence for the label anywhere on the page (literal words, or a regular expression).
title: words that count only in the first lines of a page, where a document names itself; also says "starts here".
first_page: evidence that the page begins a document of this label. continuation: that it does not begin one.
negative: evidence against the label."""


@dataclass(frozen=True)
class Cue:
    """One piece of knowledge about a label."""

    kind: CueKind
    text: str
    """The phrase, or the regular expression where `regex` is true."""
    regex: bool
    weight: float
    """Log-odds (natural logarithm) it adds; negative cues subtract it. Around 1 hints, 3 is strong, 6 decides."""


@dataclass(frozen=True)
class PageLimits:
    """How long documents of a label are, in pages."""

    typical: int
    max: int


@dataclass(frozen=True)
class Label:
    """One kind of document."""

    code: str
    name: str
    group: str
    description: str
    """For models and people: what it is, and how it differs from its neighbours."""
    pages: PageLimits
    identity: tuple[str, ...]
    """Kinds of identity keys that tell two documents of this label apart: keys of `Taxonomy.identity_patterns`."""
    cues: tuple[Cue, ...]
    prior: float = 0.0
    """Log-odds before anything is read; negative for catch-all labels."""
    contains: tuple[str, ...] = ()
    """Labels whose pages a document of this label may carry inside it, as a tax return carries its schedules."""


@dataclass(frozen=True)
class Rule:
    """A condition in CEL over a page, a document or the whole packet; false is a finding."""

    id: str
    on: Literal["packet", "document", "page"]
    severity: Literal["info", "warning", "error"]
    when: str | None
    """CEL: the rule applies only where this is true; None: always."""
    require: str
    """CEL: must be true. A missing fact makes the outcome `unknown`."""
    message: str


@dataclass(frozen=True)
class Taxonomy:
    """Everything that may be said, in one immutable value."""

    name: str
    version: int
    sha256: str
    description: str
    groups: dict[str, str]
    """Group code to name."""
    labels: dict[str, Label]
    """By code, in file order."""
    identity_patterns: dict[str, tuple[str, ...]]
    """Kind of identity key to regular expressions with one capturing group."""
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class CueHit:
    """One cue found on a page."""

    kind: CueKind
    cue: str
    quote: str
    """The words on the page that matched, as they stand there (at most 120 characters)."""
    weight: float


@dataclass(frozen=True)
class LabelCues:
    """What the cues of one label say of one page."""

    label: str
    score: float
    """Log-odds for the label: prior plus the weights of its hits."""
    start: float
    """Log-odds that the page begins a document of this label (titles, first-page and continuation cues)."""
    hits: tuple[CueHit, ...]


@dataclass(frozen=True)
class CueReport:
    """What all cues say of one page."""

    labels: tuple[LabelCues, ...]
    """Labels with at least one hit, by falling score."""
    identity: tuple[tuple[str, str], ...]
    """Kind and normalised value of each identity key found."""
    printed: tuple[int, int | None] | None
    """Printed page number and total, `Page 3 of 5` gives (3, 5)."""
    running: tuple[str, ...]
    """Normalised first and last lines of the page, at most three each."""
