"""A second decoder of networks in integers, written from docs/network.md and nothing else.

Sums are of 64 bits here, and it asserts that those of 32 would have been enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tensors = Mapping[str, NDArray[Any]]
Wide = NDArray[np.int64]

T = [
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
]


def rounded(x: Any, s: Any) -> Any:
    """x / 2^s to the nearest, halves up."""
    s = np.asarray(s, np.int64)
    return np.where(s == 0, x, (x + (1 << np.maximum(s, 1) - 1)) >> s)


def sat(x: Any) -> Any:
    return np.clip(x, -32768, 32767)


def layer(tensors: Tensors, name: str, x: Wide) -> Wide:
    """x [..., inputs] to [..., outputs]."""
    weight = tensors[f"{name}.weight"].astype(np.int64)
    bias, shift = (tensors[f"{name}.{part}"].astype(np.int64) for part in ("bias", "shift"))
    sums = x @ weight.T + bias
    assert np.abs(sums + (1 << shift - 1)).max() < 1 << 31
    result: Wide = sat(rounded(sums, shift))
    return result


def neighbours(x: Wide, before: int, after: int) -> Wide:
    """x [h, w, n] with zeros around."""
    return np.pad(x, ((before, after), (before, after), (0, 0)))


def block(tensors: Tensors, name: str, x: Wide) -> Wide:
    h, w, n = x.shape
    t = layer(tensors, f"{name}.inner", x)
    t = np.where(t < 0, rounded(t * 3277, 15), t)
    around = neighbours(t, 1, 1)
    d = np.empty_like(t)
    seen = [around[i : i + h, j : j + w] for i in range(3) for j in range(3)]
    taps = np.stack(seen, -1)
    weight = tensors[f"{name}.depth.weight"].astype(np.int64)
    bias, shift = (tensors[f"{name}.depth.{part}"].astype(np.int64) for part in ("bias", "shift"))
    d = sat(rounded((taps * weight).sum(-1) + bias, shift))
    x = sat(x + layer(tensors, f"{name}.outer", d))
    e = layer(tensors, f"{name}.expand", x)
    products = np.maximum(e[..., : 2 * n], 0) * e[..., 2 * n :]
    m = sat(rounded(products, tensors[f"{name}.product.shift"]))
    result: Wide = sat(x + layer(tensors, f"{name}.shrink", m))
    return result


def blocks(tensors: Tensors, prefix: str, x: Wide) -> Wide:
    index = 0
    while f"{prefix}.{index}.inner.weight" in tensors:
        x = block(tensors, f"{prefix}.{index}", x)
        index += 1
    return x


def step_numbers(
    table: NDArray[np.int32], k: int, offsets: list[int] | None
) -> list[tuple[int, int]]:
    """(m, s) of each channel."""
    rates, channels = table.shape
    found = []
    for c in range(channels):
        a = 4096 * (rates - 1) + 16384 - k
        b = min(max(a, 0), 4096 * (rates - 1))
        r = max(min(b // 4096, rates - 2), 0)
        f = b - 4096 * r
        above = int(table[min(r + 1, rates - 1), c])
        line = int(table[r, c]) * (4096 - f) + above * f - 31101 * (a - b)
        log = (line + 2048) >> 12
        if offsets is not None:
            log += 4096 * offsets[c]
        log = min(max(log, -16 * 65536), 15 * 65536 - 1)
        e = log >> 16
        p = log - 65536 * e
        big = 1 << 30
        for bit in range(15, -1, -1):
            if p >> bit & 1:
                big = (big * T[15 - bit] + (1 << 29)) >> 30
        found.append((min((big + 32768) >> 16, 32767), 14 - e))
    return found


def decode(
    tensors: Tensors, symbols: NDArray[np.int16], k: int, offsets: list[int] | None = None
) -> NDArray[np.uint8]:
    """Pixels [16h, 16w, 3] of symbols [C, h, w]."""
    _, h, w = symbols.shape
    z = np.empty((h, w, len(symbols)), np.int64)
    for c, (m, s) in enumerate(step_numbers(tensors["decoder.steps"], k, offsets)):
        z[..., c] = sat(rounded(symbols[c].astype(np.int64) * m, s))
    x = blocks(tensors, "decoder.blocks_16", layer(tensors, "decoder.enter", z))
    u = layer(tensors, "decoder.up", x)
    n8 = u.shape[2] // 4
    x = u.reshape(h, w, 2, 2, n8).transpose(0, 2, 1, 3, 4).reshape(2 * h, 2 * w, n8)
    x = neighbours(blocks(tensors, "decoder.blocks_8", x), 1, 1)
    four = [x[:-1, :-1], x[:-1, 1:], x[1:, :-1], x[1:, 1:]]
    levels = np.clip(layer(tensors, "decoder.lapped", np.concatenate(four, -1)), 0, 255)
    whole = levels.reshape(2 * h + 1, 2 * w + 1, 8, 8, 3).transpose(0, 2, 1, 3, 4)
    pixels = whole.reshape(16 * h + 8, 16 * w + 8, 3)[4:-4, 4:-4]
    return np.ascontiguousarray(pixels.astype(np.uint8))


def encode(tensors: Tensors, rgb: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Latents [C, h, w] of pixels [H, W, 3]."""
    height, width, _ = rgb.shape
    h, w = -(-height // 16), -(-width // 16)
    padded = np.pad(rgb, ((0, 16 * h - height), (0, 16 * w - width), (0, 0)), mode="edge")
    p = neighbours(2 * padded.astype(np.int64) - 255, 4, 4)
    rows = [p[i : i + 16 * h - 7 : 8] for i in range(16)]
    seen = [row[:, j : j + 16 * w - 7 : 8] for row in rows for j in range(16)]
    x = blocks(
        tensors, "encoder.blocks_8", layer(tensors, "encoder.lapped", np.concatenate(seen, -1))
    )
    x = neighbours(x, 1, 1)
    seen = [x[i : i + 2 * h - 1 : 2, j : j + 2 * w - 1 : 2] for i in range(3) for j in range(3)]
    x = blocks(
        tensors, "encoder.blocks_16", layer(tensors, "encoder.down", np.concatenate(seen, -1))
    )
    z = layer(tensors, "encoder.latents", x)
    return np.ascontiguousarray(z.transpose(2, 0, 1).astype(np.int16))
