"""The world fails: the provider is away, the taxonomy was changed, a lease ran out. The job waits, or says why not."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from store import trail
from store.sqlite import open_store

Command = subprocess.Popen[str]
StartPagetrail = Callable[..., Command]
DrawPacket = Callable[..., Path]

SMALL = Path(__file__).parents[1] / "small.v1.yaml"
LETTER = ["Dear Ms Rivera,", "thank you for your application of last week.", "Sincerely, Tom Baker"]


@pytest.fixture
def classify(tmp_path: Path, draw_packet: DrawPacket, start_pagetrail: StartPagetrail) -> Callable[..., Command]:
    """`classify(environment)`: the same command each time, on a packet of three letters, asking a provider's model."""
    taxonomy = shutil.copy(SMALL, tmp_path / "mine.v1.yaml")
    packet = draw_packet("letters", [[*LETTER, f"Letter {number}"] for number in range(3)])
    arguments = ("classify", packet, "--out", tmp_path / "out", "--taxonomy", taxonomy, "--model", "openai:gpt-5-mini")
    return lambda environment, **more: start_pagetrail(tmp_path / "home", *arguments, **environment, **more)


def result_in(folder: Path) -> Any:
    return json.loads((folder / "out" / "result.json").read_text(encoding="utf-8"))


async def test_a_provider_that_is_away_leaves_a_job_that_goes_on_when_it_is_back(
    tmp_path: Path, classify: Callable[..., Command], provider: Any, provider_down: dict[str, str]
) -> None:
    """Exit 30 with what to do and no answer; later the same command ends the same job, each call answered once."""
    away = classify(provider_down, PAGETRAIL_PROVIDER_PATIENCE_S="1")
    _, said = away.communicate(timeout=120)
    assert away.returncode == 30
    assert "cannot be reached" in said
    assert "the same command goes on" in said
    assert not (tmp_path / "out" / "result.json").exists()

    back = classify(provider.environment)
    _, said = back.communicate(timeout=120)

    assert back.returncode == 10, said
    result = result_in(tmp_path)
    assert [page["label"] for page in result["pages"]] == ["letter"] * 3
    assert result["usage"]["model_calls"] == len(provider.asked) == 3
    store = await open_store(tmp_path / "home")
    (job,) = await store.jobs.list()
    assert job.id == result["job_id"]
    assert trail.verify(await store.events.read(job.id)) is None
    assert all(call.response is not None for call in await store.journal.calls(job.id))
    await store.close()


async def test_a_taxonomy_that_was_changed_meanwhile_is_not_silently_used(
    tmp_path: Path, classify: Callable[..., Command], provider: Any, provider_down: dict[str, str]
) -> None:
    """The resumed job ends `failed`, code pin_missing, without an answer; the next command is a new job."""
    classify(provider_down, PAGETRAIL_PROVIDER_PATIENCE_S="1").communicate(timeout=120)
    taxonomy = tmp_path / "mine.v1.yaml"
    taxonomy.write_text(taxonomy.read_text(encoding="utf-8").replace("weight: 5", "weight: 4"), encoding="utf-8")

    resumed = classify(provider.environment)
    resumed.communicate(timeout=120)

    assert resumed.returncode == 2
    failed = result_in(tmp_path)
    assert (failed["status"], failed["error"]["code"], failed["pages"]) == ("failed", "pin_missing", [])
    assert provider.asked == []
    anew = classify(provider.environment)
    anew.communicate(timeout=120)
    assert anew.returncode == 10
    assert result_in(tmp_path)["job_id"] != failed["job_id"]


async def test_a_worker_that_slept_past_its_lease_changes_nothing_any_more(
    tmp_path: Path, classify: Callable[..., Command], provider: Any
) -> None:
    """Stopped in the middle of a call, overtaken, woken: the answer of the one that overtook it stands, for both."""
    provider.label = "contract"
    quick = {"PAGETRAIL_LEASE_S": "3", "PAGETRAIL_PAGE_SLOTS": "1"}
    asleep = threading.Event()

    def put_to_sleep() -> None:
        if not asleep.is_set():
            os.killpg(slept.pid, signal.SIGSTOP)
            provider.label = "letter"
            asleep.set()

    provider.before_verdict = put_to_sleep
    slept = classify(provider.environment, **quick)
    assert asleep.wait(timeout=120)
    overtook = classify(provider.environment, **quick)
    _, said = overtook.communicate(timeout=120)
    assert overtook.returncode == 10, said
    told = result_in(tmp_path)
    os.killpg(slept.pid, signal.SIGCONT)
    _, said = slept.communicate(timeout=120)

    assert slept.returncode == 10, said
    assert [page["label"] for page in told["pages"]] == ["letter"] * 3
    assert result_in(tmp_path)["pages"] == told["pages"]
    store = await open_store(tmp_path / "home")
    (job,) = await store.jobs.list()
    assert [verdict.ranked[0].label for verdict in await store.jobs.verdicts(job.id)] == ["letter"] * 3
    events = await store.events.read(job.id)
    assert trail.verify(events) is None
    assert sorted(event.page or 0 for event in events if event.type == "page.classified") == [1, 2, 3]
    assert not any(event.type == "job.failed" for event in events)
    await store.close()
