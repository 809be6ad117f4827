"""The process that holds one document open. Started by the parent only: `python -m tools.pdf.child MEMORY_BYTES`."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2

from tools.errors import ToolFailure
from tools.pdf import layer, looking, opening, rendering
from tools.pdf.frames import Header, Reply, memory_argument, serve

if TYPE_CHECKING:
    from tools.pdf.writing import PageWriter


class Child:
    """Answers the parent's requests, one at a time."""

    def __init__(self) -> None:
        self._pages: opening.OpenPages | None = None
        self._path = Path()
        self._password: str | None = None

    def handle(self, header: Header, body: bytes) -> Reply:
        """One request; pages count from 1 on the wire too."""
        match header["op"]:
            case "open":
                self._path, self._password = Path(header["path"]), header["password"]
                document, verdict = opening.open_document(self._path, self._password, header["max_pages"])
                self._pages = opening.OpenPages(document)
                return verdict, b""
            case "locate":
                self._path, self._password = Path(header["path"]), header["password"]
                return {}, b""
            case "look":
                with self._page(header["page"]) as page:
                    return looking.look(page), b""
            case "text":
                with self._page(header["page"]) as page:
                    return {}, layer.page_text(page, header["page"], header["max_words"])
            case "render":
                return rendering.pixels(self._drawn(header))
            case "describe":
                # Only where it is asked for: numpy takes longer to import than everything else here.
                from tools.descriptor import describe

                return {"descriptor": describe(self._drawn(header).image)}, b""
            case "thumbnail":
                return {}, rendering.thumbnail(self._drawn(header), header["width"])
            case "write":
                return self._writer.write(header), b""
            case other:
                raise ValueError(f"unknown request {other!r}")

    def _drawn(self, header: Header) -> rendering.Drawn:
        if header["engine"] == "poppler":
            return rendering.draw_poppler(self._path, self._password, header)
        with self._page(header["page"]) as page:
            return rendering.draw_pdfium(page, header)

    @cached_property
    def _writer(self) -> PageWriter:
        from tools.pdf.writing import PageWriter

        return PageWriter(self._path, self._password)

    def _page(self, page: int) -> AbstractContextManager[pypdfium2.PdfPage]:
        if self._pages is None:
            raise ToolFailure("unreadable", "no document is open in this process")
        return self._pages.page(page)


if __name__ == "__main__":
    serve(Child().handle, memory_argument())
