"""`apply_taxonomy_rules`: what the taxonomy's cues, identity patterns and page numbers say of the text read."""

from __future__ import annotations

import asyncio

from pydantic import Field

from taxonomy import CueMatcher, CueReport
from tools.contract import Observation, PageContext, ToolArguments
from tools.reading import text_read


class RuleArguments(ToolArguments):
    """Arguments of `apply_taxonomy_rules`."""

    most: int = Field(default=12, ge=1, le=40, description="How many labels to report, best first.")


class ApplyTaxonomyRules:
    """Match every cue of the pinned taxonomy against the page."""

    name = "apply_taxonomy_rules"
    description = (
        "Matches the taxonomy's titles, phrases and patterns against the text read of this page. Returns log-odds per "
        "label with the words that matched, signs that a document starts here, printed page number and identity keys. "
        "Needs read_page or ocr_page first."
    )
    arguments = RuleArguments

    def __init__(self, matcher: CueMatcher) -> None:
        self._matcher = matcher

    async def __call__(self, arguments: RuleArguments, page: PageContext) -> Observation:
        reading = await text_read(page)
        report = await asyncio.to_thread(self._matcher.report, reading.text, reading.source == "ocr")
        return Observation(summary=_summary(report), content=_content(report, arguments.most))


def _summary(report: CueReport) -> str:
    if not report.labels:
        return "no cue of any label matched"
    best = report.labels[0]
    cue = f', "{best.hits[0].quote}"' if best.hits else ""
    return f"{best.label} leads with log-odds {best.score:.1f} from {len(best.hits)} cues{cue}"


def _content(report: CueReport, most: int) -> dict[str, object]:
    return {
        "labels": [
            {
                "label": found.label,
                "score": round(found.score, 3),
                "start": round(found.start, 3),
                "hits": [
                    {"kind": hit.kind, "quote": hit.quote, "weight": round(hit.weight, 2)} for hit in found.hits[:6]
                ],
            }
            for found in report.labels[:most]
        ],
        "identity": [{"kind": kind, "value": value} for kind, value in report.identity],
        "printed": None if report.printed is None else {"number": report.printed[0], "of": report.printed[1]},
        "running": list(report.running),
    }
