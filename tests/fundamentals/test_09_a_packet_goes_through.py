"""9. All of it: a packet goes in, documents come out, what is doubtful waits for a person, who has the last word."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from pypdf import PdfReader

from graph.runtime import Runtime
from store.records import JobOptions, ReviewDecision, now

OpenRuntime = Callable[..., AbstractAsyncContextManager[Runtime]]
DrawPacket = Callable[..., Path]


async def test_a_packet_becomes_a_folder_with_the_answer(
    new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions, tmp_path: Path
) -> None:
    """`result.json` says what each page is; each document is a PDF of its own; `audit.jsonl` says why."""
    async with new_runtime() as runtime:
        job = await runtime.submit(draw_packet(), options)
        await runtime.export(await runtime.work(job.id), tmp_path / "out")

    result = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    assert [page["label"] for page in result["pages"]] == ["letter", "w2", "contract", "contract"]
    written = {d["file"]: len(PdfReader(tmp_path / "out" / d["file"]).pages) for d in result["documents"]}
    assert written == {"documents/00-letter.pdf": 1, "documents/01-w2.pdf": 1, "documents/02-contract.pdf": 2}
    assert (tmp_path / "out" / "audit.jsonl").read_text(encoding="utf-8").count("page.classified") == 4


async def test_the_same_packet_again_goes_on_with_the_same_job(
    new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """As long as a job has not ended, submitting its packet with the same options takes it up again."""
    async with new_runtime() as runtime:
        first = await runtime.submit(draw_packet(), options)
    async with new_runtime() as runtime:
        assert (await runtime.submit(draw_packet(), options)).id == first.id


async def test_what_nobody_calibrated_waits_for_a_person(
    new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """The doubts are written down one by one, each with its reasons and what the machine would have said."""
    async with new_runtime() as runtime:
        job = await runtime.submit(draw_packet("one", [["Dear Ms Rivera,", "Sincerely, Tom Baker"]]), options)
        result = await runtime.work(job.id)
        (doubt,) = await runtime.store.reviews.pending(job.id)
    assert result.status == "needs_review"
    assert (doubt.kind, doubt.page, doubt.reasons) == ("page", 1, ("not_calibrated",))
    assert doubt.proposed == {"label": "letter", "confidence": None}


async def test_the_reviewer_has_the_last_word(
    new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """An answer makes the job ready again; it is assembled around the answer, and ends."""
    async with new_runtime() as runtime:
        job = await runtime.submit(draw_packet("one", [["Dear Ms Rivera,", "Sincerely, Tom Baker"]]), options)
        await runtime.work(job.id)
        answer = ReviewDecision(
            job_id=job.id, page=1, reviewer="ann", label="contract", reason="an offer in a letter", decided_at=now()
        )
        await runtime.store.reviews.decide(answer)
        result = await runtime.work(job.id)
    assert result.status == "completed"
    assert [(document.label, document.pages) for document in result.documents] == [("contract", (1,))]
