"""Labelled packets of invented loan documents, drawn from nothing but a seed.

`generate` writes a dataset, `example_records` gives the texts the shipped retrieval examples are made of.
"""

from evals.synth.examples import example_records, write_shipped_examples
from evals.synth.packet import generate

__all__ = ["example_records", "generate", "write_shipped_examples"]
