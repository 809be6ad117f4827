"""The packet of the figures: as many pages as wanted, of three kinds in turn, no two alike."""

from __future__ import annotations

from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

TAXONOMY = Path(__file__).parents[1] / "small.v1.yaml"
KINDS = [("letter", "Dear Ms Rivera, hello."), ("w2", "Wage and Tax Statement"), ("contract", "AGREEMENT of sale")]
"""The label that a page should get, and what it says."""
WORDS = {"w2": ["Wage and Tax Statement"], "letter": ["Dear Ms Rivera"], "contract": ["AGREEMENT"]}
"""For the page brain."""


def draw(path: Path, pages: int) -> Path:
    """Write the packet."""
    canvas = Canvas(str(path), invariant=1)
    for at in range(pages):
        canvas.drawString(72, 720, KINDS[at % len(KINDS)][1])
        canvas.drawString(72, 700, f"This is the text of sheet {at + 1}, long enough to be taken for the words of one.")
        canvas.showPage()
    canvas.save()
    return path
