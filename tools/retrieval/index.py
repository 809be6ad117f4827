"""The derived index over labelled pages. The store's example log is the truth; everything here can be built again.

Opening reads the log and no more. Vectors, BM25, the classifiers and Chroma come to life when they are first asked,
and are made anew when the log has moved. An example deleted from the log leaves memory and Chroma with the next sync.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from store.ports import ExampleLog
from store.records import Example
from tools.retrieval.embedder import Embedder, Vectors
from tools.retrieval.features import Look
from tools.retrieval.snapshot import AskedPage, Snapshot
from tools.retrieval.vectors import VectorCollection

_FUSION = 60
"""The usual constant of reciprocal-rank fusion."""
_DEPTH = 50
"""Candidates that meaning, words and look each hand to the fusion."""
_SNIPPET = 160


@dataclass(frozen=True)
class Neighbour:
    """One labelled page that resembles the page asked about."""

    example_id: str
    label: str
    score: float
    """Reciprocal-rank fusion over meaning, words and look; orders the list and says nothing on its own."""
    similarity: float | None
    """Cosine of the embeddings, 0..1; None where either page has no words."""
    starts_document: bool | None
    source: str
    snippet: str
    """The first words of the example, at most 160 characters."""


@dataclass(frozen=True)
class Comparison:
    """What the examples say of one page: the answers of `search`, `label_scores` and `start_score`."""

    neighbours: list[Neighbour]
    labels: list[tuple[str, float]]
    start: float | None


class ExampleIndex:
    """Finds labelled pages like a page, and says what they suggest.

    `compare` and its parts `search`, `label_scores` and `start_score` are plain functions that may take seconds the
    first time: coroutines call them through `asyncio.to_thread`. They may be called from several threads.
    """

    def __init__(self, log: ExampleLog, sets: Sequence[str], folder: Path, embedder: Embedder) -> None:
        """Use `open`; a new index knows nothing until its first `sync`."""
        self._log = log
        self._embedder = embedder
        self._sets = {
            name: _Set(VectorCollection(folder, name, embedder.model_id, embedder.dimension)) for name in sets
        }
        self._lock = RLock()
        self._syncing = asyncio.Lock()
        self._snapshot = Snapshot({}, {}, embedder)

    @classmethod
    async def open(cls, log: ExampleLog, sets: Sequence[str], folder: Path, embedder: Embedder) -> ExampleIndex:
        """Read the log of these sets. `folder` holds the vectors; missing or broken, it is built again."""
        index = cls(log, sets, folder, embedder)
        await index.sync()
        return index

    async def sync(self) -> None:
        """Catch up with the log by sequence number. Raise Unavailable where log or vectors cannot be reached."""
        async with self._syncing:
            for name, one in self._sets.items():
                await one.catch_up(self._log, name)
            if self._snapshot.sequences != self._read or any(one.must_purge for one in self._sets.values()):
                await asyncio.to_thread(self._renew)

    async def close(self) -> None:
        """Free the files of the vector collections; a later search opens them again."""
        await asyncio.to_thread(self._close)

    @property
    def count(self) -> int:
        """Examples over all sets; the same example in two sets counts once."""
        return len(self._snapshot.examples)

    @property
    def sequences(self) -> dict[str, int]:
        """How far each set's log has been read."""
        return dict(self._snapshot.sequences)

    def compare(self, text: str, look: Look | None = None, k: int = 8) -> Comparison:
        """All that the examples say of a page, at the price of one comparison. Raise Unavailable like `search`."""
        with self._lock:
            page = self._snapshot.asked(text, look)
            return Comparison(self._neighbours(page, k), self._labels(page), self._start(page))

    def search(self, text: str, look: Look | None = None, k: int = 8) -> list[Neighbour]:
        """The k examples most like a page, best first. Raise Unavailable where the vectors cannot be stored."""
        with self._lock:
            return self._neighbours(self._snapshot.asked(text, look), k)

    def label_scores(self, text: str, look: Look | None = None) -> list[tuple[str, float]]:
        """Labels of the examples with their probabilities, falling; what is missing to 1 says *unlike anything seen*.

        Empty where there are no examples. The first call after the log has moved trains (about 1 s for 500 pages).
        """
        with self._lock:
            return self._labels(self._snapshot.asked(text, look))

    def start_score(self, text: str, look: Look | None = None) -> float | None:
        """Probability that such a page starts a document; None where the examples do not show both kinds."""
        with self._lock:
            return self._start(self._snapshot.asked(text, look))

    def _neighbours(self, page: AskedPage, k: int) -> list[Neighbour]:
        now = page.snapshot
        if not now.examples:
            return []
        rankings = [now.lexical.nearest(page.text, _DEPTH), now.nearest_looks(page.look, _DEPTH)]
        if page.vector.any():
            rankings.append(self._nearest_vectors(now, page.vector, max(_DEPTH, k)))
        return [_neighbour(now, place, score, page.vector) for place, score in _fuse(rankings)[:k]]

    def _labels(self, page: AskedPage) -> list[tuple[str, float]]:
        model = page.snapshot.label_model
        return [] if model is None else model.scores(page.similarity)

    def _start(self, page: AskedPage) -> float | None:
        model = page.snapshot.start_model
        return None if model is None else model.score(page.similarity[page.snapshot.start_rows])

    @property
    def _read(self) -> dict[str, int]:
        return {name: one.sequence for name, one in self._sets.items()}

    def _renew(self) -> None:
        """Replace the snapshot. Chroma follows at once where something must leave it, else at the first search."""
        with self._lock:
            examples = {name: one.examples for name, one in self._sets.items()}
            self._snapshot = Snapshot(examples, self._read, self._embedder)
            for name, one in self._sets.items():
                if one.must_purge:
                    self._write(self._snapshot, name)
                    one.must_purge = False

    def _write(self, now: Snapshot, name: str) -> None:
        one = self._sets[name]
        if one.written is not now:
            one.collection.replace(now.vectors_of(name), now.sequences[name])
            one.written = now

    def _nearest_vectors(self, now: Snapshot, vector: Vectors, depth: int) -> list[int]:
        """Places of the candidates from Chroma, ordered by their exact similarity."""
        found: set[int] = set()
        for name, one in self._sets.items():
            wanted = now.vectors_of(name)
            if not wanted:
                continue
            self._write(now, name)
            ids = one.collection.nearest(vector, depth) & wanted.keys()
            if len(ids) < min(depth, len(wanted)):
                # The folder was removed or overwritten under us, or holds what another process has not deleted yet.
                one.collection.rebuild(wanted, now.sequences[name])
                ids = one.collection.nearest(vector, depth) & wanted.keys()
            found.update(now.place[each] for each in ids)
        return now.nearest_of(sorted(found), vector)[:depth]

    def _close(self) -> None:
        with self._lock:
            for one in self._sets.values():
                one.collection.close()
                one.written = None


class _Set:
    """One example set as far as its log has been read."""

    def __init__(self, collection: VectorCollection) -> None:
        self.collection = collection
        self.examples: dict[str, Example] = {}
        self.sequence = 0
        self.written: Snapshot | None = None
        """The snapshot that Chroma was last brought to; None before it was opened."""
        self.must_purge = False

    async def catch_up(self, log: ExampleLog, name: str) -> None:
        changes = await log.changes(self.sequence, of=name)
        if not changes:
            return
        examples = dict(self.examples)  # a snapshot may still hold the old one
        purged = await asyncio.to_thread(self.collection.purged_to)
        for change in changes:
            if change.op == "delete":
                examples.pop(change.example_id, None)
                self.must_purge = self.must_purge or (purged is not None and change.seq > purged)
            elif change.example is not None:
                examples[change.example_id] = change.example
        self.examples, self.sequence = examples, changes[-1].seq


def _neighbour(now: Snapshot, place: int, score: float, vector: Vectors) -> Neighbour:
    example = now.examples[place]
    return Neighbour(
        example_id=example.id,
        label=example.label,
        score=score,
        similarity=now.cosine(place, vector),
        starts_document=example.starts_document,
        source=example.source,
        snippet=" ".join(example.text.split())[:_SNIPPET],
    )


def _fuse(rankings: Sequence[Sequence[int]]) -> list[tuple[int, float]]:
    """Places with their reciprocal-rank fusion, best first; ties by place, which is the order of ids."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, place in enumerate(ranking, start=1):
            scores[place] = scores.get(place, 0.0) + 1.0 / (_FUSION + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
