"""Live progress of a job, drawn from its events: a grid that fills in on a terminal, one line a page elsewhere."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.text import Text

from store.records import Event, Json, now
from views.groups import LabelGroups
from views.wording import count, plain, score, seconds, shorten, visible

GRID_ROWS = 8
"""Rows the page grid may take; in longer packets one cell stands for several pages."""


async def watch(events: AsyncIterator[Event], console: Console, groups: LabelGroups, pages: int | None = None) -> None:
    """Show a job's progress until its events end.

    `pages` is the packet's page count where it is known already; otherwise the event that opens the packet tells it.
    """
    board = Board(groups, pages)
    if not console.is_terminal:
        async for event in events:
            line = board.apply(event)
            if line:
                console.print(Text(line), soft_wrap=True, highlight=False)
        return
    with Live(board, console=console, refresh_per_second=8, transient=True):
        async for event in events:
            board.apply(event)


@dataclass
class PageState:
    """What is known of one page so far."""

    label: str | None = None
    score: float | None = None
    done: bool = False
    doubtful: bool = False
    steps: list[str] = field(default_factory=list)


@dataclass
class Board:
    """The state of a job as its events tell it; renders itself."""

    groups: LabelGroups
    pages: int | None = None
    began: datetime = field(default_factory=now)
    by_page: dict[int, PageState] = field(default_factory=lambda: defaultdict(PageState))
    current: str = "waiting for the packet to be opened"
    documents: int = 0
    earlier: int = 0
    """Pages that were done before this watch began; they count in the bar but not in the rate."""

    def apply(self, event: Event) -> str | None:
        """Take one event in; return the line it is worth where lines are printed."""
        data = event.data or {}
        page = self.by_page[event.page] if event.page else None
        match event.type:
            case "job.started":
                self.pages = _page_count(data) or self.pages
                self.current = "the packet is open"
                return f"opened: {count(self.pages, 'page')}" if self.pages else "opened"
            case "page.tool_called" if page is not None:
                if event.tool != "submit_verdict":
                    page.steps.append(step_words(event))
                why = f" — {event.rationale}" if event.rationale else ""
                self.current = f"page {event.page}: {plain(event.tool or 'tool')}{why}"
            case "page.classified" if page is not None:
                return self._classified(event, page, data)
            case "boundary.decided":
                self.current = f"page {event.page or data.get('page', '?')}: boundary decided"
            case "document.assembled":
                self.documents += 1
                self.current = f"document {data.get('index', self.documents - 1)} is put together"
            case "review.requested":
                for number in [event.page] if event.page else data.get("pages", []):
                    self.by_page[number].doubtful = True
                self.current = "some of it waits for a person"
            case "provider.unavailable" | "provider.recovered":
                self.current = visible(event.rationale or plain(event.type))
                return self.current
            case "job.failed" | "job.rejected" | "job.cancelled":
                self.current = plain(event.type)
                return self.current
            case _:
                self.current = plain(event.type) + (f", page {event.page}" if event.page else "")
                if event.type.endswith(".failed"):
                    return self.current
        return None

    def _classified(self, event: Event, page: PageState, data: Json) -> str:
        label, value = data.get("label"), data.get("score")
        page.done = True
        page.label = label if isinstance(label, str) else None
        page.score = float(value) if isinstance(value, int | float) else None
        page.doubtful = bool(data.get("review_reasons"))
        self.earlier += event.at < self.began
        of = f"/{self.pages}" if self.pages else ""
        words = [f"page {event.page}{of}", page.label or "no label", score(page.score)]
        reasons = ", ".join(_merged(page.steps)) or shorten(event.rationale or "", 80)
        return visible("  ".join([*words, reasons] if reasons else words))

    # ── drawing ──────────────────────────────────────────────────────────────────────────────────

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, 110)
        yield Group(self._headline(), self._grid(width - 2), self._legend(width - 2), self._footer(width - 2))

    @property
    def done(self) -> int:
        return sum(page.done for page in self.by_page.values())

    def _headline(self) -> Text:
        line = Text.assemble((f"{self.done}", "bold"), (f" of {self.pages or '?'} pages", ""))
        doubtful = sum(page.doubtful for page in self.by_page.values())
        if doubtful:
            line.append(f"   ! {doubtful} to review", style="bold yellow")
        if self.documents:
            line.append(f"   {count(self.documents, 'document')}", style="bold")
        line.append(f"   {self.pace()}", style="dim")
        return line

    def pace(self) -> str:
        """Elapsed time, pages a second and the time left, judged by what was done since the watch began."""
        spent = (now() - self.began).total_seconds()
        fresh = self.done - self.earlier
        if not fresh or spent <= 0:
            return seconds(spent)
        rate = fresh / spent
        pace = f"{rate:.1f} pages/s" if rate >= 1 else f"{1 / rate:.1f} s/page"
        left = (self.pages or self.done) - self.done
        return f"{seconds(spent)}   {pace}" + (f"   about {seconds(left / rate)} left" if left else "")

    def _grid(self, width: int) -> Text:
        """Each cell a page, or several where the packet is long. Colour is never alone: doubt is a `!`."""
        total = self.pages or max(self.by_page, default=0)
        if not total:
            return Text("")
        per_cell = math.ceil(total / (width * GRID_ROWS)) if total > width * GRID_ROWS else 1
        grid = Text()
        for cell, first in enumerate(range(1, total + 1, per_cell)):
            if cell and cell % width == 0:
                grid.append("\n")
            members = [
                self.by_page[page] for page in range(first, min(first + per_cell, total + 1)) if page in self.by_page
            ]
            grid.append_text(self._cell(members, min(per_cell, total + 1 - first)))
        if per_cell > 1:
            grid.append(f"\none cell is {per_cell} pages", style="dim")
        return grid

    def _cell(self, members: list[PageState], size: int) -> Text:
        done = [page for page in members if page.done]
        if not done:
            return Text("▒" if any(page.steps for page in members) else "·", style="dim")
        label = Counter(page.label for page in done).most_common(1)[0][0]
        colour = self.groups.colour(label).terminal
        if any(page.doubtful for page in done):
            return Text("!", style=f"bold black on {'yellow' if len(done) == size else 'dark_goldenrod'}")
        return Text("■" if len(done) == size else "◧", style=colour)

    def _legend(self, width: int) -> Text:
        """The groups seen so far, the most frequent first."""
        seen = Counter(self.groups.group(page.label) for page in self.by_page.values() if page.label)
        styles = {
            self.groups.group(page.label): self.groups.colour(page.label).terminal for page in self.by_page.values()
        }
        legend = Text()
        for group, number in seen.most_common():
            name = self.groups.group_names.get(group or "", group or "other")
            item = Text.assemble(("■ ", styles[group]), (f"{name} {number}   ", ""))
            if len(legend) + len(item) > width:
                break
            legend.append_text(item)
        return legend

    def _footer(self, width: int) -> Text:
        return Text("› " + shorten(visible(self.current), width - 2), style="dim")


# ── steps in few words ───────────────────────────────────────────────────────────────────────────

_WORDS = {
    "read_page": "text layer",
    "ocr_page": "ocr",
    "retrieve_similar": "neighbours",
    "apply_taxonomy_rules": "cue",
    "escalate_to_review": "asks a person",
}
_NUMBER = re.compile(r"\b(\d+)\b")
_QUOTED = re.compile(r'"([^"]+)"')


def step_words(event: Event) -> str:
    """One tool call in a word or two: `ocr`, `3 neighbours`, `cue "ending balance"`; a failure says so."""
    tool = event.tool or "tool"
    words = _WORDS.get(tool, plain(tool))
    observation = event.observation or {}
    summary = str(observation.get("summary", ""))
    if observation.get("failed"):
        return f"{words} failed"
    if words == "neighbours":
        number = _NUMBER.search(summary)
        return f"{number[1]} {'neighbour' if number[1] == '1' else words}" if number else words
    if words == "cue":
        quote = _QUOTED.search(summary)
        return f'cue "{shorten(quote[1], 40)}"' if quote else "no cue"
    return words


def _merged(steps: list[str]) -> list[str]:
    """Repeated steps once: `ocr ×2`."""
    return [step if number == 1 else f"{step} ×{number}" for step, number in Counter(steps).items()]


def _page_count(data: Json) -> int | None:
    for name in ("page_count", "pages"):
        value = data.get(name)
        if isinstance(value, int):
            return value
    return None
