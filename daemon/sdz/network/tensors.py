"""Reading the tensors of a safetensors file with numpy alone.

A u64 (little-endian) header length, a JSON object from names to ``{"dtype", "shape",
"data_offsets"}``, then the tensors' bytes. Only what is asked for is read.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdz.errors import BadModel

MAX_HEADER = 1 << 20
"""Bytes of header accepted; lite-1 has some 30 kB."""
MAX_TENSOR = 1 << 26
"""Bytes of a tensor accepted; lite-1's largest has 300 kB."""

DTYPES = {"I8": "i1", "U8": "u1", "I16": "<i2", "I32": "<i4", "F32": "<f4"}


def read_tensors(path: Path, prefixes: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Those tensors whose names begin with one of ``prefixes``. Raises BadModel."""
    try:
        with path.open("rb") as file:
            entries, base = _entries(file, path)
            wanted = [name for name in entries if name.startswith(prefixes)]
            return {name: _read(file, path, base, name, entries[name]) for name in wanted}
    except (OSError, ValueError, RecursionError) as error:
        raise BadModel(str(path), f"not a safetensors file ({error})") from error


def read_metadata(path: Path) -> dict[str, str]:
    """What the file says of itself. Raises BadModel."""
    try:
        with path.open("rb") as file:
            said = _entries(file, path)[0].get("__metadata__", {})
    except (OSError, ValueError, RecursionError) as error:
        raise BadModel(str(path), f"not a safetensors file ({error})") from error
    return said if isinstance(said, dict) else {}


def _entries(file: Any, path: Path) -> tuple[dict[str, Any], int]:
    """What the header names, and where the tensors' bytes begin."""
    length = int.from_bytes(file.read(8), "little")
    if length > MAX_HEADER:
        raise BadModel(str(path), f"a header of {length} bytes, over {MAX_HEADER}")
    entries = json.loads(file.read(length))
    if not isinstance(entries, dict):
        raise BadModel(str(path), "a header that is not an object")
    return entries, 8 + length


def _read(file: Any, path: Path, base: int, name: str, entry: Any) -> NDArray[Any]:
    try:
        dtype, shape = np.dtype(DTYPES[entry["dtype"]]), tuple(entry["shape"])
        start, stop = entry["data_offsets"]
        sound = all(type(number) is int and number >= 0 for number in (*shape, start, stop))
        sound = sound and len(shape) <= 4 and stop - start <= MAX_TENSOR
        sound = sound and stop - start == math.prod(shape) * dtype.itemsize
    except (KeyError, TypeError, ValueError) as error:
        raise BadModel(str(path), f"tensor {name!r}: {error!r} in its header entry") from error
    if not sound:
        raise BadModel(str(path), f"tensor {name!r}: its shape and place do not agree")
    file.seek(base + start)
    data = file.read(stop - start)
    if len(data) != stop - start:
        raise BadModel(str(path), f"ends within tensor {name!r}")
    found = np.frombuffer(data, dtype).reshape(shape)
    return found.astype(dtype.newbyteorder("="))
