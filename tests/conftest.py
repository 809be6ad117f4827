"""What every room's tests share: a store, packets, a runtime, the command line, and waiting that is not sleeping."""

from __future__ import annotations

import asyncio
import inspect
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from store.ports import Store
from store.records import JobOptions
from store.sqlite import open_store
from taxonomy import Taxonomy
from taxonomy import load as load_taxonomy

if TYPE_CHECKING:
    from PIL.Image import Image

    from agent.routes import RouteFactory
    from agent.scripted import ScriptedModel
    from graph.runtime import Runtime
    from tests.provider.server import Provider

# Machines are shared, so time limits would find only load; and a test run leaves no files behind.
settings.register_profile("pagetrail", deadline=None, database=None)
settings.load_profile("pagetrail")

# No test may send a trace to where this machine sends its own.
for name in [name for name in os.environ if name.startswith(("OTEL_", "LANGSMITH_", "LANGCHAIN_"))]:
    del os.environ[name]

ROOT = Path(__file__).parents[1]

# ── waiting ──────────────────────────────────────────────────────────────────────────────────────

Condition = Callable[[], bool | Awaitable[bool]]
WaitUntil = Callable[..., Awaitable[None]]


@pytest.fixture
def wait_until() -> WaitUntil:
    """`await wait_until(condition, timeout_s=20)` returns once the condition (plain or async) holds, else fails."""

    async def wait(condition: Condition, timeout_s: float = 20.0) -> None:
        give_up = time.monotonic() + timeout_s
        while not await _holds(condition):
            assert time.monotonic() < give_up, f"after {timeout_s} s still not true: {inspect.getsource(condition)}"
            await asyncio.sleep(0.01)

    return wait


async def _holds(condition: Condition) -> bool:
    answer = condition()
    return await answer if inspect.isawaitable(answer) else answer


# ── the store ────────────────────────────────────────────────────────────────────────────────────

OpenStore = Callable[[Path], Awaitable[Store]]

BACKENDS: dict[str, OpenStore] = {"sqlite": open_store}
"""Every backend passes the same suite; a new one is one entry here."""


@pytest.fixture(params=BACKENDS)
def open_backend(request: pytest.FixtureRequest) -> OpenStore:
    """Opens a store in a folder; for tests that need more than one handle on the same data."""
    return BACKENDS[request.param]


@pytest.fixture
async def store(open_backend: OpenStore, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store, closed after the test."""
    opened = await open_backend(tmp_path / "home")
    yield opened
    await opened.close()


# ── a taxonomy and packets ───────────────────────────────────────────────────────────────────────

SMALL_TAXONOMY = Path(__file__).parent / "small.v1.yaml"

Pages = Sequence[Sequence[str]]
DrawPdf = Callable[..., Path]
DrawPacket = Callable[..., Path]

PAGES = [
    ["Dear Ms Rivera,", "thank you for your application of last week.", "Sincerely, Tom Baker"],
    ["Wage and Tax Statement", "Employer identification number 12-3456789", "Social security wages 50,000.00"],
    ["AGREEMENT", "This agreement is made between the parties, hereinafter named.", "The parties agree as follows."],
    ["of the goods, and the governing law is that of Ohio.", "In witness whereof the parties agree.", "Page 2"],
]
"""A letter, a wage statement, an agreement of two pages."""


def sheets(times: int) -> Pages:
    """PAGES `times` over, no two pages alike: an equal question would be asked once."""
    return [[*lines, f"sheet {number}"] for number, lines in enumerate(PAGES * times, start=1)]


@pytest.fixture
def small_taxonomy() -> Taxonomy:
    """Three kinds of document: w2, letter, contract."""
    return load_taxonomy(SMALL_TAXONOMY)


@pytest.fixture
def options() -> JobOptions:
    """The small taxonomy and the local model."""
    return JobOptions(taxonomy=str(SMALL_TAXONOMY))


@pytest.fixture(scope="session")
def draw_pdf() -> DrawPdf:
    """`draw_pdf(path, pages, scanned=())`: a list of lines a page, an empty one for a blank page.

    Pages named in `scanned` (counted from 1) hold their lines as pixels only, as a scanner leaves them.
    """

    def draw(path: Path, pages: Pages, scanned: Sequence[int] = ()) -> Path:
        canvas = Canvas(str(path), pagesize=LETTER, invariant=1)
        for number, lines in enumerate(pages, start=1):
            if number in scanned:
                canvas.drawImage(ImageReader(_scan(lines)), 0, 0, *LETTER)
            else:
                _write(canvas, lines)
            canvas.showPage()
        canvas.save()
        return path

    return draw


@pytest.fixture
def draw_packet(tmp_path: Path, draw_pdf: DrawPdf) -> DrawPacket:
    """`draw_packet(name="packet", pages=PAGES, scanned=())`: the same, named and in the test's own folder."""

    def draw(name: str = "packet", pages: Pages = PAGES, scanned: Sequence[int] = ()) -> Path:
        return draw_pdf(tmp_path / f"{name}.pdf", pages, scanned)

    return draw


def _write(canvas: Canvas, lines: Sequence[str]) -> None:
    canvas.setFont("Helvetica", 12)
    for at, line in enumerate(lines):
        canvas.drawString(72, 720 - 20 * at, line)


def _scan(lines: Sequence[str]) -> Image:
    """The lines as a 200 dpi picture of a page."""
    import pypdfium2

    written = io.BytesIO()
    canvas = Canvas(written, pagesize=LETTER, invariant=1)
    _write(canvas, lines)
    canvas.save()
    with pypdfium2.PdfDocument(written.getvalue()) as page:
        picture: Image = page[0].render(scale=200 / 72, grayscale=True).to_pil()
    return picture


# ── what one process has ─────────────────────────────────────────────────────────────────────────

OpenRuntime = Callable[..., AbstractAsyncContextManager["Runtime"]]


@pytest.fixture
def new_runtime(tmp_path: Path) -> OpenRuntime:
    """`async with new_runtime(*scripts) as runtime`: what one process has, all on the same home.

    The scripts are the models of a cascade, named `scripted-0`, `scripted-1` …; without any, those of `routes` work,
    by default the shipped ones. `settings` are those of `open_runtime`.
    """
    # Imported here, because graphs and model SDKs take seconds that the tests of lower rooms need not wait for.
    from agent.routes import route
    from graph.runtime import open_runtime

    @asynccontextmanager
    async def opened(*scripts: ScriptedModel, **settings: Any) -> AsyncIterator[Runtime]:
        routes = _scripted(scripts) if scripts else settings.pop("routes", route)
        async with open_runtime(tmp_path / "home", routes=routes, **settings) as runtime:
            yield runtime

    return opened


def _scripted(scripts: Sequence[ScriptedModel]) -> RouteFactory:
    from agent.models import ModelHandle
    from agent.routes import Route

    route = Route.of(*(ModelHandle(f"scripted-{at}", script, free=True) for at, script in enumerate(scripts)))
    return lambda name: route


# ── a provider ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A server on loopback that speaks the OpenAI protocol; give it a script or a brain.

    At the end of the test it complains of steps that were left or missing, and of what a brain raised.
    """
    from tests.provider.answers import Script
    from tests.provider.running import in_thread

    with in_thread(Script([])) as serving:
        yield serving
        serving.check()


# ── the command line ─────────────────────────────────────────────────────────────────────────────

Command = subprocess.Popen[str]
StartPagetrail = Callable[..., Command]


@pytest.fixture(scope="session")
def start_pagetrail() -> Iterator[StartPagetrail]:
    """`start_pagetrail(home, *arguments, **environment)`: the command line, a process in a group of its own.

    It sees none of the machine's settings. What still lives at the end is killed.
    """
    started: list[Command] = []

    def start(home: Path, *arguments: str | Path, **environment: str) -> Command:
        from tests.provider.running import unset

        home.parent.mkdir(parents=True, exist_ok=True)
        command = subprocess.Popen(
            [sys.executable, str(ROOT / "pagetrail.py"), *map(str, arguments)],
            cwd=home.parent,
            env={**unset(), "PAGETRAIL_HOME": str(home), "PYTHONPATH": str(ROOT), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(command)
        return command

    yield start
    for command in started:
        if command.poll() is None:
            os.killpg(command.pid, signal.SIGKILL)
        command.communicate()
