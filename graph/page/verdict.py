"""From what the model submitted to the page's verdict: quotes looked up on the page, numbers and names completed."""

from __future__ import annotations

from typing import Any, Literal

from langgraph.runtime import Runtime

from agent.verdict import SubmittedVerdict, find_quote
from graph.page.run import PageRun
from graph.state import PageState
from store.records import (
    Evidence,
    IdentityKey,
    LabelScore,
    PageLook,
    PageText,
    PageVerdict,
    PrintedNumber,
    StartScore,
)
from taxonomy import CueReport

DOUBT = 0.8
"""Best label score below which a cascade asks the next model."""


async def verdict(state: PageState, runtime: Runtime[PageRun]) -> dict[str, Any]:
    """Write the verdict, or hand the page to the next model of a cascade."""
    run = runtime.context
    submitted = await _submitted(state, run)
    if _next_tier(state, submitted, run):
        return {"tier": state["tier"] + 1, "submitted": None, "mistakes": 0, "verdict": None}
    judged = await _judge(state, submitted, run)
    return {"verdict": await run.keep(judged)}


def after_verdict(state: PageState) -> Literal["think", "store"]:
    """A page without a verdict goes on with the next model."""
    return "think" if state["verdict"] is None else "store"


async def _submitted(state: PageState, run: PageRun) -> SubmittedVerdict | None:
    if state["submitted"] is None:
        return None
    return SubmittedVerdict.model_validate_json(await run.store.blobs.get(state["submitted"]))


def _next_tier(state: PageState, submitted: SubmittedVerdict | None, run: PageRun) -> bool:
    if state["tier"] + 1 >= len(run.models) or state["look"] is None or state["turn"] >= run.most_turns:
        return False
    return submitted is None or not submitted.labels or submitted.labels[0].score < DOUBT


async def _judge(state: PageState, submitted: SubmittedVerdict | None, run: PageRun) -> PageVerdict:
    text = await _text(state, run)
    look = await _look(state, run)
    found = _deterministic(text, run)
    if submitted is None:
        return PageVerdict(
            page=state["page"],
            start=StartScore(score=None, why="no verdict was given"),
            rationale="No model gave a verdict that can be used.",
            review_reasons=_unique(state["reasons"] or ["model_gave_no_verdict"]),
            decided_by="none",
            running=found.running if found else (),
            look=look,
            text_ref=state["text"],
        )
    evidence, unfounded = _evidence(submitted, text)
    reasons = [*state["reasons"], *(["evidence_not_on_page"] if unfounded and not evidence else [])]
    return PageVerdict(
        page=state["page"],
        ranked=tuple(LabelScore(label=c.label, score=c.score) for c in submitted.labels),
        start=StartScore(score=submitted.start.score, why=submitted.start.why),
        printed=_printed(submitted, found),
        identity=_identity(submitted, found),
        running=found.running if found else (),
        evidence=evidence,
        rationale=submitted.rationale,
        review_reasons=_unique(reasons),
        decided_by=run.models[state["tier"]].name,
        look=look,
        text_ref=state["text"],
    )


async def _text(state: PageState, run: PageRun) -> PageText | None:
    return PageText.model_validate_json(await run.store.blobs.get(state["text"])) if state["text"] else None


async def _look(state: PageState, run: PageRun) -> PageLook | None:
    return PageLook.model_validate_json(await run.store.blobs.get(state["look"])) if state["look"] else None


def _deterministic(text: PageText | None, run: PageRun) -> CueReport | None:
    return None if text is None else run.matcher.report(text.text, text.source == "ocr")


def _evidence(submitted: SubmittedVerdict, text: PageText | None) -> tuple[tuple[Evidence, ...], list[str]]:
    """Quotes that stand on the page, and those that do not."""
    if text is None:
        return (), list(submitted.quotes)
    found = {quote: find_quote(quote, text) for quote in submitted.quotes}
    return tuple(e for e in found.values() if e is not None), [quote for quote, e in found.items() if e is None]


def _printed(submitted: SubmittedVerdict, found: CueReport | None) -> PrintedNumber | None:
    if submitted.printed is not None:
        return PrintedNumber(number=submitted.printed.number, of=submitted.printed.of)
    if found is None or found.printed is None:
        return None
    return PrintedNumber(number=found.printed[0], of=found.printed[1])


def _identity(submitted: SubmittedVerdict, found: CueReport | None) -> tuple[IdentityKey, ...]:
    named = {(key.kind, key.value) for key in submitted.identity} | set(found.identity if found else ())
    return tuple(IdentityKey(kind=kind, value=value) for kind, value in sorted(named))


def _unique(reasons: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reasons))
