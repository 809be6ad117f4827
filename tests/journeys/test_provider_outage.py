"""The provider goes away in the middle of a packet: the command waits, says so, and goes on as if nothing had been."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.conftest import SMALL_TAXONOMY, Command, DrawPacket, StartPagetrail, WaitUntil, sheets
from tests.provider.page_brain import PageBrain
from tests.provider.running import in_thread
from tests.provider.server import Provider

REVIEW, UNAVAILABLE = 10, 30
"""Exit codes: no calibrator is shipped for this model, so nothing is accepted without a person."""
WORDS = {"w2": ["Wage and Tax Statement"], "letter": ["Dear Ms Rivera"], "contract": ["AGREEMENT", "governing law"]}
LABELS = ["letter", "w2", "contract", "contract"]


def start(packet: Path, home: Path, provider: Provider, start_pagetrail: StartPagetrail, **settings: str) -> Command:
    arguments = ["--out", home / "out", "--taxonomy", SMALL_TAXONOMY, "--model", "openai:gpt-5-mini"]
    settings["PAGETRAIL_PAGE_SLOTS"] = "2"  # else every page has been asked about before the outage comes
    return start_pagetrail(home / "home", "classify", packet, *arguments, **provider.environment, **settings)


def finish(command: Command, code: int) -> str:
    """What it said on stderr."""
    _, said = command.communicate(timeout=180)
    assert command.returncode == code, said
    return said


def labels(home: Path) -> list[str | None]:
    result: dict[str, Any] = json.loads((home / "out" / "result.json").read_text())
    return [page["label"] for page in result["pages"]]


def trail(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (home / "out" / "audit.jsonl").read_text().splitlines()]


async def test_an_outage_is_waited_for(
    tmp_path: Path, draw_packet: DrawPacket, start_pagetrail: StartPagetrail, wait_until: WaitUntil
) -> None:
    """It lasts until the circuit has opened; then the same process finishes: nothing lost, nothing paid twice."""
    with in_thread(PageBrain(WORDS), delay_s=0.02) as provider:
        command = start(draw_packet(pages=sheets(6)), tmp_path, provider, start_pagetrail)
        await wait_until(lambda: len(provider.calls.answered) >= 8, timeout_s=120)
        provider.outage()
        await wait_until(lambda: provider.calls.whats().get("503", 0) >= 15, timeout_s=120)
        provider.outage(0)
        said = finish(command, REVIEW)
        calls = provider.calls

    assert labels(tmp_path) == LABELS * 6
    assert calls.duplicates() == {}
    assert len(calls.answered) == 24
    told = [event for event in trail(tmp_path) if event["type"].startswith("provider.")]
    assert [event["type"] for event in told] == ["provider.unavailable", "provider.recovered"]
    for event in told:
        assert event["rationale"] in said
    assert "answered 503" in told[0]["rationale"]


async def test_an_outage_longer_than_the_patience_ends_the_command(
    tmp_path: Path, draw_packet: DrawPacket, start_pagetrail: StartPagetrail, wait_until: WaitUntil
) -> None:
    """Exit code 30, and the same command goes on where it stood once the provider is back."""
    packet = draw_packet(pages=sheets(3))
    with in_thread(PageBrain(WORDS), delay_s=0.02) as provider:
        command = start(packet, tmp_path, provider, start_pagetrail, PAGETRAIL_PROVIDER_PATIENCE_S="1")
        await wait_until(lambda: len(provider.calls.answered) >= 5, timeout_s=120)
        provider.outage()
        said = finish(command, UNAVAILABLE)
        assert "the same command goes on" in said

        provider.outage(0)
        finish(start(packet, tmp_path, provider, start_pagetrail), REVIEW)
        assert provider.calls.duplicates() == {}
    assert labels(tmp_path) == LABELS * 3
