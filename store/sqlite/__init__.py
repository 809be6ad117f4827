"""The embedded backend: one folder, `pagetrail.db` for records, `blobs/` for bytes, `cache.db` for what may be lost.

Several processes of one machine may work on one folder at once. SQLite's write-ahead log needs shared memory, so the
folder must not lie on a network file system. Read in order: `database`, `tasks`, `jobs`, `events`, `reviews`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from store.errors import Unavailable
from store.sqlite.blobs import FileBlobs
from store.sqlite.cache import SqliteCache
from store.sqlite.database import Database
from store.sqlite.events import SqliteEvents
from store.sqlite.examples import SqliteExamples
from store.sqlite.jobs import SqliteJobs
from store.sqlite.journal import SqliteJournal
from store.sqlite.migrations import STORE
from store.sqlite.reviews import SqliteReviews
from store.sqlite.small_blobs import SqliteBlobs

__all__ = ["SqliteStore", "open_store"]

CACHE_BYTES = 2 << 30
"""How much `cache.db` holds: the text and OCR of some 50,000 pages."""


@dataclass(frozen=True)
class SqliteStore:
    """Every port of the store, in one folder."""

    home: Path
    database: Database
    blobs: SqliteBlobs
    jobs: SqliteJobs
    events: SqliteEvents
    journal: SqliteJournal
    cache: SqliteCache
    reviews: SqliteReviews
    examples: SqliteExamples

    async def close(self) -> None:
        """Close the files; closing twice is harmless."""
        await self.cache.close()
        await self.database.close()


async def open_store(home: Path, cache_bytes: int = CACHE_BYTES, cache_home: Path | None = None) -> SqliteStore:
    """Open the store in `home`, made where it is missing (readable by its owner only: loan papers are private).

    `cache_home` is the folder whose page cache is used instead of one in `home`; stores may share a cache.

    Raises Unavailable where the folder cannot be used or a newer Pagetrail has written it.
    """
    files = FileBlobs(home / "blobs")
    await asyncio.to_thread(_make_folders, cache_home or home, home, files)
    database = await Database.open(home / "pagetrail.db", STORE)
    try:
        cache = await SqliteCache.open((cache_home or home) / "cache.db", cache_bytes)
    except BaseException:
        await database.close()
        raise
    return SqliteStore(
        home=home,
        database=database,
        blobs=SqliteBlobs(database, files),
        jobs=SqliteJobs(database),
        events=SqliteEvents(database),
        journal=SqliteJournal(database),
        cache=cache,
        reviews=SqliteReviews(database),
        examples=SqliteExamples(database),
    )


def _make_folders(cache_home: Path, home: Path, blobs: FileBlobs) -> None:
    try:
        for folder in (cache_home, home):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        blobs.prepare()
    except OSError as error:
        raise Unavailable(f"{home}: {error}: choose another PAGETRAIL_HOME, or make this one writable") from error
