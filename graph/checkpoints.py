"""Where LangGraph keeps its state on one machine. Deserialisation is strict: only plain data comes back."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

# Read by langgraph when a checkpoint is loaded: a type that is not plain data is refused instead of rebuilt.
os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver


@asynccontextmanager
async def open_checkpoints(home: Path) -> AsyncIterator[AsyncSqliteSaver]:
    """Checkpoints in `home/checkpoints.db`; several processes may share it."""
    async with AsyncSqliteSaver.from_conn_string(str(home / "checkpoints.db")) as saver:
        await saver.conn.execute("PRAGMA busy_timeout = 30000")
        # A checkpoint lost in a power cut costs some steps again, which are keyed; the records themselves are synced.
        await saver.conn.execute("PRAGMA synchronous = NORMAL")
        await saver.setup()
        yield saver
