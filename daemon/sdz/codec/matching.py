"""Whether a file is for a model, told by its header alone, before a symbol is decoded: no numpy."""

from __future__ import annotations

from sdz.container import Header
from sdz.errors import BadField, WeightsMismatch


def check_weights(header: Header, known: bytes | None) -> None:
    """Raise WeightsMismatch unless the file was written for these weights; None: not known."""
    if known is not None and known != header.weights:
        raise WeightsMismatch(header.model.name, header.weights.hex(), known.hex())


def check_latents(header: Header, channels: int, factor: int) -> None:
    """Raise BadField if the file names a model but has other latents than that makes."""
    wanted = header.model
    if (wanted.channels, wanted.factor) != (channels, factor):
        expected = f"{channels} channels at 1/{factor}"
        found = f"{wanted.channels} at 1/{wanted.factor}"
        raise BadField(f"latents of {wanted.name}", expected, found)
