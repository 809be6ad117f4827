"""Addresses on loopback where nobody answers: for timeouts while connecting, and for refused connections."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

ENOUGH = 8
"""Connections that surely fill a queue of length zero."""


@contextmanager
def full_port() -> Iterator[str]:
    """The URL of a port that listens and whose queue is full: connecting to it takes for ever."""
    with ExitStack() as open_ones:
        listening = open_ones.enter_context(_bound())
        listening.listen(0)
        for _ in range(ENOUGH):
            waiting = open_ones.enter_context(socket.socket())
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(listening.getsockname())
        yield _url(listening)


@contextmanager
def refused_port() -> Iterator[str]:
    """The URL of a port that is taken and does not listen: connecting to it is refused at once."""
    with _bound() as taken:
        yield _url(taken)


def _bound() -> socket.socket:
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def _url(bound: socket.socket) -> str:
    return f"http://127.0.0.1:{bound.getsockname()[1]}/v1"
