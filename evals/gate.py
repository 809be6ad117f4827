"""Whether a run is worse than its baseline by more than the tolerance, and more than chance explains.

Both runs are read from their rows, and compared on the packets of the baseline, resampled in pairs by packet. A figure
**fails** where it dropped by more than its tolerance and the 95 % interval of the difference lies below zero. Where
it dropped by more but the interval reaches zero, the gate is **inconclusive**: more packets are needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from evals.errors import EvalError
from evals.metrics.headline import HEADLINE, Difference, paired
from evals.rows import PageRow, by_packet, read_rows
from evals.summary import Summary, read_summary
from store.records import Record

TOLERANCE: dict[str, float] = {
    "page_accuracy": 0.01,
    "macro_f1": 0.02,
    "boundary_f1": 0.01,
    "documents_exact": 0.02,
    "documents_exact_labelled": 0.02,
    "accepted_share": 0.05,
    "accepted_accuracy": 0.005,
}
"""How far a figure may drop, in absolute terms. Figures that are not named are shown, but do not decide."""

Verdict = Literal["pass", "fail", "inconclusive"]
EXIT_CODES: dict[Verdict, int] = {"pass": 0, "fail": 100, "inconclusive": 101}


class GateCheck(Record):
    """One figure of both runs."""

    difference: Difference
    tolerance: float | None
    """None: shown only."""
    verdict: Verdict


class GateReport(Record):
    """What the gate found."""

    verdict: Verdict
    reasons: tuple[str, ...]
    """What got worse, or why nothing can be said; empty for a pass."""
    checks: tuple[GateCheck, ...]
    packets: int
    """Compared."""
    pages: int

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.verdict]


def gate(candidate: Path, baseline: Path, tolerance: Mapping[str, float] | None = None) -> GateReport:
    """Compare two finished runs. `tolerance` replaces single entries of TOLERANCE.

    Raises RunUnreadable where a folder holds no finished run, EvalError for an unknown figure.
    """
    tolerances = TOLERANCE | dict(tolerance or {})
    if unknown := sorted(set(tolerances) - set(HEADLINE)):
        raise EvalError(f"There is no figure {', '.join(unknown)}.", f"Take one of {', '.join(HEADLINE)}.")
    new, old = read_summary(candidate), read_summary(baseline)
    if obstacles := _obstacles(new, old):
        return _inconclusive(obstacles)
    before = read_rows(baseline / "pages.csv")
    after = _in_order_of(before, read_rows(candidate / "pages.csv"))
    return _compared(before, after, tolerances)


def _obstacles(new: Summary, old: Summary) -> list[str]:
    """Why the two runs cannot be compared at all."""
    obstacles = []
    if new.manifest.dataset_sha256 != old.manifest.dataset_sha256:
        obstacles.append("the runs are on different datasets: run the baseline again on this one")
    if (new.manifest.examples, new.manifest.keep_out) != (old.manifest.examples, old.manifest.keep_out):
        obstacles.append("the runs were shown different examples: run both under one protocol")
    if missing := sorted(set(old.manifest.packets) - set(new.manifest.packets)):
        obstacles.append(f"packets of the baseline were not run: {', '.join(missing)}")
    if not new.executed:
        obstacles.append("no packet of the run was executed: read the errors in its summary")
    if not old.executed:
        obstacles.append("no packet of the baseline was executed: it is no baseline")
    return obstacles


def _compared(before: Sequence[PageRow], after: Sequence[PageRow], tolerances: Mapping[str, float]) -> GateReport:
    checks = [_check(difference, tolerances.get(name)) for name, difference in paired(before, after).items()]
    lost = _newly_failed(before, after)
    reasons = [_reason(check) for check in checks if check.verdict != "pass"]
    reasons += [f"{packet} is not executed any more ({code})" for packet, code in lost.items()]
    verdicts = {check.verdict for check in checks}
    # While the world was at fault, figures say nothing of the machine; any other loss of a packet is its own.
    if "unavailable" in lost.values():
        verdict: Verdict = "inconclusive"
    elif "fail" in verdicts or lost:
        verdict = "fail"
    else:
        verdict = "inconclusive" if "inconclusive" in verdicts else "pass"
    return GateReport(
        verdict=verdict,
        reasons=tuple(reasons),
        checks=tuple(checks),
        packets=len(dict(by_packet(before))),
        pages=len(before),
    )


def _check(difference: Difference, tolerance: float | None) -> GateCheck:
    return GateCheck(difference=difference, tolerance=tolerance, verdict=_verdict(difference, tolerance))


def _verdict(difference: Difference, tolerance: float | None) -> Verdict:
    if tolerance is None or difference.baseline is None:
        return "pass"
    if difference.delta is None:
        return "inconclusive"
    # A hair of slack, so that a drop of exactly the tolerance passes in binary arithmetic too.
    if difference.delta >= -tolerance - 1e-9:
        return "pass"
    return "fail" if difference.high is not None and difference.high < 0 else "inconclusive"


def _reason(check: GateCheck) -> str:
    one = check.difference
    if one.baseline is None or one.candidate is None or one.delta is None:
        return f"{one.figure} is defined in the baseline, but not in the run"
    interval = "no interval" if one.low is None or one.high is None else f"95 % {one.low:+.4f} to {one.high:+.4f}"
    said = "got worse" if check.verdict == "fail" else "may have got worse, chance is not excluded"
    return (
        f"{one.figure} {said}: {one.baseline:.4f} to {one.candidate:.4f} "
        f"({one.delta:+.4f}, {interval}, tolerance {check.tolerance}, n {one.n})"
    )


def _newly_failed(before: Sequence[PageRow], after: Sequence[PageRow]) -> dict[str, str]:
    was_executed = {name for name, pages in by_packet(before) if pages[0].executed}
    return {name: pages[0].error for name, pages in by_packet(after) if pages[0].error and name in was_executed}


def _in_order_of(before: Sequence[PageRow], after: Sequence[PageRow]) -> list[PageRow]:
    rows = dict(by_packet(after))
    return [row for name, _ in by_packet(before) for row in rows[name]]


def _inconclusive(reasons: Sequence[str]) -> GateReport:
    return GateReport(verdict="inconclusive", reasons=tuple(reasons), checks=(), packets=0, pages=0)
