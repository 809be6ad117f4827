"""One SQLite file, one connection, one thread; every change is all or nothing, and changes that wait share a commit.

A commit waits for the disk. Changes that come while it waits are made together in the next one, each within a savepoint
of its own (group commit, as in DeWitt et al. 1984): 30 pages at work cost hardly more syncs than one.

SQLite's own trouble becomes `Unavailable` here and nowhere else, and here alone a locked database is tried again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import stamina
from pydantic import BaseModel

from store.errors import Unavailable
from store.sqlite.migrations import Migration, migrate

T = TypeVar("T")

_BUSY_WAIT_MS = 5_000
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_WORLDS_FAULT = {
    **dict.fromkeys(_LOCKED, "other processes kept the store locked; try again"),
    sqlite3.SQLITE_FULL: "the disk is full; free some space and try again",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write; check it and try again",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened; check that the folder exists and may be written",
    sqlite3.SQLITE_READONLY: "the file may not be written; check the owner of the folder",
    sqlite3.SQLITE_PERM: "access was denied; check the owner of the folder",
    sqlite3.SQLITE_NOMEM: "memory ran out; try again with fewer workers",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; restore it from a backup",
    sqlite3.SQLITE_NOTADB: "the file is not a database; restore it from a backup",
}


class Database:
    """A handle on one database file.

    `run` and `read` hand a function to the dedicated thread, where it gets the connection inside a transaction.
    The function must touch nothing but the connection: a locked database makes it run again. A caller that is
    cancelled does not stop it: the transaction then still commits or rolls back as a whole.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"sqlite-{path.stem}")
        self._waiting: deque[_Change] = deque()
        self._is_called = False
        self._connection: sqlite3.Connection | None = None

    @classmethod
    async def open(cls, path: Path, migrations: Sequence[Migration], synchronous: str = "FULL") -> Database:
        """Open or create the file and bring it to the newest schema; `synchronous` as in SQLite's PRAGMA.

        Raises Unavailable, also where a newer Pagetrail has written the file.
        """
        database = cls(path)
        try:
            await database._call(lambda: database._connect(migrations, synchronous))
        except BaseException:
            await database.close()
            raise
        return database

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work(connection)` returns, its changes committed; nothing is written where it raises."""
        loop = asyncio.get_running_loop()
        change = _Change(work, loop.create_future())
        self._waiting.append(change)
        if not self._is_called:
            self._is_called = True
            try:
                loop.run_in_executor(self._thread, self._change_all, loop)
            except RuntimeError:
                self._waiting.remove(change)
                raise
        answer: T = await asyncio.shield(change.done)
        return answer

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Like `run` on one unchanging view of the data, without standing in the way of writers."""
        return await self._call(lambda: self._transact("BEGIN", work))

    async def forget_deleted(self) -> None:
        """Move the write-ahead log into the file and empty it, so that deleted content is in neither."""
        await self._call(lambda: self._open_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())

    async def close(self) -> None:
        """Close the connection and end the thread; closing twice is harmless."""
        await asyncio.shield(asyncio.to_thread(self._shut))

    async def _call(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, work)

    def _change_all(self, loop: asyncio.AbstractEventLoop) -> None:
        """Make every change that waits, with one commit; each gets its own answer or error."""
        self._is_called = False  # first: a change that comes from now on calls again
        changes = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not changes:
            return
        try:
            outcomes = self._guarded(lambda: self._transact("BEGIN IMMEDIATE", partial(_make, changes)))
        except Exception:
            # The disk or a lock stood in the way of them all: each tries on its own, so that its error is its own.
            outcomes = [self._alone(change) for change in changes]
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits for the answers
            loop.call_soon_threadsafe(_tell, changes, outcomes)

    def _alone(self, change: _Change) -> _Outcome:
        try:
            return _Outcome(self._guarded(lambda: self._transact("BEGIN IMMEDIATE", change.work)))
        except Exception as error:
            return _Outcome(error=error)

    def _guarded(self, work: Callable[[], T]) -> T:
        try:
            for attempt in stamina.retry_context(on=_is_locked, attempts=4, timeout=30.0, wait_initial=0.05):
                with attempt:
                    return work()
            raise AssertionError("stamina returns or raises")
        except sqlite3.DatabaseError as error:
            advice = _WORLDS_FAULT.get(_primary_code(error))
            if advice is None:
                raise
            raise Unavailable(f"{self.path.name}: {error}: {advice}") from error

    def _connect(self, migrations: Sequence[Migration], synchronous: str) -> None:
        if self._connection is None:
            self._connection = sqlite3.connect(self.path, timeout=_BUSY_WAIT_MS / 1000, isolation_level=None)
        connection = self._connection
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # a deleted example must not survive in free pages
        migrate(connection, migrations)

    def _transact(self, begin: str, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._open_connection
        connection.execute(begin)
        try:
            answer = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # SQLite itself has rolled back where the disk was full
                connection.execute("ROLLBACK")
            raise
        return answer

    @property
    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise RuntimeError(f"{self.path.name} is closed")
        return self._connection

    def _shut(self) -> None:
        try:
            self._thread.submit(self._disconnect).result()
        except RuntimeError:
            return  # the thread has ended: closed before
        self._thread.shutdown()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass(frozen=True)
class _Change:
    """A change that somebody waits for."""

    work: Callable[[sqlite3.Connection], Any]
    done: asyncio.Future[Any]


@dataclass(frozen=True)
class _Outcome:
    answer: Any = None
    error: Exception | None = None


def _make(changes: Sequence[_Change], connection: sqlite3.Connection) -> list[_Outcome]:
    """Each change within a savepoint: one that raises takes back what it wrote, and nothing of the others."""
    outcomes = []
    for change in changes:
        connection.execute("SAVEPOINT change")
        try:
            outcomes.append(_Outcome(change.work(connection)))
        except sqlite3.DatabaseError:
            raise
        except Exception as error:
            connection.execute("ROLLBACK TO change")
            outcomes.append(_Outcome(error=error))
        connection.execute("RELEASE change")
    return outcomes


def _tell(changes: Sequence[_Change], outcomes: Sequence[_Outcome]) -> None:
    for change, outcome in zip(changes, outcomes, strict=True):
        if change.done.done():  # whoever waited was cancelled; the change is made all the same
            continue
        if outcome.error is None:
            change.done.set_result(outcome.answer)
        else:
            change.done.set_exception(outcome.error)
            change.done.exception()  # seen: whoever waited may have been cancelled meanwhile


def as_json(value: BaseModel | dict[str, Any]) -> str:
    """Text of a JSON column; ASCII, so that even a lone surrogate from a broken font comes back as it went in."""
    return json.dumps(value.model_dump(mode="json") if isinstance(value, BaseModel) else value)


def _is_locked(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and _primary_code(error) in _LOCKED


def _primary_code(error: sqlite3.Error) -> int:
    """The low byte of SQLite's extended code; 0 for an error the Python module raised by itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
