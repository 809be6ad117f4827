"""Live progress, fed by events."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta

from rich.console import Console

from store.records import Event, Result
from views.groups import LabelGroups
from views.progress import GRID_ROWS, Board, watch


async def flow(events: Iterable[Event]) -> AsyncIterator[Event]:
    for event in events:
        yield event


async def plain(events: Iterable[Event], groups: LabelGroups) -> list[str]:
    written = io.StringIO()
    await watch(flow(events), Console(file=written, force_terminal=False, width=60), groups)
    return written.getvalue().splitlines()


def drawn(board: Board, width: int = 100) -> str:
    written = io.StringIO()
    Console(file=written, width=width, force_terminal=False).print(board)
    return written.getvalue()


async def test_elsewhere_than_on_a_terminal_each_page_is_one_line(events: list[Event], groups: LabelGroups) -> None:
    """A line has page, label, score and the steps that led there, and is not wrapped whatever the width."""
    lines = await plain(events, groups)
    assert lines[0] == "opened: 24 pages"
    assert 'page 10/24  bank_statement  0.96  ocr, cue "Ending balance on January 31", 3 neighbours' in lines
    assert "page 22/24  no label  —  ocr failed" in lines
    assert len([line for line in lines if line.startswith("page ")]) == 24


async def test_a_line_cannot_drive_the_terminal(events: list[Event], groups: LabelGroups) -> None:
    """Control characters in what a tool found do not reach the output."""
    cue = events[3].model_copy(update={"observation": {"summary": 'w2 leads, "\x1b[2J\x1b[31mred"'}})
    verdict = next(event for event in events if event.type == "page.classified")
    lines = await plain([cue, verdict], groups)
    assert lines
    assert not [line for line in lines if "\x1b" in line]


def test_the_grid_fills_in_as_pages_are_classified(events: list[Event], groups: LabelGroups) -> None:
    """A page is a dot before, a square after, and an exclamation mark where it waits for a person."""
    board = Board(groups)
    for event in events[:2]:
        board.apply(event)
    assert "0 of 24 pages" in drawn(board)
    assert "·" * 24 in drawn(board)
    for event in events:
        board.apply(event)
    shown = drawn(board)
    assert "24 of 24 pages" in shown
    assert "! 2 to review" in shown
    assert "10 documents" in shown
    assert "■■■■■■!■■■■■■■■■■■■■■!■■" in shown
    assert "Assets 5" in shown


def test_a_long_packet_keeps_its_height(long_packet: tuple[Result, list[Event]], groups: LabelGroups) -> None:
    """480 pages on a narrow terminal share cells, and the legend says how many a cell stands for."""
    board = Board(groups)
    for event in long_packet[1]:
        board.apply(event)
    shown = drawn(board, width=50)
    assert "one cell is 2 pages" in shown
    assert len(shown.splitlines()) <= GRID_ROWS + 4


def test_pages_done_before_do_not_count_in_the_pace(events: list[Event], groups: LabelGroups) -> None:
    """After a resume the rate is that of this run: pages that were finished earlier are in the bar only."""
    earlier = Board(groups, began=events[-1].at + timedelta(seconds=1))
    for event in events:
        earlier.apply(event)
    assert earlier.done == 24
    assert "page" not in earlier.pace()
    running = Board(groups, began=events[0].at)
    for event in events[: len(events) // 2]:
        running.apply(event)
    assert "left" in running.pace()


async def test_a_terminal_gets_the_grid(events: list[Event], groups: LabelGroups) -> None:
    """On a terminal the board is drawn and cleared away at the end; no page lines remain."""
    written = io.StringIO()
    await watch(flow(events), Console(file=written, force_terminal=True, width=100), groups)
    assert "of 24 pages" in written.getvalue()
    assert "page 10/24" not in written.getvalue()


async def test_an_outage_of_the_provider_is_said(events: list[Event], groups: LabelGroups) -> None:
    """When it went and when it came back, each a sentence, without what could drive the terminal."""
    sentence = "openai:m answered 503. Its pages wait and come again."
    told = [
        events[0].model_copy(update={"type": kind, "page": None, "rationale": f"\x1b[31m{sentence}"})
        for kind in ("provider.unavailable", "provider.recovered")
    ]
    lines = [line.strip() for line in await plain(told, groups)]
    assert [sentence in line and "\x1b" not in line for line in lines] == [True, True]
