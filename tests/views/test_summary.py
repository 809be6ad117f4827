"""The closing table, and how numbers and labels read."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from store.records import Failure, Result
from views import summary, wording
from views.groups import NEUTRAL, LabelGroups


def printed(result: Result, out: Path | None, groups: LabelGroups) -> str:
    written = io.StringIO()
    summary.show(result, out, groups, Console(file=written, width=120, force_terminal=False))
    return written.getvalue()


def test_documents_doubts_findings_and_files_are_told(result: Result, groups: LabelGroups, tmp_path: Path) -> None:
    """A row a document; below it what waits and why, what fails, what was spent, where the files are."""
    (tmp_path / "report.html").touch()
    said = printed(result, tmp_path, groups)
    assert "smith-loan-4711  waits for review  24 pages in 10 documents" in said
    row = next(line for line in said.splitlines() if "Bank statement" in line)
    assert "10-14" in row
    assert "0.96" in row
    unlabelled = next(line for line in said.splitlines() if "no label" in line)
    assert "—" in unlabelled
    assert "! review" in unlabelled
    assert "! page 22: no engine could read the page" in said
    assert "warning: Two consecutive pay stubs are required" in said
    assert "1 rule could not be judged" in said
    assert "24 model calls, 3 of them from the journal" in said
    assert "$0.0132" in said
    assert "report.html" in said


def test_a_rejection_says_what_to_do(groups: LabelGroups) -> None:
    """A rejected packet shows code, message and advice."""
    error = Failure(code="password_needed", message="The file is encrypted.", advice="Give --password.")
    said = printed(Result(packet="p", job_id="j", status="rejected", manifest=None, error=error), None, groups)
    assert "password_needed: The file is encrypted." in said
    assert "Give --password." in said


@pytest.mark.parametrize(
    ("pages", "said"), [((), ""), ((3,), "3"), ((1, 2, 3), "1-3"), ((7, 1, 2, 3), "1-3, 7"), ((1, 3, 5), "1, 3, 5")]
)
def test_pages_read_as_ranges(pages: tuple[int, ...], said: str) -> None:
    """Runs of pages are joined, in order."""
    assert wording.page_ranges(pages) == said


def test_numbers_claim_no_more_than_is_known() -> None:
    """Not scored is a dash, nearly certain is not 1.00, and an unknown price is not nothing."""
    assert wording.score(None) == "—"
    assert wording.score(0.0) == "0.00"
    assert wording.score(0.9999) == "0.99"
    assert wording.score(1.0) == "1.00"
    assert wording.money(None) == "price unknown"
    assert wording.money(0.0) == "$0"
    assert wording.money(0.0132) == "$0.0132"
    assert [wording.seconds(s) for s in (0.42, 12.2, 200, 7500)] == ["0.4 s", "12 s", "3 min 20 s", "2 h 05 min"]


def test_groups_have_colours_and_strangers_do_not(groups: LabelGroups) -> None:
    """A label no taxonomy knows is shown by its code, in the neutral colour."""
    assert groups.colour("w2") == groups.colour("pay_stub") != groups.colour("bank_statement")
    assert groups.colour("nobody_knows_it") == groups.colour(None) == NEUTRAL
    assert groups.name("nobody_knows_it") == "nobody knows it"
