"""A labelled dataset: a folder of packets, the truth about each of their pages, and the labels it speaks of.

```
packets/<packet>.pdf
truth/<packet>.json   {"pages": [{"page": 1, "doc_index": 0, "label": "pay_stub" | null, "source": "file#page=1"?, …}]}
labels.json           {"pay_stub": {…}, …} or ["pay_stub", …]
```
Further fields are left to whoever wrote them. A label of null counts for boundaries only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from evals.errors import DatasetError


@dataclass(frozen=True)
class TruthPage:
    """What a person says of one page."""

    page: int
    doc_index: int
    """Pages with the same index are one document."""
    label: str | None
    """None: nobody labelled the page; it counts for boundaries and documents, not for labels."""
    source: str | None
    """Where the page was taken from, `file#page=n`; None where unknown."""

    @property
    def source_file(self) -> str | None:
        return None if self.source is None else self.source.split("#page=", 1)[0]


@dataclass(frozen=True)
class Packet:
    """One PDF and the truth about all of its pages, in page order."""

    name: str
    pdf: Path
    pdf_sha256: str
    pages: tuple[TruthPage, ...]

    @property
    def source_files(self) -> frozenset[str]:
        return frozenset(page.source_file for page in self.pages if page.source_file is not None)


@dataclass(frozen=True)
class Dataset:
    """The packets to run, and the pool that examples may come from."""

    name: str
    sha256: str
    """Over every PDF, every truth file and the labels of the whole folder: a sample keeps the hash of its folder."""
    packets: tuple[Packet, ...]
    labels: tuple[str, ...]
    pool: tuple[Packet, ...]
    """All packets of the folder, whatever the sample."""

    def sample(self, names: Sequence[str]) -> Dataset:
        """Only these packets, in folder order; the pool stays whole. Raises DatasetError for an unknown name."""
        self.require(names)
        return replace(self, packets=tuple(packet for packet in self.packets if packet.name in set(names)))

    def without(self, names: Sequence[str]) -> Dataset:
        """All but these packets; they may still serve as examples. Raises DatasetError for an unknown name."""
        self.require(names)
        return replace(self, packets=tuple(packet for packet in self.packets if packet.name not in set(names)))

    def others_for(self, packet: Packet, keep_out: Sequence[str] = ()) -> tuple[Packet, ...]:
        """The packets that may serve as examples for this one, leave-one-packet-out without leaks.

        All others of the pool, except those that share a source file with it (the same pages under another name
        would answer the question) and those the caller keeps out. Raises DatasetError for an unknown name.
        """
        self.require(keep_out)
        return tuple(
            other
            for other in self.pool
            if other.name != packet.name
            and other.name not in keep_out
            and other.pdf_sha256 != packet.pdf_sha256
            and not other.source_files & packet.source_files
        )

    def require(self, names: Sequence[str]) -> None:
        """Raise DatasetError unless every name is that of a packet of the folder."""
        known = {packet.name for packet in self.pool}
        unknown = sorted(set(names) - known)
        if unknown:
            raise DatasetError(
                f"Dataset {self.name} has no packet named {', '.join(unknown)}.",
                f"Take one of: {', '.join(sorted(known))}.",
            )


def load_dataset(folder: Path) -> Dataset:
    """Read and check the whole folder. Raises DatasetError at the first thing that cannot be trusted."""
    pdfs = _packet_files(folder)
    labels, labels_sha256 = _labels(folder / "labels.json")
    hashes = [labels_sha256]
    packets = []
    for pdf in pdfs:
        truth_file = folder / "truth" / f"{pdf.stem}.json"
        pages, truth_sha256 = _truth(truth_file, frozenset(labels))
        _same_page_count(pdf, truth_file, len(pages))
        packet = Packet(name=pdf.stem, pdf=pdf, pdf_sha256=_sha256(pdf), pages=pages)
        packets.append(packet)
        hashes += [packet.name, packet.pdf_sha256, truth_sha256]
    return Dataset(
        name=folder.resolve().name,
        sha256=hashlib.sha256("\n".join(hashes).encode()).hexdigest(),
        packets=tuple(packets),
        labels=labels,
        pool=tuple(packets),
    )


class _PageInFile(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    page: int = Field(ge=1)
    doc_index: int
    label: str | None = Field(min_length=1)
    source: str | None = None


class _TruthFile(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    pages: list[_PageInFile] = Field(min_length=1)


_LABELS: TypeAdapter[dict[str, Any] | list[str]] = TypeAdapter(dict[str, Any] | list[str])


def _packet_files(folder: Path) -> list[Path]:
    pdfs = sorted((folder / "packets").glob("*.pdf"))
    if not pdfs:
        raise DatasetError(
            f"{folder} holds no packets/*.pdf.", "Point at a folder with packets/, truth/ and labels.json in it."
        )
    orphans = sorted({truth.stem for truth in (folder / "truth").glob("*.json")} - {pdf.stem for pdf in pdfs})
    if orphans:
        raise DatasetError(
            f"{folder} has truth for {', '.join(orphans)} but no such packet.",
            "Put the PDF into packets/ under the same name, or remove the truth file.",
        )
    return pdfs


def _labels(path: Path) -> tuple[tuple[str, ...], str]:
    raw = _read(path, "Write the labels the truth uses into it: an object with a key for each, or a list.")
    try:
        return tuple(_LABELS.validate_json(raw)), hashlib.sha256(raw).hexdigest()
    except ValidationError as error:
        raise DatasetError(
            f"{path} is neither an object nor a list of labels: {_first(error)}.", "Correct the file."
        ) from error


def _truth(path: Path, labels: frozenset[str]) -> tuple[tuple[TruthPage, ...], str]:
    raw = _read(path, "Every packet needs its truth file: label the packet, or take it out of packets/.")
    try:
        rows = _TruthFile.model_validate_json(raw).pages
    except ValidationError as error:
        raise DatasetError(
            f"{path} is not a truth file: {_first(error)}.",
            'Each page needs {"page": 1.., "doc_index": number, "label": text or null}.',
        ) from error
    if [row.page for row in rows] != list(range(1, len(rows) + 1)):
        raise DatasetError(f"{path} does not list its pages as 1, 2, 3 ….", "List every page once, in order.")
    unknown = sorted({row.label for row in rows if row.label is not None} - labels)
    if unknown:
        raise DatasetError(
            f"{path} uses labels that labels.json does not have: {', '.join(unknown)}.",
            "Add them to labels.json, or correct the truth (null where there is no label).",
        )
    pages = tuple(TruthPage(row.page, row.doc_index, row.label, row.source) for row in rows)
    return pages, hashlib.sha256(raw).hexdigest()


def _same_page_count(pdf: Path, truth_file: Path, expected: int) -> None:
    try:
        with PdfReader(pdf) as reader:
            count = len(reader.pages)
    except (PyPdfError, OSError) as error:
        raise DatasetError(f"{pdf} cannot be opened: {error}.", "Replace it by a PDF that opens.") from error
    if count != expected:
        raise DatasetError(
            f"{pdf.name} has {count} pages, {truth_file.name} speaks of {expected}.",
            "One of the two belongs to another version of the packet: bring them together.",
        )


def _read(path: Path, advice: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}.", advice) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _first(error: ValidationError) -> str:
    problem = error.errors()[0]
    return f"{'.'.join(str(part) for part in problem['loc']) or 'the file'}: {problem['msg']}"
