"""The line to one model of one provider: its limits and its circuit breaker, shared by everything in this process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from agent.breaker import Breaker
from agent.limiter import NO_RATE, CallLimits, Limiter


@dataclass(frozen=True)
class Endpoint:
    """Where a model is asked."""

    model: str
    base_url: str | None = None
    """None is the SDK's own address."""
    limits: CallLimits = NO_RATE


@dataclass(frozen=True)
class Line:
    """What keeps the calls of one endpoint within bounds."""

    limiter: Limiter
    breaker: Breaker


_LINES: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Endpoint, Line]] = WeakKeyDictionary()


def line_of(endpoint: Endpoint) -> Line:
    """The one line of this endpoint. By event loop, of which a process has one: whoever waits in it belongs to it."""
    lines = _LINES.setdefault(asyncio.get_running_loop(), {})
    if endpoint not in lines:
        lines[endpoint] = Line(Limiter(endpoint.limits), Breaker(endpoint.model))
    return lines[endpoint]
