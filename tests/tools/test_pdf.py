"""What a good PDF gives: page count, looks, text with boxes, pixels, files of some of its pages."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader, PdfWriter
from pypdf.generic import Destination
from reportlab.lib.pagesizes import letter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tools.descriptor import LOOK_DPI, describe
from tools.errors import ToolFailure
from tools.pdf import Limits, PdfDocument
from tools.pdf.opening import OpenPages

WIDTH, HEIGHT = letter


def make_packet(path: Path) -> Path:
    """Page 1 words, page 2 a full-page scan, page 3 a form field, page 4 blank, page 5 words on a page turned by 90."""
    canvas = Canvas(str(path), pagesize=letter)
    canvas.setFont("Helvetica", 20)
    canvas.drawString(72, HEIGHT - 72, "Earnings Statement")
    canvas.drawString(72, HEIGHT - 200, "of the employer")
    canvas.bookmarkPage("first")
    canvas.addOutlineEntry("First page", "first")
    canvas.showPage()
    scan = Image.new("L", (850, 1100), 255)
    scan.paste(0, (100, 100, 500, 150))
    canvas.drawImage(ImageReader(scan), 0, 0, WIDTH, HEIGHT)
    canvas.bookmarkPage("second")
    canvas.addOutlineEntry("Second page", "second")
    canvas.showPage()
    canvas.drawString(72, 500, "Borrower name")
    canvas.acroForm.textfield(name="borrower", value="Ada Byron", x=200, y=480, width=200, height=30)
    canvas.showPage()
    canvas.showPage()
    canvas.setFont("Times-Roman", 20)
    canvas.setPageRotation(90)
    canvas.drawString(72, 100, "Turned")
    canvas.showPage()
    canvas.save()
    return path


@pytest.fixture
async def packet(tmp_path: Path) -> AsyncIterator[PdfDocument]:
    document = await PdfDocument.open(make_packet(tmp_path / "packet.pdf"))
    yield document
    await document.close()


async def test_text_layer_gives_words_in_order_with_boxes(packet: PdfDocument) -> None:
    """Every word occurs in the text in order, and its box is a fraction of the page from the top left."""
    text = await packet.text(1)
    assert text.source == "text_layer"
    assert text.engine.startswith("pdfium ")
    assert text.text.splitlines()[0] == "Earnings Statement"
    position = 0
    for word in text.words:
        position = text.text.index(word.text, position) + len(word.text)
    first = text.words[0].box
    assert first[0] == pytest.approx(72 / WIDTH, abs=0.01)
    assert first[1] < 72 / HEIGHT < first[3] + 0.01
    assert all(0 <= edge <= 1 for word in text.words for edge in word.box)


async def test_filled_form_fields_are_part_of_the_text(packet: PdfDocument) -> None:
    """A value stands after the words it belongs to, with the box of its field."""
    text = await packet.text(3)
    assert text.text == "Borrower name\nAda Byron"
    assert text.words[2].box == pytest.approx((200 / WIDTH, 1 - 510 / HEIGHT, 400 / WIDTH, 1 - 480 / HEIGHT), abs=0.01)


async def test_boxes_are_of_the_page_as_displayed(packet: PdfDocument) -> None:
    """On a page with /Rotate 90 the box says where the reader sees the word, not where the file puts it."""
    look, text = await packet.look(5), await packet.text(5)
    assert (look.width_pt, look.height_pt, look.rotation) == (WIDTH, HEIGHT, 90)
    x0, y0, x1, y1 = text.words[0].box
    drawn = (await packet.render(5, dpi=50, gray=True)).image()
    ink = ImageChops.invert(drawn).getbbox()
    assert ink is not None
    centre_x, centre_y = (ink[0] + ink[2]) / 2 / drawn.width, (ink[1] + ink[3]) / 2 / drawn.height
    assert x0 - 0.02 <= centre_x <= x1 + 0.02
    assert y0 - 0.02 <= centre_y <= y1 + 0.02


async def test_a_look_tells_scan_form_and_blank_apart(packet: PdfDocument) -> None:
    """Image coverage, resolution, form fields, fonts and ink come from the page itself."""
    words, scan, form, blank = [await packet.look(page) for page in (1, 2, 3, 4)]
    assert (words.layer_words, words.image_coverage, words.image_dpi) == (5, 0.0, None)
    assert words.fonts == ("Helvetica",)
    assert (scan.layer_words, scan.image_coverage) == (0, 1.0)
    assert scan.image_dpi == pytest.approx(100, abs=1)
    assert (form.has_form_fields, words.has_form_fields) == (True, False)
    assert blank.ink is not None
    assert blank.ink < 0.001
    assert words.ink is not None
    assert words.ink > 0.001


async def test_filled_form_fields_are_drawn(packet: PdfDocument) -> None:
    """What somebody filled in is part of the page's picture."""
    drawn = (await packet.render(3, dpi=72, gray=True)).image()
    field = drawn.crop((203, int(HEIGHT) - 507, 390, int(HEIGHT) - 483))
    assert field.histogram()[:100] != [0] * 100


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
async def test_render_turns_clockwise(packet: PdfDocument, turn: int) -> None:
    """The bar near the top left of the scan goes clockwise around the page."""
    rendered = await packet.render(2, dpi=50, turn=turn, gray=True)  # type: ignore[arg-type]  # parametrised literal
    upright = (await packet.render(2, dpi=50, gray=True)).image()
    expected = upright.rotate(-turn, expand=True)
    assert (rendered.width, rendered.height) == expected.size
    difference = ImageChops.difference(rendered.image(), expected).histogram()
    assert sum(difference[64:]) < 0.01 * rendered.width * rendered.height


async def test_render_lowers_the_resolution_to_the_pixel_limit(tmp_path: Path) -> None:
    """Asked for more pixels than allowed, a page is drawn with fewer, and says so."""
    path = make_packet(tmp_path / "packet.pdf")
    async with await PdfDocument.open(path, limits=Limits(max_pixels=100_000)) as document:
        rendered = await document.render(1, dpi=300)
    assert rendered.width * rendered.height <= 100_000
    assert rendered.dpi == pytest.approx(33, abs=1)
    with Image.open(io.BytesIO(rendered.jpeg())) as image:
        assert image.size == (rendered.width, rendered.height)


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler is not installed")
async def test_poppler_draws_what_pdfium_draws(packet: PdfDocument) -> None:
    """The second renderer agrees on size, turn and ink."""
    for page, turn in ((1, 0), (2, 90), (5, 0)):
        one = await packet.render(page, dpi=72, turn=turn, gray=True)  # type: ignore[arg-type]
        other = await packet.render(page, dpi=72, turn=turn, gray=True, engine="poppler")  # type: ignore[arg-type]
        assert other.engine == "poppler"
        assert abs(one.width - other.width) <= 2
        assert abs(one.height - other.height) <= 2
        dark = [sum(item.image().histogram()[:128]) for item in (one, other)]
        assert dark[0] == pytest.approx(dark[1], rel=0.25, abs=20)


async def test_a_page_out_of_range_is_an_invalid_request(packet: PdfDocument) -> None:
    """Pages count from 1 to page_count."""
    for page in (0, 6):
        with pytest.raises(ToolFailure) as failure:
            await packet.text(page)
        assert failure.value.kind == "invalid"


async def test_requests_side_by_side_get_their_own_answers(tmp_path: Path) -> None:
    """Many coroutines may ask at once, whatever the number of children."""
    for children in (1, 2):
        async with await PdfDocument.open(
            make_packet(tmp_path / f"{children}.pdf"), limits=Limits(children=children)
        ) as document:
            pages = [1, 2, 3, 4, 5] * 4
            texts = await asyncio.gather(*(document.text(page) for page in pages))
            assert [text.page for text in texts] == pages
            assert {text.page: text.text.split()[0] for text in texts if text.words} == {
                1: "Earnings",
                3: "Borrower",
                5: "Turned",
            }


def test_only_the_last_pages_stay_open(tmp_path: Path) -> None:
    """A page asked for again is the open one; two others close it, and so does an error on it."""
    pages = OpenPages(pypdfium2.PdfDocument(make_packet(tmp_path / "packet.pdf")))
    with pages.page(1) as first, pages.page(2):
        pass
    with pages.page(1) as again:
        assert again is first
    with pages.page(3), pages.page(4):
        pass
    assert not first.raw
    with pytest.raises(ToolFailure, match="page 4 cannot be read"), pages.page(4) as last:
        raise pypdfium2.PdfiumError("an image of it is broken")
    assert not last.raw


async def test_a_page_comes_back_to_the_process_that_has_it_open(tmp_path: Path) -> None:
    """One page after the other needs one process; where several are in hand, each stays with its own."""
    async with await PdfDocument.open(make_packet(tmp_path / "packet.pdf"), limits=Limits(children=2)) as document:
        for page in (1, 2, 3):
            await document.look(page)
        assert len(document.child_pids()) == 1
        await asyncio.gather(document.look(1), document.look(2))
        assert len(document.child_pids()) == 2


async def test_a_page_is_described_where_it_is_drawn(packet: PdfDocument) -> None:
    """The child's descriptor is that of the picture the parent would have got, to the last digit."""
    for page in range(1, packet.page_count + 1):
        assert await packet.describe(page) == describe((await packet.render(page, dpi=LOOK_DPI)).image())


async def test_written_pages_are_a_file_of_their_own(packet: PdfDocument, tmp_path: Path) -> None:
    """The file holds these pages in this order, their bookmarks, title, and where they came from, and nothing else."""
    target = tmp_path / "some.pdf"
    await packet.write([3, 1], target, title="Pay stub", metadata={"Subject": "pay_stub"})
    reader = PdfReader(target)
    assert [page.extract_text().split()[0] for page in reader.pages] == ["Borrower", "Earnings"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Pay stub"
    assert str(reader.metadata["/Subject"]) == "pay_stub"
    assert str(reader.metadata["/SourcePages"]) == "3, 1"
    marks = [mark for mark in reader.outline if isinstance(mark, Destination)]
    assert [(mark.title, reader.get_destination_page_number(mark)) for mark in marks] == [("First page", 1)]
    assert not any(name.endswith(".part") for name in os.listdir(tmp_path))


async def test_written_pages_do_not_drag_the_source_along(tmp_path: Path) -> None:
    """Links and form fields that lead to other pages do not bring those pages into the file."""
    source = PdfWriter()
    noise = Image.frombytes("L", (1000, 1000), os.urandom(1_000_000))
    for number in range(4):
        page_file = tmp_path / f"{number}.pdf"
        canvas = Canvas(str(page_file), pagesize=letter)
        canvas.drawImage(ImageReader(noise.rotate(90 * number)), 0, 0, 300, 300)
        canvas.acroForm.textfield(name="shared", value="x", x=200, y=480)
        canvas.save()
        source.append(page_file)
    whole = tmp_path / "whole.pdf"
    source.write(whole)
    async with await PdfDocument.open(whole) as document:
        target = tmp_path / "one.pdf"
        await document.write([2], target, title="One", metadata={})
    assert target.stat().st_size < 0.35 * whole.stat().st_size


async def test_a_thumbnail_is_a_small_picture_of_the_page(packet: PdfDocument) -> None:
    """A JPEG as wide as asked, upright and not blank."""
    small = Image.open(io.BytesIO(await packet.thumbnail(1, width=110)))
    assert small.format == "JPEG"
    assert small.size == (110, 142)
    brightness = small.convert("L").histogram()
    assert any(brightness[:150])
    assert any(brightness[250:])


async def test_no_file_shows_what_was_written_before_it(packet: PdfDocument, tmp_path: Path) -> None:
    """A document's file is the same, byte for byte, whether the process has written others before it or not."""
    first, other, again = tmp_path / "first.pdf", tmp_path / "other.pdf", tmp_path / "again.pdf"
    await packet.write([3, 1], first, title="One", metadata={})
    await packet.write([1, 2, 3], other, title="Other", metadata={})
    await packet.write([3, 1], again, title="One", metadata={})
    assert again.read_bytes() == first.read_bytes() != other.read_bytes()


async def test_a_file_that_cannot_be_written_leaves_nothing_behind(packet: PdfDocument, tmp_path: Path) -> None:
    """A refused write is a failure with its reason, and no half file stands at the target."""
    target = tmp_path / "some.pdf"
    with pytest.raises(ToolFailure):
        await packet.write([99], target, title="", metadata={})
    assert os.listdir(tmp_path) == ["packet.pdf"]


async def test_closing_ends_every_process(tmp_path: Path) -> None:
    """No child outlives its document."""
    document = await PdfDocument.open(make_packet(tmp_path / "packet.pdf"))
    await document.write([1], tmp_path / "one.pdf", title="", metadata={})
    pids = document.child_pids()
    assert len(pids) == 2
    await document.close()
    assert document.child_pids() == []
    with pytest.raises(RuntimeError, match="closed"):
        await document.text(1)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
