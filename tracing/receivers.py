"""Which receivers there are is said by their own variables; open them, close them, keep them quiet."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tracing.names import ERROR_TYPE, RETRY, RETRY_NUMBER, RETRY_WAIT_S
from tracing.span import Receiver, Sending, event, is_sending, missing, safely, send_to

FLUSH_S = 2.0
"""How long the end of a command waits for spans that are still on their way, for all receivers together."""
OTLP = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
NOISY = ("langsmith", "langchain_core.callbacks", "langchain_core.tracers", "opentelemetry")
"""Loggers that tell at length, and again and again, of a receiver that is away."""


@contextmanager
def receiving(content: bool = False) -> Iterator[None]:
    """Within it, spans of this process are sent to the receivers that the environment names; page content if asked for.

    Within another one of the same process it changes nothing: the outer one's receivers go on.
    """
    receivers = () if is_sending() else _receivers(content)
    if not receivers:
        yield
        return
    send_to(Sending(receivers, content))
    try:
        with _retries_are_told():
            yield
    finally:
        send_to()
        _close(receivers)


def _receivers(content: bool) -> tuple[Receiver, ...]:
    """Those that are on. Their libraries are imported here, so that nobody else has to wait for them."""
    found: list[Receiver | None] = []
    if any(os.environ.get(name) for name in OTLP):
        from tracing.otlp import Otlp

        found.append(safely(Otlp))
    if _langsmith_is_on():
        from tracing.smith import LangSmith

        found.append(safely(LangSmith, content))
    if found:
        _hush()
    return tuple(receiver for receiver in found if receiver is not None)


def _langsmith_is_on() -> bool:
    """By LangSmith's own judgement, because LangGraph traces by itself where that says yes."""
    from langsmith.utils import tracing_is_enabled

    return tracing_is_enabled() is True


def _close(receivers: tuple[Receiver, ...]) -> None:
    until = time.monotonic() + FLUSH_S
    for receiver in receivers:
        safely(receiver.close, max(0.1, until - time.monotonic()))


@contextmanager
def _retries_are_told() -> Iterator[None]:
    """A failed attempt that will be made again becomes an event of the span it happened in."""
    import stamina.instrumentation as attempts

    def tell(details: attempts.RetryDetails) -> None:
        kind = type(details.caused_by).__name__
        event(RETRY, {ERROR_TYPE: kind, RETRY_NUMBER: details.retry_num, RETRY_WAIT_S: round(details.wait_for, 3)})

    before = attempts.get_on_retry_hooks()
    attempts.set_on_retry_hooks([*before, tell])
    try:
        yield
    finally:
        attempts.set_on_retry_hooks(before)


class _OneLine(logging.Handler):
    """A library's first complaint, and none of the others."""

    def emit(self, record: logging.LogRecord) -> None:
        missing(record.name.partition(".")[0], record.getMessage())


def _hush() -> None:
    """For the rest of the process: background threads may complain after the end of the work."""
    for name in NOISY:
        logger = logging.getLogger(name)
        if not any(isinstance(handler, _OneLine) for handler in logger.handlers):
            logger.addHandler(_OneLine(logging.WARNING))
            logger.propagate = False
