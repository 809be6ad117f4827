"""The derived index: what is in the log is found, what was deleted is nowhere, and the folder may be lost."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from store.ports import Store
from store.records import Example
from tools.retrieval import ExampleIndex, LocalEmbedder, example_id
from tools.retrieval.embedder import Vectors

WORDS = {
    "w2": "wage and tax statement employer identification number social security wages withheld",
    "lease": "residential lease agreement landlord tenant shall pay rent premises security deposit",
    "receipt": "thank you for shopping subtotal cash change due cashier store",
}


def page(label: str, number: int, starts: bool | None = True, look: tuple[float, ...] | None = None) -> Example:
    text = f"{WORDS[label]} copy {number} of packet {number * 7}"
    return Example(
        id=example_id(label, text, f"packet-{number}", 1, f"{label}.pdf"),
        label=label,
        text=text,
        starts_document=starts,
        packet=f"packet-{number}",
        page=1,
        source=f"{label}.pdf#page={number}",
        look=look,
    )


EXAMPLES = [page(label, number, starts=number % 2 == 0) for label in WORDS for number in range(6)]
LEASE = "the tenant pays rent to the landlord for the premises"


class FirstLetters(LocalEmbedder):
    """Another real embedding: another model id and another dimension."""

    model_id = "first-letters-26"
    dimension = 26

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), 26), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                if word[0].isascii() and word[0].isalpha():
                    row[ord(word[0]) - ord("a")] += 1
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, lengths, out=rows, where=lengths > 0)
        return rows


async def open_index(store: Store, folder: Path, sets: Sequence[str] = ("default",)) -> ExampleIndex:
    return await ExampleIndex.open(store.examples, sets, folder, LocalEmbedder())


def ids(index: ExampleIndex, text: str, k: int = 10) -> list[str]:
    return [neighbour.example_id for neighbour in index.search(text, k=k)]


def stored(folder: Path, model: str = LocalEmbedder.model_id) -> set[str]:
    """What Chroma itself holds for a model, over all folders it ever wrote."""
    import chromadb
    from chromadb.config import Settings

    ids: set[str] = set()
    for generation in folder.glob("vectors-*"):
        client: Any = chromadb.PersistentClient(str(generation), settings=Settings(anonymized_telemetry=False))
        for collection in client.list_collections():
            if (collection.metadata or {}).get("model") == model:
                ids.update(collection.get(include=[])["ids"])
        client.close()
    return ids


async def test_an_empty_set_costs_nothing_and_answers_nothing(store: Store, tmp_path: Path) -> None:
    """Without examples there are no neighbours, no labels, no start score, and nothing is written."""
    index = await open_index(store, tmp_path / "index")
    assert index.count == 0
    assert index.search(LEASE) == []
    assert index.label_scores(LEASE) == []
    assert index.start_score(LEASE) is None
    assert not (tmp_path / "index").exists()
    await index.close()


async def test_opening_and_scoring_need_no_chroma(store: Store, tmp_path: Path) -> None:
    """Chroma takes seconds to import: it is opened by the first search, and by nothing before."""
    await store.examples.add(EXAMPLES)
    index = await open_index(store, tmp_path / "index")
    assert index.label_scores(LEASE)[0][0] == "lease"
    assert not (tmp_path / "index").exists()
    assert index.search(LEASE)[0].label == "lease"
    assert (tmp_path / "index").exists()
    await index.close()


async def test_an_added_example_is_found_after_a_sync(store: Store, tmp_path: Path) -> None:
    """An open index catches up by sequence number, and says how far it has read."""
    await store.examples.add(EXAMPLES[:6])
    index = await open_index(store, tmp_path / "index")
    assert {neighbour.label for neighbour in index.search(LEASE)} == {"w2"}
    sequence = await store.examples.add(EXAMPLES[6:])
    await index.sync()
    assert index.sequences == {"default": sequence}
    best = index.search(LEASE, k=1)[0]
    assert (best.label, best.starts_document) == ("lease", best.example_id in {e.id for e in EXAMPLES[6:12:2]})
    assert best.similarity is not None
    assert 0 < best.similarity <= 1
    assert index.label_scores(LEASE)[0][0] == "lease"
    await index.close()


async def test_a_deleted_example_is_gone_from_every_structure(store: Store, tmp_path: Path) -> None:
    """After sync a deleted example is in no search, no score and not in Chroma; also in another open index."""
    folder = tmp_path / "index"
    await store.examples.add(EXAMPLES)
    here, there = await open_index(store, folder), await open_index(store, folder)
    gone = {example.id for example in EXAMPLES if example.label == "lease"}
    assert gone & set(ids(here, LEASE))
    assert gone & set(ids(there, LEASE))

    await store.examples.delete(sorted(gone))
    await here.sync()
    assert not gone & stored(folder)
    await there.sync()
    for index in (here, there):
        assert not gone & set(ids(index, LEASE, k=100))
        assert "lease" not in dict(index.label_scores(LEASE))
        assert index.count == len(EXAMPLES) - len(gone)
        await index.close()

    again = await open_index(store, folder)
    assert not gone & set(ids(again, LEASE, k=100))
    await again.close()


async def test_a_delete_that_happened_elsewhere_leaves_the_disk_at_the_next_opening(
    store: Store, tmp_path: Path
) -> None:
    """Chroma is purged on opening, before any search, where the log holds deletes it has not followed yet."""
    folder = tmp_path / "index"
    await store.examples.add(EXAMPLES)
    index = await open_index(store, folder)
    index.search(LEASE)
    await index.close()
    await store.examples.delete([EXAMPLES[0].id])
    index = await open_index(store, folder)
    assert EXAMPLES[0].id not in stored(folder)
    assert len(stored(folder)) == len(EXAMPLES) - 1
    await index.close()


async def test_an_open_index_follows_what_another_process_wrote(store: Store, tmp_path: Path) -> None:
    """An open Chroma client does not see another process's writes; the index finds and forgets all the same."""
    folder = tmp_path / "index"
    await store.examples.add(EXAMPLES[:12])
    index = await open_index(store, folder)
    index.search(LEASE)

    await store.examples.delete([EXAMPLES[7].id])
    await store.examples.add(EXAMPLES[12:])
    child = """
        import asyncio, sys
        from pathlib import Path
        from store.sqlite import open_store
        from tools.retrieval import ExampleIndex, LocalEmbedder

        async def main(home, folder):
            store = await open_store(Path(home))
            index = await ExampleIndex.open(store.examples, ["default"], Path(folder), LocalEmbedder())
            assert index.search("cash subtotal cashier")[0].label == "receipt"
            await index.close()
            await store.close()

        asyncio.run(main(*sys.argv[1:]))
    """
    arguments = [sys.executable, "-c", textwrap.dedent(child), str(tmp_path / "home"), str(folder)]
    root = Path(__file__).parents[2]
    await asyncio.to_thread(subprocess.run, arguments, check=True, timeout=120, cwd=root)

    await index.sync()
    assert index.search("cash subtotal cashier", k=1)[0].label == "receipt"
    assert EXAMPLES[7].id not in ids(index, LEASE, k=100)
    assert len(ids(index, LEASE, k=100)) == 17
    assert len(stored(folder)) == 17
    await index.close()


async def test_the_order_of_adding_changes_nothing(store: Store, tmp_path: Path) -> None:
    """Neighbours, their scores, label scores and start scores depend on the examples, not on their history."""
    shuffled = EXAMPLES.copy()
    random.Random(7).shuffle(shuffled)
    await store.examples.add(EXAMPLES, of="one")
    await store.examples.add(shuffled[:4], of="two")
    await store.examples.delete([shuffled[0].id], of="two")
    await store.examples.add(shuffled, of="two")
    one = await open_index(store, tmp_path / "one", ["one"])
    two = await open_index(store, tmp_path / "two", ["two"])
    for text in (LEASE, "wages", "cash and rent", ""):
        assert one.search(text) == two.search(text)
        assert one.label_scores(text) == two.label_scores(text)
        assert one.start_score(text) == two.start_score(text)
    await one.close()
    await two.close()


@pytest.mark.parametrize("harm", ["overwritten", "truncated", "a file", "removed"])
async def test_a_harmed_folder_is_rebuilt_from_the_log(store: Store, tmp_path: Path, harm: str) -> None:
    """Whatever happens to the folder while nobody looks, the next search answers as before."""
    folder = tmp_path / "index"
    await store.examples.add(EXAMPLES)
    index = await open_index(store, folder)
    before = index.search(LEASE)
    await index.close()

    generation = next(folder.glob("vectors-*"))
    database = generation / "chroma.sqlite3"
    if harm == "overwritten":
        database.write_bytes(b"not a database " * 1000)
    elif harm == "truncated":
        database.write_bytes(database.read_bytes()[:20_000])
    elif harm == "a file":
        shutil.rmtree(generation)
        generation.write_text("in the way", "utf-8")
    else:
        shutil.rmtree(folder)

    index = await open_index(store, folder)
    assert index.search(LEASE) == before
    assert stored(folder) == {example.id for example in EXAMPLES}
    await index.close()


async def test_a_folder_that_vanishes_under_an_open_index_is_rebuilt(store: Store, tmp_path: Path) -> None:
    """Chroma answers nothing at all, and raises nothing, once its files are gone: too few answers means rebuild."""
    await store.examples.add(EXAMPLES)
    index = await open_index(store, tmp_path / "index")
    before = index.search(LEASE)
    shutil.rmtree(tmp_path / "index")
    assert index.search(LEASE) == before
    await index.close()


async def test_another_embedder_gets_another_collection(store: Store, tmp_path: Path) -> None:
    """Vectors of two models never meet, even in one folder; each index answers by its own."""
    folder = tmp_path / "index"
    await store.examples.add(EXAMPLES)
    words = await open_index(store, folder)
    letters = await ExampleIndex.open(store.examples, ["default"], folder, FirstLetters())
    assert words.search(LEASE)[0].label == "lease"
    assert letters.search(LEASE)[0].similarity != words.search(LEASE)[0].similarity
    assert stored(folder) == stored(folder, model="first-letters-26") == {example.id for example in EXAMPLES}
    await words.close()
    await letters.close()


async def test_several_sets_are_searched_as_one_and_kept_apart(store: Store, tmp_path: Path) -> None:
    """An example in two sets counts once, and survives its deletion from one of them; other sets are never seen."""
    await store.examples.add(EXAMPLES[:8], of="shipped")
    await store.examples.add(EXAMPLES[6:12], of="tenant")
    await store.examples.add(EXAMPLES[12:], of="other tenant")
    index = await open_index(store, tmp_path / "index", ["tenant", "shipped"])
    assert index.count == 12
    assert not {example.id for example in EXAMPLES[12:]} & set(ids(index, "cash cashier store", k=100))
    await store.examples.delete([EXAMPLES[6].id], of="tenant")
    await index.sync()
    assert EXAMPLES[6].id in ids(index, LEASE, k=100)
    assert index.count == 12
    await index.close()


async def test_pages_without_words_are_found_by_their_look(store: Store, tmp_path: Path) -> None:
    """Where OCR read nothing, the look finds and scores; similarity of words is then not scored rather than zero."""
    cards = [page("receipt", number, look=(1.0, 0.1 * number, 0.0)) for number in range(4)]
    forms = [page("w2", number, look=(0.0, 0.1 * number, 1.0)) for number in range(4)]
    await store.examples.add([*cards, *forms])
    index = await open_index(store, tmp_path / "index")
    found = index.search("", look=(1.0, 0.15, 0.0), k=4)
    assert [neighbour.label for neighbour in found] == ["receipt"] * 4
    assert {neighbour.similarity for neighbour in found} == {None}
    assert index.label_scores("", look=(1.0, 0.15, 0.0))[0][0] == "receipt"
    await index.close()
