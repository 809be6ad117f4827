"""How numbers, codes and moments read to people: one wording for the terminal and the report."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

NOT_SCORED = "—"
"""What stands where a confidence is None: *not scored* is neither 0 nor 1."""

_STATUS = {
    "queued": "waiting to start",
    "running": "running",
    "waiting_review": "waits for review",
    "needs_review": "waits for review",
    "completed": "completed",
    "rejected": "rejected",
    "failed": "failed",
    "cancelled": "cancelled",
}

_REASONS = {
    "page_unreadable": "the page could not be opened",
    "escalated_unreadable": "no engine could read the page",
    "no_label": "no label fits",
    "not_calibrated": "no calibrator fits this model and taxonomy, so nothing is scored",
    "low_label_confidence": "the label is not certain enough",
    "low_boundary_confidence": "it is not certain enough where the document begins",
    "boundary_not_calibrated": "no calibrator fits, so where the document begins is not scored",
    "escalated_signals_disagree": "strong signs speak for different labels",
    "escalated_nothing_recognised": "nothing on the page is known",
    "escalated_suspicious_content": "the content looks suspicious",
    "escalated_other": "the agent asks for a person",
    "answers_contradict": "the answers given so far cannot all be true",
    "evidence_not_on_page": "none of the quoted words stand on the page",
    "hidden_text": "the file holds words that people do not see on the page",
    "instructions_in_text": "words on the page read as orders to a model",
    "model_gave_no_verdict": "the model ended without a verdict",
    "step_cap_reached": "the agent used up its steps",
    "call_cap_reached": "the page used up its calls of a model",
    "token_cap_reached": "the page used up its tokens",
    "budget_reached": "the budget ended before the page was judged",
    "context_too_long": "the page does not fit into the model's context",
    "content_filtered": "the provider's content filter refuses the page",
    "provider_down": "the provider was away, so no model judged the page",
    "provider_gave_no_answer": "the provider answers for other pages but not for this one",
}


def status(code: str) -> str:
    """A job or result status in words."""
    return _STATUS.get(code, plain(code))


def reason(code: str) -> str:
    """A review reason in words; an unknown code reads as its own words."""
    return _REASONS.get(code, plain(code))


def plain(code: str) -> str:
    """A code such as `bank_statement` or `page.tool_called` with spaces for its joints."""
    return code.replace("_", " ").replace(".", " ")


def page_ranges(pages: Iterable[int]) -> str:
    """Pages as people write them: `1-3, 7`."""
    runs: list[list[int]] = []
    for page in sorted(set(pages)):
        if runs and page == runs[-1][-1] + 1:
            runs[-1][1:] = [page]
        else:
            runs.append([page])
    return ", ".join("-".join(str(end) for end in run) for run in runs)


def score(value: float | None) -> str:
    """A confidence to two places; 0.999 stays below 1.00, because certainty is not rounded into being."""
    if value is None:
        return NOT_SCORED
    return f"{min(value, 0.99):.2f}" if value < 1 else "1.00"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 page`, `24 pages`, `1,204 pages`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def money(usd: float | None) -> str:
    """Dollars; None is a price nobody knows, which is not nothing."""
    if usd is None:
        return "price unknown"
    if usd == 0:
        return "$0"
    return f"${usd:.2f}" if usd >= 0.1 else f"${usd:.4f}"


def milliseconds(value: int | None) -> str:
    """A step's duration: `812 ms`, `3.4 s`."""
    if value is None:
        return ""
    return f"{value:,} ms" if value < 1000 else seconds(value / 1000)


def seconds(value: float) -> str:
    """A span of time: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 05 min`."""
    if value < 10:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def moment(at: datetime) -> str:
    """Date and time in UTC, to the second."""
    return at.strftime("%Y-%m-%d %H:%M:%S")


def clock(at: datetime) -> str:
    """Time of day in UTC, to the millisecond."""
    return at.strftime("%H:%M:%S.") + f"{at.microsecond // 1000:03d}"


def elapsed(first: datetime, last: datetime) -> str:
    return seconds(max(timedelta(), last - first).total_seconds())


def shorten(text: str, length: int) -> str:
    """The text on one line, cut at a word where that keeps most of it."""
    line = visible(" ".join(text.split()))
    if len(line) <= length:
        return line
    head = line[: length - 1]
    cut = head.rfind(" ")
    return (head[:cut] if cut > length * 0.6 else head).rstrip(" ,;:") + "…"


def visible(text: str) -> str:
    """The text without control and format characters: words of a packet must not drive the reader's terminal.

    Escape sequences, bidirectional overrides and zero-width characters go; line breaks stay.
    """
    return "".join(c if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs"} else " " for c in text)


def listed(words: Sequence[str], at_most: int = 3) -> str:
    """`a, b, c and 4 more`."""
    if len(words) <= at_most:
        return ", ".join(words)
    return ", ".join(words[:at_most]) + f" and {len(words) - at_most} more"
