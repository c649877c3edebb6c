"""The weights of the browsers' decoder, packed; the library that unpacks them decodes golden files
in tests/extension."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import decoder_weights


def _unpacked(part: bytes) -> NDArray[np.int64]:
    """As the part is described, bit by bit."""
    count = int.from_bytes(part[:4], "little")
    groups = -(-count // 64)
    widths, at, found = part[4 : 4 + groups], 4 + groups, []
    for width in widths:
        bits = int.from_bytes(part[at : at + 8 * width], "little")
        at += 8 * width
        for i in range(64):
            value = bits >> i * width & (1 << width) - 1
            found.append(value - (value >> width - 1 << width))
    assert part[at:] == bytes(4)
    assert not any(found[count:])
    return np.array(found[:count])


@pytest.mark.parametrize("largest", [0, 1, 2, 255, 256, 1023, 32767])
@pytest.mark.parametrize("count", [1, 63, 64, 65, 1000])
def test_weights_come_back(largest: int, count: int) -> None:
    weights = np.random.RandomState(count).randint(-largest - 1, largest + 1, count)
    weights[0], weights[-1] = largest, -largest - 1
    part = decoder_weights.packed(weights.astype(np.int16))
    assert np.array_equal(_unpacked(part.tobytes()), weights)
    width = (largest.bit_length() + 1) * 8
    assert len(part) <= 8 + -(-count // 64) * (1 + width)


def test_a_group_of_small_weights_takes_few_bits() -> None:
    weights = np.repeat(np.array([3, -20000, 0], np.int16), 64)
    assert list(decoder_weights.packed(weights)[4:7]) == [3, 16, 1]
