"""Take job after job of five pages through the store until killed. Arguments: home, prefix of the job ids."""

import asyncio
import itertools
import sys
from pathlib import Path

from store.records import (
    CallIntent,
    EventDraft,
    ExamplesPin,
    Job,
    PageVerdict,
    Result,
    RunManifest,
    StartScore,
    TaxonomyPin,
    Usage,
    now,
)
from store.sqlite import SqliteStore, open_store

MANIFEST = RunManifest(
    taxonomy=TaxonomyPin(name="lending", version=1, sha256="0"),
    model="local",
    prompts={},
    calibrator=None,
    examples=ExamplesPin(sequence=0, count=0),
    engines={},
    code_version="0",
    packet_sha256="0",
)


async def main(home: Path, prefix: str) -> None:
    store = await open_store(home)
    for number in itertools.count():
        await work_on_job(store, f"{prefix}-{number}")


async def work_on_job(store: SqliteStore, job_id: str) -> None:
    blob = await store.blobs.put(job_id.encode() * 1000)
    job = Job(id=job_id, packet=job_id, blob=blob, created_at=now(), updated_at=now())
    await store.jobs.submit(job, [event("submitted", "job.submitted")])
    packet = await store.jobs.claim("w", 3600.0, job_id)
    assert packet is not None
    await store.jobs.pin(packet, 5, MANIFEST, [event("started", "job.started")])
    await store.jobs.pause_packet(packet)
    while (task := await store.jobs.claim("w", 3600.0, job_id)) is not None and task.kind == "page":
        key = f"{job_id}:{task.page}"
        await store.journal.begin(CallIntent(key=key, job_id=job_id, page=task.page, turn=1, model="m"))
        await store.journal.complete(f"{job_id}:{task.page}", {"page": task.page}, Usage(model_calls=1))
        verdict = PageVerdict(page=task.page, start=StartScore(score=None, why=""), decided_by="w")
        told = [
            event(f"page:{task.page}:call", "page.tool_called"),
            event(f"page:{task.page}", "page.classified", task.page),
        ]
        await store.jobs.finish_page(task, verdict, told)
    assert task is not None
    result = Result(packet=job_id, job_id=job_id, status="completed", manifest=MANIFEST)
    await store.jobs.end(task, "completed", result, [event("completed", "job.completed")])


def event(key: str, type: str, page: int | None = None) -> EventDraft:
    return EventDraft(key=key, type=type, actor="worker", page=page)


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
