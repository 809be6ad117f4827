"""The parent's side of a PDF: asks killable children, turns their answers into records and typed errors."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from store.records import PageLook, PageText, Word
from tools.descriptor import LOOK_DPI
from tools.errors import ToolFailure
from tools.pdf.advice import rejected
from tools.pdf.frames import Header, Reply
from tools.pdf.killable import ChildCrashed, ChildTimeout, KillableChild
from tools.pdf.limits import Limits, Rendered, RenderEngine, Turn

CHILD = "tools.pdf.child"
DEFAULT_LIMITS = Limits()
THUMBNAIL_DPI = 40


class PdfDocument:
    """One open PDF. Safe for concurrent requests; they share `Limits.children` processes.

    A request about a page raises ToolFailure (`unreadable`, `timeout`, `limit`) where that page is at fault; the
    child it killed is replaced, other pages are not affected.
    """

    def __init__(self, path: Path, password: str | None, limits: Limits) -> None:
        """Use `open`."""
        self.path = path
        self.limits = limits
        self.page_count = 0
        self.engine = ""
        """Name and version of the reader, part of every cache key."""
        hello = {"op": "open", "path": str(path), "password": password, "max_pages": limits.max_pages}
        self._children = [
            KillableChild(CHILD, limits.memory_bytes, hello, limits.open_timeout_s) for _ in range(limits.children)
        ]
        self._idle: list[KillableChild] = []
        """The one that became free last stands last."""
        self._places = asyncio.Semaphore(limits.children)
        self._holder: dict[int, KillableChild] = {}
        """The child that served a page last, and may still have it open."""
        self._writer = KillableChild(CHILD, limits.memory_bytes, {**hello, "op": "locate"}, limits.open_timeout_s)
        self._writing = asyncio.Lock()
        self._closed = False

    @classmethod
    async def open(cls, path: Path, password: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Self:
        """Open and check the file. Raises DocumentRejected with a code and what to do next."""
        path = await asyncio.to_thread(_checked, path, limits)
        document = cls(path, password, limits)
        try:
            document.page_count, document.engine = await document._first_verdict()
        except BaseException:
            await document.close()
            raise
        document._idle = document._children[::-1]
        return document

    async def _first_verdict(self) -> tuple[int, str]:
        try:
            verdict, _ = await self._children[0].start()
        except ChildTimeout:
            seconds = f"{self.limits.open_timeout_s:g} seconds"
            raise rejected("engine_timeout", f"The file did not open within {seconds}.") from None
        except ChildCrashed:
            raise rejected("engine_crashed", "The PDF engine crashed while it opened the file.") from None
        except ToolFailure as failure:
            raise rejected("engine_crashed", f"The PDF engine could not open the file: {failure.message}.") from None
        return verdict["pages"], verdict["engine"]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def look(self, page: int) -> PageLook:
        """What the page looks like."""
        answer, _ = await self._ask(page, {"op": "look"})
        return PageLook(page=page, **answer)

    async def text(self, page: int) -> PageText:
        """The text layer; empty where the page has none. Words that nobody sees stand apart, under `hidden`."""
        _, record = await self._ask(page, {"op": "text", "max_words": self.limits.max_words})
        found = PageText.model_validate_json(record)
        return _with_hidden(found) if self.limits.keep_hidden else found

    async def render(
        self, page: int, dpi: float = 150, turn: Turn = 0, engine: RenderEngine = "pdfium", gray: bool = False
    ) -> Rendered:
        """Pixels of the page, turned clockwise by `turn`. Where pdfium cannot, poppler is tried if it is installed."""
        request = {"op": "render", "dpi": dpi, "turn": turn, "gray": gray}
        answer, pixels, used = await self._drawn(page, request, engine)
        return Rendered(
            page=page,
            pixels=pixels,
            width=answer["width"],
            height=answer["height"],
            dpi=answer["dpi"],
            gray=gray,
            turn=turn,
            engine=self.engine if used == "pdfium" else "poppler",
        )

    async def describe(self, page: int) -> tuple[float, ...]:
        """The look descriptor of the page; the child works it out, so that no pixels travel."""
        answer, _, _ = await self._drawn(page, {"op": "describe", "dpi": LOOK_DPI, "turn": 0, "gray": False})
        return tuple(answer["descriptor"])

    async def thumbnail(self, page: int, width: int) -> bytes:
        """A JPEG of the page, at most `width` pixels across and twice as many down."""
        # Drawn larger and reduced: at the final size an engine leaves out thin strokes.
        request = {"op": "thumbnail", "dpi": THUMBNAIL_DPI, "turn": 0, "gray": False, "width": width}
        _, jpeg, _ = await self._drawn(page, request)
        return jpeg

    async def write(self, pages: Sequence[int], target: Path, title: str, metadata: dict[str, str]) -> None:
        """Write these pages, in this order, as a PDF of their own. Raises ToolFailure; `target` is whole or absent."""
        request = {
            "op": "write",
            "pages": list(pages),
            "target": os.path.abspath(target),
            "title": title,
            "metadata": metadata,
        }
        self._refuse_if_closed()
        async with self._writing:
            await _speak(self._writer, request, self.limits.write_timeout_s, "the file of these pages")

    async def close(self) -> None:
        """End all children. Requests under way fail, later ones are a bug."""
        self._closed = True
        for child in [*self._children, self._writer]:
            child.close()

    def child_pids(self) -> list[int]:
        """Process ids of the living children, for measuring what they cost."""
        return [child.pid for child in [*self._children, self._writer] if child.pid is not None]

    async def _drawn(
        self, page: int, request: Header, engine: RenderEngine = "pdfium"
    ) -> tuple[Header, bytes, RenderEngine]:
        """The answer to a request that draws the page, and which engine gave it."""
        request = {**request, "max_pixels": self.limits.max_pixels}
        try:
            return *await self._ask(page, {**request, "engine": engine}), engine
        except ToolFailure as failure:
            if engine == "poppler" or failure.kind != "unreadable":
                raise
            try:
                return *await self._ask(page, {**request, "engine": "poppler"}), "poppler"
            except ToolFailure:
                raise failure from None

    async def _ask(self, page: int, request: Header) -> Reply:
        self._refuse_if_closed()
        if not 1 <= page <= self.page_count:
            raise ToolFailure("invalid", f"there is no page {page}; the packet has pages 1 to {self.page_count}")
        async with self._child(page) as child:
            return await _speak(child, {**request, "page": page}, self.limits.page_timeout_s, f"page {page}")

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise RuntimeError(f"{self.path.name} was closed: open it again")

    @asynccontextmanager
    async def _child(self, page: int) -> AsyncIterator[KillableChild]:
        """The child that has the page open, if it is free, else the one that is warmest."""
        async with self._places:
            held = self._holder.get(page)
            child = held if held is not None and held in self._idle else self._idle[-1]
            self._idle.remove(child)
            self._holder[page] = child
            try:
                yield child
            finally:
                self._idle.append(child)


async def _speak(child: KillableChild, request: Header, timeout_s: float, what: str) -> Reply:
    try:
        return await child.request(request, timeout_s=timeout_s)
    except ChildTimeout:
        raise ToolFailure("timeout", f"the PDF engine did not finish {what} within {timeout_s:g} seconds") from None
    except ChildCrashed:
        raise ToolFailure("unreadable", f"the PDF engine crashed on {what}") from None


def _checked(path: Path, limits: Limits) -> Path:
    """The absolute path of a file whose size is acceptable."""
    size = path.stat().st_size
    if size == 0:
        raise rejected("empty_file", "The file is empty.")
    if size > limits.max_bytes:
        raise rejected(
            "too_large", f"The file has {size / 1024**2:.0f} MiB; at most {limits.max_bytes / 1024**2:.0f} are taken."
        )
    return path.resolve()


def _with_hidden(text: PageText) -> PageText:
    """Everything that the file says as if it stood on the page."""
    said = [*(hidden.text for hidden in text.hidden), *text.comments]
    nowhere = tuple(Word(text=word, box=(0, 0, 0, 0)) for line in said for word in line.split())
    everything = {"text": "\n".join((text.text, *said)), "words": text.words + nowhere}
    return text.model_copy(update={**everything, "hidden": (), "comments": ()})
