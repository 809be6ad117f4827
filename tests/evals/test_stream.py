"""Boundaries, documents and routing: by hand, and against scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from evals.metrics.stream import boundary_metrics, document_metrics, routing_metrics
from evals.rows import PageRow

Row = Callable[..., PageRow]


def packet(row: Row, truth: str, answer: str, name: str = "p", label: str = "w2") -> list[PageRow]:
    """One packet from two strings: page i lies in the document of the i-th letter, in truth and in answer."""
    return [
        row(
            packet=name,
            page=page,
            truth_document=ord(true),
            truth_starts=page == 1 or truth[page - 2] != true,
            document=ord(said),
            starts=page == 1 or answer[page - 2] != said,
            document_label=label,
        )
        for page, (true, said) in enumerate(zip(truth, answer, strict=True), start=1)
    ]


def failed(row: Row, truth: str) -> list[PageRow]:
    """The same packet, not executed."""
    nothing = {"label": None, "confidence": None, "starts": None, "start_confidence": None, "document": None}
    return [
        row(
            page=page,
            truth_document=ord(true),
            truth_starts=page == 1 or truth[page - 2] != true,
            document_label=None,
            needs_review=None,
            error="bug",
            **nothing,
        )
        for page, true in enumerate(truth, start=1)
    ]


def test_boundaries_by_hand(row: Row) -> None:
    """True boundaries at 3 and 4, claimed at 2 and 4: one hit, one false alarm, one miss. Page 1 earns nothing."""
    boundaries = boundary_metrics(packet(row, "aabcc", "abbcc"))
    assert (boundaries.n, boundaries.boundaries) == (4, 2)
    assert (boundaries.tp, boundaries.fp, boundaries.fn) == (1, 1, 1)
    assert (boundaries.precision, boundaries.recall, boundaries.f1, boundaries.accuracy) == (0.5, 0.5, 0.5, 0.5)


def test_first_pages_can_be_counted_in(row: Row) -> None:
    """With page 1 counted the same packet looks better, which is why it is not the headline."""
    boundaries = boundary_metrics(packet(row, "aabcc", "abbcc"), count_first=True)
    assert (boundaries.n, boundaries.tp) == (5, 2)
    assert boundaries.f1 == pytest.approx(2 / 3)


def test_one_document_without_alarms_has_no_boundary_figures(row: Row) -> None:
    """Nothing to find and nothing claimed: None, not 0 and not 1."""
    boundaries = boundary_metrics(packet(row, "aaa", "aaa"))
    assert (boundaries.precision, boundaries.recall, boundaries.f1, boundaries.accuracy) == (None, None, None, 1.0)


def test_a_packet_not_executed_misses_every_boundary(row: Row) -> None:
    """A failed packet is wrong on each page, but raises no false alarm it never raised."""
    boundaries = boundary_metrics(failed(row, "aabcc"))
    assert (boundaries.tp, boundaries.fp, boundaries.fn, boundaries.accuracy) == (0, 0, 2, 0.0)
    documents = document_metrics(failed(row, "aabcc"))
    assert (documents.n, documents.exact, documents.exact_labelled) == (3, 0, 0)
    assert (documents.predicted, documents.over_split, documents.over_merged) == (0, 0, 0)


def test_documents_by_hand(row: Row) -> None:
    """aab|ccc|d: a is cut in two, c is right, b and nothing else is merged with the second half of a."""
    documents = document_metrics(packet(row, "aabcccd", "xyyccce"))
    assert (documents.n, documents.predicted) == (4, 4)
    assert (documents.exact, documents.exact_share) == (2, 0.5)
    assert (documents.over_split, documents.over_merged) == (1, 1)


def test_a_document_must_also_bear_its_label(row: Row) -> None:
    """Right pages under a wrong label are exact, but not exact with label."""
    documents = document_metrics(packet(row, "aab", "aab", label="check"))
    assert (documents.exact, documents.n_labelled, documents.exact_labelled) == (2, 2, 0)


def test_unlabelled_documents_count_for_their_pages_only(row: Row) -> None:
    """`label: null` leaves the labelled denominator and stays in the other."""
    rows = [row(truth=None, label=None, document_label=None)]
    documents = document_metrics(rows)
    assert (documents.n, documents.exact, documents.n_labelled, documents.exact_labelled_share) == (1, 1, 0, None)


def test_documents_of_two_packets_are_never_mixed(row: Row) -> None:
    """Indices start anew in each packet."""
    documents = document_metrics([*packet(row, "ab", "ab", "one"), *packet(row, "ab", "ab", "two")])
    assert (documents.n, documents.exact, documents.over_merged) == (4, 4, 0)


def test_routing_by_hand(row: Row) -> None:
    """Accepted, reviewed and not executed pages are three parts of one whole."""
    rows = [
        row(page=1),
        row(page=2, label="check"),
        row(page=3, needs_review=True, label="check"),
        row(page=4, needs_review=None, label=None, starts=None, error="bug"),
    ]
    routing = routing_metrics(rows)
    assert (routing.accepted.pages, routing.accepted.share, routing.accepted.label_accuracy) == (2, 0.5, 0.5)
    assert (routing.reviewed.pages, routing.reviewed.share, routing.reviewed.label_accuracy) == (1, 0.25, 0.0)
    assert (routing.not_executed.pages, routing.not_executed.share) == (1, 0.25)
    assert (routing.accepted.boundaries_asked, routing.accepted.boundary_accuracy) == (1, 1.0)


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_boundaries_agree_with_scikit_learn(pairs: Sequence[tuple[bool, bool]]) -> None:
    """Precision, recall and F1 of the class *starts here* are scikit-learn's."""
    rows = [
        PageRow("p", page, None, None, None, true, said, None, 0, 0, None, False, (), None)
        for page, (true, said) in enumerate(pairs, start=2)
    ]
    ours = boundary_metrics(rows)
    theirs = precision_recall_fscore_support(
        [true for true, _ in pairs], [said for _, said in pairs], labels=[True], zero_division=0
    )
    assert (ours.precision or 0, ours.recall or 0, ours.f1 or 0) == pytest.approx([float(one[0]) for one in theirs[:3]])
