"""Changes that wait share a commit, and each is still all or nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from store.sqlite.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    def table(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY) STRICT")

    opened = await Database.open(tmp_path / "numbers.db", [table])
    yield opened
    await opened.close()


def add(number: int, then: Exception | None = None) -> Callable[[sqlite3.Connection], int]:
    """A change that writes a number, and may fail afterwards."""

    def work(connection: sqlite3.Connection) -> int:
        connection.execute("INSERT INTO numbers VALUES (?)", (number,))
        if then is not None:
            raise then
        return number

    return work


async def numbers(database: Database) -> list[int]:
    return await database.read(lambda c: [row[0] for row in c.execute("SELECT number FROM numbers ORDER BY number")])


async def test_changes_that_come_together_are_committed_together(database: Database) -> None:
    """A hundred changes at once take a handful of commits, and every caller gets its own answer."""
    begun: list[str] = []
    await database.read(lambda connection: connection.set_trace_callback(begun.append))
    answers = await asyncio.gather(*(database.run(add(number)) for number in range(100)))
    assert answers == list(range(100))
    assert begun.count("COMMIT") <= 5
    assert await numbers(database) == list(range(100))


async def test_a_change_that_raises_takes_back_itself_only(database: Database) -> None:
    """Its neighbours in the same commit are written; it leaves nothing."""
    work = [add(1), add(2, then=LookupError("no")), add(3)]
    answers = await asyncio.gather(*map(database.run, work), return_exceptions=True)
    assert [answers[0], answers[2]] == [1, 3]
    assert isinstance(answers[1], LookupError)
    assert await numbers(database) == [1, 3]


async def test_an_error_of_the_database_is_its_callers_own(database: Database) -> None:
    """A number that is there already fails for the one who brought it, not for those who came along."""
    await database.run(add(2))
    answers = await asyncio.gather(*(database.run(add(number)) for number in (1, 2, 3)), return_exceptions=True)
    assert [answers[0], answers[2]] == [1, 3]
    assert isinstance(answers[1], sqlite3.IntegrityError)
    assert await numbers(database) == [1, 2, 3]


async def test_who_is_cancelled_does_not_stop_the_change(database: Database) -> None:
    """The change is made as a whole, and those who wait with it hear their answers."""
    waiting = [asyncio.create_task(database.run(add(number))) for number in (1, 2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    assert await waiting[1] == 2
    assert await numbers(database) == [1, 2]


async def test_a_closed_database_takes_no_change(database: Database) -> None:
    """It says so, instead of waiting for ever."""
    await database.close()
    with pytest.raises(RuntimeError):
        await database.run(add(1))
