"""10. Labelled pages teach without training: add one, and the next page like it finds it; delete it, it is gone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from graph.runtime import Runtime
from store.ports import Store
from store.records import Example, JobOptions, PageVerdict
from tools.retrieval import ExampleIndex, LocalEmbedder

OpenRuntime = Callable[..., AbstractAsyncContextManager[Runtime]]
DrawPacket = Callable[..., Path]

MENU = "Menu of the day: roasted pumpkin soup, baked trout with almonds, apple strudel"
LABELLED = Example(id="menu-1", label="letter", text=MENU, starts_document=True, source="ann's desk")


async def test_an_example_is_found_and_forgotten(store: Store, tmp_path: Path) -> None:
    """The log of examples is the truth; the index follows it."""
    await store.examples.add([LABELLED])
    index = await ExampleIndex.open(store.examples, ["default"], tmp_path / "index", LocalEmbedder())
    (found,) = index.search("roasted soup and baked trout", None, 5)
    assert (found.label, found.source) == ("letter", "ann's desk")
    await index.close()

    await store.examples.delete(["menu-1"])

    index = await ExampleIndex.open(store.examples, ["default"], tmp_path / "index", LocalEmbedder())
    assert index.search("roasted soup and baked trout", None, 5) == []
    await index.close()


async def test_an_example_changes_what_the_next_packet_is_called(
    new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """No cue of the taxonomy knows a menu; after some pages were labelled, the policy asks them, and follows."""
    monday = draw_packet("monday", [[MENU, "Served from noon to two, coffee is included"]])
    tuesday = draw_packet("tuesday", [[MENU, "Served from noon to three, tea is included"]])
    others = [
        Example(id="w2-1", label="w2", text="wage and tax statement of the employer", starts_document=True),
        Example(id="contract-1", label="contract", text="this agreement between the parties", starts_document=True),
    ]
    async with new_runtime() as runtime:
        before = await judge(monday, runtime, options)
        await runtime.store.examples.add([LABELLED, *others])
        after = await judge(tuesday, runtime, options)
    assert before.ranked == ()
    assert before.review_reasons == ("escalated_nothing_recognised",)
    assert after.ranked[0].label == "letter"
    assert "similar examples" in after.rationale


async def judge(packet: Path, runtime: Runtime, options: JobOptions) -> PageVerdict:
    """The verdict on a packet's only page."""
    job = await runtime.submit(packet, options)
    await runtime.work(job.id)
    (verdict,) = await runtime.store.jobs.verdicts(job.id)
    return verdict
