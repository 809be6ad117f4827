"""Open a job for work: its file, taxonomy, models, examples and calibrator, held against the pins of its manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from agent.prompt import load_prompt, page_instructions
from agent.routes import Route, RouteFactory, route
from agent.verdict import verdict_schema
from graph import calibrator as calibrators
from graph.calibrator import Calibrator, Calibrators
from graph.packet.run import PacketRun
from graph.page.run import PageCaps, PageRun, Question
from store.ports import Store
from store.records import NO_CAP, Budget, ExamplesPin, Job, RunManifest, Task, TaxonomyPin
from taxonomy import CueMatcher, Taxonomy, shipped_examples
from taxonomy import load as load_taxonomy
from tools.contract import Tool
from tools.escalate import EscalateToReview
from tools.neighbour import ReadNeighbour
from tools.ocr import engines
from tools.ocr_page import OcrPage
from tools.pdf import Limits, PdfDocument
from tools.read import ReadPage
from tools.reading import page_look, text_read
from tools.render import RenderPage
from tools.retrieval import Embedder, ExampleIndex, LocalEmbedder
from tools.retrieve import RetrieveSimilar
from tools.rules import ApplyTaxonomyRules
from tools.toolbox import Toolbox

READING_PROMPT = "page.v1"
JUDGING_PROMPT = "judge.v1"
JUDGING_TOOLS = frozenset({"read_neighbour", "escalate_to_review"})
"""What a model may call beside `submit_verdict` once a page was read for it."""
CALIBRATORS = Path(__file__).parent / "calibrators"


class PinMissing(Exception):
    """What a job was started with is not here any more; it must not go on with something else."""


@dataclass(frozen=True)
class Means:
    """What a process brings to any job."""

    store: Store
    folder: Path
    """Where derived indexes may be kept."""
    limits: Limits = field(default_factory=Limits)
    routes: RouteFactory = route
    calibrator: Calibrator | None = None
    """Used instead of the shipped one, for the runs a calibrator is fitted on."""
    caps: PageCaps = field(default_factory=PageCaps)
    tenant_budget: Budget = NO_CAP
    """For one day."""
    reuse: bool = True
    """Whether equal calls of a tenant's earlier jobs may answer."""
    fallback: Literal["wait", "next"] = "wait"
    embedder: Embedder = field(default_factory=LocalEmbedder)
    """One for all jobs: its weights take 30 MB."""


@dataclass(frozen=True)
class OpenJob:
    """One job ready for work in this process."""

    job: Job
    means: Means
    document: PdfDocument
    taxonomy: Taxonomy
    matcher: CueMatcher
    route: Route
    examples: ExampleIndex | None
    calibrators: Calibrators
    toolbox: Toolbox
    reading: Question
    judging: Question
    manifest: RunManifest
    """What the job is pinned to."""
    present: RunManifest
    """What it would be pinned to if it were submitted now."""

    def page_run(self, task: Task) -> PageRun:
        return PageRun(
            task=task,
            store=self.means.store,
            document=self.document,
            packet_sha256=self.manifest.packet_sha256,
            page_count=self.document.page_count,
            taxonomy=self.taxonomy,
            examples=self.examples,
            toolbox=self.toolbox,
            route=self.route,
            calibrators=self.calibrators,
            matcher=self.matcher,
            reading=self.reading,
            judging=self.judging,
            caps=self.means.caps,
            tenant_budget=self.means.tenant_budget,
            reuse=self.means.reuse,
            fallback=self.means.fallback,
        )

    def packet_run(self, task: Task, job: Job) -> PacketRun:
        return PacketRun(
            task=task,
            job=job,
            store=self.means.store,
            document=self.document,
            taxonomy=self.taxonomy,
            route=self.route,
            calibrators=self.calibrators,
            manifest=self.manifest,
        )

    async def close(self) -> None:
        await self.document.close()
        if self.examples is not None:
            await self.examples.close()


async def open_job(job: Job, means: Means, password: str | None) -> OpenJob:
    """Raise DocumentRejected for a bad file, UnknownModel or TaxonomyError for bad options, PinMissing on resume."""
    taxonomy = load_taxonomy(job.options.taxonomy)
    models = means.routes(job.options.model)
    pin = TaxonomyPin(name=taxonomy.name, version=taxonomy.version, sha256=taxonomy.sha256)
    calibrators = _calibrators(job.options.model, models, pin, means)
    document = await PdfDocument.open(await means.store.blobs.path(job.blob), password, means.limits)
    try:
        examples = await _examples(job, means, taxonomy)
        matcher = CueMatcher(taxonomy)
        toolbox = _toolbox(matcher, examples)
        reading = _question(READING_PROMPT, toolbox.schemas(), taxonomy)
        judging = _question(JUDGING_PROMPT, toolbox.schemas(JUDGING_TOOLS), taxonomy)
        pdf_reader, (ocr, ocr_fallback) = document.engine, await engines()
        manifest = RunManifest(
            taxonomy=pin,
            model=job.options.model,
            prompts={question.prompt.name: question.prompt.sha256 for question in (reading, judging)},
            route=models.sha256,
            calibrator=None if calibrators.route is None else calibrators.route.pin,
            calibrators={name: calibrator.pin for name, calibrator in calibrators.models.items()},
            examples=_examples_pin(examples),
            engines={"pdf": pdf_reader, "ocr": ocr, "ocr_fallback": ocr_fallback},
            code_version=code_version(),
            packet_sha256=job.blob.removeprefix("sha256:"),
        )
        _hold_against_pins(job.manifest, manifest)
    except BaseException:
        await document.close()
        raise
    return OpenJob(
        job=job,
        means=means,
        document=document,
        taxonomy=taxonomy,
        matcher=matcher,
        route=models,
        examples=examples,
        calibrators=calibrators,
        toolbox=toolbox,
        reading=reading,
        judging=judging,
        manifest=job.manifest or manifest,
        present=manifest,
    )


def shipped_calibrator(model: str, taxonomy: TaxonomyPin) -> Calibrator | None:
    """The calibrator fitted for this model and this very taxonomy; None where there is none."""
    path = CALIBRATORS / f"{model.replace(':', '-')}.{taxonomy.name}.v{taxonomy.version}.json"
    if not path.exists():
        return None
    found = calibrators.load(path)
    return found if found.taxonomy == taxonomy else None


def _calibrators(name: str, models: Route, taxonomy: TaxonomyPin, means: Means) -> Calibrators:
    """One for the whole route where there is one, and those of its models, to route by."""
    found = {tier.model.name: shipped_calibrator(tier.model.name, taxonomy) for tier in models.tiers}
    if means.calibrator is not None and means.calibrator.model in found:
        found[means.calibrator.model] = means.calibrator
    by_model = {model: calibrator for model, calibrator in found.items() if calibrator is not None}
    return Calibrators(means.calibrator or shipped_calibrator(name, taxonomy), by_model)


def _question(prompt_name: str, tools: Sequence[dict[str, Any]], taxonomy: Taxonomy) -> Question:
    prompt = load_prompt(prompt_name)
    return Question(prompt, page_instructions(prompt, taxonomy), [*tools, verdict_schema(taxonomy)])


def _toolbox(matcher: CueMatcher, examples: ExampleIndex | None) -> Toolbox:
    retrieve = [] if examples is None else [RetrieveSimilar(text_read, page_look)]
    look_up: list[Tool[Any]] = [ApplyTaxonomyRules(matcher), *retrieve, ReadNeighbour()]
    return Toolbox([ReadPage(), RenderPage(), OcrPage(), *look_up, EscalateToReview()])


async def _examples(job: Job, means: Means, taxonomy: Taxonomy) -> ExampleIndex | None:
    """The shipped examples of the taxonomy, the tenant's own, and the set the job names; None where all are empty."""
    named = [job.options.examples] if job.options.examples else []
    sets = [shipped_set(taxonomy), job.tenant, *named]
    if not any([await means.store.examples.sequence(of) for of in sets]):
        return None
    return await ExampleIndex.open(means.store.examples, sets, means.folder / "index", means.embedder)


def _examples_pin(examples: ExampleIndex | None) -> ExamplesPin:
    if examples is None:
        return ExamplesPin(sequence=0, count=0)
    return ExamplesPin(sequence=sum(examples.sequences.values()), count=examples.count)


def shipped_set(taxonomy: Taxonomy) -> str:
    """Name of the example set that comes with a taxonomy; other examples are another set."""
    digest = hashlib.sha256(repr(shipped_examples(taxonomy)).encode()).hexdigest()
    return f"shipped-{taxonomy.name}-{taxonomy.version}-{digest[:12]}"


def _hold_against_pins(pinned: RunManifest | None, present: RunManifest) -> None:
    if pinned is None:
        return
    for pin in ("taxonomy", "model", "route", "prompts", "calibrator", "calibrators", "packet_sha256"):
        if getattr(pinned, pin) != getattr(present, pin):
            raise PinMissing(
                f"the job was started with another {pin.replace('_', ' ')} than is here now: restore it, or submit anew"
            )


ANSWERS = frozenset({".py", ".md", ".yaml", ".json"})
"""Endings of the files that decide answers: code, prompts, routes and phrases, calibrators."""


@cache
def code_version() -> str:
    """Version of the distribution and a digest over the source files that decide answers."""
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    for room in ("agent", "graph", "store", "taxonomy", "tools"):
        for path in sorted(path for path in (root / room).rglob("*") if path.suffix in ANSWERS):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{metadata.version('pagetrail')}+{digest.hexdigest()[:12]}"
