"""Words beside the page's own content: what was filled into form fields, and what comments say.

pdfium draws fields, but does not count them to the page's text. Comments are for people who open them; no model is
shown them.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

Box = tuple[float, float, float, float]

SHOWN_KINDS = {pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX}
NO_COMMENTS = {pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP}
UNSEEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
MAX_ANNOTATIONS = 5_000
MAX_COMMENTS = 100
MAX_COMMENT_CHARACTERS = 2_000
SMALLEST_PT = 3.0


@dataclass(frozen=True)
class FilledField:
    """A value that is not empty, with its box in page space (left, bottom, right, top)."""

    value: str
    box: Box
    seen: bool
    """False where the field is switched off or its print is under 3 points; whether it is drawn, pixels must tell."""


@dataclass(frozen=True)
class Annotations:
    """What stands in the annotations of one page, in the file's order."""

    fields: list[FilledField] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


def read_annotations(page: pypdfium2.PdfPage) -> Annotations:
    """Fields and comments; at most `MAX_ANNOTATIONS` are looked at."""
    form = page.formenv
    found = Annotations()
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), MAX_ANNOTATIONS)):
        item = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if not item:
            continue
        try:
            if pdfium.FPDFAnnot_GetSubtype(item) not in NO_COMMENTS:
                comment = _comment(item)
                if comment and len(found.comments) < MAX_COMMENTS:
                    found.comments.append(comment)
            elif form is not None and (filled := _filled(form.raw, item)) is not None:
                found.fields.append(filled)
        finally:
            pdfium.FPDFPage_CloseAnnot(item)
    return found


def _filled(form: Any, item: Any) -> FilledField | None:
    if pdfium.FPDFAnnot_GetSubtype(item) != pdfium.FPDF_ANNOT_WIDGET:
        return None
    if pdfium.FPDFAnnot_GetFormFieldType(form, item) not in SHOWN_KINDS:
        return None
    value = _string(lambda buffer, size: pdfium.FPDFAnnot_GetFormFieldValue(form, item, buffer, size))
    rectangle = pdfium.FS_RECTF()
    if not value or not pdfium.FPDFAnnot_GetRect(item, rectangle):
        return None
    switched_off = bool(pdfium.FPDFAnnot_GetFlags(item) & UNSEEN)
    box = (rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
    return FilledField(value, box, seen=not switched_off and not _tiny(form, item))


def _tiny(form: Any, item: Any) -> bool:
    size = ctypes.c_float()
    # 0 means that the print is as large as the field allows.
    return bool(pdfium.FPDFAnnot_GetFontSize(form, item, size)) and 0 < size.value < SMALLEST_PT


def _comment(item: Any) -> str:
    return _string(lambda buffer, size: pdfium.FPDFAnnot_GetStringValue(item, b"Contents", buffer, size))[
        :MAX_COMMENT_CHARACTERS
    ]


def _string(ask: Any) -> str:
    """A string that pdfium gives in UTF-16 with a zero at its end; asked first for its size in bytes."""
    size = ask(None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    ask(ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", errors="replace")
