"""Joint decoding of a packet: a semi-Markov model over (document label, first page, last page).

A partition of pages 1..N into labelled runs scores the sum over its runs of

    start[a] + first[a, l] + Σ_{i=a+1..b} (stay[i] + inner[i, l]) + length[l](b − a + 1)

Viterbi gives the best partition; forward–backward gives, under the same scores, the posterior of each page's label
and of each boundary (Sarawagi & Cohen, "Semi-Markov conditional random fields", NIPS 2004). All in natural
logarithms. Cost is O(N · Σ_l Dmax(l)) time and memory a few arrays of N × L floats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Potentials:
    """Scores of a packet of N pages over L labels, as finite natural logarithms; a large negative one forbids."""

    start: Floats
    """(N,) page i begins a document."""
    stay: Floats
    """(N,) page i belongs to the document of page i−1; the first entry is not used."""
    first: Floats
    """(N, L) page i is the first page of a document of label l."""
    inner: Floats
    """(N, L) page i is a later page of a document of label l."""
    length: Sequence[Floats]
    """L arrays: entry d−1 scores a document of d pages; an array's size is the longest document allowed."""


@dataclass(frozen=True)
class Run:
    """One document: pages `first`..`last`, counted from 0, both included."""

    first: int
    last: int
    label: int


@dataclass(frozen=True)
class Decoding:
    """The best partition and the posteriors."""

    runs: tuple[Run, ...]
    label: Floats
    """(N, L) posterior of each page's label; rows sum to 1."""
    boundary: Floats
    """(N,) posterior that page i begins a document; the first entry is 1."""


def decode(potentials: Potentials) -> Decoding:
    """Best partition with posteriors. Raise ValueError for a score that is not finite."""
    scores = (potentials.start, potentials.stay, potentials.first, potentials.inner)
    if not all(np.isfinite(each).all() for each in scores):
        raise ValueError("scores must be finite; use a large negative score to forbid")
    spans = _Spans(potentials)
    best = _viterbi(spans)
    label, boundary = _posteriors(spans)
    return Decoding(runs=best, label=label, boundary=boundary)


class _Spans:
    """Scores of all runs that end at a page, laid out flat over (label, length) so that one numpy call covers them."""

    def __init__(self, p: Potentials) -> None:
        self.pages, self.labels = p.first.shape
        longest = [min(len(scores), self.pages) for scores in p.length]
        self.label = np.repeat(np.arange(self.labels), longest)
        self.size = np.concatenate([np.arange(1, n + 1) for n in longest])
        self.length = np.concatenate([np.asarray(scores[:n]) for scores, n in zip(p.length, longest, strict=True)])
        self._begun = p.start[:, None] + p.first
        self._gone_on = np.vstack([np.zeros(self.labels), np.cumsum(p.stay[:, None] + p.inner, axis=0)])

    def ending_at(self, last: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
        """First pages, labels and scores of every run whose last page is `last`."""
        fits = self.size <= last + 1
        label, size = self.label[fits], self.size[fits]
        first = last + 1 - size
        gone_on = self._gone_on[last + 1, label] - self._gone_on[first + 1, label]
        return first, label, self._begun[first, label] + gone_on + self.length[fits]


def _viterbi(spans: _Spans) -> tuple[Run, ...]:
    reach = np.full(spans.pages + 1, -np.inf)
    reach[0] = 0.0
    back: list[tuple[int, int]] = []
    for last in range(spans.pages):
        first, label, score = spans.ending_at(last)
        total = reach[first] + score
        winner = int(np.argmax(total))
        reach[last + 1] = total[winner]
        back.append((int(first[winner]), int(label[winner])))
    runs: list[Run] = []
    last = spans.pages - 1
    while last >= 0:
        first_page, run_label = back[last]
        runs.append(Run(first_page, last, run_label))
        last = first_page - 1
    return tuple(reversed(runs))


def _posteriors(spans: _Spans) -> tuple[Floats, Floats]:
    pages = spans.pages
    forward = np.full(pages + 1, -np.inf)
    forward[0] = 0.0
    for last in range(pages):
        first, _, score = spans.ending_at(last)
        forward[last + 1] = np.logaddexp.reduce(forward[first] + score)
    backward = np.full(pages + 1, -np.inf)
    backward[pages] = 0.0
    begins = np.zeros((pages + 1, spans.labels))
    ends = np.zeros((pages + 1, spans.labels))
    boundary = np.zeros(pages)
    for last in range(pages - 1, -1, -1):
        first, label, score = spans.ending_at(last)
        # backward[last + 1] is complete here: every run that begins after `last` was visited before.
        weight = np.exp(forward[first] + score + backward[last + 1] - forward[pages])
        np.add.at(begins, (first, label), weight)
        np.add.at(ends, (np.full(len(label), last + 1), label), weight)
        np.add.at(boundary, first, weight)
        np.logaddexp.at(backward, first, score + backward[last + 1])
    label_posterior = np.cumsum(begins - ends, axis=0)[:pages].clip(min=0.0)
    return label_posterior / label_posterior.sum(axis=1, keepdims=True), boundary.clip(0.0, 1.0)
