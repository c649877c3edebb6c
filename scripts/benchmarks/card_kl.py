"""AutoencoderKL in every precision, order of memory and way of starting kernels.

The network is diffusers' own class with Stable Diffusion 1's configuration and RANDOM weights, for
want of real ones. What comes out of random weights has its own range: errors are told in levels of
255 after that range, three standard deviations to each side, has been made 255 levels.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from benchmarks.card_rows import Row

STABLE_DIFFUSION: dict[str, Any] = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 2,
    "norm_num_groups": 32,
    "latent_channels": 4,
    "sample_size": 512,
}
"""Of runwayml/stable-diffusion-v1-5, subfolder vae: 34 million weights in the encoder, 50 in the
decoder. SDXL's has the same shape."""
LITTLE = STABLE_DIFFUSION | {
    "block_out_channels": (8, 16, 16, 16),
    "layers_per_block": 1,
    "norm_num_groups": 4,
}
PRECISIONS = {"float32": None, "float16": torch.float16, "bfloat16": torch.bfloat16}
SEED = 20260101
MIB = 1 << 20
WITHIN_LEVELS = 1.0
"""As the engine asks of half precision: ``engine.devices``."""
ROUNDS = 5
LEAST_LEFT_S, LEAST_LEFT_TO_COMPILE_S = 12.0, 90.0

Run = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Way:
    """precision: a key of PRECISIONS. order: of tensors, contiguous or channels_last. start: of
    kernels, eager, graph (captured once a shape and replayed) or compiled."""

    precision: str
    order: str = "channels_last"
    start: str = "eager"

    @property
    def words(self) -> tuple[str, ...]:
        return self.precision, self.order, self.start


WAYS = (
    Way("float32", "contiguous"),
    Way("float32"),
    Way("float16", "contiguous"),
    Way("float16"),
    Way("bfloat16"),
    Way("float32", start="graph"),
    Way("float16", start="graph"),
    Way("bfloat16", start="graph"),
    Way("float16", start="compiled"),
)


def measure(device: str, *, small: bool, left_s: Callable[[], float]) -> Iterator[Row]:
    """A row for each side, direction and way; those that need too long are left out by name."""
    from diffusers import AutoencoderKL

    torch.manual_seed(SEED)
    network = AutoencoderKL(**(LITTLE if small else STABLE_DIFFUSION)).eval().requires_grad_(False)
    network = network.to(device)
    for side in (32, 64) if small else (512, 1024):
        wanted: dict[str, Tensor] = {}
        for way in WAYS:
            for direction in ("decode", "encode"):
                name = f"{direction} {side}x{side} {' '.join(way.words)}"
                why = _why_not(way, device, side, direction, small, left_s())
                if why:
                    yield Row("kl", name, way=(direction, str(side), *way.words), note=why)
                    continue
                yield _measured(network, device, direction, side, way, wanted, name)


def _why_not(way: Way, device: str, side: int, direction: str, small: bool, left_s: float) -> str:
    if way.start == "graph" and device != "cuda":
        return "graphs are CUDA's"
    if way.start == "compiled" and (device != "cuda" or direction != "decode" or side > 512):
        return "compiled for one shape alone, on a card: it takes a minute"
    if left_s < (LEAST_LEFT_TO_COMPILE_S if way.start == "compiled" else LEAST_LEFT_S):
        return "no time left"
    if way.precision == "float16" and device == "cpu" and not small:
        return "float16 is slow on processors"
    return ""


def _measured(
    network: Any,
    device: str,
    direction: str,
    side: int,
    way: Way,
    wanted: dict[str, Tensor],
    name: str,
) -> Row:
    order = torch.channels_last if way.order == "channels_last" else torch.contiguous_format
    network.to(memory_format=order)
    given = _given(direction, side, device).contiguous(memory_format=order)
    label = direction, str(side), *way.words
    _forget_peak(device)
    try:
        run = _started(_runner(network, direction, way, device), way, given)
        found = run(given).float().clone()
        _wait(device)
        spent = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            run(given)
            _wait(device)
            spent.append(time.perf_counter() - began)
    except RuntimeError as error:  # out of memory, or what cannot be captured or compiled
        return Row("kl", name, way=label, note=str(error).strip().splitlines()[0][:90])
    wanted.setdefault(direction, found)  # of the first way, float32 as it comes
    return Row(
        "kl",
        name,
        1e3 * statistics.median(spent),
        error=levels_off(found, wanted[direction]),
        peak_mib=_peak(device),
        way=label,
    )


def _runner(network: Any, direction: str, way: Way, device: str) -> Run:
    dtype = PRECISIONS[way.precision]

    @torch.inference_mode()
    def run(given: Tensor) -> Tensor:
        with torch.autocast(device, dtype, enabled=dtype is not None):
            if direction == "decode":
                decoded: Tensor = network.decode(given).sample
                return decoded
            mean: Tensor = network.encode(given).latent_dist.mode()
            return mean

    return run


def _started(run: Run, way: Way, given: Tensor) -> Run:
    if way.start == "compiled":
        return torch.compile(run)
    if way.start != "graph":
        return run
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):  # libraries choose their kernels before they are captured
        for _ in range(3):
            run(given)
    torch.cuda.current_stream().wait_stream(side)
    graph, held = torch.cuda.CUDAGraph(), given.clone()
    with torch.cuda.graph(graph):
        made = run(held)

    def replay(new: Tensor) -> Tensor:
        held.copy_(new)
        graph.replay()
        return made

    return replay


def _given(direction: str, side: int, device: str) -> Tensor:
    generator = torch.Generator().manual_seed(SEED)
    shape = (1, 4, side // 8, side // 8) if direction == "decode" else (1, 3, side, side)
    given = torch.randn(shape, generator=generator)
    return (given if direction == "decode" else given.clamp(-1, 1)).to(device)


def levels_off(found: Tensor, wanted: Tensor) -> tuple[float, float]:
    """The largest and the mean difference in levels, of which 255 are six deviations of
    ``wanted``; inf where something is not finite."""
    if not torch.isfinite(found).all():
        return float("inf"), float("inf")
    difference = (found - wanted).abs() * (255 / (6 * wanted.std().clamp_min(1e-9)))
    return difference.max().item(), difference.mean().item()


def choices(rows: list[Row]) -> list[str]:
    """What to choose: for each side and direction the quickest way whose error is within a level,
    if it is a tenth quicker than float32 as the engine runs it now, and how much quicker."""
    lines = []
    for what in dict.fromkeys(row.way[:2] for row in rows if row.part == "kl"):
        those = [row for row in rows if row.way[:2] == what and row.ms is not None]
        now = next((row for row in those if row.way[2:] == Way("float32").words), None)
        fit = [row for row in those if row.error is not None and row.error[0] <= WITHIN_LEVELS]
        if now is None or now.ms is None or not fit:
            continue
        best = min(fit, key=lambda row: row.ms or 0.0)
        gain = now.ms / (best.ms or now.ms)
        name = " ".join(what)
        if best is now or gain < 1.1:
            lines.append(f"{name}: as it is, float32 in channels_last ({now.ms:.1f} ms)")
        else:
            lines.append(f"{name}: {' '.join(best.way[2:])}, {gain:.1f} times as quick")
    return lines


def _wait(device: str) -> None:
    if device != "cpu":
        getattr(torch, device).synchronize()


def _forget_peak(device: str) -> None:
    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def _peak(device: str) -> float | None:
    return torch.cuda.max_memory_allocated() / MIB if device == "cuda" else None
