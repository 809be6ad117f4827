"""A child process that may hang, crash or eat memory without harm: the parent kills its group and starts another."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.errors import DocumentRejected, ToolFailure
from tools.pdf.frames import PREFIX, Header, Reply, pack

ROOT = Path(__file__).resolve().parents[2]


RETIRE_AFTER = 500
"""Requests after which a child is replaced: engines keep something of every page, and memory has to stay flat."""


class ChildCrashed(Exception):
    """The child ended in the middle of a request."""


class ChildTimeout(Exception):
    """The child did not answer in time and was killed."""


class KillableChild:
    """One child at a time, started when first needed and again after each death; one request at a time, others wait.

    Blocking pipes in a thread rather than asyncio's own: the child may outlive an event loop (rapidocr does), and
    ten megabytes of pixels arrive in one piece.
    """

    def __init__(self, module: str, memory_bytes: int, hello: Header, hello_timeout_s: float) -> None:
        """`hello` is sent to every new child before anything else, for example to open the document."""
        self._command = [sys.executable, "-m", module, str(memory_bytes)]
        self._hello = hello
        self._hello_timeout_s = hello_timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._served = 0
        # A thread of its own: waiting for it never takes one from the pool that the store works in.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=module)
        _ALL.add(self)

    @property
    def pid(self) -> int | None:
        """Process id of the child, None before the first start and after a kill."""
        process = self._process
        return process.pid if process else None

    async def start(self) -> Reply:
        """Start a new child and return its answer to `hello`."""
        return await self._in_turn(lambda abandoned: self._start())

    async def request(self, header: Header, body: bytes = b"", timeout_s: float = 30.0) -> Reply:
        """Ask the child, a new one if need be; `timeout_s` counts from when its turn comes.

        Raises ToolFailure or DocumentRejected as the child said, ChildCrashed, ChildTimeout, and RuntimeError with
        the child's traceback for a bug.
        """
        return await self._in_turn(lambda abandoned: self._request(header, body, timeout_s, abandoned))

    def kill(self) -> None:
        """End the child with everything it started, and reap it."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)

    def close(self) -> None:
        """Kill for good: a request under way fails, and no other child is started."""
        self._closed = True
        self.kill()

    async def _in_turn(self, ask: Callable[[threading.Event], Reply]) -> Reply:
        abandoned = threading.Event()
        asked = self._thread.submit(ask, abandoned)
        try:
            return await asyncio.wrap_future(asked)
        except asyncio.CancelledError:
            # Not begun yet, it never will be. Begun, it waits for an answer nobody wants: without the child it ends.
            if asked.running():
                abandoned.set()
                self.kill()
            raise

    def _start(self) -> Reply:
        self.kill()
        if self._closed:
            raise ChildCrashed
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=_environment(),
        )
        self._process = process
        self._served = 0
        return self._exchange(process, self._hello, b"", self._hello_timeout_s)

    def _request(self, header: Header, body: bytes, timeout_s: float, abandoned: threading.Event) -> Reply:
        if self._served >= RETIRE_AFTER:
            self.kill()
        process = self._process
        if process is not None and process.poll() is None:
            # It may have died of something else meanwhile: only a fresh child's death is this request's fault.
            with contextlib.suppress(ChildCrashed):
                return self._exchange(process, header, body, timeout_s)
        if abandoned.is_set():
            raise ChildCrashed
        self._start()
        process = self._process
        if process is None:
            raise ChildCrashed
        return self._exchange(process, header, body, timeout_s)

    def _exchange(self, process: subprocess.Popen[bytes], header: Header, body: bytes, timeout_s: float) -> Reply:
        self._served += 1
        late = threading.Event()

        def end_late() -> None:
            late.set()
            _end(process)

        clock = threading.Timer(timeout_s, end_late)
        clock.daemon = True
        clock.start()
        try:
            reply = _converse(process, {**header, "cpu_s": timeout_s}, body)
        except (EOFError, OSError, ValueError):
            self._forget(process)
            raise (ChildTimeout if late.is_set() else ChildCrashed) from None
        finally:
            clock.cancel()
        if reply[0].get("kind") == "limit":
            # Its memory is in pieces: the next request gets a fresh one.
            self._forget(process)
        _raise_error(reply[0])
        return reply

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        if self._process is process:
            self._process = None
        _end(process)


_ALL: weakref.WeakSet[KillableChild] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    for child in list(_ALL):
        child.kill()


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def _converse(process: subprocess.Popen[bytes], header: Header, body: bytes) -> Reply:
    assert process.stdin is not None
    assert process.stdout is not None
    for part in pack(header, body):
        process.stdin.write(part)
    process.stdin.flush()
    header_size, body_size = PREFIX.unpack(_exactly(process, PREFIX.size))
    reply: Header = json.loads(_exactly(process, header_size))
    return reply, _exactly(process, body_size)


def _exactly(process: subprocess.Popen[bytes], size: int) -> bytes:
    assert process.stdout is not None
    read = process.stdout.read(size)
    if len(read) < size:
        raise EOFError
    return read


def _raise_error(header: Header) -> None:
    match header.get("error"):
        case None:
            return
        case "failure":
            raise ToolFailure(header["kind"], header["message"])
        case "rejected":
            raise DocumentRejected(header["code"], header["message"], header["advice"])
        case _:
            raise RuntimeError(f"the child process has a bug:\n{header['message']}")


def _environment() -> dict[str, str]:
    # Hostile bytes meet this process: it gets no keys and no settings of ours.
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR", "HOME") if name in os.environ}
    # glibc: buffers from 1 MiB on are given back to the system when they are freed, so that memory stays flat.
    malloc = {"MALLOC_MMAP_THRESHOLD_": str(1 << 20), "MALLOC_ARENA_MAX": "2"}
    return {**kept, **malloc, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
