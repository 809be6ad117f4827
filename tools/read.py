"""`read_page`: the text layer of the page, and whether it can be trusted."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from store.ports import BlobStore
from store.records import Json, PageText
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
        text = await page.document.text(page.page)
        look = page.look or await page.document.look(page.page)
        return await text_observation(text, page, trouble(text, look))


_NEWEST: OrderedDict[str, PageText] = OrderedDict()
_KEPT = 128
"""Readings that stay in memory: each is asked for by several tools and nodes, and takes a millisecond to parse."""


async def keep_text(text: PageText, blobs: BlobStore) -> str:
    """Put a reading into a blob."""
    ref = await blobs.put(text.model_dump_json().encode())
    _remember(ref, text)
    return ref


async def kept_text(ref: str, blobs: BlobStore) -> PageText:
    """A reading from its blob."""
    if ref not in _NEWEST:
        _remember(ref, PageText.model_validate_json(await blobs.get(ref)))
    return _NEWEST[ref]


def _remember(ref: str, text: PageText) -> None:
    _NEWEST[ref] = text
    while len(_NEWEST) > _KEPT:
        _NEWEST.popitem(last=False)


def cache_key(work: str, page: PageContext, *parameters: object) -> str:
    """Key of pure page work: everything its result depends on, engine versions among the parameters."""
    parts = [work, page.packet_sha256, str(page.page), *(str(parameter) for parameter in parameters)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


async def text_observation(text: PageText, page: PageContext, why_not: str | None) -> Observation:
    """The observation of a reading: the beginning of the text for the model, the whole in a blob.

    Of what is suspicious the model learns the kinds; the quotes are for people.
    """
    text = text.model_copy(update={"suspicious": suspicions(text)})
    ref = await keep_text(text, page.blobs)
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
