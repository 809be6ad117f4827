"""Open a span, say more about it, close it: the same for every receiver, and next to nothing where there is none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar, Token
from dataclasses import dataclass
from types import MappingProxyType, TracebackType
from typing import ParamSpec, Protocol, Self, TypeVar

from tracing.names import ERROR_TYPE, OPERATION

log = logging.getLogger("tracing")

P = ParamSpec("P")
T = TypeVar("T")

Value = str | bool | int | float | Sequence[str]
Attributes = Mapping[str, Value | None]
"""None is left out: what is not known is not said."""
Content = Callable[[], object]
"""Gives page words as JSON; called only where they are wanted."""


class Recording(Protocol):
    """One span at one receiver."""

    def set(self, attributes: Mapping[str, Value]) -> None: ...

    def event(self, name: str, attributes: Mapping[str, Value]) -> None: ...

    def asked(self, content: object) -> None: ...

    def answered(self, content: object) -> None: ...

    def end(self, error: str | None) -> None:
        """`error` says what went wrong; None where nothing did."""
        ...


class Receiver(Protocol):
    """Where spans go."""

    def begin(self, beginning: Beginning, parent: Recording | None) -> Recording:
        """`parent` is what this receiver made of the span around it."""
        ...

    def close(self, within_s: float) -> None:
        """Send what is left, for no longer than that."""
        ...


@dataclass(frozen=True)
class Beginning:
    """What is known of a span when it begins."""

    operation: str
    name: str
    attributes: Mapping[str, Value]
    place: Mapping[str, Value]
    """Those of the attributes that also hold for every span within."""


class Span:
    """Where no receiver is: everything is possible and nothing happens."""

    def set(self, attributes: Attributes) -> None:
        """Say more about it."""

    def event(self, name: str, attributes: Attributes) -> None:
        """Something happened at this moment."""

    def asked(self, content: Content) -> None:
        """What went in; kept only where page content is asked for."""

    def answered(self, content: Content) -> None:
        """What came out; kept only where page content is asked for."""

    def failed(self, kind: str, message: str = "") -> None:
        """It did not do what it should, without an exception; the message counts as page content."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        pass


class _Open(Span):
    """A span that is sent."""

    def __init__(self, operation: str, subject: str, attributes: Attributes, place: Attributes) -> None:
        self._place = {**_place.get(), **_known(place)}
        everything = {OPERATION: operation, **self._place, **_known(attributes)}
        self._beginning = Beginning(operation, f"{operation} {subject}", everything, self._place)
        self._recordings: dict[Receiver, Recording] = {}
        self._tokens: tuple[Token[_Open | None], Token[Mapping[str, Value]]] | None = None
        self._error: str | None = None

    def __enter__(self) -> Self:
        around = _current.get()
        for receiver in _sending.receivers:
            parent = around._recordings.get(receiver) if around else None
            recording = safely(receiver.begin, self._beginning, parent)
            if recording is not None:
                self._recordings[receiver] = recording
        self._tokens = _current.set(self), _place.set(self._place)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if error is not None:
            self.failed(type(error).__name__, str(error))
        if self._tokens is not None:
            _current.reset(self._tokens[0])
            _place.reset(self._tokens[1])
        for recording in reversed(self._recordings.values()):
            safely(recording.end, self._error)

    def set(self, attributes: Attributes) -> None:
        for recording in self._recordings.values():
            safely(recording.set, _known(attributes))

    def event(self, name: str, attributes: Attributes) -> None:
        for recording in self._recordings.values():
            safely(recording.event, name, _known(attributes))

    def asked(self, content: Content) -> None:
        if _sending.content:
            shown = safely(content)
            for recording in self._recordings.values():
                safely(recording.asked, shown)

    def answered(self, content: Content) -> None:
        if _sending.content:
            shown = safely(content)
            for recording in self._recordings.values():
                safely(recording.answered, shown)

    def failed(self, kind: str, message: str = "") -> None:
        self._error = f"{kind}: {message}" if message and _sending.content else kind
        self.set({ERROR_TYPE: kind})


@dataclass(frozen=True)
class Sending:
    """What this process sends, and to whom."""

    receivers: tuple[Receiver, ...] = ()
    content: bool = False
    """Whether page content is sent along."""


_told: set[str] = set()
_NONE: Attributes = MappingProxyType({})
_NOWHERE = Sending()
_NOTHING = Span()
_sending = _NOWHERE
_current: ContextVar[_Open | None] = ContextVar("current_span", default=None)
_place: ContextVar[Mapping[str, Value]] = ContextVar("place_of_spans", default=MappingProxyType({}))


def span(operation: str, subject: str, attributes: Attributes = _NONE, place: Attributes = _NONE) -> Span:
    """`with span(…) as traced:`, within the span around it; an exception is its error. `place` holds for all within."""
    return _Open(operation, subject, attributes, place) if _sending.receivers else _NOTHING


def about(place: Attributes) -> None:
    """What holds for all spans that are opened from now on in this task."""
    if _sending.receivers:
        _place.set({**_place.get(), **_known(place)})


def note(attributes: Attributes) -> None:
    """Say more about the span around."""
    if _sending.receivers and (around := _current.get()):
        around.set(attributes)


def event(name: str, attributes: Attributes) -> None:
    """Something happened within the span around."""
    if _sending.receivers and (around := _current.get()):
        around.event(name, attributes)


def send_to(sending: Sending = _NOWHERE) -> None:
    """From now on spans of this process go there."""
    global _sending
    _sending = sending


def is_sending() -> bool:
    return bool(_sending.receivers)


def safely(call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T | None:
    """Whatever a receiver does, the job goes on."""
    try:
        return call(*arguments, **named)
    except Exception as error:
        missing("pagetrail", f"{type(error).__name__} while a span was told")
        return None


def missing(whose: str, why: str) -> None:
    """Say once for each library that traces are not whole, in one line: a lost trace is no reason for more."""
    if whose not in _told:
        _told.add(whose)
        log.warning("Traces may be missing (%s: %s); the job is not affected.", whose, why.partition("\n")[0][:160])


def _known(attributes: Attributes) -> dict[str, Value]:
    return {name: value for name, value in attributes.items() if value is not None}
