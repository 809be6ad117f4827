"""Write some pages of the source as a PDF of their own, in a child: pypdf follows whatever references it finds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter

from tools.errors import ToolFailure
from tools.pdf.frames import Header


def write_pages(path: Path, password: str | None, header: Header) -> dict[str, Any]:
    """Pages in this order, with their bookmarks, form fields and inner links; `target` appears whole or not at all."""
    target = Path(header["target"])
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        writer = _collect(path, password, header)
        with unfinished.open("wb") as file:
            writer.write(file)
        unfinished.replace(target)
    except (OSError, MemoryError, ToolFailure):
        raise
    except Exception as error:  # pypdf raises nearly anything on broken files: the document is at fault
        raise ToolFailure("unreadable", f"these pages cannot be written as a file of their own: {error!r}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return {"bytes": target.stat().st_size}


def _collect(path: Path, password: str | None, header: Header) -> PdfWriter:
    reader = PdfReader(path, password=password)
    known = len(reader.pages)
    missing = [page for page in header["pages"] if not 1 <= page <= known]
    if missing:
        raise ToolFailure("unreadable", f"the file writer finds {known} pages and not page {missing[0]}")
    writer = PdfWriter()
    writer.append(reader, pages=[page - 1 for page in header["pages"]], import_outline=True)
    _drop_stray_pages(writer)
    writer.add_metadata(
        {
            "/Title": header["title"],
            "/SourcePages": _ranges(header["pages"]),
            **{"/" + name.lstrip("/"): value for name, value in header["metadata"].items()},
        }
    )
    return writer


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
