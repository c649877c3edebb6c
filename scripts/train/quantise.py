"""Make a network of integers of a trained one: ``quantise.py --edition FLOATS --photos DIR``.

Reads an edition of floats (of ``export.py``), sees on photographs how large every layer's inputs
get, and writes an edition of integers for ``sdz.network``; docs/network.md says what they mean.
Every activation gets a grid of its own channel, with headroom over the largest seen; the grids are
folded into the weights, so that nothing but a shift stands between a sum and the next layer. Every
row of weights takes the largest shift at which no input whatever can make its sum pass 32 bits:
that is proved here (``layers.sums_hold``), and a network for which it cannot be is refused.

The statistics of the latents are fitted to what it makes (``contexts.py --weights FILE``), and put
into the file by a second run, with ``--contexts``: they are under the hash of the decoder.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from calibrate import Largest, drawings, largest_activations, photographs
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from sdz.entropy.trained import Statistics
from sdz.models.lite_net import LiteNet, LiteShape
from sdz.network.layers import GRID_LIMIT, LEVELS_LIMIT, sums_hold
from sdz.network.network import UNIT, network_of
from sdz.network.steps import ONE

Floats = NDArray[np.float64]
Tensors = dict[str, NDArray[Any]]

HEADROOM = 4.0
"""Times the largest seen on photographs. At 1.3, others were clipped and off by up to 80 levels."""
HEADROOM_DRAWN = 1.5
"""Times the largest seen on drawings, which are as hard as pictures get. By photographs alone, such
were up to 91 levels off, and some of their latents by as much as they were large."""
FULL = GRID_LIMIT - 1
DECODED = (1 << 10) - 1
"""Largest weight of a decoder's dense layers: 11 bits, which is what the browsers' decoder is
fetched with (``scripts/decoder_weights.py`` packs them). It costs edition 3 0.002 to 0.022 dB at
quality 50 and 0.005 to 0.036 at 95 (three of Kodak's pictures) and saves a ninth of the download;
10 bits cost a larger network 0.03 and 0.08, 12 hardly anything: they would be the better choice."""
CONTEXTS = "decoder.contexts"
FAINT = 1.0
"""Least size, of the median of those seen alive: one seen faintly came out eleven times as large in
another picture (8 levels off there), and its grid need not be finer than the others'."""


class Unfit(Exception):
    """No integers can be found for this layer."""


class Quantiser:
    """Collects the integer tensors of a network of floats."""

    def __init__(self, weights: dict[str, Floats], seen: Largest) -> None:
        self.weights, self.seen, self.tensors = weights, seen, dict[str, NDArray[Any]]()

    def grid(self, name: str) -> Floats:
        """What one step of an activation's grid is worth, by channel."""
        largest = self.seen[name].astype(np.float64)
        alive = np.median(largest[largest > 0]) if largest.any() else 1.0
        return np.maximum(largest, FAINT * alive) / FULL

    def dense(
        self,
        name: str,
        weight: Floats,
        bias: Floats,
        inputs: Floats,
        outputs: Floats,
        limit: int = GRID_LIMIT,
        free: bool = False,
    ) -> Floats:
        """weight [N, K], bias [N], on grids inputs [K] and outputs [N]. Returns the outputs' grid.

        Where it is ``free``, that is up to twice as wide: a row's sums then use all of 32 bits.
        """
        ratio, offset = weight * inputs / outputs[:, None], bias / outputs
        if not (np.isfinite(ratio).all() and np.isfinite(offset).all()):
            raise Unfit(f"{name}: weights that are no numbers")
        rounding = 0.5 * (weight.shape[1] * limit + 1)  # of weights and bias, in the shifted sum
        room = (1 << 31) * (1 - 1e-9) - rounding
        exact = np.log2(room / (np.abs(ratio).sum(1) * limit + np.abs(offset) + 0.5))
        most = _largest_weight(name, weight.shape[1])
        exact = np.minimum(exact, np.log2(most / np.maximum(np.abs(ratio).max(1), 1e-12)))
        shift = np.minimum(np.floor(exact), 30).astype(np.int64)
        if free:
            wider = np.where(exact < 30, np.ceil(exact) - exact, 0.0)
            shift = np.where(exact < 30, np.ceil(exact), 30).astype(np.int64)
            outputs = outputs * 2.0**wider
            ratio, offset = weight * inputs / outputs[:, None], bias / outputs
        scale = 2.0**shift
        whole = np.rint(ratio * scale[:, None])
        constant = np.rint(offset * scale)
        if shift.min() < 2 or not sums_hold(whole, constant, shift, limit):
            raise Unfit(f"{name}: no shift keeps its sums within 32 bits")
        self.tensors[f"{name}.weight"] = whole.astype(np.int16)
        self.tensors[f"{name}.bias"] = constant.astype(np.int32)
        self.tensors[f"{name}.shift"] = shift.astype(np.uint8)
        return outputs

    def layer(self, name: str, inputs: Floats, outputs: Floats, free: bool = False) -> Floats:
        """A 1x1 or depthwise layer as it is."""
        weight = self.weights[f"{name}.weight"]
        flat = weight.reshape(len(weight), -1)
        inputs = inputs if flat.shape[1] == len(inputs) else inputs[:, None]  # depthwise: by row
        return self.dense(name, flat, self.weights[f"{name}.bias"], inputs, outputs, free=free)

    def block(self, name: str, stream: Floats) -> None:
        """A block whose input and output lie on one grid."""
        inner = self.layer(f"{name}.inner", stream, self.grid(f"{name}.inner"), free=True)
        depth = self.layer(f"{name}.depth", inner, self.grid(f"{name}.depth"), free=True)
        self.layer(f"{name}.outer", depth, stream)
        both = np.concatenate([self.grid(f"{name}.gate"), self.grid(f"{name}.value")])
        gate, value = np.split(self.layer(f"{name}.expand", stream, both, free=True), 2)
        wanted = np.ceil(np.log2(self.grid(f"{name}.product") / (gate * value)))
        shift = np.clip(wanted, 2, 30).astype(np.uint8)
        self.tensors[f"{name}.product.shift"] = shift
        self.layer(f"{name}.shrink", gate * value * 2.0**shift, stream)

    def decoder(self, shape: LiteShape, unit: Floats) -> None:
        """Latents on the grid ``unit`` to levels."""
        stream_16, stream_8 = self.grid("decoder.stream_16"), self.grid("decoder.stream_8")
        self.layer("decoder.enter", unit, stream_16)
        for index in range(shape.decode_16):
            self.block(f"decoder.blocks_16.{index}", stream_16)
        n, m = shape.decode_width_8, shape.decode_width_16
        # The shuffle takes channel 4 e + place; here the places stand apart: place * n + e.
        weight = self.weights["decoder.up.weight"].reshape(n, 4, m).swapaxes(0, 1).reshape(4 * n, m)
        bias = self.weights["decoder.up.bias"].reshape(n, 4).T.ravel()
        self.dense("decoder.up", weight, bias, stream_16, np.tile(stream_8, 4))
        for index in range(shape.decode_8):
            self.block(f"decoder.blocks_8.{index}", stream_8)
        # [e, c, dy', ky, dx', kx] to [ky, kx, c, dy, dx, e]: the position above a pixel's 8x8
        # (dy = 0) gives the lower half of its kernel.
        kernel = self.weights["decoder.lapped.weight"].reshape(n, 3, 2, 8, 2, 8)[
            :, :, ::-1, :, ::-1
        ]
        weight = kernel.transpose(3, 5, 1, 2, 4, 0).reshape(192, 4 * n)
        bias = np.tile(self.weights["decoder.lapped.bias"] + 0.5, 64)
        levels = np.full(192, 1 / 255)
        self.dense("decoder.lapped", weight, bias, np.tile(stream_8, 4), levels)

    def encoder(self, shape: LiteShape, unit: Floats) -> None:
        """Pixels, as odd numbers of 1/510, to latents on the grid ``unit``."""
        stream_16, stream_8 = self.grid("encoder.stream_16"), self.grid("encoder.stream_8")
        weight = self.weights["encoder.lapped.weight"].transpose(0, 2, 3, 1)
        bias, pixels = self.weights["encoder.lapped.bias"], np.full(768, 1 / 510)
        flat = weight.reshape(len(weight), -1)
        self.dense("encoder.lapped", flat, bias, pixels, stream_8, LEVELS_LIMIT)
        for index in range(shape.encode_8):
            self.block(f"encoder.blocks_8.{index}", stream_8)
        weight = self.weights["encoder.down.weight"].transpose(0, 2, 3, 1)
        flat, bias = weight.reshape(len(weight), -1), self.weights["encoder.down.bias"]
        self.dense("encoder.down", flat, bias, np.tile(stream_8, 9), stream_16)
        for index in range(shape.encode_16):
            self.block(f"encoder.blocks_16.{index}", stream_16)
        self.layer("encoder.latents", stream_16, unit)


def _largest_weight(name: str, inputs: int) -> int:
    narrow = inputs == 9  # depthwise: few, and each one counts
    return FULL if narrow or name.startswith("encoder.") else DECODED


def quantise(path: Path, photos: list[Path]) -> tuple[Tensors, dict[str, str]]:
    """The tensors and metadata of the integer edition of ``path``."""
    with safe_open(path, framework="numpy") as file:
        found = {name: file.get_tensor(name) for name in set(file.keys())}
        metadata = dict(file.metadata() or {})
    shape = LiteShape(**json.loads(metadata["shape"]))
    network = LiteNet(shape, rates=1).requires_grad_(False).eval()
    gains, rates = found.pop("decoder.gain"), found["encode_gain"]
    layers = {name: value for name, value in found.items() if "." in name}
    state = {name: torch.from_numpy(value).float() for name, value in layers.items()}
    network.load_state_dict(state, strict=False)
    photographed = largest_activations(network, rates, gains, photographs(photos))
    drawn = largest_activations(network, rates, gains, drawings())
    seen = {
        name: np.maximum(HEADROOM * photographed[name], HEADROOM_DRAWN * drawn[name])
        for name in drawn
    }
    quantiser = Quantiser({name: value.astype(np.float64) for name, value in layers.items()}, seen)
    unit = quantiser.grid("latents").astype(np.float32)  # kept in 32 bits, so computed with in them
    quantiser.decoder(shape, unit.astype(np.float64))
    quantiser.encoder(shape, unit.astype(np.float64))
    tensors = quantiser.tensors
    logarithms = (gains.astype(np.float64) - np.log(unit.astype(np.float64))) / math.log(2)
    tensors["decoder.steps"] = np.rint(logarithms * ONE).astype(np.int32)
    tensors[UNIT] = unit
    # What the product knows of an edition beside its network.
    tensors |= {name: value for name, value in found.items() if "." not in name}
    network_of(tensors, Unfit)
    return tensors, metadata | {"numbers": "integers"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edition", type=Path, required=True, help="safetensors of floats")
    parser.add_argument("--photos", type=Path, required=True, help="folder to calibrate on")
    parser.add_argument("--count", type=int, default=48)
    parser.add_argument("--contexts", type=Path, help="statistics of contexts.py")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    photos = sorted(path for path in args.photos.iterdir() if path.suffix in {".jpg", ".png"})
    tensors, metadata = quantise(args.edition, photos[:: max(1, len(photos) // args.count)])
    if args.contexts is not None:
        statistics = Statistics.from_bytes(args.contexts.read_bytes())
        tensors[CONTEXTS] = np.frombuffer(statistics.to_bytes(), np.uint8)
    save_file(tensors, args.out, metadata)
    args.out.chmod(0o644)
    print(f"{args.out}: {args.out.stat().st_size:,} bytes, {len(tensors)} tensors")
    for name, tensor in tensors.items():
        if name.endswith(".weight"):
            bits = np.log2(np.abs(tensor.astype(np.int64)).max(1) + 1.0) + 1
            low, middle, high = np.quantile(bits, (0, 0.5, 1))
            print(f"{name:34} {low:4.1f} to {high:4.1f} bits, median {middle:4.1f}")


if __name__ == "__main__":
    main()
