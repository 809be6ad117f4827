"""The result record of a packet, from what the nodes left and what the journal counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent.routes import Route
from graph.packet.run import PacketRun
from store.records import (
    BUDGET_REACHED,
    Assembled,
    CallRecord,
    Failure,
    PageVerdict,
    Result,
    ResultStatus,
    TierShare,
    Usage,
    now,
)


async def outcome(packet: Assembled, status: ResultStatus, run: PacketRun) -> Result:
    """Everything `result.json` says, document files excepted: they are written at export."""
    calls = await run.store.journal.calls(run.job.id)
    verdicts = await run.store.jobs.verdicts(run.job.id)
    return Result(
        packet=run.job.packet,
        job_id=run.job.id,
        status=status,
        manifest=run.manifest,
        pages=packet.pages,
        documents=packet.documents,
        findings=packet.findings,
        usage=total_usage(calls, run.job.created_at),
        tiers=shares(run.route, verdicts, calls),
        partial=_partial(verdicts),
    )


def total_usage(calls: Sequence[CallRecord], since: datetime) -> Usage:
    """Sum over a job's calls, and the time since its beginning. One unknown price makes the sum unknown."""
    return _sum(calls).model_copy(update={"wall_s": round((now() - since).total_seconds(), 3)})


def shares(route: Route, verdicts: Sequence[PageVerdict], calls: Sequence[CallRecord]) -> tuple[TierShare, ...]:
    """What each model of the route decided and cost; pages that no model could decide are in none."""
    names = dict.fromkeys(tier.model.name for tier in route.tiers)
    return tuple(
        TierShare(
            model=name,
            pages=sum(verdict.decided_by == name for verdict in verdicts),
            usage=_sum([call for call in calls if call.model == name]),
        )
        for name in names
    )


def _sum(calls: Sequence[CallRecord]) -> Usage:
    costs = [call.usage.cost_usd for call in calls if call.response is not None]
    return Usage(
        model_calls=sum(call.usage.model_calls for call in calls),
        input_tokens=sum(call.usage.input_tokens for call in calls),
        output_tokens=sum(call.usage.output_tokens for call in calls),
        cost_usd=None if None in costs else sum(cost for cost in costs if cost is not None),
        cached_calls=sum(call.usage.cached_calls for call in calls),
        lost_calls=sum(call.lost for call in calls),
        wall_s=round(sum(call.usage.wall_s for call in calls), 3),
    )


def _partial(verdicts: Sequence[PageVerdict]) -> Failure | None:
    without = [verdict.page for verdict in verdicts if BUDGET_REACHED in verdict.review_reasons]
    if not without:
        return None
    return Failure(
        code=BUDGET_REACHED,
        message=f"The budget ended before {len(without)} of {len(verdicts)} pages were judged as the route has it; "
        "they keep what cheaper steps found and wait for review.",
        advice="Give the same command a larger budget: only these pages are worked on again.",
    )
