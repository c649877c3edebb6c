"""Package a training in floats: ``python scripts/train/export.py --run runs/lite-1 --photos DIR``.

Measures what a squared error of one step in each channel does to the pixels (for the
rate-distortion decisions of the encoder), fits the linear preview, and writes
``RUN/floats.safetensors`` with a description in its metadata. ``quantise.py`` makes the edition of
it, in integers, which is what ships.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from corpus import Corpus
from rates import LAMBDAS
from safetensors.torch import save_file
from torch import Tensor

from sdz.codec.smooth_colour import colour_of_smooth
from sdz.models.lite_net import LiteNet, LiteShape

PROBE = 0.5  # of a step: about the size of a rounding error

# The probe's errors are independent, those of an encoder that prefers zero all point the same way
# and add up: with the weights as probed, quantising cost 1 dB at equal size; 16 times as much was
# best (1 to 4 % smaller than plain rounding below 0.15 bits a pixel, none above; Kodak).
ALIGNED = 16.0

COLOUR = 30.0
"""What the colour of smooth regions counts in rounding, beside squared error. Edition 3 on five of
Kodak's pictures at five qualities: 12 % less of its squared error for 0.35 % of the bytes by PSNR,
-0.3 by MS-SSIM, -0.1 by SSIMULACRA2; 80 gains no more. All errors counting 2.5 times instead: 8 %
less for 0.37, -0.7 and -0.8 %."""

FINER = 1.15
MOSTLY_COLOUR = 7.0
"""A training that weighs the colour of smooth regions once leaves eight channels of edition 3 too
coarse for an eye. Steps finer by 1.12: 16 % less of its squared error for 0.3, 0.2 and 0.15 % of
the bytes by PSNR, MS-SSIM and SSIMULACRA2; by 1.18: 24 % for 0.6, 0.4 and 0.4 %."""


def sort_channels(net: LiteNet, crops: Tensor) -> None:
    """Put the latent channels in the order of how much they carry, the fullest first.

    The coder learns a channel from those before it: sorted, files are 0.2 to 1 % smaller.
    """
    with torch.no_grad():
        middle = len(net.encode_gain) // 2
        q = (net.encoder(crops) * net.encode_gain[middle].exp()[:, None, None]).round()
        order = q.abs().mean((0, 2, 3)).argsort(descending=True)
        for layer in (net.encoder.latents.weight, net.encoder.latents.bias):
            layer.copy_(layer[order].clone())
        net.decoder.enter.weight.copy_(net.decoder.enter.weight[:, order].clone())
        for gain in (net.encode_gain, net.decode_gain):
            gain.copy_(gain[:, order].clone())


@dataclass(frozen=True)
class Sensitivity:
    """What a squared error of one step in a latent makes, by channel [C], summed over pixels:
    squared error of pixels (mean of three channels), and of the colour of smooth regions."""

    error: Tensor
    colour: Tensor

    @property
    def worth(self) -> Tensor:
        """Both together, as roundings should count them: [C]."""
        return self.error + COLOUR * self.colour


def sensitivity(net: LiteNet, crops: Tensor, rate: int) -> Sensitivity:
    """Measured on crops [N, 3, H, W] as the network has them at one rate."""
    with torch.inference_mode():
        latents = net.encoder(crops)
        encode_gain = net.encode_gain[rate].exp()[:, None, None]
        decode_gain = net.decode_gain[rate].exp()[:, None, None]
        q = (latents * encode_gain).round()
        plain = net.decoder(q * decode_gain)
        found = Sensitivity(torch.empty(net.shape.latents), torch.empty(net.shape.latents))
        for channel in range(net.shape.latents):
            moved = q.clone()
            signs = torch.randint(0, 2, q[:, channel].shape) * 2 - 1
            moved[:, channel] += PROBE * signs
            probed = net.decoder(moved * decode_gain)
            latents_a_pixel = signs[0].numel() / plain[0, 0].numel()
            times = 1 / (latents_a_pixel * PROBE**2)
            found.error[channel] = (probed - plain).square().mean() * times
            found.colour[channel] = colour_of_smooth(probed, plain).mean() * times
    return found


def step_colour_finer(net: LiteNet, crops: Tensor) -> list[int]:
    """Give channels that carry the colour of smooth regions steps finer by ``FINER`` at every rate;
    the channels."""
    found = sensitivity(net, crops, len(net.encode_gain) // 4)
    carry = COLOUR * found.colour > MOSTLY_COLOUR * found.error
    with torch.no_grad():
        net.encode_gain[:, carry] += math.log(FINER)
        net.decode_gain[:, carry] -= math.log(FINER)
    return carry.nonzero().flatten().tolist()


def rd_weights(net: LiteNet, crops: Tensor) -> Tensor:
    """Bits a squared error of one step is worth, by rate and channel: [R, C].

    The training minimised bits + lambda * 255^2 * (error summed over pixels). ``ALIGNED`` times
    that, for the reason given there.
    """
    rows = [lam * 255**2 * sensitivity(net, crops, r).worth for r, lam in enumerate(LAMBDAS)]
    return torch.stack(rows).float() * ALIGNED


def fit_preview(net: LiteNet, corpus: Corpus, batches: int) -> Tensor:
    """Least squares from latents to 2x2 pixels of the picture at 1/8: [C + 1, 12].

    Columns are (dy, dx, colour), values 0..1; the last row is the constant.
    """
    rows, wanted = [], []
    with torch.inference_mode():
        for batch in range(batches):
            crops = corpus.crops(8, 256, 0.1)
            # What a reader has: integers times the gain, which is not what the encoder gave.
            rate = batch % len(net.encode_gain)
            q = (net.encoder(crops) * net.encode_gain[rate].exp()[:, None, None]).round()
            latents = q * net.decode_gain[rate].exp()[:, None, None]
            small = torch.nn.functional.avg_pool2d(crops + 0.5, 8)
            pairs = torch.nn.functional.pixel_unshuffle(small, 2)  # [N, 3*4, h, w]: colour, dy, dx
            pairs = pairs.unflatten(1, (3, 2, 2)).permute(0, 4, 5, 2, 3, 1).flatten(3)
            rows.append(latents.permute(0, 2, 3, 1).flatten(0, 2))
            wanted.append(pairs.flatten(0, 2))
    a, b = torch.cat(rows).double(), torch.cat(wanted).double()
    a = torch.cat([a, torch.ones(len(a), 1, dtype=torch.float64)], 1)
    ridge = 1e-3 * len(a) * torch.eye(a.shape[1], dtype=torch.float64)
    return torch.linalg.solve(a.T @ a + ridge, a.T @ b).float()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, default=Path("runs/lite-1"))
    parser.add_argument("--photos", type=Path, default=Path("../shared/photos"))
    parser.add_argument("--out", type=Path, help="RUN/floats.safetensors")
    parser.add_argument("--edition", default="1")
    parser.add_argument("--crops", type=int, default=6)
    parser.add_argument("--unsorted", action="store_true", help="channels in the order of --begin")
    args = parser.parse_args()
    torch.manual_seed(1)
    state = torch.load(args.run / "average.pt", map_location="cpu", weights_only=True)
    net = LiteNet(LiteShape(**state["shape"]), len(LAMBDAS)).requires_grad_(False).eval()
    net.load_state_dict({name: value.float() for name, value in state["average"].items()})
    net.to(memory_format=torch.channels_last)
    corpus = Corpus(args.photos, drawn=20, seed=7, every=5)
    crops = corpus.crops(args.crops, 256, 0.1)
    if not args.unsorted:
        sort_channels(net, crops)
    print("steps of colour finer in", step_colour_finer(net, crops))
    tensors = {
        name: value.float().contiguous() for name, value in net.state_dict().items() if "." in name
    }
    tensors["decoder.gain"] = net.decode_gain.float().contiguous()
    tensors["encode_gain"] = net.encode_gain.float().contiguous()
    tensors["rd_weight"] = rd_weights(net, crops).contiguous()
    tensors["preview"] = fit_preview(net, corpus, 16).contiguous()
    metadata = {
        "edition": args.edition,
        "shape": json.dumps(net.shape.to_dict()),
        "lambdas": json.dumps(LAMBDAS),
        "steps": str(state["step"]),
        "minutes": f"{state['trained_s'] / 60:.0f}",
    }
    out = args.out or args.run / "floats.safetensors"
    save_file(tensors, out, metadata)
    print(f"{out.name}: {out.stat().st_size:,} bytes, {state['step']} steps")
    weights = tensors["rd_weight"].numpy()
    print("bits a squared step, median by rate:", np.median(weights, axis=1).round(1))


if __name__ == "__main__":
    main()
