"""The rates that one network serves: what each weighs, and the gains between them."""

from __future__ import annotations

import torch
from torch import Tensor

from sdz.models.lite_tables import LOG_RATIO

COUNT = 8
LAMBDAS = [4e-4 * 100 ** (k / 7) for k in range(COUNT)]
"""Rate + lambda * 255^2 * squared error; about 0.05 to 1 bit a pixel."""

# How often crops fall between whole positions, from -1 on: low rates are where people use this,
# and the qualities reach beyond the trained rates on both sides.
_SHARES = {
    (-1.3, 0.0): 0.7, (0.0, 1.0): 1.3, (1.0, 2.0): 1.35, (2.0, 3.0): 1.3, (3.0, 4.0): 1.1,
    (4.0, 5.0): 0.85, (5.0, 6.0): 0.65, (6.0, 7.0): 0.5, (7.0, 7.6): 0.2,
}  # fmt: skip
_QUANTILES = 4096


def quantiles(device: torch.device) -> Tensor:
    """Positions among the rates, as often as they are wanted: drawing one is drawing an index."""
    total, parts = sum(_SHARES.values()), []
    for (low, high), share in _SHARES.items():
        count = round(_QUANTILES * share / total)
        parts.append(low + (high - low) * (torch.arange(count) + 0.5) / count)
    return torch.cat(parts).to(device)


def draw(table: Tensor, count: int) -> Tensor:
    """``count`` random positions from ``quantiles``."""
    at = (torch.rand(count, device=table.device) * len(table)).long().clamp(max=len(table) - 1)
    return table[at]


def weight(position: Tensor) -> Tensor:
    """Lambda * 255^2 at positions among the rates, on beyond them."""
    return LAMBDAS[0] * 100 ** (position / (COUNT - 1)) * 255**2


def gains(table: Tensor, position: Tensor, slope: float) -> Tensor:
    """Rows of ``table`` [R, C] between the rates, as ``sdz.models.lite`` has them: [N, C]."""
    last = len(table) - 1
    held = position.clamp(0, last)
    rows = torch.arange(last + 1, device=table.device, dtype=position.dtype)
    hats = (1 - (held[:, None] - rows).abs()).clamp_min(0)
    return (hats[..., None] * table).sum(1) + ((position - held) * slope)[:, None]


def quantised(
    latents: Tensor, encode_gain: Tensor, decode_gain: Tensor, position: Tensor
) -> tuple[Tensor, Tensor]:
    """Latents [N, h, w, C] -> scaled ones in steps, float32, and what the decoder gets of them.

    The rounding lets gradients through as if it were not there.
    """
    y = latents.float() * gains(encode_gain, position, LOG_RATIO).exp()[:, None, None]
    straight = y + (y.round() - y).detach()
    back = straight * gains(decode_gain, position, -LOG_RATIO).exp()[:, None, None]
    return y, back.to(latents.dtype)
