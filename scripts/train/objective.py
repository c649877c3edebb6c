"""The loss of a batch of crops: rate, distortion, and jumps between blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import swift
import torch
from context_rate import ContextRate
from likeness import EDGES, Likeness, Shares
from rates import quantised, weight
from torch import Tensor

from sdz.models.lite_net import LiteNet


class Objective(torch.nn.Module):
    """Crops [N, H, W, 3] and positions [N] -> loss, bits a pixel [N], squared error [N]."""

    def __init__(
        self, net: LiteNet, rate: ContextRate, run: swift.Run, size: tuple[int, int, int],
        shares: Shares, compiles: bool,
    ) -> None:  # fmt: skip
        super().__init__()
        count, height, width = size
        device = net.encode_gain.device
        self.net, self.run = net, run
        self.half = net.encoder.lapped.weight.dtype
        likeness = Likeness(height, width, looked=max(1, count // 2), shares=shares).to(device)
        self.parts: dict[str, Callable[..., Any]] = {
            "rate": rate, "likeness": likeness, "lap": swift.overlap, "blocks": self._blocks,
            "quantised": quantised,
        }  # fmt: skip
        if compiles:
            for name, part in self.parts.items():
                self.parts[name] = torch.compile(part, dynamic=False)

    def _blocks(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        return swift.unshuffled(pixels).to(self.half), pixels.permute(0, 3, 1, 2).contiguous()

    def forward(self, pixels: Tensor, position: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See the class."""
        blocks, original = self.parts["blocks"](pixels)
        latents = swift.encode(self.net.encoder, blocks, self.run)
        y, back = self.parts["quantised"](
            latents, self.net.encode_gain, self.net.decode_gain, position
        )
        bits = self.parts["rate"](y, position, torch.rand_like(y) - 0.5)
        decoded = swift.decode(self.net.decoder, back, self.run, self.parts["lap"])
        distortion, error, edges = self.parts["likeness"](decoded, original)
        bpp = bits / (pixels.shape[1] * pixels.shape[2])
        worth = weight(position)
        loss = (bpp * worth.rsqrt() + distortion * worth.sqrt()).mean()
        return loss + EDGES * edges.mean(), bpp, error
