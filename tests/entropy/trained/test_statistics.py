"""Statistics as bytes and arrays, and what is refused: they decide how every file is read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from trained_arrays import statistics, symbols

from sdz.entropy.trained import Statistics, decode_symbols, encode_symbols
from sdz.entropy.trained.layout import FIELDS
from sdz.errors import BadStatistics

KNOWN = statistics()
DATA = KNOWN.to_bytes()


def changed(name: str, value: NDArray[np.generic]) -> dict[str, NDArray[np.generic]]:
    return {**KNOWN.arrays, name: value}


def test_bytes_and_back() -> None:
    again = Statistics.from_bytes(DATA)
    assert again.sizes == KNOWN.sizes
    assert again.to_bytes() == DATA
    assert again.digest() == KNOWN.digest()
    q = symbols((12, 6, 7), 3)
    blob = encode_symbols(q, KNOWN, 123)
    np.testing.assert_array_equal(decode_symbols(blob, q.shape, again, 123), q)


@pytest.mark.parametrize("length", [0, 1, 2, 15, 16, 17, len(DATA) - 1])
def test_bytes_cut_short(length: int) -> None:
    with pytest.raises(BadStatistics):
        Statistics.from_bytes(DATA[:length])


def test_bytes_too_many_or_of_another_version() -> None:
    with pytest.raises(BadStatistics, match="bytes expected"):
        Statistics.from_bytes(DATA + b"\0")
    with pytest.raises(BadStatistics, match="version 1 expected, found 2"):
        Statistics.from_bytes(b"\2" + DATA[1:])


@settings(max_examples=200)
@given(st.integers(0, 8 * len(DATA) - 1))
def test_a_flipped_bit_is_refused_or_decodes(bit: int) -> None:
    damaged = bytearray(DATA)
    damaged[bit // 8] ^= 1 << bit % 8
    try:
        found = Statistics.from_bytes(bytes(damaged))
    except BadStatistics:
        return
    q = symbols((found.sizes.channels, 5, 6), 2, 30.0)
    blob = encode_symbols(q, found, 30000)
    np.testing.assert_array_equal(decode_symbols(blob, q.shape, found, 30000), q)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_arrays_missing_of_another_shape_or_kind(field: object) -> None:
    name = field.name  # type: ignore[attr-defined]
    array = KNOWN.arrays[name]
    for bad in (array[..., :-1], array.astype(np.float64), np.full(array.shape, 2**40)):
        with pytest.raises(BadStatistics, match=name):
            Statistics.from_arrays(KNOWN.sizes, changed(name, bad))
    missing = {key: value for key, value in KNOWN.arrays.items() if key != name}
    with pytest.raises(BadStatistics, match=name):
        Statistics.from_arrays(KNOWN.sizes, missing)


LARGEST = {
    "out": "levels",
    "plane_out": "levels of planes",
    "bias": "hidden units",
    "plane_bias": "hidden units of planes",
    "rest": "levels",
    "plane_rest": "levels of planes",
}


@pytest.mark.parametrize("name", LARGEST)
def test_sums_that_could_overflow(name: str) -> None:
    array = KNOWN.arrays[name]
    most = np.full(array.shape, np.iinfo(array.dtype).max, array.dtype)
    arrays = changed(name, most)
    if LARGEST[name].startswith("levels") and name.endswith("out"):
        kin = name.replace("out", "rest")
        arrays[kin] = np.full(KNOWN.arrays[kin].shape, 2**31 - 1, np.int32)
    with pytest.raises(BadStatistics, match=LARGEST[name] + ": a sum may reach"):
        Statistics.from_arrays(KNOWN.sizes, arrays)


@pytest.mark.parametrize("name", ["rows", "plane_rows"])
def test_rows_that_cannot_be_decoded_by(name: str) -> None:
    row = KNOWN.arrays[name].astype(np.int64)
    for change in ((1, 0), (0, 2), (-row[2, ..., 3], row[2, ..., 3])):
        bad = row.copy()
        bad[2, ..., 3] += change[0]
        bad[2, ..., 0] += change[1]
        with pytest.raises(BadStatistics, match=name):
            Statistics.from_arrays(KNOWN.sizes, changed(name, bad))


def test_odd_frequencies_of_sizes() -> None:
    row = KNOWN.arrays["plane_rows"].astype(np.int64)
    row[:, 3] += 1
    row[:, 4] -= 1
    with pytest.raises(BadStatistics, match="even"):
        Statistics.from_arrays(KNOWN.sizes, changed("plane_rows", row))


@pytest.mark.parametrize(("name", "value"), [("map", 0), ("map", 32768), ("shifts", 13)])
def test_numbers_out_of_range(name: str, value: int) -> None:
    bad = np.full(KNOWN.arrays[name].shape, value, np.int64)
    with pytest.raises(BadStatistics, match=name):
        Statistics.from_arrays(KNOWN.sizes, changed(name, bad))


def test_counts_out_of_range() -> None:
    for change in ({"levels": 300}, {"hidden": 0}, {"second": 5}, {"causal": 13}, {"caution": 0}):
        with pytest.raises(BadStatistics):
            Statistics.from_arrays(KNOWN.sizes._replace(**change), KNOWN.arrays)
