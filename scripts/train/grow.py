"""A larger network that begins as an earlier one: ``grown``, and as an edition: ``begin_from``.

Blocks that were not there add nothing at first, channels that were not there are read by nobody
at first, so that the new network gives what the old one gave and all of it learns from there.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from sdz.models.lite_net import Block, LiteNet, LiteShape
from sdz.models.lite_torch import network

SILENT = ("outer", "shrink")  # the layers of a block that add to what goes by


def begin_from(weights: Path, shape: LiteShape | None = None) -> LiteNet:
    """A network of ``shape``, or the edition's, that starts as ``weights``, gains included."""
    edition = network(weights)
    return grown(edition, shape or edition.shape)


def grown(small: LiteNet, shape: LiteShape) -> LiteNet:
    """A network of ``shape`` that gives what ``small`` gives, gains included."""
    old = small.state_dict()
    net = LiteNet(shape, len(old["encode_gain"]))
    with torch.no_grad():
        net.encode_gain.copy_(old["encode_gain"])
        net.decode_gain.copy_(old["decode_gain"])
        for part, counts in (("encoder", "encode"), ("decoder", "decode")):
            module = net.get_submodule(part)
            for name, layer in module.named_children():
                if isinstance(layer, nn.Sequential):
                    there = getattr(small.shape, f"{counts}_{name.removeprefix('blocks_')}")
                    _fill_blocks(layer, old, f"{part}.{name}", there)
                else:
                    _fill(layer, old, f"{part}.{name}")
    return net


def places(count: int, there: int) -> list[int]:
    """Which of ``count`` blocks the ``there`` old ones become: spread out, the last stays last."""
    return [round((i + 1) * count / there) - 1 for i in range(there)]


def _fill_blocks(blocks: nn.Sequential, old: dict[str, Tensor], prefix: str, there: int) -> None:
    at = places(len(blocks), there)
    for index, block in enumerate(blocks):
        assert isinstance(block, Block)
        if index in at:
            for name, layer in block.named_children():
                _fill(layer, old, f"{prefix}.{at.index(index)}.{name}", halves=2)
        else:
            for name in SILENT:
                layer = block.get_submodule(name)
                layer.weight.zero_()
                layer.bias.zero_()


def _fill(layer: nn.Module, old: dict[str, Tensor], name: str, halves: int = 1) -> None:
    """Old weights into the corner of a layer; its old outputs read none of the new inputs.

    In a block's ``expand`` the outputs are two halves (gate and value), filled each for itself.
    A transposed convolution has its inputs first.
    """
    weight, bias = old[f"{name}.weight"], old[f"{name}.bias"]
    turned = isinstance(layer, nn.ConvTranspose2d)
    mine = layer.weight.transpose(0, 1) if turned else layer.weight
    weight = weight.transpose(0, 1) if turned else weight
    parts = halves if name.endswith(".expand") else 1
    for source, target, source_bias, target_bias in zip(
        weight.chunk(parts), mine.chunk(parts), bias.chunk(parts), layer.bias.chunk(parts),
        strict=True,
    ):  # fmt: skip
        outputs, inputs = source.shape[:2]
        target[:outputs] = 0
        target[:outputs, :inputs] = source
        target_bias[:outputs] = source_bias
