"""Claim and finish pages until none is left; prints `page fence` for each. Arguments: home, name of the worker."""

import asyncio
import sys
from pathlib import Path

from store.records import EventDraft, PageVerdict, StartScore
from store.sqlite import open_store


async def main(home: Path, worker: str) -> None:
    store = await open_store(home)
    while (task := await store.jobs.claim(worker, 60.0)) is not None and task.kind == "page":
        verdict = PageVerdict(page=task.page, start=StartScore(score=None, why=""), decided_by=worker)
        event = EventDraft(key=f"page:{task.page}", type="page.classified", actor="agent", page=task.page)
        await store.jobs.finish_page(task, verdict, [event])
        sys.stdout.write(f"{task.page} {task.fence}\n")
    if task is not None:
        await store.jobs.release(task, 0.0)
        sys.stdout.write("0 0\n")
    await store.close()


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
