"""Headline figures are the metrics, with intervals that draw whole packets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.metrics.headline import HEADLINE, headline, paired
from evals.metrics.pages import page_metrics
from evals.metrics.stream import boundary_metrics, document_metrics, routing_metrics
from evals.rows import PageRow

Row = Callable[..., PageRow]
pages = st.tuples(
    st.sampled_from(["w2", "check", None]),
    st.sampled_from(["w2", "check", "other", None]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@settings(deadline=None)
@given(st.lists(st.lists(pages, min_size=1, max_size=8), min_size=1, max_size=5))
def test_values_are_those_of_the_metrics(packets: list[list[tuple[str | None, str | None, bool, bool, bool]]]) -> None:
    """The counted form that is resampled and the plain form agree on every figure."""
    rows = [
        PageRow(str(p), n, truth, label, None, true, said, None, n // 2, n // 3, label, review, (), None)
        for p, packet in enumerate(packets)
        for n, (truth, label, true, said, review) in enumerate(packet, start=1)
    ]
    figures = {name: figure.value for name, figure in headline(rows, resamples=10).items()}
    plain, boundaries = page_metrics(rows), boundary_metrics(rows)
    documents, accepted = document_metrics(rows), routing_metrics(rows).accepted
    assert figures == pytest.approx(
        {
            "page_accuracy": plain.accuracy,
            "macro_f1": plain.macro_f1,
            "weighted_f1": plain.weighted_f1,
            "boundary_precision": boundaries.precision,
            "boundary_recall": boundaries.recall,
            "boundary_f1": boundaries.f1,
            "documents_exact": documents.exact_share,
            "documents_exact_labelled": documents.exact_labelled_share,
            "accepted_share": accepted.share,
            "accepted_accuracy": accepted.label_accuracy,
        }
    )


def test_every_figure_says_its_n(row: Row) -> None:
    """n counts what the figure is a share of."""
    rows = [row(page=1), row(page=2, truth=None, needs_review=True), row(page=3, truth_document=1, starts=False)]
    figures = headline(rows)
    assert set(figures) == set(HEADLINE)
    assert {name: figure.n for name, figure in figures.items()} == {
        "page_accuracy": 2,
        "macro_f1": 2,
        "weighted_f1": 2,
        "boundary_precision": 1,
        "boundary_recall": 2,
        "boundary_f1": 2,
        "documents_exact": 2,
        "documents_exact_labelled": 1,
        "accepted_share": 3,
        "accepted_accuracy": 2,
    }


def test_intervals_draw_packets_not_pages(row: Row) -> None:
    """Two packets, one all right and one all wrong: drawn whole, accuracy is 0, ½ or 1, so the interval is 0 to 1."""
    rows = [row(packet="good", page=n) for n in range(1, 51)]
    rows += [row(packet="bad", page=n, label="check") for n in range(1, 51)]
    accuracy = headline(rows)["page_accuracy"]
    assert (accuracy.value, accuracy.low, accuracy.high) == (0.5, 0.0, 1.0)


def test_intervals_are_the_same_every_time(row: Row) -> None:
    """The seed is fixed: two reports of one run do not differ."""
    rows = [row(packet=str(p), page=n, label="w2" if p % 3 else "check") for p in range(9) for n in (1, 2)]
    assert headline(rows) == headline(rows)


def test_one_packet_has_no_interval(row: Row) -> None:
    """One draw from one packet is no spread."""
    accuracy = headline([row()])["page_accuracy"]
    assert (accuracy.value, accuracy.low, accuracy.high) == (1.0, None, None)


def test_pairing_cancels_what_is_hard_for_both(row: Row) -> None:
    """One label lost in each packet is a clear loss, although the packets themselves differ widely."""
    before, after = [], []
    for p in range(8):
        for n in range(1, 11):
            hard = n <= p
            before.append(row(packet=str(p), page=n, label="check" if hard else "w2"))
            after.append(row(packet=str(p), page=n, label="check" if hard or n == 10 else "w2"))
    difference = paired(before, after)["page_accuracy"]
    assert difference.delta == pytest.approx(-0.1)
    assert difference.low == pytest.approx(-0.1)
    assert difference.high == pytest.approx(-0.1)
    single = headline(after)["page_accuracy"]
    assert single.low is not None
    assert single.high is not None
    assert single.high - single.low > 0.2
