"""Running a network in torch over a picture of any size with bounded memory, and without seams.

Two kinds of network, two ways. Where a pixel depends on latents within a known radius (``halo``),
tiles are run with that much margin and cropped: the result is that of the whole picture, and
the tiling is nobody's business but this machine's. Where normalisation or attention looks at
everything, every tile is its own little picture: then the tiling changes what is seen, so it is
written into the file, tiles overlap, and are blended linearly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sdz.codec.autoencoder import Tiled
from sdz.container import Tiling
from sdz.errors import BadField, LimitExceeded
from sdz.progress import passed

if TYPE_CHECKING:
    import torch

SMALLEST_TILE = 8
"""The least side, in latents, of a tile that a file may ask for: smaller ones only cost time."""
TILES_ACCEPTED = 4
"""How many times the area of its largest tile a file may ask a model to run at once."""

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Span:
    """One tile along one axis, in latent units: it is run on [start, stop) with its margins
    [lead, trail) cropped or blended away."""

    start: int
    stop: int
    keep_start: int
    keep_stop: int


def tiling_for(model: Tiled, height: int, width: int) -> Tiling | None:
    """The tiling a file of height x width latents must carry for this model, or None."""
    if model.halo is not None or max(height, width) <= model.max_tile:
        return None
    return Tiling(tile=model.max_tile, overlap=model.max_tile // 4)


def check_tiling(model: Tiled, height: int, width: int, tiling: Tiling | None) -> None:
    """Refuse a geometry that another program's file asks for but this machine should not try.

    height x width: of the latents. Raises LimitExceeded where too much would be run at once,
    BadField where tiles are too small to be of use.
    """
    if tiling is None:
        rows, columns = (height, width) if model.halo is None else (1, 1)
    else:
        rows, columns = min(tiling.tile, height), min(tiling.tile, width)
        if tiling.tile < min(SMALLEST_TILE, max(height, width)):
            raise BadField("view tile", f"at least {SMALLEST_TILE}", tiling.tile)
    limit = TILES_ACCEPTED * model.max_tile**2
    if rows * columns > limit:
        raise LimitExceeded("number of latents to be run at once", limit, rows * columns)


def encode_picture(model: Tiled, rgb: NDArray[np.uint8], tiling: Tiling | None) -> Array:
    """Latents [C, ceil(H/f), ceil(W/f)] float32 of upright sRGB pixels [H, W, 3] uint8."""
    f = model.factor
    h, w = -(-rgb.shape[0] // f), -(-rgb.shape[1] // f)

    def run(ys: Span, xs: Span) -> Array:
        part = rgb[ys.start * f : ys.stop * f, xs.start * f : xs.stop * f]
        missing = (
            (ys.stop - ys.start) * f - part.shape[0],
            (xs.stop - xs.start) * f - part.shape[1],
        )
        if any(missing):
            part = np.pad(part, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
        return _through(model.encode, part.transpose(2, 0, 1).astype(np.float32) / np.float32(255))

    latents = np.empty((model.quantiser.channels, h, w), np.float32)
    for top, rows in _strips(run, h, w, 1, model, tiling):
        latents[:, top : top + rows.shape[1]] = rows
    return latents


def decode_picture(
    model: Tiled,
    latents: NDArray[np.float32] | NDArray[np.int16],
    height: int,
    width: int,
    tiling: Tiling | None,
    steps: Array | None = None,
) -> NDArray[np.uint8]:
    """Pixels [height, width, 3] uint8 of latents [C, h, w].

    steps: [C], what the latents are to be multiplied by; done tile by tile, it takes no memory.
    Raises as ``check_tiling`` does.
    """
    h, w = latents.shape[1:]
    check_tiling(model, h, w, tiling)
    f = model.factor

    def run(ys: Span, xs: Span) -> Array:
        part = latents[:, ys.start : ys.stop, xs.start : xs.stop]
        scaled = part if steps is None else part * steps[:, None, None]
        return _through(model.decode, scaled.astype(np.float32, copy=False))

    rgb = np.empty((height, width, 3), np.uint8)
    for top, rows in _strips(run, h, w, f, model, tiling):
        part = to_levels(rows[:, : height - top, :width])
        rgb[top : top + len(part)] = part
    return rgb


def to_levels(pixels: Array) -> NDArray[np.uint8]:
    """[H, W, 3] uint8 of what a network gave, [3, H, W] about 0..1. ``pixels`` is overwritten.

    Latents of a damaged or hostile file may be so large that the network answers inf or nan.
    """
    np.nan_to_num(pixels, copy=False, nan=0.0, posinf=1.0, neginf=0.0)
    np.clip(pixels, 0, 1, out=pixels)
    np.rint(pixels * np.float32(255), out=pixels)
    return pixels.astype(np.uint8).transpose(1, 2, 0)


def _strips(
    run: Callable[[Span, Span], Array],
    h: int,
    w: int,
    scale: int,
    model: Tiled,
    tiling: Tiling | None,
) -> Iterator[tuple[int, Array]]:
    """Finished rows (top, [C, n, w*scale]) of the picture, from top to bottom.

    ``run`` gives [C, ., .] at ``scale`` outputs per latent for a pair of spans.
    """
    if tiling is None:
        tiles = len(model_spans(h, model)) * len(model_spans(w, model))
        run = _counted(run, tiles)
        for ys in model_spans(h, model):
            parts = [_crop(run(ys, xs), ys, xs, scale) for xs in model_spans(w, model)]
            yield ys.keep_start * scale, np.concatenate(parts, axis=2)
        return
    carried: Array | None = None
    columns = blended_starts(w, tiling)
    rows = blended_starts(h, tiling)
    run = _counted(run, len(rows) * len(columns))
    for index, top in enumerate(rows):
        ys = _whole(top, tiling.tile, h)
        strip = _blend_row([run(ys, _whole(x, tiling.tile, w)) for x in columns], columns, scale)
        if carried is not None:
            shared = carried.shape[1]
            strip[:, :shared] = _ramp(carried, strip[:, :shared], axis=1)
        following = rows[index + 1] if index + 1 < len(rows) else h
        done = (following - top) * scale
        yield top * scale, strip[:, :done]
        carried = strip[:, done:].copy()


def _counted(run: Callable[[Span, Span], Array], tiles: int) -> Callable[[Span, Span], Array]:
    """``run``, with every tile told to who waits."""
    numbers = count(1)

    def told(ys: Span, xs: Span) -> Array:
        made = run(ys, xs)
        passed(next(numbers), tiles)
        return made

    return told


def model_spans(length: int, model: Tiled) -> list[Span]:
    """Spans of an axis of ``length`` latents that give what the whole gives, whatever the model.

    With margins included they are ``max_tile`` long where the halo allows it; without a halo
    there is but one.
    """
    if model.halo is None:
        return [_whole(0, length, length)]
    return exact_spans(length, max(model.max_tile - 2 * model.halo, 1), model.halo)


def exact_spans(length: int, tile: int, halo: int) -> list[Span]:
    """Equal tiles along one axis, at most ``tile`` long, that are run with a margin of ``halo`` and
    cropped to their own part."""
    count = -(-length // tile)
    starts = [index * length // count for index in range(count)]
    stops = [*starts[1:], length]
    return [
        Span(max(0, a - halo), min(length, b + halo), a, b)
        for a, b in zip(starts, stops, strict=True)
    ]


def blended_starts(length: int, tiling: Tiling) -> list[int]:
    """Where tiles begin along one axis: every tile - overlap, the last one flush with the end."""
    if length <= tiling.tile:
        return [0]
    starts = list(range(0, length - tiling.tile, tiling.tile - tiling.overlap))
    return [*starts, length - tiling.tile]


def _whole(start: int, tile: int, length: int) -> Span:
    stop = min(start + tile, length)
    return Span(start, stop, start, stop)


def _crop(part: Array, ys: Span, xs: Span, scale: int) -> Array:
    top, left = (ys.keep_start - ys.start) * scale, (xs.keep_start - xs.start) * scale
    rows, columns = (ys.keep_stop - ys.keep_start) * scale, (xs.keep_stop - xs.keep_start) * scale
    return part[:, top : top + rows, left : left + columns]


def _blend_row(parts: list[Array], starts: list[int], scale: int) -> Array:
    """Tiles side by side, blended where the next begins before the last one ends."""
    finished: list[Array] = []
    carried: Array | None = None
    for index, part in enumerate(parts):
        if carried is not None:
            shared = carried.shape[2]
            part[:, :, :shared] = _ramp(carried, part[:, :, :shared], axis=2)
        if index + 1 == len(parts):
            finished.append(part)
            break
        done = (starts[index + 1] - starts[index]) * scale
        finished.append(part[:, :, :done])
        carried = part[:, :, done:]
    return np.concatenate(finished, axis=2)


def _ramp(before: Array, after: Array, axis: int) -> Array:
    """From ``before`` to ``after`` linearly along ``axis``; both have the same shape."""
    count = before.shape[axis]
    weight = (np.arange(count, dtype=np.float32) + 0.5) / max(count, 1)
    shape = [1, 1, 1]
    shape[axis] = count
    weight = weight.reshape(shape)
    blended: Array = before + (after - before) * weight
    return blended


def _through(network: Callable[[torch.Tensor], torch.Tensor], given: Array) -> Array:
    """What a network makes of one array [C, h, w]. The only place that knows of torch."""
    import torch

    made = network(torch.from_numpy(np.ascontiguousarray(given))[None])[0]
    return np.asarray(made.detach().float().cpu().numpy(), dtype=np.float32)
