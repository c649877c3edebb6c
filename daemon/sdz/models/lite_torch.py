"""lite-1 in torch: for graphics cards, and for searching, which needs gradients.

The network of integers without its roundings. Its floats have 24 bits, and rounding where the
integers round would cost a card more time than the layers do: pixels are within one level of those
of the integers, and most are the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sdz.errors import BadModel
from sdz.models.editions import WEIGHTS, weights_hash
from sdz.models.known import BUILT_IN
from sdz.models.lite_net import LiteNet, LiteShape
from sdz.models.lite_tables import FACTOR, LiteTables, tables
from sdz.network.layers import Shape, layers, shape_of
from sdz.network.steps import ONE
from sdz.network.tensors import read_tensors

MAX_TILE = 112  # latent positions; tiles are exact. 12 megapixels: 1.9 s, 2.4 at 160, 2.3 at 80

GRID = 4096.0
"""What the integers' activations are divided by: they come to 8 at most, as a network trained from
here wants them."""

Tensors = dict[str, NDArray[Any]]


class LiteTorch:
    """lite-1 ready to run in torch; see ``codec.autoencoder.Searchable``."""

    name = BUILT_IN
    factor = FACTOR
    max_tile = MAX_TILE

    def __init__(self, net: LiteNet, known: LiteTables, digest: bytes, device: str) -> None:
        self._net, self._device, self._edition = net, device, known.edition
        self.search_device = device
        self.quantiser, self._lambdas = known.quantiser, known.lambdas
        self.weights_hash = digest
        self.halo: int | None = max(net.shape.halo(), net.shape.encoder_halo())

    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        """[1, 3, H, W] sRGB in 0..1, sides multiples of 16 -> [1, C, H/16, W/16] latents."""
        if self._net.encoder is None:
            raise BadModel(BUILT_IN, f"edition {self._edition} only reads; encode with {BUILT_IN}")
        with torch.inference_mode():
            latents: torch.Tensor = self._net.encoder(self._place(pixels - 0.5)).float()
            return latents

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """[1, C, h, w] latents -> [1, 3, 16h, 16w] sRGB, about 0..1 and not clamped."""
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
        return tensor.to(self._device, memory_format=torch.channels_last)


def load(device: str = "cpu", path: Path = WEIGHTS, digest: bytes | None = None) -> LiteTorch:
    """lite-1 from an edition's integers. digest: see ``lite.load``."""
    net = network(path).to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return LiteTorch(net, tables(path), digest or weights_hash(path), device)


def network(path: Path = WEIGHTS) -> LiteNet:
    """The network of an edition's integers, gains included. Raises BadModel."""

    def refuse(reason: str) -> BadModel:
        return BadModel(str(path), reason)

    found = read_tensors(path, ("decoder.", "encoder.", "latent_unit"))
    known = tables(path).quantiser
    unit = known.unit.astype(np.float64)
    decoder = shape_of(found, False, refuse)
    state = floats(found, decoder, unit)
    encodes = any(name.startswith("encoder.") for name in found)
    encoder = shape_of(found, True, refuse) if encodes else None
    if encoder is not None:
        state |= floats(found, encoder, unit)
    state["encode_gain"] = known.encode_gain
    state["decode_gain"] = known.table * (np.log(2) / ONE) + np.log(unit)
    net = LiteNet(_shape(decoder, encoder), len(known.encode_gain), encodes)
    tensors = {name: torch.from_numpy(a.astype(np.float32)) for name, a in state.items()}
    missing, unexpected = net.load_state_dict(tensors, strict=False)
    if missing or unexpected:
        raise refuse("the built-in weights do not fit the network")
    return net.requires_grad_(False).eval()


def floats(found: Tensors, shape: Shape, unit: NDArray[np.float64]) -> Tensors:
    """The weights of ``LiteNet`` that compute what the integers do, by name.

    Activations are the integers' divided by ``GRID``, latents in the unit of the file's tables,
    pixels about -0.5 to 0.5.
    """
    made: Tensors = {}
    products: Tensors = {}
    for layer in layers(shape):
        factor = 2.0 ** -found[f"{layer.name}.shift"].astype(np.float64)
        if not layer.inputs:  # of a product of two activations: the next layer's inputs have it
            products[layer.name.removesuffix("product") + "shrink"] = factor * GRID
            continue
        weight = found[f"{layer.name}.weight"] * factor[:, None]
        weight = weight * products.get(layer.name, 1.0)
        bias = found[f"{layer.name}.bias"] * factor / GRID
        made[f"{layer.name}.weight"], made[f"{layer.name}.bias"] = _shaped(
            layer.name, weight, bias, shape, unit
        )
    return made


def _shaped(
    name: str,
    weight: NDArray[np.float64],
    bias: NDArray[np.float64],
    shape: Shape,
    unit: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A layer as torch has it; the inverse of what scripts/train/quantise.py does."""
    n16, n8 = shape.width_16, shape.width_8
    match name:
        case "decoder.enter":
            return (weight / unit / GRID)[..., None, None], bias
        case "encoder.latents":
            return (weight * unit[:, None] * GRID)[..., None, None], bias * unit * GRID
        case "decoder.up":  # place * n + e to 4 e + place
            weight = weight.reshape(4, n8, n16).swapaxes(0, 1).reshape(4 * n8, n16)
            return weight[..., None, None], bias.reshape(4, n8).T.ravel()
        case "decoder.lapped":  # [ky, kx, c, dy, dx, e] to [e, c, 8 (1 - dy) + ky, 8 (1 - dx) + kx]
            kernel = weight.reshape(8, 8, 3, 2, 2, n8).transpose(5, 2, 3, 0, 4, 1)
            kernel = kernel[:, :, ::-1, :, ::-1].reshape(n8, 3, 16, 16)
            return kernel * (GRID / 255), bias.reshape(64, 3).mean(0) * (GRID / 255) - 0.5
        case "encoder.lapped":  # pixels enter as odd numbers: 510 (p - 0.5)
            return weight.reshape(n8, 16, 16, 3).transpose(0, 3, 1, 2) * (510 / GRID), bias
        case "encoder.down":
            return weight.reshape(n16, 3, 3, n8).transpose(0, 3, 1, 2), bias
    if name.endswith(".depth"):
        return weight.reshape(-1, 1, 3, 3), bias
    return weight[..., None, None], bias


def _shape(decoder: Shape, encoder: Shape | None) -> LiteShape:
    other = encoder or decoder
    return LiteShape(
        latents=decoder.latents,
        encode_width_8=other.width_8,
        encode_width_16=other.width_16,
        encode_8=other.blocks_8,
        encode_16=other.blocks_16,
        decode_width_16=decoder.width_16,
        decode_width_8=decoder.width_8,
        decode_16=decoder.blocks_16,
        decode_8=decoder.blocks_8,
    )
