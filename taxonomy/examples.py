"""The labelled examples that come with a shipped taxonomy: one JSON object a line, made by the synthetic generator."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources

from taxonomy.types import Taxonomy


@dataclass(frozen=True)
class ShippedExample:
    """One labelled page of a made-up document."""

    label: str
    text: str
    starts_document: bool
    source: str
    """`synthetic:` and the layout it was drawn with."""


def shipped_examples(taxonomy: Taxonomy) -> list[ShippedExample]:
    """Examples of the shipped taxonomy of this name and version whose labels it still has; none for a user's own."""
    file = resources.files("taxonomy") / "data" / f"{taxonomy.name}.v{taxonomy.version}.examples.jsonl"
    if not file.is_file():
        return []
    lines = file.read_text(encoding="utf-8").splitlines()
    examples = [ShippedExample(**json.loads(line)) for line in lines]
    return [example for example in examples if example.label in taxonomy.labels]
