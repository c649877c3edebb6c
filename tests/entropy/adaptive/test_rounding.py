"""Rounding by rate and distortion, on a trellis and without, and reconstruction from tilts."""

from __future__ import annotations

import numpy as np
import pytest
from arrays import latents, steps
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sdz.entropy import (
    DEFAULT_RECON,
    Recon,
    decode_symbols,
    decode_tilted,
    encode_rd,
    encode_symbols,
    encode_tilted,
    fit_recon,
    reconstruct,
)

Y = steps((4, 24, 24), 21, 3)


def price(y: NDArray[np.float32], weight: float, values: NDArray[np.generic], blob: bytes) -> float:
    return weight * float(np.sum((y - np.asarray(values, np.float64)) ** 2)) + 8 * len(blob)


@pytest.mark.parametrize("trellis", [False, True])
@settings(deadline=None, max_examples=60)
@given(
    shape=st.tuples(st.integers(1, 5), st.integers(1, 9), st.integers(1, 9)),
    spread=st.sampled_from([0.0, 0.4, 3.0, 500.0, 1e30]),
    weight=st.sampled_from([0.0, 0.5, 8.0, 1e6]),
    passes=st.integers(1, 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_what_is_chosen_is_what_is_decoded(
    trellis: bool, shape: tuple[int, int, int], spread: float, weight: float, passes: int, seed: int
) -> None:
    y = (np.random.default_rng(seed).normal(size=shape) * spread).astype(np.float32)
    q, tilt, blob = encode_tilted(y, np.full(shape[0], weight), trellis=trellis, passes=passes)
    q2, tilt2 = decode_tilted(blob, shape)
    np.testing.assert_array_equal(q2, q)
    np.testing.assert_array_equal(tilt2, tilt)
    np.testing.assert_array_equal(decode_symbols(blob, shape), q)


@pytest.mark.parametrize("weight", [1.0, 4.0, 16.0])
def test_choosing_is_never_dearer_than_rounding(weight: float) -> None:
    plain = np.round(Y).astype(np.int32)
    q, blob = encode_rd(Y, np.full(4, weight), trellis=False)
    assert price(Y, weight, q, blob) < price(Y, weight, plain, encode_symbols(plain))


def test_bits_are_saved_at_equal_error() -> None:
    """On little data; on real latents choosing saves 4 % of what rounding takes, the trellis 10."""

    def at_equal_error(scale: float, weight: float, trellis: bool) -> tuple[float, int]:
        q, blob = encode_rd(Y * scale, np.full(4, weight), trellis=trellis)
        return float(np.mean((q / scale - Y) ** 2)), len(blob)

    plain = np.round(Y)
    error, size = float(np.mean((plain - Y) ** 2)), len(encode_symbols(plain.astype(int)))
    chosen_error, chosen = at_equal_error(1.06, 8.0, trellis=False)
    path_error, path = at_equal_error(1.74, 4.0, trellis=True)
    assert chosen_error < error
    assert path_error < error
    assert chosen < size
    assert path < 0.97 * size


def test_heavier_weights_mean_less_error_and_more_bytes() -> None:
    found = [encode_rd(Y, np.full(4, w)) for w in (0.5, 2.0, 8.0)]
    errors = [float(np.mean((q - Y) ** 2)) for q, _ in found]
    sizes = [len(blob) for _, blob in found]
    assert errors == sorted(errors, reverse=True)
    assert sizes == sorted(sizes)


def test_weights_are_per_channel() -> None:
    q, _ = encode_rd(Y, [100.0, 0.001, 100.0, 100.0])
    error = ((q - Y) ** 2).mean((1, 2))
    assert error[1] > 2 * max(error[0], error[2], error[3])


def test_what_weighs_nothing_is_left_out() -> None:
    q, blob = encode_rd(Y, np.zeros(4), trellis=False)
    assert not q.any()
    assert len(blob) <= 2


def test_plain_integers_may_be_coded_from_a_trellis_path() -> None:
    q, blob = encode_rd(Y, np.full(4, 4.0))
    np.testing.assert_array_equal(decode_symbols(encode_symbols(q), q.shape), q)
    assert len(blob) < len(encode_symbols(q))  # the trellis knows which half is impossible


@pytest.mark.parametrize("trellis", [False, True])
def test_tilts_point_towards_the_truth(trellis: bool) -> None:
    weights = np.full(4, 4.0 if trellis else 8.0)
    q, tilt, _ = encode_tilted(Y, weights, trellis=trellis)
    recon = fit_recon(Y, q, tilt)
    fitted = np.mean((reconstruct(q, tilt, recon) - Y) ** 2)
    assert fitted < np.mean((q - Y) ** 2)
    away = reconstruct(q, np.negative(tilt), recon)
    assert fitted < 0.98 * np.mean((away - Y) ** 2)
    usual = np.mean((reconstruct(q, tilt, DEFAULT_RECON[trellis]) - Y) ** 2)
    assert fitted <= usual * 1.001


def test_reconstruction_by_hand() -> None:
    q = np.array([[[0, 0, 1, -1, 2, -5]]], np.int32)
    tilt = np.array([[[0, 16, 16, 16, -32, 0]]], np.int8)
    recon = Recon(out1=-64, out2=32, lean0=128, lean1=64, lean2=16)
    expected = [0, 0.5, 1 - 0.25 + 0.25, -1 + 0.25 + 0.25, 2 + 0.125 - 0.125, -5 - 0.125]
    np.testing.assert_array_equal(reconstruct(q, tilt, recon)[0, 0], np.float32(expected))


def test_fitting_finds_what_was_put_in() -> None:
    q = latents((3, 20, 20), 30).astype(np.int32)
    tilt = (latents((3, 20, 20), 31) * 3 % 90 - 45).astype(np.int8)
    recon = Recon(-20, 9, 12, 30, -7)
    found = fit_recon(reconstruct(q, tilt, recon), q, tilt)
    assert max(abs(a - b) for a, b in zip(found, recon, strict=True)) <= 1


def test_fitting_nothing_gives_nothing() -> None:
    empty = np.zeros((1, 2, 2), np.int32)
    assert fit_recon(empty.astype(np.float32), empty, empty.astype(np.int8)) == Recon()


@pytest.mark.parametrize(
    ("y", "weights", "passes"),
    [
        (np.zeros((2, 2)), [1.0, 1.0], 2),
        (np.zeros((2, 2, 2)), [1.0], 2),
        (np.full((1, 2, 2), np.nan), [1.0], 2),
        (np.full((1, 2, 2), np.inf), [1.0], 2),
        (np.zeros((1, 2, 2)), [np.nan], 2),
        (np.zeros((1, 2, 2)), [-1.0], 2),
        (np.zeros((1, 2, 2)), [1.0], 0),
    ],
)
def test_what_makes_no_sense_is_refused(
    y: NDArray[np.float64], weights: list[float], passes: int
) -> None:
    with pytest.raises(ValueError, match=r"expected|finite"):
        encode_rd(y, weights, passes=passes)


def test_nothing_to_round() -> None:
    q, blob = encode_rd(np.zeros((2, 0, 3)), [1.0, 1.0])
    assert q.shape == (2, 0, 3)
    assert blob == b""
