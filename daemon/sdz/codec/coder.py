"""The coder of latents: a group's integers to bytes, and back to the values that a reader has.

Which one codes a file is settled here, by its header; ``latents.py`` calls it and knows no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sdz.codec.alpha import symbol_check
from sdz.codec.autoencoder import Quantiser
from sdz.container import Header, SymbolCheck
from sdz.entropy import (
    Recon,
    decode_rows,
    decode_symbols,
    decode_tilted,
    encode_rd,
    encode_tilted,
    reconstruct,
    trained,
)
from sdz.entropy.trained import Statistics, encode_chosen
from sdz.errors import BadField

Floats = NDArray[np.float32]
Values = NDArray[np.float32] | NDArray[np.int16]
"""In steps: integers, or where a placed file puts them."""
Shape = tuple[int, int, int]

PLACING = Recon(out1=33, out2=3, lean0=18, lean1=18, lean2=30)
"""Where the values of a placed file lie, see docs/format.md: part of the format. Fitted per file it
would take 5 bytes and save 0.3 %."""


class Coder(Protocol):
    """Codes one group after the other, without a memory of the last. Threads may share it."""

    def encode(self, scaled: Floats, weights: Floats) -> tuple[int, Values, bytes]:
        """(checksum of the integers, values, stream) of latents [C, h, w] in steps.

        weights: bits that a squared error of one step is worth, by channel [C].
        """

    def decode(self, stream: bytes, shape: Shape, *, whole: bool) -> tuple[int, Values]:
        """(checksum of the integers, values [C, h, w] in steps). whole: False where the stream
        goes on with more channels than ``shape`` has."""

    def check(self, stream: bytes, shape: Shape) -> int:
        """The checksum of the integers [C, h, w], without keeping them."""


@dataclass(frozen=True, slots=True)
class Adaptive:
    """The coder of ``sdz.entropy``, which learns each group as it goes: for any latents.

    placed: values lie where its predictions lean, not on the integers. trellis: it may decide by
    its trellis when it writes; a stream says of itself whether it did.
    """

    placed: bool
    trellis: bool = False

    def encode(self, scaled: Floats, weights: Floats) -> tuple[int, Values, bytes]:
        """See ``Coder``."""
        if not self.placed:
            symbols, stream = encode_rd(scaled, weights, trellis=self.trellis)
            return symbol_check(symbols), symbols.astype(np.float32), stream
        symbols, tilts, stream = encode_tilted(scaled, weights, recon=PLACING, trellis=self.trellis)
        return symbol_check(symbols), reconstruct(symbols, tilts, PLACING), stream

    def decode(self, stream: bytes, shape: Shape, *, whole: bool) -> tuple[int, Values]:
        """See ``Coder``. Values take the place of their integers: 5 bytes each, no more."""
        if not self.placed:
            symbols = decode_symbols(stream, shape, whole=whole)
            check, values = symbol_check(symbols), symbols.view(np.float32)
            for channel, integers in zip(values, symbols, strict=True):
                if integers.any():  # an empty channel takes no memory until it is written to
                    channel[:] = integers  # numpy copies what overlaps: a channel, not the whole
            return check, values
        symbols, tilts = decode_tilted(stream, shape, whole=whole)
        return symbol_check(symbols), reconstruct(symbols, tilts, PLACING, in_place=True)

    def check(self, stream: bytes, shape: Shape) -> int:
        """See ``Coder``."""
        check = SymbolCheck()
        decode_rows(stream, shape, lambda rows: check.add(np.ascontiguousarray(rows, "<i4").data))
        return check.value


@dataclass(frozen=True, slots=True)
class Trained:
    """The coder of ``sdz.entropy.trained``, at the file's step code: for models that bring their
    statistics."""

    statistics: Statistics
    step: int

    def encode(self, scaled: Floats, weights: Floats) -> tuple[int, Values, bytes]:
        """See ``Coder``."""
        symbols, stream = encode_chosen(scaled, weights, self.statistics, self.step)
        return symbol_check(symbols), symbols, stream

    def decode(self, stream: bytes, shape: Shape, *, whole: bool) -> tuple[int, Values]:
        """See ``Coder``."""
        symbols = trained.decode_symbols(stream, shape, self.statistics, self.step, whole=whole)
        return symbol_check(symbols), symbols

    def check(self, stream: bytes, shape: Shape) -> int:
        """See ``Coder``. They are kept after all: 2 bytes each, and a group is not large."""
        return self.decode(stream, shape, whole=True)[0]


def coder_of(header: Header, quantiser: Quantiser) -> Coder:
    """The coder of a file with this header and step code, of a model with this quantiser.

    Raises BadField where the header asks for statistics that the model does not have.
    """
    if not header.trained:
        return Adaptive(header.placed, quantiser.trellis)
    if quantiser.statistics is None:
        expected = f"one that learns: {header.model.name} has no statistics"
        raise BadField("coder", expected, "the trained one")
    return Trained(quantiser.statistics, header.step)
