"""Write a result out: `result.json`, `audit.jsonl`, and each document as a PDF of its own."""

from __future__ import annotations

from pathlib import Path

from store import trail
from store.ports import Store
from store.records import DocumentDecision, Result
from taxonomy import Taxonomy
from tools.errors import ToolFailure
from tools.pdf import PdfDocument


async def export(
    result: Result, store: Store, document: PdfDocument | None, taxonomy: Taxonomy | None, out: Path
) -> Result:
    """Write DIR/documents/NN-label.pdf, result.json and audit.jsonl; the result with its file names comes back."""
    out.mkdir(parents=True, exist_ok=True)
    if document is not None and taxonomy is not None:
        result = await _write_documents(result, document, taxonomy, out)
    (out / "result.json").write_text(result.model_dump_json(indent=1) + "\n", encoding="utf-8")
    await write_trail(result.job_id, store, out / "audit.jsonl")
    return result


async def write_trail(job_id: str, store: Store, path: Path) -> None:
    """Every event of the job, one line each."""
    with path.open("w", encoding="utf-8") as file:
        after = 0
        while events := await store.events.read(job_id, after):
            file.writelines(trail.to_line(event) + "\n" for event in events)
            after = events[-1].seq


async def _write_documents(result: Result, document: PdfDocument, taxonomy: Taxonomy, out: Path) -> Result:
    folder = out / "documents"
    folder.mkdir(exist_ok=True)
    for stale in folder.glob("*.pdf"):
        stale.unlink()
    digits = max(2, len(str(len(result.documents) - 1)))
    written = [await _write(decision, document, taxonomy, result, folder, digits) for decision in result.documents]
    return result.model_copy(update={"documents": tuple(written)})


async def _write(
    decision: DocumentDecision, source: PdfDocument, taxonomy: Taxonomy, result: Result, folder: Path, digits: int
) -> DocumentDecision:
    """A document whose pages cannot be copied keeps `file` null and says so; the others are not affected."""
    name = f"{decision.index:0{digits}d}-{decision.label or 'unknown'}.pdf"
    title = taxonomy.labels[decision.label].name if decision.label else "Unknown document"
    try:
        await source.write(
            decision.pages,
            folder / name,
            title,
            {
                "Subject": f"{result.packet}, pages {_ranges(decision.pages)}",
                "PagetrailLabel": decision.label or "",
                "PagetrailJob": result.job_id,
            },
        )
    except ToolFailure as failure:
        return decision.model_copy(
            update={"rationale": f"{decision.rationale}; its file could not be written: {failure}"}
        )
    return decision.model_copy(update={"file": f"documents/{name}"})


def _ranges(pages: tuple[int, ...]) -> str:
    return f"{pages[0]}" if len(pages) == 1 else f"{pages[0]}-{pages[-1]}"
