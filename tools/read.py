"""`read_page`: the text layer of the page, and whether it can be trusted."""

from __future__ import annotations

import hashlib

from store.records import Json, PageLook, PageText
from tools.contract import Observation, PageContext, ToolArguments
from tools.hostile import suspicions, told
from tools.ocr.quality import trouble

TEXT_LIMIT = 6000
"""Characters of the page that go to the model; the whole text is in the blob."""
FIELDS, FIELD_LIMIT = 20, 80
"""Form fields whose values are marked as such for the model, and characters of each."""


class ReadArguments(ToolArguments):
    """Arguments of `read_page`."""


class ReadPage:
    """Read the text layer. Cheap, and exact where it is good; `usable` says whether it is."""

    name = "read_page"
    description = (
        "Reads the text that is stored in the page itself. Takes milliseconds; call it first. `usable` is false where "
        "the page is a scan, or where the stored text is garbage: then call ocr_page."
    )
    arguments = ReadArguments

    async def __call__(self, arguments: ReadArguments, page: PageContext) -> Observation:
        text = await text_layer(page)
        look = await self._look(page)
        return await text_observation(text, page, trouble(text, look))

    async def _look(self, page: PageContext) -> PageLook:
        key = cache_key("look", page, page.document.engine)
        if cached := await page.cache.get(key):
            return PageLook.model_validate_json(cached)
        look = await page.document.look(page.page)
        await page.cache.put(key, look.model_dump_json().encode())
        return look


async def text_layer(page: PageContext) -> PageText:
    """The words of the page that people see, what they do not see beside them."""
    key = cache_key("text_layer", page, page.document.engine)
    if cached := await page.cache.get(key):
        return PageText.model_validate_json(cached)
    text = await page.document.text(page.page)
    await page.cache.put(key, text.model_dump_json().encode())
    return text


def cache_key(work: str, page: PageContext, *parameters: object) -> str:
    """Key of pure page work: everything its result depends on, engine versions among the parameters."""
    parts = [work, page.packet_sha256, str(page.page), *(str(parameter) for parameter in parameters)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


async def text_observation(text: PageText, page: PageContext, why_not: str | None) -> Observation:
    """The observation of a reading: the beginning of the text for the model, the whole in a blob.

    Of what is suspicious the model learns the kinds; the quotes are for people.
    """
    text = text.model_copy(update={"suspicious": suspicions(text)})
    ref = await page.blobs.put(text.model_dump_json().encode())
    confidence = None if text.mean_confidence is None else round(text.mean_confidence, 2)
    content: Json = {
        "source": text.source,
        "words": len(text.words),
        "mean_confidence": confidence,
        "rotation": text.rotation,
        "usable": why_not is None,
        "text": text.text[:TEXT_LIMIT],
    }
    if text.filled_in:
        content["filled_into_form_fields"] = [value[:FIELD_LIMIT] for value in text.filled_in[:FIELDS]]
    if text.suspicious:
        content["suspicious"] = [{"kind": s.kind, "where": s.where, "score": s.score} for s in text.suspicious]
    if why_not is not None:
        content["not_usable_because"] = why_not
    summary = f"{len(text.words)} words" + (f", mean confidence {confidence}" if confidence is not None else "")
    said = [summary, *filter(None, (why_not, told(text)))]
    return Observation(summary="; ".join(said), content=content, ref=ref, suspicious=text.suspicious)
