"""6. The page graph: look ─▶ think ⇄ act ─▶ verdict ─▶ store. The model proposes, code checks and owns the outcome."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from agent.scripted import ScriptedModel, says
from graph.build import page_graph
from graph.runtime import Runtime
from store.records import JobOptions

OpenRuntime = Callable[..., AbstractAsyncContextManager[Runtime]]
DrawPacket = Callable[..., Path]

LETTER = [["Dear Ms Rivera,", "thank you for your application.", "Sincerely, Tom Baker"]]
READ = says(("read_page", {"rationale": "see what it says"}))
VERDICT = says(
    (
        "submit_verdict",
        {
            "rationale": "it opens and closes as a letter",
            "labels": [{"label": "letter", "score": 0.9}],
            "start": {"score": 0.9, "why": "salutation"},
            "quotes": ["Dear Ms Rivera"],
        },
    )
)


def test_the_map_of_a_page_is_small() -> None:
    """Five nodes; thinking and acting take turns until there is a verdict."""
    drawn = page_graph().get_graph()
    assert set(drawn.nodes) == {"__start__", "look", "think", "act", "verdict", "store", "__end__"}
    edges = {(edge.source, edge.target) for edge in drawn.edges}
    assert {("think", "act"), ("act", "think"), ("act", "verdict"), ("verdict", "store")} <= edges


async def test_a_page_ends_with_a_verdict_and_its_evidence(
    new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """Two turns: read, then submit. What the model quoted was looked up on the page."""
    script = ScriptedModel(steps=[READ, VERDICT])
    async with new_runtime(script) as runtime:
        job = await runtime.submit(draw_packet("letter", LETTER), options)
        await runtime.work(job.id)
        (verdict,) = await runtime.store.jobs.verdicts(job.id)
        calls = await runtime.store.journal.calls(job.id)
    script.assert_used_up()
    assert verdict.ranked[0].label == "letter"
    assert verdict.evidence[0].quote == "Dear Ms Rivera"
    assert [(call.turn, call.attempts) for call in calls] == [(0, 1), (1, 1)]


async def test_the_graph_remembers_references_not_contents(
    new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions, tmp_path: Path
) -> None:
    """Between steps only ids, hashes and counters are kept; the words of the page lie in blobs."""
    async with new_runtime() as runtime:
        job = await runtime.submit(draw_packet("letter", LETTER), options)
        await runtime.work(job.id)
    kept = (tmp_path / "home" / "checkpoints.db").read_bytes()
    assert f"{job.id}:1".encode() in kept
    assert b"sha256:" in kept
    assert b"Rivera" not in kept
