"""Fits the contexts to latents, in floats; ``contexts.py`` is the command."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from contexts_model import Causal, Planes, bits_of, box_of, knots_of, size_of
from torch import Tensor, nn

from sdz.entropy.trained import Statistics, choose_symbols
from sdz.models.lite_tables import LiteQuantiser

SHAPES = ((24, 32), (24, 32), (28, 40), (20, 26), (14, 14))  # places of a batch's crops
PLACES = 3072  # of a batch
EVEN_BITS = 4000.0  # crops of fewer bits count by their bits, others equally


@dataclass
class Batch:
    """values, sizes and boxes [B, C, h, w]; filled [B, C] 0 or 1; code [B]."""

    q: Tensor
    f: Tensor
    box: Tensor
    filled: Tensor
    code: Tensor


def rounded(y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Integers near y [C, h, w] (in steps) as an encoder that weighs bits takes them.

    What rounds to +-1 stays 0 where its few hundredths of a squared step are worth less than
    the bits: at quality 15 that is a fourteenth of what is not 0.
    """
    q = np.rint(y)
    share = np.clip(np.mean(q != 0, axis=(1, 2)), 1e-3, 1.0)
    edge = 0.5 + (1 - np.log2(share)) / (2 * weights)
    q[np.abs(y) < np.minimum(edge, 1.0)[:, None, None]] = 0
    return q


def batches(
    latents: list[np.ndarray],
    quantiser: LiteQuantiser,
    channels: int,
    seed: int,
    statistics: Statistics | None = None,
) -> Iterator[Batch]:
    """Random crops at random qualities, low ones more often, for ever.

    ``statistics``: of an earlier fit, by which integers are chosen as an encoder would.
    """
    rnd = random.Random(seed)
    while True:
        h, w = rnd.choice(SHAPES)
        fits = [x for x in latents if x.shape[1] >= h and x.shape[2] >= w]
        arrays, codes = [], []
        for _ in range(max(1, PLACES // (h * w))):
            x = rnd.choice(fits)
            top, left = rnd.randrange(x.shape[1] - h + 1), rnd.randrange(x.shape[2] - w + 1)
            code = quantiser.code_for_quality(4 + 84 * rnd.random() ** 1.4)
            y = (
                x[:, top : top + h, left : left + w].astype(np.float32)
                * quantiser.scales(code)[:, None, None]
            )
            weights = quantiser.rd_weights(code)
            if statistics is None:
                arrays.append(rounded(y, weights))
            else:
                arrays.append(choose_symbols(y, weights, statistics, code))
            codes.append(code)
        q = torch.from_numpy(np.stack(arrays)).float()
        filled = q.ne(0).any(3).any(2).float()
        q = q[:, :channels].clamp(-255, 255)
        f = size_of(q)
        yield Batch(q, f, box_of(f), filled, torch.tensor(codes, dtype=torch.float32))


def bits(model: nn.Module, batch: Batch) -> Tensor:
    """Bits of each channel of each crop [B, n], those of empty ones 0."""
    if isinstance(model, Causal):
        filled = batch.filled.mean(1)
        mean, level = model(batch.q, batch.f, batch.box, filled, batch.code)
        return bits_of(batch.q, mean, level).sum((2, 3)) * batch.filled[:, : model.channels]
    assert isinstance(model, Planes)
    level = model(batch.f, batch.box, batch.filled, batch.code)
    own = batch.q[:, model.first :]
    return bits_of(own, 0.0, level).sum((2, 3)) * batch.filled[:, model.first :]


def fit(
    model: nn.Module, source: Iterator[Batch], seconds: float, rate: float, out: Path
) -> nn.Module:
    """Adam with a cosine over the time there is; returns averaged weights."""
    optimiser = torch.optim.Adam(model.parameters(), lr=rate, betas=(0.9, 0.98))
    average = {k: v.clone() for k, v in model.state_dict().items()}
    start, step, shown = time.monotonic(), 0, 0.0
    seen: list[float] = []
    while (share := (time.monotonic() - start) / seconds) < 1:
        warm = min(1.0, (step + 1) / 50)
        optimiser.param_groups[0]["lr"] = (
            rate * warm * (0.02 + 0.98 * math.cos(share * math.pi / 2) ** 2)
        )
        found = bits(model, next(source)).sum(1)
        loss = (found / (found.detach() + EVEN_BITS)).mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        step += 1
        seen.append(float(loss.detach()))
        keep = min(0.995, step / (step + 10))
        for name, value in model.state_dict().items():
            average[name].lerp_(value, 1 - keep) if value.is_floating_point() else None
        if share - shown > 0.1:
            shown = share
            torch.save(average, out)
            print(f"{step:6d} steps {share * seconds:5.0f} s  {np.mean(seen):.4f}", flush=True)
            seen = []
    model.load_state_dict(average)
    torch.save(average, out)
    return model


def start_levels(model: Planes, source: Iterator[Batch], count: int = 30) -> None:
    """Begin where each channel's share of nonzero values is right on average at each knot."""
    with torch.no_grad():
        total = torch.zeros_like(model.rest)
        seen = torch.full_like(model.rest, 1e-3)
        wrong = torch.zeros_like(model.rest)
        for _ in range(count):
            batch = next(source)
            level = model(batch.f, batch.box, batch.filled, batch.code).mean((2, 3))
            weight = knots_of(batch.code)[:, None] * batch.filled[:, model.first :, None]
            nonzero = batch.q[:, model.first :].ne(0).float().mean((2, 3))
            total += (weight * nonzero[..., None]).sum(0)
            wrong += (weight * level[..., None]).sum(0)
            seen += weight.sum(0)
        share = ((total + 2e-3) / (seen + 1)).clamp(1e-4, 0.8)
        model.rest += torch.logit(share / (2 - share)) - wrong / seen
