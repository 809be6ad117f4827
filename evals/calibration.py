"""Fits calibrators: from raw scores and whether the answer was right to a confidence and a threshold for a target.

Candidates are temperature (one parameter), Platt (two) and isotonic (many), all on held-out packets: folds are grouped
by packet, because pages of one packet are alike. The simplest whose held-out log loss is within one per cent of the
lowest is taken, and is then fitted on everything; thresholds are judged on the held-out confidences. Leave packets
out of the run that repeat pages of others: grouping by packet cannot see them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from evals.errors import CalibrationError
from evals.metrics.confidence import separation
from evals.rows import PageRow, read_rows
from evals.summary import read_summary
from graph.calibrator import EDGE, RAW, Calibrator, FittedOn, ScoreMap, Thresholds, logit
from store.records import TaxonomyPin

FOLDS = 5
MIN_ROWS = 50
"""Fewer answers than this carry no fit."""
AS_GOOD = 0.01
"""Relative difference in log loss up to which a simpler map is as good; it is smoother, so thresholds bite finer."""
ALPHA = 0.05
"""One minus the one-sided confidence of the error bound."""

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class CalibrationRow:
    """One answer of a run."""

    packet: str
    raw: float
    """Raw score of the answer that was given, 0..1."""
    right: bool
    label_raw: float | None = None
    """For a boundary, the raw score of the page's label; None where the page has none."""


def fit_from_run(folder: Path, *, name: str, target: float = 0.99) -> Calibrator:
    """Fit from a finished eval run whose confidences are raw scores (run it with `graph.calibrator.raw`).

    Raises RunUnreadable for the folder, CalibrationError where the run cannot carry a calibrator.
    """
    summary = read_summary(folder)
    subject = summary.manifest.subject
    if subject.calibrator is None or subject.calibrator.name != RAW:
        used = subject.calibrator.name if subject.calibrator else "none"
        raise CalibrationError(
            f"The confidences of {folder} are no raw scores (calibrator: {used}).",
            "Run the eval with the raw calibrator, then fit.",
        )
    rows = read_rows(folder / "pages.csv")
    executed = [row for row in rows if row.executed]
    return fit_calibrator(
        label_rows(rows),
        boundary_rows(rows),
        name=name,
        model=subject.model,
        taxonomy=subject.taxonomy,
        fitted_on=FittedOn(
            dataset_sha256=summary.manifest.dataset_sha256,
            packets=tuple(dict.fromkeys(row.packet for row in executed)),
            pages=len(executed),
        ),
        target=target,
    )


def label_rows(rows: Sequence[PageRow]) -> tuple[CalibrationRow, ...]:
    """Labelled pages that were given a label with a score."""
    return tuple(
        CalibrationRow(row.packet, row.confidence, row.right)
        for row in rows
        if row.truth is not None and row.label is not None and row.confidence is not None
    )


def boundary_rows(rows: Sequence[PageRow]) -> tuple[CalibrationRow, ...]:
    """Pages with a boundary score, without the first page of each packet."""
    return tuple(
        CalibrationRow(row.packet, row.start_confidence, row.starts == row.truth_starts, label_raw=row.confidence)
        for row in rows
        if row.page > 1 and row.starts is not None and row.start_confidence is not None
    )


def fit_calibrator(
    labels: Sequence[CalibrationRow],
    boundaries: Sequence[CalibrationRow],
    *,
    name: str,
    model: str,
    taxonomy: TaxonomyPin,
    fitted_on: FittedOn,
    target: float = 0.99,
) -> Calibrator:
    """Two maps and two thresholds. Raises CalibrationError for fewer than 50 rows or 2 packets of a kind.

    The boundary's threshold has to keep the target where it decides: on pages whose label is accepted. Where the label
    is in doubt a person sees the page, boundary and all.
    """
    label, label_threshold = fit_map(labels, "labels", target)

    def decides(row: CalibrationRow) -> bool:
        return label_threshold is None or (row.label_raw is not None and label.apply(row.label_raw) >= label_threshold)

    boundary, boundary_threshold = fit_map(boundaries, "boundaries", target, decides)
    return Calibrator(
        name=name,
        model=model,
        taxonomy=taxonomy,
        label=label,
        boundary=boundary,
        target=target,
        thresholds=Thresholds(label=label_threshold, boundary=boundary_threshold),
        fitted_on=fitted_on,
    )


def fit_map(
    rows: Sequence[CalibrationRow],
    kind_of_rows: str,
    target: float,
    decides: Callable[[CalibrationRow], bool] = lambda row: True,
) -> tuple[ScoreMap, float | None]:
    """The best map for the rows, and the smallest confidence that keeps the target on held-out packets, or None.

    The map is fitted on all rows; the threshold has to keep the target among those it `decides`.
    """
    _must_carry(rows, kind_of_rows)
    score = np.array([row.raw for row in rows], dtype=np.float64)
    right = np.array([row.right for row in rows], dtype=np.float64)
    packets = np.array([row.packet for row in rows])

    held_out = {kind: _held_out(fit, score, right, packets) for kind, fit in CANDIDATES.items()}
    losses = {kind: log_loss(confidence, right) for kind, confidence in held_out.items()}
    best = next(kind for kind in CANDIDATES if losses[kind] <= min(losses.values()) * (1 + AS_GOOD))
    decided = np.array([decides(row) for row in rows])
    threshold = threshold_for(target, held_out[best][decided], right[decided])

    accepted = decided & (held_out[best] >= threshold) if threshold is not None else None
    fitted = CANDIDATES[best](score, right).model_copy(
        update={
            "cv_log_loss": losses[best],
            "cv_log_loss_raw": log_loss(np.clip(score, EDGE, 1 - EDGE), right),
            "auroc": separation(score, right),
            "accepted": None if accepted is None else int(accepted.sum()),
            "wrong": None if accepted is None else int((1 - right[accepted]).sum()),
        }
    )
    return fitted, threshold


def threshold_for(target: float, confidence: Array, right: Array) -> float | None:
    """The smallest confidence from which on the error is at most 1 − target, with 95 % confidence; None if none is.

    The upper bound is that of Clopper & Pearson (1934), one-sided: it is at most r exactly where so few errors would be
    seen with a probability of at most 5 % if the error were r. At 99 % it takes 299 answers without an error. Each
    threshold is judged as if it were the only one and answers as if they were independent; both are a little too kind.
    """
    order = np.argsort(-confidence, kind="stable")
    falling = confidence[order]
    errors = np.cumsum(1 - right[order]).astype(int)
    last_of_ties = np.flatnonzero(np.append(falling[1:] != falling[:-1], True))
    for last in last_of_ties[::-1]:
        if bound_holds(int(errors[last]), int(last) + 1, 1 - target):
            return float(falling[last])
    return None


def bound_holds(errors: int, n: int, risk: float, alpha: float = ALPHA) -> bool:
    """Whether the one-sided Clopper–Pearson upper bound on the error rate is at most `risk`: P(X ≤ errors) ≤ alpha
    for X binomial over n answers with that risk."""
    if n == 0 or errors >= risk * n:
        return False
    log_choose = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(errors + 1)]
    terms = (c + k * math.log(risk) + (n - k) * math.log1p(-risk) for k, c in enumerate(log_choose))
    return math.fsum(math.exp(term) for term in terms) <= alpha


def log_loss(confidence: Array, right: Array) -> float:
    """Mean negative log-likelihood, natural logarithm; confidences strictly between 0 and 1."""
    return float(-np.mean(right * np.log(confidence) + (1 - right) * np.log1p(-confidence)))


# ── candidates ───────────────────────────────────────────────────────────────────────────────────


def fit_temperature(score: Array, right: Array) -> ScoreMap:
    slope, _ = _logistic(score, right, intercept=False)
    return ScoreMap(kind="temperature", slope=slope, n=len(score), cv_log_loss=None, auroc=None)


def fit_platt(score: Array, right: Array) -> ScoreMap:
    slope, intercept = _logistic(score, right, intercept=True)
    return ScoreMap(kind="platt", slope=slope, intercept=intercept, n=len(score), cv_log_loss=None, auroc=None)


def fit_isotonic(score: Array, right: Array) -> ScoreMap:
    """Ends are held away from 0 and 1 by the rule of succession: n right answers of n do not promise the next one."""
    edge = 1.0 / (len(score) + 2)
    fitted = IsotonicRegression(y_min=edge, y_max=1 - edge, out_of_bounds="clip").fit(score, right)
    knots = tuple((float(x), float(y)) for x, y in zip(fitted.X_thresholds_, fitted.y_thresholds_, strict=True))
    return ScoreMap(kind="isotonic", knots=knots, n=len(score), cv_log_loss=None, auroc=None)


CANDIDATES: dict[str, Callable[[Array, Array], ScoreMap]] = {
    "temperature": fit_temperature,
    "platt": fit_platt,
    "isotonic": fit_isotonic,
}
"""Simplest first."""


def _logistic(score: Array, right: Array, *, intercept: bool) -> tuple[float, float]:
    """Slope and intercept on the logit, against Platt's smoothed targets, which stay finite where all are right.

    A falling slope would say that a higher score is worse: it becomes 0, a constant, because order must be kept.
    """
    positives = float(right.sum())
    negatives = len(right) - positives
    target = np.where(right > 0, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    x = np.array([logit(one) for one in score]).reshape(-1, 1)
    both = np.concatenate([np.ones(len(x)), np.zeros(len(x))])
    model = LogisticRegression(C=np.inf, fit_intercept=intercept, max_iter=1000)
    model.fit(np.concatenate([x, x]), both, sample_weight=np.concatenate([target, 1 - target]))
    slope = float(model.coef_[0, 0])
    if slope > 0:
        return slope, float(model.intercept_[0]) if intercept else 0.0
    mean = float(target.mean())
    return 0.0, logit(mean) if intercept else 0.0


def _held_out(fit: Callable[[Array, Array], ScoreMap], score: Array, right: Array, packets: Any) -> Array:
    """Confidence of every answer under a map that has not seen its packet."""
    confidence = np.empty(len(score))
    folds = GroupKFold(n_splits=min(FOLDS, len(set(packets))))
    for seen, unseen in folds.split(score, right, packets):
        fitted = fit(score[seen], right[seen])
        confidence[unseen] = [fitted.apply(float(one)) for one in score[unseen]]
    return confidence


def _must_carry(rows: Sequence[CalibrationRow], kind_of_rows: str) -> None:
    packets = {row.packet for row in rows}
    if len(rows) < MIN_ROWS or len(packets) < 2:
        raise CalibrationError(
            f"{len(rows)} scored {kind_of_rows} in {len(packets)} packets carry no fit.",
            f"Run at least {MIN_ROWS} in 2 packets.",
        )
