"""A summary or a gate report as tables: ruled and coloured on a terminal, aligned plain text anywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from evals.gate import GateReport
from evals.metrics.confidence import ConfidenceMetrics
from evals.metrics.stream import RoutedMetrics
from evals.summary import PacketMetrics, Summary

NOTHING = "–"
"""Stands for None: undefined or not scored, which is not 0."""


@dataclass(frozen=True)
class Grid:
    """Cells before anybody decides how they look. The first column is text, the others are figures."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def show_summary(summary: Summary, console: Console) -> None:
    """Everything of a run that fits a screen. For programs there is `summary.model_dump_json()`."""
    for line in _opening(summary):
        console.out(line, highlight=False)
    for grid in (
        headline_grid(summary),
        routing_grid(summary),
        confidence_grid(summary),
        label_grid(summary),
        packet_grid(summary),
    ):
        show_grid(grid, console)


def show_gate(report: GateReport, console: Console) -> None:
    """The verdict, what got worse, and every figure of both runs."""
    console.out(f"gate: {report.verdict} ({report.packets} packets, {report.pages} pages compared)", highlight=False)
    for reason in report.reasons:
        console.out(f"  {reason}", highlight=False)
    if report.checks:
        show_grid(gate_grid(report), console)


def show_grid(grid: Grid, console: Console) -> None:
    if not console.is_terminal:
        console.out("\n" + plain(grid), highlight=False)
        return
    table = Table(title=grid.title, title_justify="left")
    for index, column in enumerate(grid.columns):
        table.add_column(column, justify="right" if index else "left", overflow="fold")
    for row in grid.rows:
        table.add_row(*row)
    console.print(table)


def plain(grid: Grid) -> str:
    """Columns aligned by spaces, whatever the width: nothing is cut where no person resizes a window."""
    lines = [grid.columns, *grid.rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(grid.columns))]

    def aligned(line: Sequence[str]) -> str:
        cells = [
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    return "\n".join([grid.title, *(aligned(line) for line in lines)])


def headline_grid(summary: Summary) -> Grid:
    rows = [
        (name, _number(figure.value), _interval(figure.low, figure.high), str(figure.n), figure.of)
        for name, figure in summary.headline.items()
    ]
    return Grid("Headline", ("figure", "value", "95 % interval", "n", "of"), tuple(rows))


def routing_grid(summary: Summary) -> Grid:
    parts = {
        "accepted": summary.routing.accepted,
        "sent to review": summary.routing.reviewed,
        "not executed": summary.routing.not_executed,
    }
    return Grid(
        "Routing",
        ("pages", "n", "share", "label accuracy", "n labelled", "boundary accuracy", "n asked"),
        tuple(_routing_row(name, part) for name, part in parts.items()),
    )


def confidence_grid(summary: Summary) -> Grid:
    columns = ("confidence", "n", "not scored", "ECE", "Brier", "AUROC")
    wanted = tuple(f"coverage at {point.precision:.0%}" for point in summary.confidence.label.risk_coverage)
    return Grid(
        "Confidence",
        columns + wanted,
        (
            _confidence_row("label", summary.confidence.label),
            _confidence_row("boundary", summary.confidence.boundary),
        ),
    )


def label_grid(summary: Summary) -> Grid:
    rows = [
        (
            label.label,
            str(label.support),
            _number(label.precision),
            _number(label.recall),
            _number(label.f1),
            f"{label.confused_with or 'no label'} ({label.confused})" if label.confused else "",
        )
        for label in summary.labels
    ]
    return Grid("Labels, by support", ("label", "n", "precision", "recall", "F1", "most confused with"), tuple(rows))


def packet_grid(summary: Summary) -> Grid:
    columns = (
        "packet",
        "n pages",
        "page accuracy",
        "boundary F1",
        "documents",
        "exact",
        "split",
        "merged",
        "accepted",
        "s",
        "error",
    )
    return Grid("Packets", columns, tuple(_packet_row(packet) for packet in summary.by_packet))


def gate_grid(report: GateReport) -> Grid:
    rows = [
        (
            check.difference.figure,
            _number(check.difference.baseline),
            _number(check.difference.candidate),
            NOTHING if check.difference.delta is None else f"{check.difference.delta:+.4f}",
            _interval(check.difference.low, check.difference.high),
            NOTHING if check.tolerance is None else f"{check.tolerance:g}",
            str(check.difference.n),
            check.verdict if check.tolerance is not None else "shown only",
        )
        for check in report.checks
    ]
    columns = ("figure", "baseline", "run", "difference", "95 % interval", "tolerance", "n", "verdict")
    return Grid("Gate", columns, tuple(rows))


def _opening(summary: Summary) -> list[str]:
    manifest = summary.manifest
    subject = manifest.subject
    lines = [
        f"{manifest.dataset} ({manifest.dataset_sha256[:8]}): {summary.packets} packets, {summary.pages_total} pages",
        f"model {subject.model}, taxonomy {subject.taxonomy.name} version {subject.taxonomy.version}, "
        f"calibrator {subject.calibrator.name if subject.calibrator else 'none'}, examples {manifest.examples}, "
        f"code {subject.code_version}",
        f"{summary.documents.over_split} documents split, {summary.documents.over_merged} merged; "
        f"boundary F1 with first pages counted {_number(summary.boundaries_with_first.f1)}; "
        + ", ".join(f"top {k} {_number(share)}" for k, share in summary.pages.top_k.items()),
        f"{_number(summary.seconds_per_page)} s a page, {manifest.concurrency} at once on {manifest.cores} cores; "
        f"{summary.usage.model_calls} model calls, "
        + ("cost unknown" if summary.usage.cost_usd is None else f"{summary.usage.cost_usd:.4f} USD"),
    ]
    if summary.not_executed:
        pages = sum(packet.pages for packet in summary.not_executed)
        lines.append(f"NOT EXECUTED: {len(summary.not_executed)} packets; their {pages} pages count as wrong:")
        lines += [
            f"  {packet.packet}: {packet.failure.code}: {packet.failure.message} {packet.failure.advice}"
            for packet in summary.not_executed
        ]
    return lines


def _routing_row(name: str, part: RoutedMetrics) -> tuple[str, ...]:
    return (
        name,
        str(part.pages),
        _number(part.share),
        _number(part.label_accuracy),
        str(part.labelled),
        _number(part.boundary_accuracy),
        str(part.boundaries_asked),
    )


def _confidence_row(name: str, metrics: ConfidenceMetrics) -> tuple[str, ...]:
    figures = (metrics.ece, metrics.brier, metrics.auroc, *(point.coverage for point in metrics.risk_coverage))
    return (name, str(metrics.n), str(metrics.unscored), *(_number(figure) for figure in figures))


def _packet_row(packet: PacketMetrics) -> tuple[str, ...]:
    return (
        packet.packet,
        str(packet.pages),
        _number(packet.page_accuracy),
        _number(packet.boundary_f1),
        str(packet.documents),
        str(packet.documents_exact),
        str(packet.over_split),
        str(packet.over_merged),
        _number(packet.accepted_share),
        f"{packet.seconds:.1f}",
        packet.error or "",
    )


def _number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.4f}"


def _interval(low: float | None, high: float | None) -> str:
    return NOTHING if low is None or high is None else f"{low:.4f} to {high:.4f}"
