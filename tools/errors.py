"""Two kinds of failure with two fates: what the model should know, and what is the document's fault.

The third kind, the world's fault, is `store.errors.Unavailable`. Anything else is a bug and is not caught.
"""

from typing import Literal

FailureKind = Literal["invalid", "timeout", "unavailable", "limit", "refused", "unreadable"]


class ToolFailure(Exception):
    """A tool could not do what was asked; becomes an observation, and the turn goes on within its cap."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


RejectionCode = Literal[
    "not_a_pdf",
    "empty_file",
    "damaged",
    "password_needed",
    "password_wrong",
    "no_pages",
    "page_tree_broken",
    "too_many_pages",
    "too_large",
    "engine_crashed",
    "engine_timeout",
]


class DocumentRejected(Exception):
    """The document is at fault: the job ends `rejected` with code and advice, and is never retried."""

    def __init__(self, code: RejectionCode, message: str, advice: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.advice = advice
