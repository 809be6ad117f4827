"""The chain shows every change within it, and where."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import assume, given
from hypothesis import strategies as st

from store.records import Event, EventDraft, Usage
from store.trail import FIRST_PREV, Broken, from_line, seal, to_line, verify

AT = datetime(2026, 1, 31, 10, 0, 0, 123_000, tzinfo=UTC)
CONTRACT_KEYS = [
    *("seq", "job_id", "page", "type", "at", "actor", "tool", "arguments", "rationale", "observation"),
    *("model", "prompt", "usage", "duration_ms", "prev", "hash"),
]

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
drafts = st.builds(
    EventDraft,
    key=st.just("k"),
    type=st.just("page.tool_called"),
    actor=st.sampled_from(["agent", "reviewer:7"]),
    page=st.none() | st.integers(1, 3000),
    rationale=st.none() | st.text(),
    arguments=st.none() | st.dictionaries(st.text(), json_values, max_size=3),
    data=st.none() | st.dictionaries(st.text(), json_values, max_size=3),
    duration_ms=st.none() | st.integers(0, 10**6),
)


def chain(*told: EventDraft, job_id: str = "job") -> list[Event]:
    events: list[Event] = []
    for seq, draft in enumerate(told, start=1):
        events.append(seal(draft, job_id, seq, AT, events[-1].hash if events else FIRST_PREV))
    return events


FIVE = chain(*(EventDraft(key=str(n), type="page.classified", actor="agent", page=n) for n in range(5)))


def test_a_line_has_exactly_the_keys_of_the_contract() -> None:
    """A line of audit.jsonl has the contract's keys in its order, times with milliseconds and Z."""
    draft = EventDraft(key="k", type="page.tool_called", actor="agent", tool="ocr_page", usage=Usage(model_calls=1))
    line = json.loads(to_line(chain(draft)[0]))
    assert list(line) == CONTRACT_KEYS
    assert line["at"] == "2026-01-31T10:00:00.123Z"
    assert line["prev"] == "sha256:" + "0" * 64


def test_what_else_a_type_carries_stands_under_data() -> None:
    """`data` appears only where the type carries some."""
    line = json.loads(
        to_line(chain(EventDraft(key="k", type="page.classified", actor="agent", data={"label": "w2"}))[0])
    )
    assert line["data"] == {"label": "w2"}
    assert set(line) == {*CONTRACT_KEYS, "data"}


def test_anybody_can_check_a_line_without_our_code() -> None:
    """The hash is SHA-256 over the RFC 8785 form of the line without its hash."""
    line = json.loads(to_line(FIVE[3]))
    claimed = line.pop("hash")
    assert claimed == "sha256:" + sha256(rfc8785.dumps(line)).hexdigest()


@given(st.lists(drafts, max_size=5))
def test_a_trail_holds_after_it_was_written_and_read(told: list[EventDraft]) -> None:
    """Whatever the events carry, the written lines read back as the same events, one a line, and the chain holds."""
    events = chain(*told)
    lines = [to_line(event) for event in events]
    assert "\n".join(lines).splitlines() == lines
    back = [from_line(line) for line in lines]
    assert verify(back) is None
    assert [to_line(event) for event in back] == lines


def test_text_that_utf_8_cannot_carry_is_still_sealed() -> None:
    """A lone surrogate, as models and broken fonts produce, becomes U+FFFD instead of breaking the trail."""
    event = chain(EventDraft(key="k", type="page.tool_called", actor="agent", rationale="a\ud800b"))[0]
    assert event.rationale == "a\ufffdb"
    assert verify([from_line(to_line(event))]) is None


def test_a_number_that_json_would_round_is_refused() -> None:
    """An integer beyond 2**53 raises rather than being written as another number."""
    with pytest.raises(ValueError, match="safe integer"):
        chain(EventDraft(key="k", type="page.tool_called", actor="agent", data={"n": 2**60}))


def test_an_empty_trail_holds() -> None:
    """There is nothing wrong with a trail that has not begun."""
    assert verify([]) is None


@given(place=st.integers(0, 4), field=st.sampled_from([*CONTRACT_KEYS, "data"]), value=json_values | st.text())
def test_a_changed_field_is_found_where_it_is(place: int, field: str, value: Any) -> None:
    """Any field of any entry set to anything else: that entry is named."""
    events = [*FIVE]
    fields = json.loads(to_line(events[place]))
    assume(fields.get(field) != value)
    try:
        events[place] = from_line(json.dumps(fields | {field: value}))
    except ValueError:
        return  # not even an event any more
    assume(events[place] != FIVE[place])
    broken = verify(events)
    assert broken is not None
    # A first entry that names another job makes every other entry the stranger; it is bad all the same.
    assert broken.seq == place + 1


@given(place=st.integers(0, 4), digit=st.integers(0, 63), of=st.sampled_from(["prev", "hash"]))
def test_a_flipped_digit_of_a_hash_is_found_where_it_is(place: int, digit: int, of: str) -> None:
    """One changed digit in `prev` or `hash` names the entry it stands in."""
    events = [*FIVE]
    name, digits = getattr(events[place], of).split(":")
    flipped = digits[:digit] + ("0" if digits[digit] != "0" else "1") + digits[digit + 1 :]
    events[place] = events[place].model_copy(update={of: f"{name}:{flipped}"})
    broken = verify(events)
    assert broken is not None
    assert broken.seq == place + 1


@given(place=st.integers(0, 3))
def test_a_deleted_entry_is_found_at_its_gap(place: int) -> None:
    """Without entry n, the entry that follows stands in the wrong place: n is named. The last one leaves no gap."""
    events = [*FIVE]
    del events[place]
    assert verify(events) == Broken(place + 1, f"expected seq {place + 1}, found {place + 2}")


@given(place=st.integers(0, 4), resealed=st.booleans())
def test_an_inserted_entry_is_found(place: int, resealed: bool) -> None:
    """A forged entry is found: itself where it does not fit, else the next one, whose `prev` it cannot have."""
    events = [*FIVE]
    forged = EventDraft(key="x", type="review.decided", actor="reviewer:0")
    prev = events[place - 1].hash if place and resealed else FIRST_PREV
    events.insert(place, seal(forged, "job", place + 1, AT, prev))
    broken = verify(events)
    assert broken is not None
    assert broken.seq == (place + 2 if resealed or place == 0 else place + 1)


@given(st.permutations(range(5)))
def test_reordered_entries_are_found_at_the_first_misplaced(order: list[int]) -> None:
    """The first entry that is not at its place is named."""
    assume(order != sorted(order))
    first = next(place for place, was in enumerate(order) if place != was)
    broken = verify([FIVE[was] for was in order])
    assert broken is not None
    assert broken.seq == first + 1


def test_an_entry_of_another_job_is_found() -> None:
    """A chain belongs to one job."""
    other = chain(*(EventDraft(key=str(n), type="a.b", actor="agent") for n in range(5)), job_id="other")
    broken = verify([*FIVE[:2], other[2]])
    assert broken == Broken(3, "entry of another job: other")
