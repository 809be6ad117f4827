"""What the tests of the bench share: rows written by hand, small labelled folders of real PDFs, and a machine that
knows the truth and can be told to err."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfWriter

from evals.dataset import Dataset, Packet, load_dataset
from evals.rows import PageRow
from evals.summary import Subject
from store.records import (
    CalibratorPin,
    DocumentDecision,
    ExamplesPin,
    LabelScore,
    PageDecision,
    Result,
    RunManifest,
    TaxonomyPin,
)

SUBJECT = Subject(
    code_version="0.1.0+test",
    taxonomy=TaxonomyPin(name="lending", version=1, sha256="a" * 64),
    model="local",
    calibrator=CalibratorPin(name="raw", sha256="b" * 64),
)


def a_row(**answers: Any) -> PageRow:
    """A page that is answered rightly with full routing, unless told otherwise."""
    given: dict[str, Any] = {
        "packet": "p",
        "page": 1,
        "truth": "w2",
        "label": "w2",
        "confidence": 0.9,
        "truth_starts": True,
        "starts": True,
        "start_confidence": 0.9,
        "truth_document": 0,
        "document": 0,
        "document_label": "w2",
        "needs_review": False,
        "alternatives": (),
        "error": None,
    }
    return PageRow(**(given | answers))


class Oracle:
    """A machine that reads the truth file beside the PDF, and errs where `mistakes` says so."""

    def __init__(self, dataset: Dataset) -> None:
        self.packets = {packet.pdf: packet for packet in dataset.pool}
        self.mistakes: Callable[[str, int], bool] = lambda packet, page: False
        """(packet, page) to whether its label is wrong."""
        self.failing: dict[str, Exception] = {}
        self.manifest: dict[str, Any] = {}
        """What the manifest says other than the subject."""
        self.asked: list[str] = []
        self.shown: dict[str, list[str]] = {}

    async def __call__(self, pdf: Path, example_packets: Sequence[Packet]) -> Result:
        packet = self.packets[pdf]
        self.asked.append(packet.name)
        self.shown[packet.name] = [other.name for other in example_packets]
        if packet.name in self.failing:
            raise self.failing[packet.name]
        return self.answer(packet)

    def answer(self, packet: Packet) -> Result:
        pages = []
        before = None
        for truth in packet.pages:
            wrong = self.mistakes(packet.name, truth.page)
            pages.append(
                PageDecision(
                    page=truth.page,
                    label="other" if wrong else truth.label,
                    confidence=0.4 if wrong else 0.95,
                    alternatives=(LabelScore(label="w2", score=0.01),),
                    starts_document=truth.doc_index != before,
                    start_confidence=0.97,
                    needs_review=wrong,
                )
            )
            before = truth.doc_index
        documents = [
            DocumentDecision(
                index=index,
                label=next(page.label for page in pages if page.page in extent),
                pages=tuple(extent),
                confidence=0.9,
                needs_review=False,
                rationale="",
            )
            for index, extent in _documents(packet).items()
        ]
        pins: dict[str, Any] = {
            "taxonomy": SUBJECT.taxonomy,
            "model": SUBJECT.model,
            "prompts": {},
            "calibrator": SUBJECT.calibrator,
            "examples": ExamplesPin(sequence=0, count=0),
            "engines": {},
            "code_version": SUBJECT.code_version,
            "packet_sha256": packet.pdf_sha256,
        }
        manifest = RunManifest(**(pins | self.manifest))
        return Result(
            packet=packet.name,
            job_id=f"job-{packet.name}",
            status="completed",
            manifest=manifest,
            pages=tuple(pages),
            documents=tuple(documents),
        )


def _documents(packet: Packet) -> dict[int, list[int]]:
    documents: dict[int, list[int]] = {}
    for page in packet.pages:
        documents.setdefault(page.doc_index, []).append(page.page)
    return documents


def write_packet(folder: Path, name: str, pages: Sequence[tuple[int, str | None, str | None]]) -> None:
    """Write one packet and its truth; pages are (doc_index, label, source)."""
    (folder / "packets").mkdir(parents=True, exist_ok=True)
    (folder / "truth").mkdir(exist_ok=True)
    writer = PdfWriter()
    writer.add_metadata({"/Title": name})
    for _ in pages:
        writer.add_blank_page(612, 792)
    writer.write(folder / "packets" / f"{name}.pdf")
    truth = [
        {"page": number, "doc_index": index, "label": label, "page_in_doc": 1} | ({"source": source} if source else {})
        for number, (index, label, source) in enumerate(pages, start=1)
    ]
    (folder / "truth" / f"{name}.json").write_text(json.dumps({"packet": name, "pages": truth}))
    (folder / "labels.json").write_text(json.dumps({"w2": {}, "pay_stub": {}, "bank_statement": {}, "other": {}}))


PAGES: list[tuple[int, str | None, str | None]] = [
    (0, "w2", None),
    (1, "pay_stub", None),
    (1, "pay_stub", None),
    (2, "bank_statement", None),
    (2, "bank_statement", None),
]


@pytest.fixture
def row() -> Callable[..., PageRow]:
    return a_row


@pytest.fixture
def packet_into() -> Callable[[Path, str, Sequence[tuple[int, str | None, str | None]]], None]:
    return write_packet


@pytest.fixture
def subject() -> Subject:
    return SUBJECT


@pytest.fixture
def dataset_folder(tmp_path: Path) -> Path:
    """Six packets of five pages in three documents."""
    folder = tmp_path / "dataset"
    for number in range(6):
        write_packet(folder, f"loan_{number}", PAGES)
    return folder


@pytest.fixture
def dataset(dataset_folder: Path) -> Dataset:
    return load_dataset(dataset_folder)


@pytest.fixture
def oracle(dataset: Dataset) -> Oracle:
    return Oracle(dataset)
