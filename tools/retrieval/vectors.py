"""The vector half of retrieval: one Chroma collection for one example set and one embedding model.

Chroma holds ids and vectors and nothing else: no text and no label, so erasing an example leaves no words behind, and
the collection may be lost at any time. Three of its habits shape this file. An open client does not see what another
process wrote: each process writes its own changes, even where the disk has them already. Clients of one process share
their state by path: so what this process has written is remembered by path as well. And a client whose folder broke
stays broken under that path: a rebuild goes to a folder of a new number.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import RLock
from typing import Any
from weakref import WeakValueDictionary

from store.errors import Unavailable
from tools.retrieval.embedder import Vectors

_BATCH = 1000
_DEPTH = 256
"""How far HNSW looks; the index over-fetches and re-scores, so small differences in its graph change nothing."""


class _Written:
    """Ids that this process's client of one collection is known to hold."""

    def __init__(self, ids: set[str]) -> None:
        self.ids = ids


_written: WeakValueDictionary[tuple[str, str], _Written] = WeakValueDictionary()
_lock = RLock()


class VectorCollection:
    """Nearest ids by cosine. Opens Chroma at first use (about 3 CPU seconds once a process)."""

    def __init__(self, folder: Path, example_set: str, model_id: str, dimension: int) -> None:
        self._folder = folder.resolve()
        key = f"{example_set}\0{model_id}\0{dimension}"
        self._name = "examples-" + hashlib.sha256(key.encode()).hexdigest()[:32]
        self._about = {"set": example_set, "model": model_id, "dimension": dimension}
        self._client: Any = None
        self._collection: Any = None
        self._opened = 0
        self._state = _Written(set())

    @property
    def name(self) -> str:
        """Name of the collection: a digest of set, model and dimension."""
        return self._name

    def purged_to(self) -> int | None:
        """Up to which sequence deletes have left the disk (0 where that was not noted); None where nothing is there.

        Reads a small file beside the collection, so that nobody opens Chroma only to find that nothing is to be done.
        """
        generation = self._generation()
        if generation == 0:
            return None
        try:
            return int(self._mark(generation).read_text("ascii"))
        except (OSError, ValueError):
            return 0

    def replace(self, wanted: Mapping[str, Vectors], sequence: int) -> None:
        """Make the collection hold exactly these ids, the state of the log at `sequence`.

        A broken folder is rebuilt. Raise Unavailable where not even a new folder can be written.
        """
        with _lock:
            try:
                self._reconcile(wanted, sequence, max(self._generation(), 1))
            except Exception:  # Chroma and sqlite raise many kinds; whatever it was, the log can rebuild the folder
                self.rebuild(wanted, sequence)

    def rebuild(self, wanted: Mapping[str, Vectors], sequence: int) -> None:
        """Start over in a new folder, and remove the old one."""
        with _lock:
            self.close()
            broken = self._generation()
            try:
                _remove(self._folder / f"vectors-{broken}")
                self._reconcile(wanted, sequence, broken + 1)
            except Exception as error:
                raise Unavailable(
                    f"the example index in {self._folder} cannot be written ({error}): free space, fix rights"
                ) from error

    def nearest(self, vector: Vectors, depth: int) -> set[str]:
        """Ids nearest by cosine, at most `depth`. Fewer than there are means the folder has gone: call `rebuild`."""
        with _lock:
            try:
                found = self._collection.query(query_embeddings=vector[None, :], n_results=max(depth, 1), include=[])
            except Exception:  # as above: the caller sees too few, and rebuilds
                return set()
        return {str(identifier) for identifier in found["ids"][0]}

    def close(self) -> None:
        """Let the client go; the last one of a path frees its files."""
        with _lock:
            client, self._client, self._collection = self._client, None, None
            self._state = _Written(set())
            if client is not None:
                client.close()

    def _reconcile(self, wanted: Mapping[str, Vectors], sequence: int, generation: int) -> None:
        if self._collection is None:
            self._open(generation)
        stale = sorted(self._state.ids - wanted.keys())
        missing = sorted(wanted.keys() - self._state.ids)
        for batch in _batches(stale):
            self._collection.delete(ids=batch)
            self._state.ids.difference_update(batch)
        for batch in _batches(missing):
            self._collection.upsert(ids=batch, embeddings=[wanted[identifier] for identifier in batch])
            self._state.ids.update(batch)
        self._mark(self._opened).write_text(str(sequence), "ascii")

    def _open(self, generation: int) -> None:
        import chromadb
        from chromadb.config import Settings

        folder = self._folder / f"vectors-{generation}"
        folder.mkdir(parents=True, exist_ok=True)
        self._opened = generation
        self._client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
        self._collection = self._client.get_or_create_collection(
            self._name,
            embedding_function=None,
            metadata=self._about,
            configuration={"hnsw": {"space": "cosine", "ef_search": _DEPTH, "ef_construction": _DEPTH}},
        )
        place = (str(folder), self._name)
        known = _written.get(place) or _Written(set(self._collection.get(include=[])["ids"]))
        _written[place] = self._state = known

    def _generation(self) -> int:
        """The newest folder's number, 0 where there is none."""
        if not self._folder.is_dir():
            return 0
        numbers = [path.name.removeprefix("vectors-") for path in self._folder.glob("vectors-*")]
        return max((int(number) for number in numbers if number.isdecimal()), default=0)

    def _mark(self, generation: int) -> Path:
        return self._folder / f"vectors-{generation}" / f"{self._name}.sequence"


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _batches(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH)]
