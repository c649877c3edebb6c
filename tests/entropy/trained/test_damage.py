"""Streams cut short, flipped or made up: an error of the package's own, or an array."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trained_arrays import statistics, symbols

from sdz.entropy.trained import decode_symbols, encode_symbols, variants
from sdz.errors import FormatError

STATISTICS = statistics()
SHAPE = (12, 14, 13)
WHOLE = symbols(SHAPE, 4)
CODE = 20000


def stream(log_states: int, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr("sdz.entropy.trained.symbols.LOG_STATES", log_states)
    return encode_symbols(WHOLE, STATISTICS, CODE)


def survived(blob: bytes, shape: tuple[int, int, int] = SHAPE) -> bool:
    """Whether the stream gave the whole array; anything but an error or an array fails."""
    try:
        q = decode_symbols(blob, shape, STATISTICS, CODE)
    except FormatError:
        return False
    assert q.shape == shape
    return shape == SHAPE and np.array_equal(q, WHOLE)


@pytest.mark.parametrize("log_states", [0, 2])
def test_every_prefix_is_noticed(log_states: int, monkeypatch: pytest.MonkeyPatch) -> None:
    blob = stream(log_states, monkeypatch)
    assert survived(blob)
    assert not any(survived(blob[:length]) for length in range(len(blob)))
    assert not survived(blob + b"\0\0")


@pytest.mark.parametrize("log_states", [0, 2])
def test_two_thousand_flipped_bits(log_states: int, monkeypatch: pytest.MonkeyPatch) -> None:
    blob = stream(log_states, monkeypatch)
    bits = np.random.default_rng(1).permutation(8 * len(blob))[:2000]
    for bit in bits:
        damaged = bytearray(blob)
        damaged[bit // 8] ^= 1 << bit % 8
        assert not survived(bytes(damaged)), bit


@settings(max_examples=200)
@given(st.binary(max_size=300), st.integers(1, 9), st.integers(1, 9))
def test_made_up_streams(blob: bytes, h: int, w: int) -> None:
    found = set()
    for variant in variants():
        try:
            q = decode_symbols(blob, (12, h, w), STATISTICS, CODE, variant=variant)
            found.add(q.tobytes())
        except FormatError as error:
            found.add(type(error).__name__.encode())
    assert len(found) == 1


@pytest.mark.parametrize("head", range(256))
def test_every_first_byte(head: int) -> None:
    survived(bytes([head]) + bytes(range(1, 100)))
    survived(bytes([head]))
