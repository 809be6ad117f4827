"""The one request in which a model is shown a page: shortlist, words, picture by reference.

Nothing in it names the job or the page's place in the packet, so that equal pages make equal requests.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage

from agent.spotlight import spotlight
from store.records import PageText
from taxonomy import Taxonomy

SHORTLIST = 8
"""Labels on the shortlist, at most."""
CHARACTERS_A_TOKEN = 4
PATCH_PX = 32
"""Providers count a picture in patches of so many pixels each way."""
IMAGE_REF = "image_ref"
"""Type of the content part that stands for a picture until the moment of the call."""


@dataclass(frozen=True)
class Picture:
    """A rendered page."""

    ref: str
    """Blob of the JPEG."""
    width: int
    height: int

    @property
    def tokens(self) -> int:
        return -(-self.width // PATCH_PX) * -(-self.height // PATCH_PX)


@dataclass(frozen=True)
class Hint:
    """A label that rules or examples speak for."""

    label: str
    rules: float | None
    """Log-odds by the taxonomy's cues; None where no cue of it matched."""
    examples: float | None
    """Share among similar labelled pages; None where none bears it."""


def shortlist(rules: Mapping[str, Any] | None, examples: Mapping[str, Any] | None) -> list[Hint]:
    """Labels by rank, the best of rules and of examples in turn; from the observations of the two tools."""
    by_rules = {found["label"]: found["score"] for found in (rules or {}).get("labels", []) if found["score"] > 0}
    by_examples = {found["label"]: found["score"] for found in (examples or {}).get("label_scores", [])}
    ranks = [sorted(by, key=lambda label: (-by[label], label)) for by in (by_rules, by_examples)]
    taken: dict[str, None] = {}
    for at in range(SHORTLIST):
        taken.update(dict.fromkeys(rank[at] for rank in ranks if at < len(rank)))
    return [Hint(label, by_rules.get(label), by_examples.get(label)) for label in list(taken)[:SHORTLIST]]


def page_request(
    text: PageText | None, hints: Sequence[Hint], taxonomy: Taxonomy, picture: Picture | None, text_tokens: int
) -> HumanMessage:
    """What the model is shown of the page."""
    words = "\n\n".join([_shortlist(hints, taxonomy), _reading(text, text_tokens)])
    if picture is None:
        return HumanMessage(words)
    image = {"type": IMAGE_REF, "ref": picture.ref, "width": picture.width, "height": picture.height}
    return HumanMessage([{"type": "text", "text": words}, image])


def _shortlist(hints: Sequence[Hint], taxonomy: Taxonomy) -> str:
    if not hints:
        return "Shortlist: empty, neither rules nor labelled examples know this page."
    lines = [
        f"- {hint.label}: {taxonomy.labels[hint.label].name}. {taxonomy.labels[hint.label].description} ({_why(hint)})"
        for hint in hints
        if hint.label in taxonomy.labels
    ]
    return "\n".join(["Shortlist, with what speaks for each label:", *lines])


def _why(hint: Hint) -> str:
    rules = None if hint.rules is None else f"log-odds of rules {hint.rules:.1f}"
    examples = None if hint.examples is None else f"{hint.examples:.0%} of similar examples"
    return ", ".join(part for part in (rules, examples) if part)


def _reading(text: PageText | None, text_tokens: int) -> str:
    if text is None or not text.text.strip():
        return "No words could be read on this page."
    room = text_tokens * CHARACTERS_A_TOKEN
    cut = f" The page goes on; its first {room} characters are shown." if len(text.text) > room else ""
    how = "its text layer" if text.source == "text_layer" else "OCR, so letters can be wrong"
    return f"The words of the page, by {how}.{cut}\n{spotlight(text.text[:room])}"


async def with_pictures(messages: Sequence[BaseMessage], blob: Callable[[str], Awaitable[bytes]]) -> list[BaseMessage]:
    """The messages as a provider takes them: every picture encoded, at the moment of the call and not before."""
    return [await _with_pictures(message, blob) for message in messages]


async def _with_pictures(message: BaseMessage, blob: Callable[[str], Awaitable[bytes]]) -> BaseMessage:
    if isinstance(message.content, str):
        return message
    return message.model_copy(update={"content": [await _part(part, blob) for part in message.content]})


async def _part(part: Any, blob: Callable[[str], Awaitable[bytes]]) -> Any:
    if not isinstance(part, dict) or part.get("type") != IMAGE_REF:
        return part
    encoded = base64.b64encode(await blob(part["ref"])).decode()
    return {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{encoded}"}}


def tokens_in(messages: Sequence[BaseMessage], tools: Sequence[Mapping[str, Any]]) -> int:
    """An estimate of what a request costs to read: four characters a token, a patch of a picture a token."""
    characters = len(str(tools))
    patches = 0
    for message in messages:
        for part in [message.content] if isinstance(message.content, str) else message.content:
            if isinstance(part, dict) and part.get("type") == IMAGE_REF:
                patches += Picture(part["ref"], part["width"], part["height"]).tokens
            else:
                characters += len(str(part))
        characters += sum(len(call["name"]) + len(str(call["args"])) for call in getattr(message, "tool_calls", []))
    return characters // CHARACTERS_A_TOKEN + patches
