"""Model names to chat models: `local` and `openai:NAME`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from langchain_core.language_models import BaseChatModel

from agent.limiter import NO_RATE, CallLimits
from agent.line import Endpoint
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
    journaled: bool = True
    """False for what costs nothing and always gives the same reply, so that asking again does no harm."""
    endpoint: Endpoint | None = None
    """Where a provider is asked, within which limits; None for what runs here."""
    parameters: Mapping[str, str | int | float] = field(default_factory=dict)
    """Everything beside the messages that can change the answer; part of the call key."""

    @property
    def provider_model(self) -> str:
        return self.name.partition(":")[2] or self.name


def model(name: str, timeout_s: float = 120.0, limits: CallLimits = NO_RATE) -> ModelHandle:
    """The model of that name. Raise UnknownModel for a name or a key that is missing."""
    if name == LOCAL:
        return local()
    provider, _, wanted = name.partition(":")
    if provider == "openai" and wanted:
        return openai_model(wanted, timeout_s, limits=limits)
    raise UnknownModel(f"Unknown model {name!r}: use `local` or `openai:NAME`.")


def local() -> ModelHandle:
    """The policy model inside this process: no network, no key, deterministic."""
    return ModelHandle(LOCAL, LocalPolicy(), free=True, journaled=False)


async def hang_up() -> None:
    """Close the connections to all providers, where any was asked; models made before cannot be asked any more."""
    if "agent.provider" in sys.modules:
        from agent import provider

        await provider.hang_up()


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
    return ModelHandle(name, chat, parameters={"temperature": 0}, endpoint=Endpoint(name, base_url, limits))
