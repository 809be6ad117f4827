"""Whether a confidence can be believed, for labels and for boundaries apart.

Only pages that bear a confidence are scored; how many do not is reported beside it, because *not scored* is not 0.
The answer scored is the one given: for a label whether it is right, for a boundary whether `starts` is right.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import roc_auc_score

from evals.rows import PageRow
from store.records import Record

PRECISIONS = (0.99, 0.98, 0.95)
BINS = 15


class RiskCoveragePoint(Record):
    """How much could be accepted at a wanted precision, looking back on this very set.

    An optimistic, empirical figure (selective classification, El-Yaniv & Wiener 2010; Geifman & El-Yaniv 2017), not a
    guarantee: the thresholds of a calibrator carry the guarantee.
    """

    precision: float
    """Wanted share of right answers among the accepted."""
    coverage: float | None
    """Largest share of all pages, unscored and not executed ones included, whose accepted answers reach it; 0 where no
    threshold does, None where nothing is scored."""
    threshold: float | None
    """Accept from this confidence on; None where no threshold reaches it."""
    accepted: int


class ConfidenceMetrics(Record):
    """One kind of confidence."""

    n: int
    """Pages that bear one."""
    unscored: int
    """Pages that bear none, for lack of an answer or of a calibrator."""
    mean_confidence: float | None
    accuracy: float | None
    """Of the scored pages."""
    ece: float | None
    """Expected calibration error, 0..1: mean over pages of |mean confidence − accuracy| of their bin, in 15
    bins of equal mass (Naeini et al. 2015; equal mass after Nguyen & O'Connor 2015), equal confidences never parted."""
    brier: float | None
    """Mean of (confidence − right)² (Brier 1950)."""
    auroc: float | None
    """Probability that a right answer bears a higher confidence than a wrong one, ties half (Hanley & McNeil 1982);
    None where all are right or all are wrong. A small ECE with an AUROC near 0.5 is a useless confidence."""
    risk_coverage: tuple[RiskCoveragePoint, ...]


def label_confidence(rows: Sequence[PageRow]) -> ConfidenceMetrics:
    """Over labelled pages."""
    labelled = [row for row in rows if row.truth is not None]
    return confidence_metrics([(row.confidence, row.right) for row in labelled])


def boundary_confidence(rows: Sequence[PageRow]) -> ConfidenceMetrics:
    """Over all pages but the first of each packet."""
    asked = [row for row in rows if row.page > 1]
    return confidence_metrics([(row.start_confidence, row.starts == row.truth_starts) for row in asked])


def confidence_metrics(answers: Sequence[tuple[float | None, bool]]) -> ConfidenceMetrics:
    """All figures for answers given as (confidence or None, right?)."""
    scored = [(confidence, right) for confidence, right in answers if confidence is not None]
    confidence = np.array([c for c, _ in scored], dtype=np.float64)
    right = np.array([r for _, r in scored], dtype=np.float64)
    n = len(scored)
    return ConfidenceMetrics(
        n=n,
        unscored=len(answers) - n,
        mean_confidence=float(confidence.mean()) if n else None,
        accuracy=float(right.mean()) if n else None,
        ece=expected_calibration_error(confidence, right) if n else None,
        brier=float(np.mean((confidence - right) ** 2)) if n else None,
        auroc=separation(confidence, right),
        risk_coverage=tuple(_coverage_at(wanted, confidence, right, len(answers)) for wanted in PRECISIONS),
    )


Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


def expected_calibration_error(confidence: Floats, right: Floats, bins: int = BINS) -> float:
    """Equal-mass ECE. A run of equal confidences goes whole into the bin its middle rank falls into."""
    order = np.argsort(confidence, kind="stable")
    _, first, count = np.unique(confidence[order], return_index=True, return_counts=True)
    middle = (first + (count - 1) / 2 + 0.5) / len(confidence)
    bin_of = np.repeat(np.minimum((middle * bins).astype(int), bins - 1), count)
    gaps = np.bincount(bin_of, weights=(confidence - right)[order], minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


def separation(score: Floats, right: Floats) -> float | None:
    """AUROC of a score for being right; None where all are right, all are wrong, or there is nothing."""
    if len(right) == 0 or right.min() == right.max():
        return None
    return float(roc_auc_score(right, score))


def _coverage_at(wanted: float, confidence: Floats, right: Floats, pages: int) -> RiskCoveragePoint:
    if not len(confidence):
        return RiskCoveragePoint(precision=wanted, coverage=None, threshold=None, accepted=0)
    order = np.argsort(-confidence, kind="stable")
    falling = confidence[order]
    last_of_ties = np.append(falling[1:] != falling[:-1], True)
    accepted = np.arange(1, len(falling) + 1)
    # A hair of slack, so that 99 right of 100 reaches 0.99 in binary arithmetic too.
    reaches = last_of_ties & (np.cumsum(right[order]) >= wanted * accepted - 1e-9)
    if not reaches.any():
        return RiskCoveragePoint(precision=wanted, coverage=0.0, threshold=None, accepted=0)
    most = int(accepted[reaches].max())
    return RiskCoveragePoint(precision=wanted, coverage=most / pages, threshold=float(falling[most - 1]), accepted=most)
