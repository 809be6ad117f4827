"""Fitting calibrators, and applying them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.calibration import (
    CANDIDATES,
    CalibrationRow,
    bound_holds,
    boundary_rows,
    fit_calibrator,
    fit_from_run,
    fit_map,
    label_rows,
    threshold_for,
)
from evals.dataset import Dataset, load_dataset
from evals.errors import CalibrationError
from evals.runner import run
from evals.summary import Subject
from graph.calibrator import Calibrator, CalibratorError, FittedOn, ScoreMap, load, raw, save
from store.records import TaxonomyPin

TAXONOMY = TaxonomyPin(name="lending", version=1, sha256="a" * 64)
FITTED_ON = FittedOn(dataset_sha256="d" * 64, packets=("p",), pages=1)


def answers(
    n: int, *, seed: int, slope: float = 1.0, intercept: float = 0.0, packets: int = 20
) -> list[CalibrationRow]:
    """Raw scores whose truth is sigmoid(slope · logit + intercept): miscalibrated by construction."""
    random = np.random.default_rng(seed)
    log_odds = random.normal(1.0, 2.0, n)
    score = 1 / (1 + np.exp(-log_odds))
    right = random.random(n) < 1 / (1 + np.exp(-(slope * log_odds + intercept)))
    return [
        CalibrationRow(f"p{i % packets}", float(s), bool(r)) for i, (s, r) in enumerate(zip(score, right, strict=True))
    ]


@pytest.mark.parametrize(("slope", "intercept"), [(0.4, 0.0), (2.5, 0.0), (1.0, -1.5), (0.5, 1.0)])
def test_fitting_beats_the_raw_score_on_packets_it_has_not_seen(slope: float, intercept: float) -> None:
    """Over- and underconfident scores both come out with a lower log loss, held out and on fresh answers."""
    fitted, _ = fit_map(answers(1500, seed=1, slope=slope, intercept=intercept), "labels", 0.99)
    assert fitted.cv_log_loss is not None
    assert fitted.cv_log_loss_raw is not None
    assert fitted.cv_log_loss < fitted.cv_log_loss_raw
    fresh = answers(3000, seed=2, slope=slope, intercept=intercept)
    assert mean_loss([fitted.apply(row.raw) for row in fresh], fresh) < mean_loss([row.raw for row in fresh], fresh)


def test_the_simplest_true_form_is_found() -> None:
    """Scores that are only too hot get a temperature, and the right one."""
    fitted, _ = fit_map(answers(4000, seed=3, slope=0.5), "labels", 0.99)
    assert fitted.kind in ("temperature", "platt")
    assert fitted.slope == pytest.approx(0.5, abs=0.07)


def test_a_step_is_found_by_isotonic() -> None:
    """A score that means nothing below a step and much above it is no sigmoid of its logit."""
    random = np.random.default_rng(5)
    score = random.random(3000)
    right = random.random(3000) < np.where(score < 0.9, 0.5, 0.999)
    rows = [CalibrationRow(f"p{i % 10}", float(s), bool(r)) for i, (s, r) in enumerate(zip(score, right, strict=True))]
    fitted, _ = fit_map(rows, "labels", 0.99)
    assert fitted.kind == "isotonic"
    assert fitted.apply(0.5) == pytest.approx(0.5, abs=0.1)
    assert fitted.apply(0.95) > 0.98


some_answers = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


@settings(deadline=None)
@given(some_answers, st.lists(st.floats(0, 1), min_size=2, max_size=20), st.sampled_from(sorted(CANDIDATES)))
def test_every_map_is_monotone_and_never_certain(
    rows: list[tuple[float, bool]], scores: list[float], kind: str
) -> None:
    """Whatever it was fitted on, even all right or all wrong: order is kept, and 0 < p < 1."""
    score = np.array([s for s, _ in rows])
    right = np.array([float(r) for _, r in rows])
    fitted = CANDIDATES[kind](score, right)
    confidences = [fitted.apply(one) for one in sorted(scores)]
    assert all(0 < one < 1 for one in confidences)
    assert confidences == sorted(confidences)


def test_a_score_that_points_the_wrong_way_becomes_constant() -> None:
    """If higher scores are worse, no monotone map may turn them round: everybody gets the base rate."""
    rows = answers(800, seed=7, slope=-1.0)
    score = np.array([row.raw for row in rows])
    right = np.array([float(row.right) for row in rows])
    platt = CANDIDATES["platt"](score, right)
    assert platt.slope == 0.0
    assert platt.apply(0.1) == platt.apply(0.9) == pytest.approx(right.mean(), abs=0.01)


@pytest.mark.parametrize("score", [-0.1, 1.1, math.nan])
def test_what_is_no_score_is_refused(score: float) -> None:
    """A confidence is never made up from something outside 0..1."""
    with pytest.raises(ValueError, match="a raw score lies in"):
        ScoreMap(kind="raw", n=0, cv_log_loss=None, auroc=None).apply(score)


@pytest.mark.parametrize(
    ("knots", "says"),
    [((), "has knots"), (((0.1, 0.5), (0.1, 0.6)), "must rise"), (((0.1, 0.5), (0.2, 0.4)), "must rise")],
)
def test_a_map_that_falls_cannot_be_written_down(knots: tuple[tuple[float, float], ...], says: str) -> None:
    """Monotone is a property of the record, not a hope."""
    with pytest.raises(ValueError, match=says):
        ScoreMap(kind="isotonic", knots=knots, n=1, cv_log_loss=None, auroc=None)


# ── thresholds ───────────────────────────────────────────────────────────────────────────────────


def test_clopper_pearson_at_known_values() -> None:
    """299 answers without an error are the fewest that bear 99 %; 473 with one (one-sided 95 %, as in tables)."""
    assert not bound_holds(0, 298, 0.01)
    assert bound_holds(0, 299, 0.01)
    assert not bound_holds(1, 472, 0.01)
    assert bound_holds(1, 473, 0.01)
    # One of ten: the tables give 0.3942.
    assert bound_holds(1, 10, 0.3943)
    assert not bound_holds(1, 10, 0.3940)


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 99))
def test_the_bound_is_the_exact_binomial_tail(n: int, errors: int, percent: int) -> None:
    """In exact fractions: it holds where P(X ≤ errors) ≤ 5 % and fewer errors were seen than the risk expects."""
    risk = Fraction(percent, 100)
    tail = sum(math.comb(n, k) * risk**k * (1 - risk) ** (n - k) for k in range(min(errors, n) + 1))
    expected = errors < risk * n and tail <= Fraction(5, 100)
    if abs(float(tail) - 0.05) > 1e-9:
        assert bound_holds(errors, n, percent / 100) == expected


def test_the_threshold_is_the_smallest_that_keeps_the_target() -> None:
    """400 right at 0.9 carry 99 %; adding what stands at 0.5 would break it."""
    confidence = np.array([0.9] * 400 + [0.5] * 100)
    right = np.array([1.0] * 400 + [1.0, 0.0] * 50)
    assert threshold_for(0.99, confidence, right) == 0.9
    assert threshold_for(0.5, confidence, right) == 0.5


def test_too_few_answers_give_no_threshold() -> None:
    """Fifty right answers do not promise 99 %: None, and everything goes to review."""
    assert threshold_for(0.99, np.full(50, 0.99), np.ones(50)) is None
    assert threshold_for(0.9, np.full(50, 0.99), np.ones(50)) == 0.99


def test_accepted_fresh_answers_keep_the_target() -> None:
    """On answers the fit has never seen, those at or above the threshold are right at least as often as promised."""
    fitted, threshold = fit_map(answers(6000, seed=11, slope=2.0), "labels", 0.95)
    assert threshold is not None
    assert fitted.accepted is not None
    assert fitted.accepted > 1000
    fresh = answers(6000, seed=12, slope=2.0)
    accepted = [row.right for row in fresh if fitted.apply(row.raw) >= threshold]
    assert sum(accepted) / len(accepted) >= 0.95


def test_folds_are_grouped_by_packet() -> None:
    """Where the packet, not the score, decides, held-out loss must not profit from knowing the packet's other pages."""
    rows = [CalibrationRow(f"p{p}", (p + 0.5) / 8, p % 2 == 0) for p in range(8) for _ in range(40)]
    fitted, threshold = fit_map(rows, "labels", 0.9)
    assert fitted.cv_log_loss is not None
    assert fitted.cv_log_loss > 0.6
    assert threshold is None


@pytest.mark.parametrize("rows", [[], answers(49, seed=1), answers(200, seed=1, packets=1)])
def test_too_little_is_refused(rows: Sequence[CalibrationRow]) -> None:
    """Few answers, or answers of one packet, are no ground for a promise."""
    with pytest.raises(CalibrationError, match="carry no fit"):
        fit_map(rows, "labels", 0.99)


# ── the record ───────────────────────────────────────────────────────────────────────────────────


def a_calibrator() -> Calibrator:
    return fit_calibrator(
        answers(400, seed=1, slope=0.5),
        answers(400, seed=2, slope=2.0),
        name="local-lending-1",
        model="local",
        taxonomy=TAXONOMY,
        fitted_on=FITTED_ON,
    )


def test_a_calibrator_survives_its_file(tmp_path: Path) -> None:
    """What is loaded is what was saved, to the last bit: same record, same pin, same confidences."""
    fitted = a_calibrator()
    save(fitted, tmp_path / "calibrators" / "local.json")
    loaded = load(tmp_path / "calibrators" / "local.json")
    assert loaded == fitted
    assert loaded.pin == fitted.pin
    assert loaded.label.apply(0.7) == fitted.label.apply(0.7)


def test_a_missing_or_damaged_calibrator_is_refused(tmp_path: Path) -> None:
    """A pin that cannot be honoured fails with what to do; it does not fall back to raw scores."""
    with pytest.raises(CalibratorError, match="cannot be read"):
        load(tmp_path / "nothing.json")
    content = json.loads(a_calibrator().model_dump_json())
    content["label"]["slope"] = -1
    (tmp_path / "bad.json").write_text(json.dumps(content))
    with pytest.raises(CalibratorError, match=r"label\.slope"):
        load(tmp_path / "bad.json")


def test_a_calibrator_is_for_one_model_and_one_taxonomy() -> None:
    """Another model, or another version of the taxonomy, needs another fit."""
    fitted = a_calibrator()
    fitted.must_fit("local", TAXONOMY)
    for model, taxonomy in (("cascade", TAXONOMY), ("local", TAXONOMY.model_copy(update={"version": 2}))):
        with pytest.raises(CalibratorError, match="Fit one from an eval run"):
            fitted.must_fit(model, taxonomy)


def test_the_raw_calibrator_accepts_nothing() -> None:
    """Raw scores pass through for fitting, and no threshold lets them past a person."""
    through = raw("local", TAXONOMY)
    assert through.label.apply(0.3) == 0.3
    assert 0 < through.label.apply(0.0) < through.label.apply(1.0) < 1
    assert (through.thresholds.label, through.thresholds.boundary) == (None, None)


# ── from a run ───────────────────────────────────────────────────────────────────────────────────


async def test_fits_from_a_run_of_raw_scores(tmp_path: Path, subject: Subject, oracle: Any, packet_into: Any) -> None:
    """A run with the raw calibrator carries a fit; its pins and its dataset are written into the record."""
    for number in range(8):
        packet_into(tmp_path / "data", f"p{number}", [(page // 2, "w2", None) for page in range(20)])
    dataset: Dataset = load_dataset(tmp_path / "data")
    machine = type(oracle)(dataset)
    machine.mistakes = lambda packet, page: page % 7 == 0
    await run(dataset, tmp_path / "out", machine, subject=subject)
    fitted = fit_from_run(tmp_path / "out", name="local-lending-1", target=0.9)
    assert (fitted.model, fitted.taxonomy) == (subject.model, subject.taxonomy)
    assert fitted.fitted_on == FittedOn(
        dataset_sha256=dataset.sha256, packets=tuple(f"p{n}" for n in range(8)), pages=160
    )
    # The machine says 0.95 where it is right and 0.4 where it is not: separable, and 144 right answers carry 90 %.
    assert fitted.label.auroc == 1.0
    assert fitted.thresholds.label is not None
    assert fitted.label.apply(0.95) >= fitted.thresholds.label > fitted.label.apply(0.4)
    assert fitted.boundary.n == 152


async def test_confidences_that_are_fitted_already_are_refused(
    dataset: Dataset, oracle: Any, subject: Subject, tmp_path: Path
) -> None:
    """Fitting on fitted confidences would pin a map to scores the machine never gives."""
    none = subject.model_copy(update={"calibrator": None})
    oracle.manifest = {"calibrator": None}
    await run(dataset, tmp_path, oracle, subject=none)
    with pytest.raises(CalibrationError, match="no raw scores"):
        fit_from_run(tmp_path, name="x")


def test_only_scored_answers_become_rows(row: Any) -> None:
    """Unlabelled truth, missing answers and first pages teach nothing."""
    rows = [
        row(page=1),
        row(page=2, truth=None),
        row(page=3, label=None, confidence=None, start_confidence=None),
        row(page=4, truth_starts=False),
    ]
    assert [one.right for one in label_rows(rows)] == [True, True]
    assert [one.right for one in boundary_rows(rows)] == [True, False]


def mean_loss(confidences: Sequence[float], rows: Sequence[CalibrationRow]) -> float:
    return float(np.mean([-math.log(c if row.right else 1 - c) for c, row in zip(confidences, rows, strict=True)]))
