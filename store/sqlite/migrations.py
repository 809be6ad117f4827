"""The schema, as numbered steps. A step that has shipped is never changed; a new one is appended to its list.

`PRAGMA user_version` counts the steps a file has seen; each runs in a transaction with its count, so that a kill
between two steps leaves a file that the next start carries on with.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from store.errors import Unavailable

Migration = Callable[[sqlite3.Connection], None]


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Run the steps the file has not seen; safe when several processes open it at once."""
    if _version(connection) == len(migrations):
        return
    for number, step in enumerate(migrations, start=1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _version(connection) < number:
                step(connection)
                connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    if (version := _version(connection)) > len(migrations):
        raise Unavailable(
            f"the store has schema {version}, this Pagetrail knows {len(migrations)}: "
            "use the newer Pagetrail that wrote it, or another PAGETRAIL_HOME"
        )


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def m001_jobs(connection: sqlite3.Connection) -> None:
    """Jobs, their tasks, verdicts and results. `number` is the order of submission."""
    connection.execute("""
        CREATE TABLE jobs (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            tenant TEXT NOT NULL,
            packet TEXT NOT NULL,
            blob TEXT NOT NULL,
            options TEXT NOT NULL,
            status TEXT NOT NULL,
            page_count INTEGER,
            manifest TEXT,
            error TEXT,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL
        ) STRICT""")
    connection.execute("CREATE INDEX jobs_of_tenant ON jobs (tenant, number)")
    connection.execute("CREATE INDEX jobs_of_blob ON jobs (blob, number)")
    connection.execute("""
        CREATE TABLE tasks (
            job_id TEXT NOT NULL REFERENCES jobs (id),
            page INTEGER NOT NULL,          -- 0 is the packet task
            job_number INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('ready', 'leased', 'waiting', 'done')),
            run_at REAL NOT NULL,           -- seconds since 1970; a ready task is not claimed before
            attempts INTEGER NOT NULL DEFAULT 0,
            fence INTEGER NOT NULL DEFAULT 0,
            worker TEXT,
            holder TEXT,                    -- the process behind the worker, see holder.py
            lease_until REAL,               -- seconds since 1970
            answers_seen INTEGER NOT NULL DEFAULT 0,  -- decisions of reviewers there at the last claim
            PRIMARY KEY (job_id, page)
        ) STRICT, WITHOUT ROWID""")
    connection.execute("CREATE INDEX tasks_in_order ON tasks (state, (page > 0), job_number, page)")
    connection.execute("CREATE INDEX tasks_of_job ON tasks (job_id, state, page)")
    connection.execute("""
        CREATE TABLE verdicts (
            job_id TEXT NOT NULL REFERENCES jobs (id),
            page INTEGER NOT NULL,
            verdict TEXT NOT NULL,
            PRIMARY KEY (job_id, page)
        ) STRICT""")
    connection.execute("""
        CREATE TABLE results (
            job_id TEXT PRIMARY KEY REFERENCES jobs (id),
            result TEXT NOT NULL
        ) STRICT""")


def m002_events(connection: sqlite3.Connection) -> None:
    """The trail. `line` is the event as it stands in audit.jsonl."""
    connection.execute("""
        CREATE TABLE events (
            job_id TEXT NOT NULL REFERENCES jobs (id),
            seq INTEGER NOT NULL,
            key TEXT NOT NULL,
            hash TEXT NOT NULL,
            line TEXT NOT NULL,
            PRIMARY KEY (job_id, seq),
            UNIQUE (job_id, key)
        ) STRICT""")


def m003_calls(connection: sqlite3.Connection) -> None:
    """The journal of model calls. `usage` and `response` come together."""
    connection.execute("""
        CREATE TABLE calls (
            number INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            job_id TEXT NOT NULL,
            page INTEGER NOT NULL,
            turn INTEGER NOT NULL,
            model TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            response TEXT,
            usage TEXT
        ) STRICT""")
    connection.execute("CREATE INDEX calls_of_job ON calls (job_id, number)")


def m004_reviews(connection: sqlite3.Connection) -> None:
    """Open doubts, and every decision ever made; of several for one doubt the last one stands."""
    connection.execute("""
        CREATE TABLE review_items (
            job_id TEXT NOT NULL REFERENCES jobs (id),
            id TEXT NOT NULL,
            kind TEXT NOT NULL,
            page INTEGER NOT NULL,
            item TEXT NOT NULL,
            PRIMARY KEY (job_id, id)
        ) STRICT""")
    connection.execute("""
        CREATE TABLE decisions (
            number INTEGER PRIMARY KEY,
            job_id TEXT NOT NULL REFERENCES jobs (id),
            kind TEXT NOT NULL,
            page INTEGER NOT NULL,
            decision TEXT NOT NULL
        ) STRICT""")
    connection.execute("CREATE INDEX decisions_of_job ON decisions (job_id, kind, page, number)")


def m005_examples(connection: sqlite3.Connection) -> None:
    """The example log. A delete removes the add it answers, content and all, and leaves an entry of its own."""
    connection.execute("""
        CREATE TABLE example_log (
            set_name TEXT NOT NULL,
            seq INTEGER NOT NULL,
            op TEXT NOT NULL CHECK (op IN ('add', 'delete')),
            example_id TEXT NOT NULL,
            label TEXT,
            example TEXT,
            PRIMARY KEY (set_name, seq)
        ) STRICT""")
    connection.execute("CREATE UNIQUE INDEX examples_alive ON example_log (set_name, example_id) WHERE op = 'add'")


def m006_blobs(connection: sqlite3.Connection) -> None:
    """Blobs that are small enough to be rows."""
    connection.execute("CREATE TABLE blobs (ref TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT, WITHOUT ROWID")


def m007_budgets(connection: sqlite3.Connection) -> None:
    """What a call may cost is held back while it is in flight; what was spent is summed by job and by tenant."""
    connection.execute("ALTER TABLE jobs ADD COLUMN budget TEXT")
    connection.execute("ALTER TABLE jobs ADD COLUMN budget_since REAL")  # seconds since 1970; NULL: its creation
    connection.execute("ALTER TABLE tasks ADD COLUMN round INTEGER NOT NULL DEFAULT 0")
    connection.execute("ALTER TABLE calls ADD COLUMN tenant TEXT NOT NULL DEFAULT 'default'")
    connection.execute("ALTER TABLE calls ADD COLUMN content_key TEXT")
    connection.execute("ALTER TABLE calls ADD COLUMN lost INTEGER NOT NULL DEFAULT 0")
    connection.execute("ALTER TABLE calls ADD COLUMN held_tokens INTEGER NOT NULL DEFAULT 0")
    connection.execute("ALTER TABLE calls ADD COLUMN held_usd REAL NOT NULL DEFAULT 0")
    connection.execute("ALTER TABLE calls ADD COLUMN held_until REAL")  # NULL: not in flight
    connection.execute("CREATE INDEX calls_of_content ON calls (tenant, content_key) WHERE content_key IS NOT NULL")
    connection.execute("CREATE INDEX calls_in_flight ON calls (tenant, job_id) WHERE held_until IS NOT NULL")
    connection.execute("""
        CREATE TABLE spending (
            owner TEXT PRIMARY KEY,         -- job:ID or tenant:NAME:DAY
            tokens INTEGER NOT NULL,
            usd REAL NOT NULL,              -- of the calls whose price is known
            seconds REAL NOT NULL
        ) STRICT, WITHOUT ROWID""")


STORE: tuple[Migration, ...] = (
    m001_jobs,
    m002_events,
    m003_calls,
    m004_reviews,
    m005_examples,
    m006_blobs,
    m007_budgets,
)
"""Steps of pagetrail.db."""


def c001_cache(connection: sqlite3.Connection) -> None:
    """Cached values in the order they came, and the sum of their sizes."""
    connection.execute("""
        CREATE TABLE entries (
            number INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            value BLOB NOT NULL
        ) STRICT""")
    connection.execute("CREATE TABLE total (bytes INTEGER NOT NULL) STRICT")
    connection.execute("INSERT INTO total VALUES (0)")


CACHE: tuple[Migration, ...] = (c001_cache,)
"""Steps of cache.db."""
