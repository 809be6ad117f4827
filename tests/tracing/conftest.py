"""Receivers on loopback, and environments in which there is no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tracing.receivers import LangSmith, Otlp, langsmith_receiver, otlp_receiver


@pytest.fixture
def otlp() -> Iterator[Otlp]:
    """A receiver of OTLP over HTTP; its `environment` makes spans go there."""
    with otlp_receiver() as received:
        yield received


@pytest.fixture(params=["multipart", "batch"])
def langsmith(request: pytest.FixtureRequest) -> Iterator[LangSmith]:
    """A LangSmith of our own, once for each of the two ways its client may send."""
    with langsmith_receiver() as received:
        received.multipart = request.param == "multipart"
        yield received
