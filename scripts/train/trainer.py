"""One run of a training: network, contexts, optimiser, averaged weights, and the clock."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import swift
import torch
from context_rate import MATRICES, ContextRate
from crops import Crops, Side
from flat import FlatParameters, Group, slots
from likeness import Shares
from objective import Objective
from rates import COUNT, draw, quantiles
from sentry import Sentry
from torch import Tensor

from sdz.models.lite_net import LiteNet

AVERAGE = 0.9995
WARM_STEPS = 300
LEAST_RATE = 0.003  # of the peak, at the end
GAINS, CONTEXTS = 1.0, 2.0  # multiples of the learning rate
_CHECK_EVERY = 20  # steps after which the clock waits for a card
_BINS = 9  # of the log: positions -1..0, 0..1, ... 7..8


@dataclass
class Settings:
    """One stage of training."""

    minutes: float = 120.0  # of a card; of processors the time that each thread had of them
    deadline_s: float = math.inf  # from the start of the process, by which all is saved
    lr: float = 1.5e-4  # at 5e-4 a trained network forgets more in an hour than it learns
    fit_s: float = 0.0  # at first only the contexts learn
    crops: tuple[int, int] = (16, 336)
    late_crops: tuple[int, int] = (9, 448)
    late: float = 0.7  # share of the time after which these are taken
    log_s: float = 10.0
    save_s: float = 60.0
    most_steps: int = 0  # stop there; 0: the clock alone
    compiles: bool = True
    shares: Shares = field(default_factory=Shares)  # of the measures of likeness


class Trainer:
    """One run: network, contexts, optimiser, averaged weights and the clock of the schedule."""

    def __init__(self, settings: Settings, crops: Crops, net: LiteNet, out: Path,
                 run: swift.Run = swift.run_plain,
                 contexts: dict[str, Tensor] | None = None,
                 half: torch.dtype = torch.float32) -> None:  # fmt: skip
        """``contexts``: to begin with; ``half``: what the layers compute in."""
        self.settings, self.crops, self.out = settings, crops, out
        self.device = crops.device
        out.mkdir(parents=True, exist_ok=True)
        self.net = net.to(self.device)
        self.rate = ContextRate(net.shape.latents).to(self.device)
        if contexts:
            self.rate.load_state_dict(contexts, strict=False)
        self.names = self._names()
        net_, rate_ = self.net, self.rate
        self.flat = FlatParameters(
            [
                Group(slots(net_, self.names["net"]), 1.0, rounded=True),
                Group(slots(net_, self.names["gains"]), GAINS, rounded=False),
                Group(slots(rate_, self.names["contexts"]), CONTEXTS, rounded=True),
                Group(slots(rate_, self.names["context_rows"]), CONTEXTS, rounded=False),
            ],
            self.device,
            half,
        )
        self.run_block = run
        self.positions = quantiles(self.device)
        self.step, self.fitted, self.trained_s = 0, 0, 0.0
        self.sums = torch.zeros(_BINS, 3, device=self.device)
        self.losses = torch.zeros((), device=self.device)  # sum over the crops of ``sums``
        self.sentry = Sentry(self.flat)
        self._steps: dict[tuple[int, int], Callable[[], None]] = {}

    def _names(self) -> dict[str, list[str]]:
        gains = ["encode_gain", "decode_gain"]
        names = [n for n, _ in self.net.named_parameters() if n not in gains]
        rows = [n for n, _ in self.rate.named_parameters() if n not in MATRICES]
        return {"net": names, "gains": gains, "contexts": list(MATRICES), "context_rows": rows}

    def averages(self) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The averaged weights by name: of the network, of the contexts."""
        values = iter(self.flat.averaged())
        net = {n: next(values).clone() for n in [*self.names["net"], *self.names["gains"]]}
        contexts = [*self.names["contexts"], *self.names["context_rows"]]
        return net, {n: next(values).clone() for n in contexts}

    def averaged_models(self) -> tuple[LiteNet, ContextRate]:
        """The averaged network and contexts, float32, for measuring."""
        net, rate = LiteNet(self.net.shape, COUNT), ContextRate(self.net.shape.latents)
        for module, state in zip((net, rate), self.averages(), strict=True):
            module.load_state_dict(state)
            module.to(self.device).requires_grad_(False).eval()
        return net, rate

    # ------------------------------------------------------------------ steps

    def step_of(self, size: tuple[int, int]) -> Callable[[], None]:
        """What makes one step with (count, side) crops: a replayed graph where that can be."""
        if size not in self._steps:
            self._steps[size] = self._prepare(size)
        return self._steps[size]

    def _prepare(self, size: tuple[int, int]) -> Callable[[], None]:
        count, edge = size
        side = self.crops.side(edge, edge)
        on_card = self.device.type == "cuda"
        ways = [True, False] if on_card and self.settings.compiles else [False]
        for compiles in ways:
            objective = Objective(
                self.net, self.rate, self.run_block, (count, edge, edge),
                self.settings.shares, compiles,
            )  # fmt: skip

            def once(objective: Objective = objective) -> None:
                self._once(objective, side, count)

            try:
                return _captured(once) if on_card else once
            except Exception as error:  # another compiler, another card: train on all the same
                self.say(failed=f"step with compiles={compiles}", why=str(error)[-500:])
        return once

    def _once(self, objective: Objective, side: Side, count: int) -> None:
        pixels = self.crops.cut(side, count)
        position = draw(self.positions, count)
        loss, bpp, error = objective(pixels, position)
        self.flat.step(loss)
        with torch.no_grad():
            bins = (position + 1).long().clamp(0, _BINS - 1)
            seen = torch.stack([torch.ones_like(bpp), bpp, error], 1)
            hot = (bins[:, None] == torch.arange(_BINS, device=self.device)).float()
            self.sums += hot.T @ seen.detach()
            self.losses += loss * count

    # ------------------------------------------------------------------ the run

    def run(self, began: float) -> None:
        """Train until the time is used up; ``began``: when the process did (monotonic)."""
        set_ = self.settings
        start, before = time.monotonic(), self.trained_s
        used_s = self._used_s()
        budget_s = min(set_.minutes * 60, before + set_.deadline_s - (start - began))
        last_log = last_save = start
        first_step = logged_step = self.step
        while self.trained_s < budget_s:
            if set_.most_steps and self.step - first_step >= set_.most_steps:
                break
            done = self.trained_s / budget_s
            self._set_rate(done)
            size = set_.crops if done < set_.late else set_.late_crops
            step = self.step_of(size)
            step()
            self.step += 1
            if self.step % _CHECK_EVERY == 0 and self.device.type == "cuda":
                torch.cuda.synchronize()  # the clock must not run ahead of the card
            now = time.monotonic()
            self.trained_s = before + self._used_s() - used_s
            if now - last_log > set_.log_s:
                steps_s = (self.step - logged_step) / (now - last_log)
                well = self.log(steps_s, steps_s * size[0] * size[1] ** 2 / 1e6)
                last_log, logged_step = now, self.step
                if well and now - last_save > set_.save_s:
                    self.save()
                    last_save = time.monotonic()
        self.log(0.0, 0.0)
        self.save()

    def _used_s(self) -> float:
        """The clock of the schedule: where processors do the work, other work beside it must not
        shorten a training."""
        if self.device.type == "cuda":
            return time.monotonic()
        return time.process_time() / torch.get_num_threads()

    def _set_rate(self, done: float) -> None:
        if self.trained_s < self.settings.fit_s:
            self.flat.set_rate(0.0, 0.0)
            for rate in self.flat.rates[2:]:
                rate.fill_(self.settings.lr * 2 * CONTEXTS)
            self.fitted = self.step
            return
        since = self.step - self.fitted
        warm = min(1.0, (since + 1) / WARM_STEPS)
        factor = warm * (0.5 + 0.5 * math.cos(math.pi * min(done, 1.0)))
        keep = min(AVERAGE, (1 + since) / (10 + since))
        self.flat.set_rate(self.settings.lr * self.sentry.cut * max(factor, LEAST_RATE), keep)

    def say(self, **facts: Any) -> None:
        """A line of the log."""
        line = json.dumps({"step": self.step, "minutes": round(self.trained_s / 60, 2)} | facts)
        with (self.out / "log.jsonl").open("a") as log:
            log.write(line + "\n")
        print(line, flush=True)

    def log(self, steps_s: float, megapixels_s: float) -> bool:
        """Rate and distortion since the last line, by position; whether the loss is well."""
        sums = self.sums.tolist()
        crops = sum(n for n, _, _ in sums)
        if not crops:
            return True
        loss = self.losses.item() / crops
        self.sums.zero_()
        self.losses.zero_()
        rows = {
            index - 1: f"{bpp / n:.3f}/{-10 * math.log10(max(error / n, 1e-12)):.2f}"
            for index, (n, bpp, error) in enumerate(sums)
            if n
        }
        self.say(
            loss=round(loss, 5), norm=round(self.flat.norm.item(), 3),
            steps_s=round(steps_s, 1), megapixels_s=round(megapixels_s, 1), rates=rows,
        )  # fmt: skip
        well = self.sentry.look(loss, round(crops))
        if not well:
            self.say(put_back=True, rate=self.settings.lr * self.sentry.cut)
        return well

    # ------------------------------------------------------------------ keeping

    def save(self) -> None:
        """Write ``checkpoint.pt`` (all) and ``average.pt`` (what ships), aside and renamed, so
        that a kill leaves the last ones whole."""
        net, rate = self.averages()
        facts = {"shape": self.net.shape.to_dict(), "step": self.step, "trained_s": self.trained_s}
        facts["fitted"] = self.fitted
        average = {"average": _halved(net), "contexts": _halved(rate)} | facts
        _write(average, self.out / "average.pt")
        _write(self.flat.state() | facts, self.out / "checkpoint.pt")

    def resume(self) -> bool:
        """Go on from ``checkpoint.pt``, if there is one."""
        path = self.out / "checkpoint.pt"
        if not path.exists():
            return False
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.flat.load(state)
        self.step, self.fitted = state["step"], state["fitted"]
        self.trained_s = state["trained_s"]
        return True


def _captured(once: Callable[[], None]) -> Callable[[], None]:
    """``once`` as a graph to replay, after three real calls that warm it up."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            once()
    torch.cuda.current_stream().wait_stream(side)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        once()
    return graph.replay


def _halved(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {
        k: v.half().cpu() if v.dim() > 2 or v.numel() > 100_000 else v.cpu()
        for k, v in state.items()
    }


def _write(state: dict[str, Any], path: Path) -> None:
    beside = path.with_suffix(".new")
    torch.save(state, beside)
    beside.replace(path)
