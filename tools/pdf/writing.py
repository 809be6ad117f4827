"""Write some pages of the source as a PDF of their own, in a child: pypdf follows whatever references it finds."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter

from tools.errors import ToolFailure
from tools.pdf.frames import Header


class PageWriter:
    """Writes pages of one source. Its page tree is walked once, however many files are made of it."""

    def __init__(self, path: Path, password: str | None) -> None:
        self._path = path
        self._password = password

    def write(self, header: Header) -> dict[str, Any]:
        """Pages in this order, with their bookmarks, form fields and inner links; the target is whole or absent."""
        target = Path(header["target"])
        unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            writer = self._collect(header)
            with unfinished.open("wb") as file:
                writer.write(file)
            unfinished.replace(target)
        except (OSError, MemoryError, ToolFailure):
            raise
        except Exception as error:  # pypdf raises nearly anything on broken files: the document is at fault
            message = f"these pages cannot be written as a file of their own: {error!r}"
            raise ToolFailure("unreadable", message) from error
        finally:
            unfinished.unlink(missing_ok=True)
            self._let_go()
        return {"bytes": target.stat().st_size}

    def _collect(self, header: Header) -> PdfWriter:
        known = len(self._reader.pages)
        missing = [page for page in header["pages"] if not 1 <= page <= known]
        if missing:
            raise ToolFailure("unreadable", f"the file writer finds {known} pages and not page {missing[0]}")
        writer = PdfWriter()
        writer.append(self._reader, pages=[page - 1 for page in header["pages"]], import_outline=True)
        _drop_stray_pages(writer)
        writer.add_metadata(
            {
                "/Title": header["title"],
                "/SourcePages": _ranges(header["pages"]),
                **{"/" + name.lstrip("/"): value for name, value in header["metadata"].items()},
            }
        )
        return writer

    @cached_property
    def _reader(self) -> PdfReader:
        return PdfReader(self._path, password=self._password)

    def _let_go(self) -> None:
        """Keep the list of pages, not what they hold: memory stays flat, and no file sees what another one touched."""
        if "_reader" in self.__dict__:
            self._reader.resolved_objects.clear()


def _drop_stray_pages(writer: PdfWriter) -> None:
    """Empty every page object that is not one of ours: annotations and actions drag copies of other pages along."""
    kept = {page.indirect_reference.idnum for page in writer.pages if page.indirect_reference is not None}
    for number, item in enumerate(writer._objects, start=1):
        if number in kept or not isinstance(item, dict) or item.get("/Type") != "/Page":
            continue
        item.clear()
    writer.compress_identical_objects(remove_duplicates=False, remove_unreferenced=True)


def _ranges(pages: list[int]) -> str:
    """`1-3, 7` for pages 1, 2, 3 and 7."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
