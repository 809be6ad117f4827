"""The text that was read of a page so far, for the tools that need it."""

from store.records import PageText
from tools.contract import PageContext
from tools.errors import ToolFailure


async def text_read(page: PageContext) -> PageText:
    """The newest reading of the page. Raise ToolFailure where nothing was read yet."""
    if page.text_ref is None:
        raise ToolFailure("invalid", "Nothing was read of this page yet: call read_page or ocr_page first.")
    return PageText.model_validate_json(await page.blobs.get(page.text_ref))
