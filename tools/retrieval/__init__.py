"""Labelled examples at work: pages that look or read like this one, and what they suggest it is."""

from tools.retrieval.embedder import Embedder, EmbedderMissing, LocalEmbedder
from tools.retrieval.importing import ExampleImport, SkippedFile, example_id, read_examples
from tools.retrieval.index import ExampleIndex, Neighbour

__all__ = [
    "Embedder",
    "EmbedderMissing",
    "ExampleImport",
    "ExampleIndex",
    "LocalEmbedder",
    "Neighbour",
    "SkippedFile",
    "example_id",
    "read_examples",
]
