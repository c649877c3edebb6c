"""The elementwise halves of a block's second part, each one kernel on a graphics card.

Rows are places, [M, C]. Backward they also sum over all rows what the layers' biases need, so that
no gradient is read twice.
"""

from __future__ import annotations

import torch
from torch import Tensor

try:
    import triton
    import triton.language as tl
except ImportError:
    triton = None

ROWS, CHANNELS = 64, 32
PARTS = 528

if triton is not None:

    @triton.jit
    def _gate(e, h, M, C, ROWS: tl.constexpr, CHANNELS: tl.constexpr):
        """e [M, 2C] -> h [M, C]: relu of the first half times the second."""
        m = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
        c = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
        at = m[:, None] * (2 * C) + c[None, :]
        there = (m < M)[:, None]
        gate = tl.load(e + at, mask=there, other=0.0).to(tl.float32)
        value = tl.load(e + at + C, mask=there, other=0.0).to(tl.float32)
        mixed = tl.where(gate > 0, gate, 0.0) * value
        tl.store(h + m[:, None] * C + c[None, :], mixed.to(h.dtype.element_ty), mask=there)

    @triton.jit(do_not_specialize=["turns", "programs"])
    def _gate_backward(
        e, grad, out, sums, turns, programs, M, C, ROWS: tl.constexpr,
        CHANNELS: tl.constexpr,
    ):  # fmt: skip
        """Gradient of h [M, C] -> of e [M, 2C], and this program's part of its sum [2C]."""
        c = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
        of_gate = tl.zeros((ROWS, CHANNELS), tl.float32)
        of_value = tl.zeros((ROWS, CHANNELS), tl.float32)
        for turn in range(turns):
            block = tl.program_id(0) + turn * programs
            m = (block * ROWS + tl.arange(0, ROWS)).to(tl.int64)
            at = m[:, None] * (2 * C) + c[None, :]
            there = (m < M)[:, None]
            gate = tl.load(e + at, mask=there, other=0.0).to(tl.float32)
            value = tl.load(e + at + C, mask=there, other=0.0).to(tl.float32)
            g = tl.load(grad + m[:, None] * C + c[None, :], mask=there, other=0.0).to(tl.float32)
            d_gate = tl.where(gate > 0, g * value, 0.0)
            d_value = tl.where(gate > 0, g * gate, 0.0)
            tl.store(out + at, d_gate.to(out.dtype.element_ty), mask=there)
            tl.store(out + at + C, d_value.to(out.dtype.element_ty), mask=there)
            of_gate += d_gate
            of_value += d_value
        tl.atomic_add(sums + c, tl.sum(of_gate, 0))
        tl.atomic_add(sums + C + c, tl.sum(of_value, 0))

    @triton.jit
    def _add(a, b, bias, out, M, C, ROWS: tl.constexpr, CHANNELS: tl.constexpr):
        """a + b + bias: [M, C], [M, C], [C]."""
        m = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
        c = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
        at = m[:, None] * C + c[None, :]
        there = (m < M)[:, None]
        total = tl.load(a + at, mask=there, other=0.0).to(tl.float32)
        total += tl.load(b + at, mask=there, other=0.0).to(tl.float32)
        total += tl.load(bias + c).to(tl.float32)[None, :]
        tl.store(out + at, total.to(out.dtype.element_ty), mask=there)

    @triton.jit(do_not_specialize=["turns", "programs"])
    def _add_sum(
        a, b, out, sums, turns, programs, M, C, ROWS: tl.constexpr,
        CHANNELS: tl.constexpr,
    ):  # fmt: skip
        """a + b [M, C], and this program's part of the sum over rows [C]."""
        c = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
        of_all = tl.zeros((ROWS, CHANNELS), tl.float32)
        for turn in range(turns):
            block = tl.program_id(0) + turn * programs
            m = (block * ROWS + tl.arange(0, ROWS)).to(tl.int64)
            at = m[:, None] * C + c[None, :]
            there = (m < M)[:, None]
            total = tl.load(a + at, mask=there, other=0.0).to(tl.float32)
            total += tl.load(b + at, mask=there, other=0.0).to(tl.float32)
            tl.store(out + at, total.to(out.dtype.element_ty), mask=there)
            of_all += total
        tl.atomic_add(sums + c, tl.sum(of_all, 0))

    @triton.jit(do_not_specialize=["turns", "programs"])
    def _sum(a, sums, turns, programs, M, C, ROWS: tl.constexpr, CHANNELS: tl.constexpr):
        """The sum over rows of a [M, C], added to sums [C]."""
        c = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
        of_all = tl.zeros((ROWS, CHANNELS), tl.float32)
        for turn in range(turns):
            m = ((tl.program_id(0) + turn * programs) * ROWS + tl.arange(0, ROWS)).to(tl.int64)
            at = m[:, None] * C + c[None, :]
            of_all += tl.load(a + at, mask=(m < M)[:, None], other=0.0).to(tl.float32)
        tl.atomic_add(sums + c, tl.sum(of_all, 0))


def _programs(rows: int, channels: int) -> tuple[int, int]:
    """How many programs share the rows, and how many blocks of rows each takes."""
    blocks = -(-rows // ROWS)
    programs = min(PARTS * 2 * CHANNELS // channels + 1, blocks)
    return programs, -(-blocks // programs)


def gate(e: Tensor) -> Tensor:
    """[M, 2C] -> [M, C]."""
    rows, channels = e.shape[0], e.shape[1] // 2
    h = e.new_empty((rows, channels))
    _gate[(-(-rows // ROWS), channels // CHANNELS)](e, h, rows, channels, ROWS, CHANNELS)
    return h


def gate_backward(e: Tensor, grad: Tensor, sums: Tensor) -> Tensor:
    """Gradient of ``gate``'s input [M, 2C]; its sum over rows is added to ``sums`` [2C] float32."""
    rows, channels = grad.shape
    out, (programs, turns) = torch.empty_like(e), _programs(rows, channels)
    grid = (programs, channels // CHANNELS)
    _gate_backward[grid](e, grad, out, sums, turns, programs, rows, channels, ROWS, CHANNELS)
    return out


def add(a: Tensor, b: Tensor, bias: Tensor) -> Tensor:
    """a + b + bias: [M, C], [M, C], [C]."""
    rows, channels = a.shape
    out = torch.empty_like(a)
    _add[(-(-rows // ROWS), channels // CHANNELS)](a, b, bias, out, rows, channels, ROWS, CHANNELS)
    return out


def add_sum(a: Tensor, b: Tensor, sums: Tensor) -> Tensor:
    """a + b [M, C]; its sum over rows is added to ``sums`` [C] float32."""
    rows, channels = a.shape
    out, (programs, turns) = torch.empty_like(a), _programs(rows, channels)
    grid = (programs, channels // CHANNELS)
    _add_sum[grid](a, b, out, sums, turns, programs, rows, channels, ROWS, CHANNELS)
    return out


def column_sum(a: Tensor, sums: Tensor) -> None:
    """Add the sum over rows of ``a`` [M, C] to ``sums`` [C] float32."""
    rows, channels = a.shape
    programs, turns = _programs(rows, channels)
    grid = (programs, channels // CHANNELS)
    _sum[grid](a, sums, turns, programs, rows, channels, ROWS, CHANNELS)
