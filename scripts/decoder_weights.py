"""What the browsers' decoder knows of lite-1: scripts/decoder_weights.py FILE.

The decoder's half of the edition's weights and the trained coder's statistics, as its C takes them
(extension/decoder/library/weights.h): proved sound here by the readers of the package, so that a
page has nothing to prove, and laid out for a 32-bit machine of little-endian numbers, so that it
has nothing to convert but the network's weights, which are packed: they are most of what a page
without the extension fetches, and of the extension.

    0    magic SDZW, u32 version, u32 bytes of all
    12   6 x i32 shape of the network, i32 rates, i32 side of the preview
    44   8 x i32 counts of the statistics
    76   31 x u32 where each part begins; 0: not there
    200  u32 how many, then up to 4 x 8: what files name the edition by
    256  the parts, each at a multiple of 64

The first part, the weights: u32 how many; of every 64 of them, how many bits each takes (u8); then
their bits in two's complement, the lowest first, and four bytes that may be read beyond the end.
The last 64 are filled up with zeros.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdz.entropy.trained import Statistics
from sdz.entropy.trained.prepared import Pointers
from sdz.errors import BadModel
from sdz.models.editions import IN_FLOATS, WEIGHTS, weights_hash
from sdz.network import network_of
from sdz.network.layers import gather
from sdz.network.tensors import read_tensors

VERSION: Final = 2
LINE: Final = 64
TOGETHER: Final = 64
"""Weights that share a width in bits."""
MOST_NAMES: Final = 4
SIDE: Final = 2
"""Pixels of the preview a latent, in each direction."""
STATISTICS: Final = "decoder.contexts"
ENCODING: Final = {"prices", "plane_prices"}
"""Arrays that only an encoder looks at."""

Tensors = Mapping[str, NDArray[Any]]


def block(tensors: Tensors, names: Sequence[bytes]) -> bytes:
    """The block of an edition's tensors; ``names``: what files name it by, 8 bytes each.

    Raises BadModel, BadStatistics where the package itself would not take them.
    """

    def refuse(reason: str) -> BadModel:
        return BadModel("the built-in weights", reason)

    network = network_of(tensors, refuse)
    weights, numbers = gather(tensors, network.decoder.shape, refuse)
    preview = tensors["preview"].astype("<f4").copy()
    preview[:-1] *= network.unit[:, None]
    statistics = Statistics.from_bytes(tensors[STATISTICS].tobytes())
    arrays = statistics.prepared.arrays
    fields = [name for name, _ in Pointers._fields_ if name in arrays]
    parts = [packed(weights), numbers, network.table, preview]
    parts += [None if name in ENCODING else arrays[name] for name in fields]
    head = struct.Struct(f"<4sII6iii8i{len(parts)}II{8 * MOST_NAMES}s")
    offsets, body, at = [], [], -(-head.size // LINE) * LINE
    for part in parts:
        data = b"" if part is None else _little(part)
        offsets.append(at if data else 0)
        body.append(data.ljust(-(-len(data) // LINE) * LINE, b"\0"))
        at += len(body[-1])
    counts = (*statistics.sizes, 0)
    shape = network.decoder.shape.numbers().tolist()
    rest = (*shape, len(network.table), SIDE, *counts, *offsets)
    assert len(names) <= MOST_NAMES
    start = head.pack(b"SDZW", VERSION, at, *rest, len(names), b"".join(names))
    return start.ljust(-(-head.size // LINE) * LINE, b"\0") + b"".join(body)


def packed(weights: NDArray[np.int16]) -> NDArray[np.uint8]:
    """The first part, of weights [N]; see above."""
    rows = np.pad(weights, (0, -len(weights) % TOGETHER)).astype(np.int32).reshape(-1, TOGETHER)
    sizes = np.where(rows < 0, ~rows, rows).max(1)
    widths = np.where(sizes > 0, np.frexp(sizes)[1], 0) + 1  # and the sign
    bits = (rows[..., None] >> np.arange(16) & 1).astype(np.uint8)
    body = [
        np.packbits(row[:, :width], bitorder="little")
        for row, width in zip(bits, widths, strict=True)
    ]
    count = np.array([len(weights)], "<u4").view(np.uint8)
    return np.concatenate([count, widths.astype(np.uint8), *body, np.zeros(4, np.uint8)])


def built_in(path: Path = WEIGHTS) -> bytes:
    """The block of the package's own edition."""
    wanted = ("decoder.", "latent_unit", "preview")
    earlier = [bytes.fromhex(digest) for digest, now in IN_FLOATS.items() if now == path]
    return block(read_tensors(path, wanted), [weights_hash(path), *earlier])


def _little(array: NDArray[Any]) -> bytes:
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()


def main(words: list[str]) -> None:
    if len(words) != 1:
        raise SystemExit("usage: scripts/decoder_weights.py FILE")
    Path(words[0]).write_bytes(built_in())


if __name__ == "__main__":
    main(sys.argv[1:])
