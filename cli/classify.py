"""`pagetrail classify`: a packet in, a folder with the answer out, by the same trip that a service takes."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import door
from cli.door import Exit

if TYPE_CHECKING:
    from graph.runtime import Runtime
    from settings import Settings
    from store.records import Budget, Event, Job, JobOptions, Result
    from taxonomy import Taxonomy
    from views.groups import LabelGroups

THUMBNAIL_PX = 110
WATCH_GRACE_S = 2.0
"""How long the display may lag behind a finished job."""


def classify(
    packet: Annotated[
        Path,
        typer.Argument(help="The packet, one PDF.", exists=True, dir_okay=False, readable=True, show_default=False),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            help="Folder for result.json, audit.jsonl, report.html and documents/.",
            file_okay=False,
            show_default=False,
        ),
    ],
    taxonomy: Annotated[str | None, typer.Option(help="A shipped taxonomy or a YAML file.  [default: lending]")] = None,
    examples: Annotated[
        Path | None,
        typer.Option(
            help="Labelled examples: a dataset folder, or one folder a label holding PDFs and images.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="local, cascade or openai:NAME.  [default: local]")] = None,
    budget_usd: Annotated[
        float | None, typer.Option(min=0, help="US dollars the job may spend; raise it to go on.", show_default=False)
    ] = None,
    budget_tokens: Annotated[
        int | None, typer.Option(min=0, help="Tokens the job may spend; raise it to go on.", show_default=False)
    ] = None,
    budget_s: Annotated[
        float | None, typer.Option(min=1, help="Seconds after which no provider is asked.", show_default=False)
    ] = None,
    password: Annotated[
        str | None,
        typer.Option(envvar="PAGETRAIL_PASSWORD", help="Password of an encrypted packet; never written down."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print result.json to stdout, and nothing else there.")] = False,
) -> None:
    """Say what each page of a packet is, put pages together into documents, keep the reason for every step.

    Exit codes: 0 all accepted, 10 something waits for review, 20 the document was rejected, 30 provider or store
    unavailable, 2 usage, 1 bug. After Ctrl-C or a crash the same command resumes.
    """
    from store.records import Budget, JobOptions
    from taxonomy import load
    from views.groups import LabelGroups

    settings = door.read_settings()
    budget = Budget(
        usd=settings.job_usd if budget_usd is None else budget_usd,
        tokens=settings.job_tokens if budget_tokens is None else budget_tokens,
        seconds=settings.job_seconds if budget_s is None else budget_s,
    )
    known = load(taxonomy or settings.taxonomy)
    folder = None if examples is None else examples.absolute()
    options = JobOptions(taxonomy=_stable(taxonomy or settings.taxonomy), model=model or settings.model)
    result = door.run(_classify(packet, out, settings, known, options, budget, folder, password))
    if json:
        door.put((out / "result.json").read_text(encoding="utf-8"))
    else:
        from views import summary

        summary.show(result, out, LabelGroups.of(known), door.stdout())
    if result.error is not None and json:
        door.say(f"{result.error.code}: {result.error.message}\n{result.error.advice}")
    raise typer.Exit(exit_code(result))


def exit_code(result: Result) -> Exit:
    """What a result means for whoever started the command."""
    if result.status == "failed":
        code = result.error.code if result.error else "bug"
        return Exit.BUG if code == "bug" else Exit.USAGE
    return {"completed": Exit.DONE, "needs_review": Exit.REVIEW, "rejected": Exit.REJECTED}[result.status]


async def _classify(
    packet: Path,
    out: Path,
    settings: Settings,
    taxonomy: Taxonomy,
    options: JobOptions,
    budget: Budget,
    examples: Path | None,
    password: str | None,
) -> Result:
    from views.groups import LabelGroups

    groups = LabelGroups.of(taxonomy)
    asks_provider = door.check_model(options.model, budget, settings)
    async with door.runtime_of(settings, asks_provider=asks_provider) as runtime:
        if examples is not None:
            options = options.model_copy(update={"examples": await _add_folder(runtime, examples, taxonomy)})
        job = await runtime.submit(packet, options, password, settings.tenant, budget)
        result = await _work(runtime, job, groups)
        result = await runtime.export(result, out)
        await write_report(runtime, result, out, groups, settings.report_thumbnails, password)
    return result


def _stable(taxonomy: str) -> str:
    """A taxonomy file by its full path, because a resumed job may be started from another folder."""
    path = Path(taxonomy)
    return str(path.resolve()) if path.suffix in {".yaml", ".yml"} else taxonomy


async def _add_folder(runtime: Runtime, folder: Path, taxonomy: Taxonomy) -> str:
    """Put a folder of labelled examples into a set of its own, named by its full path; return the name."""
    from cli.labelled import read_folder

    name = f"folder-{folder}"
    found = await read_folder(folder, runtime.store, taxonomy)
    await runtime.store.examples.add(found.examples, name)
    return name


async def _work(runtime: Runtime, job: Job, groups: LabelGroups) -> Result:
    """Work on the job while its events are shown."""
    import asyncio

    from views import progress

    watching = asyncio.create_task(
        progress.watch(runtime.store.events.follow(job.id), door.stderr(), groups, job.page_count)
    )
    try:
        result = await runtime.work(job.id)
        await asyncio.wait({watching}, timeout=WATCH_GRACE_S)
    finally:
        watching.cancel()
        (shown,) = await asyncio.gather(watching, return_exceptions=True)
    if isinstance(shown, Exception):
        raise shown
    return result


async def write_report(
    runtime: Runtime, result: Result, out: Path, groups: LabelGroups, pictures: int, password: str | None
) -> None:
    """Write DIR/report.html."""
    from views import report

    thumbnails = await _thumbnails(runtime, result, report.pages_to_picture(result, pictures), password)
    html = report.render(result, await _events(runtime, result.job_id), thumbnails, groups, pictures)
    (out / "report.html").write_text(html, encoding="utf-8")


async def _events(runtime: Runtime, job_id: str) -> list[Event]:
    events: list[Event] = []
    while more := await runtime.store.events.read(job_id, events[-1].seq if events else 0):
        events += more
    return events


async def _thumbnails(runtime: Runtime, result: Result, pages: list[int], password: str | None) -> dict[int, bytes]:
    """Small JPEGs by page; a page that cannot be rendered has none."""
    from tools.errors import ToolFailure
    from tools.pdf import PdfDocument

    if not pages:
        return {}
    job = await runtime.store.jobs.get(result.job_id)
    found: dict[int, bytes] = {}
    async with await PdfDocument.open(await runtime.store.blobs.path(job.blob), password) as document:
        for page in pages:
            with contextlib.suppress(ToolFailure):
                found[page] = await document.thumbnail(page, THUMBNAIL_PX)
    return found
