"""From signals to a verdict without a language model: cues, examples and the shape of the text, weighed in log-odds.

Labels: softmax over `cue · C + example · log(p + ε)`, in which every label that no signal speaks for competes with a
zero, so that a page nothing speaks for keeps its scores low. Start of a document: logistic regression over a handful of
features. The weights say how far to trust each signal, not what any document looks like. Where they are from:
`docs/decisions/0010-weights.md`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CUE = 1.0
"""Weight of a label's cue log-odds."""
EXAMPLE = 0.7
"""Weight of a label's logarithmic share among similar examples."""
FLOOR = 0.01
"""Share that examples leave to a label they never show."""


@dataclass(frozen=True)
class Signals:
    """What the tools found out about one page."""

    cues: Mapping[str, float]
    """Label to log-odds."""
    starts: Mapping[str, float]
    """Label to log-odds that a document of it begins here."""
    examples: Mapping[str, float]
    """Label to share among similar examples; empty without examples."""
    example_start: float | None
    """Probability of a beginning by the examples; None without examples."""
    printed: tuple[int, int | None] | None
    text: str
    labels: int
    """Labels of the taxonomy."""


@dataclass(frozen=True)
class Fused:
    """What the signals come to."""

    ranked: tuple[tuple[str, float], ...]
    """Labels by falling score, at most six; scores sum to at most 1."""
    start: float
    start_why: str
    disagreement: tuple[str, str] | None
    """The label of the cues and the label of the examples where both are strong and differ."""


def fuse(signals: Signals) -> Fused:
    """Weigh the signals of one page."""
    ranked = _rank(signals)
    start, why = _start(signals, ranked)
    return Fused(ranked, start, why, _disagreement(signals))


def _rank(signals: Signals) -> tuple[tuple[str, float], ...]:
    logits = {
        label: CUE * signals.cues.get(label, 0.0) + _example_logit(signals, label)
        for label in {*signals.cues, *signals.examples}
    }
    unnamed = signals.labels - len(logits)
    top = max([0.0, *logits.values()])
    total = unnamed * math.exp(-top) + sum(math.exp(logit - top) for logit in logits.values())
    ranked = sorted(
        ((label, math.exp(logit - top) / total) for label, logit in logits.items()), key=lambda s: (-s[1], s[0])
    )
    return tuple((label, round(score, 6)) for label, score in ranked[:6])


def _example_logit(signals: Signals, label: str) -> float:
    if not signals.examples:
        return 0.0
    return EXAMPLE * (math.log(signals.examples.get(label, 0.0) + FLOOR) - math.log(FLOOR))


def _disagreement(signals: Signals) -> tuple[str, str] | None:
    by_cues = max(signals.cues.items(), key=lambda item: item[1], default=None)
    by_examples = max(signals.examples.items(), key=lambda item: item[1], default=None)
    if by_cues is None or by_examples is None or by_cues[0] == by_examples[0]:
        return None
    strong = by_cues[1] >= 4.0 and by_examples[1] >= 0.6
    return (by_cues[0], by_examples[0]) if strong else None


# ── does a document begin here? ──────────────────────────────────────────────────────────────────

START_WEIGHTS: Mapping[str, float] = {
    "bias": -0.9,
    "label_start": 0.55,
    "printed_later": -2.3,
    "example_start": 0.3,
    "runs_on": -0.8,
    "clause": -1.5,
    "continued": -0.5,
    "title": 1.1,
}
"""Log-odds for each feature."""

CLAUSE = re.compile(r"[(\[]?(?:[a-z]|\d{1,2}|[ivx]+)[).]", re.IGNORECASE)
CONTINUED = re.compile(r"\bcontinued\b|\bcont\.|\bcont’?'?d\b", re.IGNORECASE)


def start_features(signals: Signals, ranked: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Features of the start model, by name."""
    expected = sum(score * signals.starts.get(label, 0.0) for label, score in ranked)
    lines = [line.strip() for line in signals.text.splitlines() if line.strip()]
    return {
        "bias": 1.0,
        "label_start": max(-6.0, min(6.0, expected)),
        "printed_later": float(signals.printed is not None and signals.printed[0] > 1),
        "example_start": 0.0 if signals.example_start is None else _logit(signals.example_start),
        "runs_on": float(_runs_on(lines)),
        "clause": float(bool(lines) and CLAUSE.match(lines[0]) is not None),
        "continued": float(any(CONTINUED.search(line) for line in lines[:5])),
        "title": float(any(line.isupper() and len(line) >= 6 and len(line.split()) <= 9 for line in lines[:4])),
    }


def _start(signals: Signals, ranked: Sequence[tuple[str, float]]) -> tuple[float, str]:
    features = start_features(signals, ranked)
    parts = {name: START_WEIGHTS[name] * value for name, value in features.items()}
    score = 1 / (1 + math.exp(-sum(parts.values())))
    telling = max((name for name in parts if name != "bias"), key=lambda name: abs(parts[name]))
    return round(score, 6), _WHY[telling] if abs(parts[telling]) >= 0.5 else "nothing on the page tells"


_WHY = {
    "label_start": "title and first-page cues",
    "printed_later": "the printed page number is beyond 1",
    "example_start": "similar examples",
    "runs_on": "the first line goes on from an earlier page",
    "clause": "it begins with a clause or list item",
    "continued": "it says that it is continued",
    "title": "a title in capitals stands at the top",
}


def _runs_on(lines: Sequence[str]) -> bool:
    """Whether the first line of running text begins in the middle of a sentence."""
    line = next((line for line in lines if len(line.split()) >= 4), "")
    return re.match(r"[a-z]{2,}", line) is not None


def _logit(probability: float) -> float:
    bounded = min(max(probability, 0.02), 0.98)
    return math.log(bounded / (1 - bounded))
