"""A second reader of ``.sdz`` files, written from docs/format.md and the pages it names alone.

It imports nothing of the package: what it and the package disagree on, one of them or the pages
have wrong. The coders are the slow ones of ``reference.py`` and ``trained_reference.py``, the
network is ``network_reader.py``; the framing is in ``format_file.py``, the weights' file in
``format_weights.py``, the quantiser and the tiles are here, each by the page's own words.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from format_file import Bytes, Head, read_chunks, read_head, require
from format_weights import read_tensors, weights_hash
from network_reader import decode as decode_pixels
from numpy.typing import NDArray
from PIL import Image
from reference import decode as decode_stream
from trained_reference import decode as decode_trained

Array = NDArray[Any]
Network = Callable[[Array], Array]  # latents [C, h, w] -> sRGB [3, h * factor, w * factor], 0..1
IN_FLOATS = {
    "e4f6caf1d19754d2": "lite-1-e4f6caf1d19754d2.safetensors",
    "c6be81868d9194b1": "lite-1-f87747a50280b441.safetensors",
}
"""Of "The network of lite-1": what files carry, and the weights that read them."""
PLACING = {0: (0, 18), 1: (33, 18), 2: (3, 30)}  # of "Quantiser": |q| (2 and more) -> a, b


def read_integers(stream: bytes, check: int, shape: tuple[int, int, int]) -> tuple[Array, Array]:
    """The integers of a stream and their tilts, the symbol check being right."""
    q, tilt = decode_stream(stream, shape)
    require_check(q, check)
    return q, tilt


def require_check(q: Array, check: int) -> None:
    require(zlib.crc32(q.astype("<i4").tobytes()) & 0xFFFF == check, "a symbol check")


def read_values(payload: bytes, head: Head, contexts: bytes | None) -> Array:
    """The values v [C, h, w] in steps, of chunk L; contexts: of lite-1's weights."""
    channels, h, w = head.shape
    side = head.group or max(h, w)
    places = [(top, left) for top in range(0, h, side) for left in range(0, w, side)]
    data, values = Bytes(payload), np.zeros(head.shape)
    for top, left in places:
        rows, columns = min(side, h - top), min(side, w - left)
        length = data.varint() if len(places) > 1 else None
        check = data.number("H")
        stream = data.rest() if length is None else data.take(length)
        shape = channels, rows, columns
        if "TRAINED" in head.flags:
            require(contexts is not None, "no statistics")
            q = decode_trained(stream, shape, contexts, head.step)  # type: ignore[arg-type]
            require_check(q, check)
        else:
            q, tilt = read_integers(stream, check, shape)
            q = placed(q, tilt) if "PLACED" in head.flags else q
        values[:, top : top + rows, left : left + columns] = q
    require(not data.rest(), "L goes on")
    return values


def placed(q: Array, tilt: Array) -> Array:
    size = np.minimum(np.abs(q), 2)
    a, b = (np.vectorize(lambda s, n=n: PLACING[s][n])(size) for n in (0, 1))
    return np.asarray(q + (16 * np.sign(q) * a + b * tilt) / 4096)


def steps(head: Head) -> Array:
    """step(c) of the page's table, of all models but lite-1."""
    step = np.full(head.channels, 2 ** ((head.step - 32768) / 4096))
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
    if network is None:
        assert weights is not None
        pixels = by_lite(chunks["L"], head, weights)
    else:
        latents = read_values(chunks["L"], head, None) * steps(head)[:, None, None]
        rgb = run_network(latents, head, network)
        levels = np.rint(np.clip(np.nan_to_num(rgb), 0, 1) * 255)
        pixels = levels.astype(np.uint8).transpose(1, 2, 0)
    pixels = pixels[: head.height, : head.width]
    if "s" in chunks:
        read_scores(chunks["s"], head)
    if "k" in chunks:
        pixels = place_kept(chunks["k"], pixels)
    if "A" not in chunks:
        return pixels
    return np.dstack([pixels, read_alpha(chunks["A"], head).astype(np.uint8)])


def by_lite(payload: bytes, head: Head, weights: Path) -> Array:
    require(not {"PLACED", "TILED"} & head.flags, "what no file of lite-1 has")
    known = IN_FLOATS.get(head.weights.hex(), weights_hash(weights).hex())
    require(known in (head.weights.hex(), weights.name), "other weights")
    tensors = read_tensors(weights)
    contexts = tensors.get("decoder.contexts")
    values = read_values(payload, head, None if contexts is None else contexts.tobytes())
    symbols = np.clip(values, -32768, 32767).astype(np.int16)
    return decode_pixels(tensors, symbols, head.step, head.channel_steps or None)
