"""All examples at one moment, with everything that is derived from them; built when first asked, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from store.records import Example
from tools.retrieval.embedder import Embedder, Vectors
from tools.retrieval.features import Floats, Look, PageKernel
from tools.retrieval.lexical import LexicalIndex
from tools.retrieval.scoring import LabelModel, StartModel

_MOST_TRAINED = 2000
"""Examples the classifiers learn from at most: fitting takes time with the third power of their number."""


class Snapshot:
    """Examples in order of their ids, whatever the order they were added in; a *place* is an index into that order.

    Not safe to ask from two threads at once: `ExampleIndex` holds a lock.
    """

    def __init__(
        self, sets: Mapping[str, Mapping[str, Example]], sequences: Mapping[str, int], embedder: Embedder
    ) -> None:
        union = {name: example for examples in sets.values() for name, example in examples.items()}
        self.examples = [union[name] for name in sorted(union)]
        self.place = {example.id: place for place, example in enumerate(self.examples)}
        self.sequences = dict(sequences)
        """How far the log of each set had been read."""
        self._sets = {name: tuple(examples) for name, examples in sets.items()}
        self._worded: dict[str, dict[str, Vectors]] = {}
        self._embedder = embedder

    def asked(self, text: str, look: Look | None) -> AskedPage:
        """A page to compare with these examples."""
        return AskedPage(self, text, look)

    def embed(self, text: str) -> Vectors:
        """Shape (dimension,); zeros for a text without words."""
        row: Vectors = self._embedder.embed([text])[0]
        return row

    def vectors_of(self, name: str) -> dict[str, Vectors]:
        """By id, the vectors of a set's examples that have words."""
        if name not in self._worded:
            rows = {one: self.vectors[self.place[one]] for one in self._sets[name]}
            self._worded[name] = {one: row for one, row in rows.items() if row.any()}
        return self._worded[name]

    def cosine(self, place: int, vector: Vectors) -> float | None:
        """Similarity of meaning, 0..1; None where either side has no words."""
        here = self.vectors[place]
        if not here.any() or not vector.any():
            return None
        return round(min(max(float(here @ vector), 0.0), 1.0), 6)

    def nearest_of(self, places: Sequence[int], vector: Vectors) -> list[int]:
        """These places by falling similarity of meaning; ties stay in their order."""
        cosines = np.clip(self.vectors[places] @ vector, 0.0, 1.0).round(6)
        return [places[at] for at in np.argsort(-cosines, kind="stable").tolist()]

    def nearest_looks(self, look: Look | None, depth: int) -> list[int]:
        """Places of the examples that look most like it, best first."""
        if look is None:
            return []
        asked = np.asarray(look, dtype=np.float64)
        near = [
            (-float(asked @ np.asarray(example.look)), place)
            for place, example in enumerate(self.examples)
            if example.look is not None and len(example.look) == len(asked)
        ]
        return [place for _, place in sorted(near)[:depth]]

    @cached_property
    def vectors(self) -> Vectors:
        """Shape (examples, dimension)."""
        return self._embedder.embed([example.text for example in self.examples])

    @cached_property
    def lexical(self) -> LexicalIndex:
        return LexicalIndex([example.text for example in self.examples])

    @cached_property
    def label_model(self) -> LabelModel | None:
        """None where there are no examples."""
        if not self._trained:
            return None
        return LabelModel.fit(self._gram, [one.label for one in self._trained], [_packet(one) for one in self._trained])

    @cached_property
    def start_model(self) -> StartModel | None:
        """None where the examples do not show both pages that start a document and pages that do not."""
        telling = [self._trained[row] for row in self.start_rows]
        starts = [bool(one.starts_document) for one in telling]
        if len(set(starts)) < 2:
            return None
        gram = self._gram[np.ix_(self.start_rows, self.start_rows)]
        return StartModel.fit(gram, starts, [_packet(one) for one in telling])

    @cached_property
    def start_rows(self) -> list[int]:
        """Which of the trained examples say whether they start a document."""
        return [row for row, one in enumerate(self._trained) if one.starts_document is not None]

    @cached_property
    def _trained(self) -> list[Example]:
        """All examples; where there are too many, equally many of each label as far as they go."""
        seen: dict[str, int] = {}
        turns = []
        for example in self.examples:
            seen[example.label] = seen.get(example.label, 0) + 1
            turns.append((seen[example.label], example.id))
        return [self.examples[self.place[name]] for _, name in sorted(turns)[:_MOST_TRAINED]]

    @cached_property
    def kernel(self) -> PageKernel:
        """Similarity to the examples the classifiers were trained on."""
        places = [self.place[one.id] for one in self._trained]
        return PageKernel(
            [one.text for one in self._trained], self.vectors[places], [one.look for one in self._trained]
        )

    @cached_property
    def _gram(self) -> Floats:
        return self.kernel.gram


class AskedPage:
    """One page beside the examples of a snapshot; what several answers need of it is worked out once."""

    def __init__(self, snapshot: Snapshot, text: str, look: Look | None) -> None:
        self.text = text
        self.look = look
        self.snapshot = snapshot

    @cached_property
    def vector(self) -> Vectors:
        """Shape (dimension,)."""
        return self.snapshot.embed(self.text)

    @cached_property
    def similarity(self) -> Floats:
        """To each example the classifiers were trained on."""
        return self.snapshot.kernel.to(self.text, self.vector, self.look)


def _packet(example: Example) -> str:
    """What an example shares its origin with: its packet, else its file, else nothing."""
    return example.packet or example.source.split("#")[0] or example.id
