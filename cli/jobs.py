"""`pagetrail jobs`: what this machine has worked on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli import door

if TYPE_CHECKING:
    from settings import Settings
    from store.records import Job


def jobs(
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="One JSON line a job.")] = False,
) -> None:
    """List jobs, newest first."""
    found = door.run(_jobs(limit, door.read_settings()))
    if json:
        for job, _ in found:
            door.put(job.model_dump_json(exclude={"manifest"}))
        return
    _show(found)


def _show(found: list[tuple[Job, int]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from views.wording import moment, status, visible

    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for heading in ("job", "packet", "status", "pages", "model", "created (UTC)"):
        table.add_column(heading, justify="right" if heading == "pages" else "left", no_wrap=heading != "packet")
    for job, done in found:
        pages = f"{done}/{job.page_count}" if job.page_count else "—"
        table.add_row(
            job.id, Text(visible(job.packet)), status(job.status), pages, job.options.model, moment(job.created_at)
        )
    door.stdout().print(table if found else Text("No jobs yet.", style="dim"))


async def _jobs(limit: int, settings: Settings) -> list[tuple[Job, int]]:
    async with door.store_of(settings) as store:
        return [(job, (await store.jobs.progress(job.id))[0]) for job in await store.jobs.list(settings.tenant, limit)]
