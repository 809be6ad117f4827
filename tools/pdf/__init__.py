"""PDF files behind a killable child process: open, look, read the text layer, render, write pages as an own file.

`document.py` is the parent's side and the only door; everything that parses hostile bytes runs in `child.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.pdf.document import PdfDocument
    from tools.pdf.limits import Limits, Rendered

__all__ = ["Limits", "PdfDocument", "Rendered"]


def __getattr__(name: str) -> Any:
    # Lazy, because the child imports this package too: asyncio and pydantic would triple its start-up time.
    if name == "PdfDocument":
        from tools.pdf.document import PdfDocument

        return PdfDocument
    if name in ("Limits", "Rendered"):
        from tools.pdf import limits

        return getattr(limits, name)
    raise AttributeError(name)
