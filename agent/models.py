"""Model names to chat models: `local`, `openai:NAME`, and `cascade`, which tries them in that order, cheap first."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from langchain_core.language_models import BaseChatModel

from agent.limiter import NO_RATE, CallLimits
from agent.line import Route
from agent.policy import LocalPolicy

LOCAL = "local"


class UnknownModel(ValueError):
    """The name of the model cannot be used; the message says which names can."""


@dataclass(frozen=True)
class ModelHandle:
    """One chat model with what a turn must know of it."""

    name: str
    """As given by the user, for example `openai:gpt-5-mini`."""
    chat: BaseChatModel
    free: bool = False
    """True for what runs here and costs nothing."""
    route: Route | None = None
    """Where a provider is asked, within which limits; None for what runs here."""
    parameters: Mapping[str, str | int | float] = field(default_factory=dict)
    """Everything beside the messages that can change the answer; part of the call key."""

    @property
    def provider_model(self) -> str:
        return self.name.partition(":")[2] or self.name


def tiers(
    name: str,
    cascade_model: str | None = None,
    timeout_s: float = 120.0,
    limits: CallLimits = NO_RATE,
) -> tuple[ModelHandle, ...]:
    """The models to try on a page, cheap first. Raise UnknownModel for a name or a key that is missing."""
    if name == LOCAL:
        return (local(),)
    if name == "cascade":
        if cascade_model is None:
            raise UnknownModel(
                "`cascade` needs a second tier: set PAGETRAIL_CASCADE_MODEL, for example openai:gpt-5-mini."
            )
        return (local(), *tiers(cascade_model, timeout_s=timeout_s, limits=limits))
    provider, _, model = name.partition(":")
    if provider == "openai" and model:
        return (openai_model(model, timeout_s, limits=limits),)
    raise UnknownModel(f"Unknown model {name!r}: use `local`, `cascade` or `openai:NAME`.")


def local() -> ModelHandle:
    """The policy model inside this process: no network, no key, deterministic."""
    return ModelHandle(LOCAL, LocalPolicy(), free=True)


def openai_model(
    model: str,
    timeout_s: float,
    environment: Mapping[str, str] = os.environ,
    limits: CallLimits = NO_RATE,
) -> ModelHandle:
    """Any endpoint that speaks the OpenAI chat-completions protocol (`OPENAI_API_KEY`, `OPENAI_BASE_URL`)."""
    key = environment.get("OPENAI_API_KEY")
    if not key:
        raise UnknownModel(f"openai:{model} needs OPENAI_API_KEY (any word will do for a local server).")
    from agent.provider import chat_model

    name, base_url = f"openai:{model}", environment.get("OPENAI_BASE_URL")
    chat = chat_model(model, timeout_s, key, base_url)
    return ModelHandle(name, chat, parameters={"temperature": 0}, route=Route(name, base_url, limits))


ModelFactory = Callable[[str], tuple[ModelHandle, ...]]
"""From the name in the job's options to the tiers that serve it."""
