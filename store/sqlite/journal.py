"""The journal of model calls in SQLite: intent first, response as soon as it is there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from functools import partial

from store.errors import Conflict, NotFound
from store.records import CallRecord, Json, Usage
from store.sqlite.database import Database, as_json

_COLUMNS = "key, job_id, page, turn, model, attempts, response, usage"


class SqliteJournal:
    """The CallJournal port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, key: str, job_id: str, page: int, turn: int, model: str) -> CallRecord:
        """Write the intent, or count one more attempt; where a response is already there, return it unchanged."""
        return await self._database.run(
            partial(_begin, key=key, job_id=job_id, page=page, turn=turn, model=model),
        )

    async def complete(self, key: str, response: Json, usage: Usage) -> None:
        """Write the response. Conflict for a different second one, NotFound for a call that never began."""
        await self._database.run(partial(_complete, key=key, response=response, usage=usage))

    async def calls(self, job_id: str) -> Sequence[CallRecord]:
        """All calls of a job in the order they first began."""
        return await self._database.read(partial(_calls, job_id=job_id))


def _begin(connection: sqlite3.Connection, key: str, job_id: str, page: int, turn: int, model: str) -> CallRecord:
    connection.execute(
        "INSERT INTO calls (key, job_id, page, turn, model, attempts) VALUES (?, ?, ?, ?, ?, 1) "
        "ON CONFLICT (key) DO UPDATE SET attempts = attempts + 1 WHERE response IS NULL",
        (key, job_id, page, turn, model),
    )
    return _call(connection, key)


def _complete(connection: sqlite3.Connection, key: str, response: Json, usage: Usage) -> None:
    earlier = _call(connection, key)
    if earlier.response is None:
        connection.execute(
            "UPDATE calls SET response = ?, usage = ? WHERE key = ?", (as_json(response), as_json(usage), key)
        )
    elif (earlier.response, earlier.usage) != (json.loads(as_json(response)), usage):
        raise Conflict(f"call {key} already has a response: use that one (`begin` returns it)")


def _calls(connection: sqlite3.Connection, job_id: str) -> list[CallRecord]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM calls WHERE job_id = ? ORDER BY number", (job_id,))
    return [_record(row) for row in rows]


def _call(connection: sqlite3.Connection, key: str) -> CallRecord:
    row = connection.execute(f"SELECT {_COLUMNS} FROM calls WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise NotFound(f"call {key} was never begun")
    return _record(row)


def _record(row: sqlite3.Row) -> CallRecord:
    fields = dict(row)
    fields["response"] = None if row["response"] is None else json.loads(row["response"])
    fields["usage"] = Usage() if row["usage"] is None else json.loads(row["usage"])
    return CallRecord.model_validate(fields)
