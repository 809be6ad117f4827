"""Whatever ends the command, the same command goes on: nothing is lost or done twice, the answer is the same."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from store import trail
from store.records import Event
from store.sqlite import SqliteStore, open_store

Command = subprocess.Popen[str]
StartPagetrail = Callable[..., Command]
WaitUntil = Callable[..., Awaitable[None]]
Json = dict[str, Any]

TAXONOMY = Path(__file__).parents[1] / "small.v1.yaml"
SLOTS = 2
"""Pages the command has in hand at the same time."""

LETTER = ["Dear Ms Rivera,", "thank you for your application of last week.", "Sincerely, Tom Baker"]
W2 = ["Wage and Tax Statement", "Employer identification number 12-3456789", "Social security wages 50,000.00"]
CONTRACT = ["AGREEMENT", "This agreement is made between the parties, hereinafter named.", "The parties agree so."]
CLAUSES = ["of the goods, and the governing law is that of Ohio.", "In witness whereof the parties agree."]
PAGES = [LETTER, W2, W2 * 4, CONTRACT, CLAUSES, CLAUSES, LETTER * 4, W2, CONTRACT, CLAUSES]
SCANNED = (3, 7)


@dataclass(frozen=True)
class Progress:
    """How far a job has come, as its store tells from outside."""

    submitted: int
    pinned: int
    classified: int
    boundaries: int
    events: int


Reached = Callable[[Progress], bool]


SEEDS = (1, 2, 3)


def kill_points(seed: int) -> list[Reached]:
    """Seven moments in the life of one job, in order: its boundaries, and four drawn among the work on the pages."""
    drawn = sorted(random.Random(seed).sample(range(3, 36), 4))
    return [
        lambda progress: progress.submitted == 1,  # before the manifest is pinned
        *(lambda progress, at=at: progress.events >= at for at in drawn),
        lambda progress: progress.classified == len(PAGES),
        lambda progress: progress.boundaries > 0,
    ]


@dataclass
class Life:
    """One job on its way, with what was seen each time its process was killed."""

    home: Path
    packet: Path
    start_pagetrail: StartPagetrail
    wait_until: WaitUntil
    deaths: list[Progress] = field(default_factory=list)

    @property
    def out(self) -> Path:
        return self.home.parent / "out"

    def start(self) -> Command:
        arguments = ("classify", self.packet, "--out", self.out, "--taxonomy", TAXONOMY)
        return self.start_pagetrail(self.home, *arguments, PAGETRAIL_PAGE_SLOTS=str(SLOTS))

    async def end_when(self, reached: Reached, how: signal.Signals) -> tuple[int, str]:
        """Start the command, send the signal to its whole group once the store has come so far; exit code, stderr."""
        command = self.start()
        store = await open_store(self.home)
        try:

            async def due() -> bool:
                return command.poll() is not None or reached(await progress_in(store))

            await self.wait_until(due, timeout_s=120)
            assert command.poll() is None, f"the command ended by itself: {command.communicate()[1]}"
            os.killpg(command.pid, how)
            _, said = await asyncio.to_thread(command.communicate, timeout=60)
            self.deaths.append(await progress_in(store))
        finally:
            await store.close()
        return command.returncode, said

    async def finish(self) -> tuple[int, Json]:
        """Run the command to its end; exit code and result.json."""
        command = self.start()
        _, said = await asyncio.to_thread(command.communicate, timeout=300)
        assert "Traceback" not in said, said
        return command.returncode, json.loads((self.out / "result.json").read_text(encoding="utf-8"))


async def progress_in(store: SqliteStore) -> Progress:
    question = """SELECT (SELECT count(*) FROM events WHERE key = 'job:submitted'),
                         (SELECT count(*) FROM events WHERE key = 'job:started'),
                         (SELECT count(*) FROM verdicts),
                         (SELECT count(*) FROM events WHERE key LIKE 'round:%:boundary:%'),
                         (SELECT count(*) FROM events)"""
    return await store.database.read(lambda connection: Progress(*connection.execute(question).fetchone()))


async def story_in(home: Path) -> tuple[list[Event], list[int]]:
    """Trail and the pages with a verdict, of the one job there must be."""
    store = await open_store(home)
    try:
        (job,) = await store.jobs.list()
        verdicts = await store.jobs.verdicts(job.id)
        return list(await store.events.read(job.id)), [verdict.page for verdict in verdicts]
    finally:
        await store.close()


def comparable(result: Json) -> Json:
    """What must not depend on interruptions: everything but the job's name and the time it took."""
    usage = {name: value for name, value in result["usage"].items() if name != "wall_s"}
    return {**result, "job_id": None, "usage": usage}


@pytest.fixture
def new_life(
    draw_pdf: Callable[..., Path], start_pagetrail: StartPagetrail, wait_until: WaitUntil
) -> Callable[..., Life]:
    """A packet with two scanned pages, in a folder and home of its own."""

    def make(folder: Path) -> Life:
        folder.mkdir()
        return Life(folder / "home", draw_pdf(folder / "packet.pdf", PAGES, SCANNED), start_pagetrail, wait_until)

    return make


async def live(life: Life, seed: int) -> tuple[int, Json]:
    """Kill the command at every point of the seed, then let it end."""
    for reached in kill_points(seed):
        code, _ = await life.end_when(reached, signal.SIGKILL)
        assert code == -signal.SIGKILL
    return await life.finish()


async def test_jobs_that_are_killed_seven_times_each_end_as_if_nothing_had_happened(
    tmp_path: Path, new_life: Callable[..., Life]
) -> None:
    """Exit code and result equal those of a run that nobody interrupts; the trail holds each step once."""
    undisturbed = new_life(tmp_path / "undisturbed")
    lives = [new_life(tmp_path / f"life-{seed}") for seed in SEEDS]
    # At the same time, because most of it is processes starting.
    ends = await asyncio.gather(undisturbed.finish(), *map(live, lives, SEEDS))

    expected = (ends[0][0], comparable(ends[0][1]))
    for life, (code, result) in zip(lives, ends[1:], strict=True):
        assert (code, comparable(result)) == expected
        assert life.deaths[0].pinned == 0, "the first kill came before the manifest was pinned"
        assert any(death.events > 2 and death.classified < len(PAGES) for death in life.deaths)
        documents = [PdfReader(life.out / document["file"]) for document in result["documents"]]
        assert sum(len(document.pages) for document in documents) == len(PAGES)
        await assert_each_page_was_judged_once(life)


async def assert_each_page_was_judged_once(life: Life) -> None:
    events, judged = await story_in(life.home)
    assert trail.verify(events) is None
    assert judged == list(range(1, len(PAGES) + 1))
    assert Counter(event.page for event in events if event.type == "page.classified") == Counter(judged)
    assert [event.tool for event in events if event.page in SCANNED].count("ocr_page") == len(SCANNED)
    once = ("job.submitted", "job.started", "review.requested")
    assert [event.type for event in events if event.type in once] == list(once)


async def test_ctrl_c_says_that_the_same_command_resumes_and_it_does(
    tmp_path: Path, new_life: Callable[..., Life]
) -> None:
    """Exit 130 with one sentence and no traceback; what was finished before is not done again."""
    life = new_life(tmp_path / "life")
    code, said = await life.end_when(lambda progress: progress.classified >= 3, signal.SIGINT)
    assert code == 130
    assert "the same command resumes" in said
    assert "Traceback" not in said
    assert life.deaths[0].classified < len(PAGES)

    _, result = await life.finish()

    assert [page["page"] for page in result["pages"]] == list(range(1, len(PAGES) + 1))
    await assert_each_page_was_judged_once(life)
