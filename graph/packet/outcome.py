"""The result record of a packet, from what the nodes left and what the journal counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from graph.packet.run import PacketRun
from store.records import Assembled, CallRecord, Result, ResultStatus, Usage, now


async def outcome(packet: Assembled, status: ResultStatus, run: PacketRun) -> Result:
    """Everything `result.json` says, document files excepted: they are written at export."""
    return Result(
        packet=run.job.packet,
        job_id=run.job.id,
        status=status,
        manifest=run.manifest,
        pages=packet.pages,
        documents=packet.documents,
        findings=packet.findings,
        usage=total_usage(await run.store.journal.calls(run.job.id), run.job.created_at),
    )


def total_usage(calls: Sequence[CallRecord], since: datetime) -> Usage:
    """Sum over a job's calls. One unknown price makes the sum unknown."""
    costs = [call.usage.cost_usd for call in calls if call.response is not None]
    return Usage(
        model_calls=sum(call.usage.model_calls for call in calls),
        input_tokens=sum(call.usage.input_tokens for call in calls),
        output_tokens=sum(call.usage.output_tokens for call in calls),
        cost_usd=None if None in costs else sum(cost for cost in costs if cost is not None),
        cached_calls=sum(call.usage.cached_calls for call in calls),
        wall_s=round((now() - since).total_seconds(), 3),
    )
