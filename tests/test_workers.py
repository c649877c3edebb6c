"""Decoding in workers and threads, once this process has decoded: no call waits for ever."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import drawn
import pool_child
import pytest
from PIL import Image

import sdz
import sdz.pillow
from sdz.locks import ThreadLock

SIDE = 160  # enough for torch to share the work out among its threads
HANGS_S = 300.0


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four pictures."""
    folder = tmp_path_factory.mktemp("files")
    for seed in range(4):
        image = Image.fromarray(drawn.scene(SIDE, SIDE, seed))
        (folder / f"{seed}.sdz").write_bytes(sdz.encode(image, quality=40))
    return sorted(folder.iterdir())


def found_by(how: str, files: list[Path]) -> list[int]:
    done = subprocess.run(
        [sys.executable, pool_child.__file__, how, *map(str, files)],
        env={**os.environ, "PYTHONPATH": str(Path(sdz.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=HANGS_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [int(word) for word in done.stdout.split()]


def wanted(files: list[Path]) -> list[int]:
    return [zlib.crc32(sdz.decode(file).tobytes()) for file in files]


@pytest.mark.parametrize("how", ["fork", "fork-thread", "spawn"])
def test_a_pool_of_workers(files: list[Path], how: str) -> None:
    assert found_by(how, files) == wanted(files)


def test_workers_that_encode(files: list[Path]) -> None:
    assert found_by("fork-encode", files[:1]) == wanted(files[:1])


@pytest.mark.parametrize(("how", "count"), [("loader-fork", 200), ("loader-spawn", 20)])
def test_a_data_loader(files: list[Path], tmp_path: Path, how: str, count: int) -> None:
    many = [tmp_path / f"{number:03}.sdz" for number in range(count)]
    for number, path in enumerate(many):
        shutil.copy(files[number % len(files)], path)
    assert found_by(how, many) == (wanted(files) * count)[:count]


def test_threads_that_share_an_image(files: list[Path]) -> None:
    whole = sdz.decode(files[0])
    together = Barrier(8)

    def crop(image: Image.Image, at: int) -> bytes:
        together.wait()
        return image.crop((at, at, at + 10, at + 10)).tobytes()

    for _ in range(5):
        with Image.open(files[0]) as image, ThreadPoolExecutor(8) as pool:
            found = list(pool.map(crop, [image] * 8, range(8)))
        assert found == [whole.crop((at, at, at + 10, at + 10)).tobytes() for at in range(8)]


def test_a_lock_that_was_held_when_a_process_forked_is_free_in_it() -> None:
    lock = ThreadLock()
    with lock:
        child = os.fork()
        if child == 0:
            with lock:
                os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
