"""Verdicts in, pages and documents with calibrated confidence out. Every page ends in exactly one document."""

from __future__ import annotations

from collections.abc import Sequence

from graph.assembly.decode import Decoding, Run, decode
from graph.assembly.potentials import Pins, potentials
from graph.calibrator import Calibrator, Calibrators
from store.records import Assembled, DocumentDecision, LabelScore, PageDecision, PageVerdict
from taxonomy import Taxonomy

ALTERNATIVES = 4
"""Other labels a page decision names."""


def assemble_packet(
    verdicts: Sequence[PageVerdict], taxonomy: Taxonomy, pins: Pins, calibrators: Calibrators
) -> Assembled:
    """The most probable partition of the pages 1..N, whose verdicts come in order."""
    expected = list(range(1, len(verdicts) + 1))
    if [verdict.page for verdict in verdicts] != expected:
        raise ValueError("a packet is assembled only when every page has exactly one verdict, in order")
    decoding = decode(potentials(verdicts, taxonomy, pins))
    codes = list(taxonomy.labels)
    pages = tuple(
        _page(verdicts[at], run, codes, decoding, pins, calibrators.of(verdicts[at].decided_by))
        for run in decoding.runs
        for at in range(run.first, run.last + 1)
    )
    documents = tuple(_document(index, run, pages, codes, verdicts) for index, run in enumerate(decoding.runs))
    return Assembled(pages=pages, documents=documents)


def _page(
    verdict: PageVerdict, run: Run, codes: Sequence[str], decoding: Decoding, pins: Pins, calibrator: Calibrator | None
) -> PageDecision:
    at = verdict.page - 1
    judged = verdict.decided_by != "none" or verdict.page in pins.labels
    label = codes[run.label] if judged else None
    starts = run.first == at
    return PageDecision(
        page=verdict.page,
        label=label,
        confidence=_label_confidence(verdict.page, float(decoding.label[at, run.label]), judged, pins, calibrator),
        alternatives=_alternatives(decoding, at, run.label, codes) if judged else (),
        starts_document=starts,
        start_confidence=_start_confidence(verdict.page, float(decoding.boundary[at]), starts, pins, calibrator),
        needs_review=False,
        rationale=_rationale(verdict, label, run),
        evidence=verdict.evidence,
    )


def _label_confidence(
    page: int, posterior: float, judged: bool, pins: Pins, calibrator: Calibrator | None
) -> float | None:
    if page in pins.labels:
        return 1.0
    if not judged or calibrator is None:
        return None
    return round(calibrator.label.apply(posterior), 4)


def _start_confidence(
    page: int, posterior: float, starts: bool, pins: Pins, calibrator: Calibrator | None
) -> float | None:
    """Probability that the decision about the boundary before this page is right."""
    if page == 1 or page in pins.starts:
        return 1.0
    if calibrator is None:
        return None
    return round(calibrator.boundary.apply(posterior if starts else 1.0 - posterior), 4)


def _alternatives(decoding: Decoding, at: int, chosen: int, codes: Sequence[str]) -> tuple[LabelScore, ...]:
    row = decoding.label[at]
    others = [other for other in row.argsort()[::-1][: ALTERNATIVES + 1] if other != chosen and row[other] >= 0.001]
    return tuple(LabelScore(label=codes[other], score=round(float(row[other]), 4)) for other in others[:ALTERNATIVES])


def _rationale(verdict: PageVerdict, label: str | None, run: Run) -> str:
    own = verdict.ranked[0].label if verdict.ranked else None
    if label is None or own == label or run.first == run.last:
        return verdict.rationale
    if own is None:
        return f"{verdict.rationale} Counted as {label} with the document it lies in."
    return (
        f"{label} with the document it lies in (pages {run.first + 1}–{run.last + 1}); on its own: {verdict.rationale}"
    )


def _document(
    index: int, run: Run, pages: Sequence[PageDecision], codes: Sequence[str], verdicts: Sequence[PageVerdict]
) -> DocumentDecision:
    own = pages[run.first : run.last + 1]
    label = codes[run.label] if any(page.label is not None for page in own) else None
    next_start = pages[run.last + 1].start_confidence if run.last + 1 < len(pages) else 1.0
    confidences = [*(page.confidence for page in own), *(page.start_confidence for page in own), next_start]
    known = [confidence for confidence in confidences if confidence is not None]
    return DocumentDecision(
        index=index,
        label=label,
        pages=tuple(page.page for page in own),
        confidence=min(known) if len(known) == len(confidences) else None,
        needs_review=False,
        rationale=_why(run, label, verdicts),
    )


def _why(run: Run, label: str | None, verdicts: Sequence[PageVerdict]) -> str:
    """Why these pages are one document of this kind: words that stand on them, how it begins, how it goes on."""
    own = verdicts[run.first : run.last + 1]
    reasons = [*_words(own, label), f"begins on page {run.first + 1}: {own[0].start.why}", *_goes_on(own)]
    return "; ".join(reasons)


def _words(verdicts: Sequence[PageVerdict], label: str | None) -> list[str]:
    for verdict in verdicts:
        if verdict.evidence and verdict.ranked and verdict.ranked[0].label == label:
            quotes = " and ".join(f"“{evidence.quote[:60]}”" for evidence in verdict.evidence[:2])
            return [f"page {verdict.page} says {quotes}"]
    return []


def _goes_on(verdicts: Sequence[PageVerdict]) -> list[str]:
    if len(verdicts) == 1:
        return []
    first = verdicts[0].printed
    numbers = [verdict.printed.number if verdict.printed else None for verdict in verdicts]
    if first is not None and numbers == list(range(first.number, first.number + len(verdicts))):
        return ["printed page numbers run on"]
    return [
        f"pages {verdicts[1].page}–{verdicts[-1].page} go on with it"
        if len(verdicts) > 2
        else f"page {verdicts[1].page} goes on with it"
    ]
