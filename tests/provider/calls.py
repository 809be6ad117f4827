"""What the provider saw: one record a request, and the questions that tests ask of the records.

The server's own log is the truth about calls: what a client believes to have sent is not looked at.
"""

from __future__ import annotations

import itertools
import json
import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict

Outcome = Literal["open", "answered", "fault", "left", "stopped", "unscripted"]
"""Open: at work. Answered: the model's whole reply was sent, and would be billed. Fault: an error instead of a reply.
Left: the client went away before its reply. Stopped: the server was told to stop. Unscripted: the test is wrong."""


class Call(BaseModel):
    """One `POST /v1/chat/completions`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    """Counts arrivals from 1."""
    at: float
    """Seconds of the machine's monotonic clock, equal for all its processes; the whole request had been read."""
    wall: float
    """The same moment in Unix seconds."""
    ended: float | None = None
    """Monotonic seconds; null while open."""
    key: str | None
    """Header `Idempotency-Key`."""
    attempt: int
    """Counts the requests with this key (without one: with this body) from 1."""
    job: str | None
    page: str | None
    turn: str | None
    model: str
    body_sha256: str
    stream: bool
    images: int
    prompt_characters: int
    concurrency: int
    """Requests at work when this one came, itself included."""
    outcome: Outcome = "open"
    what: str = ""
    """What was given: `reply`, `malformed_arguments`, `429`, `reset` …"""
    status: int | None = None
    bytes: int = 0
    """Of the body that was sent."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    """As told in the usage of the reply; zero without one."""
    retry_after_s: float | None = None
    """Wait that the answer asked for, counted from `ended`."""
    client_left: bool = False
    """The client closed the connection before the answer was complete."""

    @property
    def slot(self) -> str:
        """What a repeated request shares with the first."""
        return self.key or f"body:{self.body_sha256}"


@dataclass(frozen=True)
class TooSoon:
    """A retry that did not wait as long as it was asked to."""

    told: Call
    retried: Call
    waited_s: float


@dataclass(frozen=True)
class Calls(Sequence[Call]):
    """Calls in the order they came."""

    seen: tuple[Call, ...]

    @classmethod
    def read(cls, log: Path) -> Calls:
        """Load the JSONL file of a server; its lines stand in the order the calls ended."""
        lines = log.read_text(encoding="utf-8").splitlines()
        return cls.of(json.loads(line) for line in lines)

    @classmethod
    def of(cls, records: Iterable[object]) -> Calls:
        return cls(tuple(sorted((Call.model_validate(record) for record in records), key=lambda call: call.number)))

    def __len__(self) -> int:
        return len(self.seen)

    def __iter__(self) -> Iterator[Call]:
        return iter(self.seen)

    def __getitem__(self, at: int) -> Call:  # type: ignore[override]  # nobody slices a log
        return self.seen[at]

    @property
    def answered(self) -> Calls:
        """Those that got a whole reply of the model, malformed ones included."""
        return self.that_were("answered")

    def that_were(self, *outcomes: Outcome) -> Calls:
        return Calls(tuple(call for call in self.seen if call.outcome in outcomes))

    def of_job(self, job: str) -> Calls:
        return Calls(tuple(call for call in self.seen if call.job == job))

    def whats(self) -> dict[str, int]:
        """How often each kind of answer was given."""
        kinds = [call.what for call in self.seen]
        return {kind: kinds.count(kind) for kind in sorted(set(kinds))}

    def by_key(self) -> dict[str, list[Call]]:
        """Requests by idempotency key; those without one by the hash of their body."""
        grouped: dict[str, list[Call]] = {}
        for call in self.seen:
            grouped.setdefault(call.slot, []).append(call)
        return grouped

    def duplicates(self) -> dict[str, list[Call]]:
        """Keys that got more than one whole reply: what a client paid twice."""
        return {key: calls for key, calls in self.answered.by_key().items() if len(calls) > 1}

    def duplicate_turns(self) -> dict[tuple[str | None, str | None, str | None], list[Call]]:
        """(job, page, turn) that got more than one whole reply, whatever their keys."""
        grouped: dict[tuple[str | None, str | None, str | None], list[Call]] = {}
        for call in self.answered:
            grouped.setdefault((call.job, call.page, call.turn), []).append(call)
        return {turn: calls for turn, calls in grouped.items() if turn != (None, None, None) and len(calls) > 1}

    def retry_after_violations(self, tolerance_s: float = 0.002) -> list[TooSoon]:
        """Retries of a key that came sooner than the answer before had asked for."""
        found = []
        for calls in self.by_key().values():
            for told, retried in itertools.pairwise(calls):
                if told.retry_after_s is None or told.ended is None:
                    continue
                waited = retried.at - told.ended
                if waited < told.retry_after_s - tolerance_s:
                    found.append(TooSoon(told, retried, waited))
        return found

    @property
    def peak_concurrency(self) -> int:
        return max((call.concurrency for call in self.seen), default=0)

    def busiest(self, window_s: float) -> int:
        """The most requests that came within any `window_s` seconds."""
        return self._busiest(window_s, [1] * len(self.seen))

    def busiest_tokens(self, window_s: float) -> int:
        """The most tokens, read and written, of requests that came within any `window_s` seconds."""
        return self._busiest(window_s, [call.prompt_tokens + call.completion_tokens for call in self.seen])

    def _busiest(self, window_s: float, weights: Sequence[int]) -> int:
        times = [call.at for call in self.seen]
        until = [0, *itertools.accumulate(weights)]
        ends = (bisect_left(times, start + window_s) for start in times)
        return max((until[end] - until[first] for first, end in enumerate(ends)), default=0)


class CallLog:
    """Keeps the calls of one server, and appends each to a JSONL file when it ends."""

    def __init__(self, file: Path | None = None) -> None:
        self._calls: list[Call] = []
        self._attempts: dict[str, int] = {}
        self._first = 0
        self.at_work = 0
        self._file: IO[str] | None = file.open("a", encoding="utf-8", buffering=1) if file else None

    def next_attempt(self, slot: str) -> int:
        """Count one more request of this slot."""
        self._attempts[slot] = self._attempts.get(slot, 0) + 1
        return self._attempts[slot]

    def open(self, call: Call) -> Call:
        """Number a call and put it down as being at work."""
        self.at_work += 1
        opened = call.model_copy(
            update={"number": self._first + len(self._calls) + 1, "concurrency": self.at_work, "wall": time.time()}
        )
        self._calls.append(opened)
        return opened

    def close(self, call: Call) -> None:
        """Put down how a call ended."""
        self.at_work -= 1
        ended = call.model_copy(update={"ended": time.monotonic()})
        if call.number > self._first:  # else the log was emptied since
            self._calls[call.number - self._first - 1] = ended
        if self._file is not None:
            self._file.write(ended.model_dump_json() + "\n")

    def calls(self) -> Calls:
        """The calls so far, those at work included."""
        return Calls(tuple(self._calls))

    def reset(self) -> None:
        """Forget calls and attempts; numbers go on."""
        self._first += len(self._calls)
        self._calls = []
        self._attempts = {}

    def shut(self) -> None:
        if self._file is not None:
            self._file.close()
