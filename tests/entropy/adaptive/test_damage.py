"""Streams cut short, lengthened, flipped or made up: an error of the package's own, or an array."""

from __future__ import annotations

import numpy as np
import pytest
from arrays import latents, steps
from hypothesis import given, settings
from hypothesis import strategies as st

from sdz.entropy import decode_symbols, decode_tilted, encode_rd, encode_symbols
from sdz.errors import FormatError, TrailingData, Truncated

SHAPE = (4, 12, 12)
PLAIN = encode_symbols(latents(SHAPE, 4))
TRELLIS = encode_rd(steps(SHAPE, 4), np.full(4, 4.0))[1]


def survives(blob: bytes, shape: tuple[int, int, int] = SHAPE) -> None:
    try:
        q, tilt = decode_tilted(blob, shape)
    except FormatError:
        return
    assert q.shape == tilt.shape == shape


@pytest.mark.parametrize("blob", [PLAIN, TRELLIS])
def test_every_prefix(blob: bytes) -> None:
    whole = decode_symbols(blob, SHAPE)
    for length in range(len(blob)):
        try:
            q = decode_symbols(blob[:length], SHAPE)
        except Truncated:
            continue
        assert not np.array_equal(q, whole), length


def test_a_stream_that_lacks_much_is_said_to_be_truncated() -> None:
    big = encode_symbols(latents((4, 40, 40), 6))
    with pytest.raises(Truncated) as caught:
        decode_symbols(big[: len(big) // 2], (4, 40, 40))
    assert caught.value.got == len(big) // 2


@pytest.mark.parametrize("blob", [PLAIN, TRELLIS])
def test_every_flipped_bit(blob: bytes) -> None:
    for bit in range(8 * len(blob)):
        damaged = bytearray(blob)
        damaged[bit // 8] ^= 1 << bit % 8
        survives(bytes(damaged))


@settings(deadline=None, max_examples=200)
@given(
    st.binary(max_size=300),
    st.tuples(st.integers(1, 6), st.integers(1, 9), st.integers(1, 9)),
)
def test_made_up_streams(blob: bytes, shape: tuple[int, int, int]) -> None:
    survives(blob, shape)


@pytest.mark.parametrize("byte", [0x00, 0x55, 0x7F, 0x80, 0xAA, 0xFF])
def test_endless_runs(byte: int) -> None:
    """Extreme streams drive values, counters and weights to their ends."""
    survives(bytes([byte]) * 20000, (3, 30, 40))


def test_another_shape() -> None:
    survives(PLAIN, (1, 3, 3))
    survives(PLAIN, (9, 20, 20))


@pytest.mark.parametrize("blob", [PLAIN, TRELLIS])
def test_bytes_after_the_end(blob: bytes) -> None:
    with pytest.raises(TrailingData):
        decode_symbols(blob + bytes(9), SHAPE)
    with pytest.raises(TrailingData):
        decode_symbols(b"\0", (1, 0, 1))
