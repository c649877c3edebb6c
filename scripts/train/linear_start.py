"""The starting point of the training: the network set up as the best linear codec.

Principal components of 8x8x3 blocks fill the first and last layer, those of 2x2 of their
coefficients the layers between 1/8 and 1/16; the blocks begin nearly silent. Four minutes of
training from here gave what a random start had not reached in half an hour.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sdz.models.lite_net import Block, LiteNet

SILENCE = 0.05  # the blocks' last layers, relative to their random start


def start_linear(net: LiteNet, crops: Tensor, lambdas: list[float]) -> None:
    """Set every layer of ``net`` from ``crops`` [N, 3, 16a, 16b] in -0.5..0.5."""
    blocks = torch.nn.functional.pixel_unshuffle(crops, 8)  # [N, 192, h8, w8], channel-major
    basis_8 = _components(blocks, min(net.shape.encode_width_8, net.shape.decode_width_8))
    coefficients = torch.einsum("kc,nchw->nkhw", basis_8, blocks)
    pairs = torch.nn.functional.pixel_unshuffle(coefficients, 2)
    basis_16 = _components(pairs, net.shape.latents)
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, Block):
                module.outer.weight.mul_(SILENCE)
                module.shrink.weight.mul_(SILENCE)
            if isinstance(module, torch.nn.Conv2d | torch.nn.ConvTranspose2d):
                module.bias.zero_()
        _set_lapped(net.encoder.lapped.weight, basis_8)
        _set_lapped(net.decoder.lapped.weight, basis_8)
        _set_down(net, basis_16)
        _set_up(net, basis_16)
        # High-rate optimum of rate + lambda * 255^2 * mse for an orthonormal transform:
        # step^2 = 18 / (ln 2 * lambda * 255^2).
        for index, lam in enumerate(lambdas):
            step = (18 / (0.693 * lam * 255**2)) ** 0.5
            net.encode_gain[index] = -torch.tensor(step).log()
            net.decode_gain[index] = torch.tensor(step).log()


def _components(x: Tensor, count: int) -> Tensor:
    """The ``count`` strongest principal directions of the channels of x: [count, C].

    About zero and not about the mean: the layers carry no offset at the start.
    """
    rows = x.permute(1, 0, 2, 3).flatten(1)
    _, vectors = torch.linalg.eigh(rows @ rows.T / rows.shape[1])
    return vectors.flip(1).T[:count].contiguous()


def _set_lapped(weight: Tensor, basis: Tensor) -> None:
    """[width, 3, 16, 16] whose middle 8x8 holds the components, with a small noise elsewhere."""
    weight.mul_(0.01)
    weight[: len(basis), :, 4:12, 4:12] = basis.view(-1, 3, 8, 8)


def _set_down(net: LiteNet, basis: Tensor) -> None:
    """A 3x3 stride-2 layer whose taps (1..2, 1..2) see each 2x2 group; then the identity."""
    channels = basis.shape[1] // 4
    net.encoder.down.weight.mul_(0.01)
    net.encoder.down.weight[: len(basis), :channels, 1:, 1:] = basis.view(-1, channels, 2, 2)
    _set_identity(net.encoder.latents.weight, len(basis))


def _set_up(net: LiteNet, basis: Tensor) -> None:
    _set_identity(net.decoder.enter.weight, len(basis))
    net.decoder.up.weight.mul_(0.01)
    width = net.shape.decode_width_8
    up = net.decoder.up.weight.view(width, 4, net.shape.decode_width_16)
    channels = basis.shape[1] // 4
    up[:channels, :, : len(basis)] = basis.T.reshape(channels, 4, len(basis))


def _set_identity(weight: Tensor, count: int) -> None:
    weight.mul_(0.01)
    for k in range(count):
        weight[k, k] = 1
