"""The network of ``sdz.models.lite_net`` run the way a graphics card likes it: equal, and fast.

Everything lies as [N, H, W, C], so that a 1x1 layer is one matrix product. The lapped 16x16
layers of stride 8 are dense 2x2 layers on the picture shifted by 4 and unshuffled by 8. A block
is run in one of two ways, both equal: ``run_plain`` (the library) and ``run_hand`` (own kernels,
own gradient); ``fastest`` measures which.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import depthwise
import gate
import torch
from torch import Tensor
from torch.nn import functional

from sdz.models.lite_net import Block, LiteDecoder, LiteEncoder

Run = Callable[[Block, Tensor], Tensor]


def _matrix(layer: torch.nn.Conv2d) -> Tensor:
    return layer.weight.flatten(1)


def run_plain(block: Block, x: Tensor) -> Tensor:
    """[N, H, W, C] -> the same, by the library's layers."""
    a = functional.linear(x, _matrix(block.inner), block.inner.bias)
    x = x + functional.linear(
        depthwise.leaky_depthwise_plain(a, block.depth.weight, block.depth.bias),
        _matrix(block.outer),
        block.outer.bias,
    )
    gates, values = functional.linear(x, _matrix(block.expand), block.expand.bias).chunk(2, dim=-1)
    mixed = functional.relu(gates) * values
    return x + functional.linear(mixed, _matrix(block.shrink), block.shrink.bias)


class _Hand(torch.autograd.Function):
    """A whole block with its gradient written out: no tensor is read for a bias alone."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, wi: Tensor, bi: Tensor, k: Tensor, bk: Tensor, wo: Tensor,
                bo: Tensor, we: Tensor, be: Tensor, ws: Tensor, bs: Tensor) -> Tensor:  # fmt: skip
        rows = x.flatten(0, 2)
        a = functional.linear(x, wi, bi)
        taps = depthwise.taps_of(k)
        d = depthwise.forward(a, taps, bk).flatten(0, 2)
        x1 = gate.add(rows, d @ wo.T, bo)
        e = functional.linear(x1, we, be)
        h = gate.gate(e)
        y = gate.add(x1, h @ ws.T, bs)
        ctx.save_for_backward(x, a, d, x1, e, h, wi, taps, wo, we, ws)
        return y.view(x.shape)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        x, a, d, x1, e, h, wi, taps, wo, we, ws = ctx.saved_tensors
        dy = grad.contiguous().flatten(0, 2)
        c = a.shape[-1]
        sums = a.new_zeros(17 * c, dtype=torch.float32)
        gate.column_sum(dy, sums[:c])
        de = gate.gate_backward(e, dy @ ws, sums[c : 5 * c])
        dx1 = gate.add_sum(de @ we, dy, sums[5 * c : 6 * c])
        dd = (dx1 @ wo).view(a.shape)
        da = depthwise.backward(a, taps, dd, sums[6 * c :].view(11, c)).flatten(0, 2)
        dx = torch.addmm(dx1, da, wi)
        found = sums.to(a.dtype)
        dbs, dbe, dbo, dk, dbk, dbi = found.split([c, 4 * c, c, 9 * c, c, c])
        return (
            dx.view(x.shape), da.T @ x.flatten(0, 2), dbi, depthwise.weight_of(dk.view(9, c)), dbk,
            dx1.T @ d, dbo, de.T @ x1, dbe, dy.T @ h, dbs,
        )  # fmt: skip


def run_hand(block: Block, x: Tensor) -> Tensor:
    """The same by own kernels throughout."""
    return _Hand.apply(
        x, _matrix(block.inner), block.inner.bias, block.depth.weight, block.depth.bias,
        _matrix(block.outer), block.outer.bias, _matrix(block.expand), block.expand.bias,
        _matrix(block.shrink), block.shrink.bias,
    )  # fmt: skip


def fastest(widths: dict[int, tuple[int, int, int]], device: torch.device) -> tuple[Run, list[str]]:
    """The fastest way to run blocks of these widths on tensors of these [N, H, W], and the figures.

    Anything that fails on this machine is left out; ``plain`` never does. Call on a card only.
    """
    found: list[tuple[float, Run]] = []
    notes = []
    for run in (run_hand, run_plain):
        try:
            total = sum(_seconds(run, c, size, device) for c, size in widths.items())
        except Exception as error:  # a compiler that is not there, a kernel that does not fit
            notes.append(f"{run.__name__} failed: {str(error)[-300:]}")
            continue
        found.append((total, run))
        notes.append(f"{run.__name__} {total * 1e3:.3f} ms")
    return min(found, key=lambda pair: pair[0])[1], notes


def _seconds(run: Run, width: int, size: tuple[int, int, int], device: torch.device) -> float:
    """Of a block forward and backward, in half precision, as a replayed graph where possible."""
    block = Block(width).to(device, torch.bfloat16)
    x = torch.randn(*size, width, device=device, dtype=torch.bfloat16, requires_grad=True)
    inputs = [x, *block.parameters()]
    grad = torch.randn_like(x)

    def once() -> None:
        torch.autograd.grad(run(block, x), inputs, grad)

    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            once()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        once()
    torch.cuda.synchronize()
    began = time.perf_counter()
    for _ in range(20):
        graph.replay()
    torch.cuda.synchronize()
    return (time.perf_counter() - began) / 20


def unshuffled(pixels: Tensor) -> Tensor:
    """[N, H, W, 3], sides multiples of 8 -> [N, H / 8 + 1, W / 8 + 1, 192]: the picture within a
    margin of 4 zeros, in blocks of 8x8, channel-major as ``pixel_unshuffle`` has them."""
    n, h, w, _ = pixels.shape
    padded = functional.pad(pixels, (0, 0, 4, 4, 4, 4))
    blocks = padded.view(n, h // 8 + 1, 8, w // 8 + 1, 8, 3).permute(0, 1, 3, 5, 2, 4)
    return blocks.reshape(n, h // 8 + 1, w // 8 + 1, 192)


def _lapped_matrix(weight: Tensor) -> Tensor:
    """[C, 3, 16, 16] -> [C, 768]: four quarters of 8x8, each channel-major."""
    return weight.view(-1, 3, 2, 8, 2, 8).permute(0, 2, 4, 1, 3, 5).reshape(-1, 768)


def encode(encoder: LiteEncoder, blocks: Tensor, run: Run) -> Tensor:
    """``unshuffled`` pixels -> latents [N, h, w, C], what ``LiteEncoder`` gives for them."""
    quarters = (blocks[:, :-1, :-1], blocks[:, :-1, 1:], blocks[:, 1:, :-1], blocks[:, 1:, 1:])
    x = functional.linear(
        torch.cat(quarters, -1), _lapped_matrix(encoder.lapped.weight), encoder.lapped.bias
    )
    for block in encoder.blocks_8:
        x = run(block, x)
    down = encoder.down
    x = functional.conv2d(x.permute(0, 3, 1, 2), down.weight, down.bias, stride=2, padding=1)
    x = x.permute(0, 2, 3, 1).contiguous()
    for block in encoder.blocks_16:
        x = run(block, x)
    return functional.linear(x, _matrix(encoder.latents), encoder.latents.bias)


def decode(decoder: LiteDecoder, latents: Tensor, run: Run, lap: Callable[..., Tensor]) -> Tensor:
    """Latents [N, h, w, C] -> pixels [N, 3, 16h, 16w] float32; ``lap``: ``overlap``, compiled or
    not."""
    x = functional.linear(latents, _matrix(decoder.enter), decoder.enter.bias)
    for block in decoder.blocks_16:
        x = run(block, x)
    x = functional.linear(x, _matrix(decoder.up), decoder.up.bias)
    n, h, w, channels = x.shape
    x = x.view(n, h, w, channels // 4, 2, 2).permute(0, 1, 4, 2, 5, 3)
    x = x.reshape(n, 2 * h, 2 * w, channels // 4)
    for block in decoder.blocks_8:
        x = run(block, x)
    return lap(x @ _lapped_matrix(decoder.lapped.weight), decoder.lapped.bias)


def overlap(y: Tensor, bias: Tensor) -> Tensor:
    """[N, h, w, 768], four quarters of each place's 16x16 patch -> [N, 3, 8h, 8w] float32."""
    n, h, w, _ = y.shape
    a, b, c, d = y.float().unflatten(-1, (4, 192)).unbind(3)
    total = functional.pad(a, (0, 0, 0, 1, 0, 1)) + functional.pad(b, (0, 0, 1, 0, 0, 1))
    total = total + functional.pad(c, (0, 0, 0, 1, 1, 0)) + functional.pad(d, (0, 0, 1, 0, 1, 0))
    blocks = total.view(n, h + 1, w + 1, 3, 8, 8).permute(0, 3, 1, 4, 2, 5)
    pixels = blocks.reshape(n, 3, 8 * h + 8, 8 * w + 8)[..., 4:-4, 4:-4]
    return pixels + bias.float()[:, None, None]
