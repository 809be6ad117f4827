"""Content-addressed files: `blobs/ab/cdef…` holds the bytes whose SHA-256 is `abcdef…`.

A blob appears under its name only when all of it is on the disk, so a kill leaves either the blob or nothing.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BufferedWriter
from pathlib import Path

from store.errors import NotFound, Unavailable

_REF = re.compile(r"sha256:([0-9a-f]{2})([0-9a-f]{62})")
_CHUNK = 1 << 20
_ABANDONED_S = 24 * 3600.0
"""Age at which an unfinished file belongs to no writer any more."""

_Stamp = tuple[int, int]


class FileBlobs:
    """The BlobStore port on a folder of one machine, shared by its processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unfinished = folder / "unfinished"
        self._verified: dict[str, _Stamp] = {}

    def prepare(self) -> None:
        """Make the folders and sweep up what writers left behind that were killed a day ago or more."""
        self._unfinished.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in self._unfinished.iterdir():
            if time.time() - left.stat().st_mtime > _ABANDONED_S:
                left.unlink(missing_ok=True)

    async def put(self, content: bytes) -> str:
        """Store bytes, return their reference; known bytes are written again only where the file is damaged."""
        return await asyncio.to_thread(self._put, content)

    async def put_file(self, path: Path) -> str:
        """Store a file, hashing while copying, 1 MiB at a time; an unreadable `path` raises its OSError."""
        return await asyncio.to_thread(self._put_file, path)

    async def get(self, ref: str) -> bytes:
        """The bytes, hashed again on the way; NotFound for an unknown reference, Unavailable where they are damaged."""
        return await asyncio.to_thread(self._get, ref)

    async def path(self, ref: str) -> Path:
        """A read-only file with the content, verified once per process and again whenever the file changes.

        Raises NotFound and Unavailable like `get`.
        """
        return await asyncio.to_thread(self._path, ref)

    def _put(self, content: bytes) -> str:
        ref = "sha256:" + sha256(content).hexdigest()
        with _worlds_fault():
            if not self._is_whole(ref):
                with self._new_file() as file:
                    file.write(content)
                    self._finish(file, ref)
        return ref

    def _put_file(self, path: Path) -> str:
        with path.open("rb") as source, _worlds_fault(), self._new_file() as file:
            digest = sha256()
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                file.write(chunk)
            ref = "sha256:" + digest.hexdigest()
            if not self._is_whole(ref):
                self._finish(file, ref)
        return ref

    def _get(self, ref: str) -> bytes:
        with _worlds_fault(), _known(ref):
            content = self._place(ref).read_bytes()
        if "sha256:" + sha256(content).hexdigest() != ref:
            raise _damaged(ref)
        return content

    def _path(self, ref: str) -> Path:
        place = self._place(ref)
        with _worlds_fault(), _known(ref):
            if self._verified.get(ref) == _stamp(place):
                return place
            if not self._is_whole(ref):
                raise _damaged(ref)
        return place

    def _place(self, ref: str) -> Path:
        parts = _REF.fullmatch(ref)
        if parts is None:
            raise NotFound(f"not a blob reference: {ref!r}")
        return self._folder / parts[1] / parts[2]

    def _is_whole(self, ref: str) -> bool:
        """Whether the blob is there and its bytes match its name."""
        place = self._place(ref)
        try:
            stamp = _stamp(place)
            with place.open("rb") as file:
                digest = sha256()
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
        except FileNotFoundError:
            return False
        if "sha256:" + digest.hexdigest() != ref:
            return False
        self._verified[ref] = stamp
        return True

    @contextmanager
    def _new_file(self) -> Iterator[BufferedWriter]:
        handle, name = tempfile.mkstemp(dir=self._unfinished)
        os.close(handle)
        try:
            with Path(name).open("wb") as file:
                yield file
        finally:
            Path(name).unlink(missing_ok=True)

    def _finish(self, file: BufferedWriter, ref: str) -> None:
        """Bring the file to the disk first and to its name second, then the name to the disk."""
        place = self._place(ref)
        file.flush()
        os.fchmod(file.fileno(), 0o400)
        os.fsync(file.fileno())
        if not place.parent.exists():
            place.parent.mkdir(exist_ok=True, mode=0o700)
            _sync_folder(self._folder)
        Path(file.name).replace(place)
        _sync_folder(place.parent)
        self._verified[ref] = _stamp(place)


@contextmanager
def _known(ref: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(f"no such blob: {ref}") from error


@contextmanager
def _worlds_fault() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"blob store: {error}: check the disk and the owner of the folder, then try again") from error


def _damaged(ref: str) -> Unavailable:
    return Unavailable(f"blob {ref} no longer matches its name: restore it from a backup, or submit the file again")


def _stamp(place: Path) -> _Stamp:
    status = place.stat()
    return status.st_size, status.st_mtime_ns


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
