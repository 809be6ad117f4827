"""What a family of documents offers: layouts, each one issuer's way to draw one kind of document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

from evals.synth.draw import Sheet, Theme
from evals.synth.people import Case

Draw = Callable[[Sheet, Case, Random], None]


@dataclass(frozen=True)
class Layout:
    """One issuer's form of one kind of document."""

    label: str
    issuer: str
    """Short name of issuer and layout, unique within the label."""
    theme: Theme
    draw: Draw
    card: bool = False
    """True for cards and booklets that reach a lender as a photograph."""
    note: str = ""
    """What makes it a hard case, where it does."""

    @property
    def name(self) -> str:
        return f"{self.label}/{self.issuer}"


@dataclass(frozen=True)
class Drawn:
    """One finished document before it is put into a packet."""

    layout: Layout
    pdf: bytes
    page_count: int
    blank_last: bool = False
    """True where the last page is the empty back of a sheet."""


Capture = Literal["digital", "scan"]


def draw_document(layout: Layout, case: Case, seed: str) -> Drawn:
    """The same layout, case and seed give the same bytes."""
    sheet = Sheet(layout.theme)
    layout.draw(sheet, case, Random(f"{seed}:{layout.name}"))
    return Drawn(layout, sheet.pdf(), sheet.page_count)
