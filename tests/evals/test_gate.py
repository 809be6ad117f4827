"""The gate: identical passes, worse fails by name, and where nothing can be said it says so."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from evals.dataset import Dataset
from evals.doors import eval_gate
from evals.errors import EvalError, RunUnreadable
from evals.gate import GateReport, gate
from evals.runner import run
from evals.summary import Subject
from evals.table import show_gate
from store.errors import Unavailable


@pytest.fixture
async def baseline(dataset: Dataset, oracle: Any, subject: Subject, tmp_path: Path) -> Path:
    """A run of the machine that knows the truth."""
    await run(dataset, tmp_path / "baseline", oracle, subject=subject)
    return tmp_path / "baseline"


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    return tmp_path / "candidate"


def judged(candidate: Path, baseline: Path) -> tuple[GateReport, int]:
    report, code = eval_gate(candidate, baseline)
    assert isinstance(report, GateReport)
    return report, code


def test_a_run_passes_against_itself(baseline: Path) -> None:
    """No difference, no reason, exit 0."""
    report, code = judged(baseline, baseline)
    assert (report.verdict, report.reasons, code) == ("pass", (), 0)
    assert (report.packets, report.pages) == (6, 30)


async def test_a_worse_run_fails_and_names_what_got_worse(
    dataset: Dataset, oracle: Any, subject: Subject, baseline: Path, candidate: Path
) -> None:
    """One wrong page in every packet: labels fail by name, boundaries are untouched and not accused."""
    oracle.mistakes = lambda packet, page: page == 2
    await run(dataset, candidate, oracle, subject=subject)
    report, code = judged(candidate, baseline)
    assert (report.verdict, code) == ("fail", 100)
    accused = {check.difference.figure for check in report.checks if check.verdict == "fail"}
    assert {"page_accuracy", "macro_f1", "documents_exact_labelled", "accepted_share"} <= accused
    assert not accused & {"boundary_f1", "documents_exact", "accepted_accuracy"}
    assert any(reason.startswith("page_accuracy got worse: 1.0000 to 0.8000") for reason in report.reasons)


async def test_a_better_run_passes(
    dataset: Dataset, oracle: Any, subject: Subject, baseline: Path, candidate: Path
) -> None:
    """The gate has one side."""
    oracle.mistakes = lambda packet, page: page == 2
    await run(dataset, candidate, oracle, subject=subject)
    assert judged(baseline, candidate)[1] == 0


async def test_a_drop_that_chance_explains_is_inconclusive(
    dataset: Dataset, oracle: Any, subject: Subject, baseline: Path, candidate: Path
) -> None:
    """One packet of six got worse: more than tolerated, but a draw without it shows nothing."""
    oracle.mistakes = lambda packet, page: packet == "loan_3"
    await run(dataset, candidate, oracle, subject=subject)
    report, code = judged(candidate, baseline)
    assert (report.verdict, code) == ("inconclusive", 101)
    assert any("chance is not excluded" in reason for reason in report.reasons)


async def test_tolerance_can_be_widened(
    dataset: Dataset, oracle: Any, subject: Subject, baseline: Path, candidate: Path
) -> None:
    """A drop within the tolerance passes; an unknown figure is refused."""
    oracle.mistakes = lambda packet, page: page == 2
    await run(dataset, candidate, oracle, subject=subject)
    wide = {"page_accuracy": 0.2, "macro_f1": 1.0, "documents_exact_labelled": 1.0, "accepted_share": 0.2}
    assert gate(candidate, baseline, wide).verdict == "pass"
    with pytest.raises(EvalError, match="no figure beauty"):
        gate(candidate, baseline, {"beauty": 0.1})


async def test_a_run_without_any_answer_is_inconclusive(
    dataset: Dataset, oracle: Any, subject: Subject, baseline: Path, candidate: Path
) -> None:
    """All packets failed: that says nothing of quality, and it is no pass, on either side."""
    oracle.failing = {packet.name: Unavailable("down") for packet in dataset.packets}
    await run(dataset, candidate, oracle, subject=subject)
    report, code = judged(candidate, baseline)
    assert (report.verdict, code) == ("inconclusive", 101)
    assert "no packet of the run was executed" in report.reasons[0]
    assert judged(baseline, candidate)[1] == 101


@pytest.mark.parametrize(("failure", "code"), [(RuntimeError("bug"), 100), (Unavailable("down"), 101)])
async def test_a_packet_that_fails_now_never_passes(
    dataset: Dataset, oracle: Any, subject: Subject, baseline: Path, candidate: Path, failure: Exception, code: int
) -> None:
    """A crash is a regression with its packet's name; a provider that was down is a reason to run again."""
    oracle.failing = {"loan_3": failure}
    await run(dataset, candidate, oracle, subject=subject)
    report, exit_code = judged(candidate, baseline)
    assert exit_code == code
    assert any("loan_3 is not executed any more" in reason for reason in report.reasons)


async def test_a_sample_does_not_pass_for_the_whole(
    dataset: Dataset, oracle: Any, subject: Subject, baseline: Path, candidate: Path
) -> None:
    """Leaving out packets of the baseline is inconclusive; more packets than the baseline are fine."""
    await run(dataset.sample(["loan_0", "loan_1"]), candidate, oracle, subject=subject)
    report, code = judged(candidate, baseline)
    assert (code, report.reasons) == (
        101,
        ("packets of the baseline were not run: loan_2, loan_3, loan_4, loan_5",),
    )
    assert judged(baseline, candidate)[1] == 0


async def test_other_examples_are_another_experiment(
    dataset: Dataset, oracle: Any, subject: Subject, baseline: Path, candidate: Path
) -> None:
    """Runs under different example protocols are not compared."""
    await run(dataset, candidate, oracle, subject=subject, examples="none")
    report, code = judged(candidate, baseline)
    assert code == 101
    assert "different examples" in report.reasons[0]


def test_a_folder_that_is_no_run_is_an_error(baseline: Path, tmp_path: Path) -> None:
    """Exit 1 with the error and what to do, for candidate and baseline alike."""
    for pair in ((tmp_path / "nowhere", baseline), (baseline, tmp_path / "nowhere")):
        error, code = eval_gate(*pair)
        assert code == 1
        assert isinstance(error, RunUnreadable)
        assert "pagetrail eval run" in error.advice


async def test_the_report_is_shown_whole(
    dataset: Dataset, oracle: Any, subject: Subject, baseline: Path, candidate: Path
) -> None:
    """Verdict, reasons and every figure reach a pipe uncut."""
    oracle.mistakes = lambda packet, page: page == 2
    await run(dataset, candidate, oracle, subject=subject)
    shown = StringIO()
    show_gate(judged(candidate, baseline)[0], Console(file=shown, width=20))
    assert "gate: fail (6 packets, 30 pages compared)" in shown.getvalue()
    assert "page_accuracy got worse: 1.0000 to 0.8000" in shown.getvalue()
    assert "shown only" in shown.getvalue()
