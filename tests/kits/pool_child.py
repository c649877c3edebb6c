"""A program that decodes, and then has workers of its own decode: ``pool_child.py HOW FILE...``.

Prints the CRC-32 of the pixels of each file as its workers found them, in order.
"""

from __future__ import annotations

import multiprocessing
import sys
import threading
import zlib
from collections.abc import Iterable

from PIL import Image

import sdz
import sdz.pillow

WORKERS = 4


def pixels(path: str) -> int:
    with Image.open(path) as image:
        return zlib.crc32(image.tobytes())


def encoded(path: str) -> int:
    with Image.open(path) as image:
        image.load()
        sizes = [len(sdz.encode(image, quality=40, effort=effort)) for effort in ("normal", "high")]
    assert min(sizes) > 0
    return pixels(path)


class Pictures:
    """A data set; ``opened``: its pictures were opened in the parent, and are read in workers."""

    def __init__(self, paths: list[str], *, opened: bool) -> None:
        self.paths = paths
        self.images = [Image.open(path) for path in paths] if opened else []

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> int:
        return (
            zlib.crc32(self.images[index].tobytes()) if self.images else pixels(self.paths[index])
        )


def loaded(paths: list[str], context: str, workers: int) -> Iterable[int]:
    from torch.utils.data import DataLoader

    data: DataLoader[int] = DataLoader(
        Pictures(paths, opened=context == "fork"),  # type: ignore[arg-type]
        batch_size=10,
        num_workers=workers,
        multiprocessing_context=context,
    )
    return [int(one) for batch in data for one in batch]


def main(how: str, *paths: str) -> None:
    first = threading.Thread(target=pixels, args=(paths[0],))
    if how.endswith("-thread"):
        first.start()
        first.join()
    else:
        first.run()
    if how == "loader-fork":
        found = loaded(list(paths), "fork", WORKERS)
    elif how == "loader-spawn":
        found = loaded(list(paths), "spawn", 2)
    else:
        kind = how.removesuffix("-encode").removesuffix("-thread")
        with multiprocessing.get_context(kind).Pool(2) as pool:
            found = pool.map(encoded if how.endswith("-encode") else pixels, paths)
    print(*found)


if __name__ == "__main__":
    main(*sys.argv[1:])
