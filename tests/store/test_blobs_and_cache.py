"""Bytes: blobs that last, and a cache that may be lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path

import pytest

from store.errors import NotFound, Unavailable
from store.ports import Store
from store.sqlite import SqliteStore, open_store, small_blobs

UNKNOWN = "sha256:" + "0" * 64
A_LARGE_PAGE = b"a page " * 20_000
"""More than fits into a row: a file of its own."""


@pytest.mark.parametrize("content", [b"", b"a page", A_LARGE_PAGE], ids=["empty", "small", "large"])
async def test_bytes_come_back_by_their_hash(store: Store, content: bytes) -> None:
    """A reference is the SHA-256 of the content; the same bytes have one reference."""
    ref = await store.blobs.put(content)
    assert ref == "sha256:" + sha256(content).hexdigest()
    assert await store.blobs.put(content) == ref
    assert await store.blobs.get(ref) == content
    assert (await store.blobs.path(ref)).read_bytes() == content


async def test_a_file_is_stored_like_its_bytes(store: Store, tmp_path: Path) -> None:
    """A file of several chunks has the same reference as its bytes, however it is stored."""
    content = bytes(range(256)) * 12_000
    (tmp_path / "packet.pdf").write_bytes(content)
    ref = await store.blobs.put_file(tmp_path / "packet.pdf")
    assert ref == await store.blobs.put(content)
    assert await store.blobs.get(ref) == content


@pytest.mark.parametrize("ref", [UNKNOWN, "sha256:../../etc/passwd", "", "md5:" + "0" * 64, UNKNOWN + "\n"])
async def test_an_unknown_reference_is_not_found(store: Store, ref: str) -> None:
    """Whether it is well formed or not; no reference reaches outside the store."""
    with pytest.raises(NotFound):
        await store.blobs.get(ref)
    with pytest.raises(NotFound):
        await store.blobs.path(ref)


async def test_a_missing_source_is_the_callers_error(store: Store, tmp_path: Path) -> None:
    """Storing a file that is not there says so, and does not blame the store."""
    with pytest.raises(FileNotFoundError):
        await store.blobs.put_file(tmp_path / "nobody.pdf")


async def test_a_damaged_blob_is_unavailable_until_it_is_stored_again(tmp_path: Path) -> None:
    """Bytes that no longer match their name are never handed out; storing the content again repairs them."""
    store = await open_store(tmp_path)
    ref = await store.blobs.put(A_LARGE_PAGE)
    place = await store.blobs.path(ref)
    place.chmod(0o600)
    place.write_bytes(A_LARGE_PAGE.upper())
    with pytest.raises(Unavailable, match="no longer matches"):
        await store.blobs.get(ref)
    with pytest.raises(Unavailable, match="no longer matches"):
        await store.blobs.path(ref)
    assert await store.blobs.put(A_LARGE_PAGE) == ref
    assert await store.blobs.get(ref) == A_LARGE_PAGE
    await store.close()


async def test_blobs_leave_nothing_unfinished_and_cannot_be_written(tmp_path: Path) -> None:
    """After storing, only the blobs themselves are there, read-only, in folders of the owner."""
    store = await open_store(tmp_path / "home")
    place = await store.blobs.path(await store.blobs.put(A_LARGE_PAGE))
    assert place.stat().st_mode & 0o777 == 0o400
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "home/blobs/unfinished").iterdir()) == []
    await store.close()


async def test_the_cache_keeps_what_fits(tmp_path: Path) -> None:
    """Where the sum grows over the limit, the oldest entries go; one that alone is over it is never kept."""
    store = await open_store(tmp_path, cache_bytes=100)
    await store.cache.put("too big", b"x" * 101)
    for key in ("a", "b", "c"):
        await store.cache.put(key, key.encode() * 40)
    assert [await found(store, key) for key in ("too big", "a", "b", "c")] == [False, False, True, True]
    assert await store.cache.get("c") == b"c" * 40
    await store.close()


async def test_a_cached_value_stays_as_it_was_first_put(store: Store) -> None:
    """Keys name content and versions, so a second value for a key is the same value; an empty one is a value."""
    await store.cache.put("k", b"")
    await store.cache.put("k", b"other")
    assert await store.cache.get("k") == b""
    assert await store.cache.get("nobody") is None


@pytest.mark.parametrize("damage", [b"", b"this is no database" * 500])
async def test_the_cache_may_be_lost(tmp_path: Path, damage: bytes) -> None:
    """An emptied or damaged cache file is replaced; the store opens and its cache works."""
    store = await open_store(tmp_path)
    await store.cache.put("k", b"value")
    await store.close()
    (tmp_path / "cache.db").write_bytes(damage)
    store = await open_store(tmp_path)
    assert await store.cache.get("k") is None
    await store.cache.put("k", b"value")
    assert await store.cache.get("k") == b"value"
    await store.close()


async def test_handles_share_blobs_and_cache(open_backend: Callable[[Path], Awaitable[Store]], tmp_path: Path) -> None:
    """What one process stores another one finds."""
    one, two = await open_backend(tmp_path), await open_backend(tmp_path)
    ref = await one.blobs.put(A_LARGE_PAGE)
    await one.cache.put("k", b"value")
    assert await two.blobs.get(ref) == A_LARGE_PAGE
    assert await two.cache.get("k") == b"value"
    await one.close()
    await two.close()


async def found(store: SqliteStore, key: str) -> bool:
    return await store.cache.get(key) is not None


async def test_equal_blobs_that_come_together_count_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory for the newest blobs is bounded by their bytes, and is not filled by ten that are one."""
    monkeypatch.setattr(small_blobs, "REMEMBERED_BYTES", 100)
    store = await open_store(tmp_path)
    await asyncio.gather(*(store.blobs.put(b"an observation that many pages make") for _ in range(10)))
    newest = await store.blobs.put(b"the newest observation of them all")
    await store.database.run(lambda connection: connection.execute("DELETE FROM blobs"))
    assert await store.blobs.get(newest) == b"the newest observation of them all"
    await store.close()
