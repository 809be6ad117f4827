"""How often the label of a page is right.

All figures are pooled over the packets given: every page weighs the same. Pages without a labelled truth are left out
altogether, also as false positives. A page whose predicted label is None, or whose packet was not executed, is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from evals.rows import PageRow
from store.records import Record

TOP_K = (1, 2, 3, 5)


class LabelMetrics(Record):
    """One label against all others."""

    label: str
    support: int
    """Pages that truly bear the label."""
    predicted: int
    """Labelled pages that were given the label."""
    precision: float | None
    """tp / (tp + fp); None where the label was never given."""
    recall: float | None
    """tp / (tp + fn); None without support."""
    f1: float | None
    """2 tp / (2 tp + fp + fn) (van Rijsbergen 1979), 0 where the label was never given although it has support."""
    confused_with: str | None
    """The wrong answer its pages were given most often; None where none was wrong, or most had no label at all."""
    confused: int
    """How many of its pages were given that answer; with `confused_with` None, how many had no label."""


class PageMetrics(Record):
    """All labels together."""

    n: int
    """Labelled pages."""
    right: int
    no_label: int
    """Pages without any label: counted as wrong."""
    accuracy: float | None
    macro_f1: float | None
    """Plain mean of F1 over the labels that have support in the truth of the pooled set, as scikit-learn's
    `f1_score(average="macro", labels=<labels with support>)`. A label that is only ever predicted costs its victims
    their recall; it does not join the mean as a zero of its own."""
    macro_labels: int
    """Labels in that mean."""
    weighted_f1: float | None
    """The same mean, weighted by support (scikit-learn's `average="weighted"`)."""
    top_k: dict[str, float | None]
    """Share of pages whose true label is among the first k of `label` and then the alternatives by falling score."""


def page_metrics(rows: Sequence[PageRow]) -> PageMetrics:
    labelled = [row for row in rows if row.truth is not None]
    n = len(labelled)
    right = sum(row.right for row in labelled)
    scored = [(label.f1, label.support) for label in label_metrics(rows) if label.support and label.f1 is not None]
    return PageMetrics(
        n=n,
        right=right,
        no_label=sum(row.label is None for row in labelled),
        accuracy=right / n if n else None,
        macro_f1=sum(f1 for f1, _ in scored) / len(scored) if scored else None,
        macro_labels=len(scored),
        weighted_f1=sum(f1 * support for f1, support in scored) / n if n else None,
        top_k={str(k): sum(_among(row, k) for row in labelled) / n if n else None for k in TOP_K},
    )


def label_metrics(rows: Sequence[PageRow]) -> tuple[LabelMetrics, ...]:
    """Every label that is true of a page or was given to one, by falling support, then by name."""
    labelled = [row for row in rows if row.truth is not None]
    support = Counter(row.truth for row in labelled)
    predicted = Counter(row.label for row in labelled)
    hits = Counter(row.truth for row in labelled if row.right)
    names = {name for name in [*support, *predicted] if name is not None}
    metrics = [
        _label(name, support[name], predicted[name], hits[name], [row for row in labelled if row.truth == name])
        for name in names
    ]
    return tuple(sorted(metrics, key=lambda label: (-label.support, label.label)))


def _label(name: str, support: int, predicted: int, hits: int, pages: list[PageRow]) -> LabelMetrics:
    wrong = Counter(row.label for row in pages if not row.right)
    confused_with, confused = min(wrong.items(), key=lambda item: (-item[1], item[0] or "")) if wrong else (None, 0)
    return LabelMetrics(
        label=name,
        support=support,
        predicted=predicted,
        precision=hits / predicted if predicted else None,
        recall=hits / support if support else None,
        f1=2 * hits / (support + predicted) if support + predicted else None,
        confused_with=confused_with,
        confused=confused,
    )


def _among(row: PageRow, k: int) -> bool:
    if row.label is None:
        return False
    return row.truth in (row.label, *row.alternatives)[:k]
