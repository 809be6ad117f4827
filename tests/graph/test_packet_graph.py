"""A packet goes in; every page ends in exactly one document, with a reason; what is doubtful waits for a person."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from graph.runtime import Runtime
from store import trail
from store.records import Example, JobOptions, ReviewDecision, now

OpenRuntime = Callable[..., AbstractAsyncContextManager[Runtime]]
DrawPacket = Callable[..., Path]


async def test_a_packet_becomes_documents(
    new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """Three documents are found, their pages complete and in order."""
    async with new_runtime() as runtime:
        job = await runtime.submit(draw_packet(), options)
        result = await runtime.work(job.id)

    assert [(d.label, d.pages) for d in result.documents] == [("letter", (1,)), ("w2", (2,)), ("contract", (3, 4))]
    assert [page.starts_document for page in result.pages] == [True, True, True, False]
    assert all(page.rationale for page in result.pages)
    assert result.pages[1].evidence[0].boxes, "the evidence is shown where it stands"


async def test_without_a_calibrator_no_confidence_is_claimed(
    new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """Nothing was fitted for this taxonomy: confidence is null, and a person looks at every page."""
    async with new_runtime() as runtime:
        job = await runtime.submit(draw_packet(), options)
        result = await runtime.work(job.id)

    assert result.status == "needs_review"
    assert {page.confidence for page in result.pages} == {None}
    assert all("not_calibrated" in page.review_reasons for page in result.pages)


async def test_the_trail_tells_every_step_and_verifies(
    new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """Each page was read, held against the rules and classified; the chain of hashes is whole."""
    async with new_runtime() as runtime:
        job = await runtime.submit(draw_packet(), options)
        await runtime.work(job.id)
        events = await runtime.store.events.read(job.id)

    assert trail.verify(events) is None
    of_page_2 = [(event.type, event.tool) for event in events if event.page == 2][:3]
    assert of_page_2 == [
        ("page.tool_called", "read_page"),
        ("page.tool_called", "apply_taxonomy_rules"),
        ("page.classified", None),
    ]
    assert {event.type for event in events} >= {
        "job.submitted",
        "job.started",
        "boundary.decided",
        "document.assembled",
        "rule.evaluated",
        "review.requested",
    }


async def test_rules_are_three_valued_findings(
    new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """Each rule that applies gives one finding with its pages."""
    async with new_runtime() as runtime:
        job = await runtime.submit(draw_packet(), options)
        result = await runtime.work(job.id)
    assert {(finding.rule, finding.status, finding.pages) for finding in result.findings} == {
        ("short_w2", "pass", (2,)),
        ("has_w2", "pass", ()),
    }


async def test_a_reviewers_answers_end_the_job(
    new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """Answers are pinned: the packet is assembled again around them, in another process, and the job completes."""
    async with new_runtime() as runtime:
        job = await runtime.submit(draw_packet(), options)
        await runtime.work(job.id)
        for page, label in enumerate(["letter", "w2", "letter", "contract"], start=1):
            answer = ReviewDecision(job_id=job.id, page=page, reviewer="ann", reason="seen", decided_at=now())
            await runtime.store.reviews.decide(answer.model_copy(update={"label": label}))
            if page > 1:
                await runtime.store.reviews.decide(answer.model_copy(update={"starts_document": True}))

    async with new_runtime() as runtime:
        result = await runtime.work(job.id)
        events = await runtime.store.events.read(job.id)

    assert result.status == "completed"
    assert [(d.label, d.pages) for d in result.documents] == [
        ("letter", (1,)),
        ("w2", (2,)),
        ("letter", (3,)),
        ("contract", (4,)),
    ]
    assert trail.verify(events) is None
    assert [event.actor for event in events if event.type == "review.decided"] == ["reviewer:ann"] * 7


async def test_a_blank_page_goes_with_the_document_before_it(
    new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """A blank last page neither decides the label nor becomes a document of its own."""
    pages = [["Wage and Tax Statement", "Employer identification number 12-3456789"], []]
    async with new_runtime() as runtime:
        job = await runtime.submit(draw_packet("blank", pages), options)
        result = await runtime.work(job.id)
    assert [(d.label, d.pages) for d in result.documents] == [("w2", (1, 2))]


async def test_a_waiting_job_is_taken_up_again_only_as_it_was_pinned(
    new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """The same packet gives the job that waits; with an example more it is a new job with a new answer."""
    async with new_runtime() as runtime:
        first = await runtime.submit(draw_packet(), options)
        await runtime.work(first.id)
        again = await runtime.submit(draw_packet(), options)
        example = Example(id="ex-1", label="w2", text="Wage and Tax Statement", starts_document=True)
        await runtime.store.examples.add([example])
        other = await runtime.submit(draw_packet(), options)
    assert again.id == first.id
    assert other.id != first.id


async def test_answers_that_cannot_all_be_true_go_back_to_a_person(
    new_runtime: OpenRuntime, draw_packet: DrawPacket, options: JobOptions
) -> None:
    """Two labels in a row, yet no new document: neither answer is dropped silently, and nothing is published."""
    async with new_runtime() as runtime:
        job = await runtime.submit(draw_packet(), options)
        await runtime.work(job.id)
        answer = ReviewDecision(job_id=job.id, page=1, reviewer="ann", reason="seen", decided_at=now())
        await runtime.store.reviews.decide(answer.model_copy(update={"label": "letter"}))
        await runtime.store.reviews.decide(answer.model_copy(update={"page": 2, "label": "w2"}))
        await runtime.store.reviews.decide(answer.model_copy(update={"page": 2, "starts_document": False}))
        result = await runtime.work(job.id)
    assert result.status == "needs_review"
    assert [page.page for page in result.pages if "answers_contradict" in page.review_reasons] in ([1], [2])
