"""A finished run, written by hand: 24 pages, 10 documents, one page nobody could read, one doubtful boundary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from store.records import (
    CalibratorPin,
    DocumentDecision,
    Event,
    Evidence,
    ExamplesPin,
    Finding,
    Json,
    LabelScore,
    PageDecision,
    Result,
    RunManifest,
    TaxonomyPin,
    Usage,
)
from views.groups import LabelGroups

BEGAN = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)

GROUPS = LabelGroups(
    names={
        "loan_application": "Loan application (Form 1003)",
        "driver_license": "Driver license",
        "pay_stub": "Pay stub",
        "w2": "Form W-2",
        "bank_statement": "Bank statement",
        "tax_return": "Tax return (Form 1040)",
        "purchase_agreement": "Purchase agreement",
        "appraisal": "Appraisal report",
        "insurance": "Hazard insurance",
    },
    groups={
        "loan_application": "application",
        "driver_license": "identity",
        "pay_stub": "income",
        "w2": "income",
        "tax_return": "tax",
        "bank_statement": "assets",
        "purchase_agreement": "property",
        "appraisal": "property",
        "insurance": "insurance",
    },
    group_names={
        "application": "Application",
        "identity": "Identity",
        "income": "Income",
        "assets": "Assets",
        "tax": "Tax",
        "property": "Property",
        "insurance": "Insurance",
    },
)

_DOCUMENTS: tuple[tuple[str | None, int, float | None, str], ...] = (
    ("loan_application", 4, 0.99, "Uniform Residential Loan Application"),
    ("driver_license", 1, 0.98, "DRIVER LICENSE"),
    ("pay_stub", 1, 0.97, "Earnings Statement"),
    ("pay_stub", 1, 0.71, "Pay Period Ending 01/15/2026"),
    ("w2", 2, 0.99, "Wage and Tax Statement"),
    ("bank_statement", 5, 0.96, "Ending balance on January 31"),
    ("tax_return", 3, 0.98, "U.S. Individual Income Tax Return"),
    ("purchase_agreement", 4, 0.94, "Residential Purchase Agreement"),
    (None, 1, None, ""),
    ("insurance", 2, 0.91, "Evidence of Property Insurance"),
)


@pytest.fixture
def groups() -> LabelGroups:
    return GROUPS


@pytest.fixture
def result() -> Result:
    return finished_result()


@pytest.fixture
def events(result: Result) -> list[Event]:
    return told(result)


@pytest.fixture
def long_packet() -> tuple[Result, list[Event]]:
    """The same packet twenty times over: 480 pages."""
    result = finished_result(20)
    return result, told(result)


def finished_result(repeat: int = 1) -> Result:
    pages: list[PageDecision] = []
    documents: list[DocumentDecision] = []
    for label, length, confidence, quote in _DOCUMENTS * repeat:
        first = len(pages) + 1
        members = range(first, first + length)
        pages += [_page(n, first, label, confidence, quote) for n in members]
        documents.append(_document(len(documents), label, tuple(members), confidence))
    return Result(
        packet="smith-loan-4711",
        job_id="0198c1a7-job",
        status="needs_review",
        manifest=_MANIFEST,
        pages=tuple(pages),
        documents=tuple(documents),
        findings=_FINDINGS,
        usage=Usage(
            model_calls=24, input_tokens=31_204, output_tokens=2_410, cost_usd=0.0132, cached_calls=3, wall_s=41.7
        ),
    )


def _page(page: int, first: int, label: str | None, confidence: float | None, quote: str) -> PageDecision:
    doubtful = label is None or (confidence or 0) < 0.8
    others = [code for code in ("bank_statement", "pay_stub", "w2", "insurance") if code != label]
    ranked = [LabelScore(label=label, score=confidence)] if label and confidence else []
    left = (1 - (confidence or 0.6)) / 2
    ranked += [LabelScore(label=other, score=round(left / (n + 1), 3)) for n, other in enumerate(others[:3])]
    return PageDecision(
        page=page,
        label=label,
        confidence=confidence,
        alternatives=tuple(ranked),
        starts_document=page == first,
        start_confidence=0.62 if label == "pay_stub" and doubtful else 0.98,
        needs_review=doubtful,
        review_reasons=("escalated_unreadable",)
        if label is None
        else ("low_label_confidence", "escalated_signals_disagree")
        if doubtful
        else (),
        rationale=(
            f"{label} ({confidence:.2f}): the page says “{quote}”; 84% of the weight of similar examples is {label}."
            if label and confidence
            else "Neither the text layer nor OCR gave words to judge the page by."
        ),
        evidence=(Evidence(quote=quote, boxes=((0.1, 0.05, 0.6, 0.08),)),) if label else (),
    )


def _document(index: int, label: str | None, pages: tuple[int, ...], confidence: float | None) -> DocumentDecision:
    return DocumentDecision(
        index=index,
        label=label,
        pages=pages,
        confidence=confidence,
        needs_review=confidence is None or confidence < 0.8,
        rationale=(
            f"Title on page {pages[0]}; the account and the printed numbers 1 to {len(pages)} agree on all its pages."
            if label
            else "One page that no engine could read, between two documents that are complete."
        ),
        file=f"documents/{index:02d}-{label or 'unlabelled'}.pdf",
    )


_MANIFEST = RunManifest(
    taxonomy=TaxonomyPin(name="lending", version=1, sha256="7c" * 32),
    model="cascade",
    prompts={"page": "3f" * 32},
    calibrator=CalibratorPin(name="local-lending-1", sha256="9a" * 32),
    examples=ExamplesPin(sequence=212, count=204),
    engines={"reader": "pdfium 150.0.7869", "renderer": "pdfium 150.0.7869", "ocr": "tesseract 5.5.2"},
    code_version="0.1.0",
    packet_sha256="be" * 32,
)

_FINDINGS = (
    Finding(
        rule="two-pay-stubs",
        on="packet",
        severity="warning",
        status="fail",
        message="Two consecutive pay stubs are required; their periods are 4 weeks apart.",
        pages=(6, 7),
    ),
    Finding(
        rule="has-application", on="packet", severity="error", status="pass", message="The packet has an application."
    ),
    Finding(
        rule="statement-complete",
        on="document",
        severity="warning",
        status="unknown",
        message="Every page of a statement is there.",
        pages=(10, 11, 12, 13, 14),
    ),
)


def told(result: Result) -> list[Event]:
    written: list[Event] = []

    def write(kind: str, actor: str, page: int | None = None, **fields: object) -> None:
        seq = len(written) + 1
        blank: Json = dict.fromkeys(
            ("tool", "arguments", "rationale", "observation", "model", "prompt", "usage", "duration_ms", "data")
        )
        written.append(
            Event.model_validate(
                blank
                | {
                    "seq": seq,
                    "job_id": result.job_id,
                    "page": page,
                    "type": kind,
                    "at": BEGAN + timedelta(milliseconds=137 * seq),
                    "actor": actor,
                    "prev": f"sha256:{seq - 1:064x}",
                    "hash": f"sha256:{seq:064x}",
                }
                | fields
            )
        )

    write("job.submitted", "worker", data={"packet": result.packet})
    write("job.started", "worker", data={"page_count": len(result.pages)}, duration_ms=212)
    for page in result.pages:
        for fields in _steps(page):
            write("page.tool_called", page=page.page, **fields)
        write(
            "page.classified",
            "agent",
            page.page,
            rationale=page.rationale,
            model="gpt-5-mini",
            prompt="sha256:" + "3f" * 32,
            usage=Usage(model_calls=1, input_tokens=1300, output_tokens=100, cost_usd=None),
            data={
                "label": page.label,
                "score": page.confidence,
                "start": 0.98 if page.starts_document else 0.03,
                "review_reasons": list(page.review_reasons),
            },
        )
    for document in result.documents:
        write(
            "boundary.decided",
            "policy",
            document.pages[0],
            rationale="the title stands at the top and the account number changes",
            data={"starts_document": True, "confidence": 0.98},
        )
        write(
            "document.assembled",
            "policy",
            data={
                "index": document.index,
                "label": document.label,
                "pages": list(document.pages),
                "confidence": document.confidence,
            },
        )
    for finding in result.findings:
        write("rule.evaluated", "rules", data=finding.model_dump(mode="json"))
    for page in result.pages:
        if page.needs_review:
            write("review.requested", "policy", page.page, data={"reasons": list(page.review_reasons)})
    return written


def _steps(page: PageDecision) -> Sequence[Json]:
    if page.label is None:
        return [
            {
                "actor": "agent",
                "tool": "ocr_page",
                "arguments": {"rationale": "The page has no text layer.", "dpi": 200},
                "rationale": "The page has no text layer that can be read.",
                "observation": {"summary": "unreadable: tesseract found 4 words, rapidocr none", "failed": True},
                "duration_ms": 14_212,
                "data": {"attempts": 2},
            }
        ]
    quote = page.evidence[0].quote
    return [
        {
            "actor": "agent",
            "tool": "ocr_page",
            "arguments": {"rationale": "The text layer holds 4 words.", "dpi": 200},
            "rationale": "The text layer holds 4 words, too few to judge the page by.",
            "observation": {"summary": "312 words, mean confidence 0.91", "ref": "sha256:" + "ab" * 32},
            "duration_ms": 2012,
        },
        {
            "actor": "agent",
            "tool": "apply_taxonomy_rules",
            "arguments": {"rationale": "See which titles stand here.", "most": 12},
            "rationale": "See which titles, phrases and numbers of the taxonomy stand here.",
            "observation": {"summary": f'{page.label} leads with log-odds 7.2 from 3 cues, "{quote}"'},
            "duration_ms": 8,
        },
        {
            "actor": "agent",
            "tool": "retrieve_similar",
            "arguments": {"rationale": "See which labelled pages resemble this one.", "k": 3},
            "rationale": "See which labelled pages resemble this one.",
            "observation": {"summary": f"3 neighbours, 84% of their weight is {page.label}"},
            "duration_ms": 11,
        },
    ]
