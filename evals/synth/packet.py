"""Shuffles documents into packets and writes down what each page is."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from pypdf import PdfReader, PdfWriter

from evals.synth.catalogue import LABELS, LAYOUTS
from evals.synth.degrade import open_pdf, photo_page, scan_page
from evals.synth.layout import Capture, Drawn, Layout, draw_document
from evals.synth.people import invent_case

TWIN_SHARE = 0.22
"""How often a document is followed by another one of the same form (two W-2s, two months of one account)."""
SIBLING_SHARE = 0.08
"""How often it is followed by the same kind of document from another issuer."""
BLANK_SHARE = 0.1
"""How often a document of several pages ends with the blank back of its last sheet."""


@dataclass(frozen=True)
class Page:
    """One page of a finished packet."""

    pdf: bytes
    """A document of which this page is number `number` (from 0)."""
    number: int
    doc_index: int
    page_in_doc: int
    layout: Layout
    capture: Capture
    blank: bool

    @property
    def has_text(self) -> bool:
        return self.capture == "digital" and not self.blank


def generate(
    out: Path, packets: int, seed: int, pages: tuple[int, int] = (18, 30), scan_share: float = 0.4
) -> list[Path]:
    """Write a labelled dataset (`packets/`, `truth/`, `labels.json`) below `out`; the paths of its PDFs come back.

    `pages` is the least and the largest number of pages a packet may have, `scan_share` the expected share of pages
    that are images without text (0 to 1; at 0 even cards stay digital). The same arguments give the same bytes.
    Raises ValueError for a range that holds no packet or a share outside 0..1.
    """
    low, high = pages
    if not 1 <= low <= high:
        raise ValueError(f"pages must be MIN-MAX with 1 <= MIN <= MAX, not {low}-{high}")
    if not 0.0 <= scan_share <= 1.0:
        raise ValueError(f"the share of scans must lie in 0..1, not {scan_share}")
    for folder in ("packets", "truth"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    deck = Deck(Random(f"deck:{seed}"))
    written = []
    for index in range(1, packets + 1):
        name = f"synth_s{seed}_{index:03d}"
        packet = list(_packet_pages(name, deck, pages, scan_share))
        path = out / "packets" / f"{name}.pdf"
        _write_pdf(path, packet)
        _write_json(out / "truth" / f"{name}.json", _truth(name, packet))
        written.append(path)
    _write_json(out / "labels.json", {code: {"description": text} for code, text in LABELS.items()})
    return written


class Deck:
    """Deals layouts so that each one comes once before any comes twice."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._cards: list[Layout] = []

    def deal(self) -> Layout:
        if not self._cards:
            self._cards = list(LAYOUTS)
            self._rng.shuffle(self._cards)
        return self._cards.pop()

    def put_back(self, layouts: list[Layout]) -> None:
        self._cards.extend(reversed(layouts))


def _packet_pages(name: str, deck: Deck, limits: tuple[int, int], scan_share: float) -> Iterator[Page]:
    rng = Random(f"packet:{name}")
    all_scanned = rng.random() < scan_share / 2
    # Half of the scans come in packets that went through one copier whole; the rest are strewn among digital pages.
    strewn = (scan_share / 2) / (1 - scan_share / 2) if scan_share else 0.0
    for index, drawn in enumerate(_documents(name, deck, limits, rng)):
        photo = drawn.layout.card and scan_share > 0
        scanned = all_scanned or photo or rng.random() < strewn
        yield from _document_pages(drawn, index, scanned, photo, rng)


def _documents(name: str, deck: Deck, limits: tuple[int, int], rng: Random) -> Iterator[Drawn]:
    """Documents until the packet is long enough; one that would make it too long waits for the next packet."""
    case, wanted = invent_case(name), rng.randint(*limits)
    count, serial, too_long = 0, 0, list[Layout]()
    following: Layout | None = None
    while count < wanted:
        layout = following or deck.deal()
        drawn = draw_document(layout, case, f"{name}:{serial}")
        serial += 1
        pages = _with_blank(drawn, rng)
        if count + pages.page_count > limits[1]:
            if following is None:
                too_long.append(layout)
            following = None
            continue
        yield pages
        count += pages.page_count
        following = None if following else _neighbour(layout, rng)
    deck.put_back(too_long)


def _neighbour(layout: Layout, rng: Random) -> Layout | None:
    """The hard case on purpose: a second document of the same kind right behind the first."""
    chance = rng.random()
    if chance < TWIN_SHARE:
        return layout
    if chance < TWIN_SHARE + SIBLING_SHARE:
        return rng.choice([other for other in LAYOUTS if other.label == layout.label and other is not layout])
    return None


def _with_blank(drawn: Drawn, rng: Random) -> Drawn:
    if drawn.page_count < 2 or rng.random() >= BLANK_SHARE:
        return drawn
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(drawn.pdf)))
    writer.add_blank_page()
    return Drawn(drawn.layout, _bytes(writer), drawn.page_count + 1, blank_last=True)


def _document_pages(drawn: Drawn, index: int, scanned: bool, photo: bool, rng: Random) -> Iterator[Page]:
    rendered = open_pdf(drawn.pdf) if scanned else None
    for number in range(drawn.page_count):
        blank = drawn.blank_last and number == drawn.page_count - 1
        if rendered is None:
            yield Page(drawn.pdf, number, index, number + 1, drawn.layout, "digital", blank)
        else:
            image = (photo_page if photo else scan_page)(rendered[number], rng)
            yield Page(image, 0, index, number + 1, drawn.layout, "scan", blank)
    if rendered is not None:
        rendered.close()


def _write_pdf(path: Path, packet: list[Page]) -> None:
    writer = PdfWriter()
    readers: dict[int, PdfReader] = {}
    for page in packet:
        reader = readers.setdefault(id(page.pdf), PdfReader(io.BytesIO(page.pdf)))
        writer.add_page(reader.pages[page.number])
    writer.metadata = {"/Producer": "Pagetrail synth", "/Title": path.stem}
    path.write_bytes(_bytes(writer))


def _truth(name: str, packet: list[Page]) -> dict[str, Any]:
    return {
        "packet": name,
        "file": f"packets/{name}.pdf",
        "pages": [
            {
                "page": i + 1,
                "doc_index": page.doc_index,
                "label": page.layout.label,
                "page_in_doc": page.page_in_doc,
                "capture": page.capture,
                "has_text": page.has_text,
                "source": f"synthetic:{page.layout.name}#page={page.page_in_doc}",
            }
            for i, page in enumerate(packet)
        ],
    }


def _bytes(writer: PdfWriter) -> bytes:
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
