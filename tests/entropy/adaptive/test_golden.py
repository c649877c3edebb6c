"""The bytes are pinned: streams written by any version are read, and written, by every later one.

To write them anew (a change of the format): ``python tests/entropy/adaptive/test_golden.py``.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from arrays import golden_arrays, steps

from sdz.entropy import decode_symbols, decode_tilted, encode_symbols, encode_tilted

GOLDEN = Path(__file__).parents[2] / "golden"
TRELLIS_SHAPE = (5, 18, 22)
TRELLIS_CHECKS = (
    165181949,
    1660063519,
)  # CRC-32 of the symbols (little-endian int32) and of the tilts


def golden(name: str) -> bytes:
    return (GOLDEN / f"entropy-{name}.bin").read_bytes()


@pytest.mark.parametrize("name", list(golden_arrays()))
def test_plain_streams(name: str) -> None:
    q, blob = golden_arrays()[name], golden(name)
    np.testing.assert_array_equal(decode_symbols(blob, q.shape), q)
    assert encode_symbols(q).hex() == blob.hex()


def test_a_trellis_stream() -> None:
    """Decoding only: which path an encoder takes is its own business."""
    q, tilt = decode_tilted(golden("trellis"), TRELLIS_SHAPE)
    assert (zlib.crc32(q.astype("<i4").tobytes()), zlib.crc32(tilt.tobytes())) == TRELLIS_CHECKS


if __name__ == "__main__":
    for each, array in golden_arrays().items():
        (GOLDEN / f"entropy-{each}.bin").write_bytes(encode_symbols(array))
    values, tilts, stream = encode_tilted(steps(TRELLIS_SHAPE, 77), np.full(TRELLIS_SHAPE[0], 4.0))
    (GOLDEN / "entropy-trellis.bin").write_bytes(stream)
    print(zlib.crc32(values.astype("<i4").tobytes()), zlib.crc32(tilts.tobytes()))
