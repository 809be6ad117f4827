"""`pagetrail audit`: read a trail, prove that nobody changed it, take it elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import door
from cli.door import Exit

if TYPE_CHECKING:
    from settings import Settings
    from store.records import Event, Result

app = typer.Typer(help="Read a run's trail, verify it, export it.", no_args_is_help=True, rich_markup_mode=None)

JobId = Annotated[str, typer.Argument(metavar="JOB", help="A job id; `pagetrail jobs` lists them.", show_default=False)]


@app.command()
def show(
    job: JobId,
    page: Annotated[int | None, typer.Option(min=1, help="Only this page.")] = None,
    document: Annotated[int | None, typer.Option(min=0, help="Only the pages of this document, by its index.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The records themselves, one JSON line each.")] = False,
) -> None:
    """Tell the trail step by step: what was done, with what, why, what came back, and what it cost."""
    from store.trail import to_line
    from views import trail

    if page is not None and document is not None:
        door.fail("Give --page or --document, not both.")
    events, result = door.run(_trail(job, door.read_settings()))
    packet = result.packet if result else job
    if document is not None:
        events = trail.of_pages(events, _pages_of(result, document), document)
    elif page is not None:
        events = trail.of_pages(events, [page])
    if json:
        for event in events:
            door.put(to_line(event))
        return
    trail.show(trail.story(events), door.stdout(), trail.heading(events, packet))


@app.command()
def verify(
    trail: Annotated[
        str, typer.Argument(metavar="JOB|FILE", help="A job id, or an exported audit.jsonl.", show_default=False)
    ],
) -> None:
    """Recompute the hash chain of a trail. Exit 1 where it is broken, with the first place that does not fit.

    A chain shows every change within it; a cut tail it cannot show. Compare the last hash with one kept elsewhere.
    """
    from store.trail import verify as check

    path = Path(trail)
    events = _read_file(path) if path.is_file() else door.run(_trail(trail, door.read_settings()))[0]
    if not events:
        door.fail(f"{trail} holds no events: nothing can be verified.", Exit.BUG)
    broken = check(events)
    if broken is not None:
        door.fail(f"The trail is broken at seq {broken.seq}: {broken.why}.", Exit.BUG)
    last = events[-1]
    door.put(f"The trail holds: {len(events)} events of job {last.job_id}, ending with {last.type}.")
    door.put(f"Last hash {last.hash}")


@app.command()
def export(
    job: JobId,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; stdout without it.", dir_okay=False)] = None,
) -> None:
    """Write a job's trail as audit.jsonl."""
    from store.trail import to_line

    events, _ = door.run(_trail(job, door.read_settings()))
    lines = "".join(to_line(event) + "\n" for event in events)
    if out is None:
        door.put(lines)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(lines, encoding="utf-8")
    door.say(f"{len(events)} events in {out}")


async def _trail(job_id: str, settings: Settings) -> tuple[list[Event], Result | None]:
    """A job's events and its result so far. Raises NotFound for an unknown job."""
    async with door.store_of(settings) as store:
        await store.jobs.get(job_id)
        events: list[Event] = []
        while more := await store.events.read(job_id, events[-1].seq if events else 0):
            events += more
        return events, await store.jobs.result(job_id)


def _pages_of(result: Result | None, document: int) -> tuple[int, ...]:
    documents = {decision.index: decision.pages for decision in (result.documents if result else ())}
    if document not in documents:
        door.fail(f"There is no document {document}; the job has {len(documents)} so far, counted from 0.")
    return documents[document]


def _read_file(path: Path) -> list[Event]:
    from pydantic import ValidationError

    from store.trail import from_line

    events = []
    with path.open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                events.append(from_line(line))
            except (ValidationError, UnicodeDecodeError):
                door.fail(f"{path}:{number}: this line is no event of a trail: the file was changed or cut.", Exit.BUG)
    return events
