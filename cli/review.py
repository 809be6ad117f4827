"""`pagetrail review`: what waits for a person, and that person's answer. The next `classify` goes on with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli import door
from cli.audit import JobId

if TYPE_CHECKING:
    from settings import Settings
    from store.records import ReviewDecision, ReviewItem

app = typer.Typer(help="See what waits for a person, and answer it.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def show(
    job: JobId, json: Annotated[bool, typer.Option("--json", help="The doubts themselves, one JSON line each.")] = False
) -> None:
    """List the doubts of a job: the page, what the machine proposes, and why it is not sure."""
    from views.wording import reason, score

    for item in door.run(_pending(job, door.read_settings())):
        if json:
            door.put(item.model_dump_json())
            continue
        proposed = (
            item.proposed["label"] or "no label" if item.kind == "page" else _begins(item.proposed["starts_document"])
        )
        why = "; ".join(map(reason, item.reasons))
        door.put(f"page {item.page}  {proposed}  {score(item.proposed['confidence'])}  {why}")


@app.command()
def decide(
    job: JobId,
    page: Annotated[int, typer.Option(min=1, help="The page in question.", show_default=False)],
    why: Annotated[str, typer.Option("--reason", help="Why; it stands in the trail.", show_default=False)],
    reviewer: Annotated[str, typer.Option(help="Who says so.", envvar="USER", show_default=False)],
    label: Annotated[str | None, typer.Option(help="What the page is.")] = None,
    begins: Annotated[bool | None, typer.Option("--begins/--goes-on", help="Whether a document begins here.")] = None,
) -> None:
    """Answer one doubt. The answer is pinned; run the same `classify` again to put the packet together around it."""
    from store.records import ReviewDecision, now

    if (label is None) == (begins is None):
        door.fail("Give either --label or --begins/--goes-on.")
    decision = ReviewDecision(
        job_id=job, page=page, reviewer=reviewer, label=label, starts_document=begins, reason=why, decided_at=now()
    )
    door.run(_decide(decision, door.read_settings()))
    door.put(
        f"page {page}: {label or _begins(bool(begins))}, says {reviewer}; the same classify command goes on with it"
    )


def _begins(begins: bool) -> str:
    return "a document begins" if begins else "the document goes on"


async def _pending(job: str, settings: Settings) -> list[ReviewItem]:
    async with door.store_of(settings) as store:
        await store.jobs.get(job)  # an unknown job is an error, not an empty list
        return list(await store.reviews.pending(job))


async def _decide(decision: ReviewDecision, settings: Settings) -> None:
    from taxonomy import load

    async with door.store_of(settings) as store:
        found = await store.jobs.get(decision.job_id)
        if decision.page > (found.page_count or 0):
            door.fail(f"Job {found.id} has {found.page_count or 0} pages.")
        if decision.label is not None and decision.label not in load(found.options.taxonomy).labels:
            door.fail(f"{decision.label!r} is no label of {found.options.taxonomy}: see `pagetrail taxonomy show`.")
        await store.reviews.decide(decision)
