"""`python -m tests.provider.figures [--pages 500] [--loops 100]`: what malformed replies and endless loops come to.

A packet of `--pages` pages, each with one malformed reply, every kind in turn; then one whose every page is a loop that
never ends: the same call, A-B-A-B, arguments that grow. Real pages, real HTTP, the whole path; one JSON object out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.models import openai_model
from agent.routes import Route
from graph.page.run import PageCaps
from graph.runtime import open_runtime
from store.records import JobOptions, PageVerdict, Result
from tests.provider.answers import Answer, Brain, alternating, growing, same_call
from tests.provider.asked import Asked
from tests.provider.calls import Calls
from tests.provider.faults import MALFORMED
from tests.provider.packet import KINDS, TAXONOMY, WORDS, draw
from tests.provider.page_brain import PageBrain
from tests.provider.running import in_thread

LOOPS: Sequence[Brain] = (same_call(), alternating("read_page", "apply_taxonomy_rules"), growing())
CLEAN_TURNS = 2
"""Of a page whose replies are all sound: it is read, then judged."""


def spoils_each_page_once(asked: Asked) -> Answer:
    """A malformed reply at the first turn of a page, of the kind that follows the last page's; then sound ones."""
    if asked.turns == 0:
        return list(MALFORMED.values())[_page(asked) % len(MALFORMED)]()
    return PageBrain(WORDS)(asked)


def never_ends(asked: Asked) -> Answer:
    return LOOPS[_page(asked) % len(LOOPS)](asked)


def _page(asked: Asked) -> int:
    return int(asked.headers["x-pagetrail-page"])


async def malformed(pages: int, folder: Path) -> dict[str, Any]:
    """One malformed reply a page: crashes, wrong labels, and turns that it took to repair it."""
    began = time.monotonic()
    result, verdicts, calls = await _classify(spoils_each_page_once, pages, folder)
    turns = Counter(call.page for call in calls.answered)
    repairs = [count - CLEAN_TURNS for count in turns.values()]
    wanted = [KINDS[at % len(KINDS)][0] for at in range(pages)]
    got = [verdict.ranked[0].label if verdict.ranked else None for verdict in verdicts]
    return {
        "malformed_replies": sum(call.turn == "0" for call in calls.answered),
        "kinds": len(MALFORMED),
        "status": result.status,
        "crashes": int(result.status == "failed"),
        "pages_with_a_verdict": len(verdicts),
        "labels_as_without_faults": sum(one == other for one, other in zip(got, wanted, strict=True)),
        "repair_turns_most": max(repairs),
        "repair_turns_mean": round(sum(repairs) / len(repairs), 2),
        "seconds": round(time.monotonic() - began, 1),
    }


async def loops(pages: int, folder: Path) -> dict[str, Any]:
    """Every page a loop: how many turns it was given, and whether it left a label."""
    began = time.monotonic()
    result, verdicts, calls = await _classify(never_ends, pages, folder)
    turns = Counter(call.page for call in calls.answered)
    return {
        "loops": pages,
        "status": result.status,
        "crashes": int(result.status == "failed"),
        "turns_most": max(turns.values()),
        "ended_by": dict(Counter(reason for verdict in verdicts for reason in verdict.review_reasons)),
        "labels_given": sum(bool(verdict.ranked) for verdict in verdicts),
        "seconds": round(time.monotonic() - began, 1),
    }


async def _classify(brain: Brain, pages: int, folder: Path) -> tuple[Result, list[PageVerdict], Calls]:
    folder.mkdir()
    with in_thread(brain) as provider:
        model = openai_model("gpt-5-mini", timeout_s=60, environment=provider.environment)
        # A reply of 2 MB is half a million tokens, with which a page of the default caps would end at once.
        caps = PageCaps(tokens=2_000_000)
        async with open_runtime(folder / "home", slots=4, caps=caps, routes=lambda name: Route.of(model)) as runtime:
            job = await runtime.submit(draw(folder / "packet.pdf", pages), JobOptions(taxonomy=str(TAXONOMY)))
            result = await runtime.work(job.id)
            return result, list(await runtime.store.jobs.verdicts(job.id)), provider.calls


async def _figures(pages: int, looping: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return {
            "malformed": await malformed(pages, Path(folder) / "malformed"),
            "loops": await loops(looping, Path(folder) / "loops"),
        }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.provider.figures", description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--loops", type=int, default=100)
    options = parser.parse_args()
    sys.stdout.write(json.dumps(asyncio.run(_figures(options.pages, options.loops)), indent=2) + "\n")


if __name__ == "__main__":
    main()
