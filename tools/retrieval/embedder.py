"""Text to vectors without network or torch: the mean of token vectors that the wordllama wheel carries.

Only its files are used. Its own `load()` looks for the tokenizer in a folder the wheel does not have and then asks the
network, and importing the package reconfigures the root logger; so the files are found without importing it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class EmbedderMissing(RuntimeError):
    """The embedding weights are not installed: install the project again (`pip install wordllama`)."""


class Embedder(Protocol):
    """Anything that turns texts into comparable vectors."""

    @property
    def model_id(self) -> str:
        """Name and version of the weights. Vectors of two ids never share a collection."""
        ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, dimension), rows of length 1; a text without tokens gives a row of zeros."""
        ...


class LocalEmbedder:
    """256 floats a text, about 0.5 ms each; weights (16 MB) are read at first use."""

    model_id = "wordllama-l2-supercat-256"
    dimension = 256

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed`. Raise EmbedderMissing where the weights are not installed."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # Fast: without the place of each token. Stripped, because the tokenizer makes a token of mere white space.
        encodings = self._tokenizer.encode_batch_fast([text.strip() for text in texts], add_special_tokens=False)
        for row, encoding in zip(rows, encodings, strict=True):
            if encoding.ids:
                row[:] = self._weights[np.asarray(encoding.ids)].mean(axis=0)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, lengths, out=rows, where=lengths > 0)
        return rows

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(_bundled("tokenizers/l2_supercat_tokenizer_config.json")))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _weights(self) -> Vectors:
        from safetensors.numpy import load_file

        weights: Vectors = load_file(_bundled("weights/l2_supercat_256.safetensors"))["embedding.weight"]
        return weights.astype(np.float32)


def _bundled(name: str) -> Path:
    """A file of the installed wordllama distribution."""
    package = find_spec("wordllama")
    path = Path(package.origin).parent / name if package and package.origin else None
    if path is None or not path.is_file():
        raise EmbedderMissing(f"wordllama's {name} is not installed: install the project's dependencies again")
    return path
