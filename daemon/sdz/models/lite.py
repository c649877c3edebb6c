"""lite-1, the built-in autoencoder: its weights, its quantiser, and running it.

One file in the package, ``lite-1.safetensors``, holds everything that a training has found:
the network in half precision, the gains of its quantiser, what a squared error is worth in each
channel, and the linear preview. All but the network is read with numpy alone.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sdz.errors import BadModel
from sdz.models.editions import WEIGHTS, weights_hash
from sdz.models.known import BUILT_IN

if TYPE_CHECKING:
    import torch

    from sdz.models.lite_net import LiteNet

FACTOR = 16
MAX_TILE = 112  # latent positions; tiles are exact. 12 megapixels: 1.9 s, 2.4 at 160, 2.3 at 80

CODES_PER_RATE = 4096
"""Step codes from one trained rate to the next."""
FINEST_CODE = 16384
"""The code of the finest trained rate; codes grow with the step."""
_COARSER_RATES = 2.0  # how far quality 1 and quality 100 reach beyond the trained rates
_FINER_RATES = 3.0

LOG_RATIO = math.log(100) / 14
"""Logarithm of the step's ratio from one rate to the next: lambda spans 100 over 7 intervals, and
the step goes with its root. Beyond the trained rates the gains go on by just this."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LiteQuantiser:
    """The learnt gains between and beyond the trained rates; see ``codec.autoencoder.Quantiser``.

    ``encode_gain``, ``decode_gain`` [R, C]: logarithms of the factors before and after rounding,
    from the coarsest trained rate to the finest. ``rd_weight`` [R, C]: bits a squared error of
    one step is worth. Between rates all are interpolated; beyond them the gains go on by
    ``LOG_RATIO`` a rate for all channels and the weights stay.
    """

    encode_gain: Floats
    decode_gain: Floats
    rd_weight: Floats
    trellis: bool = False  # the decoder was trained on plain rounding, and loses by anything else

    @property
    def channels(self) -> int:
        """Number of latent channels."""
        return int(self.encode_gain.shape[1])

    def scales(self, code: int) -> Floats:
        """What latents are multiplied by before rounding: [C] float32."""
        return np.exp(self._gain(self.encode_gain, code, LOG_RATIO)).astype(np.float32)

    def steps(self, code: int) -> Floats:
        """What integers are multiplied by: [C] float32."""
        return np.exp(self._gain(self.decode_gain, code, -LOG_RATIO)).astype(np.float32)

    def rd_weights(self, code: int) -> Floats:
        """Bits that a squared error of one step is worth: [C] float32."""
        return np.asarray(_between(self.rd_weight, self.position(code)), np.float32)

    def code_for_quality(self, quality: float) -> int:
        """Step code of a quality from 1 to 100, equal distances for equal ratios of the step."""
        share = (min(max(quality, 1.0), 100.0) - 1) / 99
        last = len(self.encode_gain) - 1
        position = -_COARSER_RATES + share * (last + _COARSER_RATES + _FINER_RATES)
        return round(FINEST_CODE + (last - position) * CODES_PER_RATE)

    def position(self, code: int) -> float:
        """Where a code lies among the rates: 0 the coarsest trained one, R - 1 the finest."""
        last = len(self.encode_gain) - 1
        return last - (code - FINEST_CODE) / CODES_PER_RATE

    def _gain(self, table: Floats, code: int, slope: float) -> Floats:
        position = self.position(code)
        beyond = position - min(max(position, 0.0), len(table) - 1.0)
        return _between(table, position) + np.float32(beyond * slope)


@dataclass(frozen=True)
class LiteTables:
    """What reading and previewing need: the quantiser and the preview map [C + 1, 12].

    ``lambdas``: what 1/255 squared of error was worth in bits at each trained rate.
    """

    quantiser: LiteQuantiser
    preview: Floats
    edition: str
    lambdas: tuple[float, ...]


@cache
def tables(path: Path = WEIGHTS) -> LiteTables:
    """The tables of the packaged weights. Raises BadModel where they are not whole."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            found = {name: file.get_tensor(name) for name in set(file.keys()) if "." not in name}
            gains = file.get_tensor("decoder.gain")
            metadata = file.metadata() or {}
        quantiser = LiteQuantiser(found["encode_gain"], gains, found["rd_weight"])
        lambdas = tuple(json.loads(metadata["lambdas"]))
        edition = metadata.get("edition", "unnamed")
        return LiteTables(quantiser, found["preview"], edition, lambdas)
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        raise BadModel(str(path), f"the built-in weights cannot be read ({error})") from error


class Lite:
    """lite-1 ready to run; see ``codec.autoencoder.Autoencoder``."""

    name = BUILT_IN
    factor = FACTOR
    max_tile = MAX_TILE

    def __init__(self, net: LiteNet, known: LiteTables, digest: bytes, device: str) -> None:
        self._net, self._device, self._edition = net, device, known.edition
        self.quantiser, self._lambdas = known.quantiser, known.lambdas
        self.weights_hash = digest
        self.halo: int | None = max(net.shape.halo(), net.shape.encoder_halo())

    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        """[1, 3, H, W] sRGB in 0..1, sides multiples of 16 -> [1, C, H/16, W/16] latents."""
        import torch

        if self._net.encoder is None:
            raise BadModel(BUILT_IN, f"edition {self._edition} only reads; encode with {BUILT_IN}")
        with torch.inference_mode():
            latents: torch.Tensor = self._net.encoder(self._place(pixels - 0.5)).float()
            return latents

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """[1, C, h, w] latents -> [1, 3, 16h, 16w] sRGB, about 0..1 and not clamped."""
        import torch

        with torch.inference_mode():
            return self.decode_for_search(latents)

    def worth(self, code: int) -> float:
        """Bits that a squared error of pixels (0..1) was worth in the training, at this step."""
        first, last = self._lambdas[0], self._lambdas[-1]
        share = self.quantiser.position(code) / (len(self._lambdas) - 1)
        return float(first * (last / first) ** share * 255**2)

    def decode_for_search(self, latents: torch.Tensor) -> torch.Tensor:
        """As ``decode``, with gradients that flow back to the latents."""
        pixels: torch.Tensor = self._net.decoder(self._place(latents)).float() + 0.5
        return pixels

    def _place(self, tensor: torch.Tensor) -> torch.Tensor:
        import torch

        return tensor.to(self._device, memory_format=torch.channels_last)


def load(device: str = "cpu", path: Path = WEIGHTS) -> Lite:
    """Build the network and fill it from the packaged weights, or an earlier edition's."""
    import torch
    from safetensors import safe_open

    from sdz.models.lite_net import LiteNet, LiteShape

    known = tables(path)
    with safe_open(path, framework="pt") as file:
        shape = LiteShape(**json.loads((file.metadata() or {})["shape"]))
        state = {
            name: file.get_tensor(name).float()
            for name in set(file.keys())
            if "." in name and name != "decoder.gain"
        }
    encodes = any(name.startswith("encoder.") for name in state)
    net = LiteNet(shape, rates=1, encodes=encodes).requires_grad_(False).eval()
    missing, unexpected = net.load_state_dict(state, strict=False)
    wanted = {"encode_gain", "decode_gain"}
    if set(missing) != wanted or unexpected:
        raise BadModel(str(path), "the built-in weights do not fit the network")
    net.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Lite(net, known, weights_hash(path), device)


def _between(table: Floats, position: float) -> Floats:
    """A row of ``table`` [R, C], interpolated at ``position`` and held at both ends."""
    at = min(max(position, 0.0), len(table) - 1.0)
    low = min(int(at), max(len(table) - 2, 0))
    share = np.float32(at - low)
    return np.asarray(table[low] * (1 - share) + table[min(low + 1, len(table) - 1)] * share)
