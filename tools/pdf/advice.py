"""What to do next, for each way to reject a document."""

from __future__ import annotations

from tools.errors import DocumentRejected, RejectionCode

ADVICE: dict[RejectionCode, str] = {
    "empty_file": "Send the file again; the upload or export was cut off before its first byte.",
    "not_a_pdf": "Export or print the document to PDF and submit that file.",
    "damaged": "Ask the sender for the file again, or open it in a PDF viewer and save it anew.",
    "password_needed": "Submit it again with its password, or save a copy without one.",
    "password_wrong": "Check the password with the sender, or ask for a copy without one.",
    "no_pages": "Ask the sender for the file again; this one holds nothing to classify.",
    "page_tree_broken": "Open it in a PDF viewer and print it to a new PDF, or ask the sender for the file again.",
    "too_many_pages": "Split the packet and submit the parts one by one.",
    "too_large": "Split the packet, or save it with smaller images, and submit it again.",
    "engine_timeout": "Print it to a new PDF and submit that; as it is, it takes longer to open than is allowed.",
    "engine_crashed": "Print it to a new PDF and submit that; the PDF engine could not survive this one.",
}


def rejected(code: RejectionCode, message: str) -> DocumentRejected:
    """The rejection with its advice."""
    return DocumentRejected(code, message, ADVICE[code])
