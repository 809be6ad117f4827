"""The wire between parent and child: length-prefixed frames, a JSON header and bytes; and the child's serving loop.

Standard library only: every child imports this first.
"""

from __future__ import annotations

import json
import os
import resource
import select
import struct
import sys
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

from tools.errors import DocumentRejected, ToolFailure

Header = dict[str, Any]
Reply = tuple[Header, bytes]
PREFIX = struct.Struct(">II")


def pack(header: Header, body: bytes = b"") -> tuple[bytes, bytes]:
    """Prefix with header, and the body (kept apart so that megapixels are not copied)."""
    text = json.dumps(header, ensure_ascii=True).encode("ascii")
    return PREFIX.pack(len(text), len(body)) + text, body


def serve(handle: Callable[[Header, bytes], Reply], memory_bytes: int, idle_s: float | None = None) -> None:
    """Answer frames on stdin until it ends or brings nothing for `idle_s`.

    What the engine prints is lost on purpose: it is about hostile bytes.
    """
    requests, replies = _private_pipes()
    _bound_memory(memory_bytes)
    while _waiting(requests, idle_s) and (frame := _read(requests)) is not None:
        header, body = frame
        _renew_cpu_limit(float(header.get("cpu_s", 60.0)))
        for part in pack(*_answer(handle, header, body)):
            replies.write(part)
        replies.flush()


def _answer(handle: Callable[[Header, bytes], Reply], header: Header, body: bytes) -> Reply:
    try:
        return handle(header, body)
    except ToolFailure as failure:
        return {"error": "failure", "kind": failure.kind, "message": failure.message}, b""
    except DocumentRejected as rejected:
        return {"error": "rejected", "code": rejected.code, "message": rejected.message, "advice": rejected.advice}, b""
    except MemoryError:
        return {"error": "failure", "kind": "limit", "message": "more memory was needed than is allowed"}, b""
    except Exception:
        return {"error": "bug", "message": traceback.format_exc()}, b""


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    # Native code may print to stdout; a stray byte there would break the frames.
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "r+b") as nowhere:
        for descriptor in (0, 1, 2):
            os.dup2(nowhere.fileno(), descriptor)
    return requests, replies


def _bound_memory(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _renew_cpu_limit(seconds: float) -> None:
    # The parent's clock ends a request that hangs; this ends it where the parent itself is gone.
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _waiting(stream: BinaryIO, idle_s: float | None) -> bool:
    # Never misses a frame: the parent sends the next one only after the last answer, so nothing is buffered here.
    return bool(select.select([stream], [], [], idle_s)[0])


def _read(stream: BinaryIO) -> tuple[Header, bytes] | None:
    prefix = stream.read(PREFIX.size)
    if len(prefix) < PREFIX.size:
        return None
    header_size, body_size = PREFIX.unpack(prefix)
    header: Header = json.loads(stream.read(header_size))
    return header, stream.read(body_size)


def memory_argument() -> int:
    """Bytes of address space the parent granted, its one argument."""
    return int(sys.argv[1])
