"""Searching for latents that decode better for their bytes: ``effort="high"``.

An encoder network answers in one step, for all pictures alike. Here the latents of one picture are
moved downhill on what its own decoder makes of them: expected bits and distortion, as in the
training of the network. Rounding stands in the way of gradients; it is replaced by a choice between
the two nearest integers that is drawn at random, at first nearly evenly and at last nearly surely
(stochastic Gumbel annealing: Yang, Bamler and Mandt 2020). The draws are seeded, so that the same
picture gives the same file on the same machine.

The file is an ordinary one: nothing in it says that it was searched for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sdz.codec.autoencoder import Searchable
from sdz.codec.coder import Floats
from sdz.codec.expected_bits import ExpectedBits
from sdz.codec.latents import Coded, reconstruct, scale_of
from sdz.codec.similarity import LEAST_SIDE, SIMILARITY_WORTH, ms_ssim
from sdz.codec.smooth_colour import BLOCK, colour_of_smooth
from sdz.codec.ssimulacra2_torch import LOOKS_WORTH, Ssimulacra2
from sdz.codec.tiles import Span, exact_spans
from sdz.codec.trained_bits import TrainedBits
from sdz.container import Header
from sdz.progress import part as share
from sdz.progress import passed

STEPS = 120  # 60 lose a seventh of the gain
RATE = 0.03  # of Adam, in quantiser steps; a rate that fades loses a fifth of the gain
FIRST_HEAT, LAST_HEAT = 0.5, 0.15
SIMILARITY_SHARE = 0.45  # of the two errors, as in the training of lite-1
LOOKS_SHARE, COLOUR_SHARE = 0.1, 1.0  # beside them
LOOKED_FROM = 1  # SSIMULACRA2's scales from half the size on: all of them gain no more
ADAPTIVE_SHARE = 0.8  # of ExpectedBits; that coder needs 0.5 to 0.8: it learns more than sizes
CORE = 48  # latents: the most a side of what is searched at once, for memory
_SEED = 20201022


def refine(
    latents: Floats, rgb: NDArray[np.uint8], model: Searchable, header: Header, coded: Coded
) -> Floats:
    """Latents [C, h, w] for the step code of ``coded``, which is where the search begins.

    rgb: [H, W, 3] uint8, what they should decode to. Of memory it takes about a gigabyte. Values,
    draws, bits and gradients are where the model is: a card is asked for nothing until a window is
    done, so its steps follow each other without a wait.
    """
    header = replace(header, step=coded.code)
    scale = scale_of(model.quantiser, coded.code, header)[:, None, None]
    unit = reconstruct(np.ones((len(scale), 1, 1), np.float32), model.quantiser, header)
    device = torch.device(model.search_device)
    values = torch.from_numpy(latents * scale).to(device)
    bits = _bits(model, coded.code, torch.from_numpy(coded.values.astype(np.float32)))
    window = _Window(model, torch.from_numpy(unit).to(device), bits)
    height, width = values.shape[1:]
    halo = model.halo or 0
    core = max(1, min(CORE, model.max_tile - 2 * halo))
    rows, columns = exact_spans(height, core, halo), exact_spans(width, core, halo)
    windows = list(product(rows, columns))
    for number, (ys, xs) in enumerate(windows):
        with share("searching", number / len(windows), (number + 1) / len(windows)):
            f = model.factor
            pixels = rgb[ys.start * f : ys.stop * f, xs.start * f : xs.stop * f]
            part = values[:, ys.start : ys.stop, xs.start : xs.stop]
            found = window.search(part, pixels, model.worth(coded.code), ys, xs)
            values[:, ys.keep_start : ys.keep_stop, xs.keep_start : xs.keep_stop] = found
    return np.asarray(values.cpu().numpy() / scale, np.float32)


def _bits(model: Searchable, code: int, symbols: Tensor) -> Callable[[Tensor], Tensor]:
    """What integers [C, h, w] will take, by the coder that the file's latents are in."""
    statistics = model.quantiser.statistics
    if statistics is not None:
        return TrainedBits(statistics, code, symbols).of
    expected = ExpectedBits(symbols)
    return lambda values: ADAPTIVE_SHARE * expected.of(values)


class _Window:
    """The search in one window of the picture after another."""

    def __init__(self, model: Searchable, unit: Tensor, bits: Callable[[Tensor], Tensor]) -> None:
        self.model, self.unit, self.bits = model, unit, bits
        self.device = unit.device
        self.random = torch.Generator(self.device).manual_seed(_SEED)

    def search(
        self, part: Tensor, pixels: NDArray[np.uint8], worth: float, ys: Span, xs: Span
    ) -> Tensor:
        """What the kept places of ``part`` [C, h, w] (in steps) should be, its margins given."""
        rows = slice(ys.keep_start - ys.start, ys.keep_stop - ys.start)
        columns = slice(xs.keep_start - xs.start, xs.keep_stop - xs.start)
        levels = torch.from_numpy(pixels.copy()).to(self.device).permute(2, 0, 1)[None].float()
        wanted = Wanted(levels / 255)
        moved = part[:, rows, columns].clone().requires_grad_(True)
        optimiser = torch.optim.Adam([moved], lr=RATE)
        margins = part.round()
        for step in range(STEPS):
            heat = FIRST_HEAT * (LAST_HEAT / FIRST_HEAT) ** (step / STEPS)
            whole = margins.clone()
            whole[:, rows, columns] = self.nearly_rounded(moved, heat)
            loss = self.bits(whole) + worth * self.distortion(whole, wanted)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            passed(step + 1, STEPS)
        return moved.detach()

    def nearly_rounded(self, values: Tensor, heat: float) -> Tensor:
        """Between the two nearest integers, drawn towards the nearer one.

        The logarithm of the odds of each is -atanh of its distance over the heat; two Gumbel draws
        differ by a logistic one.
        """
        low = values.detach().floor()
        above = (values - low).clamp(1e-4, 1 - 1e-4)
        odds = (torch.atanh(above) - torch.atanh(1 - above)) / heat
        drawn = torch.rand(odds.shape, generator=self.random, device=self.device)
        return low + torch.sigmoid((odds + torch.logit(drawn.clamp(1e-7, 1 - 1e-7))) / heat)

    def distortion(self, values: Tensor, wanted: Wanted) -> Tensor:
        """Of what latents decode to, summed over the pixels of the picture."""
        height, width = wanted.pixels.shape[2:]
        half = self.device.type == "cpu" and has_bfloat16()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=half):
            decoded = self.model.decode_for_search((values * self.unit)[None])
        return wanted.distortion(decoded[..., :height, :width].float()) * (height * width)


class Wanted:
    """Pixels [1, 3, H, W] in 0..1 that latents should decode to."""

    def __init__(self, pixels: Tensor) -> None:
        self.pixels = pixels
        height, width = pixels.shape[2:]
        self._similar = min(height, width) >= LEAST_SIDE
        self._metric = Ssimulacra2(height, width, LOOKED_FROM, every=2).to(pixels.device)
        self._seen = self._metric.see(pixels - 0.5)

    def distortion(self, decoded: Tensor) -> Tensor:
        """Mean squared error, dissimilarity, loss of looks and of smooth regions' colour, in the
        first's worth."""
        found = (decoded - self.pixels).square().mean()
        if self._similar:
            unlike = 1 - ms_ssim(decoded, self.pixels, every=2).mean()
            found = (1 - SIMILARITY_SHARE) * found + SIMILARITY_SHARE * SIMILARITY_WORTH * unlike
        looks = self._metric.of(decoded - 0.5, self._seen).mean()
        if min(self.pixels.shape[2:]) >= BLOCK:
            found = found + COLOUR_SHARE * colour_of_smooth(decoded, self.pixels).mean()
        return found + LOOKS_SHARE * LOOKS_WORTH * looks


@cache
def has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16: then the network takes 0.6 of the time. Without,
    torch would imitate it, and be slower. Its third of a level of error is nothing beside that of
    the draws, and the file is measured by exact pixels in any case."""
    capabilities: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16"))
