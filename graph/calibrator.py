"""From a raw score to a confidence: the applying side of what `evals/calibration.py` fits.

A calibrator belongs to one model and one taxonomy version and is pinned in the run manifest. A confidence is the
probability that the answer given is right: the label, or the yes or no of a boundary, whichever of the two was said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
import rfc8785
from pydantic import Field, ValidationError, model_validator

from store.records import CalibratorPin, Record, Score, TaxonomyPin

EDGE = 1e-6
"""No confidence is nearer to 0 or 1 than this: nobody is certain."""

Inner = Annotated[float, Field(gt=0.0, lt=1.0)]


class CalibratorError(Exception):
    """The calibrator cannot be used: absent, damaged, or made for another model or taxonomy. Says what to do next."""


class ScoreMap(Record):
    """A non-decreasing map from a raw score in 0..1 to a confidence strictly between 0 and 1."""

    kind: Literal["raw", "temperature", "platt", "isotonic"]
    """raw: the score itself, for the runs a calibrator is fitted on. temperature: sigmoid(slope · logit(score)), where
    1 / slope is the temperature (Guo et al. 2017). platt: sigmoid(slope · logit(score) + intercept) (Platt 1999).
    isotonic: straight lines between knots (Zadrozny & Elkan 2002)."""
    slope: float = Field(default=1.0, ge=0.0, allow_inf_nan=False)
    intercept: float = Field(default=0.0, allow_inf_nan=False)
    knots: tuple[tuple[Score, Inner], ...] = ()
    """Score and confidence, both rising; for isotonic only."""
    n: int
    """Answers it was fitted on."""
    cv_log_loss: float | None
    """Mean negative log-likelihood on held-out packets; None where not fitted."""
    cv_log_loss_raw: float | None = None
    """The same for the raw score, to see what the fit brings."""
    auroc: float | None
    """Of the raw score, which no monotone map changes but for ties: whether there is anything to calibrate."""
    accepted: int | None = None
    wrong: int | None = None
    """Held-out answers at or above the threshold, and how many of them are wrong; None where there is no threshold."""

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if (self.kind == "isotonic") != bool(self.knots):
            raise ValueError("an isotonic map has knots, and no other has")
        for (x0, y0), (x1, y1) in pairwise(self.knots):
            if x1 <= x0 or y1 < y0:
                raise ValueError("knots must rise")
        return self

    def apply(self, score: float) -> float:
        """Confidence for one raw score in 0..1. Raises ValueError for anything else, NaN included."""
        if not 0.0 <= score <= 1.0:
            raise ValueError(f"a raw score lies in 0..1, not {score}")
        if self.kind == "isotonic":
            xs, ys = zip(*self.knots, strict=True)
            confidence = float(np.interp(score, xs, ys))
        elif self.kind == "raw":
            confidence = score
        else:
            # The clip keeps exp from overflowing; beyond it the confidence is at the edge anyway.
            log_odds = np.clip(self.slope * logit(score) + self.intercept, -50.0, 50.0)
            confidence = float(1.0 / (1.0 + np.exp(-log_odds)))
        return min(max(confidence, EDGE), 1.0 - EDGE)


class Thresholds(Record):
    """From which confidence on an answer is accepted without a person; None: never."""

    label: Score | None
    boundary: Score | None


class FittedOn(Record):
    """Where a calibrator comes from."""

    dataset_sha256: str
    packets: tuple[str, ...]
    pages: int


class Calibrator(Record):
    """Two score maps and the thresholds that keep a target."""

    name: str
    model: str
    taxonomy: TaxonomyPin
    label: ScoreMap
    boundary: ScoreMap
    target: Inner = 0.99
    """Wanted share of right answers among the accepted."""
    thresholds: Thresholds
    fitted_on: FittedOn | None
    """None for the raw calibrator."""

    @property
    def pin(self) -> CalibratorPin:
        """Name and SHA-256 over the RFC 8785 form of the whole record."""
        return CalibratorPin(
            name=self.name, sha256=hashlib.sha256(rfc8785.dumps(self.model_dump(mode="json"))).hexdigest()
        )

    def must_fit(self, model: str, taxonomy: TaxonomyPin) -> None:
        """Raise CalibratorError where this calibrator was fitted for another model or taxonomy."""
        if (self.model, self.taxonomy) != (model, taxonomy):
            raise CalibratorError(
                f"Calibrator {self.name} is for {self.model} on {_spoken(self.taxonomy)}, not for {model} on "
                f"{_spoken(taxonomy)}. Fit one from an eval run of this model and taxonomy, or run without."
            )


@dataclass(frozen=True)
class Calibrators:
    """Those that a job has: one for its whole route, or else one for each model that has any."""

    route: Calibrator | None = None
    models: Mapping[str, Calibrator] = field(default_factory=dict)

    def of(self, model: str) -> Calibrator | None:
        """For a page whose verdict this model gave; None where nothing tells how far to trust it."""
        return self.route or self.models.get(model)


def logit(score: float) -> float:
    """Log-odds of a score, which is first brought to EDGE from 0 and 1."""
    inner = min(max(score, EDGE), 1.0 - EDGE)
    return float(np.log(inner / (1.0 - inner)))


def raw(model: str, taxonomy: TaxonomyPin) -> Calibrator:
    """Passes raw scores through and accepts nothing: run an eval with it, then fit a calibrator from that run."""
    nothing = ScoreMap(kind="raw", n=0, cv_log_loss=None, auroc=None)
    return Calibrator(
        name=RAW,
        model=model,
        taxonomy=taxonomy,
        label=nothing,
        boundary=nothing,
        thresholds=Thresholds(label=None, boundary=None),
        fitted_on=None,
    )


RAW = "raw"
"""Name of the calibrator that passes raw scores through."""


def load(path: Path) -> Calibrator:
    """Read a calibrator file. Raises CalibratorError where it is absent or damaged."""
    try:
        return Calibrator.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CalibratorError(
            f"Calibrator {path} cannot be read ({error.strerror}). Fit one from an eval run, or run without."
        ) from error
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"]) or "the file"
        raise CalibratorError(f"{path} is not a calibrator ({where}: {problem['msg']}). Fit it again.") from error


def save(calibrator: Calibrator, path: Path) -> None:
    """Write it so that `load` reads the very same, pin included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(calibrator.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _spoken(taxonomy: TaxonomyPin) -> str:
    return f"{taxonomy.name} version {taxonomy.version} ({taxonomy.sha256[:8]})"
