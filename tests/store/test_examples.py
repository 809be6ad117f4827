"""The example log: adds and deletes in order, so that an index can catch up."""

from __future__ import annotations

from store.ports import Store
from store.records import Example, ExampleChange


def example(id: str, label: str = "w2") -> Example:
    return Example(id=id, label=label, text=f"text of {id}", starts_document=None, look=(0.5, 0.25))


async def test_an_index_catches_up_by_sequence(store: Store) -> None:
    """Changes after a sequence number are what an index that stood there has missed."""
    seen = await store.examples.add([example("a"), example("b")])
    assert seen == 2
    assert await store.examples.delete(["a"]) == 1
    assert await store.examples.add([example("c")]) == 4
    assert await store.examples.changes(seen) == [
        ExampleChange(seq=3, op="delete", example_id="a", example=None),
        ExampleChange(seq=4, op="add", example_id="c", example=example("c")),
    ]
    assert await store.examples.sequence() == 4


async def test_a_new_index_never_sees_deleted_content(store: Store) -> None:
    """From the beginning, a deleted example is only its delete."""
    await store.examples.add([example("a"), example("b")])
    await store.examples.delete(["b"])
    assert [(change.op, change.example_id) for change in await store.examples.changes(0)] == [
        ("add", "a"),
        ("delete", "b"),
    ]
    assert await store.examples.all() == [example("a")]


async def test_adding_and_deleting_twice_is_harmless(store: Store) -> None:
    """Known examples are not added again, unknown ones not deleted; the log does not move."""
    await store.examples.add([example("a"), example("a")])
    assert await store.examples.add([example("a")]) == 1
    assert await store.examples.delete(["a", "a", "nobody"]) == 1
    assert await store.examples.delete(["a"]) == 0
    assert await store.examples.sequence() == 2


async def test_a_deleted_example_may_come_back(store: Store) -> None:
    """Adding again after a delete is a new entry."""
    await store.examples.add([example("a")])
    await store.examples.delete(["a"])
    assert await store.examples.add([example("a")]) == 3
    assert await store.examples.all() == [example("a")]


async def test_sets_are_apart(store: Store) -> None:
    """Each set has its own log, numbers and content; a label filters within it."""
    await store.examples.add([example("a"), example("b", "id")], of="acme")
    assert await store.examples.sequence() == 0
    assert await store.examples.all() == []
    assert await store.examples.delete(["a"]) == 0
    assert [found.id for found in await store.examples.all("acme", label="id")] == ["b"]
