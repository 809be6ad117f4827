"""The work of a job, one row a task: who may do it, who does it, until when.

States: `ready` to be claimed once `run_at` has come; `leased` to a worker; `waiting`, a packet task while its pages
run or a review is pending; `done`. Every lease has a fencing token larger than the one before, so that a worker
whose lease ran out while it slept can change nothing any more.

Times are of the wall clock. A clock set back makes leases last longer, never shorter; one set forward may end a lease
early, which costs work but no harm, because of the token. Functions here run inside a transaction of the caller.
"""

from __future__ import annotations

import sqlite3
import time

from store.errors import LeaseLost
from store.records import Task
from store.sqlite import holder

_IN_ORDER = "ORDER BY (page > 0), job_number, page"
_COLUMNS = "job_id, page, job_number, attempts, fence, round, holder, lease_until"


def add(connection: sqlite3.Connection, job_id: str, first: int, last: int) -> None:
    """Make tasks `first` to `last` of a job ready, 0 being the packet task; those already there stay as they are."""
    number = connection.execute("SELECT number FROM jobs WHERE id = ?", (job_id,)).fetchone()["number"]
    connection.executemany(
        "INSERT OR IGNORE INTO tasks (job_id, page, job_number, state, run_at) VALUES (?, ?, ?, 'ready', ?)",
        [(job_id, page, number, time.time()) for page in range(first, last + 1)],
    )


def claim(connection: sqlite3.Connection, worker: str, lease_s: float, job_id: str | None) -> Task | None:
    """Lease the first task that may be worked on: ready, or leased to somebody whose time is over or who is dead."""
    found = [row for row in (_first_ready(connection, job_id), _first_expired(connection, job_id)) if row is not None]
    if not found:
        return None
    row = min(found, key=_order)
    connection.execute(
        "UPDATE tasks SET state = 'leased', attempts = attempts + 1, fence = fence + 1, worker = ?, holder = ?, "
        "lease_until = ?, answers_seen = (SELECT count(*) FROM decisions WHERE decisions.job_id = tasks.job_id) "
        "WHERE job_id = ? AND page = ?",
        (worker, holder.this_process(), time.time() + lease_s, row["job_id"], row["page"]),
    )
    return Task(
        job_id=row["job_id"],
        kind="page" if row["page"] else "packet",
        page=row["page"],
        attempts=row["attempts"] + 1,
        fence=row["fence"] + 1,
        round=row["round"],
    )


def must_hold(connection: sqlite3.Connection, task: Task) -> None:
    """Raise LeaseLost unless this very lease is in force (one that ran out still is, until somebody claims)."""
    if not holds(connection, task):
        raise LeaseLost(f"page {task.page} of job {task.job_id} is no longer leased: drop the work")


def holds(connection: sqlite3.Connection, task: Task, or_left_as: tuple[str, ...] = ()) -> bool:
    """True while the lease is in force; False where it was given up and the task is in one of the states `or_left_as`.

    The False is for a worker that repeats itself because it never heard that its first attempt came through.
    Raises LeaseLost for everything else.
    """
    row = connection.execute(
        "SELECT state, fence FROM tasks WHERE job_id = ? AND page = ?", (task.job_id, task.page)
    ).fetchone()
    if row is None or row["fence"] != task.fence or row["state"] not in ("leased", *or_left_as):
        now = "is unknown" if row is None else f"is {row['state']} with token {row['fence']}"
        raise LeaseLost(f"page {task.page} of job {task.job_id} {now}, ours was {task.fence}: drop the work")
    return bool(row["state"] == "leased")


def extend(connection: sqlite3.Connection, task: Task, lease_s: float) -> None:
    connection.execute(
        "UPDATE tasks SET lease_until = ? WHERE job_id = ? AND page = ?",
        (time.time() + lease_s, task.job_id, task.page),
    )


def make_ready(connection: sqlite3.Connection, task: Task, delay_s: float = 0.0) -> None:
    """End the lease; anybody may claim the task after `delay_s` seconds."""
    connection.execute(
        "UPDATE tasks SET state = 'ready', run_at = ? WHERE job_id = ? AND page = ?",
        (time.time() + delay_s, task.job_id, task.page),
    )


def make_wait(connection: sqlite3.Connection, task: Task) -> None:
    connection.execute("UPDATE tasks SET state = 'waiting' WHERE job_id = ? AND page = ?", (task.job_id, task.page))


def make_done(connection: sqlite3.Connection, task: Task) -> None:
    connection.execute("UPDATE tasks SET state = 'done' WHERE job_id = ? AND page = ?", (task.job_id, task.page))


def make_all_done(connection: sqlite3.Connection, job_id: str) -> None:
    """Nothing of this job is worked on any more; other workers learn it from their next call."""
    connection.execute("UPDATE tasks SET state = 'done' WHERE job_id = ?", (job_id,))


def wake_packet(connection: sqlite3.Connection, job_id: str) -> None:
    """Make the packet task ready if it waits; one that is leased or ready takes notice by itself."""
    connection.execute(
        "UPDATE tasks SET state = 'ready', run_at = ? WHERE job_id = ? AND page = 0 AND state = 'waiting'",
        (time.time(), job_id),
    )


def take_up_again(connection: sqlite3.Connection, job_id: str, page: int) -> None:
    """Let a page that was done be worked on once more, in a round of its own."""
    connection.execute(
        "UPDATE tasks SET state = 'ready', run_at = ?, round = round + 1 WHERE job_id = ? AND page = ?",
        (time.time(), job_id, page),
    )


def pages_left(connection: sqlite3.Connection, job_id: str) -> bool:
    """Whether a page task is still to be done."""
    question = "SELECT EXISTS (SELECT 1 FROM tasks WHERE job_id = ? AND page > 0 AND state != 'done')"
    return bool(connection.execute(question, (job_id,)).fetchone()[0])


def answers_seen(connection: sqlite3.Connection, task: Task) -> int:
    """How many decisions of reviewers the job had when this lease began."""
    row = connection.execute("SELECT answers_seen FROM tasks WHERE job_id = ? AND page = ?", (task.job_id, task.page))
    seen: int = row.fetchone()["answers_seen"]
    return seen


def _first_ready(connection: sqlite3.Connection, job_id: str | None) -> sqlite3.Row | None:
    of_job, arguments = _restriction(job_id)
    row: sqlite3.Row | None = connection.execute(
        f"SELECT {_COLUMNS} FROM tasks WHERE state = 'ready' AND run_at <= ? {of_job} {_IN_ORDER} LIMIT 1",
        (time.time(), *arguments),
    ).fetchone()
    return row


def _first_expired(connection: sqlite3.Connection, job_id: str | None) -> sqlite3.Row | None:
    of_job, arguments = _restriction(job_id)
    leased = connection.execute(
        f"SELECT {_COLUMNS} FROM tasks WHERE state = 'leased' {of_job} {_IN_ORDER}", arguments
    ).fetchall()
    dead = {name for name in {row["holder"] for row in leased} if holder.is_dead(name)}
    now = time.time()
    return next((row for row in leased if row["lease_until"] <= now or row["holder"] in dead), None)


def _restriction(job_id: str | None) -> tuple[str, tuple[str, ...]]:
    return ("", ()) if job_id is None else ("AND job_id = ?", (job_id,))


def _order(row: sqlite3.Row) -> tuple[bool, int, int]:
    return row["page"] > 0, row["job_number"], row["page"]
