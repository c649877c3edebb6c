"""The weights of lite-1: a safetensors file read, and its hash, from docs/format.md alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
KINDS = {"U8": "u1", "I16": "<i2", "I32": "<i4"}


def entries(weights: Path) -> tuple[dict[str, Any], bytes]:
    """The tensors' entries in a safetensors file, and the bytes that their offsets count in."""
    data = weights.read_bytes()
    length = int.from_bytes(data[:8], "little")
    places = json.loads(data[8 : 8 + length])
    places.pop("__metadata__", None)
    return places, data[8 + length :]


def read_tensors(weights: Path) -> dict[str, Array]:
    places, data = entries(weights)
    return {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], KINDS[entry["dtype"]]).reshape(
            entry["shape"]
        )
        for name, entry in places.items()
        if entry["dtype"] in KINDS
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
