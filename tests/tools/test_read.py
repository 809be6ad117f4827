"""`read_page` and `ocr_page`: what the model gets to know of a page's text, and whether it can rely on it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from reportlab.lib.pagesizes import letter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from store.ports import Store
from store.records import PageLook, PageText, Word
from taxonomy import Taxonomy
from tools.contract import Observation, PageContext
from tools.ocr.quality import trouble
from tools.ocr_page import OcrArguments, OcrPage
from tools.pdf import PdfDocument
from tools.read import ReadArguments, ReadPage

PARAGRAPH = (
    "This agreement is made between the borrower and the lender on the date below.",
    "The borrower promises to pay the amount of the loan with interest each month.",
    "All payments are due on the first day of the month and are late after the tenth.",
)
SHIFTED = re.findall(r"\S+", "7KLV LV WKH ILUVW SDJH RI WKH DJUHHPHQW EHWZHHQ WKH SDUWLHV VWDWHG KHUHLQ")
"""A layer whose font says each letter is the one three further."""
WHY = "to see what the page says"


@pytest.fixture
async def document(tmp_path: Path) -> AsyncIterator[PdfDocument]:
    """Page 1 text; page 2 the same as a picture under a stamped header; page 3 empty."""
    plain = tmp_path / "plain.pdf"
    canvas = Canvas(str(plain), pagesize=letter)
    draw_paragraph(canvas)
    canvas.save()
    async with await PdfDocument.open(plain) as source:
        picture = (await source.render(1, dpi=150, gray=True)).image()
    path = tmp_path / "packet.pdf"
    canvas = Canvas(str(path), pagesize=letter)
    draw_paragraph(canvas)
    canvas.showPage()
    canvas.drawImage(ImageReader(picture), 0, 0, *letter)
    canvas.drawString(200, 780, "Envelope ID: 4711-0815  Page 2 of 3")
    canvas.showPage()
    canvas.showPage()
    canvas.save()
    opened = await PdfDocument.open(path)
    yield opened
    await opened.close()


def draw_paragraph(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 13)
    for number, line in enumerate(PARAGRAPH):
        canvas.drawString(72, 700 - 30 * number, line)


def context(document: PdfDocument, store: Store, page: int) -> PageContext:
    # Neither tool looks at labels, so none are given.
    return PageContext("job", page, "ab" * 32, document, store.blobs, store.cache, cast(Taxonomy, None))


async def read(document: PdfDocument, store: Store, page: int) -> Observation:
    return await ReadPage()(ReadArguments(rationale=WHY), context(document, store, page))


async def test_a_good_text_layer_is_usable(document: PdfDocument, store: Store) -> None:
    """The model gets the text, the trail a summary without it, and the blob the whole PageText."""
    seen = await read(document, store, 1)
    assert seen.content["usable"] is True
    assert seen.content["text"] == "\n".join(PARAGRAPH)
    assert (seen.content["source"], seen.content["rotation"], seen.content["mean_confidence"]) == (
        "text_layer",
        0,
        None,
    )
    assert seen.summary == f"{seen.content['words']} words"
    assert seen.ref is not None
    whole = PageText.model_validate_json(await store.blobs.get(seen.ref))
    assert whole == await document.text(1)


async def test_a_stamp_over_a_scan_is_not_the_page(document: PdfDocument, store: Store) -> None:
    """A header stamped by a signing service is text, but not what the page says; OCR is."""
    seen = await read(document, store, 2)
    assert seen.content["usable"] is False
    assert "scan" in seen.content["not_usable_because"]
    ocr = await OcrPage()(OcrArguments(rationale=WHY, dpi=150), context(document, store, 2))
    assert ocr.content["usable"] is True
    assert ocr.content["source"] == "ocr"
    assert "promises to pay the amount" in ocr.content["text"]
    assert ocr.content["mean_confidence"] > 0.8


async def test_an_empty_page_is_not_usable(document: PdfDocument, store: Store) -> None:
    """No words are said to be no words, not an error and not an answer."""
    seen = await read(document, store, 3)
    assert (seen.content["usable"], seen.content["words"], seen.content["text"]) == (False, 0, "")


async def test_ocr_is_done_once(document: PdfDocument, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time its words come from the cache: nothing is drawn."""
    ocr = await OcrPage()(OcrArguments(rationale=WHY, dpi=100), context(document, store, 1))
    monkeypatch.delattr(PdfDocument, "render")
    assert await OcrPage()(OcrArguments(rationale="another reason", dpi=100), context(document, store, 1)) == ocr


def layer(*words: str) -> PageText:
    placed = tuple(Word(text=word, box=(0.1, 0.1, 0.2, 0.2)) for word in words)
    return PageText(page=1, source="text_layer", engine="test", text=" ".join(words), words=placed)


def look(coverage: float = 0.0, ink: float = 0.01) -> PageLook:
    return PageLook(page=1, width_pt=612, height_pt=792, rotation=0, layer_words=0, image_coverage=coverage, ink=ink)


@pytest.mark.parametrize(
    ("text", "seen", "says"),
    [
        (layer(*["\ue012\ue013\ue001"] * 30), look(), "without a meaning"),
        (layer(*["(cid:12)(cid:44)"] * 30), look(), "without a meaning"),
        (layer(*SHIFTED), look(), "words"),
        (layer("Page", "1"), look(coverage=1.0), "scan"),
        (layer("DocuSign", "Envelope", "ID:", "6B1A-77"), look(coverage=0.9), "scan"),
        (layer("Exhibit", "A"), look(ink=0.09), "shows more"),
        (layer(), look(), "no text layer"),
    ],
)
def test_garbage_layers_are_not_usable(text: PageText, seen: PageLook, says: str) -> None:
    """Glyph soup, shifted encodings, stamps over scans and outlined print are told from text."""
    assert says in (trouble(text, seen) or "usable")


@pytest.mark.parametrize(
    "sentence",
    [
        "Wages, tips, other compensation 48,500.00 Federal income tax withheld 6,835.00 SSN XXX-XX-4321",
        "El prestatario se compromete a pagar el monto del préstamo con los intereses cada mes al banco",
        "Le locataire paie le loyer au propriétaire dans les cinq jours suivant la date de signature",
        "EXHIBIT A TO THE MASTER SERVICE AGREEMENT",
    ],
)
def test_real_layers_are_usable(sentence: str) -> None:
    """Forms, other languages and short title pages are text."""
    assert trouble(layer(*sentence.split()), look()) is None
