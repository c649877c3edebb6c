"""The codec of 2022: Stable Diffusion latents on a palette, deflated.

As Matthias Buehlmann's experiment had it: the scaled latents from -4 to 4 as 8-bit RGBA, at most
256 colours, zlib. The palette is the best that k-means finds and nothing is dithered, so it is a
harder opponent than the original. Fewer colours make smaller files, which draws a curve.

A file: width, height (u16 each), colours - 1 (u8), the deflated palette and indices.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.cluster.vq import kmeans2

from sdz.codec.autoencoder import Tiled
from sdz.codec.tiles import decode_picture, encode_picture, tiling_for

REACH = 4.0  # scaled latents lie within this, but for outliers
_HEAD = struct.Struct("<HHB")


def encode(image: Image.Image, model: Tiled, colours: int) -> bytes:
    """A picture's latents on ``colours`` (2 to 256) colours. The model has four channels."""
    rgb = np.asarray(image.convert("RGB"))
    sides = [-(-side // model.factor) for side in rgb.shape[:2]]
    latents = encode_picture(model, rgb, tiling_for(model, *sides))
    points = np.clip(np.rint((latents / (2 * REACH) + 0.5) * 255), 0, 255)
    points = points.reshape(len(latents), -1).T
    centres, _ = kmeans2(points, colours, iter=12, minit="++", rng=1, missing="warn")
    centres = np.rint(centres).astype(np.uint8)
    index = _nearest(points, centres)
    head = _HEAD.pack(image.width, image.height, colours - 1)
    return head + zlib.compress(centres.tobytes() + index.tobytes(), 9)


def decode(data: bytes, model: Tiled) -> Image.Image:
    """The picture of a file that ``encode`` made."""
    width, height, last = _HEAD.unpack_from(data)
    h, w = -(-height // model.factor), -(-width // model.factor)
    raw = np.frombuffer(zlib.decompress(data[_HEAD.size :]), np.uint8)
    size = (last + 1) * model.quantiser.channels
    centres, index = raw[:size].reshape(-1, model.quantiser.channels), raw[size:]
    latents = (centres[index].T.reshape(-1, h, w) / np.float32(255) - np.float32(0.5)) * 2 * REACH
    with torch.inference_mode():
        pixels = decode_picture(
            model, np.asarray(latents, np.float32), height, width, tiling_for(model, h, w)
        )
    return Image.fromarray(pixels)


def _nearest(points: NDArray[np.float64], centres: NDArray[np.uint8]) -> NDArray[np.uint8]:
    c = centres.astype(np.float64)
    return np.asarray(((c**2).sum(1) - 2 * points @ c.T).argmin(1), np.uint8)
