"""Doubts that wait for a person, and what people said."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Literal

from store.errors import Conflict, NotFound
from store.records import TERMINAL, EventDraft, Json, Result, ReviewDecision, ReviewItem, now
from store.sqlite import events, tasks
from store.sqlite.database import Database, as_json

_Kind = Literal["page", "boundary"]


class SqliteReviews:
    """The ReviewStore port. A doubt and the decision on it meet by job, kind and page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pending(self, job_id: str | None = None) -> Sequence[ReviewItem]:
        """Open doubts of one job or of all, oldest job first, by page."""
        return await self._database.read(partial(_pending, job_id=job_id))

    async def decide(self, decision: ReviewDecision) -> None:
        """Write the decision and its `review.decided` event, close the doubt, set the job running and its packet ready.

        Raises NotFound for an unknown job, Conflict where the job waits for nothing, ValueError where the decision
        is not exactly one of a label and a boundary. Saying the same again changes nothing.
        """
        await self._database.run(partial(_decide, decision=decision))

    async def decisions(self, job_id: str) -> Sequence[ReviewDecision]:
        """In the order they were made; of several on one page or boundary the last one stands."""
        return await self._database.read(partial(_decisions, job_id=job_id))


def replace_doubts(connection: sqlite3.Connection, job_id: str, items: Sequence[ReviewItem]) -> None:
    """Make `items` the open doubts of the job; what was open before is no doubt any more."""
    connection.execute("DELETE FROM review_items WHERE job_id = ?", (job_id,))
    connection.executemany(
        "INSERT INTO review_items (job_id, id, kind, page, item) VALUES (?, ?, ?, ?, ?)",
        [(job_id, item.id, item.kind, item.page, as_json(item)) for item in items],
    )


def count(connection: sqlite3.Connection, job_id: str) -> int:
    """How many decisions the job has."""
    number: int = connection.execute("SELECT count(*) FROM decisions WHERE job_id = ?", (job_id,)).fetchone()[0]
    return number


def refuse_contradiction(connection: sqlite3.Connection, job_id: str, result: Result) -> None:
    """Raise Conflict where the result says something else than a reviewer decided.

    It happens when the decision came while the packet was being put together without it. The boundary before page 1
    is left out: it stands whatever anybody says.
    """
    rows = {row.page: row for row in result.pages}
    stands = {(_kind(decision), decision.page): decision for decision in _decisions(connection, job_id)}
    for (kind, page), decision in stands.items():
        if (row := rows.get(page)) is None:
            continue
        heeded = (
            row.label == decision.label
            if kind == "page"
            else page == 1 or row.starts_document == decision.starts_document
        )
        if not heeded:
            raise Conflict(
                f"the result of job {job_id} contradicts the decision of reviewer {decision.reviewer} on the {kind} "
                f"of page {page}: read the decisions and assemble again"
            )


def _pending(connection: sqlite3.Connection, job_id: str | None) -> list[ReviewItem]:
    rows = connection.execute(
        "SELECT item FROM review_items JOIN jobs ON jobs.id = review_items.job_id "
        "WHERE ?1 IS NULL OR job_id = ?1 ORDER BY jobs.number, page, kind",
        (job_id,),
    )
    return [ReviewItem.model_validate(json.loads(row["item"])) for row in rows]


def _decide(connection: sqlite3.Connection, decision: ReviewDecision) -> None:
    kind = _kind(decision)
    doubt = _doubt(connection, decision, kind)
    if doubt is None and _says_the_same(_latest(connection, decision, kind), decision):
        return
    _must_wait_for_it(connection, decision, doubt)
    connection.execute(
        "INSERT INTO decisions (job_id, kind, page, decision) VALUES (?, ?, ?, ?)",
        (decision.job_id, kind, decision.page, as_json(decision)),
    )
    connection.execute(
        "DELETE FROM review_items WHERE job_id = ? AND kind = ? AND page = ?", (decision.job_id, kind, decision.page)
    )
    proposed = doubt.proposed if doubt else None
    number = count(connection, decision.job_id)
    events.append(connection, decision.job_id, [_told(decision, kind, proposed, number)])
    connection.execute(
        "UPDATE jobs SET status = 'running', updated_at = ? WHERE id = ?", (now().isoformat(), decision.job_id)
    )
    tasks.wake_packet(connection, decision.job_id)


def _kind(decision: ReviewDecision) -> _Kind:
    if (decision.label is None) == (decision.starts_document is None):
        raise ValueError("a decision is either a label or a boundary: give exactly one of label and starts_document")
    return "boundary" if decision.label is None else "page"


def _doubt(connection: sqlite3.Connection, decision: ReviewDecision, kind: _Kind) -> ReviewItem | None:
    row = connection.execute(
        "SELECT item FROM review_items WHERE job_id = ? AND kind = ? AND page = ? ORDER BY id",
        (decision.job_id, kind, decision.page),
    ).fetchone()
    return None if row is None else ReviewItem.model_validate(json.loads(row["item"]))


def _latest(connection: sqlite3.Connection, decision: ReviewDecision, kind: _Kind) -> ReviewDecision | None:
    row = connection.execute(
        "SELECT decision FROM decisions WHERE job_id = ? AND kind = ? AND page = ? ORDER BY number DESC LIMIT 1",
        (decision.job_id, kind, decision.page),
    ).fetchone()
    return None if row is None else ReviewDecision.model_validate(json.loads(row["decision"]))


def _says_the_same(earlier: ReviewDecision | None, decision: ReviewDecision) -> bool:
    return earlier is not None and (earlier.reviewer, earlier.label, earlier.starts_document) == (
        decision.reviewer,
        decision.label,
        decision.starts_document,
    )


def _must_wait_for_it(connection: sqlite3.Connection, decision: ReviewDecision, doubt: ReviewItem | None) -> None:
    job = connection.execute("SELECT status FROM jobs WHERE id = ?", (decision.job_id,)).fetchone()
    if job is None:
        raise NotFound(f"no job {decision.job_id!r} in this store")
    if job["status"] in TERMINAL or (doubt is None and job["status"] != "waiting_review"):
        raise Conflict(f"job {decision.job_id} is {job['status']} and waits for no decision on page {decision.page}")


def _told(decision: ReviewDecision, kind: _Kind, proposed: Json | None, number: int) -> EventDraft:
    said: Json = {"label": decision.label} if kind == "page" else {"starts_document": decision.starts_document}
    return EventDraft(
        key=f"review:decided:{number}",
        type="review.decided",
        actor=f"reviewer:{decision.reviewer}",
        page=decision.page,
        rationale=decision.reason,
        data={"kind": kind, "proposed": proposed, "decided": said},
    )


def _decisions(connection: sqlite3.Connection, job_id: str) -> list[ReviewDecision]:
    rows = connection.execute("SELECT decision FROM decisions WHERE job_id = ? ORDER BY number", (job_id,))
    return [ReviewDecision.model_validate(json.loads(row["decision"])) for row in rows]
