"""Decoded pictures on the disk, by content: bounded in bytes, whole after a restart or a kill.

    <folder>/<first two digits>/<key>       one picture
    <folder>/.part-<random>                 one being written; swept at the next start

Nothing else in the folder is touched; ``cache_folder.py`` says which folder it may be.

    4 "SDZC" | 4 length of the media type | 4 CRC-32 of the rest | media type | picture

A picture is written under another name and renamed, so that under its own it is whole or not
there. It is not flushed to the disk: after a power failure its CRC finds it damaged and it is
decoded again, which costs less than waiting for the disk with each picture. There is no index
file that could be wrong: the folder is read at the start, in a thread, and what is asked for
before that is done is found by its name.

The picture used longest ago goes first. Order is kept in memory, and in the files' times once
a minute for each, so that reading does not write all the time.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import logging
import os
import secrets
import struct
import time
import zlib
from collections import Counter, OrderedDict
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from sdz.files import write_aside
from sdz.service.pictures.cache_folder import PART, ours, own
from sdz.version import __version__

LOG: Final = logging.getLogger("sdz.service")
_HEAD: Final = struct.Struct("<4sII")
_MAGIC: Final = b"SDZC"
_TOUCH_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class CachedPicture:
    """A picture file and its media type."""

    data: bytes
    media_type: str


def picture_key(
    data: bytes, weights: bytes, kind: str, max_side: int | None, preview: bool, stored: bool
) -> str:
    """The hash that names an answer, hex: file, decoder's weights, options, and this version.

    The version is in it because another decoder may give other pixels for the same file.
    """
    words = f"{__version__} {weights.hex()} {kind} {max_side or 0} {int(preview)} {int(stored)}"
    return hashlib.sha256(words.encode() + b"\0" + hashlib.sha256(data).digest()).hexdigest()


@dataclass(slots=True)
class _Entry:
    size: int
    touched: float


class PictureCache:
    """At most ``limit`` bytes of pictures in ``folder``. Keys are lower-case hex digits.

    Its methods belong to one event loop; files are read and written by threads of its own, so
    that a slow disk holds up pictures alone. Errors of the disk never reach a caller: a picture
    that cannot be read is one that is not there.
    """

    def __init__(self, folder: Path, limit: int, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._limit, self._clock = folder, limit, clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._writing: dict[str, CachedPicture] = {}  # are had from here until they are written
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="cache")
        self.bytes = 0
        self.errors = 0
        self.lookups: Counter[str] = Counter()  # by whoever asks: client, hit or miss

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def limit(self) -> int:
        """The bound in bytes."""
        return self._limit

    def open(self) -> None:
        """Take the folder and begin to read it. Raises BadSetting where others' files are in it."""
        if not self._limit:
            return
        try:
            own(self._folder)
        except OSError as error:  # a full disk, for one: pictures are decoded all the same
            fields = {"folder": str(self._folder), "why": error.strerror or str(error)}
            LOG.warning("decoded pictures cannot be kept", extra={"fields": fields})
        self._later(self._scan())

    async def close(self) -> None:
        """Finish what is being written."""
        await self.settled()
        self._threads.shutdown()

    async def settled(self) -> None:
        """Wait until all that was begun is done."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def get(self, key: str) -> CachedPicture | None:
        """The picture with that key, if there is one and it is whole."""
        if not self._limit:
            return None
        if key in self._writing:
            return self._writing[key]
        found: CachedPicture | None = await self._in_thread(_read, self._path(key))
        if found is None:
            self._forget(key)
            return None
        self._note(key, len(found.data))
        return found

    def put(self, key: str, picture: CachedPicture) -> None:
        """Keep a picture; returns at once."""
        if len(picture.data) <= self._limit // 4 and key not in self._writing:
            self._writing[key] = picture
            self._later(self._write(key, picture))

    async def _write(self, key: str, picture: CachedPicture) -> None:
        try:
            await self._in_thread(_write, self._folder, self._path(key), picture)
        except OSError:
            self.errors += 1  # a full disk, for one: the picture was sent all the same
            return
        finally:
            del self._writing[key]
        self._note(key, len(picture.data))
        await self._trim()

    async def _trim(self) -> None:
        """Delete pictures used longest ago until the rest is within the bound."""
        doomed = []
        while self.bytes > self._limit:
            key, entry = self._entries.popitem(last=False)
            self.bytes -= entry.size
            doomed.append(self._path(key))
        if doomed:
            await self._in_thread(_delete, doomed)

    async def _scan(self) -> None:
        found = await self._in_thread(_list, self._folder)
        newer = self._entries
        self._entries = OrderedDict()
        for key, size, touched in found:
            if key not in newer:
                self._entries[key] = _Entry(size, touched)
                self.bytes += size
        self._entries.update(newer)
        await self._trim()

    def _note(self, key: str, size: int) -> None:
        """Count a picture and make it the one used last."""
        now = self._clock()
        entry = self._entries.get(key)
        if entry is None:
            self._entries[key] = _Entry(size, now)
            self.bytes += size
            return
        self.bytes += size - entry.size
        entry.size = size
        self._entries.move_to_end(key)
        if now - entry.touched >= _TOUCH_S:
            entry.touched = now
            self._later(self._touch(self._path(key), now))

    def _forget(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes -= entry.size

    async def _touch(self, path: Path, now: float) -> None:
        with contextlib.suppress(OSError):
            await self._in_thread(os.utime, path, (now, now))

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key

    async def _in_thread(self, work: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


CACHE: Final = web.AppKey("cache", PictureCache)


# --- files; these run in threads --------------------------------------------------------------


def _read(path: Path) -> CachedPicture | None:
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    if len(raw) >= _HEAD.size:
        magic, length, crc = _HEAD.unpack_from(raw)
        body = memoryview(raw)[_HEAD.size :]
        if magic == _MAGIC and length <= len(body) and zlib.crc32(body) == crc:
            return CachedPicture(bytes(body[length:]), bytes(body[:length]).decode("ascii"))
    with contextlib.suppress(OSError):
        path.unlink()
    return None


def _write(folder: Path, path: Path, picture: CachedPicture) -> None:
    kind = picture.media_type.encode("ascii")
    crc = zlib.crc32(picture.data, zlib.crc32(kind))
    head = _HEAD.pack(_MAGIC, len(kind), crc) + kind
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.parent.is_symlink():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path.parent))
    part = folder / f"{PART}{secrets.token_hex(8)}"
    write_aside(path, head, picture.data, durable="no", part=part)


def _delete(paths: list[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()


def _list(folder: Path) -> list[tuple[str, int, float]]:
    """(key, bytes, time) of all pictures, used longest ago first. Leftovers are deleted.

    Sizes include the few bytes of head: a bound that is kept a little early.
    """
    began = time.time()
    found = []
    for entry in ours(folder):
        with contextlib.suppress(OSError):
            status = entry.stat(follow_symlinks=False)
            if not entry.name.startswith(PART):
                found.append((entry.name, status.st_size, status.st_mtime))
            elif status.st_mtime < began - 1:  # not one that is being written right now
                Path(entry.path).unlink()
    return sorted(found, key=lambda row: row[2])
