"""Faults by chance, and the same chance every time: what happens to a call follows from seed, key and attempt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from tests.provider.answers import (
    Answer,
    Brain,
    Reply,
    cut,
    cut_off,
    empty,
    filtered,
    html_page,
    huge,
    malformed,
    not_an_object,
    not_json,
    outside_taxonomy,
    refuses,
    reset,
    silent,
    status,
    unknown_tool,
    wrong_types,
)
from tests.provider.asked import Asked

FAULTS: Mapping[str, Callable[[int], Answer]] = MappingProxyType(
    {
        "429": lambda wait: status(429, retry_after=wait),
        "429-date": lambda wait: status(429, retry_after=wait, as_date=True),
        "429-bare": lambda wait: status(429),
        "500": lambda wait: status(500),
        "502": lambda wait: status(502),
        "503": lambda wait: status(503),
        "503-wait": lambda wait: status(503, retry_after=wait),
        "529": lambda wait: status(529),
        "reset": lambda wait: reset(),
        "cut": lambda wait: cut(),
        "html": lambda wait: html_page(),
        "not-json": lambda wait: not_json(),
        "silent": lambda wait: silent(),
    }
)
"""Faults of the way by name; each takes the seconds of `Retry-After`."""

MALFORMED: Mapping[str, Callable[[], Reply]] = MappingProxyType(
    {
        "arguments": malformed,
        "unknown-tool": unknown_tool,
        "wrong-types": wrong_types,
        "not-an-object": not_an_object,
        "outside-taxonomy": outside_taxonomy,
        "empty": empty,
        "refusal": refuses,
        "length": cut_off,
        "content-filter": filtered,
        "huge": huge,
    }
)
"""Replies that cannot be used, by name."""

MIX = ("429", "429-date", "429-bare", "500", "502", "503", "529", "reset", "cut")
MALFORMED_MIX = ("arguments", "unknown-tool", "wrong-types", "not-an-object", "outside-taxonomy", "empty", "length")

SURE_ATTEMPT = 3
"""The attempt at one key that always gets the brain's answer."""


@dataclass
class Faults:
    """A brain whose answers get lost on the way or come out wrong, by chance.

    A call fails on its first and second attempt with the same chance, and never on a later one: a share of 0.2 makes
    1.24 requests of each call. A malformed reply is a reply: the same key gets it again, up to the third attempt.
    """

    brain: Brain
    seed: int = 0
    share: float = 0.0
    """Chance that an attempt meets a fault of the way."""
    mix: Sequence[str] = MIX
    """Names from FAULTS, equally likely; name one twice to double it."""
    retry_after: int = 1
    """Seconds."""
    malformed: float = 0.0
    """Chance that a reply is malformed."""
    malformed_mix: Sequence[str] = MALFORMED_MIX
    malformed_a_page: int = 1
    """Turns of one page, at most, that get a malformed reply."""
    _spoilt: dict[str, set[str]] = field(default_factory=dict)
    """Keys with a malformed reply, by page."""

    def __call__(self, asked: Asked) -> Answer:
        fault = self._fault(asked)
        if fault is not None and fault != "cut":
            return FAULTS[fault](self.retry_after)
        answer = self._malformed(asked) or self.brain(asked)
        return cut(answer) if fault == "cut" and isinstance(answer, Reply) else answer

    def _fault(self, asked: Asked) -> str | None:
        if asked.attempt >= SURE_ATTEMPT or self._chance("fault", asked.slot, asked.attempt) >= self.share:
            return None
        return self.mix[int(self._chance("kind", asked.slot, asked.attempt) * len(self.mix))]

    def _malformed(self, asked: Asked) -> Reply | None:
        if asked.attempt >= SURE_ATTEMPT or self._chance("malformed", asked.slot) >= self.malformed:
            return None
        spoilt = self._spoilt.setdefault(_page(asked), set())
        if asked.slot not in spoilt and len(spoilt) >= self.malformed_a_page:
            return None
        spoilt.add(asked.slot)
        wrong = MALFORMED[self.malformed_mix[int(self._chance("how", asked.slot) * len(self.malformed_mix))]]()
        if wrong.calls and not asked.tools:
            return replace(wrong, calls=(), text=wrong.calls[0][1])
        return wrong

    def _chance(self, *what: str | int) -> float:
        """Evenly between 0 and 1, and always the same for the same words."""
        digest = hashlib.sha256(repr((self.seed, *what)).encode()).digest()
        return int.from_bytes(digest[:7], "big") / 2**56


def _page(asked: Asked) -> str:
    """What the turns of one page share: the headers that name it, else the messages before the first reply."""
    named = asked.headers.get("x-pagetrail-job"), asked.headers.get("x-pagetrail-page")
    if all(named):
        return repr(named)
    roles = [message.get("role") for message in asked.messages]
    opening = asked.messages[: roles.index("assistant")] if "assistant" in roles else asked.messages
    return hashlib.sha256(json.dumps(opening).encode()).hexdigest()
