"""Integers <-> bytes by statistics that come with a model: nothing is learnt on the way.

For autoencoders whose latents have one known distribution. Integer arithmetic throughout: the same
bytes give the same integers on every machine, whatever vector instructions it has. What a stream
looks like is written down in docs/trained-coder.md.

    statistics = Statistics.from_bytes(data)               # checked; of the model's weights
    blob = encode_symbols(q, statistics, step_code)        # q: integers [C, h, w]
    q = decode_symbols(blob, q.shape, statistics, step_code)
    q = choose_symbols(y, weights, statistics, step_code)  # y: floats in steps; q near y and cheap

No function keeps state between calls and all release the interpreter: use threads at will.
"""

from __future__ import annotations

from sdz.entropy.trained.layout import Sizes
from sdz.entropy.trained.statistics import Statistics
from sdz.entropy.trained.symbols import (
    choose_symbols,
    costs,
    decode_symbols,
    encode_chosen,
    encode_symbols,
    variants,
)

__all__ = [
    "Sizes",
    "Statistics",
    "choose_symbols",
    "costs",
    "decode_symbols",
    "encode_chosen",
    "encode_symbols",
    "variants",
]
