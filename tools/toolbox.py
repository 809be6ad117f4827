"""The set of tools with their schemas, and the one error ladder every call goes through."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

import tracing
from tools.contract import Observation, PageContext, Tool
from tools.errors import ToolFailure
from tracing import names

OUTPUT_LIMIT = 12_000
"""Characters of JSON an observation may put before the model."""


@dataclass(frozen=True)
class Outcome:
    """An observation and how long it took to get."""

    observation: Observation
    duration_ms: int


class Toolbox:
    """Tools by name. `call` never raises for what the model should know; `Unavailable` and bugs fly."""

    def __init__(self, tools: Sequence[Tool[Any]], timeout_s: float = 180.0) -> None:
        self._tools: Mapping[str, Tool[Any]] = {tool.name: tool for tool in tools}
        self._timeout_s = timeout_s

    def schemas(self, only: Container[str] | None = None) -> list[dict[str, Any]]:
        """Function schemas in the OpenAI form, in a stable order; of all tools, or of those named."""
        return [
            function_schema(tool.name, tool.description, tool.arguments)
            for tool in self._tools.values()
            if only is None or tool.name in only
        ]

    async def call(self, name: str, arguments: Mapping[str, Any], page: PageContext) -> Outcome:
        """Run one tool on one page; a ToolFailure becomes an observation that says what went wrong."""
        known = name if name in self._tools else "unknown"  # what a model makes up is its words, not a name
        with tracing.span(names.EXECUTE_TOOL, known, {names.TOOL_NAME: known, names.TOOL_TYPE: "function"}) as span:
            span.asked(lambda: dict(arguments))
            outcome = await self._outcome(name, arguments, page)
            if outcome.observation.failed:
                span.failed(str(outcome.observation.content["error"]), str(outcome.observation.content["message"]))
            span.answered(lambda: outcome.observation.content)
            return outcome

    async def _outcome(self, name: str, arguments: Mapping[str, Any], page: PageContext) -> Outcome:
        began = time.monotonic()
        try:
            observation = _bounded(await self._run(name, arguments, page))
        except ToolFailure as failure:
            observation = Observation(
                summary=f"{failure.kind}: {failure.message}",
                content={"error": failure.kind, "message": failure.message},
                failed=True,
            )
        return Outcome(observation, round((time.monotonic() - began) * 1000))

    async def _run(self, name: str, arguments: Mapping[str, Any], page: PageContext) -> Observation:
        tool = self._tools.get(name)
        if tool is None:
            raise ToolFailure("invalid", f"There is no tool {name!r}; there are {', '.join(self._tools)}.")
        try:
            typed = tool.arguments.model_validate(arguments)
        except ValidationError as error:
            raise ToolFailure("invalid", _first_mistakes(error)) from error
        try:
            async with asyncio.timeout(self._timeout_s):
                return await tool(typed, page)
        except TimeoutError as error:
            raise ToolFailure("timeout", f"{name} took longer than {self._timeout_s:.0f} s.") from error


def function_schema(name: str, description: str, arguments: type[Any]) -> dict[str, Any]:
    """One function in the OpenAI form, from a Pydantic model of its arguments."""
    parameters = arguments.model_json_schema()
    parameters.pop("title", None)
    parameters.pop("description", None)
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def _first_mistakes(error: ValidationError) -> str:
    mistakes = [f"{'.'.join(map(str, mistake['loc'])) or 'arguments'}: {mistake['msg']}" for mistake in error.errors()]
    return "; ".join(mistakes[:4])[:600]


def _bounded(observation: Observation) -> Observation:
    """Cut the page text of an observation that is too long; whatever else is too long is a failure to be narrower."""
    size = len(json.dumps(observation.content, ensure_ascii=False))
    if size <= OUTPUT_LIMIT:
        return observation
    text = observation.content.get("text")
    excess = size - OUTPUT_LIMIT
    if not isinstance(text, str) or len(text) <= excess:
        raise ToolFailure("limit", f"The answer has {size} characters, {OUTPUT_LIMIT} are allowed: ask for less.")
    content = {**observation.content, "text": text[: len(text) - excess - 20], "text_cut": True}
    return replace(observation, content=content)
