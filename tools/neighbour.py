"""`read_neighbour`: the words of the page before or after, for a page that cannot be understood alone."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.contract import Observation, PageContext, ToolArguments
from tools.errors import ToolFailure

SHOWN = 2500
"""Characters of the neighbour that go to the model."""


class NeighbourArguments(ToolArguments):
    """Arguments of `read_neighbour`."""

    which: Literal["previous", "next"] = Field(description="The page before this one, or the one after it.")


class ReadNeighbour:
    """Read the text layer of a neighbour; a neighbour is a hint about boundaries, never evidence for this page."""

    name = "read_neighbour"
    description = (
        "Shows the words of the page before or after this one. Only for telling whether this page goes on with it; "
        "the label and every quote must come from this page."
    )
    arguments = NeighbourArguments

    async def __call__(self, arguments: NeighbourArguments, page: PageContext) -> Observation:
        wanted = page.page + (1 if arguments.which == "next" else -1)
        if not 1 <= wanted <= page.document.page_count:
            raise ToolFailure("invalid", f"There is no {arguments.which} page: this one stands at the edge.")
        text = await page.document.text(wanted)
        part = text.text[:SHOWN] if arguments.which == "next" else text.text[-SHOWN:]
        return Observation(
            summary=f"{len(text.words)} words of the {arguments.which} page",
            content={"which": arguments.which, "words": len(text.words), "neighbour": part},
        )
