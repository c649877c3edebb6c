"""The arrays of statistics: names, types and shapes, in the order of their bytes.

``FIELDS`` is the table of docs/trained-coder.md, "Statistics"; everything else about their bytes
follows from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

KNOTS = 7
"""Step codes between which biases are interpolated: 4096, 12288, ... 53248."""
NEAR, OWN, CROSS = 9, 12, 5
"""Causal places; their sizes and three of differences; places of an earlier channel."""
PHASES, REACH = 9, 15
WINDOWS = 8
PLACES = ((0, -1), (-1, 0), (-1, -1), (-1, 1), (0, -2), (-2, 0), (-1, -2), (-2, -1), (-2, 1))
EDGES = ((0, 2), (1, 2), (1, 3))
CROSSED = ((0, 0), (0, -1), (0, 1), (-1, 0), (1, 0))
WINDOW_ENDS = (1, 2, 4, 8, 16, 32, 64, 192)
AHEAD = 16
"""Rows and columns away: the causal places, pairs of them whose differences count too, places of an
earlier channel. Ends of ranges of earlier channels, counted back; channels that are ahead."""
MAP_ROWS = 9
TOTAL = 1 << 15
"""What the frequencies of a row add up to."""

MOST_VALUE, MOST_SIZE, MOST_POOL = 255, 256, 4096
"""Largest value, size (1/32) and mean size (1/512) that contexts are made of."""
BLOCK = 4
"""Channels whose contexts the kernel prepares together."""


class Sizes(NamedTuple):
    """The counts that all shapes follow from, each 16 bits in front of the arrays.

    channels: of the latents. causal: how many of them, the first, are coded place after place.
    hidden: units of each of those. second: units of each of the others. levels: rows of the
    tables. caution: what the drift of levels begins against. memory: what earlier channels count
    for in it at most.
    """

    channels: int
    causal: int
    hidden: int
    second: int
    levels: int
    caution: int
    memory: int

    @property
    def planes(self) -> int:
        """Channels that are coded a plane at a time."""
        return self.channels - self.causal

    @property
    def causal_pairs(self) -> int:
        """Pairs of a causal channel and one before it."""
        return self.causal * (self.causal - 1) // 2

    @property
    def plane_pairs(self) -> int:
        """Pairs of another channel and one before it."""
        return self.channels * (self.channels - 1) // 2 - self.causal_pairs


LIMITS = {
    "channels": (1, 1024),
    "causal": (0, 128),
    "hidden": (1, 16),
    "second": (1, 4),
    "levels": (1, 256),
    "caution": (1, 65535),
    "memory": (0, 65535),
}
"""What the counts may be."""


@dataclass(frozen=True, slots=True)
class Field:
    """An array: its name, its numbers ("<i2", ...) and its shape."""

    name: str
    dtype: str
    shape: Callable[[Sizes], tuple[int, ...]]

    def bytes_of(self, sizes: Sizes) -> int:
        """Its length in bytes."""
        return prod(self.shape(sizes)) * int(self.dtype[-1])


FIELDS = (
    Field("near", "<i2", lambda s: (s.causal, NEAR, KNOTS)),
    Field("cross", "<i2", lambda s: (s.causal_pairs, CROSS)),
    Field("own", "<i2", lambda s: (s.causal, s.hidden, OWN)),
    Field("earlier", "<i2", lambda s: (s.causal_pairs, s.hidden, 2)),
    Field("pools", "<i2", lambda s: (s.causal_pairs, s.hidden)),
    Field("share", "<i2", lambda s: (s.causal, s.hidden)),
    Field("bias", "<i4", lambda s: (s.causal, s.hidden, KNOTS)),
    Field("out", "<i2", lambda s: (s.causal, s.hidden)),
    Field("rest", "<i4", lambda s: (s.causal, KNOTS)),
    Field("plane_earlier", "<i2", lambda s: (s.plane_pairs, s.second, 2)),
    Field("windows", "<i2", lambda s: (s.planes, s.second, WINDOWS + 1)),
    Field("plane_bias", "<i4", lambda s: (s.planes, s.second, KNOTS)),
    Field("ring", "<i2", lambda s: (s.planes, s.second)),
    Field("half", "<i2", lambda s: (s.planes, s.second)),
    Field("later", "<i4", lambda s: (s.planes, s.second)),
    Field("plane_out", "<i2", lambda s: (s.planes, s.second)),
    Field("plane_rest", "<i4", lambda s: (s.planes, KNOTS)),
    Field("rows", "<u2", lambda s: (s.levels, PHASES, 2 * REACH + 3)),
    Field("plane_rows", "<u2", lambda s: (s.levels, REACH + 1)),
    Field("shifts", "|u1", lambda s: (s.levels,)),
    Field("map", "<u2", lambda _: (MAP_ROWS,)),
)
"""All arrays. In pairs the number of the earlier channel changes faster."""
