"""The call journal: a finished call is never paid twice."""

from __future__ import annotations

from typing import Any

import pytest

from store.errors import Conflict, NotFound
from store.ports import Store
from store.records import CallIntent, CallRecord, Usage


async def begun(store: Store, key: str, job_id: str = "j", **more: Any) -> CallRecord:
    """The record of a call that may begin."""
    intent = CallIntent(key=key, job_id=job_id, page=3, turn=1, model="local", **more)
    record = await store.journal.begin(intent)
    assert record is not None
    return record


USAGE = Usage(model_calls=1, input_tokens=10, output_tokens=2, cost_usd=None)


async def test_a_call_that_left_no_response_is_begun_again(store: Store) -> None:
    """The intent is written first; beginning again counts the attempt."""
    first = await begun(store, "k")
    assert (first.attempts, first.response) == (1, None)
    assert (await begun(store, "k")).attempts == 2


async def test_a_finished_call_is_served_from_the_journal(store: Store) -> None:
    """Beginning a finished call returns its response and usage and counts no attempt."""
    await begun(store, "k")
    await store.journal.complete("k", {"answer": [1, None, "é\ud800"]}, USAGE)
    again = await begun(store, "k")
    assert (again.attempts, again.response, again.usage) == (1, {"answer": [1, None, "é\ud800"]}, USAGE)


async def test_an_empty_response_is_a_response(store: Store) -> None:
    """A model that answered nothing has answered."""
    await begun(store, "k")
    await store.journal.complete("k", {}, USAGE)
    assert (await begun(store, "k")).response == {}


async def test_a_second_response_is_refused(store: Store) -> None:
    """The same response twice is harmless, a different one a Conflict; the first one stands."""
    await begun(store, "k")
    await store.journal.complete("k", {"answer": (1,)}, USAGE)
    await store.journal.complete("k", {"answer": (1,)}, USAGE)
    with pytest.raises(Conflict):
        await store.journal.complete("k", {"answer": [2]}, USAGE)
    assert (await store.journal.calls("j"))[0].response == {"answer": [1]}


async def test_a_call_that_never_began_cannot_be_completed(store: Store) -> None:
    """A response without an intent is NotFound."""
    with pytest.raises(NotFound):
        await store.journal.complete("k", {}, USAGE)


async def test_a_jobs_calls_come_in_the_order_they_began(store: Store) -> None:
    """`calls` lists one job's calls, finished or not."""
    for key, job_id in (("b", "j"), ("a", "j"), ("c", "other")):
        await begun(store, key, job_id)
    await store.journal.complete("a", {}, USAGE)
    calls = await store.journal.calls("j")
    assert [(call.key, call.response) for call in calls] == [("b", None), ("a", {})]
