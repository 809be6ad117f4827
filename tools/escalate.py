"""`escalate_to_review`: ask a person. A decision, not an error: the page still gets a verdict, and waits for review."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.contract import Observation, PageContext, ToolArguments


class EscalateArguments(ToolArguments):
    """Arguments of `escalate_to_review`."""

    reason: Literal["signals_disagree", "nothing_recognised", "unreadable", "suspicious_content", "other"] = Field(
        description="Why a person should look at this page."
    )


class EscalateToReview:
    """Mark the page for a person; what they decide outweighs every machine."""

    name = "escalate_to_review"
    description = (
        "Sends this page to a human reviewer together with your verdict. Use it when the signals disagree, when "
        "nothing fits, or when the page cannot be read. Submit your best verdict afterwards all the same."
    )
    arguments = EscalateArguments

    async def __call__(self, arguments: EscalateArguments, page: PageContext) -> Observation:
        return Observation(
            summary=f"a person will look at page {page.page}: {arguments.reason.replace('_', ' ')}",
            content={"escalated": True, "reason": arguments.reason},
        )
