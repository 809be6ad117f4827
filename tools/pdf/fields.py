"""What somebody filled into the form fields of a page. pdfium draws it, but does not count it to the page's text."""

from __future__ import annotations

import ctypes
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from tools.pdf.reading import Box

SHOWN_KINDS = {pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX}
UNSEEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
MAX_FIELDS = 5_000


def filled_fields(page: pypdfium2.PdfPage) -> list[tuple[str, Box]]:
    """Values that are not empty, with their boxes in page space (left, bottom, right, top), in the file's order."""
    form = page.formenv
    if form is None:
        return []
    found = []
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), MAX_FIELDS)):
        field = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if not field:
            continue
        try:
            value = _value(form.raw, field)
            rectangle = pdfium.FS_RECTF()
            if value and pdfium.FPDFAnnot_GetRect(field, rectangle):
                found.append((value, (rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)))
        finally:
            pdfium.FPDFPage_CloseAnnot(field)
    return found


def _value(form: Any, field: Any) -> str:
    if pdfium.FPDFAnnot_GetSubtype(field) != pdfium.FPDF_ANNOT_WIDGET or pdfium.FPDFAnnot_GetFlags(field) & UNSEEN:
        return ""
    if pdfium.FPDFAnnot_GetFormFieldType(form, field) not in SHOWN_KINDS:
        return ""
    size = pdfium.FPDFAnnot_GetFormFieldValue(form, field, None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    pointer = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
    pdfium.FPDFAnnot_GetFormFieldValue(form, field, pointer, size)
    return buffer.raw[: size - 2].decode("utf-16-le", errors="replace")
