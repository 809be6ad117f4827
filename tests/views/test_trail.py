"""The trail in words."""

from __future__ import annotations

import io

from rich.console import Console

from store.records import Event, Result, Usage
from views.trail import Step, of_pages, show, spent, story


def of_page(events: list[Event], page: int) -> list[Step]:
    return story(of_pages(events, [page]))


def test_a_step_tells_what_with_what_why_and_what_came_back(events: list[Event]) -> None:
    """A tool call names the tool in words and by name, its arguments, its reason, its answer and its duration."""
    ocr = of_page(events, 7)[0]
    assert ocr.title == "Read the page by OCR (ocr_page)"
    assert ocr.arguments == (("dpi", "200"),)
    assert ocr.why == "The text layer holds 4 words, too few to judge the page by."
    assert ocr.came_back == "312 words, mean confidence 0.91"
    assert ocr.cost == "2.0 s"
    assert ocr.who == "agent"


def test_failures_and_retries_show(events: list[Event]) -> None:
    """A failed step is marked as such and says which attempt it was; what follows is still told."""
    failed, verdict, *_ = of_page(events, 22)
    assert failed.tone == "failure"
    assert failed.title.endswith("attempt 2")
    assert verdict.title.startswith("Could give no label")


def test_an_unknown_price_is_said(events: list[Event]) -> None:
    """A model call tells model, prompt, tokens and price; a price nobody knows is not zero."""
    verdict = next(step for step in of_page(events, 7) if step.title.startswith("Said: pay stub (0.71)"))
    assert "gpt-5-mini" in verdict.cost
    assert "prompt sha256:3f3f" in verdict.cost
    assert "1,300 tokens in, 100 out" in verdict.cost
    assert "price unknown" in verdict.cost
    assert spent("local", None, Usage(), 12) == "local · 12 ms"


def test_a_page_shows_what_was_decided_of_it_elsewhere(events: list[Event]) -> None:
    """Boundary, rules and the question to a person belong to a page's story though the packet's nodes wrote them."""
    titles = [step.title for step in of_page(events, 7)]
    assert "Page 7 begins a document (0.98)" in titles
    assert "Rule two-pay-stubs does not hold" in titles
    assert titles[-1].startswith("A person is asked: the label is not certain enough")


def test_a_document_shows_how_it_was_put_together(events: list[Event], result: Result) -> None:
    """The story of a document holds its pages' steps and its assembly, and no other document's."""
    document = result.documents[5]
    titles = [step.title for step in story(of_pages(events, document.pages, document.index))]
    assert "Document 5: bank statement, pages 10-14 (0.96)" in titles
    assert not [title for title in titles if title.startswith("Document") and "Document 5" not in title]


def test_an_unknown_type_is_told_all_the_same(events: list[Event]) -> None:
    """An event of a type that is not known here shows its type, and all it carries."""
    (step,) = story([events[0].model_copy(update={"type": "page.turned_over", "data": {"by_degrees": 90}})])
    assert step.title == "Page turned over"
    assert step.facts == (("by degrees", "90"),)


def test_words_of_a_packet_do_not_drive_the_terminal(events: list[Event]) -> None:
    """Escape sequences and markup in a rationale are printed as words."""
    hostile = events[2].model_copy(update={"rationale": "\x1b[2J\x1b]0;owned\x07[bold red]x[/]", "tool": "\x1b[31m"})
    written = io.StringIO()
    show(story([hostile]), Console(file=written, force_terminal=False, width=200), "heading")
    assert "\x1b" not in written.getvalue()
    assert "\x07" not in written.getvalue()
    assert "[bold red]x[/]" in written.getvalue()


def test_a_bug_shows_its_traceback(events: list[Event]) -> None:
    """The traceback of a failed job stands in the trail line by line."""
    data = {"code": "bug", "message": "KeyError('x')", "traceback": "Traceback:\n  line one\n  line two"}
    (step,) = story([events[0].model_copy(update={"type": "job.failed", "data": data})])
    assert step.tone == "failure"
    assert step.traceback == data["traceback"]
    assert step.title == "The job failed: KeyError('x')"
