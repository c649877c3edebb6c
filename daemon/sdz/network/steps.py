"""From a step code to what symbols are multiplied by, in integers; see docs/network.md, "Steps".

A table holds, for each trained rate and channel, the binary logarithm of the step (in units of the
latents' grid) times 65536. Between rates it is interpolated, beyond them it goes on by ``SLOPE`` a
rate, and the power of two is a product of sixteen constants.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ONE = 65536
"""A factor of two, in the table."""
CODES_PER_RATE = 4096
FINEST_CODE = 16384
"""The code of the table's last row."""
SLOPE = 31101
"""log2(100) / 14 * 65536: lambda spans 100 over 7 intervals, and the step goes with its root."""
CHANNEL_STEP = 4096
"""What one of a file's channel steps adds: 1/16 of a factor of two."""

ROOTS = (
    *(
        1518500250,
        1276901417,
        1170923762,
        1121280436,
        1097253708,
        1085434106,
        1079572136,
        1076653033,
    ),
    *(
        1075196443,
        1074468888,
        1074105294,
        1073923544,
        1073832680,
        1073787251,
        1073764537,
        1073753181,
    ),
)
"""2^(1/2), 2^(1/4), ... times 2^30: no library's power, which may round otherwise."""

Integers = NDArray[np.int32]


def logarithms(
    table: Integers, code: int, channel_steps: Sequence[int] | None = None
) -> NDArray[np.int64]:
    """Binary logarithms times 65536 of the steps of ``code`` (0 to 65535): [C] of table [R, C]."""
    last = len(table) - 1
    along = last * CODES_PER_RATE + FINEST_CODE - code  # from the first row, in codes
    inside = min(max(along, 0), last * CODES_PER_RATE)
    row = min(inside // CODES_PER_RATE, max(last - 1, 0))
    share = inside - row * CODES_PER_RATE
    wide = table.astype(np.int64)
    sums = wide[row] * (CODES_PER_RATE - share) + wide[min(row + 1, last)] * share
    sums -= SLOPE * (along - inside)
    found: NDArray[np.int64] = (sums + CODES_PER_RATE // 2) >> 12
    if channel_steps is not None:
        found = found + CHANNEL_STEP * np.asarray(channel_steps, np.int64)
    return found


def multipliers(
    table: Integers, code: int, channel_steps: Sequence[int] | None = None
) -> tuple[Integers, Integers]:
    """(m, s), each [C]: a symbol q becomes (q * m + half of 2^s) >> s.

    m is 16384 to 32767, s 0 to 30.
    """
    found = np.clip(logarithms(table, code, channel_steps), -16 * ONE, 15 * ONE - 1)
    whole, part = found >> 16, found & (ONE - 1)
    power = np.full(len(part), 1 << 30, np.int64)
    for bit, root in enumerate(ROOTS):
        power = np.where(part >> (15 - bit) & 1, (power * root + (1 << 29)) >> 30, power)
    m = np.minimum((power + (1 << 15)) >> 16, 32767)
    return m.astype(np.int32), (14 - whole).astype(np.int32)


def steps(
    table: Integers, code: int, channel_steps: Sequence[int] | None = None
) -> NDArray[np.float64]:
    """The same as numbers, in units of the latents' grid: [C] float64. For encoders."""
    m, s = multipliers(table, code, channel_steps)
    return m * 2.0**-s
