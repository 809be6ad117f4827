"""Decoding is exact: the best partition and every posterior equal what listing all partitions gives."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.assembly.decode import Potentials, Run, decode


def all_partitions(p: Potentials) -> Iterator[tuple[float, tuple[Run, ...]]]:
    """Every labelled partition of the pages with its score, by brute force."""
    pages, labels = p.first.shape
    for cuts in itertools.product([False, True], repeat=pages - 1):
        edges = [0, *(at + 1 for at, cut in enumerate(cuts) if cut), pages]
        spans = list(itertools.pairwise(edges))
        for chosen in itertools.product(range(labels), repeat=len(spans)):
            runs = tuple(Run(a, b - 1, label) for (a, b), label in zip(spans, chosen, strict=True))
            yield sum(run_score(p, run) for run in runs), runs


def run_score(p: Potentials, run: Run) -> float:
    size = run.last - run.first + 1
    if size > len(p.length[run.label]):
        return -math.inf
    stayed = float(p.stay[run.first + 1 : run.last + 1].sum())
    begun = float(p.start[run.first] + p.first[run.first, run.label])
    inner = float(p.inner[run.first + 1 : run.last + 1, run.label].sum())
    return begun + stayed + inner + float(p.length[run.label][size - 1])


@st.composite
def small_packets(draw: st.DrawFn) -> Potentials:
    pages, labels = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    sizes = [draw(st.integers(1, 6)) for _ in range(labels - 1)] + [pages]
    return Potentials(
        start=rng.normal(size=pages) * 2,
        stay=rng.normal(size=pages) * 2,
        first=rng.normal(size=(pages, labels)) * 2,
        inner=rng.normal(size=(pages, labels)) * 2,
        length=[rng.normal(size=size) for size in sizes],
    )


@settings(max_examples=60, deadline=None)
@given(small_packets())
def test_decoding_equals_brute_force(p: Potentials) -> None:
    """Viterbi finds the best of all partitions; forward–backward sums over all of them."""
    pages, labels = p.first.shape
    total = 0.0
    label, boundary = np.zeros((pages, labels)), np.zeros(pages)
    best: tuple[float, tuple[Run, ...]] = (-math.inf, ())
    for score, runs in all_partitions(p):
        best = max(best, (score, runs), key=lambda candidate: candidate[0])
        weight = math.exp(score)
        total += weight
        for run in runs:
            label[run.first : run.last + 1, run.label] += weight
            boundary[run.first] += weight

    found = decode(p)

    assert sum(run_score(p, run) for run in found.runs) == pytest.approx(best[0])
    np.testing.assert_allclose(found.label, label / total, atol=1e-9)
    np.testing.assert_allclose(found.boundary, boundary / total, atol=1e-9)


def test_each_page_is_in_exactly_one_run() -> None:
    """A packet of 300 pages comes back as runs without a gap or an overlap."""
    rng = np.random.default_rng(1)
    p = Potentials(
        start=rng.normal(size=300),
        stay=rng.normal(size=300),
        first=rng.normal(size=(300, 4)),
        inner=rng.normal(size=(300, 4)),
        length=[np.zeros(9) for _ in range(4)],
    )
    pages = [page for run in decode(p).runs for page in range(run.first, run.last + 1)]
    assert pages == list(range(300))


def test_a_score_that_is_not_finite_is_an_error() -> None:
    """NaN or infinity never decodes into an answer."""
    with pytest.raises(ValueError, match="finite"):
        decode(Potentials(np.zeros(3), np.full(3, -np.inf), np.zeros((3, 1)), np.zeros((3, 1)), [np.zeros(2)]))
