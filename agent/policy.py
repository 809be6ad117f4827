"""The local policy: a chat model without a language model. It reads the conversation, calls tools, submits a verdict.

Deterministic and stateless: everything it knows stands in the messages, so that a replay gives the same answer. It
needs neither network nor key and speaks the same tool-calling protocol as any provider's model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from agent.fusion import Fused, Signals, fuse
from agent.verdict import SUBMIT

BLANK_INK = 0.001
"""Share of dark pixels below which a page without text is blank."""

PLENTY = 20
"""Words of a text layer from which it is likely to be usable, so that what it says is looked up in the same turn."""

Call = tuple[str, dict[str, Any]]


class LocalPolicy(BaseChatModel):
    """Decides the next tool calls from what was observed so far."""

    @property
    def _llm_type(self) -> str:
        return "pagetrail-local-policy"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        return self.bind(tools=list(tools), **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        offered = {tool["function"]["name"] for tool in kwargs.get("tools", [])}
        calls = next_calls(Seen.in_conversation(messages), offered)
        turn = sum(isinstance(message, AIMessage) for message in messages)
        reply = AIMessage(
            content="",
            tool_calls=[
                {"name": name, "args": arguments, "id": f"local_{turn}_{at}", "type": "tool_call"}
                for at, (name, arguments) in enumerate(calls)
            ],
        )
        return ChatResult(generations=[ChatGeneration(message=reply)])


@dataclass(frozen=True)
class Seen:
    """The conversation so far: the facts of the page and the newest observation of each tool."""

    facts: Mapping[str, Any]
    observations: Mapping[str, Mapping[str, Any]]

    @classmethod
    def in_conversation(cls, messages: Sequence[BaseMessage]) -> Seen:
        facts = next(message for message in messages if isinstance(message, HumanMessage))
        observed = {
            str(message.name): json.loads(str(message.content))
            for message in messages
            if isinstance(message, ToolMessage)
        }
        return cls(json.loads(str(facts.content)), observed)

    def worked(self, tool: str) -> Mapping[str, Any] | None:
        """What a tool found, None where it was not called or failed."""
        observation = self.observations.get(tool)
        return None if observation is None or "error" in observation else observation


def next_calls(seen: Seen, offered: set[str]) -> list[Call]:
    """Read, OCR where the text layer is no use, look up rules and examples, weigh, decide."""
    look = seen.facts["look"]
    if "read_page" not in seen.observations and look["layer_words"] > 0:
        read = ("read_page", {"rationale": f"The text layer holds {look['layer_words']} words."})
        return [read, *(_look_ups(offered) if look["layer_words"] >= PLENTY else [])]
    if not _readable(seen) and "ocr_page" not in seen.observations:
        if look["layer_words"] == 0 and look["ink"] is not None and look["ink"] < BLANK_INK:
            return [_blank()]
        return [("ocr_page", {"rationale": _why_ocr(seen)}), *_look_ups(offered)]
    if not _readable(seen):
        return _unreadable(seen)
    missing = [call for call in _look_ups(offered) if call[0] not in seen.observations]
    return missing or _decide(seen)


def _readable(seen: Seen) -> bool:
    return _reading(seen) is not None


def _reading(seen: Seen) -> Mapping[str, Any] | None:
    """What OCR read where it was asked, else the text layer where it is usable."""
    ocr = seen.worked("ocr_page")
    if ocr is not None and ocr["words"] > 0:
        return ocr
    layer = seen.worked("read_page")
    if layer is not None and (layer["usable"] or ("ocr_page" in seen.observations and layer["words"] > 0)):
        return layer
    return None


def _why_ocr(seen: Seen) -> str:
    layer = seen.worked("read_page")
    if layer is None:
        return "The page has no text layer that can be read."
    return f"The text layer holds {layer['words']} words, too few or too broken to judge the page by."


def _look_ups(offered: set[str]) -> list[Call]:
    calls: list[Call] = [
        ("apply_taxonomy_rules", {"rationale": "See which titles, phrases and numbers of the taxonomy stand here."}),
        ("retrieve_similar", {"rationale": "See which labelled pages resemble this one."}),
    ]
    return [call for call in calls if call[0] in offered]


def _decide(seen: Seen) -> list[Call]:
    signals = _signals(seen)
    fused = fuse(signals)
    verdict = (SUBMIT, _verdict(seen, signals, fused))
    if fused.disagreement is not None:
        cues, examples = fused.disagreement
        reason = f"Cues say {cues}, similar examples say {examples}, and both are strong."
        return [("escalate_to_review", {"reason": "signals_disagree", "rationale": reason}), verdict]
    if not fused.ranked:
        reason = "No cue of any label matched and no labelled example resembles the page."
        return [("escalate_to_review", {"reason": "nothing_recognised", "rationale": reason}), verdict]
    return [verdict]


def _signals(seen: Seen) -> Signals:
    rules = seen.worked("apply_taxonomy_rules") or {"labels": [], "printed": None}
    examples = seen.worked("retrieve_similar") or {"label_scores": [], "start_score": None}
    reading = _reading(seen) or {"text": "", "source": "ocr"}
    printed = rules["printed"]
    return Signals(
        cues={found["label"]: found["score"] for found in rules["labels"]},
        starts={found["label"]: found["start"] for found in rules["labels"]},
        examples={found["label"]: found["score"] for found in examples["label_scores"]},
        example_start=examples["start_score"],
        printed=None if printed is None else (printed["number"], printed["of"]),
        text=reading["text"],
        labels=seen.facts["labels"],
    )


def _verdict(seen: Seen, signals: Signals, fused: Fused) -> dict[str, Any]:
    rules = seen.worked("apply_taxonomy_rules") or {"labels": [], "printed": None, "identity": []}
    best = fused.ranked[0][0] if fused.ranked else None
    hits: list[dict[str, Any]] = next((found["hits"] for found in rules["labels"] if found["label"] == best), [])
    quotes = [hit["quote"] for hit in hits if hit["kind"] != "negative" and 2 <= len(hit["quote"]) <= 200][:4]
    return {
        "rationale": _rationale(fused, quotes, signals),
        "labels": [{"label": label, "score": score} for label, score in fused.ranked],
        "start": {"score": fused.start, "why": fused.start_why},
        "printed": rules["printed"],
        "identity": [{"kind": k["kind"][:40], "value": k["value"][:80]} for k in rules["identity"][:8]],
        "quotes": quotes,
    }


def _rationale(fused: Fused, quotes: Sequence[str], signals: Signals) -> str:
    if not fused.ranked:
        return "Nothing on the page is known to the taxonomy or resembles a labelled example."
    label, score = fused.ranked[0]
    reasons = []
    if quotes:
        reasons.append("the page says " + ", ".join(f"“{quote[:60]}”" for quote in quotes[:3]))
    if signals.examples.get(label, 0.0) >= 0.2:
        reasons.append(f"{signals.examples[label]:.0%} of the weight of similar examples is {label}")
    return f"{label} ({score:.2f}): {'; '.join(reasons) or 'weak signs only'}."[:600]


def _blank() -> Call:
    return (
        SUBMIT,
        {
            "rationale": "The page is blank: no text layer and hardly any ink.",
            "labels": [],
            "start": {"score": 0.05, "why": "a blank page says nothing of its own"},
        },
    )


def _unreadable(seen: Seen) -> list[Call]:
    failed = seen.observations.get("ocr_page", {})
    reason = str(failed.get("message", "OCR found no words on a page that is not blank."))[:500]
    return [
        ("escalate_to_review", {"reason": "unreadable", "rationale": reason}),
        (
            SUBMIT,
            {
                "rationale": "Neither the text layer nor OCR gave words to judge the page by.",
                "labels": [],
                "start": {"score": 0.5, "why": "the page could not be read"},
            },
        ),
    ]
