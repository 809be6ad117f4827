"""`python -m tests.provider.storms [--pages 1000] [--budgets 50] [--kills 50]`: faults, caps, a command that is killed.

First a packet by a provider that answers all calls, and the same packet where one call in five fails. Then a packet
whose command is killed with `kill -9` again and again, against one that nobody disturbs. The truth about calls is what
the provider saw. One JSON object out; the README has the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.routes import route
from graph.runtime import open_runtime
from store.records import Budget, JobOptions, Result
from tests.provider.answers import Brain
from tests.provider.calls import Calls
from tests.provider.faults import MIX, Faults
from tests.provider.packet import TAXONOMY, WORDS, draw
from tests.provider.page_brain import PageBrain
from tests.provider.running import as_process, in_thread, unset

ROOT = Path(__file__).parents[2]
MODEL = "openai:gpt-5-mini"
SLOTS = 16
TIMINGS = ("wall_s", "lost_calls")
"""What an interruption may change in a usage: how long it took, and how many calls were lost on the way."""


async def faults(pages: int, share: float, folder: Path) -> dict[str, Any]:
    """The same packet with and without faults on the way."""
    packet = draw(folder / "packet.pdf", pages)
    quiet, wanted = await _classify(PageBrain(WORDS), packet, folder / "quiet")
    began = time.monotonic()
    stormy, seen = await _classify(Faults(PageBrain(WORDS), seed=7, share=share, mix=MIX), packet, folder / "stormy")
    return {
        "pages": pages,
        "faults": sum(call.outcome == "fault" for call in seen),
        "pages_with_a_verdict_or_a_reason": sum(p.label is not None or p.needs_review for p in stormy.pages),
        "labels_as_without_faults": sum(a.label == b.label for a, b in zip(quiet.pages, stormy.pages, strict=True)),
        "calls_without_faults": len(wanted),
        "calls": len(seen),
        "ratio": round(len(seen) / len(wanted), 3),
        "asked_pauses_broken": len(seen.retry_after_violations()),
        "answered_twice": len(seen.duplicates()),
        "seconds": round(time.monotonic() - began, 1),
    }


async def _classify(brain: Brain, packet: Path, home: Path) -> tuple[Result, Calls]:
    with in_thread(brain) as provider:
        os.environ.update(provider.environment)
        async with open_runtime(home, slots=SLOTS, routes=lambda name: route(name, timeout_s=3.0)) as runtime:
            job = await runtime.submit(packet, JobOptions(taxonomy=str(TAXONOMY), model=MODEL))
            return await runtime.work(job.id), provider.calls


async def budgets(times: int, folder: Path) -> dict[str, Any]:
    """`times` jobs, each with a cap of tokens drawn by chance, several pages in hand: how far each goes over it."""
    chance, hit, over, calls_over = random.Random(5), 0, 0, 0
    packet = draw(folder / "packet.pdf", 12)
    with in_thread(PageBrain(WORDS), delay_s=0.05) as provider:
        os.environ.update(provider.environment)
        async with open_runtime(folder / "home", slots=SLOTS, routes=route, reuse=False) as runtime:
            for _ in range(times):
                before, cap = len(provider.calls), chance.randint(2000, 15_000)
                options = JobOptions(taxonomy=str(TAXONOMY), model=MODEL)
                job = await runtime.submit(packet, options, tenant=f"tenant-{before}", budget=Budget(tokens=cap))
                result = await runtime.work(job.id)
                spent = [call.prompt_tokens + call.completion_tokens for call in provider.calls][before:]
                hit += result.partial is not None
                over = max(over, sum(spent) - cap)
                calls_over = max(calls_over, sum(sum(spent[:at]) >= cap for at in range(len(spent))))
    return {"jobs": times, "caps_hit": hit, "most_tokens_over": max(0, over), "most_calls_begun_over": calls_over}


def kills(pages: int, times: int, folder: Path) -> dict[str, Any]:
    """The command is killed `times` times at moments drawn by chance; the last one is let to end."""
    packet = draw(folder / "packet.pdf", pages)
    words = folder / "words.json"
    words.write_text(json.dumps(WORDS))
    began = time.monotonic()
    with as_process("--words", str(words), "--delay-ms", "50") as provider:
        calm = _finish(_start(packet, folder / "calm", provider.environment), folder / "calm")
        provider.reset()
        home = folder / "killed"
        chance, survived = random.Random(11), 0
        for kill in range(times):
            command = _start(packet, home, provider.environment)
            due = provider.counts()["answered"] + chance.randint(0, 2 * max(1, pages // times - 1))
            while command.poll() is None and provider.counts()["answered"] < due:
                time.sleep(0.02)  # another process: nothing here to wait on
            if command.poll() is None:
                os.killpg(command.pid, signal.SIGKILL)
                command.wait()
            else:
                survived += 1
            sys.stderr.write(f"\rkill {kill + 1} of {times}")
        killed = _finish(_start(packet, home, provider.environment), home)
        calls = provider.calls
    twice = calls.duplicate_turns()
    return {
        "pages": pages,
        "kills": times,
        "ended_before_the_kill": survived,
        "pages_lost": pages - len(killed["pages"]),
        "calls_allowed_in_flight_at_a_kill": SLOTS,
        "answers_paid_again": sum(len(same) - 1 for same in twice.values()),
        "lost_calls_reported": killed["usage"]["lost_calls"],
        "result_as_undisturbed": _bytes(killed) == _bytes(calm),
        "seconds": round(time.monotonic() - began, 1),
    }


def _start(packet: Path, home: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    home.mkdir(exist_ok=True)
    asked = ["--out", home / "out", "--taxonomy", TAXONOMY, "--model", MODEL]
    return subprocess.Popen(
        [sys.executable, str(ROOT / "pagetrail.py"), "classify", str(packet), *map(str, asked)],
        env={**unset(), **environment, "PAGETRAIL_HOME": str(home / "home"), "PAGETRAIL_PAGE_SLOTS": str(SLOTS)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _finish(command: subprocess.Popen[bytes], home: Path) -> dict[str, Any]:
    command.wait()
    result: dict[str, Any] = json.loads((home / "out" / "result.json").read_text())
    return result


def _bytes(result: Mapping[str, Any]) -> bytes:
    """A result without the job's name, its timings and its lost calls."""
    bare = json.loads(json.dumps(result))
    bare["job_id"] = None
    for usage in (bare["usage"], *(share["usage"] for share in bare["tiers"])):
        for timing in TIMINGS:
            usage[timing] = None
    return json.dumps(bare, sort_keys=True).encode()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.provider.storms", description=__doc__)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--share", type=float, default=0.2)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--kill-pages", type=int, default=200)
    parser.add_argument("--budgets", type=int, default=50)
    options = parser.parse_args()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        if options.pages:
            found["faults"] = asyncio.run(faults(options.pages, options.share, Path(folder)))
        if options.budgets:
            found["budgets"] = asyncio.run(budgets(options.budgets, Path(folder)))
        if options.kills:
            found["kills"] = kills(options.kill_pages, options.kills, Path(folder))
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
