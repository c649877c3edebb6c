"""The weights and the decoder of lite-1, from the sections of docs/format.md on them.

Plain calls of torch's functions; how many blocks there are and how wide they are is read from
the tensors, so another edition of the weights needs no change here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as f

Array = NDArray[Any]


def lite_decoder(tensors: Mapping[str, Array]) -> Callable[[Array], Array]:
    """latents [192, h, w] -> sRGB [3, 16h, 16w], 0..1 and not clamped."""
    kept = {name: torch.from_numpy(np.array(value)) for name, value in tensors.items()}

    def layer(name: str) -> tuple[Tensor, Tensor]:
        return kept[f"decoder.{name}.weight"], kept[f"decoder.{name}.bias"]

    def blocks(x: Tensor, name: str) -> Tensor:
        number = 0
        while f"decoder.{name}.{number}.inner.weight" in kept:
            x = block(x, f"{name}.{number}")
            number += 1
        return x

    def block(x: Tensor, name: str) -> Tensor:
        a = f.leaky_relu(f.conv2d(x, *layer(f"{name}.inner")), 0.1)
        a = f.conv2d(a, *layer(f"{name}.depth"), padding=1, groups=a.shape[1])
        x = x + f.conv2d(a, *layer(f"{name}.outer"))
        e = f.conv2d(x, *layer(f"{name}.expand"))
        gate, value = e[:, : e.shape[1] // 2], e[:, e.shape[1] // 2 :]
        return x + f.conv2d(f.relu(gate) * value, *layer(f"{name}.shrink"))

    def decode(latents: Array) -> Array:
        with torch.inference_mode():
            x = torch.from_numpy(latents.astype(np.float32))[None]
            x = blocks(f.conv2d(x, *layer("enter")), "blocks_16")
            x = f.pixel_shuffle(f.conv2d(x, *layer("up")), 2)
            x = f.conv_transpose2d(blocks(x, "blocks_8"), *layer("lapped"), stride=8, padding=4)
            return x[0].numpy() + np.float32(0.5)

    return decode


def entries(weights: Path) -> tuple[dict[str, Any], bytes]:
    """The tensors' entries in a safetensors file, and the bytes that their offsets count in."""
    data = weights.read_bytes()
    length = int.from_bytes(data[:8], "little")
    places = json.loads(data[8 : 8 + length])
    places.pop("__metadata__", None)
    return places, data[8 + length :]


def read_tensors(weights: Path) -> dict[str, Array]:
    places, data = entries(weights)
    kinds = {"F16": "<f2", "F32": "<f4"}
    return {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], kinds[entry["dtype"]])
        .reshape(entry["shape"])
        .astype(np.float32)
        for name, entry in places.items()
        if entry["dtype"] in kinds
    }


def weights_hash(weights: Path) -> bytes:
    """The first 8 bytes of the SHA-256 of the decoder's weights, by the page's recipe."""
    places, data = entries(weights)
    digest = hashlib.sha256()
    for name in sorted(places):
        if name.startswith(("decoder.", "post_quant_conv.")):
            entry = places[name]
            shape = ",".join(str(n) for n in entry["shape"])
            digest.update(f"{name}\0{entry['dtype']}\0{shape}\0".encode())
            digest.update(data[slice(*entry["data_offsets"])])
    return digest.digest()[:8]
