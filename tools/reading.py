"""What was read of a page so far and how it looks, for the tools that need it."""

from __future__ import annotations

import json

from store.records import PageText
from tools.contract import PageContext
from tools.descriptor import LOOK_DIMENSION, LOOK_DPI
from tools.errors import ToolFailure
from tools.read import cache_key, kept_text


async def text_read(page: PageContext) -> PageText:
    """The newest reading of the page. Raise ToolFailure where nothing was read yet."""
    if page.text_ref is None:
        raise ToolFailure("invalid", "Nothing was read of this page yet: call read_page or ocr_page first.")
    return await kept_text(page.text_ref, page.blobs)


async def page_look(page: PageContext) -> tuple[float, ...] | None:
    """The descriptor of the page's image; None where the page cannot be rendered."""
    key = cache_key("look_descriptor", page, page.document.engine, LOOK_DPI, LOOK_DIMENSION)
    if cached := await page.cache.get(key):
        return tuple(json.loads(cached))
    try:
        look = await page.document.describe(page.page)
    except ToolFailure:
        return None
    await page.cache.put(key, json.dumps(look).encode())
    return look
