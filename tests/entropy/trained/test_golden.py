"""The bytes are pinned: streams written by any version are read, and written, by every later one.

To write them anew (another version of the coder): ``python tests/entropy/trained/test_golden.py``
with tests/kits in PYTHONPATH.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from trained_arrays import statistics, symbols

from sdz.entropy.trained import Statistics, decode_symbols, encode_symbols, variants

GOLDEN = Path(__file__).parents[2] / "golden"
# SHA-256 of the bytes, and of the symbols as little-endian int16.
SHAPE, CODE = (12, 23, 30), 27182
SYMBOLS = "07277a6a1d71047296b7a609bb8680a1ee7f6007a0c657fe8efee7e812c25f36"
STATISTICS = "bd287f5f8af0b410ca9243462f119b92e6fc59d607dcc0ab6b9701ec783a5699"


def golden(name: str) -> bytes:
    return (GOLDEN / f"trained-{name}.bin").read_bytes()


def test_the_statistics() -> None:
    data = golden("statistics")
    assert Statistics.from_bytes(data).to_bytes() == data
    assert Statistics.from_bytes(data).digest().hex() == STATISTICS


@pytest.mark.parametrize("variant", variants())
def test_the_symbols(variant: str) -> None:
    known, blob = Statistics.from_bytes(golden("statistics")), golden("stream")
    q = decode_symbols(blob, SHAPE, known, CODE, variant=variant)
    assert hashlib.sha256(q.astype("<i2").tobytes()).hexdigest() == SYMBOLS
    assert encode_symbols(q, known, CODE, variant=variant) == blob


if __name__ == "__main__":
    drawn = statistics(seed=20)
    values = symbols(SHAPE, 21, 4.0)
    values[0, 3, 4:9] = (300, -32768, 32767, -90, 77)  # escapes, low bits
    values[10] = np.where(np.arange(30) % 7 == 0, 40, 0)
    (GOLDEN / "trained-statistics.bin").write_bytes(drawn.to_bytes())
    (GOLDEN / "trained-stream.bin").write_bytes(encode_symbols(values, drawn, CODE))
    print("STATISTICS =", repr(drawn.digest().hex()))
    print("SYMBOLS =", repr(hashlib.sha256(values.astype("<i2").tobytes()).hexdigest()))
