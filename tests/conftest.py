"""What every room's tests share: a store to work on, and a way to wait that is not sleeping."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import settings

from store.ports import Store
from store.sqlite import open_store
from taxonomy import Taxonomy
from taxonomy import load as load_taxonomy

# Machines are shared, so time limits would find only load; and a test run leaves no files behind.
settings.register_profile("pagetrail", deadline=None, database=None)
settings.load_profile("pagetrail")

OpenStore = Callable[[Path], Awaitable[Store]]
Condition = Callable[[], bool | Awaitable[bool]]
WaitUntil = Callable[..., Awaitable[None]]

BACKENDS: dict[str, OpenStore] = {"sqlite": open_store}
"""Every backend passes the same suite; a new one is one entry here."""


@pytest.fixture(params=BACKENDS)
def open_backend(request: pytest.FixtureRequest) -> OpenStore:
    """Opens a store in a folder; for tests that need more than one handle on the same data."""
    return BACKENDS[request.param]


@pytest.fixture
async def store(open_backend: OpenStore, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store, closed after the test."""
    opened = await open_backend(tmp_path / "home")
    yield opened
    await opened.close()


@pytest.fixture
def wait_until() -> WaitUntil:
    """`await wait_until(condition, timeout_s=20)` returns once the condition (plain or async) holds, else fails."""

    async def wait(condition: Condition, timeout_s: float = 20.0) -> None:
        give_up = time.monotonic() + timeout_s
        while not await _holds(condition):
            assert time.monotonic() < give_up, f"after {timeout_s} s still not true: {inspect.getsource(condition)}"
            await asyncio.sleep(0.01)

    return wait


async def _holds(condition: Condition) -> bool:
    answer = condition()
    return await answer if inspect.isawaitable(answer) else answer


SMALL_TAXONOMY = Path(__file__).parent / "small.v1.yaml"


@pytest.fixture
def small_taxonomy() -> Taxonomy:
    """Three kinds of document: w2, letter, contract."""
    return load_taxonomy(SMALL_TAXONOMY)
