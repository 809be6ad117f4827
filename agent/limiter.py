"""How much a provider is asked at once and in a minute; kept before it has to say 429.

In any `WINDOW_S` seconds no more requests and tokens than allowed are begun. A call's tokens are estimated before it
and corrected by the usage it reports. docs/decisions/0011-staying-up-with-a-provider.md says why it is our own.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

WINDOW_S = 60.0
LONGEST_NAP_S = 1.0
"""A correction may make room before the window does: who waits looks again after this."""


@dataclass(frozen=True)
class CallLimits:
    """What one process may ask of one model of one provider."""

    connections: int = 32
    """Requests under way at the same time."""
    requests_per_minute: int | None = None
    """None where there is no limit."""
    tokens_per_minute: int | None = None
    """Read and written together; None where there is no limit."""


NO_RATE = CallLimits()
"""Limits connections only."""


@dataclass
class Spent:
    """One call's share of a window."""

    at: float
    amount: int


class Window:
    """A moving window: what was taken in the last `WINDOW_S` seconds."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._taken: deque[Spent] = deque()

    @property
    def used(self) -> int:
        while self._taken and self._taken[0].at + WINDOW_S <= self._clock():
            self._taken.popleft()
        return sum(spent.amount for spent in self._taken)

    def wait_s(self, amount: int) -> float:
        """Seconds until `amount` fits in; what is more than the limit itself fits into an empty window."""
        surplus = self.used + amount - self._limit
        wait = 0.0
        for spent in self._taken:
            if surplus <= 0:
                break
            surplus -= spent.amount
            wait = spent.at + WINDOW_S - self._clock()
        return max(0.0, wait)

    def take(self, amount: int) -> Spent:
        """Put it down, whether it fits or not; its amount may be corrected later."""
        self._taken.append(Spent(self._clock(), amount))
        return self._taken[-1]


@dataclass(frozen=True)
class Place:
    """One request on its way."""

    tokens: Spent | None

    def correct(self, tokens: int) -> None:
        """Put down what it really took."""
        if self.tokens is not None:
            self.tokens.amount = tokens


class Limiter:
    """Places for requests, first come first served. One for a model of a provider, for one event loop."""

    def __init__(
        self,
        limits: CallLimits,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._connections = asyncio.Semaphore(limits.connections)
        self._requests = None if limits.requests_per_minute is None else Window(limits.requests_per_minute, clock)
        self._tokens = None if limits.tokens_per_minute is None else Window(limits.tokens_per_minute, clock)
        self._sleep = sleep
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def place(self, tokens: int) -> AsyncIterator[Place]:
        """Wait for a connection and for room in both windows, for a request of about `tokens`.

        The connection comes first: a request that was let through by the windows is sent at once.
        """
        async with self._connections:
            async with self._turn:
                while wait := max(self._wait_s(self._requests, 1), self._wait_s(self._tokens, tokens)):
                    await self._sleep(min(wait, LONGEST_NAP_S))
                if self._requests is not None:
                    self._requests.take(1)
                place = Place(None if self._tokens is None else self._tokens.take(tokens))
            yield place

    def _wait_s(self, window: Window | None, amount: int) -> float:
        return 0.0 if window is None else window.wait_s(amount)
