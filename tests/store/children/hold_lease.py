"""Claim one task for an hour, say so, and live until stdin ends. Argument: home."""

import asyncio
import sys
from pathlib import Path

from store.sqlite import open_store


async def main(home: Path) -> None:
    store = await open_store(home)
    task = await store.jobs.claim("holder", 3600.0)
    assert task is not None
    sys.stdout.write(f"{task.fence}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await store.close()


asyncio.run(main(Path(sys.argv[1])))
