"""`summary.json`: what was run, and every figure about it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import rfc8785
from pydantic import ValidationError

from evals.errors import RunUnreadable
from evals.metrics.confidence import ConfidenceMetrics, boundary_confidence, label_confidence
from evals.metrics.headline import Figure, headline
from evals.metrics.pages import LabelMetrics, PageMetrics, label_metrics, page_metrics
from evals.metrics.stream import (
    BoundaryMetrics,
    DocumentMetrics,
    RoutingMetrics,
    boundary_metrics,
    document_metrics,
    routing_metrics,
)
from evals.rows import PageRow, by_packet
from store.records import CalibratorPin, Failure, Record, Result, TaxonomyPin, Usage

ExamplesProtocol = Literal["none", "others"]
"""none: no labelled pages of the dataset are shown. others: those of all other packets that share no source file."""


class Subject(Record):
    """What is under test. Every result must bear these pins in its own manifest."""

    code_version: str
    taxonomy: TaxonomyPin
    model: str
    calibrator: CalibratorPin | None


class EvalManifest(Record):
    """Everything the figures depend on."""

    dataset: str
    dataset_sha256: str
    subject: Subject
    examples: ExamplesProtocol
    keep_out: tuple[str, ...]
    """Packets that never serve as examples."""
    packets: tuple[str, ...]
    """Those that were to be run: the sample."""
    concurrency: int
    """Packets at once."""
    cores: int
    """Of the machine that ran, or last resumed, the run."""

    @property
    def sha256(self) -> str:
        """Over what the answer for one packet depends on: not the sample, the machine or its load."""
        return hashlib.sha256(
            rfc8785.dumps(self.model_dump(mode="json", exclude={"packets", "concurrency", "cores"}))
        ).hexdigest()


class NotExecuted(Record):
    """A packet without an answer. All its pages count as wrong."""

    packet: str
    pages: int
    failure: Failure


class PacketMetrics(Record):
    """One packet."""

    packet: str
    pages: int
    seconds: float
    page_accuracy: float | None
    boundary_precision: float | None
    boundary_recall: float | None
    boundary_f1: float | None
    documents: int
    documents_exact: int
    documents_exact_labelled: int
    over_split: int
    over_merged: int
    accepted_share: float | None
    error: str | None
    """Failure code where it was not executed."""


class ConfidenceSummary(Record):
    label: ConfidenceMetrics
    boundary: ConfidenceMetrics


class Summary(Record):
    manifest: EvalManifest
    manifest_sha256: str
    packets: int
    executed: int
    not_executed: tuple[NotExecuted, ...]
    pages_total: int
    headline: dict[str, Figure]
    pages: PageMetrics
    labels: tuple[LabelMetrics, ...]
    boundaries: BoundaryMetrics
    boundaries_with_first: BoundaryMetrics
    """With page 1 of each packet counted as a boundary."""
    documents: DocumentMetrics
    routing: RoutingMetrics
    confidence: ConfidenceSummary
    by_packet: tuple[PacketMetrics, ...]
    usage: Usage
    """Sums over executed packets; `cost_usd` is None where that of one of them is unknown."""
    seconds: float
    """Sum of the packets' own wall times, whatever the concurrency."""
    seconds_per_page: float | None
    """Over executed packets."""


def summarise(
    manifest: EvalManifest, rows: Sequence[PageRow], results: Mapping[str, Result], seconds: Mapping[str, float]
) -> Summary:
    """All figures over the rows of all packets; `results` and `seconds` are by packet name."""
    per_packet = dict(by_packet(rows))
    failed = {name: pages for name, pages in per_packet.items() if not pages[0].executed}
    executed_pages = sum(len(pages) for name, pages in per_packet.items() if name not in failed)
    executed_seconds = sum(seconds[name] for name in per_packet if name not in failed)
    return Summary(
        manifest=manifest,
        manifest_sha256=manifest.sha256,
        packets=len(per_packet),
        executed=len(per_packet) - len(failed),
        not_executed=tuple(
            NotExecuted(packet=name, pages=len(pages), failure=_failure(results[name]))
            for name, pages in failed.items()
        ),
        pages_total=len(rows),
        headline=headline(rows),
        pages=page_metrics(rows),
        labels=label_metrics(rows),
        boundaries=boundary_metrics(rows),
        boundaries_with_first=boundary_metrics(rows, count_first=True),
        documents=document_metrics(rows),
        routing=routing_metrics(rows),
        confidence=ConfidenceSummary(label=label_confidence(rows), boundary=boundary_confidence(rows)),
        by_packet=tuple(_packet_metrics(name, pages, seconds[name]) for name, pages in per_packet.items()),
        usage=_total_usage([results[name].usage for name in per_packet if name not in failed]),
        seconds=sum(seconds.values()),
        seconds_per_page=executed_seconds / executed_pages if executed_pages else None,
    )


def read_summary(folder: Path) -> Summary:
    """Raises RunUnreadable where the folder holds no finished run."""
    path = folder / "summary.json"
    try:
        return Summary.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RunUnreadable(
            f"{path} cannot be read: {error.strerror}.", "Run `pagetrail eval run` into this folder first."
        ) from error
    except ValidationError as error:
        raise RunUnreadable(
            f"{path} is not the summary of an eval run of this version.", "Run it again into a new folder."
        ) from error


def _packet_metrics(name: str, pages: Sequence[PageRow], seconds: float) -> PacketMetrics:
    boundaries, documents = boundary_metrics(pages), document_metrics(pages)
    return PacketMetrics(
        packet=name,
        pages=len(pages),
        seconds=seconds,
        page_accuracy=page_metrics(pages).accuracy,
        boundary_precision=boundaries.precision,
        boundary_recall=boundaries.recall,
        boundary_f1=boundaries.f1,
        documents=documents.n,
        documents_exact=documents.exact,
        documents_exact_labelled=documents.exact_labelled,
        over_split=documents.over_split,
        over_merged=documents.over_merged,
        accepted_share=routing_metrics(pages).accepted.share,
        error=pages[0].error,
    )


def _failure(result: Result) -> Failure:
    if result.error is not None:
        return result.error
    return Failure(code=result.status, message="The packet ended without an answer.", advice="Read its audit trail.")


def _total_usage(usages: Sequence[Usage]) -> Usage:
    costs = [usage.cost_usd for usage in usages]
    known = [cost for cost in costs if cost is not None]
    return Usage(
        model_calls=sum(usage.model_calls for usage in usages),
        input_tokens=sum(usage.input_tokens for usage in usages),
        output_tokens=sum(usage.output_tokens for usage in usages),
        cost_usd=sum(known) if len(known) == len(costs) else None,
        cached_calls=sum(usage.cached_calls for usage in usages),
        wall_s=sum(usage.wall_s for usage in usages),
    )
