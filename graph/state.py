"""What the two graphs remember between steps: ids, references and counters. Text and images stay in blobs."""

from __future__ import annotations

from operator import add
from typing import Annotated, TypedDict


class Observed(TypedDict):
    """The answer to one tool call."""

    call_id: str
    tool: str
    ref: str
    """Blob of the observation's JSON as the model sees it."""


class Step(TypedDict):
    """One turn that has been acted upon."""

    reply: str
    """Blob of the model's message."""
    observed: list[Observed]


class Held(TypedDict):
    """The verdict of a tier that handed the page on, for the case that no later one gives any."""

    submitted: str
    """Blob of it."""
    tier: int


class Image(TypedDict):
    """The picture of a page that goes into requests, by reference."""

    ref: str
    width: int
    height: int


class PageState(TypedDict):
    """Memory of a page graph, thread `{job}:{page}`."""

    job_id: str
    page: int
    look: str | None
    """Blob of the PageLook; None before the page was looked at, or where it cannot be."""
    text: str | None
    """Blob of the newest PageText."""
    turn: int
    """Model calls so far."""
    tier: int
    """Index of the tier that has the word."""
    tier_began: int
    """Steps there were when it got the word: what came before it was read by others."""
    held: Held | None
    image: Image | None
    """None before a tier needed it."""
    calls: int
    """Calls of providers so far."""
    tokens: int
    """What those calls read and wrote."""
    reply: str | None
    """Blob of a reply that was not acted upon yet."""
    usage: dict[str, float | None] | None
    """What the newest reply cost."""
    steps: Annotated[list[Step], add]
    mistakes: int
    """Replies of this tier that could not be used."""
    reasons: list[str]
    """Codes that force review."""
    submitted: str | None
    """Blob of the verdict the model submitted and that passed the checks."""
    verdict: str | None
    """Blob of the PageVerdict."""


class PacketState(TypedDict):
    """Memory of the packet graph, thread `{job}`."""

    job_id: str
    page_count: int
    assembled: str | None
    """Blob of the assembled pages, documents and findings."""
    doubts: int
    """Pages and boundaries that wait for a person."""
    decided: int
    """Answers of reviewers that the present assembly knows."""
    stale: bool
    """An answer came after the present assembly."""
