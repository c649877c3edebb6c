"""The kernel against the second decoder: what docs/coder.md says is what streams are."""

from __future__ import annotations

import numpy as np
import pytest
from arrays import bell, golden_arrays, latents, steps
from numpy.typing import NDArray
from reference import SQUASH, decode

from sdz.entropy import decode_tilted, encode_symbols, encode_tilted
from sdz.errors import FormatError


def assert_same(blob: bytes, shape: tuple[int, int, int]) -> None:
    q, tilt = decode_tilted(blob, shape)
    also_q, also_tilt = decode(blob, shape)
    np.testing.assert_array_equal(also_q, q)
    np.testing.assert_array_equal(also_tilt, tilt)


@pytest.mark.parametrize("name", list(golden_arrays()))
def test_plain_streams(name: str) -> None:
    q = golden_arrays()[name]
    assert_same(encode_symbols(q), q.shape)


@pytest.mark.parametrize("trellis", [False, True])
@pytest.mark.parametrize("spread", [1, 6, 200])
def test_chosen_streams(trellis: bool, spread: int) -> None:
    y = steps((4, 11, 13), 40 + spread, spread)
    q, _, blob = encode_tilted(y, np.full(4, 4.0), trellis=trellis)
    assert_same(blob, q.shape)


def test_enough_samples_for_sums_to_be_halved() -> None:
    """Values at the limit of the features bring A over 2^28 within 256 samples."""
    q = 1000 + bell((2, 20, 24), 3, 40)
    assert_same(encode_symbols(q), q.shape)


def test_empty_and_many_channels() -> None:
    q = latents((20, 6, 7), 50, 3)
    q[[0, 3, 4, 9, 19]] = 0
    assert_same(encode_symbols(q), q.shape)


def scattered(shape: tuple[int, int, int]) -> NDArray[np.int64]:
    q = np.zeros(shape, np.int64)
    q[bell(shape, 60, 40) > 22] = 1
    return q


@pytest.mark.parametrize("shape", [(1, 1, 60), (1, 60, 1), (60, 1, 1), (3, 2, 2), (130, 2, 3)])
def test_narrow_shapes(shape: tuple[int, int, int]) -> None:
    assert_same(encode_symbols(scattered(shape)), shape)


def test_made_up_streams_are_read_alike() -> None:
    blob = encode_symbols(latents((3, 9, 9), 70))
    for place in range(0, len(blob), 9):
        damaged = bytearray(blob)
        damaged[place] ^= 0x24
        try:
            q, _ = decode_tilted(bytes(damaged), (3, 9, 9))
        except FormatError:  # its length is refused; only contents are compared
            continue
        np.testing.assert_array_equal(decode(bytes(damaged), (3, 9, 9))[0], q)


def test_the_table_is_the_logistic_function() -> None:
    x = np.arange(-3071, 3072)
    exact = 65536 / (1 + np.exp(-x / 256))
    assert max(abs(SQUASH[int(i)] - e) for i, e in zip(x, exact, strict=True)) < 1
