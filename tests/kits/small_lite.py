"""A network of lite-1's kind that is small enough to train in a test."""

from __future__ import annotations

from sdz.models.lite_net import LiteShape

SMALL = LiteShape(
    latents=32,
    encode_width_8=32,
    encode_width_16=64,
    encode_8=1,
    encode_16=1,
    decode_width_16=64,
    decode_width_8=32,
    decode_16=1,
    decode_8=1,
)
