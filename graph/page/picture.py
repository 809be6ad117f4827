"""The picture of a page for models that see: drawn when a tier first needs it, kept as a blob, sized to its budget."""

from __future__ import annotations

import math

from agent.page_request import PATCH_PX
from agent.routes import Tier
from graph.page.run import PageRun
from graph.state import Image, PageState
from store.records import PageLook, PageText
from tools.errors import ToolFailure
from tools.read import kept_text

POINTS_AN_INCH = 72
SHARPEST_DPI = 200


def shows(tier: Tier, text: PageText | None) -> bool:
    """Whether this tier is shown the picture of a page that was read so."""
    return tier.image == "always" or (tier.image == "scans" and (text is None or text.source == "ocr"))


async def picture(state: PageState, run: PageRun) -> Image | None:
    """The picture where the tier that has the word is shown one; None where it cannot be drawn."""
    tier = run.route.tiers[state["tier"]]
    if state["tier"] == 0 or state["look"] is None or not shows(tier, await read_text(state, run)):
        return state["image"]
    if state["image"] is not None:
        return state["image"]
    look = await read_look(state, run)
    assert look is not None  # the state holds one
    try:
        drawn = await run.document.render(state["page"], dpi=_dpi(look, tier.image_tokens))
    except ToolFailure:
        return None
    return Image(ref=await run.store.blobs.put(drawn.jpeg()), width=drawn.width, height=drawn.height)


async def read_text(state: PageState, run: PageRun) -> PageText | None:
    """The newest reading of the page."""
    return await kept_text(state["text"], run.store.blobs) if state["text"] else None


async def read_look(state: PageState, run: PageRun) -> PageLook | None:
    """What the page looks like; None where it cannot be looked at."""
    return PageLook.model_validate_json(await run.store.blobs.get(state["look"])) if state["look"] else None


def _dpi(look: PageLook, tokens: int) -> float:
    """The resolution at which the page has at most so many patches, rounded up on both sides."""
    inches_x, inches_y = (max(side, 1.0) / POINTS_AN_INCH for side in (look.width_pt, look.height_pt))
    # (x·d/32 + 1)(y·d/32 + 1) = tokens, solved for d.
    a, b, c = inches_x * inches_y, inches_x + inches_y, 1 - tokens
    patches_an_inch = (-b + math.sqrt(b * b - 4 * a * c)) / (2 * a)
    return min(SHARPEST_DPI, patches_an_inch * PATCH_PX)
