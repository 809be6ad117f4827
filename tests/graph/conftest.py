"""A small real packet, and a runtime with a scripted or the local model to work on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import LETTER
from reportlab.pdfgen.canvas import Canvas

from agent.models import ModelFactory, ModelHandle, tiers
from agent.scripted import ScriptedModel
from graph.runtime import Runtime, open_runtime
from store.records import JobOptions

PAGES = [
    ["Dear Ms Rivera,", "thank you for your application of last week.", "Sincerely, Tom Baker"],
    ["Wage and Tax Statement", "Employer identification number 12-3456789", "Social security wages 50,000.00"],
    ["AGREEMENT", "This agreement is made between the parties, hereinafter named.", "The parties agree as follows."],
    ["of the goods, and the governing law is that of Ohio.", "In witness whereof the parties agree.", "Page 2"],
]
"""A letter, a wage statement, an agreement of two pages."""

OpenRuntime = Callable[..., AbstractAsyncContextManager[Runtime]]
DrawPacket = Callable[..., Path]


@pytest.fixture
def draw_packet(tmp_path: Path) -> DrawPacket:
    """Draws a born-digital PDF, one list of lines a page; an empty list is a blank page."""

    def draw(name: str = "packet", pages: list[list[str]] = PAGES) -> Path:
        canvas = Canvas(str(tmp_path / f"{name}.pdf"), pagesize=LETTER, invariant=1)
        for lines in pages:
            canvas.setFont("Helvetica", 12)
            for at, line in enumerate(lines):
                canvas.drawString(72, 720 - 20 * at, line)
            canvas.showPage()
        canvas.save()
        return tmp_path / f"{name}.pdf"

    return draw


@pytest.fixture
def options() -> JobOptions:
    """The small taxonomy and the local model."""
    return JobOptions(taxonomy=str(Path(__file__).parents[1] / "small.v1.yaml"))


@pytest.fixture
def new_runtime(tmp_path: Path) -> OpenRuntime:
    """`async with new_runtime() as runtime`: each is what one process has, all on the same home."""

    @asynccontextmanager
    async def opened(script: ScriptedModel | None = None) -> AsyncIterator[Runtime]:
        async with open_runtime(tmp_path / "home", model_factory=_scripted(script) if script else tiers) as runtime:
            yield runtime

    return opened


def _scripted(script: ScriptedModel) -> ModelFactory:
    return lambda name: (ModelHandle("scripted", script, free=True),)
