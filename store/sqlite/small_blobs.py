"""Small blobs as rows of the database, large ones as files: a row costs one sync of the disk, a file three.

Most blobs of a job are replies and observations of a few kilobytes. In one database with the records that name them,
neither can be there without the other after a power cut.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from functools import partial
from hashlib import sha256
from pathlib import Path

from store.errors import Unavailable
from store.sqlite.blobs import FileBlobs
from store.sqlite.database import Database

SMALL_BYTES = 64 * 1024
REMEMBERED_BYTES = 16 << 20
"""Of the newest small blobs, kept in memory: what a step of a graph leaves, the next one reads."""


class SqliteBlobs:
    """The BlobStore port on a database and a folder."""

    def __init__(self, database: Database, files: FileBlobs) -> None:
        self._database = database
        self._files = files
        self._newest: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0

    async def put(self, content: bytes) -> str:
        """Store bytes, return their reference; known bytes are written again only where they are damaged."""
        if len(content) > SMALL_BYTES:
            return await self._files.put(content)
        ref = "sha256:" + sha256(content).hexdigest()
        if ref not in self._newest:
            await self._database.run(partial(_put, ref=ref, content=content))
            self._remember(ref, content)
        return ref

    async def put_file(self, path: Path) -> str:
        """Store a file, hashing while copying; an unreadable `path` raises its OSError."""
        return await self._files.put_file(path)

    async def get(self, ref: str) -> bytes:
        """The bytes, hashed again on the way; NotFound for an unknown reference, Unavailable where they are damaged."""
        content = await self._row(ref)
        if content is None:
            return await self._files.get(ref)
        if "sha256:" + sha256(content).hexdigest() != ref:
            raise Unavailable(f"blob {ref} no longer matches its name: restore the store from a backup")
        return content

    async def path(self, ref: str) -> Path:
        """A read-only file with the content, made where the blob is a row."""
        content = await self._row(ref)
        if content is not None:
            await self._files.put(content)
        return await self._files.path(ref)

    async def _row(self, ref: str) -> bytes | None:
        if (known := self._newest.get(ref)) is not None:
            return known
        return await self._database.read(partial(_get, ref=ref))

    def _remember(self, ref: str, content: bytes) -> None:
        """Only what is committed; content never changes under its reference, so nothing has to be told to anybody."""
        if ref in self._newest:  # somebody put the same at the same time
            return
        self._newest[ref] = content
        self._bytes += len(content)
        while self._bytes > REMEMBERED_BYTES:
            _, oldest = self._newest.popitem(last=False)
            self._bytes -= len(oldest)


def _put(connection: sqlite3.Connection, ref: str, content: bytes) -> None:
    connection.execute(
        "INSERT INTO blobs (ref, content) VALUES (?, ?) "
        "ON CONFLICT (ref) DO UPDATE SET content = excluded.content WHERE content != excluded.content",
        (ref, content),
    )


def _get(connection: sqlite3.Connection, ref: str) -> bytes | None:
    row = connection.execute("SELECT content FROM blobs WHERE ref = ?", (ref,)).fetchone()
    return None if row is None else bytes(row["content"])
