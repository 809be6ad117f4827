"""Who holds a lease: a process, named so that another process can tell whether it still lives.

The name is `host:pid:boot id:start time:pid namespace`, read from /proc. With it, a command that was killed and is
started again need not wait for its own old lease: a holder counts as dead when it ran on this host and the host has
booted since, or its pid (in the same pid namespace) is gone, is a zombie, or belongs to a process started later.
Where that cannot be proved (no /proc, another host, another container) only the lease time counts.
"""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path

UNKNOWN = ""
"""Holder on a system without /proc: never provably dead."""

_PROC = Path("/proc")


def this_process() -> str:
    """The name of the calling process, UNKNOWN where the system does not tell."""
    return _name(os.getpid())


def is_dead(holder: str) -> bool:
    """Whether that process is provably gone; False wherever there is doubt."""
    mine = this_process()
    if UNKNOWN in (holder, mine) or holder == mine:
        return False
    host, pid, boot, started, namespace = holder.split(":")
    my_host, _, my_boot, _, my_namespace = mine.split(":")
    if host != my_host:
        return False
    if boot != my_boot:
        return True
    return namespace == my_namespace and not _lives(int(pid), started)


@cache
def _name(pid: int) -> str:
    # Keyed by pid because a forked child inherits this cache.
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = os.readlink(_PROC / "self/ns/pid").partition("[")[2].rstrip("]")
        _, started = _state_and_start(pid)
    except OSError:
        return UNKNOWN
    return f"{socket.gethostname()}:{pid}:{boot}:{started}:{namespace}"


def _lives(pid: int, started: str) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's process; /proc may be hidden from us
    try:
        state, began = _state_and_start(pid)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return state not in "ZX" and began == started


def _state_and_start(pid: int) -> tuple[str, str]:
    """Fields 3 and 22 of /proc/PID/stat; the name in field 2 may hold anything, so count from its closing bracket."""
    fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return fields[0], fields[19]
