"""Work is counted by what is decoded, held to by the bytes there are, and the same everywhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from trained_arrays import statistics, symbols

from sdz.entropy import decode_rows, decode_symbols, decode_tilted, encode_symbols
from sdz.entropy.allowance import LEAST_BYTES, Allowance, allowed, allowing
from sdz.entropy.trained import decode_symbols as decode_trained
from sdz.entropy.trained import encode_symbols as encode_trained
from sdz.errors import TooMuchWork, Truncated


def taken(q: NDArray[np.integer]) -> int:
    allowance = Allowance(0, 1 << 40)
    with allowing(allowance):
        decode_symbols(encode_symbols(q), q.shape)
    return allowance.steps - allowance.left


def test_more_bytes_may_ask_for_more() -> None:
    assert Allowance.of(0).steps == Allowance.of(LEAST_BYTES).steps == 330_000_000
    assert Allowance.of(LEAST_BYTES + 7).steps == 330_070_000


def test_what_things_cost() -> None:
    """As docs/coder.md says, section 10."""
    ones = np.ones((1, 4, 2000), int)
    assert taken(np.zeros((9, 50, 50), int)) == 0
    noise = np.random.default_rng(1).integers(-1, 2, (1, 1, 40))
    assert 40 * 90 < taken(noise) < 40 * (90 + 4 * 18)
    first, later = taken(ones[:, :2]), taken(np.ones((1, 400, 2000), int))
    assert first > 2 * ones[:, :2].size  # in two rows every place is at an edge
    assert later < first + 400 * 2000 * 1.1  # and then they are quiet


@pytest.mark.parametrize("whole", [True, False])
def test_what_takes_more_is_refused(whole: bool) -> None:
    q = np.random.default_rng(2).integers(-3, 4, (4, 30, 30))
    blob, steps = encode_symbols(q), taken(q)
    with allowing(Allowance(len(blob), steps)):
        np.testing.assert_array_equal(decode_symbols(blob, q.shape, whole=whole), q)
    with allowing(Allowance(len(blob), steps - 1)):
        with pytest.raises(TooMuchWork, match=f"its {len(blob):,} bytes ask for more than"):
            decode_symbols(blob, q.shape, whole=whole)
        with pytest.raises(TooMuchWork):
            decode_tilted(blob, q.shape, whole=whole)
        with pytest.raises(TooMuchWork):
            decode_rows(blob, q.shape, lambda _: None)
    assert allowed() is None
    np.testing.assert_array_equal(decode_symbols(blob, q.shape), q)


def test_threads_share_it() -> None:
    q = np.random.default_rng(3).integers(-3, 4, (4, 20, 20))
    blob, steps = encode_symbols(q), taken(q)

    def one(allowance: Allowance) -> bool:
        with allowing(allowance):
            try:
                decode_symbols(blob, q.shape)
            except TooMuchWork:
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(one, [Allowance(1, 8 * steps)] * 8))
        shared = Allowance(1, 8 * steps)
        assert list(pool.map(one, [shared] * 8)) == [True] * 8
        assert shared.left == 0
        assert list(pool.map(one, [shared] * 8)) == [False] * 8


def test_work_that_is_known_before() -> None:
    allowance = Allowance(5, 10)
    allowance.take(10)
    assert allowance.left == 0
    with pytest.raises(TooMuchWork, match="its 5 bytes ask for more than 10 steps"):
        allowance.take(1)


@pytest.mark.parametrize("channels", [12, 4])
def test_by_statistics_filled_channels_count(channels: int) -> None:
    known = statistics()  # 12 channels, 5 of them place after place
    q = symbols((12, 6, 7))
    q[[1, 8, 9]] = 0
    blob = encode_trained(q, known, 20_000)
    filled = q.any((1, 2))[:channels]
    steps = 42 * (4 * int(filled[:5].sum()) + 2 * int(filled[5:].sum()))
    shape, whole = (channels, 6, 7), channels == 12
    with allowing(Allowance(1, steps)):
        np.testing.assert_array_equal(
            decode_trained(blob, shape, known, 20_000, whole=whole), q[:channels]
        )
    with allowing(Allowance(1, steps - 1)), pytest.raises(TooMuchWork):
        decode_trained(blob, shape, known, 20_000, whole=whole)
    with allowing(Allowance(1, steps)), pytest.raises(Truncated):
        decode_trained(b"\0", shape, known, 20_000, whole=whole)
