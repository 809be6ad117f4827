"""What the command line calls: `pagetrail eval run` and `pagetrail eval gate`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from evals.dataset import load_dataset
from evals.errors import EvalError
from evals.gate import GateReport, gate
from evals.runner import Classify, Progress, run
from evals.summary import ExamplesProtocol, Subject, Summary

ERROR = 1


async def eval_run(
    dataset: Path,
    out: Path,
    classify: Classify,
    *,
    subject: Subject,
    sample: Sequence[str] = (),
    leave_out: Sequence[str] = (),
    examples: ExamplesProtocol = "others",
    keep_out: Sequence[str] = (),
    concurrency: int = 1,
    progress: Callable[[Progress], None] | None = None,
) -> tuple[Summary, int]:
    """Run a labelled folder; returns the summary and the exit code: 0, or 1 where a packet was not executed.

    `sample` names the packets to run (none: all), `leave_out` those not to run, `keep_out` those that never serve as
    examples. Raises EvalError for a folder that cannot be trusted.
    """
    chosen = load_dataset(dataset)
    if sample:
        chosen = chosen.sample(sample)
    chosen = chosen.without(leave_out)
    summary = await run(
        chosen,
        out,
        classify,
        subject=subject,
        examples=examples,
        keep_out=keep_out,
        concurrency=concurrency,
        progress=progress,
    )
    return summary, 0 if not summary.not_executed else ERROR


def eval_gate(
    folder: Path, baseline: Path, *, tolerance: Mapping[str, float] | None = None
) -> tuple[GateReport | EvalError, int]:
    """Compare a run with its baseline; returns the report, or the error, and the exit code.

    0: no worse than tolerated. 100: something got worse, the report names it. 101: nothing can be said. 1: a folder is
    no finished run.
    """
    try:
        report = gate(folder, baseline, tolerance)
    except EvalError as error:
        return error, ERROR
    return report, report.exit_code
