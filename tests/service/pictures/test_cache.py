"""Decoded pictures on the disk: whole or not there, within their bytes, the old ones first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sdz.service.pictures.cache import CachedPicture, PictureCache, picture_key
from sdz.service.pictures.cache_folder import TAG, own

PNG = "image/png"
KEYS = [f"{number:02x}" * 32 for number in range(8)]


def picture(letter: str, size: int = 100) -> CachedPicture:
    return CachedPicture(letter.encode() * size, PNG)


@pytest_asyncio.fixture
async def cache(tmp_path: Path) -> AsyncIterator[PictureCache]:
    opened = PictureCache(tmp_path, 1000)
    opened.open()
    await opened.settled()
    yield opened
    await opened.close()


async def put(cache: PictureCache, key: str, what: CachedPicture) -> None:
    cache.put(key, what)
    await cache.settled()


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != TAG)


async def test_what_was_put_is_there(cache: PictureCache) -> None:
    assert await cache.get(KEYS[0]) is None
    await put(cache, KEYS[0], picture("a"))
    assert await cache.get(KEYS[0]) == picture("a")
    assert len(cache) == 1


async def test_it_is_there_while_it_is_written(cache: PictureCache, tmp_path: Path) -> None:
    cache.put(KEYS[0], picture("a"))
    assert files(tmp_path) == []  # not begun yet
    assert await cache.get(KEYS[0]) == picture("a")
    await cache.settled()
    assert [path.name for path in files(tmp_path)] == [KEYS[0]]


async def test_it_survives_a_restart(cache: PictureCache, tmp_path: Path) -> None:
    await put(cache, KEYS[0], picture("a"))
    again = PictureCache(tmp_path, 1000)
    again.open()
    assert await again.get(KEYS[0]) == picture("a")  # also before the folder has been read
    await again.settled()
    assert (len(again), again.bytes) == (1, 100)
    await again.close()


async def test_the_one_used_longest_ago_goes(cache: PictureCache, tmp_path: Path) -> None:
    for index in range(4):
        await put(cache, KEYS[index], picture("x", 250))
    assert await cache.get(KEYS[0]) is not None
    await put(cache, KEYS[4], picture("y", 250))
    assert await cache.get(KEYS[1]) is None
    assert await cache.get(KEYS[0]) is not None
    assert (cache.bytes, len(files(tmp_path))) == (1000, 4)


async def test_the_order_survives_a_restart(tmp_path: Path) -> None:
    first = PictureCache(tmp_path, 1000)
    for index in range(4):
        await put(first, KEYS[index], picture("x", 200))
    await first.close()
    for index, path in enumerate(files(tmp_path)):
        os.utime(path, (index, index))
    os.utime(files(tmp_path)[0], (99, 99))  # used since
    again = PictureCache(tmp_path, 900)
    again.open()
    await again.settled()
    await put(again, KEYS[5], picture("y", 200))
    there = [index for index in range(4) if (tmp_path / KEYS[index][:2] / KEYS[index]).exists()]
    assert there == [0, 2, 3]
    await again.close()


async def test_use_is_noted_in_the_file_once_a_minute(tmp_path: Path) -> None:
    now = 1000.0
    cache = PictureCache(tmp_path, 1000, clock=lambda: now)
    await put(cache, KEYS[0], picture("a"))
    path = files(tmp_path)[0]
    os.utime(path, (5, 5))
    for later, expected in ((1059.0, 5), (1060.0, 1060), (1100.0, 1060)):
        now = later
        await cache.get(KEYS[0])
        await cache.settled()
        assert path.stat().st_mtime == expected
    await cache.close()


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
async def test_a_damaged_picture_is_not_there(
    cache: PictureCache, tmp_path: Path, damage: str
) -> None:
    await put(cache, KEYS[0], picture("a"))
    path = files(tmp_path)[0]
    raw = path.read_bytes()
    flipped = raw[:50] + bytes([raw[50] ^ 1]) + raw[51:]
    path.write_bytes({"cut": raw[:-1], "flip": flipped, "empty": b""}[damage])
    assert await cache.get(KEYS[0]) is None
    assert (len(cache), cache.bytes, files(tmp_path)) == (0, 0, [])


async def test_what_is_too_large_or_unwanted_is_not_kept(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, 1000)
    await put(cache, KEYS[0], picture("a", 251))
    nothing = PictureCache(tmp_path, 0)
    nothing.open()
    await put(nothing, KEYS[1], picture("a", 1))
    assert await nothing.get(KEYS[1]) is None
    assert files(tmp_path) == []
    await cache.close()
    await nothing.close()


async def test_a_disk_that_takes_nothing_is_counted(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = PictureCache(tmp_path / "file", 1000)
    cache.open()
    await put(cache, KEYS[0], picture("a"))
    assert (await cache.get(KEYS[0]), cache.errors) == (None, 1)
    await cache.close()


async def test_parts_of_an_earlier_run_are_swept(tmp_path: Path) -> None:
    part = tmp_path / ".part-0011"
    part.write_bytes(b"half a pict")
    os.utime(part, (1, 1))
    cache = PictureCache(tmp_path, 1000)
    cache.open()
    await cache.settled()
    assert files(tmp_path) == []
    await cache.close()


async def test_what_is_not_the_caches_is_left_alone(tmp_path: Path) -> None:
    """Older than all pictures, and in the way of a bound of nothing: still not the cache's."""
    elsewhere = tmp_path / "elsewhere"
    folder = own(tmp_path / "cache")
    (elsewhere / "bb").mkdir(parents=True)
    (folder / "aa").mkdir()
    (folder / "cc").symlink_to(elsewhere / "bb")
    foreign = [
        elsewhere / "bb" / ("cc" * 32),
        folder / "aa" / "holiday.jpg",
        folder / "aa" / ("bb" * 32),  # a key, but of another shelf
        folder / ".part-of-my-diary",
        folder / ".part-",
        folder / "letter.txt",
    ]
    for path in foreign:
        path.write_bytes(b"mine" * 500)
        os.utime(path, (1, 1))
    cache = PictureCache(folder, 1000)
    cache.open()
    await put(cache, KEYS[0], picture("a"))
    await put(cache, "cc" * 32, picture("b"))
    assert (len(cache), cache.errors) == (1, 1)
    assert all(path.read_bytes() == b"mine" * 500 for path in foreign)
    await cache.close()


async def test_a_kill_in_mid_write_leaves_only_whole_pictures(tmp_path: Path) -> None:
    """A process writes pictures as fast as it can until it is killed."""
    program = """
import asyncio, hashlib, sys
from pathlib import Path
from sdz.service.pictures.cache import CachedPicture, PictureCache

async def main():
    cache = PictureCache(Path(sys.argv[1]), 1 << 30)
    for number in range(10**6):
        key = hashlib.sha256(b"%d" % number).hexdigest()
        cache.put(key, CachedPicture(key.encode() * 4000, "image/png"))
        await asyncio.sleep(0)
        if number == 20:
            print("going", flush=True)

asyncio.run(main())
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    package = Path(__file__).parents[3] / "daemon"
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(package)}
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"going\n"
        # Whole ones alone: what is being written at the kill is swept, and rightly so.
        while sum(not path.name.startswith(".part-") for path in files(tmp_path)) < 10:
            pass
        process.send_signal(signal.SIGKILL)
    for part in tmp_path.glob(".part-*"):
        os.utime(part, (1, 1))
    cache = PictureCache(tmp_path, 1 << 30)
    cache.open()
    await cache.settled()
    kept = files(tmp_path)
    assert len(kept) >= 10
    for path in kept:
        assert await cache.get(path.name) == CachedPicture(path.name.encode() * 4000, PNG)
    await cache.close()


def test_a_key_depends_on_all_that_shapes_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [
        picture_key(b"a", b"w", "png", None, False, False),
        picture_key(b"b", b"w", "png", None, False, False),
        picture_key(b"a", b"x", "png", None, False, False),
        picture_key(b"a", b"w", "webp", None, False, False),
        picture_key(b"a", b"w", "png", 1, False, False),
        picture_key(b"a", b"w", "png", None, True, False),
        picture_key(b"a", b"w", "png", None, False, True),
    ]
    monkeypatch.setattr("sdz.service.pictures.cache.__version__", "another")
    keys.append(picture_key(b"a", b"w", "png", None, False, False))
    assert len(set(keys)) == len(keys)
