"""A second reader of ``.sdz`` files, written from docs/format.md and docs/coder.md alone.

It imports nothing of the package: what it and the package disagree on, one of them or the pages
have wrong. The coder is the slow one of ``tests/kits/reference.py``; the framing is in
``format_file.py``, the network in ``format_network.py``, the quantiser and the tiles are here, each
by the page's own words.
"""

from __future__ import annotations

import io
import math
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from format_file import Bytes, Head, read_chunks, read_head, require
from format_network import lite_decoder, read_tensors, weights_hash
from numpy.typing import NDArray
from PIL import Image
from reference import decode as decode_stream

Array = NDArray[Any]
Network = Callable[[Array], Array]  # latents [C, h, w] -> sRGB [3, h * factor, w * factor], 0..1
PLACING = {0: (0, 18), 1: (33, 18), 2: (3, 30)}  # of "Quantiser": |q| (2 and more) -> a, b


def read_integers(stream: bytes, check: int, shape: tuple[int, int, int]) -> tuple[Array, Array]:
    """The integers of a stream and their tilts, the symbol check being right."""
    q, tilt = decode_stream(stream, shape)
    require(zlib.crc32(q.astype("<i4").tobytes()) & 0xFFFF == check, "a symbol check")
    return q, tilt


def read_values(payload: bytes, head: Head) -> Array:
    """The values v [C, h, w] in steps, of chunk L."""
    channels, h, w = head.shape
    side = head.group or max(h, w)
    places = [(top, left) for top in range(0, h, side) for left in range(0, w, side)]
    data, values = Bytes(payload), np.zeros(head.shape)
    for top, left in places:
        rows, columns = min(side, h - top), min(side, w - left)
        length = data.varint() if len(places) > 1 else None
        check = data.number("H")
        stream = data.rest() if length is None else data.take(length)
        q, tilt = read_integers(stream, check, (channels, rows, columns))
        values[:, top : top + rows, left : left + columns] = (
            placed(q, tilt) if "PLACED" in head.flags else q
        )
    require(not data.rest(), "L goes on")
    return values


def placed(q: Array, tilt: Array) -> Array:
    size = np.minimum(np.abs(q), 2)
    a, b = (np.vectorize(lambda s, n=n: PLACING[s][n])(size) for n in (0, 1))
    return np.asarray(q + (16 * np.sign(q) * a + b * tilt) / 4096)


def steps(head: Head, gains: Array | None) -> Array:
    """step(c) of the page's table; ``gains``: `decoder.gain` of lite-1."""
    if gains is None:
        step = np.full(head.channels, 2 ** ((head.step - 32768) / 4096))
    else:
        last = len(gains) - 1
        r = last - (head.step - 16384) / 4096
        row = min(max(r, 0), last)
        low = min(math.floor(row), last - 1)
        log = gains[low] + (gains[low + 1] - gains[low]) * (row - low)
        step = np.exp(log - (r - row) * math.log(100) / 14)
    return step * 2 ** (np.array(head.channel_steps or [0] * head.channels) / 16)


def read_alpha(payload: bytes, head: Head) -> Array:
    data = Bytes(payload)
    levels, check = data.number("B"), data.number("H")
    require(levels >= 1, "the levels of alpha")
    q, _ = read_integers(data.rest(), check, (1, head.height, head.width))
    k = q[0] if levels == 1 else np.cumsum(q[0], axis=1)
    require(bool((k >= 0).all() and (k <= levels).all()), "a level of alpha")
    return np.asarray((510 * k + levels) // (2 * levels))


def read_scores(payload: bytes, head: Head) -> Array:
    """The classes [rows, columns] of chunk s."""
    data = Bytes(payload)
    middle, check = data.number("B"), data.number("H")
    require(middle <= 15, "the middle of the classes")
    q, _ = read_integers(data.rest(), check, (1, -(-head.height // 32), -(-head.width // 32)))
    classes = q[0] + middle
    require(bool((classes >= 0).all() and (classes <= 15).all()), "a class")
    return classes


def place_kept(payload: bytes, rgb: Array) -> Array:
    """The picture with the regions of chunk k over it, pixel by pixel as the page says it."""
    data, rgb = Bytes(payload), rgb.astype(int)
    height, width, _ = rgb.shape
    e, count = data.number("B"), data.varint()
    require(e <= 16 and 1 <= count <= 256, "the kept regions")
    area = 0
    for _ in range(count):
        left, top, w, h = (data.varint() for _ in range(4))
        kind, picture = data.number("B"), data.take(data.varint())
        require(w >= 1 and left + w <= width and h >= 1 and top + h <= height, "a region's place")
        require(kind in (1, 2) and len(picture) >= 1, "a region's kind")
        area += w * h
        require(area <= 2 * width * height, "the regions' area")
        region = np.asarray(Image.open(io.BytesIO(picture), formats=[{1: "AVIF", 2: "WEBP"}[kind]]))
        require(region.shape == (h, w, 3), "a region's picture")
        n = e + 1
        for j in range(h):
            for i in range(w):
                sides = [(left, i), (top, j)]
                sides += [(width - left - w, w - 1 - i), (height - top - h, h - 1 - j)]
                t = min([e, *(inside for beyond, inside in sides if beyond)]) + 1
                below, own = rgb[top + j, left + i], region[j, i].astype(int)
                rgb[top + j, left + i] = (below * (n - t) + own * t + n // 2) // n
    require(not data.rest(), "k goes on")
    return rgb.astype(np.uint8)


def starts(n: int, tile: int, overlap: int) -> list[int]:
    if n <= tile:
        return [0]
    return [*range(0, n - tile, tile - overlap), n - tile]


def join(parts: list[Array], at: list[int], axis: int) -> Array:
    """Parts along ``axis`` that begin ``at`` those pixels, each with what has been joined."""
    whole = parts[0]
    for part, start in zip(parts[1:], at[1:], strict=True):
        m = whole.shape[axis] - start
        before, old = np.split(whole, [start], axis)
        new, after = np.split(part, [m], axis)
        shape = [1, 1, 1]
        shape[axis] = m
        share = ((np.arange(m) + 0.5) / max(m, 1)).reshape(shape)
        whole = np.concatenate([before, old + (new - old) * share, after], axis)
    return whole


def run_network(latents: Array, head: Head, network: Network) -> Array:
    if "TILED" not in head.flags:
        return network(latents)
    _, h, w = latents.shape
    t, f = head.tile, head.factor
    tops, lefts = (starts(n, t, head.overlap) for n in (h, w))
    rows = [
        join(
            [network(latents[:, top : top + t, left : left + t]) for left in lefts],
            [left * f for left in lefts],
            2,
        )
        for top in tops
    ]
    return join(rows, [top * f for top in tops], 1)


def read(file: bytes, weights: Path | None, network: Network | None = None) -> Array:
    """Pixels [H, W, 3 or 4] uint8: by lite-1's ``weights``, or by another model's ``network``."""
    chunks = dict(read_chunks(file))
    head = read_head(chunks["H"])
    require(("ALPHA" in head.flags) == ("A" in chunks), "alpha without its flag")
    values, gains = read_values(chunks["L"], head), None
    if network is None:
        assert weights is not None
        tensors = read_tensors(weights)
        require(weights_hash(weights) == head.weights, "other weights")
        gains, network = tensors["decoder.gain"], lite_decoder(tensors)
    latents = values * steps(head, gains)[:, None, None]
    rgb = run_network(latents, head, network)[:, : head.height, : head.width]
    pixels = np.rint(np.clip(np.nan_to_num(rgb), 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0)
    if "s" in chunks:
        read_scores(chunks["s"], head)
    if "k" in chunks:
        pixels = place_kept(chunks["k"], pixels)
    if "A" not in chunks:
        return pixels
    return np.dstack([pixels, read_alpha(chunks["A"], head).astype(np.uint8)])
