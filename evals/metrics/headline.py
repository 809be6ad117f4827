"""The headline figures with their intervals, and the paired difference of two runs.

Every headline figure is a function of counts that add up over packets, so a resample of packets is a weighted sum of
counts. Packets, not pages, are drawn: pages of one packet are alike (cluster bootstrap, Davison & Hinkley 1997, §3.8;
Field & Welsh 2007). Percentile intervals from few packets are too narrow, and packets that share source files are not
independent either; where no error was seen no resample can show one. Read them as a lower bound of the doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evals.metrics.stream import document_metrics
from evals.rows import PageRow, by_packet
from store.records import Record

RESAMPLES = 2000
SEED = 20260131
Array = np.ndarray[Any, np.dtype[np.float64]]

HEADLINE: dict[str, str] = {
    "page_accuracy": "labelled pages",
    "macro_f1": "labelled pages",
    "weighted_f1": "labelled pages",
    "boundary_precision": "claimed boundaries",
    "boundary_recall": "true boundaries",
    "boundary_f1": "true boundaries",
    "documents_exact": "documents",
    "documents_exact_labelled": "labelled documents",
    "accepted_share": "pages",
    "accepted_accuracy": "accepted labelled pages",
}
"""Figure to what its `n` counts. More is better for all of them."""


class Figure(Record):
    """One headline figure."""

    value: float | None
    """None where undefined, for example a precision without claims."""
    low: float | None
    high: float | None
    """95 % interval; None for fewer than two packets, or where most resamples leave the figure undefined."""
    n: int
    of: str
    """What `n` counts."""


class Difference(Record):
    """Candidate minus baseline, on the same packets."""

    figure: str
    baseline: float | None
    candidate: float | None
    delta: float | None
    low: float | None
    high: float | None
    """95 % interval of the paired difference; None as for a figure."""
    n: int
    """Of the candidate."""


@dataclass(frozen=True)
class Counts:
    """What adds up over packets. The first axis of every array is the packets or the resamples."""

    hits: Array
    """By label: labelled pages that were given their true label."""
    support: Array
    """By label."""
    predicted: Array
    """By label: labelled pages that were given the label."""
    boundary: Array
    """Last axis: tp, fp, fn; first pages of packets left out."""
    documents: Array
    """Last axis: all, exact, labelled, exact with label."""
    routing: Array
    """Last axis: pages, accepted pages, accepted labelled pages, right ones among those."""

    def weighted(self, weights: Array) -> Counts:
        """Counts of resamples: `weights` has shape (resamples, packets) and says how often each packet was drawn."""
        return Counts(*(weights @ getattr(self, name) for name in self.__dataclass_fields__))


def headline(rows: Sequence[PageRow], *, resamples: int = RESAMPLES, seed: int = SEED) -> dict[str, Figure]:
    """Value, 95 % interval and n of every headline figure, pooled over all packets of the rows."""
    counts = count(rows, true_labels(rows))
    packets = len(counts.documents)
    values = figures(counts.weighted(np.ones((1, packets))))
    drawn = figures(counts.weighted(_draws(packets, resamples, seed)))
    sizes = _sizes(counts)
    result = {}
    for name, of in HEADLINE.items():
        low, high = _interval(drawn[name], packets)
        result[name] = Figure(value=_maybe(values[name][0]), low=low, high=high, n=sizes[name], of=of)
    return result


def paired(
    baseline: Sequence[PageRow], candidate: Sequence[PageRow], *, resamples: int = RESAMPLES, seed: int = SEED
) -> dict[str, Difference]:
    """The difference of every headline figure; both runs must hold the same packets in the same order.

    The same packets are drawn for both, so that what is hard for both does not blur the difference.
    """
    labels = true_labels(baseline)
    before, after = count(baseline, labels), count(candidate, labels)
    packets = len(before.documents)
    ones, draws = np.ones((1, packets)), _draws(packets, resamples, seed)
    values = figures(before.weighted(ones)), figures(after.weighted(ones))
    drawn_before, drawn_after = figures(before.weighted(draws)), figures(after.weighted(draws))
    sizes = _sizes(after)
    result = {}
    for name in HEADLINE:
        low, high = _interval(drawn_after[name] - drawn_before[name], packets)
        old, new = _maybe(values[0][name][0]), _maybe(values[1][name][0])
        delta = None if old is None or new is None else new - old
        result[name] = Difference(
            figure=name, baseline=old, candidate=new, delta=delta, low=low, high=high, n=sizes[name]
        )
    return result


def true_labels(rows: Sequence[PageRow]) -> tuple[str, ...]:
    """The labels that have support."""
    return tuple(sorted({row.truth for row in rows if row.truth is not None}))


def count(rows: Sequence[PageRow], labels: Sequence[str]) -> Counts:
    """Counts with one leading axis: the packets, in row order."""
    column = {label: index for index, label in enumerate(labels)}
    per_packet = [_count_packet(pages, column) for _, pages in by_packet(rows)]
    names = tuple(Counts.__dataclass_fields__)
    return Counts(*(np.array([getattr(one, name) for one in per_packet]) for name in names))


def figures(counts: Counts) -> dict[str, Array]:
    """Every headline figure over the leading axes of the counts; NaN where undefined.

    In a resample, macro-F1 is the mean over the labels that have support in that resample.
    """
    supported = counts.support > 0
    f1 = _ratio(2 * counts.hits, counts.support + counts.predicted)
    f1 = np.where(supported, np.nan_to_num(f1), 0.0)
    pages = counts.support.sum(-1)
    tp, fp, fn = np.moveaxis(counts.boundary, -1, 0)
    documents, exact, labelled_documents, exact_labelled = np.moveaxis(counts.documents, -1, 0)
    all_pages, accepted, accepted_labelled, accepted_right = np.moveaxis(counts.routing, -1, 0)
    return {
        "page_accuracy": _ratio(counts.hits.sum(-1), pages),
        "macro_f1": _ratio(f1.sum(-1), supported.sum(-1)),
        "weighted_f1": _ratio((f1 * counts.support).sum(-1), pages),
        "boundary_precision": _ratio(tp, tp + fp),
        "boundary_recall": _ratio(tp, tp + fn),
        "boundary_f1": _ratio(2 * tp, 2 * tp + fp + fn),
        "documents_exact": _ratio(exact, documents),
        "documents_exact_labelled": _ratio(exact_labelled, labelled_documents),
        "accepted_share": _ratio(accepted, all_pages),
        "accepted_accuracy": _ratio(accepted_right, accepted_labelled),
    }


def _count_packet(pages: Sequence[PageRow], column: dict[str, int]) -> Counts:
    hits, support, predicted = np.zeros(len(column)), np.zeros(len(column)), np.zeros(len(column))
    for row in pages:
        if row.truth is None:
            continue
        support[column[row.truth]] += 1
        hits[column[row.truth]] += row.right
        if row.label in column:
            predicted[column[row.label]] += 1
    asked = [row for row in pages if row.page > 1]
    documents = document_metrics(pages)
    accepted = [row for row in pages if row.accepted]
    return Counts(
        hits=hits,
        support=support,
        predicted=predicted,
        boundary=np.array(
            [
                sum(row.truth_starts and row.starts is True for row in asked),
                sum(not row.truth_starts and row.starts is True for row in asked),
                sum(row.truth_starts and row.starts is not True for row in asked),
            ],
            dtype=np.float64,
        ),
        documents=np.array(
            [documents.n, documents.exact, documents.n_labelled, documents.exact_labelled], dtype=np.float64
        ),
        routing=np.array(
            [
                len(pages),
                len(accepted),
                sum(row.truth is not None for row in accepted),
                sum(row.right for row in accepted),
            ],
            dtype=np.float64,
        ),
    )


def _sizes(counts: Counts) -> dict[str, int]:
    pages = int(counts.support.sum())
    tp, fp, fn = (int(total) for total in counts.boundary.sum(0))
    documents, _, labelled_documents, _ = (int(total) for total in counts.documents.sum(0))
    all_pages, _, accepted_labelled, _ = (int(total) for total in counts.routing.sum(0))
    return {
        "page_accuracy": pages,
        "macro_f1": pages,
        "weighted_f1": pages,
        "boundary_precision": tp + fp,
        "boundary_recall": tp + fn,
        "boundary_f1": tp + fn,
        "documents_exact": documents,
        "documents_exact_labelled": labelled_documents,
        "accepted_share": all_pages,
        "accepted_accuracy": accepted_labelled,
    }


def _draws(packets: int, resamples: int, seed: int) -> Array:
    drawn = np.random.default_rng(seed).multinomial(packets, np.full(packets, 1 / packets), size=resamples)
    return drawn.astype(np.float64)


def _interval(drawn: Array, packets: int) -> tuple[float | None, float | None]:
    defined = drawn[~np.isnan(drawn)]
    if packets < 2 or len(defined) * 2 < len(drawn):
        return None, None
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)


def _ratio(part: Array, whole: Array) -> Array:
    ratio: Array = np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)
    return ratio


def _maybe(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
