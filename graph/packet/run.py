"""What the nodes of a packet graph work with; passed as LangGraph's runtime context, never checkpointed."""

from __future__ import annotations

from dataclasses import dataclass

from agent.routes import Route
from graph.calibrator import Calibrators
from store.ports import Store
from store.records import Assembled, Job, Record, RunManifest, Task
from taxonomy import Taxonomy
from tools.pdf import PdfDocument


@dataclass(frozen=True)
class PacketRun:
    """One packet on its way through the graph, in one process."""

    task: Task
    job: Job
    store: Store
    document: PdfDocument
    taxonomy: Taxonomy
    route: Route
    calibrators: Calibrators
    manifest: RunManifest

    async def keep(self, record: Record) -> str:
        """Put a record into a blob."""
        return await self.store.blobs.put(record.model_dump_json().encode())

    async def assembled(self, ref: str | None) -> Assembled:
        """The packet as the last node left it."""
        if ref is None:
            raise LookupError("the packet was not assembled yet")
        return Assembled.model_validate_json(await self.store.blobs.get(ref))
