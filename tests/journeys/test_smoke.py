"""A real model, where one is reachable at OPENAI_BASE_URL (Ollama, vLLM, llama.cpp …): opt-in, because it costs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx
import pytest

from tests.conftest import SMALL_TAXONOMY, DrawPacket, StartPagetrail, sheets
from tests.provider.page_brain import PageBrain
from tests.provider.running import in_thread

WAITS_FOR_REVIEW = 10
PATIENCE_S = 900


def model_at(base_url: str | None) -> str:
    """The model to drive: PAGETRAIL_SMOKE_MODEL, else the first that the address offers. Skip where there is none."""
    if not base_url:
        pytest.skip("no real model: set OPENAI_BASE_URL (and OPENAI_API_KEY) to drive one")
    try:
        answer = httpx.get(f"{base_url}/models", headers={"Authorization": f"Bearer {key()}"}, timeout=5)
        offered = [model["id"] for model in answer.raise_for_status().json()["data"]]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        pytest.skip(f"no real model: {base_url} does not list its models ({error!r})")
    if wanted := os.environ.get("PAGETRAIL_SMOKE_MODEL"):
        return wanted
    if not offered:
        pytest.skip(f"no real model: {base_url} offers none")
    return str(offered[0])


def key() -> str:
    return os.environ.get("OPENAI_API_KEY") or "any"


def drive(base_url: str, model: str, tmp_path: Path, packet: Path, start_pagetrail: StartPagetrail) -> None:
    """Four pages through the command line; whatever the model says, every page ends with a verdict or a reason."""
    asked = ["--out", tmp_path / "out", "--taxonomy", SMALL_TAXONOMY, "--model", f"openai:{model}"]
    environment = {"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": key()}
    command = start_pagetrail(tmp_path / "home", "classify", packet, *asked, **environment)
    told = command.communicate(timeout=PATIENCE_S)
    assert command.returncode == WAITS_FOR_REVIEW, told
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert len(result["pages"]) == 4
    assert all(page["label"] or page["review_reasons"] for page in result["pages"])
    assert result["usage"]["model_calls"] >= 4
    assert result["usage"]["input_tokens"] > 0


def test_a_real_model_where_there_is_one(
    tmp_path: Path, draw_packet: DrawPacket, start_pagetrail: StartPagetrail
) -> None:
    """Skipped with its reason where there is none."""
    base_url = os.environ.get("OPENAI_BASE_URL")
    model = model_at(base_url)
    assert base_url is not None
    drive(base_url, model, tmp_path, draw_packet(pages=sheets(1)), start_pagetrail)


def test_the_smoke_test_itself(tmp_path: Path, draw_packet: DrawPacket, start_pagetrail: StartPagetrail) -> None:
    """It finds the model of an address and drives it, shown on the provider of the tests."""
    with in_thread(PageBrain({})) as provider:
        drive(provider.url, model_at(provider.url), tmp_path, draw_packet(pages=sheets(1)), start_pagetrail)
        assert len(provider.calls) >= 4
