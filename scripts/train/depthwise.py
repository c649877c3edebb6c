"""A leaky ReLU and the depthwise 3x3 layer after it, in one kernel each way on a graphics card.

Tensors lie as [N, H, W, C]. A block of 96 to 256 channels, forward and backward over a batch of
1.8 megapixels, took 1.47 ms with the library's layers and 1.08 with these (an H100, four such
blocks). Elsewhere than on a card the same is done by the library.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

try:
    import triton
    import triton.language as tl
except ImportError:  # a processor needs none
    triton = None

SLOPE = 0.1
"""Of the leaky ReLU below zero."""

PLACES, CHANNELS = 32, 32  # of a tile; every width of the network is a multiple of 32 channels
TURNS, PARTS = 6, 400  # blocks of places a program sums, where that leaves enough programs


def leaky_depthwise_plain(a: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """[N, H, W, C], weight [C, 1, 3, 3], bias [C] -> [N, H, W, C], by the library."""
    x = functional.leaky_relu(a, SLOPE).permute(0, 3, 1, 2)
    y = functional.conv2d(x, weight, bias, padding=1, groups=weight.shape[0])
    return y.permute(0, 2, 3, 1).contiguous()


if triton is not None:

    @triton.jit
    def _forward(
        a, taps, bias, out, places, H, W, C, SLOPE: tl.constexpr,
        PLACES: tl.constexpr, CHANNELS: tl.constexpr,
    ):  # fmt: skip
        """One program: ``PLACES`` places in their order in memory, ``CHANNELS`` channels."""
        p = tl.program_id(0) * PLACES + tl.arange(0, PLACES)
        x = p % W
        y = (p // W) % H
        c = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
        total = tl.zeros((PLACES, CHANNELS), tl.float32) + tl.load(bias + c).to(tl.float32)[None, :]
        for i in tl.static_range(3):
            for j in tl.static_range(3):
                yy = y + i - 1
                xx = x + j - 1
                inside = (yy >= 0) & (yy < H) & (xx >= 0) & (xx < W) & (p < places)
                at = (p + (i - 1) * W + j - 1)[:, None] * C + c[None, :]
                v = tl.load(a + at, mask=inside[:, None], other=0.0).to(tl.float32)
                v = tl.where(v > 0, v, v * SLOPE)
                total += v * tl.load(taps + (i * 3 + j) * C + c).to(tl.float32)[None, :]
        at = p[:, None] * C + c[None, :]
        tl.store(out + at, total.to(out.dtype.element_ty), mask=(p < places)[:, None])

    @triton.jit
    def _backward_input(
        a, grad, taps, grad_a, sums, places, H, W, C, SLOPE: tl.constexpr,
        PLACES: tl.constexpr, CHANNELS: tl.constexpr,
    ):  # fmt: skip
        """``grad_a``, and its sum over places added to ``sums`` [C]."""
        p = tl.program_id(0) * PLACES + tl.arange(0, PLACES)
        x = p % W
        y = (p // W) % H
        c = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
        total = tl.zeros((PLACES, CHANNELS), tl.float32)
        for i in tl.static_range(3):
            for j in tl.static_range(3):
                yy = y + 1 - i
                xx = x + 1 - j
                inside = (yy >= 0) & (yy < H) & (xx >= 0) & (xx < W) & (p < places)
                at = (p + (1 - i) * W + 1 - j)[:, None] * C + c[None, :]
                g = tl.load(grad + at, mask=inside[:, None], other=0.0).to(tl.float32)
                total += g * tl.load(taps + (i * 3 + j) * C + c).to(tl.float32)[None, :]
        there = (p < places)[:, None]
        here = p[:, None] * C + c[None, :]
        v = tl.load(a + here, mask=there, other=0.0).to(tl.float32)
        total = tl.where(v > 0, total, total * SLOPE)
        tl.store(grad_a + here, total.to(grad_a.dtype.element_ty), mask=there)
        tl.atomic_add(sums + c, tl.sum(total, 0))

    @triton.jit(do_not_specialize=["turns", "programs"])
    def _backward_taps(
        a, grad, sums, turns, programs, places, H, W, C, SLOPE: tl.constexpr,
        PLACES: tl.constexpr, CHANNELS: tl.constexpr,
    ):  # fmt: skip
        """Sums over places for one row of taps (the third program axis), added to ``sums``
        [10, C]: nine taps, and the bias."""
        c = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
        i = tl.program_id(2)
        left = tl.zeros((PLACES, CHANNELS), tl.float32)
        middle = tl.zeros((PLACES, CHANNELS), tl.float32)
        right = tl.zeros((PLACES, CHANNELS), tl.float32)
        plain = tl.zeros((PLACES, CHANNELS), tl.float32)
        for turn in range(turns):
            p = (tl.program_id(0) + turn * programs) * PLACES + tl.arange(0, PLACES)
            x = p % W
            y = (p // W) % H + 1 - i
            inside = (y >= 0) & (y < H) & (p < places)
            here = p[:, None] * C + c[None, :]
            v = tl.load(a + here, mask=(p < places)[:, None], other=0.0).to(tl.float32)
            v = tl.where(v > 0, v, v * SLOPE)
            at = here + (1 - i) * W * C
            g = tl.load(grad + at + C, mask=(inside & (x + 1 < W))[:, None], other=0.0)
            left += v * g.to(tl.float32)
            g = tl.load(grad + at, mask=inside[:, None], other=0.0).to(tl.float32)
            middle += v * g
            plain += g
            g = tl.load(grad + at - C, mask=(inside & (x >= 1))[:, None], other=0.0)
            right += v * g.to(tl.float32)
        to = sums + 3 * i * C + c
        tl.atomic_add(to, tl.sum(left, 0))
        tl.atomic_add(to + C, tl.sum(middle, 0))
        tl.atomic_add(to + 2 * C, tl.sum(right, 0))
        if i == 1:
            tl.atomic_add(sums + 9 * C + c, tl.sum(plain, 0))


def forward(a: Tensor, taps: Tensor, bias: Tensor) -> Tensor:
    """[N, H, W, C] -> the same, by the kernel; ``taps`` [9, C] as ``taps_of`` has them."""
    n, h, w, channels = a.shape
    out, places = torch.empty_like(a), n * h * w
    grid = (-(-places // PLACES), channels // CHANNELS)
    _forward[grid](a, taps, bias, out, places, h, w, channels, SLOPE, PLACES, CHANNELS)
    return out


def backward(a: Tensor, taps: Tensor, grad: Tensor, sums: Tensor) -> Tensor:
    """Gradient of ``a``. Added to ``sums`` [11, C] float32: of the nine taps, of the bias, and the
    sum of the first over all places, which is that of the bias of the layer before."""
    n, h, w, channels = a.shape
    grad_a, places = torch.empty_like(a), n * h * w
    blocks, across = -(-places // PLACES), channels // CHANNELS
    _backward_input[(blocks, across)](
        a, grad, taps, grad_a, sums[10], places, h, w, channels, SLOPE, PLACES, CHANNELS
    )
    turns = max(1, min(TURNS, blocks * across // PARTS))
    programs = -(-blocks // turns)
    _backward_taps[(programs, across, 3)](
        a, grad, sums, turns, programs, places, h, w, channels, SLOPE, PLACES, CHANNELS
    )
    return grad_a


def weight_of(sums: Tensor) -> Tensor:
    """[9, C] of ``backward``'s sums -> [C, 1, 3, 3]."""
    return sums.T.reshape(-1, 1, 3, 3)


def taps_of(weight: Tensor) -> Tensor:
    """[C, 1, 3, 3] -> [9, C]: the order in which a program reads eight channels at once."""
    return weight.flatten(1).T.contiguous()
