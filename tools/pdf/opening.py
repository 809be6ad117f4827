"""Open a document in the child: pdfium's verdict decides; pypdf is asked only why, where pdfium refuses or stumbles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2
from pypdfium2.version import PDFIUM_INFO

from tools.errors import DocumentRejected, ToolFailure
from tools.pdf.advice import rejected

ENGINE = f"pdfium {PDFIUM_INFO.tag if hasattr(PDFIUM_INFO, 'tag') else PDFIUM_INFO}"

HEADER_WINDOW = 1024
"""Bytes within which readers look for `%PDF-`."""
KEPT_OPEN = 2
"""As many pages as a process has in hand by default."""
PASSWORD_ERROR = 4
SECURITY_ERROR = 5
"""FPDF_ERR_PASSWORD and FPDF_ERR_SECURITY of pdfium's public header."""


def open_document(path: Path, password: str | None, max_pages: int) -> tuple[pypdfium2.PdfDocument, dict[str, Any]]:
    """Open with pdfium and check that its pages can be reached. Raises DocumentRejected."""
    try:
        document = pypdfium2.PdfDocument(path, password=password)
    except pypdfium2.PdfiumError as error:
        raise _refusal(path, password, error.err_code) from error
    pages = len(document)
    if pages > max_pages:
        raise rejected("too_many_pages", f"The file has {pages} pages; at most {max_pages} are taken in one packet.")
    _check_page_tree(document, path, password)
    # Without it filled form fields would be missing from renderings.
    document.init_forms()
    return document, {"pages": pages, "engine": ENGINE}


def _refusal(path: Path, password: str | None, code: int | None) -> DocumentRejected:
    if code == PASSWORD_ERROR and password is None:
        return rejected("password_needed", "The file is encrypted and opens only with a password.")
    if code == PASSWORD_ERROR:
        return rejected("password_wrong", "The file is encrypted and the given password does not open it.")
    with path.open("rb") as file:
        head = file.read(HEADER_WINDOW)
    if b"%PDF-" not in head:
        return rejected("not_a_pdf", "The file does not begin as a PDF.")
    if code == SECURITY_ERROR:
        return rejected("damaged", "The file is encrypted by a method that cannot be read.")
    return diagnose(path, password) or rejected("damaged", "The file begins as a PDF but its structure is broken.")


def _check_page_tree(document: pypdfium2.PdfDocument, path: Path, password: str | None) -> None:
    unreachable = [index for index in range(len(document)) if not _reachable(document, index)]
    if not unreachable:
        return
    reason = diagnose(path, password)
    if reason is not None:
        raise reason
    if len(unreachable) == len(document):
        raise rejected("page_tree_broken", "The file names pages, but none of them can be found in it.")


def _reachable(document: pypdfium2.PdfDocument, index: int) -> bool:
    try:
        document.get_page_size(index)
    except pypdfium2.PdfiumError:
        return False
    return True


def diagnose(path: Path, password: str | None) -> DocumentRejected | None:
    """What pypdf finds wrong with the page tree: no pages, or a loop. None where it has no better word either."""
    from pypdf import PdfReader
    from pypdf.generic import IndirectObject

    try:
        reader = PdfReader(path, password=password)
        seen: set[int] = set()
        waiting: list[Any] = [reader.root_object.raw_get("/Pages")]
        pages = 0
        while waiting:
            node = waiting.pop()
            if isinstance(node, IndirectObject):
                if node.idnum in seen:
                    return rejected("page_tree_broken", "The page tree of the file runs in a loop.")
                seen.add(node.idnum)
            kids = node.get_object().get("/Kids")
            if kids is None:
                pages += 1
            else:
                waiting.extend(kids.get_object())
    except Exception:  # pypdf raises nearly anything on broken files; "no better word" is then the answer
        return None
    return rejected("no_pages", "The file is a PDF without any page.") if pages == 0 else None


class OpenPages:
    """Pages of the open document. The last few stay open: whoever looks at a page reads it and draws it next.

    Not all of them, for pdfium keeps what it made of a page, pictures above all, in memory until the page is closed.
    """

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._document = document
        self._open: dict[int, pypdfium2.PdfPage] = {}

    @contextmanager
    def page(self, number: int) -> Iterator[pypdfium2.PdfPage]:
        """The page for the time of the `with`; ToolFailure where pdfium refuses it, then or in between."""
        try:
            page = self._open.pop(number, None) or self._document[number - 1]
        except pypdfium2.PdfiumError as error:
            raise ToolFailure("unreadable", f"page {number} cannot be loaded: {error}") from error
        try:
            yield page
        except BaseException as error:
            page.close()
            if isinstance(error, pypdfium2.PdfiumError):
                raise ToolFailure("unreadable", f"page {number} cannot be read: {error}") from error
            raise
        self._open[number] = page
        if len(self._open) > KEPT_OPEN:
            self._open.pop(next(iter(self._open))).close()
