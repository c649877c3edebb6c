"""Round trips of integer arrays, and what the calls refuse."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from arrays import bell, golden_arrays, latents
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sdz.entropy import decode_symbols, decode_tilted, encode_symbols

SHAPES = st.tuples(st.integers(1, 7), st.integers(1, 12), st.integers(1, 12))
RANGES = st.sampled_from(
    [(0, 0), (0, 1), (-1, 1), (-9, 9), (200, 203), (-300, 5000), (-(2**31), 2**31 - 1)]
)


def assert_round_trip(q: NDArray[np.integer]) -> bytes:
    blob = encode_symbols(q)
    found = decode_symbols(blob, q.shape)
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, q)
    return blob


@settings(deadline=None, max_examples=150)
@given(SHAPES, RANGES, st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_round_trip(
    shape: tuple[int, int, int], span: tuple[int, int], empty: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    q = rng.integers(span[0], span[1], shape, endpoint=True)
    q[rng.random(shape) < empty] = 0
    assert_round_trip(q)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=40))
def test_round_trip_of_any_values(values: list[int]) -> None:
    assert_round_trip(np.array(values).reshape(1, 1, -1))
    assert_round_trip(np.array(values).reshape(-1, 1, 1))


@pytest.mark.parametrize("name", list(golden_arrays()))
def test_round_trip_of_each_kind(name: str) -> None:
    assert_round_trip(golden_arrays()[name])


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", ">i4", "u4", "i8", "u8", "?"])
def test_any_integer_type(dtype: str) -> None:
    assert_round_trip((np.arange(60).reshape(3, 4, 5) % 2).astype(dtype))


def test_any_memory_layout() -> None:
    q = latents((6, 10, 14), 3)
    assert assert_round_trip(q[::2, ::-1, 1:9]) == encode_symbols(q[::2, ::-1, 1:9].copy())
    assert_round_trip(q.transpose(2, 0, 1))


def test_more_channels_than_are_told_apart() -> None:
    assert_round_trip(latents((140, 3, 4), 8))


def test_an_array_of_no_symbols_has_no_bytes() -> None:
    assert encode_symbols(np.zeros((3, 0, 5), int)) == b""
    assert decode_symbols(b"", (3, 0, 5)).shape == (3, 0, 5)


def test_zeros_cost_next_to_nothing() -> None:
    assert len(encode_symbols(np.zeros((96, 64, 64), int))) <= 2
    one_channel = np.zeros((50, 20, 20), int)
    one_channel[7] = bell((1, 20, 20), 1, 6)[0]
    assert len(encode_symbols(one_channel)) < len(encode_symbols(one_channel[7:8])) + 8


def test_constant_and_flat_arrays_cost_little() -> None:
    assert len(encode_symbols(np.full((1, 200, 200), 255))) < 250  # 0.05 bits a symbol
    mask = np.zeros((1, 200, 200), int)
    mask[:, 40:170, 30:160] = 1
    assert len(encode_symbols(mask)) < 250


def test_noise_costs_its_entropy() -> None:
    """Nothing to learn: four equal values should cost two bits each and little more."""
    q = np.random.default_rng(0).integers(0, 4, (4, 64, 64))
    assert len(encode_symbols(q)) < 1.02 * q.size * 2 / 8


def test_neighbours_and_channels_are_made_use_of() -> None:
    q = latents((4, 32, 32), 2)
    shuffled = np.random.default_rng(1).permuted(q.reshape(4, -1), axis=1).reshape(q.shape)
    counts = [np.unique(channel, return_counts=True)[1] / channel.size for channel in q]
    order_zero = sum(-float((p * np.log2(p)).sum()) * 1024 / 8 for p in counts)
    assert len(encode_symbols(q)) < 0.9 * min(order_zero, len(encode_symbols(shuffled)))


def test_threads_do_not_disturb_each_other() -> None:
    arrays = [latents((4, 24, 24), seed, 2 + seed % 5) for seed in range(12)]
    alone = [encode_symbols(q) for q in arrays]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert list(pool.map(encode_symbols, arrays)) == alone
            back = list(pool.map(lambda blob: decode_symbols(blob, (4, 24, 24)), alone))
            assert all(np.array_equal(a, b) for a, b in zip(back, arrays, strict=True))


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((4, 4), int),
        np.zeros((1, 1, 4, 4), int),
        np.zeros((1, 4, 4)),
        np.array([[[2**31]]]),
        np.array([[[-(2**31) - 1]]]),
        np.array([[[2**32 - 1]]], np.uint32),
    ],
)
def test_what_is_no_array_of_32_bit_integers_is_refused(bad: NDArray[np.generic]) -> None:
    with pytest.raises(ValueError, match="expected"):
        encode_symbols(bad)


@pytest.mark.parametrize("shape", [(1, 2), (1, -1, 2), (1, 2, 2**25)])
def test_what_is_no_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected a shape"):
        decode_symbols(b"", shape)  # type: ignore[arg-type]


def test_shapes_of_one_row_or_column() -> None:
    for shape in [(1, 1, 500), (1, 500, 1), (500, 1, 1), (2, 1, 1)]:
        q = latents(shape, math.prod(shape))
        assert_round_trip(q)


@pytest.mark.parametrize("kind", ["plain", "tilted"])
def test_the_first_channels_alone(kind: str) -> None:
    """Channels come one after the other, so the first need nothing of the others."""
    q = np.random.default_rng(8).integers(-3, 3, (9, 6, 7), endpoint=True)
    blob = encode_symbols(q)
    for count in range(10):
        shape = (count, 6, 7)
        if kind == "plain":
            found = decode_symbols(blob, shape, whole=False)
        else:
            found, tilts = decode_tilted(blob, shape, whole=False)
            np.testing.assert_array_equal(tilts, decode_tilted(blob, q.shape)[1][:count])
        np.testing.assert_array_equal(found, q[:count])
