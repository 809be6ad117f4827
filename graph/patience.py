"""How long a worker waits for a provider that is away: its pages go back and come again, the rest goes on."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable

from agent.breaker import Outage
from agent.errors import CircuitOpen, ProviderDown
from store.records import EventDraft, Task, now

FIRST_PAUSE_S = 2.0
"""Pause of a page where the provider has not said how long; doubled each time that the page goes back."""
LONGEST_PAUSE_S = 60.0
JITTER = 0.25
"""Share of the pause that is added at random."""
BREATH_S = 0.2
"""After a page went back no other is claimed for this long: a long packet shall not go round in circles."""
MOST_ALONE = 5
"""Times that the provider failed a page and then answered for others, before the page goes to a person."""


class Patience:
    """Of one worker with one job."""

    def __init__(self, most_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_s = most_s
        self._clock = clock
        self._told: list[Outage] = []
        """Outages that the trail knows to have begun."""
        self._met: defaultdict[int, list[Outage]] = defaultdict(list)
        """Outages in which the provider was asked and gave no answer, by page."""
        self._given_up: set[int] = set()
        """Pages that are asked about once more."""
        self._breath_until = 0.0

    @property
    def holds_breath(self) -> bool:
        return self._clock() < self._breath_until

    def pause_s(self, task: Task, down: ProviderDown, last_page: bool) -> float:
        """Seconds that the task rests. Raise `down` where it was waited long enough, or a longer pause is asked for.

        The last page of a packet is asked about once more where the provider has answered for others since it failed.
        """
        asked = down.retry_in_s or 0.0
        if down.outage is None:
            raise down
        if down.outage.age_s + asked > self._most_s:
            if not (last_page and self._answered_others(task)) or asked > LONGEST_PAUSE_S:
                raise down
            self._given_up.add(task.page)
        met = self._met[task.page]
        if not isinstance(down, CircuitOpen):
            met.append(down.outage)
        pause = FIRST_PAUSE_S * 2.0 ** min(max(len(met) - 1, 0), 10) if down.retry_in_s is None else down.retry_in_s
        self._breath_until = self._clock() + BREATH_S
        return min(pause * (1 + random.uniform(0, JITTER)), LONGEST_PAUSE_S)

    def is_last_try(self, task: Task) -> bool:
        """Whether it is this page alone that the provider gives no answer for."""
        return task.page in self._given_up or self._answered_others(task) >= MOST_ALONE

    def _answered_others(self, task: Task) -> int:
        """How often the provider failed this page and then answered for another."""
        return len({outage for outage in self._met[task.page] if outage.over})

    def gone(self, down: ProviderDown) -> list[EventDraft]:
        """What the trail is told of an outage the first time that it is met."""
        if down.outage is None or down.outage in self._told:
            return []
        self._told.append(down.outage)
        return [_event("unavailable", f"{down}. Its pages wait and come again, everything else goes on.")]

    def back(self) -> list[EventDraft]:
        """What the trail is told of outages that have ended."""
        ended = [outage for outage in self._told if outage.over]
        self._told = [outage for outage in self._told if not outage.over]
        return [_event("recovered", f"{o.provider} answers again, after {o.age_s:.0f} s.") for o in ended]


def _event(what: str, rationale: str) -> EventDraft:
    """Keyed by the moment: the next outage, or the next process, has another one to tell."""
    key = f"provider:{what}:{now().isoformat()}:{rationale}"
    return EventDraft(key=key, type=f"provider.{what}", actor="worker", rationale=rationale)
