"""Small files whose decoders take much: opened in the child, in what their size allows."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest
from grid_heic import grid_heic

from sdz import children

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds to this")

PROGRAM = """if True:
    import sys
    from pathlib import Path
    from sdz.engine import encoding
    from sdz.engine.jobs import EncodeJob
    from sdz.errors import SdzError
    from sdz.wish import Wish
    def most():  # of this program alone: what its parent had before is in its ru_maxrss
        said = Path("/proc/self/status").read_text()
        return int(said.partition("VmHWM:")[2].split()[0]) >> 10
    job = EncodeJob(Path(sys.argv[1]).read_bytes(), Wish("lite-1"))
    before = most()
    try:
        picture = encoding._open(job, 150_000_000)
        print(picture.rgb.shape[0], most() - before)
    except SdzError as error:
        print(error.code, most() - before)
"""


def opened(data: bytes, folder: Path) -> tuple[str, int]:
    """(the picture's height or the error's code, MiB by which the process grew)."""
    (folder / "picture").write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder / "picture")],
        env=children.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    what, grown = done.stdout.split()
    return what, int(grown)


def sparse_tiff(side: int) -> bytes:
    """A grey TIFF of side x side pixels in one strip, of which nothing is there."""
    fields = [
        (256, 4, side), (257, 4, side), (258, 3, 8), (259, 3, 1), (262, 3, 1),
        (273, 4, 4000), (277, 3, 1), (278, 4, side), (279, 4, side * side),
    ]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in fields)
    head = b"II*\0\x08\0\0\0" + struct.pack("<H", len(fields)) + entries + bytes(4)
    return head.ljust(4096, b"\0")


def test_a_grid_is_opened(tmp_path: Path) -> None:
    """The kit's files are right: only what they say of themselves makes the others wrong."""
    what, _ = opened(grid_heic(4, 3, (1792, 1344)), tmp_path)
    assert what == "1344"


@pytest.mark.parametrize("said", [(64, 64), (448, 448)])
def test_a_grid_of_few_bytes_and_many_tiles(said: tuple[int, int], tmp_path: Path) -> None:
    """31 kB that say they are small took 1.9 GB. That say what they are, they are a picture."""
    data = grid_heic(27, 27, said)
    assert len(data) < 1 << 16
    what, grown = opened(data, tmp_path)
    assert not what.isdigit()
    assert grown < 512


@pytest.mark.parametrize("side", [12_000, 65_000])
def test_a_tiff_that_is_not_there(side: int, tmp_path: Path) -> None:
    what, grown = opened(sparse_tiff(side), tmp_path)
    assert what in ("unreadable-image", "image-too-large")
    assert grown < 512
