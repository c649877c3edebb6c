"""A fit begins where an edition's statistics are: exported at once, they are those again."""

from __future__ import annotations

import numpy as np
from contexts_export import weights_of
from contexts_start import contexts_of

from sdz.models.lite_tables import tables


def test_contexts_of_statistics_are_their_weights() -> None:
    known = tables().quantiser.statistics
    assert known is not None
    found = weights_of(*contexts_of(known))
    for name, weights in found.items():
        there = known.arrays[name].astype(np.int64)
        # A line over the knots was rounded at each of them; the rest comes back but for what
        # 32 bits of a float hold of the largest.
        allowed = 1 if name == "near" else np.maximum(np.abs(there) >> 22, 1)
        assert weights.shape == there.shape, name
        assert (np.abs(weights - there) <= allowed).all(), name
