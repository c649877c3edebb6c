"""Rate and likeness of a network on pictures it was not trained on, by the training's contexts.

Whole files of the product are measured by ``scripts/bench rd``; this shows the way meanwhile.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import torch
from context_rate import ContextRate
from rates import quantised
from torch import Tensor

from sdz.codec.similarity import ms_ssim
from sdz.codec.ssimulacra2_torch import Ssimulacra2
from sdz.models.lite_net import LiteNet
from sdz.ssimulacra2 import formula

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.bjontegaard import rate_difference

POSITIONS = (-1.0, 0.0, 1.0, 2.0, 3.0, 4.5, 6.0)
MEASURES = ("psnr", "msssim", "score")

Row = dict[str, float]


@torch.no_grad()
def judge(net: LiteNet, rate: ContextRate, pictures: list[Tensor]) -> list[Row]:
    """Means over ``pictures`` ([1, 3, H, W], -0.5..0.5), a row for each of ``POSITIONS``.

    bpp, and in dB PSNR and MS-SSIM (finest scale left out), and SSIMULACRA2 (borders aside).
    """
    rows = []
    for position in POSITIONS:
        found: list[Row] = [_measure(net, rate, x, position) for x in pictures]
        row = {key: sum(f[key] for f in found) / len(found) for key in found[0]}
        rows.append({"position": position} | {k: round(v, 4) for k, v in row.items()})
    return rows


def _measure(net: LiteNet, rate: ContextRate, x: Tensor, position: float) -> Row:
    at = torch.tensor([position], device=x.device)
    latents = net.encoder(x).permute(0, 2, 3, 1)
    y, back = quantised(latents, net.encode_gain, net.decode_gain, at)
    bits = rate(y, at).item()
    decoded = net.decoder(back.permute(0, 3, 1, 2)).clamp(-0.5, 0.5)
    decoded = ((decoded * 255 + 127.5).round() - 127.5) / 255
    similar = ms_ssim(decoded + 0.5, x + 0.5).item()
    looks = Ssimulacra2(*x.shape[-2:]).to(x.device)(decoded, x).item()
    return {
        "bpp": bits / (x.shape[-1] * x.shape[-2]),
        "psnr": -10 * math.log10((decoded - x).square().mean().item()),
        "msssim": -10 * math.log10(1 - similar),
        "score": float(formula.score_of(looks)),
    }


def against(rows: list[Row], others: list[Row]) -> dict[str, Any]:
    """Rate difference in percent at equal PSNR, MS-SSIM and score; below 0: ``rows`` needs less."""
    curves = [
        [[row[key] for row in curve] for key in ("bpp", *MEASURES)] for curve in (rows, others)
    ]
    return {
        name: round(
            100 * rate_difference(curves[0][0], curves[0][i], curves[1][0], curves[1][i]), 2
        )
        for i, name in enumerate(MEASURES, 1)
    }
