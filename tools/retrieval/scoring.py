"""What the examples alone say of a page: a distribution over their labels, and whether it starts a document.

A kernel ridge classifier with balanced classes. Its answer for every example without the rest of that example's packet
has a closed form, so the turn from raw answers to probabilities is fitted on pages the classifier did not see: no
held-out set is spent, and a packet never vouches for itself. Part of that fit is the belief in *none of these labels*,
learnt from examples whose label occurs in no other packet and from the blank answer to a page unlike everything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.retrieval.features import Floats

Integers = NDArray[np.int64]

_REGULARISATION = 2.0
"""Measured on real packets: 1 to 3 score alike, 0.1 overfits labels with one or two examples."""
_PRIOR_SHARPNESS = 12.0
_PRIOR_DOUBT = 3.0
_PRIOR_STRENGTH = 2.0
"""Where few examples say how sharp the answers may be, these hold: a typical fit on 20 packets, made more careful."""
_SHARPNESSES = np.geomspace(0.5, 64.0, 43)
_BIASES = np.linspace(-4.0, 10.0, 57)
_ALIEN_SHARE = 0.1
"""Imagined pages unlike every example, as a share of the examples."""


@dataclass(frozen=True)
class LabelModel:
    """Turns similarities to the examples into a distribution over labels."""

    labels: tuple[str, ...]
    coefficients: Floats
    """Shape (examples, labels)."""
    sharpness: float
    doubt: float
    """Log-odds of *none of these labels* against a label with a blank answer."""

    @classmethod
    def fit(cls, gram: Floats, labels: Sequence[str], groups: Sequence[str]) -> LabelModel:
        """Fit on the examples' similarities (n, n), their labels and the packet each belongs to."""
        names = tuple(sorted(set(labels)))
        true = np.asarray([names.index(label) for label in labels])
        targets = (true[:, None] == np.arange(len(names))).astype(np.float64)
        weights = _balanced(true)
        coefficients, unseen = _ridge(gram, targets, weights, _members(groups))
        elsewhere = np.asarray([_occurs_elsewhere(i, labels, groups) for i in range(len(labels))])
        sharpness, doubt = _fit_labels(unseen, np.where(elsewhere, true, len(names)), len(set(groups)))
        return cls(names, coefficients, sharpness, doubt)

    def scores(self, similarity: Floats) -> list[tuple[str, float]]:
        """Labels by falling score (ties by name); what is missing to 1 is the belief in none of them."""
        shares = _shares(similarity @ self.coefficients, self.sharpness, self.doubt)
        ranked = sorted(zip(self.labels, shares[:-1].tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
        return [(label, float(score)) for label, score in ranked]


@dataclass(frozen=True)
class StartModel:
    """Turns similarities to the examples into the probability that a page starts a document."""

    coefficients: Floats
    """Shape (examples,)."""
    sharpness: float
    bias: float

    @classmethod
    def fit(cls, gram: Floats, starts: Sequence[bool], groups: Sequence[str]) -> StartModel:
        """Fit on the examples' similarities (n, n); both kinds of page must occur."""
        true = np.asarray(starts, dtype=np.int64)
        signs = np.where(true == 1, 1.0, -1.0)[:, None]
        coefficients, unseen = _ridge(gram, signs, _balanced(true), _members(groups))
        sharpness, bias = _fit_starts(unseen[:, 0], true)
        return cls(coefficients[:, 0], sharpness, bias)

    def score(self, similarity: Floats) -> float:
        """Probability 0..1."""
        return float(_sigmoid(np.asarray(self.sharpness * (similarity @ self.coefficients) + self.bias)))


def _ridge(gram: Floats, targets: Floats, weights: Floats, groups: Sequence[Integers]) -> tuple[Floats, Floats]:
    """Coefficients, and the answer each example would get from a model fitted without its group."""
    inverse = np.linalg.inv(gram + _REGULARISATION * np.diag(1.0 / weights))
    coefficients = inverse @ targets
    unseen = np.empty_like(targets)
    for members in groups:
        block = inverse[np.ix_(members, members)]
        unseen[members] = targets[members] - np.linalg.solve(block, coefficients[members])
    return coefficients, unseen


def _fit_labels(unseen: Floats, true: Integers, groups: int) -> tuple[float, float]:
    """Sharpness and doubt by penalised maximum likelihood; a single packet can say nothing about others.

    `true` is one past the last label where the label occurs in no other packet.
    """
    if groups < 2:
        return _PRIOR_SHARPNESS, _PRIOR_DOUBT
    count = unseen.shape[1]
    aliens = max(1.0, _ALIEN_SHARE * len(true))
    here = np.where(true < count, np.take_along_axis(unseen, np.minimum(true, count - 1)[:, None], axis=1)[:, 0], 0.0)

    def likelihood(sharpness: float) -> Floats:
        """Of each candidate doubt, shape (doubts,)."""
        total = np.logaddexp(_logsumexp(sharpness * unseen)[:, None], _BIASES)
        given = np.where((true < count)[:, None], sharpness * here[:, None], _BIASES)
        alien = _BIASES - np.logaddexp(np.log(count), _BIASES)
        return np.asarray((given - total).sum(axis=0) + aliens * alien)

    return _best(likelihood, _PRIOR_SHARPNESS, _PRIOR_DOUBT)


def _fit_starts(unseen: Floats, true: Integers) -> tuple[float, float]:
    """Slope and bias of the logistic curve through the unseen answers, by penalised maximum likelihood."""
    signs = np.where(true == 1, 1.0, -1.0)

    def likelihood(sharpness: float) -> Floats:
        margins = signs[:, None] * (sharpness * unseen[:, None] + _BIASES)
        return np.asarray(-np.logaddexp(0.0, -margins).sum(axis=0))

    return _best(likelihood, 1.0, 0.0)


def _best(likelihood: Callable[[float], Floats], sharpness: float, bias: float) -> tuple[float, float]:
    """The pair of the grid that is most likely, given what is usual. A grid: two numbers, no optimiser to go astray."""
    scores = np.asarray([likelihood(float(candidate)) for candidate in _SHARPNESSES])
    scores -= _PRIOR_STRENGTH * (np.log(_SHARPNESSES / sharpness) ** 2)[:, None]
    scores -= _PRIOR_STRENGTH * (_BIASES - bias) ** 2
    row, column = np.unravel_index(int(scores.argmax()), scores.shape)
    return float(_SHARPNESSES[row]), float(_BIASES[column])


def _logsumexp(values: Floats) -> Floats:
    peak = values.max(axis=-1)
    return np.asarray(peak + np.log(np.exp(values - peak[..., None]).sum(axis=-1)))


def _shares(answers: Floats, sharpness: float, doubt: float) -> Floats:
    """Softmax over the labels and, last, none of them."""
    doubts = np.full((*answers.shape[:-1], 1), doubt)
    logits = np.concatenate((sharpness * answers, doubts), axis=-1)
    logits -= logits.max(axis=-1, keepdims=True)
    powers = np.exp(logits)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -30.0, 30.0))))


def _balanced(true: Integers) -> Floats:
    """Weights that make every class count the same, however many examples it has."""
    counts = np.bincount(true)
    return np.asarray(len(true) / ((counts > 0).sum() * counts[true]))


def _members(groups: Sequence[str]) -> list[Integers]:
    names = np.asarray(groups)
    return [np.flatnonzero(names == name) for name in sorted(set(groups))]


def _occurs_elsewhere(index: int, labels: Sequence[str], groups: Sequence[str]) -> bool:
    return any(label == labels[index] and group != groups[index] for label, group in zip(labels, groups, strict=True))
