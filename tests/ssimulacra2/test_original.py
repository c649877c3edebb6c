"""Every cell's sums are those of the NumPy reader, and only the pictures change them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from ssimulacra2_reader import read_cells, read_maps, read_score

from sdz.ssimulacra2 import Original
from sdz.ssimulacra2.formula import SCALES
from sdz.ssimulacra2.regions import CELL

Pixels = NDArray[np.uint8]


def pair(height: int, width: int, damage: int = 20) -> tuple[Pixels, Pixels]:
    """Smooth waves with noise in a corner, and the same with more noise on it."""
    rng = np.random.default_rng(height * 1000 + width)
    y, x = np.mgrid[0:height, 0:width]
    waves = [128 + 90 * np.sin(x / (9 + c) + y / (31 - 5 * c)) for c in range(3)]
    a = np.stack(waves, 2)
    a[: height // 2, : width // 2] += rng.normal(0, 40, (height // 2, width // 2, 1))
    b = a + rng.normal(0, damage, a.shape) * (x > width // 3)[..., None]
    first, second = (plane.clip(0, 255).astype(np.uint8) for plane in (a, b))
    return first, second


def scores(original: Original, other: Pixels, threads: int | None = None) -> tuple[float, float]:
    found = original.compare(other, threads=threads)
    return found.whole, found.worst


def over_cells(maps: NDArray[np.float64], scale: int) -> NDArray[np.float64]:
    side = CELL >> scale
    sums = np.stack([maps, maps**4], 1)
    for axis in (2, 3):
        sums = np.add.reduceat(sums, range(0, sums.shape[axis], side), axis)
    return sums


@pytest.mark.parametrize(
    "size", [(8, 8), (16, 9), (31, 130), (128, 128), (129, 257), (266, 500), (520, 300)]
)
@pytest.mark.parametrize("damage", [1, 30])
def test_sums_are_the_readers(size: tuple[int, int], damage: int) -> None:
    a, b = pair(*size, damage)
    found, maps = Original(a).compare(b), read_maps(a, b)
    assert found.sizes == tuple(m.shape[1:] for m in maps)
    for scale, (sums, wanted) in enumerate(zip(found.sums, maps, strict=True)):
        np.testing.assert_allclose(sums, over_cells(wanted, scale), rtol=2e-3, atol=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (3, 9), (300, 5), (80, 300), (257, 640), (513, 255)])
def test_scores_are_the_readers(size: tuple[int, int]) -> None:
    a, b = pair(*size)
    assert scores(Original(a), b) == pytest.approx(read_score(a, b), abs=2e-3)


@pytest.mark.parametrize("size", [(20, 70), (256, 64), (97, 129)])
def test_scores_of_cells_are_the_readers(size: tuple[int, int]) -> None:
    a, b = pair(*size)
    found = Original(a).compare(b).by_cell()
    assert found.shape == (-(-size[0] // CELL), -(-size[1] // CELL))
    np.testing.assert_allclose(found, read_cells(a, b, CELL), atol=5e-3)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 140), st.integers(1, 140), st.integers(0, 2**32 - 1), st.booleans())
def test_any_pixels_of_any_size(height: int, width: int, seed: int, extreme: bool) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 256, (2, height, width, 3), dtype=np.uint8)
    if extreme:
        a, b = (a & 128) // 128 * 255, b // 255 * 255
    wanted = read_score(a, b)
    assert scores(Original(a), b) == pytest.approx(wanted, rel=1e-4, abs=2e-3)


def test_greys_have_no_first_channel() -> None:
    a, b = (np.repeat(picture[..., :1], 3, 2) for picture in pair(60, 70))
    sums = Original(a).compare(b).sums
    assert max(found[0::3, 0].max() / found[1::3, 0].max() for found in sums) < 1e-4


def test_equal_pictures_have_empty_maps() -> None:
    a, _ = pair(150, 290)
    found = Original(a).compare(a.copy())
    assert not any(sums.any() for sums in found.sums)
    assert (found.whole, found.worst) == (100, 100)
    assert (found.by_cell() == 100).all()


# --- what must not matter -----------------------------------------------------------------------

A, B = pair(700, 600)
WANTED = scores(Original(A), B, threads=1)


@pytest.mark.parametrize("threads", [2, 3, 7])
@pytest.mark.parametrize("kept_bytes", [0, 1 << 30])
def test_threads(threads: int, kept_bytes: int) -> None:
    original = Original(A, kept_bytes=kept_bytes)
    assert scores(original, B, threads) == WANTED
    assert scores(original, B, threads) == WANTED


@pytest.mark.parametrize("held_level", [0, 300, 30_000])
def test_levels_that_are_not_held(held_level: int) -> None:
    assert scores(Original(A, held_level=held_level), B) == WANTED
    assert scores(Original(A, held_level=held_level, kept_bytes=0), B) == WANTED
    a, b = A[:333, :271], B[:333, :271]
    assert scores(Original(a, held_level=held_level), b) == scores(Original(a), b)


def test_arrays_that_are_cut_out_of_others() -> None:
    wide = np.zeros((2, 720, 640, 4), np.uint8)
    wide[:, 5:705, 11:611, :3] = A, B
    a, b = wide[:, 5:705, 11:611, :3]
    assert scores(Original(a), b) == WANTED


def test_memory_that_was_used_before() -> None:
    """Nothing is read that this comparison has not written."""
    kept = np.full(1 << 26, 255, np.uint8)  # quiet NaNs, where floats are made of it
    del kept
    assert scores(Original(A), B) == WANTED


def test_a_scale_is_looked_at_from_eight_pixels_on() -> None:
    sides = {8: 1, 14: 1, 15: 2, 112: 4, 113: 5, 224: 5, 225: 6, 600: SCALES}
    found = {side: len(Original(A[:side, :side]).compare(B[:side, :side]).sizes) for side in sides}
    assert found == sides


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((4, 5, 4), np.uint8),
        np.zeros((4, 5), np.uint8),
        np.zeros((0, 5, 3), np.uint8),
        np.zeros((4, 5, 3), np.float32),
    ],
)
def test_what_is_no_picture_is_refused(wrong: Pixels) -> None:
    with pytest.raises(ValueError, match=r"uint8 \[H, W, 3\]"):
        Original(wrong)
    with pytest.raises(ValueError, match="candidate"):
        Original(np.zeros((4, 5, 3), np.uint8)).compare(wrong)
