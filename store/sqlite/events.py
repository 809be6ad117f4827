"""The trail in SQLite: numbered and sealed inside the transaction that tells of the change."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from functools import partial

from store import trail
from store.errors import NotFound
from store.records import TERMINAL, Event, EventDraft, now
from store.sqlite.database import Database

_POLL_S = 0.05
_BATCH = 500
_RESTING_STATUS = TERMINAL | {"waiting_review"}
_RESTING_EVENT = {*(f"job.{status}" for status in TERMINAL), "review.requested"}


class SqliteEvents:
    """The EventLog port. Polling makes `follow` see what other processes append."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, job_id: str, events: Sequence[EventDraft]) -> None:
        """Add events in order; a key the job already has is passed over. NotFound for an unknown job."""
        await self._database.run(partial(append, job_id=job_id, events=events))

    async def read(self, job_id: str, after: int = 0, limit: int = 1000) -> Sequence[Event]:
        """At most `limit` events with `seq > after`, in order; empty for an unknown job."""
        return await self._database.read(partial(_after, job_id=job_id, after=after, limit=limit))

    async def follow(self, job_id: str, after: int = 0) -> AsyncIterator[Event]:
        """Events with `seq > after` as they come, within about 50 ms; NotFound for an unknown job.

        Ends when the job has ended or waits for review and all its events have been delivered.
        """
        while True:
            events, at_rest = await self._database.read(partial(_news, job_id=job_id, after=after))
            for event in events:
                yield event
                after = event.seq
            if at_rest:
                return
            if not events:
                await asyncio.sleep(_POLL_S)


def append(connection: sqlite3.Connection, job_id: str, events: Sequence[EventDraft]) -> None:
    """Seal and write what is new among `events`, inside the caller's transaction."""
    last = connection.execute(
        "SELECT seq, hash FROM events WHERE job_id = ? ORDER BY seq DESC LIMIT 1", (job_id,)
    ).fetchone()
    if last is None and not connection.execute("SELECT 1 FROM jobs WHERE id = ?", (job_id,)).fetchone():
        raise NotFound(f"no job {job_id!r} in this store")
    seq, prev = (last["seq"], last["hash"]) if last else (0, trail.FIRST_PREV)
    for draft in events:
        known = "SELECT 1 FROM events WHERE job_id = ? AND key = ?"
        if connection.execute(known, (job_id, draft.key)).fetchone():
            continue
        event = trail.seal(draft, job_id, seq + 1, now(), prev)
        connection.execute(
            "INSERT INTO events (job_id, seq, key, hash, line) VALUES (?, ?, ?, ?, ?)",
            (job_id, event.seq, draft.key, event.hash, trail.to_line(event)),
        )
        seq, prev = event.seq, event.hash


def _after(connection: sqlite3.Connection, job_id: str, after: int, limit: int) -> list[Event]:
    rows = connection.execute(
        "SELECT line FROM events WHERE job_id = ? AND seq > ? ORDER BY seq LIMIT ?", (job_id, after, limit)
    )
    return [trail.from_line(row["line"]) for row in rows]


def _news(connection: sqlite3.Connection, job_id: str, after: int) -> tuple[list[Event], bool]:
    """The next events, and whether nothing more is to be expected after them for now."""
    job = connection.execute("SELECT status FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if job is None:
        raise NotFound(f"no job {job_id!r} in this store")
    events = _after(connection, job_id, after, _BATCH)
    drained = len(events) < _BATCH
    at_rest = job["status"] in _RESTING_STATUS or bool(events and events[-1].type in _RESTING_EVENT)
    return events, drained and at_rest
