"""Whether a page goes on to the next model of its route: by calibrated confidence, and by what asking costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent.page_request import CHARACTERS_A_TOKEN
from agent.policy import BLANK_INK
from agent.prices import price
from agent.routes import Tier
from agent.turn import WRITTEN_TOKENS
from agent.verdict import SubmittedVerdict
from graph.page.picture import shows
from graph.page.run import PageRun
from graph.state import PageState
from store.records import BUDGET_REACHED, EventDraft, PageLook, PageText

STOPS = frozenset({BUDGET_REACHED, "step_cap_reached", "call_cap_reached", "token_cap_reached"})
"""Reasons for which a page asks nobody else."""


@dataclass(frozen=True)
class Choice:
    """Where a page goes from its present tier."""

    to: int | None
    """Index of the tier that is asked next; None: the verdict stands."""
    why: str
    confidence: float | None = None
    """Of the present verdict, calibrated; None where it is not scored."""
    usd: float | None = None
    """What the next tier is expected to cost; None where no price is known, or nobody else is asked."""


def choose(
    state: PageState, submitted: SubmittedVerdict | None, text: PageText | None, look: PageLook | None, run: PageRun
) -> Choice:
    """The next tier, or that the verdict stands."""
    tiers, at = run.route.tiers, state["tier"]
    if STOPS.intersection(state["reasons"]) or state["turn"] >= run.caps.turns:
        return Choice(None, "the page may take no more steps")
    able = next(_able(tiers, at, text, look), None)
    if able is None:
        return Choice(None, "nobody further on the route can tell more")
    tier = tiers[at]
    if submitted is None:
        return Choice(able, f"{tier.model.name} gave no verdict")
    if tier.accept is None:
        return Choice(able, f"{tier.model.name} only reads on this route")
    return _by_confidence(tier, able, submitted, text, run)


def _able(tiers: tuple[Tier, ...], at: int, text: PageText | None, look: PageLook | None) -> Iterator[int]:
    """Tiers further on that have something to judge by: words, or the picture of a page that is not blank."""
    words = text is not None and bool(text.text.strip())
    blank = look is None or (look.ink is not None and look.ink < BLANK_INK)
    return (later for later in range(at + 1, len(tiers)) if words or (shows(tiers[later], text) and not blank))


def _by_confidence(tier: Tier, able: int, submitted: SubmittedVerdict, text: PageText | None, run: PageRun) -> Choice:
    name, following = tier.model.name, run.route.tiers[able]
    confidence = _confidence(tier, submitted, run)
    usd = expected_usd(following, text, run)
    if confidence is None:
        return Choice(able, f"the confidence of {name} is not calibrated", None, usd)
    if tier.accept is not None and confidence >= tier.accept:
        return Choice(None, f"{name} is sure enough: {confidence:.2f} of {tier.accept:.2f}", confidence)
    gain = (1 - confidence) * run.route.doubt_usd
    if usd is not None and usd > gain:
        why = f"{name} is not sure ({confidence:.2f}), but {following.model.name} costs more than the doubt"
        return Choice(None, why, confidence, usd)
    return Choice(able, f"{name} is not sure enough: {confidence:.2f} of {tier.accept:.2f}", confidence, usd)


def _confidence(tier: Tier, submitted: SubmittedVerdict, run: PageRun) -> float | None:
    """Of the best label, on its own: the calibrator was fitted on labels after assembly, which this comes close to."""
    calibrator = run.calibrators.models.get(tier.model.name)
    if calibrator is None:
        return None
    return calibrator.label.apply(submitted.labels[0].score) if submitted.labels else 0.0


def expected_usd(tier: Tier, text: PageText | None, run: PageRun) -> float | None:
    """Price of one request about this page, in US dollars; None where the model's price is unknown."""
    if tier.model.free:
        return 0.0
    words = 0 if text is None else min(len(text.text), tier.text_tokens * CHARACTERS_A_TOKEN)
    asked = len(run.judging.instructions) + len(str(run.judging.tools)) + words
    image = tier.image_tokens if shows(tier, text) else 0
    return price(tier.model.provider_model, asked // CHARACTERS_A_TOKEN + image, WRITTEN_TOKENS)


def routed(state: PageState, choice: Choice, run: PageRun) -> EventDraft:
    """The event that tells of it."""
    tiers, at = run.route.tiers, state["tier"]
    to = None if choice.to is None else tiers[choice.to].model.name
    return EventDraft(
        key=run.key(f"tier:{at}:routed"),
        type="page.routed",
        actor="rules",
        page=state["page"],
        rationale=f"{choice.why}; {to} is asked" if to else f"{choice.why}; the page stays here",
        data={
            "from": tiers[at].model.name,
            "to": to,
            "confidence": None if choice.confidence is None else round(choice.confidence, 4),
            "expected_usd": None if choice.usd is None else round(choice.usd, 6),
        },
    )
