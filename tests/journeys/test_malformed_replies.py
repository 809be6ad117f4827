"""Replies that cannot be used, of every kind, and loops that never end: a small run of `tests/provider/figures.py`."""

from __future__ import annotations

from pathlib import Path

from tests.provider.faults import MALFORMED
from tests.provider.figures import LOOPS, loops, malformed

MOST_REPAIRS = 2
MOST_TURNS = 8


async def test_a_malformed_reply_on_every_page_changes_no_label(tmp_path: Path) -> None:
    """Every kind of it: no crash, at most two turns more, and the labels of a packet without faults."""
    pages = 2 * len(MALFORMED)
    found = await malformed(pages, tmp_path / "malformed")
    assert (found["malformed_replies"], found["crashes"], found["status"]) == (pages, 0, "needs_review")
    assert found["labels_as_without_faults"] == found["pages_with_a_verdict"] == pages
    assert 1 <= found["repair_turns_most"] <= MOST_REPAIRS


async def test_every_endless_loop_is_ended(tmp_path: Path) -> None:
    """The same call, two in turn, growing arguments: the caps of a page end each, and none leaves a label."""
    pages = 2 * len(LOOPS)
    found = await loops(pages, tmp_path / "loops")
    assert (found["crashes"], found["labels_given"]) == (0, 0)
    assert found["turns_most"] <= MOST_TURNS
    assert found["ended_by"] == {"call_cap_reached": pages}
