"""The journal of model calls in SQLite: intent first, response as soon as it is there."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from functools import partial

from store.errors import Conflict, NotFound
from store.records import NO_CAP, Budget, CallIntent, CallRecord, Json, Usage
from store.sqlite import spending
from store.sqlite.database import Database, as_json

_COLUMNS = "key, job_id, page, turn, model, attempts, lost, response, usage"


class SqliteJournal:
    """The CallJournal port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, intent: CallIntent, tenant_budget: Budget = NO_CAP) -> CallRecord | None:
        """Write the intent, or count one more attempt; where a response is already there, return it unchanged.

        A response may also come from an equal call of the same tenant. None where calls in flight may use up what a
        budget has left: ask again when they have ended. Raise BudgetReached where the call would go over a budget.
        """
        return await self._database.run(partial(_begin, intent=intent, tenant_budget=tenant_budget))

    async def complete(self, key: str, response: Json, usage: Usage, reusable: bool = True) -> None:
        """Write the response; one that is not `reusable` answers no other call.

        Conflict for a different second one, NotFound for a call that never began.
        """
        await self._database.run(partial(_complete, key=key, response=response, usage=usage, reusable=reusable))

    async def abandon(self, key: str) -> None:
        """The call was seen to fail: nothing is held back for it any more."""
        await self._database.run(partial(_release, key=key))

    async def calls(self, job_id: str) -> Sequence[CallRecord]:
        """All calls of a job in the order they first began."""
        return await self._database.read(partial(_calls, job_id=job_id))


def _begin(connection: sqlite3.Connection, intent: CallIntent, tenant_budget: Budget) -> CallRecord | None:
    earlier = connection.execute(f"SELECT {_COLUMNS} FROM calls WHERE key = ?", (intent.key,)).fetchone()
    if earlier is not None and earlier["response"] is not None:
        return _record(earlier)
    tenant = _tenant_of(connection, intent.job_id)
    answered = _equal_call(connection, intent, tenant)
    if answered is None and not spending.may_begin(connection, intent, tenant, tenant_budget):
        return None
    # Whoever still holds something back for this very call has died over it.
    connection.execute(
        "INSERT INTO calls (key, job_id, page, turn, model, attempts, tenant, content_key, held_tokens, held_usd, "
        "held_until) VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
        "attempts = attempts + 1, lost = lost + (held_until IS NOT NULL), held_tokens = excluded.held_tokens, "
        "held_usd = excluded.held_usd, held_until = excluded.held_until",
        (
            intent.key,
            intent.job_id,
            intent.page,
            intent.turn,
            intent.model,
            tenant,
            intent.content_key,
            intent.tokens,
            intent.usd or 0.0,
            time.time() + intent.timeout_s,
        ),
    )
    if answered is not None:
        _complete(connection, intent.key, json.loads(answered["response"]), Usage(cached_calls=1))
    return _call(connection, intent.key)


def _tenant_of(connection: sqlite3.Connection, job_id: str) -> str:
    row = connection.execute("SELECT tenant FROM jobs WHERE id = ?", (job_id,)).fetchone()
    return "default" if row is None else str(row["tenant"])


def _equal_call(connection: sqlite3.Connection, intent: CallIntent, tenant: str) -> sqlite3.Row | None:
    """A call of the same tenant that asked the very same and was answered."""
    if intent.content_key is None:
        return None
    row: sqlite3.Row | None = connection.execute(
        "SELECT response FROM calls WHERE tenant = ? AND content_key = ? AND response IS NOT NULL LIMIT 1",
        (tenant, intent.content_key),
    ).fetchone()
    return row


def _complete(connection: sqlite3.Connection, key: str, response: Json, usage: Usage, reusable: bool = True) -> None:
    earlier = _call(connection, key)
    if earlier.response is None:
        connection.execute(
            "UPDATE calls SET response = ?, usage = ? WHERE key = ?", (as_json(response), as_json(usage), key)
        )
        if not reusable:
            connection.execute("UPDATE calls SET content_key = NULL WHERE key = ?", (key,))
        _release(connection, key)
        spending.record(connection, earlier.job_id, _tenant_of(connection, earlier.job_id), usage)
    elif (earlier.response, earlier.usage) != (json.loads(as_json(response)), usage):
        raise Conflict(f"call {key} already has a response: use that one (`begin` returns it)")


def _release(connection: sqlite3.Connection, key: str) -> None:
    connection.execute("UPDATE calls SET held_tokens = 0, held_usd = 0, held_until = NULL WHERE key = ?", (key,))


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
