"""A model that says what a script tells it to, and complains of what the script did not foresee or did not use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import PrivateAttr

Step = AIMessage | Exception | Callable[[Sequence[BaseMessage]], AIMessage]
"""A reply, an error to raise, or a function from the conversation to a reply."""


class ScriptExhausted(AssertionError):
    """The model was called more often than the script foresees."""


class ScriptedModel(BaseChatModel):
    """Plays its steps in order, whatever it is asked. Call `assert_used_up` at the end of a test."""

    steps: list[Any]
    _played: int = PrivateAttr(default=0)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    @property
    def calls(self) -> int:
        """How often the model was called."""
        return self._played

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        return self.bind(tools=list(tools), **kwargs)

    def assert_used_up(self) -> None:
        """Raise AssertionError where steps were left."""
        left = len(self.steps) - self._played
        assert left == 0, f"{left} of {len(self.steps)} scripted steps were never played"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        if self._played >= len(self.steps):
            raise ScriptExhausted(f"the script has {len(self.steps)} steps and the model was called once more")
        step: Step = self.steps[self._played]
        self._played += 1
        if isinstance(step, Exception):
            raise step
        reply = step if isinstance(step, AIMessage) else step(messages)
        return ChatResult(generations=[ChatGeneration(message=reply)])


def says(*calls: tuple[str, dict[str, Any]], text: str = "") -> AIMessage:
    """A scripted reply that calls tools: `says(("read_page", {"rationale": "…"}))`."""
    return AIMessage(
        content=text,
        tool_calls=[
            {"name": name, "args": arguments, "id": f"call_{at}", "type": "tool_call"}
            for at, (name, arguments) in enumerate(calls)
        ],
    )
