"""Texts of generated pages as retrieval examples, and the file of them that ships with the lending taxonomy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import taxonomy
from evals.synth.catalogue import LABELS, LAYOUTS
from evals.synth.degrade import open_pdf
from evals.synth.layout import Layout, draw_document
from evals.synth.people import invent_case

SHIPPED = Path(taxonomy.__file__).parent / "data" / "lending.v1.examples.jsonl"
SHIPPED_SEED = 1003
SHIPPED_PER_LABEL = 6
LONGEST = 1500
"""Characters of one example: the head of a page tells its kind, and the file stays small."""
SHORTEST = 40
"""A page with less text than this teaches nothing."""


def example_records(seed: int, per_label: int) -> list[dict[str, Any]]:
    """`{label, text, starts_document, source}` for each label, its layouts taken in turn.

    Up to half of a label's records are inner pages, where its documents have any; no two texts are equal.
    """
    records = []
    for label in LABELS:
        firsts, inners = _pages_of([layout for layout in LAYOUTS if layout.label == label], seed, per_label)
        inner = inners[: per_label // 2]
        records += firsts[: per_label - len(inner)] + inner
    return records


def write_shipped_examples(path: Path = SHIPPED) -> int:
    """Write the shipped example file anew, one JSON object a line; the number of examples comes back."""
    records = example_records(SHIPPED_SEED, SHIPPED_PER_LABEL)
    path.write_text(shipped_text(records), encoding="utf-8")
    return len(records)


def shipped_text(records: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False, sort_keys=True) + "\n" for record in records)


def _pages_of(layouts: list[Layout], seed: int, wanted: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """First pages and inner pages, at least `wanted` first ones."""
    firsts: list[dict[str, Any]] = []
    inners: list[dict[str, Any]] = []
    seen: set[str] = set()
    for turn in range(wanted):
        for layout in layouts:
            for page, text in enumerate(_page_texts(layout, f"examples:{seed}:{turn}")):
                if len(text) < SHORTEST or text in seen:
                    continue
                seen.add(text)
                record = {
                    "label": layout.label,
                    "text": text,
                    "starts_document": page == 0,
                    "source": f"synthetic:{layout.name}",
                }
                (firsts if page == 0 else inners).append(record)
        if len(firsts) >= wanted:
            break
    return firsts, inners


def _page_texts(layout: Layout, seed: str) -> Iterator[str]:
    document = open_pdf(draw_document(layout, invent_case(seed), seed).pdf)
    for page in document:
        yield _tidy(page.get_textpage().get_text_range())
    document.close()


def _tidy(text: str) -> str:
    """Single spaces, no empty lines, cut at the end of a line where the text is too long."""
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.splitlines())
    whole = "\n".join(line for line in lines if line)
    return whole if len(whole) <= LONGEST else whole[: whole.rfind("\n", 0, LONGEST + 1)]
