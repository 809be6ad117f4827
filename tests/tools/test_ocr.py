"""What OCR promises: words with confidence and boxes of the page as it was given, whichever way up it lies."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from store.records import PageText
from tools.errors import ToolFailure
from tools.ocr import engines, rapid, read_image, tesseract
from tools.ocr.measure import Gray, glyphs, noise
from tools.ocr.preprocess import prepare, skew, turned
from tools.ocr.words import count, is_real
from tools.pdf import PdfDocument, Rendered

LINES = (
    "Uniform Residential Loan Application",
    "The lender may verify the information in this application",
    "Borrower name and current address of employment",
    "Monthly income and combined housing expense",
    "Assets and liabilities are stated below in detail",
    "Acknowledgment and agreement of each undersigned",
    "The property will be occupied as a primary residence",
    "Date of signature 07/15/2008 and amount $1,250.00",
)


@pytest.fixture(scope="module")
def page_image(tmp_path_factory: pytest.TempPathFactory) -> Image.Image:
    """A printed page at 150 dpi, drawn by the renderer that production uses."""
    path = tmp_path_factory.mktemp("ocr") / "page.pdf"
    canvas = Canvas(str(path), pagesize=letter)
    for number, line in enumerate(LINES):
        canvas.setFont("Helvetica", 14)
        canvas.drawString(72, 700 - 40 * number, line)
    canvas.save()
    return asyncio.run(_drawn(path))


async def _drawn(path: Path) -> Image.Image:
    async with await PdfDocument.open(path) as document:
        return (await document.render(1, dpi=150, gray=True)).image().copy()


def rendered(image: Image.Image, dpi: float = 150) -> Rendered:
    gray = image.convert("L")
    return Rendered(1, gray.tobytes(), gray.width, gray.height, dpi, True, 0, "made by a test")


def recall(text: PageText) -> float:
    """Share of the printed words that were read."""
    expected = " ".join(LINES).split()
    read = [word.text for word in text.words]
    return sum(word in read for word in expected) / len(expected)


def middle(text: PageText, word: str) -> tuple[float, float]:
    x0, y0, x1, y1 = next(found.box for found in text.words if found.text == word)
    return (x0 + x1) / 2, (y0 + y1) / 2


async def test_a_clean_page_is_read_by_tesseract(page_image: Image.Image) -> None:
    """Words come in order with boxes and confidence; no fallback is paid for."""
    text = await read_image(rendered(page_image))
    assert text.source == "ocr"
    assert text.engine.startswith("tesseract ")
    assert text.rotation == 0
    assert recall(text) > 0.95
    assert text.text.splitlines()[0] == LINES[0]
    assert text.mean_confidence is not None
    assert text.mean_confidence > 0.85
    position = 0
    for word in text.words:
        position = text.text.index(word.text, position) + len(word.text)
    assert middle(text, "Residential")[1] == pytest.approx((792 - 705) / 792, abs=0.01)


@pytest.mark.parametrize("lies", [90, 180, 270])
async def test_a_turned_page_is_read_upright(page_image: Image.Image, lies: int) -> None:
    """`rotation` turns the page upright, and boxes are of the page as it lies."""
    text = await read_image(rendered(page_image.rotate(-lies, expand=True)))
    assert (text.rotation + lies) % 360 == 0
    assert recall(text) > 0.9
    x, y = middle(text, "Residential")
    upright_x, upright_y = middle(await read_image(rendered(page_image)), "Residential")
    expected = {90: (1 - upright_y, upright_x), 180: (1 - upright_x, 1 - upright_y), 270: (upright_y, 1 - upright_x)}
    assert (x, y) == pytest.approx(expected[lies], abs=0.01)


async def test_a_skewed_grainy_page_is_straightened_and_smoothed(page_image: Image.Image) -> None:
    """Four degrees off and grainy as a bad copy: still read, and boxes follow the skew."""
    crooked = page_image.rotate(4, fillcolor=255)
    grain = np.random.default_rng(7).normal(0, 26, (crooked.height, crooked.width))
    grainy = Image.fromarray(np.clip(np.asarray(crooked, np.float64) + grain, 0, 255).astype(np.uint8))
    text = await read_image(rendered(grainy))
    assert recall(text) > 0.8
    straight = middle(await read_image(rendered(page_image)), "residence")
    dx, dy = (straight[0] - 0.5) * page_image.width, (straight[1] - 0.5) * page_image.height
    angle = np.deg2rad(4)
    expected = (
        0.5 + (dx * np.cos(angle) + dy * np.sin(angle)) / page_image.width,
        0.5 + (-dx * np.sin(angle) + dy * np.cos(angle)) / page_image.height,
    )
    assert middle(text, "residence") == pytest.approx(expected, abs=0.02)


async def test_small_print_is_enlarged(page_image: Image.Image) -> None:
    """A page scanned at half the resolution is read all the same."""
    small = page_image.resize((page_image.width // 2, page_image.height // 2), Image.Resampling.LANCZOS)
    assert prepare(np.asarray(small)).enlarged > 1.5
    assert recall(await read_image(rendered(small, dpi=75))) > 0.8


async def test_a_blank_page_costs_one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to read is found out once: no turns are tried, no fallback is started."""
    readings: list[tesseract.Mode] = []
    read = tesseract.read

    async def counted(image: Gray, dpi: float, mode: tesseract.Mode, timeout_s: float) -> list[tesseract.RawWord]:
        readings.append(mode)
        return await read(image, dpi, mode, timeout_s)

    monkeypatch.setattr(tesseract, "read", counted)
    paper = np.clip(np.random.default_rng(7).normal(235, 3, (1100, 850)), 0, 255).astype(np.uint8)
    text = await read_image(rendered(Image.fromarray(paper), dpi=100))
    assert readings == [tesseract.PAGE]
    assert (text.words, text.text, text.mean_confidence) == ((), "", None)


async def test_what_tesseract_cannot_read_goes_to_rapidocr(page_image: Image.Image) -> None:
    """White print on a busy pattern: the fallback finds it, says who it is, and its process stays within bounds."""
    height, width = 700, 1100
    ys, xs = np.mgrid[0:height, 0:width]
    waves = 128 + 60 * np.sin(xs / 5.0) * np.cos(ys / 7.0)
    card = Image.fromarray(np.clip(waves, 0, 255).astype(np.uint8))
    font = ImageFont.load_default(40)
    draw = ImageDraw.Draw(card)
    for number, line in enumerate(("DRIVER LICENSE", "MASSACHUSETTS", "CLASS D", "GARCIA MARIA", "100 MARKET STREET")):
        draw.text((80, 60 + 120 * number), line, fill=255, font=font, stroke_width=2, stroke_fill=30)
    text = await read_image(rendered(card.filter(ImageFilter.GaussianBlur(1.5)), dpi=200))
    assert text.engine.startswith("rapidocr ")
    assert "LICENSE" in text.text
    x, y = middle(text, "GARCIA")
    assert (x, y) == pytest.approx((0.14, 0.63), abs=0.08)
    assert rapid.memory_bytes() < 700 * 1024**2
    rapid.stop()


async def test_engines_are_named_for_cache_keys() -> None:
    """Both engines have a name and a version."""
    assert [name.split()[0] for name in await engines()] == ["tesseract", "rapidocr"]


async def test_a_slow_reading_is_a_typed_timeout(page_image: Image.Image) -> None:
    """The clock ends tesseract, and the caller learns why."""
    with pytest.raises(ToolFailure) as caught:
        await tesseract.read(np.asarray(page_image), 150, tesseract.PAGE, timeout_s=0.01)
    assert caught.value.kind == "timeout"


async def test_a_cancelled_reading_ends_its_process(page_image: Image.Image) -> None:
    """Nobody waits any more: the process is gone before the cancellation is done."""
    task = asyncio.create_task(tesseract.read(np.asarray(page_image), 150, tesseract.PAGE, timeout_s=60))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_words_are_told_from_noise() -> None:
    """Words, figures, noise and unmapped glyphs are counted apart."""
    counted = count(["Statement", "of", "$1,250.00", "07/15/2008", "xkqzw", "|l", "~", "\ue001\ue002", "(cid:42)"])
    assert (counted.real, counted.figures, counted.common, counted.unmapped) == (2, 2, 1, 2)
    assert [word for word in ("Straße", "Nationalité", "договор", "tHiS", "brrrr", "aaa") if is_real(word)] == [
        "Straße",
        "Nationalité",
        "договор",
    ]


def test_measures_of_an_image(page_image: Image.Image) -> None:
    """Letters, their height, grain and skew are measured before anything is read."""
    gray = np.asarray(page_image)
    spots = glyphs(gray)
    assert 200 < spots.count < 500
    assert spots.height == pytest.approx(14 * 0.72 * 150 / 72, abs=4)
    left, top, right, bottom = spots.densest(gray.shape[1], gray.shape[0], 600)
    assert top < 400 < bottom
    assert right - left <= 600
    assert noise(gray) < 1
    assert noise(np.clip(gray + np.random.default_rng(7).normal(0, 20, gray.shape), 0, 255).astype(np.uint8)) > 8
    assert skew(np.asarray(page_image.rotate(3, fillcolor=255))) == pytest.approx(-3, abs=0.5)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_way_back_from_a_turn(turn: int) -> None:
    """A pixel of the turned image is found again in the given one."""
    given = np.zeros((40, 60), np.uint8)
    given[5, 50] = 255
    image, back = turned(given, turn)  # type: ignore[arg-type]  # parametrised literal
    y, x = np.argwhere(image == 255)[0]
    u, v, _ = back @ np.array([x + 0.5, y + 0.5, 1.0])
    assert (u, v) == (50.5, 5.5)
