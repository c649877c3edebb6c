"""Round trips by every variant, against the second decoder, and what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from trained_arrays import statistics, symbols
from trained_reference import decode

from sdz.entropy.trained import (
    Statistics,
    choose_symbols,
    costs,
    decode_symbols,
    encode_chosen,
    encode_symbols,
    variants,
)
from sdz.errors import LimitExceeded
from sdz.stopping import Stop, Stopped, heeding

COUNTS = [
    (12, 5, 3, 2, 24),
    (7, 7, 1, 1, 5),
    (6, 0, 2, 3, 30),
    (9, 4, 16, 4, 24),
    (13, 3, 9, 1, 24),
]
CODES = (0, 5000, 30000, 53248, 65535)


@cache
def known(counts: tuple[int, int, int, int, int]) -> Statistics:
    return statistics(*counts, seed=sum(counts))


def assert_round_trip(q: NDArray[np.int16], known: Statistics, code: int) -> bytes:
    blobs = {encode_symbols(q, known, code, variant=v) for v in variants()}
    assert len(blobs) == 1
    blob = blobs.pop()
    for variant in variants():
        found = decode_symbols(blob, q.shape, known, code, variant=variant)
        assert found.dtype == np.int16
        np.testing.assert_array_equal(found, q)
    return blob


@pytest.mark.parametrize("counts", COUNTS, ids=str)
@pytest.mark.parametrize(
    "shape", [(1, 1), (9, 11), (40, 3), (3, 40), (1, 9), (9, 1), (18, 35)], ids=str
)
def test_all_variants_and_the_second_decoder_agree(
    counts: tuple[int, int, int, int, int], shape: tuple[int, int]
) -> None:
    stats = known(counts)
    for seed, spread in enumerate((0.3, 3.0, 60.0)):
        q = symbols((counts[0], *shape), seed, spread)
        blob = assert_round_trip(q, stats, CODES[(seed + shape[0]) % len(CODES)])
        code = CODES[(seed + shape[0]) % len(CODES)]
        np.testing.assert_array_equal(decode(blob, q.shape, stats.to_bytes(), code), q)


@settings(max_examples=60)
@given(
    st.sampled_from(COUNTS),
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.integers(-32768, 32767),
    st.integers(-32768, 32767),
    st.integers(0, 65535),
    st.integers(0, 2**32 - 1),
)
def test_any_values(
    counts: tuple[int, int, int, int, int],
    sides: tuple[int, int],
    one: int,
    other: int,
    code: int,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    q = rng.integers(min(one, other), max(one, other), (counts[0], *sides), endpoint=True)
    q[rng.random(q.shape) < rng.random()] = 0
    assert_round_trip(q.astype(np.int16), known(counts), code)


@pytest.mark.parametrize("log_states", [0, 1, 2, 3])
def test_streams_of_several_states(log_states: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdz.entropy.trained.symbols.LOG_STATES", log_states)
    stats, q = known(COUNTS[0]), symbols((12, 9, 11), 5)
    blob = assert_round_trip(q, stats, 9000)
    assert blob[0] & 3 == log_states
    np.testing.assert_array_equal(decode(blob, q.shape, stats.to_bytes(), 9000), q)


def test_nothing_and_next_to_nothing() -> None:
    stats = known(COUNTS[0])
    assert encode_symbols(np.zeros((12, 0, 5), int), stats, 0) == b""
    assert decode_symbols(b"", (12, 0, 5), stats, 0).shape == (12, 0, 5)
    assert len(encode_symbols(np.zeros((12, 40, 40), int), stats, 0)) < 12


def test_the_first_channels_alone() -> None:
    stats, q = known(COUNTS[0]), symbols((12, 9, 11), 7)
    blob = encode_symbols(q, stats, 30000)
    for count in range(13):
        found = decode_symbols(blob, (count, 9, 11), stats, 30000, whole=False)
        np.testing.assert_array_equal(found, q[:count])
    with pytest.raises(ValueError, match="expected a shape"):
        decode_symbols(blob, (13, 9, 11), stats, 30000, whole=False)


def test_costs_are_the_length() -> None:
    stats, q = known(COUNTS[0]), symbols((12, 30, 40), 6)
    blob = encode_symbols(q, stats, 30000)
    bits = costs(q, stats, 30000).sum()
    assert len(blob) < bits / 8 * 1.002 + 6
    assert blob[0] >> 4 or len(blob) > bits / 8  # no lean: not shorter than they say


def test_choices_are_cheaper_at_their_own_price() -> None:
    stats = known(COUNTS[0])
    y = np.random.default_rng(3).laplace(size=(12, 20, 24)) * 1.5
    for weight in (4.0, 20.0):
        weights = np.full(12, weight)
        q, blob = encode_chosen(y, weights, stats, 30000)
        plain = np.rint(y).astype(int)

        def price(q: NDArray[np.integer], size: int, weight: float = weight) -> float:
            return float(weight * np.sum((y - q) ** 2) + 8 * size)

        assert price(q, len(blob)) < price(plain, len(encode_symbols(plain, stats, 30000)))
        for variant in variants():
            found = choose_symbols(y, weights, stats, 30000, variant=variant)
            np.testing.assert_array_equal(found, q)
    assert not choose_symbols(y * 0.1, np.zeros(12), stats, 30000).any()


def test_threads_do_not_disturb_each_other() -> None:
    stats = known(COUNTS[0])
    arrays = [symbols((12, 20, 24), seed) for seed in range(12)]
    alone = [encode_symbols(q, stats, 7000) for q in arrays]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert list(pool.map(lambda q: encode_symbols(q, stats, 7000), arrays)) == alone
            back = list(pool.map(lambda b: decode_symbols(b, (12, 20, 24), stats, 7000), alone))
            assert all(np.array_equal(a, b) for a, b in zip(back, arrays, strict=True))


def _forked(seed: int) -> bytes:
    return encode_symbols(symbols((12, 20, 24), seed), known(COUNTS[0]), 7000)


def test_forked_workers() -> None:
    alone = [_forked(seed) for seed in range(4)]
    with get_context("fork").Pool(2) as pool:
        assert pool.map(_forked, range(4)) == alone


def test_a_stop_flag_ends_the_call() -> None:
    stats, q = known(COUNTS[0]), symbols((12, 20, 24), 1)
    blob, stop = encode_symbols(q, stats, 7000), Stop()
    with heeding(stop):
        np.testing.assert_array_equal(decode_symbols(blob, q.shape, stats, 7000), q)
        stop.set()
        with pytest.raises(Stopped):
            decode_symbols(blob, q.shape, stats, 7000)
        with pytest.raises(Stopped):
            encode_symbols(q, stats, 7000)
        with pytest.raises(Stopped):
            choose_symbols(q, np.ones(12), stats, 7000)


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((4, 4), int),
        np.zeros((11, 4, 4), int),
        np.zeros((12, 4, 4)),
        np.full((12, 1, 1), 32768),
        np.full((12, 1, 1), -32769),
    ],
)
def test_what_is_no_array_of_16_bit_integers_is_refused(bad: NDArray[np.generic]) -> None:
    with pytest.raises(ValueError, match="expected"):
        encode_symbols(bad, known(COUNTS[0]), 0)


@pytest.mark.parametrize("shape", [(12, 181, 182), (3, 2**12, 2**12), (12, 2, 2**17)])
def test_a_group_of_too_many_places_is_the_file_s_fault(shape: tuple[int, int, int]) -> None:
    with pytest.raises(LimitExceeded, match="the limit is 32768"):
        decode_symbols(b"\0\0\0\0\0", shape, known(COUNTS[0]), 0)


@pytest.mark.parametrize("shape", [(12, 2), (12, -1, 2), (12, 0, 2**17), (3, 2, 2)])
def test_what_is_no_shape_is_refused_before_memory_is_taken(shape: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="expected"):
        decode_symbols(b"\0\0\0\0\0", shape, known(COUNTS[0]), 0)


@pytest.mark.parametrize(
    ("y", "weights"),
    [
        (np.zeros((12, 2)), np.ones(12)),
        (np.zeros((12, 2, 2)), np.ones(3)),
        (np.full((12, 2, 2), np.nan), np.ones(12)),
        (np.zeros((12, 2, 2)), np.full(12, -1.0)),
    ],
)
def test_choices_of_what_makes_no_sense(
    y: NDArray[np.float64], weights: NDArray[np.float64]
) -> None:
    with pytest.raises(ValueError, match=r"expected|finite"):
        choose_symbols(y, weights, known(COUNTS[0]), 0)


def test_an_unknown_variant_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of plain"):
        encode_symbols(np.zeros((12, 1, 1), int), known(COUNTS[0]), 0, variant="mmx")
