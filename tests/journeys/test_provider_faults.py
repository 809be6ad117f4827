"""A provider that fails one call in five: the same labels in the end, no call paid twice, every asked pause kept."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

from tests.conftest import SMALL_TAXONOMY, Command, DrawPacket, StartPagetrail, WaitUntil, sheets
from tests.provider.answers import Brain
from tests.provider.calls import Calls
from tests.provider.faults import Faults
from tests.provider.page_brain import PageBrain
from tests.provider.running import in_thread
from tests.provider.server import Provider

WAITS_FOR_REVIEW = 10
"""Exit code: no calibrator is shipped for this model, so nothing is accepted without a person."""
WORDS = {"w2": ["Wage and Tax Statement"], "letter": ["Dear Ms Rivera"], "contract": ["AGREEMENT", "governing law"]}


SLOTS = 2
"""Pages in hand at the same time."""


def classify(packet: Path, home: Path, brain: Brain, start_pagetrail: StartPagetrail) -> tuple[dict[str, Any], Calls]:
    """The result of the packet by `openai:NAME`, and what the provider saw."""
    with in_thread(brain) as provider:
        return finish(start(packet, home, provider, start_pagetrail), home), provider.calls


def start(packet: Path, home: Path, provider: Provider, start_pagetrail: StartPagetrail) -> Command:
    arguments = ["--out", home / "out", "--taxonomy", SMALL_TAXONOMY, "--model", "openai:gpt-5-mini"]
    slots = {"PAGETRAIL_PAGE_SLOTS": str(SLOTS)}
    return start_pagetrail(home / "home", "classify", packet, *arguments, **provider.environment, **slots)


def finish(command: Command, home: Path) -> dict[str, Any]:
    told = command.communicate(timeout=180)
    assert command.returncode == WAITS_FOR_REVIEW, told
    result: dict[str, Any] = json.loads((home / "out" / "result.json").read_text())
    return result


def test_faults_on_the_way_change_no_label(
    tmp_path: Path, draw_packet: DrawPacket, start_pagetrail: StartPagetrail
) -> None:
    """One attempt in five fails, by status, reset or cut; the provider's own log is the truth about calls."""
    packet = draw_packet(pages=sheets(6))

    quiet, wanted = classify(packet, tmp_path / "quiet", PageBrain(WORDS), start_pagetrail)
    stormy, seen = classify(packet, tmp_path / "stormy", Faults(PageBrain(WORDS), seed=7, share=0.2), start_pagetrail)

    labels = [(page["page"], page["label"], page["starts_document"]) for page in quiet["pages"]]
    assert {label for _, label, _ in labels} == {"w2", "letter", "contract"}
    assert [(page["page"], page["label"], page["starts_document"]) for page in stormy["pages"]] == labels
    assert len(seen) > len(wanted), "no fault was met: this shows nothing"
    assert len(seen) <= 1.35 * len(wanted)
    assert seen.retry_after_violations() == []
    assert seen.duplicates() == {}
    assert stormy["usage"]["model_calls"] == quiet["usage"]["model_calls"] == len(wanted)


async def test_a_killed_command_pays_no_finished_call_again(
    tmp_path: Path, draw_packet: DrawPacket, start_pagetrail: StartPagetrail, wait_until: WaitUntil
) -> None:
    """`kill -9` three times: by the provider's log, at most the calls in hand at a kill were answered twice."""
    packet = draw_packet(pages=sheets(6))
    kills = (5, 12, 19)

    with in_thread(PageBrain(WORDS), delay_s=0.02) as provider:
        for answered in kills:
            command = start(packet, tmp_path, provider, start_pagetrail)
            await wait_until(lambda due=answered: len(provider.calls.answered) >= due, timeout_s=120)
            os.killpg(command.pid, signal.SIGKILL)
            command.communicate()
        result = finish(start(packet, tmp_path, provider, start_pagetrail), tmp_path)
        twice = provider.calls.duplicates()

    assert [page["page"] for page in result["pages"]] == list(range(1, 25))
    assert {page["label"] for page in result["pages"]} == {"w2", "letter", "contract"}
    assert len(twice) <= SLOTS * len(kills)
    assert all(len(calls) <= 1 + len(kills) for calls in twice.values())
