"""Results of pure page work, in a file of their own that may be deleted at any time.

Kept apart from pagetrail.db so that its bulk neither swells the store nor waits for the disk at every write.
"""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path

from store.errors import Unavailable
from store.sqlite.database import Database
from store.sqlite.migrations import CACHE


class SqliteCache:
    """The PageCache port: at most `limit` bytes of values; where more come in, the oldest go."""

    def __init__(self, database: Database, limit: int) -> None:
        self._database = database
        self._limit = limit

    @classmethod
    async def open(cls, path: Path, limit: int) -> SqliteCache:
        """Open or create the file; a damaged one is replaced by an empty one."""
        # NORMAL: a power cut may lose the last entries, never the consistency of the file.
        try:
            return cls(await Database.open(path, CACHE, synchronous="NORMAL"), limit)
        except Unavailable as error:
            if getattr(error.__cause__, "sqlite_errorcode", None) not in (
                sqlite3.SQLITE_NOTADB,
                sqlite3.SQLITE_CORRUPT,
            ):
                raise
        for part in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            part.unlink(missing_ok=True)
        return cls(await Database.open(path, CACHE, synchronous="NORMAL"), limit)

    async def get(self, key: str) -> bytes | None:
        """The value, None where it is not (or no longer) there."""
        return await self._database.read(partial(_get, key=key))

    async def put(self, key: str, value: bytes) -> None:
        """Keep the value unless it alone is over the limit; a known key keeps its value."""
        if len(value) <= self._limit:
            await self._database.run(partial(_put, key=key, value=value, limit=self._limit))

    async def close(self) -> None:
        await self._database.close()


def _get(connection: sqlite3.Connection, key: str) -> bytes | None:
    row = connection.execute("SELECT value FROM entries WHERE key = ?", (key,)).fetchone()
    return None if row is None else bytes(row["value"])


def _put(connection: sqlite3.Connection, key: str, value: bytes, limit: int) -> None:
    added = connection.execute(
        "INSERT INTO entries (key, size, value) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING", (key, len(value), value)
    )
    if not added.rowcount:
        return
    total = connection.execute("SELECT bytes FROM total").fetchone()["bytes"] + len(value)
    while total > limit:
        oldest = connection.execute("SELECT number, size FROM entries ORDER BY number LIMIT 1").fetchone()
        connection.execute("DELETE FROM entries WHERE number = ?", (oldest["number"],))
        total -= oldest["size"]
    connection.execute("UPDATE total SET bytes = ?", (total,))
