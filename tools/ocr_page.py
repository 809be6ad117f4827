"""`ocr_page`: read the page from its pixels, whatever its text layer says."""

from __future__ import annotations

from pydantic import Field

from store.records import PageText
from tools.contract import Observation, PageContext, ToolArguments
from tools.errors import ToolFailure
from tools.hostile import not_in_picture
from tools.ocr import engines, read_image
from tools.ocr.quality import trouble
from tools.read import cache_key, text_observation


class OcrArguments(ToolArguments):
    """Arguments of `ocr_page`."""

    dpi: int = Field(default=200, ge=100, le=300, description="Resolution; 200 reads ordinary print, 300 small print.")


class OcrPage:
    """Render and read. Some seconds of one core; the result is cached."""

    name = "ocr_page"
    description = (
        "Reads the page from its image, also where it lies on its side or upside down. Takes some seconds; use it "
        "where read_page is not usable."
    )
    arguments = OcrArguments

    async def __call__(self, arguments: OcrArguments, page: PageContext) -> Observation:
        text = await _beside_layer(await self._text(arguments.dpi, page), page)
        return await text_observation(text, page, trouble(text, None))

    async def _text(self, dpi: int, page: PageContext) -> PageText:
        key = cache_key("ocr_page", page, page.document.engine, *await engines(), dpi)
        if cached := await page.cache.get(key):
            return PageText.model_validate_json(cached)
        rendered = await page.document.render(page.page, dpi=dpi, gray=True)
        text = await read_image(rendered)
        await page.cache.put(key, text.model_dump_json().encode())
        return text


async def _beside_layer(ocr: PageText, page: PageContext) -> PageText:
    """The OCR reading with what the text layer hides, and what it says that the picture does not."""
    try:
        layer = await page.document.text(page.page)
    except ToolFailure:
        return ocr  # a layer that cannot be read is shown to nobody
    lie = not_in_picture(layer, ocr)
    hidden = (*layer.hidden, lie) if lie else layer.hidden
    return ocr.model_copy(update={"hidden": hidden, "comments": layer.comments})
