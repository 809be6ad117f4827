"""Labelled examples at work: pages that look or read like this one, and what they suggest it is."""

from tools.retrieval.embedder import Embedder, EmbedderMissing, LocalEmbedder
from tools.retrieval.importing import ExampleImport, SkippedFile, example_id, read_examples
from tools.retrieval.index import ExampleIndex, Neighbour
from tools.retrieval.look import LOOK_DIMENSION, describe

__all__ = [
    "LOOK_DIMENSION",
    "Embedder",
    "EmbedderMissing",
    "ExampleImport",
    "ExampleIndex",
    "LocalEmbedder",
    "Neighbour",
    "SkippedFile",
    "describe",
    "example_id",
    "read_examples",
]
