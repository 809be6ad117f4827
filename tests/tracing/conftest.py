"""Receivers on loopback, and a process that sends to them and to nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from langsmith import utils

from tests.tracing.receivers import LangSmith, Otlp, langsmith_receiver, otlp_receiver
from tracing import receiving

Watched = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def otlp() -> Iterator[Otlp]:
    """A receiver of OTLP over HTTP; its `environment` makes spans go there."""
    with otlp_receiver() as received:
        yield received


@pytest.fixture
def langsmith() -> Iterator[LangSmith]:
    """A LangSmith of our own."""
    with langsmith_receiver() as received:
        yield received


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """`with watched(otlp, langsmith, content=False):` spans of this process go there; all have arrived at its end."""

    @contextmanager
    def by(*receivers: Otlp | LangSmith, content: bool = False) -> Iterator[None]:
        for receiver in receivers:
            for name, value in receiver.environment.items():
                monkeypatch.setenv(name, value)
        _forget_environment()
        with receiving(content):
            yield

    yield by
    monkeypatch.undo()
    _forget_environment()


def _forget_environment() -> None:
    """LangSmith remembers what it has once read of it."""
    remembering: Any = utils.get_env_var
    remembering.cache_clear()
