"""From what a model submitted to the page's verdict: handed on, or its quotes looked up and its names completed."""

from __future__ import annotations

from typing import Any, Literal

from langgraph.runtime import Runtime

from agent.verdict import SubmittedVerdict, find_quote
from graph.page.hand_on import choose, routed
from graph.page.picture import read_look, read_text
from graph.page.run import PageRun
from graph.state import Held, PageState
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
from tools.hostile import review_reasons, told

OF_A_TIER = frozenset(
    {"model_gave_no_verdict", "context_too_long", "content_filtered", "provider_gave_no_answer", "provider_down"}
)
"""Reasons that say something about one model, not about the page: they end where another model takes over."""


async def verdict(state: PageState, runtime: Runtime[PageRun]) -> dict[str, Any]:
    """Write the verdict, or hand the page to the next model of its route."""
    run = runtime.context
    text, look = await read_text(state, run), await read_look(state, run)
    choice = choose(state, await _submitted(state["submitted"], run), text, look, run)
    if len(run.route.tiers) > 1:
        await run.store.events.append(state["job_id"], [routed(state, choice, run)])
    if choice.to is not None:
        return _handed_on(state, choice.to)
    return {"verdict": await run.keep(await _judge(state, text, look, run))}


def _handed_on(state: PageState, to: int) -> dict[str, Any]:
    """The page as the next tier gets it; what its tier thought of the page is kept, in case nobody says more."""
    held = Held(submitted=state["submitted"], tier=state["tier"]) if state["submitted"] else state["held"]
    of_tier = OF_A_TIER | {reason for reason in state["reasons"] if reason.startswith("escalated_")}
    return {
        "tier": to,
        "tier_began": len(state["steps"]),
        "held": held,
        "submitted": None,
        "mistakes": 0,
        "reasons": [reason for reason in state["reasons"] if reason not in of_tier],
        "verdict": None,
    }


def after_verdict(state: PageState) -> Literal["think", "store"]:
    """A page without a verdict goes on with the next model."""
    return "think" if state["verdict"] is None else "store"


async def _submitted(ref: str | None, run: PageRun) -> SubmittedVerdict | None:
    return None if ref is None else SubmittedVerdict.model_validate_json(await run.store.blobs.get(ref))


async def _judge(state: PageState, text: PageText | None, look: PageLook | None, run: PageRun) -> PageVerdict:
    """The verdict of the tier that has the word; where it gave none, the last one that an earlier tier gave."""
    held = state["held"] if state["submitted"] is None else None
    submitted = await _submitted(held["submitted"] if held else state["submitted"], run)
    tier = held["tier"] if held else state["tier"]
    found = _deterministic(text, run)
    suspicious = review_reasons(text)
    if submitted is None:
        return PageVerdict(
            page=state["page"],
            start=StartScore(score=None, why="no verdict was given"),
            rationale="No model gave a verdict that can be used.",
            review_reasons=_unique([*(state["reasons"] or ["model_gave_no_verdict"]), *suspicious]),
            decided_by="none",
            running=found.running if found else (),
            look=look,
            text_ref=state["text"],
        )
    evidence, unfounded = _evidence(submitted, text)
    reasons = [*state["reasons"], *suspicious, *(["evidence_not_on_page"] if unfounded and not evidence else [])]
    return PageVerdict(
        page=state["page"],
        ranked=tuple(LabelScore(label=c.label, score=c.score) for c in submitted.labels),
        start=StartScore(score=submitted.start.score, why=submitted.start.why),
        printed=_printed(submitted, found),
        identity=_identity(submitted, found),
        running=found.running if found else (),
        evidence=evidence,
        rationale="; ".join(filter(None, (submitted.rationale, told(text)))),
        review_reasons=_unique(reasons),
        decided_by=run.route.tiers[tier].model.name,
        look=look,
        text_ref=state["text"],
    )


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
