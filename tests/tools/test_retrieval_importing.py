"""Importing examples: both layouts are read whole, and what cannot be used is listed with its reason."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from reportlab.pdfgen.canvas import Canvas

from store.errors import Unavailable
from store.records import PageText
from tools.errors import DocumentRejected, ToolFailure
from tools.retrieval import SkippedFile, example_id, read_examples
from tools.retrieval.importing import NotAnExampleFolder


def draw(path: Path, *pages: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas = Canvas(str(path), invariant=1)
    for text in pages:
        canvas.drawString(72, 700, text)
        canvas.showPage()
    canvas.save()
    return path


def paint(path: Path, colour: str, frames: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    first, *rest = [Image.new("RGB", (40 + frame, 60), colour) for frame in range(frames)]
    if rest:
        first.save(path, save_all=True, append_images=rest)
    else:
        first.save(path)
    return path


async def read_text(path: Path, page: int) -> PageText:
    """The real words of a PDF made above; an image has none."""
    try:
        text = PdfReader(path).pages[page - 1].extract_text().strip() if path.suffix == ".pdf" else ""
    except PyPdfError as error:
        raise DocumentRejected("damaged", str(error), "Ask for the file again.") from error
    return PageText(page=page, source="text_layer", engine="pypdf", text=text)


async def read_image(path: Path, page: int) -> Image.Image:
    if path.suffix == ".pdf":
        return Image.new("L", (85, 110), 255)
    image = Image.open(path)
    image.seek(page - 1)
    copy = image.copy()
    image.close()
    return copy


def why(skipped: tuple[SkippedFile, ...]) -> list[tuple[str, int | None, str]]:
    return [(one.path.name, one.page, one.reason) for one in skipped]


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Two good packets, and one of each thing that can be wrong."""
    folder = tmp_path / "dataset"
    draw(folder / "packets" / "good.pdf", "wages", "more wages", "dear sir", "blank")
    draw(folder / "packets" / "plain.pdf", "first", "second", "third")
    draw(folder / "packets" / "unlabelled.pdf", "nobody knows")
    draw(folder / "packets" / "garbled.pdf", "truth is no JSON")
    (folder / "packets" / "torn.pdf").write_bytes(b"%PDF-1.7 torn")
    truth = folder / "truth"
    truth.mkdir()
    row = {"capture": "born_digital"}
    good = [
        {"page": 1, "doc_index": 0, "label": "w2", "page_in_doc": 1, "source": "made#1", **row},
        {"page": 2, "doc_index": 0, "label": "w2", "page_in_doc": 2, "source": "made#2", **row},
        {"page": 3, "doc_index": 1, "label": "love_letter", "page_in_doc": 1, "source": "made#3", **row},
        {"page": 4, "doc_index": 2, "label": None, "page_in_doc": 1, "source": "made#4", **row},
    ]
    plain = [{"page": n, "doc_index": n // 3, "label": "letter"} for n in (1, 2, 3)]
    for name, pages in {"good": good, "plain": plain, "torn": plain[:1], "lost": plain}.items():
        (truth / f"{name}.json").write_text(json.dumps({"packet": name, "pages": pages}), "utf-8")
    (truth / "garbled.json").write_text('{"pages": [{"page": "one"}', "utf-8")
    return folder


async def test_a_labelled_dataset_is_read_and_its_bad_files_are_listed(dataset: Path) -> None:
    """Labels, starts and sources come from the truth; each packet or page that gives nothing says why."""
    result = await read_examples(dataset, read_text, labels={"w2", "letter"})
    assert [(e.packet, e.page, e.label, e.starts_document, e.source, e.text) for e in result.examples] == [
        ("good", 1, "w2", True, "made#1", "wages"),
        ("good", 2, "w2", False, "made#2", "more wages"),
        ("plain", 1, "letter", True, "plain#page=1", "first"),
        ("plain", 2, "letter", False, "plain#page=2", "second"),
        ("plain", 3, "letter", True, "plain#page=3", "third"),
    ]
    assert sorted(why(result.skipped), key=str) == sorted(
        [
            ("garbled.json", None, "bad_truth"),
            ("lost.json", None, "no_packet"),
            ("unlabelled.pdf", None, "no_truth"),
            ("good.pdf", 3, "unknown_label"),
            ("good.pdf", 4, "no_label"),
            ("torn.pdf", 1, "unreadable"),
        ],
        key=str,
    )
    assert all(one.detail for one in result.skipped)


async def test_packets_can_be_left_out(dataset: Path) -> None:
    """`only` and `without` choose packets, for leave-out protocols."""
    assert {e.packet for e in (await read_examples(dataset, read_text, only={"plain"})).examples} == {"plain"}
    assert {e.packet for e in (await read_examples(dataset, read_text, without={"plain"})).examples} == {"good"}


async def test_one_folder_a_label_is_read_and_its_bad_files_are_listed(tmp_path: Path) -> None:
    """Every file is a document, every page and image frame an example; its look is kept where pictures are read."""
    draw(tmp_path / "w2" / "a.pdf", "wages", "notes")
    paint(tmp_path / "passport" / "photo.png", "navy")
    paint(tmp_path / "passport" / "scans" / "two.tif", "white", frames=2)
    (tmp_path / "passport" / "torn.jpg").write_bytes(b"\xff\xd8 torn")
    (tmp_path / "passport" / "notes.docx").write_bytes(b"PK")
    (tmp_path / "passport" / ".DS_Store").write_bytes(b"")
    (tmp_path / "w2" / "torn.pdf").write_bytes(b"no PDF at all")
    (tmp_path / "README.md").write_text("about these files", "utf-8")
    paint(tmp_path / "unicorn" / "horn.png", "white")

    result = await read_examples(tmp_path, read_text, read_page_image=read_image, labels={"w2", "passport"})
    assert [(e.source, e.label, e.starts_document, e.packet) for e in result.examples] == [
        ("passport/photo.png#page=1", "passport", True, "passport/photo"),
        ("passport/scans/two.tif#page=1", "passport", True, "passport/scans/two"),
        ("passport/scans/two.tif#page=2", "passport", False, "passport/scans/two"),
        ("w2/a.pdf#page=1", "w2", True, "w2/a"),
        ("w2/a.pdf#page=2", "w2", False, "w2/a"),
    ]
    assert all(example.look is not None for example in result.examples)
    assert why(result.skipped) == [
        ("README.md", None, "no_label"),
        ("notes.docx", None, "not_supported"),
        ("torn.jpg", None, "unreadable"),
        ("torn.pdf", None, "unreadable"),
        ("horn.png", 1, "unknown_label"),
    ]


async def test_the_readers_failures_have_their_own_fates(tmp_path: Path) -> None:
    """A page the reader refuses is listed; a world at fault, and a bug, stop the import as themselves."""
    draw(tmp_path / "w2" / "a.pdf", "one", "two")

    async def refuses_page_two(path: Path, page: int) -> PageText:
        if page == 2:
            raise ToolFailure("unreadable", "OCR found nothing")
        return await read_text(path, page)

    result = await read_examples(tmp_path, refuses_page_two)
    assert [example.page for example in result.examples] == [1]
    assert why(result.skipped) == [("a.pdf", 2, "unreadable")]

    for error in (Unavailable("the disk is full"), ZeroDivisionError()):

        async def fails(path: Path, page: int, error: Exception = error) -> PageText:
            raise error

        with pytest.raises(type(error)):
            await read_examples(tmp_path, fails)


async def test_no_more_pages_are_read_at_once_than_asked(tmp_path: Path) -> None:
    """OCR is dear: `parallel` is a ceiling."""
    draw(tmp_path / "w2" / "a.pdf", *"abcdefgh")
    running, most = 0, 0

    async def counts(path: Path, page: int) -> PageText:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return await read_text(path, page)

    result = await read_examples(tmp_path, counts, parallel=3)
    assert [example.text for example in result.examples] == list("abcdefgh")
    assert most == 3


async def test_a_folder_of_neither_layout_is_refused(tmp_path: Path) -> None:
    """A wrong folder is an error with advice, not an empty import."""
    (tmp_path / "a.pdf").write_bytes(b"")
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(NotAnExampleFolder):
            await read_examples(folder, read_text)


def test_an_example_has_one_id_wherever_it_is_imported() -> None:
    """The id is a digest of label, text and provenance: it names the example, and any change makes another."""
    one = example_id("w2", "wages", "packet", 1, "source")
    assert one == example_id("w2", "wages", "packet", 1, "source")
    assert (
        len({one, example_id("w9", "wages", "packet", 1, "source"), example_id("w2", "wages", None, 1, "source")}) == 3
    )
