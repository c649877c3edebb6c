"""A ``.sdz`` file to pixels, in two steps: integers, which need no network, then the network.

Whatever is wrong with a file shows in the first step, and importing this loads no torch: a damaged
file is refused in milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdz.codec.alpha import unpack_alpha
from sdz.codec.autoencoder import Autoencoder, Described, Quantiser
from sdz.codec.coder import Values
from sdz.codec.kept.opening import Opened, open_kept
from sdz.codec.latents import decode_latents
from sdz.codec.matching import check_latents, check_weights
from sdz.codec.through import to_pixels
from sdz.container import Header, Kept, SdzFile
from sdz.entropy.allowance import Allowance, allowing


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file whose streams have been decoded and have passed their checksums.

    values: [C, h, w], in steps. alpha: [H, W] uint8, or None.
    """

    header: Header
    values: Values
    alpha: NDArray[np.uint8] | None
    kept: Opened | None = None

    def finished(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """[H, W, 3 or 4] of what the network gave, [H, W, 3], which is written into: with the
        kept regions, and alpha."""
        if self.kept is not None:
            self.kept.over(rgb)
        return rgb if self.alpha is None else np.dstack([rgb, self.alpha])


def decode_file(file: SdzFile, model: Autoencoder) -> NDArray[np.uint8]:
    """Pixels [H, W, 3] uint8 sRGB, or [H, W, 4] where the file has alpha.

    Raises WeightsMismatch when ``model`` is not the one the file was made for, BadSymbols,
    BadField or LimitExceeded for what the checksums of the chunks did not show.
    """
    check_model(file.header, model)
    return render(parse_file(file, model.quantiser), model)


def check_model(header: Header, model: Described) -> None:
    """Raise WeightsMismatch, or BadField for another shape, if the file is not for ``model``."""
    check_weights(header, model.weights_hash)
    check_shape(header, model)


def check_shape(header: Header, model: Described) -> None:
    """Raise BadField if the file names ``model`` but has other latents than it makes."""
    check_latents(header, model.quantiser.channels, model.factor)


def parse_file(
    file: SdzFile, quantiser: Quantiser, opening: Callable[[Kept], Opened] = open_kept
) -> Parsed:
    """Decode the streams of a file and its kept regions, without its network, but with what its
    model's quantiser knows of its latents. Raises BadSymbols, BadField, TooMuchWork.

    opening: opens the kept regions, which other programs' decoders read.
    """
    header, alpha = file.header, None
    with allowing(allowance_of(file)):
        values = decode_latents(header, file.streams, quantiser)
        if file.alpha is not None:
            alpha = unpack_alpha(file.alpha, header.height, header.width)
    kept = None if file.kept is None else opening(file.kept)
    return Parsed(header, values, alpha, kept)


def allowance_of(file: SdzFile) -> Allowance:
    """How much work the streams of a file may ask for, all together."""
    alpha = 0 if file.alpha is None else len(file.alpha.data)
    return Allowance.of(sum(len(stream.data) for stream in file.streams) + alpha)


def render(parsed: Parsed, model: Autoencoder, threads: int | None = None) -> NDArray[np.uint8]:
    """Pixels [H, W, 3 or 4] uint8 of a parsed file."""
    return parsed.finished(to_pixels(model, parsed.values, parsed.header, threads))
