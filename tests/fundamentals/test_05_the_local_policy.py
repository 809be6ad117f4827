"""5. The local model is a policy, not a language model. It speaks the same protocol: it reads messages and calls tools.

It needs no network and no key, and the same conversation always gets the same answer.
"""

from __future__ import annotations

import json
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from agent.policy import LocalPolicy
from agent.verdict import SUBMIT
from tools.escalate import EscalateArguments
from tools.ocr_page import OcrArguments
from tools.read import ReadArguments
from tools.retrieve import RetrieveArguments
from tools.rules import RuleArguments
from tools.toolbox import function_schema

ARGUMENTS = {
    "read_page": ReadArguments,
    "ocr_page": OcrArguments,
    "apply_taxonomy_rules": RuleArguments,
    "retrieve_similar": RetrieveArguments,
    "escalate_to_review": EscalateArguments,
}
TOOLS = [function_schema(name, "A tool of the page.", arguments) for name, arguments in ARGUMENTS.items()]
TEXT = {"source": "text_layer", "words": 60, "usable": True, "text": "Wage and Tax Statement " * 15}


def facts(layer_words: int) -> HumanMessage:
    """What every conversation begins with: how the page looks."""
    return HumanMessage(
        json.dumps({"page": 1, "of": 1, "labels": 3, "look": {"layer_words": layer_words, "ink": 0.08}})
    )


def observed(**by_tool: dict[str, Any]) -> list[BaseMessage]:
    """Calls that were made, and what they found."""
    calls = [{"name": tool, "args": {}, "id": tool, "type": "tool_call"} for tool in by_tool]
    answers = [ToolMessage(json.dumps(found), tool_call_id=tool, name=tool) for tool, found in by_tool.items()]
    return [AIMessage(content="", tool_calls=calls), *answers]


def decide(*conversation: BaseMessage) -> dict[str, dict[str, Any]]:
    """The calls that the policy makes next, by tool."""
    reply = LocalPolicy().bind_tools(TOOLS).invoke(list(conversation))
    return {call["name"]: call["args"] for call in reply.tool_calls}


def found(cues: str, examples: str) -> list[BaseMessage]:
    """A page that was read: its cues speak for one label, the examples that resemble it for another or the same."""
    hits = [{"kind": "title", "quote": "Wage and Tax Statement", "weight": 8.0}]
    labels = [{"label": cues, "score": 9.0, "start": 2.0, "hits": hits}]
    rules = {"labels": labels, "identity": [], "printed": None, "running": []}
    similar = {"neighbours": [], "label_scores": [{"label": examples, "score": 0.97}], "start_score": 0.9}
    return observed(read_page=TEXT, apply_taxonomy_rules=rules, retrieve_similar=similar)


def test_a_page_with_text_is_read() -> None:
    """The text layer is the cheapest thing to look at, so it comes first, with the reason why.

    Where it holds plenty of words, they are looked up in the same turn; a few may be no use, so they are read first.
    """
    reading = {"read_page": {"rationale": "The text layer holds 6 words."}}
    assert decide(facts(layer_words=6)) == reading
    assert list(decide(facts(layer_words=60))) == ["read_page", "apply_taxonomy_rules", "retrieve_similar"]


def test_a_scanned_page_goes_to_ocr() -> None:
    """Without a text layer, reading it is skipped; where it is of no use, OCR comes next."""
    assert list(decide(facts(layer_words=0))) == ["ocr_page", "apply_taxonomy_rules", "retrieve_similar"]
    garbage = {**TEXT, "usable": False, "words": 2, "text": "~ ~"}
    assert next(iter(decide(facts(layer_words=2), *observed(read_page=garbage)))) == "ocr_page"


def test_a_page_that_was_read_is_held_against_cues_and_examples() -> None:
    """Both are asked in one turn, because neither needs the other."""
    assert list(decide(facts(60), *observed(read_page=TEXT))) == ["apply_taxonomy_rules", "retrieve_similar"]


def test_signals_that_agree_give_a_verdict() -> None:
    """The verdict names the label, quotes the page, and says why."""
    calls = decide(facts(60), *found(cues="w2", examples="w2"))
    assert list(calls) == [SUBMIT]
    assert calls[SUBMIT]["labels"][0]["label"] == "w2"
    assert calls[SUBMIT]["quotes"] == ["Wage and Tax Statement"]


def test_signals_that_disagree_go_to_a_person() -> None:
    """Two strong signals for two labels are not averaged away: a person is asked, and the best guess still given."""
    calls = decide(facts(60), *found(cues="w2", examples="letter"))
    assert list(calls) == ["escalate_to_review", SUBMIT]
    assert calls["escalate_to_review"]["reason"] == "signals_disagree"
