"""The provider at work: in a thread of this process, or as a process of its own that outlives a killed client."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.provider.answers import Brain
from tests.provider.calls import Calls
from tests.provider.server import Provider

ROOT = Path(__file__).parents[2]


@contextmanager
def in_thread(
    brain: Brain, *, delay_s: float = 0.0, log: Path | None = None, prefix_cache: bool = False
) -> Iterator[Provider]:
    """A provider in a thread of this process, stopped at the end of the block."""
    provider = Provider(brain, delay_s=delay_s, log=log, prefix_cache=prefix_cache)
    ready, stop = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        await provider.start()
        loops.append(asyncio.get_running_loop())
        ready.set()
        await stop.wait()
        await provider.stop()

    thread = threading.Thread(target=asyncio.run, args=(run(),), name="provider", daemon=True)
    thread.start()
    assert ready.wait(10), "the provider does not start"
    try:
        yield provider
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(10)
        assert not thread.is_alive(), "the provider does not stop"


@dataclass(frozen=True)
class Outside:
    """A provider in a process of its own, reached over its control addresses."""

    url: str
    process: subprocess.Popen[str]

    @property
    def environment(self) -> dict[str, str]:
        """What makes a client come here."""
        return {"OPENAI_API_KEY": "test", "OPENAI_BASE_URL": self.url}

    @property
    def calls(self) -> Calls:
        return Calls.of(self._get("calls")["calls"])

    def counts(self) -> dict[str, int]:
        """`calls`, `answered` and `at_work`: cheap, to wait for a moment in a run."""
        return self._get("counts")

    def reset(self) -> None:
        self._post("reset", {})

    def outage(self, seconds: float | None = None, kind: str = "503") -> None:
        """As `Provider.outage`."""
        self._post("outage", {"seconds": seconds, "kind": kind})

    def _get(self, what: str) -> dict[str, Any]:
        answer = httpx.get(self.url.replace("/v1", f"/control/{what}"), timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def _post(self, what: str, told: dict[str, Any]) -> None:
        httpx.post(self.url.replace("/v1", f"/control/{what}"), json=told, timeout=30).raise_for_status()


def unset() -> dict[str, str]:
    """The environment without the machine's own settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PAGETRAIL_", "OPENAI_"))}


@contextmanager
def as_process(*arguments: str) -> Iterator[Outside]:
    """`python -m tests.provider ARGUMENTS`, stopped at the end of the block."""
    command = [sys.executable, "-P", "-m", "tests.provider", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        try:
            assert url, f"the provider does not start: {' '.join(command)}"
            yield Outside(url, process)
        finally:
            process.terminate()
            assert process.wait(10) == 0, "the provider does not stop cleanly"
