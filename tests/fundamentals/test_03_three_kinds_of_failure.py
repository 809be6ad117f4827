"""3. The error ladder: what the model should know, what is the document's fault, what is the world's; else a bug.

A failure never looks like an answer: none of these gives a label.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from store.errors import Unavailable
from tools.contract import Observation, PageContext, ToolArguments
from tools.errors import DocumentRejected, ToolFailure
from tools.pdf import PdfDocument
from tools.toolbox import Toolbox

OpenPage = Callable[..., Awaitable[PageContext]]


class Failing:
    """A tool that fails as it was told to."""

    name = "fail"
    description = "Fails."
    arguments = ToolArguments

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def __call__(self, arguments: ToolArguments, page: PageContext) -> Observation:
        raise self._error


async def test_what_the_model_should_know_becomes_an_observation(open_page: OpenPage) -> None:
    """A ToolFailure says what went wrong; the turn goes on."""
    toolbox = Toolbox([Failing(ToolFailure("unreadable", "page 1 has no area to draw on"))])
    seen = (await toolbox.call("fail", {"rationale": "try it"}, await open_page(["words"]))).observation
    assert seen.failed
    assert seen.content == {"error": "unreadable", "message": "page 1 has no area to draw on"}


async def test_a_call_without_a_reason_is_refused(open_page: OpenPage) -> None:
    """Wrong arguments are for the model to know as well: it hears which, and may call again."""
    toolbox = Toolbox([Failing(AssertionError("is never called"))])
    seen = (await toolbox.call("fail", {}, await open_page(["words"]))).observation
    assert seen.content["error"] == "invalid"
    assert "rationale" in seen.content["message"]


async def test_a_bad_document_is_rejected_with_advice(tmp_path: Path) -> None:
    """The job will end `rejected` with this code, and is never tried again."""
    (tmp_path / "letter.pdf").write_bytes(b"Dear Sir, this is no PDF. " * 100)
    with pytest.raises(DocumentRejected) as caught:
        await PdfDocument.open(tmp_path / "letter.pdf")
    assert caught.value.code == "not_a_pdf"
    assert caught.value.advice


@pytest.mark.parametrize("error", [Unavailable("the disk is full"), ZeroDivisionError("a bug")])
async def test_the_world_and_bugs_fly_past_the_model(open_page: OpenPage, error: Exception) -> None:
    """Neither is for the model to reason about: the first releases the task for later, the second fails the job."""
    with pytest.raises(type(error)):
        await Toolbox([Failing(error)]).call("fail", {"rationale": "try it"}, await open_page(["words"]))
