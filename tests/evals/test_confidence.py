"""Confidence metrics: by hand, and against scikit-learn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from evals.metrics.confidence import (
    boundary_confidence,
    confidence_metrics,
    expected_calibration_error,
    label_confidence,
)
from evals.rows import PageRow

Row = Callable[..., PageRow]


def test_by_hand() -> None:
    """Four answers, three right: Brier, AUROC and mean as worked out on paper."""
    metrics = confidence_metrics([(0.9, True), (0.8, True), (0.6, False), (0.5, True), (None, False)])
    assert (metrics.n, metrics.unscored) == (4, 1)
    assert metrics.mean_confidence == pytest.approx(0.7)
    assert metrics.brier == pytest.approx((0.01 + 0.04 + 0.36 + 0.25) / 4)
    # The wrong one stands below two of three right ones.
    assert metrics.auroc == pytest.approx(2 / 3)


def test_equal_mass_bins_by_hand() -> None:
    """Two bins of two: gaps |0.1 − 0| and |0.85 − 1| weigh half each."""
    confidence, right = np.array([0.1, 0.9, 0.1, 0.8]), np.array([0.0, 1.0, 0.0, 1.0])
    assert expected_calibration_error(confidence, right, bins=2) == pytest.approx(0.5 * 0.1 + 0.5 * 0.15)


def test_equal_confidences_are_never_parted() -> None:
    """A machine that says 0.75 of everything and is right three times of four is calibrated, in whatever order."""
    for right in ([1.0, 1.0, 1.0, 0.0], [0.0, 1.0, 1.0, 1.0]):
        assert expected_calibration_error(np.full(4, 0.75), np.array(right), bins=15) == pytest.approx(0.0)


def test_coverage_at_a_precision_by_hand() -> None:
    """Precision falls below the wish and rises again: the widest threshold that keeps it is taken."""
    answers = [(0.99, True), (0.98, False), *[(0.9, True)] * 18, (0.5, False)]
    at_95 = confidence_metrics(answers).risk_coverage[-1]
    assert at_95.precision == 0.95
    assert (at_95.accepted, at_95.threshold) == (20, 0.9)
    assert at_95.coverage == pytest.approx(20 / 21)
    at_99 = confidence_metrics(answers).risk_coverage[0]
    assert (at_99.accepted, at_99.threshold) == (1, 0.99)


def test_ties_are_accepted_together() -> None:
    """A threshold cannot tell equal confidences apart, so it may not take the right half of them."""
    point = confidence_metrics([(0.9, True), (0.9, False)]).risk_coverage[0]
    assert (point.coverage, point.threshold) == (0.0, None)


def test_unscored_answers_shrink_the_coverage() -> None:
    """Coverage is a share of all pages: what bears no confidence can never be accepted."""
    assert confidence_metrics([(0.9, True), (None, True)]).risk_coverage[0].coverage == 0.5


def test_without_scores_there_are_no_figures() -> None:
    """Not scored is null everywhere, never 0 and never perfect."""
    metrics = confidence_metrics([(None, True), (None, False)])
    assert (metrics.n, metrics.unscored) == (0, 2)
    assert (metrics.ece, metrics.brier, metrics.auroc, metrics.accuracy) == (None, None, None, None)
    assert {point.coverage for point in metrics.risk_coverage} == {None}


def test_one_class_has_no_auroc() -> None:
    """Where all are right nothing separates."""
    assert confidence_metrics([(0.9, True), (0.1, True)]).auroc is None


def test_labels_and_boundaries_are_scored_apart(row: Row) -> None:
    """Unlabelled pages leave the labels, first pages leave the boundaries."""
    rows = [
        row(page=1, truth=None, confidence=0.1, start_confidence=0.1),
        row(page=2, truth_starts=False, starts=True, confidence=0.8, start_confidence=0.6),
    ]
    label, boundary = label_confidence(rows), boundary_confidence(rows)
    assert (label.n, label.mean_confidence, label.accuracy) == (1, 0.8, 1.0)
    assert (boundary.n, boundary.mean_confidence, boundary.accuracy) == (1, 0.6, 0.0)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20).map(lambda n: n / 20), st.booleans()), min_size=1, max_size=80))
def test_agrees_with_scikit_learn(answers: list[tuple[float, bool]]) -> None:
    """Brier and AUROC are scikit-learn's, ties included; ECE is never above the worst single gap."""
    metrics = confidence_metrics(list(answers))
    right = [r for _, r in answers]
    score = [c for c, _ in answers]
    assert metrics.brier == pytest.approx(brier_score_loss(right, score, pos_label=True, labels=[False, True]))
    if len(set(right)) == 2:
        assert metrics.auroc == pytest.approx(roc_auc_score(right, score))
    assert metrics.ece is not None
    assert 0 <= metrics.ece <= max(abs(c - r) for c, r in answers) + 1e-9
