"""Circuit breaker: a provider whose calls all fail is left alone for a while, then asked by one call first.

After M. Nygard, *Release It!* (2007): closed lets every call through, open none, half-open one. What counts is the
call with its retries, not the single request. docs/decisions/0011-staying-up-with-a-provider.md says why it is our own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from agent.errors import CircuitOpen, ModelRefused, PageRefused, ProviderDown

Clock = Callable[[], float]
State = Literal["closed", "open", "half_open"]

MOST_FAILURES = 5
"""Calls in a row that fail before the circuit opens."""
COOL_DOWN_S = 5.0
"""How long it stays open at first; doubled each time that the probe fails."""
LONGEST_COOL_DOWN_S = 60.0
LONGEST_ASKED_S = 3600.0
"""A provider that asks for a longer pause is asked again after this one."""
PROBE_S = 1.0
"""When to come back while somebody else's probe is under way."""


@dataclass(eq=False)
class Outage:
    """From the first call that failed to the next that is answered."""

    provider: str
    clock: Clock
    began: float
    ended: float | None = None

    @property
    def over(self) -> bool:
        return self.ended is not None

    @property
    def age_s(self) -> float:
        """From its beginning to its end, or to now."""
        return (self.clock() if self.ended is None else self.ended) - self.began


class Breaker:
    """Of one provider and model. Opens after `most_failures` in a row, or at once where a long pause is asked for."""

    def __init__(
        self,
        provider: str,
        *,
        most_failures: int = MOST_FAILURES,
        cool_down_s: float = COOL_DOWN_S,
        clock: Clock = time.monotonic,
    ) -> None:
        self.provider = provider
        self.outage: Outage | None = None
        """Present while the last call failed."""
        self._most_failures = most_failures
        self._cool_down_s = cool_down_s
        self._clock = clock
        self._failures = 0
        self._opened = 0
        """How often in a row; zero is closed."""
        self._open_until = 0.0
        self._probing = False

    @property
    def state(self) -> State:
        if not self._opened:
            return "closed"
        return "open" if self._clock() < self._open_until else "half_open"

    @property
    def retry_in_s(self) -> float:
        """Seconds until a call has a chance; zero where it has one now."""
        if self._probing:
            return max(PROBE_S, self._open_until - self._clock())
        return max(0.0, self._open_until - self._clock()) if self._opened else 0.0

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Around one call. Raise CircuitOpen where there may be none."""
        probe = self._admit()
        try:
            yield
        except ProviderDown as error:
            self._failed(error, probe)
            raise
        except (ModelRefused, PageRefused):
            self._answered()  # a no is an answer: it is there
            raise
        else:
            self._answered()
        finally:
            # Also where the call was cancelled and nothing was learned: the next one may probe.
            self._probing = self._probing and not probe

    def _admit(self) -> bool:
        state = self.state
        if state == "closed":
            return False
        if state == "open" or self._probing:
            refused = CircuitOpen(f"{self.provider} is left alone after {self._failures} failed calls", self.retry_in_s)
            refused.outage = self.outage
            raise refused
        self._probing = True
        return True

    def _answered(self) -> None:
        self._failures = self._opened = 0
        if self.outage is not None:
            self.outage.ended = self._clock()
            self.outage = None

    def _failed(self, error: ProviderDown, probe: bool) -> None:
        if self.outage is None:
            self.outage = Outage(self.provider, self._clock, self._clock())
        error.outage = self.outage
        self._failures += 1
        asked = min(error.retry_in_s or 0.0, LONGEST_ASKED_S)
        if probe or (not self._opened and (self._failures >= self._most_failures or asked > self._cool_down_s)):
            cool_down = min(self._cool_down_s * 2.0**self._opened, LONGEST_COOL_DOWN_S)
            self._opened = min(self._opened + 1, 16)
            self._open_until = self._clock() + max(cool_down, asked)
        elif self._opened:
            self._open_until = max(self._open_until, self._clock() + asked)
