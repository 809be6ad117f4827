"""A summary on a screen and in a pipe."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from evals.dataset import Dataset
from evals.runner import run
from evals.summary import Subject, Summary
from evals.table import NOTHING, Grid, headline_grid, label_grid, plain, show_summary


@pytest.fixture
async def summary(dataset: Dataset, oracle: Any, subject: Subject, tmp_path: Path) -> Summary:
    """Page 2 wrong everywhere, one packet lost."""
    oracle.mistakes = lambda packet, page: page == 2
    oracle.failing = {"loan_5": RuntimeError("[bold]no markup[/bold]")}
    return await run(dataset, tmp_path, oracle, subject=subject)


def test_a_pipe_gets_plain_lines(summary: Summary) -> None:
    """Off a terminal there is no escape code, no ruling and no cut, however narrow the console thinks it is."""
    shown = StringIO()
    show_summary(summary, Console(file=shown, width=30))
    text = shown.getvalue()
    assert "\x1b" not in text
    assert "│" not in text
    assert "NOT EXECUTED: 1 packets; their 5 pages count as wrong:" in text
    assert "loan_5: bug: RuntimeError: [bold]no markup[/bold]" in text
    for grid in ("Headline", "Routing", "Confidence", "Labels, by support", "Packets"):
        assert f"\n{grid}\n" in text


def test_a_terminal_gets_ruled_tables(summary: Summary) -> None:
    """The same cells, ruled."""
    shown = StringIO()
    show_summary(summary, Console(file=shown, width=160, force_terminal=True))
    assert "page_accuracy" in shown.getvalue()
    assert "│" in shown.getvalue()


def test_every_headline_figure_bears_interval_and_n(summary: Summary) -> None:
    """Value, interval, n and what n counts stand in one row."""
    grid = headline_grid(summary)
    first = dict(zip(grid.columns, grid.rows[0], strict=True))
    assert first["figure"] == "page_accuracy"
    assert first["value"] == f"{20 / 30:.4f}"
    assert " to " in first["95 % interval"]
    assert (first["n"], first["of"]) == ("30", "labelled pages")


def test_labels_come_by_support_with_their_most_frequent_mistake(summary: Summary) -> None:
    """The widest label first, and beside it what it was taken for."""
    rows = {row[0]: row for row in label_grid(summary).rows}
    assert [int(row[1]) for row in rows.values()] == [12, 12, 6, 0]
    assert rows["pay_stub"][-1] == "other (5)"
    assert rows["bank_statement"][-1] == "no label (2)"


def test_what_is_undefined_shows_as_nothing(dataset: Dataset, oracle: Any, subject: Subject, summary: Summary) -> None:
    """None is a dash, never 0.0000."""
    empty = summary.headline["page_accuracy"].model_copy(update={"value": None, "low": None})
    grid = headline_grid(summary.model_copy(update={"headline": {"page_accuracy": empty}}))
    assert grid.rows[0][1:3] == (NOTHING, NOTHING)


def test_columns_are_aligned() -> None:
    """Text to the left, figures to the right."""
    text = plain(Grid("T", ("name", "n"), (("a", "1"), ("longer", "100"))))
    assert text.splitlines() == ["T", "name      n", "a         1", "longer  100"]
