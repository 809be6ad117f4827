"""4. A turn is one question to a model. The journal has it before and after, so no finished call is paid twice."""

from __future__ import annotations

import pytest
from langchain_core.messages import BaseMessage, HumanMessage

from agent.models import ModelHandle
from agent.scripted import ScriptedModel, says
from agent.turn import Place, take_turn
from store.ports import Store
from tools.read import ReadPage
from tools.toolbox import Toolbox

CONVERSATION: list[BaseMessage] = [HumanMessage('{"page": 1}')]
TOOLS = Toolbox([ReadPage()]).schemas()
PLACE = Place("job-1", page=1, turn=0)
READ = says(("read_page", {"rationale": "see what it says"}))


def scripted(*steps: object) -> tuple[ScriptedModel, ModelHandle]:
    chat = ScriptedModel(steps=list(steps))
    return chat, ModelHandle("scripted", chat, free=True)


async def test_messages_and_schemas_go_in_and_tool_calls_come_out(store: Store) -> None:
    """The model answers with calls; it never acts itself."""
    _, model = scripted(READ)
    reply = await take_turn(model, CONVERSATION, TOOLS, PLACE, store.journal)
    assert [(call["name"], call["args"]) for call in reply.message.tool_calls] == [
        ("read_page", {"rationale": "see what it says"})
    ]


async def test_the_same_question_at_the_same_place_is_answered_by_the_journal(store: Store) -> None:
    """After a crash the work asks again, and the recorded reply comes back; the model is not called."""
    chat, model = scripted(READ)
    await take_turn(model, CONVERSATION, TOOLS, PLACE, store.journal)
    again = await take_turn(model, CONVERSATION, TOOLS, PLACE, store.journal)
    assert again.replayed
    assert again.message.tool_calls == READ.tool_calls
    assert chat.calls == 1


async def test_a_call_that_was_lost_is_made_again_and_counted(store: Store) -> None:
    """The intent is written first: an attempt without a response shows in the journal, the one that may cost twice."""
    lost = ConnectionResetError("the process died here")
    _, model = scripted(lost, READ)
    with pytest.raises(ConnectionResetError):
        await take_turn(model, CONVERSATION, TOOLS, PLACE, store.journal)
    (call,) = await store.journal.calls("job-1")
    assert (call.attempts, call.response) == (1, None)

    await take_turn(model, CONVERSATION, TOOLS, PLACE, store.journal)

    (call,) = await store.journal.calls("job-1")
    assert call.attempts == 2
    assert call.response is not None
