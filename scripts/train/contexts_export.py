"""Fitted contexts as the integers of the coder, and the counting that fits its tables."""

from __future__ import annotations

from collections.abc import Iterator

import contexts_tables as tables
import numpy as np
import torch
from contexts_fit import Batch
from contexts_model import KNOTS, Causal, Planes
from torch import Tensor

from sdz.entropy.trained import Sizes, Statistics
from sdz.entropy.trained.layout import MAP_ROWS, PHASES, REACH, TOTAL

CAUTION, MEMORY = 1600, 1600


def _int(values: Tensor, scale: int, bits: int) -> np.ndarray:
    limit = 2 ** (bits - 1) - 1
    found = np.rint(values.detach().double().numpy() * scale)
    if np.abs(found).max(initial=0) > limit:
        print(f"  {(np.abs(found) > limit).sum()} weights beyond {limit / scale:.0f} were cut")
    return np.clip(found, -limit, limit).astype(np.int64)


def _earlier(weights: Tensor, first: int) -> Tensor:
    """[n, C, ...] -> [pairs, ...]: for each channel those before it."""
    return torch.cat([weights[k, : first + k] for k in range(len(weights))])


def weights_of(causal: Causal, planes: Planes) -> dict[str, np.ndarray]:
    """All weights in the coder's units."""
    n, second = causal.channels, planes.hidden
    knots = (torch.tensor(KNOTS, dtype=torch.float32) - 30000) / 12000
    near = causal.near[..., None] + causal.near_code[..., None] * knots
    count = planes.channels - planes.first
    pairs = planes.earlier.view(count, second, 2, planes.channels).permute(0, 3, 1, 2)
    lowest = tables.LOWEST
    return {
        "near": _int(near, 4096, 16),
        "cross": _int(_earlier(causal.cross, 0), 4096, 16),
        "own": _int(causal.own, 2048, 16),
        "earlier": _int(_earlier(causal.earlier.permute(0, 2, 1, 3), 0), 2048, 16),
        "pools": _int(_earlier(causal.pools.permute(0, 2, 1), 0), 2048, 16),
        "share": _int(causal.filled, 2048, 16),
        "bias": _int(causal.bias, 65536, 32),
        "out": _int(causal.out, 1024, 16),
        "rest": _int(causal.rest - lowest, 1 << 20, 32),
        "plane_earlier": _int(_earlier(pairs, n), 2048, 16),
        "windows": _int(planes.windows, 2048, 16),
        "plane_bias": _int(planes.bias, 65536, 32),
        "ring": _int(planes.ring, 2048, 16),
        "half": _int(planes.first_half, 2048, 16),
        "later": _int(planes.second, 65536, 32),
        "plane_out": _int(planes.out, 1024, 16),
        "plane_rest": _int(planes.rest - lowest, 1 << 20, 32),
    }


def _level(level: Tensor) -> Tensor:
    index = torch.floor((level - tables.LOWEST) * tables.PER_LEVEL)
    return index.clamp(0, tables.LEVELS - 1).long()


def _bins(difference: Tensor, level: Tensor) -> Tensor:
    shift = torch.from_numpy(tables.shifts().astype(np.int64))[level]
    half = torch.where(shift > 0, 2.0 ** (shift - 1), 0.0)
    return torch.floor((difference + half) / 2.0**shift).clamp(-REACH - 1, REACH + 1).long()


def count(
    causal: Causal, planes: Planes, source: Iterator[Batch], batches: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How often each bin was met at each level: rows, sizes, and the map's [MAP_ROWS, 2]."""
    width = 2 * REACH + 3
    rows = torch.zeros(tables.LEVELS * PHASES * width, dtype=torch.float64)
    sizes = torch.zeros(tables.LEVELS * (REACH + 1), dtype=torch.float64)
    chances = torch.zeros(MAP_ROWS, 2, dtype=torch.float64)
    n = causal.channels
    with torch.no_grad():
        for _ in range(batches):
            batch = next(source)
            q, share = batch.q[:, :n], batch.filled.mean(1)
            mean, level = causal(q, batch.f[:, :n], batch.box[:, :n], share, batch.code)
            keep = batch.filled[:, :n].bool()
            index, sixteenths = _level(level[keep]), torch.floor(mean[keep] * 16 + 0.5)
            centre = torch.floor((sixteenths + 8) / 16)
            phase = sixteenths - 16 * centre
            sign = torch.where(phase < 0, -1, 1)
            bins = _bins(sign * (q[keep] - centre), index) + REACH + 1
            at = (index * PHASES + phase.abs().long()) * width + bins
            rows += torch.bincount(at.flatten(), minlength=len(rows))
            level = planes(batch.f, batch.box, batch.filled, batch.code)
            keep = batch.filled[:, planes.first :].bool()
            index = _level(level[keep])
            bins = _bins(batch.q[:, planes.first :][keep], index).abs().clamp(max=REACH)
            sizes += torch.bincount((index * (REACH + 1) + bins).flatten(), minlength=len(sizes))
            before = torch.nn.functional.pad(batch.filled, (8, 0)).cumsum(1)
            context = before[:, 7:-1].clone()
            context[:, 1:] -= before[:, : batch.filled.shape[1] - 1]
            for k in range(MAP_ROWS):
                here = batch.filled[context == k]
                chances[k, 0] += here.sum()
                chances[k, 1] += len(here)
    shape = (tables.LEVELS, PHASES, width)
    return rows.view(shape).numpy(), sizes.view(tables.LEVELS, -1).numpy(), chances.numpy()


def statistics_of(
    causal: Causal, planes: Planes, source: Iterator[Batch], batches: int
) -> Statistics:
    """Integers of a fit, the tables counted over so many batches."""
    rows, sizes, chances = count(causal, planes, source, batches)
    arrays = weights_of(causal, planes)
    arrays["rows"] = tables.frequencies(tables.ground_rows(), rows, even=False)
    arrays["plane_rows"] = tables.frequencies(tables.ground_sizes(), sizes, even=True)
    arrays["shifts"] = tables.shifts()
    chance = (chances[:, 0] + 0.5) / (chances[:, 1] + 1)
    arrays["map"] = np.clip(np.rint(chance * TOTAL), 1, TOTAL - 1).astype(np.uint16)
    counts = (
        planes.channels,
        causal.channels,
        causal.hidden,
        planes.hidden,
        tables.LEVELS,
        CAUTION,
        MEMORY,
    )
    return Statistics.from_arrays(Sizes(*counts), arrays)
