"""How a provider can fail, each kind with its fate. Known without the SDK, which takes seconds to load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.errors import Unavailable

if TYPE_CHECKING:
    from agent.breaker import Outage


class ProviderDown(Unavailable):
    """The provider is out of reach, busy, or answers what is no completion: the task goes back and comes again."""

    def __init__(self, message: str, retry_in_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_in_s = retry_in_s
        """Seconds to leave it alone, where that is known."""
        self.outage: Outage | None = None
        """What this failure is part of; the circuit breaker fills it in."""


class CircuitOpen(ProviderDown):
    """Not asked, because the last calls failed: the provider is left alone for `retry_in_s`."""


class ModelRefused(Unavailable):
    """The provider rejects what every request has (key, model, quota): retrying cannot help, settings must change."""


class PageRefused(Exception):
    """The provider rejects this request for what it holds: this page needs a person, the others go on."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        """Review reason: `context_too_long` or `content_filtered`."""
