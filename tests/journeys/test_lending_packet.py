"""The shipped taxonomy, its examples and its calibrator on a packet of invented loan papers."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from evals.synth import generate
from graph.opening import shipped_calibrator
from graph.runtime import Runtime
from store.records import JobOptions, TaxonomyPin
from taxonomy import load

OpenRuntime = Callable[..., AbstractAsyncContextManager[Runtime]]


def test_the_shipped_taxonomy_has_its_calibrator() -> None:
    """It is pinned to the very file: after any change of the taxonomy it has to be fitted again."""
    taxonomy = load("lending")
    pin = TaxonomyPin(name=taxonomy.name, version=taxonomy.version, sha256=taxonomy.sha256)
    calibrator = shipped_calibrator("local", pin)
    assert calibrator is not None, "run `pagetrail eval run … --raw-scores`, then `pagetrail eval calibrate`"
    assert calibrator.thresholds.label is not None


async def test_invented_loan_papers_are_told_apart(new_runtime: OpenRuntime, tmp_path: Path) -> None:
    """Born-digital and scanned pages: labels and boundaries are found, and what is accepted is right."""
    (pdf,) = generate(tmp_path / "data", packets=1, seed=11, pages=(12, 14), scan_share=0.2)
    truth = json.loads((tmp_path / f"data/truth/{pdf.stem}.json").read_text())["pages"]
    async with new_runtime() as runtime:
        job = await runtime.submit(pdf, JobOptions())
        result = await runtime.work(job.id)

    right = [page.label == true["label"] for page, true in zip(result.pages, truth, strict=True)]
    begun = [page.starts_document == (true["page_in_doc"] == 1) for page, true in zip(result.pages, truth, strict=True)]
    accepted = [fits for page, fits in zip(result.pages, right, strict=True) if not page.needs_review]
    assert sum(right) >= 0.8 * len(right)
    assert sum(begun) >= 0.8 * len(begun)
    assert accepted
    assert all(accepted)
    assert all(page.confidence is not None for page in result.pages)
