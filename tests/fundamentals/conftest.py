"""A page to act on: what a tool may touch, on a real packet in a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from hashlib import sha256
from pathlib import Path

import pytest

from store.ports import Store
from taxonomy import Taxonomy
from tools.contract import PageContext
from tools.pdf import PdfDocument
from tools.retrieval import ExampleIndex

OpenPage = Callable[..., Awaitable[PageContext]]


@pytest.fixture
async def open_page(
    store: Store, small_taxonomy: Taxonomy, draw_packet: Callable[..., Path]
) -> AsyncIterator[OpenPage]:
    """`await open_page(lines, scanned=False, examples=None)`: the only page of a packet with these lines."""
    async with AsyncExitStack() as opened:

        async def open_one(
            lines: Sequence[str], scanned: bool = False, examples: ExampleIndex | None = None
        ) -> PageContext:
            packet = draw_packet("page", [lines], scanned=(1,) if scanned else ())
            return PageContext(
                job_id="job-1",
                page=1,
                packet_sha256=sha256(packet.read_bytes()).hexdigest(),
                document=await opened.enter_async_context(await PdfDocument.open(packet)),
                blobs=store.blobs,
                cache=store.cache,
                taxonomy=small_taxonomy,
                examples=examples,
            )

        yield open_one
