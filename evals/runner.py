"""Runs every packet of a dataset through the machine under test and writes down what came back.

```
OUT/results/<packet>.json   what the machine answered (`result.json`), or a failed result with its error
OUT/runs/<packet>.json      which manifest that answer belongs to, which examples were shown, how long it took
OUT/pages.csv               truth beside answer, one line a page
OUT/summary.json            every figure
```
A run into the same folder takes over finished packets whose manifest hash and file hash still hold. A packet that
fails is written down with its error, counts as not executed, and is tried again by the next run.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from pydantic import ValidationError

from evals.dataset import Dataset, Packet
from evals.errors import DatasetError
from evals.rows import rows_of, write_rows
from evals.summary import EvalManifest, ExamplesProtocol, Subject, Summary, summarise
from store.errors import Unavailable
from store.records import Failure, Record, Result
from tools.errors import DocumentRejected


class Classify(Protocol):
    """The machine under test: the graph of production, with a store of its own."""

    async def __call__(self, pdf: Path, example_packets: Sequence[Packet]) -> Result:
        """Raise, or return a result that bears an error, where there is no answer."""
        ...


@dataclass(frozen=True)
class Progress:
    """One packet is done."""

    packet: str
    outcome: Literal["executed", "reused", "failed"]
    done: int
    total: int
    seconds: float
    failure: Failure | None


class PacketRun(Record):
    """`runs/<packet>.json`."""

    packet: str
    manifest_sha256: str
    result_sha256: str
    examples: tuple[str, ...]
    """Packets that were shown as examples."""
    seconds: float
    traceback: str | None
    """Of an exception that is neither the document's nor the world's fault."""


async def run(
    dataset: Dataset,
    out: Path,
    classify: Classify,
    *,
    subject: Subject,
    examples: ExamplesProtocol = "others",
    keep_out: Sequence[str] = (),
    concurrency: int = 1,
    progress: Callable[[Progress], None] | None = None,
) -> Summary:
    """Run what is not yet run, write rows and summary over everything, return the summary.

    `keep_out` names packets that never serve as examples. Raises DatasetError for unknown names or an empty sample.
    """
    manifest = _manifest(dataset, subject, examples, keep_out, concurrency)
    finished = await _run_packets(dataset, manifest, out, classify, progress)
    rows = [row for packet in dataset.packets for row in rows_of(packet, finished[packet.name].result)]
    summary = summarise(
        manifest,
        rows,
        results={name: one.result for name, one in finished.items()},
        seconds={name: one.run.seconds for name, one in finished.items()},
    )
    write_rows(rows, out / "pages.csv")
    _write(out / "summary.json", summary)
    return summary


@dataclass(frozen=True)
class _Finished:
    result: Result
    run: PacketRun


def _manifest(
    dataset: Dataset, subject: Subject, examples: ExamplesProtocol, keep_out: Sequence[str], concurrency: int
) -> EvalManifest:
    if not dataset.packets:
        raise DatasetError(f"No packet of {dataset.name} is left to run.", "Widen the sample.")
    dataset.require(keep_out)
    return EvalManifest(
        dataset=dataset.name,
        dataset_sha256=dataset.sha256,
        subject=subject,
        examples=examples,
        keep_out=tuple(sorted(set(keep_out))),
        packets=tuple(packet.name for packet in dataset.packets),
        concurrency=concurrency,
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
    )


async def _run_packets(
    dataset: Dataset,
    manifest: EvalManifest,
    out: Path,
    classify: Classify,
    progress: Callable[[Progress], None] | None,
) -> dict[str, _Finished]:
    slots = asyncio.Semaphore(manifest.concurrency)
    finished: dict[str, _Finished] = {}

    async def one(packet: Packet) -> None:
        async with slots:
            earlier = _taken_over(packet, manifest, out)
            done = earlier or await _execute(packet, dataset, manifest, out, classify)
        finished[packet.name] = done
        failed = _is_failed(done.result)
        if progress is not None:
            progress(
                Progress(
                    packet=packet.name,
                    outcome="reused" if earlier else "failed" if failed else "executed",
                    done=len(finished),
                    total=len(dataset.packets),
                    seconds=done.run.seconds,
                    failure=done.result.error,
                )
            )

    async with asyncio.TaskGroup() as group:
        for packet in dataset.packets:
            group.create_task(one(packet))
    return finished


async def _execute(
    packet: Packet, dataset: Dataset, manifest: EvalManifest, out: Path, classify: Classify
) -> _Finished:
    shown = dataset.others_for(packet, manifest.keep_out) if manifest.examples == "others" else ()
    trace = None
    begun = time.monotonic()
    try:
        result = await classify(packet.pdf, shown)
        wrong = None if _is_failed(result) else _not_an_answer(result, packet, manifest.subject)
        if wrong is not None:
            result = _failed(packet, wrong)
    except DocumentRejected as error:
        result = _failed(packet, Failure(code=error.code, message=error.message, advice=error.advice), "rejected")
    except Unavailable as error:
        result = _failed(packet, Failure(code="unavailable", message=str(error), advice="Run again into this folder."))
    except Exception as error:
        # A bug in one packet must not cost the others hours of work. It is kept whole and counted against the run.
        trace = traceback.format_exc()
        message = f"{type(error).__name__}: {error}"
        result = _failed(packet, Failure(code="bug", message=message, advice="The traceback is in runs/."))
    seconds = time.monotonic() - begun
    result_sha256 = _write(out / "results" / f"{packet.name}.json", result)
    run_of_packet = PacketRun(
        packet=packet.name,
        manifest_sha256=manifest.sha256,
        result_sha256=result_sha256,
        examples=tuple(other.name for other in shown),
        seconds=seconds,
        traceback=trace,
    )
    _write(out / "runs" / f"{packet.name}.json", run_of_packet)
    return _Finished(result, run_of_packet)


def _taken_over(packet: Packet, manifest: EvalManifest, out: Path) -> _Finished | None:
    """An earlier answer of the same manifest, written whole; None where the packet must be run."""
    try:
        run_of_packet = PacketRun.model_validate_json((out / "runs" / f"{packet.name}.json").read_bytes())
        raw = (out / "results" / f"{packet.name}.json").read_bytes()
        result = Result.model_validate_json(raw)
    except (OSError, ValidationError):
        return None
    same = (
        run_of_packet.manifest_sha256 == manifest.sha256
        and run_of_packet.result_sha256 == hashlib.sha256(raw).hexdigest()
    )
    return _Finished(result, run_of_packet) if same and not _is_failed(result) else None


def _not_an_answer(result: Result, packet: Packet, subject: Subject) -> Failure | None:
    """What makes a result unfit to be counted: other pins than the run's, or pages lost, doubled or made up."""
    pins = result.manifest
    if pins is None:
        return _unfit("manifest_missing", "The result bears no manifest.")
    told = Subject(code_version=pins.code_version, taxonomy=pins.taxonomy, model=pins.model, calibrator=pins.calibrator)
    if told != subject:
        differing = [name for name in Subject.model_fields if getattr(told, name) != getattr(subject, name)]
        return _unfit("manifest_differs", f"The result was made with another {', '.join(differing)}.")
    if pins.packet_sha256 != packet.pdf_sha256:
        return _unfit("packet_differs", "The result speaks of another file.")
    if sorted(page.page for page in result.pages) != [page.page for page in packet.pages]:
        return _unfit("pages_differ", f"The result has {len(result.pages)} pages for {len(packet.pages)}.")
    if sorted(page for document in result.documents for page in document.pages) != [p.page for p in packet.pages]:
        return _unfit("documents_differ", "Not every page lies in exactly one document of the result.")
    return None


def _unfit(code: str, message: str) -> Failure:
    return Failure(code=code, message=message, advice="This is a bug of the machine under test: read its audit trail.")


def _failed(packet: Packet, failure: Failure, status: Literal["failed", "rejected"] = "failed") -> Result:
    return Result(packet=packet.name, job_id="", status=status, manifest=None, error=failure)


def _is_failed(result: Result) -> bool:
    return result.error is not None or result.status in ("failed", "rejected")


def _write(path: Path, record: Record) -> str:
    """Whole or not at all; returns the sha256 of what was written."""
    raw = (record.model_dump_json(indent=2) + "\n").encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(raw)
    partial.replace(path)
    return hashlib.sha256(raw).hexdigest()
