"""The example log in SQLite: for each set an ordered log of adds and deletes, by which indexes catch up."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from functools import partial

from store.records import Example, ExampleChange
from store.sqlite.database import Database, as_json


class SqliteExamples:
    """The ExampleLog port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, examples: Sequence[Example], of: str = "default") -> int:
        """Append what the set does not hold, return the log's sequence."""
        return await self._database.run(partial(_add, examples=examples, of=of))

    async def delete(self, ids: Sequence[str], of: str = "default") -> int:
        """Append deletes and remove the content for good, return how many there were.

        The content is overwritten in the file and the write-ahead log is emptied; where another process is reading
        at that moment, the log is emptied by a later delete or by the last process that closes the store.
        """
        deleted = await self._database.run(partial(_delete, ids=ids, of=of))
        if deleted:
            await self._database.forget_deleted()
        return deleted

    async def changes(self, after: int, of: str = "default") -> Sequence[ExampleChange]:
        """Entries with `seq > after`, in order. An add that was deleted later is no longer among them."""
        return await self._database.read(partial(_changes, after=after, of=of))

    async def all(self, of: str = "default", label: str | None = None) -> Sequence[Example]:
        """What the set holds now, in the order it was added."""
        return await self._database.read(partial(_all, of=of, label=label))

    async def sequence(self, of: str = "default") -> int:
        """Number of the log's last entry, 0 for an empty one."""
        return await self._database.read(partial(_sequence, of=of))


def _add(connection: sqlite3.Connection, examples: Sequence[Example], of: str) -> int:
    seq = _sequence(connection, of)
    for example in examples:
        added = connection.execute(
            "INSERT INTO example_log (set_name, seq, op, example_id, label, example) VALUES (?, ?, 'add', ?, ?, ?) "
            "ON CONFLICT (set_name, example_id) WHERE op = 'add' DO NOTHING",
            (of, seq + 1, example.id, example.label, as_json(example)),
        )
        seq += added.rowcount
    return seq


def _delete(connection: sqlite3.Connection, ids: Sequence[str], of: str) -> int:
    deleted = 0
    for example_id in ids:
        # Numbered before the add is taken away, or the log would give a number out twice.
        seq = _sequence(connection, of) + 1
        gone = connection.execute(
            "DELETE FROM example_log WHERE set_name = ? AND op = 'add' AND example_id = ?", (of, example_id)
        ).rowcount
        if gone:
            connection.execute(
                "INSERT INTO example_log (set_name, seq, op, example_id) VALUES (?, ?, 'delete', ?)",
                (of, seq, example_id),
            )
        deleted += gone
    return deleted


def _changes(connection: sqlite3.Connection, after: int, of: str) -> list[ExampleChange]:
    rows = connection.execute(
        "SELECT seq, op, example_id, example FROM example_log WHERE set_name = ? AND seq > ? ORDER BY seq", (of, after)
    )
    return [
        ExampleChange(
            seq=row["seq"],
            op=row["op"],
            example_id=row["example_id"],
            example=None if row["example"] is None else Example.model_validate(json.loads(row["example"])),
        )
        for row in rows
    ]


def _all(connection: sqlite3.Connection, of: str, label: str | None) -> list[Example]:
    rows = connection.execute(
        "SELECT example FROM example_log WHERE set_name = ?1 AND op = 'add' AND (?2 IS NULL OR label = ?2) "
        "ORDER BY seq",
        (of, label),
    )
    return [Example.model_validate(json.loads(row["example"])) for row in rows]


def _sequence(connection: sqlite3.Connection, of: str) -> int:
    last: int = connection.execute(
        "SELECT coalesce(max(seq), 0) FROM example_log WHERE set_name = ?", (of,)
    ).fetchone()[0]
    return last
