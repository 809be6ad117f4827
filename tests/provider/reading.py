"""What a request shows of its page: the words, where they come from, and which label codes it allows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tests.provider.asked import Asked, texts_of

READERS = ("read_page", "ocr_page")
SUBMIT = "submit_verdict"

TEXT_FIELDS = ("text", "page_text")
MARKED = re.compile(r"<(?P<tag>[\w-]*(?:page|text|data)[\w-]*)\b[^>]*>(?P<words>.*)</(?P=tag)\b[^>]*>", re.S | re.I)
FENCED = re.compile(r"^\W*(?:BEGIN|START)\b[^\n]*\n(?P<words>.*)^\W*END\b", re.S | re.M)
LABEL_LINE = re.compile(r"^[\W_]*([a-z][a-z0-9_]*)[`*\"]*: ([^.\n]+)", re.M)


@dataclass(frozen=True)
class Reading:
    """Words of the page, as one message gives them."""

    source: str
    """A tool of READERS, or `given` for what the user's message holds."""
    text: str
    usable: bool


def readings(asked: Asked) -> list[Reading]:
    """Every reading that the conversation shows, in its order.

    A tool's observation is JSON with `text`, and `usable` where that is in doubt; words in a message of the user stand
    in such an object, between tags whose name speaks of page, text or data, or between lines BEGIN … and END ….
    """
    tools = {call["id"]: call["function"]["name"] for message in asked.messages for call in _calls(message)}
    found = []
    for message in asked.messages:
        tool = tools.get(message.get("tool_call_id", ""))
        if message.get("role") == "user" or tool in READERS:
            found += [reading for text in texts_of(message) if (reading := _reading(tool or "given", text))]
    return found


def called(asked: Asked) -> set[str]:
    """Names of the tools that the conversation holds calls of."""
    return {call["function"]["name"] for message in asked.messages for call in _calls(message)}


def label_codes(asked: Asked) -> list[str]:
    """The enum of the field `label` in the schema that an answer must fit, in its order."""
    schema = asked.tools.get(SUBMIT) or asked.answer_schema or {}
    for node in _objects(schema):
        label = (node.get("properties") or {}).get("label")
        if isinstance(label, dict):
            target = schema.get("$defs", {}).get(str(label.get("$ref", "")).rpartition("/")[2], label)
            return [str(code) for code in target.get("enum", [])]
    return []


def label_names(asked: Asked) -> Mapping[str, str]:
    """Names by code, where the instructions list them as `- code: Name. Description`."""
    system = [text for m in asked.messages if m.get("role") in {"system", "developer"} for text in texts_of(m)]
    return _names("\n".join(system))


def shortlisted(asked: Asked, codes: Sequence[str]) -> str | None:
    """The first code after the word `shortlist` in a message of the user."""
    for message in asked.messages:
        for text in texts_of(message) if message.get("role") == "user" else []:
            _, found, after = text.casefold().partition("shortlist")
            if found:
                return next((word for word in re.findall(r"\w+", after) if word in codes), None)
    return None


@lru_cache(maxsize=16)
def _names(instructions: str) -> Mapping[str, str]:
    return {code: name.strip() for code, name in LABEL_LINE.findall(instructions)}


def _reading(source: str, text: str) -> Reading | None:
    try:
        content = json.loads(text)
    except ValueError:
        marked = MARKED.search(text) or FENCED.search(text)
        return Reading(source, marked["words"].strip(), usable=True) if marked else None
    for node in _objects(content):
        for field in TEXT_FIELDS:
            if isinstance(node.get(field), str):
                return Reading(source, node[field], usable=node.get("usable") is not False)
    return Reading(source, "", usable=False) if source in READERS else None


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object within, outermost first."""
    if isinstance(node, dict):
        yield node
    if isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _objects(child)


def _calls(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(message.get("tool_calls") or [])
