"""Verdicts of neighbouring pages to the scores that `decode` needs.

Whether page i begins a document is a logistic regression over what the page says of itself (its start score) and what
it shares with page i−1: printed numbers, identity keys, running lines, fonts, size and kind of capture. Where the
weights are from: `docs/decisions/0010-weights.md`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from graph.assembly.decode import Floats, Potentials
from store.records import PageLook, PageVerdict
from taxonomy import Label, PageLimits, Taxonomy

BOUNDARY_WEIGHTS: Mapping[str, float] = {
    "bias": 0.0,
    "start": 0.85,
    "number_follows": -1.5,
    "was_last": 0.5,
    "identity_shared": -0.3,
    "identity_differs": 0.8,
    "form_same": -1.0,
    "form_differs": 1.5,
    "running_shared": -1.4,
    "fonts_same": -1.6,
    "fonts_differ": 1.0,
    "size_differs": 2.3,
    "capture_differs": 1.5,
    "dpi_differs": 1.3,
    "scan_same": -0.7,
}
"""Log-odds for each feature."""

SCAN_COVERAGE = 0.5
"""Share of the page that images cover on a scan."""
SAME = 0.02
"""Relative difference up to which two sizes or resolutions are the same."""
FORM = "form_number"
"""The kind of identity key that names a form; two forms of one kind in a row are two documents."""
FLOOR = 1e-4
"""Share of belief that a verdict leaves to each label it does not name."""
ATTACHED = 2.0
"""What speaks for going on where the page is of a kind that the document carries inside it; makes up for its title."""
TOO_LONG = 0.5
"""What each page beyond a label's usual maximum costs."""
FORBID = -200.0


@dataclass(frozen=True)
class Pins:
    """What reviewers have decided; outweighs every signal. Pages count from 1."""

    labels: Mapping[int, str] = field(default_factory=dict)
    starts: Mapping[int, bool] = field(default_factory=dict)


def potentials(verdicts: Sequence[PageVerdict], taxonomy: Taxonomy, pins: Pins) -> Potentials:
    """Scores for the pages in order; every label of the taxonomy in file order."""
    labels = list(taxonomy.labels.values())
    start, stay = _boundaries(verdicts, pins)
    shares = np.array([_shares(verdict, labels) for verdict in verdicts])
    attached = np.array([[_attached(verdict, label) for label in labels] for verdict in verdicts])
    pinned = np.array([_pinned(verdict, labels, pins) for verdict in verdicts])
    return Potentials(
        start=start,
        stay=stay,
        first=np.log(shares) + pinned,
        inner=np.log(shares + attached) + ATTACHED * attached + pinned,
        length=[_lengths(label.pages) for label in labels],
    )


def _shares(verdict: PageVerdict, labels: Sequence[Label]) -> list[float]:
    """Belief in each label; what the verdict leaves open is shared among the labels it does not name."""
    scores = {candidate.label: candidate.score for candidate in verdict.ranked}
    left = max(0.0, 1.0 - sum(scores.values())) / max(1, len(labels) - len(scores))
    return [scores.get(label.code, left) + FLOOR for label in labels]


def _attached(verdict: PageVerdict, label: Label) -> float:
    """Belief that the page is of a kind that such documents carry inside them, as a tax return its schedules."""
    return sum(candidate.score for candidate in verdict.ranked if candidate.label in label.contains)


def _pinned(verdict: PageVerdict, labels: Sequence[Label], pins: Pins) -> list[float]:
    pinned = pins.labels.get(verdict.page)
    return [0.0 if pinned in (None, label.code) else FORBID for label in labels]


def _lengths(limits: PageLimits) -> Floats:
    """Documents up to `max` pages cost nothing; each further page costs more, up to four times as many."""
    pages = np.arange(1, max(4 * limits.max, 8) + 1, dtype=np.float64)
    return np.asarray(-TOO_LONG * np.maximum(0, pages - limits.max))


def _boundaries(verdicts: Sequence[PageVerdict], pins: Pins) -> tuple[Floats, Floats]:
    start = np.zeros(len(verdicts))
    stay = np.zeros(len(verdicts))
    for at in range(1, len(verdicts)):
        pinned = pins.starts.get(verdicts[at].page)
        if pinned is not None:
            start[at], stay[at] = (0.0, FORBID) if pinned else (FORBID, 0.0)
            continue
        features = boundary_features(verdicts[at - 1], verdicts[at])
        odds = sum(BOUNDARY_WEIGHTS[name] * value for name, value in features.items())
        start[at], stay[at] = -math.log1p(math.exp(-odds)), -math.log1p(math.exp(odds))
    return start, stay


def boundary_features(before: PageVerdict, page: PageVerdict) -> dict[str, float]:
    """What speaks for and against a document beginning on `page`, by name; 0 where nothing is known."""
    start = page.start.score
    features = {
        "bias": 1.0,
        "start": 0.0 if start is None else math.log(_inside(start) / (1 - _inside(start))),
        **_number_features(before, page),
        **_identity_features(before, page),
        "running_shared": float(bool(set(before.running) & set(page.running))),
    }
    if before.look is not None and page.look is not None:
        features |= _look_features(before.look, page.look)
    return features


def _inside(probability: float) -> float:
    return min(max(probability, 0.005), 0.995)


def _number_features(before: PageVerdict, page: PageVerdict) -> dict[str, float]:
    previous, current = before.printed, page.printed
    if previous is None:
        return {}
    follows = current is not None and current.number == previous.number + 1 and previous.of == current.of
    was_last = previous.of is not None and previous.number >= previous.of
    return {"number_follows": float(follows), "was_last": float(was_last and not follows)}


def _identity_features(before: PageVerdict, page: PageVerdict) -> dict[str, float]:
    previous = {(key.kind, key.value) for key in before.identity}
    current = {(key.kind, key.value) for key in page.identity}
    kinds = {kind for kind, _ in previous} & {kind for kind, _ in current}
    shared = {kind for kind, _ in previous & current}
    both_forms = FORM in kinds
    return {
        "identity_shared": float(bool(shared - {FORM})),
        "identity_differs": float(bool(kinds - shared - {FORM})),
        "form_same": float(FORM in shared),
        "form_differs": float(both_forms and FORM not in shared),
    }


def _look_features(before: PageLook, page: PageLook) -> dict[str, float]:
    same_size = _close(before.width_pt, page.width_pt) and _close(before.height_pt, page.height_pt)
    captures = _capture(before), _capture(page)
    features = {
        "size_differs": float(not same_size),
        "capture_differs": float(None not in captures and captures[0] != captures[1]),
    }
    if captures == ("digital", "digital") and before.fonts and page.fonts:
        fonts = {*before.fonts}, {*page.fonts}
        overlap = len(fonts[0] & fonts[1]) / len(fonts[0] | fonts[1])
        features |= {"fonts_same": float(overlap >= 0.5), "fonts_differ": float(overlap < 0.2)}
    if captures == ("scan", "scan") and before.image_dpi and page.image_dpi:
        same_dpi = _close(before.image_dpi, page.image_dpi)
        features |= {"dpi_differs": float(not same_dpi), "scan_same": float(same_dpi and same_size)}
    return features


def _capture(look: PageLook) -> Literal["scan", "digital"] | None:
    """None for a blank page: it could come from either."""
    if look.image_coverage > SCAN_COVERAGE:
        return "scan"
    return "digital" if look.layer_words else None


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= SAME * max(abs(one), abs(other))
