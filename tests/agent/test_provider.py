"""Calls over real HTTP: pauses that are asked for are kept, and the provider's own log says how often it was called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import stamina
from langchain_core.messages import HumanMessage

from agent.models import ModelHandle, openai_model
from agent.provider import LONGEST_WAIT_S, retry_after
from agent.turn import Place, take_turn
from store.errors import Unavailable
from store.ports import Store
from tests.provider.answers import Answer, cut, reset, says, status
from tests.provider.server import Provider
from tools.escalate import EscalateArguments
from tools.toolbox import function_schema

TOOLS = [function_schema("escalate_to_review", "Ask a person.", EscalateArguments)]
CONVERSATION = [HumanMessage('{"page": 3}')]
PLACE = Place("job-1", page=3, turn=0)
ESCALATES = says(("escalate_to_review", {"rationale": "nothing fits", "reason": "other"}))


def model(provider: Provider) -> ModelHandle:
    return openai_model("gpt-5-mini", timeout_s=5, environment=provider.environment)


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
async def test_a_pause_that_is_asked_for_is_kept(store: Store, provider: Provider, as_date: bool) -> None:
    """429 with `Retry-After`, as a number or a date: the next attempt at the call comes no sooner."""
    provider.script(status(429, retry_after=1, as_date=as_date), ESCALATES)

    await take_turn(model(provider), CONVERSATION, TOOLS, PLACE, store.journal)

    assert [call.what for call in provider.calls] == ["429", "reply"]
    assert provider.calls.retry_after_violations() == []


async def test_a_pause_that_is_too_long_gives_the_task_back(store: Store, provider: Provider) -> None:
    """An hour is not waited for: the call is Unavailable at once and the provider is not asked again."""
    provider.script(status(429, retry_after=3600))

    with pytest.raises(Unavailable, match="429"):
        await take_turn(model(provider), CONVERSATION, TOOLS, PLACE, store.journal)

    assert len(provider.calls) == 1


async def test_every_attempt_bears_the_key_of_the_journal(store: Store, provider: Provider) -> None:
    """So that the provider's log and the journal can be held together: one key, its job, page and turn."""
    provider.script(status(503), ESCALATES)

    with stamina.set_testing(True, attempts=3):  # no pause was asked for, so how long it is does not matter here
        reply = await take_turn(model(provider), CONVERSATION, TOOLS, PLACE, store.journal)

    assert {call.key for call in provider.calls} == {reply.key}
    assert {(call.job, call.page, call.turn) for call in provider.calls} == {("job-1", "3", "0")}
    assert provider.calls.duplicates() == {}


@pytest.mark.parametrize("broken", [reset(), cut(), status(529), status(502)], ids=["reset", "cut", "529", "502"])
async def test_what_breaks_on_the_way_is_asked_again(store: Store, provider: Provider, broken: Answer) -> None:
    """A connection that dies or an answer that ends in the middle is no answer: the call is made once more."""
    provider.script(broken, ESCALATES)

    with stamina.set_testing(True, attempts=3):
        reply = await take_turn(model(provider), CONVERSATION, TOOLS, PLACE, store.journal)

    assert [call["name"] for call in reply.message.tool_calls] == ["escalate_to_review"]
    assert len(provider.calls) == 2


def test_a_retry_after_is_read_as_the_standard_has_it() -> None:
    """A number of seconds, a date, or nothing that can be used."""
    present = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)
    later = format_datetime(present + timedelta(seconds=90), usegmt=True)
    assert retry_after({"retry-after": "7"}) == 7.0
    assert retry_after({"retry-after": later}, present) == 90.0
    assert retry_after({"retry-after": later}, present + timedelta(hours=1)) == 0.0
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({}) is None
    assert LONGEST_WAIT_S > 0
