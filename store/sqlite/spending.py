"""Budgets: what was spent, what calls in flight may still cost, and whether one more call may begin.

Functions here run inside the transaction that writes a call's intent, so that two workers never spend the same money.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from store.errors import BudgetReached
from store.records import NO_CAP, Budget, CallIntent, Usage


@dataclass(frozen=True)
class _Purse:
    """One budget and what has gone from it."""

    whose: str
    budget: Budget
    tokens: int
    usd: float
    seconds: float
    held_tokens: int
    held_usd: float


def may_begin(connection: sqlite3.Connection, intent: CallIntent, tenant: str, of_tenant: Budget) -> bool:
    """False where the call has to wait for those in flight; BudgetReached where no waiting would help."""
    fits = [_fits(purse, intent) for purse in _purses(connection, intent, tenant, of_tenant)]
    return all(fits)


def record(connection: sqlite3.Connection, job_id: str, tenant: str, usage: Usage) -> None:
    """Add what a call cost to the sums of its job and of its tenant's day."""
    for owner in (_job(job_id), _tenant(tenant)):
        connection.execute(
            "INSERT INTO spending (owner, tokens, usd, seconds) VALUES (?, ?, ?, ?) ON CONFLICT (owner) DO UPDATE SET "
            "tokens = tokens + excluded.tokens, usd = usd + excluded.usd, seconds = seconds + excluded.seconds",
            (owner, usage.input_tokens + usage.output_tokens, usage.cost_usd or 0.0, usage.wall_s),
        )


def _purses(connection: sqlite3.Connection, intent: CallIntent, tenant: str, of_tenant: Budget) -> Iterator[_Purse]:
    job = connection.execute(
        "SELECT budget, budget_since, created_at FROM jobs WHERE id = ?", (intent.job_id,)
    ).fetchone()
    if job is not None and job["budget"] is not None:
        since = job["budget_since"] or datetime.fromisoformat(job["created_at"]).timestamp()
        of_job = Budget.model_validate(json.loads(job["budget"]))
        passed = time.time() - since
        yield _purse(connection, "job", of_job, _job(intent.job_id), "job_id", intent.job_id, intent.key, passed)
    if of_tenant != NO_CAP:
        yield _purse(connection, "tenant", of_tenant, _tenant(tenant), "tenant", tenant, intent.key, None)


def _purse(
    connection: sqlite3.Connection,
    whose: str,
    budget: Budget,
    owner: str,
    column: str,
    value: str,
    but: str,
    passed: float | None,
) -> _Purse:
    spent = connection.execute("SELECT tokens, usd, seconds FROM spending WHERE owner = ?", (owner,)).fetchone()
    tokens, usd, seconds = spent or (0, 0.0, 0.0)
    held = connection.execute(
        f"SELECT coalesce(sum(held_tokens), 0), coalesce(sum(held_usd), 0.0) FROM calls "
        f"WHERE {column} = ? AND held_until > ? AND key != ?",
        (value, time.time(), but),
    ).fetchone()
    return _Purse(whose, budget, tokens, usd, seconds if passed is None else passed, held[0], held[1])


def _fits(purse: _Purse, intent: CallIntent) -> bool:
    budget = purse.budget
    if budget.seconds is not None and purse.seconds >= budget.seconds:
        raise BudgetReached(purse.whose, "seconds", budget.seconds, round(purse.seconds, 1))
    fits = True
    if budget.tokens is not None:
        if purse.tokens + intent.tokens > budget.tokens:
            raise BudgetReached(purse.whose, "tokens", budget.tokens, purse.tokens)
        fits = purse.tokens + purse.held_tokens + intent.tokens <= budget.tokens
    if budget.usd is not None:
        # A price that nobody knows cannot be held against a cap: it would count as free.
        if intent.usd is None or purse.usd + intent.usd > budget.usd:
            raise BudgetReached(purse.whose, "dollars", budget.usd, round(purse.usd, 6))
        fits = fits and purse.usd + purse.held_usd + intent.usd <= budget.usd
    return fits


def _job(job_id: str) -> str:
    return f"job:{job_id}"


def _tenant(tenant: str) -> str:
    return f"tenant:{tenant}:{datetime.now(UTC).date()}"
