"""Integers <-> bytes: lossless coding of arrays [C, h, w], and rounding that knows its price.

The coder learns each array as it goes: nothing is trained, nothing but the coded bytes is stored.
Decoding is integer arithmetic throughout, so the same bytes give the same integers on every
machine. What a stream looks like is written down in docs/coder.md.

    blob = encode_symbols(q)                    # q: integers [C, h, w]
    q = decode_symbols(blob, q.shape)           # exactly those
    q, blob = encode_rd(y, weights)             # y: floats in steps; q near y and cheap

Rounding may leave more behind than its integers: ``encode_tilted`` and ``decode_tilted`` also
give, for each value, which way the coder's own prediction leans within the value's cell
("tilt"). ``reconstruct`` moves the values that way; ``fit_recon`` finds by how much.

No function keeps state between calls and all release the interpreter: use threads at will.
"""

from __future__ import annotations

from sdz.entropy.adaptive.symbols import (
    DEFAULT_RECON,
    Recon,
    decode_rows,
    decode_symbols,
    decode_tilted,
    encode_rd,
    encode_symbols,
    encode_tilted,
    fit_recon,
    reconstruct,
)

__all__ = [
    "DEFAULT_RECON",
    "Recon",
    "decode_rows",
    "decode_symbols",
    "decode_tilted",
    "encode_rd",
    "encode_symbols",
    "encode_tilted",
    "fit_recon",
    "reconstruct",
]
