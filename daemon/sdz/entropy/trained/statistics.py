"""Statistics that come with a model: read from bytes, checked, and prepared for the kernel.

A value holds integers alone. Reading it proves that no sum of the coder can leave 32 bits, whatever
a stream says, so that the kernel need not look.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sdz.entropy.trained.bounds import check_bounds
from sdz.entropy.trained.layout import FIELDS, LIMITS, Sizes
from sdz.entropy.trained.prepared import Prepared, prepare
from sdz.errors import BadStatistics

VERSION = 1
"""The first number of the bytes; another one means another coder."""
HEAD = 2 * (1 + len(Sizes._fields))
"""Bytes before the arrays: version and counts."""

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class Statistics:
    """Tables and weights of the trained coder; make one by ``from_bytes`` or ``from_arrays``."""

    sizes: Sizes
    arrays: Arrays

    @classmethod
    def from_bytes(cls, data: bytes) -> Statistics:
        """Those of ``to_bytes``. Raises BadStatistics where they are not whole or unfit."""
        if len(data) < HEAD:
            raise BadStatistics(f"at least {HEAD} bytes expected, found {len(data)}")
        head = np.frombuffer(data[:HEAD], "<u2")
        if head[0] != VERSION:
            raise BadStatistics(f"version {VERSION} expected, found {int(head[0])}")
        sizes = Sizes(*(int(n) for n in head[1:]))
        _check_sizes(sizes)
        need = HEAD + sum(field.bytes_of(sizes) for field in FIELDS)
        if len(data) != need:
            raise BadStatistics(f"{need} bytes expected, found {len(data)}")
        arrays, at = {}, HEAD
        for field in FIELDS:
            end = at + field.bytes_of(sizes)
            arrays[field.name] = np.frombuffer(data[at:end], field.dtype).reshape(
                field.shape(sizes)
            )
            at = end
        return cls.from_arrays(sizes, arrays)

    @classmethod
    def from_arrays(cls, sizes: Sizes, arrays: Arrays) -> Statistics:
        """Statistics of these arrays, named and shaped as ``layout.FIELDS`` has it.

        Raises BadStatistics where one is missing, has another shape, holds what its type cannot, or
        where sums or frequencies are not what they must be.
        """
        _check_sizes(sizes)
        kept: dict[str, NDArray[np.generic]] = {}
        for field in FIELDS:
            given, shape = arrays.get(field.name), field.shape(sizes)
            if given is None or given.shape != shape:
                found = "none" if given is None else str(given.shape)
                raise BadStatistics(f"{field.name}: shape {shape} expected, found {found}")
            limits = np.iinfo(field.dtype)
            if given.dtype.kind not in "iu" or (
                given.size and not (limits.min <= given.min() and given.max() <= limits.max)
            ):
                raise BadStatistics(f"{field.name}: integers as {limits.dtype} expected")
            kept[field.name] = np.ascontiguousarray(given, field.dtype)
            kept[field.name].setflags(write=False)
        check_bounds(sizes, kept)
        return cls(sizes, kept)

    def to_bytes(self) -> bytes:
        """The counts and the arrays, as docs/trained-coder.md has them."""
        head = np.array([VERSION, *self.sizes], "<u2").tobytes()
        return head + b"".join(self.arrays[field.name].tobytes() for field in FIELDS)

    def digest(self) -> bytes:
        """SHA-256 of the bytes."""
        return hashlib.sha256(self.to_bytes()).digest()

    @cached_property
    def prepared(self) -> Prepared:
        """The arrays as the kernel takes them; made once."""
        return prepare(self.sizes, self.arrays)


def _check_sizes(sizes: Sizes) -> None:
    for name, (least, most) in LIMITS.items():
        found = getattr(sizes, name)
        if not least <= found <= most:
            raise BadStatistics(f"{name}: {least} to {most} expected, found {found}")
    if sizes.causal > sizes.channels:
        raise BadStatistics(f"{sizes.causal} causal channels of {sizes.channels}")
