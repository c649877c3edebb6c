"""Safetensors files: reading the header, and the hashes of the whole and of the decoder.

A safetensors file is a u64 (little-endian) header length, a JSON object from tensor names to
``{"dtype", "shape", "data_offsets"}``, and the tensors' bytes. Reading one runs no code, which is
why nothing else is read. Needs neither torch nor numpy.

The decoder hash names the weights that a picture was stored with, whatever file holds them:
SHA-256 over the decoder's tensors in the order of their names, each as ``name NUL dtype NUL
shape NUL bytes``: the name as current diffusers has it, the dtype as safetensors spells it, the
shape in decimal joined by commas, the values little-endian in C order. The same weights in half
precision are other weights.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sdz.errors import BadModel

MAX_HEADER = 16 << 20
"""Bytes of header accepted; real autoencoders have some 30 kB."""

DECODER_PREFIXES = ("decoder.", "post_quant_conv.")

_ITEM_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I32": 4, "I16": 2, "U8": 1}
_CHUNK = 1 << 20

# diffusers renamed its attention layers in 0.18; it still reads the names before the arrow.
_RENAMED = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
_OLD_ATTENTION = re.compile(r"(\.attentions\.\d+\.)(query|key|value|proj_attn)(\.)")


@dataclass(frozen=True, slots=True)
class TensorPlace:
    """Where a tensor lies: ``start`` and ``stop`` are byte positions in the file."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


def read_header(path: Path) -> dict[str, TensorPlace]:
    """Read the tensors' places from a safetensors file; their bytes stay unread.

    Raises BadModel if the file is not safetensors, holds other than floats and integers, or does
    not end where its last tensor does.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if size < 8 or length > min(MAX_HEADER, size - 8):
                raise BadModel(str(path), f"a safetensors header of {length} bytes")
            entries = json.loads(file.read(length))
    except (OSError, ValueError, RecursionError) as error:
        raise BadModel(str(path), f"not a safetensors file ({error})") from error
    if not isinstance(entries, dict):
        raise BadModel(str(path), "a safetensors header that is not an object")
    entries.pop("__metadata__", None)
    places = {name: _place(path, name, entry, 8 + length) for name, entry in entries.items()}
    end = 8 + length
    for place in sorted(places.values(), key=lambda place: place.start):
        if place.start != end:
            raise BadModel(str(path), f"expected a tensor at byte {end}, found {place.start}")
        end = place.stop
    if end != size:
        raise BadModel(str(path), f"should be {end} bytes long, found {size}")
    return places


def _place(path: Path, name: str, entry: Any, base: int) -> TensorPlace:
    """Check one entry of the header; offsets count from ``base``."""
    try:
        dtype, shape, (start, stop) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
        counted = (*shape, start, stop)
        sound = all(type(number) is int and number >= 0 for number in counted)
        sound = sound and stop - start == math.prod(shape) * _ITEM_BYTES[dtype]
    except (KeyError, TypeError, ValueError) as error:
        raise BadModel(str(path), f"tensor {name!r}: {error!r} in its header entry") from error
    if not sound:
        raise BadModel(str(path), f"tensor {name!r}: its shape and place do not agree")
    return TensorPlace(dtype, shape, base + start, base + stop)


def file_sha256(path: Path) -> str:
    """SHA-256 of a whole file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def decoder_sha256(path: Path, prefixes: tuple[str, ...] = DECODER_PREFIXES) -> bytes:
    """SHA-256 (32 bytes) over the tensors whose names begin with one of ``prefixes``.

    Defined in this module's docstring. A picture's header carries the first 8 bytes.
    """
    places = {
        canonical_name(name): place
        for name, place in read_header(path).items()
        if name.startswith(prefixes)
    }
    if not places:
        raise BadModel(str(path), "holds no decoder")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for name in sorted(places):
            place = places[name]
            shape = ",".join(map(str, place.shape))
            digest.update(f"{name}\0{place.dtype}\0{shape}\0".encode())
            _feed(digest, file, place)
    return digest.digest()


def canonical_name(name: str) -> str:
    """Name a tensor as current diffusers does."""
    return _OLD_ATTENTION.sub(lambda found: found[1] + _RENAMED[found[2]] + found[3], name)


def _feed(digest: Any, file: IO[bytes], place: TensorPlace) -> None:
    file.seek(place.start)
    left = place.stop - place.start
    while left:
        chunk = file.read(min(_CHUNK, left))
        digest.update(chunk)
        left -= len(chunk)
