"""How well the stream of pages is cut into documents, and how much of it a person must look at.

A boundary is a page that belongs to another document than the page before it (page stream segmentation, e.g.
Wiedemann & Heyer 2021, "Multi-modal page stream segmentation"). Page 1 of a packet is a boundary by definition, so a
machine earns nothing by finding it: it is not counted, and reported once more with it counted, for comparison with
work that does count it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from evals.rows import PageRow, by_packet
from store.records import Record


class BoundaryMetrics(Record):
    """Pages seen as a yes-or-no question: does a document start here?

    A page of a packet that was not executed claims nothing: a true boundary there is missed (a false negative), any
    other page there is wrong for `accuracy` but is no false alarm.
    """

    n: int
    """Pages asked."""
    boundaries: int
    """True boundaries among them."""
    tp: int
    fp: int
    fn: int
    precision: float | None
    """tp / (tp + fp); None where no boundary was claimed."""
    recall: float | None
    """tp / (tp + fn); None where there is no true boundary."""
    f1: float | None
    """2 tp / (2 tp + fp + fn); None where there is neither."""
    accuracy: float | None
    """Share of pages answered rightly, yes or no."""


class DocumentMetrics(Record):
    """Whole documents. Documents of a packet that was not executed are wrong, and neither split nor merged."""

    n: int
    """True documents."""
    exact: int
    """A predicted document holds exactly its pages."""
    exact_share: float | None
    n_labelled: int
    """True documents whose pages all bear one label."""
    exact_labelled: int
    """Of those: exactly its pages, and the predicted document bears that label."""
    exact_labelled_share: float | None
    predicted: int
    over_split: int
    """True documents whose pages lie in more than one predicted document."""
    over_merged: int
    """Predicted documents that hold pages of more than one true document."""


class RoutedMetrics(Record):
    """One part of the pages, after routing."""

    pages: int
    share: float | None
    """Of all pages."""
    labelled: int
    label_accuracy: float | None
    """Over the labelled pages of this part."""
    boundaries_asked: int
    """Pages of this part but first pages of packets."""
    boundary_accuracy: float | None


class RoutingMetrics(Record):
    """Where the pages went. The three shares sum to 1."""

    accepted: RoutedMetrics
    reviewed: RoutedMetrics
    """What the machine would have said of the pages it sent to review."""
    not_executed: RoutedMetrics


def boundary_metrics(rows: Sequence[PageRow], *, count_first: bool = False) -> BoundaryMetrics:
    asked = [row for row in rows if count_first or row.page > 1]
    tp = sum(row.truth_starts and row.starts is True for row in asked)
    fp = sum(not row.truth_starts and row.starts is True for row in asked)
    fn = sum(row.truth_starts and row.starts is not True for row in asked)
    return BoundaryMetrics(
        n=len(asked),
        boundaries=tp + fn,
        tp=tp,
        fp=fp,
        fn=fn,
        precision=tp / (tp + fp) if tp + fp else None,
        recall=tp / (tp + fn) if tp + fn else None,
        f1=2 * tp / (2 * tp + fp + fn) if tp + fp + fn else None,
        accuracy=_share(sum(row.starts == row.truth_starts for row in asked), len(asked)),
    )


def document_metrics(rows: Sequence[PageRow]) -> DocumentMetrics:
    n = exact = n_labelled = exact_labelled = predicted = over_split = over_merged = 0
    for _, pages in by_packet(rows):
        truth = _grouped([(row.truth_document, row) for row in pages])
        answer = _grouped([(row.document, row) for row in pages if row.document is not None])
        found = {frozenset(row.page for row in document): document[0].document_label for document in answer}
        n += len(truth)
        predicted += len(answer)
        over_merged += sum(len({row.truth_document for row in document}) > 1 for document in answer)
        over_split += sum(len({row.document for row in document} - {None}) > 1 for document in truth)
        for document in truth:
            extent = frozenset(row.page for row in document)
            label = _common_label(document)
            exact += extent in found
            n_labelled += label is not None
            exact_labelled += label is not None and found.get(extent) == label
    return DocumentMetrics(
        n=n,
        exact=exact,
        exact_share=_share(exact, n),
        n_labelled=n_labelled,
        exact_labelled=exact_labelled,
        exact_labelled_share=_share(exact_labelled, n_labelled),
        predicted=predicted,
        over_split=over_split,
        over_merged=over_merged,
    )


def routing_metrics(rows: Sequence[PageRow]) -> RoutingMetrics:
    executed = [row for row in rows if row.executed]
    return RoutingMetrics(
        accepted=_routed([row for row in executed if row.accepted], len(rows)),
        reviewed=_routed([row for row in executed if not row.accepted], len(rows)),
        not_executed=_routed([row for row in rows if not row.executed], len(rows)),
    )


def _routed(part: Sequence[PageRow], pages: int) -> RoutedMetrics:
    labelled = [row for row in part if row.truth is not None]
    asked = [row for row in part if row.page > 1]
    return RoutedMetrics(
        pages=len(part),
        share=_share(len(part), pages),
        labelled=len(labelled),
        label_accuracy=_share(sum(row.right for row in labelled), len(labelled)),
        boundaries_asked=len(asked),
        boundary_accuracy=_share(sum(row.starts == row.truth_starts for row in asked), len(asked)),
    )


def _grouped(pages: Sequence[tuple[int, PageRow]]) -> list[list[PageRow]]:
    groups: defaultdict[int, list[PageRow]] = defaultdict(list)
    for index, row in pages:
        groups[index].append(row)
    return list(groups.values())


def _common_label(document: Sequence[PageRow]) -> str | None:
    labels = {row.truth for row in document}
    return labels.pop() if len(labels) == 1 else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
