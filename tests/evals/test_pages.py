"""Label metrics: by hand, and against scikit-learn."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from evals.metrics.pages import label_metrics, page_metrics
from evals.rows import PageRow

Row = Callable[..., PageRow]
LABELS = ["w2", "pay_stub", "check", "other"]
answers = st.lists(
    st.tuples(st.sampled_from([*LABELS[:3], None]), st.sampled_from([*LABELS, None])), min_size=1, max_size=60
)


def test_by_hand(row: Row) -> None:
    """Four labelled pages, two right: every figure as worked out on paper."""
    rows = [
        row(truth="w2", label="w2"),
        row(truth="w2", label="check"),
        row(truth="pay_stub", label="pay_stub"),
        row(truth="pay_stub", label=None),
        row(truth=None, label="w2"),
    ]
    pages = page_metrics(rows)
    assert (pages.n, pages.right, pages.no_label) == (4, 2, 1)
    assert pages.accuracy == 0.5
    # w2: tp 1, fp 0 (the unlabelled page is nobody's false alarm), fn 1 → 2/3. pay_stub the same. check has no support.
    assert pages.macro_f1 == pytest.approx(2 / 3)
    assert pages.macro_labels == 2
    assert pages.weighted_f1 == pytest.approx(2 / 3)
    by_name = {label.label: label for label in label_metrics(rows)}
    assert (by_name["w2"].precision, by_name["w2"].recall, by_name["w2"].confused_with) == (1.0, 0.5, "check")
    assert (by_name["pay_stub"].confused_with, by_name["pay_stub"].confused) == (None, 1)
    assert (by_name["check"].support, by_name["check"].precision, by_name["check"].recall) == (0, 0.0, None)


def test_a_label_never_given_has_no_precision_but_an_f1_of_zero(row: Row) -> None:
    """Nothing claimed is None, all missed is 0: the two are not the same."""
    (w2, _) = label_metrics([row(truth="w2", label="other")])
    assert w2.label == "w2"
    assert (w2.precision, w2.recall, w2.f1) == (None, 0.0, 0.0)


def test_top_k_takes_the_label_first_then_the_alternatives(row: Row) -> None:
    """Top 1 is page accuracy; alternatives follow; no label is wrong at every k."""
    rows = [
        row(truth="w2", label="w2", alternatives=("check", "other")),
        row(truth="w2", label="check", alternatives=("w2", "other")),
        row(truth="w2", label="check", alternatives=("other", "w2")),
        row(truth="w2", label=None, alternatives=("w2",)),
    ]
    top_k = page_metrics(rows).top_k
    assert (top_k["1"], top_k["2"], top_k["3"]) == (0.25, 0.5, 0.75)


def test_nothing_labelled_gives_no_figure(row: Row) -> None:
    """Without truth there is no accuracy, not one of zero."""
    pages = page_metrics([row(truth=None)])
    assert (pages.n, pages.accuracy, pages.macro_f1, pages.weighted_f1) == (0, None, None, None)


@settings(deadline=None)
@given(answers)
def test_agrees_with_scikit_learn(pairs: list[tuple[str | None, str | None]]) -> None:
    """Accuracy, macro and weighted F1, and every label's precision, recall, F1 and support are scikit-learn's."""
    rows = [_row(truth, label) for truth, label in pairs]
    truth = [t for t, _ in pairs if t is not None]
    label = [p or "<none>" for t, p in pairs if t is not None]
    pages = page_metrics(rows)
    if not truth:
        assert pages.accuracy is None
        return
    supported = sorted(set(truth))
    assert pages.accuracy == pytest.approx(accuracy_score(truth, label))
    for average, ours in (("macro", pages.macro_f1), ("weighted", pages.weighted_f1)):
        theirs = f1_score(truth, label, labels=supported, average=average, zero_division=0)
        assert ours == pytest.approx(theirs)
    by_name = {one.label: one for one in label_metrics(rows)}
    columns = precision_recall_fscore_support(truth, label, labels=supported, zero_division=0)
    for name, precision, recall, f1, support in zip(supported, *columns, strict=True):
        one = by_name[name]
        assert (one.precision or 0.0, one.recall, one.f1) == pytest.approx((precision, recall, f1))
        assert one.support == support


def _row(truth: str | None, label: str | None) -> PageRow:
    return PageRow("p", 1, truth, label, None, True, True, None, 0, 0, None, False, (), None)
