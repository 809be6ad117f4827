"""The closing table, and how numbers and labels read."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from store.records import Failure, Result, TierShare, Usage
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
    assert "24 model calls · 3 answers of earlier jobs" in said
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


def test_a_route_tells_what_each_model_did(result: Result, groups: LabelGroups) -> None:
    """Share of pages, calls, tokens and dollars a page; a price nobody knows is not nothing."""
    tiers = (
        TierShare(model="local", pages=18),
        TierShare(model="openai:mine", pages=6, usage=Usage(model_calls=8, input_tokens=2400, cost_usd=None)),
    )
    said = printed(result.model_copy(update={"tiers": tiers}), None, groups)
    assert "local decided 18 pages (75%)" in said
    assert "openai:mine decided 6 pages (25%), 33 calls per 100 pages, 100 tokens and price unknown a page" in said


def test_a_budget_that_ended_is_told_with_what_to_do(result: Result, groups: LabelGroups) -> None:
    """The result is there, and so is what it lacks."""
    partial = Failure(code="budget_reached", message="6 pages are missing.", advice="Give more.")
    said = printed(result.model_copy(update={"partial": partial}), None, groups)
    assert "budget_reached: 6 pages are missing." in said
    assert "Give more." in said
