"""One row a page: truth beside answer. Every metric is computed from rows alone, and `pages.csv` is the rows."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from pathlib import Path

from evals.dataset import Packet
from evals.errors import RunUnreadable
from store.records import PageDecision, Result


@dataclass(frozen=True)
class PageRow:
    """Truth and answer of one page. Where the packet was not executed, `error` is set and every answer is None."""

    packet: str
    page: int
    truth: str | None
    """None: the page has no labelled truth and counts for boundaries and documents only."""
    label: str | None
    """None: no label was given, which counts as wrong."""
    confidence: float | None
    """That `label` is right; None: not scored."""
    truth_starts: bool
    """The page belongs to another document than the page before it; page 1 always."""
    starts: bool | None
    start_confidence: float | None
    """That `starts` is right, whichever of the two it says; None: not scored."""
    truth_document: int
    document: int | None
    document_label: str | None
    needs_review: bool | None
    alternatives: tuple[str, ...]
    """Further candidates by falling score, without `label`."""
    error: str | None
    """Failure code of a packet that was not executed."""

    @property
    def executed(self) -> bool:
        return self.error is None

    @property
    def accepted(self) -> bool:
        """The machine stands for its answer: no person looks at the page."""
        return self.needs_review is False

    @property
    def right(self) -> bool:
        return self.label is not None and self.label == self.truth


def rows_of(packet: Packet, result: Result) -> tuple[PageRow, ...]:
    """Rows of one packet, in page order. A result that bears an error answers nothing, whatever pages it holds."""
    failed = result.error is not None or result.status in ("failed", "rejected")
    error = None if not failed else (result.error.code if result.error is not None else result.status)
    answers: dict[int, PageDecision] = {} if failed else {page.page: page for page in result.pages}
    documents = {} if failed else {page: document for document in result.documents for page in document.pages}
    rows = []
    before: int | None = None
    for truth in packet.pages:
        answer = answers.get(truth.page)
        document = documents.get(truth.page)
        rows.append(
            PageRow(
                packet=packet.name,
                page=truth.page,
                truth=truth.label,
                label=answer.label if answer else None,
                confidence=answer.confidence if answer else None,
                truth_starts=truth.doc_index != before or truth.page == 1,
                starts=answer.starts_document if answer else None,
                start_confidence=answer.start_confidence if answer else None,
                truth_document=truth.doc_index,
                document=document.index if document else None,
                document_label=document.label if document else None,
                needs_review=answer.needs_review if answer else None,
                alternatives=_alternatives(answer) if answer else (),
                error=error,
            )
        )
        before = truth.doc_index
    return tuple(rows)


def by_packet(rows: Iterable[PageRow]) -> Iterator[tuple[str, tuple[PageRow, ...]]]:
    """Packet by packet; the rows of a packet stand together, as `rows_of` and `read_rows` give them."""
    for packet, group in groupby(rows, key=lambda row: row.packet):
        yield packet, tuple(group)


def _alternatives(answer: PageDecision) -> tuple[str, ...]:
    ranked = sorted(answer.alternatives, key=lambda candidate: -candidate.score)
    return tuple(dict.fromkeys(candidate.label for candidate in ranked if candidate.label != answer.label))


# ── pages.csv ────────────────────────────────────────────────────────────────────────────────────

_COLUMNS = tuple(field.name for field in fields(PageRow))


def write_rows(rows: Sequence[PageRow], path: Path) -> None:
    """One line a page; an empty cell is None, booleans are true and false, alternatives are separated by |."""
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows([_cell(getattr(row, column)) for column in _COLUMNS] for row in rows)
    partial.replace(path)


def read_rows(path: Path) -> tuple[PageRow, ...]:
    """Raises RunUnreadable where the file is absent, or not one that `write_rows` wrote."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if tuple(reader.fieldnames or ()) != _COLUMNS:
                raise ValueError("other columns")
            return tuple(_row(line) for line in reader)
    except (OSError, ValueError, csv.Error) as error:
        raise RunUnreadable(f"{path} cannot be read: {error}.", "Run `pagetrail eval run` into this folder.") from error


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "|".join(value)
    if isinstance(value, float):
        return repr(value)
    return "" if value is None else str(value)


def _row(line: dict[str, str]) -> PageRow:
    return PageRow(
        packet=line["packet"],
        page=int(line["page"]),
        truth=line["truth"] or None,
        label=line["label"] or None,
        confidence=_number(line["confidence"]),
        truth_starts=line["truth_starts"] == "true",
        starts=_flag(line["starts"]),
        start_confidence=_number(line["start_confidence"]),
        truth_document=int(line["truth_document"]),
        document=int(line["document"]) if line["document"] else None,
        document_label=line["document_label"] or None,
        needs_review=_flag(line["needs_review"]),
        alternatives=tuple(line["alternatives"].split("|")) if line["alternatives"] else (),
        error=line["error"] or None,
    )


def _flag(cell: str) -> bool | None:
    return None if cell == "" else cell == "true"


def _number(cell: str) -> float | None:
    return None if cell == "" else float(cell)
