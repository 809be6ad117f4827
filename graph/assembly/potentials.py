"""Verdicts of neighbouring pages to the scores that `decode` needs.

Whether page i begins a document is a logistic regression over what the page says of itself (its start score) and what
it shares with page i−1: printed numbers, identity keys, running lines, fonts, size and kind of capture. The weights
were fitted by `evals/fit.py`, grouped by packet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from graph.assembly.decode import Potentials
from store.records import PageLook, PageVerdict
from taxonomy import PageLimits, Taxonomy

BOUNDARY_WEIGHTS: Mapping[str, float] = {
    "bias": 0.0,
    "start": 1.0,
    "number_follows": -4.0,
    "number_restarts": 2.0,
    "number_breaks": 1.0,
    "was_last": 3.0,
    "identity_shared": -2.0,
    "identity_differs": 1.0,
    "running_shared": -2.0,
    "fonts_same": -1.5,
    "fonts_differ": 1.0,
    "size_differs": 2.0,
    "capture_differs": 2.0,
    "dpi_differs": 1.5,
}

EMIT = 1.0
"""How much a page's own label scores count inside a document."""
FLOOR = 1e-4
"""Share of belief that a verdict leaves to each label it does not name."""
TOO_LONG = 0.7
"""Log-odds that each page beyond a label's usual maximum costs."""


@dataclass(frozen=True)
class Pins:
    """What reviewers have decided; outweighs every signal. Pages count from 1."""

    labels: Mapping[int, str] = field(default_factory=dict)
    starts: Mapping[int, bool] = field(default_factory=dict)


def potentials(verdicts: Sequence[PageVerdict], taxonomy: Taxonomy, pins: Pins) -> Potentials:
    """Scores for the pages in order; every label of the taxonomy in file order."""
    codes = list(taxonomy.labels)
    start, stay = _boundaries(verdicts, pins)
    return Potentials(
        start=start,
        stay=stay,
        emit=np.array([_emission(verdict, codes, pins) for verdict in verdicts]),
        length=[_lengths(taxonomy.labels[code].pages) for code in codes],
    )


def _emission(verdict: PageVerdict, codes: Sequence[str], pins: Pins) -> list[float]:
    pinned = pins.labels.get(verdict.page)
    if pinned is not None:
        return [0.0 if code == pinned else -200.0 for code in codes]
    scores = {candidate.label: candidate.score for candidate in verdict.ranked}
    left = max(0.0, 1.0 - sum(scores.values())) / len(codes)
    return [EMIT * math.log(scores.get(code, 0.0) + left + FLOOR) for code in codes]


def _lengths(limits: PageLimits) -> np.ndarray:
    """Documents up to `max` pages cost nothing; each further page costs more, up to four times as many."""
    pages = np.arange(1, max(4 * limits.max, 8) + 1)
    return -TOO_LONG * np.maximum(0, pages - limits.max).astype(np.float64)


def _boundaries(verdicts: Sequence[PageVerdict], pins: Pins) -> tuple[np.ndarray, np.ndarray]:
    start = np.zeros(len(verdicts))
    stay = np.zeros(len(verdicts))
    for at in range(1, len(verdicts)):
        pinned = pins.starts.get(verdicts[at].page)
        if pinned is not None:
            start[at], stay[at] = (0.0, -200.0) if pinned else (-200.0, 0.0)
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
    was_last = previous is not None and previous.of is not None and previous.number >= previous.of
    if previous is None or current is None:
        return {"was_last": float(was_last)}
    same_total = previous.of == current.of
    follows = current.number == previous.number + 1 and same_total
    return {
        "number_follows": float(follows),
        "number_restarts": float(current.number == 1 and not follows),
        "number_breaks": float(current.number > 1 and not follows and current.number != previous.number),
        "was_last": float(was_last and not follows),
    }


def _identity_features(before: PageVerdict, page: PageVerdict) -> dict[str, float]:
    previous = {(key.kind, key.value) for key in before.identity}
    current = {(key.kind, key.value) for key in page.identity}
    kinds = {kind for kind, _ in previous} & {kind for kind, _ in current}
    shared = {kind for kind, _ in previous & current}
    return {"identity_shared": float(bool(shared)), "identity_differs": float(bool(kinds - shared))}


def _look_features(before: PageLook, page: PageLook) -> dict[str, float]:
    same_size = _close(before.width_pt, page.width_pt, 0.01) and _close(before.height_pt, page.height_pt, 0.01)
    fonts = {*before.fonts}, {*page.fonts}
    overlap = len(fonts[0] & fonts[1]) / len(fonts[0] | fonts[1]) if fonts[0] and fonts[1] else None
    dpis = before.image_dpi, page.image_dpi
    scanned = [look.layer_words == 0 or look.image_coverage > 0.8 for look in (before, page)]
    return {
        "size_differs": float(not same_size),
        "fonts_same": 0.0 if overlap is None else float(overlap >= 0.5),
        "fonts_differ": 0.0 if overlap is None else float(overlap < 0.2),
        "capture_differs": float(scanned[0] != scanned[1]),
        "dpi_differs": float(all(scanned) and None not in dpis and not _close(dpis[0] or 0, dpis[1] or 0, 0.03)),
    }


def _close(one: float, other: float, tolerance: float) -> bool:
    return abs(one - other) <= tolerance * max(abs(one), abs(other), 1e-9)
