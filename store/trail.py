"""The audit trail as a chain: each event carries the hash of the one before it.

Pure functions over records; a backend calls `seal` inside the transaction that appends, everybody else `verify`.
What is hashed is what is written: SHA-256 over the RFC 8785 form of a line of `audit.jsonl` without its `hash`.

A chain shows every change within it. It cannot show a cut tail or a rewrite of the whole: for that, keep the last
hash somewhere the writer cannot reach.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import rfc8785

from store.records import Event, EventDraft, Json

FIRST_PREV = "sha256:" + 64 * "0"
"""`prev` of the first event of a job."""

_ORDER = (
    *("seq", "job_id", "page", "type", "at", "actor", "tool", "arguments", "rationale", "observation"),
    *("model", "prompt", "usage", "duration_ms", "data", "prev", "hash"),
)
_LINE_BREAKS_JSON_ALLOWS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


@dataclass(frozen=True)
class Broken:
    """Where a trail stops being the one that was written."""

    seq: int
    """Place in the chain, counted from 1, of the first entry that does not fit (for a deleted one, the gap)."""
    why: str


def seal(draft: EventDraft, job_id: str, seq: int, at: datetime, prev: str) -> Event:
    """Give a draft its place in the chain: number, time (cut to milliseconds), the hash before it and its own.

    Lone surrogates, which models and broken fonts produce and UTF-8 cannot carry, become U+FFFD.
    Raises ValueError (of rfc8785) for an integer beyond 2**53, which JSON readers would silently round.
    """
    told = _without_lone_surrogates(draft.model_dump(mode="json", exclude={"key"}))
    at = at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)
    unsealed = Event.model_validate({**told, "job_id": job_id, "seq": seq, "at": at, "prev": prev, "hash": ""})
    return unsealed.model_copy(update={"hash": _hash(unsealed)})


def verify(events: Iterable[Event]) -> Broken | None:
    """Follow one job's chain from its first event; None where it holds, otherwise the first place where it does not."""
    prev, job_id = FIRST_PREV, None
    for place, event in enumerate(events, start=1):
        job_id = job_id or event.job_id
        if why := _misfit(event, place, job_id, prev):
            return Broken(place, why)
        prev = event.hash
    return None


def to_line(event: Event) -> str:
    """One line of `audit.jsonl`, without the line break, keys in the order of the contract."""
    return json.dumps(_line(event), ensure_ascii=False).translate(_LINE_BREAKS_JSON_ALLOWS)


def from_line(line: str) -> Event:
    """The event a line holds; raises pydantic's ValidationError where it holds none."""
    return Event.model_validate_json(line, strict=True)


def _misfit(event: Event, place: int, job_id: str, prev: str) -> str | None:
    if event.job_id != job_id:
        return f"entry of another job: {event.job_id}"
    if event.seq != place:
        return f"expected seq {place}, found {event.seq}"
    if event.prev != prev:
        return "prev is not the hash of the entry before"
    try:
        computed = _hash(event)
    except ValueError as error:
        return f"content has no canonical form: {error}"
    return None if computed == event.hash else "hash does not match the content"


def _hash(event: Event) -> str:
    line = _line(event)
    del line["hash"]
    return "sha256:" + sha256(rfc8785.dumps(line)).hexdigest()


def _line(event: Event) -> Json:
    """Exactly the contract's keys; `data` only where the type carries some."""
    fields = event.model_dump(mode="json")
    # A time that was never cut to milliseconds was not written by us: keep its digits, so that the hash shows it.
    exact = "milliseconds" if event.at.microsecond % 1000 == 0 else "microseconds"
    fields["at"] = event.at.astimezone(UTC).isoformat(timespec=exact).replace("+00:00", "Z")
    if fields["data"] is None:
        del fields["data"]
    return {name: fields[name] for name in _ORDER if name in fields}


def _without_lone_surrogates(fields: Json) -> Json:
    text = json.dumps(fields, ensure_ascii=False)
    whole: Json = json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return whole
